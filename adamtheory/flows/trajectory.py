"""What a solver leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adamtheory.flows.kernels import Array
from adamtheory.flows.memory import MemoryFlow


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A solved flow at N times in ascending order, d parameters.

    ``t`` (N,); ``theta``, ``m``, ``v`` (N, d): parameters and moments (not bias-corrected); ``velocity`` (N, d) for
    second-order flows, else None.  ``error``: the solver's estimate of the largest error in theta over the trajectory,
    in the unit of theta (nan where the method has none).  ``gradient_evaluations``: calls of the loss's gradient;
    ``steps``: accepted steps, ``rejected``: those taken back.  ``dense``: theta at any times between t[0] and t[-1], or
    None where only ``save_at`` was asked for."""

    flow: MemoryFlow
    method: str
    t: Array
    theta: Array
    m: Array
    v: Array
    velocity: Array | None
    error: float
    gradient_evaluations: int
    steps: int
    rejected: int
    dense: Callable[[Array], Array] | None = None

    def __call__(self, times: Any) -> Array:
        """theta at the times, shape (len(times), d).  ValueError outside the solved span or without dense output."""
        import numpy as np

        from adamtheory.validation import reject

        wanted = np.atleast_1d(np.asarray(times, dtype=float))
        if self.dense is None:
            reject("times", times, "one of the saved times: there is no dense output when save_at is given")
        slack = 1e-12 * max(1.0, abs(float(self.t[-1])))
        if wanted.size and not (wanted.min() >= self.t[0] - slack and wanted.max() <= self.t[-1] + slack):
            reject("times", times, f"within [{self.t[0]:g}, {self.t[-1]:g}]")
        return self.dense(np.clip(wanted, self.t[0], self.t[-1]))


class FlowStopped(RuntimeError):
    """A solver could not go on: the loss returned a number that is not finite, the solution diverged, or steps ran out.

    The message says where and why; ``trajectory`` is what was solved up to there."""

    def __init__(self, message: str, trajectory: Trajectory) -> None:
        super().__init__(message)
        self.trajectory = trajectory
