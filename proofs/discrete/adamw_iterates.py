"""How far AdamW's parameters go: theta_(n+1) = theta_n - eta (u_n + lambda theta_n) with |u_n| <= U, one coordinate.

The updates are any sequence.  Which of them attain the bounds, and what AdamW's own do: ``adamw_iterates_sharp``.
"""

import sympy as sp

from adamtheory.bounds.iterates import contracting_bound, general_bound, kept, linear_bound, uniform_bound
from adamtheory.flows.second_order import iterates
from adamtheory.methods import AdamW
from adamtheory.notation import k, lr, n, theta, u, weight_decay
from adamtheory.proof import (
    Bounded,
    ForAll,
    Iff,
    ThisLibrary,
    algebra,
    at,
    bounded_by,
    combination,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    induction,
    instance,
    le,
    lt,
    ne,
    polynomial,
    printed,
    sign,
    squares,
    theorem,
    unbounded_by,
)

SOURCE = ThisLibrary("AdamW's iterates")
largest = sp.Symbol("U", real=True)
start, top = sp.symbols("s M", real=True)
ADAMW = iterates(AdamW().rule)
BOUNDED = ForAll(k, (), le(sp.Abs(u(k)), largest))
CONTRACTING = (gt(lr, 0), gt(weight_decay, 0), le(lr * weight_decay, 1))
SIZE = sp.Abs(theta(0))
GROWTH = sp.Abs(kept())


def steady(update):
    """A run with one update throughout, to try steps at."""
    share = kept() ** k
    return {u: sp.Lambda(k, update), theta: sp.Lambda(k, 2 * share - (1 - share) * update / weight_decay)}


HALF = steady(largest / 2)
SHORT = HALF | {weight_decay: largest**2 / (lr * (1 + largest**2))}


@theorem(
    source=SOURCE,
    given=[ge(lr, 0), ADAMW, BOUNDED],
    sample=HALF,
    claim=le(sp.Abs(theta(n + 1)), GROWTH * sp.Abs(theta(n)) + lr * largest),
)
def adamw_step_bound(proof):
    """One step of AdamW takes |theta| to |1 - eta lambda| |theta| + eta U at most"""
    taken, small = (proof.have(p.body.subs({k: n}), at(p, n)) for p in (ADAMW, BOUNDED))
    a, b, r, y = sp.symbols("a b r y", real=True)
    free = proof.forget(*proof.scope.hypotheses)
    product = free.have(eq(sp.Abs(r * a), sp.Abs(r) * sp.Abs(a)), squares(free.have(eq((r * a) ** 2, r**2 * a**2))))
    values = {a: theta(n), b: lr * u(n), r: kept(), y: theta(n + 1)}
    product = proof.have(product.claim.subs(values), instance(product, values))
    split = eq(y, r * a - b)
    general = free.assume(split).have(le(sp.Abs(y), sp.Abs(r * a) + sp.Abs(b)), polynomial())
    same = proof.have(split.subs(values), combination((taken, 1)))
    whole = proof.have(general.claim.subs(values), instance(general, values), using=[same])
    squared = proof.have(eq((lr * u(n)) ** 2, (lr * sp.Abs(u(n))) ** 2))
    move = proof.have(eq(sp.Abs(lr * u(n)), lr * sp.Abs(u(n))), squares(squared))
    weights = (whole, 1), (product, 1), (move, 1), (small, lr)
    return proof.conclude(proof.have(proof.statement.claim, combination(*weights)))


SIZES = (gt(lr, 0), gt(largest, 0), ge(start, 0))
LEVEL, LINE = general_bound(SIZE, largest), linear_bound(SIZE, largest)


