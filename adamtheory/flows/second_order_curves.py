"""The second-order flow of Adam as a system of curves, and the phase in which it is compared with discrete Adam.

Every curve is a family with the coordinate first, g(i, t), so that what is proved for one coordinate i holds in every
dimension.  ``y`` and ``w`` are the exponential averages of g and g^2 at exact rates, M and V the moments as a discrete
run sees them (``lag_share``), U the bias-corrected update, Theta the parameters and psi their velocity, which has the
inertia of half a step (Gould & Tanaka 2024, Equation 4, at p = 1, so that lr = h).

In a phase of drift on [0, T] no coordinate of the gradient changes its sign sigma(i), nor comes closer to zero than r.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.function import UndefinedFunction

from adamtheory.flows.flow_error import (
    flow_growth,
    flow_offset,
    gradient_drift,
    gradient_floor,
    gradient_limit,
    reach,
    until,
)
from adamtheory.flows.second_order_adam import average_start, discrete_delay, lag_share, remaining
from adamtheory.notation import (
    DecayRate,
    beta,
    coordinate,
    g,
    gamma,
    h,
    k,
    n,
    open_square,
    t,
    tau,
    weight_decay,
)
from adamtheory.propositions import ForAll, Proposition, Regular, Relation, SequenceDefinition, eq, ge, gt, le

y, w, M, V, U, Theta, psi, sigma = (
    sp.Function(name, real=True) for name in ("y", "w", "M", "V", "U", "Theta", "psi", "sigma")
)
i = coordinate


def during(body: Proposition) -> ForAll:
    """``body``, which speaks of tau, throughout [0, T]."""
    return ForAll(tau, (le(0, tau), le(tau, until)), body)


def gone(alpha: sp.Expr, time: sp.Expr) -> sp.Expr:
    """alpha^(1 + time/h): the bias correction of the flow divides by 1 minus this."""
    return remaining(alpha, time / h)


def average_equation(average: UndefinedFunction, x: sp.Expr, alpha: sp.Expr) -> Relation:
    """h average' = -ln(alpha) (x - average) at tau."""
    return eq(sp.Derivative(average(i, tau), tau), DecayRate.exact(alpha) / h * (x - average(i, tau)))


def average_hypotheses(average: UndefinedFunction, square: int, alpha: sp.Symbol) -> tuple[Proposition, ...]:
    """``average`` is the exponential average of g**square on [0, T], from the start that fits its lag."""
    return (
        Regular(average, 1, 0, until),
        during(average_equation(average, g(i, tau) ** square, alpha)),
        eq(average(i, 0), average_start(alpha) * g(i, 0) ** square),
    )


def first_moment() -> SequenceDefinition:
    """M(i, t) := share g + (1 - share) y."""
    body = lag_share(gamma) * g(i, t) + (1 - lag_share(gamma)) * y(i, t)
    return SequenceDefinition(M, t, body, (), (i,))


def second_moment() -> SequenceDefinition:
    """V(i, t) := share g^2 + (1 - share) w."""
    body = lag_share(beta) * g(i, t) ** 2 + (1 - lag_share(beta)) * w(i, t)
    return SequenceDefinition(V, t, body, (), (i,))


def update() -> SequenceDefinition:
    """U(i, t) := M/(1 - gamma^(1 + t/h)) over the root of V/(1 - beta^(1 + t/h))."""
    correction = sp.sqrt(1 - gone(beta, t)) / (1 - gone(gamma, t))
    return SequenceDefinition(U, t, correction * M(i, t) / sp.sqrt(V(i, t)), (), (i,))


DEFINITIONS = (first_moment(), second_moment(), update())
TIMES = (gt(h, 0), ge(until, 0))
AVERAGES = (
    Regular(g, 1, 0, until),
    *average_hypotheses(y, 1, gamma),
    *average_hypotheses(w, 2, beta),
)
DRIFT_PHASE = (
    eq(sigma(i) ** 2, 1),
    gt(gradient_floor, 0),
    during(le(gradient_floor, sigma(i) * g(i, tau))),
    during(le(sp.Abs(g(i, tau)), gradient_limit)),
    during(le(sp.Abs(sp.Derivative(g(i, tau), tau)), gradient_drift)),
)
MOTION = (
    ge(weight_decay, 0),
    Regular(Theta, 1, 0, until),
    Regular(psi, 1, 0, until),
    during(eq(sp.Derivative(Theta(i, tau), tau), psi(i, tau))),
    during(eq(h / 2 * sp.Derivative(psi(i, tau), tau) + psi(i, tau) + weight_decay * Theta(i, tau), -U(i, tau))),
    eq(psi(i, 0), -sigma(i) - weight_decay * Theta(i, 0)),
    during(le(sp.Abs(Theta(i, tau)), reach)),
)
FLOW = (*open_square, *TIMES, *AVERAGES, *DRIFT_PHASE, *MOTION)


def log_growth(time: sp.Expr) -> sp.Expr:
    """ln |g(i, time)| - ln |g(i, 0)|, with sigma g for |g|."""
    return sp.log(sigma(i) * g(i, time)) - sp.log(sigma(i) * g(i, 0))


def first_integral_at_steps() -> sp.Expr:
    """What stays near 0 at the steps: Theta(nh) - Theta(0) + sigma n h + lambda h sum Theta(kh) + a logarithm."""
    decay = weight_decay * h * sp.Sum(Theta(i, k * h), (k, 0, n - 1))
    turn = (discrete_delay(beta) - discrete_delay(gamma)) * h * sigma(i) * log_growth(n * h)
    return Theta(i, n * h) - Theta(i, 0) + sigma(i) * n * h + decay + turn


def first_integral_statement() -> tuple[tuple[SequenceDefinition, ...], tuple[Proposition, ...], Relation]:
    """Definitions, hypotheses and claim of ``flow_first_integral_at_steps`` (for one coordinate i and one step n)."""
    size = (flow_offset() + flow_growth() * n * h) * h**2
    return DEFINITIONS, (*FLOW, le(n * h, until)), le(sp.Abs(first_integral_at_steps()), size)


def steady_flow() -> dict[object, sp.Expr]:
    """A flow in closed form, to try statements at: a constant gradient and a parameter at rest, or moving on without
    weight decay."""
    sign = (-1) ** i
    level = sign * 2 * gradient_floor

    def average(alpha: sp.Expr, value: sp.Expr) -> sp.Lambda:
        return sp.Lambda((i, t), value * (1 - (1 - alpha) / DecayRate.exact(alpha) * alpha ** (t / h)))

    return {
        sigma: sp.Lambda(i, sign),
        g: sp.Lambda((i, t), level),
        y: average(gamma, level),
        w: average(beta, level**2),
        Theta: sp.Lambda((i, t), sign * (1 - t)),
        psi: sp.Lambda((i, t), -sign),
        weight_decay: sp.Integer(0),
        gradient_limit: 3 * gradient_floor,
        gradient_drift: 1 + until,
        reach: 2 + until,
    }
