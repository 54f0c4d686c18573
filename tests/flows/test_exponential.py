"""The exponential solver against SciPy's on the same flows, and against what it claims of itself."""

from __future__ import annotations

import tracemalloc
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from adamtheory.flows import WarmStart, flow_of, gould_tanaka_flow, heredia_flow, solve
from adamtheory.flows.loss import Loss
from adamtheory.flows.models import nonlocal_flow
from adamtheory.flows.solvers.exponential_weights import SHARP, mode_integrals, root_integrals, rule
from adamtheory.flows.trajectory import FlowStopped
from adamtheory.methods import AdaGrad, Adam, AdamCoupled, AdamW, RMSProp

pytest.importorskip("scipy")


def adam(lr="0.01", gamma="0.9", beta="0.999", eps="1e-8"):
    return Adam(lr=lr, gamma=gamma, beta=beta, eps=eps)


QUADRATIC = Loss(lambda x: float((x[0] - 4) ** 2), lambda x: 2 * (x - 4), 1, lambda x, y: 2 * y, "quadratic")
WELL = Loss(lambda x: float((x[0] ** 2 - 1) ** 2 / 4), lambda x: (x * x - 1) * x, 1, name="double well")


def valley(c):
    def value(x):
        return float((1 - x[0]) ** 2 + c * (x[0] ** 2 - 1) ** 2)

    return Loss(value, lambda x: -2 * (1 - x) + 4 * c * x * (x * x - 1), 1, name="valley")


_CURVES = np.array([[1.0, 0.5, 0.0], [0.5, 3.0, 0.0], [0.0, 0.0, 0.3]])
WAVES = Loss(
    lambda x: float(x @ _CURVES @ x / 2 + 0.1 * np.cos(x).sum()),
    lambda x: _CURVES @ x - 0.1 * np.sin(x),
    3,
    name="waves",
)
WAVES_START = np.array([1.0, -0.7, 2.0])


def regression(seed=0, points=500, size=20):
    random = np.random.default_rng(seed)
    x = random.normal(size=(points, size))
    y = np.sign(x @ random.normal(size=size) + random.normal(size=points))

    def gradient(w):
        return -(x.T @ (y / (1 + np.exp(y * (x @ w))))) / points + 1e-3 * w

    def product(w, d):
        s = 1 / (1 + np.exp(y * (x @ w)))
        return x.T @ (s * (1 - s) * (x @ d)) / points + 1e-3 * d

    def value(w):
        return float(np.log1p(np.exp(-y * (x @ w))).mean() + 5e-4 * w @ w)

    return Loss(value, gradient, size, product, "regression")


COUPLED = AdamCoupled(lr="0.01", gamma="0.9", beta="0.99", weight_decay="0.1", eps="1e-8")
WARM = WarmStart(first=np.array([0.1, 0.2, -0.3]), second=np.array([0.1, 0.02, 0.3]), steps=5)


def decayed(weight_decay):
    return AdamW(lr="0.01", gamma="0.9", beta="0.99", weight_decay=weight_decay, eps="1e-8")


CASES = {
    "Adam": (heredia_flow(adam()), QUADRATIC, [1.0], 10),
    "Adam, large steps": (heredia_flow(adam("0.1", beta="0.99")), QUADRATIC, [1.0], 10),
    "Adam, no momentum": (heredia_flow(adam("0.1", gamma="0")), QUADRATIC, [1.0], 10),
    "Adam, second order": (flow_of(adam()), QUADRATIC, [1.0], 10),
    "Adam, zero start": (gould_tanaka_flow(adam()), QUADRATIC, [1.0], 10),
    "valley": (heredia_flow(adam(gamma="0.99")), valley(4.0), [-1.5], 4),
    "double well": (heredia_flow(adam()), WELL, [0.1], 4),
    "AdaGrad": (heredia_flow(AdaGrad(lr="0.1", eps="1e-8")), QUADRATIC, [1.0], 10),
    "RMSProp": (heredia_flow(RMSProp(lr="0.01", beta="0.99", eps="1e-8")), QUADRATIC, [1.0], 2),
    "AdaGrad, warm": (
        flow_of(AdaGrad(lr="0.01", eps="1e-8"), start=WarmStart(second=WARM.second)),
        WAVES,
        WAVES_START,
        0.5,
    ),
    "RMSProp, second order": (flow_of(RMSProp(lr="0.01", beta="0.99", eps="1e-8")), WAVES, WAVES_START, 0.5),
    "Adam, warm": (flow_of(adam(beta="0.99"), start=WARM), WAVES, WAVES_START, 0.5),
    "AdamW": (flow_of(decayed("0.1")), WAVES, WAVES_START, 0.5),
    "AdamW, critically damped": (flow_of(decayed("50")), WAVES, WAVES_START, 0.5),
    "AdamW, turning": (flow_of(decayed("80")), WAVES, WAVES_START, 0.5),
    "coupled decay": (flow_of(COUPLED), WAVES, WAVES_START, 0.5),
    "second-order moments": (nonlocal_flow(adam()), WAVES, WAVES_START, 0.5),
    "turning moments": (nonlocal_flow(adam(gamma="0.3")), WAVES, WAVES_START, 0.5),
    "regression": (flow_of(adam("0.001")), regression(), np.zeros(20), 0.3),
}


