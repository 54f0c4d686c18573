"""How well the second-order flow of Adam keeps its first integral: the constants, explicit and free of the step h.

In a phase of drift on [0, T] a coordinate's gradient keeps its sign: r <= |g| <= B, |g'| <= D and |Theta| <= R there.
All constants are functions of these, of the decay factors and of the weight decay.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.notation import DecayRate, beta, gamma, weight_decay

# r <= |g| <= B, |g'| <= D, |Theta| <= R
gradient_floor, gradient_limit, gradient_drift, reach = sp.symbols("r B D R", real=True)
until = sp.Symbol("T", real=True)


def relative_lag(alpha: sp.Expr, slope: sp.Expr, least: sp.Expr) -> sp.Expr:
    """slope/(least (-ln alpha)): an average of x lags by h times this, over x, where |x'| <= slope and x >= least."""
    return slope / (least * DecayRate.exact(alpha))


def first_lag() -> sp.Expr:
    """The relative lag of the first moment, over h."""
    return relative_lag(gamma, gradient_drift, gradient_floor)


def second_lag() -> sp.Expr:
    """The relative lag of the second moment, over h: (g^2)' is within 2 B D."""
    return relative_lag(beta, 2 * gradient_limit * gradient_drift, gradient_floor**2)


def update_constant() -> sp.Expr:
    """C with |U - sign g| <= C h."""
    return first_lag() + second_lag() / 2


def expansion_constant() -> sp.Expr:
    """X: the update is its expansion to first order in the lags, up to X h^2."""
    return second_lag() ** 2 / 2 + first_lag() * second_lag() / 2


def velocity_limit() -> sp.Expr:
    """The largest |Theta'|."""
    return gradient_limit / gradient_floor + weight_decay * reach


def relaxation_constant() -> sp.Expr:
    """C with |Theta' + sign g + lambda Theta| <= C h."""
    return update_constant() + weight_decay * velocity_limit() / 2


def acceleration_limit() -> sp.Expr:
    """The largest |Theta''|."""
    return 2 * (update_constant() + relaxation_constant())


def _layer(alpha: sp.Expr, lag: sp.Expr) -> sp.Expr:
    """What the initial layer of an average and its present lag leave in the integral of its lag, over h^2."""
    return 2 * lag / (DecayRate.exact(alpha) * (1 - alpha))


def layer_constant() -> sp.Expr:
    """The part of the first integral's error that does not grow with time, over h^2: the layers of both moments."""
    return _layer(gamma, first_lag()) + _layer(beta, second_lag()) / 2


def drift_constant() -> sp.Expr:
    """The part of the first integral's error that grows with time, over t h^2."""
    return expansion_constant() + first_lag() ** 2 + second_lag() ** 2 / 2


def flow_offset() -> sp.Expr:
    """c of (c + k t) h^2, the error of the first integral at the steps t = n h."""
    return layer_constant() + relaxation_constant() / 2


def flow_growth() -> sp.Expr:
    """k of (c + k t) h^2, the error of the first integral at the steps t = n h."""
    return drift_constant() + weight_decay * acceleration_limit() / 12
