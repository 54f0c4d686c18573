"""Adam's flow from its equations to its rate: nothing is assumed of the preconditioner, only of loss and rates.

Written so that everything is defined at all times: v = exp(2 l) is positive, exp(2 w) stands for 1 - beta^s and exp(h)
for the bias correction eta, by what they satisfy: (exp(2 w))' = L2 (1 - exp(2 w)), and eta >= sqrt(1 - beta^s)."""

import sympy as sp

from adamtheory.lyapunov.curves import (
    ADAM_GAP,
    ADAM_STEP,
    AFTER,
    MEMORY,
    MOMENTUM,
    WITHIN,
    A,
    Phi,
    adam_rate,
    convexity,
    coordinates,
    damping,
    during,
    energy,
    first_rate,
    i,
    kinetic,
    least,
    m,
    quadratic_growth,
    second_power,
    second_rate,
    since,
    size,
    smooth,
    smoothness,
    strongly_convex,
    until,
    v,
    x,
)
from adamtheory.lyapunov.steps import at_one, everywhere, throughout, under, up_to_now, when
from adamtheory.notation import dimension, eps, g, t, tau
from adamtheory.proof import (
    ForAll,
    Regular,
    SequenceDefinition,
    ThisLibrary,
    along,
    at,
    combination,
    differentiation,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    increasing,
    instance,
    le,
    polynomial,
    regular_curve,
    sign,
    termwise,
    theorem,
)

SOURCE = ThisLibrary("energies of Adam's flow")
x_, y_, z_ = sp.symbols("X Y Z", real=True)
ell, h, w = (sp.Function(name, real=True) for name in ("l", "h", "w"))
FRESH = sp.exp(2 * w(tau))  # 1 - beta^s
SECOND_MOMENT = SequenceDefinition(v, t, sp.exp(2 * ell(i, t)), (), (i,))
PRECONDITIONER = SequenceDefinition(A, t, sp.exp(h(t)) / (sp.exp(ell(i, t)) + eps * sp.exp(w(t))), (), (i,))
MEMORIES = coordinates(during(MEMORY.body, since))
RATES = (gt(eps, 0), gt(second_power, 0), gt(first_rate, 0), ge(second_rate, 0), le(second_rate, second_power))
FADING = during(eq(2 * sp.Derivative(w(tau), tau) * FRESH, second_power * (1 - FRESH)), since)
WITHIN_ONE = during(le(FRESH, 1), since)
CORRECTED = during(le(w(tau), h(tau)), since)
#: c <= c(t): eta'/eta + lambda2/2 <= 2 lambda1 (1 - c)
DAMPED = during(le(sp.Derivative(h(tau), tau) + second_rate / 2, 2 * first_rate * (1 - damping)), since)
REGULAR = (Regular(m, 1, since, until), *(Regular(f, 1, since, until) for f in (ell, h, w)))
CURVES = (*AFTER, *ADAM_GAP, *REGULAR, FADING, WITHIN_ONE, CORRECTED, DAMPED, MOMENTUM, ADAM_STEP, MEMORIES)
STARTS = (
    ge(size, 0),
    le(2 * smoothness * energy(since), size),
    coordinates(le(v(i, since), size * sp.exp(2 * w(since)))),
)
LOSS = (
    ge(smoothness, 0),
    gt(convexity, 0),
    smooth(since),
    strongly_convex(since),
    quadratic_growth(since),
)
LOWEST = 1 / (sp.sqrt(size) + eps)
# At rest in the minimum, the memory fading.
SAMPLE = {
    dimension: sp.Integer(2),
    **{f: sp.Lambda((i, t), sp.Integer(0)) for f in (x, m, g)},
    ell: sp.Lambda((i, t), -second_rate * t / 2 - 9),
    h: sp.Lambda(t, sp.Integer(0)),
    w: sp.Lambda(t, sp.Integer(0)),
    Phi: sp.Lambda(t, sp.Integer(0)),
    size: sp.Integer(1),
    second_power: second_rate + 1,
    first_rate: second_rate + 1,
    damping: sp.Rational(1, 9),
    t: sp.Integer(1),
    since: sp.Integer(0),
    until: sp.Integer(2),
}


