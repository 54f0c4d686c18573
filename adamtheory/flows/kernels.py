"""Memory kernels: how much a gradient of some time ago still counts.

A kernel K weighs the past as ``integral over [0, t] of K(t - s) x(s) ds``; lags have the unit of time, K that of
1/time.  Kernels that are sums of exponentials carry their ``modes``, and become ordinary differential equations; others
need the Volterra solver or a compression (``adamtheory.flows.compression``).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from adamtheory.validation import reject

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Mode:
    """One exponential: ``Re(weight y)`` with y' = x - rate y, y(0) = 0.  A complex mode stands for a conjugate pair,
    its weight for twice the real part of one."""

    rate: complex
    weight: complex


class Kernel(ABC):
    """What a memory kernel has to know.

    For quadratures: ``singular``, K(lag) ~ lag^(-singular) at lag 0 (below 1; negative where K starts like a root), and
    ``kinks``, the lags > 0 where K is not smooth."""

    singular: float = 0.0
    kinks: tuple[float, ...] = ()

    @abstractmethod
    def __call__(self, lags: Array) -> Array:
        """K at the lags (>= 0)."""

    @abstractmethod
    def tail(self, lags: Array) -> Array:
        """What is left of a constant past after a time ``lags``: the integral of K beyond it over that of all of K; 1
        where the kernel never forgets."""

    @property
    def modes(self) -> tuple[Mode, ...] | None:
        """The exponentials that make up the kernel, or None."""
        return None

    def spectrum(self, x: Array) -> tuple[Array, Array] | None:
        """(rates, weights), functions of x in R, such that K(lag) is the integral over x of weights exp(-rates lag),
        rates rising with x; None where no such integral with positive weights is known."""
        return None


@dataclass(frozen=True)
class Exponential(Kernel):
    """``mass * rate * exp(-rate lag)``: an exponential moving average times ``mass``; rate > 0, per time."""

    rate: float
    mass: float = 1.0

    def __post_init__(self) -> None:
        if not (isinstance(self.rate, (int, float)) and 0 < self.rate < math.inf):
            reject("rate", self.rate, "a finite number > 0: a kernel that does not decay is not integrable")
        if not math.isfinite(self.mass):
            reject("mass", self.mass, "a finite number")

    def __call__(self, lags: Array) -> Array:
        return self.mass * self.rate * np.exp(-self.rate * np.asarray(lags, dtype=float))

    def tail(self, lags: Array) -> Array:
        return np.exp(-self.rate * np.asarray(lags, dtype=float))

    @property
    def modes(self) -> tuple[Mode, ...]:
        return (Mode(self.rate, self.mass * self.rate),)


@dataclass(frozen=True)
class Constant(Kernel):
    """``level`` at every lag: AdaGrad's memory, which forgets nothing; level > 0, per time."""

    level: float

    def __post_init__(self) -> None:
        if not (isinstance(self.level, (int, float)) and 0 < self.level < math.inf):
            reject("level", self.level, "a finite number > 0")

    def __call__(self, lags: Array) -> Array:
        return np.full_like(np.asarray(lags, dtype=float), self.level)

    def tail(self, lags: Array) -> Array:
        return np.ones_like(np.asarray(lags, dtype=float))

    @property
    def modes(self) -> tuple[Mode, ...]:
        return (Mode(0.0, self.level),)


@dataclass(frozen=True)
class ExponentialSum(Kernel):
    """``Re sum of weights[j] exp(-rates[j] lag)``; rates with positive real part, weights real or complex."""

    weights: tuple[complex, ...]
    rates: tuple[complex, ...]

    def __post_init__(self) -> None:
        if not self.rates or len(self.rates) != len(self.weights):
            reject("weights", self.weights, f"one for each of the {len(self.rates)} rates, at least one")
        for rate in self.rates:
            if not (complex(rate).real > 0 and math.isfinite(abs(rate))):
                reject("rates", rate, "finite with a positive real part: otherwise the kernel is not integrable")
        if not all(math.isfinite(abs(w)) for w in self.weights):
            reject("weights", self.weights, "finite numbers")
        if self.mass == 0:
            reject("weights", self.weights, "weights of a kernel whose integral is not 0")

    @property
    def mass(self) -> float:
        """The integral of the kernel over all lags."""
        return float(sum((w / r).real for w, r in zip(self._weights, self._rates, strict=True)))

    @property
    def _weights(self) -> list[complex]:
        return [complex(w) for w in self.weights]

    @property
    def _rates(self) -> list[complex]:
        return [complex(r) for r in self.rates]

    def __call__(self, lags: Array) -> Array:
        s = np.asarray(lags, dtype=float)
        parts = (w * np.exp(-r * s) for w, r in zip(self._weights, self._rates, strict=True))
        return np.asarray(sum(part.real for part in parts))

    def tail(self, lags: Array) -> Array:
        s = np.asarray(lags, dtype=float)
        parts = (w / r * np.exp(-r * s) for w, r in zip(self._weights, self._rates, strict=True))
        return np.asarray(sum(part.real for part in parts)) / self.mass

    @property
    def modes(self) -> tuple[Mode, ...]:
        return tuple(Mode(r, w) for r, w in zip(self.rates, self.weights, strict=True))
