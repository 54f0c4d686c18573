"""Theorem 1 read literally for discrete Adam: true where C > 0, false for some hyperparameters with C <= 0, repaired.

The paper proves its bound for the continuous update.  Against the exact discrete worst case U_n it needs n + 1 instead
of n in B_n where C <= 0: n = 0 is the first of n + 1 gradients, not the end of an empty time.
"""

import sympy as sp

from adamtheory.bounds.adam import definitions, geometric_sum, printed_bound, repaired_bound, worst_case
from adamtheory.notation import beta, bias_correction, g, gamma, k, n, open_square, ratio, stability_exponent, u, v
from adamtheory.proof import (
    All,
    GouldTanaka,
    Iff,
    Implies,
    ThisLibrary,
    combination,
    conjunction,
    eq,
    equivalence,
    gt,
    hypothesis,
    implication,
    le,
    lt,
    polynomial,
    printed,
    sign,
    squares,
    theorem,
)

C = stability_exponent()
DEFINITIONS = definitions()
MOVED = [*open_square, gt(v(n), 0)]
SUM = geometric_sum()
POWERS = sp.Sum(ratio**k, (k, 1, n + 1))  # q S
SCALE_SQUARED = (bias_correction(n + 1) * (1 - gamma) / gamma) ** 2 * beta / (1 - beta)
REGIONS = {1: gt(C, 0), 0: eq(C, 0), -1: lt(C, 0)}


@theorem(source=ThisLibrary("elementary"), given=open_square, claim=eq(POWERS, ratio * SUM))
def geometric_sum_shifted(proof):
    """q + ... + q^(n+1) is q S."""
    q = sp.Symbol("q", real=True)
    closed = proof.cite("geometric_sum_closed", {q: ratio})
    return proof.conclude(proof.have(proof.statement.claim, combination((closed, 1))))


def below(proof, bound, share, strict=False):
    """U_n against a bound, from ``share``: the growth factor squared is at least q S."""
    squared = proof.have(
        (lt if strict else le)(worst_case() ** 2, bound**2), combination((share, SCALE_SQUARED))
    )
    return proof.have((lt if strict else le)(worst_case(), bound), squares(squared))


@theorem(
    source=ThisLibrary("discrete theory"), given=[*open_square, gt(C, 0)], claim=lt(worst_case(), printed_bound(1))
)
def worst_case_below_printed_bound(proof):
    """Where C > 0 the exact discrete worst case lies strictly below Theorem 1's bound.

    1 - C q S is q^(n+1) plus (beta - gamma)^2/beta^2 times S, hence positive."""
    q = sp.Symbol("q", real=True)
    closed = proof.cite("geometric_sum_closed", {q: ratio})
    shifted = proof.cite("geometric_sum_shifted")
    rest = ratio ** (n + 1) + (beta - gamma) ** 2 / beta**2 * SUM
    weight = 1 / (C * ratio)
    share = proof.have(
        lt(ratio * SUM, 1 / C), combination((closed, weight), (shifted, -(1 - ratio) * weight), plus=rest / C)
    )
    return proof.conclude(below(proof, printed_bound(1), share, strict=True))


@theorem(
    source=ThisLibrary("discrete theory"), given=[*open_square, eq(C, 0)], claim=le(worst_case(), repaired_bound(0))
)
def worst_case_below_repaired_bound_on_boundary(proof):
    """Where C = 0 the exact discrete worst case is at most Theorem 1's bound with n + 1 for n, since q <= 1."""
    q = sp.Symbol("q", real=True)
    small = proof.have(le(ratio, 1), polynomial())
    count = proof.knowing(small).cite("geometric_sum_below_its_length", {q: ratio})
    share = proof.have(
        le(ratio * SUM, n + 1), combination((count, 1), (proof.cite("geometric_sum_shifted"), -1))
    )
    return proof.conclude(below(proof, repaired_bound(0), share))


@theorem(
    source=ThisLibrary("discrete theory"), given=[*open_square, lt(C, 0)], claim=le(worst_case(), repaired_bound(-1))
)
def worst_case_below_repaired_bound_in_unstable_region(proof):
    """Where C < 0 the exact discrete worst case is at most Theorem 1's bound with n + 1 for n, since q <= 1 + |C|."""
    c, q = sp.symbols("c q", real=True)
    ratio_bound = proof.have(le(ratio, 1 - C), polynomial())
    grown = proof.knowing(ratio_bound).cite("exponential_outgrows_geometric_sum", {c: -C, q: ratio})
    share = proof.have(
        le(ratio * SUM, sp.exp(-C * (n + 1)) / (-C)),
        combination((grown, -1 / C), (proof.cite("geometric_sum_shifted"), -1)),
    )
    return proof.conclude(below(proof, repaired_bound(-1), share))


def through_worst_case(proof, name):
    """|u_n| <= U_n, then the named comparison of U_n with a bound."""
    worst = proof.cite("max_update_upper_bound")
    compared = proof.cite(name)
    strict = compared.claim.op == "<"
    chain = proof.chain(sp.Abs(u(n))).le(worst_case(), hypothesis, using=[worst])
    step = chain.lt if strict else chain.le
    return step(compared.claim.rhs, hypothesis, using=[compared]).done()


