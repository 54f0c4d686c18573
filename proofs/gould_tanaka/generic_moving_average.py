"""Appendix J, last part: the continuous form of w_n = (1 - alpha) w_(n-1) + alpha x_n, and |W|^2 as such an average.

With gamma = 1 - alpha this is Lemma 1's average, so its kernel's rate is alpha/(1 - alpha) a step; the paper prints
(1 - alpha)/alpha, which belongs to w_n = alpha w_(n-1) + (1 - alpha) x_n.  One step takes time h = eta^p.
"""

import sympy as sp

from adamtheory.flows.averages import generic_average, generic_average_rate, generic_average_rate_as_printed
from adamtheory.notation import DecayRate, gamma, h, k, lr, n, open_unit, t, tau, weight_decay
from adamtheory.proof import (
    All,
    BigO,
    ForAll,
    GouldTanaka,
    Iff,
    Regular,
    Tends,
    ThisLibrary,
    algebra,
    at,
    combination,
    conjunction,
    differentiation,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    limit,
    lt,
    polynomial,
    printed,
    series,
    theorem,
)

alpha, first = sp.symbols("alpha w_0", real=True)
w, S, W = (sp.Function(name, real=True) for name in ("w", "S", "W"))
x = sp.Function("x", real=True)
RATE, PRINTED = generic_average_rate(alpha), generic_average_rate_as_printed(alpha)
AVERAGE = generic_average(w, x, first, RATE / h)
FLOW = (*open_unit(alpha), gt(h, 0), ge(t, 0), Regular(x, 0, 0, t))


@theorem(
    source=GouldTanaka("Appendix J, |W|^2 as a moving average"),
    where=[AVERAGE],
    given=FLOW,
    claim=eq(h * (1 - alpha) * sp.Derivative(w(t), t) + alpha * w(t), alpha * x(t)),
)
def generic_average_solves_its_equation(proof):
    """With the rate alpha/(1 - alpha) per step the average solves h (1 - alpha) w' + alpha w = alpha x

    That is what Appendix C's approach gives for w_n = (1 - alpha) w_(n-1) + alpha x_n:
    w(t) = (1 - alpha)(w(t) - h w'(t)) + alpha x(t), to first order in h."""
    return proof.conclude(proof.have(proof.statement.claim, differentiation))


@theorem(
    source=GouldTanaka("Appendix J, |W|^2 as a moving average"),
    given=[*open_unit(alpha), eq(gamma, 1 - alpha)],
    claim=All((eq(DecayRate.first_order(gamma), RATE), Iff(eq(PRINTED, RATE), eq(alpha, sp.Rational(1, 2))))),
)
def generic_average_rate_is_lemma_one_with_one_minus_alpha(proof):
    """The rate is Lemma 1's at gamma = 1 - alpha; the printed one agrees with it at alpha = 1/2 alone"""
    claim = proof.statement.claim
    same, tie = proof.have(claim.parts[0], algebra(proof.have(eq(gamma, 1 - alpha), hypothesis))), claim.parts[1]
    forward, backward = proof.assume(tie.left), proof.assume(tie.right)
    forward = forward.have(tie.right, polynomial())
    backward = backward.have(tie.left, algebra(backward.have(tie.right, hypothesis)))
    return proof.conclude(proof.have(claim, conjunction(same, proof.have(tie, equivalence(forward, backward)))))


printed_average_rate = printed(
    name="printed_average_rate",
    title="w_n = (1 - alpha) w_(n-1) + alpha x_n has the continuous rate (1 - alpha)/alpha, as Appendix C gives it",
    source=GouldTanaka("Appendix J, |W|^2 as a moving average"),
    given=[*open_unit(alpha), eq(gamma, 1 - alpha)],
    claim=eq(PRINTED, DecayRate.first_order(gamma)),
    witness={alpha: "1/3", gamma: "2/3"},
    repaired="generic_average_rate_is_lemma_one_with_one_minus_alpha",
    why="The older value carries the weight 1 - alpha, so Lemma 1 applies with gamma = 1 - alpha. The printed rate "
    "belongs to the average in which the older value carries alpha.",
)


@theorem(
    source=ThisLibrary("generic moving average"),
    claim=Tends(sp.exp(-RATE), alpha, 0, 1),
)
def generic_average_keeps_its_past(proof):
    """As alpha tends to 0 the average keeps all of its past over a step: exp(-alpha/(1 - alpha)) tends to 1"""
    return proof.conclude(proof.have(proof.statement.claim, limit()))


