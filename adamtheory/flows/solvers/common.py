"""What every solver needs: the checked gradient, the state at time 0, and the record of accepted steps."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.memory import MemoryFlow, Moment
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import FlowStopped, Trajectory
from adamtheory.validation import reject

#: so early, in units of the flow's duration, that leading orders in t are exact, and that t**4 does not underflow
_EARLY = 1e-60


class NotFinite(Exception):
    """A number was not finite at time ``t``; ``reason`` says which.  Solvers take the step back, or stop there."""

    def __init__(self, t: float, reason: str) -> None:
        super().__init__(reason)
        self.t = t
        self.reason = reason


class Gradient:
    """The gradient that the flow sees, g + coupled theta, counted in ``calls`` and checked.

    Raises NotFinite at (theta, t), and ValueError where the loss returns another shape than (d,)."""

    def __init__(self, task: Task) -> None:
        self._loss = task.loss
        self._coupled = task.flow.coupled
        self.calls = 0

    def __call__(self, theta: Array, t: float) -> Array:
        if not np.isfinite(theta).all():
            raise NotFinite(t, "the solution diverges")
        self.calls += 1
        with np.errstate(all="ignore"):  # what overflows is found below
            g = np.asarray(self._loss.gradient(theta), dtype=float)
        if g.shape != theta.shape:
            reject(f"the gradient of {self._loss.name}", g.shape, f"of shape {theta.shape}, as theta is")
        finite = np.isfinite(g)
        if not finite.all():
            which = int(np.argmin(finite))
            raise NotFinite(t, f"the gradient of {self._loss.name} is not finite ({g[which]} in coordinate {which})")
        return g + self._coupled * theta if self._coupled else g


class State(NamedTuple):
    """theta, the moments m and v, and theta' of a second-order flow (None for others), each of shape (d,)."""

    theta: Array
    m: Array
    v: Array
    velocity: Array | None = None


def start_state(flow: MemoryFlow, theta: Array, g: Array) -> State:
    """The state at t = 0, from theta and the gradient there.

    Raises ValueError where the flow wants a consistent start velocity and that is infinite."""
    m = g if flow.first is None else flow.first.beside_memory(0.0, g, g)
    v = flow.second.beside_memory(0.0, g**2, g**2)
    if not flow.inertia:
        return State(theta, m, v)
    _, u = early_update(flow, g)
    if flow.velocity != "zero" and np.abs(u).max(initial=0.0) > 1 / math.sqrt(math.sqrt(_EARLY)):
        reject("velocity", flow.velocity, "'zero': without memory and eps the first-order flow starts infinitely fast")
    return State(theta, m, v, flow.start_velocity(theta, u))


def early_update(flow: MemoryFlow, g: Array) -> tuple[float, Array]:
    """(t, u(t)) at a t so early that theta has not moved and the leading order in t is exact.

    It stands for the limit at 0, where the formula of u itself may read 0/0: u itself has that limit, and where u
    grows like t^(-1/2), sqrt(t) u(t) has."""
    t = _EARLY * flow.duration
    m = g if flow.first is None else _early_moment(flow.first, t, g)
    return t, flow.update(t, m, _early_moment(flow.second, t, g**2))


def _early_moment(moment: Moment, t: float, x: Array) -> Array:
    return moment.beside_memory(t, x, x) + _early_weight(moment, t) * x


def _early_weight(moment: Moment, t: float) -> float:
    """The integral of the kernel over [0, t], to leading order in t."""
    modes = moment.kernel.modes
    if modes is None:
        return float(moment.kernel(np.asarray(t))) * t / (1 - moment.kernel.singular)
    for order in range(2 * len(modes) + 1):  # the first derivative of K at 0 that is not a sum of cancelling terms
        terms = [(mode.weight * (-mode.rate) ** order).real for mode in modes]
        coefficient = math.fsum(terms)
        if abs(coefficient) > 1e-12 * sum(map(abs, terms)):
            return coefficient * t ** (order + 1) / math.factorial(order + 1)
    return 0.0


