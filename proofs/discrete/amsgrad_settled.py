"""AMSGrad's exact worst case where gamma >= beta: once Adam's worst gradients no longer help, a constant one is best.

With s the last step at which (1 - beta) S_s <= 1, the largest |m_(s+n)| of all gradients with v_0, ..., v_(s+n) <= r^2
is r (1 - gamma^n (1 - a sqrt(S_s))).  The upper bound is linear-programming duality written as an induction: one
multiplier, ``slope``, prices what is left below r^2.
"""

import sympy as sp

from adamtheory.bounds.adam import geometric_sum, moment_bound, moments
from adamtheory.bounds.amsgrad import (
    i,
    kept_below,
    last_second_moment,
    level,
    s,
    scale,
    settled,
    unsettled,
    worst_gradient,
)
from adamtheory.notation import beta, g, gamma, k, m, n, open_square, v
from adamtheory.proof import (
    All,
    ForAll,
    Implies,
    Supremum,
    ThisLibrary,
    algebra,
    at,
    attained,
    cases,
    combination,
    conjunction,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    implication,
    induction,
    instance,
    le,
    modus_ponens,
    polynomial,
    sign,
    squares,
    theorem,
)

slope = beta * (1 - gamma) / (2 * gamma * (1 - beta))  # the dual's multiplier
above = le(beta, gamma)
past = ge(last_second_moment(s + 2), 1)  # (1 - beta) S_(s+1) >= 1
within = le(last_second_moment(s + 1), 1)
newest = s + n
kept = kept_below(newest)
BOUNDED = [*open_square, above, past, gt(level, 0), kept]


@theorem(source=ThisLibrary("discrete theory"), given=[*open_square, past], claim=le(slope, unsettled(s + 1) / 2))
def amsgrad_multiplier_admissible(proof):
    """beta (1 - gamma)/(2 gamma (1 - beta)) is at most a sqrt(S_s)/2 where (1 - beta) S_(s+1) >= 1."""
    shifted = proof.cite("geometric_sum_from_its_first_term", {n: s})
    known = proof.have(past, hypothesis)
    total = geometric_sum(s + 1)
    enough = proof.have(le(beta, (1 - beta) * gamma**2 / beta * total), combination((known, 1), (shifted, 1 - beta)))
    factor = beta * (1 - gamma) ** 2 / (4 * gamma**2 * (1 - beta) ** 2)
    squared = proof.have(le(slope**2, (unsettled(s + 1) / 2) ** 2), combination((enough, factor)))
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


def priced(side, later):
    """side m_(s+later) r is at most the maximum times r less the price of what v_(s+later) leaves below r^2."""
    place = s + later
    return le(side * level * m(place), settled(s, later) * level**2 - slope * (level**2 - v(place)))


def kept_at(proof, place):
    return proof.have(kept.body.subs({i: place}), at(kept, place))


def induct(proof, side):
    """``priced`` at every step up to s + n, by induction from s."""
    place = s + k
    claim = Implies(le(k, n), priced(side, k))
    first, following = claim.subs({k: sp.Integer(0)}), claim.subs({k: k + 1})

    inside = proof.assume(first.hypothesis)
    slack, bound = kept_at(inside, s), unsettled(s + 1)
    closed = inside.cite("second_moment_closed_sum", {n: s})
    inside = inside.knowing(slack, inside.have(ge(v(s), 0), sign(closed.claim.rhs, closed)))
    below = inside.cite("first_moment_bounded_by_second", {n: s})
    rest = moment_bound(s + 1) * (level**2 - v(s)) ** 2 / 4
    half = le((side * level * m(s)) ** 2, (bound * (level**2 + v(s)) / 2) ** 2)
    squared = inside.have(half, combination((below, level**2), plus=rest))
    half = inside.have(le(side * level * m(s), bound * (level**2 + v(s)) / 2), squares(squared))
    multiplier = inside.cite("amsgrad_multiplier_admissible")
    base = inside.have(first.conclusion, combination((half, 1), (multiplier, level**2 - v(s))))

    ind = proof.assume(claim)
    known = ind.have(claim, hypothesis)
    inside = ind.assume(following.hypothesis).knowing(known)
    before = inside.have(claim.conclusion, modus_ponens(known, inside.have(claim.hypothesis, polynomial())))
    slack = kept_at(inside, place + 1)
    one, two = inside.unfold(m(place + 1)), inside.unfold(v(place + 1))
    loss = (1 - gamma) * (gamma - beta) / (2 * gamma * (1 - beta))
    by = combination(
        (before, gamma),
        (slack, loss),
        (one, side * level),
        (two, -(1 - gamma) / (2 * (1 - beta))),
        plus=(1 - gamma) / 2 * (level - side * g(place + 1)) ** 2,
    )
    step = ind.have(following, implication(inside.have(following.conclusion, by)))
    always = proof.have(claim, induction(k, proof.have(first, implication(base)), step))
    return proof.have(claim.subs({k: n}).conclusion, at_newest(proof, claim, always))


