"""One call for every solver: ``solve``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.loss import Loss
from adamtheory.flows.memory import MemoryFlow
from adamtheory.flows.trajectory import Trajectory
from adamtheory.validation import integer, one_of, reject

#: method -> "module:function", each taking a Task
SOLVERS = {
    "exponential": "adamtheory.flows.solvers.exponential:solve_task",
    "etd": "adamtheory.flows.solvers.etd:solve_task",
    "volterra": "adamtheory.flows.solvers.volterra:solve_task",
    "compressed": "adamtheory.flows.solvers.compressed:solve_task",
    "dop853": "adamtheory.flows.solvers.ordinary:solve_dop853",
    "radau": "adamtheory.flows.solvers.ordinary:solve_radau",
    "euler": "adamtheory.flows.solvers.euler:solve_task",
    "picard": "adamtheory.flows.solvers.picard:solve_task",
    "taylor": "adamtheory.flows.solvers.taylor:solve_task",
}


@dataclass(frozen=True, eq=False)
class Task:
    """A checked problem, as every solver receives it.

    ``save_at``: times to report, or None for the solver's own steps with dense output.  ``observer(t, theta, m, v)``
    is called after each accepted step (arrays are the solver's own: copy what is to be kept).  ``options``: what one
    method alone knows."""

    flow: MemoryFlow
    loss: Loss
    theta0: Array
    t_span: tuple[float, float]
    rtol: float
    atol: float
    save_at: Array | None
    observer: Callable[[float, Array, Array, Array], None] | None
    max_steps: int
    options: dict[str, Any]


def solve(
    flow: MemoryFlow,
    loss: Loss,
    theta0: Any,
    t_span: Sequence[float],
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    method: str = "auto",
    save_at: Any = None,
    observer: Callable[[float, Array, Array, Array], None] | None = None,
    max_steps: int = 1_000_000,
    **options: Any,
) -> Trajectory:
    """Solve ``flow`` on ``loss`` from ``theta0`` (shape (d,), or a number where d = 1) over t_span = (0, T).

    The error in theta over the whole trajectory is kept near ``atol + rtol * max|theta|``; ``Trajectory.error`` is the
    estimate of what it is.  ``method``: "auto" (exponential where every kernel is a sum of exponentials, compressed
    where the others have a known ``spectrum`` and are not singular, else volterra), "exponential", "volterra",
    "compressed", "dop853", "radau", "taylor"; and the sources' own schemes as baselines, "euler" (Gould & Tanaka 2024,
    Appendix I; option ``substeps``) and "picard" (Heredia 2024).
    ``save_at``: the times to keep, ascending; without it the trajectory has dense output.

    Raises ValueError or TypeError for bad input, and FlowStopped, with the trajectory up to there, where the loss
    returns a number that is not finite, the solution diverges, or ``max_steps`` are used up."""
    if not isinstance(flow, MemoryFlow):
        reject("flow", flow, "a flow such as flows.adam_flow(AdamW(lr='0.001'))", TypeError)
    if not isinstance(loss, Loss):
        reject("loss", loss, "a Loss, such as flows.problem('quadratic').loss", TypeError)
    one_of("method", method, ["auto", *SOLVERS])
    task = Task(
        flow,
        loss,
        _start(theta0, loss.size),
        _span(t_span),
        _tolerance("rtol", rtol),
        _tolerance("atol", atol),
        _times(save_at, _span(t_span)),
        observer,
        integer("max_steps", max_steps, minimum=1),
        options,
    )
    if method == "auto":
        kernels = [moment.kernel for moment in (flow.first, flow.second) if moment is not None]
        others = [kernel for kernel in kernels if kernel.modes is None]
        known = all(kernel.spectrum(np.zeros(1)) is not None and kernel.singular <= 0 for kernel in others)
        method = ("compressed" if known else "volterra") if others else "exponential"
    module, _, function = SOLVERS[method].partition(":")
    solved: Trajectory = getattr(import_module(module), function)(task)
    return solved


def _start(theta0: Any, size: int) -> Array:
    start = np.atleast_1d(np.array(theta0, dtype=float))
    if start.shape != (size,):
        reject("theta0", theta0, f"an array of shape ({size},), as the loss has {size} parameters")
    if not np.isfinite(start).all():
        reject("theta0", theta0, "finite everywhere")
    return start


def _span(t_span: Sequence[float]) -> tuple[float, float]:
    try:
        first, last = (float(x) for x in t_span)
    except (TypeError, ValueError):
        reject("t_span", t_span, "two numbers (0, T)")
    if not (first == 0 and 0 < last < math.inf):
        reject("t_span", tuple(t_span), "(0, T) with 0 < T < infinity: a flow's memory starts at 0")
    return first, last


def _tolerance(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        reject(name, value, "a finite number > 0")
    return float(value)


def _times(save_at: Any, span: tuple[float, float]) -> Array | None:
    if save_at is None:
        return None
    times = np.atleast_1d(np.array(save_at, dtype=float))
    inside = times.ndim == 1 and times.size and np.isfinite(times).all() and (np.diff(times) > 0).all()
    if not inside or times[0] < span[0] or times[-1] > span[1] * (1 + 1e-12):
        reject("save_at", save_at, f"ascending times within [{span[0]:g}, {span[1]:g}]")
    return np.minimum(times, span[1])
