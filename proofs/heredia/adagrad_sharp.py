"""AdaGrad's rate is sharp: on a parabola the gap falls no faster than at the rate that its final memory gives."""

import sympy as sp

from adamtheory.lyapunov.curves import (
    ACCUMULATION,
    DESCENT,
    NOW,
    ROOT,
    ROOT_MEAN_SQUARE,
    WITHIN,
    A,
    Phi,
    convexity,
    during,
    i,
    psi,
    r,
    since,
    until,
    v,
    x,
)
from adamtheory.lyapunov.steps import at_one, up_to_now
from adamtheory.notation import dimension, eps, g, lr, t, tau
from adamtheory.proof import (
    All,
    ForAll,
    Regular,
    ThisLibrary,
    algebra,
    along,
    at,
    cases,
    combination,
    conjunction,
    differentiation,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    polynomial,
    sign,
    theorem,
)

SOURCE = ThisLibrary("rates of preconditioned gradient flows")
b, q, y, z, when = sp.symbols("b q y z a", real=True)
a = sp.Symbol("b0", real=True)
# One parameter, or one that the others do not move: Phi' = g x', and g^2 = 2 mu Phi on a parabola.
ALONE = during(eq(sp.Derivative(Phi(tau), tau), g(i, tau) * sp.Derivative(x(i, tau), tau)))
PARABOLA = during(eq(g(i, tau) ** 2, 2 * convexity * Phi(tau)))
CURVES = (Regular(Phi, 1, 0, until), Regular(x, 1, 0, until), ALONE, DESCENT)
FLOW = (*NOW, WITHIN, gt(eps, 0), gt(lr, 0), *ACCUMULATION, ROOT, ROOT_MEAN_SQUARE, *CURVES)
SAMPLE = {
    dimension: sp.Integer(1),
    i: sp.Integer(0),
    **{f: sp.Lambda((i, t), sp.Integer(0)) for f in (x, g)},
    v: sp.Lambda((i, t), sp.Integer(4)),
    r: sp.Lambda((i, t), sp.Integer(2)),
    A: sp.Lambda((i, t), 1 / (2 + eps)),
    Phi: sp.Lambda(t, sp.Integer(0)),
    since: t / 2,
    until: t + 1,
    when: t,
}


def root_at(proof, time):
    """r >= 0 and r^2 = v, at i and a time."""
    root = at_one(proof, ROOT, time)
    return [proof.have(part, hypothesis, using=[root]) for part in root.claim.parts]


@theorem(
    source=SOURCE,
    given=[ge(since, 0), le(since, t), *FLOW, gt(convexity, 0), PARABOLA, ge(r(i, since), 0)],
    sample=SAMPLE,
    claim=le(Phi(since) * sp.exp(-2 * convexity * (t - since) / (r(i, since) + eps)), Phi(t)),
    runs=False,
)
def adagrad_gap_decays_no_faster(proof):
    """Phi(t) >= Phi(s) exp(-2 mu (t - s)/(sqrt(v(s)) + eps)) on a parabola: what the memory holds is not forgotten"""
    inside = up_to_now(proof, since)
    # The memory has not shrunk since s.
    earlier = inside.assume(le(since, when), le(when, tau))
    earlier = earlier.knowing(*(earlier.have(p, polynomial()) for p in (le(0, when), le(when, until))))
    grows = at_one(earlier, ACCUMULATION[1], when)
    rises = earlier.have(le(0, sp.Derivative(v(i, when), when)), combination((grows, -1), plus=g(i, when) ** 2 / lr))
    inside = inside.knowing(inside.have(le(0, tau), polynomial()))
    later = inside.have(le(v(i, since), v(i, tau)), along(rises, when, since, tau))
    (root, square), (first, before) = root_at(inside, tau), root_at(inside, since)
    unit, step = at_one(inside, ROOT_MEAN_SQUARE), at_one(inside, DESCENT)
    values = {y: A(i, tau), z: r(i, tau), a: r(i, since), b: v(i, since), q: v(i, tau)}
    given = gt(eps, 0), eq(y * (z + eps), 1), ge(z, 0), ge(a, 0), eq(z**2, q), eq(a**2, b), le(b, q)
    free = proof.forget(*proof.scope.hypotheses).assume(*given)
    free = free.knowing(free.have(le(a, z), polynomial()))
    small = free.have(le(y, 1 / (a + eps)), polynomial())
    known = [unit, root, first, square, before, later]
    small = inside.have(le(A(i, tau), 1 / (r(i, since) + eps)), instance(small, values), using=known)
    alone, parabola = (inside.have(h.body, at(h, tau)) for h in (ALONE, PARABOLA))
    rate = 2 * convexity / (r(i, since) + eps)
    growing = sp.exp(rate * (tau - since))
    product = Phi(tau) * growing
    slope = growing * (sp.Derivative(Phi(tau), tau) + rate * Phi(tau))
    change = inside.have(eq(sp.Derivative(product, tau), slope), differentiation)
    rises = inside.have(
        le(0, sp.Derivative(product, tau)),
        combination(
            (change, -1),
            (alone, -growing),
            (step, -growing * g(i, tau)),
            (small, growing * g(i, tau) ** 2),
            (parabola, growing / (r(i, since) + eps)),
        ),
    )
    ends = proof.have(le(Phi(since), Phi(t) * growing.subs(tau, t)), along(rises, tau, since, t))
    return proof.conclude(proof.have(proof.statement.claim, combination((ends, 1 / growing.subs(tau, t)))))


