"""Powers with symbolic exponents in the normal form: what holds for positive bases only, and what never holds."""

import pytest
import sympy as sp

from adamtheory.notation import beta, gamma, j, k, n, open_square
from adamtheory.proof.kernel import Rejected, Scope, Sequent, prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.propositions import Relation, eq, ge, gt, lt, ne

POSITIVE = Scope(open_square)
NEGATIVE = Scope((lt(beta, 0), lt(gamma, 0)))
half = n / 2


def accepted(claim: Relation, scope: Scope = POSITIVE) -> Sequent:
    return prove(scope, claim, Algebra())


@pytest.mark.parametrize(
    "claim",
    [
        eq((beta * gamma) ** half, beta**half * gamma**half),
        eq((beta / gamma) ** half, beta**half / gamma**half),
        eq((beta / gamma) ** n, (beta / gamma) ** half * (beta / gamma) ** half),
        eq((beta ** (half + sp.Rational(1, 2))) ** 2, beta ** (n + 1)),
        eq(beta ** (half + sp.Rational(1, 2)), sp.sqrt(beta) * beta**half),
        eq(sp.exp(n * sp.log(beta)), beta**n),
        eq(sp.exp(n * sp.log(beta / gamma) / 2) ** 2, beta**n / gamma**n),
        eq(4 * sp.sinh(n * sp.log(gamma) / 2) ** 2, gamma**n + gamma ** (-n) - 2),
        eq(
            sp.Sum(gamma**k / ((1 - beta) ** 2 * beta**k), (k, 0, n)),
            sp.Sum((gamma / beta) ** j, (j, 0, n)) / (1 - beta) ** 2,
        ),
    ],
    ids=str,
)
def test_true_for_positive_bases(claim: Relation) -> None:
    accepted(claim)


@pytest.mark.parametrize(
    "claim",
    [
        eq((beta * gamma) ** half, beta**half * gamma**n),
        eq((beta / gamma) ** half, beta**half * gamma**half),
        eq(beta ** (half + sp.Rational(1, 2)), beta * beta**half),
        eq((beta ** (half + sp.Rational(1, 2))) ** 2, beta**n),
        eq(sp.exp(n * sp.log(beta)), gamma**n),
        eq(sp.exp(n * sp.log(beta / gamma) / 2), beta**n / gamma**n),
        eq(sp.exp(n * sp.log(beta) * sp.log(gamma)), beta**n),
        eq(4 * sp.sinh(n * sp.log(gamma) / 2) ** 2, gamma**n + gamma ** (-n) + 2),
        eq(
            sp.Sum(gamma**k / ((1 - beta) ** 2 * beta**k), (k, 0, n)),
            sp.Sum((gamma / beta) ** j, (j, 0, n)) / (1 - beta),
        ),
    ],
    ids=str,
)
def test_false_is_rejected(claim: Relation) -> None:
    with pytest.raises(Rejected):
        accepted(claim)


def test_negative_bases_are_not_taken_apart() -> None:
    """(beta gamma)^(n/2) has a value for two negative numbers, but beta^(n/2) has none."""
    with pytest.raises(Rejected):
        accepted(eq((beta * gamma) ** half, beta**half * gamma**half), NEGATIVE)


def test_logarithm_of_what_may_be_negative_has_no_value() -> None:
    with pytest.raises(Rejected, match=r"defined\.logarithm"):
        accepted(eq(sp.exp(n * sp.log(beta)), beta**n), Scope((ne(beta, 0),)))


def test_root_of_a_square_needs_the_sign() -> None:
    """(x^2)^(n/2) = x^n for x > 0, and fails for x < 0 at odd n."""
    claim = eq((beta**2) ** half, beta**n)
    accepted(claim, Scope((gt(beta, 0),)))
    for scope in (Scope((lt(beta, 0),)), Scope((ge(beta**2, 1),))):
        with pytest.raises(Rejected):
            accepted(claim, scope)
