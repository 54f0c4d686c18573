"""How accurate Appendix I's scheme is: first order in its step Delta, for Equation (4) and the memory integral m(t).

Proved is the error of one step, O(Delta^2), for any forcing, and the error on the whole for the modes of Equation (4)
alone, that is without forcing (``euler_global_error_of_a_mode``).  With forcing, and for m(t), the global order is not
stated here: only the local error is.
"""

import sympy as sp

from adamtheory.flows.adam import first_moment
from adamtheory.flows.second_order import acceleration, curve, equation, slope, step, velocity
from adamtheory.notation import DecayRate, g, gamma, h, kernel, lr, m, n, open_unit, t, tau
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Regular,
    SequenceDefinition,
    algebra,
    along,
    at,
    combination,
    conjunction,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    increasing,
    induction,
    instance,
    le,
    polynomial,
    regular_curve,
    tangent,
    taylor,
    theorem,
    under_integral,
)

SOURCE = GouldTanaka("Appendix I")
s, x = sp.symbols("s x", real=True)
second, third, size, drift = sp.symbols("F G A B", real=True)
U = sp.Function("U", real=True)
DURING = (le(t, s), le(s, t + step))
END = t + step


def bounded(value, by):
    """|value| <= by during the step."""
    return ForAll(s, DURING, le(sp.Abs(value), by))


@theorem(
    source=SOURCE,
    where=[slope()],
    given=[
        gt(lr, 0),
        gt(step, 0),
        Regular(curve, 3, t, END),
        bounded(sp.Derivative(curve(s), (s, 2)), second),
        bounded(sp.Derivative(velocity(s), (s, 2)), third),
        equation(U(t)),
    ],
    sample={U: sp.Lambda(s, sp.Integer(0)), curve: sp.Lambda(s, sp.Integer(0))},
    claim=All(
        (
            le(sp.Abs(curve(END) - curve(t) - step * velocity(t)), second * step**2 / 2),
            le(
                sp.Abs(velocity(END) - velocity(t) - step * acceleration(curve(t), velocity(t), U(t))),
                third * step**2 / 2,
            ),
        )
    ),
)
def euler_local_error(proof):
    """One Euler step from a point of a C^3 solution of Equation (4) misses it by O(Delta^2), in theta and in psi"""
    own = proof.statement.given
    proof = proof.knowing(proof.have(Regular(velocity, 2, t, END), regular_curve))
    inside, found = proof.assume(*DURING), []
    for bound, f in ((own[3], curve), (own[4], velocity)):
        here = inside.have(bound.body, at(bound, s))
        tangent_ = f(END) - f(t) - sp.Derivative(f(t), t) * step
        found.append(proof.have(le(sp.Abs(tangent_), bound.body.rhs * step**2 / 2), taylor(here, s, t, END)))
    meaning = proof.unfold(velocity(t))
    motion = proof.have(own[5], hypothesis)
    value = proof.have(
        eq(sp.Derivative(velocity(t), t), acceleration(curve(t), velocity(t), U(t))), combination((motion, 2 / lr))
    )
    a, b, y = sp.symbols("a b y", real=True)
    free = proof.forget(*proof.scope.hypotheses).assume(le(sp.Abs(a), y), eq(b, a))
    general = free.have(le(sp.Abs(b), y), polynomial())
    ends = []
    for close, f, fact in ((found[0], curve, (meaning, -step)), (found[1], velocity, (value, step))):
        exact = f(END) - f(t) - sp.Derivative(f(t), t) * step
        own_step = f(END) - f(t) - step * (velocity(t) if f == curve else value.claim.rhs)
        same = proof.have(eq(own_step, exact), combination(fact))
        values = {a: exact, b: own_step, y: close.claim.rhs}
        ends.append(proof.have(general.claim.subs(values), instance(general, values), using=[same, close]))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*ends)))


FOLLOWED = sp.exp(-n * x) - (1 - x) ** n


