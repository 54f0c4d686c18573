"""How far the discrete average m_n is from Lemma 1's m(t_n): O(h^2) beyond the initial layer, O(1) inside it.

The gradient is a curve f, its sequence g(n) = f(n h); m is Adam's first moment, M the kernel integral at t = n h.
"""

import sympy as sp

from adamtheory.bounds.adam import moments
from adamtheory.flows.adam import first_moment
from adamtheory.notation import DecayRate, g, gamma, h, k, m, n, open_unit, t, tau
from adamtheory.proof import (
    All,
    BigO,
    ForAll,
    GouldTanaka,
    Regular,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    antiderivative,
    at,
    combination,
    conjunction,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    lt,
    polynomial,
    printed,
    squares,
    taylor,
    telescoping,
    termwise,
    theorem,
    triangle,
    under_integral,
    under_sum,
)

f, M = (sp.Function(name, real=True) for name in ("f", "M"))
s = sp.Symbol("s", real=True)
curvature = sp.Symbol("G", real=True)  # a bound on the second derivative of f
SAMPLED = SequenceDefinition(g, n, f(n * h))
DISCRETE, CONTINUOUS = (moments()[0], SAMPLED), (first_moment(M, f),)
CURVED = ForAll(s, (le(0, s), le(s, t)), le(sp.Abs(sp.Derivative(f(s), (s, 2))), curvature))
SMOOTH = (*open_unit(gamma), gt(h, 0), ge(t, 0), Regular(f, 2, 0, t), CURVED)
AT_STEP = (*SMOOTH, eq(t, n * h))

RATE = DecayRate.first_order(gamma)
LAG = 1 / RATE  # mean lag of both averages, in steps
FADED = sp.exp(-RATE * t / h)  # what of the continuous average's mass is still missing at t
SLOPE = sp.Derivative(f(t), t)
MASS, CONTINUOUS_MASS = 1 - gamma ** (n + 1), 1 - FADED
DELAY = LAG * (1 - (n + 1) * gamma**n + n * gamma ** (n + 1))
CONTINUOUS_DELAY = LAG * (1 - FADED * (1 + RATE * t / h))
EXPANSION = m(n) - MASS * f(t) + h * DELAY * SLOPE
CONTINUOUS_EXPANSION = M(t) - CONTINUOUS_MASS * f(t) + h * CONTINUOUS_DELAY * SLOPE
ROUGH = curvature * gamma * (1 + gamma) / (2 * (1 - gamma) ** 2)
CONTINUOUS_ROUGH = curvature * LAG**2


def remainder(time):
    """f at a time, less its tangent at t."""
    return f(time) - f(t) - SLOPE * (time - t)


def curvature_nonnegative(proof):
    here = proof.have(le(sp.Abs(sp.Derivative(f(t), (t, 2))), curvature), at(CURVED, t))
    return proof.have(ge(curvature, 0), combination((here, 1), plus=here.claim.lhs))


ORDER = curvature * (tau - t) ** 2 / 2


@theorem(
    source=ThisLibrary("order of Lemma 1"),
    given=[*SMOOTH, le(0, tau), le(tau, t)],
    claim=All((le(remainder(tau), ORDER), le(-remainder(tau), ORDER))),
)
def tangent_remainder(proof):
    """f is within G (tau - t)^2/2 of its tangent at t"""
    near = proof.assume(le(tau, s), le(s, t))
    bound = near.have(le(sp.Abs(sp.Derivative(f(s), (s, 2))), curvature), at(CURVED, s))
    close = proof.have(le(sp.Abs(remainder(tau)), ORDER), taylor(bound, s, t, tau))
    claim = proof.statement.claim
    sides = (proof.have(part, polynomial(), using=[close]) for part in claim.parts)
    return proof.conclude(proof.have(claim, conjunction(*sides)))


def both_sides(proof, time, weight):
    """weight times the remainder at a time in [0, t] lies between -weight G (time - t)^2/2 and the opposite."""
    sides = proof.cite("tangent_remainder", {tau: time})
    order = weight * ORDER.subs(tau, time)
    sides = [proof.have(part, hypothesis, using=[sides]) for part in sides.claim.parts]
    values = (weight * remainder(time), -weight * remainder(time))
    return [proof.have(le(x, order), combination((side, weight))) for x, side in zip(values, sides, strict=True)]


def absolute(proof, value, bound, above, beneath):
    """|value| <= bound, from value <= bound and -value <= bound."""
    x, y = sp.symbols("x y", real=True)
    free = proof.forget(*proof.scope.hypotheses).assume(le(x, y), le(-x, y))
    general = free.have(le(sp.Abs(x), y), polynomial())
    mapping = {x: value, y: bound}
    return proof.knowing(above, beneath).have(general.claim.subs(mapping), instance(general, mapping))


