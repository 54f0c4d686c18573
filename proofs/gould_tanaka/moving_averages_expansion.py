"""Lemma 1's own derivation: Appendix C's Taylor expansion of the recursion of m_n (and, with beta and g^2, of v_n).

It speaks of a curve through Adam's averages, and needs a bound on that curve's second derivative that does not grow as
the step h = eta^p shrinks.  ``moving_averages_order`` has what Lemma 1's solution, the kernel integral, is worth.
"""

import sympy as sp

from adamtheory.bounds.adam import moments
from adamtheory.notation import beta, g, gamma, h, k, m, n, open_unit, t, v
from adamtheory.proof import (
    ForAll,
    GouldTanaka,
    Regular,
    algebra,
    at,
    combination,
    eq,
    gt,
    hypothesis,
    instance,
    le,
    polynomial,
    taylor,
    theorem,
)

M = sp.Function("M", real=True)  # a curve through the averages
s = sp.Symbol("s", real=True)
curvature = sp.Symbol("G", real=True)
SLOPE = sp.Derivative(M(t), t)
LAST_STEP = (le(t - h, s), le(s, t))
CURVED = ForAll(s, LAST_STEP, le(sp.Abs(sp.Derivative(M(s), (s, 2))), curvature))


def through(average):
    """The step from n to n + 1 takes from t - h to t; the curve has the averages' values at both."""
    values = eq(M(t - h), average(n)), eq(M(t), average(n + 1))
    return (gt(h, 0), eq(t, (n + 1) * h), Regular(M, 2, t - h, t), CURVED, *values)


def defect(decay, of):
    """h decay M' + (1 - decay) M - (1 - decay) of: what Lemma 1's equation leaves at t."""
    return h * decay * SLOPE + (1 - decay) * M(t) - (1 - decay) * of


def expansion(proof, average, decay, of):
    near = proof.assume(*LAST_STEP)
    bound = near.have(CURVED.body, at(CURVED, s))
    order = curvature * h**2 / 2
    remainder = M(t - h) - M(t) + h * SLOPE
    close = proof.have(le(sp.Abs(remainder), order), taylor(bound, s, t, t - h))
    before, after = (proof.have(p, hypothesis) for p in proof.statement.given[-2:])
    moved = proof.unfold(average(n + 1))
    value = defect(decay, of)
    same = proof.have(eq(value, decay * remainder), combination((before, -decay), (after, 1), (moved, 1)))
    x, y, z = sp.symbols("x y z", real=True)
    free = proof.forget(*proof.scope.hypotheses).assume(gt(z, 0), le(sp.Abs(x), y))
    general = free.have(le(sp.Abs(z * x), z * y), polynomial())
    mapping = {x: remainder, y: order, z: decay}
    scaled = proof.knowing(close).have(general.claim.subs(mapping), instance(general, mapping))
    meets = proof.have(eq(sp.Abs(value), sp.Abs(decay * remainder)), algebra(same))
    return proof.have(proof.statement.claim, combination((meets, 1), (scaled, 1)))


def on_a_line(decay):
    """m_n = (n + 1) h for every n, on the line M(s) = s + h: what the gradients (for v, their squares) are then."""
    return ((k + 1) * h - decay * k * h) / (1 - decay)


LINE = {M: sp.Lambda(s, s + h)}


@theorem(
    source=GouldTanaka("Lemma 1, Appendix C"),
    where=moments()[:1],
    given=[*open_unit(gamma), *through(m)],
    sample=LINE | {g: sp.Lambda(k, on_a_line(gamma))},
    claim=le(sp.Abs(defect(gamma, g(n + 1))), gamma * curvature * h**2 / 2),
)
def first_moment_meets_its_equation(proof):
    """A C^2 curve through m_n meets h gamma m' + (1 - gamma) m = (1 - gamma) g_n up to gamma G h^2/2, |m''| <= G"""
    return proof.conclude(expansion(proof, m, gamma, g(n + 1)))


@theorem(
    source=GouldTanaka("Lemma 1, Appendix C"),
    where=moments()[1:],
    given=[*open_unit(beta), *through(v)],
    sample=LINE | {g: sp.Lambda(k, sp.sqrt(on_a_line(beta)))},
    claim=le(sp.Abs(defect(beta, g(n + 1) ** 2)), beta * curvature * h**2 / 2),
)
def second_moment_meets_its_equation(proof):
    """A C^2 curve through v_n meets h beta v' + (1 - beta) v = (1 - beta) g_n^2 up to beta G h^2/2, |v''| <= G"""
    return proof.conclude(expansion(proof, v, beta, g(n + 1) ** 2))
