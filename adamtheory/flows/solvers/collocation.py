"""Integro-differential systems y' = linear y + forcing(t, y, x, z) with z = memories of x = inputs(t, y).

Collocation at the three points of Radau IIA on each panel: the linear part, however stiff, is solved exactly, the
memories are product integrals (``product_quadrature``), and the rest is a fixed point, found by Anderson's iteration.
The memory of N panels costs N^2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adamtheory.flows.kernels import Array, Kernel
from adamtheory.flows.solvers.common import NotFinite
from adamtheory.flows.solvers.product_quadrature import POINTS, Mesh, lagrange

#: the sweeps that one panel may take, how many of them the iteration remembers, and the part of the tolerance it is for
_SWEEPS, _DEPTH, _PART = 60, 8, 1e-3
_STAGES = POINTS[1:]


def _radau() -> Array:
    powers = np.arange(1, 4)
    return np.asarray((_STAGES[:, None] ** powers / powers) @ lagrange(_STAGES))


_RADAU = _radau()
#: from a panel's four points to the stages of one that is as wide and follows it
_AHEAD = np.vander(1 + _STAGES, 4, increasing=True) @ lagrange(POINTS)


@dataclass(frozen=True, eq=False)
class System:
    """``start`` (b, d); ``linear`` (b, b) mixes the rows of y; ``inputs(t, y)`` has shape (k, e), with one row for each
    of the kernels at least; ``forcing(t, y, x, z)`` has shape (b, d), z one row a kernel.  Either may raise
    NotFinite."""

    kernels: tuple[Kernel, ...]
    start: Array
    linear: Array
    inputs: Callable[[float, Array], Array]
    forcing: Callable[[float, Array, Array, Array], Array]


@dataclass(frozen=True, eq=False)
class Solution:
    """Values at the four points of each of the N panels: ``y`` (N, 4, b, d), ``x`` (N, 4, k, e), ``z`` (N, 4, kernels,
    e); ``sweeps`` in all."""

    mesh: Mesh
    y: Array
    x: Array
    z: Array
    sweeps: int

    def at(self, times: Array) -> Array:
        """y at the times, shape (n, b, d)."""
        panel, basis = self.mesh.basis(times)
        return np.einsum("nj,njbd->nbd", basis, self.y[panel])


class Stuck(Exception):
    """The march could not go on at ``t``; ``solution`` has the panels before."""

    def __init__(self, t: float, reason: str, solution: Solution) -> None:
        super().__init__(reason)
        self.t, self.reason, self.solution = t, reason, solution


def march(system: System, mesh: Mesh, rtol: float, atol: float) -> Solution:
    """The collocation solution on the mesh; rtol and atol are what the fixed points are solved to, far below.

    Raises Stuck where a fixed point is not found, or NotFinite was raised at it."""
    x_start = system.inputs(0.0, system.start)
    count = mesh.panels
    y = np.empty((count, 4, *system.start.shape))
    x = np.empty((count, 4, *x_start.shape))
    z = np.zeros((count, 4, len(system.kernels), x_start.shape[1]))
    sweeps = 0
    for n in range(count):
        y[n, 0], x[n, 0] = (system.start, x_start) if n == 0 else (y[n - 1, 3], x[n - 1, 3])
        if n:
            z[n, 0] = z[n - 1, 3]
        panel = _Panel(system, mesh, n, y[n, 0], x[: n + 1])
        try:
            sweeps += panel.solve(_guess(mesh, n, y), rtol, atol)
        except NotFinite as trouble:
            edges = Mesh(mesh.edges[: n + 1], mesh.power)
            raise Stuck(trouble.t, trouble.reason, Solution(edges, y[:n], x[:n], z[:n], sweeps)) from trouble
        y[n, 1:], x[n, 1:], z[n, 1:] = panel.y, panel.x, panel.z
    return Solution(mesh, y, x, z, sweeps)


def _guess(mesh: Mesh, n: int, y: Array) -> Array:
    """The stages, by the panel before where that is no wider by much than this one is."""
    if n and mesh.edges[n + 1] - mesh.edges[n] < 1.5 * (mesh.edges[n] - mesh.edges[n - 1]):
        return np.einsum("ij,jbd->ibd", _AHEAD, y[n - 1])
    return np.repeat(y[n, :1], 3, axis=0)


class _Panel:
    """The equations of one panel's three stages."""

    def __init__(self, system: System, mesh: Mesh, n: int, y_start: Array, x: Array) -> None:
        self.system = system
        rho = mesh.points(n)
        self.times = rho[1:] ** mesh.power
        width = mesh.edges[n + 1] - mesh.edges[n]
        self.integral = width * _RADAU * (mesh.power * rho[1:] ** (mesh.power - 1))
        rows = len(system.start)
        self.inverse = np.linalg.inv(np.eye(3 * rows) - np.kron(self.integral, system.linear))
        self.y_start = y_start
        weights = np.stack([[mesh.weights(kernel, n, i) for i in (1, 2, 3)] for kernel in system.kernels])
        self.now = weights[:, :, n, 1:]
        self.past = np.empty((3, len(system.kernels), x.shape[-1]))
        for k in range(len(system.kernels)):
            self.past[:, k] = np.tensordot(weights[k, :, :n], x[:n, :, k], 2)
            self.past[:, k] += np.outer(weights[k, :, n, 0], x[n, 0, k])

    def sweep(self, y: Array) -> Array:
        """The stages that those in y lead to; sets x and z."""
        system, times = self.system, self.times.tolist()
        self.x = np.stack([system.inputs(t, stage) for t, stage in zip(times, y, strict=True)])
        remembered = self.x[:, : len(system.kernels)]
        self.z = self.past + np.einsum("kij,jke->ike", self.now, remembered)
        force = np.stack([system.forcing(times[i], y[i], self.x[i], self.z[i]) for i in range(3)])
        right = self.y_start + np.tensordot(self.integral, force, 1)
        flat = self.inverse @ right.reshape(self.inverse.shape[0], -1)
        return np.asarray(flat.reshape(y.shape))

    def solve(self, y: Array, rtol: float, atol: float) -> int:
        """Find the fixed point, and how many sweeps that took; NotFinite where there is none to be found."""
        floor = 8 * np.finfo(float).eps
        shape = y.shape
        values: list[Array] = []
        misses: list[Array] = []
        for count in range(1, _SWEEPS + 1):
            following = self.sweep(y)
            size = np.abs(following).max(axis=(0, 2), keepdims=True)
            allowed = np.maximum(_PART * (atol + rtol * size), floor * size)
            miss = following - y
            if (np.abs(miss) <= allowed).all():
                self.y = following
                return count
            scale = (1 / (atol + rtol * size + floor * size)) * np.ones_like(y)
            values.append(following.ravel())
            misses.append((miss * scale).ravel())
            y = _mixed(values[-_DEPTH:], misses[-_DEPTH:]).reshape(shape)
        raise NotFinite(float(self.times[-1]), f"a step's equations are not solved within {_SWEEPS} sweeps")


def _mixed(values: list[Array], misses: list[Array]) -> Array:
    """Anderson's next iterate: the combination of the last ones whose misses would cancel if they were linear."""
    if len(values) == 1 or not math.isfinite(float(np.abs(misses[-1]).max())):
        return values[-1]
    by = np.stack([misses[-1] - miss for miss in misses[:-1]], axis=1)
    mix = np.linalg.lstsq(by, misses[-1], rcond=1e-12)[0]
    return np.asarray(values[-1] - np.stack([values[-1] - value for value in values[:-1]], axis=1) @ mix)
