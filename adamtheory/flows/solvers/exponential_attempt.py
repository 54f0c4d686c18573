"""Trying a step: predicted from past gradients, corrected with the gradient at its end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.solvers.common import Gradient
from adamtheory.flows.solvers.exponential_control import MANY
from adamtheory.flows.solvers.exponential_newton import Secants
from adamtheory.flows.solvers.exponential_past import Nodes, Past, Points
from adamtheory.flows.solvers.exponential_step import BLOCK, Body, Stage, Stepper, blocks

_MOST_PANELS = 64
_SWEEPS = 4
#: steps after which the loss's answer is measured again, though no sweep is needed
_REMEASURE = 10
#: the loss's answer within a step from which on secants help
_ANSWERING = 0.05
#: what a sweep changes at once, to what that comes to once the memories have passed it on: for many parameters, where
#: there is no room to measure it
_LATER = 10.0


@dataclass(frozen=True, eq=False)
class Tried:
    """A step that may be accepted: its points, panels, nodes and the maps to them from the gradients at the points; the
    gradient at its end; and in the unit of theta its errors by degree and what ending the sweeps leaves.  ``answer``:
    how much theta moves by the loss's answer to a move of 1.  ``new``: the state, where it is small enough to keep."""

    points: Points
    stages: list[Stage]
    nodes: list[Nodes]
    maps: list[Array]
    g: Array
    errors: Array
    left: float
    answer: float
    new: Body | None