def at_newest(proof, claim, always):
    here = claim.subs({k: n})
    return modus_ponens(proof.have(here, instance(always, {k: n})), proof.have(here.hypothesis))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=BOUNDED,
    claim=le(sp.Abs(m(newest)), level * settled()),
    runs=False,
)
def amsgrad_upper_bound_once_settled(proof):
    """|m_(s+n)| <= r (1 - gamma^n (1 - a sqrt(S_s))) wherever v_0, ..., v_(s+n) <= r^2 and (1 - beta) S_(s+1) >= 1."""
    slack = kept_at(proof, newest)
    up, down = (
        proof.have(
            le(side * m(newest), level * settled()),
            combination((induct(proof, side), 1 / level), (slack, slope / level)),
        )
        for side in (1, -1)
    )
    proof = proof.knowing(up, down)
    squared = proof.have(le(m(newest) ** 2, (level * settled()) ** 2), combination((up, level * settled() + m(newest))))
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


stays = ForAll(k, (le(s + 1, k),), eq(g(k), level))
approach = (
    eq(m(newest), level - gamma**n * (level - m(s))),
    eq(v(newest), level**2 - beta**n * (level**2 - v(s))),
)


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, stays],
    claim=All(
        (eq(m(newest), level - gamma**n * (level - m(s))), eq(v(newest), level**2 - beta**n * (level**2 - v(s))))
    ),
    sample={g: sp.Lambda(k, level)},
    runs=False,
)
def moments_under_constant_gradient(proof):
    """Under a constant gradient m approaches it by gamma a step, and v its square by beta a step."""
    parts = []
    for part in proof.statement.claim.parts:
        moment = part.lhs.func
        base = proof.have(part.subs({n: sp.Integer(0)}))
        ind = proof.assume(part)
        constant = ind.have(eq(g(newest + 1), level), at(stays, newest + 1))
        by = algebra(ind.unfold(moment(newest + 1)), constant, ind.have(part, hypothesis))
        parts.append(proof.have(part, induction(n, base, ind.have(part.subs({n: n + 1}), by))))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


# powers up to s, r from then on
ramp = sp.Max(s - k, 0)
example = level * (gamma / beta) ** ramp / sp.sqrt(last_second_moment(s + 1)) ** sp.Min(sp.Max(s + 1 - k, 0), 1)
begins = ForAll(k, (le(0, k), le(k, s)), eq(g(k), worst_gradient()))
w = sp.Function("w", real=True)
worst = (
    ForAll(k, (le(0, k), le(k, s)), eq(w(k), worst_gradient())),
    ForAll(k, (le(s + 1, k),), eq(w(k), level)),
)
chosen_sequence = ForAll(k, (le(0, k),), eq(g(k), w(k)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, above, within, past, gt(level, 0), ge(scale, 0), *worst],
    claim=Supremum(scale * sp.Abs(m(newest)), g, (kept,), scale * level * settled()),
    sample={w: sp.Lambda(k, example)},
    runs=False,
)
def amsgrad_exact_once_settled(proof):
    """The largest |m_(s+n)| with v_0, ..., v_(s+n) <= r^2 is r (1 - gamma^n (1 - a sqrt(S_s))), s the last step with
    (1 - beta) S_s <= 1; the gradients w attain it.

    With a factor c that does not depend on the gradients: 1, or PyTorch's bias correction."""
    claim, bounded = proof.statement.claim, proof.assume(kept)
    below = bounded.cite("amsgrad_upper_bound_once_settled")
    upper = bounded.have(le(claim.expr, claim.value), combination((below, scale)))

    chosen = proof.assume(chosen_sequence)
    index = chosen.assume(le(0, k), le(k, s))
    early = (index.have(eq(g(k), w(k)), at(chosen_sequence, k)), index.have(worst[0].body, at(worst[0], k)))
    first = chosen.have(begins, for_all(index.have(begins.body, algebra(*early))))
    index = chosen.assume(le(s + 1, k))
    late = (index.have(eq(g(k), w(k)), at(chosen_sequence, k)), index.have(worst[1].body, at(worst[1], k)))
    then = chosen.have(stays, for_all(index.have(stays.body, algebra(*late))))
    chosen = chosen.knowing(first, then)
    start = (
        chosen.cite("first_moment_along_adams_worst_gradients", {n: s}),
        chosen.cite("second_moment_along_adams_worst_gradients", {n: s, i: s}),
    )
    general = chosen.cite("moments_under_constant_gradient")
    one, two = (chosen.have(part, hypothesis, using=[general]) for part in general.claim.parts)
    value = chosen.have(eq(m(newest), level * settled()), algebra(one, start[0]))
    still = chosen.have(eq(v(newest), level**2), algebra(two, start[1]))
    power = chosen.have(le(gamma**n, 1), sign())
    size = chosen.have(ge(level * settled(), 0), combination((power, level), plus=level * gamma**n * unsettled(s + 1)))
    squared = chosen.have(eq(m(newest) ** 2, (level * settled()) ** 2), algebra(value))
    size = chosen.have(eq(sp.Abs(m(newest)), level * settled()), squares(squared), using=[size])
    meets = chosen.have(eq(claim.expr, claim.value), combination((size, scale)))

    index = chosen.assume(le(i, newest))
    before, after = index.assume(le(i, s)), index.assume(le(s, i))
    general = before.cite("second_moment_kept_along_adams_worst_gradients", {n: s})
    low = before.have(kept.body, at(general.claim, i), using=[general])
    equal = after.have(eq(v(i), level**2), instance(still, {n: i - s}))
    high = after.have(kept.body, combination((equal, 1)))
    everywhere = index.have(kept.body, cases((le(i, s), low), (le(s, i), high)))
    admissible = chosen.have(kept, for_all(everywhere))
    reached = attained(chosen_sequence, upper=upper, meets=meets, admissible=(admissible,))
    return proof.conclude(proof.have(proof.statement.claim, reached))
