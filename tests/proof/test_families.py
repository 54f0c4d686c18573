"""Families of sequences and curves as a user meets them: proofs, sample points, witnesses, what ``show`` prints."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import sympy as sp

from adamtheory.lowering import arithmetic
from adamtheory.notation import (
    W,
    coordinate,
    dimension,
    g,
    gamma,
    h,
    inner,
    j,
    k,
    lr,
    m,
    n,
    norm_squared,
    open_unit,
    t,
    tau,
    u,
    weight_decay,
)
from adamtheory.proof import (
    BigO,
    ForAll,
    Library,
    Proposition,
    Regular,
    SequenceDefinition,
    Statement,
    Tends,
    ThisLibrary,
    Verdict,
    algebra,
    at,
    combination,
    differentiation,
    eq,
    exchange,
    for_all,
    ge,
    induction,
    instance,
    le,
    regular_curve,
    theorem,
    unfolding,
)
from adamtheory.proof.families import random_curve
from adamtheory.proof.sampling import Sampler
from adamtheory.proof.valuation import Point, Valuation
from adamtheory.proof.witness import refutes

i = coordinate
phi, start, x = (sp.Function(name, real=True) for name in ("phi", "w_0", "x"))
bound = sp.Symbol("c", real=True)
shrink = 1 - lr * weight_decay
WEIGHTS = SequenceDefinition(W, n, shrink * W(i, n - 1) - lr * m(i, n - 1), ((0, start(i)),), (i,))
MOMENT = SequenceDefinition(m, n, gamma * m(i, n - 1) + (1 - gamma) * g(i, n), ((-1, 0),), (i,))
ORTHOGONAL = ForAll(n, (), eq(inner(W(i, n), g(i, n)), 0))
TURNED = {dimension: 2, g: sp.Lambda((i, n), (n + 1) * (2 * i - 1) * W(1 - i, n))}  # by a right angle
NORM = SequenceDefinition(phi, t, norm_squared(W(i, t)))
MOVING = (ge(t, 0), Regular(W, 2, 0, t))
LEVELS = SequenceDefinition(x, j, (x(k, j - 1) + x(k + 1, j - 1)) / 2, ((0, g(k)),), (k,))


@theorem(
    source=ThisLibrary("test"),
    where=[WEIGHTS, MOMENT],
    claim=eq(
        norm_squared(W(i, n + 1)),
        shrink**2 * norm_squared(W(i, n)) - 2 * lr * shrink * inner(W(i, n), m(i, n)) + lr**2 * norm_squared(m(i, n)),
    ),
)
def norm_of_the_next_weights(proof):
    """The squared norm after a step."""
    return proof.conclude(proof.have(proof.statement.claim, unfolding(W)))


@theorem(
    source=ThisLibrary("test"),
    where=[WEIGHTS, MOMENT],
    given=[ORTHOGONAL],
    sample=TURNED,
    claim=eq(inner(W(i, n + 1), m(i, n + 1)), gamma * inner(W(i, n + 1), m(i, n))),
)
def momentum_along_the_weights(proof):
    """Where gradients are orthogonal to the weights, only the old momentum has a part along them."""
    nothing = proof.have(eq(inner(W(i, n + 1), g(i, n + 1)), 0), at(ORTHOGONAL, n + 1))
    both = gamma * inner(W(i, n + 1), m(i, n)) + (1 - gamma) * inner(W(i, n + 1), g(i, n + 1))
    split = proof.have(eq(inner(W(i, n + 1), m(i, n + 1)), both), unfolding(m))
    return proof.conclude(proof.have(proof.statement.claim, algebra(split, nothing)))


@theorem(
    source=ThisLibrary("test"),
    where=[NORM],
    given=MOVING,
    claim=eq(sp.Derivative(phi(t), t), 2 * inner(W(i, t), sp.Derivative(W(i, t), t))),
)
def derivative_of_the_norm(proof):
    """Leibniz's rule for the squared norm."""
    return proof.conclude(proof.have(proof.statement.claim, differentiation))


@theorem(
    source=ThisLibrary("test"),
    where=[NORM],
    given=MOVING,
    claim=eq(
        sp.Derivative(phi(t), (t, 2)),
        2 * inner(W(i, t), sp.Derivative(W(i, t), (t, 2))) + 2 * norm_squared(sp.Derivative(W(i, t), t)),
    ),
)
def second_derivative_of_the_norm(proof):
    """Leibniz's rule twice."""
    return proof.conclude(proof.have(proof.statement.claim, differentiation))


