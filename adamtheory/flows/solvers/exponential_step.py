"""One step of the exponential solver: from a polynomial in place of the gradient to theta and the memories.

A step is cut into panels fine enough for the update u; the gradient is the same polynomial on all of them, so panels
cost no gradient.  Everything is coordinatewise and is done in blocks of coordinates, so that temporaries stay small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.memory import MemoryFlow
from adamtheory.flows.solvers.exponential_weights import SHARP, Modes, Panel, panel, rule

BLOCK = 4096
_KEPT = 64  # panels' weights kept for the next steps


@dataclass(frozen=True)
class Body:
    """What moves: theta and psi = theta' (None without inertia), shape (d,), and the modes' states, (modes, d)."""

    theta: Array
    psi: Array | None
    first: Array | None
    second: Array

    def like(self) -> Body:
        """Room for another."""
        psi = None if self.psi is None else np.empty_like(self.psi)
        first = None if self.first is None else np.empty_like(self.first)
        return Body(np.empty_like(self.theta), psi, first, np.empty_like(self.second))

    def part(self, block: slice) -> Body:
        """Views of some coordinates."""
        psi = None if self.psi is None else self.psi[block]
        first = None if self.first is None else self.first[:, block]
        return Body(self.theta[block], psi, first, self.second[:, block])

    def write(self, block: slice, new: Body) -> None:
        """Overwrite some coordinates."""
        self.theta[block] = new.theta
        self.second[:, block] = new.second
        if self.psi is not None:
            self.psi[block] = new.psi
        if self.first is not None:
            self.first[:, block] = new.first


def lagrange(where: Array, points: Array) -> Array:
    """(len(where), len(points)): values there of the polynomials that are 1 at one of the points, 0 at the others."""
    if len(points) == 1:
        return np.ones((len(where), 1))
    gaps = (where[:, None] - points) / abs(points[0] - points[-1])
    gaps[gaps == 0] = 1e-300  # at a point itself the ratio below still stands
    return np.asarray(np.prod(gaps, axis=1)[:, None] / gaps * divided(points))


def powers(where: Array, points: Array) -> Array:
    """(len(where), 1): what a divided difference over the points is multiplied by to extend the polynomial through all
    but the last of them."""
    return np.asarray(np.prod((where[:, None] - points[:-1]) / abs(points[0] - points[-1]), axis=1)[:, None])


def divided(points: Array) -> Array:
    """The weights of the divided difference over the points, in the unit of their extent."""
    differences = (points[:, None] - points) / abs(points[0] - points[-1])
    np.fill_diagonal(differences, 1.0)
    return np.asarray(1 / np.prod(differences, axis=1))


@dataclass(frozen=True)
class Stage:
    """A panel within a step, with the flow's factors at its nodes and the nodes themselves in the coordinate."""

    panel: Panel
    gain: Array  # (NODES, 1)
    floor: Array  # (NODES, 1)
    nodes: Array  # (NODES,)
    weights: Array  # (NODES,): of the integral over time


