"""The levels of k-Adam at eps = 0, for any number of levels and any gradients that start non-zero.

Level ``level`` + 1 normalises u(0, level), u(1, level), ...; u(n, 0) = g(n).  The first update of every level is a
sign, so every level has a value at every step, and Adam's exact worst case bounds each with its own decay factors.
"""

import sympy as sp

from adamtheory.bounds.adam import (
    geometric_sum,
    printed_bound,
    repaired_bound,
    worst_case,
    worst_case_limit,
    worst_case_squared,
)
from adamtheory.bounds.kadam import (
    ABOVE,
    at_level,
    average,
    betas,
    each,
    every_level,
    family,
    gammas,
    level,
    some_levels,
)
from adamtheory.notation import beta, g, gamma, j, k, n, stability_exponent, u
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Implies,
    ThisLibrary,
    algebra,
    at,
    combination,
    conjunction,
    eq,
    for_all,
    gt,
    hypothesis,
    implication,
    induction,
    le,
    lt,
    ne,
    sign,
    squares,
    telescoping,
    theorem,
    under_sum,
)

b, c = ABOVE
STARTED = [every_level(), ne(g(0), 0)]


def rates_above(proof):
    """0 < beta, gamma < 1 at level + 1."""
    return proof.have(every_level().body.subs({each: level + 1}), at(every_level(), level + 1))


def first_step(proof, below, value, nonzero):
    """u(0, below + 1) = sign(g(0)), from what u(0, below) is."""
    rates = proof.have(every_level().body.subs({each: below + 1}), at(every_level(), below + 1))
    proof = proof.knowing(rates, nonzero)
    alone = sp.Sum(u(k, below) ** 2 / betas(below + 1) ** k, (k, 0, 0))
    proof = proof.knowing(proof.have(gt(alone, 0), sign(u(0, below) ** 2)))
    root = proof.have(eq(sp.sqrt(alone), sp.Abs(u(0, below))), squares(proof.have(eq(alone, u(0, below) ** 2))))
    x, size = u(0, below), sp.Abs(u(0, below))
    inverse = (root, -x / (size * sp.sqrt(alone)))
    line = proof.have(eq(u(0, below + 1), x / size), combination((proof.unfold(u(0, below + 1)), 1), inverse))
    return proof.have(eq(u(0, below + 1), sp.sign(g(0))), algebra(line, *value))


@theorem(
    source=GouldTanaka("Definition 3"),
    where=[family()],
    given=STARTED,
    sample=some_levels,
    claim=eq(u(0, level + 1), sp.sign(g(0))),
)
def kadam_first_step_is_sign(proof):
    """The first update of every level of k-Adam is the sign of the first gradient."""
    claim, zero = proof.statement.claim, sp.Integer(0)
    start = proof.unfold(u(0, zero))
    base = first_step(proof, zero, [start], proof.have(ne(u(0, zero), 0), sign(-g(0), start)))
    ind = proof.assume(claim)
    before = ind.have(claim, hypothesis)
    nonzero = ind.have(ne(u(0, level + 1), 0), sign(-sp.sign(g(0)), before))
    one = ind.have(eq(u(0, level + 1) ** 2, 1), algebra(before))
    size = ind.have(eq(sp.Abs(u(0, level + 1)), 1), squares(one))
    step = first_step(ind, level + 1, [size, before], nonzero)
    return proof.conclude(proof.have(claim, induction(level, base, step)))


@theorem(
    source=GouldTanaka("Definition 3"),
    where=[family()],
    given=STARTED,
    sample=some_levels,
    claim=gt(average(b, u(k, level) ** 2), 0),
)
def kadam_levels_are_defined(proof):
    """Gradients that start non-zero keep every level's second average positive: k-Adam then always has a value."""
    claim = ne(u(0, level), 0)
    start = proof.unfold(u(0, sp.Integer(0)))
    base = proof.have(claim.subs({level: sp.Integer(0)}), sign(-g(0), start))
    ind = proof.assume(claim)
    signed = ind.cite("kadam_first_step_is_sign")
    step = ind.have(claim.subs({level: level + 1}), sign(-sp.sign(g(0)), signed))
    first = proof.have(claim, induction(level, base, step))
    later = sp.Sum(b ** (n - k) * u(k, level) ** 2, (k, 1, n))
    form = (1 - b) / (1 - b ** (n + 1)) * (b**n * u(0, level) ** 2 + later)
    return proof.conclude(proof.have(proof.statement.claim, sign(form), using=[rates_above(proof), first]))


