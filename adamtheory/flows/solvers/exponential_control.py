"""How the exponential solver chooses its steps and orders."""

from __future__ import annotations

import math
from dataclasses import dataclass

from adamtheory.flows.kernels import Array
from adamtheory.flows.solving import Task
from adamtheory.validation import integer, one_of, reject

OPTIONS = ("max_order", "fixed_step", "estimate")
HIGHEST = 8
#: parameters beyond which memory counts more than steps do
MANY = 100_000
#: arrays of the size of theta that may be alive at once then; temporaries take about one more
_ARRAYS = 10
#: a step may add this part of the tolerance however short it is
_SHORT = 0.1
#: doublings by which the first step under ``fixed_step`` is smaller, for each degree
_RAMP = 3
#: how hard the loss must answer, how often, and how many steps must remain for another method to be worth it
_STIFF, _LONG, _MANY_STEPS = 0.5, 20, 200
#: or how hard and how often to change at once: the companion would not stand it
_VERY_STIFF, _FEW = 4.0, 5


@dataclass(frozen=True)
class Settings:
    """The checked options.  ``past``: gradients kept; the highest order is one more than the degree they allow."""

    past: int
    degree: int
    fixed_step: float | None
    companion: bool


def settings(task: Task) -> Settings:
    """Options of a task, or the defaults for its size."""
    given = task.options
    size = task.loss.size
    degree = integer("max_order", given.get("max_order", HIGHEST), minimum=2, maximum=HIGHEST) - 1
    past = degree + 2
    if size > MANY and "max_order" not in given:
        past = min(past, max(2, _ARRAYS - arrays_besides(task)))
        degree = past - 1
    step = given.get("fixed_step")
    if step is not None and not (isinstance(step, (int, float)) and 0 < step <= task.t_span[1]):
        reject("fixed_step", step, f"within (0, {task.t_span[1]:g}]")
    if step is not None and task.flow.singular:
        reject("fixed_step", step, "left out for a flow that starts like a root of t")
    usual = "local" if size > MANY else "companion"
    estimate = one_of("estimate", given.get("estimate", usual), ["companion", "local"])
    return Settings(past, degree, step, estimate == "companion")


def arrays_besides(task: Task) -> int:
    """Arrays of the size of theta that a solution needs beside past gradients: the states, the start, the point of
    evaluation, the gradient there, and what is saved before the end."""
    flow = task.flow
    modes = sum(len(moment.modes) for moment in (flow.first, flow.second) if moment is not None)
    each = 3 + bool(flow.inertia)
    saved = 0 if task.save_at is None else int((task.save_at < task.t_span[1]).sum())
    return 1 + bool(flow.inertia) + modes + 3 + each * saved


class Control:
    """Step sizes in the coordinate, and degrees of the polynomial, from the errors of the last step."""

    def __init__(self, how: Settings, span: float, first: float) -> None:
        self._how = how
        self._span = span
        self.degree = 1
        self.fixed = how.fixed_step is not None
        self.step = first
        if how.fixed_step is not None:  # a start of rising orders, in steps so small that it does not show
            self.step = how.fixed_step * 2.0 ** (-_RAMP * how.degree)
        self._since = 0  # accepted steps at this degree
        self._answered = self._overruled = 0  # steps one after the other at which the loss answers (very) hard

    def share(self, duration: float) -> float:
        """The part of the tolerance that a step of this duration may use."""
        return max(duration / self._span, _SHORT)

    def worst(self, errors: Array) -> float:
        """The error of a step: that of its degree where the past shows it, else of the degree below.  That of the next
        degree stands in where this one's happens to vanish."""
        below, here, above = (float(x) for x in errors)
        if math.isnan(here):
            return below
        return here if math.isnan(above) else max(here, 0.3 * above)

    def accepted(self, errors: Array, allowed: float) -> None:
        """Choose the next degree and step: the degree whose step can be longest."""
        if self._how.fixed_step is not None:
            self.degree = min(self.degree + 1, self._how.degree)
            self.step = min(2 * self.step, self._how.fixed_step)
            return
        self._since += 1
        growth = 4.0 if self.degree < 3 else 2.0
        here = self.degree - 1 if math.isnan(errors[1]) else self.degree
        best, factor = self.degree, min(growth, self._factor(self.worst(errors), here, allowed))
        if self.degree > 1 and not math.isnan(errors[0]):
            lower = min(growth, self._factor(float(errors[0]), self.degree - 1, allowed))
            if lower > 1.05 * factor:
                best, factor = self.degree - 1, lower
        if self.degree < self._how.degree and not math.isnan(errors[2]) and self._since > self.degree / 2:
            higher = min(growth, self._factor(float(errors[2]), self.degree + 1, allowed))
            if higher > 1.05 * factor or factor == growth:
                best, factor = self.degree + 1, higher
        if best != self.degree:
            self.degree, self._since = best, 0
        if not 0.95 <= factor <= 1.15:
            self.step *= max(factor, 0.3)

    def stuck(self, answer: float, strength: float, t: float) -> bool:
        """Whether stability, not accuracy, has set the last steps and would set many more, or sets all.

        A move of theta by 1 makes the loss answer: theta moves by ``strength`` within the step, by ``answer`` once the
        memories have passed all of it on."""
        self._answered = self._answered + 1 if answer > _STIFF else 0
        self._overruled = self._overruled + 1 if strength > _VERY_STIFF else 0
        return self._overruled >= _FEW or (self._answered >= _LONG and self._span - t > _MANY_STEPS * self.step)

    def shorter(self, errors: Array, allowed: float) -> float:
        """The factor for a step whose error was too large."""
        return min(0.8, max(0.1, self._factor(self.worst(errors), self.degree, allowed)))

    @staticmethod
    def _factor(error: float, degree: int, allowed: float) -> float:
        return math.inf if error == 0 else float((0.25 * allowed / error) ** (1 / (degree + 2)))


def rounded(step: float) -> float:
    """The step on a ladder of four rungs an octave, so that weights are found again."""
    return float(2.0 ** (math.floor(4 * math.log2(step) + 1e-9) / 4))
