"""Proposition 2 and Equation (4): what AdamW's iterates and the second-order equation have to do with each other.

One coordinate.  A curve through the iterates with a bounded third derivative meets the equation up to O(eta^2), and a
solution with a bounded third derivative is followed by the iterates up to O(eta^2), with explicit constants.  The bound
must be uniform in eta: "parameter_dynamics_order" shows that the claim fails for solutions that move at the fast rate.
"""

import sympy as sp

from adamtheory.flows.second_order import curve, equation, interpolates, iterates, residual, sampled, slope, velocity
from adamtheory.methods import AdamW
from adamtheory.notation import h, k, lr, n, t, theta, u, weight_decay
from adamtheory.proof import (
    ForAll,
    GouldTanaka,
    Implies,
    Regular,
    ThisLibrary,
    algebra,
    along,
    at,
    combination,
    differentiation,
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
    regular_curve,
    taylor,
    theorem,
)

ADAMW = iterates(AdamW().rule)
s, x = sp.symbols("s x", real=True)
third = sp.Symbol("G", real=True)  # a bound on the third derivative
end = sp.Symbol("T", real=True)
U = sp.Function("U", real=True)  # the updates as a curve


def bounded(lower, upper):
    """|theta'''| <= G between two times."""
    return ForAll(s, (le(lower, s), le(s, upper)), le(sp.Abs(sp.Derivative(velocity(s), (s, 2))), third))


SMOOTH = (gt(h, 0), Regular(curve, 3, t, t + h), bounded(t, t + h))
# A curve within the bound, and updates that make AdamW follow it, to try steps at.
PASSING = third * s**3 / 12 + s


def passing(duration):
    """The curve, the iterates on it and their updates, one step taking ``duration``."""
    now, then = (PASSING.subs(s, i * duration) for i in (k, k + 1))
    update = (now - then) / lr - weight_decay * now
    return {curve: sp.Lambda(s, PASSING), theta: sp.Lambda(k, now), u: sp.Lambda(k, update)}


REMAINDER = curve(t + h) - curve(t) - h * velocity(t) - h**2 / 2 * sp.Derivative(velocity(t), t)


def absolute(proof, value, bound, above, beneath):
    """|value| <= bound, from value <= bound and -value <= bound."""
    a, b = sp.symbols("a b", real=True)
    free = proof.forget(*proof.scope.hypotheses).assume(le(a, b), le(-a, b))
    general = free.have(le(sp.Abs(a), b), polynomial())
    mapping = {a: value, b: bound}
    return proof.knowing(above, beneath).have(general.claim.subs(mapping), instance(general, mapping))


@theorem(
    source=ThisLibrary("order of Proposition 2"),
    where=[slope()],
    given=SMOOTH,
    sample={curve: sp.Lambda(s, PASSING)},
    claim=le(sp.Abs(REMAINDER), third * h**3 / 6),
)
def step_of_a_smooth_curve(proof):
    """A C^3 curve's step theta(t + h) - theta(t) is h theta' + h^2/2 theta'', up to G h^3/6"""
    bound = SMOOTH[-1]
    proof = proof.knowing(proof.have(Regular(velocity, 2, t, t + h), regular_curve))
    here = proof.assume(le(t, x), le(x, t + h))
    near = here.assume(le(t, s), le(s, x))
    curved = near.have(bound.body, at(bound, s))
    tangent = velocity(x) - velocity(t) - sp.Derivative(velocity(t), t) * (x - t)
    close = here.have(le(sp.Abs(tangent), third * (x - t) ** 2 / 2), taylor(curved, s, t, x))
    gap = curve(x) - curve(t) - velocity(t) * (x - t) - sp.Derivative(velocity(t), t) * (x - t) ** 2 / 2
    meaning = here.unfold(velocity(x))
    sides = []
    for sign in (1, -1):
        room = third * (x - t) ** 3 / 6 - sign * gap
        slack = here.have(le(sign * tangent, close.claim.rhs), polynomial(), using=[close])
        rate = third * (x - t) ** 2 / 2 - sign * (sp.Derivative(curve(x), x) - velocity(x) + tangent)
        rate = here.have(eq(sp.Derivative(room, x), rate), differentiation)
        rises = here.have(le(0, sp.Derivative(room, x)), combination((rate, -1), (meaning, -sign), (slack, 1)))
        ends = proof.have(le(room.subs(x, t), room.subs(x, t + h)), along(rises, x, t, t + h))
        sides.append(proof.have(le(sign * REMAINDER, third * h**3 / 6), combination((ends, 1))))
    return proof.conclude(absolute(proof, REMAINDER, third * h**3 / 6, *sides))