class History:
    """The record of a run: states at the accepted steps, or at ``save_at`` only, and the observer's calls.

    Call ``begin`` once, ``accept`` after each accepted step, ``reject`` after each one taken back, and then ``finish``;
    ``stopped`` makes the error with what there is."""

    def __init__(self, task: Task, method: str) -> None:
        self._task = task
        self._method = method
        self._times: list[float] = []
        self._states: list[list[Array | None]] = []
        self._saved = 0
        self.t = task.t_span[0]
        self.steps = 0
        self.rejected = 0

    @property
    def next_save(self) -> float:
        """The next of the ``save_at`` times, or the end: for solvers that would rather step onto it."""
        times = self._task.save_at
        return self._task.t_span[1] if times is None or self._saved == len(times) else float(times[self._saved])

    def begin(self, state: State, *, own: bool = False) -> None:
        """Record the state at t = 0.  ``own``: the arrays may be kept as they are, nobody will write to them."""
        self._store(self.t, state, None, own)

    def accept(
        self, t: float, state: State, between: Callable[[float], State] | None = None, *, own: bool = False
    ) -> None:
        """Record the step that ends at (t, state).  ``between(time)`` is the state inside the step, for ``save_at``
        times; it may be None for solvers that step onto every ``next_save``.  ``own`` as in ``begin``."""
        self.steps += 1
        self._store(t, state, between, own)
        self.t = t
        if self._task.observer is not None:
            self._task.observer(t, state.theta, state.m, state.v)

    def wants(self, t: float) -> bool:
        """Whether a step to t is kept or observed; ``skip`` is enough for one that is not."""
        return self._task.save_at is None or self._task.observer is not None or t >= self.next_save

    def skip(self, t: float) -> None:
        """Count an accepted step to t that is not wanted."""
        self.steps += 1
        self.t = t

    def reject(self) -> None:
        """Count a step taken back."""
        self.rejected += 1

    @property
    def exhausted(self) -> bool:
        """Whether ``max_steps`` are used up, accepted and rejected ones together."""
        return self.steps + self.rejected >= self._task.max_steps

    def _store(self, t: float, state: State, between: Callable[[float], State] | None, own: bool) -> None:
        times = self._task.save_at
        if times is None:
            self._keep(t, state, own)
            return
        while self._saved < len(times) and times[self._saved] <= t:
            time = float(times[self._saved])
            self._keep(time, state if time == t or between is None else between(time), own)
            self._saved += 1

    def _keep(self, t: float, state: State, own: bool) -> None:
        self._times.append(t)
        self._states.append([None if x is None else x if own else np.array(x, dtype=float) for x in state])

    def _column(self, which: int) -> Array:
        """One field of all states, which are then rid of it: for many parameters there is no room for both."""
        rows = [state[which] for state in self._states]
        for state in self._states:
            state[which] = None
        shape = (len(rows), self._task.loss.size)
        return np.asarray(rows[0] if len(rows) == 1 else np.array(rows), dtype=float).reshape(shape)

    def finish(
        self, evaluations: int, error: float = math.nan, dense: Callable[[Array], Array] | None = None
    ) -> Trajectory:
        """The trajectory so far, once: the record is empty then.  ``dense`` is dropped where there is ``save_at``."""
        theta, m, v = (self._column(i) for i in range(3))
        velocity = self._column(3) if self._task.flow.inertia else None
        return Trajectory(
            flow=self._task.flow,
            method=self._method,
            t=np.array(self._times),
            theta=theta,
            m=m,
            v=v,
            velocity=velocity,
            error=error,
            gradient_evaluations=evaluations,
            steps=self.steps,
            rejected=self.rejected,
            dense=dense if self._task.save_at is None else None,
        )

    def stopped(
        self, t: float, reason: str, evaluations: int, dense: Callable[[Array], Array] | None = None
    ) -> FlowStopped:
        """The error to raise at time ``t``, with the trajectory up to the last accepted step."""
        return FlowStopped(f"flow stopped at t = {t:.6g}: {reason}", self.finish(evaluations, dense=dense))

    def out_of_steps(self, evaluations: int, dense: Callable[[Array], Array] | None = None) -> FlowStopped:
        """The error to raise where ``exhausted``."""
        return self.stopped(self.t, f"max_steps = {self._task.max_steps} are used up", evaluations, dense)


class Pieces:
    """Dense output: one function of time per step, each giving theta in shape (d,)."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ends: list[float] = []
        self._functions: list[Callable[[float], Array]] = []

    def add(self, end: float, function: Callable[[float], Array]) -> None:
        """The step up to time ``end``."""
        self._ends.append(end)
        self._functions.append(function)

    def __call__(self, times: Array) -> Array:
        found = np.empty((len(times), self._size))
        for row, time in enumerate(times):
            step = min(bisect_left(self._ends, float(time)), len(self._ends) - 1)
            found[row] = self._functions[step](float(time))
        return found


def options(task: Task, method: str, allowed: tuple[str, ...] = ()) -> None:
    """Refuse an option that the method does not know; ValueError."""
    for name in task.options:
        if name not in allowed:
            known = ", ".join(map(repr, allowed)) or "no option of its own"
            reject(f"option of method {method!r}", name, f"one of {known}" if allowed else known)
