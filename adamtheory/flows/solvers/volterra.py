"""Flows with any kernels, at the price of a memory that is integrated anew at each step: N panels cost N^2.

Collocation of order 5 (``collocation``) on a mesh that is uniform in one half of its panels and logarithmic towards the
start in the other, for the bias corrections and the memories' own scales; in sqrt(t) for singular flows.  The mesh is
cut in halves until the difference to the solution before says that the tolerance is met.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.memory import MemoryFlow
from adamtheory.flows.solvers.collocation import Solution, Stuck, System, march
from adamtheory.flows.solvers.common import Gradient, History, NotFinite, State, options, start_state
from adamtheory.flows.solvers.product_quadrature import Mesh
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import FlowStopped, Trajectory
from adamtheory.validation import integer

#: meshes on which a flow may stop at some time before that is believed
_TRIALS = 4
#: kinks of kernels become edges of the mesh, unless there are more
_MOST_KINKS = 64


def solve_task(task: Task) -> Trajectory:
    """Options ``panels``, of the first mesh (32), and ``max_panels`` (8192), from where on the solver gives up; with
    ``max_panels`` equal to ``panels`` that mesh's solution is the answer, and ``error`` is nan.

    ``error`` is the difference between the last two meshes, over the rate at which such differences fall (over 3 where
    only two meshes were needed).  ``steps`` are the last mesh's panels, ``rejected`` those of the others;
    ``gradient_evaluations`` counts all of them.  The observer sees the accepted solution, once it is found."""
    options(task, "volterra", ("panels", "max_panels"))
    panels = integer("panels", task.options.get("panels", 32), minimum=1)
    most = integer("max_panels", task.options.get("max_panels", max(8192, panels)), minimum=panels)
    return _Run(task, panels, most).solve()


class _Run:
    def __init__(self, task: Task, panels: int, most: int) -> None:
        self.task, self.panels, self.most = task, panels, most
        self.gradient = Gradient(task)
        self.history = History(task, "volterra")
        self.tolerance = math.nan

    def solve(self) -> Trajectory:
        try:
            self.equations = Equations(self.task, self.gradient)
        except NotFinite as trouble:
            raise self.history.stopped(0.0, trouble.reason, self.gradient.calls) from trouble
        mesh = first_mesh(self.task, self.panels)
        solution: Solution | None = None
        before, error, trials = math.nan, math.nan, 0
        while True:
            try:
                finer = march(self.equations.system, mesh, self.task.rtol, self.task.atol)
            except Stuck as stuck:
                trials += 1
                if trials == _TRIALS or 2 * mesh.panels > self.most:
                    raise self._stopped(stuck.solution, stuck.t, stuck.reason) from stuck
                finer = None
            if solution is not None and finer is not None:
                now = difference(solution, finer)
                falls = before / now if now else math.inf
                error = now / (3.0 if math.isnan(before) else min(max(falls, 2.0), 16.0) - 1)
                before = now
                scale = float(np.abs(finer.y[:, :, 0]).max())
                if error <= self.task.atol + self.task.rtol * scale:
                    return self._finish(finer, error)
            if 2 * mesh.panels > self.most:
                if finer is not None and self.panels == self.most:
                    return self._finish(finer, math.nan)
                reason = f"the error is {error:.2e} still with {mesh.panels} panels, and max_panels = {self.most}"
                raise self._stopped(finer, self.task.t_span[1], reason)
            if self.history.rejected + 3 * mesh.panels > self.task.max_steps:
                raise self._stopped(None, 0.0, f"max_steps = {self.task.max_steps} are used up")
            self.history.rejected += mesh.panels
            solution, mesh = finer, mesh.halved()

    def _stopped(self, solution: Solution | None, t: float, reason: str) -> FlowStopped:
        self._record(solution)
        return self.history.stopped(t, reason, self.gradient.calls, self._dense(solution))

    def _finish(self, solution: Solution, error: float) -> Trajectory:
        self._record(solution)
        return self.history.finish(self.gradient.calls, error, self._dense(solution))

    def _dense(self, solution: Solution | None) -> Callable[[Array], Array] | None:
        if solution is None or not solution.mesh.panels:
            return None

        def theta(times: Array) -> Array:
            return solution.at(times)[:, 0]

        return theta

    def _record(self, solution: Solution | None) -> None:
        self.history.begin(self.equations.start)
        if solution is None:
            return
        times = solution.mesh.times()
        for n in range(solution.mesh.panels):
            states = self.equations.states(times[n], solution, n)

            def between(t: float, states: list[State] = states) -> State:
                _, basis = solution.mesh.basis(np.array([t]))
                parts = (None if part[0] is None else basis[0] @ np.stack(part) for part in zip(*states, strict=True))
                return State(*parts)  # type: ignore[arg-type]

            end = self.task.t_span[1] if n == solution.mesh.panels - 1 else float(times[n, 3])
            self.history.accept(end, states[3], between)


class Equations:
    """A flow as a system of ``collocation``: rows theta and, with inertia, theta'; inputs g^2 and g."""

    def __init__(self, task: Task, gradient: Gradient) -> None:
        flow = self.flow = task.flow
        self.gradient = gradient
        self.g_start = gradient(task.theta0, 0.0)
        self.start = start_state(flow, task.theta0, self.g_start)
        rows = [self.start.theta] if self.start.velocity is None else [self.start.theta, self.start.velocity]
        pull = -flow.speed * flow.decay
        linear = [[pull]] if not flow.inertia else [[0.0, 1.0], [pull / flow.inertia, -1 / flow.inertia]]
        kernels = (flow.second.kernel,) if flow.first is None else (flow.second.kernel, flow.first.kernel)
        self.system = System(kernels, np.stack(rows), np.array(linear), self._inputs, self._forcing)

    def _inputs(self, t: float, y: Array) -> Array:
        g = self.gradient(y[0], t) if t else self.g_start
        return np.stack([g**2, g])

    def moments(self, t: float, x: Array, z: Array) -> tuple[Array, Array]:
        """m and v from the inputs and their memories."""
        first, second, g = self.flow.first, self.flow.second, self.g_start
        m = x[1] if first is None else first.beside_memory(t, x[1], g) + z[1]
        return m, second.beside_memory(t, x[0], g**2) + z[0]

    def _forcing(self, t: float, y: Array, x: Array, z: Array) -> Array:
        m, v = self.moments(t, x, z)
        u = self.flow.update(t, m, v)
        finite = np.isfinite(u)
        if not finite.all():
            i = int(np.argmin(finite))
            raise NotFinite(t, f"the update is not finite in coordinate {i} (m = {m[i]:.3g}, v = {v[i]:.3g})")
        push = -self.flow.speed * u
        return push[None, :] if not self.flow.inertia else np.stack([np.zeros_like(push), push / self.flow.inertia])

    def states(self, times: Array, solution: Solution, n: int) -> list[State]:
        """The states at the four points of panel n."""
        found = []
        for i, t in enumerate(times.tolist()):
            m, v = self.moments(t, solution.x[n, i], solution.z[n, i])
            y = solution.y[n, i]
            found.append(State(y[0], m, v, y[1] if self.flow.inertia else None))
        return found