@theorem(
    source=ThisLibrary("Theorem 3 of Gould & Tanaka 2024, for the discrete update"),
    where=[family()],
    given=STARTED,
    sample=some_levels,
    claim=le(sp.Abs(u(n, level + 1)), at_level(worst_case(), level + 1)),
)
def kadam_level_worst_case(proof):
    """No level of k-Adam ever exceeds Adam's exact worst case U_n for that level's beta and gamma."""
    proof = proof.knowing(rates_above(proof), proof.cite("kadam_levels_are_defined"))
    total = at_level(geometric_sum(), level + 1)
    x = u(k, level)
    first, second = sp.Sum(c ** (n - k) * x, (k, 0, n)), sp.Sum(b ** (n - k) * x**2, (k, 0, n))
    deviation = sp.Sum(b ** (n - k) * (x - (c / b) ** (n - k) * first / total) ** 2, (k, 0, n))
    identity = proof.have(eq(second * total, first**2 + total * deviation))
    line = proof.unfold(u(n, level + 1))
    scale = (1 - c) ** 2 / (1 - c ** (n + 1)) ** 2
    share = (1 - b) / (1 - b ** (n + 1)) * second
    squared = proof.have(eq(u(n, level + 1) ** 2, scale * first**2 / share), algebra(line))
    bound = at_level(worst_case_squared(), level + 1)
    below = proof.have(
        le(u(n, level + 1) ** 2, bound),
        combination((squared, 1), (identity, -scale / share), plus=scale * total * deviation / share),
    )
    return proof.conclude(proof.have(proof.statement.claim, squares(below)))


@theorem(
    source=ThisLibrary("Theorem 3 of Gould & Tanaka 2024, for the discrete update"),
    where=[family()],
    given=[*STARTED, every_level(lt(gammas(each) ** 2, betas(each)))],
    sample=some_levels,
    claim=le(sp.Abs(u(n, level + 1)), at_level(worst_case_limit(), level + 1)),
)
def kadam_level_bound_uniform(proof):
    """Where gamma^2 < beta at every level, each level stays below its own U_inf, at every step."""
    stable = proof.statement.given[-1]
    proof = proof.knowing(rates_above(proof))
    proof = proof.knowing(proof.have(stable.body.subs({each: level + 1}), at(stable, level + 1)))
    below = proof.cite("kadam_level_worst_case")
    limit = proof.cite("worst_case_below_limit", dict(zip((beta, gamma), ABOVE, strict=True)))
    return proof.conclude(proof.have(proof.statement.claim, combination((below, 1), (limit, 1))))


bounded_levels = ForAll(
    each, (gt(betas(each), 0), gt(gammas(each), 0)), gt(stability_exponent(betas(each), gammas(each)), 0)
)


@theorem(
    source=GouldTanaka("Theorem 3, C > 0 at every level, for the discrete update"),
    where=[family()],
    given=[*STARTED, bounded_levels],
    sample=some_levels,
    claim=lt(sp.Abs(u(n, level + 1)), at_level(printed_bound(1), level + 1)),
)
def kadam_bound_discrete(proof):
    """Theorem 3 holds for discrete k-Adam where every level lies in B+, strictly, for any number of levels."""
    stable = proof.statement.given[-1]
    proof = proof.knowing(rates_above(proof))
    proof = proof.knowing(proof.have(stable.body.subs({each: level + 1}), at(stable, level + 1)))
    below = proof.cite("kadam_level_worst_case")
    beyond = proof.cite("worst_case_below_printed_bound", dict(zip((beta, gamma), ABOVE, strict=True)))
    return proof.conclude(proof.have(proof.statement.claim, combination((below, 1), (beyond, 1))))


constant = ForAll(k, (), eq(g(k), g(0)))


def up_to_now(below, value):
    """u(j, below) = value for every j <= n."""
    return ForAll(j, (le(j, n),), eq(u(j, below), value))


