"""Finer and finer meshes, until the difference between two solutions says that the tolerance is met."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from adamtheory.flows.kernels import Kernel
from adamtheory.flows.solvers.collocation import Solution, Stuck, System, march
from adamtheory.flows.solvers.product_quadrature import Mesh

#: meshes on which a system may stop at some time before that is believed
_TRIALS = 4
#: kinks of kernels become edges of the mesh, unless there are more
_MOST_KINKS = 64


class Refined(NamedTuple):
    """The last solution, the estimate of its largest error, and how many panels the meshes before had."""

    solution: Solution
    error: float
    before: int


class Unfinished(Exception):
    """No solution to the tolerance: where and why, with the last one (None where there is none) as in Refined."""

    def __init__(self, t: float, reason: str, solution: Solution | None, before: int) -> None:
        super().__init__(reason)
        self.t, self.reason, self.solution, self.before = t, reason, solution, before


def graded_mesh(end: float, panels: int, early: float, power: int, kernels: tuple[Kernel, ...]) -> Mesh:
    """``panels`` panels of [0, end], and some more at kinks: half of them for the span itself, evenly in t^(1/power),
    and half for its logarithm from the time ``early`` on; all of them evenly where early is the end."""
    t = np.concatenate([[0.0], np.geomspace(1e-4 * early, end, 4000)])
    even = (t / end) ** (1 / power)
    reached = even + (np.log1p(t / early) / math.log1p(end / early) if early < end else even)
    edges = np.interp(np.linspace(0.0, 2.0, panels + 1), reached, t)
    kinks = sorted({lag for kernel in kernels for lag in kernel.kinks if lag < end})
    if len(kinks) <= _MOST_KINKS:
        edges = np.unique(np.concatenate([edges, kinks]))
    edges[-1] = end
    return Mesh(edges ** (1 / power), power)


def refine(system: System, mesh: Mesh, rtol: float, atol: float, most: int, most_in_all: float = math.inf) -> Refined:
    """Solve on this mesh, on that of its halves, and so on, till the error in y's first row, over all times, is at most
    atol + rtol times its largest value.

    The estimate is the difference of the last two solutions over what such differences fall by, less 1 (over 3 with no
    third solution).  Raises Unfinished where a mesh would have more than ``most`` panels, or all of them
    ``most_in_all``."""
    solution: Solution | None = None
    difference, error = math.nan, math.nan
    before = trials = 0
    while True:
        try:
            finer: Solution | None = march(system, mesh, rtol, atol)
        except Stuck as stuck:
            trials += 1
            if trials == _TRIALS or 2 * mesh.panels > most:
                raise Unfinished(stuck.t, stuck.reason, stuck.solution, before) from stuck
            finer = None
        if solution is not None and finer is not None:
            last, difference = difference, _difference(solution, finer)
            falls = last / difference if difference else math.inf
            error = difference / (3.0 if math.isnan(last) else min(max(falls, 2.0), 16.0) - 1)
            if error <= atol + rtol * float(np.abs(finer.y[:, :, 0]).max()):
                return Refined(finer, error, before)
        end = float(mesh.edges[-1] ** mesh.power)
        if 2 * mesh.panels > most:
            reason = f"the error is {error:.2e} still with {mesh.panels} panels"
            raise Unfinished(end, reason, finer, before)
        before += mesh.panels
        if before + 2 * mesh.panels > most_in_all:
            raise Unfinished(end, f"max_steps = {most_in_all} are used up", finer, before - mesh.panels)
        solution, mesh = finer, mesh.halved()


def _difference(coarse: Solution, fine: Solution) -> float:
    """The largest difference in y's first row at the coarse mesh's points."""
    times = coarse.mesh.times()[:, 1:].ravel()
    here = coarse.y[:, 1:, 0].reshape(len(times), -1)
    return float(np.abs(here - fine.at(times)[:, 0]).max(initial=0.0))