class Stepper:
    """A flow's arithmetic."""

    def __init__(self, flow: MemoryFlow) -> None:
        self.flow = flow
        self.first = Modes.of(flow.first) if flow.first is not None else None
        self.second = Modes.of(flow.second)
        self.fastest = max(flow.rates, default=0.0)
        self._kept: dict[float, Panel] = {}

    def start(self, theta: Array, g: Array, psi: Array | None) -> Body:
        """The state at t = 0: the moments' tails are the modes' starts."""
        flow = self.flow

        def begun(modes: Modes, past: float, carried: Array | float, x: Array) -> Array:
            return np.asarray(modes.starts[:, None] * (past * x + carried))

        first = None
        if self.first is not None and flow.first is not None:
            first = begun(self.first, flow.first.past, flow.first.carried, g)
        second = begun(self.second, flow.second.past, flow.second.carried, g * g)
        return Body(theta.copy(), psi, first, second)

    def panels_needed(self, start: float, end: float, root: bool) -> int:
        """At least as many panels does the stretch take: in sqrt(t) sharp kernels are resolved, not solved for."""
        return 1 + int((end - start) * (end + start) * self.fastest / SHARP) if root else 1

    def stages(self, start: float, end: float, root: bool, count: int) -> list[Stage]:
        """The stretch between two values of the coordinate, in ``count`` equal panels."""
        width = (end - start) / count
        made = []
        for i in range(count):
            a, b = start + i * width, end if i + 1 == count else start + (i + 1) * width
            weights = panel(self.flow, self.first, self.second, a, b, True) if root else self._cached(width)
            times = (a * a if root else a) + weights.lags
            gain, floor = self.flow.gain(times), self.flow.floor(times)
            nodes = a + (b - a) * rule().nodes
            made.append(Stage(weights, gain[:, None], floor[:, None], nodes, gauss(a, b, root)))
        return made

    def _cached(self, width: float) -> Panel:
        found = self._kept.get(width)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            found = self._kept[width] = panel(self.flow, self.first, self.second, 0.0, width, False)
        return found

    def advance(self, stages: list[Stage], maps: list[Array], body: Body, known: Array) -> tuple[Body, float]:
        """The state after all stages, and the size of what they leave unresolved of u, in the unit of theta.

        ``maps``: for each stage (NODES, n), from ``known`` (n, d), gradients at the points, to those at the nodes."""
        theta, psi, first, second = body.theta, body.psi, body.first, body.second
        rough = 0.0
        for stage, to_nodes in zip(stages, maps, strict=True):
            p = stage.panel
            g = to_nodes @ known
            x = g * g
            v = _real(p.second.held @ second) + p.second.direct @ x
            second = p.second.keep * second + p.second.gather @ x
            if p.first is None or first is None:
                m = g
            else:
                m = _real(p.first.held @ first) + p.first.direct @ g
                first = p.first.keep * first + p.first.gather @ g
            below = np.sqrt(v) + stage.floor
            if not below.all():
                below[(below == 0) & (m == 0)] = 1.0  # a coordinate that has never seen a gradient stays
            u = stage.gain * m / below
            moved = p.push @ u
            rough = max(rough, float(np.abs(p.tail @ u).max()))
            if psi is None:
                theta = p.motion[0, 0] * theta + moved[0]
            else:
                theta, psi = (row[0] * theta + row[1] * psi + by for row, by in zip(p.motion, moved, strict=True))
        return Body(theta, psi, first, second), rough

    def moments(self, body: Body, g: Array) -> tuple[Array, Array]:
        """m and v, from the modes' states and the gradient there."""
        v = self.second.share * g * g + _real(self.second.weights @ body.second)
        if self.first is None or body.first is None:
            return g, v
        return self.first.share * g + _real(self.first.weights @ body.first), v


def gauss(start: float, end: float, root: bool) -> Array:
    """(NODES,): the weights of an integral over time between two values of the coordinate."""
    known, width = rule(), end - start
    return width * known.weights * (2 * (start + width * known.nodes) if root else 1.0)


def blocks(size: int) -> Iterator[slice]:
    """The coordinates, in blocks."""
    return (slice(i, min(i + BLOCK, size)) for i in range(0, size, BLOCK))


def _real(x: Array) -> Array:
    return x.real if np.iscomplexobj(x) else x




class Past:
    """The last gradients and their points in the coordinate, newest first."""

    def __init__(self, rows: int, g: Array) -> None:
        self._values = np.empty((rows, len(g)))
        self._values[0] = g
        self._rows = [0]
        self.at = np.zeros(1)

    def known(self, count: int, block: slice = slice(None)) -> Array:
        """(count, d): the newest gradients, as a copy."""
        return self._values[self._rows[:count], block]

    def push(self, at: float, g: Array) -> None:
        """Take in the newest, and forget the oldest where there is no room."""
        full = len(self._rows) == len(self._values)
        row = self._rows.pop() if full else len(self._rows)
        self._values[row] = g
        self._rows.insert(0, row)
        self.at = np.concatenate(([at], self.at[: len(self._rows) - 1]))

    def to_times(self) -> None:
        """Turn the coordinate sqrt(t) into t."""
        self.at = self.at**2
