"""Many strongly convex quadratic losses as one: how fast their gaps really fall along a flow.

The flows act coordinate by coordinate, so that B losses of d parameters, side by side, are one loss of B d."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.loss import Loss
from adamtheory.flows.memory import MemoryFlow
from adamtheory.flows.solving import solve
from adamtheory.lyapunov.losses import positive
from adamtheory.validation import integer, reject


@dataclass(frozen=True, eq=False)
class Quadratics:
    """``hessians`` (B, d, d), symmetric and positive definite; ``starts`` (B, d); the minimum is 0, at 0."""

    hessians: Array
    starts: Array

    @property
    def loss(self) -> Loss:
        """All of them as one loss of B d parameters."""
        shape = self.starts.shape

        def gradient(x: Array) -> Array:
            return np.asarray((self.hessians @ x.reshape(*shape, 1)).reshape(-1))

        return Loss(lambda x: float(self.gaps(x).sum()), gradient, self.starts.size, name="quadratics")

    def gaps(self, theta: Array) -> Array:
        """f - inf f of each, shape (..., B) for theta of shape (..., B d)."""
        x = theta.reshape(*theta.shape[:-1], *self.starts.shape)
        return np.asarray(0.5 * np.einsum("...bi,bij,...bj->...b", x, self.hessians, x))

    def along(self, flow: MemoryFlow, times: Any, **options: Any) -> Array:
        """The gaps at ``times`` (ascending, > 0) along the flow, shape (len(times), B); ``options``: of ``solve``."""
        at = np.asarray(times, dtype=float)
        solved = solve(flow, self.loss, self.starts.reshape(-1), (0.0, float(at[-1])), save_at=at, **options)
        return self.gaps(solved.theta)


def random_quadratics(
    count: int, size: int, condition: float, *, seed: int, smoothness: float | None = None, initial_gap: float = 1.0
) -> Quadratics:
    """``count`` quadratics of ``size`` parameters with curvatures in [L/condition, L], both ends among them, in random
    directions, from random starts of this gap.  ``smoothness`` L is ``condition`` by default: curvatures from 1."""
    integer("count", count, minimum=1)
    integer("size", size, minimum=1)
    if positive("condition", condition) < 1:
        reject("condition", condition, ">= 1")
    if size == 1 and condition != 1:
        reject("condition", condition, "1 for one parameter")
    random = np.random.default_rng(seed)
    largest = condition if smoothness is None else positive("smoothness", smoothness)
    curvatures = largest / condition ** random.uniform(0, 1, (count, size))
    curvatures[:, 0] = largest / condition
    curvatures[:, -1] = largest
    directions = np.linalg.qr(random.normal(size=(count, size, size)))[0]
    hessians = np.einsum("bij,bj,bkj->bik", directions, curvatures, directions)
    starts = np.einsum("bij,bj->bi", directions, random.normal(size=(count, size)))
    gaps = 0.5 * np.einsum("bi,bij,bj->b", starts, hessians, starts)
    return Quadratics(hessians, starts * np.sqrt(positive("initial_gap", initial_gap) / gaps)[:, None])


def observed_rate(gaps: Array, times: Array, fall: float = 1e-3) -> Array:
    """-log(gap/initial gap)/time when each gap has first fallen to ``fall`` of its first value, or at the end; shape
    (B,).  ``gaps`` (T, B) at ``times`` (T,), the first of them at time 0."""
    share = gaps / gaps[0]
    fallen = share <= fall
    at = np.where(fallen.any(axis=0), fallen.argmax(axis=0), len(times) - 1)
    return np.asarray(-np.log(share[at, np.arange(gaps.shape[1])]) / times[at])
