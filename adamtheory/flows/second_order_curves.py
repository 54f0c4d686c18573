"""The second-order flow of Adam as a system of curves, and the phase in which it is compared with discrete Adam.

Every curve is a family with the coordinate first, g(i, t), so that what is proved for one coordinate i holds in every
dimension.  ``y`` and ``w`` are the exponential averages of g and g^2 at exact rates, M and V the moments as a discrete
run sees them (``lag_share``), U the bias-corrected update, Theta the parameters and psi their velocity, which has the
inertia of half a step (Gould & Tanaka 2024, Equation 4, at p = 1, so that lr = h).

In a phase of drift on [0, T] no coordinate of the gradient changes its sign sigma(i), nor comes closer to zero than r.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Moment:
    """One moment of the flow: ``head`` := share x + (1 - share) ``average`` with x = g**``power``, factor ``alpha``."""

    head: UndefinedFunction
    average: UndefinedFunction
    power: int
    alpha: sp.Symbol

    @property
    def rate(self) -> sp.Expr:
        return DecayRate.exact(self.alpha)

    @property
    def share(self) -> sp.Expr:
        return lag_share(self.alpha)

    def x(self, time: sp.Expr) -> sp.Expr:
        return g(i, time) ** self.power

    def fresh(self, time: sp.Expr) -> sp.Expr:
        """1 - alpha^(1 + time/h): what the bias correction divides by."""
        return 1 - remaining(self.alpha, time / h)

    def body(self, time: sp.Expr) -> sp.Expr:
        return self.share * self.x(time) + (1 - self.share) * self.average(i, time)

    def definition(self) -> SequenceDefinition:
        return SequenceDefinition(self.head, t, self.body(t), (), (i,))

    def equation(self) -> ForAll:
        """h average' = -ln(alpha) (x - average) on [0, T]."""
        change = self.rate / h * (self.x(tau) - self.average(i, tau))
        return during(eq(sp.Derivative(self.average(i, tau), tau), change))

    def start(self) -> Relation:
        return eq(self.average(i, 0), average_start(self.alpha) * self.x(sp.Integer(0)))

    def given(self) -> tuple[Proposition, ...]:
        """What makes ``average`` the exponential average of x, from the start that fits its lag."""
        return (Regular(self.average, 1, 0, until), self.equation(), self.start())

    def relative_lag(self, time: sp.Expr) -> sp.Expr:
        """How far the bias-corrected moment is behind x, over x."""
        return (self.fresh(time) * self.x(time) - self.head(i, time)) / (self.fresh(time) * self.x(time))

    def absorbed(self, time: sp.Expr) -> sp.Expr:
        """delay h ln x - h/rate times the relative lag: its derivative is the relative lag, up to ``layer``."""
        growth = discrete_delay(self.alpha) * h * self.power * sp.log(sigma(i) * g(i, time))
        return growth - h / self.rate * self.relative_lag(time)

    def layer(self, lag: sp.Expr, time: sp.Expr) -> sp.Expr:
        """h^2 lag^2, and a layer that fades with time."""
        return h**2 * lag**2 + 2 * h * lag / (1 - self.alpha) * (1 - self.fresh(time))


FIRST, SECOND = Moment(M, y, 1, gamma), Moment(V, w, 2, beta)


def update() -> SequenceDefinition:
    """U(i, t) := M/(1 - gamma^(1 + t/h)) over the root of V/(1 - beta^(1 + t/h))."""
    correction = sp.sqrt(SECOND.fresh(t)) / FIRST.fresh(t)
    return SequenceDefinition(U, t, correction * M(i, t) / sp.sqrt(V(i, t)), (), (i,))


DEFINITIONS = (FIRST.definition(), SECOND.definition(), update())
TIMES = (gt(h, 0), ge(until, 0))
SMOOTH = Regular(g, 1, 0, until)
AVERAGES = (SMOOTH, *FIRST.given(), *SECOND.given())
WITHIN = during(le(sp.Abs(g(i, tau)), gradient_limit))
MOVING = during(le(sp.Abs(sp.Derivative(g(i, tau), tau)), gradient_drift))
KEEPS_SIGN = during(le(gradient_floor, sigma(i) * g(i, tau)))
DRIFT_PHASE = (eq(sigma(i) ** 2, 1), gt(gradient_floor, 0), KEEPS_SIGN, WITHIN, MOVING)
VELOCITY = during(eq(sp.Derivative(Theta(i, tau), tau), psi(i, tau)))
INERTIA = h / 2 * sp.Derivative(psi(i, tau), tau) + psi(i, tau) + weight_decay * Theta(i, tau)
EQUATION = during(eq(INERTIA, -U(i, tau)))
START = eq(psi(i, 0), -sigma(i) - weight_decay * Theta(i, 0))
REACH = during(le(sp.Abs(Theta(i, tau)), reach))
SMOOTH_MOTION = (Regular(Theta, 1, 0, until), Regular(psi, 1, 0, until))
MOTION = (ge(weight_decay, 0), *SMOOTH_MOTION, VELOCITY, EQUATION, START, REACH)
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


# Times in their order, so that no point is drawn in vain: x <= t <= T.
SAMPLE_TIMES = {until: (n + 1) * h, t: n * h, sp.Symbol("x", real=True): n * h / 2}


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
        **SAMPLE_TIMES,
    }


def fading_gradient(moment: Moment) -> dict[object, sp.Expr]:
    """Another gradient whose averages have a closed form, 2 + i + exp(-t/h): it moves by 1/h at most."""
    level, fading = 2 + i, sp.exp(-t / h)
    powers = (level, 1) if moment.power == 1 else (level**2, 2 * level, 1)
    parts = (part * moment.rate / (moment.rate - power) * fading**power for power, part in enumerate(powers))
    body = sp.Add(*parts)
    first = average_start(moment.alpha) * (3 + i) ** moment.power - body.subs(t, 0)
    average = sp.Lambda((i, t), body + first * moment.alpha ** (t / h))
    sizes = {gradient_limit: 4 + i, gradient_drift: 1 / h, **SAMPLE_TIMES}
    return {g: sp.Lambda((i, t), level + fading), moment.average: average, **sizes}
