"""Sums of exponentials in place of a kernel: its memory then becomes a few ordinary differential equations.

Kernels with a known Laplace representation of positive weights are compressed by the trapezoidal rule in the logarithm
of the rate (Beylkin & Monzon 2010), which converges exponentially and keeps the weights positive; others by
non-negative least squares over a ladder of rates, and where that is not enough by ESPRIT (Roy & Kailath 1989), whose
rates may be complex.  Whichever it was, the error is measured afterwards on a grid that the fit has not seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adamtheory.flows._scipy import scipy_module
from adamtheory.flows.kernels import Array, ExponentialSum, Kernel
from adamtheory.validation import integer, reject

_OCTAVES = 40
_SAMPLES = 512
#: what a solver's rounding may be, over the size of the largest exponential: sums with much cancellation pay for it
_ROUNDING = 1e-15


@dataclass(frozen=True)
class Compressed(ExponentialSum):
    """A sum of exponentials that stands for ``original`` at lags up to ``span``; its ``tail`` is the original's.

    ``mass_error``: the integral of |original - sum| over [0, span], over that of |original|: the memory of any x is off
    by at most this share of the largest |x| times the latter.  ``peak_error``: the largest |original - sum|, over the
    largest |original|, at lags from ``first`` (0 but for weakly singular kernels) to span.  ``tail_error``: the largest
    difference of the exponentials' own tail, for what starts a memory.  All contain what rounding may add."""

    original: Kernel
    span: float
    first: float
    mass_error: float
    peak_error: float
    tail_error: float

    @property
    def error(self) -> float:
        """The largest of the three."""
        return max(self.mass_error, self.peak_error, self.tail_error)

    def tail(self, lags: Array) -> Array:
        return self.original.tail(lags)


@dataclass(frozen=True)
class _Grid:
    """Lags in [first, span] with the weights of a quadrature, the kernel and its tail there; ``unseen``: the share of
    the kernel's mass in [0, first]; ``total``: its integral over all lags."""

    lags: Array
    weights: Array
    values: Array
    tails: Array
    first: float
    unseen: float
    total: float

    @property
    def mass(self) -> float:
        return float(self.weights @ np.abs(self.values))

    @property
    def peak(self) -> float:
        return float(np.abs(self.values).max())

    def errors(self, terms: ExponentialSum) -> tuple[float, float, float]:
        """The mass, the peak and the tail error."""
        off = np.abs(self.values - terms(self.lags))
        rounding = _ROUNDING * math.fsum(map(abs, terms.weights)) / self.peak
        mass_error = float(self.weights @ off) / self.mass + 2 * self.unseen
        tail_error = np.abs(self.tails - terms.tail(self.lags)).max()
        return mass_error + rounding, float(off.max()) / self.peak + rounding, float(tail_error) + rounding


def compress(kernel: Kernel, span: float, rtol: float = 1e-6, max_terms: int = 200) -> Compressed:
    """A sum of at most ``max_terms`` exponentials (a conjugate pair counts as one) for the kernel at lags in [0, span],
    whose errors are all at most ``rtol``.

    Raises ValueError where that cannot be had, naming the best that can."""
    if kernel.modes is not None:
        reject("kernel", kernel, "one that is no sum of exponentials already")
    for name, value in (("span", span), ("rtol", rtol)):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
            reject(name, value, "a finite number > 0")
    integer("max_terms", max_terms, minimum=1)
    first = _first(kernel, span, rtol)
    fitted, check = _grid(kernel, span, first, 3, 6), _grid(kernel, span, first, 4, 9)
    least, terms = math.inf, 0
    for total in _candidates(kernel, span, rtol, fitted):
        found = Compressed(total.weights, total.rates, kernel, float(span), first, *check.errors(total))
        if found.error <= rtol and len(total.rates) <= max_terms:
            return found
        if found.error < least:
            least, terms = found.error, len(total.rates)
    if least <= rtol:
        reject("max_terms", max_terms, f"at least {terms} for this kernel and rtol = {rtol:g} on [0, {span:g}]")
    reachable = f"at least {least:.1e} for" if least < math.inf else "one that compression reaches (none is known) for"
    reject("rtol", rtol, f"{reachable} this kernel on [0, {span:g}]: or use method='volterra'")


def _first(kernel: Kernel, span: float, rtol: float) -> float:
    """0, or for weakly singular kernels a lag below which hardly any of the mass is."""
    if kernel.singular <= 0:
        return 0.0
    lags = span * 2.0 ** -np.arange(1000.0)
    mass = 1 - kernel.tail(lags)
    return float(lags[int(np.argmax(mass <= rtol / 16 * mass[0]))])


def _grid(kernel: Kernel, span: float, first: float, parts: int, nodes: int) -> _Grid:
    octaves = _OCTAVES if first == 0 else math.ceil(math.log2(span / first))
    edges = span * 2.0 ** np.arange(-octaves, 1)
    edges[0] = first
    inner = (edges[:-1, None] + np.diff(edges)[:, None] * np.arange(parts) / parts).ravel()
    kinks = [lag for lag in kernel.kinks if first < lag < span]
    edges = np.unique(np.concatenate([inner, kinks, [span]]))
    x, w = np.polynomial.legendre.leggauss(nodes)
    lags = (edges[:-1, None] + np.diff(edges)[:, None] * (x + 1) / 2).ravel()
    weights = (np.diff(edges)[:, None] * w / 2).ravel()
    before, within = (1 - kernel.tail(np.array([first, span]))).tolist()
    if not within:
        reject("span", span, "so long that the kernel forgets something in it")
    values = kernel(lags)
    total = float(weights @ values) / (within - before)
    return _Grid(lags, weights, values, kernel.tail(lags), first, before / within, total)


