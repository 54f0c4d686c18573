"""Finite geometric sums against exponentials: what Theorem 1's cases C = 0 and C < 0 rest on in discrete time."""

import sympy as sp

from adamtheory.notation import k, n
from adamtheory.proof import (
    ThisLibrary,
    antiderivative,
    cases,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    sign,
    tangent,
    theorem,
    under_integral,
)

x, s, c, q = sp.symbols("x s c q", real=True)
QUADRATIC = 1 + x + x**2 / 2
CUBIC = QUADRATIC + x**3 / 6
POWERS = sp.Sum(q**k, (k, 1, n + 1))


def raised(proof, below, primitive_below):
    """From below(s) <= exp(s) on [0, x]: the integral of below from 0 to x, plus 1, is at most exp(x)."""
    integrals = (sp.Integral(below.claim.lhs, (s, 0, x)), sp.Integral(sp.exp(s), (s, 0, x)))
    compared = proof.have(le(*integrals), under_integral(below, s))
    left = proof.have(eq(integrals[0], primitive_below.xreplace({s: x})), antiderivative(primitive_below))
    right = proof.have(eq(integrals[1], sp.exp(x) - 1), antiderivative(sp.exp(s)))
    return proof.have(
        le(1 + primitive_below.xreplace({s: x}), sp.exp(x)), combination((compared, 1), (left, -1), (right, 1))
    )


@theorem(source=ThisLibrary("elementary"), given=[ge(x, 0)], claim=le(QUADRATIC, sp.exp(x)))
def exponential_above_quadratic(proof):
    """exp(x) is at least 1 + x + x^2/2 for x >= 0: the tangent inequality, integrated."""
    here = proof.assume(le(0, s), le(s, x))
    line = here.have(le(1 + s, sp.exp(s)), tangent)
    return proof.conclude(raised(proof, line, s + s**2 / 2))


@theorem(source=ThisLibrary("elementary"), given=[ge(x, 0)], claim=le(CUBIC, sp.exp(x)))
def exponential_above_cubic(proof):
    """exp(x) is at least 1 + x + x^2/2 + x^3/6 for x >= 0."""
    here = proof.assume(le(0, s), le(s, x))
    parabola = here.cite("exponential_above_quadratic", {x: s})
    return proof.conclude(raised(proof, parabola, s + s**2 / 2 + s**3 / 6))


@theorem(
    source=ThisLibrary("elementary"), given=[gt(q, 0)], claim=eq((1 - q) * POWERS, q * (1 - q ** (n + 1)))
)
def geometric_sum_closed(proof):
    """(1 - q)(q + ... + q^N) = q(1 - q^N)."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    before = ind.have(claim, hypothesis)
    step = ind.have(claim.subs({n: n + 1}), combination((before, 1)))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


def margin(number):
    """What exp(c N) - c (q + ... + q^N) keeps above, for q <= 1 + c."""
    return 1 - number * c**2 / 2 + number * c**3 / 6 + number**2 * (number - 1) * c**4 / 12


@theorem(
    source=ThisLibrary("elementary"),
    given=[ge(c, 0), gt(q, 0), le(q, 1 + c)],
    claim=le(margin(n + 1), sp.exp(c * (n + 1)) - c * POWERS),
)
def exponential_outgrows_geometric_sum_with_margin(proof):
    """For 0 < q <= 1 + c, exp(cN) exceeds c(q + ... + q^N) by an explicit polynomial in c and N, by induction on N."""
    claim = proof.statement.claim
    ratio_bound = proof.have(le(q, 1 + c), hypothesis)
    cubic = proof.cite("exponential_above_cubic", {x: c})
    base = proof.have(claim.subs({n: sp.Integer(0)}), combination((cubic, 1), (ratio_bound, c)))
    ind = proof.assume(claim)
    before = ind.have(claim, hypothesis)
    parabola = ind.cite("exponential_above_quadratic", {x: c * (n + 1)})
    shifted = ind.cite("geometric_sum_closed")
    growth = c**2 / 2 + c**3 / 6
    rest = growth * QUADRATIC.xreplace({x: c * (n + 1)}) + (1 + c) * (margin(n + 1) - c) - margin(n + 2)
    step = ind.have(
        claim.subs({n: n + 1}),
        combination(
            (cubic, sp.exp(c * (n + 1))),
            (parabola, growth),
            (before, 1 + c),
            (ratio_bound, c * (1 + POWERS)),
            (shifted, c),
            plus=sp.factor(rest),
        ),
    )
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(source=ThisLibrary("elementary"), given=[ge(c, 0)], claim=ge(margin(n + 1), 0))
def margin_is_nonnegative(proof):
    """The polynomial margin is never negative: a sum of squares from N = 2 on, (c - 2)^2 (c + 1) + 2 at N = 1."""
    claim = proof.statement.claim
    first = proof.assume(eq(n, 0))
    start = first.have(eq(n, 0), hypothesis)
    one = first.have(claim, sign(((c - 2) ** 2 * (c + 1) + 2) / 6, start))
    later = proof.assume(ge(n, 1))
    at_least_one = later.have(ge(n, 1), hypothesis)
    form = (1 - (n + 1) * c**2 / 4) ** 2 + (n + 1) * c**3 / 6 + (n + 1) ** 2 * c**4 / 48
    more = later.have(claim, combination((at_least_one, (n + 1) ** 2 * c**4 / 12), plus=form))
    return proof.conclude(proof.have(claim, cases((eq(n, 0), one), (ge(n, 1), more))))


@theorem(
    source=ThisLibrary("elementary"),
    given=[ge(c, 0), gt(q, 0), le(q, 1 + c)],
    claim=le(c * POWERS, sp.exp(c * (n + 1))),
)
def exponential_outgrows_geometric_sum(proof):
    """For 0 < q <= 1 + c, c(q + ... + q^N) is at most exp(cN)."""
    kept = proof.cite("exponential_outgrows_geometric_sum_with_margin")
    positive = proof.cite("margin_is_nonnegative")
    return proof.conclude(proof.have(proof.statement.claim, combination((kept, 1), (positive, 1))))


@theorem(source=ThisLibrary("elementary"), given=[gt(q, 0), le(q, 1)], claim=le(POWERS, n + 1))
def geometric_sum_below_its_length(proof):
    """For 0 < q <= 1, q + ... + q^N is at most N."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}), sign(1 - q))
    ind = proof.assume(claim)
    before = ind.have(claim, hypothesis)
    step = ind.have(claim.subs({n: n + 1}), combination((before, 1), plus=1 - q ** (n + 2)))
    return proof.conclude(proof.have(claim, induction(n, base, step)))