class Corrector:
    """Tries steps, and remembers between them how finely u must be resolved and how the loss answers."""

    def __init__(self, stepper: Stepper, gradient: Gradient, theta: Array, lean: bool) -> None:
        self.stepper, self.flow, self.gradient, self.lean = stepper, stepper.flow, gradient, lean
        self.ahead = np.array(theta)  # theta at the end of the step
        self.secants = Secants(len(theta)) if len(theta) <= MANY else None
        self.unmeasured = 0
        self._panels = 1
        self._feedback = math.inf  # of theta's moves on theta's slope, as far as no secant knows, and in all
        self._push = 0.0
        self._worth = np.zeros(0 if self.secants is None else len(theta))  # slope of theta by the gradient
        self._response: Array | None = None  # of theta at the end of this step to the gradient there

    def attempt(self, body: Body, past: Past, to: float, t: float, root: bool, degree: int, allowed: float) -> Tried:
        """A step to time t, the coordinate ``to``."""
        k = min(degree, len(past.at))
        points = Points(np.concatenate(([to], past.at)))
        stages, nodes = self._predict(body, past, points, root, k, allowed)
        maps = [n.corrected(k) for n in nodes]
        reach = sum(abs(float(s.weights @ m[:, 0])) for s, m in zip(stages, maps, strict=True))
        weights = error_weights(points, stages, nodes, k)
        self._response = None
        g, against, moved = self.gradient(self.ahead, t), None, 0.0
        for sweep in range(_SWEEPS):
            where = self.ahead if self.secants is None else self.ahead.copy()
            used = self.improved(stages, maps, g, where, self._push * reach, body, past)
            change, errors, shift, new = self._correct(body, past, stages, maps, used, against, weights, t)
            if sweep and moved > 0:
                self._feedback = (_LATER * change / reach if self.lean else shift) / moved
                self.unmeasured = 0
                if self.secants is None:
                    self._push = self._feedback
            left = self._feedback * reach * change if change else 0.0
            if (left <= 0.1 * allowed and self.unmeasured < _REMEASURE) or sweep == _SWEEPS - 1:
                break
            moved = change
            if self.lean:  # no room for two
                del g, used
                g = self.gradient(self.ahead, t)
                continue
            before, g = g, self.gradient(self.ahead, t)
            against = (g, used)
            if self.secants is not None and change:
                self.secants.add(self.ahead - where, g - before)
                self._push = float((self._worth * np.abs(g - before)).max()) / change
        return Tried(points, stages, nodes, maps, used, errors, left, self._push * reach, new)

    def improved(
        self,
        stages: list[Stage],
        maps: list[Array],
        g: Array,
        where: Array,
        answer: float,
        body: Body,
        past: Past,
        missed: Array | None = None,
    ) -> Array:
        """The gradient to correct with: g, seen at ``where``, and what the way from there to the solution adds."""
        if self.secants is None or not len(self.secants) or answer < _ANSWERING:
            return g
        known = gathered(g, past, maps, missed)
        plain = self.stepper.advance(stages, maps, body, known)[0].theta
        if self._response is None:
            nudge = 1e-5 * self.flow.speed / np.where(self._worth > 0, self._worth, self.flow.speed)
            known[0] += nudge
            self._response = (self.stepper.advance(stages, maps, body, known)[0].theta - plain) / nudge
        return g + self.secants.correction(plain - where, self._response)

    def advanced(
        self,
        body: Body,
        stages: list[Stage],
        maps: list[Array],
        g: Array,
        past: Past,
        missed: Array | None = None,
        into: Body | None = None,
    ) -> Body:
        """The state after the step, written into another where that is given."""
        if into is None and len(g) <= BLOCK:
            return self.stepper.advance(stages, maps, body, gathered(g, past, maps, missed))[0]
        into = into or body.like()
        for block in blocks(len(g)):
            known = gathered(g, past, maps, missed, block)
            into.write(block, self.stepper.advance(stages, maps, body.part(block), known)[0])
        return into

    def _predict(
        self, body: Body, past: Past, points: Points, root: bool, k: int, allowed: float
    ) -> tuple[list[Stage], list[Nodes]]:
        """theta at the end from past gradients, in ``ahead``; the panels that resolve u, and their nodes."""
        start, to = float(points.at[1]), float(points.at[0])
        count = max(self._panels, self.stepper.panels_needed(start, to, root))
        while True:
            stages = self.stepper.stages(start, to, root, count)
            nodes = [points.nodes(stage.nodes) for stage in stages]
            maps = [n.predicted(k) for n in nodes]
            rough = 0.0
            for block in blocks(len(self.ahead)):
                new, unresolved = self.stepper.advance(stages, maps, body.part(block), past.known(k, block))
                self.ahead[block] = new.theta
                rough = max(rough, unresolved)
            if rough <= 0.1 * allowed or count >= _MOST_PANELS:
                break
            count *= 2
        self._panels = count if rough > 1e-5 * allowed else max(1, count // 2)
        return stages, nodes

    def _correct(
        self,
        body: Body,
        past: Past,
        stages: list[Stage],
        maps: list[Array],
        g: Array,
        against: tuple[Array, Array] | None,
        weights: Array,
        t: float,
    ) -> tuple[float, Array, float, Body | None]:
        """theta at the end with the gradient g there, in ``ahead``: how much that changed, the errors by degree, what
        the difference of two gradients is worth per time, and the state where it is one block."""
        change, shift, errors, new = 0.0, 0.0, np.zeros(3), None
        gain, floor = self.flow.gain(t), self.flow.floor(t)
        used, all_past = maps[0].shape[1], len(past.at)
        for block in blocks(len(g)):
            known = np.concatenate((g[None, block], past.known(all_past, block)))
            new, _ = self.stepper.advance(stages, maps, body.part(block), known[:used])
            change = max(change, float(np.abs(new.theta - self.ahead[block]).max()))
            self.ahead[block] = new.theta
            below = np.sqrt(np.abs(self.stepper.second_moment(new, known[0]))) + floor
            worth = np.where(below > 0, self.flow.speed * gain / below, 0.0)
            errors = np.maximum(errors, (worth * np.abs(weights @ known)).max(axis=1))
            if against is not None:
                shift = max(shift, float((worth * np.abs(against[0][block] - against[1][block])).max()))
            if self.secants is not None:
                self._worth[block] = worth
        return change, errors, shift, new if len(g) <= BLOCK else None


def error_weights(points: Points, stages: list[Stage], nodes: list[Nodes], degree: int) -> Array:
    """(3, len(points)): from the gradients at the points, newest first, to the errors of the polynomials of degrees
    ``degree`` - 1, ``degree`` and ``degree`` + 1, integrated over the step; nan where there are too few points."""
    found = np.full((3, len(points.at)), np.nan)
    for row, count in enumerate((degree, degree + 1, degree + 2)):  # points of the polynomial
        if 1 <= count < len(points.at):
            size = sum(float(s.weights @ np.abs(n.missed(count))) for s, n in zip(stages, nodes, strict=True))
            found[row] = 0.0
            found[row, : count + 1] = points.difference(count + 1) * size
    return found


def gathered(g: Array, past: Past, maps: list[Array], missed: Array | None, block: slice = slice(None)) -> Array:
    """What the maps take: the gradient at the end, past ones, and ``missed`` where it is given."""
    if missed is None:
        return np.concatenate((g[None, block], past.known(maps[0].shape[1] - 1, block)))
    return np.concatenate((g[None, block], past.known(maps[0].shape[1] - 2, block), missed[None, block]))
