"""How well a flow follows its discrete method: over the whole trajectory, the initial layer apart, and its order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.loss import Loss
from adamtheory.flows.memory import MemoryFlow
from adamtheory.flows.models import flow_of
from adamtheory.flows.solving import solve
from adamtheory.flows.trajectory import Trajectory
from adamtheory.methods import Method
from adamtheory.methods.streaming import stream
from adamtheory.validation import integer, reject

FORGOTTEN = 0.01  # the layer ends where the first average has forgotten all but this of its start
LARGEST = 20_000_000  # numbers kept of one trajectory


@dataclass(frozen=True, eq=False)
class Comparison:
    """A flow beside its discrete method: the flow at the time n h against theta_n, N steps, d parameters.

    ``steps`` (K,): the n that were compared (all of them unless that would not fit in memory); ``discrete`` and
    ``trajectory.theta`` (K, d).  ``deviation`` (K,): largest difference over the parameters at each.
    ``error``: its supremum, in the unit of theta.  ``layer``: the number of steps in which the first average forgets
    its start; ``layer_error``: the supremum within; ``later_error``: how far the difference moves from what it was at
    the layer's end.  ``travelled``: the furthest that a parameter gets from its start; ``relative``: error over it."""

    method: Method
    trajectory: Trajectory
    steps: Array
    discrete: Array
    deviation: Array
    error: float
    layer: int
    layer_error: float
    later_error: float
    travelled: float

    @property
    def flow(self) -> MemoryFlow:
        return self.trajectory.flow

    @property
    def relative(self) -> float:
        return self.error / self.travelled if self.travelled else math.inf


@dataclass(frozen=True, eq=False)
class Convergence:
    """Comparisons at several learning rates over one time, and the order: the slope of log error against log lr.

    ``slope`` is the least-squares slope over all learning rates, ``slopes`` those between neighbours, largest lr
    first."""

    comparisons: tuple[Comparison, ...]
    rates: tuple[float, ...]
    errors: tuple[float, ...]
    slope: float
    slopes: tuple[float, ...]


def compare(
    method: Method,
    flow: MemoryFlow | None,
    loss: Loss,
    theta0: Any,
    steps: int,
    *,
    rtol: float = 1e-9,
    atol: float = 1e-12,
    solver: str = "auto",
    most: int = LARGEST,
    discrete: Array | None = None,
    **options: Any,
) -> Comparison:
    """Run ``method`` for N = ``steps`` steps and hold ``flow`` against it at every step's time n h.

    ``flow`` None: the second-order flow, ``flow_of(method)``.
    ``theta0``: shape (d,).  ``rtol`` and ``atol`` are the flow's solver's; the solver's own error estimate is in
    ``trajectory.error``.  Where N d exceeds ``most`` numbers, the first 20 steps and an even selection are compared.
    ``discrete``: the method's own run at ``selection(steps, d, most)`` (K, d), where it is known already.
    ``options``: of ``solve``, such as max_steps.
    Raises ValueError for bad input, FlowStopped where the flow cannot be solved."""
    integer("steps", steps, minimum=1)
    flow = flow_of(method) if flow is None else flow
    start = np.atleast_1d(np.array(theta0, dtype=float))
    if start.shape != (loss.size,):
        reject("theta0", theta0, f"an array of shape ({loss.size},), as the loss has {loss.size} parameters")
    chosen = selection(steps, start.size, most)
    if discrete is None:
        discrete = discrete_run(method, loss, start, chosen)
    elif discrete.shape != (chosen.size, start.size):
        reject("discrete", discrete.shape, f"of shape {(chosen.size, start.size)}")
    solved = solve(
        flow,
        loss,
        start,
        (0.0, steps * flow.duration),
        rtol=rtol,
        atol=atol,
        method=solver,
        save_at=chosen * flow.duration,
        **options,
    )
    return _compared(method, solved, chosen, discrete)


def convergence(
    method: Method,
    make: Callable[[Method], MemoryFlow],
    loss: Loss,
    theta0: Any,
    until: float,
    rates: Sequence[float],
    **options: Any,
) -> Convergence:
    """Compare over the time ``until`` at each learning rate of ``rates`` (at least 5), with the flow ``make(method)``.

    ``options`` as for ``compare``.  Every rate has to divide ``until`` to within a step.  Raises ValueError."""
    ordered = sorted({float(rate) for rate in rates}, reverse=True)
    if len(ordered) < 5 or not all(0 < rate < until for rate in ordered):
        reject("rates", rates, f"at least 5 different numbers between 0 and {until:g}: an order is a regression")
    found = []
    for rate in ordered:
        own = replace(method, lr=rate)
        flow = make(own)
        found.append(compare(own, flow, loss, theta0, max(1, round(until / flow.duration)), **options))
    errors = [comparison.error for comparison in found]
    across, up = np.log(ordered), np.log(errors)
    slopes = np.diff(up) / np.diff(across)
    slope = float(np.polyfit(across, up, 1)[0]) if min(errors) > 0 else math.inf
    return Convergence(tuple(found), tuple(ordered), tuple(errors), slope, tuple(map(float, slopes)))


def discrete_run(method: Method, loss: Loss, theta0: Array, chosen: Array) -> Array:
    """theta_n of the discrete method at the ascending steps ``chosen`` (K,): shape (K, d).  0/0 counts as 0."""
    kept = np.empty((chosen.size, theta0.size))
    wanted = {int(n): row for row, n in enumerate(chosen)}
    if 0 in wanted:
        kept[wanted[0]] = theta0
    zeros = None if float(getattr(method, "eps", 0)) > 0 else "zero-over-zero"
    for step in stream(method, lambda _, theta: loss.gradient(theta), theta0, int(chosen[-1]), zeros=zeros):
        row = wanted.get(step.n + 1)
        if row is not None:
            kept[row] = step.theta
    return kept


def layer_steps(method: Method) -> int:
    """In how many steps the first average forgets its start, to ``FORGOTTEN``; at least 1."""
    gamma = float(getattr(method, "gamma", 0))
    return max(1, math.ceil(math.log(FORGOTTEN) / math.log(gamma))) if gamma > 0 else 1


def selection(steps: int, size: int, most: int = LARGEST) -> Array:
    """The ascending steps (K,) at which a comparison of so many steps and parameters keeps both trajectories."""
    count = max(2, most // max(size, 1))
    if steps + 1 <= count:
        return np.arange(steps + 1)
    even = np.rint(np.linspace(0, steps, max(2, count - 20))).astype(int)
    return np.unique(np.concatenate([np.arange(min(20, steps)), even]))


def _compared(method: Method, solved: Trajectory, chosen: Array, discrete: Array) -> Comparison:
    difference = solved.theta - discrete
    deviation = np.abs(difference).max(axis=1)
    layer = layer_steps(method)
    within = chosen <= layer
    end = difference[within][-1]
    later = np.abs(difference[~within] - end).max() if (~within).any() else 0.0
    return Comparison(
        method=method,
        trajectory=solved,
        steps=chosen,
        discrete=discrete,
        deviation=deviation,
        error=float(deviation.max()),
        layer=layer,
        layer_error=float(deviation[within].max()),
        later_error=float(later),
        travelled=float(np.abs(discrete - discrete[0]).max()),
    )
