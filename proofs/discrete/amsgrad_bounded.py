"""AMSGrad's updates stay bounded for every beta and gamma: below 1 where gamma >= beta, below a constant elsewhere.

Where gamma^2 >= beta Adam's worst case grows without limit; dividing by the largest v so far ends that.  Each bound is
for all gradients with v_0, ..., v_n <= r^2, so that r may be the root of the largest of them.
"""

import sympy as sp

from adamtheory.bounds.adam import moments, worst_case_limit
from adamtheory.bounds.amsgrad import bias_corrected_bound, i, kept_below, level, settled, simple_bound, unsettled_limit
from adamtheory.notation import beta, bias_correction, g, gamma, half_open_unit, k, m, n, open_square, open_unit, v
from adamtheory.proof import (
    ForAll,
    Implies,
    Supremum,
    Tends,
    ThisLibrary,
    algebra,
    at,
    attained,
    combination,
    eq,
    for_all,
    gt,
    hypothesis,
    implication,
    induction,
    instance,
    le,
    limit,
    lt,
    modus_ponens,
    polynomial,
    sign,
    squares,
    theorem,
)

slope = beta * (1 - gamma) / (2 * gamma * (1 - beta))
kept = kept_below()
REGION = [*half_open_unit(beta), *open_unit(gamma), le(beta, gamma)]


def kept_at(proof, place):
    return proof.have(kept.body.subs({i: place}), at(kept, place))


def size(later):
    return simple_bound().subs({n: later})


def induct(proof, side):
    """side m_k r <= (1 - (gamma - beta) gamma^k/(1 - beta)) r^2 - slope (r^2 - v_k) for every k <= n."""
    priced = le(side * level * m(k), size(k) * level**2 - slope * (level**2 - v(k)))
    claim = Implies(le(k, n), priced)
    first, following = claim.subs({k: sp.Integer(0)}), claim.subs({k: k + 1})

    inside = proof.assume(first.hypothesis)
    zero = sp.Integer(0)
    starts = [algebra(inside.unfold(x(zero)), inside.unfold(x(-1))) for x in (m, v)]
    one = inside.have(eq(m(zero), (1 - gamma) * g(zero)), starts[0])
    two = inside.have(eq(v(zero), (1 - beta) * g(zero) ** 2), starts[1])
    slack = inside.have(le((1 - beta) * g(zero) ** 2, level**2), combination((kept_at(inside, zero), 1), (two, -1)))
    # side g_0 <= r/(1 - beta), since (1 - beta)^2 g_0^2 <= (1 - beta) g_0^2 <= r^2
    rest = beta * (1 - beta) * g(zero) ** 2
    squared = inside.have(le((side * (1 - beta) * g(zero)) ** 2, level**2), combination((slack, 1), plus=rest))
    low = inside.have(le(side * (1 - beta) * g(zero), level), squares(squared))
    factor = (1 - gamma) / (2 * gamma)
    plus = factor * beta * (beta / (1 - beta) * level**2 + (level - side * g(zero)) ** 2)
    by = combination(
        (low, factor * 2 * (gamma - beta) * level / (1 - beta)), (one, side * level), (two, -slope), plus=plus
    )
    base = proof.have(first, implication(inside.have(first.conclusion, by)))

    ind = proof.assume(claim)
    known = ind.have(claim, hypothesis)
    inside = ind.assume(following.hypothesis).knowing(known)
    before = inside.have(claim.conclusion, modus_ponens(known, inside.have(claim.hypothesis, polynomial())))
    slack = kept_at(inside, k + 1)
    one, two = inside.unfold(m(k + 1)), inside.unfold(v(k + 1))
    by = combination(
        (before, gamma),
        (slack, (1 - gamma) * (gamma - beta) / (2 * gamma * (1 - beta))),
        (one, side * level),
        (two, -(1 - gamma) / (2 * (1 - beta))),
        plus=(1 - gamma) / 2 * (level - side * g(k + 1)) ** 2,
    )
    step = ind.have(following, implication(inside.have(following.conclusion, by)))
    always = proof.have(claim, induction(k, base, step))
    here = claim.subs({k: n})
    general = proof.have(here, instance(always, {k: n}))
    return proof.have(here.conclusion, modus_ponens(general, proof.have(here.hypothesis)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*REGION, gt(level, 0), kept],
    claim=le(sp.Abs(m(n)), level * simple_bound()),
    runs=False,
)
def amsgrad_simple_bound(proof):
    """|m_n| <= (1 - (gamma - beta) gamma^n/(1 - beta)) r where gamma >= beta and v_0, ..., v_n <= r^2."""
    slack = kept_at(proof, n)
    up, down = (
        proof.have(
            le(side * m(n), level * simple_bound()),
            combination((induct(proof, side), 1 / level), (slack, slope / level)),
        )
        for side in (1, -1)
    )
    proof = proof.knowing(up, down)
    weight = level * simple_bound() + m(n)
    squared = proof.have(le(m(n) ** 2, (level * simple_bound()) ** 2), combination((up, weight)))
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*REGION, gt(level, 0), kept],
    claim=le(sp.Abs(m(n)), level),
    runs=False,
)
def amsgrad_bounded_by_one(proof):
    """|m_n| <= r where gamma >= beta: no update of AMSGrad exceeds 1 there, whatever the gradients."""
    bound = proof.cite("amsgrad_simple_bound")
    rest = level * (gamma - beta) * gamma**n / (1 - beta)
    return proof.conclude(proof.have(proof.statement.claim, combination((bound, 1), plus=rest)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=open_square,
    claim=Tends(settled(), n, sp.oo, 1),
)
def amsgrad_worst_case_tends_to_one(proof):
    """Where gamma > beta the worst case tends to 1, so that bound cannot be improved."""
    return proof.conclude(proof.have(proof.statement.claim, limit()))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, le(gamma, beta), gt(level, 0), le(v(n), level**2)],
    claim=le(sp.Abs(m(n)), level * unsettled_limit()),
    runs=False,
)
def amsgrad_bounded_where_gamma_below_beta(proof):
    """|m_n| <= (1 - gamma) sqrt(beta/((1 - beta)(beta - gamma^2))) r at every step where gamma <= beta."""
    proof = proof.knowing(proof.have(lt(gamma**2, beta), polynomial()))
    bound, limit_bound = proof.cite("first_moment_bounded_by_level"), proof.cite("amsgrad_worst_case_below_limit")
    return proof.conclude(proof.have(proof.statement.claim, combination((bound, 1), (limit_bound, level))))


