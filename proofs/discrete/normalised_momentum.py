"""Momentum of normalised gradients (RMSProp with momentum, LaProp): the supremum of the update over all gradients.

Each normalised gradient is bounded by itself, and gradients R^k bring all of them near their bounds at once.
"""

import sympy as sp

from adamtheory.bounds.normalised_momentum import (
    growing_gradient,
    growth,
    laprop_definitions,
    laprop_largest,
    laprop_limit,
    laprop_peak,
    laprop_worst_case,
    peak,
    rmsprop_definitions,
    rmsprop_largest,
    rmsprop_momentum_limit,
    rmsprop_momentum_worst_case,
    shortfall,
)
from adamtheory.notation import beta, g, gamma, half_open_unit, k, m, n, open_unit, u, v
from adamtheory.proof import (
    ForAll,
    Tends,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    limit,
    lt,
    polynomial,
    sign,
    squares,
    theorem,
)

f = sp.Function("f", real=True)
RMSPROP, LAPROP = rmsprop_definitions(), laprop_definitions()
LAPROP_NAMED = [*LAPROP, laprop_peak()]
defined_everywhere = ForAll(k, (), gt(v(k), 0))
growing = ForAll(k, (), eq(g(k), growing_gradient(k)))
zero = sp.Integer(0)


class Kind:
    """What the two methods differ in: m gains ``weight`` f, f is ``factor`` g/sqrt(v), ``total`` bounds m."""

    def __init__(self, weight, factor, largest, total):
        self.weight, self.factor, self.largest, self.total = weight, factor, largest, total


rmsprop = Kind(sp.Integer(1), lambda x: sp.Integer(1), rmsprop_largest, lambda x: rmsprop_momentum_worst_case(x + 1))
laprop = Kind(
    1 - gamma,
    lambda x: 1 - beta ** (x + 1),
    peak,
    lambda x: (1 - gamma ** (x + 1)) * laprop_worst_case(x + 1, peak),
)


# LaProp with one bound for every step
flat = Kind(laprop.weight, laprop.factor, lambda x: laprop_limit(), lambda x: (1 - gamma ** (x + 1)) * laprop_limit())


def positive_at(proof, index):
    return proof.knowing(proof.have(gt(v(index), 0), at(defined_everywhere, index)))


def normalised(proof, kind, index, side, strict=False):
    """side f(index) is at most (below) its bound."""
    proof = positive_at(proof, index)
    proof = positive_at(proof, index - 1) if strict else proof
    square = proof.have(
        eq((side * f(index)) ** 2, kind.factor(index) * g(index) ** 2 / v(index)), algebra(proof.unfold(f(index)))
    )
    name = "squared_gradient_strictly_below_second_moment" if strict else "squared_gradient_below_second_moment"
    below = proof.cite(name, {n: index - 1 if strict else index})
    relation, largest = (lt if strict else le), kind.largest(index)
    form = kind.factor(index) / (1 - beta)
    named = [proof.unfold(largest)] if kind is laprop else []
    if kind is flat:
        level = proof.have(le(form, largest**2), combination(plus=beta ** (index + 1) / (1 - beta)))
    else:
        level = proof.have(eq(form, largest**2), algebra(*named))
    positive = [proof.have(ge(largest, 0), sign(laprop_largest(index), *named))] if kind is laprop else []
    by = combination((square, 1), (below, form / v(index)), (level, 1))
    small = proof.have(relation((side * f(index)) ** 2, largest**2), by)
    return proof.knowing(*positive).have(relation(side * f(index), largest), squares(small))


def summed(proof, kind, side):
    """side m(n) is at most the sum of the weights times the bounds."""
    claim = le(side * m(n), kind.total(n))
    one = normalised(proof, kind, zero, side)
    start = proof.have(eq(m(zero), kind.weight * f(zero)), algebra(proof.unfold(m(zero)), proof.unfold(m(-1))))
    base = proof.have(claim.subs({n: zero}), combination((start, side), (one, kind.weight)))
    ind = proof.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), gained(ind, kind, side, ind.have(claim, hypothesis)))
    return proof.have(claim, induction(n, base, step))


