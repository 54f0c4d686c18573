"""Appendix O: the prefactor of a moving average of moving averages, and the inverse exp strategy that it motivates.

Averages without normalisation, nested one in another, give the last gradient the weight (1 - gamma_1)...(1 - gamma_k):
Appendix O prints beta, which in its Appendix B is the factor of any moving average.  k-Adam divides by sqrt(v) at every
level, so there the weight of g_n in m^(k)_n is no constant at all.
"""

import sympy as sp

from adamtheory.bounds.kadam import (
    definitions,
    each,
    every_level,
    gammas,
    level,
    level_symbols,
    moments,
    some_levels,
    update,
)
from adamtheory.methods.kadam import STRATEGIES
from adamtheory.notation import (
    g,
    gamma,
    j,
    k,
    n,
    open_unit,
)
from adamtheory.proof import (
    ForAll,
    GouldTanaka,
    Iff,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    at,
    cases,
    combination,
    contradiction,
    eq,
    equivalence,
    for_all,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    ne,
    printed,
    sign,
    squares,
    theorem,
    under_sum,
)

w, z, x, p = (sp.Function(name, real=True) for name in "wzxp")
y, a = sp.symbols("y a", real=True)
RATES = every_level(*open_unit(gammas(each)))
WEIGHT = 1 - gammas(level)
SAME = ForAll(k, (le(k, n - 1),), eq(x(k), g(k)))


def nested(average, start):
    """average(n, level): the moving average with ``gammas(level)``, from 0, of average(., level - 1)."""
    body = WEIGHT * sp.Sum(gammas(level) ** (n - k) * average(k, level - 1), (k, 0, n))
    return SequenceDefinition(average, level, body, ((0, start(n)),), (n,))


PREFACTOR = SequenceDefinition(p, level, WEIGHT * p(level - 1), ((0, sp.Integer(1)),))
NESTED = [nested(w, g), nested(z, x)]
SAMPLE = {**some_levels, x: sp.Lambda(k, g(k) + sp.Max(0, k - n + 1) * (n + 2)), level: sp.Integer(2)}


def gamma_above(proof):
    """0 < gamma < 1 at level + 1."""
    return proof.knowing(proof.have(RATES.body.subs({each: level + 1}), at(RATES, level + 1)))


@theorem(
    source=GouldTanaka("Appendix O"),
    where=NESTED,
    given=[RATES, SAME],
    sample=SAMPLE,
    claim=ForAll(j, (le(j, n - 1),), eq(z(j, level), w(j, level))),
)
def nested_averages_are_causal(proof):
    """Nested averages of two gradient sequences that agree before step n agree before step n, at every level."""
    claim, zero = proof.statement.claim, sp.Integer(0)
    early = proof.assume(le(j, n - 1))
    first = early.have(eq(x(j), g(j)), at(SAME, j))
    starts = early.unfold(z(j, zero)), early.unfold(w(j, zero))
    base = proof.have(
        claim.subs({level: zero}), for_all(early.have(eq(z(j, zero), w(j, zero)), algebra(*starts, first)))
    )
    ind = proof.assume(claim)
    inside = gamma_above(ind.assume(le(j, n - 1)))
    sums = [sp.Sum(gammas(level + 1) ** (j - k) * f(k, level), (k, 0, j)) for f in (z, w)]
    equal = inside.have(eq(*sums), under_sum(claim))
    lines = inside.unfold(z(j, level + 1)), inside.unfold(w(j, level + 1))
    weight = 1 - gammas(level + 1)
    by = combination((lines[0], 1), (equal, weight), (lines[1], -1))
    step = inside.have(eq(z(j, level + 1), w(j, level + 1)), by)
    step = ind.have(claim.subs({level: level + 1}), for_all(step))
    return proof.conclude(proof.have(claim, induction(level, base, step)))


@theorem(
    source=GouldTanaka("Appendix O"),
    where=[*NESTED, PREFACTOR],
    given=[RATES, SAME],
    sample=SAMPLE,
    claim=eq(z(n, level) - w(n, level), p(level) * (x(n) - g(n))),
)
def nested_averages_prefactor(proof):
    """The last gradient enters nested moving averages with the prefactor (1 - gamma_1)...(1 - gamma_k)."""
    claim, zero = proof.statement.claim, sp.Integer(0)
    starts = [proof.unfold(f) for f in (z(n, zero), w(n, zero), p(zero))]
    base = proof.have(claim.subs({level: zero}), algebra(*starts))
    ind = gamma_above(proof.assume(claim))
    before = ind.have(claim, hypothesis)
    causal = ind.cite("nested_averages_are_causal")
    sums = [sp.Sum(gammas(level + 1) ** (n - k) * f(k, level), (k, 0, n - 1)) for f in (z, w)]
    equal = ind.have(eq(*sums), under_sum(causal.claim), using=[causal])
    lines = [ind.unfold(f) for f in (z(n, level + 1), w(n, level + 1), p(level + 1))]
    weight = 1 - gammas(level + 1)
    by = combination((lines[0], 1), (lines[1], -1), (lines[2], g(n) - x(n)), (equal, weight), (before, weight))
    return proof.conclude(proof.have(claim, induction(level, base, ind.have(claim.subs({level: level + 1}), by))))


