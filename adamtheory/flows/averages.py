"""Exponential moving averages with factor ``gamma``: what they do to exponentials, by steps and in continuous time."""

from __future__ import annotations

import sympy as sp

from adamtheory.notation import gamma


def discrete_transfer(rate: sp.Expr) -> sp.Expr:
    """The number by which m_n = gamma m_(n-1) + (1 - gamma) x_n multiplies x_n = exp(rate n)."""
    return (1 - gamma) / (1 - gamma * sp.exp(-rate))


def continuous_transfer(rate: sp.Expr) -> sp.Expr:
    """The number by which gamma m' + (1 - gamma) m = (1 - gamma) x multiplies x(s) = exp(rate s), s in steps."""
    return 1 / (1 + rate * gamma / (1 - gamma))
