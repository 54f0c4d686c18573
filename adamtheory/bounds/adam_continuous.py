"""Bounds on Adam's continuous-time update u(t), as expressions in ``beta``, ``gamma`` and elapsed steps s = t/h.

The bias correction is taken at 1 + s steps, as in Proposition 1 of Gould & Tanaka (2024).  Expressions have no unit and
check no hyperparameter: the theorems about them (``proofs/gould_tanaka``) name the region in which they hold.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.notation import beta, bias_correction, gamma, h, stability_exponent, t, tau


def prefactor(elapsed: sp.Expr = t / h) -> sp.Expr:
    """What stands before B_n in Theorem 1: the bias correction times (1-gamma)/gamma sqrt(beta/(1-beta))."""
    return bias_correction(1 + elapsed) * (1 - gamma) / gamma * sp.sqrt(beta / (1 - beta))


def reach(time: sp.Expr = t) -> sp.Expr:
    """The integral over 0 <= tau <= time of exp(-C (time - tau)/h), unit of h: h times growth, or time where C = 0."""
    return sp.Integral(sp.exp(-stability_exponent() * (time - tau) / h), (tau, 0, time))


def growth(elapsed: sp.Expr = t / h) -> sp.Expr:
    """(1 - exp(-C s))/C: the integral of exp(-C x) over 0 <= x <= s, where C is not 0 (Appendix D, Equation 13)."""
    exponent = stability_exponent()
    return (1 - sp.exp(-exponent * elapsed)) / exponent


def worst_case(elapsed: sp.Expr = t / h) -> sp.Expr:
    """The largest |u(t)| over all gradients where C is not 0."""
    return prefactor(elapsed) * sp.sqrt(growth(elapsed))


def worst_case_on_boundary(elapsed: sp.Expr = t / h) -> sp.Expr:
    """The largest |u(t)| over all gradients where C = 0."""
    return prefactor(elapsed) * sp.sqrt(elapsed)


def worst_gradient(time: sp.Expr = tau) -> sp.Expr:
    """A gradient curve that attains the worst case at t: exp(-(1/gamma - 1/beta)(t - tau)/h)."""
    return sp.exp(-(1 / gamma - 1 / beta) * (t - time) / h)


def printed_where_bounded(elapsed: sp.Expr = t / h) -> sp.Expr:
    """Theorem 1 as printed for C > 0: the prefactor times 1/sqrt(C)."""
    return prefactor(elapsed) / sp.sqrt(stability_exponent())


def printed_where_unbounded(elapsed: sp.Expr = t / h) -> sp.Expr:
    """Theorem 1 as printed for C < 0: the prefactor times exp(s |C|/2)/sqrt(|C|)."""
    size = -stability_exponent()
    return prefactor(elapsed) * sp.exp(elapsed * size / 2) / sp.sqrt(size)