@theorem(
    source=GouldTanaka("Theorem 1, for the discrete update, C > 0"),
    where=DEFINITIONS,
    given=[*MOVED, gt(C, 0)],
    claim=lt(sp.Abs(u(n)), printed_bound(1)),
)
def max_update_bound_discrete(proof):
    """Theorem 1 holds for discrete Adam where C > 0, strictly: no coordinate of the update reaches the bound."""
    return proof.conclude(through_worst_case(proof, "worst_case_below_printed_bound"))


@theorem(
    source=ThisLibrary("Theorem 1 of Gould & Tanaka 2024, repaired for the discrete update"),
    where=DEFINITIONS,
    given=MOVED,
    claim=All(tuple(Implies(region, le(sp.Abs(u(n)), repaired_bound(s))) for s, region in REGIONS.items())),
)
def max_update_bound_discrete_repaired(proof):
    """Theorem 1 for discrete Adam, all beta, gamma in (0, 1) and n >= 0: n + 1 instead of n in B_n where C <= 0."""
    names = {
        1: "worst_case_below_printed_bound",
        0: "worst_case_below_repaired_bound_on_boundary",
        -1: "worst_case_below_repaired_bound_in_unstable_region",
    }
    parts = []
    for (s, region), part in zip(REGIONS.items(), proof.statement.claim.parts, strict=True):
        inside = proof.assume(region)
        found = through_worst_case(inside, names[s])
        if found.claim != part.conclusion:
            found = inside.weaken(part.conclusion, found)
        parts.append(proof.have(part, implication(found)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


theorem_one_discrete_on_boundary = printed(
    name="theorem_one_discrete_on_boundary",
    title="Theorem 1 read for discrete Adam where C = 0",
    source=GouldTanaka("Theorem 1, C = 0"),
    where=DEFINITIONS,
    given=[*MOVED, eq(C, 0)],
    claim=le(sp.Abs(u(n)), printed_bound(0)),
    witness={beta: sp.Rational(1, 3), gamma: sp.Rational(1, 2), n: 0, g: [1]},
    repaired="max_update_bound_discrete_repaired",
    why="at n = 0 the bound is 0, but |u_0| = 1 for every gradient that is not zero",
)

theorem_one_discrete_on_boundary_after_first_step = printed(
    name="theorem_one_discrete_on_boundary_after_first_step",
    title="Theorem 1 read for discrete Adam where C = 0, after the first step",
    source=GouldTanaka("Theorem 1, C = 0"),
    where=DEFINITIONS,
    given=[*MOVED, eq(C, 0), gt(n, 0)],
    claim=le(sp.Abs(u(n)), printed_bound(0)),
    witness={beta: sp.Rational(1, 3), gamma: sp.Rational(1, 2), n: 1, g: [3, 2]},
    repaired="max_update_bound_discrete_repaired",
    why="the worst gradients (ratio beta/gamma a step) pass the bound at n = 1 as well",
)

theorem_one_discrete_in_unstable_region = printed(
    name="theorem_one_discrete_in_unstable_region",
    title="Theorem 1 read for discrete Adam where C < 0",
    source=GouldTanaka("Theorem 1, C < 0"),
    where=DEFINITIONS,
    given=[*MOVED, lt(C, 0)],
    claim=le(sp.Abs(u(n)), printed_bound(-1)),
    witness={beta: sp.Rational(1, 3), gamma: sp.Rational(2, 3), n: 0, g: [1]},
    repaired="max_update_bound_discrete_repaired",
    why="C = -1 and q = 4/3 give the bound sqrt(3)/2 at n = 0, but |u_0| = 1",
)

theorem_one_discrete_in_unstable_region_after_first_step = printed(
    name="theorem_one_discrete_in_unstable_region_after_first_step",
    title="Theorem 1 read for discrete Adam where C < 0, after the first step",
    source=GouldTanaka("Theorem 1, C < 0"),
    where=DEFINITIONS,
    given=[*MOVED, lt(C, 0), gt(n, 0)],
    claim=le(sp.Abs(u(n)), printed_bound(-1)),
    witness={beta: sp.Rational(1, 3), gamma: sp.Rational(2, 3), n: 1, g: [2, 1]},
    repaired="max_update_bound_discrete_repaired",
    why="the worst gradients (ratio beta/gamma a step) pass the bound at n = 1 as well",
)


@theorem(
    source=ThisLibrary("Theorem 1 of Gould & Tanaka 2024, for the discrete update"),
    given=[*open_square, lt(C, 0)],
    claim=Iff(le(1, printed_bound(-1, sp.Integer(1))), le(-C * gamma**2, beta)),
)
def printed_bound_allows_first_step(proof):
    """Where C < 0, Theorem 1's bound allows the first discrete step, |u_0| = 1, exactly where |C| gamma^2 <= beta."""
    allowed, region = proof.statement.claim.left, proof.statement.claim.right
    bound = allowed.rhs
    value = proof.have(eq(bound**2, beta / (gamma**2 * -C)))
    nonnegative = proof.have(le(0, bound), sign())
    inside = proof.assume(region)
    holds = inside.have(region, hypothesis)
    squared = inside.have(le(1, bound**2), combination((holds, -1 / (C * gamma**2)), (value, -1)))
    backward = inside.have(allowed, squares(squared), using=[nonnegative])
    beyond = proof.assume(allowed)
    large = beyond.have(allowed, hypothesis)
    more = beyond.have(le(1, bound**2), combination((large, 1 + bound)), using=[nonnegative])
    forward = beyond.have(region, combination((more, -C * gamma**2), (value, -C * gamma**2)))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))
