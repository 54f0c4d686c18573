"""The scheme of Gould & Tanaka 2024, Appendix I: explicit Euler steps of a part of the flow's step, as a baseline.

theta and psi = theta' take Euler steps of Delta = lr^p/K; each memory is multiplied by its decay over Delta after the
old gradient has been added at its kernel's weight: for Equation 4's, m <- exp(-r Delta) (m + Delta r g(t - Delta)) with
r = (1 - gamma)/(lr^p gamma).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.memory import Moment
from adamtheory.flows.solvers.common import Gradient, History, NotFinite, Pieces, State, options, start_state
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import Trajectory
from adamtheory.validation import integer


def solve_task(task: Task) -> Trajectory:
    """Option ``substeps``: the source's K, 100 by default.  The tolerances are not used, and ``error`` is nan.

    The source leaves open what u is at t = 0, where the averages are 0: here 0 where m is 0, as ``MemoryFlow.update``
    has it.  A first-order flow moves by -speed (u + decay theta) itself.  The last step ends at the end of the span.
    Raises ValueError for kernels that are no sums of exponentials."""
    options(task, "euler", ("substeps",))
    return _Run(task, integer("substeps", task.options.get("substeps", 100), minimum=1)).solve()


class _Memory:
    """The integral of a moment, one row for each exponential."""

    def __init__(self, moment: Moment, size: int, step: float) -> None:
        self.moment = moment
        self.weights = np.array([mode.weight for mode in moment.modes])
        self.rates = np.array([mode.rate for mode in moment.modes])
        self.rows = np.zeros((len(self.rates), size), dtype=self.rates.dtype)
        self.step = 0.0
        self.set_step(step)

    def set_step(self, step: float) -> None:
        """Change the step, and what the memory keeps over it."""
        if step != self.step:
            self.step, self.kept = step, np.exp(-self.rates * step)[:, None]

    def add(self, x: Array) -> None:
        """One step, with x from its start."""
        self.rows = self.kept * (self.rows + self.step * x)

    def value(self, t: float, x: Array, x_start: Array) -> Array:
        return self.moment.beside_memory(t, x, x_start) + (self.weights @ self.rows).real


class _Run:
    def __init__(self, task: Task, substeps: int) -> None:
        self.task, self.flow = task, task.flow
        self.step = task.flow.duration / substeps
        first, second, size = task.flow.first, task.flow.second, task.loss.size
        self.first = None if first is None else _Memory(first, size, self.step)
        self.second = _Memory(second, size, self.step)
        self.gradient = Gradient(task)
        self.history = History(task, "euler")
        self.pieces = Pieces(size)

    def solve(self) -> Trajectory:
        try:
            g = self.g_start = self.gradient(self.task.theta0, 0.0)
            state = start_state(self.flow, self.task.theta0, g)
            self.history.begin(state)
            end = self.task.t_span[1]
            count = math.ceil(end / self.step * (1 - 1e-12))
            for n in range(1, count + 1):
                if self.history.exhausted:
                    raise self.history.out_of_steps(self.gradient.calls, self.pieces)
                state, g = self._advance(state, g, self.history.t, end if n == count else n * self.step)
        except NotFinite as trouble:
            raise self.history.stopped(trouble.t, trouble.reason, self.gradient.calls, self.pieces) from trouble
        return self.history.finish(self.gradient.calls, dense=self.pieces)

    def _advance(self, old: State, g: Array, t: float, end: float) -> tuple[State, Array]:
        """The state and the gradient at time end, from those at t."""
        flow, step = self.flow, end - t
        push = -flow.speed * (flow.update(t, old.m, old.v) + flow.decay * old.theta)
        if not np.isfinite(push).all():
            which = int(np.argmin(np.isfinite(push)))
            raise NotFinite(t, f"the update is not finite in coordinate {which} (v = {old.v[which]:g})")
        if old.velocity is None:
            velocity, theta = None, old.theta + step * push
        else:
            velocity = old.velocity + step * (push - old.velocity) / flow.inertia
            theta = old.theta + step * old.velocity
        for memory, x in ((self.first, g), (self.second, g**2)):
            if memory is not None:
                memory.set_step(step if end == self.task.t_span[1] else self.step)
                memory.add(x)
        g = self.gradient(theta, end)
        m = g if self.first is None else self.first.value(end, g, self.g_start)
        new = State(theta, m, self.second.value(end, g**2, self.g_start**2), velocity)
        between = _line(t, old, end, new)
        if self.task.save_at is None:
            self.pieces.add(end, lambda time: between(time).theta)
        self.history.accept(end, new, between)
        return new, g


def _line(t: float, old: State, end: float, new: State) -> Callable[[float], State]:
    """The straight line between two states."""

    def at(time: float) -> State:
        part = (time - t) / (end - t)
        return State(*(None if x is None else x + part * (y - x) for x, y in zip(old, new, strict=True)))  # type: ignore[arg-type]

    return at
