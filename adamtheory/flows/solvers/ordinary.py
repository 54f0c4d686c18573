"""DOP853 and Radau of SciPy on a flow's ordinary differential equation: cross-checks of the library's own solvers.

A flow whose update starts like a root of t is integrated in sqrt(t), where it is smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from adamtheory.flows._scipy import scipy_module
from adamtheory.flows.kernels import Array
from adamtheory.flows.solvers.common import History, NotFinite, Pieces, State, early_update, options
from adamtheory.flows.solvers.ordinary_form import Equations
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import Trajectory
from adamtheory.validation import boolean, reject

#: Radau's Jacobian is infinite where the second moment is 0: DOP853 takes a flow that starts so that far, in units of
#: the flow's duration
_OPENING = 1e-6
_LARGEST_RADAU = 300
#: SciPy's own limit of rtol, above rounding
_SMALLEST_RTOL = 1e-13
#: evaluations of the equation in one attempt at a step of DOP853
_STAGES = 12


def solve_dop853(task: Task) -> Trajectory:
    """The explicit method of order 8 (Hairer, Nørsett & Wanner 1993) of SciPy, with a tenth of the tolerances a step.

    ``error`` is nan, but with the option ``check=True`` it is the largest difference to a second solve with a
    thousandth of the tolerances, whose gradients are counted too."""
    return _checked(task, "dop853")


def solve_radau(task: Task) -> Trajectory:
    """The implicit method of order 5 (Hairer & Wanner 1996) of SciPy, for stiff problems of at most 300 parameters;
    option and ``error`` as of ``solve_dop853``; ``rejected`` is not known, and is 0.

    The Jacobian is exact where the loss has Hessian-vector products, else with the Hessian from d gradients."""
    if task.loss.size > _LARGEST_RADAU:
        reject("method", "radau", f"another one above {_LARGEST_RADAU} parameters (there are {task.loss.size})")
    return _checked(task, "radau")


def _checked(task: Task, method: str) -> Trajectory:
    options(task, method, ("check",))
    found = _Run(task, method, 0.1).solve()
    if not boolean("check", task.options.get("check", False)) or not found.t.size:
        return found
    again = _Run(replace(task, save_at=found.t, observer=None), method, 0.001).solve()
    return replace(
        found,
        error=float(np.abs(found.theta - again.theta).max()),
        gradient_evaluations=found.gradient_evaluations + again.gradient_evaluations,
    )


def finish_with_radau(
    task: Task, history: History, pieces: Pieces, equations: Equations, y: Array, rtol: float, atol: float
) -> None:
    """Go on to the end by Radau from y at time ``history.t`` > 0, where another solver stopped; the steps go into its
    ``history`` and ``pieces``.  FlowStopped as of any solver."""
    run = _Run(replace(task, rtol=rtol, atol=atol), "radau", 1.0)
    run.history, run.pieces, run.equations, run.root = history, pieces, equations, False
    run.state = equations.state(history.t, y)
    run._go("Radau", history.t, task.t_span[1], y)


class _Run:
    """One solve, with a part of the task's tolerances, in the variable t, or sqrt(t) for singular flows."""

    def __init__(self, task: Task, method: str, part: float) -> None:
        self.task = task
        self.method = method
        self.scipy = scipy_module("integrate", f"method={method!r}")
        self.rtol = max(task.rtol * part, _SMALLEST_RTOL)
        self.atol = task.atol * part
        self.history = History(task, method)
        self.pieces = Pieces(task.loss.size)
        self.root = task.flow.singular
        self.trouble: NotFinite | None = None

    def solve(self) -> Trajectory:
        end = self.task.t_span[1]
        try:
            self.equations = Equations(self.task)
        except NotFinite as trouble:
            raise self.history.stopped(0.0, trouble.reason, 1) from trouble
        y, self.state = self.equations.start(self.task.theta0)
        self.history.begin(self.state)
        opening = min(_OPENING * self.task.flow.duration, end)
        if self.method == "radau" and not self.state.v.all():
            y = self._go("DOP853", 0.0, opening, y)
            if opening < end:
                self._go("Radau", opening, end, y)
        else:
            self._go({"dop853": "DOP853", "radau": "Radau"}[self.method], 0.0, end, y)
        return self.history.finish(self.equations.gradient.calls, dense=self.pieces)

    def _time(self, s: float) -> float:
        return s * s if self.root else s

    def _go(self, name: str, start: float, end: float, y: Array) -> Array:
        """Step from time start to end; y at the end."""
        first, last = (math.sqrt(start), math.sqrt(end)) if self.root else (start, end)
        step = min(0.01 * self.task.flow.duration, end - start)
        extra: dict[str, Any] = {"jac": self._jacobian} if name == "Radau" else {}
        stepper = getattr(self.scipy, name)(
            self._slope,
            first,
            y,
            last,
            first_step=min(math.sqrt(step) if self.root and not start else step / (2 * first or 1), last - first),
            rtol=self.rtol,
            atol=self.equations.tolerances(self.state, self.rtol, self.atol),
            **extra,
        )
        while stepper.status == "running":
            self._step(stepper, last, end, counts=name == "DOP853")
        return np.array(stepper.y)

    def _step(self, stepper: Any, last: float, end: float, counts: bool) -> None:
        calls = self.equations.gradient.calls
        if self.history.exhausted:
            raise self.history.out_of_steps(calls, self.pieces)
        stepper.atol = self.equations.tolerances(self.state, self.rtol, self.atol)
        self.trouble = None
        before = stepper.nfev
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # an infinite error is a step taken back
                stepper.step()
        except (NotFinite, ValueError) as trouble:  # of the Jacobian; SciPy refuses to factorise what is not finite
            reason = getattr(trouble, "reason", "the solution diverges: its Jacobian is not finite")
            raise self.history.stopped(self.history.t, reason, self.equations.gradient.calls, self.pieces) from trouble
        calls = self.equations.gradient.calls
        if stepper.status == "failed":
            reason = self.trouble.reason if self.trouble else "the steps become too small for this precision"
            raise self.history.stopped(self.history.t, reason, calls, self.pieces)
        for _ in range((stepper.nfev - before) // _STAGES - 1 if counts else 0):
            self.history.reject()
        t = end if stepper.t == last else self._time(stepper.t)
        self.state = self._at(t, stepper.y)
        between = None
        if self.task.save_at is None or self.history.next_save < t:
            inside = stepper.dense_output()
            between = self._between(inside)
            self.pieces.add(t, self._theta(inside))
        self.history.accept(t, self.state, between)

    def _at(self, t: float, y: Array) -> State:
        try:
            return self.equations.state(t, y)
        except NotFinite as trouble:
            raise self.history.stopped(t, trouble.reason, self.equations.gradient.calls, self.pieces) from trouble

    def _between(self, inside: Callable[[float], Array]) -> Callable[[float], State]:
        return lambda t: self._at(t, inside(math.sqrt(t) if self.root else t))

    def _theta(self, inside: Callable[[float], Array]) -> Callable[[float], Array]:
        size = self.task.loss.size
        return lambda t: inside(math.sqrt(t) if self.root else t)[:size]

    def _slope(self, s: float, y: Array) -> Array:
        """dy/ds; nan where it is not finite, which makes SciPy take a shorter step."""
        try:
            slope = self.equations.slope(self._time(s), y)
        except NotFinite as trouble:
            if self.trouble is None or np.isfinite(y).all():  # else it is the nan of an earlier stage
                self.trouble = trouble
            return np.full_like(y, math.nan)
        if not self.root:
            return slope
        return 2 * (s or math.sqrt(early_update(self.task.flow, self.equations.g_start)[0])) * slope

    def _jacobian(self, s: float, y: Array) -> Array:
        jacobian = self.equations.jacobian(self._time(s), y)
        return 2 * s * jacobian if self.root else jacobian