@theorem(source=ThisLibrary("generic moving average"), claim=BigO(sp.exp(-RATE) - (1 - alpha), alpha, 2))
def generic_average_follows_the_discrete_one(proof):
    """Over a step the continuous average keeps exp(-alpha/(1 - alpha)) = 1 - alpha + O(alpha^2) of its past"""
    return proof.conclude(proof.have(proof.statement.claim, series()))


INTEGRAL = sp.Integral(sp.exp(-2 * weight_decay * (t - tau)) * S(tau), (tau, 0, t))
NORM = first * sp.exp(-2 * weight_decay * t) + lr * INTEGRAL
MATCHING = 2 * weight_decay * lr / (1 + 2 * weight_decay * lr)
AS_AVERAGE = generic_average(W, S, 2 * weight_decay * first / lr, 2 * weight_decay)


@theorem(
    source=GouldTanaka("Appendix J, |W|^2 as a moving average"),
    where=[AS_AVERAGE],
    given=[gt(lr, 0), gt(weight_decay, 0), ge(t, 0), Regular(S, 0, 0, t)],
    claim=All((eq(NORM, lr / (2 * weight_decay) * W(t)), eq(generic_average_rate(MATCHING) / lr, 2 * weight_decay))),
)
def squared_norm_is_a_moving_average(proof):
    """Equation (8)'s |W|^2 is eta/(2 lambda) times the moving average of S = |u|^2 with the rate 2 lambda

    The average starts at 2 lambda/eta |W(0)|^2, and lambda > 0.  Its rate is the generic one for
    alpha = 2 lambda eta/(1 + 2 lambda eta), small as it should be; the printed rate would need 1/(1 + 2 lambda eta)."""
    form, rate = proof.statement.claim.parts
    form, rate = proof.have(form, algebra(proof.unfold(W(t)))), proof.have(rate)
    return proof.conclude(proof.have(proof.statement.claim, conjunction(form, rate)))


SHARE = 1 - (1 - lr * weight_decay) ** 2  # alpha
NORMS, INPUT = sp.Function("N", real=True), lr**2 / SHARE
STEP = ForAll(k, (), eq(NORMS(k + 1), (1 - lr * weight_decay) ** 2 * NORMS(k) + lr**2 * S(k)))


@theorem(
    source=ThisLibrary("generic moving average"),
    given=[gt(lr, 0), gt(weight_decay, 0), lt(lr * weight_decay, 2), STEP],
    sample={S: sp.Lambda(k, sp.Integer(0)), NORMS: sp.Lambda(k, (1 - lr * weight_decay) ** (2 * k))},
    claim=All(
        (
            eq(NORMS(n + 1), (1 - SHARE) * NORMS(n) + SHARE * (INPUT * S(n))),
            eq(INPUT, lr / (weight_decay * (2 - lr * weight_decay))),
        )
    ),
)
def discrete_squared_norm_is_a_moving_average(proof):
    """|W_(n+1)|^2 = (1 - eta lambda)^2 |W_n|^2 + eta^2 |u_n|^2 is a moving average with 1 - alpha = (1 - eta lambda)^2

    Its input is eta^2/alpha |u_n|^2, eta^2/alpha = eta/(lambda (2 - eta lambda)), which replaces eta/(2 lambda)."""
    taken = proof.have(STEP.body.subs({k: n}), at(STEP, n))
    positive = proof.have(gt(weight_decay * lr * (2 - lr * weight_decay), 0), polynomial())
    form, scale = proof.statement.claim.parts
    form = proof.have(form, combination((taken, 1)), using=[positive])
    scale = proof.have(scale, using=[positive])
    return proof.conclude(proof.knowing(positive).have(proof.statement.claim, conjunction(form, scale)))


@theorem(
    source=ThisLibrary("generic moving average"),
    sample={weight_decay: sp.Rational(3, 10)},
    claim=BigO(-2 * sp.log(1 - lr * weight_decay) - 2 * weight_decay * lr, lr, 2),
)
def discrete_squared_norm_rate(proof):
    """The discrete average's exact rate, -ln((1 - eta lambda)^2) a step, is 2 lambda eta + O(eta^2)"""
    return proof.conclude(proof.have(proof.statement.claim, series()))
