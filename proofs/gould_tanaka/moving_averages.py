"""Lemma 1: the kernel integrals solve the first-order equations of m(t) and v(t), and nothing else does.

One coordinate, g continuous on [0, t]; h = lr^p is the time that one step takes.
"""

import sympy as sp

from adamtheory.flows.adam import first_moment, second_moment
from adamtheory.notation import DecayRate, beta, g, gamma, h, kernel, m, open_square, t, tau, v
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Regular,
    algebra,
    along,
    antiderivative,
    at,
    combination,
    conjunction,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    le,
    polynomial,
    regular_curve,
    theorem,
    under_integral,
)

FLOW = (*open_square, gt(h, 0), ge(t, 0), Regular(g, 0, 0, t))
s = sp.Symbol("s", real=True)
y = sp.Function("y", real=True)  # any other solution


def equation(average, decay, of, time=t):
    """The differential equation that Lemma 1 gives the average of ``of`` with decay ``decay``."""
    return eq(h * decay * sp.Derivative(average, time) + (1 - decay) * average, (1 - decay) * of)


def solves(proof, curve):
    """The curve, defined by its kernel integral, satisfies the equation of the claim and starts at 0."""
    ode, start = proof.statement.claim.parts
    meaning = proof.unfold(curve(0))
    whole = meaning.claim.rhs
    # An integral over [0, 0]: there tau is 0, and the integrand a constant.
    inside = proof.assume(le(0, tau), le(tau, 0))
    at_zero = inside.have(eq(tau, 0), polynomial())
    constant = whole.function.subs(tau, 0)
    point = inside.have(eq(whole.function, constant), algebra(at_zero))
    empty = proof.have(eq(whole, sp.Integral(constant, (tau, 0, 0))), under_integral(point, tau))
    start = proof.have(start, algebra(meaning, empty))
    return proof.have(proof.statement.claim, conjunction(proof.have(ode, differentiation), start))


@theorem(
    source=GouldTanaka("Lemma 1"),
    where=[first_moment()],
    given=FLOW,
    claim=All((equation(m(t), gamma, g(t)), eq(m(0), 0))),
)
def first_moment_solves_its_equation(proof):
    """The kernel integral m(t) satisfies h gamma m' + (1 - gamma) m = (1 - gamma) g and m(0) = 0"""
    return proof.conclude(solves(proof, m))


@theorem(
    source=GouldTanaka("Lemma 1"),
    where=[second_moment()],
    given=FLOW,
    claim=All((equation(v(t), beta, g(t) ** 2), eq(v(0), 0))),
)
def second_moment_solves_its_equation(proof):
    """The kernel integral v(t) satisfies h beta v' + (1 - beta) v = (1 - beta) g^2 and v(0) = 0"""
    return proof.conclude(solves(proof, v))


def only_solution(proof, curve, decay, cited):
    """y = curve at t: the difference of both, times the integrating factor, has no slope on [0, t]."""
    *_, start, ode = proof.statement.given
    factor = sp.exp((1 - decay) / decay * (s - t) / h)
    gap = 1 + factor * (y(s) - curve(s))  # with the 1, both ends are compared at their own scale
    inside = proof.assume(*ode.domain)
    inside = inside.knowing(inside.have(Regular(g, 0, 0, s), regular_curve))
    other = inside.have(ode.body, at(ode, s))
    own = inside.cite(cited, {t: s})
    own = inside.have(own.claim.parts[0], hypothesis, using=[own])
    rate = (1 - decay) / (decay * h)
    slope = factor * (rate * (y(s) - curve(s)) + sp.Derivative(y(s), s) - sp.Derivative(curve(s), s))
    slope = inside.have(eq(sp.Derivative(gap, s), slope), differentiation)
    weight = factor / (h * decay)
    flat = combination((slope, -1), (other, -weight), (own, weight))
    flat = inside.have(eq(0, sp.Derivative(gap, s)), flat)
    ends = proof.have(eq(gap.subs(s, 0), gap.subs(s, t)), along(flat, s, 0, t))
    zero = proof.cite(cited)
    zero = proof.have(zero.claim.parts[1], hypothesis, using=[zero])
    begins = proof.have(start, hypothesis)
    scale = factor.subs(s, 0)
    return proof.have(proof.statement.claim, combination((ends, -1), (begins, scale), (zero, -scale)))


def uniqueness(decay, of):
    """The hypotheses that name y another solution of the same equation on [0, t]."""
    ode = equation(y(s), decay, of, s)
    return (*FLOW, Regular(y, 1, 0, t), eq(y(0), 0), ForAll(s, (le(0, s), le(s, t)), ode))


def constant_gradient(decay):
    """g = 1 and the solution that it gives: points at which the hypotheses hold."""
    solution = 1 - sp.exp(-DecayRate.first_order(decay) * s / h)
    return {g: sp.Lambda(s, sp.Integer(1)), y: sp.Lambda(s, solution)}


@theorem(
    source=GouldTanaka("Lemma 1, Appendix C"),
    where=[first_moment()],
    given=uniqueness(gamma, g(s)),
    sample=constant_gradient(gamma),
    claim=eq(y(t), m(t)),
)
def first_moment_is_the_only_solution(proof):
    """Every solution of m's equation on [0, t] that starts at 0 is the kernel integral"""
    return proof.conclude(only_solution(proof, m, gamma, "first_moment_solves_its_equation"))


@theorem(
    source=GouldTanaka("Lemma 1, Appendix C"),
    where=[second_moment()],
    given=uniqueness(beta, g(s) ** 2),
    sample=constant_gradient(beta),
    claim=eq(y(t), v(t)),
)
def second_moment_is_the_only_solution(proof):
    """Every solution of v's equation on [0, t] that starts at 0 is the kernel integral"""
    return proof.conclude(only_solution(proof, v, beta, "second_moment_solves_its_equation"))


@theorem(
    source=GouldTanaka("Lemma 1"),
    given=[*open_square, gt(h, 0), ge(t, 0)],
    claim=All(
        tuple(
            eq(sp.Integral(kernel(decay, t - tau), (tau, 0, t)), 1 - sp.exp(-DecayRate.first_order(decay) * t / h))
            for decay in (gamma, beta)
        )
    ),
)
def kernels_have_mass_below_one(proof):
    """The kernels' total mass on [0, t] is 1 - exp(-(1 - alpha)/alpha t/h): the averages are not bias-corrected"""
    claim = proof.statement.claim
    primitives = (sp.exp(-DecayRate.first_order(decay) * (t - tau) / h) for decay in (gamma, beta))
    parts = (proof.have(p, antiderivative(f)) for p, f in zip(claim.parts, primitives, strict=True))
    return proof.conclude(proof.have(claim, conjunction(*parts)))