@theorem(
    source=SOURCE,
    given=[ge(lr, 0), ne(GROWTH, 1), ADAMW, BOUNDED],
    sample=HALF,
    claim=le(sp.Abs(theta(n)), LEVEL),
)
def adamw_iterates_bounded_in_general(proof):
    """With r = |1 - eta lambda|, not 1: |theta_n| <= r^n |theta_0| + eta U (1 - r^n)/(1 - r), for all eta and lambda"""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}), polynomial())
    ind = proof.assume(claim)
    step = combination((ind.cite("adamw_step_bound"), 1), (ind.have(claim, hypothesis), GROWTH))
    step = ind.have(claim.subs({n: n + 1}), step)
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=SOURCE,
    given=[ge(lr, 0), eq(GROWTH, 1), ADAMW, BOUNDED],
    sample={u: sp.Lambda(k, largest / 2), weight_decay: 0, theta: sp.Lambda(k, 2 - k * lr * largest / 2)},
    claim=le(sp.Abs(theta(n)), LINE),
)
def adamw_iterates_bounded_on_the_edges(proof):
    """At eta lambda = 0 or 2 (r = 1): |theta_n| <= |theta_0| + n eta U"""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}), polynomial())
    ind = proof.assume(claim)
    once, one = ind.cite("adamw_step_bound"), ind.have(eq(GROWTH, 1), hypothesis)
    step = combination((once, 1), (ind.have(claim, hypothesis), 1), (one, sp.Abs(theta(n))))
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), step))))


@theorem(
    source=SOURCE,
    given=[ge(lr, 0), eq(weight_decay, 0), ADAMW, BOUNDED],
    sample={u: sp.Lambda(k, largest / 2), weight_decay: 0, theta: sp.Lambda(k, 2 - k * lr * largest / 2)},
    claim=le(sp.Abs(theta(n) - theta(0)), n * lr * largest),
)
def adam_travels_at_most_linearly(proof):
    """Without weight decay |theta_n - theta_0| <= n eta U"""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}), polynomial())
    ind = proof.assume(claim)
    taken, small = (ind.have(p.body.subs({k: n}), at(p, n)) for p in (ADAMW, BOUNDED))
    none, before = ind.have(eq(weight_decay, 0), hypothesis), ind.have(claim, hypothesis)
    sides = []
    for way in (1, -1):
        past = ind.have(le(way * (theta(n) - theta(0)), before.claim.rhs), polynomial(), using=[before])
        push = ind.have(le(-way * u(n), largest), polynomial(), using=[small])
        weights = (past, 1), (push, lr), (taken, way), (none, -way * lr * theta(n))
        side = le(way * (theta(n + 1) - theta(0)), (n + 1) * lr * largest)
        sides.append(ind.have(side, combination(*weights)))
    x, y = sp.symbols("x y", real=True)
    free = proof.forget(*proof.scope.hypotheses).assume(le(x, y), le(-x, y))
    general = free.have(le(sp.Abs(x), y), polynomial())
    values = {x: theta(n + 1) - theta(0), y: (n + 1) * lr * largest}
    step = ind.have(general.claim.subs(values), instance(general, values), using=sides)
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=SOURCE,
    given=[*SIZES, ne(GROWTH, 1)],
    claim=Iff(Bounded(general_bound(start, largest), n), lt(GROWTH, 1)),
)
def general_bound_bounded_iff_contracting(proof):
    """That bound, which is attained, is bounded in n exactly for |1 - eta lambda| < 1 (0 < eta lambda < 2)"""
    bound = general_bound(start, largest)
    inside = proof.assume(lt(GROWTH, 1))
    least = start + lr * largest / (1 - GROWTH)
    rest = start * (1 - GROWTH**n) + lr * largest * GROWTH**n / (1 - GROWTH)
    bounded = inside.have(Bounded(bound, n), bounded_by(inside.have(le(bound, least), combination(plus=rest))))
    outside = proof.assume(le(1, GROWTH))
    outside = outside.knowing(outside.have(lt(1, GROWTH), polynomial()))
    claim = le(1 + n * (GROWTH - 1), GROWTH**n)
    base = outside.have(claim.subs({n: sp.Integer(0)}))
    ind = outside.assume(claim)
    step = combination((ind.have(claim, hypothesis), GROWTH), plus=n * (GROWTH - 1) ** 2)
    powers = outside.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), step)))
    growth = combination((powers, lr * largest / (GROWTH - 1)), plus=start * GROWTH**n)
    growth = outside.have(le(n * lr * largest, bound), growth)
    unbounded = outside.have(Bounded(bound, n, holds=False), unbounded_by(growth, lr * largest))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(unbounded, bounded)))