@pytest.mark.parametrize("case", CASES)
def test_error_is_as_asked_and_estimated_honestly(case):
    flow, loss, start, end = CASES[case]
    solved = solve(flow, loss, start, (0, end), rtol=1e-6, atol=1e-9, method="exponential")
    reference = solve(flow, loss, start, (0, end), rtol=1e-11, atol=1e-12, method="dop853", save_at=solved.t)
    error = np.abs(solved.theta - reference.theta).max()
    assert error <= 3 * (1e-9 + 1e-6 * np.abs(reference.theta).max())
    assert error / 3 <= solved.error <= 10 * error
    # The moments are in the unit of the gradient, so their error is the gradient's.
    for ours, theirs in ((solved.m, reference.m), (solved.v, reference.v)):
        assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()
    if flow.inertia:
        assert solved.velocity is not None
        assert reference.velocity is not None
        assert np.abs(solved.velocity - reference.velocity).max() <= 1e-4 * np.abs(reference.velocity).max()


@pytest.mark.parametrize("case", ["Adam", "AdaGrad", "Adam, zero start", "regression"])
def test_between_steps_it_is_as_accurate_and_costs_no_gradient(case):
    flow, loss, start, end = CASES[case]
    calls = []

    def gradient(x):
        calls.append(1)
        return loss.gradient(x)

    counted = Loss(loss.value, gradient, loss.size, loss.hessian_vector)
    solved = solve(flow, counted, start, (0, end), rtol=1e-6, method="exponential")
    assert len(calls) == solved.gradient_evaluations
    times = np.linspace(0, end, 41)
    between = solved(times)
    assert len(calls) == solved.gradient_evaluations
    reference = solve(flow, loss, start, (0, end), rtol=1e-10, atol=1e-11, method="dop853", save_at=times)
    assert np.abs(between - reference.theta).max() <= 3e-6 * np.abs(reference.theta).max()
    saved = solve(flow, loss, start, (0, end), rtol=1e-6, method="exponential", save_at=times)
    assert np.array_equal(saved.t, times)
    assert saved.dense is None
    assert np.abs(saved.theta - between).max() <= 1e-13 * np.abs(between).max()
    assert np.abs(saved.v - reference.v).max() <= 1e-4 * np.abs(reference.v).max()


@pytest.mark.parametrize(("order", "least"), [(3, 2.8), (6, 4.4)])
def test_halving_fixed_steps_shows_the_order(order, least):
    flow = flow_of(adam("0.1", beta="0.99"))
    given: dict[str, Any] = {"method": "exponential", "rtol": 1e-12, "atol": 1e-13, "save_at": [2.0]}
    exact = solve(flow, QUADRATIC, 1.0, (0, 2), **{**given, "method": "dop853"}).theta
    steps = (2 / 20, 2 / 80)
    found = [solve(flow, QUADRATIC, 1.0, (0, 2), max_order=order, fixed_step=step, **given).theta for step in steps]
    errors = [float(np.abs(theta - exact).max()) for theta in found]
    assert np.log2(errors[0] / errors[1]) / 2 >= least


