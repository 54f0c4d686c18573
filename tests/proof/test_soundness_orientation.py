"""A sum whose constants are written as functions (decay factors of a level) has the normal form of one with symbols."""

import pytest
import sympy as sp

from adamtheory.notation import g, k, n
from adamtheory.proof import Rejected, Scope, algebra, eq, gt, prove

level = sp.Symbol("level", integer=True, nonnegative=True)
b = sp.Function("b", real=True)
RATE = b(level)
SCOPE = Scope((gt(RATE, 0),))


def turned(body, of=k):
    """Two sums: the terms as they are, and from the last to the first."""
    return sp.Sum(body, (of, 0, n)), sp.Sum(body.subs(of, n - of), (of, 0, n))


def test_a_geometric_sum_may_be_read_backwards():
    forwards, backwards = turned(RATE**k)
    assert prove(SCOPE, eq(forwards, backwards), algebra()).claim == eq(forwards, backwards)


@pytest.mark.parametrize(
    "claim",
    [
        eq(sp.Sum(RATE**k, (k, 0, n)), sp.Sum(RATE ** (n - k + 1), (k, 0, n))),  # off by one
        eq(sp.Sum(RATE**k, (k, 0, n)), sp.Sum(RATE ** (-k), (k, 0, n))),
        eq(sp.Sum(b(k) * g(k), (k, 0, n)), sp.Sum(b(k) * g(n - k), (k, 0, n))),
        eq(sp.Sum(RATE**k * g(k), (k, 0, n)), sp.Sum(RATE**k * g(n - k), (k, 0, n))),
        eq(sp.Sum(RATE ** (n - k) * g(k), (k, 0, n)), sp.Sum(RATE**k * g(k), (k, 0, n))),
    ],
    ids=str,
)
def test_a_sequence_fixes_the_direction(claim):
    with pytest.raises(Rejected):
        prove(SCOPE, claim, algebra())
