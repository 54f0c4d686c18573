"""Exponential moving averages with factor ``gamma``: what they do to exponentials, by steps and in continuous time."""

from __future__ import annotations

import sympy as sp
from sympy.core.function import UndefinedFunction

from adamtheory.notation import gamma, t, tau
from adamtheory.propositions import SequenceDefinition


def discrete_transfer(rate: sp.Expr) -> sp.Expr:
    """The number by which m_n = gamma m_(n-1) + (1 - gamma) x_n multiplies x_n = exp(rate n)."""
    return (1 - gamma) / (1 - gamma * sp.exp(-rate))


def continuous_transfer(rate: sp.Expr) -> sp.Expr:
    """The number by which gamma m' + (1 - gamma) m = (1 - gamma) x multiplies x(s) = exp(rate s), s in steps."""
    return 1 / (1 + rate * gamma / (1 - gamma))


def generic_average_rate(alpha: sp.Expr) -> sp.Expr:
    """alpha/(1 - alpha), per step: the kernel's rate of w_n = (1 - alpha) w_(n-1) + alpha x_n, to first order."""
    return alpha / (1 - alpha)


def generic_average_rate_as_printed(alpha: sp.Expr) -> sp.Expr:
    """(1 - alpha)/alpha, which Appendix J of Gould & Tanaka (2024) prints for the same average."""
    return (1 - alpha) / alpha


def generic_average(
    average: UndefinedFunction, of: UndefinedFunction, start: sp.Expr, rate: sp.Expr
) -> SequenceDefinition:
    """start exp(-rate t) + the integral over [0, t] of rate exp(-rate (t - tau)) of(tau); rate is per time."""
    past = sp.Integral(rate * sp.exp(-rate * (t - tau)) * of(tau), (tau, 0, t))
    return SequenceDefinition(average, t, start * sp.exp(-rate * t) + past)
