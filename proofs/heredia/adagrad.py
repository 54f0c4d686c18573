"""AdaGrad's flow: its memory only grows, but stays finite, since each bit of it is paid for by the gap.

The flow is theta' = -g/(sqrt(v) + eps) with v' = g^2/lr.  With psi(s) = 2 s - 2 eps log(1 + s/eps), the derivative of
psi(sqrt(v)) is v'/(sqrt(v) + eps), so that lr psi(sqrt(v)) cannot grow by more than the gap falls."""

import sympy as sp

from adamtheory.lyapunov.curves import (
    ACCUMULATION,
    DESCENT,
    GAP,
    NOW,
    ROOT,
    ROOT_MEAN_SQUARE,
    WITHIN,
    A,
    Phi,
    bounded_below,
    chain_rule,
    convexity,
    coordinates,
    i,
    least,
    polyak_lojasiewicz,
    psi,
    r,
    until,
    v,
    x,
)
from adamtheory.lyapunov.steps import at_one, everywhere, term_below_sum, under, up_to_now, when
from adamtheory.notation import dimension, eps, g, k, lr, t, tau
from adamtheory.proof import (
    All,
    ForAll,
    Regular,
    ThisLibrary,
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
    lt,
    monotone,
    polynomial,
    sign,
    termwise,
    theorem,
)

SOURCE = ThisLibrary("rates of preconditioned gradient flows")
b, c, q, y, z = sp.symbols("b c q y z", real=True)
a = sp.Symbol("b0", real=True)
ADAGRAD = (*NOW, gt(eps, 0), gt(lr, 0), *ACCUMULATION, ROOT, ROOT_MEAN_SQUARE, *GAP, DESCENT)
# At rest in the minimum, with a memory of 1 + i.
SAMPLE = {
    dimension: sp.Integer(2),
    i: sp.Integer(1),
    **{f: sp.Lambda((i, t), sp.Integer(0)) for f in (x, g)},
    v: sp.Lambda((i, t), (1 + i) ** 2),
    r: sp.Lambda((i, t), 1 + i),
    A: sp.Lambda((i, t), 1 / (1 + i + eps)),
    Phi: sp.Lambda(t, sp.Integer(0)),
    until: t + 1,
}


@theorem(
    source=SOURCE,
    given=[gt(eps, 0), ge(a, 0), le(a, b)],
    claim=All((le(psi(a), psi(b)), le(psi(b), psi(a) + 2 * (b - a)))),
    runs=False,
)
def cost_of_memory_grows_at_most_twice_as_fast(proof):
    """psi(s) = 2 s - 2 eps log(1 + s/eps) increases, with slopes from 0 to 2"""
    up = proof.have(le(psi(a), psi(b)), monotone(psi(y), y, a, b, 2 * y / (y + eps)))
    rest = 2 * y - psi(y)
    slow = proof.have(le(rest.subs(y, a), rest.subs(y, b)), monotone(rest, y, a, b, 2 * eps / (y + eps)))
    slow = proof.have(proof.statement.claim.parts[1], combination((slow, 1)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(up, slow)))


SPENT = le(Phi(t) + lr * psi(r(i, t)), Phi(0) + lr * psi(r(i, 0)))


