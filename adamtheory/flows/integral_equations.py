"""Integro-differential equations y' = slope(t, y, z), z the memories of y, on the engine of the Volterra solver.

``solve_equation`` is for any of them; ``check_equations`` tries it on those of ``known_equations``, beside a reference
that has nothing in common with it: adaptive Gauss-Kronrod quadrature of the memory inside a spectral Picard iteration.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from adamtheory.flows._scipy import scipy_module
from adamtheory.flows.kernels import Array, Kernel
from adamtheory.flows.known_equations import KNOWN, KnownEquation
from adamtheory.flows.solvers.collocation import Solution, Stuck, System, march
from adamtheory.flows.solvers.common import NotFinite
from adamtheory.flows.solvers.refinement import Refined, Unfinished, graded_mesh, refine
from adamtheory.validation import boolean, integer, reject

#: the sweeps of the reference on a piece, its Chebyshev points, and the change at which it stops
_SWEEPS, _NODES, _STILL = 100, 12, 1e-13


@dataclass(frozen=True, eq=False)
class EquationSolution:
    """y (N, d) at the times t (N,); ``error`` is the estimate of its largest error, ``evaluations`` the calls of
    slope."""

    t: Array
    y: Array
    error: float
    panels: int
    evaluations: int


@dataclass(frozen=True)
class EquationCheck:
    """How one known equation was solved.  Errors are the largest over 200 times; ``order``: by which power of the
    panels' width the engine's error at their points falls from 8 to 16 panels; evaluations are calls of slope."""

    name: str
    kernel: str
    error: float
    estimate: float
    order: float
    evaluations: int
    reference_error: float
    reference_evaluations: int


def solve_equation(
    kernel: Kernel,
    slope: Callable[[float, Array, Array], Array],
    remembered: Callable[[float, Array], Array],
    start: Array,
    end: float,
    *,
    times: Array | None = None,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    root: bool = False,
    panels: int = 8,
    max_panels: int = 4096,
) -> EquationSolution:
    """y' = slope(t, y, z) on [0, end] from y(0) = start, z the integral over [0, t] of K(t - s) remembered(s, y(s)).

    ``slope`` gives shape (d,), ``remembered`` (e,).  ``root``: y is smooth in sqrt(t) rather than in t.  ``times`` to
    report, or None for the mesh's.  With ``max_panels`` equal to ``panels`` that mesh's solution is returned, and error
    is nan.  Raises ValueError for bad input, and ArithmeticError where the tolerance is not reached."""
    first = np.atleast_1d(np.array(start, dtype=float))
    if first.ndim != 1 or not np.isfinite(first).all():
        reject("start", start, "an array of shape (d,), finite everywhere")
    if not 0 < end < math.inf:
        reject("end", end, "a finite number > 0")
    integer("panels", panels, minimum=1)
    integer("max_panels", max_panels, minimum=panels)
    calls = 0

    def forcing(t: float, y: Array, x: Array, z: Array) -> Array:
        nonlocal calls
        calls += 1
        return _checked("slope", slope(t, y[0], z[0]), t, first.shape)[None, :]

    def inputs(t: float, y: Array) -> Array:
        return _checked("remembered", remembered(t, y[0]), t, None)[None, :]

    system = System((kernel,), first[None, :], np.zeros((1, 1)), inputs, forcing)
    # Where the kernel is weakly singular, so may the solution's derivatives be.
    early = end * (1e-6 if kernel.singular % 1 else 1.0)
    mesh = graded_mesh(end, panels, early, 2 if boolean("root", root) else 1, (kernel,))
    try:
        if panels == max_panels:
            found = Refined(march(system, mesh, rtol, atol), math.nan, 0)
        else:
            found = refine(system, mesh, rtol, atol, max_panels)
    except (Stuck, Unfinished, NotFinite) as trouble:
        raise ArithmeticError(f"equation not solved at t = {trouble.t:.6g}: {trouble.reason}") from trouble
    solution: Solution = found.solution
    t = np.append(0.0, solution.mesh.times()[:, 3]) if times is None else np.asarray(times, dtype=float)
    return EquationSolution(t, solution.at(t)[:, 0], found.error, solution.mesh.panels, calls)


def _checked(name: str, value: Array, t: float, shape: tuple[int, ...] | None) -> Array:
    found = np.atleast_1d(np.asarray(value, dtype=float))
    if found.ndim != 1 or shape not in (None, found.shape):
        reject(f"what {name} returns", found.shape, f"of shape {shape or '(e,)'}")
    if not np.isfinite(found).all():
        raise NotFinite(t, f"{name} is not finite")
    return found


def solve_by_quadrature(equation: KnownEquation, times: Array) -> tuple[Array, int]:
    """(y at the times, calls of slope), by brute force: y is a Chebyshev series on each of some pieces of t, or of
    sqrt(t), and Picard's iteration integrates slope at its nodes, with the memory there by Gauss-Kronrod quadrature to
    1e-12.  ArithmeticError where the iteration does not settle."""
    power = 2 if equation.root else 1
    edges = np.linspace(0.0, equation.end ** (1 / power), math.ceil(4 * equation.end) + 1)
    nodes = np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
    starts, series = edges[:-1] ** power, np.zeros((len(edges) - 1, _NODES + 1, len(equation.start)))

    def value(t: float) -> Array:
        piece = max(0, int(np.searchsorted(starts, t, side="left")) - 1)
        part = (t ** (1 / power) - edges[piece]) / (edges[piece + 1] - edges[piece])
        return np.asarray(chebyshev.chebval(2 * part - 1, series[piece]))

    def remembered(s: float) -> Array:
        return equation.remembered(s, value(s))

    start, calls = np.array(equation.start), 0
    for piece in range(len(starts)):
        half = (edges[piece + 1] - edges[piece]) / 2
        rho = edges[piece] + (nodes + 1) * half
        series[piece, 0] = start
        before = [_memory(equation.kernel, remembered, float(t), 0.0, float(starts[piece])) for t in rho**power]
        for _ in range(_SWEEPS):
            slopes = np.empty((_NODES, len(start)))
            for i, t in enumerate((rho**power).tolist()):
                z = before[i] + _memory(equation.kernel, remembered, t, float(starts[piece]), t)
                slopes[i] = equation.slope(t, value(t), z) * power * rho[i] ** (power - 1)
            calls += _NODES
            rising = chebyshev.chebint(chebyshev.chebfit(nodes, slopes, _NODES - 1), lbnd=-1, scl=half)
            rising[0] += start
            change = np.abs(chebyshev.chebval(nodes, rising) - chebyshev.chebval(nodes, series[piece])).max()
            series[piece] = rising
            if change < _STILL:
                break
        else:
            raise ArithmeticError(f"Picard's iteration for {equation.name!r} does not settle before t = {t:g}")
        start = chebyshev.chebval(1.0, series[piece])
    return np.stack([value(float(t)) for t in times]), calls


def _memory(kernel: Kernel, remembered: Callable[[float], Array], t: float, since: float, until: float) -> Array:
    """The memory at t of [since, until], in the variable lag^(1 - singular), in which no kernel is singular."""
    if since == until:
        return np.zeros(1)
    power = 1 / (1 - max(kernel.singular, 0.0))

    def integrand(w: float) -> Array:
        lag = w**power
        return np.asarray(kernel(np.array(lag)) * power * w ** (power - 1) * remembered(t - lag))

    low, high = t - until, t - since
    # One point where short memories are, so that the first panels do not miss them.
    points = [lag for lag in (*kernel.kinks, 0.01 * high) if low < lag < high]
    found, _ = scipy_module("integrate", "the reference by quadrature").quad_vec(
        integrand,
        low ** (1 / power),
        high ** (1 / power),
        epsabs=1e-12,
        epsrel=1e-12,
        points=[lag ** (1 / power) for lag in points],
    )
    return np.asarray(found)


def check_equations(names: tuple[str, ...] | None = None) -> tuple[EquationCheck, ...]:
    """Solve the known equations (all of them, or those named) to 1e-8, beside the reference."""
    known = {equation.name: equation for equation in KNOWN}
    for name in names or ():
        if name not in known:
            reject("names", name, "among " + ", ".join(map(repr, known)))
    return tuple(_check(known[name]) for name in (known if names is None else names))


def _check(equation: KnownEquation) -> EquationCheck:
    times = np.linspace(0.0, equation.end, 201)[1:]
    exact = np.stack([equation.solution(float(t)) for t in times])

    def solved(panels: int, most: int, at: Array | None) -> EquationSolution:
        return solve_equation(
            equation.kernel,
            equation.slope,
            equation.remembered,
            np.array(equation.start),
            equation.end,
            times=at,
            root=equation.root,
            panels=panels,
            max_panels=most,
            rtol=1e-8 if at is not None else 1e-13,
            atol=1e-10 if at is not None else 1e-13,
        )

    engine = solved(8, 4096, times)
    falls = []
    for panels in (8, 16):
        mesh = solved(panels, panels, None)
        falls.append(np.abs(mesh.y - np.stack([equation.solution(float(t)) for t in mesh.t])).max())
    reference, calls = solve_by_quadrature(equation, times)
    return EquationCheck(
        name=equation.name,
        kernel=type(equation.kernel).__name__,
        error=float(np.abs(engine.y - exact).max()),
        estimate=engine.error,
        order=math.log2(falls[0] / falls[1]),
        evaluations=engine.evaluations,
        reference_error=float(np.abs(reference - exact).max()),
        reference_evaluations=calls,
    )
