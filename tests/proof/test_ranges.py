"""The range of a sum or integral is decided without what is known of sums: each has a range, and so on without end."""

import pytest
import sympy as sp

from adamtheory.notation import W, coordinate, inner, k, n, t, tau
from adamtheory.proof import Rejected, Scope, algebra, eq, ge, gt, le, lt, polynomial, prove, sign

a, b, x = sp.symbols("a b x", real=True)
f = sp.Function("f", real=True)
PRODUCT = sp.Abs(inner(W(coordinate, n), W(coordinate, n + 1)))
AREA = sp.Abs(sp.Integral(f(tau), (tau, 0, t)))
NESTED = sp.Abs(sp.Sum(sp.Abs(sp.Sum(f(coordinate), (coordinate, 0, k))), (k, 0, n)))


def scope(*hypotheses) -> Scope:
    return Scope(tuple(hypotheses))


def proved(scope: Scope, claim, rule) -> bool:
    sequent = prove(scope, claim, rule)
    return sequent.claim == claim and sequent.hypotheses == set(scope.hypotheses)


@pytest.mark.parametrize("size", [PRODUCT, NESTED])
def test_polynomials_where_a_hypothesis_holds_the_size_of_a_sum(size) -> None:
    assert proved(scope(le(size, a), gt(b, 0)), gt(b**2 + b, 0), polynomial())
    assert proved(scope(le(size, a)), ge(a, 0), polynomial())


def test_the_size_of_an_integral() -> None:
    assert proved(scope(ge(t, 0), le(AREA, a), gt(b, 0)), gt(b**2 + b, 0), polynomial())
    assert proved(scope(ge(t, 0), le(AREA, a)), ge(a, 0), polynomial())


def test_two_sizes() -> None:
    other = sp.Abs(sp.Sum(f(k) ** 2, (k, 0, n)))
    assert proved(scope(le(PRODUCT, a), le(other, b)), ge(a + b, 0), polynomial())


SQUARES = sp.Sum(f(k) ** 2 + 1, (k, 1, n))


@pytest.mark.parametrize(
    ("hypotheses", "claim"),
    [
        ((le(PRODUCT, a),), gt(a, 0)),
        ((le(PRODUCT, a),), le(a, 0)),
        ((le(sp.Abs(SQUARES), a),), gt(a, 0)),  # no terms at n = 0
        ((le(sp.Abs(SQUARES), a),), gt(SQUARES, 0)),
        ((le(NESTED, a), lt(b, 1)), gt(b, 0)),
    ],
)
def test_nothing_false_follows(hypotheses, claim) -> None:
    with pytest.raises(Rejected):
        prove(scope(*hypotheses), claim, polynomial())


def test_a_range_is_still_decided_by_what_is_known_of_its_ends() -> None:
    assert proved(scope(le(sp.Abs(SQUARES), a), ge(n, 1)), gt(SQUARES, 0), sign())
    with pytest.raises(Rejected):
        prove(scope(le(sp.Abs(SQUARES), a)), gt(SQUARES, 0), sign())


def test_algebra_in_such_a_scope() -> None:
    assert proved(scope(le(PRODUCT, a), gt(x, 0)), eq(sp.sqrt(x**2), x), algebra())
