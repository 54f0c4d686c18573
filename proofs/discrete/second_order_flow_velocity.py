"""The second-order flow's velocity in a phase of drift: bounded, within O(h) of -sigma - lambda Theta, and smooth.

The inertia of half a step forgets at the rate 2/h, so the velocity follows -U - lambda Theta; started beside it, it
stays there up to O(h), and has no fast motion.
"""

import sympy as sp

from adamtheory.flows.drift_steps import absolute, at_time, free_fact, with_positive
from adamtheory.flows.flow_error import acceleration_limit, relaxation_constant, until, update_constant, velocity_limit
from adamtheory.flows.second_order_curves import (
    DEFINITIONS,
    EQUATION,
    FLOW,
    KEEPS_SIGN,
    MOVING,
    REACH,
    START,
    VELOCITY,
    WITHIN,
    Theta,
    U,
    i,
    psi,
    sigma,
    steady_flow,
)
from adamtheory.notation import g, h, t, weight_decay
from adamtheory.proof import (
    ThisLibrary,
    along,
    combination,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    theorem,
)

SOURCE = ThisLibrary("second-order flow")
a, b, c, d, s, x, z = sp.symbols("a b c d s x z", real=True)
GIVEN = [*FLOW, ge(t, 0), le(t, until)]
GROWTH = sp.exp(2 * x / h)
TURN = sp.Derivative(psi(i, x), x)
SLOW = sigma(i) + weight_decay * Theta(i, x)  # psi + SLOW is small
RELAXATION = psi(i, x) + SLOW


