"""The certified solver: its balls hold the solution, and do not hold the solutions of other equations."""

from dataclasses import replace

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb

from adamtheory.flows.loss import Loss
from adamtheory.flows.models import WarmStart, flow_of, heredia_flow
from adamtheory.flows.problems import problem
from adamtheory.flows.problems_closed import expression_loss
from adamtheory.flows.solvers.taylor import Enclosure, Step
from adamtheory.flows.solvers.taylor_jets import Jets
from adamtheory.flows.solving import Task, solve
from adamtheory.flows.trajectory import FlowStopped
from adamtheory.methods import AdaGrad, Adam, AdamCoupled, AdamW, RMSProp

THETA = sp.Symbol("theta_0", real=True)
HILL = (THETA - 4) ** 2 + sp.Rational(1, 2) * sp.exp(-(THETA**2))


def task_of(flow, expression=HILL, theta0=1.0, end=0.02, **more):
    loss = expression_loss(expression, 1, "hill")
    return Task(flow, loss, np.array([theta0]), (0.0, end), 1e-20, 1e-20, None, None, 10**6,
                {"expression": expression, **more})  # fmt: skip


def by_hand(flow, end, *, corrupted=False):
    """theta(end) of Adam's flow on HILL from 1, to 30 digits, by extrapolation of the midpoint rule (Gragg, Bulirsch &
    Stoer) in mpmath: equations and method without the library's.

    ``corrupted``: the second moment forgets faster by 1e-14 of its rate."""
    first, second = flow.first, flow.second
    modes = [x.kernel.modes[0] for x in (first, second)]
    with mpmath.workdps(45):
        weights, rates = [mpmath.mpf(x.weight) for x in modes], [mpmath.mpf(x.rate) for x in modes]
        if corrupted:
            rates[1] *= 1 + mpmath.mpf(10) ** -14
        (s1, r1), (s2, r2) = [(mpmath.mpf(c.start), mpmath.mpf(c.rate)) for c in flow.corrections]
        share, past = [[mpmath.mpf(getattr(x, name)) for x in (first, second)] for name in ("share", "past")]
        inertia, eps = mpmath.mpf(flow.inertia), mpmath.mpf(flow.eps)

        def g(x):
            return 2 * (x - 4) - x * mpmath.exp(-x * x)

        # The start is inside the average, where the library has a tail beside it, and eps beside the corrected root.
        def update(t, y):
            x, _, m_average, v_average = y
            left1, left2 = 1 - s1 * mpmath.exp(-r1 * t), mpmath.sqrt(1 - s2 * mpmath.exp(-r2 * t))
            m, v = share[0] * g(x) + m_average, share[1] * g(x) ** 2 + v_average
            return m / left1 / (mpmath.sqrt(v) / left2 + eps)

        def slope(t, y):
            averages = [weights[0] * g(y[0]) - rates[0] * y[2], weights[1] * g(y[0]) ** 2 - rates[1] * y[3]]
            u = update(t, y)
            return [y[1], (-u - y[1]) / inertia, *averages] if inertia else [-u, 0, *averages]

        one = mpmath.mpf(1)
        y = [one, mpmath.mpf(0), past[0] * g(one), past[1] * g(one) ** 2]
        if inertia:
            y[1] = -update(0, y)
        count = max(1, round(end / 0.0005))
        for step in range(count):
            y = extrapolated(slope, mpmath.mpf(end) * step / count, y, mpmath.mpf(end) / count)
        return y[0]


def extrapolated(slope, t, y, h, levels=9):
    """One step; the midpoint rule's error is a series in the square of its step."""
    table: list = []
    for level in range(1, levels + 1):
        count = 2 * level
        before, now = y, [a + h / count * b for a, b in zip(y, slope(t, y), strict=True)]
        for i in range(1, count):
            slopes = slope(t + i * h / count, now)
            before, now = now, [a + 2 * h / count * b for a, b in zip(before, slopes, strict=True)]
        row = [now]
        for k, old in enumerate(table, start=1):
            factor = (mpmath.mpf(level) / (level - k)) ** 2 - 1
            row.append([a + (a - b) / factor for a, b in zip(row[-1], old, strict=True)])
        table = row
    return table[-1]


def ball_of(number):
    """An Arb ball around an mpmath number that is good to 28 digits; in the precision of the scope."""
    return arb(mpmath.nstr(number, 40)) + arb(0, 1e-28)