def limit_of_small(proof, claim, excess, nearly, facts):
    """``claim``, a <= b, from a <= b + excess q for any q > 0: were a - b positive, half of it would be too much."""
    for_any = proof.have(ForAll(q, (gt(q, 0),), nearly.claim), for_all(nearly))
    more = proof.knowing(*facts).assume(gt(claim.lhs, claim.rhs))
    more = more.knowing(more.have(ge(v(i, t), 0), polynomial()))
    half = (claim.lhs - claim.rhs) / (2 * excess)
    more = more.knowing(for_any, more.have(gt(half, 0), sign()))
    exact = more.have(nearly.claim.subs({q: half}), at(for_any.claim, half))
    exact = more.have(claim, combination((exact, 2)))
    holds = proof.assume(claim).have(claim, hypothesis)
    return proof.have(claim, cases((claim, holds), (gt(claim.lhs, claim.rhs), exact)))


EARNED = le(Phi(0) + lr * psi(r(i, 0)), Phi(t) + lr * psi(r(i, t)))


@theorem(
    source=SOURCE,
    given=[*FLOW, ge(r(i, 0), 0), ge(r(i, t), 0)],
    sample=SAMPLE,
    claim=EARNED,
    runs=False,
)
def adagrad_memory_is_worth_its_price(proof):
    """Phi(0) + lr psi(sqrt(v(0))) <= Phi(t) + lr psi(sqrt(v(t))) for one parameter: nothing else lowers the gap"""
    known = proof.assume(gt(q, 0))
    inside = up_to_now(known)
    root, square = root_at(inside, tau)
    inside = inside.knowing(root, square)
    positive = inside.have(ge(v(i, tau), 0), polynomial())
    inside = inside.knowing(positive)
    unit, step, grows = (at_one(inside, h) for h in (ROOT_MEAN_SQUARE, DESCENT, ACCUMULATION[1]))
    alone = inside.have(ALONE.body, at(ALONE, tau))
    smoothed = sp.sqrt(v(i, tau) + q**2)
    # 1/(r + eps) exceeds 1/(sqrt(r^2 + q^2) + eps) by q/eps^2 at most.
    free = proof.forget(*proof.scope.hypotheses).assume(gt(eps, 0), gt(q, 0), ge(z, 0), eq(z**2, a))
    near = [free.have(p, polynomial()) for p in (le(z, sp.sqrt(a + q**2)), le(sp.sqrt(a + q**2), z + q))]
    free = proof.forget(*proof.scope.hypotheses)
    free = free.assume(gt(eps, 0), gt(q, 0), ge(z, 0), le(z, b), le(b, z + q), eq(y * (z + eps), 1))
    excess = free.have(le(y, 1 / (b + eps) + q / eps**2), polynomial())
    values = {z: r(i, tau), a: v(i, tau)}
    above, close = (inside.have(one.claim.subs(values), instance(one, values)) for one in near)
    values = {y: A(i, tau), z: r(i, tau), b: smoothed}
    excess = inside.have(excess.claim.subs(values), instance(excess, values), using=[above, close, unit])
    total = Phi(tau) + lr * psi(smoothed) + lr * q * v(i, tau) / eps**2
    memory = sp.Derivative(v(i, tau), tau)
    change = sp.Derivative(Phi(tau), tau) + lr * memory * (1 / (smoothed + eps) + q / eps**2)
    few = proof.forget(*proof.scope.hypotheses).assume(le(0, tau), le(tau, until), gt(eps, 0), gt(q, 0))
    few = few.assume(Regular(v, 1, 0, until), Regular(Phi, 1, 0, until), positive.claim)
    change = few.have(eq(sp.Derivative(total, tau), change), differentiation)
    change = inside.have(change.claim, instance(change, {}))
    weight = lr * (1 / (smoothed + eps) + q / eps**2)
    rises = inside.have(
        le(0, sp.Derivative(total, tau)),
        combination((change, -1), (alone, -1), (step, -g(i, tau)), (grows, -weight), (excess, g(i, tau) ** 2)),
    )
    for time in (sp.S.Zero, t):
        known = known.knowing(*root_at(known, time))
        known = known.knowing(known.have(ge(v(i, time), 0), polynomial()))
    ends = known.have(le(total.subs(tau, 0), total.subs(tau, t)), along(rises, tau, 0, t))
    costs = []
    for time, which in ((sp.S.Zero, 0), (t, 1)):
        values = {z: r(i, time), a: v(i, time)}
        above, close = (known.have(one.claim.subs(values), instance(one, values)) for one in near)
        name = "cost_of_memory_grows_at_most_twice_as_fast"
        cost = known.knowing(above).cite(name, {a: r(i, time), b: smoothed.subs(tau, time)})
        costs.append(known.have(cost.claim.parts[which], hypothesis, using=[cost]))
    excess = 2 * lr + lr * v(i, t) / eps**2
    nearly = le(EARNED.lhs, EARNED.rhs + excess * q)
    weights = (ends, 1), (costs[0], lr), (costs[1], lr), (close, 2 * lr)
    nearly = known.have(nearly, combination(*weights, plus=lr * q * v(i, 0) / eps**2))
    return proof.conclude(limit_of_small(proof, EARNED, excess, nearly, root_at(proof, t)))


