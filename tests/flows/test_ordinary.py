"""DOP853 and Radau: against each other on every flow, against closed forms, and where they have to stop."""

import sys

import numpy as np
import pytest

from adamtheory.flows.kernels import Kernel
from adamtheory.flows.loss import Loss
from adamtheory.flows.memory import MemoryFlow, Moment
from adamtheory.flows.models import WarmStart, flow_of, gould_tanaka_flow, heredia_flow, nonlocal_flow
from adamtheory.flows.problems import problem
from adamtheory.flows.solvers.ordinary_form import Equations
from adamtheory.flows.solving import Task, solve
from adamtheory.flows.trajectory import FlowStopped
from adamtheory.methods import AdaGrad, Adam, AdamCoupled, AdamW, RMSProp

scipy = pytest.importorskip("scipy", reason="the cross-checks need scipy")

MATRIX = np.array([[2.0, 0.3], [0.3, 0.5]])
START = np.array([1.0, -1.0])


def waves(hessian=True):
    """A non-convex loss of two parameters."""
    return Loss(
        value=lambda x: float(x @ MATRIX @ x / 2 - 0.1 * np.cos(3 * x).sum() + 0.2 * x[0] - x[1]),
        gradient=lambda x: MATRIX @ x + 0.3 * np.sin(3 * x) + np.array([0.2, -1.0]),
        size=2,
        hessian_vector=(lambda x, w: MATRIX @ w + 0.9 * np.cos(3 * x) * w) if hessian else None,
        name="waves",
    )


def constant(*slopes):
    g = np.array(slopes)
    return Loss(lambda x: float(g @ x), lambda x: g.copy(), len(g), lambda x, w: np.zeros_like(w), "slope")


def flows():
    adam = Adam(lr="0.01")
    warm = WarmStart(first=np.array([0.1, -0.2]), second=np.array([0.3, 0.1]), steps=4)
    yield heredia_flow(adam)
    yield heredia_flow(RMSProp(lr="0.01", beta="0.99"))
    yield heredia_flow(AdaGrad(lr="0.01"))
    yield gould_tanaka_flow(adam)
    yield nonlocal_flow(adam)
    yield nonlocal_flow(Adam(lr="0.01", gamma="0.3", beta="0.6"))
    for rates in ("exact", "first_order", "forward_euler"):
        for begin in ("zero", "consistent", warm):
            yield flow_of(adam, rates=rates, start=begin, second_order=False)
            yield flow_of(AdamW(lr="0.01", weight_decay="0.5"), rates=rates, start=begin)
    yield flow_of(AdamCoupled(lr="0.01", weight_decay="0.5"))
    yield flow_of(RMSProp(lr="0.01", beta="0.99"))
    yield flow_of(AdaGrad(lr="0.01"))
    yield flow_of(Adam(lr="0.01", gamma="0"))
    yield flow_of(Adam(lr="0.01", beta="0.5"), bias="next")


@pytest.mark.parametrize("flow", list(flows()), ids=lambda flow: flow.name)
def test_explicit_and_implicit_method_agree(flow):
    span, times = (0.0, 0.03), np.array([0.0, 0.0003, 0.02, 0.03])
    explicit = solve(flow, waves(), START, span, method="dop853", rtol=1e-10, atol=1e-12, save_at=times)
    implicit = solve(flow, waves(), START, span, method="radau", rtol=1e-9, atol=1e-11, save_at=times)
    assert explicit.theta == pytest.approx(implicit.theta, abs=1e-9)
    assert explicit.v[1:] == pytest.approx(implicit.v[1:], rel=1e-6)
    assert np.abs(explicit.theta[-1] - START).min() > 0.001  # they went somewhere
    assert (explicit.velocity is None) == (flow.inertia == 0)


@pytest.mark.parametrize("method", ["dop853", "radau"])
@pytest.mark.parametrize("make", [Adam, AdamW])
def test_a_constant_gradient_moves_by_its_sign(method, make):
    flow = flow_of(make(lr="0.01", eps="0", **({"weight_decay": "0"} if make is AdamW else {})))
    found = solve(flow, constant(3.0, -0.02), [1.0, 2.0], (0, 0.3), method=method, rtol=1e-10, atol=1e-11)
    assert found.theta == pytest.approx(np.array([1.0, 2.0]) - np.outer(found.t, [1.0, -1.0]), abs=1e-11)
    assert found(np.array([0.123, 0.3]))[:, 0] == pytest.approx([0.877, 0.7], abs=1e-11)


@pytest.mark.parametrize("method", ["dop853", "radau"])
def test_adagrad_from_zero_on_a_constant_gradient(method):
    """theta' = -g/sqrt(t g^2/lr) = -sqrt(lr/t), so theta = theta0 - 2 sqrt(lr t): infinitely fast at first."""
    flow = heredia_flow(AdaGrad(lr="0.01", eps="0"))
    times = np.array([0.0, 1e-8, 1e-3, 1.0])
    found = solve(flow, constant(-5.0), 0.0, (0, 1), method=method, rtol=1e-10, atol=1e-12, save_at=times)
    assert found.theta[:, 0] == pytest.approx(2 * np.sqrt(0.01 * times), abs=1e-10)
    assert found.dense is None