@theorem(
    source=ThisLibrary("order of Lemma 1"),
    where=CONTINUOUS,
    given=SMOOTH,
    claim=le(sp.Abs(CONTINUOUS_EXPANSION), CONTINUOUS_ROUGH * h**2),
)
def continuous_average_expansion(proof):
    """The continuous average is the gradient at its mean lag, up to G (gamma/(1 - gamma))^2 h^2 and a transient"""
    rate, span = RATE / h, (tau, 0, t)
    weight = rate * sp.exp(-rate * (t - tau))
    meaning = proof.unfold(M(t))
    mass = eq(sp.Integral(weight, span), CONTINUOUS_MASS)
    mass = proof.have(mass, antiderivative(weight / rate))
    delay = eq(sp.Integral(weight * (t - tau), span), h * CONTINUOUS_DELAY)
    delay = proof.have(delay, antiderivative(weight / rate * (t - tau + 1 / rate)))
    whole = sp.Integral(weight * remainder(tau), span)
    exact = proof.have(eq(CONTINUOUS_EXPANSION, whole), combination((meaning, 1), (mass, f(t)), (delay, -SLOPE)))
    above, beneath = both_sides(proof.assume(le(0, tau), le(tau, t)), tau, weight)
    order = sp.Integral(above.claim.rhs, span)
    above, beneath = (
        proof.have(le(sp.Integral(side.claim.lhs, span), order), under_integral(side, tau)) for side in (above, beneath)
    )
    primitive = curvature / 2 * weight / rate * ((t - tau) ** 2 + 2 * (t - tau) / rate + 2 / rate**2)
    tail = curvature / 2 * FADED * (t**2 + 2 * t / rate + 2 / rate**2)
    value = proof.have(eq(order, curvature / rate**2 - tail), antiderivative(primitive))
    proof = proof.knowing(curvature_nonnegative(proof))
    size = CONTINUOUS_ROUGH * h**2
    above = proof.have(le(CONTINUOUS_EXPANSION, size), combination((above, 1), (value, 1), (exact, 1), plus=tail))
    beneath = combination((beneath, 1), (value, 1), (exact, -1), plus=tail)
    beneath = proof.have(le(-CONTINUOUS_EXPANSION, size), beneath)
    return proof.conclude(absolute(proof, CONTINUOUS_EXPANSION, size, above, beneath))


@theorem(
    source=ThisLibrary("order of Lemma 1"),
    where=DISCRETE,
    given=AT_STEP,
    claim=le(sp.Abs(EXPANSION), ROUGH * h**2),
)
def discrete_average_expansion(proof):
    """The discrete average is the gradient at its mean lag, up to G gamma(1 + gamma)/(2(1 - gamma)^2) h^2"""
    weight, span, left = (1 - gamma) * gamma ** (n - k), (k, 0, n), n - k
    step = proof.have(eq(t, n * h), hypothesis)
    sampled = proof.have(ForAll(k, (), eq(g(k), f(k * h))), for_all(proof.unfold(g(k))))
    closed = proof.cite("first_moment_closed_sum")
    curve = eq(sp.Sum(weight * g(k), span), sp.Sum(weight * f(k * h), span))
    curve = proof.knowing(sampled).have(curve, under_sum(sampled.claim))
    mass = proof.have(eq(sp.Sum(weight, span), MASS), telescoping(gamma ** (left + 1)))
    delay = eq(sp.Sum(weight * left, span), DELAY)
    delay = proof.have(delay, telescoping(gamma ** (left + 1) * (left + 1 / (1 - gamma))))
    whole = sp.Sum(weight * remainder(k * h), span)
    weights = (closed, 1), (curve, 1), (mass, f(t)), (delay, -h * SLOPE), (step, -SLOPE * mass.claim.lhs)
    exact = proof.have(eq(EXPANSION, whole), combination(*weights))
    above, beneath = both_sides(proof.assume(le(0, k), le(k, n)), k * h, weight)
    order = sp.Sum(above.claim.rhs, span)
    above, beneath = (
        proof.have(le(sp.Sum(side.claim.lhs, span), order), termwise(side, k)) for side in (above, beneath)
    )
    lags = sp.Sum(curvature * h**2 / 2 * weight * left**2, span)
    in_steps = combination((step, -curvature / 2 * sp.Sum(weight * (2 * k * h - t - n * h), span)))
    in_steps = proof.have(eq(order, lags), in_steps)
    form = left**2 / (1 - gamma) + 2 * left / (1 - gamma) ** 2 + (1 + gamma) / (1 - gamma) ** 3
    scale = curvature * h**2 / 2 * (1 - gamma)
    tail = scale * gamma ** (n + 1) * form.subs(k, 0)
    value = proof.have(eq(lags, ROUGH * h**2 - tail), telescoping(scale * gamma ** (left + 1) * form))
    proof = proof.knowing(curvature_nonnegative(proof))
    size, rest = ROUGH * h**2, ((in_steps, 1), (value, 1))
    above = proof.have(le(EXPANSION, size), combination((above, 1), *rest, (exact, 1), plus=tail))
    beneath = proof.have(le(-EXPANSION, size), combination((beneath, 1), *rest, (exact, -1), plus=tail))
    return proof.conclude(absolute(proof, EXPANSION, size, above, beneath))


