"""Theorem 3 read for the discrete update: true where C > 0, false for some hyperparameters with C <= 0, as Theorem 1.

The statements are about the library's own 2-Adam and 3-Adam; for any number of levels see ``proofs/discrete``.
"""

import sympy as sp

from adamtheory.bounds.adam import geometric_sum, printed_bound, worst_case, worst_case_squared
from adamtheory.bounds.kadam import (
    at_level,
    definitions,
    level_symbols,
    moments,
    update,
)
from adamtheory.notation import (
    alignment,
    bias_correction,
    g,
    j,
    n,
    open_unit,
    stability_exponent,
    u,
)
from adamtheory.proof import (
    GouldTanaka,
    ThisLibrary,
    algebra,
    combination,
    eq,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    ne,
    printed,
    squares,
    theorem,
)

C = stability_exponent()


def discrete(k, *region):
    """Definitions and hypotheses of the library's k-Adam, with more hypotheses on the last level."""
    rates = open_unit(*(s for i in range(1, k + 1) for s in level_symbols(i)))
    moving = [gt(moments(i)[1](n), 0) for i in range(1, k + 1)]
    return {"where": definitions(k), "given": [*rates, ne(g(0), 0), *moving, *region]}


def last_level(proof, k):
    """|u_n| <= U_n of the last level: its v a^2 S - m^2 is an explicit sum of squares."""
    beta, gamma = level_symbols(k)
    (first, second), source, total = moments(k), update(k - 1, k), at_level(geometric_sum(), k)
    everywhere = proof.forget(*(p for p in proof.statement.given if n in p.free_symbols))
    mean = closed_sum(everywhere, first, sp.Sum((1 - gamma) * gamma ** (n - j) * source(j), (j, 0, n)))
    square = closed_sum(everywhere, second, sp.Sum((1 - beta) * beta ** (n - j) * source(j) ** 2, (j, 0, n)))
    ahead = at_level(alignment**2, k) * total
    misfit = (1 - gamma) / (1 - beta) * (gamma / beta) ** (n - j) * first(n) / ahead
    deviation = sp.Sum((1 - beta) * beta ** (n - j) * (source(j) - misfit) ** 2, (j, 0, n))
    identity = proof.have(eq(second(n) * ahead, first(n) ** 2 + ahead * deviation), algebra(mean, square))
    correction = at_level(bias_correction(n + 1), k) ** 2
    line = proof.have(eq(u(n) ** 2, correction * first(n) ** 2 / second(n)), algebra(proof.unfold(u(n))))
    weight = correction / second(n)
    bound = proof.have(
        le(u(n) ** 2, at_level(worst_case_squared(), k)),
        combination((line, 1), (identity, -weight), plus=weight * ahead * deviation),
    )
    return proof.have(le(sp.Abs(u(n)), at_level(worst_case(), k)), squares(bound))


def closed_sum(proof, moment, closed):
    """moment(n) = closed by induction."""
    claim, zero = eq(moment(n), closed), sp.Integer(0)
    base = proof.have(claim.subs({n: zero}), algebra(proof.unfold(moment(zero)), proof.unfold(moment(sp.Integer(-1)))))
    ind = proof.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), algebra(ind.unfold(moment(n + 1)), ind.have(claim, hypothesis)))
    return proof.have(claim, induction(n, base, step))


@theorem(
    source=ThisLibrary("Theorem 3 of Gould & Tanaka 2024, for the discrete update"),
    **discrete(2),
    claim=le(sp.Abs(u(n)), at_level(worst_case(), 2)),
)
def two_adam_worst_case(proof):
    """No gradients that start non-zero move 2-Adam by more than U_n of its second level."""
    return proof.conclude(last_level(proof, 2))


@theorem(
    source=ThisLibrary("Theorem 3 of Gould & Tanaka 2024, for the discrete update"),
    **discrete(3),
    claim=le(sp.Abs(u(n)), at_level(worst_case(), 3)),
)
def three_adam_worst_case(proof):
    """No gradients that start non-zero move 3-Adam by more than U_n of its third level."""
    return proof.conclude(last_level(proof, 3))


def read_discretely(name, title, case, region, region_sign, witness, why):
    """Theorem 3 as printed, at level 2 of the library's own 2-Adam."""
    return printed(
        name=name,
        title=title,
        source=GouldTanaka(f"Theorem 3, {case}"),
        **discrete(2, region(at_level(C, 2), 0), *(() if witness[n] == 0 else (gt(n, 0),))),
        claim=le(sp.Abs(u(n)), at_level(printed_bound(region_sign), 2)),
        witness=witness,
        repaired="kadam_bound_discrete_repaired",
        why=why,
    )


FIRST = dict(zip(level_symbols(1), (sp.Rational(1, 2), sp.Rational(1, 2)), strict=True))
ZERO = {**FIRST, **dict(zip(level_symbols(2), (sp.Rational(1, 3), sp.Rational(1, 2)), strict=True))}
NEGATIVE = {**FIRST, **dict(zip(level_symbols(2), (sp.Rational(1, 3), sp.Rational(2, 3)), strict=True))}

theorem_three_discrete_on_boundary = read_discretely(
    "theorem_three_discrete_on_boundary",
    "Theorem 3 read for discrete 2-Adam, second level on C = 0",
    "C = 0",
    eq,
    0,
    {**ZERO, n: 0, g: [1]},
    "at n = 0 the bound is 0, but the first update of every level is a sign",
)

theorem_three_discrete_on_boundary_after_first_step = read_discretely(
    "theorem_three_discrete_on_boundary_after_first_step",
    "Theorem 3 read for discrete 2-Adam, second level on C = 0, after the first step",
    "C = 0",
    eq,
    0,
    {**ZERO, n: 1, g: [1, 0]},
    "silence after the first gradient makes the first level decay, and the second pass the bound at n = 1",
)

theorem_three_discrete_in_unstable_region = read_discretely(
    "theorem_three_discrete_in_unstable_region",
    "Theorem 3 read for discrete 2-Adam, second level where C < 0",
    "C < 0",
    lt,
    -1,
    {**NEGATIVE, n: 0, g: [1]},
    "C = -1 and q = 4/3 give the second level the bound sqrt(3)/2 at n = 0, but its first update is a sign",
)

theorem_three_discrete_in_unstable_region_after_first_step = read_discretely(
    "theorem_three_discrete_in_unstable_region_after_first_step",
    "Theorem 3 read for discrete 2-Adam, second level where C < 0, after the first step",
    "C < 0",
    lt,
    -1,
    {**NEGATIVE, n: 1, g: [1, 0]},
    "silence after the first gradient makes the first level decay, and the second pass the bound at n = 1",
)
