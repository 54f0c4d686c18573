"""Equations 11 and 14 of Appendix D as displayed: for every time t, not at the steps t = n h alone."""

import sympy as sp

from adamtheory.bounds import adam_continuous as bounds
from adamtheory.flows.adam import definitions
from adamtheory.notation import (
    DecayRate,
    beta,
    bounded_region,
    g,
    gamma,
    h,
    m,
    open_square,
    stability_exponent,
    t,
    tau,
    u,
    unbounded_region,
    v,
)
from adamtheory.proof import (
    GouldTanaka,
    SquareIntegrable,
    algebra,
    combination,
    eq,
    ge,
    gt,
    le,
    lt,
    sign,
    squares,
    tangent,
    theorem,
)

C = stability_exponent()
GRADIENT = (*open_square, gt(h, 0), ge(t, 0), SquareIntegrable(g, 0, t))
MOVING = (*GRADIENT, gt(v(t), 0))


def weighted(decay, term):
    """The integral over [0, t] of exp(-((1 - decay)/(h decay)) (t - tau)) times the term."""
    return sp.Integral(sp.exp(-DecayRate.first_order(decay) * (t - tau) / h) * term, (tau, 0, t))


FIRST, SECOND = weighted(gamma, g(tau)), weighted(beta, g(tau) ** 2)
FACTOR = (1 - gamma) / gamma * sp.sqrt(beta / (1 - beta))


@theorem(
    source=GouldTanaka("Appendix D, Equation 11"),
    where=definitions()[:2],
    given=MOVING,
    claim=eq(m(t) / sp.sqrt(v(t)), FACTOR / sp.sqrt(h) * FIRST / sp.sqrt(SECOND)),
)
def ratio_of_the_moments(proof):
    """m/sqrt(v) is h^(-1/2) (1 - gamma)/gamma sqrt(beta/(1 - beta)) times the ratio of the exponentials' integrals"""
    rate = DecayRate.first_order(beta)
    meaning = proof.unfold(v(t))
    energy = proof.have(eq(v(t), rate / h * SECOND), algebra(meaning))
    positive = proof.have(gt(SECOND, 0), sign(h / rate * v(t), energy))
    proof = proof.knowing(positive)
    inverse = sp.sqrt(beta / (1 - beta)) * sp.sqrt(h) / sp.sqrt(SECOND)
    square = proof.have(eq(1 / v(t), inverse**2), algebra(energy))
    same = proof.have(eq(1 / sp.sqrt(v(t)), inverse), squares(square))
    by = algebra(proof.unfold(m(t)), same)
    return proof.conclude(proof.have(proof.statement.claim, by))


def without_curves(proof):
    """The same proof where only the hyperparameters matter."""
    return proof.forget(*(p for p in proof.scope.hypotheses if p.functions))


@theorem(
    source=GouldTanaka("Appendix D, Equation 14, C > 0"),
    where=definitions(),
    given=[*MOVING, bounded_region.relation],
    claim=lt(sp.Abs(u(t)), bounds.printed_where_bounded()),
)
def max_update_at_any_time_where_bounded(proof):
    """Equation 14 at every t, C > 0: |u(t)| stays below the prefactor divided by sqrt(C)"""
    sharp = proof.cite("continuous_update_bound")
    squared = bounds.prefactor() ** 2
    tail = lt(squared * bounds.growth(), squared / C)
    beyond = without_curves(proof).have(tail, sign(squared * sp.exp(-C * t / h) / C))
    below = without_curves(proof).have(lt(bounds.worst_case(), bounds.printed_where_bounded()), squares(beyond))
    return proof.conclude(proof.have(proof.statement.claim, combination((sharp, 1), (below, 1))))


@theorem(
    source=GouldTanaka("Appendix D, Equation 14, C < 0"),
    where=definitions(),
    given=[*MOVING, unbounded_region.relation],
    claim=lt(sp.Abs(u(t)), bounds.printed_where_unbounded()),
)
def max_update_at_any_time_where_unbounded(proof):
    """Equation 14 at every t, C < 0: |u(t)| stays below the prefactor times exp(|C| t/(2h))/sqrt(|C|)"""
    grown = sp.exp(-C * t / h)
    line = without_curves(proof).have(le(1 - C * t / h, grown), tangent)
    proof = proof.knowing(without_curves(proof).have(ge(bounds.growth(), 0), combination((line, -1 / C), plus=t / h)))
    sharp = proof.cite("continuous_update_bound")
    squared = bounds.prefactor() ** 2
    tail = lt(squared * bounds.growth(), squared * grown / -C)
    beyond = without_curves(proof).have(tail, sign(squared / -C))
    below = without_curves(proof).have(lt(bounds.worst_case(), bounds.printed_where_unbounded()), squares(beyond))
    return proof.conclude(proof.have(proof.statement.claim, combination((sharp, 1), (below, 1))))