LAYER = sp.Abs((FADED - gamma ** (n + 1)) * f(t)) + sp.Abs(
    h * LAG * (FADED * (1 + RATE * t / h) - (n + 1) * gamma**n + n * gamma ** (n + 1)) * SLOPE
)


@theorem(
    source=GouldTanaka("Lemma 1, repaired"),
    where=[*DISCRETE, *CONTINUOUS],
    given=AT_STEP,
    claim=le(sp.Abs(m(n) - M(t)), LAYER + curvature * gamma * (1 + 3 * gamma) / (2 * (1 - gamma) ** 2) * h**2),
)
def averages_agree_beyond_the_initial_layer(proof):
    """m_n and m(t_n) differ by G gamma(1 + 3 gamma)/(2(1 - gamma)^2) h^2 at most, and by a layer that decays with n

    The layer is made of gamma^n and exp(-n (1 - gamma)/gamma); a few multiples of 1/(1 - gamma) steps end it."""
    parts = x, y, p, q = sp.symbols("x y p q", real=True)
    free = proof.forget(*proof.scope.hypotheses)
    four = free.have(le(sp.Abs(x - y + p - q), sp.Abs(x) + sp.Abs(y) + sp.Abs(p) + sp.Abs(q)), triangle)
    level, drift = (MASS - CONTINUOUS_MASS) * f(t), h * (DELAY - CONTINUOUS_DELAY) * SLOPE
    values = dict(zip(parts, (EXPANSION, CONTINUOUS_EXPANSION, level, drift), strict=True))
    split = proof.have(four.claim.subs(values), instance(four, values))
    discrete = proof.cite("discrete_average_expansion")
    continuous = proof.cite("continuous_average_expansion")
    return proof.conclude(proof.have(proof.statement.claim, combination((split, 1), (discrete, 1), (continuous, 1))))


START = (*DISCRETE, *CONTINUOUS)


@theorem(
    source=GouldTanaka("Lemma 1, at n = 0"),
    where=START,
    given=[*open_unit(gamma), gt(h, 0), Regular(f, 0, 0, 0)],
    claim=eq(m(0) - M(0), (1 - gamma) * f(0)),
)
def averages_differ_at_the_start(proof):
    """At n = 0 the averages differ by (1 - gamma) f(0), whatever h is"""
    first = proof.have(eq(m(0), (1 - gamma) * f(0)), algebra(*(proof.unfold(x) for x in (m(0), m(-1), g(0)))))
    meaning = proof.unfold(M(0))
    whole = meaning.claim.rhs
    # An integral over [0, 0]: there tau is 0, and the integrand a constant.
    inside = proof.assume(le(0, tau), le(tau, 0))
    at_zero = inside.have(eq(tau, 0), polynomial())
    constant = whole.function.subs(tau, 0)
    point = inside.have(eq(whole.function, constant), algebra(at_zero))
    empty = proof.have(eq(whole, sp.Integral(constant, (tau, 0, 0))), under_integral(point, tau))
    return proof.conclude(proof.have(proof.statement.claim, algebra(first, meaning, empty)))


factor = sp.Symbol("K", real=True)


@theorem(
    source=GouldTanaka("Lemma 1, at n = 0"),
    where=START,
    given=[*open_unit(gamma), gt(h, 0), Regular(f, 0, 0, 0), lt(factor * h, (1 - gamma) * sp.Abs(f(0)))],
    claim=lt(factor * h, sp.Abs(m(0) - M(0))),
)
def no_order_holds_from_the_start(proof):
    """No constant K gives |m_n - m(t_n)| <= K h from n = 0 on: h below (1 - gamma)|f(0)|/K violates it"""
    start = proof.cite("averages_differ_at_the_start")
    size = (1 - gamma) * sp.Abs(f(0))
    square = proof.have(eq((m(0) - M(0)) ** 2, size**2), combination((start, m(0) - M(0) + (1 - gamma) * f(0))))
    same = proof.have(eq(sp.Abs(m(0) - M(0)), size), squares(square))
    below = proof.have(proof.statement.given[-1], hypothesis)
    return proof.conclude(proof.have(proof.statement.claim, combination((below, 1), (same, -1))))


gradient = sp.Symbol("f_0", real=True)  # f(0)

averages_agree_from_the_start = printed(
    name="averages_agree_from_the_start",
    title="m_n and m(t_n) agree up to terms of order h at every n: at n = 0 they differ by (1 - gamma) f(0) = O(h)",
    source=GouldTanaka("Section 2.2, Lemma 1 'up to order eta^p', at n = 0"),
    given=open_unit(gamma),
    claim=BigO((1 - gamma) * gradient, h, 1),
    witness={gamma: "1/2", gradient: 1},
    repaired="averages_agree_beyond_the_initial_layer",
    why="Inside the initial layer the difference does not shrink with h (averages_differ_at_the_start).",
)
