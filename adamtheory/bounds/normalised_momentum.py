"""Momentum of normalised gradients at eps = 0: LaProp, and RMSProp with momentum as PyTorch has it.

Each g_k/sqrt(v_k) is at most 1/sqrt(1 - beta) in absolute value, and gradients R^k bring them all there at once as R
grows.  So the supremum is the sum of the weights, and from the second step on no gradients attain it.  Expressions have
no unit and check no hyperparameter (0 <= beta, gamma < 1; the theorems are in ``proofs/discrete``).
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from adamtheory.methods.laprop import laprop_rule
from adamtheory.methods.rmsprop_momentum import rmsprop_momentum_rule
from adamtheory.notation import beta, eps, gamma, j, n
from adamtheory.propositions import SequenceDefinition

peak = sp.Function("c", real=True)
growth = sp.Symbol("R", real=True)  # the factor by which the gradients grow each step


def rmsprop_definitions() -> tuple[SequenceDefinition, ...]:
    """v, f, m and u of RMSProp with momentum of the normalised gradient f at eps = 0, from the method's own rule."""
    return rmsprop_momentum_rule("normalised").specialise({eps: 0}).definitions()


def laprop_definitions() -> tuple[SequenceDefinition, ...]:
    """v, f, m and u of LaProp at eps = 0, from the method's own rule."""
    return laprop_rule().specialise({eps: 0}).definitions()


def rmsprop_largest(index: sp.Expr = n) -> sp.Expr:
    """1/sqrt(1 - beta): the supremum of the normalised gradient |f| at any step."""
    return 1 / sp.sqrt(1 - beta)


def laprop_largest(index: sp.Expr = n) -> sp.Expr:
    """sqrt((1 - beta^(index+1))/(1 - beta)): the supremum of LaProp's normalised, bias-corrected |f| at ``index``."""
    return sp.sqrt(1 - beta ** (index + 1)) / sp.sqrt(1 - beta)


def laprop_peak() -> SequenceDefinition:
    """``laprop_largest`` as a sequence of its own, c(n)."""
    return SequenceDefinition(peak, n, laprop_largest())


def rmsprop_momentum_worst_case(steps: sp.Expr = n + 1) -> sp.Expr:
    """(1 - gamma^steps)/((1 - gamma) sqrt(1 - beta)): the supremum of RMSProp's |u| with momentum, ``steps`` gradients
    seen; attained where ``steps`` = 1."""
    return (1 - gamma**steps) / ((1 - gamma) * sp.sqrt(1 - beta))


def rmsprop_momentum_limit() -> sp.Expr:
    """1/((1 - gamma) sqrt(1 - beta)): the supremum over all steps."""
    return 1 / ((1 - gamma) * sp.sqrt(1 - beta))


def laprop_worst_case(steps: sp.Expr = n + 1, largest: Callable[[sp.Expr], sp.Expr] = laprop_largest) -> sp.Expr:
    """(1 - gamma)/(1 - gamma^steps) times the sum of gamma^(steps-1-j) sqrt((1 - beta^(j+1))/(1 - beta)) over j <
    steps: the supremum of LaProp's |u|; attained where ``steps`` = 1.  ``largest`` may name the roots: ``peak``."""
    total = sp.Sum(gamma ** (steps - 1 - j) * largest(j), (j, 0, steps - 1))
    return (1 - gamma) / (1 - gamma**steps) * total


def laprop_limit() -> sp.Expr:
    """1/sqrt(1 - beta): the supremum over all steps, the limit of ``laprop_worst_case``."""
    return 1 / sp.sqrt(1 - beta)


def growing_gradient(index: sp.Expr) -> sp.Expr:
    """R^index: gradients that come within the factor ``shortfall`` of the supremum."""
    return growth**index


def shortfall() -> sp.Expr:
    """sqrt(1 - beta/R^2): what gradients R^k reach, at least, of the supremum; it tends to 1 as R grows."""
    return sp.sqrt(1 - beta / growth**2)
