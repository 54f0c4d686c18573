"""The second-order flow's first integral at the steps t = n h, in the form that a discrete run has: a sum, no velocity.

The inertia's share of the first integral, (h/2) Theta', cancels the ends of the trapezoidal rule for int Theta.
"""

import sympy as sp

from adamtheory.flows.drift_steps import absolute, at_time, free_fact, with_positive
from adamtheory.flows.flow_error import acceleration_limit, until
from adamtheory.flows.second_order_adam import discrete_delay
from adamtheory.flows.second_order_curves import (
    DEFINITIONS,
    FLOW,
    START,
    VELOCITY,
    Theta,
    first_integral_at_steps,
    first_integral_statement,
    i,
    log_growth,
    psi,
    sigma,
    steady_flow,
)
from adamtheory.notation import beta, gamma, h, k, n, t, tau, weight_decay
from adamtheory.proof import (
    Implies,
    ThisLibrary,
    along,
    combination,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    implication,
    induction,
    instance,
    le,
    modus_ponens,
    polynomial,
    substitute,
    theorem,
)

SOURCE = ThisLibrary("second-order flow")
a, b, c, d, p, q, s, x, y, z = sp.symbols("a b c d p q s x y z", real=True)
total = sp.Symbol("S", real=True)
TURN = acceleration_limit()


def area(time):
    return sp.Integral(Theta(i, tau), (tau, 0, time))


def off_tangent(time):
    """Theta(time) - Theta(t) - (time - t) psi(time)."""
    return Theta(i, time) - Theta(i, t) - (time - t) * psi(i, time)


def off_chord(time):
    """The area under Theta from t to time, less that of a trapezoid."""
    return area(time) - area(t) - (time - t) / 2 * (Theta(i, t) + Theta(i, time))


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=[*FLOW, ge(t, 0), le(t + h, until)],
    sample=steady_flow() | {x: t + h / 4, z: t + h / 2},
    claim=le(sp.Abs(off_chord(t + h)), TURN * h**3 / 12),
    runs=False,
)
def flow_trapezoid_step(proof):
    """Over one step the trapezoidal rule for int Theta errs by h^3/12 times the largest |Theta''|, at most"""
    outer = proof.assume(le(t, z), le(z, t + h))
    inner = outer.assume(le(t, x), le(x, z))
    bend, motion = inner.cite("flow_acceleration_within", {t: x}), at_time(inner, VELOCITY, x)
    rate, sides = sp.Derivative(psi(i, x), x), []
    for side in (1, -1):
        half = free_fact(proof, le(-side * a, b), le(sp.Abs(a), b))
        values = {a: rate, b: TURN}
        bent = inner.have(half.claim.subs(values), instance(half, values), using=[bend])
        gap = TURN * (x - t) ** 2 / 2 - side * off_tangent(x)
        slope = sp.Derivative(gap, x)
        written = TURN * (x - t) - side * (sp.Derivative(Theta(i, x), x) - psi(i, x) - (x - t) * rate)
        product = inner.have(eq(slope, written), differentiation)
        rises = inner.have(le(0, slope), combination((product, -1), (motion, side), (bent, x - t)))
        ends = outer.have(le(gap.subs(x, t), gap.subs(x, z)), along(rises, x, t, z))
        wider = TURN * (z - t) ** 3 / 12 - side * off_chord(z)
        slope = sp.Derivative(wider, z)
        written = TURN * (z - t) ** 2 / 4 - side * (Theta(i, z) - Theta(i, t)) / 2
        written += side * (z - t) / 2 * sp.Derivative(Theta(i, z), z)
        product = outer.have(eq(slope, written), differentiation)
        here = at_time(outer, VELOCITY, z)
        rises = outer.have(
            le(0, slope), combination((product, -1), (ends, sp.Rational(1, 2)), (here, -side * (z - t) / 2))
        )
        first, last = substitute(wider, {z: t}), substitute(wider, {z: t + h})
        ends = proof.have(le(first, last), along(rises, z, t, t + h))
        sides.append(proof.have(le(side * off_chord(t + h), TURN * h**3 / 12), combination((ends, 1))))
    return proof.conclude(absolute(proof, off_chord(t + h), proof.statement.claim.rhs, sides))