def test_rmsprop_from_zero_on_a_constant_gradient():
    """v = g^2 (1 - exp(-rate t)), so theta moves by the integral of (1 - exp(-rate t))^(-1/2), in closed form."""
    flow = heredia_flow(RMSProp(lr="0.01", beta="0.9", eps="0"))
    found = solve(flow, constant(0.3), 0.0, (0, 0.5), method="dop853", rtol=1e-11, atol=1e-13)
    rate = 0.1 / 0.01
    root = np.sqrt(-np.expm1(-rate * found.t))
    moved = (np.log1p(root) - np.log1p(-root)) / rate
    assert found.theta[:, 0] == pytest.approx(-moved, abs=1e-10)


@pytest.mark.parametrize("flow", list(flows()), ids=lambda flow: flow.name)
def test_the_jacobian_is_the_derivative(flow):
    task = Task(flow, waves(), START, (0.0, 1.0), 1e-6, 1e-9, None, None, 10, {})
    equations = Equations(task)
    y = equations.start(START)[0] + np.linspace(0.01, 0.02, equations.rows * 2)
    t, h = 0.013, 1e-6
    steps = np.eye(len(y)) * h
    differences = np.stack([(equations.slope(t, y + s) - equations.slope(t, y - s)) / (2 * h) for s in steps], axis=1)
    exact = equations.jacobian(t, y)
    assert exact == pytest.approx(differences, rel=1e-6, abs=1e-6 * np.abs(exact).max())


def test_radau_without_hessian_vector_products():
    flow = flow_of(Adam(lr="0.01"))
    found = [solve(flow, waves(h), START, (0, 0.03), method="radau", rtol=1e-7, atol=1e-9) for h in (True, False)]
    assert found[0].theta[-1] == pytest.approx(found[1].theta[-1], abs=1e-8)
    assert found[1].gradient_evaluations > found[0].gradient_evaluations  # for the differences


@pytest.mark.parametrize("rates", ["exact", "first_order", "forward_euler"])
def test_a_warm_start_goes_on_where_the_flow_was(rates):
    """A first-order flow restarted from its own moments at t = 5 steps is the flow itself."""
    method, t = Adam(lr="0.01", gamma="0.8", beta="0.95"), 0.05
    loss, kind = waves(), {"rates": rates, "second_order": False, "lag": True}
    whole = solve(flow_of(method, **kind), loss, START, (0, 0.2), method="dop853", rtol=1e-11, atol=1e-12)
    begun = solve(flow_of(method, **kind), loss, START, (0, t), method="dop853", rtol=1e-11, atol=1e-12)
    g = loss.gradient(begun.theta[-1])
    before = WarmStart(
        first=(begun.m[-1] - 0.2 * g) / 0.8, second=np.maximum((begun.v[-1] - 0.05 * g**2) / 0.95, 0), steps=5
    )
    forgets = flow_of(method, start=before, **kind)
    left = [c.start * np.exp(-c.rate * t) for c in flow_of(method, **kind).corrections]
    if rates == "exact":
        assert [c.start for c in forgets.corrections] == pytest.approx(left, rel=1e-12)
    else:  # a flow of other rates has not forgotten what five discrete steps have
        object.__setattr__(
            forgets,
            "corrections",
            tuple(type(c)(start, c.rate) for c, start in zip(forgets.corrections, left, strict=True)),
        )
    rest = solve(forgets, loss, begun.theta[-1], (0, 0.15), method="dop853", rtol=1e-11, atol=1e-12)
    assert rest.theta == pytest.approx(whole(rest.t + t), abs=1e-9)


def test_the_second_solve_measures_the_error():
    flow = flow_of(Adam(lr="0.01"))
    loose = solve(flow, waves(), START, (0, 0.3), method="dop853", rtol=1e-4, atol=1e-6, check=True)
    tight = solve(flow, waves(), START, (0, 0.3), method="dop853", rtol=1e-12, atol=1e-13, save_at=loose.t)
    true = np.abs(loose.theta - tight.theta).max()
    assert 0 < true < 1e-4
    assert true / 2 < loose.error < 2 * true
    assert np.isnan(tight.error)


def test_the_observer_sees_the_accepted_steps():
    seen = []
    found = solve(
        flow_of(Adam(lr="0.01")), waves(), START, (0, 0.1), method="dop853",
        observer=lambda t, theta, m, v: seen.append((t, theta.copy(), m.copy(), v.copy())),
    )  # fmt: skip
    assert [t for t, *_ in seen] == list(found.t[1:])
    for i, name in enumerate(("theta", "m", "v"), start=1):
        assert np.array([row[i] for row in seen]) == pytest.approx(getattr(found, name)[1:], abs=0)
    assert found.steps == len(seen)