@theorem(
    source=SOURCE,
    given=[WITHIN, *ADAGRAD, ge(r(i, 0), 0), ge(r(i, t), 0)],  # both are part of ROOT
    sample=SAMPLE,
    claim=SPENT,
    runs=False,
)
def adagrad_memory_is_paid_for(proof):
    """Phi(t) + lr psi(sqrt(v(t))) <= Phi(0) + lr psi(sqrt(v(0))) in each coordinate: zero memory or warm"""
    known = proof.assume(gt(q, 0))
    inside = up_to_now(known)
    slope = inside.have(chain_rule().body, at(chain_rule(), tau))

    def local(here, which):
        """0 <= r, r^2 = v, A (r + eps) = 1 and x' = -A g at a coordinate and tau."""
        root, unit, step = (at_one(here, h, which=which) for h in (ROOT, ROOT_MEAN_SQUARE, DESCENT))
        return [here.have(part, hypothesis, using=[root]) for part in root.claim.parts] + [unit, step]

    # Every coordinate lowers the gap, this one by A g^2 at least.
    other = inside.assume(le(k, dimension - 1))
    root, _, unit, step = local(other, k)
    free = proof.forget(*proof.scope.hypotheses).assume(gt(eps, 0), ge(z, 0), eq(y * (z + eps), 1))
    positive = free.have(ge(y, 0), polynomial())
    values = {y: A(k, tau), z: r(k, tau)}
    positive = other.have(ge(A(k, tau), 0), instance(positive, values), using=[root, unit])
    paid = other.have(le(0, A(k, tau) * g(k, tau) ** 2), combination((positive, g(k, tau) ** 2)))
    all_paid = inside.have(ForAll(k, (le(k, dimension - 1),), paid.claim), for_all(paid))
    least_paid = term_below_sum(inside, all_paid)
    moves = other.have(
        eq(g(k, tau) * sp.Derivative(x(k, tau), tau), -A(k, tau) * g(k, tau) ** 2), combination((step, g(k, tau)))
    )
    moves = inside.have(
        eq(*(sp.Sum(side, (k, 0, dimension - 1)) for side in (moves.claim.lhs, moves.claim.rhs))), termwise(moves, k)
    )
    # A is at least 1/(sqrt(v + q^2) + eps), which has a derivative where v is 0, too.
    root, square, unit, _ = local(inside, i)
    smoothed = sp.sqrt(v(i, tau) + q**2)
    free = free.assume(le(z, a))
    lower = free.have(le(1 / (a + eps), y), polynomial())
    higher = inside.have(le(r(i, tau), smoothed), polynomial(), using=[root, square])
    lower = inside.have(
        le(1 / (smoothed + eps), A(i, tau)),
        instance(lower, {y: A(i, tau), z: r(i, tau), a: smoothed}),
        using=[root, unit, higher],
    )
    grows = at_one(inside, ACCUMULATION[1])
    change = sp.Derivative(Phi(tau), tau) + lr * sp.Derivative(v(i, tau), tau) / (smoothed + eps)
    total = Phi(tau) + lr * psi(smoothed)
    positive = inside.have(ge(v(i, tau), 0), polynomial(), using=[root, square])
    # z3 is far quicker where it knows no more than this.
    few = proof.forget(*proof.scope.hypotheses).assume(le(0, tau), le(tau, until), gt(eps, 0), gt(q, 0))
    few = few.assume(Regular(v, 1, 0, until), Regular(Phi, 1, 0, until), positive.claim)
    change = few.have(eq(sp.Derivative(-total, tau), -change), differentiation)
    inside = inside.knowing(positive)
    change = inside.have(change.claim, instance(change, {}))
    falls = inside.have(
        le(0, sp.Derivative(-total, tau)),
        combination(
            (change, -1),
            (slope, 1),
            (moves, 1),
            (least_paid, 1),
            (lower, g(i, tau) ** 2),
            (grows, lr / (smoothed + eps)),
        ),
    )
    roots = {}
    for time in (sp.S.Zero, t):
        root = at_one(known, ROOT, time)
        known = known.knowing(*(known.have(part, hypothesis, using=[root]) for part in root.claim.parts))
        known = known.knowing(known.have(ge(v(i, time), 0), polynomial()))
        roots[time] = sp.sqrt(v(i, time) + q**2)
    ends = known.have(le(-total.subs(tau, 0), -total.subs(tau, t)), along(falls, tau, 0, t))
    free = proof.forget(*proof.scope.hypotheses).assume(ge(z, 0), gt(q, 0), eq(z**2, a))
    between = [free.have(p, polynomial()) for p in (le(z, sp.sqrt(a + q**2)), le(sp.sqrt(a + q**2), z + q))]

    def near(time):
        """sqrt(v) <= sqrt(v + q^2) <= sqrt(v) + q."""
        values = {z: r(i, time), a: v(i, time)}
        return [known.have(one.claim.subs(values), instance(one, values)) for one in between]

    above, _ = near(t)
    cost = known.knowing(above).cite("cost_of_memory_grows_at_most_twice_as_fast", {a: r(i, t), b: roots[t]})
    later = known.have(cost.claim.parts[0], hypothesis, using=[cost])
    above, close = near(sp.S.Zero)
    cost = known.knowing(above).cite("cost_of_memory_grows_at_most_twice_as_fast", {a: r(i, 0), b: roots[sp.S.Zero]})
    before = known.have(cost.claim.parts[1], hypothesis, using=[cost])
    nearly = le(SPENT.lhs, SPENT.rhs + 2 * lr * q)
    nearly = known.have(nearly, combination((ends, 1), (later, lr), (before, lr), (close, 2 * lr)))
    for_any = proof.have(ForAll(q, (gt(q, 0),), nearly.claim), for_all(nearly))
    # Were it more by some amount, a quarter of that would be too much.
    more = proof.assume(gt(SPENT.lhs, SPENT.rhs))
    quarter = (SPENT.lhs - SPENT.rhs) / (4 * lr)
    more = more.knowing(for_any, more.have(gt(quarter, 0), sign()))
    exact = more.have(nearly.claim.subs({q: quarter}), at(for_any.claim, quarter))
    exact = more.have(SPENT, combination((exact, 2)))
    spent = proof.assume(SPENT)
    return proof.conclude(
        proof.have(SPENT, cases((SPENT, spent.have(SPENT, hypothesis)), (gt(SPENT.lhs, SPENT.rhs), exact)))
    )


