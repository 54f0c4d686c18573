"""Theorem 1's bound as printed and as repaired, against numbers worked out by hand and against its own parts."""

from __future__ import annotations

import pytest
import sympy as sp

from adamtheory.bounds.adam import printed_bound, printed_growth, repaired_bound, worst_case_squared
from adamtheory.notation import beta, gamma, n

HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)


def squared(bound: sp.Expr, at_beta: sp.Rational, at_gamma: sp.Rational, at: int) -> sp.Expr:
    return sp.nsimplify(sp.simplify(bound.subs({beta: at_beta, gamma: at_gamma, n: at}).doit() ** 2))


def test_first_step_on_the_boundary() -> None:
    assert squared(printed_bound(0), THIRD, HALF, 0) == 0
    assert squared(repaired_bound(0), THIRD, HALF, 0) == sp.Rational(4, 3)


def test_second_step_on_the_boundary_lies_below_the_worst_case() -> None:
    worst = worst_case_squared().subs({beta: THIRD, gamma: HALF, n: 1}).doit()
    printed, repaired = (squared(bound(0), THIRD, HALF, 1) for bound in (printed_bound, repaired_bound))
    assert printed == sp.Rational(64, 81) < worst == sp.Rational(28, 27) < repaired == sp.Rational(128, 81)


def test_first_step_in_the_unstable_region() -> None:
    assert squared(printed_bound(-1), THIRD, 2 * THIRD, 0) == sp.Rational(3, 4)


def test_the_repair_changes_nothing_in_the_stable_region() -> None:
    assert repaired_bound(1) == printed_bound(1)


@pytest.mark.parametrize("sign", [2, -2])
def test_another_sign_is_refused(sign: int) -> None:
    for function in (printed_growth, printed_bound, repaired_bound):
        with pytest.raises(ValueError, match="sign must be an integer"):
            function(sign)