def _candidates(kernel: Kernel, span: float, rtol: float, grid: _Grid) -> Iterator[ExponentialSum]:
    """Sums to try, the preferred ones first."""
    if kernel.spectrum(np.zeros(1)) is not None:
        yield from _trapezoid(kernel, span, rtol, grid)
    if kernel.singular <= 0:
        if (grid.values >= 0).all():
            yield from _least_squares(span, grid)
        yield from _esprit(kernel, span, grid)


def _trapezoid(kernel: Kernel, span: float, rtol: float, grid: _Grid) -> Iterator[ExponentialSum]:
    """The trapezoidal rule in x, as wide and as fine as needed; rates that the span cannot tell apart are merged."""
    x = np.arange(-6000.0, 690.0, 0.25)  # from where shares of nearly 1 fade to where exp(x) overflows
    rates, weights = _spectrum(kernel, x)
    x, rates, weights = (part[rates > 0] for part in (x, rates, weights))
    shares = []
    for size in (-weights * np.expm1(-rates * span) / rates, weights * np.exp(-rates * grid.first)):
        upward = np.cumsum(size) / size.sum()
        downward = np.cumsum(size[::-1])[::-1] / size.sum()
        shares.append((x[np.argmax(upward > rtol / 16)], x[len(x) - 1 - np.argmax(downward[::-1] > rtol / 16)]))
    low, high = shares[0][0], max(share[1] for share in shares)
    for step in 4 * 0.87 ** np.arange(24):
        nodes = low + step * np.arange(math.ceil((high - low) / step) + 1)
        rates, weights = _spectrum(kernel, nodes)
        total = ExponentialSum(tuple((weights * step).tolist()), tuple(rates.tolist()))
        if max(grid.errors(total)[:2]) <= rtol / 2:
            yield _merged(total, rtol, grid)
            return


def _spectrum(kernel: Kernel, x: Array) -> tuple[Array, Array]:
    found = kernel.spectrum(x)
    if found is None:
        reject("kernel", kernel, "one with a spectrum")
    return found


def _merged(terms: ExponentialSum, rtol: float, grid: _Grid) -> ExponentialSum:
    """With as many of its slowest exponentials in one as the error allows, by bisection; that one has what is missing
    of the kernel's integral."""
    weights, rates = np.real(terms.weights), np.real(terms.rates)
    possible, impossible = 0, len(rates) + 1
    while impossible - possible > 1:
        count = (possible + impossible) // 2
        weight = weights[:count].sum()
        rate = weight / (grid.total - (weights[count:] / rates[count:]).sum())
        works = rate > 0
        if works:
            shorter = ExponentialSum((float(weight), *weights[count:].tolist()), (float(rate), *rates[count:].tolist()))
            works = max(grid.errors(shorter)) <= 0.9 * rtol
        if works:
            possible, terms = count, shorter
        else:
            impossible = count
    return terms


def _rows(grid: _Grid, rates: Array) -> tuple[Array, Array, Array]:
    """Least squares for complex weights: what each row counts, its left side and its right side.  Half is for the
    integral of the error, half for the largest; the last row is the integral over all lags."""
    scale = np.sqrt(grid.weights / grid.weights.sum() + 1 / len(grid.weights)) / grid.peak
    scale = np.append(scale, 1 / abs(grid.total))
    left = np.vstack([np.exp(-np.outer(grid.lags, rates)), 1 / rates])
    return scale, left, np.append(grid.values, grid.total)


def _least_squares(span: float, grid: _Grid) -> Iterator[ExponentialSum]:
    rates = np.geomspace(1e-4, 2.0 ** (_OCTAVES - 10), 200) / span
    nnls = scipy_module("optimize", "the compression of this kernel").nnls
    scale, left, right = _rows(grid, rates)
    try:
        weights, _ = nnls(left * scale[:, None], right * scale, maxiter=5000)
    except RuntimeError:  # out of iterations: the next candidate may do
        return
    chosen = weights > 0
    if chosen.any():
        yield ExponentialSum(tuple(weights[chosen].tolist()), tuple(rates[chosen].tolist()))


def _esprit(kernel: Kernel, span: float, grid: _Grid) -> Iterator[ExponentialSum]:
    """Rates from the shift invariance of uniform samples, weights by least squares on the grid; ever more of them."""
    step = span / _SAMPLES
    samples = kernel((np.arange(_SAMPLES) + 0.5) * step)
    half = _SAMPLES // 2
    signal, sizes, _ = np.linalg.svd(samples[np.arange(half)[:, None] + np.arange(_SAMPLES - half + 1)[None, :]])
    for order in (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 64):
        if sizes[order - 1] < 1e-15 * sizes[0]:
            break
        basis = signal[:, :order]
        turns = np.linalg.eigvals(np.linalg.lstsq(basis[:-1], basis[1:], rcond=None)[0]).astype(complex)
        rates = -np.log(turns[turns.imag >= 0]) / step
        rates = np.maximum(rates.real, 1e-3 / span) + 1j * rates.imag
        scale, left, right = _rows(grid, rates)
        oscillating = rates.imag != 0
        columns = np.hstack([left.real, -left.imag[:, oscillating]])
        found = np.linalg.lstsq(columns * scale[:, None], right * scale, rcond=1e-14)[0]
        weights = found[: len(rates)].astype(complex)
        weights[oscillating] += 1j * found[len(rates) :]
        if (weights / rates).real.sum() != 0:
            yield ExponentialSum(_plain(weights), _plain(rates))


def _plain(numbers: Array) -> tuple[complex, ...]:
    """As Python numbers, real where they are real: a complex mode counts as a conjugate pair."""
    return tuple(z if z.imag else z.real for z in numbers.tolist())
