"""Appendix C's free motion (u = 0): Equation (4) then has two decaying exponentials and nothing else.

The rates are the roots k_+ >= k_- of eta/2 k^2 - k + lambda = 0, real where 2 lambda eta <= 1.
"""

import sympy as sp

from adamtheory.flows.second_order import curve, equation, fast_rate, free_motion, slope, slow_rate, spread, velocity
from adamtheory.notation import lr, t, weight_decay
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Iff,
    Regular,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    along,
    at,
    combination,
    conjunction,
    differentiation,
    eq,
    equivalence,
    for_all,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    lt,
    polynomial,
    regular_curve,
    sign,
    squares,
    theorem,
)

a, b, rate, s, x = sp.symbols("a b k s x", real=True)
FAST, SLOW = fast_rate(), slow_rate()
REAL = (gt(lr, 0), ge(weight_decay, 0), le(2 * weight_decay * lr, 1))
SPREAD = spread()
MOTION = SequenceDefinition(curve, t, free_motion(a, b))


def characteristic(k):
    """eta/2 k^2 - k + lambda: zero where exp(-k t) solves the equation."""
    return lr / 2 * k**2 - k + weight_decay


@theorem(
    source=GouldTanaka("Appendix C, parameter dynamics when u = 0"),
    given=REAL,
    claim=All(
        (
            eq(FAST, (1 + SPREAD) / lr),
            eq(SLOW, (1 - SPREAD) / lr),
            ForAll(rate, (), eq(characteristic(rate), lr / 2 * (rate - FAST) * (rate - SLOW))),
        )
    ),
)
def free_motion_rates(proof):
    """k_+ and k_- are (1 +- sqrt(1 - 2 lambda eta))/eta, the roots of eta/2 k^2 - k + lambda"""
    fast, slow, roots = proof.statement.claim.parts
    inside = (1 - 2 * weight_decay * lr) / lr**2
    root = sp.sqrt(inside)
    squared = proof.have(eq(root**2, (SPREAD / lr) ** 2))
    same = proof.have(eq(root, SPREAD / lr), squares(squared))
    fast = proof.have(fast, combination((same, 1)))
    slow = proof.have(slow, combination((same, -1)))
    roots = proof.have(roots, for_all(proof.have(roots.body)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(fast, slow, roots)))


@theorem(
    source=GouldTanaka("Appendix C, parameter dynamics when u = 0"),
    given=REAL,
    claim=All(
        (
            ge(SLOW, 0),
            le(SLOW, FAST),
            Iff(eq(SLOW, 0), eq(weight_decay, 0)),
            Iff(eq(SLOW, FAST), eq(2 * weight_decay * lr, 1)),
        )
    ),
)
def free_motion_rates_are_ordered(proof):
    """0 <= k_- <= k_+ for 0 <= 2 lambda eta <= 1; k_- = 0 exactly at lambda = 0, k_- = k_+ at 2 lambda eta = 1"""
    parts = proof.statement.claim.parts
    found = [proof.have(p, polynomial()) for p in parts[:2]]
    for p in parts[2:]:
        forward = proof.assume(p.left)
        forward = forward.have(p.right, polynomial(), using=[forward.have(p.left, hypothesis)])
        backward = proof.assume(p.right)
        backward = backward.have(p.left, polynomial(), using=[backward.have(p.right, hypothesis)])
        found.append(proof.have(p, equivalence(forward, backward)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*found)))


@theorem(
    source=GouldTanaka("Appendix C, parameter dynamics when u = 0"),
    given=[gt(lr, 0), gt(2 * weight_decay * lr, 1)],
    claim=gt(characteristic(rate), 0),
)
def free_motion_oscillates_beyond(proof):
    """For 2 lambda eta > 1 no real k makes exp(-k t) a free motion: the rates are complex"""
    form = lr / 2 * (rate - 1 / lr) ** 2 + (2 * weight_decay * lr - 1) / (2 * lr)
    return proof.conclude(proof.have(proof.statement.claim, sign(form)))


@theorem(
    source=GouldTanaka("Appendix C, parameter dynamics when u = 0"),
    where=[MOTION, slope()],
    given=REAL,
    claim=equation(sp.Integer(0)),
)
def free_motion_solves(proof):
    """a exp(-k_+ t) + b exp(-k_- t) solves lambda theta + theta' + eta/2 theta'' = 0, for all a and b"""
    return proof.conclude(proof.have(proof.statement.claim, differentiation))


SOLUTION = ForAll(s, (le(0, s), le(s, t)), equation(sp.Integer(0), s))
ANY = (ge(t, 0), Regular(curve, 2, 0, t), SOLUTION)
START = curve(0), velocity(0)
BOTH_MODES = {curve: sp.Lambda(s, free_motion(2, 3, s))}  # a solution, to try steps at