def growth(inside, value):
    """A' <= 2 lambda1 (1 - c) A at i and tau, for ``value`` of A."""
    root, fresh, eta = sp.exp(ell(i, tau)), sp.exp(w(tau)), sp.exp(h(tau))
    over = root + eps * fresh
    memory, level = at_one(inside, MEMORIES), inside.unfold(v(i, tau))
    memory_is = inside.have(
        eq(sp.Derivative(v(i, tau), tau), 2 * sp.Derivative(ell(i, tau), tau) * root**2), differentiation
    )
    rising, most, damped = (inside.have(p.body, at(p, tau)) for p in (FADING, WITHIN_ONE, DAMPED))
    moves = sp.Derivative(ell(i, tau), tau) * root + eps * sp.Derivative(w(tau), tau) * fresh
    slope = eta / over * sp.Derivative(h(tau), tau) - eta * moves / over**2
    change = inside.have(eq(sp.Derivative(A(i, tau), tau), slope), differentiation)
    share = eta / (2 * root * over**2)
    upward = eta * eps / (2 * fresh * over**2)  # the regulariser's growth, over the fading's equation
    weights = (
        (change, 1),
        (memory, -share),
        (memory_is, share),
        (level, share * second_rate),
        (damped, eta / over),
        (value, -2 * first_rate * (1 - damping)),
        (rising, -upward),
        (most, upward * second_power),
    )
    rest = share * second_rate * (g(i, tau) ** 2 + root * eps * fresh)
    claim = le(sp.Derivative(A(i, tau), tau), 2 * first_rate * (1 - damping) * A(i, tau))
    return inside.have(claim, combination(*weights, plus=rest))


BELOW = during(le(g(i, tau) ** 2, size), since)


@theorem(
    source=SOURCE,
    where=[SECOND_MOMENT],
    given=[
        *AFTER,
        WITHIN,
        *RATES[1:2],
        *RATES[3:],
        Regular(ell, 1, since, until),
        Regular(w, 1, since, until),
        FADING,
        WITHIN_ONE,
        MEMORIES,
        ge(size, 0),
        STARTS[2],
        BELOW,
    ],
    sample=SAMPLE | {i: sp.Integer(0)},
    claim=le(v(i, t), size * sp.exp(2 * w(t))),
    runs=False,
)
def second_moment_stays_below_what_is_fresh(proof):
    """v <= V (1 - beta^s) at all times where it is at one, and g^2 <= V: kernels no quicker than the bias correction"""
    inside = up_to_now(proof, since)
    memory = at_one(inside, MEMORIES)
    fading, fresh, most = (inside.have(p.body, at(p, tau)) for p in (FADING, WITHIN_ONE, BELOW))
    inside = inside.knowing(inside.have(ge(1 - FRESH, 0), combination((fresh, 1))))
    growing = sp.exp(second_rate * tau)
    gap = (size * FRESH - v(i, tau)) * growing
    slope = size * 2 * sp.Derivative(w(tau), tau) * FRESH - sp.Derivative(v(i, tau), tau)
    slope = growing * (slope + second_rate * (size * FRESH - v(i, tau)))
    change = inside.have(eq(sp.Derivative(gap, tau), slope), differentiation)
    quicker = inside.have(le(second_rate, second_power), hypothesis)
    weights = (
        (change, -1),
        (fading, -size * growing),
        (memory, growing),
        (quicker, size * growing * (1 - FRESH)),
        (most, growing * second_rate),
    )
    rises = inside.have(le(0, sp.Derivative(gap, tau)), combination(*weights))
    start = proof.have(STARTS[2].body, at(STARTS[2], i))
    first, last = (sp.exp(second_rate * time) for time in (since, t))
    ends = proof.have(le(gap.subs(tau, since), gap.subs(tau, t)), along(rises, tau, since, t))
    return proof.conclude(proof.have(proof.statement.claim, combination((ends, 1 / last), (start, first / last))))