@pytest.mark.parametrize("flow", [flow_of(adam("0.001")), heredia_flow(adam("0.001"))], ids=lambda flow: flow.name)
def test_a_third_of_the_gradients_of_an_explicit_method(flow):
    loss, times = regression(), np.linspace(0, 1, 21)
    exact = solve(flow, loss, np.zeros(20), (0, 1), rtol=1e-10, atol=1e-11, method="radau", save_at=times).theta

    def cheapest(method, **options):
        """Evaluations of the first tolerance that comes within 1e-6."""
        for rtol in (1e-4, 3e-5, 1e-5, 3e-6, 1e-6):
            found = solve(
                flow, loss, np.zeros(20), (0, 1), rtol=rtol, atol=rtol / 100, method=method, save_at=times, **options
            )
            if np.abs(found.theta - exact).max() <= 1e-6 * np.abs(exact).max():
                return found.gradient_evaluations
        raise AssertionError(f"{method} does not get there")

    assert 3 * cheapest("exponential", estimate="local") <= cheapest("dop853")


def test_constant_gradient_is_exact():
    slope = np.array([3.0, -0.2, 0.0])
    loss = Loss(lambda x: float(slope @ x), lambda x: slope.copy(), 3)
    solved = solve(flow_of(Adam(lr="0.01", gamma="0.9", beta="0.999")), loss, np.ones(3), (0, 1), method="exponential")
    assert np.abs(solved.theta - (1 - solved.t[:, None] * np.sign(slope))).max() < 1e-13
    assert np.array_equal(solved.theta[:, 2], np.ones_like(solved.t))  # eps = 0, and a coordinate without gradient


@pytest.mark.parametrize(
    ("method", "loss", "start", "end", "rest"),
    [
        (RMSProp(lr="0.01", beta="0.9", eps="1e-8"), QUADRATIC, 1.0, 6, 4.0),
        (RMSProp(lr="0.1", beta="0", eps="0"), QUADRATIC, 1.0, 6, 4.0),
        (Adam(lr="0.0001", gamma="0.99", beta="0.999", eps="1e-8"), valley(1.5), -1.5, 5, None),
    ],
)
def test_vanishing_gradients_turn_stiff_and_are_solved(method, loss, start, end, rest):
    solved = solve(heredia_flow(method), loss, start, (0, end), rtol=1e-5, method="exponential")
    assert solved.t[-1] == end
    assert solved.steps < 1000
    assert 0 < solved.error < 1e-3
    if rest is not None:
        assert abs(solved.theta[-1, 0] - rest) < 1e-4
    assert np.allclose(solved(solved.t), solved.theta, rtol=0, atol=1e-12)


def test_observer_sees_each_step():
    seen = []
    solved = solve(
        heredia_flow(adam()),
        QUADRATIC,
        1.0,
        (0, 1),
        method="exponential",
        observer=lambda t, theta, m, v: seen.append((t, float(theta[0]), float(m[0]), float(v[0]))),
    )
    assert np.array_equal(np.array(seen).T, [x[1:, ...].ravel() for x in (solved.t, solved.theta, solved.m, solved.v)])
    assert len(seen) == solved.steps


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_stops_it_there(wrong):
    loss = Loss(lambda x: 0.0, lambda x: np.where(x > 1.5, wrong, 2 * (x - 4)), 1, name="broken")
    line = r"flow stopped at t = 0\.\d+: the gradient of broken is not finite"
    with pytest.raises(FlowStopped, match=line) as stopped:
        solve(heredia_flow(adam()), loss, 1.0, (0, 5), method="exponential")
    partial = stopped.value.trajectory
    assert 0.3 < partial.t[-1] < 0.7
    assert partial.theta.max() < 1.5
    everywhere = Loss(lambda x: 0.0, lambda x: np.full_like(x, wrong), 1, name="broken")
    with pytest.raises(FlowStopped, match="flow stopped at t = 0: "):
        solve(heredia_flow(adam()), everywhere, 1.0, (0, 5), method="exponential")


def test_a_negative_second_moment_is_named():
    bump = Loss(lambda x: 0.0, lambda x: np.where(x > 0.9, 1.0, 1e-3), 1, name="bump")
    with pytest.raises(FlowStopped, match="the second moment turns negative in coordinate 0"):
        solve(nonlocal_flow(adam("0.1", beta="0.05")), bump, 1.0, (0, 5), method="exponential", rtol=1e-5)


