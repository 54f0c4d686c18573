"""Negative controls: growth by a power, alternatives, the mean value theorem along a curve, split logarithms, signs."""

from __future__ import annotations

import pytest
import sympy as sp

from adamtheory.notation import n
from adamtheory.proof import (
    Bounded,
    Either,
    Library,
    Proof,
    Proposition,
    Rejected,
    TheoremStatement,
    ThisLibrary,
    algebra,
    along,
    differentiation,
    either,
    eq,
    ge,
    gt,
    hypothesis,
    le,
    lt,
    ne,
    polynomial,
    sign,
    unbounded_by,
)

x, y, a, b = sp.symbols("x y a b", real=True)


def started(*given: Proposition) -> Proof:
    statement = TheoremStatement(name="scratch", title="", source=ThisLibrary(), claim=eq(0, 0), given=given)
    return Proof(statement, Library([statement]))


def test_growth_of_a_square_needs_a_nonnegative_expression() -> None:
    proof = started()
    growth = proof.have(le(2 * n - 1, n**2), sign((n - 1) ** 2))
    assert proof.have(Bounded(n, n, holds=False), unbounded_by(growth, 2, power=2)).claim == Bounded(n, n, False)
    with pytest.raises(Rejected, match=r"unbounded\.sign"):  # -n is bounded above, although its square grows
        proof.have(Bounded(-n, n, holds=False), unbounded_by(growth, 2, power=2))
    with pytest.raises(Rejected, match=r"unbounded\.power"):
        proof.have(Bounded(n, n, holds=False), unbounded_by(growth, 2, power=0))


def test_an_alternative_has_to_be_one_of_those_claimed_and_proved_here() -> None:
    proof = started(gt(x, 1))
    part = proof.have(gt(x, 0), polynomial())
    claim = Either((gt(x, 0), gt(y, 0)))
    assert proof.have(claim, either(part)).claim == claim
    with pytest.raises(Rejected, match=r"disjunction\.parts"):
        proof.have(Either((gt(y, 0), gt(x, 2))), either(part))
    borrowed = proof.assume(gt(y, 0))
    other = borrowed.have(gt(y, 0), hypothesis)
    with pytest.raises(Rejected, match=r"disjunction\.hypotheses"):
        proof.have(claim, either(other))


def test_along_a_curve_the_slope_must_hold_at_every_point_between() -> None:
    loose, proof = started(), started(lt(a, b))
    here = loose.assume(le(a, x), le(x, b))
    slope = sp.Derivative(x**3 / 3 + x, x)
    positive = here.have(lt(0, slope), sign(None, here.have(eq(slope, x**2 + 1), differentiation)))
    ends = [(p**3 / 3 + p) for p in (a, b)]
    assert proof.have(lt(*ends), along(positive, x, a, b)).rule == "mean value theorem"
    with pytest.raises(Rejected, match=r"along\.left"):
        proof.have(lt(ends[1], ends[0]), along(positive, x, a, b))
    with pytest.raises(Rejected, match=r"along\.order"):
        loose.have(lt(*ends), along(positive, x, a, b))
    with pytest.raises(Rejected, match=r"along\.slope"):
        proof.have(le(*ends), along(positive, x, a, b))
    narrow = here.assume(ge(x, 0))
    slope = narrow.have(eq(sp.Derivative(x**2, x), 2 * x), differentiation)
    rising = narrow.have(ge(sp.Derivative(x**2, x), 0), sign(None, slope))
    with pytest.raises(Rejected, match=r"along\.hypotheses"):
        proof.have(le(a**2, b**2), along(rising, x, a, b))


def test_logarithms_split_only_where_every_factor_is_positive() -> None:
    positive = started(gt(x, 0), gt(y, 0))
    assert positive.have(eq(sp.log(x / y**3), sp.log(x) - 3 * sp.log(y)), algebra())
    negative = started(lt(x, 0), lt(y, 0))
    assert negative.have(eq(sp.log(x * y), sp.log(x * y)), algebra())
    for wrong in (eq(sp.log(x * y), sp.log(x) + sp.log(y)), eq(sp.log(x**2), 2 * sp.log(x))):
        with pytest.raises(Rejected):
            negative.have(wrong, algebra())
    with pytest.raises(Rejected, match=r"algebra\.normal_form"):
        positive.have(eq(sp.log(x / y), sp.log(x) + sp.log(y)), algebra())


def test_a_sign_is_a_quotient_only_away_from_zero() -> None:
    assert started(ne(x, 0)).have(eq(sp.sign(x) ** 2, 1), algebra())
    assert started(lt(x, 0)).have(eq(sp.sign(x), -1), algebra())
    with pytest.raises(Rejected):
        started().have(eq(sp.sign(x) ** 2, 1), algebra())