@theorem(source=SOURCE, given=SIZES, claim=Bounded(linear_bound(start, largest), n, holds=False))
def linear_bound_unbounded(proof):
    """At eta lambda = 0 or 2 it grows without bound"""
    growth = proof.have(le(n * lr * largest, linear_bound(start, largest)), combination(plus=start))
    return proof.conclude(proof.have(proof.statement.claim, unbounded_by(growth, lr * largest)))


@theorem(
    source=SOURCE,
    given=[*CONTRACTING, ADAMW, BOUNDED],
    sample=SHORT,
    claim=le(sp.Abs(theta(n)), contracting_bound(SIZE, largest)),
)
def adamw_iterates_bounded(proof):
    """For 0 < eta lambda <= 1: |theta_n| <= (1 - eta lambda)^n |theta_0| + (1 - (1 - eta lambda)^n) U/lambda"""
    proof = proof.knowing(proof.have(ge(kept(), 0), polynomial()))
    growth = proof.have(eq(GROWTH, kept()), squares(proof.have(eq(GROWTH**2, kept() ** 2))))
    proof = proof.knowing(growth, proof.have(ne(GROWTH, 1), polynomial()))
    general = proof.cite("adamw_iterates_bounded_in_general")
    same = proof.have(eq(LEVEL, contracting_bound(SIZE, largest)), algebra(growth))
    return proof.conclude(proof.have(proof.statement.claim, combination((general, 1), (same, 1))))


@theorem(
    source=SOURCE,
    given=[*CONTRACTING, ADAMW, BOUNDED, le(SIZE, top), le(largest / weight_decay, top)],
    sample=SHORT | {top: 3 + lr * (1 + largest**2) / largest},
    claim=le(sp.Abs(theta(n)), top),
)
def adamw_iterates_stay_within(proof):
    """For 0 < eta lambda <= 1: |theta_n| <= max(|theta_0|, U/lambda): no M that bounds both is ever exceeded"""
    x, share = sp.Symbol("x", real=True), kept() ** n
    proof = proof.knowing(proof.have(ge(kept(), 0), polynomial()), proof.have(lt(kept(), 1), polynomial()))
    power = proof.forget(*proof.scope.hypotheses).assume(ge(x, 0), lt(x, 1)).have(le(x**n, 1), sign())
    power = proof.have(le(share, 1), instance(power, {x: kept()}))
    bound = proof.cite("adamw_iterates_bounded")
    one, two = (proof.have(p, hypothesis) for p in proof.statement.given[-2:])
    within = combination((bound, 1), (one, share), (two, 1 - share))
    return proof.conclude(proof.have(proof.statement.claim, within, using=[power]))


FIRST_STEPS = (le(0, k), le(k, n - 1))

larger_steps_keep_the_bound = printed(
    name="larger_steps_keep_the_bound",
    title="|theta_n| <= max(|theta_0|, U/lambda) for every eta lambda > 0",
    source=ThisLibrary("AdamW's iterates, without the hypothesis eta lambda <= 1"),
    given=[
        gt(lr, 0),
        gt(weight_decay, 0),
        ForAll(k, FIRST_STEPS, ADAMW.body),
        ForAll(k, FIRST_STEPS, BOUNDED.body),
    ],
    claim=le(sp.Abs(theta(n)), uniform_bound(SIZE, largest)),
    witness={lr: 1, weight_decay: "3/2", largest: 1, n: 1, theta: [1, "-3/2"], u: [1]},
    repaired="adamw_iterates_stay_within",
    why="For eta lambda > 1 a step overshoots zero, and an update of the parameter's own sign adds to it: the bound "
    "needs eta lambda <= 1; beyond, it must be stated with |1 - eta lambda|, and grows with n from eta lambda = 2 on.",
)