def gained(proof, kind, side, before, strict=False):
    """The bound at n + 1 from the one at n."""
    line, now = proof.unfold(m(n + 1)), normalised(proof, kind, n + 1, side, strict)
    return combination((before, gamma), (line, side), (now, kind.weight))


def upper(proof, kind, line, corrected):
    """|u_n| is at most its bound, from both signs; ``line`` unfolds u(n) = m(n)/corrected."""
    bound = proof.statement.claim.rhs
    both = [
        proof.have(le(side * u(n), bound), combination((line, side), (summed(proof, kind, side), 1 / corrected)))
        for side in (1, -1)
    ]
    half = sp.Rational(1, 2)
    positive = proof.have(ge(bound, 0), combination(*((side, half) for side in both)))
    known = proof.knowing(*both, positive)
    squared = known.have(le(u(n) ** 2, bound**2), combination((both[0], bound + u(n))))
    return known.have(proof.statement.claim, squares(squared))


def strictly(proof, kind, line, corrected):
    """|u_(n+1)| is below its bound, since the newest normalised gradient is."""
    bound, place = proof.statement.claim.rhs, n + 1
    both = []
    for side in (1, -1):
        before = summed(proof, kind, side)
        by = gained(proof, kind, side, before, strict=True)
        total = proof.have(lt(side * m(place), kind.total(place)), by)
        both.append(proof.have(lt(side * u(place), bound), combination((line, side), (total, 1 / corrected))))
    half = sp.Rational(1, 2)
    positive = proof.have(gt(bound, 0), combination(*((side, half) for side in both)))
    known = proof.knowing(*both, positive)
    squared = known.have(lt(u(place) ** 2, bound**2), combination((both[0], bound + u(place))))
    return known.have(proof.statement.claim, squares(squared))


def nearly(proof, kind, index):
    """f(index) is at least sqrt(1 - beta/R^2) of its bound, along the gradients R^k."""
    value = proof.have(eq(g(index), growing_gradient(index)), at(growing, index))
    below = proof.cite("growing_gradients_reach_the_bound", {n: index})
    part = proof.cite("squared_gradient_below_second_moment", {n: index})
    newest = proof.have(gt(g(index), 0), sign(growing_gradient(index), value))
    proof = proof.knowing(newest)
    proof = proof.knowing(proof.have(gt(v(index), 0), combination((part, 1), plus=(1 - beta) * g(index) ** 2)))
    named = [proof.unfold(kind.largest(index))] if kind is laprop else []
    line, form = proof.unfold(f(index)), kind.factor(index) / (1 - beta)
    square = proof.have(eq(f(index) ** 2, kind.factor(index) * g(index) ** 2 / v(index)), algebra(line))
    level = proof.have(eq(kind.largest(index) ** 2, form), algebra(*named))
    least = shortfall() * kind.largest(index)
    by = combination((square, -1), (level, shortfall() ** 2), (below, form / v(index)))
    small = proof.have(le(least**2, f(index) ** 2), by)
    ahead = proof.have(ge(f(index), 0), sign(line.claim.rhs, line))
    return proof.knowing(ahead).have(le(least, f(index)), squares(small))