@theorem(
    source=ThisLibrary("test"),
    given=[ge(t, 0), Regular(g, 0, 0, t)],
    claim=eq(
        inner(W(i, t), sp.Integral(sp.exp(tau - t) * g(i, tau), (tau, 0, t))),
        sp.Integral(sp.exp(tau - t) * inner(W(i, t), g(i, tau)), (tau, 0, t)),
    ),
)
def product_with_an_average(proof):
    """The inner product with an average of gradients is the average of the inner products."""
    return proof.conclude(proof.have(proof.statement.claim, exchange(sp.exp(tau - t) * W(i, t) * g(i, tau))))


@theorem(
    source=ThisLibrary("test"),
    claim=eq(
        inner(W(i, n), sp.Sum(gamma ** (n - k) * g(i, k), (k, 0, n))),
        sp.Sum(gamma ** (n - k) * inner(W(i, n), g(i, k)), (k, 0, n)),
    ),
    given=open_unit(gamma),
)
def product_with_a_sum(proof):
    """The inner product with a sum of gradients is the sum of the inner products."""
    return proof.conclude(proof.have(proof.statement.claim, exchange(gamma ** (n - k) * W(i, n) * g(i, k))))


BELOW = ForAll(k, (), le(g(k), bound))
LEVEL_BELOW = ForAll(k, (), le(x(k, j), bound))


@theorem(source=ThisLibrary("test"), where=[LEVELS], given=[BELOW], claim=le(x(k, j), bound))
def every_level_is_bounded(proof):
    """Averages of averages are bounded by what is averaged, at every level."""
    member = proof.have(le(g(k), bound), at(BELOW, k))
    first = proof.unfold(x(k, 0))
    lowest = proof.have(le(x(k, 0), bound), combination((first, 1), (member, 1)))
    base = proof.have(LEVEL_BELOW.subs({j: sp.Integer(0)}), for_all(lowest))
    upward = proof.assume(LEVEL_BELOW)
    both = [upward.have(le(x(at_k, j), bound), at(LEVEL_BELOW, at_k)) for at_k in (k, k + 1)]
    mean = upward.unfold(x(k, j + 1))
    half = sp.Rational(1, 2)
    above = upward.have(le(x(k, j + 1), bound), combination((mean, 1), *((fact, half) for fact in both)))
    step = upward.have(LEVEL_BELOW.subs({j: j + 1}), for_all(above))
    whole = proof.have(LEVEL_BELOW, induction(j, base, step))
    return proof.conclude(proof.have(proof.statement.claim, at(whole.claim, k), using=[whole]))


THEOREMS = [
    norm_of_the_next_weights,
    momentum_along_the_weights,
    derivative_of_the_norm,
    second_derivative_of_the_norm,
    product_with_an_average,
    product_with_a_sum,
    every_level_is_bounded,
]


@pytest.mark.parametrize("statement", THEOREMS, ids=lambda s: s.name)
def test_proved_and_sampled(statement: Statement) -> None:
    result = Library([statement]).result(statement.name)
    assert result.verdict is Verdict.PROVED, result.detail
    tried = [step for step in result.steps if step.rule not in ("hypothesis",)]
    assert all(step.trials > 0 for step in tried), [(s.relation, s.note) for s in tried if not s.trials]


def test_members_of_a_defined_family_are_regular() -> None:
    from adamtheory.proof import Scope, prove

    lines = SequenceDefinition(phi, t, k * t**2, (), (k,))
    scope = Scope((lines,))
    assert prove(scope, Regular(phi, 2, 0, 1), regular_curve).claim == Regular(phi, 2, 0, 1)
    slope = prove(scope, eq(sp.Derivative(phi(k, t), t), 2 * k * t), differentiation)
    third = eq(sp.Derivative(phi(3, t), t), 6 * t)
    assert prove(scope, third, instance(slope, {k: sp.Integer(3)})).claim == third


# -- values -----------------------------------------------------------------------------------------------------------
ROWS = {dimension: 2, g: [[1, 2], [3, 4]]}
DESCENT = SequenceDefinition(W, n, W(i, n - 1) - lr * g(i, n - 1), ((0, i + 1),), (i,))
PREFIXES = SequenceDefinition(u, j, sp.Sum(u(k, j - 1), (k, 0, n)), ((0, g(n)),), (n,))
LATE = SequenceDefinition(u, n, 2 * u(k, n - 1), ((3, k),), (k,))


