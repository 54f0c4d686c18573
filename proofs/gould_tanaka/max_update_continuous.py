"""Theorem 1 for the continuous-time update: the sharp bound in the three cases of C, and the printed B_n.

Everything is stated for one coordinate; t = n h is step n.  In vector form the max-update is the largest |u(t)| of all
coordinates, and each coordinate obeys the bound by itself.
"""

import sympy as sp

from adamtheory.bounds import adam_continuous as bounds
from adamtheory.flows.adam import definitions, first_moment, second_moment
from adamtheory.notation import (
    DecayRate,
    beta,
    bias_correction,
    boundary_curve,
    bounded_region,
    g,
    gamma,
    h,
    m,
    n,
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
    antiderivative,
    cauchy_schwarz,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    le,
    lt,
    ne,
    sign,
    squares,
    tangent,
    theorem,
)

C = stability_exponent()
FIRST, SECOND = DecayRate.first_order(gamma), DecayRate.first_order(beta)
SPAN = (tau, 0, t)
# The two factors of Appendix D: their product is the integrand of m, the square of the second that of v.
DECAY = sp.exp(-C * (t - tau) / (2 * h))
WEIGHTED = sp.exp(-SECOND * (t - tau) / (2 * h)) * g(tau)
OVERLAP = sp.Integral(DECAY * WEIGHTED, SPAN)
ENERGY = sp.Integral(WEIGHTED**2, SPAN)
REACH = bounds.reach()
SQUARED = bounds.prefactor() ** 2  # of the prefactor of Theorem 1
STEP = (*open_square, gt(h, 0), ge(t, 0))
GRADIENT = (*STEP, SquareIntegrable(g, 0, t))
MOVING = (*GRADIENT, gt(v(t), 0))
AT_STEP = (*open_square, gt(h, 0), SquareIntegrable(g, 0, n * h), gt(v(n * h), 0))
ON_BOUNDARY = {beta: gamma / (2 - gamma)}  # C = 0 solved for beta


def without_curves(proof):
    """The same proof where only the hyperparameters matter."""
    return proof.forget(*(p for p in proof.scope.hypotheses if p.functions))


def beta_on_boundary(proof):
    """C = 0 solved for beta."""
    zero = proof.have(boundary_curve.relation, hypothesis)
    return proof.have(eq(beta, gamma / (2 - gamma)), combination((zero, beta * gamma / (2 - gamma))))


@theorem(
    source=GouldTanaka("Appendix D, Equation 13"),
    where=[first_moment(), second_moment()],
    given=GRADIENT,
    claim=le(m(t) ** 2, FIRST**2 / SECOND * (REACH / h) * v(t)),
)
def continuous_moments_cauchy_schwarz(proof):
    """Cauchy-Schwarz bounds the first moment by the second in continuous time"""
    numerator = proof.have(eq(m(t), FIRST / h * OVERLAP), algebra(proof.unfold(m(t))))
    denominator = proof.have(eq(v(t), SECOND / h * ENERGY), algebra(proof.unfold(v(t))))
    bound = proof.have(le(OVERLAP**2, REACH * ENERGY), cauchy_schwarz(DECAY, WEIGHTED))
    size, overlap = FIRST / h, FIRST / h * OVERLAP
    by = combination((numerator, m(t) + overlap), (bound, size**2), (denominator, -(FIRST**2) / SECOND * REACH / h))
    return proof.conclude(proof.have(proof.statement.claim, by))


@theorem(
    source=GouldTanaka("Appendix D, Equation 13"),
    given=[*STEP, ne(C, 0)],
    claim=eq(REACH / h, bounds.growth()),
)
def integral_of_the_decay(proof):
    """The integral of exp(-C(t - tau)/h) over [0, t] is h(1 - exp(-Ct/h))/C where C is not 0"""
    whole = proof.have(eq(REACH, h * bounds.growth()), antiderivative(h / C * DECAY**2))
    return proof.conclude(proof.have(eq(REACH / h, bounds.growth()), algebra(whole)))


@theorem(
    source=GouldTanaka("Appendix D, Equation 13"),
    given=[*STEP, boundary_curve.relation],
    claim=eq(REACH / h, t / h),
    sample=ON_BOUNDARY,
)
def integral_of_the_decay_on_boundary(proof):
    """The integral of exp(-C(t - tau)/h) over [0, t] is t where C = 0"""
    solved = beta_on_boundary(proof)
    return proof.conclude(proof.have(eq(REACH / h, t / h), algebra(solved)))


@theorem(
    source=GouldTanaka("Proposition 1 and Appendix D"),
    where=definitions(),
    given=MOVING,
    claim=le(u(t) ** 2, SQUARED * (REACH / h)),
)
def continuous_update_squared_bound(proof):
    """u(t)^2 is at most the squared prefactor times the integral of exp(-C s) over the elapsed steps s"""
    moments = proof.cite("continuous_moments_cauchy_schwarz")
    meaning = proof.unfold(u(t))
    correction = bias_correction(1 + t / h)
    by = combination((moments, correction**2 / v(t)), (meaning, u(t) + meaning.claim.rhs))
    return proof.conclude(proof.have(le(u(t) ** 2, SQUARED * (REACH / h)), by))