def with_signs(proof):
    """The scope with 0 <= B, D, R at hand."""
    general = free_fact(proof, le(0, b), le(sp.Abs(a), b))
    found = []
    for bound, value in ((WITHIN, g(i, t)), (MOVING, sp.Derivative(g(i, t), t)), (REACH, Theta(i, t))):
        mapping = {a: value, b: bound.body.rhs}
        here = proof.knowing(at_time(proof, bound, t))
        found.append(here.have(general.claim.subs(mapping), instance(general, mapping)))
    return proof.knowing(*found)


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=GIVEN,
    sample=steady_flow(),
    claim=le(sp.Abs(psi(i, t)), velocity_limit()),
    runs=False,
)
def flow_velocity_within(proof):
    """|Theta'| <= B/r + lambda R, where r <= |g| <= B and |Theta| <= R"""
    size = velocity_limit()
    signs, begin = proof.have(eq(sigma(i) ** 2, 1), hypothesis), proof.have(START, hypothesis)
    first = at_time(proof, KEEPS_SIGN, sp.Integer(0)), at_time(proof, WITHIN, sp.Integer(0)), signs
    least, most = KEEPS_SIGN.body.lhs, WITHIN.body.rhs
    sides = []
    for side in (1, -1):
        assumed = gt(a, 0), le(a, s * z), le(sp.Abs(z), b), eq(s**2, 1)
        unit = free_fact(proof, le(side * s, b / a), *assumed)
        mapping = {a: least, b: most, s: sigma(i), z: g(i, 0)}
        unit = proof.have(unit.claim.subs(mapping), instance(unit, mapping), using=first)
        half = free_fact(proof, le(side * a, b), le(sp.Abs(a), b))

        def bound(scope, fact, value, half=half):
            mapping = {a: value, b: fact.claim.rhs}
            return scope.have(half.claim.subs(mapping), instance(half, mapping), using=[fact])

        inside = proof.assume(le(0, x), le(x, t))
        step = bound(inside, inside.cite("flow_update_within", {t: x}), U(i, x))
        place = bound(inside, at_time(inside, REACH, x), Theta(i, x))
        gap = GROWTH * (size + side * psi(i, x))
        rate = sp.Derivative(gap, x)
        product = inside.have(eq(rate, GROWTH * (2 / h * (size + side * psi(i, x)) + side * TURN)), differentiation)
        equation = at_time(inside, EQUATION, x)
        weights = (product, -1), (equation, -side * GROWTH * 2 / h), (step, GROWTH * 2 / h)
        rises = inside.have(le(0, rate), combination(*weights, (place, GROWTH * 2 / h * weight_decay)))
        ends = proof.have(le(gap.subs(x, 0), gap.subs(x, t)), along(rises, x, 0, t))
        origin = bound(proof, at_time(proof, REACH, sp.Integer(0)), Theta(i, 0))
        fade = sp.exp(-2 * t / h)
        weights = (ends, fade), (begin, -side * fade), (unit, fade), (origin, fade * weight_decay)
        sides.append(proof.have(le(-side * psi(i, t), size), combination(*weights)))
    return proof.conclude(absolute(proof, psi(i, t), size, sides))


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=GIVEN,
    sample=steady_flow(),
    claim=le(sp.Abs(RELAXATION.subs(x, t)), relaxation_constant() * h),
    runs=False,
)
def flow_velocity_relaxed(proof):
    """Theta' = -sigma - lambda Theta up to O(h), at all times: the flow has no fast motion"""
    proof, size = with_signs(proof), h * relaxation_constant()
    begin = proof.have(START, hypothesis)
    inside = proof.assume(le(0, x), le(x, t))
    expansion = with_positive(inside, x).cite("flow_update_expansion", {t: x})
    near = inside.have(expansion.claim.parts[0], hypothesis, using=[expansion])
    speed = inside.cite("flow_velocity_within", {t: x})
    motion, equation = at_time(inside, VELOCITY, x), at_time(inside, EQUATION, x)
    signs = inside.have(eq(sigma(i) ** 2, 1), hypothesis)
    sides = []
    for side in (1, -1):
        off = free_fact(proof, le(side * (z - s), b), le(sp.Abs(s * z - 1), b), eq(s**2, 1))
        mapping = {s: sigma(i), z: U(i, x), b: near.claim.rhs}
        off = inside.have(off.claim.subs(mapping), instance(off, mapping), using=[near, signs])
        fast = free_fact(proof, le(-side * a, b), le(sp.Abs(a), b))
        mapping = {a: psi(i, x), b: speed.claim.rhs}
        fast = inside.have(fast.claim.subs(mapping), instance(fast, mapping), using=[speed])
        gap = GROWTH * (size + side * RELAXATION)
        rate = sp.Derivative(gap, x)
        change = TURN + weight_decay * sp.Derivative(Theta(i, x), x)
        product = inside.have(eq(rate, GROWTH * (2 / h * (size + side * RELAXATION) + side * change)), differentiation)
        weights = (product, -1), (equation, -side * GROWTH * 2 / h), (motion, -side * GROWTH * weight_decay)
        weights += (off, GROWTH * 2 / h), (fast, GROWTH * weight_decay)
        rises = inside.have(le(0, rate), combination(*weights))
        ends = proof.have(le(gap.subs(x, 0), gap.subs(x, t)), along(rises, x, 0, t))
        fade = sp.exp(-2 * t / h)
        within = combination((ends, fade), (begin, -side * fade), plus=fade * size)
        sides.append(proof.have(le(-side * RELAXATION.subs(x, t), size), within))
    return proof.conclude(absolute(proof, RELAXATION.subs(x, t), proof.statement.claim.rhs, sides))


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=GIVEN,
    sample=steady_flow(),
    claim=le(sp.Abs(sp.Derivative(psi(i, t), t)), acceleration_limit()),
    runs=False,
)
def flow_acceleration_within(proof):
    """Theta'' stays bounded as h tends to 0, by 2 (C + C')

    C h is the bound of |sigma U - 1|, C' h that of |Theta' + sigma + lambda Theta|."""
    expansion = with_positive(proof, t).cite("flow_update_expansion")
    near = proof.have(expansion.claim.parts[0], hypothesis, using=[expansion])
    relaxed = proof.cite("flow_velocity_relaxed")
    signs, equation = proof.have(eq(sigma(i) ** 2, 1), hypothesis), at_time(proof, EQUATION, t)
    known = le(sp.Abs(s * z - 1), a * c), le(sp.Abs(x), b * c), eq(s**2, 1), gt(c, 0), eq(c / 2 * d, s - z - x)
    general = free_fact(proof, le(sp.Abs(d), 2 * (a + b)), *known)
    mapping = {s: sigma(i), z: U(i, t), x: RELAXATION.subs(x, t), c: h, d: sp.Derivative(psi(i, t), t)}
    mapping |= {a: update_constant(), b: relaxation_constant()}
    motion = proof.have(known[-1].subs(mapping), combination((equation, 1)))
    facts = [near, relaxed, signs, motion]
    return proof.conclude(proof.have(proof.statement.claim, instance(general, mapping), using=facts))
