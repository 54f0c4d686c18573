"""Flows with any kernels, at the price of a memory that is integrated anew at each step: N panels cost N^2.

Collocation of order 5 (``collocation``) on a mesh that is uniform in one half of its panels and logarithmic towards the
start in the other, for the bias corrections and the memories' own scales; in sqrt(t) for singular flows.  The mesh is
cut in halves until the difference to the solution before says that the tolerance is met (``refinement``).
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
from adamtheory.flows.solvers.refinement import Refined, Unfinished, graded_mesh, refine
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import Trajectory
from adamtheory.validation import integer


def solve_task(task: Task) -> Trajectory:
    """Options ``panels``, of the first mesh (32), and ``max_panels`` (8192), from where on the solver gives up.  With
    ``max_panels`` equal to ``panels`` that mesh's solution is the answer, and ``error`` is nan.

    ``error`` is ``refinement``'s estimate.  ``steps`` are the last mesh's panels, ``rejected`` those of the others;
    ``gradient_evaluations`` counts all of them.  The observer sees the accepted solution, once it is found."""
    options(task, "volterra", ("panels", "max_panels"))
    panels = integer("panels", task.options.get("panels", 32), minimum=1)
    most = integer("max_panels", task.options.get("max_panels", max(8192, panels)), minimum=panels)
    gradient = Gradient(task)
    history = History(task, "volterra")
    try:
        equations = Equations(task, gradient)
    except NotFinite as trouble:
        raise history.stopped(0.0, trouble.reason, gradient.calls) from trouble
    system, mesh = equations.system, _mesh(task.flow, task.t_span[1], panels)
    try:
        if most == panels:
            found = Refined(march(system, mesh, task.rtol, task.atol), math.nan, 0)
        else:
            found = refine(system, mesh, task.rtol, task.atol, most, task.max_steps)
    except (Stuck, Unfinished) as trouble:
        history.rejected = trouble.before if isinstance(trouble, Unfinished) else 0
        dense = _record(history, equations, trouble.solution, task.t_span[1])
        raise history.stopped(trouble.t, trouble.reason, gradient.calls, dense) from trouble
    history.rejected = found.before
    dense = _record(history, equations, found.solution, task.t_span[1])
    return history.finish(gradient.calls, found.error, dense)


def _mesh(flow: MemoryFlow, end: float, panels: int) -> Mesh:
    """Logarithmic from a tenth of the shortest time that the flow knows of; from much less where a kernel starts like
    a power of the lag."""
    kernels = tuple(moment.kernel for moment in (flow.first, flow.second) if moment is not None)
    scale = 0.1 * min([flow.duration, *(1 / rate for rate in flow.rates if rate)])
    if any(kernel.singular % 1 for kernel in kernels):
        scale *= 1e-4
    return graded_mesh(end, panels, min(max(scale, 1e-9 * end), end), 2 if flow.singular else 1, kernels)


def _record(
    history: History, equations: Equations, solution: Solution | None, end: float
) -> Callable[[Array], Array] | None:
    """Put the solution's steps into the history; its dense output."""
    history.begin(equations.start)
    if solution is None or not solution.mesh.panels:
        return None
    mesh, times = solution.mesh, solution.mesh.times()
    for n in range(mesh.panels):
        states = equations.states(times[n], solution, n)

        def between(t: float, states: list[State] = states) -> State:
            basis = mesh.basis(np.array([t]))[1][0]
            parts = (None if part[0] is None else basis @ np.stack(part) for part in zip(*states, strict=True))
            return State(*parts)  # type: ignore[arg-type]

        last = n == mesh.panels - 1 and math.isclose(times[n, 3], end)
        history.accept(end if last else float(times[n, 3]), states[3], between)
    return lambda wanted: solution.at(wanted)[:, 0]


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
