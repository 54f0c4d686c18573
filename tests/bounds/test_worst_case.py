"""The worst case as a formula against the method itself: runs in exact fractions on the gradients that attain it."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from adamtheory.bounds.adam import (
    definitions,
    worst_case,
    worst_case_limit,
    worst_case_limit_squared,
    worst_case_squared,
    worst_case_squared_on_boundary,
    worst_gradient,
)
from adamtheory.notation import beta, gamma, k, n

PLACES = [("999/1000", "9/10"), ("1/3", "1/2"), ("1/2", "1/2"), ("1/4", "1/2"), ("9/10", "1/10"), ("1/10", "9/10")]


def place(at_beta: str, at_gamma: str) -> dict[sp.Symbol, sp.Rational]:
    return {beta: sp.Rational(at_beta), gamma: sp.Rational(at_gamma)}


def update_squared(gradients: list[Fraction], b: Fraction, c: Fraction) -> Fraction:
    """u^2 after the gradients, by Adam's recursion."""
    first = second = Fraction(0)
    for g in gradients:
        first, second = c * first + (1 - c) * g, b * second + (1 - b) * g**2
    steps = len(gradients)
    return first**2 * (1 - b**steps) / (second * (1 - c**steps) ** 2)


@pytest.mark.parametrize(("at_beta", "at_gamma"), PLACES)
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_worst_gradient_attains_the_worst_case(at_beta: str, at_gamma: str, steps: int) -> None:
    values = place(at_beta, at_gamma)
    gradients = [Fraction(str(worst_gradient(i, steps).subs(values))) for i in map(sp.Integer, range(steps))]
    worst = worst_case_squared(sp.Integer(steps)).subs(values).doit()
    assert update_squared(gradients, Fraction(at_beta), Fraction(at_gamma)) == Fraction(str(worst))
    assert sp.simplify(worst_case(sp.Integer(steps)).subs(values).doit() ** 2 - worst) == 0
    for i in range(steps):
        bent = [x * (Fraction(11, 10) if i == position else 1) for position, x in enumerate(gradients)]
        smaller = update_squared(bent, Fraction(at_beta), Fraction(at_gamma)) < Fraction(str(worst))
        assert smaller == (steps > 1)


def test_limit_at_the_pytorch_defaults() -> None:
    values = place("999/1000", "9/10")
    assert worst_case_limit_squared().subs(values) == sp.Rational(370, 7)
    assert abs(float(worst_case_limit().subs(values)) - 7.27029) < 1e-5


def test_on_the_stability_boundary() -> None:
    values = {**place("1/4", "1/2"), n: 6}
    assert worst_case_squared().subs(values).doit() == worst_case_squared_on_boundary().subs(values)


def test_definitions_are_the_methods_own() -> None:
    first, second, update = definitions()
    assert [d.function.__name__ for d in (first, second, update)] == ["m", "v", "u"]
    assert first.initial == second.initial == ((-1, 0),)
    assert not update.initial
    assert worst_gradient().free_symbols == {beta, gamma, k, n}