POLYGON = h * sp.Sum(Theta(i, k * h), (k, 0, n - 1)) + h / 2 * (Theta(i, n * h) - Theta(i, 0))
OFF = area(n * h) - POLYGON


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=FLOW,
    sample=steady_flow(),
    claim=Implies(le(n * h, until), le(sp.Abs(OFF), n * TURN * h**3 / 12)),
    runs=False,
)
def flow_trapezoid_sum(proof):
    """Over n steps int Theta is h times the sum of Theta(k h), k < n, and half a step of the ends, up to n h^3 P/12

    P is the largest |Theta''|."""
    claim = proof.statement.claim
    first = claim.subs({n: sp.Integer(0)})
    base = proof.assume(first.hypothesis)
    base = base.have(first.conclusion, polynomial())
    base = proof.have(first, implication(base))
    ind = proof.assume(claim)
    later = claim.subs({n: n + 1})
    step = ind.assume(later.hypothesis)
    earlier = step.have(claim.hypothesis, polynomial())
    before = step.have(claim.conclusion, modus_ponens(step.have(claim, hypothesis), earlier))
    one = step.knowing(earlier).cite("flow_trapezoid_step", {t: n * h})
    added = substitute(off_chord(t + h), {t: n * h})
    general = free_fact(proof, le(sp.Abs(q), d), le(sp.Abs(a), b), le(sp.Abs(c), p), eq(q, a + c), eq(d, b + p))
    values = {a: OFF, b: claim.conclusion.rhs, c: added, p: one.claim.rhs}
    values |= {q: substitute(OFF, {n: n + 1}), d: later.conclusion.rhs}
    split = step.have(eq(values[q], OFF + added))
    following = step.have(later.conclusion, instance(general, values), using=[before, one, split])
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(later, implication(following)))))


WHERE, GIVEN, CLAIM = first_integral_statement()


@theorem(source=SOURCE, where=WHERE, given=GIVEN, sample=steady_flow(), claim=CLAIM, runs=False)
def flow_first_integral_at_steps(proof):
    """Theta(n h) - Theta(0) + sigma n h + lambda h sum Theta(k h) + (kappa_2 - kappa_1) h sigma ln|g/g(0)| is O(h^2)

    Within (c + k t) h^2, with explicit constants: the first integral of the flow that discrete Adam has as well."""
    end = n * h
    proof = with_positive(proof, sp.Integer(0), end)
    whole, relaxed = proof.cite("flow_first_integral", {t: end}), proof.cite("flow_velocity_relaxed", {t: end})
    rule, within = proof.cite("flow_trapezoid_sum"), proof.have(le(end, until), hypothesis)
    rule = proof.have(rule.claim.conclusion, modus_ponens(rule, within))
    signs, begin = proof.have(eq(sigma(i) ** 2, 1), hypothesis), proof.have(START, hypothesis)
    moved = Theta(i, end) + h / 2 * psi(i, end) - Theta(i, 0) - h / 2 * psi(i, 0) + weight_decay * area(end)
    turned = (discrete_delay(beta) - discrete_delay(gamma)) * h * log_growth(end)
    first = sigma(i) * moved + end + turned
    relaxation = psi(i, end) + sigma(i) + weight_decay * Theta(i, end)
    value = first_integral_at_steps()
    exact = eq(value, sigma(i) * first - h / 2 * relaxation - weight_decay * OFF)
    exact = proof.have(exact, combination((signs, -moved), (begin, h / 2)))
    assumed = le(sp.Abs(a), b), le(sp.Abs(c), d), le(sp.Abs(p), q), eq(s**2, 1), gt(x, 0), ge(y, 0)
    general = free_fact(
        proof, le(sp.Abs(z), total), *assumed, eq(z, s * a - x / 2 * c - y * p), eq(total, b + x / 2 * d + y * q)
    )
    values = {a: first, b: whole.claim.rhs, c: relaxation, d: relaxed.claim.rhs, p: OFF, q: rule.claim.rhs}
    values |= {s: sigma(i), x: h, y: weight_decay, z: value, total: CLAIM.rhs}
    facts = [whole, relaxed, rule, signs, exact]
    return proof.conclude(proof.have(CLAIM, instance(general, values), using=facts))
