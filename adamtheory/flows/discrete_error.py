"""Discrete AdamW while a coordinate's gradient keeps its sign: what it moves by, to second order in the step h = lr.

Every coordinate for itself, in families with the coordinate first: the gradients are any sequence G(i, n), and
``definitions`` the recursions of the moments m and v, the update u and the parameters theta, started at theta_0(i).
The phase: for steps up to the time T (``until``), the gradient's sign is sigma(i), its size lies between r and B
(``gradient_floor``, ``gradient_limit``), and it changes by D h a step at most (``gradient_drift``).  Then

    theta(n) - theta(0) + sigma n h + lambda h (theta(0) + ... + theta(n - 1))
        + (beta/(1 - beta) - gamma/(1 - gamma)) h sigma log(|G(n)|/|G(0)|)

is at most (``initial_error`` + ``drift_error`` n h) h^2 (``proofs/discrete/discrete_first_integral.py``).  Both
constants depend on the gradient's scale only through D/r (a rate over time) and B/r.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.flows.flow_error import gradient_drift, gradient_floor, gradient_limit, until
from adamtheory.flows.second_order_adam import discrete_delay, remaining
from adamtheory.flows.second_order_curves import sigma
from adamtheory.notation import (
    G,
    beta,
    bias_correction,
    gamma,
    h,
    k,
    m,
    n,
    open_square,
    theta,
    u,
    v,
    weight_decay,
)
from adamtheory.notation import coordinate as i
from adamtheory.propositions import ForAll, Proposition, SequenceDefinition, eq, ge, gt, le

start = sp.Function("theta_0", real=True)  # theta(i, 0)


def definitions() -> tuple[SequenceDefinition, ...]:
    """AdamW at eps = 0 on the gradients G(i, n): m, v, u and theta."""
    first = gamma * m(i, n - 1) + (1 - gamma) * G(i, n)
    second = beta * v(i, n - 1) + (1 - beta) * G(i, n) ** 2
    update = bias_correction(n + 1) * m(i, n) / sp.sqrt(v(i, n))
    following = theta(i, n - 1) - h * (u(i, n - 1) + weight_decay * theta(i, n - 1))
    return (
        SequenceDefinition(m, n, first, ((-1, sp.S.Zero),), (i,)),
        SequenceDefinition(v, n, second, ((-1, sp.S.Zero),), (i,)),
        SequenceDefinition(u, n, update, (), (i,)),
        SequenceDefinition(theta, n, following, ((0, start(i)),), (i,)),
    )


ranges: tuple[Proposition, ...] = (*open_square, gt(h, 0), gt(gradient_floor, 0), ge(gradient_drift, 0))
"""What the phase asks of its numbers."""

signed = eq(sigma(i) ** 2, 1)
bounded_below = ForAll(k, (le(k * h, until),), ge(sigma(i) * G(i, k), gradient_floor))
bounded_above = ForAll(k, (le(k * h, until),), le(sp.Abs(G(i, k)), gradient_limit))
slowly_changing = ForAll(k, (le((k + 1) * h, until),), le(sp.Abs(G(i, k + 1) - G(i, k)), gradient_drift * h))
phase: tuple[Proposition, ...] = (signed, bounded_below, bounded_above, slowly_changing)
"""What the phase asks of the gradients of coordinate i."""

_above = gradient_floor * gradient_drift * h / (gradient_floor + gradient_drift * h)
some_phase = {
    until: (n + 1) * h,
    gradient_limit: 2 * gradient_floor,
    sigma: sp.Lambda(i, (-1) ** i),
    G: sp.Lambda((i, n), (-1) ** i * (gradient_floor + _above / (1 + n))),
}
"""For sampling: gradients that decay from some distance above ``gradient_floor``."""


def first_lag(steps: sp.Expr = n) -> sp.Expr:
    """sigma (G - m/(1 - gamma^(n+1))): how far the debiased first moment lags behind the gradient's size."""
    return sigma(i) * (G(i, steps) - m(i, steps) / (1 - remaining(gamma, steps)))


def second_lag(steps: sp.Expr = n) -> sp.Expr:
    """G^2 - v/(1 - beta^(n+1)): how far the debiased second moment lags behind the squared gradient."""
    return G(i, steps) ** 2 - v(i, steps) / (1 - remaining(beta, steps))


def first_lag_bound() -> sp.Expr:
    """gamma/(1 - gamma) D h: the delay times how fast the gradient changes."""
    return discrete_delay(gamma) * gradient_drift * h


def second_lag_bound() -> sp.Expr:
    """beta/(1 - beta) 2 B D h: the delay times how fast the squared gradient changes."""
    return discrete_delay(beta) * 2 * gradient_limit * gradient_drift * h


def expansion_error() -> sp.Expr:
    """What the expansion of sigma u to first order in the two lags leaves, over h^2."""
    first, second = discrete_delay(gamma), discrete_delay(beta)
    relative, span = gradient_drift / gradient_floor, gradient_limit / gradient_floor
    return second * span * relative**2 * (first + 2 * second * span)


def first_boundary(steps: sp.Expr = n) -> sp.Expr:
    """What summing the first lag by parts leaves at the end."""
    return first_lag(steps) / ((1 - gamma) * sigma(i) * G(i, steps))


def second_boundary(steps: sp.Expr = n) -> sp.Expr:
    """What summing the second lag by parts leaves at the end."""
    return second_lag(steps) / (2 * (1 - beta) * (sigma(i) * G(i, steps)) ** 2)


def first_layer() -> sp.Expr:
    """What a step adds through the first lag, over h gamma^(n+1), while the average fills up."""
    return discrete_delay(gamma) * gradient_drift / ((1 - gamma) * gradient_floor)


def second_layer() -> sp.Expr:
    """What a step adds through the second lag, over h beta^(n+1), while the average fills up."""
    return discrete_delay(beta) * gradient_limit * gradient_drift / ((1 - beta) * gradient_floor**2)


def initial_error() -> sp.Expr:
    """The part of the first integral's error, over h^2, that does not grow with time."""
    return first_layer() / (1 - gamma) + second_layer() / (1 - beta)


def first_drift_error() -> sp.Expr:
    """What one step adds through the first lag, over h^2 (beyond what decays like gamma^n)."""
    return discrete_delay(gamma) * (1 + 1 / (1 - gamma)) * gradient_drift**2 / gradient_floor**2


def second_drift_error() -> sp.Expr:
    """What one step adds through the second lag, over h^2 (beyond what decays like beta^n)."""
    relative = sp.Rational(3, 2) + 2 * gradient_limit / ((1 - beta) * gradient_floor)
    return discrete_delay(beta) * gradient_drift**2 / gradient_floor**2 * relative


def drift_error() -> sp.Expr:
    """The gradient_drift at which the first integral's error grows with time, over h^2."""
    return expansion_error() + first_drift_error() + second_drift_error()


def first_integral(steps: sp.Expr = n) -> sp.Expr:
    """theta(n) - theta(0) + sigma n h + lambda h sum theta + (kappa_2 - kappa_1) h sigma log(|G(n)|/|G(0)|), kappa
    the delays: what stays small of second order."""
    decayed = weight_decay * h * sp.Sum(theta(i, k), (k, 0, steps - 1))
    growth = sp.log(sigma(i) * G(i, steps)) - sp.log(sigma(i) * G(i, 0))
    shift = (discrete_delay(beta) - discrete_delay(gamma)) * h * sigma(i) * growth
    return theta(i, steps) - theta(i, 0) + sigma(i) * steps * h + decayed + shift
