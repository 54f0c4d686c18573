"""The exponential solver as a user meets it: right, honest, of its order, small, and clear when it stops."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from adamtheory.flows import (
    FlowStopped,
    Loss,
    WarmStart,
    flow_of,
    gould_tanaka_flow,
    heredia_flow,
    nonlocal_flow,
    problem,
    solve,
)
from adamtheory.methods import AdaGrad, Adam, AdamCoupled, AdamW, RMSProp

QUADRATIC = problem("quadratic")
FLOWS = {
    "second order": flow_of(Adam(lr="0.01", eps="1e-8")),
    "decay": flow_of(AdamW(lr="0.02", weight_decay="0.3")),
    "coupled": flow_of(AdamCoupled(lr="0.02", weight_decay="0.3")),
    "gould-tanaka": gould_tanaka_flow(AdamW(lr="0.02", weight_decay="0.1")),
    "heredia": heredia_flow(Adam(lr="0.02", eps="1e-8")),
    "nonlocal": nonlocal_flow(Adam(lr="0.02", eps="1e-8")),
    "adagrad": heredia_flow(AdaGrad(lr="0.1", eps="1e-8")),
    "rmsprop": heredia_flow(RMSProp(lr="0.1", beta="0.99", eps="1e-8")),
    "warm": flow_of(Adam(lr="0.02"), start=WarmStart(first=[-1.0], second=[4.0], steps=3)),
}
TIMES = np.linspace(0, 2, 9)[1:]


def solved(name, rtol, **options):
    return solve(FLOWS[name], QUADRATIC.loss, 1.0, (0, 2), rtol=rtol, atol=rtol * 1e-2, save_at=TIMES, **options)


@pytest.mark.parametrize("name", FLOWS)
def test_right_and_honest(name):
    exact = solved(name, 1e-11, method="radau")
    for rtol in (1e-4, 1e-7):
        found = solved(name, rtol)
        assert found.method == "exponential"
        error = np.abs(found.theta - exact.theta).max()
        assert error <= 30 * rtol
        assert error <= 3 * found.error + 1e-12
        assert np.abs(found.m - exact.m).max() <= 300 * rtol
        assert np.abs(found.v / exact.v - 1).max() <= 300 * rtol


@pytest.mark.parametrize("order", [4, 5])
def test_order_under_fixed_steps(order):
    posed, flow = problem("logistic"), heredia_flow(Adam(lr="0.1", eps="1e-8"))
    exact = solve(flow, posed.loss, posed.theta0, (0, 1), rtol=1e-12, atol=1e-14, method="dop853", save_at=[1.0])
    widths, errors = (1 / 16, 1 / 32, 1 / 64), []
    for width in widths:
        options = {"fixed_step": width, "max_order": order, "method": "exponential"}
        found = solve(flow, posed.loss, posed.theta0, (0, 1), save_at=[1.0], **options)
        errors.append(np.abs(found.theta - exact.theta).max())
    assert np.polyfit(np.log(widths), np.log(errors), 1)[0] > order - 0.4


def test_the_step_does_not_follow_the_learning_rate():
    """Memories and inertia a hundred times faster cost next to nothing: only the gradient's smoothness counts."""
    evaluations = [
        solve(flow_of(Adam(lr=lr)), QUADRATIC.loss, 1.0, (0, 1), rtol=1e-6).gradient_evaluations
        for lr in ("0.01", "0.0001")
    ]
    assert evaluations[1] < 2 * evaluations[0]
    plain = solve(flow_of(Adam(lr="0.001")), QUADRATIC.loss, 1.0, (0, 1), rtol=1e-6, method="dop853")
    assert plain.gradient_evaluations > 10 * evaluations[1]


def test_a_stiff_loss_is_solved():
    """RMSProp near the minimum: v dies out, and theta answers at a rate that grows without limit."""
    flow = flow_of(RMSProp(lr="0.01", beta="0.9", eps="1e-8"))
    found = solve(flow, QUADRATIC.loss, 1.0, (0, 4), rtol=1e-5, atol=1e-8)
    assert found.theta[-1, 0] == pytest.approx(4.0, abs=1e-3)
    assert found.gradient_evaluations < 20_000


