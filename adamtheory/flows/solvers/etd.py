"""Exponential time differencing of order 4 (Krogstad 2005): the quick solver for few parameters.

Memories, and the velocity of a second-order flow, obey z' = source - rate z.  The decay is integrated exactly, the
source by a Runge–Kutta scheme of order 4 whose weights are functions of rate * step.  Steps are halved and doubled
only, so weights are found once a size; with one parameter everything is a Python float and the step is generated
(``etd_scalar``): it costs tens of microseconds, a fiftieth of what the exponential solver's arrays cost.  That one
needs fewer steps, and is the better choice where gradients cost more than that, where rates are high or tolerances
tight.

A step's error is estimated twice: from a last stage beside the next first one, for what the stages miss of each other,
and from a fourth difference of theta' over this step and the one before, for what they miss of time itself.
``Trajectory.error`` is the sum over all steps, an upper estimate as a rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from adamtheory.flows.solvers.common import (
    Gradient,
    History,
    NotFinite,
    Pieces,
    State,
    early_update,
    options,
    start_state,
)
from adamtheory.flows.solvers.etd_scalar import scalar_step
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import Trajectory
from adamtheory.validation import reject

_LADDER = 40  # step sizes: the span over 4, halved so many times at most
_FIRST = 5
_ORDER_GAIN = 2.0**5
_INVERSE_FACTORIALS = tuple(1 / math.factorial(k + 3) for k in range(15, -1, -1))


def solve_task(task: Task) -> Trajectory:
    """Solve a flow whose kernels are sums of real exponentials and whose start is not singular."""
    options(task, "etd")
    flow = task.flow
    if flow.singular:
        reject("method", "etd", "another, such as 'exponential', where the flow starts like a root of t")
    if any(complex(mode.rate).imag for moment in (flow.first, flow.second) if moment for mode in moment.modes):
        reject("method", "etd", "another, such as 'exponential', for kernels that oscillate")
    return _Run(task).solve()


Components = Sequence[Any]  # theta, memories of the first moment, of the second, (velocity): floats or arrays
_Before = tuple[int, Any, Any]  # the step before: its level, theta' at its start and in its middle
Stepped = tuple[Components, Components, Components, Components, tuple[Any, Any]]


class _Run:
    """One solution; floats where d = 1."""

    def __init__(self, task: Task) -> None:
        self.task, self.flow = task, task.flow
        self.scalar = task.loss.size == 1
        self.history, self.pieces, self.gradient = History(task, "etd"), Pieces(task.loss.size), Gradient(task)
        first = self.flow.first.modes if self.flow.first else ()
        modes = [*first, *self.flow.second.modes]
        self.firsts, self.seconds = range(1, 1 + len(first)), range(1 + len(first), 1 + len(modes))
        self.weights = [0.0, *(float(mode.weight.real) for mode in modes)]
        self.rates = [0.0, *(float(mode.rate.real) for mode in modes)]
        if self.flow.inertia:
            self.rates.append(1 / self.flow.inertia)
        self.scheme: dict[int, list[tuple[float, ...]]] = {}
        self.tails = [self._tail(moment) for moment in (self.flow.first, self.flow.second)]
        self.step: Callable[..., Stepped] = self._step
        self.moments: tuple[Any, Any] = (None, None)  # of the latest stage

    def _tail(self, moment: Any) -> Callable[[float], float] | None:
        if moment is None or not (moment.past or np.any(moment.carried)):
            return None
        if len(moment.modes) == 1:
            rate = float(moment.modes[0].rate.real)
            return lambda t: math.exp(-rate * t)
        return lambda t: float(moment.kernel.tail(np.asarray(t)))

    def solve(self) -> Trajectory:
        size = self.task.loss.size
        theta: Any = float(self.task.theta0[0]) if self.scalar else self.task.theta0.copy()
        try:
            self.start = self._gradient(theta, 0.0)
            begin = start_state(self.flow, self.task.theta0, np.atleast_1d(np.asarray(self.start, dtype=float)))
        except NotFinite as trouble:
            raise self.history.stopped(trouble.t, trouble.reason, self.gradient.calls) from trouble
        if self.scalar:
            moments = (self.flow.first, self.flow.second)
            older = zip(moments, (self.start, self.start * self.start), strict=True)
            carried = [m.past * x + self._carried(m.carried) if m else 0.0 for m, x in older]
            self.step = scalar_step(self.flow, carried, self._gradient, self.tails, self._update)
        z: list[Any] = [theta, *((0.0 if self.scalar else np.zeros(size)) for _ in self.weights[1:])]
        if begin.velocity is not None:
            z.append(float(begin.velocity[0]) if self.scalar else begin.velocity)
        self.history.begin(begin)
        try:
            return self._integrate(z, self._sources(z, 0.0, self.start))
        except NotFinite as trouble:
            raise self.history.stopped(trouble.t, trouble.reason, self.gradient.calls, self.pieces) from trouble

    def _integrate(self, z: Components, k: Components) -> Trajectory:
        """Steps of length span/4 over powers of 2, ``place`` counted in the smallest of them."""
        span = self.task.t_span[1]
        whole, place, level = 4 << _LADDER, 0, _FIRST
        error = 0.0
        before: _Before | None = None
        while place < whole:
            if self.history.exhausted:
                raise self.history.out_of_steps(self.gradient.calls, self.pieces)
            t, width = span * place / whole, span / 4 / 2**level
            try:
                new, end, middle, last, moments = self.step(t, width, self._scheme(level, width), z, k)
            except NotFinite:
                if level == _LADDER:
                    raise
                self.history.reject()
                level += 1
                continue
            missed, ratio = self._error(width, level, z, new, (k, middle, last, end), before)
            if ratio > 1 and level < _LADDER:
                self.history.reject()
                level += 1 if ratio < _ORDER_GAIN else 2
                level = min(level, _LADDER)
                continue
            if ratio > 1:
                raise NotFinite(t, "the step size falls below what double precision resolves")
            error += missed
            self._accept(t, width, (z, k), (new, end), moments)
            before = level, k[0], middle[0]
            place += 1 << (_LADDER - level)
            z, k = new, end
            aligned = place % (1 << (_LADDER - level + 1)) == 0
            if ratio * _ORDER_GAIN < 0.8 and level and aligned:
                level -= 1
        return self.history.finish(self.gradient.calls, error, self.pieces)

    def _scheme(self, level: int, width: float) -> list[tuple[float, ...]]:
        found = self.scheme.get(level)
        if found is None:
            found = self.scheme[level] = [_weights(rate, width) for rate in self.rates]
        return found

    def _step(self, t: float, width: float, scheme: list[tuple[float, ...]], z: Components, k: Components) -> Stepped:
        """(z at the end, sources there, those of the third stage, in the middle, and of the fourth, at the end, and
        the moments at the end)."""
        half, end = t + width / 2, t + width
        at = [w[0] * x + w[2] * a for w, x, a in zip(scheme, z, k, strict=True)]
        b = self._sources(at, half, self._gradient(at[0], half))
        at = [w[0] * x + (w[2] - w[3]) * a + w[3] * c for w, x, a, c in zip(scheme, z, k, b, strict=True)]
        middle = self._sources(at, half, self._gradient(at[0], half))
        at = [w[1] * x + (w[4] - w[5]) * a + w[5] * c for w, x, a, c in zip(scheme, z, k, middle, strict=True)]
        last = self._sources(at, end, self._gradient(at[0], end))
        new = [
            w[1] * x + w[6] * a + w[7] * (c + d) + w[8] * e
            for w, x, a, c, d, e in zip(scheme, z, k, b, middle, last, strict=True)
        ]
        return new, self._sources(new, end, self._gradient(new[0], end)), middle, last, self.moments

    def _error(
        self,
        width: float,
        level: int,
        z: Components,
        new: Components,
        sources: tuple[Components, Components, Components, Components],
        before: _Before | None,
    ) -> tuple[float, float]:
        """(largest error in theta, largest error of any component over its tolerance)."""
        k, middle, last, end = sources
        missed = [w[8] * (a - b) for w, a, b in zip(self.scheme[level], last, end, strict=True)]
        if before is None:
            bent = (k[0] - 2 * middle[0] + end[0]) / 6
        else:
            w = _fourth(2.0 ** (level - before[0]))
            bent = w[0] * before[1] + w[1] * before[2] + w[2] * k[0] + w[3] * middle[0] + w[4] * end[0]
        missed[0] = abs(missed[0]) + width * abs(bent)
        rtol, atol = self.task.rtol, self.task.atol
        if self.scalar:
            ratio = missed[0] / (atol + rtol * max(abs(z[0]), abs(new[0])))
            for e, a in zip(missed[1:], new[1:], strict=True):
                ratio = max(ratio, abs(e) / (rtol * abs(a) + atol))
            return missed[0], ratio
        ratio = float((missed[0] / (atol + rtol * np.maximum(np.abs(z[0]), np.abs(new[0])))).max())
        for e, a in zip(missed[1:], new[1:], strict=True):
            ratio = max(ratio, float((np.abs(e) / (rtol * np.abs(a).max() + atol)).max()))
        return float(missed[0].max()), ratio

    def _sources(self, z: Components, t: float, g: Any) -> list[Any]:
        """What each component's equation adds to its decay."""
        flow = self.flow
        if t == 0:  # the limit, where the formula may read 0/0
            limit = early_update(flow, np.atleast_1d(np.asarray(g)))[1]
            u = float(limit[0]) if self.scalar else limit
        else:
            self.moments = self._moments(z, t, g)
            u = self._update(t, *self.moments)
        drive = -flow.speed * (u + flow.decay * z[0])
        out = [g] * len(self.firsts) + [g * g] * len(self.seconds)
        return [z[-1], *out, drive / flow.inertia] if flow.inertia else [drive, *out]

    def _moments(self, z: Components, t: float, g: Any) -> tuple[Any, Any]:
        flow, m, v = self.flow, g, self.flow.second.share * (g * g)
        if flow.first is not None:
            m = flow.first.share * g
            tail = self.tails[0]
            if tail is not None:
                m = m + (flow.first.past * self.start + self._carried(flow.first.carried)) * tail(t)
            for j in self.firsts:
                m = m + self.weights[j] * z[j]
        tail = self.tails[1]
        if tail is not None:
            v = v + (flow.second.past * self.start * self.start + self._carried(flow.second.carried)) * tail(t)
        for j in self.seconds:
            v = v + self.weights[j] * z[j]
        return m, v

    def _carried(self, carried: Any) -> Any:
        return float(np.ravel(carried)[0]) if self.scalar else carried

    def _update(self, t: float, m: Any, v: Any) -> Any:
        u = self.flow.update(t, m, v)
        if not np.isfinite(u).all():
            raise NotFinite(t, "the update is not finite")
        return float(u) if self.scalar else u

    def _gradient(self, theta: Any, t: float) -> Any:
        if not self.scalar or self.gradient.calls == 0:  # the first call checks the shape
            found = self.gradient(np.atleast_1d(np.asarray(theta, dtype=float)), t)
            return float(found[0]) if self.scalar else found
        if not math.isfinite(theta):
            raise NotFinite(t, "the solution diverges")
        self.gradient.calls += 1
        g = float(self.task.loss.gradient(np.array((theta,)))[0]) + self.flow.coupled * theta
        if not math.isfinite(g):
            raise NotFinite(t, f"the gradient of {self.task.loss.name} is not finite ({g} in coordinate 0)")
        return g

    def _accept(
        self,
        t: float,
        width: float,
        left: tuple[Components, Components],
        right: tuple[Components, Components],
        moments: tuple[Any, Any],
    ) -> None:
        """The step between components and sources at its ends; inside, a cubic by values and slopes there."""
        (z, k), (new, end), rates = left, right, self.rates

        def inside(time: float, j: int) -> Any:
            s = (time - t) / width
            slopes = (k[j] - rates[j] * z[j], end[j] - rates[j] * new[j])
            rise = new[j] - z[j]
            bent = s * (1 - s) * width * ((1 - s) * slopes[0] - s * slopes[1])
            return z[j] + rise * s * s * (3 - 2 * s) + bent

        def state(time: float) -> State:
            within = [inside(time, j) for j in range(len(z))]
            shares = any(moment is None or moment.share for moment in (self.flow.first, self.flow.second))
            g = self._gradient(within[0], time) if shares else self.start
            return self._state(within, self._moments(within, time, g))

        after = min(t + width, self.task.t_span[1])
        if self.task.save_at is None:
            self.pieces.add(after, lambda time: np.atleast_1d(inside(time, 0)))
        if self.history.wants(after):
            self.history.accept(after, self._state(new, moments), state, own=True)
        else:
            self.history.skip(after)

    def _state(self, z: Components, moments: tuple[Any, Any]) -> State:
        m, v = moments
        velocity = z[-1] if self.flow.inertia else None
        if not self.scalar:
            return State(z[0], m, v, velocity)
        rows = (None if x is None else np.array((x,)) for x in (z[0], m, v, velocity))
        return State(*rows)  # type: ignore[arg-type]


