"""Section 4.3, "a provably bounded update history": which histories a first level hands on, and what they lead to.

A first level with gamma_1 = 0 can hand on every history in [-1, 1] that starts with a sign.  Among these are histories
along which the second level's update tends to U_inf, its own worst case: in the long run nothing is gained.
"""

import sympy as sp

from adamtheory.bounds.adam import worst_case_limit, worst_case_limit_squared
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
    k,
    n,
    open_unit,
    ratio,
    u,
)
from adamtheory.proof import (
    ForAll,
    SequenceDefinition,
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
    instance,
    le,
    limit,
    lt,
    sign,
    squares,
    telescoping,
    theorem,
    under_sum,
)

ratio2, front2 = at_level(ratio, 2), at_level(bias_correction(n + 1) * alignment, 2) ** 2
(beta1, _), (beta2, gamma2) = level_symbols(1), level_symbols(2)
(m1, v1), (m2, v2), u1 = moments(1), moments(2), update(1, 2)
x, w = (sp.Function(name, real=True) for name in "xw")
CORRECTED = 1 - beta1 ** (n + 1)
MEMORY = SequenceDefinition(w, n, beta1 * w(n - 1) / (1 - (1 - beta1) * x(n) ** 2 / CORRECTED), ((0, 1 - beta1),))
CHOSEN = SequenceDefinition(g, n, x(n) * sp.sqrt(w(n) / CORRECTED))


@theorem(
    source=ThisLibrary("Section 4.3 of Gould & Tanaka 2024, which histories a first level hands on"),
    where=[MEMORY, CHOSEN, *definitions(2, gamma_1=0)[:3]],
    given=[*open_unit(beta1), eq(x(0), 1), ForAll(k, (), le(x(k) ** 2, 1))],
    sample={x: sp.Lambda(k, 1 / (k + 1))},
    claim=eq(u1(n), x(n)),
    runs=False,
)
def first_level_hands_on_any_history(proof):
    """A first level with gamma_1 = 0 hands on any history x_0 = 1, |x_k| <= 1: the gradients for it are explicit."""
    zero, small = sp.Integer(0), proof.statement.given[-1]
    one = proof.have(eq(x(0), 1), hypothesis)
    starts = proof.unfold(w(zero)), proof.unfold(v1(zero)), proof.unfold(v1(sp.Integer(-1)))
    later = CORRECTED.subs(n, n + 1)
    bound = proof.have(le(x(n + 1) ** 2, 1), at(small, n + 1))
    rest = 1 - (1 - beta1) * x(n + 1) ** 2 / later
    slack = beta1 * (1 - beta1 ** (n + 1)) / later
    proof = proof.knowing(proof.have(gt(rest, 0), combination((bound, (1 - beta1) / later), plus=slack)))
    claim = gt(w(n), 0)
    ind = proof.assume(claim)
    base = proof.have(claim.subs({n: zero}), sign(1 - beta1, starts[0]))
    step = ind.have(claim.subs({n: n + 1}), sign(beta1 * w(n) / rest, ind.unfold(w(n + 1))))
    positive = proof.have(claim, induction(n, base, step))
    then = proof.have(claim.subs({n: n + 1}), instance(positive, {n: n + 1}))
    proof = proof.knowing(positive, then)
    begin = proof.have(gt(w(zero), 0), sign(1 - beta1, starts[0]))
    first = proof.knowing(begin).unfold(g(zero))
    first = proof.knowing(begin).have(eq(g(zero) ** 2, 1), algebra(first, one, starts[0]))
    same = eq(v1(n), w(n))
    base = proof.have(
        same.subs({n: zero}), combination((starts[1], 1), (starts[2], beta1), (first, 1 - beta1), (starts[0], -1))
    )
    ind = proof.assume(same)
    line, square = (
        ind.unfold(w(n + 1)),
        ind.have(eq(g(n + 1) ** 2, x(n + 1) ** 2 * w(n + 1) / later), algebra(ind.unfold(g(n + 1)))),
    )
    by = combination(
        (ind.unfold(v1(n + 1)), 1), (ind.have(same, hypothesis), beta1), (square, 1 - beta1), (line, -rest)
    )
    moment = proof.have(same, induction(n, base, ind.have(same.subs({n: n + 1}), by)))
    proof = proof.knowing(proof.have(gt(v1(n), 0), sign(w(n), moment)))
    root = proof.have(eq(sp.sqrt(v1(n)), sp.sqrt(w(n))), squares(moment))
    share = proof.have(
        eq(sp.sqrt(w(n) / CORRECTED), sp.sqrt(w(n)) / sp.sqrt(CORRECTED)),
        squares(proof.have(eq(w(n) / CORRECTED, w(n) / CORRECTED))),
    )
    line = proof.unfold(u1(n))
    inverse = proof.have(
        eq(1 / root.claim.lhs, 1 / root.claim.rhs), combination((root, -1 / (root.claim.lhs * root.claim.rhs)))
    )
    return proof.conclude(
        proof.have(proof.statement.claim, algebra(line, inverse, proof.unfold(m1(n)), proof.unfold(g(n)), share))
    )


