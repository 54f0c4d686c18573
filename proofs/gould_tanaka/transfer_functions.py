"""What the discrete and the continuous average do to exponentials exp(s t), and how far they differ.

The exponential is an eigenfunction: both averages multiply it by a number, up to a transient that decays.
"""

import sympy as sp

from adamtheory.bounds.adam import moments
from adamtheory.flows import averages
from adamtheory.flows.adam import first_moment
from adamtheory.notation import DecayRate, g, gamma, h, k, m, n, open_unit, t, tau
from adamtheory.proof import (
    BigO,
    ForAll,
    ThisLibrary,
    algebra,
    antiderivative,
    at,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    ne,
    polynomial,
    series,
    tangent,
    theorem,
    under_integral,
)

s = sp.Symbol("s", real=True)  # the rate of the exponential, a step taking time h
DISCRETE, CONTINUOUS = averages.discrete_transfer(s * h), averages.continuous_transfer(s * h)
SAMPLED = ForAll(k, (), eq(g(k), sp.exp(s * k * h)))
EXPONENTIAL = ForAll(tau, (le(0, tau), le(tau, t)), eq(g(tau), sp.exp(s * tau)))
NO_POLE = ne(gamma * sp.exp(-s * h), 1)


@theorem(
    source=ThisLibrary("transfer function"),
    given=[*open_unit(gamma), NO_POLE],
    claim=eq(
        DISCRETE * sp.exp(s * (n + 1) * h),
        gamma * DISCRETE * sp.exp(s * n * h) + (1 - gamma) * sp.exp(s * (n + 1) * h),
    ),
)
def discrete_transfer_function(proof):
    """The recursion of m maps exp(s n h) to (1 - gamma)/(1 - gamma exp(-s h)) times itself"""
    return proof.conclude(proof.have(proof.statement.claim, algebra(), using=[pole(proof)]))


def pole(proof):
    return proof.have(ne(1 - gamma * sp.exp(-s * h), 0), polynomial())


@theorem(
    source=ThisLibrary("transfer function"),
    where=moments()[:1],
    given=[*open_unit(gamma), NO_POLE, SAMPLED],
    claim=eq(m(n), DISCRETE * (sp.exp(s * n * h) - gamma ** (n + 1) * sp.exp(-s * h))),
)
def discrete_average_of_an_exponential(proof):
    """The discrete average of exp(s n h) is its transfer function times it, less a transient gamma^(n+1)"""
    claim = proof.statement.claim
    proof = proof.knowing(pole(proof))
    first = proof.have(SAMPLED.body.subs({k: sp.Integer(0)}), at(SAMPLED, 0))
    base = algebra(proof.unfold(m(sp.Integer(0))), proof.unfold(m(-1)), first)
    base = proof.have(claim.subs({n: sp.Integer(0)}), base)
    inductive = proof.assume(claim)
    following = inductive.have(SAMPLED.body.subs({k: n + 1}), at(SAMPLED, n + 1))
    step = algebra(inductive.unfold(m(n + 1)), inductive.have(claim, hypothesis), following)
    step = inductive.have(claim.subs({n: n + 1}), step)
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=ThisLibrary("transfer function"),
    where=[first_moment()],
    given=[*open_unit(gamma), gt(h, 0), ge(t, 0), ne(1 + s * h * gamma / (1 - gamma), 0), EXPONENTIAL],
    claim=eq(m(t), CONTINUOUS * (sp.exp(s * t) - sp.exp(-DecayRate.first_order(gamma) * t / h))),
)
def continuous_average_of_an_exponential(proof):
    """The continuous average of exp(s t) is 1/(1 + s h gamma/(1 - gamma)) times it, less a transient"""
    meaning = proof.unfold(m(t))
    rate = DecayRate.first_order(gamma) / h
    inside = proof.assume(*EXPONENTIAL.domain)
    value = inside.have(EXPONENTIAL.body, at(EXPONENTIAL, tau))
    target = rate * sp.exp(-rate * (t - tau)) * sp.exp(s * tau)
    point = inside.have(eq(meaning.claim.rhs.function, target), algebra(value))
    whole = proof.have(eq(meaning.claim.rhs, sp.Integral(target, (tau, 0, t))), under_integral(point, tau))
    integral = proof.have(eq(whole.claim.rhs, proof.statement.claim.rhs), antiderivative(CONTINUOUS * target / rate))
    return proof.conclude(proof.have(proof.statement.claim, algebra(meaning, whole, integral)))


@theorem(
    source=ThisLibrary("transfer function"),
    given=open_unit(gamma),
    claim=BigO(DISCRETE - CONTINUOUS, h, 2),
)
def transfer_functions_agree_to_second_order(proof):
    """The transfer functions of the discrete and the continuous average differ by O(h^2) for a fixed rate s"""
    return proof.conclude(proof.have(proof.statement.claim, series()))


sigma = sp.Symbol("sigma", real=True)  # a rate per step


@theorem(
    source=ThisLibrary("gradients that vary on the scale of a step"),
    given=[
        *open_unit(gamma),
        ne(sigma, 0),
        gt(1 + sigma * gamma / (1 - gamma), 0),
        gt(1 - gamma * sp.exp(-sigma), 0),
    ],
    claim=lt(averages.continuous_transfer(sigma), averages.discrete_transfer(sigma)),
)
def transfer_functions_differ_at_the_scale_of_a_step(proof):
    """For exp(sigma t/h), a fixed factor a step, the averages differ by a factor that does not depend on h"""
    line = proof.have(lt(1 - sigma, sp.exp(-sigma)), tangent)
    weight = gamma / ((1 + sigma * gamma / (1 - gamma)) * (1 - gamma * sp.exp(-sigma)))
    return proof.conclude(proof.have(proof.statement.claim, combination((line, weight))))