def test_steps_run_out():
    with pytest.raises(FlowStopped, match="max_steps = 7 are used up") as stopped:
        solve(heredia_flow(adam()), QUADRATIC, 1.0, (0, 10), method="exponential", max_steps=7)
    assert stopped.value.trajectory.steps + stopped.value.trajectory.rejected == 7


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_order": 9}, ValueError, "max_order must be an integer >= 2 and <= 8, got 9"),
        ({"max_order": 2.5}, TypeError, "max_order must be an integer"),
        ({"fixed_step": -1.0}, ValueError, "fixed_step must be within"),
        ({"estimate": "none"}, ValueError, "estimate must be one of 'companion', 'local'"),
        ({"order": 3}, ValueError, "option of method 'exponential' must be"),
    ],
)
def test_options_are_checked(options, error, message):
    with pytest.raises(error, match=message):
        solve(heredia_flow(adam()), QUADRATIC, 1.0, (0, 1), method="exponential", **options)
    with pytest.raises(ValueError, match="fixed_step must be left out"):
        solve(heredia_flow(AdaGrad(lr="0.1")), QUADRATIC, 1.0, (0, 1), method="exponential", fixed_step=0.1)


@pytest.mark.parametrize("flow", [flow_of(adam()), heredia_flow(adam())], ids=["second order", "first order"])
def test_many_parameters_take_twelve_arrays(flow):
    size = 300_000
    scales = np.linspace(0.5, 2, size)
    loss = Loss(lambda x: float((scales * x * x).sum() / 2), lambda x: scales * x, size)
    few = Loss(lambda x: 0.0, lambda x: scales[::1000] * x, 300)
    start = np.ones(size)
    tracemalloc.start()
    try:
        solved = solve(flow, loss, start, (0, 0.2), rtol=1e-4, method="exponential", save_at=[0.2])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 12 * start.nbytes
    exact = solve(flow, few, start[::1000], (0, 0.2), rtol=1e-8, method="exponential", save_at=[0.2])
    error = np.abs(solved.theta[:, ::1000] - exact.theta).max()
    assert error <= 1e-4
    assert error / 3 <= solved.error
    assert np.abs(solved.v[:, ::1000] - exact.v).max() <= 1e-3 * exact.v.max()


@pytest.mark.parametrize("size", [3000, 6000])
def test_blocks_do_not_show(size):
    """The same coordinates, alone and among so many that they are worked on in blocks."""
    scales = np.linspace(0.5, 2, size)
    flow = flow_of(adam())

    def solved(every, **options):
        some = scales[::every]
        loss = Loss(lambda x: 0.0, lambda x: some * x, len(some))
        return solve(flow, loss, np.ones(len(some)), (0, 0.5), method="exponential", rtol=1e-7, **options)

    alone = solved(100, save_at=[0.0, 0.25, 0.5])
    together = solved(1, save_at=[0.0, 0.25, 0.5])
    dense = solved(1)
    assert np.abs(together.theta[:, ::100] - alone.theta).max() <= 1e-6
    assert np.abs(dense(np.array([0.25]))[:, ::100] - alone.theta[1]).max() <= 1e-6
    assert np.abs(together.m[:, ::100] - alone.m).max() <= 1e-5


@pytest.mark.parametrize("z", [0.0, 0.3, 7.0, SHARP - 1, SHARP + 1, 300.0, 1e5, 30 + 20j, 60 - 80j])
@pytest.mark.parametrize("power", [0, 5, 9])
def test_weights_are_those_of_product_integration(z, power):
    known = rule(10)
    found = mode_integrals(z, 1.0, known) @ known.nodes**power
    with mp.workdps(30):
        rate = mp.mpmathify(z)
        for s, value in zip([*known.nodes, 1.0], found, strict=True):
            s = mp.mpf(float(s))
            # exp(-z s) times the integral of exp(z r) r^power, by the confluent series
            exact = s ** (power + 1) / (power + 1) * mp.hyp1f1(1, power + 2, -rate * s)
            assert abs(complex(exact) - complex(value)) <= 3e-15


def test_weights_in_the_root_of_time():
    known, start, end, rate = rule(10), 0.1, 0.9, 20.0
    found = root_integrals(rate, start, end, known) @ (start + (end - start) * known.nodes) ** 3
    with mp.workdps(30):
        exact = mp.quad(lambda x: mp.e ** (-rate * (end**2 - x * x)) * x**3 * 2 * x, mp.linspace(start, end, 9))
    assert abs(float(exact) - found[-1]) <= 1e-15
