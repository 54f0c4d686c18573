"""Integrals of a kernel against piecewise polynomials: ``integral over [0, t] of K(t - s) x(s) ds`` as weights of x.

On each panel of a mesh x is the polynomial of degree 3 through the panel's start and its three Radau points, in the
variable s itself or in sqrt(s).  The kernel is integrated against it to near rounding, by Gauss rules on panels that
shrink by halves towards lag 0, so the kernel's own time scale, its singularity and its kinks put no limit on the mesh.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from adamtheory.flows._scipy import scipy_module
from adamtheory.flows.kernels import Array, Kernel

#: the points of a panel, as parts of it: its start, and the points of the Radau IIA method of order 5
POINTS = np.array([0.0, (4 - math.sqrt(6)) / 10, (4 + math.sqrt(6)) / 10, 1.0])
_GAUSS = 12
_HALVINGS = 30


def lagrange(points: Array) -> Array:
    """The coefficients of the polynomials that are 1 at one of the points and 0 at the others: row j is of power j."""
    return np.linalg.inv(np.vander(points, increasing=True))


_BASIS = lagrange(POINTS)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Panels between ascending ``edges``, from 0, of the variable rho with t = rho^power, power 1 or 2."""

    edges: Array
    power: int

    @property
    def panels(self) -> int:
        return len(self.edges) - 1

    def halved(self) -> Mesh:
        """With each panel cut in two, equal in rho."""
        edges = np.empty(2 * len(self.edges) - 1)
        edges[::2] = self.edges
        edges[1::2] = (self.edges[:-1] + self.edges[1:]) / 2
        return Mesh(edges, self.power)

    def points(self, panel: int) -> Array:
        """rho at the panel's four points."""
        return np.asarray(self.edges[panel] + POINTS * (self.edges[panel + 1] - self.edges[panel]))

    def times(self) -> Array:
        """The times of all points, shape (panels, 4)."""
        return np.asarray((self.edges[:-1, None] + POINTS * np.diff(self.edges)[:, None]) ** self.power)

    def basis(self, times: Array) -> tuple[Array, Array]:
        """The panel of each time, and the polynomials' values there, shapes (n,) and (n, 4)."""
        rho = np.asarray(times, dtype=float) ** (1 / self.power)
        panel = np.clip(np.searchsorted(self.edges, rho, side="left") - 1, 0, self.panels - 1)
        part = (rho - self.edges[panel]) / np.diff(self.edges)[panel]
        return panel, _powers(part) @ _BASIS

    def weights(self, kernel: Kernel, panel: int, point: int) -> Array:
        """The weights of x at the points of panels 0 … panel, shape (panel + 1, 4), for t at a point of the last."""
        starts = self.edges[: panel + 1]
        target = float(self.points(panel)[point])
        away = target - starts  # distances in rho, which keep their digits near lag 0
        time = target**self.power
        kinks = [target - (time - lag) ** (1 / self.power) for lag in kernel.kinks if lag < time]
        cuts = np.unique(np.concatenate([[0.0], target * 0.5 ** np.arange(1, _HALVINGS + 1), kinks, away]))
        lengths = np.diff(cuts)
        where = np.searchsorted(starts, target - (cuts[:-1] + cuts[1:]) / 2, side="right") - 1
        nodes, gauss = _gauss()
        distance = cuts[:-1, None] + lengths[:, None] * nodes
        factor = lengths[:, None] * gauss
        if kernel.singular:
            singular_nodes, singular_weights = _singular(kernel.singular)
            distance[0] = lengths[0] * singular_nodes
            factor[0] = lengths[0] * singular_weights
        if self.power == 1:
            lags = distance
        else:
            lags = distance * (2 * target - distance)
            factor = factor * 2 * (target - distance)
        part = (away[where, None] - distance) / np.diff(self.edges)[where, None]
        moments = np.einsum("ij,ijk->ik", factor * kernel(lags), _powers(part))
        sums = np.empty((panel + 1, 4))
        for k in range(4):
            sums[:, k] = np.bincount(where, moments[:, k], panel + 1)
        return np.asarray(sums @ _BASIS)


def _powers(x: Array) -> Array:
    return np.stack([np.ones_like(x), x, x**2, x**3], axis=-1)


@lru_cache
def _gauss() -> tuple[Array, Array]:
    x, w = np.polynomial.legendre.leggauss(_GAUSS)
    return (x + 1) / 2, w / 2


@lru_cache
def _singular(exponent: float) -> tuple[Array, Array]:
    """A rule on [0, 1] for functions that are x^(-exponent) times smooth ones."""
    x, w = scipy_module("special", "the quadrature of a singular kernel").roots_jacobi(_GAUSS, 0.0, -exponent)
    nodes = (x + 1) / 2
    return nodes, w * 2 ** (exponent - 1) * nodes**exponent