def scaled(proof, fact, value, bound, scale):
    """|value| <= bound, from the fact |scale value| <= scale bound with scale > 0."""
    sides = []
    for sign in (1, -1):
        side = proof.have(le(sign * fact.claim.lhs.args[0], fact.claim.rhs), polynomial(), using=[fact])
        sides.append(proof.have(le(sign * value, bound), combination((side, 1 / scale))))
    return absolute(proof, value, bound, *sides)


@theorem(
    source=GouldTanaka("Proposition 2, Appendix C"),
    where=[slope()],
    given=[*SMOOTH, eq(t, n * h), ADAMW, interpolates()],
    sample=passing(h),
    claim=le(sp.Abs(residual(u(n))), third * h**3 / 6),
)
def adamw_meets_general_second_order_equation(proof):
    """A C^3 curve through AdamW's iterates meets eta lambda theta + h theta' + h^2/2 theta'' = -eta u_n, up to G h^3/6

    h = eta^p is the time that a step takes, G bounds the third derivative during the step that starts at t = n h."""
    step = proof.have(eq(t, n * h), hypothesis)
    taken = proof.have(ADAMW.body.subs({ADAMW.variable: n}), at(ADAMW, n))
    through = interpolates()
    starts, ends = (proof.have(through.body.subs({through.variable: i}), at(through, i)) for i in (n, n + 1))
    starts = proof.have(eq(curve(t), theta(n)), algebra(step, starts))
    arrives = proof.have(eq(curve(t + h), curve((n + 1) * h)), algebra(step))
    close = proof.cite("step_of_a_smooth_curve")
    weights = (starts, lr * weight_decay - 1), (arrives, 1), (ends, 1), (taken, 1)
    same = proof.have(eq(residual(u(n)), -REMAINDER), combination(*weights))
    equal = proof.have(eq(sp.Abs(residual(u(n))), sp.Abs(REMAINDER)), algebra(same))
    return proof.conclude(proof.have(proof.statement.claim, combination((equal, 1), (close, 1))))


AT_LR = tuple(p.subs({h: lr}) for p in SMOOTH)
EQUATION = equation(u(n))
DISTANCE = EQUATION.lhs - EQUATION.rhs


@theorem(
    source=GouldTanaka("Proposition 2"),
    where=[slope()],
    given=[*AT_LR, eq(t, n * lr), ADAMW, interpolates(lr)],
    sample=passing(lr),
    claim=le(sp.Abs(DISTANCE), third * lr**2 / 6),
)
def adamw_meets_second_order_equation(proof):
    """A C^3 curve through AdamW's iterates meets lambda theta + theta' + eta/2 theta'' = -u_n, up to G eta^2/6

    G bounds the third derivative during the step that starts at t = n eta.  What the paper leaves unsaid is that G must
    stay bounded as eta tends to 0: then, and only then, is this O(eta^2)."""
    general = proof.cite("adamw_meets_general_second_order_equation", {h: lr})
    return proof.conclude(scaled(proof, general, DISTANCE, third * lr**2 / 6, lr))


SOLUTION = ForAll(s, (le(0, s), le(s, end)), equation(U(s), s))
CUBIC = {curve: s**3 / 6, U: -(weight_decay * s**3 / 6 + s**2 / 2 + lr * s / 2)}  # a solution, to try steps at
CUBIC = {f: sp.Lambda(s, body) for f, body in CUBIC.items()}
ALONG = (gt(lr, 0), ge(end, 0), Regular(curve, 3, 0, end), bounded(0, end), SOLUTION)
DEFECT = curve(t + lr) - curve(t) + lr * (U(t) + weight_decay * curve(t))