FINAL = eq(lr * psi(b), Phi(0))  # b is the root of the memory in the end, where it starts at zero
LOWER = le(Phi(since) * sp.exp(-2 * convexity * (t - since) / (r(i, since) + eps)), Phi(t))
CLOSE = le(lr * (psi(b) - psi(r(i, since))), Phi(since))


@theorem(
    source=SOURCE,
    given=[
        ge(since, 0),
        le(since, t),
        *FLOW,
        gt(convexity, 0),
        PARABOLA,
        ge(r(i, since), 0),
        eq(r(i, 0), 0),
        ge(b, 0),
        FINAL,
    ],
    sample=SAMPLE | {f: sp.Lambda((i, t), sp.Integer(0)) for f in (v, r)} | {A: sp.Lambda((i, t), 1 / eps), b: 0},
    claim=All((LOWER, CLOSE)),
    runs=False,
)
def adagrad_rate_is_sharp(proof):
    """From zero memory: Phi(t) >= Phi(s) exp(-2 mu (t - s)/(sqrt(v(s)) + eps)), where lr psi(sqrt(v(s))) lacks only
    Phi(s) of lr psi(b) = Phi(0)

    So the rate falls to 2 mu/(b + eps), the rate that is proved, as fast as the gap itself falls."""
    lower = proof.cite("adagrad_gap_decays_no_faster")
    zero = proof.have(eq(r(i, 0), 0), hypothesis)
    known = proof.knowing(zero)
    known = known.knowing(known.have(ge(r(i, 0), 0), polynomial()), known.have(le(since, until), polynomial()))
    earned = known.cite("adagrad_memory_is_worth_its_price", {t: since})
    nothing = known.have(eq(psi(r(i, 0)), 0), algebra(zero))
    final = known.have(FINAL, hypothesis)
    close = known.have(CLOSE, combination((earned, 1), (nothing, -lr), (final, 1)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(lower, close)))