def lower(proof, kind, line, corrected):
    """u_n is at least sqrt(1 - beta/R^2) of its bound, along the gradients R^k."""
    proof = proof.knowing(proof.have(gt(growth, 0), polynomial()))
    proof = proof.knowing(proof.have(gt(1 - beta / growth**2, 0), polynomial()))
    claim = le(shortfall() * kind.total(n), m(n))
    start = proof.have(eq(m(zero), kind.weight * f(zero)), algebra(proof.unfold(m(zero)), proof.unfold(m(-1))))
    base = proof.have(claim.subs({n: zero}), combination((start, -1), (nearly(proof, kind, zero), kind.weight)))
    ind = proof.assume(claim)
    next_one, now = ind.unfold(m(n + 1)), nearly(ind, kind, n + 1)
    by = combination((ind.have(claim, hypothesis), gamma), (next_one, -1), (now, kind.weight))
    all_steps = proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), by)))
    return proof.have(proof.statement.claim, combination((line, -1), (all_steps, 1 / corrected)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=RMSPROP,
    given=[*half_open_unit(beta, gamma), defined_everywhere],
    claim=le(sp.Abs(u(n)), rmsprop_momentum_worst_case()),
    runs=False,
)
def rmsprop_momentum_upper_bound(proof):
    """RMSProp with momentum of normalised gradients: |u_n| <= (1 - gamma^(n+1))/((1 - gamma) sqrt(1 - beta))."""
    return proof.conclude(upper(proof, rmsprop, proof.unfold(u(n)), 1))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=LAPROP_NAMED,
    given=[*half_open_unit(beta), *open_unit(gamma), defined_everywhere],
    claim=le(sp.Abs(u(n)), laprop_worst_case(n + 1, peak)),
    runs=False,
)
def laprop_upper_bound(proof):
    """LaProp's |u_n| is at most the weighted mean of the bounds sqrt((1 - beta^(k+1))/(1 - beta)) of its terms."""
    return proof.conclude(upper(proof, laprop, proof.unfold(u(n)), 1 - gamma ** (n + 1)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=LAPROP,
    given=[*half_open_unit(beta, gamma), defined_everywhere],
    claim=le(sp.Abs(u(n)), laprop_limit()),
    runs=False,
)
def laprop_bounded(proof):
    """No update of LaProp exceeds 1/sqrt(1 - beta), for every beta and gamma in [0, 1)."""
    return proof.conclude(upper(proof, flat, proof.unfold(u(n)), 1 - gamma ** (n + 1)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=RMSPROP,
    given=[*open_unit(beta), *half_open_unit(gamma), defined_everywhere],
    claim=lt(sp.Abs(u(n + 1)), rmsprop_momentum_worst_case(n + 2)),
    runs=False,
)
def rmsprop_momentum_never_attains(proof):
    """From the second step on no gradients attain the supremum of RMSProp with momentum."""
    return proof.conclude(strictly(proof, rmsprop, proof.unfold(u(n + 1)), 1))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=LAPROP_NAMED,
    given=[*open_unit(beta, gamma), defined_everywhere],
    claim=lt(sp.Abs(u(n + 1)), laprop_worst_case(n + 2, peak)),
    runs=False,
)
def laprop_never_attains(proof):
    """From the second step on no gradients attain the supremum of LaProp."""
    return proof.conclude(strictly(proof, laprop, proof.unfold(u(n + 1)), 1 - gamma ** (n + 2)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=RMSPROP,
    given=[*half_open_unit(beta, gamma), gt(growth, 1), growing],
    claim=le(shortfall() * rmsprop_momentum_worst_case(), u(n)),
    sample={g: sp.Lambda(k, growing_gradient(k))},
    runs=False,
)
def rmsprop_momentum_approached(proof):
    """Gradients R^k bring RMSProp with momentum within the factor sqrt(1 - beta/R^2) of its bound, at every step."""
    return proof.conclude(lower(proof, rmsprop, proof.unfold(u(n)), 1))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=LAPROP_NAMED,
    given=[*half_open_unit(beta), *open_unit(gamma), gt(growth, 1), growing],
    claim=le(shortfall() * laprop_worst_case(n + 1, peak), u(n)),
    sample={g: sp.Lambda(k, growing_gradient(k))},
    runs=False,
)
def laprop_approached(proof):
    """Gradients R^k bring LaProp within the factor sqrt(1 - beta/R^2) of its bound, at every step."""
    return proof.conclude(lower(proof, laprop, proof.unfold(u(n)), 1 - gamma ** (n + 1)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=half_open_unit(beta),
    claim=Tends(shortfall(), growth, sp.oo, 1),
)
def growing_gradients_approach_the_supremum(proof):
    """The factor sqrt(1 - beta/R^2) tends to 1: the bounds on normalised momentum are suprema."""
    return proof.conclude(proof.have(proof.statement.claim, limit()))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=half_open_unit(beta, gamma),
    claim=Tends(rmsprop_momentum_worst_case(), n, sp.oo, rmsprop_momentum_limit()),
)
def rmsprop_momentum_worst_case_tends_to_limit(proof):
    """The bound for RMSProp with momentum tends to 1/((1 - gamma) sqrt(1 - beta)), from below."""
    return proof.conclude(proof.have(proof.statement.claim, limit()))