@theorem(
    source=ThisLibrary("order of Proposition 2"),
    where=[slope()],
    given=[*ALONG, ge(t, 0), le(t + lr, end)],
    sample=CUBIC,
    claim=le(sp.Abs(DEFECT), third * lr**3 / 6),
)
def second_order_equation_local_error(proof):
    """A C^3 solution of Equation (4) misses AdamW's own step by G eta^3/6 at most"""
    whole = bounded(0, end)
    inside = proof.assume(le(t, s), le(s, t + lr))
    part = proof.have(bounded(t, t + lr), for_all(inside.have(whole.body, at(whole, s))))
    proof = proof.knowing(part, proof.have(Regular(curve, 3, t, t + lr), regular_curve))
    close = proof.cite("step_of_a_smooth_curve", {h: lr})
    here = proof.have(equation(U(t)), at(SOLUTION, t))
    remainder = REMAINDER.subs(h, lr)
    same = proof.have(eq(DEFECT, remainder), combination((here, lr)))
    equal = proof.have(eq(sp.Abs(DEFECT), sp.Abs(remainder)), algebra(same))
    return proof.conclude(proof.have(proof.statement.claim, combination((equal, 1), (close, 1))))


# Another solution, and iterates that do not start on it.
LINEAR = {curve: sp.Lambda(s, s), U: sp.Lambda(s, -weight_decay * s - 1)}
LINEAR |= {u: sp.Lambda(k, -weight_decay * k * lr - 1), theta: sp.Lambda(k, k * lr + (1 - lr * weight_decay) ** k)}
GAP = theta(n) - curve(n * lr)
FOLLOWED = le(sp.Abs(GAP), sp.Abs(theta(0) - curve(0)) + n * third * lr**3 / 6)


@theorem(
    source=ThisLibrary("order of Proposition 2"),
    where=[slope()],
    given=[*ALONG, ge(weight_decay, 0), le(lr * weight_decay, 2), ADAMW, sampled(U)],
    sample=LINEAR | {end: 1000 * lr},
    claim=Implies(le(n * lr, end), FOLLOWED),
)
def second_order_equation_follows_adamw(proof):
    """AdamW with given updates stays within T G eta^2/6 of a C^3 solution of Equation (4) on [0, T], from one start

    n steps of size eta take the time n eta <= T, so the bound n G eta^3/6 is at most T G eta^2/6: second order in eta
    wherever G, a bound on the third derivative, does not grow as eta tends to 0."""
    claim = proof.statement.claim
    zero = proof.assume(le(0 * lr, end))
    base = zero.have(FOLLOWED.subs({n: sp.Integer(0)}))
    base = proof.have(claim.subs({n: sp.Integer(0)}), implication(base))
    ind = proof.assume(claim)
    later = ind.assume(le((n + 1) * lr, end))
    earlier = later.have(claim.hypothesis, polynomial())
    before = later.have(FOLLOWED, modus_ponens(later.have(claim, hypothesis), earlier))
    defect = later.cite("second_order_equation_local_error", {t: n * lr})
    taken = later.have(ADAMW.body.subs({ADAMW.variable: n}), at(ADAMW, n))
    updates = sampled(U)
    update = later.have(updates.body.subs({updates.variable: n}), at(updates, n))
    a, b, c, y = sp.symbols("a b c y", real=True)
    free = proof.forget(*proof.scope.hypotheses).assume(ge(c, 0), le(c, 2), eq(y, (1 - c) * a - b))
    general = free.have(le(sp.Abs(y), sp.Abs(a) + sp.Abs(b)), polynomial())
    values = {a: GAP, b: DEFECT.subs(t, n * lr), c: lr * weight_decay, y: GAP.subs(n, n + 1)}
    same = later.have(eq(y, (1 - c) * a - b).subs(values), combination((taken, 1), (update, -lr)))
    grows = later.have(general.claim.subs(values), instance(general, values), using=[same])
    step = combination((grows, 1), (before, 1), (defect, 1))
    step = ind.have(claim.subs({n: n + 1}), implication(later.have(FOLLOWED.subs({n: n + 1}), step)))
    return proof.conclude(proof.have(claim, induction(n, base, step)))