@theorem(
    source=SOURCE,
    given=[ge(x, 0), le(x, 1)],
    claim=All((le(0, FOLLOWED), le(FOLLOWED, n * x**2 / 2))),
)
def euler_global_error_of_a_mode(proof):
    """Each mode is followed to first order on the whole: 0 <= exp(-k t) - (1 - k Delta)^n <= k^2 t Delta/2, t = n Delta

    Stated with x = k Delta, 0 <= x <= 1; it is the same for k_+ and k_-."""
    y = sp.Symbol("y", real=True)
    inside = proof.assume(le(0, y), le(y, x))
    gap = 1 - y + y**2 / 2 - sp.exp(-y)
    rate = inside.have(eq(sp.Derivative(gap, y), -1 + y + sp.exp(-y)), differentiation)
    line = inside.have(le(1 - y, sp.exp(-y)), tangent)
    rises = inside.have(le(0, sp.Derivative(gap, y)), combination((rate, -1), (line, 1)))
    near = proof.have(le(0, gap.subs(y, x)), along(rises, y, 0, x))
    under = proof.have(le(1 - x, sp.exp(-x)), tangent)
    proof = proof.knowing(proof.have(ge(1 - x, 0), polynomial()))
    fades = proof.have(le(sp.exp(-x), 1), increasing_one(proof))
    claim = proof.statement.claim
    base = proof.have(
        claim.subs({n: sp.Integer(0)}), conjunction(*(proof.have(p.subs({n: sp.Integer(0)})) for p in claim.parts))
    )
    ind = proof.assume(claim)
    low, high = (ind.have(p, hypothesis) for p in claim.parts)
    z = sp.Symbol("z", real=True)
    power = proof.forget(*proof.scope.hypotheses).assume(ge(z, 0), le(z, 1)).have(le(z**n, 1), polynomial())
    power = ind.have(power.claim.subs({z: 1 - x}), instance(power, {z: 1 - x}))
    share, a = (1 - x) ** n, sp.exp(-x)
    first, second_ = (p.subs({n: n + 1}) for p in claim.parts)
    first = ind.have(first, combination((low, a), (under, share)))
    weights = (high, 1), (low, 1 - a), (near, share), (power, x**2 / 2)
    second_ = ind.have(second_, combination(*weights), using=[fades])
    step_ = ind.have(claim.subs({n: n + 1}), conjunction(first, second_))
    return proof.conclude(proof.have(claim, induction(n, base, step_)))


def increasing_one(proof):
    """exp(-x) <= 1 since -x <= 0."""
    return increasing(proof.have(le(-x, 0), polynomial()))


RATE = DecayRate.first_order(gamma) / h
LAST = sp.Integral(kernel(gamma, t - tau) * g(tau), (tau, t, END))
FADE = sp.exp(-RATE * step)
Y = sp.Function("Y", real=True)
UNFADED = SequenceDefinition(Y, t, sp.Integral(RATE * sp.exp(RATE * tau) * g(tau), (tau, 0, t)))
MEMORY = (*open_unit(gamma), gt(h, 0), ge(t, 0), gt(step, 0))


def unfaded(proof, time):
    """m(time) = exp(-rate time) Y(time)."""
    return proof.have(
        eq(m(time), sp.exp(-RATE * time) * Y(time)), algebra(proof.unfold(m(time)), proof.unfold(Y(time)))
    )


@theorem(
    source=SOURCE,
    where=[first_moment(), UNFADED],
    given=[*MEMORY, Regular(g, 0, 0, END)],
    claim=eq(m(END), FADE * (m(t) + LAST)),
)
def memory_integral_recursion(proof):
    """Appendix I's recursion is exact: m(t + Delta) = exp(-(1 - gamma) Delta/(gamma h)) (m(t) + the last step's part)

    The last step's part is the integral over [t, t + Delta] of K(t - tau) g(tau)."""
    inner = RATE * sp.exp(RATE * tau) * g(tau)
    inside = proof.assume(le(t, x), le(x, END))
    parted = Y(x) - sp.Integral(inner, (tau, t, x))
    still = inside.have(eq(0, sp.Derivative(parted, x)), differentiation)
    ends = proof.have(eq(parted.subs(x, t), parted.subs(x, END)), along(still, x, t, END))
    point = proof.assume(le(t, tau), le(tau, t))
    only = point.have(eq(tau, t), polynomial())
    constant = point.have(eq(inner, inner.subs(tau, t)), algebra(only))
    empty = sp.Integral(inner, (tau, t, t))
    empty = proof.have(eq(empty, sp.Integral(inner.subs(tau, t), (tau, t, t))), under_integral(constant, tau))
    none = proof.have(eq(empty.claim.lhs, 0), algebra(empty))
    now, later = unfaded(proof, t), unfaded(proof, END)
    last = proof.have(eq(LAST, sp.exp(-RATE * t) * sp.Integral(inner, (tau, t, END))))
    whole, front = sp.exp(-RATE * END), sp.exp(-RATE * step)
    weights = (later, 1), (ends, -whole), (none, -whole), (now, -front), (last, -front)
    return proof.conclude(proof.have(proof.statement.claim, combination(*weights)))


