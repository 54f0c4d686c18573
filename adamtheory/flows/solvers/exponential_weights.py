"""Scalar weights of one panel: what the exponential solver multiplies its nodal values by.

A panel is a stretch of time [t, t + H] with a rule of n Gauss points, in the coordinate t or, where the flow starts
like a root, sqrt(t).  On it the gradient is a known polynomial, so a mode y' = x - rate y is

    y(t + s) = exp(-rate s) y(t) + integral over [0, s] of exp(-rate (s - r)) x(t + r) dr,

and the same holds for theta under the update u, with the kernel of ``inertia theta'' + theta' + c theta = -speed u``.
Every integral is that of a kernel against the polynomial through the nodes, whatever the size of rate H: by a
Gauss rule while rate H is moderate, and beyond by the polynomial solution of the mode's own equation.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.memory import MemoryFlow, Moment

#: rate H up to which a Gauss rule resolves exp(-rate s) to rounding; beyond, no derivative grows against the rate
SHARP = 40.0
_FINE = 32


@dataclass(frozen=True)
class Rule:
    """n Gauss points on [0, 1], with the fine rule behind the integrals and what interpolation needs."""

    nodes: Array  # (n,)
    upper: Array  # (n + 1,): the nodes and 1
    weights: Array  # (n,)
    tail: Array  # (2, n): the last two Legendre coefficients
    fine: Array  # (_FINE,)
    fine_weights: Array  # (_FINE,)
    inner: Array  # (n + 1, _FINE, n): the nodes' polynomials at fine points of [0, node], and of [0, 1]
    lags: Array  # (n + 1, 1, _FINE): from the fine points up to the node, or to 1
    weighted: Array  # ``inner`` with the fine weights of an integral over [0, node], or [0, 1]
    integral: Array  # (n + 1, n): those integrals of the nodes' polynomials
    derivative: Array  # (n, n)
    ends: Array  # (2, n): the nodes' polynomials at 0 and 1


@cache
def rule(count: int) -> Rule:
    """That of ``count`` points, at most 10: above, ``SHARP`` would have to be larger."""
    x, w = np.polynomial.legendre.leggauss(count)
    y, b = np.polynomial.legendre.leggauss(_FINE)
    nodes, fine = (x + 1) / 2, (y + 1) / 2
    # Discrete orthogonality turns nodal values into Legendre coefficients, and those into values anywhere.
    basis = np.polynomial.legendre.legvander(x, count - 1)
    coefficients = (np.arange(count) + 0.5)[:, None] * basis.T * w
    upper = np.append(nodes, 1.0)
    inner = np.polynomial.legendre.legvander(2 * upper[:, None] * fine - 1, count - 1) @ coefficients
    slopes = np.polynomial.legendre.legder(np.eye(count), axis=0)
    derivative = 2 * np.polynomial.legendre.legvander(x, count - 2) @ slopes @ coefficients
    ends = np.polynomial.legendre.legvander(np.array([-1.0, 1.0]), count - 1) @ coefficients
    lags = (upper[:, None] * (1 - fine))[:, None, :]
    weighted = inner * (upper[:, None] * b / 2)[:, :, None]
    integral = weighted.sum(axis=1)
    return Rule(
        nodes, upper, w / 2, coefficients[-2:], fine, b / 2, inner, lags, weighted, integral, derivative, ends
    )


def mode_integrals(rate: complex, width: float, known: Rule) -> Array:
    """(n + 1, n): integral over [0, s] of exp(-rate (s - r)) x(r) dr from x at the nodes, for s at the nodes
    and at ``width``."""
    z = rate * width
    if z == 0:
        return width * known.integral
    if abs(z) <= SHARP:
        return np.asarray(width * (np.exp(-z * known.lags) @ known.weighted)[:, 0])
    slow = np.linalg.solve(known.derivative + z * np.eye(len(known.nodes)), np.eye(len(known.nodes))) * width
    found = np.empty((len(slow) + 1, len(slow)), dtype=slow.dtype)
    found[:-1], found[-1] = slow, known.ends[1] @ slow
    return found - np.exp(-z * known.upper)[:, None] * (known.ends[0] @ slow)


def root_integrals(rate: complex, start: float, end: float, known: Rule, *, density: bool = True) -> Array:
    """``mode_integrals`` in the coordinate sqrt(t) from ``start`` to ``end``, for rate (end^2 - start^2) <= SHARP.

    Without ``density`` the integral is over the coordinate itself, for what is no polynomial before dt/d(coordinate)
    multiplies it."""
    upper = start + (end - start) * known.upper
    points = start + (upper - start)[:, None] * known.fine
    lags = (upper[:, None] - points) * (upper[:, None] + points)
    kernel = np.exp(-rate * lags) * ((upper - start)[:, None] * known.fine_weights)
    if density:
        kernel = kernel * 2 * points
    return np.asarray(np.einsum("qf,qfj->qj", kernel, known.inner))


@dataclass(frozen=True)
class Modes:
    """A moment's exponentials: value = share x + Re sum of weight y, with y' = source x - rate y."""

    rates: Array
    weights: Array
    sources: Array
    starts: Array  # y(0) over past x(0) + carried
    share: float

    @staticmethod
    def of(moment: Moment) -> Modes:
        """Those of a moment, with its tail as the modes' start."""
        modes = list(moment.modes) if any(mode.weight for mode in moment.modes) else []
        tail = bool(moment.past) or bool(np.any(moment.carried))
        if not modes and tail:  # nothing is remembered, but for the start
            first = moment.modes[0]
            one = np.ones(1)
            return Modes(first.rate * one, one, 0 * one, one, moment.share)
        rates, weights = np.array([mode.rate for mode in modes]), np.array([mode.weight for mode in modes])
        if not (np.iscomplexobj(rates) or np.iscomplexobj(weights)):
            rates, weights = rates.astype(float), weights.astype(float)
        if len(modes) == 1 and not np.iscomplexobj(weights):
            starts = 1 / weights
        else:  # the tail is Re sum of weight/rate exp(-rate t), over its value at 0
            starts = 1 / (rates * (weights / rates).real.sum()) if tail else np.zeros_like(rates)
        return Modes(rates, weights, np.ones(len(modes)), starts, moment.share)