def of_constant(proof, below, value, known):
    """u(j, below + 1) = sign(g(0)) for j <= n, from u(j, below) = value there; ``known``: |value| as it is used."""
    beta, gamma = betas(below + 1), gammas(below + 1)
    proof = proof.knowing(proof.have(every_level().body.subs({each: below + 1}), at(every_level(), below + 1)))
    proof = proof.assume(le(j, n)).knowing(proof.cite("kadam_levels_are_defined", {level: below, n: j}))
    facts = []
    for factor, power in ((gamma, 1), (beta, 2)):
        terms = [sp.Sum(factor ** (j - k) * x**power, (k, 0, j)) for x in (u(k, below), value)]
        weights = sp.Sum(factor ** (j - k), (k, 0, j))
        closed = (1 - factor ** (j + 1)) / (1 - factor)
        total = proof.have(eq(weights, closed), telescoping(factor ** (j - k + 1) / (1 - factor)))
        inserted = proof.have(eq(*terms), under_sum(up_to_now(below, value)))
        by = combination((inserted, 1 / closed), (total, value**power / closed))
        facts.append(proof.have(eq(average(factor, u(k, below) ** power, j), value**power), by))
    first, second = facts
    root = proof.have(eq(sp.sqrt(second.claim.lhs), sp.Abs(value)), squares(second))
    inverse = -value / (sp.Abs(value) * root.claim.lhs)
    line = proof.have(
        eq(u(j, below + 1), value / sp.Abs(value)),
        combination((proof.unfold(u(j, below + 1)), 1), (first, 1 / root.claim.lhs), (root, inverse)),
    )
    return proof.have(eq(u(j, below + 1), sp.sign(g(0))), algebra(line, *known))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[family()],
    given=[*STARTED, constant],
    sample={**some_levels, g: sp.Lambda(k, -sp.Rational(7, 3)), level: sp.Integer(1), n: sp.Integer(2)},
    claim=eq(u(n, level + 1), sp.sign(g(0))),
)
def kadam_follows_constant_gradient(proof):
    """A constant gradient that is not zero moves every level of k-Adam by exactly its sign, at every step."""
    zero, signed = sp.Integer(0), sp.sign(g(0))
    early = proof.assume(le(j, n))
    still = early.have(constant.body.subs({k: j}), at(constant, j))
    gradients = up_to_now(zero, g(0))
    first = early.have(gradients.body, algebra(early.unfold(u(j, zero)), still))
    known = proof.knowing(proof.have(gradients, for_all(first)))
    claim = up_to_now(level + 1, signed)
    base = proof.have(claim.subs({level: zero}), for_all(of_constant(known, zero, g(0), ())))
    ind = proof.assume(claim)
    one = ind.have(eq(sp.Abs(signed), 1), squares(ind.have(eq(signed**2, 1))))
    step = ind.have(claim.subs({level: level + 1}), for_all(of_constant(ind, level + 1, signed, (one,))))
    always = proof.have(claim, induction(level, base, step))
    return proof.conclude(proof.have(proof.statement.claim, at(claim, n), using=[always]))


REGIONS = {s: compare(at_level(stability_exponent(), level + 1), 0) for s, compare in ((1, gt), (0, eq), (-1, lt))}
NAMES = {
    1: "worst_case_below_printed_bound",
    0: "worst_case_below_repaired_bound_on_boundary",
    -1: "worst_case_below_repaired_bound_in_unstable_region",
}


# Levels 1, 2 and 3 with C > 0, C = 0 and C < 0.
all_regions = {
    betas: sp.Lambda(level, sp.Rational(1, 3)),
    gammas: sp.Lambda(level, (level + sp.Rational(1, 2)) / (level + 3)),
}


@theorem(
    source=ThisLibrary("Theorem 3 of Gould & Tanaka 2024, repaired for the discrete update"),
    where=[family()],
    given=STARTED,
    sample=all_regions,
    claim=All(
        tuple(
            Implies(region, le(sp.Abs(u(n, level + 1)), at_level(repaired_bound(s), level + 1)))
            for s, region in REGIONS.items()
        )
    ),
)
def kadam_bound_discrete_repaired(proof):
    """Theorem 3 for discrete k-Adam, every level, step and number of levels: n + 1 instead of n in B_n where C <= 0."""
    rates = proof.forget(family(), ne(g(0), 0))  # the bounds need no updates, only the level's decay rates
    rates = rates.knowing(rates_above(rates))
    proof = proof.knowing(*rates.scope.facts)
    below, parts = proof.cite("kadam_level_worst_case"), []
    for (s, region), part in zip(REGIONS.items(), proof.statement.claim.parts, strict=True):
        beyond = rates.assume(region).cite(NAMES[s], dict(zip((beta, gamma), ABOVE, strict=True)))
        inside = proof.assume(region)
        found = inside.have(part.conclusion, combination((below, 1), (beyond, 1)))
        parts.append(proof.have(part, implication(found)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))