def mode(this, other, time):
    """exp(k s) (theta' + k_other theta): constant along a free motion, where k and k_other are both rates."""
    return sp.exp(this * time) * (velocity(time) + other * curve(time))


def conserved(proof, this, other, *tie):
    """The mode has one value at 0 and at t; ``tie``: 2 lambda eta = 1, where both rates are 1/eta."""
    inside = proof.assume(*SOLUTION.domain)
    here = inside.have(SOLUTION.body, at(SOLUTION, s))
    meaning = inside.unfold(velocity(s))
    change = sp.Derivative(velocity(s), s) + (this + other) * velocity(s) + this * other * curve(s)
    factor = sp.exp(this * s)
    wanted = factor * (change - other * velocity(s) + other * sp.Derivative(curve(s), s))
    derivative = sp.Derivative(mode(this, other, s), s)
    rises = inside.have(eq(derivative, wanted), differentiation)
    double = tuple((fact, factor * curve(s) / lr**2) for fact in tie)
    flat = combination((rises, -1), (meaning, factor * other), (here, -2 / lr * factor), *double)
    flat = inside.have(eq(0, derivative), flat)
    return proof.have(eq(mode(this, other, sp.Integer(0)), mode(this, other, t)), along(flat, s, 0, t))


@theorem(
    source=GouldTanaka("Appendix C, parameter dynamics when u = 0"),
    where=[slope()],
    given=[*REAL, lt(2 * weight_decay * lr, 1), *ANY],
    sample=BOTH_MODES,
    claim=eq(
        curve(t),
        free_motion(-(START[1] + SLOW * START[0]), START[1] + FAST * START[0]) / (FAST - SLOW),
    ),
)
def free_motion_is_the_only_solution(proof):
    """Every solution with u = 0 is a exp(-k_+ t) + b exp(-k_- t), and its start determines a and b (2 lambda eta < 1)

    a = -(theta'(0) + k_- theta(0))/(k_+ - k_-), so the fast mode is absent exactly at the slow initial velocity
    theta'(0) = -k_- theta(0)."""
    apart = proof.have(gt(FAST - SLOW, 0), sign(2 * sp.sqrt((1 - 2 * weight_decay * lr) / lr**2)))
    proof = proof.knowing(apart)
    fast, slow = conserved(proof, FAST, SLOW), conserved(proof, SLOW, FAST)
    width = FAST - SLOW
    weights = (fast, -sp.exp(-FAST * t) / width), (slow, sp.exp(-SLOW * t) / width)
    return proof.conclude(proof.have(proof.statement.claim, combination(*((f, -w) for f, w in weights))))


TOUCHING = (gt(lr, 0), eq(2 * weight_decay * lr, 1))
DOUBLE = {curve: sp.Lambda(s, (2 + 3 * s) * sp.exp(-s / lr))}
PACE = START[1] + START[0] / lr


@theorem(
    source=GouldTanaka("Appendix C, parameter dynamics when u = 0"),
    where=[slope()],
    given=[*TOUCHING, *ANY],
    sample=DOUBLE,
    claim=eq(mode(1 / lr, 1 / lr, sp.Integer(0)), mode(1 / lr, 1 / lr, t)),
)
def double_rate_conserves_a_mode(proof):
    """At 2 lambda eta = 1, exp(t/eta) (theta' + theta/eta) does not change along a free motion"""
    tie = proof.have(TOUCHING[1], hypothesis)
    return proof.conclude(conserved(proof, 1 / lr, 1 / lr, tie))


@theorem(
    source=GouldTanaka("Appendix C, parameter dynamics when u = 0"),
    where=[slope()],
    given=[*TOUCHING, *ANY],
    sample=DOUBLE,
    claim=eq(curve(t), (START[0] + PACE * t) * sp.exp(-t / lr)),
)
def free_motion_with_a_double_rate(proof):
    """At 2 lambda eta = 1, which the paper leaves out, every free motion is (a + b t) exp(-t/eta)"""
    named = eq(a, PACE)  # a name, since the slope at 0 is no expression that differentiation unfolds
    outside = proof.assume(named)
    inside = outside.assume(le(0, x), le(x, t))
    before = inside.assume(le(0, s), le(s, x))
    part = inside.have(SOLUTION.subs({t: x}), for_all(before.have(SOLUTION.body, at(SOLUTION, s))))
    inside = inside.knowing(part, inside.have(Regular(curve, 2, 0, x), regular_curve))
    fixed = inside.cite("double_rate_conserves_a_mode", {t: x})
    meaning = inside.unfold(velocity(x))
    drifting = sp.exp(x / lr) * curve(x) - a * x
    derivative = sp.Derivative(drifting, x)
    rises = sp.exp(x / lr) * (sp.Derivative(curve(x), x) + curve(x) / lr) - a
    rises = inside.have(eq(derivative, rises), differentiation)
    pace = inside.have(named, hypothesis)
    flat = combination((rises, -1), (meaning, sp.exp(x / lr)), (fixed, 1), (pace, 1))
    flat = inside.have(eq(0, derivative), flat)
    ends = outside.have(eq(drifting.subs(x, 0), drifting.subs(x, t)), along(flat, x, 0, t))
    fade = sp.exp(-t / lr)
    value = combination((ends, -fade), (outside.have(named, hypothesis), t * fade))
    value = outside.have(proof.statement.claim, value)
    return proof.conclude(proof.have(proof.statement.claim, instance(value, {a: PACE})))


