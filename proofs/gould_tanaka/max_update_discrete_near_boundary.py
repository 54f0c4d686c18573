"""Where Theorem 1 does hold for discrete Adam as printed beyond C > 0: for C < 0 near 0, and on C = 0 for later n.

The case C < 0 needs c(q + ... + q^(n+1)) <= exp(c n) with c = |C| and q <= 1 + c, one factor exp(c) less than the
repaired bound.  Powers of 1 + c fall behind exp(c n) by 1 + n c^2/2, nearly, and that pays for the difference where c
is small: c <= 7/100 is proved here, and at c = 1/8 the printed bound fails.
"""

import sympy as sp

from adamtheory.bounds.adam import definitions, geometric_sum, printed_bound, worst_case
from adamtheory.notation import beta, bias_correction, g, gamma, k, n, open_square, ratio, stability_exponent, u, v
from adamtheory.proof import (
    GouldTanaka,
    ThisLibrary,
    algebra,
    combination,
    enclose,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    polynomial,
    printed,
    squares,
    tangent,
    theorem,
)

C = stability_exponent()
NEAR = sp.Rational(7, 100)
KAPPA = sp.Rational(47, 100)  # below 1/2, the limit of (exp(c)/(1 + c) - 1)/c^2
c, q = sp.symbols("c q", real=True)
POWERS = sp.Sum(q**k, (k, 1, n + 1))
SMALL = (ge(c, 0), le(c, NEAR))
ON_THE_STRIP = {beta: 1 / (2 / gamma - 1 + NEAR / (n + 1))}  # C = -7/100/(n + 1): points of a thin region
LATER = le(ratio, n * (1 - ratio))  # n >= q/(1 - q)
LATE = {gamma: n / (2 * (n + 1))}
LEAD = 1 + KAPPA * n * c**2


@theorem(
    source=ThisLibrary("elementary"),
    given=[ge(c, 0), gt(q, 0), le(q, 1 + c)],
    claim=le(c * POWERS, (1 + c) ** (n + 2) - (1 + c)),
)
def geometric_sum_grows_with_its_ratio(proof):
    """For 0 < q <= 1 + c, c(q + ... + q^(n+1)) is at most (1 + c)^(n+2) - (1 + c), its value at q = 1 + c."""
    claim = proof.statement.claim
    above = proof.have(le(q, 1 + c), hypothesis)
    base = proof.have(claim.subs({n: sp.Integer(0)}), combination((above, c)))
    ind = proof.assume(claim)
    before, shifted = ind.have(claim, hypothesis), ind.cite("geometric_sum_closed")
    step = ind.have(
        claim.subs({n: n + 1}), combination((before, 1 + c), (above, c * (1 + POWERS)), (shifted, c))
    )
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(source=ThisLibrary("elementary"), given=SMALL, claim=le((1 + c) ** n * LEAD, sp.exp(c * n)))
def powers_fall_behind_exponential(proof):
    """For 0 <= c <= 7/100, (1 + c)^n (1 + 47/100 n c^2) is at most exp(c n): Bernoulli on exp(c)/(1 + c)."""
    claim = proof.statement.claim
    cubic = proof.cite("exponential_above_cubic", {sp.Symbol("x", real=True): c})
    room = proof.have(le((1 + c) * (1 + KAPPA * c**2), cubic.claim.lhs), polynomial())
    one = proof.have(
        le((1 + c) * (1 + KAPPA * c**2), sp.exp(c)), combination((room, 1), (cubic, 1))
    )
    base = proof.have(claim.subs({n: sp.Integer(0)}), algebra())
    ind = proof.assume(claim)
    before = ind.have(claim, hypothesis)
    step = ind.have(
        claim.subs({n: n + 1}),
        combination(
            (one, sp.exp(c * n)),
            (before, (1 + c) * (1 + KAPPA * c**2)),
            plus=(1 + c) ** (n + 1) * KAPPA**2 * n * c**4,
        ),
    )
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=ThisLibrary("elementary"),
    given=SMALL,
    claim=le(c * sp.exp(c * n) * (2 + c - KAPPA * c * n), 1 + c),
)
def exponential_times_falling_line_is_small(proof):
    """For 0 <= c <= 7/100, c exp(cn)(2 + c - 47/100 cn) is at most 1 + c: the tangent inequality at its maximum."""
    height = c * KAPPA * sp.exp((2 + c) / KAPPA - 1)
    x = (2 + c) / KAPPA - 1 - c * n
    line = proof.have(le(1 + x, sp.exp(x)), tangent)
    peak = proof.have(
        le(c * sp.exp(c * n) * (2 + c - KAPPA * c * n), height), combination((line, c * KAPPA * sp.exp(c * n)))
    )
    low = proof.have(le(height, 1 + c), enclose({c: (0, NEAR)}))
    return proof.conclude(proof.have(proof.statement.claim, combination((peak, 1), (low, 1))))