@pytest.mark.parametrize("second_order", [True, False])
def test_the_enclosure_holds_the_solution_and_no_other(second_order):
    flow = flow_of(Adam(lr="0.01"), second_order=second_order)
    run = Enclosure(task_of(flow, end=0.005))
    assert run.solve(128) == 0.005
    true, false = by_hand(flow, 0.005), by_hand(flow, 0.005, corrupted=True)
    with flint.ctx.workprec(128):
        ball = run.steps[-1].at(0.005, 0)
        assert float(ball.rad()) < 1e-24
        assert (ball + arb(0, 1e-26)).contains(ball_of(true))
        assert not (ball + arb(0, 1e-26)).overlaps(ball_of(false))


def test_the_remainder_is_needed_and_suffices():
    """A step's polynomial cut at order 4 holds the solution with its remainder, and does not without."""
    flow = flow_of(Adam(lr="0.01"))
    run = Enclosure(task_of(flow, end=0.001))
    run.solve(192)
    step, time = run.steps[0], run.steps[0].end
    short = [row[:5] for row in step.coefficients]
    with flint.ctx.workprec(192):
        true = ball_of(by_hand(flow, time))
        whole = Step(step.t, step.end, short, step.rho, step.widths).at(time, 0)
        cut = Step(step.t, step.end, short, step.rho, [arb(0)] * len(short)).at(time, 0)
        assert step.at(time, 0).overlaps(true)
        assert whole.contains(true)
        assert not cut.overlaps(true)


def flows():
    adam = Adam(lr="0.01")
    yield flow_of(adam)
    yield flow_of(adam, second_order=False, rates="forward_euler", lag=False, bias="next")
    yield flow_of(adam, start=WarmStart(first=-2.0, second=40.0, steps=3))
    yield flow_of(AdamW(lr="0.01", weight_decay="0.5"), rates="first_order")
    yield flow_of(AdamCoupled(lr="0.01", weight_decay="0.5", eps_mode="paper"))
    yield flow_of(RMSProp(lr="0.01", beta="0.9", eps="0"))
    yield flow_of(AdaGrad(lr="0.01"))
    yield flow_of(Adam(lr="0.01", gamma="0"))
    yield replace(flow_of(adam), velocity="zero")


@pytest.mark.parametrize("flow", list(flows()), ids=lambda flow: f"{flow.name}, velocity {flow.velocity}")
def test_the_bound_holds_against_another_solver(flow):
    loss, times = expression_loss(HILL, 1, "hill"), np.array([0.0, 0.001, 0.01])
    bound = solve(flow, loss, 1.0, (0, 0.01), method="taylor", expression=HILL, save_at=times)
    other = solve(flow, loss, 1.0, (0, 0.01), method="dop853", rtol=1e-12, atol=1e-13, save_at=times)
    assert bound.error < 1e-6
    assert np.abs(bound.theta - other.theta).max() < bound.error + 1e-12
    assert other.m == pytest.approx(bound.m, rel=1e-10)
    assert other.v == pytest.approx(bound.v, rel=1e-10)
    if flow.inertia:
        assert other.velocity == pytest.approx(bound.velocity, rel=1e-9)


def test_the_precision_follows_the_tolerance():
    flow, loss = flow_of(Adam(lr="0.01")), expression_loss(HILL, 1, "hill")
    found = solve(flow, loss, 1.0, (0, 0.01), method="taylor", expression=HILL, rtol=1e-30, atol=1e-30)
    again = Enclosure(task_of(flow, end=0.01))
    assert again.solve(64) < 0.01  # too few bits for it
    assert again.too_wide
    assert found.t[-1] == 0.01
    assert found.error < 4e-16  # of rounding to float64
    with flint.ctx.workprec(192):
        again.solve(192)
        exact = [float(again.steps[-1].at(0.01, 0).mid())]
    assert found.theta[-1] == pytest.approx(exact, abs=found.error)


def test_dense_output_and_observer():
    flow, loss, seen = flow_of(Adam(lr="0.01")), expression_loss(HILL, 1, "hill"), []
    found = solve(
        flow, loss, 1.0, (0, 0.005), method="taylor", expression=HILL,
        observer=lambda t, theta, m, v: seen.append((t, theta[0])),
    )  # fmt: skip
    other = solve(flow, loss, 1.0, (0, 0.005), method="dop853", rtol=1e-12, atol=1e-13)
    times = np.linspace(0, 0.005, 7)
    assert found(times) == pytest.approx(other(times), abs=found.error + 1e-11)
    assert [t for t, _ in seen] == list(found.t[1:])
    assert found.steps == len(seen)


