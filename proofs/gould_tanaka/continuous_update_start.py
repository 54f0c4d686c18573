"""Where Proposition 1's update differs most from Adam's: at its start, and as gamma tends to 0.

Both have one cause: Lemma 1's kernels give no weight of its own to the gradient of the last instant, as Adam's averages
do to the last gradient.  So the continuous update starts small, not as a sign, and nothing bounds it without momentum.
"""

import sympy as sp

from adamtheory.bounds import adam_continuous as bounds
from adamtheory.flows.adam import definitions
from adamtheory.notation import (
    DecayRate,
    beta,
    g,
    gamma,
    h,
    kernel,
    open_square,
    open_unit,
    stability_exponent,
    t,
    tau,
    u,
    v,
)
from adamtheory.proof import (
    GouldTanaka,
    SquareIntegrable,
    Tends,
    ThisLibrary,
    antiderivative,
    combination,
    eq,
    ge,
    gt,
    le,
    limit,
    polynomial,
    sign,
    squares,
    tangent,
    theorem,
    under_integral,
)

C = stability_exponent()
RATE, SECOND_RATE = DecayRate.first_order(gamma), DecayRate.first_order(beta)
SPAN = (tau, 0, t)
STEP = (gt(h, 0), ge(t, 0))
FASTEST = sp.exp(SECOND_RATE * t / h)  # no exp(-C (t - tau)/h) is larger
START = beta / ((1 - beta) * gamma**2) * (t / h) * FASTEST


@theorem(
    source=ThisLibrary("Proposition 1 of Gould & Tanaka 2024, at its start"),
    where=definitions(),
    given=[*open_square, *STEP, SquareIntegrable(g, 0, t), gt(v(t), 0)],
    claim=le(u(t) ** 2, START),
)
def continuous_update_is_small_at_the_start(proof):
    """u(t)^2 is at most (t/h) beta/((1 - beta) gamma^2) exp(((1 - beta)/beta) t/h), whatever the gradients"""
    free = proof.forget(*(p for p in proof.scope.hypotheses if p.functions))
    inside = free.assume(le(0, tau), le(tau, t))
    grown = sp.exp(-C * (t - tau) / h)
    lag = 2 * RATE * (t - tau) / h + SECOND_RATE * tau / h
    line = inside.have(le(grown, FASTEST), sign(FASTEST * (1 - sp.exp(-lag))))
    whole = free.have(le(bounds.reach(), sp.Integral(FASTEST, SPAN)), under_integral(line, tau))
    flat = free.have(eq(sp.Integral(FASTEST, SPAN), t * FASTEST), antiderivative(tau * FASTEST))
    power = gamma ** (t / h)
    fades = free.have(le(power, 1), sign())
    left, size = 1 - gamma * power, bounds.prefactor() ** 2
    above = free.have(ge(left, 1 - gamma), combination((fades, gamma)))
    inverse = free.have(le(1 / left**2, 1 / (1 - gamma) ** 2), polynomial(), using=[above])
    front = (1 - gamma) ** 2 * beta / ((1 - beta) * gamma**2)
    most = beta / ((1 - beta) * gamma**2)
    by = combination((inverse, front), plus=front * beta ** (1 + t / h) / left**2)
    front = free.have(le(size, most), by)
    squared = proof.cite("continuous_update_squared_bound")
    by = combination((squared, 1), (whole, size / h), (flat, size / h), (front, t / h * FASTEST))
    return proof.conclude(proof.have(proof.statement.claim, by))


@theorem(
    source=ThisLibrary("Proposition 1 of Gould & Tanaka 2024, at its start"),
    given=[*open_square, gt(h, 0)],
    claim=Tends(START, t, sp.Integer(0), sp.Integer(0)),
)
def continuous_update_starts_at_zero(proof):
    """That bound tends to 0 as t -> 0: u starts at 0, like sqrt(t) at most, where Adam's first update is a sign

    So u_n = u(t_n) fails in the first steps whatever the learning rate is (u_0 = sign(g_0):
    ``first_update_is_a_sign``)."""
    return proof.conclude(proof.have(proof.statement.claim, limit()))


SQUARE = sp.Integral(kernel(gamma, t - tau) ** 2, SPAN)
GONE = sp.exp(-2 * RATE * t / h)


@theorem(
    source=GouldTanaka("Appendix D, special cases"),
    given=[*open_unit(gamma), *STEP],
    claim=eq(SQUARE, RATE * (1 - GONE) / (2 * h)),
)
def kernel_energy(proof):
    """The squared kernel K_gamma has the integral (1 - gamma)/(2 gamma h) (1 - exp(-2 (1 - gamma)/gamma t/h))"""
    primitive = RATE / (2 * h) * sp.exp(-2 * RATE * (t - tau) / h)
    return proof.conclude(proof.have(proof.statement.claim, antiderivative(primitive)))


@theorem(
    source=GouldTanaka("Appendix D, special cases"),
    given=[*open_unit(gamma), *STEP],
    claim=ge(SQUARE, RATE**2 * t / (h * (h + 2 * RATE * t))),
)
def kernel_energy_is_unbounded_without_momentum(proof):
    """As gamma -> 0 the squared kernel's integral grows without limit: Cauchy-Schwarz gives no bound at gamma = 0

    With x = ((1 - gamma)/gamma) t/h it is at least x^2/(t (1 + 2x)), and x grows without limit."""
    exact = proof.cite("kernel_energy")
    x = 2 * RATE * t / h
    # 1/(1 + x) >= exp(-x), from exp(x) >= 1 + x
    line = proof.have(le(1 + x, sp.exp(x)), tangent)
    below = proof.have(le(GONE, 1 / (1 + x)), combination((line, GONE / (1 + x))))
    by = combination((exact, -1), (below, RATE / (2 * h)))
    return proof.conclude(proof.have(proof.statement.claim, by))


LOW = bounds.prefactor() * sp.sqrt(t / (t * 2 * RATE + h))


@theorem(
    source=ThisLibrary("Appendix D of Gould & Tanaka 2024, RMSprop in continuous time"),
    given=[*open_square, *STEP, gt(C, 0)],
    claim=le(LOW, bounds.worst_case()),
)
def continuous_worst_case_grows_without_momentum(proof):
    """Without momentum the continuous update has no bound: its largest size grows like 1/sqrt(gamma) as gamma -> 0

    At t > 0 the lower bound is the prefactor, of order 1/gamma, times sqrt(t/(h + 2 ((1 - gamma)/gamma) t)).  So in
    continuous time a momentum is needed, as the paper says; in discrete time it is not
    (``adam_without_momentum_exact_bound``): there the last gradient has a weight of its own."""
    x = C * t / h
    gone = sp.exp(-x)
    line = proof.have(le(1 + x, sp.exp(x)), tangent)
    below = proof.have(le(gone, 1 / (1 + x)), combination((line, gone / (1 + x))))
    wider = SECOND_RATE * t**2 / ((2 * RATE * t + h) * (C * t + h))
    share = combination((below, 1 / C), plus=wider)
    share = proof.have(le(t / (t * 2 * RATE + h), bounds.growth()), share)
    size = bounds.prefactor() ** 2
    squared = proof.have(le(LOW**2, bounds.worst_case() ** 2), combination((share, size)))
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))