def first_mesh(task: Task, panels: int) -> Mesh:
    """``panels`` panels (and some more at kinks), half of them for the whole span and half for its logarithm."""
    flow, end = task.flow, task.t_span[1]
    power = 2 if flow.singular else 1
    early = min(max(_shortest(flow), 1e-9 * end), end)
    t = np.concatenate([[0.0], np.geomspace(1e-4 * early, end, 4000)])
    reached = t / end + np.log1p(t / early) / math.log1p(end / early)
    edges = np.interp(np.linspace(0.0, 2.0, panels + 1), reached, t)
    kernels = [moment.kernel for moment in (flow.first, flow.second) if moment is not None]
    kinks = sorted({lag for kernel in kernels for lag in kernel.kinks if lag < end})
    if len(kinks) <= _MOST_KINKS:
        edges = np.unique(np.concatenate([edges, kinks]))
    edges[-1] = end
    return Mesh(edges ** (1 / power), power)


def _shortest(flow: MemoryFlow) -> float:
    """A tenth of the shortest time that the flow knows of; much less where a kernel starts like a power of the lag."""
    kernels = [moment.kernel for moment in (flow.first, flow.second) if moment is not None]
    scale = 0.1 * min([flow.duration, *(1 / rate for rate in flow.rates if rate)])
    return scale * (1e-4 if any(kernel.singular % 1 for kernel in kernels) else 1.0)


def difference(coarse: Solution, fine: Solution) -> float:
    """The largest difference in theta (the first row of y) at the coarse mesh's points."""
    times = coarse.mesh.times()[:, 1:].ravel()
    here = coarse.y[:, 1:, 0].reshape(len(times), -1)
    return float(np.abs(here - fine.at(times)[:, 0]).max(initial=0.0))
