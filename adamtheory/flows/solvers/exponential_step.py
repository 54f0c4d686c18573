"""One step of the exponential solver: from a polynomial in place of the gradient to theta and the memories.

A step is cut into panels fine enough for the update u; the gradient is the same polynomial on all of them, so panels
cost no gradient.  Everything is coordinatewise and is done in blocks of coordinates, so that temporaries stay small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.memory import MemoryFlow, Moment
from adamtheory.flows.solvers.common import NotFinite, State
from adamtheory.flows.solvers.exponential_weights import SHARP, Modes, Panel, panel, rule

BLOCK = 1024
_KEPT = 64  # panels' weights kept for the next steps


@dataclass(frozen=True, eq=False)
class Body:
    """What moves: ``place`` has the rows theta and, with inertia, theta'; ``first`` (None where the first moment is the
    gradient) and ``second`` have the modes' states, (modes, d)."""

    place: Array
    first: Array | None
    second: Array

    @property
    def theta(self) -> Array:
        """(d,)."""
        return np.asarray(self.place[0])

    def like(self) -> Body:
        """Room for another."""
        first = None if self.first is None else np.empty_like(self.first)
        return Body(np.empty_like(self.place), first, np.empty_like(self.second))

    def part(self, block: slice) -> Body:
        """Views of some coordinates."""
        first = None if self.first is None else self.first[:, block]
        return Body(self.place[:, block], first, self.second[:, block])

    def write(self, block: slice, new: Body) -> None:
        """Overwrite some coordinates."""
        self.place[:, block] = new.place
        self.second[:, block] = new.second
        if self.first is not None:
            self.first[:, block] = new.first


@dataclass(frozen=True, eq=False)
class Stage:
    """A panel within a step, with the flow's factors at its nodes, the nodes in the coordinate, and the weights of an
    integral over time."""

    panel: Panel
    t: float
    gain: Array  # (n, 1)
    floor: Array  # (n, 1)
    nodes: Array  # (n,)
    weights: Array  # (n,)


class Stepper:
    """A flow's arithmetic, with so many nodes a panel."""

    def __init__(self, flow: MemoryFlow, nodes: int = 10) -> None:
        self.flow = flow
        self.rule = rule(nodes)
        self.first = Modes.of(flow.first) if flow.first is not None else None
        self.second = Modes.of(flow.second)
        self.fastest = max(flow.rates, default=0.0)
        self._kept: dict[float, Panel] = {}

    def start(self, theta: Array, g: Array, velocity: Array | None) -> Body:
        """The state at t = 0: the moments' tails are the modes' starts."""
        place = np.array([theta] if velocity is None else [theta, velocity])
        first = None if self.flow.first is None or self.first is None else _begun(self.first, self.flow.first, g)
        return Body(place, first, _begun(self.second, self.flow.second, g * g))

    def panels_needed(self, start: float, end: float, root: bool) -> int:
        """At least as many panels does the stretch take: in sqrt(t) sharp kernels are resolved, not solved for."""
        return 1 + int((end - start) * (end + start) * self.fastest / SHARP) if root else 1

    def stages(self, start: float, end: float, root: bool, count: int) -> list[Stage]:
        """The stretch between two values of the coordinate, in ``count`` equal panels."""
        width = (end - start) / count
        made = []
        for i in range(count):
            a, b = start + i * width, end if i + 1 == count else start + (i + 1) * width
            weights = self._panel(a, b, True) if root else self._cached(width)
            t, nodes = a * a if root else a, a + (b - a) * self.rule.nodes
            times = t + weights.lags
            gain, floor = self.flow.gain(times)[:, None], self.flow.floor(times)[:, None]
            integral = (b - a) * self.rule.weights * (2 * nodes if root else 1.0)
            made.append(Stage(weights, t, gain, floor, nodes, integral))
        return made

    def _cached(self, width: float) -> Panel:
        found = self._kept.get(width)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            found = self._kept[width] = self._panel(0.0, width, False)
        return found

    def _panel(self, start: float, end: float, root: bool) -> Panel:
        return panel(self.flow, self.first, self.second, start, end, root, self.rule)

    def advance(self, stages: list[Stage], maps: list[Array], body: Body, known: Array) -> tuple[Body, float]:
        """The state after all stages, and the size of what they leave unresolved of u, in the unit of theta.

        ``maps``: for each stage (n, n), from ``known`` (n, d), gradients at the points, to those at the nodes.
        NotFinite where the update is not."""
        place, first, second = body.place, body.first, body.second
        rough = 0.0
        for stage, to_nodes in zip(stages, maps, strict=True):
            p = stage.panel
            g = to_nodes @ known
            x = g * g
            v = p.second.direct @ x
            v += _remembered(p.second.held, second)
            second = p.second.keep * second + p.second.gather @ x
            m = g
            if p.first is not None and first is not None:
                m = p.first.direct @ g
                m += _remembered(p.first.held, first)
                first = p.first.keep * first + p.first.gather @ g
            below = np.sqrt(v)
            below += stage.floor
            if not below.all():
                below[(below == 0) & (m == 0)] = 1.0  # a coordinate that has never seen a gradient stays
            u = m / below
            u *= stage.gain
            unresolved = float(np.abs(p.tail @ u).max())
            if not unresolved < np.inf:
                raise NotFinite(stage.t, _trouble(m, v))
            rough = max(rough, unresolved)
            place = p.motion @ place + p.push @ u
        return Body(place, first, second), rough

    def state(self, body: Body, g: Array) -> State:
        """What is reported, from the state and the gradient there."""
        velocity = body.place[1] if len(body.place) > 1 else None
        return State(body.theta, self.first_moment(body, g), self.second_moment(body, g), velocity)

    def first_moment(self, body: Body, g: Array) -> Array:
        """m, shape (d,)."""
        if self.first is None or body.first is None:
            return g
        return _moment(self.first, body.first, g)

    def second_moment(self, body: Body, g: Array) -> Array:
        """v, shape (d,)."""
        return _moment(self.second, body.second, g * g)


def blocks(size: int) -> Iterator[slice]:
    """The coordinates, in blocks."""
    return (slice(i, min(i + BLOCK, size)) for i in range(0, size, BLOCK))


def _remembered(held: Array, states: Array) -> Array:
    # A product of matrices is slow for one mode.
    return held * states if len(states) == 1 and held.dtype == float else np.asarray((held @ states).real)


def _moment(modes: Modes, states: Array, x: Array) -> Array:
    found = np.asarray((modes.weights @ states).real)
    if modes.share:
        found += modes.share * x
    return found


def _begun(modes: Modes, moment: Moment, x: Array) -> Array:
    return np.asarray(modes.starts[:, None] * (moment.past * x + moment.carried))


def _trouble(m: Array, v: Array) -> str:
    negative = v.min(axis=0) < 0
    if negative.any():
        i = int(np.argmax(negative))
        return f"the second moment turns negative in coordinate {i} ({v[:, i].min():.3g})"
    return "the update is not finite"