RISING = ForAll(k, (le(1, k), le(k, n)), eq(u1(k), (gamma2 / beta2) ** (n - k)))
TERMS = at_level(sp.Sum(ratio**j, (j, 0, n - 1)), 2)
AFTER_RISE = front2 * (TERMS + gamma2**n) ** 2 / (TERMS + beta2**n)


@theorem(
    source=ThisLibrary("Section 4.3 of Gould & Tanaka 2024, the second level's worst case in the long run"),
    where=definitions(2)[3:],
    given=[*open_unit(beta2, gamma2), eq(u1(0), 1), RISING],
    sample={u1: sp.Lambda(k, (gamma2 / beta2) ** sp.Max(0, n - k) * sp.Min(k, 1) + sp.Max(0, 1 - k))},
    claim=eq(u(n) ** 2, AFTER_RISE),
    runs=False,
)
def second_level_after_rising_history(proof):
    """On the history 1, then rising by beta_2/gamma_2 a step to 1, the second level's update is explicit."""
    everywhere = proof.forget(RISING)
    one = proof.have(eq(u1(0), 1), hypothesis)
    weights = (1 - gamma2) * gamma2 ** (n - k), (1 - beta2) * beta2 ** (n - k)
    values = []
    for moment, weight, power in zip((m2, v2), weights, (1, 2), strict=True):
        closed = closed_sum(everywhere, moment, sp.Sum(weight * u1(k) ** power, (k, 0, n)))
        later = [sp.Sum(weight * f**power, (k, 1, n)) for f in (u1(k), RISING.body.rhs)]
        risen = proof.have(eq(*later), under_sum(RISING))
        first = weight.subs(k, 0)
        split = proof.have(eq(moment(n), first * u1(0) ** power + later[0]), algebra(closed))
        whole = weight.subs(k, n) * TERMS + first
        by = combination((split, 1), (risen, 1), (one, first * (1 if power == 1 else 1 + u1(0))))
        values.append(proof.have(eq(moment(n), whole), by))
    mean, square = values
    proof = proof.knowing(proof.have(gt(v2(n), 0), sign(square.claim.rhs, square)))
    return proof.conclude(proof.have(proof.statement.claim, algebra(proof.unfold(u(n)), mean, square)))


def closed_sum(proof, moment, closed):
    """moment(n) = closed by induction."""
    claim, zero = eq(moment(n), closed), sp.Integer(0)
    lines = proof.unfold(moment(zero)), proof.unfold(moment(sp.Integer(-1)))
    base = proof.have(claim.subs({n: zero}), algebra(*lines))
    ind = proof.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), algebra(ind.unfold(moment(n + 1)), ind.have(claim, hypothesis)))
    return proof.have(claim, induction(n, base, step))


@theorem(
    source=ThisLibrary("Section 4.3 of Gould & Tanaka 2024, the second level's worst case in the long run"),
    given=[*open_unit(beta2, gamma2), lt(gamma2**2, beta2)],
    claim=Tends(sp.sqrt(AFTER_RISE), n, sp.oo, at_level(worst_case_limit(), 2)),
)
def second_level_worst_case_does_not_shrink(proof):
    """Along these histories the second level's update tends to U_inf, Adam's own worst case, where gamma_2^2 < beta_2.

    So over all steps the second level of a k-Adam is no better bounded than Adam with the same beta and gamma."""
    index = TERMS.variables[0]
    closed = (1 - ratio2**n) / (1 - ratio2)
    below_one = proof.have(gt(1 - ratio2, 0), sign((beta2 - gamma2**2) / beta2))
    proof = proof.knowing(below_one)
    total = proof.have(eq(TERMS, closed), telescoping(-(ratio2**index) / (1 - ratio2)))
    some = proof.have(ge(closed, 0), combination((total, 1), plus=TERMS))
    proof = proof.knowing(some)
    share = (1 - beta2 ** (n + 1)) / ((1 - ratio2) * (closed + beta2**n))
    form = sp.sqrt(at_level(worst_case_limit_squared(), 2) * share)
    form *= (1 - ratio2) * (closed + gamma2**n) / (1 - gamma2 ** (n + 1))
    squared = proof.have(eq(AFTER_RISE, form**2), algebra(total))
    root = proof.have(eq(sp.sqrt(AFTER_RISE), form), squares(squared))
    return proof.conclude(proof.have(proof.statement.claim, limit(form, root), using=[some]))
