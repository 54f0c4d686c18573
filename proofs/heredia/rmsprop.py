"""RMSProp's flow: the gap decays exponentially, at a rate that the size of the memory sets."""

import sympy as sp

from adamtheory.lyapunov.curves import (
    DESCENT,
    GAP,
    MEMORIES,
    NOW,
    ROOT,
    ROOT_MEAN_SQUARE,
    WITHIN,
    A,
    Phi,
    convexity,
    coordinates,
    during,
    i,
    least,
    polyak_lojasiewicz,
    quadratic_growth,
    r,
    second_rate,
    size,
    smooth,
    smoothness,
    until,
    v,
    x,
)
from adamtheory.lyapunov.steps import at_one, everywhere, throughout, under
from adamtheory.notation import dimension, eps, g, norm_squared, t, tau
from adamtheory.proof import (
    Heredia,
    ThisLibrary,
    at,
    combination,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    polynomial,
    theorem,
)

SOURCE = ThisLibrary("rates of preconditioned gradient flows")
y, z = sp.symbols("y z", real=True)
STARTS_BELOW = coordinates(le(v(i, 0), size))
ROOM = le(2 * smoothness * Phi(0), size)
SMALL_START = le(Phi(0), smoothness / 2 * norm_squared(x(i, 0)))
LOSS = (ge(smoothness, 0), ge(convexity, 0), smooth(), polyak_lojasiewicz())
RMSPROP = (*NOW, gt(eps, 0), ge(size, 0), *MEMORIES, ROOT, ROOT_MEAN_SQUARE, *GAP, DESCENT)
RATE = 1 / (sp.sqrt(size) + eps)
# At rest in the minimum, the memory fading.
SAMPLE = {
    dimension: sp.Integer(2),
    x: sp.Lambda((i, t), sp.Integer(0)),
    g: sp.Lambda((i, t), sp.Integer(0)),
    v: sp.Lambda((i, t), sp.exp(-second_rate * t)),
    r: sp.Lambda((i, t), sp.exp(-second_rate * t / 2)),
    A: sp.Lambda((i, t), 1 / (sp.exp(-second_rate * t / 2) + eps)),
    Phi: sp.Lambda(t, sp.Integer(0)),
    size: sp.Integer(1),
    until: t + 1,
}


@theorem(
    source=SOURCE,
    given=[*RMSPROP, STARTS_BELOW, ROOM, *LOSS],
    sample=SAMPLE,
    claim=coordinates(during(le(RATE, A(i, tau)))),
    runs=False,
)
def rmsprop_preconditioner_at_least(proof):
    """1/(sqrt(V) + eps) <= A at all times, where V is at least 2 L Phi(0) and at least the memory at the start"""
    one = proof.assume(WITHIN)
    inside = one.assume(le(0, tau), le(tau, until))
    # A is positive, so the gap never grows, so no gradient does.
    value, root = at_one(inside, ROOT_MEAN_SQUARE), at_one(inside, ROOT)
    root, square = (inside.have(part, hypothesis, using=[root]) for part in root.claim.parts)
    general = proof.forget(*proof.scope.hypotheses).assume(eq(y * (z + eps), 1), ge(z, 0), gt(eps, 0))
    values = {y: A(i, tau), z: r(i, tau)}
    positive = general.have(le(0, y), polynomial())
    positive = inside.have(le(0, A(i, tau)), instance(positive, values), using=[value, root])
    none = everywhere(proof, positive)
    falls = throughout(proof, "gap_never_grows", {least: sp.S.Zero}, none)
    falls = under(inside, falls)
    steep, room = at_one(inside, smooth()), inside.have(ROOM, hypothesis)
    bound = inside.have(le(g(i, tau) ** 2, size), combination((steep, 1), (falls, 2 * smoothness), (room, 1)))
    most = one.have(during(bound.claim), for_all(bound))
    memory = one.have(MEMORIES[2].body, at(MEMORIES[2], i))
    start = inside.have(STARTS_BELOW.body, at(STARTS_BELOW, i))
    stays = throughout(one, "second_moment_stays_below", {}, most, memory)
    stays = under(inside, stays)
    small = inside.have(le(v(i, tau), size), combination((stays, 1), (start, sp.exp(-second_rate * tau))))
    general = general.assume(le(z**2, size), ge(size, 0))
    larger = general.have(le(RATE, y), polynomial())
    small = inside.have(le(r(i, tau) ** 2, size), combination((small, 1), (square, 1)))
    larger = inside.have(le(RATE, A(i, tau)), instance(larger, values), using=[value, root, small])
    return proof.conclude(everywhere(proof, larger))


@theorem(
    source=SOURCE,
    given=[*RMSPROP, STARTS_BELOW, ROOM, *LOSS],
    sample=SAMPLE,
    claim=le(Phi(t), Phi(0) * sp.exp(-2 * convexity * RATE * t)),
    runs=False,
)
def rmsprop_gap_decays_exponentially(proof):
    """Phi(t) <= Phi(0) exp(-2 mu mu0 t) with mu0 = 1/(sqrt(V) + eps), under the Polyak-Lojasiewicz inequality

    V is 2 L Phi(0), or the largest memory at the start where that is more."""
    least_of_all = proof.cite("rmsprop_preconditioner_at_least")
    return proof.conclude(proof.knowing(least_of_all).cite("gap_decays_exponentially", {least: RATE}))


@theorem(
    source=SOURCE,
    given=[*RMSPROP, STARTS_BELOW, ROOM, *LOSS[:1], gt(convexity, 0), *LOSS[2:], quadratic_growth(), SMALL_START],
    sample=SAMPLE,
    claim=le(norm_squared(x(i, t)), smoothness / convexity * norm_squared(x(i, 0)) * sp.exp(-2 * convexity * RATE * t)),
    runs=False,
)
def rmsprop_distance_decays_exponentially(proof):
    """|x(t)| <= sqrt(L/mu) exp(-mu mu0 t) |x(0)| for the distance x from the minimum, through the gap"""
    gap = proof.cite("rmsprop_gap_decays_exponentially")
    growth = proof.have(quadratic_growth().body.subs({tau: t}), at(quadratic_growth(), t))
    start = proof.have(SMALL_START, hypothesis)
    fades = sp.exp(-2 * convexity * RATE * t)
    weights = (growth, 2 / convexity), (gap, 2 / convexity), (start, 2 / convexity * fades)
    return proof.conclude(proof.have(proof.statement.claim, combination(*weights)))


a, b = sp.symbols("a b", real=True)


@theorem(
    source=Heredia("section 4.2"),
    given=[gt(eps, 0), ge(a, 0), le(a, b)],
    claim=le(1 / (sp.sqrt(b) + eps), 1 / (sp.sqrt(a) + eps)),
    runs=False,
)
def larger_memory_lowers_the_rate_that_is_proved(proof):
    """mu0 = 1/(sqrt(V) + eps) falls as V, the memory that the proof allows for, grows

    This is what Heredia (2024) says of heavier kernels, as a statement on the bound; on trajectories it is another."""
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))
