"""Sums with a fixed number of terms from a symbolic index are written out: rightly, and only then."""

import pytest
import sympy as sp

from adamtheory.notation import g, gamma, j, k
from adamtheory.proof import Rejected, Scope, algebra, eq, gt, prove

SUM = sp.Sum(g(j), (j, k, k + 1))


@pytest.mark.parametrize(
    "claim",
    [
        eq(SUM, g(k) + g(k + 1)),
        eq(sp.Sum(g(j), (j, k, k)), g(k)),
        eq(sp.Sum(g(j), (j, k, k - 1)), 0),
        eq(sp.Sum(g(j) * g(k), (j, k + 1, k + 2)), g(k) * (g(k + 1) + g(k + 2))),
    ],
)
def test_written_out(claim) -> None:
    prove(Scope(), claim, algebra())


@pytest.mark.parametrize(
    "claim",
    [
        eq(SUM, g(k)),
        eq(SUM, g(k) + g(k + 2)),
        eq(SUM, 2 * g(k)),
        eq(sp.Sum(g(j), (j, k, k - 1)), g(k)),
        eq(sp.Sum(g(j), (j, k, k)), g(0)),
        eq(sp.Sum(g(j), (j, k, 2 * k)), g(k)),
    ],
)
def test_false_sums_are_rejected(claim) -> None:
    with pytest.raises(Rejected):
        prove(Scope(), claim, algebra())


def test_a_power_that_may_have_no_value_stays_in_the_sum() -> None:
    """gamma**(k - j) is one at j = k and needs gamma != 0 at j = k + 1."""
    with pytest.raises(Rejected):
        prove(Scope(), eq(sp.Sum(gamma ** (k - j), (j, k, k + 1)), 1 + 1 / gamma), algebra())
    prove(Scope((gt(gamma, 0),)), eq(sp.Sum(gamma ** (k - j), (j, k, k + 1)), 1 + 1 / gamma), algebra())