@pytest.mark.parametrize(
    ("claim", "where", "witness", "left"),
    [
        (le(inner(g(i, 0), g(i, 1)), 0), (), ROWS, "left 14,"),  # 1*2 + 3*4
        (le(inner(g(i, 0), g(i, 1)), 0), (), {**ROWS, dimension: 3}, "left 14,"),  # zero beyond the rows
        (le(inner(g(i, 0), g(i, 1)), 0), (), {dimension: 2, g: sp.Lambda((i, n), n + i + 1)}, "left 8,"),  # 1*2 + 2*3
        # W is (1, 2), (1 - 1/2, 2 - 3/2), (1/2 - 2/2, 1/2 - 4/2) = (-1/2, -3/2)
        (le(norm_squared(W(i, n)), 0), (DESCENT,), {**ROWS, n: 2, lr: "1/2"}, "left 2.5 = 5/2,"),
        (le(u(2, 2), 0), (PREFIXES,), {g: [1, 2, 3]}, "left 10,"),  # (1, 2, 3), (1, 3, 6), 10
        (le(u(5, 5), 0), (LATE,), {}, "left 20,"),  # 5, 10, 20
        (BigO(g(1, 0) * h, h, 2), (), {g: [[1], [5]]}, "of order h^1"),
        (BigO(u(2, 4) * h, h, 2), (LATE,), {}, "of order h^1"),
        (Tends(g(1, 0) / (n + 1), n, sp.oo, 1), (), {g: [[1], [5]]}, "the limit is 0"),
    ],
    ids=str,
)
def test_witnesses_as_computed_by_hand(claim: Proposition, where: Any, witness: Any, left: str) -> None:
    report = refutes(claim, (), where, witness)
    assert report.refuted, report.reason
    assert left in report.detail


def test_curves_as_computed_by_hand() -> None:
    lines = {dimension: 2, t: 1, W: sp.Lambda((i, t), (i + 1) * t)}
    slope = le(sp.Derivative(phi(t), t), 0)  # t^2 + 4 t^2 has slope 10 at 1
    assert "left 10," in refutes(slope, MOVING, (NORM,), lines).detail
    area = le(sp.Integral(W(1, t), (t, 0, 1)), 0)
    assert "left 1.0" in refutes(area, (Regular(W, 1, 0, 1),), (), {W: lines[W]}).detail


@pytest.mark.parametrize(
    ("function", "model", "reason"),
    [
        (g(0, 1), [1, 2], "g takes 2 arguments: give a list of lists"),
        (g(0, 1), [[1, 2], 3], "g takes 2 arguments: give a list of lists"),
        (g(0, 1), [[1, "a"], [3]], "g(1) must be"),
        (g(0, 1), [[[1]]], "g takes 1 argument: give a list of numbers"),
        (g(0, 1), 3, "g takes 2 arguments: give a Lambda of 2"),
        (g(0, 1), sp.Lambda(n, n + 1), "g takes 2 arguments: give a Lambda of 2"),
        (g(0, 1), sp.Lambda((i, n), n + sp.Float(1.5)), "must be exact"),
        (g(0), [[1, 2], [3]], "g takes 1 argument: give a list of numbers"),
        (g(0), sp.Lambda((i, n), n + i), "g takes 1 argument: give a Lambda of 1"),
    ],
    ids=str,
)
def test_a_model_that_does_not_fit_is_named_in_one_line(function: sp.Expr, model: Any, reason: str) -> None:
    report = refutes(le(function, -1), (), (), {g: model})
    assert not report.refuted
    assert reason in report.reason
    assert "\n" not in report.reason


def test_a_recursion_has_no_value_before_its_start() -> None:
    report = refutes(le(u(5, 2), 0), (), (LATE,), {})
    assert "u(2) has no value" in report.reason


def test_sampled_families_obey_their_recursion() -> None:
    points = Sampler((WEIGHTS, MOMENT), eq(W(i, n), 0), seed=3).points(5)
    assert len(points) == 5
    for point in points:
        value = Valuation(point, arithmetic("fraction")).value
        for member in (0, 1, 4):
            weights, moment = value(start(member)), value((1 - gamma) * g(member, 0))
            assert value(m(member, 0)) == moment
            for step in range(1, 4):
                weights = value(shrink) * weights - value(lr) * moment
                moment = value(gamma) * moment + value((1 - gamma) * g(member, step))
                assert (value(W(member, step)), value(m(member, step))) == (weights, moment)


def test_sampled_members_differ() -> None:
    curve = random_curve(Random(5), family=1)
    assert curve(0, t) != curve(1, t)
    point = Point({dimension: sp.Integer(3)}, {g: curve})
    value = Valuation(point, arithmetic("fraction")).value
    assert value(inner(g(i, 0), 1)) == sum(value(g(member, 0)) for member in range(3))


def test_levels_are_shown_as_they_are_written() -> None:
    assert str(LEVELS) == "x(k, j) := x(k, j - 1)/2 + x(k + 1, j - 1)/2, x(k, 0) := g(k)"
    assert str(LATE) == "u(k, n) := 2*u(k, n - 1), u(k, 3) := k"
    assert LATE.at(k + 1, sp.Integer(3)) == k + 1
    assert LEVELS.at(n, sp.Integer(0)) == g(n)
    assert (LATE.first, LEVELS.first, NORM.first) == (4, 1, 0)
