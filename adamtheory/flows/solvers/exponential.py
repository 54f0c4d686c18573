"""The exponential solver: adaptive steps limited by how smoothly the gradient changes, and by nothing else.

On each step the gradient is a polynomial in time through its values at past steps (as in Adams methods); given it,
memories, bias corrections and inertia are integrated exactly (``exponential_weights``, ``exponential_step``), so their
rates, of order 1/lr, put no limit on the step.  A step predicts from past gradients, evaluates one gradient at the
predicted end, and corrects; it evaluates again only where the prediction was too far off.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.solvers.common import Gradient, History, NotFinite, Pieces, State, options, start_state
from adamtheory.flows.solvers.exponential_control import OPTIONS, Control, Settings, error_weights, rounded, settings
from adamtheory.flows.solvers.exponential_newton import Secants
from adamtheory.flows.solvers.exponential_step import BLOCK, Body, Past, Stage, Stepper, blocks, divided, lagrange, powers
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import Trajectory

_MOST_PANELS = 64
_SWEEPS = 4
_REMEASURE = 10
_STIFF = 0.05


def solve_task(task: Task) -> Trajectory:
    """Solve by product integration of variable step and order.

    Options: ``max_order`` (2 to 8; default 8, less for very many parameters), ``fixed_step`` (constant steps at
    ``max_order`` after a start of smaller ones), ``estimate``: "companion" (default up to 10^5 parameters: a second
    solution of higher order is carried along, one more gradient a step, and the error is the difference) or "local"
    (the sum of the steps' own errors)."""
    options(task, "exponential", OPTIONS)
    with np.errstate(all="ignore"):  # what is not finite is found where it matters
        return _Run(task, settings(task)).solve()


@dataclass(frozen=True, eq=False)
class _Tried:
    """A step that may be accepted: where it ends in the coordinate, its panels with the maps to their nodes from the
    gradients at the points (newest first), the gradient at its end, in the unit of theta its errors by degree and what
    ending the sweeps leaves.  ``reach``: how much of the step the gradient at the end stands for, in time;
    ``new``: the state, where it is small enough to be kept."""

    end: float
    stages: list[Stage]
    maps: list[Array]
    points: Array
    g: Array
    errors: Array
    left: float
    reach: float
    new: Body | None


class _Run:
    """One solution on its way.  Coordinates are times, or their roots while ``root``."""

    def __init__(self, task: Task, how: Settings) -> None:
        self.task, self.how, self.flow = task, how, task.flow
        self.gradient = Gradient(task)
        self.history = History(task, "exponential")
        self.stepper = Stepper(task.flow)
        self.root = task.flow.singular
        self.lean = task.loss.size > BLOCK and task.save_at is not None
        g = self.gradient(task.theta0, 0.0)
        state = start_state(task.flow, task.theta0, g)
        self.history.begin(state)
        self.body = self.stepper.start(task.theta0, g, None if state.velocity is None else state.velocity.copy())
        self.past = Past(how.past, g)
        self.companion = self.body if how.companion else None
        self.companion_past = Past(how.past, g) if how.companion else None
        self.ahead = np.empty_like(task.theta0)
        self.error = 0.0
        self.panels = 1
        self.feedback, self.unmeasured = math.inf, 0  # of theta on itself through the gradient, per time
        self.secants = Secants(task.loss.size) if task.loss.size <= BLOCK else None
        self.push, self.worth = 0.0, np.zeros_like(g)  # the feedback before secants help; theta' by gradient
        self.scale = float(np.abs(task.theta0).max(initial=0.0))
        self.dense = Pieces(task.loss.size) if task.save_at is None else None

    @property
    def at(self) -> float:
        """Where the solution stands, in the coordinate."""
        return float(self.past.at[0])

    def time(self, at: float) -> float:
        """The time of a coordinate."""
        return at * at if self.root else at

    def coordinate(self, t: float) -> float:
        """The coordinate of a time."""
        return math.sqrt(t) if self.root else t

    @property
    def tolerance(self) -> float:
        """The error in theta that is asked for."""
        return self.task.atol + self.task.rtol * self.scale

    def solve(self) -> Trajectory:
        """Step to the end."""
        end = self.task.t_span[1]
        control = Control(self.how, end, self.coordinate(min(end / 100, 0.01 * self.flow.duration)))
        while self.history.t < end:
            if self.history.exhausted:
                raise self.history.out_of_steps(self.gradient.calls, self.dense)
            t = self.target(control)
            allowed = control.share(t - self.history.t) * self.tolerance
            try:
                tried = self.attempt(t, control, allowed)
                worst = control.worst(tried.errors) + tried.left
                if worst <= allowed:
                    self.accept(t, tried, worst)
                    control.accepted(tried.errors, allowed)
                    self.leave_root(t, control)
                    continue
                factor = 0.5 if tried.left > allowed / 2 else control.shorter(tried.errors, allowed)
                reason = "the gradient changes too fast for any step"
            except NotFinite as trouble:
                factor, reason = 0.25, trouble.reason
            self.history.reject()
            control.step = factor * (self.coordinate(t) - self.at)
            if control.step <= 1e-13 * max(self.at, self.coordinate(self.flow.duration)):
                raise self.history.stopped(self.history.t, reason, self.gradient.calls, self.dense)
        return self.history.finish(self.gradient.calls, self.error, self.dense)

    def target(self, control: Control) -> float:
        """The time that the next step goes to."""
        stop = self.history.next_save if self.lean else self.task.t_span[1]
        t = self.time(self.at + rounded(control.step))
        return stop if t > stop - 1e-4 * (t - self.history.t) else t

    def attempt(self, t: float, control: Control, allowed: float) -> _Tried:
        """A step to time t: predicted, corrected, and corrected again where that is needed."""
        to, k = self.coordinate(t), min(control.degree, len(self.past.at))
        points = np.concatenate(([to], self.past.at))
        stages = self.predict(to, points, k, allowed)
        maps = [lagrange(stage.nodes, points[: k + 1]) for stage in stages]
        weights = error_weights(points, k, self.root)
        reach = sum(abs(float(stage.weights @ m[:, 0])) for stage, m in zip(stages, maps, strict=True))
        g, against, moved = self.gradient(self.ahead, t), None, 0.0
        for sweep in range(_SWEEPS):
            where = self.ahead if self.secants is None else self.ahead.copy()
            used = self.improved(stages, maps, g, where, reach, self.body, self.past)
            change, errors, shift, new = self.correct(stages, maps, used, against, weights, t)
            if against is not None and moved > 0:
                self.feedback, self.unmeasured = shift / moved, 0
            left = self.feedback * reach * change if change else 0.0
            if (left <= 0.1 * allowed and self.unmeasured < _REMEASURE) or sweep == _SWEEPS - 1:
                break
            before, g, moved = g, self.gradient(self.ahead, t), change
            against = (g, used)
            if self.secants is not None:
                self.secants.add(self.ahead - where, g - before)
                self.push = float((self.worth * np.abs(g - before)).max()) / change if change else 0.0
        return _Tried(to, stages, maps, points, used, errors, left, reach, new)

    def improved(
        self, stages: list[Stage], maps: list[Array], g: Array, where: Array, reach: float, body: Body, past: Past,
        missed: Array | None = None,
    ) -> Array:
        """The gradient to correct with: g, seen at ``where``, and what the way from there to the solution adds."""
        if self.secants is None or not len(self.secants) or self.push * reach < _STIFF:
            return g
        known = gathered(g, past, maps, missed)
        plain = self.stepper.advance(stages, maps, body, known)[0].theta
        nudge = 1e-5 * np.where(self.worth > 0, self.flow.speed / np.where(self.worth > 0, self.worth, 1.0), 1.0)
        known[0] += nudge
        response = (self.stepper.advance(stages, maps, body, known)[0].theta - plain) / nudge
        return g + self.secants.correction(plain - where, response)

    def predict(self, to: float, points: Array, k: int, allowed: float) -> list[Stage]:
        """theta at the end from past gradients, in ``ahead``; and the panels that resolve it."""
        count = max(self.panels, self.stepper.panels_needed(self.at, to, self.root))
        while True:
            stages = self.stepper.stages(self.at, to, self.root, count)
            maps = [lagrange(stage.nodes, points[1 : k + 1]) for stage in stages]
            rough = 0.0
            for block in blocks(len(self.ahead)):
                new, unresolved = self.stepper.advance(stages, maps, self.body.part(block), self.past.known(k, block))
                self.ahead[block] = new.theta
                rough = max(rough, unresolved)
            if rough <= 0.1 * allowed or count >= _MOST_PANELS:
                break
            count *= 2
        self.panels = count if rough > 1e-5 * allowed else max(1, count // 2)
        return stages

    def correct(
        self, stages: list[Stage], maps: list[Array], g: Array, against: tuple[Array, Array] | None, weights: Array, t: float
    ) -> tuple[float, Array, float, Body | None]:
        """theta at the end with the gradient g there, in ``ahead``: how much that changed, the errors by degree, what
        the change of the gradient since ``before`` is worth per time, and the state where it is one block."""
        change, shift, errors, new = 0.0, 0.0, np.zeros(3), None
        gain, floor = self.flow.gain(t), self.flow.floor(t)
        used = maps[0].shape[1]
        for block in blocks(len(g)):
            known = np.concatenate((g[None, block], self.past.known(len(self.past.at), block)))
            new, _ = self.stepper.advance(stages, maps, self.body.part(block), known[:used])
            change = max(change, float(np.abs(new.theta - self.ahead[block]).max()))
            self.ahead[block] = new.theta
            below = np.sqrt(np.abs(self.stepper.moments(new, known[0])[1])) + floor
            worth = np.where(below > 0, self.flow.speed * gain / below, 0.0)
            errors = np.maximum(errors, (worth * np.abs(weights @ known)).max(axis=1))
            if against is not None:
                shift = max(shift, float((worth * np.abs(against[0][block] - against[1][block])).max()))
            if self.secants is not None:
                self.worth = worth
        return change, errors, shift, new if len(g) <= BLOCK else None

    def accept(self, t: float, tried: _Tried, worst: float) -> None:
        """Take the step, in the companion too, and record it."""
        accompanied = None
        if self.companion is not None and self.companion_past is not None:
            accompanied = self.accompany(t, tried, self.companion, self.companion_past)
        begun, between = self.body, None
        if not self.lean:
            known = np.concatenate((tried.g[None], self.past.known(len(tried.points) - 1)))
            between = self.inside(begun, tried, known)
            self.body = tried.new or self.advanced(begun, tried.stages, tried.maps, tried.g, self.past)
        else:
            self.advanced(begun, tried.stages, tried.maps, tried.g, self.past, into=begun)
        self.past.push(tried.end, tried.g)
        if accompanied is not None:
            self.companion = accompanied
            self.error = max(self.error, float(np.abs(accompanied.theta - self.body.theta).max()))
        else:
            self.error += worst
        self.unmeasured += 1
        self.scale = max(self.scale, float(np.abs(self.body.theta).max(initial=0.0)))
        if self.dense is not None and between is not None:
            self.dense.add(t, lambda time: between(time).theta)
        if self.history.wants(t):
            self.history.accept(t, self.state(self.body, tried.g), between)
        else:
            self.history.skip(t)

    def accompany(self, t: float, tried: _Tried, body: Body, past: Past) -> Body:
        """The companion's step: its own gradients, and what the polynomial through them misses by those of the solution
        itself; so it is of higher order, and as stable."""
        maps, missed = tried.maps, None
        used = maps[0].shape[1]
        if len(tried.points) > used:
            missed = divided(tried.points[: used + 1]) @ np.concatenate((tried.g[None], self.past.known(used)))
            maps = [np.hstack((m, powers(s.nodes, tried.points[: used + 1]))) for s, m in zip(tried.stages, maps)]
        g = tried.g + (past.known(1)[0] - self.past.known(1)[0])  # their difference changes slowly
        new = self.advanced(body, tried.stages, maps, g, past, missed)
        seen = self.gradient(new.theta, t)
        g = self.improved(tried.stages, maps, seen, new.theta, tried.reach, body, past, missed)
        if g is not seen:
            new = self.advanced(body, tried.stages, maps, g, past, missed)
        past.push(tried.end, g)
        return new

    def advanced(
        self, body: Body, stages: list[Stage], maps: list[Array], g: Array, past: Past,
        missed: Array | None = None, into: Body | None = None,
    ) -> Body:
        """The state after the step, written into another where that is given."""
        into = into or body.like()
        for block in blocks(len(g)):
            known = gathered(g, past, maps, missed, block)
            into.write(block, self.stepper.advance(stages, maps, body.part(block), known)[0])
        return into

    def inside(self, begun: Body, tried: _Tried, known: Array) -> Callable[[float], State]:
        """The state at any time within the step."""
        stepper, root, count, points = self.stepper, self.root, len(tried.stages), tried.points
        used = tried.maps[0].shape[1]

        def state(t: float) -> State:
            start, to = float(points[1]), math.sqrt(t) if root else t
            if to <= start:
                return self.state(begun, known[1])
            panels = max(math.ceil(count * (to - start) / (points[0] - start)), stepper.panels_needed(start, to, root))
            with np.errstate(all="ignore"):
                stages = stepper.stages(start, to, root, panels)
                maps = [lagrange(stage.nodes, points[:used]) for stage in stages]
                body, _ = stepper.advance(stages, maps, begun, known[:used])
                g = lagrange(np.array([to]), points[:used]) @ known[:used]
                return self.state(body, g[0])

        return state

    def state(self, body: Body, g: Array) -> State:
        """What is reported."""
        return State(body.theta, *self.stepper.moments(body, g), body.psi)

    def leave_root(self, t: float, control: Control) -> None:
        """Go over to time as the coordinate where the start no longer shows."""
        if self.root and control.step * 2 * self.at <= t / 20:
            control.step *= 2 * self.at
            self.root = False
            for past in (self.past, self.companion_past):
                if past is not None:
                    past.to_times()
            self.past.at[0] = t


def gathered(g: Array, past: Past, maps: list[Array], missed: Array | None, block: slice = slice(None)) -> Array:
    """What the maps take: the gradient at the end, past ones, and ``missed`` where it is given."""
    past_ones = past.known(maps[0].shape[1] - 1 - (missed is not None), block)
    return np.concatenate((g[None, block], past_ones, *([] if missed is None else [missed[None, block]])))