STARTS_BELOW = coordinates(le(r(i, 0), a))
PAYS = le(Phi(0) + lr * psi(a), lr * psi(b))
LOSS = (ge(a, 0), ge(b, 0), STARTS_BELOW, PAYS, bounded_below(), ge(convexity, 0), polyak_lojasiewicz())


@theorem(
    source=SOURCE,
    given=[*ADAGRAD, *LOSS],
    sample=SAMPLE | {a: sp.Integer(2), b: sp.Integer(3)},
    claim=le(Phi(t), Phi(0) * sp.exp(-2 * convexity * t / (b + eps))),
    runs=False,
)
def adagrad_gap_decays_exponentially(proof):
    """Phi(t) <= Phi(0) exp(-2 mu mu0 t), mu0 = 1/(b + eps), where lr psi(b) = Phi(0) + lr psi(a)

    a is the largest root of a memory at the start.  From zero memory lr psi(b) = Phi(0): b = Phi(0)/(2 lr) where eps
    is 0."""
    one = proof.assume(WITHIN)
    inside = one.assume(le(0, when), le(when, until))
    begin = at_one(one, ROOT, sp.S.Zero)
    begin = one.have(begin.claim.parts[0], hypothesis, using=[begin])
    low = one.have(STARTS_BELOW.body, at(STARTS_BELOW, i))
    cost = one.knowing(begin, low).cite("cost_of_memory_grows_at_most_twice_as_fast", {a: r(i, 0), b: a})
    cost = one.knowing(begin).have(cost.claim.parts[0], hypothesis, using=[cost])
    known = inside.knowing(begin)
    positive = inside.have(bounded_below().body.subs({tau: when}), at(bounded_below(), when))
    root, unit = (at_one(inside, h, when) for h in (ROOT, ROOT_MEAN_SQUARE))
    root, _ = (inside.have(part, hypothesis, using=[root]) for part in root.claim.parts)
    paid = known.knowing(root).cite("adagrad_memory_is_paid_for", {t: when})
    room = inside.have(PAYS, hypothesis)
    weights = (paid, 1 / lr), (room, 1 / lr), (positive, 1 / lr), (cost, 1)
    bound = known.knowing(root).have(le(psi(r(i, when)), psi(b)), combination(*weights))
    # psi increases strictly.
    free = proof.forget(*proof.scope.hypotheses).assume(gt(eps, 0), ge(b, 0), ge(z, 0), le(psi(z), psi(b)))
    larger = free.assume(gt(z, b))
    strictly = larger.have(lt(psi(b), psi(z)), monotone(psi(y), y, b, z, 2 * y / (y + eps)))
    absurd = larger.have(le(z, b), polynomial(), using=[strictly])
    smaller = free.assume(le(z, b))
    free_fact = free.have(le(z, b), cases((le(z, b), smaller.have(le(z, b), hypothesis)), (gt(z, b), absurd)))
    small = inside.have(le(r(i, when), b), instance(free_fact, {z: r(i, when)}), using=[root, bound])
    free = proof.forget(*proof.scope.hypotheses).assume(gt(eps, 0), ge(z, 0), eq(y * (z + eps), 1), le(z, b))
    larger = free.have(le(1 / (b + eps), y), polynomial())
    values = {y: A(i, when), z: r(i, when)}
    larger = inside.have(le(1 / (b + eps), A(i, when)), instance(larger, values), using=[root, unit, small])
    for_any = one.have(ForAll(when, (le(0, when), le(when, until)), larger.claim), for_all(larger))
    least_of_all = everywhere(proof, under(one.assume(le(0, tau), le(tau, until)), for_any))
    cited = proof.knowing(least_of_all).cite("gap_decays_exponentially", {least: 1 / (b + eps)})
    return proof.conclude(proof.knowing(least_of_all).have(proof.statement.claim, combination((cited, 1))))