def walled(limit):
    """A gradient that is nan where theta < limit."""
    return Loss(lambda x: 0.0, lambda x: np.where(x < limit, np.nan, 1.0), 1, name="walled")


@pytest.mark.parametrize("method", ["dop853", "radau"])
@pytest.mark.parametrize("model", [flow_of, heredia_flow])
def test_a_gradient_that_is_not_finite_stops_the_flow(method, model):
    with pytest.raises(FlowStopped, match=r"t = 0\.(29|3).*gradient of walled is not finite \(nan in coordinate 0"):
        solve(model(Adam(lr="0.01", eps="0")), walled(0.7), 1.0, (0, 1), method=method)
    with pytest.raises(FlowStopped) as stopped:
        solve(model(Adam(lr="0.01", eps="0")), walled(0.7), 1.0, (0, 1), method=method)
    partial = stopped.value.trajectory
    assert 0.25 < partial.t[-1] < 0.31
    assert np.isfinite(partial.theta).all()
    assert partial.steps == len(partial.t) - 1
    assert partial(np.array([0.1])).shape == (1, 1)


def test_a_gradient_that_is_not_finite_at_the_start():
    with pytest.raises(FlowStopped, match="t = 0: the gradient") as stopped:
        solve(flow_of(Adam(lr="0.01")), walled(2.0), 1.0, (0, 1), method="dop853")
    assert stopped.value.trajectory.theta.shape == (0, 1)


def test_a_negative_second_moment_stops_the_flow():
    """Below beta = 1/2 the kernel of the second-order memory changes sign, and so may v."""
    flow = nonlocal_flow(Adam(lr="0.1", gamma="0.9", beta="0.05"))
    bump = Loss(lambda x: 0.0, lambda x: np.where(x > 0.9, 1.0, 1e-3), 1, name="bump")
    with pytest.raises(FlowStopped, match=r"the update is not finite in coordinate 0 \(m = .*, v = -"):
        solve(flow, bump, 1.0, (0, 5), method="dop853", rtol=1e-5, atol=1e-7)


def test_steps_run_out():
    with pytest.raises(FlowStopped, match="max_steps = 7 are used up") as stopped:
        solve(flow_of(Adam(lr="0.01")), waves(), START, (0, 1), method="dop853", max_steps=7)
    assert stopped.value.trajectory.steps + stopped.value.trajectory.rejected >= 7


def test_bad_input_is_refused():
    flow = flow_of(Adam(lr="0.01"))
    with pytest.raises(ValueError, match="option of method 'dop853' must be one of 'check', got 'chek'"):
        solve(flow, waves(), START, (0, 1), method="dop853", chek=True)
    with pytest.raises(TypeError, match="check must be True or False"):
        solve(flow, waves(), START, (0, 1), method="dop853", check=1)
    wide = Loss(lambda x: 0.0, lambda x: np.ones(3), 2, name="wide")
    with pytest.raises(ValueError, match=r"gradient of wide must be of shape \(2,\), as theta is, got \(3,\)"):
        solve(flow, wide, START, (0, 1), method="dop853")
    many = Loss(lambda x: 0.0, lambda x: x, 301)
    with pytest.raises(ValueError, match="another one above 300 parameters"):
        solve(flow, many, np.ones(301), (0, 1), method="radau")
    endless = flow_of(RMSProp(lr="0.01", eps="0"), start="zero", lag=False)
    with pytest.raises(ValueError, match="velocity must be 'zero'"):
        solve(endless, constant(1.0), 0.0, (0, 1), method="dop853")


def test_a_kernel_that_is_no_sum_of_exponentials_is_refused():
    class Power(Kernel):
        def __call__(self, lags):
            return (1 + lags) ** -2.0

        def tail(self, lags):
            return 1 / (1 + lags)

    flow = MemoryFlow(name="power", duration=0.01, second=Moment(Power()))
    with pytest.raises(ValueError, match="a sum of exponentials here: compress it"):
        solve(flow, constant(1.0), 0.0, (0, 1), method="dop853")


def test_without_scipy_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.integrate", None)
    with pytest.raises(ModuleNotFoundError, match=r"method='dop853' needs scipy: pip install 'adamtheory\[flows\]'"):
        solve(flow_of(Adam(lr="0.01")), waves(), START, (0, 1), method="dop853")


def test_hundreds_of_parameters():
    posed = problem("logistic", d=300, rows=50)
    found = solve(
        flow_of(Adam(lr="0.01")), posed.loss, posed.theta0, (0, 0.05), method="dop853", rtol=1e-6, save_at=[0.05]
    )
    assert posed.loss.value(found.theta[-1]) < posed.loss.value(posed.theta0)
    assert found.theta.shape == (1, 300)
