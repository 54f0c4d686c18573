"""The numeric shadow: true statements pass, false ones of every form are caught, and nothing is invented."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from adamtheory.notation import (
    alignment,
    beta,
    bias_correction,
    boundary_curve,
    g,
    gamma,
    h,
    j,
    k,
    kernel,
    m,
    n,
    open_square,
    ratio,
    stability_exponent,
    stability_exponent_as_printed,
    t,
    tau,
    theta,
    u,
    v,
)
from adamtheory.proof.sampling import Sampler
from adamtheory.proof.shadow import ShadowReport, shadow
from adamtheory.proof.valuation import Curve
from adamtheory.propositions import (
    All,
    BigO,
    Bounded,
    Either,
    ForAll,
    Iff,
    Image,
    Implies,
    Proposition,
    Regular,
    SequenceDefinition,
    SquareIntegrable,
    Supremum,
    Tends,
    eq,
    ge,
    gt,
    le,
    lt,
    ne,
)

ZERO = sp.Integer(0)
w = sp.Function("w", real=True)
x, y = sp.symbols("x y", real=True)

ADAM = (
    SequenceDefinition(m, n, gamma * m(n - 1) + (1 - gamma) * g(n), ((-1, ZERO),)),
    SequenceDefinition(v, n, beta * v(n - 1) + (1 - beta) * g(n) ** 2, ((-1, ZERO),)),
    SequenceDefinition(u, n, bias_correction(n + 1) * m(n) / sp.sqrt(v(n))),
)
GEOMETRIC = sp.Sum(ratio**k, (k, 0, n))
FIRST_MOMENT = SequenceDefinition(m, t, sp.Integral(kernel(gamma, t - tau) * g(tau), (tau, 0, t)))
TIME = (gt(h, 0), gt(t, 0), Regular(g, 0, ZERO, t))
WORST = ForAll(k, (le(k, n),), eq(g(k), (beta / gamma) ** k))

TRUE: dict[str, tuple[tuple[Proposition, ...], Proposition]] = {
    "moment bound": ((*ADAM, *open_square), le(sp.Abs(m(n)) ** 2, v(n) * alignment**2 * GEOMETRIC)),
    "moment bound attained": ((*ADAM, *open_square, WORST), eq(m(n) ** 2, v(n) * alignment**2 * GEOMETRIC)),
    "update bound": (
        (*ADAM, *open_square, gt(v(n), 0)),
        le(sp.Abs(u(n)), bias_correction(n + 1) * alignment * sp.sqrt(GEOMETRIC)),
    ),
    "closed form of the moment": (
        (*ADAM, *open_square),
        eq(m(n), (1 - gamma) * sp.Sum(gamma ** (n - k) * g(k), (k, 0, n))),
    ),
    "two forms of the exponent": (open_square, eq(stability_exponent(), stability_exponent_as_printed())),
    "on the boundary curve": ((*open_square, boundary_curve.relation), eq(beta, gamma / (2 - gamma))),
    "on the discrete boundary": ((*open_square, eq(ratio, 1)), eq(GEOMETRIC, n + 1)),
    "linear equation for the moment": (
        (FIRST_MOMENT, *open_square, *TIME),
        eq(sp.Derivative(m(t), t), (1 - gamma) / gamma / h * (g(t) - m(t))),
    ),
    "strict": (open_square, lt(beta * gamma, beta)),
    "unequal": (open_square, ne(beta + gamma, 2)),
    "all": (open_square, All((lt(beta, 1), le(gamma**2, gamma)))),
    "either": (open_square, Either((lt(beta, gamma), ge(beta, gamma)))),
    "implies": (open_square, Implies(gt(stability_exponent(), 0), lt(ratio, 1))),
    "iff": (open_square, Iff(lt(ratio, 1), gt(beta, gamma**2))),
    "for all indices": (open_square, ForAll(k, (ge(k, 1),), lt(beta**k, 1))),
    "for all reals": ((gt(x, 0),), ForAll(t, (ge(t, 0), le(t, x)), le(t**2, x**2))),
    "tends": (open_square, Tends(beta**n, n, sp.oo, ZERO)),
    "tends by integer powers": ((), Tends(sp.Integer(2) ** -n * n**2, n, sp.oo, ZERO)),
    "tends with a power of the index": ((gt(x, 0),), Tends((n / (n + x)) ** n, n, sp.oo, sp.exp(-x))),
    "tends from above": ((), Tends(sp.log(t) * t, t, ZERO, ZERO)),
    "tends to infinity": ((gt(x, 1),), Tends(x**n, n, sp.oo, sp.oo)),
    "order": (open_square, BigO(sp.exp(beta * h) - 1 - beta * h, h, 2)),
    "supremum": (
        (*ADAM, *open_square),
        Supremum(sp.Abs(u(n)), g, (gt(v(n), 0),), bias_correction(n + 1) * alignment * sp.sqrt(GEOMETRIC)),
    ),
    "image": ((), Image(sp.tanh(t), t, sp.Integer(-1), sp.Integer(1), False, False)),
    "conditions with a guard": ((), Implies(ne(x, 0), gt(1 / x**2, 0))),
}

FALSE: dict[str, tuple[tuple[Proposition, ...], Proposition]] = {
    "moment bound one per cent lower": (
        (*ADAM, *open_square, WORST),
        le(m(n) ** 2, v(n) * alignment**2 * GEOMETRIC * sp.Rational(99, 100)),
    ),
    "constant off by 1e-30": ((*open_square,), eq(beta + gamma, beta + gamma * (1 + sp.Rational(1, 10**30)))),
    "strict where equality occurs": ((*ADAM, *open_square, WORST), lt(m(n) ** 2, v(n) * alignment**2 * GEOMETRIC)),
    "index off by one": ((*ADAM, *open_square), eq(m(n), (1 - gamma) * sp.Sum(gamma ** (n - k) * g(k), (k, 0, n - 1)))),
    "wrong sign in the equation": (
        (FIRST_MOMENT, *open_square, *TIME),
        eq(sp.Derivative(m(t), t), (1 - gamma) / gamma / h * (g(t) + m(t))),
    ),
    "undefined where the second moment vanishes": ((*ADAM, *open_square), le(sp.Abs(u(n)), 10**9)),
    "undefined logarithm": ((ge(x, -1), le(x, 1)), le(sp.log(x), 1)),
    "unequal": ((ge(n, 0),), ne(n, 1)),
    "all with one false part": (open_square, All((lt(beta, 1), lt(gamma**2, beta)))),
    "either without a middle": ((), Either((lt(n, 1), gt(n, 1)))),
    "implies": (open_square, Implies(lt(ratio, 1), gt(stability_exponent(), 0))),
    "iff": (open_square, Iff(gt(stability_exponent(), 0), lt(ratio, 1))),
    "for all indices": (open_square, ForAll(k, (), lt(beta**k, 1))),
    "for all reals": ((gt(x, 0),), ForAll(t, (ge(t, 0), le(t, x)), lt(t, x))),
    "tends elsewhere": (open_square, Tends(1 - beta**n, n, sp.oo, ZERO)),
    "order one too high": (open_square, BigO(sp.exp(beta * h) - 1 - beta * h, h, 3)),
    "supremum too small": ((*ADAM, *open_square), Supremum(sp.Abs(u(n)), g, (gt(v(n), 0),), sp.Rational(1, 2))),
    "image too small": ((), Image(t**2, t, ZERO, sp.Integer(10), True, True)),
    "closed end": ((), Image(t**2, t, ZERO, sp.oo, False, False)),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_statements_pass(name: str) -> None:
    hypotheses, claim = TRUE[name]
    report = shadow(hypotheses, claim, trials=8)
    assert report.violation is None, report.reason
    assert report.trials >= 8, report.reason
    assert report.undecided == 0
    if report.margin is not None:
        assert report.margin >= 0


@pytest.mark.parametrize("name", FALSE)
def test_false_statements_are_caught(name: str) -> None:
    hypotheses, claim = FALSE[name]
    report = shadow(hypotheses, claim, trials=30)
    assert report.violation is not None, report
    assert report.at
    assert report.reason


def test_what_is_undefined_is_said_to_be_undefined() -> None:
    report = shadow((ge(x, 0), le(x, 0)), eq(1 / x, 1 / x), trials=2)
    assert report.reason.startswith("undefined at x = 0")


def test_orders_are_measured() -> None:
    report = shadow(open_square, BigO(h**3 * beta + h**4, h, 2))
    assert report.order == pytest.approx(3, abs=0.1)


def test_a_definition_moves_with_the_variable_of_a_limit() -> None:
    step = SequenceDefinition(w, n, w(n - 1) + h * w(n - 1), ((-1, sp.Integer(1)),))
    assert shadow((step,), BigO(w(2) - 1 - 3 * h, h, 2)).order == pytest.approx(2, abs=0.1)
    assert shadow((step,), BigO(w(2) - 1 - 2 * h, h, 2)).violation is not None


@pytest.mark.parametrize(
    "hypotheses",
    [(*open_square, lt(beta, 0)), (*open_square, lt(beta * gamma, 0)), (eq(x, 1), eq(x, 2)), (lt(n, 0),)],
)
def test_contradictory_hypotheses_admit_nothing(hypotheses: tuple[Proposition, ...]) -> None:
    report = shadow(hypotheses, eq(beta, beta + 1))
    assert report == ShadowReport(0, reason=report.reason)
    assert "0 of 8 points admissible" in report.reason


def test_what_points_cannot_decide_is_not_counted() -> None:
    assert shadow((), Bounded(beta**n, n)).trials == 0
    unreadable = shadow((), gt(sp.gamma(x) ** 2, 0), trials=2)
    assert unreadable.trials == 0
    assert unreadable.undecided == 2
    assert "gamma" in unreadable.reason


def test_no_false_alarm_where_a_gap_is_below_every_precision() -> None:
    report = shadow((ge(x, 1000),), lt(sp.tanh(x), 1))
    assert report.violation is None
    assert report.margin == 0


def test_no_point_counts_as_admissible_by_a_tie() -> None:
    for hypothesis in (lt(sp.tanh(x), 1), ne(sp.tanh(x), 1), ForAll(k, (le(k, 2),), lt(sp.tanh(x + k), 1))):
        assert shadow((ge(x, 1000), hypothesis), eq(x, x)).trials == 0
    assert shadow((ge(x, 1000),), Implies(lt(sp.tanh(x), 1), lt(x, 0))).violation is None


def test_a_root_of_a_rounded_zero_is_no_violation() -> None:
    report = shadow((*ADAM, *open_square, WORST), ge(sp.sqrt(v(n) * alignment**2 * GEOMETRIC - m(n) ** 2), 0), trials=4)
    assert report.violation is None


def test_deep_recursions_run_upwards() -> None:
    report = shadow((*ADAM, *open_square), eq(m(1200), gamma * m(1199) + (1 - gamma) * g(1200)), trials=1)
    assert (report.trials, report.violation) == (1, None)


def test_the_same_seed_gives_the_same_points_and_another_does_not() -> None:
    claim = le(beta, gamma)
    reports = [shadow(open_square, claim, seed=seed, trials=20) for seed in (3, 3, 4)]
    assert reports[0].at == reports[1].at != reports[2].at


# -- sampling -----------------------------------------------------------------------------------------------------
def test_points_meet_the_hypotheses() -> None:
    sampler = Sampler((*open_square, lt(ratio, 1)), gt(beta, 0), seed=1)
    points = sampler.points(40)
    assert len(points) == sampler.admissible == 40
    for point in points:
        b, c = point.values[beta], point.values[gamma]
        assert b.is_Rational
        assert 0 < b < 1
        assert c**2 < b
    assert min(p.values[gamma] for p in points) <= sp.Rational(1, 500)
    assert max(p.values[beta] for p in points) >= sp.Rational(99, 100)


def test_thin_hypotheses_are_solved_or_taken_from_the_sample() -> None:
    solved = Sampler((*open_square, boundary_curve.relation), gt(beta, 0)).points(5)
    assert all(stability_exponent(p.values[beta], p.values[gamma]) == 0 for p in solved)
    thin = (gt(x, 0), gt(y, 0), eq(x**4 + y**4, 2 * x**2 * y**2))
    assert not Sampler(thin, gt(x, 0)).points(3)
    assert len(Sampler(thin, gt(x, 0), sample={y: x}).points(3)) == 3


def test_sequences_take_the_shape_that_hypotheses_ask_for() -> None:
    low, high = w(k) - 1, w(k) + 1
    window = (ForAll(k, (le(k, n),), le(low, g(k))), ForAll(k, (le(k, n),), lt(g(k), high)))
    claim = ForAll(k, (le(k, n),), All((le(low, g(k)), lt(g(k), high))))
    assert shadow(window, claim).trials == 8
    assert shadow(window, ForAll(k, (le(k, n),), le(g(k), w(k))), trials=20).violation is not None
    decay = (ForAll(k, (), eq(g(k + 1), gamma * g(k))), *open_square)
    assert shadow(decay, eq(g(3), gamma**3 * g(0)), trials=2).violation is None
    recursion = (ForAll(k, (ge(k, 1),), eq(g(k), gamma * g(k - 1))), eq(w(0), 3), *open_square)
    report = shadow(recursion, All((eq(g(5), gamma**5 * g(0)), eq(w(0), 3))))
    assert (report.trials, report.violation) == (8, None)


def test_curves_take_the_shape_that_hypotheses_ask_for() -> None:
    bounded = (ForAll(t, (), le(sp.Abs(g(t)), 2)), SquareIntegrable(g, ZERO, x), gt(x, 0))
    report = shadow(bounded, le(sp.Integral(g(t) ** 2, (t, 0, x)), 4 * x), trials=4)
    assert (report.trials, report.violation) == (4, None)
    flow = (ForAll(t, (), eq(sp.Derivative(theta(t), t), -beta * theta(t) + g(t))), eq(theta(0), 1))
    claim = eq(sp.Derivative(theta(t) * sp.exp(beta * t), t), sp.exp(beta * t) * g(t))
    report = shadow(flow, All((claim, eq(theta(0), 1))), trials=4)
    assert (report.trials, report.violation) == (4, None)
    assert isinstance(Sampler((), eq(g(t), 0)).points(1)[0].functions[g], Curve)


def test_indices_bound_inside_are_not_sampled_and_dummies_are() -> None:
    dummy = sp.Dummy("d", integer=True, nonnegative=True)
    point = Sampler((le(dummy, 3),), eq(sp.Sum(beta**j, (j, 0, dummy)), 0)).points(1)[0]
    assert set(point.values) == {beta, dummy}
    assert 0 <= point.values[dummy] <= 3


@pytest.mark.parametrize(("option", "value"), [("trials", -1), ("trials", 1.5), ("seed", -1), ("digits", 10)])
def test_bad_arguments_are_named(option: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=rf"^{option} must be"):
        shadow((), eq(x, x), **{option: value})