@theorem(
    source=ThisLibrary("free motion of Equation 4"),
    where=[MOTION],
    given=[*REAL, lt(2 * weight_decay * lr, 1)],
    sample={t: lr / (1 + b**2)},  # where the fast mode is not yet lost in the digits
    claim=Iff(eq(a, 0), eq(sp.Derivative(curve(t), t), -SLOW * curve(t))),
)
def slow_velocity_excludes_the_fast_mode(proof):
    """The fast mode is absent exactly when theta' = -k_- theta at one time, whichever: the slow initial velocity"""
    claim = proof.statement.claim
    proof = proof.knowing(proof.have(gt(FAST - SLOW, 0), sign(2 * sp.sqrt((1 - 2 * weight_decay * lr) / lr**2))))
    front = (FAST - SLOW) * sp.exp(-FAST * t)
    split = proof.have(eq(sp.Derivative(curve(t), t) + SLOW * curve(t), -a * front), differentiation)
    forward, backward = proof.assume(claim.left), proof.assume(claim.right)
    none = forward.have(claim.left, hypothesis)
    forward = forward.have(claim.right, combination((split, 1), (none, -front)))
    slow = backward.have(claim.right, hypothesis)
    backward = backward.have(claim.left, combination((split, 1 / front), (slow, -1 / front)))
    return proof.conclude(proof.have(claim, equivalence(forward, backward)))


@theorem(
    source=GouldTanaka("Appendix C, parameter dynamics when u = 0, lambda = 0"),
    where=[MOTION],
    given=[gt(lr, 0), eq(weight_decay, 0)],
    sample={t: lr / (1 + b**2), weight_decay: 0},
    claim=All(
        (
            eq(curve(t), a * sp.exp(-2 * t / lr) + b),
            Iff(eq(sp.Derivative(curve(t), t), 0), eq(a, 0)),
            Iff(eq(a, 0), ForAll(s, (), eq(curve(s), b))),
        )
    ),
)
def free_motion_without_decay_is_constant(proof):
    """Without weight decay theta = a exp(-2 t/eta) + b is constant exactly if theta'(t_0) = 0 at one time t_0

    As transcribed the paper says theta(t_0) = 0 for some t_0; with the dot that the transcript loses it is this."""
    value, still, constant = proof.statement.claim.parts
    undecayed = proof.have(eq(weight_decay, 0), hypothesis)
    root = proof.have(eq(FAST - 1 / lr, 1 / lr), algebra(undecayed))
    value = proof.have(value, algebra(proof.unfold(curve(t)), root))
    slope = -a * FAST * sp.exp(-FAST * t) - b * SLOW * sp.exp(-SLOW * t)
    slope = proof.have(eq(sp.Derivative(curve(t), t), slope), differentiation)
    front = 2 / lr * sp.exp(-2 * t / lr)
    split = proof.have(eq(sp.Derivative(curve(t), t), -a * front), algebra(slope, root))
    forward, backward = proof.assume(still.left), proof.assume(still.right)
    forward = forward.have(
        still.right, combination((split, 1 / front), (forward.have(still.left, hypothesis), -1 / front))
    )
    backward = backward.have(still.left, combination((split, 1), (backward.have(still.right, hypothesis), -front)))
    still = proof.have(still, equivalence(forward, backward))
    forward, backward = proof.assume(constant.left), proof.assume(constant.right)
    none = forward.have(constant.left, hypothesis)
    here = forward.have(constant.right.body, algebra(forward.unfold(curve(s)), none, root))
    forward = forward.have(constant.right, for_all(here))
    given = backward.have(constant.right, hypothesis)
    start = backward.have(constant.right.body.subs({s: sp.Integer(0)}), at(constant.right, 0), using=[given])
    meaning = backward.have(eq(curve(0), a + b), algebra(backward.unfold(curve(0))))
    backward = backward.have(constant.left, combination((start, 1), (meaning, -1)))
    constant = proof.have(constant, equivalence(forward, backward))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(value, still, constant)))