constant = ForAll(k, (le(0, k),), eq(g(k), level))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[eq(beta, 0), *open_unit(gamma), gt(level, 0)],
    claim=Supremum(sp.Abs(m(n)), g, (kept,), level * (1 - gamma ** (n + 1))),
    runs=False,
)
def amsgrad_exact_without_second_moment_memory(proof):
    """At beta = 0 the largest |m_n| with v_0, ..., v_n <= r^2 is (1 - gamma^(n+1)) r, by constant gradients."""
    none = proof.have(eq(beta, 0), hypothesis)
    proof = proof.knowing(none)
    bound = proof.assume(kept).cite("amsgrad_simple_bound")
    exact = level * (1 - gamma ** (n + 1))
    same = proof.have(eq(level * simple_bound(), exact), algebra(none))
    upper = proof.assume(kept).have(le(sp.Abs(m(n)), exact), combination((bound, 1), (same, 1)))

    chosen = proof.assume(constant)
    claim = eq(m(n), exact)
    value = {x: chosen.have(eq(g(x), level), at(constant, x)) for x in (sp.Integer(0), n + 1, i)}
    zero = sp.Integer(0)
    base = chosen.have(claim.subs({n: zero}), algebra(chosen.unfold(m(zero)), chosen.unfold(m(-1)), value[zero]))
    ind = chosen.assume(claim)
    by = algebra(ind.unfold(m(n + 1)), value[n + 1], ind.have(claim, hypothesis))
    found = chosen.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), by)))
    squared = chosen.have(eq(m(n) ** 2, exact**2), algebra(found))
    meets = chosen.have(eq(sp.Abs(m(n)), exact), squares(squared))
    index = chosen.assume(le(i, n))
    second = index.have(eq(v(i), level**2), algebra(index.unfold(v(i)), none, value[i]))
    admissible = chosen.have(kept, for_all(index.have(kept.body, combination((second, 1)))))
    reached = attained(constant, upper=upper, meets=meets, admissible=(admissible,))
    return proof.conclude(proof.have(proof.statement.claim, reached))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*REGION, gt(level, 0), kept],
    claim=le(bias_correction(n + 1) * sp.Abs(m(n)), level * bias_corrected_bound()),
    runs=False,
)
def amsgrad_with_bias_correction_bounded(proof):
    """No update of PyTorch's AMSGrad exceeds 1/(1 - gamma) where gamma >= beta, whatever the gradients."""
    bound = proof.cite("amsgrad_bounded_by_one")
    root = proof.have(
        le(sp.sqrt(1 - beta ** (n + 1)), 1), squares(proof.have(le(1 - beta ** (n + 1), 1), sign(beta ** (n + 1))))
    )
    power = proof.have(le(gamma ** (n + 1), gamma), sign(gamma * (1 - gamma**n)))
    last = 1 - gamma ** (n + 1)
    by = combination((root, 1 / last), (power, 1 / (last * (1 - gamma))))
    front = proof.have(le(bias_correction(n + 1), 1 / (1 - gamma)), by)
    claim = combination((bound, bias_correction(n + 1)), (front, level))
    return proof.conclude(proof.have(proof.statement.claim, claim))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, lt(gamma**2, beta), gt(level, 0), le(v(n), level**2)],
    claim=le(bias_correction(n + 1) * sp.Abs(m(n)), level * worst_case_limit()),
    runs=False,
)
def amsgrad_with_bias_correction_bounded_by_adam(proof):
    """Where gamma^2 < beta no update of PyTorch's AMSGrad exceeds Adam's U_inf, whatever the gradients."""
    bound, below = proof.cite("first_moment_bounded_by_level"), proof.cite("worst_case_below_limit")
    by = combination((bound, bias_correction(n + 1)), (below, level))
    return proof.conclude(proof.have(proof.statement.claim, by))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*half_open_unit(beta), eq(gamma, 0), gt(level, 0), le(v(n), level**2)],
    claim=le(sp.Abs(m(n)), level / sp.sqrt(1 - beta)),
    runs=False,
)
def amsgrad_bounded_without_momentum(proof):
    """At gamma = 0 no |m_n| exceeds r/sqrt(1 - beta), wherever v_n <= r^2."""
    first = proof.have(eq(m(n), g(n)), algebra(proof.unfold(m(n)), proof.have(eq(gamma, 0), hypothesis)))
    part, newest = proof.cite("squared_gradient_below_second_moment"), proof.have(le(v(n), level**2), hypothesis)
    below = combination((part, 1 / (1 - beta)), (newest, 1 / (1 - beta)), (first, m(n) + g(n)))
    squared = proof.have(le(m(n) ** 2, level**2 / (1 - beta)), below)
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))