def test_two_parameters():
    posed = problem("rosenbrock")
    flow = flow_of(Adam(lr="0.01"))
    bound = solve(flow, posed.loss, posed.theta0, (0, 0.005), method="taylor", expression=posed.expression)
    other = solve(flow, posed.loss, posed.theta0, (0, 0.005), method="dop853", rtol=1e-12, atol=1e-13, save_at=bound.t)
    assert bound.theta == pytest.approx(other.theta, abs=bound.error + 1e-12)
    assert bound.error < 1e-6


def test_jets_against_sympy():
    x, y, s = sp.symbols("x y s", real=True)
    expressions = [
        x * y - 3, x**3 / (1 + y), sp.sqrt(x) * sp.exp(-x * y), sp.log(x + y**2), x ** sp.Rational(-2, 3),
        sp.Integer(2) * sp.exp(sp.Rational(1, 3)) * y, y**2,
    ]  # fmt: skip
    curves = [2 - s + s**2 / 3, s + 4 * s**3]  # the second is 0 at 0, where only some rules have a recurrence
    jets = Jets(expressions, [x, y])
    orders = 6
    taken = [sp.Poly(c, s).all_coeffs()[::-1] for c in curves]
    with flint.ctx.workprec(128):
        jets.begin()
        given = [[arb(int(c.p)) / int(c.q) for c in row] + [None] * orders for row in taken]
        found = [jets.extend([row[k] for row in given]) for k in range(orders)]
        for i, expression in enumerate(expressions):
            along = expression.subs({x: curves[0], y: curves[1]}, simultaneous=True)
            for k in range(orders):
                true = sp.N((sp.diff(along, s, k) / sp.factorial(k)).subs(s, 0), 40)
                ball = arb(0) if found[k][i] is None else found[k][i]
                assert (ball + arb(0, 1e-30)).contains(arb(str(true)))
                assert float(ball.rad()) < 1e-30


def call(flow, **more):
    return solve(flow, expression_loss(HILL, 1, "hill"), 1.0, (0, 0.01), method="taylor", **more)


def test_bad_input_is_refused():
    flow = flow_of(Adam(lr="0.01"))
    for more in ({}, {"gradient": sp.diff(HILL, THETA), "expression": HILL}):
        with pytest.raises(ValueError, match="gradient must be given as expressions of theta_0"):
            call(flow, **more)
    with pytest.raises(ValueError, match="gradient must be the loss's own at the start"):
        call(flow, gradient=2 * (THETA - 4))
    with pytest.raises(ValueError, match=r"gradient must be 1 expressions of theta_0 \(sympy, real symbols\)"):
        call(flow, gradient="theta_0")
    with pytest.raises(ValueError, match="1 expressions of theta_0"):
        call(flow, gradient=[sp.Symbol("x")])
    with pytest.raises(ValueError, match="must be one of 'gradient', 'expression', got 'bits'"):
        call(flow, bits=3)
    bent = Loss(lambda x: 0.0, lambda x: np.abs(x), 1)
    with pytest.raises(ValueError, match=r"gradient must be of sums, products, .* got 'abs'"):
        solve(flow, bent, 1.0, (0, 1), method="taylor", gradient=abs(THETA))
    with pytest.raises(ValueError, match="gradient: unsupported node sin"):
        solve(flow, bent, 1.0, (0, 1), method="taylor", gradient=sp.sin(THETA))
    with pytest.raises(ValueError, match="one with a second moment above 0, for method='taylor'"):
        call(heredia_flow(Adam(lr="0.01")), expression=HILL)
    with pytest.raises(ValueError, match="another one above 8 parameters"):
        solve(flow, Loss(lambda x: 0.0, lambda x: x, 9), np.ones(9), (0, 1), method="taylor")


def test_a_singularity_stops_it_with_what_there_is():
    """The gradient's root ends at theta = 0.99, a hundredth ahead: no disc reaches past it."""
    gradient = sp.sqrt(THETA - sp.Rational(99, 100))
    loss = Loss(lambda x: 0.0, lambda x: np.sqrt(x - 0.99), 1, name="root")
    flow = flow_of(Adam(lr="0.01", eps="0"), second_order=False)
    with pytest.raises(FlowStopped, match="no disc around the solution is found") as stopped:
        solve(flow, loss, 1.0, (0, 0.1), method="taylor", gradient=gradient, rtol=1e-3, atol=1e-3)
    partial = stopped.value.trajectory
    assert 0.005 < partial.t[-1] < 0.05
    assert 0.99 < partial.theta[-1, 0] < 1
    with pytest.raises(FlowStopped, match="max_steps = 3 are used up") as stopped:
        solve(flow, loss, 1.0, (0, 0.1), method="taylor", gradient=gradient, max_steps=3)
    assert stopped.value.trajectory.steps == 3