def test_a_million_parameters_take_twelve_arrays():
    size = 1_000_000
    scale = np.linspace(0.5, 2.0, size)
    loss = Loss(lambda x: float(0.5 * (scale * x) @ x), lambda x: scale * x, size)
    start = np.ones(size)
    tracemalloc.start()
    try:
        found = solve(flow_of(Adam(lr="0.001", eps="1e-8")), loss, start, (0, 0.01), rtol=1e-4, save_at=[0.01])
        peak = tracemalloc.get_traced_memory()[1] / (8 * size)
    finally:
        tracemalloc.stop()
    assert peak <= 12
    assert found.theta.shape == (1, size)
    np.testing.assert_allclose(found.theta[0], 0.99, atol=1e-4)


def test_dense_output_and_observer():
    seen = []
    found = solve(
        FLOWS["second order"], QUADRATIC.loss, 1.0, (0, 2), rtol=1e-7, observer=lambda t, *_: seen.append(t)
    )
    assert seen == found.t[1:].tolist()
    exact = solve(FLOWS["second order"], QUADRATIC.loss, 1.0, (0, 2), rtol=1e-10, method="dop853")
    times = np.linspace(0, 2, 77)
    np.testing.assert_allclose(found(times), exact(times), atol=1e-5)
    with pytest.raises(ValueError, match="times must be within"):
        found([2.5])
    with pytest.raises(ValueError, match="there is no dense output when save_at is given"):
        solved("decay", 1e-3)([1.0])


@pytest.mark.parametrize("method", ["exponential", "dop853", "radau", "etd", "volterra"])
def test_a_loss_that_fails_midway(method):
    broken = Loss(lambda x: 0.0, lambda x: (x - 4) if x[0] < 2 else x * math.nan, 1, name="broken")
    with pytest.raises(FlowStopped, match=r"flow stopped at t = .*gradient of broken is not finite") as stopped:
        solve(heredia_flow(Adam(lr="0.1", eps="1e-8")), broken, 1.0, (0, 5), rtol=1e-4, method=method)
    assert "\n" not in str(stopped.value)
    assert np.isfinite(stopped.value.trajectory.theta).all()
    assert stopped.value.trajectory.theta[-1, 0] <= 2.0


def test_divergence_keeps_what_was_solved():
    explosive = Loss(lambda x: 0.0, lambda x: -np.exp(x * 50), 1, name="explosive")
    with pytest.raises(FlowStopped, match="flow stopped at t = ") as stopped:
        solve(flow_of(AdamCoupled(lr="0.1", eps="1e-8")), explosive, 1.0, (0, 400), rtol=1e-4)
    assert stopped.value.trajectory.t[-1] > 0
    assert np.isfinite(stopped.value.trajectory.theta).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"t_span": (1, 0)}, r"t_span must be \(0, T\)"),
        ({"t_span": (0, math.inf)}, r"t_span must be \(0, T\)"),
        ({"t_span": (0,)}, "t_span must be two numbers"),
        ({"rtol": 0}, "rtol must be a finite number > 0"),
        ({"atol": math.nan}, "atol must be a finite number > 0"),
        ({"save_at": [0.5, 0.2]}, "save_at must be ascending times"),
        ({"save_at": [3.0]}, "save_at must be ascending times"),
        ({"theta0": [1.0, 2.0]}, r"theta0 must be an array of shape \(1,\)"),
        ({"theta0": math.nan}, "theta0 must be finite"),
        ({"method": "rk4"}, "method must be one of"),
        ({"max_steps": 0}, "max_steps must be an integer >= 1"),
    ],
)
def test_one_line_for_bad_input(options, message):
    given = {"theta0": 1.0, "t_span": (0, 1)} | options
    theta0, span = given.pop("theta0"), given.pop("t_span")
    with pytest.raises((ValueError, TypeError), match=message) as refused:
        solve(FLOWS["second order"], QUADRATIC.loss, theta0, span, **given)
    assert "\n" not in str(refused.value)
