"""The exponential solver: adaptive steps limited by how smoothly the gradient changes, and by nothing else.

On each step the gradient is a polynomial in time through its values at past steps (as in Adams methods); given it,
memories, bias corrections and inertia are integrated exactly (``exponential_weights``, ``exponential_step``), so their
rates, of order 1/lr, put no limit on the step.  A step predicts from past gradients, evaluates one gradient at the
predicted end, and corrects; it evaluates again only where the prediction was too far off (``exponential_attempt``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.solvers.common import Gradient, History, NotFinite, Pieces, State, options, start_state
from adamtheory.flows.solvers.exponential_attempt import Corrector, Tried
from adamtheory.flows.solvers.exponential_companion import CAUTION, Companion
from adamtheory.flows.solvers.exponential_control import MANY, OPTIONS, Control, Settings, rounded, settings
from adamtheory.flows.solvers.exponential_past import Past, Points
from adamtheory.flows.solvers.exponential_step import Body, Stepper
from adamtheory.flows.solvers.exponential_stiff import LARGEST, finish, follow
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import Trajectory


def solve_task(task: Task) -> Trajectory:
    """Solve by product integration of variable step and order; what turns stiff with at most 64 parameters, Radau ends.

    Options: ``max_order`` (2 to 8; default 8, less for very many parameters), ``fixed_step`` (constant steps at
    ``max_order`` after a start of smaller ones, whatever the tolerance), ``estimate``: "companion" (default up to 10^5
    parameters: a second solution of higher order is carried along, for about one more gradient on every other step, and
    the error is 1.5 times its distance) or "local" (the sum of the steps' own errors, nothing of how they grow or
    die out)."""
    options(task, "exponential", OPTIONS)
    with np.errstate(all="ignore"):  # what is not finite is found where it matters
        return _Run(task, settings(task)).solve()


class _Run:
    """One solution on its way.  Coordinates are times, or their roots while ``root``."""

    def __init__(self, task: Task, how: Settings) -> None:
        self.task, self.how, self.flow = task, how, task.flow
        self.end = task.t_span[1]
        self.gradient = Gradient(task)
        self.watch: Callable[[float, Array], None] | None = None  # sees theta once Radau has taken over
        observed = replace(task, observer=self.observe) if task.loss.size <= LARGEST else task
        self.history = History(observed, "exponential")
        self.stepper = Stepper(task.flow, 10 if how.degree > 3 else 6)  # as the polynomials need
        self.root = task.flow.singular
        self.lean = task.loss.size > MANY and task.save_at is not None
        self.dense = Pieces(task.loss.size) if task.save_at is None else None
        self.scale = float(np.abs(task.theta0).max(initial=0.0))
        self.error = 0.0
        self.control = Control(how, self.end, self.coordinate(min(self.end / 100, 0.01 * self.flow.duration)))

    def begin(self) -> None:
        """Start at t = 0."""
        theta = self.task.theta0
        try:
            g = self.gradient(theta, 0.0)
        except NotFinite as trouble:
            raise self.history.stopped(0.0, trouble.reason, self.gradient.calls) from None
        state = start_state(self.flow, theta, g)
        self.history.begin(state, own=True)
        velocity = state.velocity
        del state  # there may be no room for it
        self.body = self.stepper.start(theta, g, velocity)
        del velocity
        self.past = Past(self.how.past, g)
        self.companion = Companion(self.body, Past(self.how.past, g)) if self.how.companion else None
        del g
        self.corrector = Corrector(self.stepper, self.gradient, theta, self.lean)

    @property
    def at(self) -> float:
        """Where the solution stands, in the coordinate."""
        return float(self.past.at[0])

    def coordinate(self, t: float) -> float:
        """The coordinate of a time."""
        return math.sqrt(t) if self.root else t

    def solve(self) -> Trajectory:
        """Step to the end."""
        self.begin()
        while self.history.t < self.end:
            if self.history.exhausted:
                raise self.history.out_of_steps(self.gradient.calls, self.dense)
            t = self.target()
            factor, reason = self.step(t)
            if factor == 1.0:
                continue
            self.history.reject()
            self.control.step = factor * (self.coordinate(t) - self.at)
            if self.control.step <= 1e-13 * max(self.at, self.coordinate(self.flow.duration)):
                raise self.history.stopped(self.history.t, reason, self.gradient.calls, self.dense)
        return self.history.finish(self.gradient.calls, self.error, self.dense)

    def target(self) -> float:
        """The time that the next step goes to."""
        stop = self.history.next_save if self.lean else self.end
        at = self.at + (self.control.step if self.control.fixed else rounded(self.control.step))
        t = at * at if self.root else at
        return stop if t > stop - 1e-4 * (t - self.history.t) else t

    def step(self, t: float) -> tuple[float, str]:
        """Try a step to t: 1 where it is taken, else the factor for a shorter one, and why."""
        tolerance = self.task.atol + self.task.rtol * self.scale
        allowed = self.control.share(t - self.history.t) * tolerance
        degree = self.control.degree
        try:
            tried = self.corrector.attempt(self.body, self.past, self.coordinate(t), t, self.root, degree, allowed)
            worst = self.control.worst(tried.errors) + tried.left
            if not (worst <= allowed or self.control.fixed):
                factor = 0.5 if tried.left > allowed / 2 else self.control.shorter(tried.errors, allowed)
                return factor, "the gradient changes too fast for any step"
            self.accept(t, tried, worst)
        except NotFinite as trouble:
            return 0.25, trouble.reason
        self.control.accepted(tried.errors, allowed)
        if self.history.t < self.end:
            self.leave_root(t)
            secants = self.corrector.secants
            stuck = secants is not None and self.control.stuck(tried.answer, secants.strength, t)
            if stuck and self.task.loss.size <= LARGEST:
                self.finish_stiff()
        return 1.0, ""

    def accept(self, t: float, tried: Tried, worst: float) -> None:
        """Take the step, in the companion too, and record it."""
        between = None
        if self.companion is not None:
            self.companion.follow(self.corrector, tried, t, self.body, self.past)
        if self.dense is not None or (self.history.next_save < t and not self.lean):
            between = self.inside(self.body, tried)
        into = self.body if self.lean else None
        self.body = tried.new or self.corrector.advanced(
            self.body, tried.stages, tried.maps, tried.g, self.past, into=into
        )
        del into
        self.past.push(float(tried.points.at[0]), tried.g)
        self.corrector.unmeasured += 1
        apart = 0.0 if self.companion is None else self.companion.distance(self.body.theta)
        self.error = self.error + worst if self.companion is None else max(self.error, apart)
        self.scale = max(self.scale, float(np.abs(self.body.theta).max(initial=0.0)))
        if self.dense is not None and between is not None:
            self.dense.add(t, theta_of(between))
        if self.lean:
            self.record(t, tried.g)
        else:
            self.history.accept(t, self.stepper.state(self.body, tried.g), between)

    def record(self, t: float, g: Array) -> None:
        """Hand a large state to the record where it is wanted, with what room there is."""
        if not self.history.wants(t):
            self.history.skip(t)
            return
        body = self.body
        if t == self.end:
            del self.past, self.corrector, self.body
        else:
            body = replace(body, place=body.place.copy())
        state = self.stepper.state(body, g)
        del body
        self.history.accept(t, state, own=True)

    def inside(self, begun: Body, tried: Tried) -> Callable[[float], State]:
        """The state at any time within the step."""
        stepper, root, count, at = self.stepper, self.root, len(tried.stages), tried.points.at
        used = tried.maps[0].shape[1]
        known = np.concatenate((tried.g[None], self.past.known(max(used - 1, 1))))
        points = Points(at[: len(known)])

        def state(t: float) -> State:
            start, to = float(at[1]), math.sqrt(t) if root else t
            if to <= start:
                return stepper.state(begun, known[1])
            panels = max(math.ceil(count * (to - start) / points.step), stepper.panels_needed(start, to, root))
            with np.errstate(all="ignore"):
                stages = stepper.stages(start, to, root, panels)
                maps = [points.nodes(stage.nodes).corrected(used - 1) for stage in stages]
                body, _ = stepper.advance(stages, maps, begun, known[:used])
                g = points.nodes(np.array([to])).corrected(used - 1) @ known[:used]
                return stepper.state(body, g[0])

        return state

    def leave_root(self, t: float) -> None:
        """Go over to time as the coordinate where the start no longer shows."""
        if self.root and self.control.step * 2 * self.at <= t / 20:
            self.control.step *= 2 * self.at
            self.root = False
            self.past.to_times(t)
            if self.companion is not None:
                self.companion.past.to_times(t)

    def finish_stiff(self) -> None:
        """Leave what remains to Radau."""
        companion = self.body if self.companion is None else self.companion.body
        followed = follow(self.task, self.history.t, self.gradient, companion)
        before = self.error

        def watch(t: float, theta: Array) -> None:
            apart = math.nan if followed is None else CAUTION * float(np.abs(theta - followed(np.array([t]))[0]).max())
            worst = before + apart if self.companion is None else apart
            self.error = worst if math.isnan(worst) else max(self.error, worst)

        self.watch = watch
        finish(self.task, self.history, self.dense, self.gradient, self.body)

    def observe(self, t: float, theta: Array, m: Array, v: Array) -> None:
        """What the record calls after each step."""
        if self.watch is not None:
            self.watch(t, theta)
        if self.task.observer is not None:
            self.task.observer(t, theta, m, v)


def theta_of(state: Callable[[float], State]) -> Callable[[float], Array]:
    """theta alone."""
    return lambda t: state(t).theta
