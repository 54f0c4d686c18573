"""Symbols, decay-rate conventions and regions of the (beta, gamma) plane, written once.

Symbols carry no sign: every sign is a hypothesis that a statement names.  Reals are ``real=True``; indices are
non-negative integers.  ``beta`` decays the second moment, ``gamma`` the first (PyTorch: ``betas=(gamma, beta)``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import sympy as sp

from adamtheory.propositions import Relation, eq, ge, gt, lt

beta, gamma = sp.symbols("beta gamma", real=True)
lr = sp.Symbol("eta", real=True)
eps = sp.Symbol("epsilon", real=True)
weight_decay = sp.Symbol("lambda", real=True)
h = sp.Symbol("h", real=True)  # the time that one step takes, lr**p
t, tau = sp.symbols("t tau", real=True)
n = sp.Symbol("n", integer=True, nonnegative=True)  # step index; n + 1 gradients have been seen
k, j = sp.symbols("k j", integer=True, nonnegative=True)

g = sp.Function("g", real=True)  # the gradient: a sequence g(0), g(1), ... or a curve g(tau)
m, v, u, theta = (sp.Function(name, real=True) for name in ("m", "v", "u", "theta"))


def open_unit(*symbols: sp.Symbol) -> tuple[Relation, ...]:
    """0 < x < 1 for each symbol."""
    return tuple(r for x in symbols for r in (gt(x, 0), lt(x, 1)))


def half_open_unit(*symbols: sp.Symbol) -> tuple[Relation, ...]:
    """0 <= x < 1 for each symbol: the domain of Definition 1 (Gould & Tanaka 2024)."""
    return tuple(r for x in symbols for r in (ge(x, 0), lt(x, 1)))


open_square = open_unit(beta, gamma)
half_open_square = half_open_unit(beta, gamma)


class DecayRate(Enum):
    """How fast the kernel exp(-rate * s) of an exponential moving average with factor alpha decays, s in steps.

    ``first_order``: (1 - alpha)/alpha (Gould & Tanaka 2024, Lemma 1); ``forward_euler``: 1 - alpha (Heredia 2024);
    ``exact``: -ln(alpha), which keeps exp(-rate) = alpha.
    """

    first_order = "first_order"
    forward_euler = "forward_euler"
    exact = "exact"

    def __call__(self, alpha: sp.Expr) -> sp.Expr:
        if self is DecayRate.first_order:
            return (1 - alpha) / alpha
        return 1 - alpha if self is DecayRate.forward_euler else -sp.log(alpha)


def kernel(alpha: sp.Expr, s: sp.Expr, rate: DecayRate = DecayRate.first_order) -> sp.Expr:
    """The moving-average kernel K_alpha at lag ``s`` with one step taking time h (Gould & Tanaka 2024, Lemma 1)."""
    return rate(alpha) / h * sp.exp(-rate(alpha) * s / h)


def stability_exponent(
    beta: sp.Expr = beta, gamma: sp.Expr = gamma, rate: DecayRate = DecayRate.first_order
) -> sp.Expr:
    """C = 2 rate(gamma) - rate(beta): the max-update is bounded uniformly in time where C > 0.

    ``first_order`` is the C(beta, gamma) of Gould & Tanaka (2024, Theorem 1); ``exact`` is ln(beta/gamma^2)."""
    return 2 * rate(gamma) - rate(beta)


def stability_exponent_as_printed(beta: sp.Expr = beta, gamma: sp.Expr = gamma) -> sp.Expr:
    """C(beta, gamma) in the form that Theorem 1 of Gould & Tanaka (2024) prints."""
    return (2 * beta * (1 - gamma) - gamma * (1 - beta)) / (beta * gamma)


@dataclass(frozen=True)
class Region:
    """A part of the open (beta, gamma) square, as the sign of the stability exponent."""

    name: str
    relation: Relation


bounded_region = Region("B+", gt(stability_exponent(), 0))
boundary_curve = Region("B0", eq(stability_exponent(), 0))
unbounded_region = Region("B-", lt(stability_exponent(), 0))

# Short forms of the discrete theory (this library).
ratio = gamma**2 / beta  # q
alignment = (1 - gamma) / sp.sqrt(1 - beta)  # a


def bias_correction(steps: sp.Expr) -> sp.Expr:
    """P: Adam's bias-correction factor after ``steps`` gradients."""
    return sp.sqrt(1 - beta**steps) / (1 - gamma**steps)


expectation = sp.Function("E", real=True)  # E[X]; linear (Gould & Tanaka 2024, Appendix B)

# Vectors: families with the coordinate before the time, W(coordinate, n); sums over the coordinate, in any dimension.
coordinate = sp.Symbol("i", integer=True, nonnegative=True)
dimension = sp.Symbol("d", integer=True, nonnegative=True)
W, G = (sp.Function(name, real=True) for name in ("W", "G"))


def inner(x: sp.Expr, y: sp.Expr) -> sp.Expr:
    """<x, y>, the sum of x*y over the coordinates; x and y are expressions in ``coordinate``."""
    return sp.Sum(x * y, (coordinate, 0, dimension - 1))


def norm_squared(x: sp.Expr) -> sp.Expr:
    """||x||^2 = <x, x>."""
    return inner(x, x)
