"""Compression: errors as measured, not as hoped for; the compressed solver against the Volterra one; what they cost."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest

from adamtheory.flows import flow_of, solve
from adamtheory.flows.compression import compress
from adamtheory.flows.general_kernels import Gamma, PowerLaw, Tabulated
from adamtheory.flows.kernels import Array, Exponential, Kernel
from adamtheory.flows.loss import Loss
from adamtheory.flows.memory import MemoryFlow
from adamtheory.methods import Adam

pytest.importorskip("scipy")

LOSS = Loss(lambda x: float(((x - 4) ** 2).sum()), lambda x: 2 * (x - 4), 1, lambda x, v: 2 * v, "parabola")


@dataclass(frozen=True)
class Bell(Kernel):
    """exp(-lag^2), which is no completely monotone function."""

    def __call__(self, lags: Array) -> Array:
        return np.exp(-(np.asarray(lags, dtype=float) ** 2))

    def tail(self, lags: Array) -> Array:
        return np.vectorize(math.erfc)(np.asarray(lags, dtype=float))


class Hyperbola(Kernel):
    """(1 + lag)^(-2), whose spectrum nobody has told."""

    def __call__(self, lags: Array) -> Array:
        return 1 / (1 + np.asarray(lags, dtype=float)) ** 2

    def tail(self, lags: Array) -> Array:
        return 1 / (1 + np.asarray(lags, dtype=float))


class Counting(PowerLaw):
    """A power law that knows at how many lags it has been asked for."""

    asked = 0

    def __call__(self, lags: Array) -> Array:
        type(self).asked += np.size(lags)
        return super().__call__(lags)


def power_law_flow(first: Kernel | None = None) -> MemoryFlow:
    plain = flow_of(Adam(lr="0.1"))
    assert plain.first is not None
    first_moment = replace(plain.first, kernel=first or PowerLaw(2.0, 0.5, 1.8))
    return replace(plain, first=first_moment, second=replace(plain.second, kernel=PowerLaw(1.5, 5.0, 0.1)))


SMOOTH = [PowerLaw(1.1, 0.01), PowerLaw(1.5, 0.1), PowerLaw(4.0, 1.0, -2.0), Hyperbola(), Bell()]


@pytest.mark.parametrize("rtol", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("kernel", SMOOTH, ids=lambda kernel: type(kernel).__name__)
def test_errors_are_below_what_was_asked_for_at_lags_of_ones_own(kernel: Kernel, rtol: float) -> None:
    found = compress(kernel, 10.0, rtol)
    assert found.error <= rtol
    lags = np.sort(np.concatenate([np.geomspace(1e-9, 10.0, 20_001), np.linspace(0.0, 10.0, 20_001)]))
    off = np.abs(found(lags) - kernel(lags))
    assert off.max() <= 1.05 * found.peak_error * np.abs(kernel(np.zeros(1))).max()
    whole = np.trapezoid(np.abs(kernel(lags)), lags)
    assert np.trapezoid(off, lags) <= 1.05 * found.mass_error * whole
    terms = replace(found)
    assert np.abs(super(type(terms), terms).tail(lags) - kernel.tail(lags)).max() <= 1.05 * found.tail_error
    assert (found.tail(lags) == kernel.tail(lags)).all()


@pytest.mark.parametrize("kernel", [*SMOOTH[:4], Gamma(0.5, 1.0), Gamma(0.8, 1.0)], ids=lambda k: type(k).__name__)
def test_completely_monotone_kernels_keep_their_sign(kernel: Kernel) -> None:
    found = compress(kernel, 10.0, 1e-4)
    signs = {np.sign(w) for w in found.weights}
    assert signs == {np.sign(float(kernel(np.ones(1))[0]))}
    assert all(complex(r).imag == 0 for r in found.rates)


def test_weakly_singular_kernels_are_matched_in_the_integral() -> None:
    kernel = Gamma(0.5, 1.0)
    found = compress(kernel, 10.0, 1e-6)
    # The integral of exp(-r s) K over all lags is (1 + r)^(-1/2), and that of the sum one of fractions.
    for r in (0.5, 1.0, 10.0, 1000.0):
        got = sum(w / (rate + r) for w, rate in zip(found.weights, found.rates, strict=True))
        assert abs(got - (1 + r) ** -0.5) < 1e-6


def test_a_worse_sum_is_not_within_the_reported_errors() -> None:
    kernel = PowerLaw(1.5, 0.1)
    found, loose = compress(kernel, 10.0, 1e-6), compress(kernel, 10.0, 1e-3)
    lags = np.geomspace(1e-6, 10.0, 2000)
    assert np.abs(loose(lags) - kernel(lags)).max() > 10 * found.peak_error
    assert len(loose.rates) < len(found.rates)


def test_terms_grow_like_the_logarithm_of_the_span() -> None:
    counts = [len(compress(PowerLaw(1.5, 0.1), span, 1e-6).rates) for span in (1.0, 1e2, 1e4, 1e6)]
    steps = np.diff(counts)
    assert (steps > 0).all()
    assert steps.max() <= 2 * steps.min() + 2
    assert counts[-1] < 60


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: compress(Exponential(1.0), 1.0), "kernel must be one that is no sum of exponentials already"),
        (lambda: compress(PowerLaw(2.0, 1.0), 0.0), "span must be a finite number > 0"),
        (lambda: compress(PowerLaw(2.0, 1.0), 1.0, math.nan), "rtol must be a finite number > 0"),
        (lambda: compress(PowerLaw(2.0, 1.0), 10.0, 1e-8, 3), "max_terms must be at least"),
        (lambda: compress(Tabulated([0, 1], [1, 1]), 3.0, 1e-3), "rtol must be at least"),
    ],
)
def test_what_cannot_be_done_is_refused(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("rtol", [1e-4, 1e-6])
def test_compressed_agrees_with_volterra_within_its_own_estimate(rtol: float) -> None:
    flow = power_law_flow()
    times = np.linspace(0.0, 6.0, 121)
    reference = solve(flow, LOSS, 1.0, (0, 6), method="volterra", rtol=1e-9, atol=1e-10)
    found = solve(flow, LOSS, 1.0, (0, 6), rtol=rtol, atol=1e-3 * rtol)
    assert found.method == "compressed"
    assert found.flow is flow
    error = np.abs(found(times) - reference(times)).max()
    assert error <= 2 * found.error
    assert error <= 4 * rtol


def test_auto_takes_volterra_where_no_spectrum_is_known() -> None:
    flow = power_law_flow(Tabulated([0, 1, 2], [1.0, 0.5, 0.0]))
    assert solve(flow, LOSS, 1.0, (0, 1), rtol=1e-4).method == "volterra"
    with pytest.raises(ValueError, match="or use method='volterra'"):
        solve(flow, LOSS, 1.0, (0, 1), method="compressed", rtol=1e-6)


def test_cost_is_quadratic_for_volterra_and_about_linear_when_compressed() -> None:
    spans = (8.0, 16.0, 32.0)
    asked, work = [], []
    for span in spans:
        flow = power_law_flow(Counting(2.0, 0.5, 1.8))
        panels = int(8 * span)
        Counting.asked = 0
        solve(flow, LOSS, 1.0, (0, span), method="volterra", panels=panels, max_panels=panels, save_at=[span])
        asked.append(Counting.asked)
        Counting.asked = 0
        found = solve(flow, LOSS, 1.0, (0, span), method="compressed", rtol=1e-4, save_at=[span])
        kernels = [compress(moment.kernel, span, 1e-5) for moment in (flow.first, flow.second) if moment is not None]
        work.append(found.steps * sum(len(kernel.rates) for kernel in kernels))
        assert Counting.asked < asked[-1] / 10
    assert asked[2] / asked[1] > 3.0  # towards 4: the part at short lags is linear
    assert asked[2] / asked[1] > asked[1] / asked[0]
    assert work[2] / work[0] < 6.0  # N log N would be 4 (1 + log 4/log N)