@theorem(
    source=GouldTanaka("Appendix O"),
    where=[PREFACTOR],
    given=[ForAll(each, (), eq(gammas(each), gamma))],
    sample={gammas: sp.Lambda(level, gamma)},
    claim=eq(p(level), (1 - gamma) ** level),
)
def uniform_prefactor(proof):
    """With one factor at all levels the prefactor is (1 - gamma)^k."""
    claim, zero, same = proof.statement.claim, sp.Integer(0), proof.statement.given[0]
    base = proof.have(claim.subs({level: zero}), algebra(proof.unfold(p(zero))))
    ind = proof.assume(claim)
    own = ind.have(eq(gammas(level + 1), gamma), at(same, level + 1))
    before = ind.have(claim, hypothesis)
    step = ind.have(claim.subs({level: level + 1}), algebra(ind.unfold(p(level + 1)), own, before))
    return proof.conclude(proof.have(claim, induction(level, base, step)))


(beta1, gamma1), (beta2, gamma2) = level_symbols(1), level_symbols(2)
(m1, v1), (m2, _) = moments(1), moments(2)
INVERSE = STRATEGIES["inverse-exp"](a, k)


@theorem(
    source=GouldTanaka("Appendix O"),
    given=[*open_unit(a, y), ge(k, 1)],
    claim=Iff(eq((1 - y) ** k, 1 - a), eq(y, INVERSE)),
)
def inverse_exp_strategy_keeps_prefactor(proof):
    """(1 - y)^k = 1 - a exactly for y = 1 - (1 - a)^(1/k): inverse exp keeps Adam's prefactor with k equal factors."""
    claim = proof.statement.claim
    root = 1 - INVERSE  # (1 - a)^(1/k)
    given = proof.assume(claim.left)
    holds = given.have(claim.left, hypothesis)
    branches = [(claim.right, given.assume(claim.right).have(claim.right, hypothesis))]
    s, t = sp.symbols("x y", real=True)
    for low, high in ((1 - y, root), (root, 1 - y)):
        order = lt(low, high)
        powers = proof.assume(order).cite("powers_increase", {s: low, t: high, n: k - 1})
        found = given.assume(order).have(claim.right, contradiction(powers.claim), using=[powers, holds])
        branches.append((order, found))
    forward = given.have(claim.right, cases(*branches))
    chosen = proof.assume(claim.right)
    backward = chosen.have(claim.left, algebra(chosen.have(claim.right, hypothesis)))
    return proof.conclude(proof.have(claim, equivalence(forward, backward)))


first_moment_prefactor_in_beta = printed(
    name="first_moment_prefactor_in_beta",
    title="Appendix O's prefactor letter by letter, k = 1: g_n enters m_n with 1 - beta",
    source=GouldTanaka("Appendix O"),
    where=definitions(1)[:2],
    given=[*open_unit(*level_symbols(1))],
    claim=eq(m1(n), gamma1 * m1(n - 1) + (1 - beta1) * g(n)),
    witness={beta1: sp.Rational(1, 2), gamma1: sp.Rational(1, 3), n: 0, g: [1]},
    repaired="nested_averages_prefactor",
    why="m averages with gamma: its prefactor is 1 - gamma, and 1 - beta is that of v",
)

second_level_prefactor = printed(
    name="second_level_prefactor",
    title="Appendix O's prefactor of g_n in 2-Adam's own m^(2)_n, its levels' normalisation included",
    source=GouldTanaka("Appendix O"),
    where=definitions(2),
    given=[*open_unit(*level_symbols(1), *level_symbols(2)), ne(g(0), 0)],
    claim=eq(m2(0), (1 - gamma1) * (1 - gamma2) * g(0)),
    witness={
        gamma1: sp.Rational(1, 2),
        gamma2: sp.Rational(1, 2),
        beta1: sp.Rational(1, 2),
        beta2: sp.Rational(1, 2),
        g: [1],
    },
    repaired="second_level_starts_with_a_sign",
    why="level 1 hands on sign(g_0): only averages without normalisation keep a prefactor",
)


@theorem(
    source=ThisLibrary("Appendix O of Gould & Tanaka 2024, for k-Adam itself"),
    where=definitions(2),
    given=[*open_unit(*level_symbols(1), *level_symbols(2)), ne(g(0), 0)],
    claim=eq(m2(0), (1 - gamma2) * sp.sign(g(0))),
    runs=False,
)
def second_level_starts_with_a_sign(proof):
    """2-Adam's m^(2)_0 is (1 - gamma_2) sign(g_0): the size of the gradient is gone, and 1 - gamma_1 with it."""
    zero = sp.Integer(0)
    starts = [proof.unfold(f(sp.Integer(-1))) for f in (m1, v1, m2)]
    first = proof.have(eq(m1(zero), (1 - gamma1) * g(0)), algebra(proof.unfold(m1(zero)), starts[0]))
    second = proof.have(eq(v1(zero), (1 - beta1) * g(0) ** 2), algebra(proof.unfold(v1(zero)), starts[1]))
    proof = proof.knowing(proof.have(gt(v1(zero), 0), sign((1 - beta1) * g(0) ** 2, second)))
    root = proof.have(eq(sp.sqrt(v1(zero)), sp.sqrt(1 - beta1) * sp.Abs(g(0))), squares(second))
    update1 = update(1, 2)(zero)
    line = proof.unfold(update1)
    inverse = proof.have(
        eq(1 / root.claim.lhs, 1 / root.claim.rhs), combination((root, -1 / (root.claim.lhs * root.claim.rhs)))
    )
    signed = proof.have(eq(update1, sp.sign(g(0))), algebra(line, first, inverse))
    return proof.conclude(proof.have(proof.statement.claim, algebra(proof.unfold(m2(zero)), starts[2], signed)))