@dataclass(frozen=True)
class MomentWeights:
    """value at nodes = Re(held @ y) + direct @ x; y at the end = keep * y + gather @ x."""

    held: Array  # (n, modes)
    direct: Array  # (n, n)
    keep: Array  # (modes, 1)
    gather: Array  # (modes, n)

    @staticmethod
    def of(modes: Modes, start: float, end: float, root: bool, known: Rule) -> MomentWeights:
        """For the panel from ``start`` to ``end`` in the coordinate."""
        lags = _lags(start, end, root, known)
        direct = modes.share * np.eye(len(known.nodes))
        gather = np.empty((len(modes.rates), len(known.nodes)), dtype=modes.rates.dtype)
        for j, rate in enumerate(modes.rates):
            found = root_integrals(rate, start, end, known) if root else mode_integrals(rate, end - start, known)
            direct += modes.sources[j] * (modes.weights[j] * found[:-1]).real
            gather[j] = modes.sources[j] * found[-1]
        decay = np.exp(-lags[:, None] * modes.rates)
        return MomentWeights(decay[:-1] * modes.weights, direct, decay[-1][:, None], gather)


@dataclass(frozen=True)
class Panel:
    """All weights of a panel.  theta at the end = motion[0] . (theta, psi) + push @ u, and psi = theta' likewise."""

    lags: Array  # (n,): times of the nodes after the panel's start
    width: float
    first: MomentWeights | None
    second: MomentWeights
    motion: Array  # (2, 2), or (1, 1) without inertia
    push: Array  # (2 or 1, n)
    tail: Array  # (2, n): last Legendre coefficients of theta' by u, times the panel's width


def _lags(start: float, end: float, root: bool, known: Rule) -> Array:
    ahead = (end - start) * known.upper
    return ahead * (2 * start + ahead) if root else ahead


def panel(
    flow: MemoryFlow, first: Modes | None, second: Modes, start: float, end: float, root: bool, known: Rule
) -> Panel:
    """The weights between two values of the coordinate."""
    lags = _lags(start, end, root, known)
    density = 2 * (start + (end - start) * known.nodes) if root else np.ones(len(known.nodes))

    def integrals(rate: complex) -> Array:
        if root:
            return root_integrals(rate, start, end, known, density=False)[-1] * density
        return mode_integrals(rate, end - start, known)[-1]

    motion, push = _motion(flow, float(lags[-1]), integrals)
    return Panel(
        lags[:-1],
        float(lags[-1]),
        MomentWeights.of(first, start, end, root, known) if first else None,
        MomentWeights.of(second, start, end, root, known),
        motion,
        push,
        flow.speed * (end - start) * known.tail * density,
    )


def _motion(flow: MemoryFlow, width: float, integrals: Callable[[complex], Array]) -> tuple[Array, Array]:
    """The free motion over the panel, and the weights of u."""
    c = flow.speed * flow.decay
    if not flow.inertia:
        return np.array([[np.exp(-c * width)]]), -flow.speed * integrals(c)[None]
    fast, slow = fast_and_slow(flow)
    split = flow.inertia * (fast - slow)
    a, b = np.exp(-slow * width), np.exp(-fast * width)
    k, slope = ((a - b) / split).real, ((fast * b - slow * a) / split).real
    motion = np.array([[flow.inertia * slope + k, flow.inertia * k], [-c * k, flow.inertia * slope]])
    x, y = integrals(slow), integrals(fast)
    return motion, -flow.speed * np.array([((x - y) / split).real, ((fast * y - slow * x) / split).real])


def fast_and_slow(flow: MemoryFlow) -> tuple[complex, complex]:
    """The rates of free motion, k+ and k- (Gould & Tanaka 2024, Appendix C); real where they are."""
    c = flow.speed * flow.decay
    spread = 1 - 4 * c * flow.inertia
    if abs(spread) < 1e-11:  # a double root: parted by less than the solver resolves, so that divisions stand
        spread = 1e-11
    fast = (1 + cmath.sqrt(spread)) / (2 * flow.inertia)
    slow = c / (flow.inertia * fast)
    return (fast.real, slow.real) if spread > 0 else (fast, slow)
