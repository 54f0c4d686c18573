"""A certified reference for small problems: Taylor steps in Arb balls, with every remainder bounded.

A step needs two things.  *Where the solution lives*: let the right side f be analytic and at most M_i in component i on
complex discs of radius rho around t and b_i around the start of component i, with rho M_i <= b_i.  Then the solution is
analytic for |s| < rho and stays in those discs (Cauchy's existence theorem).  *How much is cut off*: its coefficients
beyond the start's are therefore at most b_i / rho^k (Cauchy's estimate), and those beyond order K add up to at most
b_i q^(K+1)/(1 - q) at s = q rho.

Balls are carried from step to step as they are; what they grow by, as no dependence is tracked, is bought with digits:
a factor of about exp(2 t/inertia) for second-order flows, so that time t costs some t^3, and tens of the discrete steps
are within reach; hundreds for flows without inertia.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
from flint import acb, arb

from adamtheory.flows.kernels import Array
from adamtheory.flows.solvers.common import History, Pieces, State, options
from adamtheory.flows.solvers.taylor_equations import SymbolicEquations
from adamtheory.flows.solvers.taylor_jets import Jets
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import Trajectory
from adamtheory.lowering.ball import BallArithmetic
from adamtheory.lowering.complex_ball import ComplexBallArithmetic
from adamtheory.lowering.lowered import lower
from adamtheory.validation import reject

_BITS, _LARGEST_BITS = 128, 8192
#: bits that the discs are found at: their radii need no more
_ROUGH_BITS = 64
#: the step over the radius of the disc: a smaller one needs fewer orders, but more steps
_SHARE = 0.25
_LARGEST_SIZE = 8
#: in units of the flow's duration: below it the solution is taken to have met a singularity
_SMALLEST_DISC = 1e-9


def solve_task(task: Task) -> Trajectory:
    """Solve a flow whose gradient is an expression, with a rigorous bound: ``error`` holds for theta at every time of
    the trajectory, rounding to float64 included, and for its dense output.

    Options: ``gradient``, one expression or several of the symbols theta_0, theta_1, ... (real), or ``expression``, the
    loss itself, such as ``Problem.expression``: sums, products, rational powers, exp, log and tanh.  The bound is on
    the flow with exactly the numbers that it holds.  ``gradient_evaluations`` counts the expression's evaluations.

    At most 8 parameters, and a second moment above 0 at the start (a flow that starts at zero memory is singular
    there).  The precision is raised until the bound is below ``atol + rtol max|theta|``; FlowStopped where that does
    not help, or where no disc is found."""
    options(task, "taylor", ("gradient", "expression"))
    if task.loss.size > _LARGEST_SIZE:
        reject("method", "taylor", f"another one above {_LARGEST_SIZE} parameters (there are {task.loss.size})")
    run = Enclosure(task)
    reached = run.solve(_BITS)
    while reached < task.t_span[1] and run.too_wide and run.bits < _LARGEST_BITS:
        # The radius grows by about the same factor in the same time.
        needed = 1.1 * run.bits * task.t_span[1] / max(reached, task.t_span[1] / 8) + 64
        reached = run.solve(min(_LARGEST_BITS, math.ceil(needed / 64) * 64))
    return run.report()


@dataclass(frozen=True, eq=False)
class Step:
    """The solution on [t, end] in balls: ``coefficients[i]`` of s = time - t, up to an error of
    ``widths[i] (s/rho)^(K+1)/(1 - s/rho)``, K their last order."""

    t: float
    end: float
    coefficients: list[list[Any]]
    rho: float
    widths: list[Any]

    def at(self, time: float, component: int) -> Any:
        """A ball around one component of y; in the precision of the scope."""
        s = arb(time) - arb(self.t)
        row = self.coefficients[component]
        total = arb(0)
        for coefficient in reversed(row):
            total = total * s + coefficient
        q = s / self.rho
        return total + arb(0, (self.widths[component] * q ** len(row) / (1 - q)).abs_upper())


class _Analytic(ComplexBallArithmetic):
    """Not finite on a branch cut."""

    def __init__(self) -> None:
        super().__init__()
        self._analytic = True


class Enclosure:
    """The solution in balls: ``solve`` fills ``steps``, and ``report`` rounds them to a Trajectory."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.equations = SymbolicEquations(task)
        self.jets = Jets(self.equations.slopes, self.equations.symbols)
        self.rough = lower(self.equations.slopes, self.equations.symbols, _Analytic())
        self.steps: list[Step] = []
        self.bits = _BITS
        self.evaluations = 0
        self.too_wide = False
        self.reason = ""

    def solve(self, bits: int) -> float:
        """Fill ``steps``, at this precision, as far as it goes; the time reached."""
        end, tolerance = self.task.t_span[1], self.task.atol + self.task.rtol * np.abs(self.task.theta0).max()
        self.bits, self.steps, self.too_wide, self.reason = bits, [], False, ""
        with flint.ctx.workprec(bits):
            self.exact = lower([*self.equations.moments], self.equations.symbols, BallArithmetic(bits=bits))
            y = self.start()
            t, rho = 0.0, self.task.flow.duration
            while t < end:
                if len(self.steps) >= self.task.max_steps:
                    self.reason = f"max_steps = {self.task.max_steps} are used up"
                    return t
                found = self._disc(t, y, 2 * rho)
                if found is None:
                    self.reason = "no disc around the solution is found on which the flow is analytic"
                    return t
                rho, widths = found
                step = self._step(t, min(end, t + _SHARE * rho), y, rho, widths)
                y = [step.at(step.end, i) for i in range(len(y))]
                if not all(ball.is_finite() for ball in y) or step.end <= t:
                    self.reason = "the enclosure is not finite"
                    return t
                self.steps.append(step)
                t = step.end
                largest = max(float(ball.abs_upper()) for ball in y[: self.task.loss.size])
                tolerance = max(tolerance, self.task.atol + self.task.rtol * largest)
                if max(float(ball.rad()) for ball in y[: self.task.loss.size]) > tolerance / 2:
                    self.too_wide = True
                    self.reason = f"the bound exceeds the tolerance at {bits} bits"
                    return t
        return t

    def start(self) -> list[Any]:
        """y(0) in balls; ValueError where the second moment is not above 0."""
        equations, size = self.equations, self.task.loss.size
        theta = [arb(float(x)) for x in self.task.theta0]
        ball = BallArithmetic(bits=self.bits)
        self.g_start = [ball.finish(g) for g in lower(equations.gradient, equations.theta, ball).raw(*theta)]
        y = theta + [arb(0)] * (len(equations.y) - size)
        inputs = [arb(0), *y, *self.g_start]
        for v in self.exact.raw(*inputs)[size:]:
            if not ball.finish(v) > 0:
                reject("start", self.task.flow.name, "one with a second moment above 0, for method='taylor'")
        if self.task.flow.inertia and self.task.flow.velocity != "zero":
            y[size : 2 * size] = lower(equations.pulls, equations.symbols, ball).raw(*inputs)
        return y

    def _disc(self, t: float, y: Sequence[Any], rho: float) -> tuple[float, list[Any]] | None:
        """(rho, b) with rho M_i <= b_i, as in the module's description, for a rho not above the one given."""
        with flint.ctx.workprec(_ROUGH_BITS):
            constant = [acb(g) for g in self.g_start]
            smallest = _SMALLEST_DISC * self.task.flow.duration
            while rho > smallest:
                widths = [arb(0)] * len(y)
                for _ in range(8):
                    inside = [_disc(ball, width) for ball, width in zip(y, widths, strict=True)]
                    slopes = self.rough.raw(_disc(arb(t), arb(rho)), *inside, *constant)
                    self.evaluations += 1
                    reach = [rho * acb(slope).abs_upper() for slope in slopes]
                    if not all(x.is_finite() for x in reach):
                        break
                    if all(x <= width for x, width in zip(reach, widths, strict=True)):
                        return rho, widths
                    widths = [(1.25 * x).upper() for x in reach]
                rho /= 2
        return None

    def _step(self, t: float, end: float, y: Sequence[Any], rho: float, widths: list[Any]) -> Step:
        orders = math.ceil(self.bits / -math.log2(_SHARE))
        self.jets.begin()
        rows = [[ball] for ball in y]
        time: list[Any] = [arb(t), arb(1)]
        for k in range(orders):
            now = time[k] if k < 2 else None
            g_start = self.g_start if k == 0 else [None] * len(self.g_start)
            slopes = self.jets.extend([now, *[row[k] for row in rows], *g_start])
            self.evaluations += 1
            for row, slope in zip(rows, slopes, strict=True):
                row.append(arb(0) if slope is None else slope / (k + 1))
        return Step(t, end, rows, rho, widths)

    def report(self) -> Trajectory:
        """The steps as a Trajectory.  FlowStopped where they do not reach the end."""
        history, pieces = History(self.task, "taylor"), Pieces(self.task.loss.size)
        worst = 0.0
        with flint.ctx.workprec(self.bits):
            history.begin(self._state(0.0, self.start()))
            for step in self.steps:
                ends = [step.at(step.end, i) for i in range(len(self.equations.y))]
                worst = max(worst, *self._inside(step))
                pieces.add(step.end, self._dense(step))
                history.accept(step.end, self._state(step.end, ends), lambda time, step=step: self._between(step, time))  # type: ignore[misc]
        if self.reason:
            raise history.stopped(history.t, self.reason, self.evaluations, pieces)
        return history.finish(self.evaluations, worst, pieces)

    def _inside(self, step: Step) -> list[float]:
        """What each theta may be off by anywhere in the step, rounding to float64 included."""
        h = arb(step.end) - arb(step.t)
        found = []
        for i in range(self.task.loss.size):
            row = step.coefficients[i]
            radius = sum((c.rad() * h**k for k, c in enumerate(row)), arb(0)) + step.at(step.end, i).rad()
            size = sum((c.abs_upper() * h**k for k, c in enumerate(row)), arb(0))
            found.append(_up(radius + size * 2.0**-52))
        return found

    def _state(self, t: float, y: Sequence[Any]) -> State:
        size = self.task.loss.size
        moments = [arb(x) for x in self.exact.raw(arb(t), *y, *self.g_start)]
        rows = [list(y[:size]), moments[:size], moments[size:]]
        theta, m, v = (np.array([float(x.mid()) for x in row]) for row in rows)
        velocity = np.array([float(x.mid()) for x in y[size : 2 * size]]) if self.task.flow.inertia else None
        return State(theta, m, v, velocity)

    def _between(self, step: Step, time: float) -> State:
        return self._state(time, [step.at(time, i) for i in range(len(self.equations.y))])

    def _dense(self, step: Step) -> Any:
        bits = self.bits

        def theta(time: float) -> Array:
            with flint.ctx.workprec(bits):
                return np.array([float(step.at(time, i).mid()) for i in range(self.task.loss.size)])

        return theta


def _disc(ball: Any, width: Any) -> Any:
    """A complex ball around every disc of radius ``width`` whose centre is in the real ball."""
    return acb(ball + arb(0, width), arb(0, width))


def _up(number: Any) -> float:
    return math.nextafter(float(arb(number).abs_upper()), math.inf)