@theorem(
    source=GouldTanaka("Appendix D, Equations 13 and 14"),
    where=definitions(),
    given=[*MOVING, ne(C, 0)],
    claim=le(sp.Abs(u(t)), bounds.worst_case()),
)
def continuous_update_bound(proof):
    """|u(t)| is at most the prefactor times sqrt((1 - exp(-Ct/h))/C), where C is not 0"""
    reach = without_curves(proof).cite("integral_of_the_decay")
    grown = without_curves(proof).have(ge(bounds.growth(), 0), combination((reach, 1), plus=REACH / h))
    squared = proof.cite("continuous_update_squared_bound")
    bound = proof.have(le(u(t) ** 2, SQUARED * bounds.growth()), combination((squared, 1), (reach, SQUARED)))
    return proof.conclude(proof.have(le(sp.Abs(u(t)), bounds.worst_case()), squares(bound), using=[grown]))


@theorem(
    source=GouldTanaka("Appendix D, Equations 13 and 14"),
    where=definitions(),
    given=[*MOVING, boundary_curve.relation],
    claim=le(sp.Abs(u(t)), bounds.worst_case_on_boundary()),
    sample=ON_BOUNDARY,
)
def continuous_update_bound_on_boundary(proof):
    """|u(t)| is at most the prefactor times sqrt(t/h), where C = 0"""
    reach = without_curves(proof).cite("integral_of_the_decay_on_boundary")
    squared = proof.cite("continuous_update_squared_bound")
    bound = proof.have(le(u(t) ** 2, SQUARED * t / h), combination((squared, 1), (reach, SQUARED)))
    return proof.conclude(proof.have(le(sp.Abs(u(t)), bounds.worst_case_on_boundary()), squares(bound)))


@theorem(
    source=GouldTanaka("Theorem 1, C > 0"),
    where=definitions(),
    given=[*AT_STEP, bounded_region.relation],
    claim=lt(sp.Abs(u(n * h)), bounds.printed_where_bounded(n)),
)
def max_update_continuous_where_bounded(proof):
    """Theorem 1 for the continuous update, C > 0: the printed bound holds and is never attained"""
    sharp = proof.cite("continuous_update_bound", {t: n * h})
    squared = bounds.prefactor(n) ** 2
    tail = lt(squared * bounds.growth(n), squared / C)
    beyond = without_curves(proof).have(tail, sign(squared * sp.exp(-C * n) / C))
    below = without_curves(proof).have(lt(bounds.worst_case(n), bounds.printed_where_bounded(n)), squares(beyond))
    claim = lt(sp.Abs(u(n * h)), bounds.printed_where_bounded(n))
    return proof.conclude(proof.have(claim, combination((sharp, 1), (below, 1))))


@theorem(
    source=GouldTanaka("Theorem 1, C = 0"),
    where=definitions(),
    given=[*AT_STEP, boundary_curve.relation],
    claim=le(sp.Abs(u(n * h)), bounds.worst_case_on_boundary(n)),
    sample=ON_BOUNDARY,
)
def max_update_continuous_on_boundary(proof):
    """Theorem 1 for the continuous update, C = 0: the printed bound holds, and it is the sharp one"""
    return proof.conclude(proof.cite("continuous_update_bound_on_boundary", {t: n * h}))


@theorem(
    source=GouldTanaka("Theorem 1, C < 0"),
    where=definitions(),
    given=[*AT_STEP, unbounded_region.relation],
    claim=lt(sp.Abs(u(n * h)), bounds.printed_where_unbounded(n)),
)
def max_update_continuous_where_unbounded(proof):
    """Theorem 1 for the continuous update, C < 0: the printed bound holds and is never attained"""
    line = without_curves(proof).have(le(1 - C * n, sp.exp(-C * n)), tangent)
    grown = without_curves(proof).have(ge(bounds.growth(n), 0), combination((line, -1 / C), plus=n))
    proof = proof.knowing(grown)
    sharp = proof.cite("continuous_update_bound", {t: n * h})
    squared = bounds.prefactor(n) ** 2
    tail = lt(squared * bounds.growth(n), squared * sp.exp(-C * n) / -C)
    beyond = without_curves(proof).have(tail, sign(squared / -C))
    below = without_curves(proof).have(lt(bounds.worst_case(n), bounds.printed_where_unbounded(n)), squares(beyond))
    claim = lt(sp.Abs(u(n * h)), bounds.printed_where_unbounded(n))
    return proof.conclude(proof.have(claim, combination((sharp, 1), (below, 1))))
