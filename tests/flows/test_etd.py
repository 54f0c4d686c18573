"""Exponential time differencing: right, of order 4, honest about its error, and clear about what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adamtheory.flows import FlowStopped, Loss, WarmStart, flow_of, gould_tanaka_flow, heredia_flow, problem, solve
from adamtheory.flows.solvers.etd import _phi
from adamtheory.methods import AdaGrad, Adam, AdamCoupled, AdamW, RMSProp

QUADRATIC, LINE = problem("quadratic"), problem("least-squares")
FLOWS = {
    "memory equation": heredia_flow(Adam(lr="0.1", eps="1e-8")),
    "second order": flow_of(Adam(lr="0.1", eps="1e-8")),
    "decay": flow_of(AdamW(lr="0.1", weight_decay="0.3")),
    "coupled": flow_of(AdamCoupled(lr="0.1", weight_decay="0.3"), second_order=False),
    "first order": flow_of(Adam(lr="0.1", gamma="0.5"), rates="first_order", second_order=False),
    "warm": flow_of(Adam(lr="0.1"), start=WarmStart(first=[-1.0], second=[4.0], steps=3)),
    "rmsprop": flow_of(RMSProp(lr="0.1", beta="0.9"), second_order=False),
    "adagrad": flow_of(AdaGrad(lr="0.1"), second_order=False),
}
TIMES = np.linspace(0, 2, 9)[1:]


def held_against_dop853(flow, posed, rtol, method="etd"):
    exact = solve(flow, posed.loss, posed.theta0, (0, 2), rtol=1e-11, atol=1e-13, method="dop853", save_at=TIMES)
    return solve(flow, posed.loss, posed.theta0, (0, 2), rtol=rtol, atol=rtol, method=method, save_at=TIMES), exact


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("rtol", [1e-3, 1e-6])
def test_right_and_honest(name, rtol):
    solved, exact = held_against_dop853(FLOWS[name], QUADRATIC, rtol)
    error = np.abs(solved.theta - exact.theta).max()
    assert error <= 50 * rtol
    assert error <= 3 * solved.error
    np.testing.assert_allclose(solved.m, exact.m, rtol=0, atol=200 * rtol)
    np.testing.assert_allclose(solved.v, exact.v, rtol=0, atol=2000 * rtol)


def test_many_parameters_and_one_are_the_same_scheme():
    flow = FLOWS["second order"]
    twice = Loss(lambda x: float((x - 4) @ (x - 4)), lambda x: 2 * (x - 4), 2)
    one = solve(flow, QUADRATIC.loss, 1.0, (0, 2), rtol=1e-5, method="etd")
    two = solve(flow, twice, [1.0, 1.0], (0, 2), rtol=1e-5, method="etd")
    np.testing.assert_allclose(two.theta, np.repeat(one.theta, 2, axis=1), rtol=1e-12)
    assert one.velocity is not None
    assert two.velocity is not None
    np.testing.assert_allclose(two.velocity, np.repeat(one.velocity, 2, axis=1), rtol=1e-12)
    solved, exact = held_against_dop853(flow, LINE, 1e-7)
    assert np.abs(solved.theta - exact.theta).max() < 1e-6


def test_order():
    """The error falls with the fourth power of the number of steps."""
    flow = FLOWS["second order"]
    exact = solve(flow, QUADRATIC.loss, 1.0, (0, 2), rtol=1e-12, atol=1e-14, method="dop853")
    points = []
    for k in range(4, 9):
        solved = solve(flow, QUADRATIC.loss, 1.0, (0, 2), rtol=10.0**-k, atol=10.0**-k, method="etd")
        points.append((solved.steps, abs(solved.theta[-1, 0] - exact.theta[-1, 0])))
    steps, errors = np.log(np.array(points)).T
    assert np.polyfit(steps, errors, 1)[0] < -3.6


def test_dense_output_observer_and_steps():
    seen = []
    flow = FLOWS["second order"]
    solved = solve(flow, QUADRATIC.loss, 1.0, (0, 2), rtol=1e-6, method="etd", observer=lambda t, *_: seen.append(t))
    assert seen == solved.t[1:].tolist()
    assert solved.t[-1] == 2.0
    assert len(seen) == solved.steps
    exact = solve(flow, QUADRATIC.loss, 1.0, (0, 2), rtol=1e-10, method="dop853")
    times = np.linspace(0, 2, 57)
    np.testing.assert_allclose(solved(times), exact(times), atol=2e-5)
    with pytest.raises(FlowStopped, match="max_steps = 5 are used up") as stopped:
        solve(flow, QUADRATIC.loss, 1.0, (0, 2), rtol=1e-6, method="etd", max_steps=5)
    assert len(stopped.value.trajectory.t) == 6


def test_a_loss_that_fails_leaves_what_was_solved():
    broken = Loss(lambda x: 0.0, lambda x: (x - 4) if x[0] < 2 else x * math.nan, 1, name="broken")
    message = r"flow stopped at t = 1\.\d+: the gradient of broken is not finite"
    with pytest.raises(FlowStopped, match=message) as stopped:
        solve(FLOWS["memory equation"], broken, 1.0, (0, 5), method="etd")
    assert 1.9 < stopped.value.trajectory.theta[-1, 0] <= 2.0


def test_weights_keep_their_digits():
    for z in (-1e-9, -0.3, -0.499, -0.501, -2.0, -500.0):
        first, second, third = _phi(z)
        assert first == pytest.approx(math.expm1(z) / z, rel=1e-13)
        reference = (math.fsum(z**k / math.factorial(k + 3) for k in range(40)) if z > -3 else third)
        assert third == pytest.approx(reference, rel=1e-11)
        assert second == pytest.approx(0.5 + z * third, rel=1e-11)


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        (gould_tanaka_flow(Adam(lr="0.1")), "starts like a root of t"),
        (heredia_flow(AdaGrad(lr="0.1")), "starts like a root of t"),
    ],
)
def test_refuses_in_one_line(flow, message):
    with pytest.raises(ValueError, match=message):
        solve(flow, QUADRATIC.loss, 1.0, (0, 1), method="etd")
    with pytest.raises(ValueError, match="option of method 'etd'"):
        solve(FLOWS["decay"], QUADRATIC.loss, 1.0, (0, 1), method="etd", substeps=3)