CURVATURE = RATE * sp.exp(RATE * END) * (RATE * size + drift)
MISSED = m(END) - FADE * (m(t) + step * RATE * g(t))


@theorem(
    source=SOURCE,
    where=[first_moment(), UNFADED],
    given=[*MEMORY, Regular(g, 1, 0, END), bounded(g(s), size), bounded(sp.Derivative(g(s), s), drift)],
    sample={g: sp.Lambda(s, size * sp.exp(-s)), drift: 2 * size},
    claim=le(sp.Abs(MISSED), RATE * (RATE * size + drift) * step**2 / 2),
)
def memory_integral_local_error(proof):
    """Appendix I's rectangle for the last step's part makes an error of O(Delta^2) in m in one step

    A bounds |g| and B bounds |g'| during the step; the rate of m is (1 - gamma)/(gamma h)."""
    own = proof.statement.given
    proof = proof.knowing(proof.have(Regular(Y, 2, t, END), regular_curve))
    inside = proof.assume(*DURING)
    value, change = (inside.have(p.body, at(p, s)) for p in own[-2:])
    grown, most = sp.exp(RATE * s), sp.exp(RATE * END)
    curved = sp.Derivative(Y(s), (s, 2))
    slope_ = RATE * g(s) + sp.Derivative(g(s), s)
    form = inside.have(eq(curved, RATE * grown * slope_), differentiation)
    later = inside.have(le(RATE * s, RATE * END), polynomial())
    later = inside.have(le(grown, most), increasing(later))
    bound = inside.have(ge(RATE * size + drift, 0), combination((value, RATE), (change, 1), plus=nonnegative()))
    sides = []
    for way in (1, -1):
        level = inside.have(le(way * g(s), size), polynomial(), using=[value])
        tilt = inside.have(le(way * sp.Derivative(g(s), s), drift), polynomial(), using=[change])
        weights = (form, way), (level, RATE**2 * grown), (tilt, RATE * grown), (later, RATE * (RATE * size + drift))
        sides.append(inside.have(le(way * curved, CURVATURE), combination(*weights), using=[bound]))
    a, b, c, y = sp.symbols("a b c y", real=True)
    free = proof.forget(*proof.scope.hypotheses)
    general = free.assume(le(a, y), le(-a, y)).have(le(sp.Abs(a), y), polynomial())
    values = {a: curved, y: CURVATURE}
    curved = inside.have(general.claim.subs(values), instance(general, values), using=sides)
    exact = Y(END) - Y(t) - sp.Derivative(Y(t), t) * step
    close = proof.have(le(sp.Abs(exact), CURVATURE * step**2 / 2), taylor(curved, s, t, END))
    now, after = unfaded(proof, t), unfaded(proof, END)
    tilt = proof.have(eq(sp.Derivative(Y(t), t), RATE * sp.exp(RATE * t) * g(t)), differentiation)
    fade = sp.exp(-RATE * END)
    same = combination((after, 1), (now, -FADE), (tilt, fade * step))
    same = proof.have(eq(MISSED, fade * exact), same)
    general = free.assume(le(sp.Abs(a), y), gt(c, 0), eq(b, c * a)).have(le(sp.Abs(b), c * y), polynomial())
    values = {a: exact, b: MISSED, c: fade, y: CURVATURE * step**2 / 2}
    scaled = proof.have(general.claim.subs(values), instance(general, values), using=[same, close])
    return proof.conclude(proof.have(proof.statement.claim, combination((scaled, 1))))


def nonnegative():
    """rate |g| + |g'|"""
    return RATE * sp.Abs(g(s)) + sp.Abs(sp.Derivative(g(s), s))
