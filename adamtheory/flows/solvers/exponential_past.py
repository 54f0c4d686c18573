"""Past gradients, and the polynomials through them that stand for the gradient on a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adamtheory.flows.kernels import Array


class Past:
    """The last gradients and their points in the coordinate, newest first."""

    def __init__(self, rows: int, g: Array) -> None:
        self._values = np.empty((rows, len(g)))
        self._values[0] = g
        self._rows = [0]
        self.at = np.zeros(1)

    def known(self, count: int, block: slice = slice(None)) -> Array:
        """(count, d): the newest gradients, as a copy."""
        return np.asarray(self._values[self._rows[:count], block])

    def push(self, at: float, g: Array) -> None:
        """Take in the newest, and forget the oldest where there is no room."""
        full = len(self._rows) == len(self._values)
        row = self._rows.pop() if full else len(self._rows)
        self._values[row] = g
        self._rows.insert(0, row)
        self.at = np.concatenate(([at], self.at[: len(self._rows) - 1]))

    def to_times(self, t: float) -> None:
        """Turn the coordinate sqrt(t) into t, the newest of which is known exactly."""
        self.at = self.at**2
        self.at[0] = t


class Points:
    """The end of a step and the past's points, newest first; differences are in the unit of the step."""

    def __init__(self, at: Array) -> None:
        self.at = at
        self.step = float(at[0] - at[1])
        between = (at[:, None] - at) / self.step
        between.flat[:: len(at) + 1] = 1.0
        self.from_end = between[:, 0]
        self.products = np.cumprod(between, axis=1)

    def difference(self, count: int) -> Array:
        """(count,): the weights of the divided difference over the first points."""
        return np.asarray(1 / self.products[:count, count - 1])

    def nodes(self, where: Array) -> Nodes:
        """What belongs to places on the step."""
        gaps = (where[:, None] - self.at) / self.step
        gaps[gaps == 0] = 1e-200  # at a point itself the ratios still stand
        return Nodes(self, gaps, np.cumprod(gaps, axis=1))


@dataclass(frozen=True, eq=False)
class Nodes:
    """Maps from gradients at the points to places on the step."""

    points: Points
    gaps: Array
    products: Array

    def corrected(self, degree: int) -> Array:
        """(places, degree + 1): values of the polynomial through the end and ``degree`` past points."""
        count = degree + 1
        shares = self.products[:, degree, None] / self.gaps[:, :count]
        return np.asarray(shares / self.points.products[:count, degree])

    def predicted(self, degree: int) -> Array:
        """(places, degree): values of the polynomial through ``degree`` past points alone."""
        past = slice(1, degree + 1)
        shares = (self.products[:, degree] / self.gaps[:, 0])[:, None] / self.gaps[:, past]
        return np.asarray(shares * (self.points.from_end[past] / self.points.products[past, degree]))

    def missed(self, count: int) -> Array:
        """(places,): what the divided difference over ``count`` + 1 points adds to a polynomial through ``count``."""
        return np.asarray(self.products[:, count - 1])