@theorem(
    source=SOURCE,
    where=[SECOND_MOMENT, PRECONDITIONER],
    given=[*RATES, gt(damping, 0), le(damping, 1), *CURVES, *STARTS, *LOSS],
    sample=SAMPLE,
    claim=le(Phi(t), 3 * energy(since) * sp.exp(-adam_rate().subs({least: LOWEST}) * (t - since))),
    runs=False,
)
def adam_flow_decays_exponentially(proof):
    """Phi(t) <= 3 E(s) exp(-rho (t - s)), rho = 2 c mu mu0/(1 + 3 mu mu0/lambda1) with mu0 = 1/(sqrt(V) + eps)

    E(s) = Phi(s) + sum A m^2/(2 lambda1) at the start, V = 2 L E(s) at least, and v(s) <= V (1 - beta^s); kernels no
    quicker than the bias correction, c <= c(t) from s on.  A = eta/(sqrt(v) + eps sqrt(1 - beta^s)), as in PyTorch."""
    proof = proof.knowing(proof.have(Regular(A, 1, since, until), regular_curve))
    one = proof.assume(WITHIN)
    inside = one.assume(le(since, tau), le(tau, until))
    value = inside.unfold(A(i, tau))
    positive = inside.have(gt(value.claim.rhs, 0), sign())
    above = inside.have(le(0, A(i, tau)), combination((value, -1), (positive, 1)))
    inside = inside.knowing(above)
    none = everywhere(proof, above, since)
    grows = everywhere(proof, growth(inside, value), since)
    # The energy, and with it the gap, stays below its start, so every squared gradient stays below V.
    falls = throughout(proof, "adam_energy_decreases", {least: sp.S.Zero}, none, grows, since=since)
    later = proof.assume(le(since, tau), le(tau, until))
    falls = under(later, falls)
    square = inside.have(le(0, A(i, tau) * m(i, tau) ** 2), combination((above, m(i, tau) ** 2)))
    moving = later.have(le(sp.Sum(0, (i, 0, dimension - 1)), kinetic(tau)), termwise(square, i))
    steep = at_one(inside, smooth(since))
    room = inside.have(STARTS[1], hypothesis)
    weights = (steep, 1), (falls, 2 * smoothness), (moving, smoothness / first_rate), (room, 1)
    small = inside.have(le(g(i, tau) ** 2, size), combination(*weights))
    small = one.have(during(small.claim, since), for_all(small))
    stays = throughout(one, "second_moment_stays_below_what_is_fresh", {}, small, since=since)
    now = one.assume(le(since, when), le(when, until))
    stays = under(now, stays, when)
    level, value = now.unfold(v(i, when)), now.unfold(A(i, when))
    corrected = now.have(CORRECTED.body.subs({tau: when}), at(CORRECTED, when))
    corrected = now.have(le(sp.exp(w(when)), sp.exp(h(when))), increasing(corrected))
    given = gt(x_, 0), gt(y_, 0), le(x_, y_), gt(z_, 0), le(z_**2, size * x_**2), ge(size, 0), gt(eps, 0)
    free = proof.forget(*proof.scope.hypotheses).assume(*given)
    root = free.have(le(z_, sp.sqrt(size) * x_), polynomial())
    lowest = free.have(le(LOWEST, y_ / (z_ + eps * x_)), polynomial(), using=[root])
    values = {x_: sp.exp(w(when)), y_: sp.exp(h(when)), z_: sp.exp(ell(i, when))}
    facts = [now.have(gt(e, 0), sign()) for e in values.values()]
    facts.append(now.have(le(values[z_] ** 2, size * values[x_] ** 2), combination((level, -1), (stays, 1))))
    lowest = now.have(lowest.claim.subs(values), instance(lowest, values), using=[*facts, corrected])
    lowest = now.have(le(LOWEST, A(i, when)), combination((lowest, 1), (value, -1)))
    for_any = one.have(ForAll(when, (le(since, when), le(when, until)), lowest.claim), for_all(lowest))
    lowest = one.assume(le(since, tau), le(tau, until))
    lowest = under(lowest, for_any)
    known = proof.knowing(everywhere(proof, lowest, since), grows, proof.have(gt(LOWEST, 0), sign()))
    return proof.conclude(known.cite("adam_gap_decays_exponentially", {least: LOWEST}))
