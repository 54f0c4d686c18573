"""Gradient sequences that are hard on Adam, drawn from a seeded NumPy generator: what checks on runs are fed with.

Magnitudes are formed as powers of two and rounded once to the type asked for, so a shape is the same in float64 and in
float32 up to that rounding and to the range of the type. No square overflows: |g| stays below 2^498 in float64 and 2^56
in float32, so that even the sum of 2^13 squares is finite. Squares may underflow to zero, and do in kinds such as
"denormal", "decaying" and "worst-case": `nonzero_start=True` gives what statements about g_0 != 0 need in floats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adamtheory.validation import integer, one_of, reject

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FloatRange:
    """The exponents of two that a float type leaves to gradients whose squares are still normal numbers.

    largest: |g| <= 2^largest, and 2^-largest is the smallest magnitude with a normal square (with room for a factor
    such as 1 - beta). smallest: 2^smallest is the least positive denormal.
    """

    largest: int
    smallest: int


FLOAT_RANGES = {"float64": FloatRange(498, -1074), "float32": FloatRange(56, -149)}


@dataclass(frozen=True)
class _Request:
    rng: np.random.Generator
    shape: tuple[int, int]  # (batch, steps)
    range: FloatRange
    log_ratio: Array  # log2(gamma / beta), shape (batch, 1); -inf at gamma = 0, +10 at beta = 0

    def column(self, low: float, high: float) -> Array:
        """One uniform number a sequence, shape (batch, 1)."""
        return self.rng.uniform(low, high, (self.shape[0], 1))

    @property
    def step(self) -> Array:
        """0, 1, ... along the steps, shape (1, steps)."""
        return np.arange(self.shape[1], dtype=np.float64)[None, :]

    @property
    def sign(self) -> Array:
        """One sign a sequence."""
        return self.rng.choice((-1.0, 1.0), (self.shape[0], 1))


def _powers(exponents: Array, request: _Request, scale: float | Array = 0.0) -> Array:
    """2^exponents along the steps, scaled so that the largest of a sequence is 2^scale; far smaller ones become 0."""
    top = exponents.max(axis=1, keepdims=True)
    return np.exp2(np.minimum(exponents - top + scale, request.range.largest))


def _normal(request: _Request) -> Array:
    return request.rng.standard_normal(request.shape)


def _heavy_tailed(request: _Request) -> Array:
    return np.clip(request.rng.standard_cauchy(request.shape), -1e12, 1e12)


def _constant(request: _Request) -> Array:
    return request.sign * np.exp2(request.column(-20, 20)) * np.ones(request.shape)


def _worst_case(request: _Request) -> Array:
    """g_{n-k} proportional to (gamma/beta)^k: equality in Cauchy-Schwarz at the last step."""
    age = request.shape[1] - 1 - request.step
    # 0 * inf is the newest gradient at gamma = 0: the only one that counts.
    exponents = np.where(age == 0, 0.0, np.where(age == 0, 1.0, age) * request.log_ratio)
    return request.sign * _powers(exponents, request, request.column(-4, 4))


def _worst_case_backwards(request: _Request) -> Array:
    return _worst_case(request)[:, ::-1]


def _alternating(request: _Request) -> Array:
    return _constant(request) * (-1.0) ** request.step


def _growing(request: _Request) -> Array:
    return request.sign * _powers(request.step * request.column(0.01, 6), request, request.column(-10, 10))


def _decaying(request: _Request) -> Array:
    return _growing(request)[:, ::-1]


def _leading_zeros(request: _Request) -> Array:
    first = np.ceil(request.column(0, 1) * (request.shape[1] - 1))
    return np.where(request.step < first, 0.0, _normal(request))


def _trailing_zeros(request: _Request) -> Array:
    last = np.floor(request.column(0, 1) * (request.shape[1] - 1))
    return np.where(request.step > last, 0.0, _normal(request))


def _zeros_inside(request: _Request) -> Array:
    keep = request.rng.random(request.shape) < request.column(0.02, 0.6)
    keep[:, [0, -1]] = True
    return np.where(keep, _normal(request), 0.0)


def _spike(request: _Request) -> Array:
    at = np.floor(request.column(0, 1) * request.shape[1])
    return _normal(request) * np.where(request.step == at, np.exp2(request.column(5, 20)), 1.0)


def _mixed_magnitudes(request: _Request) -> Array:
    most = 0.9 * request.range.largest
    signs = request.rng.choice((-1.0, 1.0), request.shape)
    return signs * np.exp2(request.rng.uniform(-most, most, request.shape))


def _huge(request: _Request) -> Array:
    return np.clip(_normal(request), -1, 1) * 2.0 ** (request.range.largest - 1)


def _tiny(request: _Request) -> Array:
    return np.copysign(np.maximum(abs(_normal(request)), 0.5), _normal(request)) * 2.0 ** (1 - request.range.largest)


def _denormal(request: _Request) -> Array:
    multiples = request.rng.integers(1, 1000, request.shape) * request.rng.choice((-1.0, 1.0), request.shape)
    return multiples * 2.0**request.range.smallest


_MAKERS: dict[str, Callable[[_Request], Array]] = {
    "normal": _normal,
    "heavy-tailed": _heavy_tailed,
    "constant": _constant,
    "worst-case": _worst_case,
    "worst-case-backwards": _worst_case_backwards,
    "alternating": _alternating,
    "growing": _growing,
    "decaying": _decaying,
    "leading-zeros": _leading_zeros,
    "trailing-zeros": _trailing_zeros,
    "zeros-inside": _zeros_inside,
    "spike": _spike,
    "mixed-magnitudes": _mixed_magnitudes,
    "huge": _huge,
    "tiny": _tiny,
    "denormal": _denormal,
}

KINDS: tuple[str, ...] = tuple(_MAKERS)


def sample_gradients(
    rng: np.random.Generator,
    steps: int,
    kind: str,
    *,
    beta: Any = 0.999,
    gamma: Any = 0.9,
    batch: int | None = None,
    dtype: str = "float64",
    nonzero_start: bool = False,
) -> NDArray[Any]:
    """Gradient sequences of one kind of KINDS, shape (steps,), or (batch, steps) when `batch` is given.

    steps: number of gradients, at least 1.
    beta, gamma: in [0, 1), what "worst-case" is worst for; numbers, or sequences of `batch` numbers, one a sequence of
    gradients; at beta = 0 the ratio gamma/beta is taken as 2^10.
    dtype: "float64" or "float32", the type of the result and the range that "huge", "tiny" and "denormal" mean.
    nonzero_start: raise a first gradient whose square would underflow to the least magnitude whose square does not.
    (v can still underflow later, when the gradients vanish and beta is small.)

    The same generator state gives the same sequences. Every sequence is finite. Raises TypeError or ValueError, in one
    line, for an unknown kind or dtype, steps or batch below 1, and rates outside [0, 1).
    """
    one_of("kind", kind, KINDS)
    spread = FLOAT_RANGES[one_of("dtype", dtype, FLOAT_RANGES)]
    shape = (1 if batch is None else integer("batch", batch, minimum=1), integer("steps", steps, minimum=1))
    ratio = _log_ratio(_rates("beta", beta, batch), _rates("gamma", gamma, batch))
    request = _Request(rng, shape, spread, np.broadcast_to(ratio, (shape[0], 1)))
    gradients = _MAKERS[kind](request).astype(dtype)
    if nonzero_start:
        least = 2.0**-spread.largest
        first = gradients[:, 0]
        gradients[:, 0] = np.where(abs(first) < least, np.copysign(least, first), first)
    return gradients[0] if batch is None else gradients


def _rates(argument: str, value: Any, batch: int | None) -> Array:
    """Rates as float64, shape (batch, 1) or (1, 1)."""
    several = isinstance(value, (list, tuple, np.ndarray)) and np.ndim(np.asarray(value, dtype=object)) == 1
    if several and (batch is None or len(value) != batch):
        reject(argument, value, "one number, or `batch` numbers")
    numbers = value if several else [value]
    rates = []
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, (int, float, str, Fraction, np.number)):
            reject(argument, number, "a number in [0, 1)", TypeError)
        try:
            rates.append(float(number))
        except ValueError:
            reject(argument, number, "a number in [0, 1)")
        if not 0 <= rates[-1] < 1:
            reject(argument, number, "in [0, 1)")
    return np.array(rates)[:, None]


def _log_ratio(beta: Array, gamma: Array) -> Array:
    beta, gamma = np.broadcast_arrays(beta, gamma)
    result = np.full(beta.shape, -np.inf)  # gamma = 0: only the newest gradient counts
    np.copyto(result, 10.0, where=(gamma > 0) & (beta == 0))
    both = (gamma > 0) & (beta > 0)
    result[both] = np.log2(gamma[both]) - np.log2(beta[both])
    return result
