"""The adaptive flows as systems of curves, and the constants of their rates, for the theorems of proofs/heredia.

f is the loss, Phi(t) = f(theta(t)) - inf f its gap along the flow, g(i, t) the gradient there, x(i, t) = theta - theta*
where there is a minimiser theta*.  A(i, t) is the coordinatewise preconditioner: the flow is theta' = -A g (AdaGrad,
RMSProp) or theta' = -A m with m' = lambda1 (g - m) (Adam).  Of a loss, a theorem uses what it says along the path:
the chain rule, and one inequality a hypothesis.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.notation import coordinate, dimension, eps, g, inner, lr, norm_squared, t, tau
from adamtheory.propositions import All, ForAll, Proposition, Regular, eq, ge, le

i = coordinate
Phi, A, m, v, r, x, G = (sp.Function(name, real=True) for name in ("Phi", "A", "m", "v", "r", "x", "G"))
smoothness, convexity = sp.symbols("L mu", real=True)  # of the loss: L-smooth, mu-strongly convex or mu-PL
first_rate, second_rate = sp.symbols("lambda1 lambda2", real=True)  # of the moments' kernels, per time
WITHIN = le(i, dimension - 1)
since, until = sp.symbols("s T", real=True)


def during(body: Proposition, first: sp.Expr = sp.S.Zero, last: sp.Expr = until) -> ForAll:
    """``body``, which speaks of tau, throughout [first, last]."""
    return ForAll(tau, (le(first, tau), le(tau, last)), body)


def coordinates(body: Proposition) -> ForAll:
    """``body``, which speaks of i, for every coordinate i < d."""
    return ForAll(i, (WITHIN,), body)


def chain_rule(first: sp.Expr = sp.S.Zero) -> ForAll:
    """Phi' = <g, x'> on [first, T]."""
    moved = inner(g(i, tau), sp.Derivative(x(i, tau), tau))
    return during(eq(sp.Derivative(Phi(tau), tau), moved), first)


def smooth(first: sp.Expr = sp.S.Zero) -> ForAll:
    """g_i^2 <= 2 L Phi on [first, T], for every i: what L-smoothness along each coordinate says of a loss that is
    bounded below."""
    return coordinates(during(le(g(i, tau) ** 2, 2 * smoothness * Phi(tau)), first))


def polyak_lojasiewicz(first: sp.Expr = sp.S.Zero) -> ForAll:
    """2 mu Phi <= |g|^2 on [first, T]."""
    return during(le(2 * convexity * Phi(tau), norm_squared(g(i, tau))), first)


def strongly_convex(first: sp.Expr = sp.S.Zero) -> ForAll:
    """Phi + mu/2 |x|^2 <= <g, x> on [first, T]: strong convexity between theta and the minimiser."""
    return during(le(Phi(tau) + convexity / 2 * norm_squared(x(i, tau)), inner(g(i, tau), x(i, tau))), first)


def quadratic_growth(first: sp.Expr = sp.S.Zero) -> ForAll:
    """mu/2 |x|^2 <= Phi on [first, T]: strong convexity between the minimiser and theta."""
    return during(le(convexity / 2 * norm_squared(x(i, tau)), Phi(tau)), first)


def bounded_below(first: sp.Expr = sp.S.Zero) -> ForAll:
    """0 <= Phi on [first, T]."""
    return during(ge(Phi(tau), 0), first)


# -- the flows' equations --------------------------------------------------------------------------------------------

least = sp.Symbol("mu0", real=True)  # every A is at least this
size = sp.Symbol("V", real=True)  # every second moment is at most this
NOW = (ge(t, 0), le(t, until))

AT_LEAST = coordinates(during(le(least, A(i, tau))))
DESCENT = coordinates(during(eq(sp.Derivative(x(i, tau), tau), -A(i, tau) * g(i, tau))))
GAP = (Regular(Phi, 1, 0, until), Regular(x, 1, 0, until), chain_rule())

MEMORY = during(eq(sp.Derivative(v(i, tau), tau), second_rate * (g(i, tau) ** 2 - v(i, tau))))
MEMORIES = (ge(second_rate, 0), Regular(v, 1, 0, until), coordinates(MEMORY))
# r is the root of v, so that v >= 0, which v(0) >= 0 implies, is part of it.
ROOT = coordinates(during(All((ge(r(i, tau), 0), eq(r(i, tau) ** 2, v(i, tau))))))
ROOT_MEAN_SQUARE = coordinates(during(eq(A(i, tau) * (r(i, tau) + eps), 1)))


# -- Adam's flow, from a time s on: its preconditioner may be infinite at 0 --------------------------------------------

damping = sp.Symbol("c", real=True)  # of A m^2 in the energy's derivative
AFTER = (le(since, t), le(t, until))
ADAM_GAP = (Regular(Phi, 1, since, until), Regular(x, 1, since, until), chain_rule(since))
MOMENTUM = coordinates(during(eq(sp.Derivative(m(i, tau), tau), first_rate * (g(i, tau) - m(i, tau))), since))
ADAM_STEP = coordinates(during(eq(sp.Derivative(x(i, tau), tau), -A(i, tau) * m(i, tau)), since))
ADAM_CURVES = (Regular(m, 1, since, until), Regular(A, 1, since, until))
ADAM_AT_LEAST = coordinates(during(le(least, A(i, tau)), since))
#: A' <= 2 lambda1 (1 - c) A
GROWTH = coordinates(during(le(sp.Derivative(A(i, tau), tau), 2 * first_rate * (1 - damping) * A(i, tau)), since))


def kinetic(time: sp.Expr) -> sp.Expr:
    """The sum of A m^2."""
    return inner(A(i, time), m(i, time) ** 2)


def energy(time: sp.Expr) -> sp.Expr:
    """E = Phi + sum A m^2/(2 lambda1)."""
    return Phi(time) + kinetic(time) / (2 * first_rate)


def coupling() -> sp.Expr:
    """delta = 2 mu mu0 c/(lambda1 + 3 mu mu0), the best weight of <x, m> in W."""
    return 2 * convexity * least * damping / (first_rate + 3 * convexity * least)


def adam_rate() -> sp.Expr:
    """rho = lambda1 delta: W decays at this rate."""
    return first_rate * coupling()


def coupled_energy(time: sp.Expr, weight: sp.Expr) -> sp.Expr:
    """W = E - delta <x, m>, with this weight delta."""
    return energy(time) - weight * inner(x(i, time), m(i, time))


# -- AdaGrad's flow ---------------------------------------------------------------------------------------------------

ACCUMULATION = (Regular(v, 1, 0, until), coordinates(during(eq(sp.Derivative(v(i, tau), tau), g(i, tau) ** 2 / lr))))


def psi(s: sp.Expr) -> sp.Expr:
    """2 s - 2 eps log(1 + s/eps): lr psi(sqrt(v)) is what a memory v has cost of the gap."""
    return 2 * s - 2 * eps * sp.log(1 + s / eps)


# -- Adam's preconditioner --------------------------------------------------------------------------------------------

first_power, second_power = sp.symbols("L1 L2", real=True)  # -log(gamma), -log(beta), per time


def eta(time: sp.Expr) -> sp.Expr:
    """The bias correction sqrt(1 - exp(-L2 t))/(1 - exp(-L1 t)) (Heredia 2024)."""
    return sp.sqrt(1 - sp.exp(-second_power * time)) / (1 - sp.exp(-first_power * time))


def correction_growth(time: sp.Expr) -> sp.Expr:
    """eta'/eta."""
    second = second_power / (2 * (sp.exp(second_power * time) - 1))
    return second - first_power / (sp.exp(first_power * time) - 1)


def damping_at(time: sp.Expr) -> sp.Expr:
    """c(t) = 1 - (eta'/eta + lambda2/2)/(2 lambda1): A' <= 2 lambda1 (1 - c) A."""
    return 1 - (correction_growth(time) + second_rate / 2) / (2 * first_rate)
