"""Integro-differential equations whose solutions are known in closed form, for trying solvers on.

``y' = slope(t, y, z)`` with ``z = integral over [0, t] of K(t - s) remembered(s, y(s)) ds``.  Where an equation is made
for its solution, z's value along it, worked out by hand, is subtracted from z again.  The test suite holds each slope
along the solution, with z by adaptive quadrature, against the solution's own derivative.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adamtheory.flows._scipy import scipy_module
from adamtheory.flows.general_kernels import Gamma, PowerLaw, Tabulated
from adamtheory.flows.kernels import Array, Constant, Exponential, ExponentialSum, Kernel


@dataclass(frozen=True, eq=False)
class KnownEquation:
    """``slope`` and ``remembered`` take t, y of shape (d,) (and z of shape (e,)) and give arrays (d,) and (e,).

    ``solution(t)`` is y, shape (d,), for 0 <= t <= end.  ``root``: y' is infinite at 0, or y is smooth only in
    sqrt(t)."""

    name: str
    kernel: Kernel
    start: tuple[float, ...]
    slope: Callable[[float, Array, Array], Array]
    remembered: Callable[[float, Array], Array]
    solution: Callable[[float], Array]
    end: float
    root: bool = False


def _oscillator(t: float) -> Array:
    """y'' + y' + y = 0, y(0) = 1, y'(0) = 0, which y' = -z with y' + z = 0 is."""
    w = math.sqrt(3) / 2
    return np.array([math.exp(-t / 2) * (math.cos(w * t) + math.sin(w * t) / math.sqrt(3))])


def _population(t: float) -> Array:
    """Y = 1 + q tanh(q t/2 - c) solves Y' = 1/2 + Y - Y^2/2 from Y(0) = 0, with q = sqrt(2), tanh(c) = 1/q; y = Y'."""
    q = math.sqrt(2)
    return np.array([1 / math.cosh(q * t / 2 - math.atanh(1 / q)) ** 2])


def _relaxation(t: float) -> Array:
    """exp(-t) E(-t^(3/2)), with Mittag-Leffler's E of order 3/2: w = exp(t) y has w' = -(t^(-1/2)/Gamma(1/2)) * w."""
    return np.array([math.exp(-t) * math.fsum((-1) ** k * t ** (1.5 * k) / math.gamma(1.5 * k + 1) for k in range(60))])


def adagrad_parabola(t: float) -> float:
    """theta(t) of AdaGrad's flow theta' = -g/sqrt(integral of g^2) on theta^2/2 from theta = 1.

    With S = sqrt(integral of theta^2), theta^2 = 1 - 4 S, so w = theta^2 solves 8 t = w - 1 - ln(w).  On any multiple
    of theta^2/2, from theta0 and with the kernel 1/lr, it is theta0 times this at lr t/theta0^2."""
    if t == 0:
        return 1.0
    return math.sqrt(-float(scipy_module("special", "AdaGrad's closed form").lambertw(-math.exp(-1 - 8 * t)).real))


def _decay(t: float) -> Array:
    return np.array([math.exp(-t)])


def _itself(t: float, y: Array) -> Array:
    return y


def _squared(t: float, y: Array) -> Array:
    return y**2


_STIFF = 1000.0


def _stiff_memory(t: float) -> float:
    """The average of cos with the rate r: (r cos t + sin t - r exp(-r t)) r/(r^2 + 1)."""
    r = _STIFF
    return (r * math.cos(t) + math.sin(t) - r * math.exp(-r * t)) * r / (r * r + 1)


def _square_law(t: float) -> float:
    """The memory of 1/(1 + s) under (1 + lag)^(-2), by partial fractions."""
    return t / ((1 + t) * (2 + t)) + 2 * math.log1p(t) / (2 + t) ** 2


def _triangle(t: float) -> float:
    """The memory of exp(-s) under 1 - lag on [0, 1], over exp(-t)."""
    m = min(t, 1.0)
    return (2 - m) * math.exp(m) - 2


def _circle(t: float) -> Array:
    """The memory of (cos, sin) under exp(-lag)."""
    whole = (cmath.exp(1j * t) - math.exp(-t)) / (1 + 1j)
    return np.array([whole.real, whole.imag])


KNOWN = (
    KnownEquation("damped oscillator", Exponential(1.0), (1.0,), lambda t, y, z: -z, _itself, _oscillator, 4.0),
    KnownEquation("cosine", Constant(1.0), (1.0,), lambda t, y, z: -z, _itself, lambda t: np.array([math.cos(t)]), 4.0),
    KnownEquation(
        "hyperbolic tangent",
        Constant(1.0),
        (0.0,),
        lambda t, y, z: (1 - y) * (1 + t - z),
        _squared,
        lambda t: np.array([math.tanh(t)]),
        3.0,
    ),
    KnownEquation(
        "population with a past", Constant(1.0), (0.5,), lambda t, y, z: y * (1 - z), _itself, _population, 4.0
    ),
    KnownEquation(
        "resonant square",
        Exponential(2.0),
        (1.0,),
        lambda t, y, z: -y + z - 2 * t * y**2,
        _squared,
        _decay,
        3.0,
    ),
    KnownEquation(
        "oscillating kernel",
        ExponentialSum((1.0 + 0j,), (1 + 3j,)),
        (1.0,),
        lambda t, y, z: -y + z - y * math.sin(3 * t) / 3,
        _itself,
        _decay,
        3.0,
    ),
    KnownEquation(
        "cancelling exponentials",
        ExponentialSum((1.0, -1.0), (1.0, 2.0)),
        (1.0,),
        lambda t, y, z: -3 * y + z - (math.exp(-t) - 2 * math.exp(-2 * t) + y) / 2,
        _itself,
        lambda t: np.array([math.exp(-3 * t)]),
        3.0,
    ),
    KnownEquation(
        "stiff memory",
        Exponential(_STIFF),
        (1.0,),
        lambda t, y, z: _stiff_memory(t) - z - math.sin(t),
        _itself,
        lambda t: np.array([math.cos(t)]),
        3.0,
    ),
    KnownEquation(
        "power law",
        PowerLaw(2.0, 1.0),
        (1.0,),
        lambda t, y, z: 1 + _square_law(t) - z,
        lambda t, y: 1 / y,
        lambda t: np.array([1 + t]),
        4.0,
    ),
    KnownEquation(
        "gamma kernel",
        Gamma(2.0, 1.0),
        (0.0,),
        lambda t, y, z: math.cos(t) - (1 + y**2) * (z - (math.exp(-t) * (1 + t) - math.cos(t)) / 2),
        _itself,
        lambda t: np.array([math.sin(t)]),
        4.0,
    ),
    KnownEquation(
        "weakly singular, made",
        Gamma(0.5, 1.0),
        (1.0,),
        lambda t, y, z: -y + z - 2 * y * math.sqrt(t / math.pi),
        _itself,
        _decay,
        3.0,
        root=True,
    ),
    KnownEquation(
        "fractional relaxation", Gamma(0.5, 1.0), (1.0,), lambda t, y, z: -y - z, _itself, _relaxation, 3.0, root=True
    ),
    KnownEquation(
        "table of a triangle",
        Tabulated((0.0, 1.0), (1.0, 0.0)),
        (1.0,),
        lambda t, y, z: -y + z - y * _triangle(t),
        _itself,
        _decay,
        3.0,
    ),
    KnownEquation(
        "circle",
        Exponential(1.0),
        (1.0, 0.0),
        lambda t, y, z: np.array([-y[1], y[0]]) + z - _circle(t),
        _itself,
        lambda t: np.array([math.cos(t), math.sin(t)]),
        4.0,
    ),
    KnownEquation(
        "two that remember squares",
        Constant(1.0),
        (1.0, 1.0),
        lambda t, y, z: np.array([-y[0] + (1 - y[0] ** 2) / 2 - z[0], -(y[1] ** 2) + y[0] * (1 - y[1] - z[1])]),
        _squared,
        lambda t: np.array([math.exp(-t), 1 / (1 + t)]),
        3.0,
    ),
    KnownEquation(
        "AdaGrad on a parabola",
        Constant(1.0),
        (1.0,),
        lambda t, y, z: -y / np.sqrt(z),
        _squared,
        lambda t: np.array([adagrad_parabola(t)]),
        1.0,
        root=True,
    ),
)
