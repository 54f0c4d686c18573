"""AdamW's own iterates obey the bounds with Adam's worst case, and which updates attain the bounds, one coordinate."""

import sympy as sp

from adamtheory.bounds.adam import definitions, worst_case_limit
from adamtheory.bounds.iterates import contracting_bound, general_bound, kept
from adamtheory.flows.second_order import iterates
from adamtheory.methods import AdamW
from adamtheory.notation import beta, g, gamma, j, k, lr, m, n, open_square, theta, u, v, weight_decay
from adamtheory.proof import (
    ForAll,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    ne,
    polynomial,
    sign,
    squares,
    telescoping,
    theorem,
    under_sum,
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


WORST = worst_case_limit()


HALF = steady(largest / 2)


OWN = (*open_square, lt(gamma**2, beta), ne(g(0), 0), *CONTRACTING, ADAMW)
ONES = {g: sp.Lambda(k, sp.Integer(1)), theta: steady(1)[theta], weight_decay: gamma / lr}


def worst_case_bounds_updates(proof):
    """|u(k)| <= U_inf for every k."""
    every = BOUNDED.subs({largest: WORST})
    positive = proof.cite("second_moment_positive_after_a_gradient", {n: k, j: sp.Integer(0)})
    known = proof.knowing(positive)
    now, always = known.cite("max_update_upper_bound", {n: k}), known.cite("worst_case_below_limit", {n: k})
    return proof.have(every, for_all(known.have(every.body, combination((now, 1), (always, 1)))))


@theorem(
    source=SOURCE,
    where=definitions(),
    given=OWN,
    sample=ONES,
    claim=le(sp.Abs(theta(n)), contracting_bound(SIZE, WORST)),
)
def adamw_iterates_bounded_by_worst_case(proof):
    """AdamW's own iterates, gamma^2 < beta, 0 < eta lambda <= 1, obey that bound with U = U_inf, Adam's worst case

    Whatever the gradients are (the first not zero, eps = 0)."""
    proof = proof.knowing(worst_case_bounds_updates(proof))
    return proof.conclude(proof.cite("adamw_iterates_bounded", {largest: WORST}))


@theorem(
    source=SOURCE,
    where=definitions(),
    given=[*OWN, le(SIZE, top), le(WORST / weight_decay, top)],
    sample=ONES | {top: 5 + WORST * lr / gamma},
    claim=le(sp.Abs(theta(n)), top),
)
def adamw_iterates_stay_within_worst_case(proof):
    """AdamW's own iterates, gamma^2 < beta, 0 < eta lambda <= 1: |theta_n| <= max(|theta_0|, U_inf/lambda) forever"""
    proof = proof.knowing(worst_case_bounds_updates(proof))
    return proof.conclude(proof.cite("adamw_iterates_stay_within", {largest: WORST}))


down = sp.Symbol("c", real=True)  # minus a constant gradient
DESCENT = ForAll(k, (), eq(g(k), -down))
TOUCHED = contracting_bound(theta(0), WORST)


@theorem(
    source=SOURCE,
    where=definitions(),
    given=[*open_square, gt(down, 0), DESCENT],
    sample={g: sp.Lambda(k, -down)},
    claim=eq(u(n), -1),
)
def constant_gradient_gives_unit_updates(proof):
    """A constant negative gradient makes every update -1, for all beta and gamma (eps = 0)"""
    given, total = proof.have(DESCENT, hypothesis), []
    for moment, decay, value in ((m, gamma, -down), (v, beta, down**2)):
        name = {m: "first_moment_closed_sum", v: "second_moment_closed_sum"}[moment]
        closed, term = proof.cite(name), (1 - decay) * decay ** (n - k) * value
        inserted = eq(closed.claim.rhs, sp.Sum(term, (k, 0, n)))
        inserted = proof.have(inserted, under_sum(DESCENT), using=[given])
        whole = proof.have(
            eq(sp.Sum(term, (k, 0, n)), value * (1 - decay ** (n + 1))), telescoping(decay ** (n + 1 - k) * value)
        )
        total.append(
            proof.chain(moment(n))
            .eq(closed.claim.rhs, algebra(closed))
            .eq(whole.claim.rhs, algebra(inserted, whole))
            .done()
        )
    first, second = total
    proof = proof.knowing(proof.have(gt(v(n), 0), sign((1 - beta ** (n + 1)) * down**2, second)))
    update = proof.unfold(u(n))
    root = proof.have(eq(v(n), (sp.sqrt(1 - beta ** (n + 1)) * down) ** 2), algebra(second))
    root = proof.have(eq(sp.sqrt(v(n)), sp.sqrt(1 - beta ** (n + 1)) * down), squares(root))
    inverse = sp.sqrt(1 - beta ** (n + 1)) * down
    inverse = proof.have(eq(1 / sp.sqrt(v(n)), 1 / inverse), combination((root, -1 / (sp.sqrt(v(n)) * inverse))))
    return proof.conclude(proof.have(proof.statement.claim, algebra(update, inverse, first)))


@theorem(
    source=SOURCE,
    where=definitions(),
    given=[*open_square, eq(beta, gamma), *CONTRACTING, gt(down, 0), DESCENT, ADAMW],
    sample={beta: gamma, g: sp.Lambda(k, -down), theta: steady(-1)[theta], weight_decay: gamma / lr},
    claim=eq(theta(n), TOUCHED),
)
def adamw_iterates_bound_is_sharp(proof):
    """At beta = gamma, where U_inf = 1, a constant negative gradient attains the bound at every step if theta_0 >= 0"""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    tie = proof.have(eq(beta, gamma), hypothesis)
    limit = proof.have(eq(WORST, 1), algebra(tie))
    ind = proof.assume(claim)
    taken, one = ind.have(ADAMW.body.subs({k: n}), at(ADAMW, n)), ind.cite("constant_gradient_gives_unit_updates")
    weights = (taken, 1), (one, -lr), (ind.have(claim, hypothesis), kept()), (limit, -lr)
    step = ind.have(claim.subs({n: n + 1}), combination(*weights))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


def attains(proof, update):
    """The equality of the claim by induction, from the update at every step."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    taken, chosen = (ind.have(p.body.subs({k: n}), at(p, n)) for p in (ADAMW, update))
    after = algebra(taken, chosen, ind.have(claim, hypothesis))
    return proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), after)))


DOWN, TURNING = ForAll(k, (), eq(u(k), -largest)), ForAll(k, (), eq(u(k), (-1) ** k * largest))
REACHED = general_bound(theta(0), largest)


@theorem(
    source=SOURCE,
    given=[gt(lr, 0), gt(weight_decay, 0), le(lr * weight_decay, 1), ADAMW, DOWN],
    sample=steady(-largest) | {weight_decay: largest**2 / (lr * (1 + largest**2))},
    claim=eq(theta(n), REACHED),
)
def general_bound_attained_by_one_sign(proof):
    """For 0 < eta lambda <= 1 updates that are all -U attain the bound at every step from theta_0 >= 0"""
    proof = proof.knowing(proof.have(ge(kept(), 0), polynomial()))
    return proof.conclude(attains(proof, DOWN))


RATIO = (weight_decay * lr - 1) ** k
TURNS = {u: sp.Lambda(k, (-1) ** k * largest)}
TURNS[theta] = sp.Lambda(k, (-1) ** k * (2 * RATIO + lr * largest * (1 - RATIO) / (2 - lr * weight_decay)))


@theorem(
    source=SOURCE,
    given=[gt(lr, 0), ge(lr * weight_decay, 1), ne(lr * weight_decay, 2), ADAMW, TURNING],
    sample=TURNS | {weight_decay: (1 + largest**2) / lr},
    claim=eq(theta(n), (-1) ** n * REACHED),
)
def general_bound_attained_by_turns(proof):
    """For eta lambda >= 1, not 2, updates of size U that turn at every step attain the bound, from theta_0 >= 0"""
    proof = proof.knowing(proof.have(ge(-kept(), 0), polynomial()))
    return proof.conclude(attains(proof, TURNING))


SIZES = (gt(lr, 0), gt(largest, 0), ge(start, 0))