@theorem(
    source=ThisLibrary("elementary"),
    given=[*SMALL, gt(q, 0), le(q, 1 + c)],
    claim=le(c * POWERS, sp.exp(c * n)),
)
def exponential_outgrows_longer_geometric_sum(proof):
    """For 0 < q <= 1 + c and c <= 7/100, c(q + ... + q^(n+1)) is at most exp(c n)."""
    powers = proof.cite("geometric_sum_grows_with_its_ratio")
    behind = proof.cite("powers_fall_behind_exponential")
    small = proof.cite("exponential_times_falling_line_is_small")
    weights = ((powers, 1), (behind, (1 + c) ** 2 / LEAD), (small, 1 / LEAD))
    rest = (1 + c) * KAPPA * n * c**2 / LEAD
    return proof.conclude(proof.have(proof.statement.claim, combination(*weights, plus=rest)))


def under_printed_bound(proof, case, share):
    """U_n is at most the printed bound of the case, from ``share``: q S is at most the growth factor squared."""
    scale = (bias_correction(n + 1) * (1 - gamma) / gamma) ** 2 * beta / (1 - beta)
    squared = proof.have(le(worst_case() ** 2, printed_bound(case) ** 2), combination((share, scale)))
    return proof.have(le(worst_case(), printed_bound(case)), squares(squared))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, lt(C, 0), le(-NEAR, C)],
    claim=le(worst_case(), printed_bound(-1)),
    sample=ON_THE_STRIP,
)
def worst_case_below_printed_bound_near_boundary(proof):
    """Where -7/100 <= C < 0 the exact discrete worst case is at most Theorem 1's bound as printed."""
    ratio_bound = proof.have(le(ratio, 1 - C), polynomial())
    grown = proof.knowing(ratio_bound).cite("exponential_outgrows_longer_geometric_sum", {c: -C, q: ratio})
    shifted = proof.cite("geometric_sum_shifted")
    share = proof.have(
        le(ratio * geometric_sum(), sp.exp(-C * n) / (-C)), combination((grown, -1 / C), (shifted, -1))
    )
    return proof.conclude(under_printed_bound(proof, -1, share))


@theorem(
    source=ThisLibrary("Theorem 1 of Gould & Tanaka 2024, for the discrete update"),
    where=definitions(),
    given=[*open_square, gt(v(n), 0), lt(C, 0), le(-NEAR, C)],
    claim=le(sp.Abs(u(n)), printed_bound(-1)),
    sample=ON_THE_STRIP,
)
def max_update_bound_discrete_near_boundary(proof):
    """Theorem 1 holds for discrete Adam as printed, at every n, where -7/100 <= C < 0."""
    worst = proof.cite("max_update_upper_bound")
    compared = proof.cite("worst_case_below_printed_bound_near_boundary")
    return proof.conclude(proof.have(proof.statement.claim, combination((worst, 1), (compared, 1))))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, eq(C, 0), LATER],
    claim=le(worst_case(), printed_bound(0)),
    sample=LATE,
)
def worst_case_below_printed_bound_later_on_boundary(proof):
    """On C = 0 the exact discrete worst case is at most Theorem 1's bound as printed from n = q/(1 - q) on."""
    proof = proof.knowing(proof.have(lt(ratio, 1), polynomial()))
    late, closed = proof.have(LATER, hypothesis), proof.cite("geometric_sum_closed", {q: ratio})
    shifted = proof.cite("geometric_sum_shifted")
    weights = ((late, 1 / (1 - ratio)), (closed, 1 / (1 - ratio)), (shifted, -1))
    share = proof.have(le(ratio * geometric_sum(), n), combination(*weights, plus=ratio ** (n + 2) / (1 - ratio)))
    return proof.conclude(under_printed_bound(proof, 0, share))


@theorem(
    source=ThisLibrary("Theorem 1 of Gould & Tanaka 2024, for the discrete update"),
    where=definitions(),
    given=[*open_square, gt(v(n), 0), eq(C, 0), LATER],
    claim=le(sp.Abs(u(n)), printed_bound(0)),
    sample=LATE,
)
def max_update_bound_discrete_later_on_boundary(proof):
    """Theorem 1 holds for discrete Adam as printed on C = 0 once n >= q/(1 - q), where q = gamma^2/beta < 1."""
    worst = proof.cite("max_update_upper_bound")
    compared = proof.cite("worst_case_below_printed_bound_later_on_boundary")
    return proof.conclude(proof.have(proof.statement.claim, combination((worst, 1), (compared, 1))))


theorem_one_discrete_at_small_exponent = printed(
    name="theorem_one_discrete_at_small_exponent",
    title="Theorem 1 read for discrete Adam where C < 0 is no less than -1/8",
    source=GouldTanaka("Theorem 1, C < 0"),
    where=definitions(),
    given=[*open_square, gt(v(n), 0), lt(C, 0), le(sp.Rational(-1, 8), C)],
    claim=le(sp.Abs(u(n)), printed_bound(-1)),
    witness={
        beta: sp.Rational(3992, 4507),
        gamma: sp.Rational(499, 500),
        n: 23,
        # integers near the worst gradients, (4507/4000)^(23 - k)
        g: [47, 41, 37, 33, 29, 26, 23, 20, 18, 16, 14, 13, 11, 10, 9, 8, 7, 6, 5, 5, 4, 4, 3, 3],
    },
    repaired="max_update_bound_discrete_near_boundary",
    why="gamma near 1 makes q near 1 + |C|; the first step is allowed here, step 23 is not",
)