def _weights(rate: float, width: float) -> tuple[float, ...]:
    """(exp(-z/2), exp(-z), and width times: phi1(-z/2)/2, phi2(-z/2), phi1(-z), 2 phi2(-z), the three of the sum)."""
    z = rate * width
    h1, h2, _ = _phi(-z / 2)
    p1, p2, p3 = _phi(-z)
    ends = (p1 - 3 * p2 + 4 * p3, 2 * p2 - 4 * p3, 4 * p3 - p2)
    return (math.exp(-z / 2), math.exp(-z), *(width * w for w in (h1 / 2, h2, p1, 2 * p2, *ends)))


def _phi(z: float) -> tuple[float, float, float]:
    """phi1, phi2 and phi3: (exp(z) - 1)/z and so on; by the series of the last where these cancel."""
    if abs(z) < 0.5:
        third = 0.0
        for inverse in _INVERSE_FACTORIALS:
            third = third * z + inverse
        second = 0.5 + z * third
        return 1.0 + z * second, second, third
    first = math.expm1(z) / z
    second = (first - 1) / z
    return first, second, (second - 0.5) / z


@lru_cache(maxsize=2 * _LADDER + 1)
def _fourth(ratio: float) -> tuple[float, ...]:
    """Weights of the divided difference over start and middle of the step before, ``ratio`` times as wide, and start,
    middle and end of this one, of width 1; over 120."""
    nodes = (-ratio, -ratio / 2, 0.0, 0.5, 1.0)
    return tuple(1 / (120 * math.prod(x - other for other in nodes if other != x)) for x in nodes)
