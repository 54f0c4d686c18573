"""Kernels that are no sums of exponentials: power laws, weakly singular ones, and tables.

Solve them with method "volterra", or with "compressed" (``adamtheory.flows.compression``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adamtheory.flows._scipy import scipy_module
from adamtheory.flows.kernels import Array, Kernel
from adamtheory.validation import reject


@dataclass(frozen=True)
class PowerLaw(Kernel):
    """``level (1 + lag/scale)^(-exponent)``: a memory without a time scale at the end; exponent > 1, scale > 0 (time).

    Its integral is level scale/(exponent - 1)."""

    exponent: float
    scale: float
    level: float = 1.0

    def __post_init__(self) -> None:
        if not (isinstance(self.exponent, (int, float)) and 1 < self.exponent < math.inf):
            reject("exponent", self.exponent, "a finite number > 1: otherwise the kernel is not integrable")
        _positive("scale", self.scale)
        _weight("level", self.level)

    def __call__(self, lags: Array) -> Array:
        return np.asarray(self.level * (1 + np.asarray(lags, dtype=float) / self.scale) ** -self.exponent)

    def tail(self, lags: Array) -> Array:
        return np.asarray((1 + np.asarray(lags, dtype=float) / self.scale) ** (1 - self.exponent))

    def spectrum(self, x: Array) -> tuple[Array, Array]:
        """(1 + s)^(-a) Gamma(a) is the integral over r of r^(a - 1) exp(-r (1 + s)), with r = exp(x)."""
        r = np.exp(x)
        return r / self.scale, self.level * np.exp(self.exponent * x - r - math.lgamma(self.exponent))


@dataclass(frozen=True)
class Gamma(Kernel):
    """``mass lag^(shape - 1) exp(-lag/scale) / (Gamma(shape) scale^shape)``: the gamma density, shape > 0, scale > 0
    (time).

    Below shape 1 it is weakly singular at lag 0, as Abel's kernel is; above 1 the newest gradient does not count."""

    shape: float
    scale: float
    mass: float = 1.0

    def __post_init__(self) -> None:
        _positive("shape", self.shape, ": otherwise the kernel is not integrable")
        _positive("scale", self.scale)
        _weight("mass", self.mass)
        object.__setattr__(self, "singular", 1.0 - self.shape)

    def __call__(self, lags: Array) -> Array:
        s = np.asarray(lags, dtype=float) / self.scale
        with np.errstate(divide="ignore"):
            density = s ** (self.shape - 1) * np.exp(-s - math.lgamma(self.shape))
        return np.asarray(self.mass / self.scale * density)

    def tail(self, lags: Array) -> Array:
        special = scipy_module("special", "the tail of a Gamma kernel")
        return np.asarray(special.gammaincc(self.shape, np.asarray(lags, dtype=float) / self.scale))

    def spectrum(self, x: Array) -> tuple[Array, Array] | None:
        """For shape a < 1, s^(a - 1) Gamma(1 - a) is the integral over r of r^(-a) exp(-r s), with r = exp(x)."""
        if self.shape >= 1:
            return None
        r = np.exp(x)
        level = self.mass / self.scale * math.exp(-math.lgamma(self.shape) - math.lgamma(1 - self.shape))
        return (1 + r) / self.scale, level * np.exp((1 - self.shape) * x)


@dataclass(frozen=True, eq=False)
class Tabulated(Kernel):
    """Linear between ``values`` (per time, any sign) at ascending ``lags`` that start at 0; 0 beyond the last lag."""

    lags: Any
    values: Any
    _past: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lags, values = _numbers("lags", self.lags), _numbers("values", self.values)
        if lags.size < 2 or lags.shape != values.shape:
            reject("values", self.values, f"one for each of the lags ({lags.size}), at least two")
        if lags[0] != 0:
            reject("lags", self.lags, f"lags that start at 0, not at {lags[0]:g}")
        if not (np.diff(lags) > 0).all():
            reject("lags", self.lags, "ascending, each greater than the one before")
        past = np.concatenate([[0.0], np.cumsum(np.diff(lags) * (values[1:] + values[:-1]) / 2)])
        if abs(past[-1]) <= 1e-14 * float(np.trapezoid(np.abs(values), lags)):
            reject("values", self.values, "those of a kernel whose integral is not 0")
        for name, array in (("lags", lags), ("values", values), ("_past", past)):
            object.__setattr__(self, name, array)
        object.__setattr__(self, "kinks", tuple(lags[1:].tolist()))

    @property
    def mass(self) -> float:
        """The integral of the kernel."""
        return float(self._past[-1])

    def __call__(self, lags: Array) -> Array:
        return np.asarray(np.interp(np.asarray(lags, dtype=float), self.lags, self.values, right=0.0))

    def tail(self, lags: Array) -> Array:
        s = np.clip(np.asarray(lags, dtype=float), 0.0, self.lags[-1])
        left = np.minimum(np.searchsorted(self.lags, s, side="right") - 1, len(self.lags) - 2)
        part = (s - self.lags[left]) * (self.values[left] + self(s)) / 2
        return np.asarray(1 - (self._past[left] + part) / self.mass)


def _positive(name: str, value: Any, why: str = "") -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        reject(name, value, f"a finite number > 0{why}")


def _weight(name: str, value: Any) -> None:
    if not (isinstance(value, (int, float)) and math.isfinite(value) and value != 0):
        reject(name, value, "a finite number other than 0")


def _numbers(name: str, values: Any) -> Array:
    try:
        found = np.array(values, dtype=float)
    except (TypeError, ValueError):
        reject(name, values, "an array of numbers", TypeError)
    if found.ndim != 1 or not np.isfinite(found).all():
        reject(name, values, "an array of one dimension, finite everywhere")
    found.setflags(write=False)
    return found
