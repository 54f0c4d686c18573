"""The damped Picard iteration of Heredia 2024, as a baseline, and as a summary of that paper describes it.

An iterate is a curve on the grid of the discrete method's steps.  A cubic spline carries it between grid points; at
each of these one Gauss-Legendre rule over all of [0, t] gives both memories; one pass of explicit Euler steps gives the
next curve; and the iterate moves part of the way there, until that changes it no more.

Open in the source, and chosen here: the first iterate is the start itself; the iteration stops by the largest change
over grid and coordinates; u at t = 0 is its limit where that is finite, else 0; the gradient is taken at the grid's
points and interpolated, which saves all but one in a thousand of the gradients that the nodes would take.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from adamtheory.flows._scipy import scipy_module
from adamtheory.flows.kernels import Array
from adamtheory.flows.memory import Moment
from adamtheory.flows.solvers.common import Gradient, History, NotFinite, State, early_update, options
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import Trajectory
from adamtheory.validation import integer, one_of, reject

_OPTIONS = ("nodes", "relaxation", "tolerance", "iterations", "gradients")
#: numbers in one array of nodes, and in all those that are kept from one iteration to the next
_BLOCK, _KEPT = 1 << 20, 1 << 26


def solve_task(task: Task) -> Trajectory:
    """Solve a first-order flow.  rtol and atol are not used, and ``error`` is nan; ``steps`` are the grid's, and
    ``rejected`` counts the iterations' steps that were improved on.

    Options: ``nodes`` (1000) of the quadrature; ``relaxation`` (0.5), the part of the way; ``tolerance`` (1e-6), the
    change at which to stop; ``iterations``, at most (1000); ``gradients`` at the "grid" points or at all "nodes"
    (one call each: slow)."""
    options(task, "picard", _OPTIONS)
    if task.flow.inertia:
        reject("flow", task.flow.name, "of first order for method 'picard'")
    return _Run(task).solve()


class _Run:
    def __init__(self, task: Task) -> None:
        given = task.options
        self.task, self.flow = task, task.flow
        self.relaxation = _number("relaxation", given.get("relaxation", 0.5), most=1.0)
        self.tolerance = _number("tolerance", given.get("tolerance", 1e-6))
        self.iterations = integer("iterations", given.get("iterations", 1000), minimum=1)
        self.at_nodes = one_of("gradients", given.get("gradients", "grid"), ["grid", "nodes"]) == "nodes"
        nodes = integer("nodes", given.get("nodes", 1000), minimum=1)
        self.x, self.w = np.polynomial.legendre.leggauss(nodes)
        end = task.t_span[1]
        self.grid = np.linspace(0.0, end, math.ceil(end / task.flow.duration * (1 - 1e-12)) + 1)
        self.rows = max(1, _BLOCK // (nodes * task.loss.size))
        self.kept: dict[tuple[int, int], Array] = {}
        self.spline = scipy_module("interpolate", "method 'picard'").CubicSpline
        self.gradient = Gradient(task)
        self.history = History(task, "picard")

    def solve(self) -> Trajectory:
        theta = np.repeat(self.task.theta0[None, :], len(self.grid), axis=0)
        if len(self.grid) - 1 > self.task.max_steps:
            raise self.history.out_of_steps(0)
        change = math.inf
        try:
            for _ in range(self.iterations):
                m, v = self._moments(theta)
                following = self._pass(m, v)
                change = float(np.abs(following - theta).max())
                theta = theta + self.relaxation * (following - theta)
                if change <= self.tolerance:
                    break
                self.history.rejected += len(self.grid) - 1
        except NotFinite as trouble:
            raise self.history.stopped(trouble.t, trouble.reason, self.gradient.calls) from trouble
        dense = self.spline(self.grid, theta)
        between = self.spline(self.grid, np.stack([theta, m, v]), axis=1)
        self.history.begin(State(theta[0], m[0], v[0]))
        for k in range(1, len(self.grid)):
            self.history.accept(float(self.grid[k]), State(theta[k], m[k], v[k]), lambda t: State(*between(t)))
        if change > self.tolerance:
            reason = f"after {self.iterations} iterations the curve still changes by {change:.2e}"
            raise self.history.stopped(float(self.grid[-1]), reason, self.gradient.calls, dense)
        return self.history.finish(self.gradient.calls, dense=dense)

    def _pass(self, m: Array, v: Array) -> Array:
        """Explicit Euler steps along the grid, with the update of the old iterate."""
        flow, grid = self.flow, self.grid
        u = np.empty_like(m)
        u[0] = 0.0 if flow.singular else early_update(flow, self.g[0])[1]
        u[1:] = flow.update(grid[1:, None], m[1:], v[1:])
        if not np.isfinite(u).all():
            raise NotFinite(float(grid[int(np.argmin(np.isfinite(u).all(axis=1)))]), "the update is not finite")
        steps = -np.diff(grid)[:, None] * flow.speed
        if not flow.decay:
            return self.task.theta0 + np.concatenate([np.zeros_like(u[:1]), np.cumsum(steps * u[:-1], axis=0)])
        theta = np.empty_like(u)
        theta[0] = self.task.theta0
        for k in range(len(grid) - 1):
            theta[k + 1] = theta[k] + steps[k] * (u[k] + flow.decay * theta[k])
        return theta

    def _moments(self, theta: Array) -> tuple[Array, Array]:
        """m and v of this curve at the grid's points."""
        self.g = np.stack([self.gradient(row, t) for row, t in zip(theta, self.grid, strict=True)])
        curve = self.spline(self.grid, theta if self.at_nodes else self.g)
        first, second = np.empty_like(theta), np.empty_like(theta)
        for part, lags, times in self._blocks():
            x = self._at(curve, times)
            first[part] = self._integral(0, self.flow.first, part, lags, x)
            second[part] = self._integral(1, self.flow.second, part, lags, x**2)
        m = self.g if self.flow.first is None else first + self._beside(self.flow.first, self.g)
        return m, second + self._beside(self.flow.second, self.g**2)

    def _blocks(self) -> Iterator[tuple[slice, Array, Array]]:
        for start in range(0, len(self.grid), self.rows):
            part = slice(start, start + self.rows)
            half = self.grid[part, None] / 2
            yield part, half * (1 - self.x), half * (1 + self.x)

    def _at(self, curve: Any, times: Array) -> Array:
        """The gradient at the times, shape (*times.shape, d)."""
        found = curve(times)
        if self.at_nodes:
            for place in np.ndindex(times.shape):
                found[place] = self.gradient(found[place], float(times[place]))
        return np.asarray(found)

    def _integral(self, which: int, moment: Moment | None, part: slice, lags: Array, x: Array) -> Array:
        if moment is None:
            return np.zeros((len(lags), x.shape[-1]))
        weights = self.kept.get((which, part.start))
        if weights is None:
            half = self.grid[part, None] / 2
            weights = np.where(half > 0, moment.kernel(lags), 0.0) * self.w * half
            if (len(self.kept) + 1) * weights.size <= _KEPT:
                self.kept[which, part.start] = weights
        return np.asarray(np.einsum("kn,knd->kd", weights, x))

    def _beside(self, moment: Moment, x: Array) -> Array:
        return np.stack([moment.beside_memory(t, row, x[0]) for t, row in zip(self.grid, x, strict=True)])


def _number(name: str, value: Any, most: float = math.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= most or value == math.inf:
        reject(name, value, "a finite number > 0" + (f" and <= {most:g}" if most < math.inf else ""))
    return float(value)
