"""Kernels: tails against quadrature, spectra against the kernels themselves, bad input."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from adamtheory.flows.general_kernels import Gamma, PowerLaw, Tabulated
from adamtheory.flows.kernels import Constant, Exponential, ExponentialSum, Kernel

integrate = pytest.importorskip("scipy.integrate")

KERNELS = [
    Exponential(3.0, 0.5),
    ExponentialSum((1.0, -0.5), (1.0, 4.0)),
    ExponentialSum((1 + 0.5j,), (1 + 3j,)),
    PowerLaw(1.5, 2.0),
    PowerLaw(3.0, 0.5, -2.0),
    Gamma(0.5, 2.0),
    Gamma(2.5, 1.0, 3.0),
    Tabulated([0, 1, 3], [2.0, -1.0, 0.25]),
]


def mass(kernel: Kernel, low: float, high: float) -> float:
    """The integral over [low, high], in the logarithm of the lag where that is from 0 or to infinity."""
    if isinstance(kernel, Tabulated):
        kinks = [lag for lag in kernel.kinks if low < lag < high]
        return float(integrate.quad(kernel, low, min(high, 3.0), points=kinks or None)[0]) if low < 3 else 0.0
    a, b = math.log(max(low, 1e-26)), math.log(min(high, 1e26))
    parts = np.linspace(a, b, 40)
    return math.fsum(
        integrate.quad(lambda x: kernel(np.exp(x)) * math.exp(x), p, q, epsabs=1e-14)[0]
        for p, q in pairwise(parts)
    )


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_tail_is_the_share_of_the_integral_beyond(kernel: Kernel) -> None:
    whole = mass(kernel, 0.0, math.inf)
    for lag in (0.3, 1.0, 2.5, 7.0):
        assert float(kernel.tail(np.array(lag))) == pytest.approx(mass(kernel, lag, math.inf) / whole, abs=1e-9)
    assert float(kernel.tail(np.array(0.0))) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("kernel", [PowerLaw(1.1, 0.1), PowerLaw(4.0, 2.0), Gamma(0.3, 1.0), Gamma(0.9, 5.0, -1.0)])
def test_spectrum_integrates_to_the_kernel(kernel: Kernel) -> None:
    x = np.linspace(-400.0, 100.0, 10_001)
    found = kernel.spectrum(x)
    assert found is not None
    rates, weights = found
    assert (np.diff(rates[8000:8200]) > 0).all()
    for lag in (1e-3, 0.1, 1.0, 10.0):
        whole = float(weights @ np.exp(-rates * lag)) * (x[1] - x[0])
        assert math.isclose(whole, float(kernel(np.array(lag))), rel_tol=1e-10)


def test_kernels_without_a_spectrum_say_so() -> None:
    assert Gamma(2.0, 1.0).spectrum(np.zeros(1)) is None
    assert Tabulated([0, 1], [1, 0]).spectrum(np.zeros(1)) is None


def test_a_table_is_linear_between_its_lags_and_zero_beyond() -> None:
    kernel = Tabulated([0, 1, 3], [2.0, 1.0, 0.5])
    assert kernel(np.array([0.5, 2.0, 3.0, 3.1])).tolist() == [1.5, 0.75, 0.5, 0.0]
    assert kernel.mass == 3.0
    assert kernel.tail(np.array([3.0, 9.0])).tolist() == [0.0, 0.0]


def test_gamma_of_shape_one_is_the_exponential() -> None:
    lags = np.linspace(0.0, 5.0, 11)
    assert np.allclose(Gamma(1.0, 2.0, 3.0)(lags), Exponential(0.5, 3.0)(lags), rtol=1e-14)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Exponential(0.0), "rate must be a finite number > 0"),
        (lambda: Constant(-1.0), "level must be a finite number > 0"),
        (lambda: ExponentialSum((1.0,), (-1.0,)), "rates must be finite with a positive real part"),
        (lambda: PowerLaw(1.0, 1.0), "exponent must be a finite number > 1: otherwise the kernel is not integrable"),
        (lambda: PowerLaw(math.nan, 1.0), "exponent must be"),
        (lambda: PowerLaw(2.0, 0.0), "scale must be a finite number > 0"),
        (lambda: PowerLaw(2.0, 1.0, 0.0), "level must be a finite number other than 0"),
        (lambda: Gamma(0.0, 1.0), "shape must be a finite number > 0: otherwise the kernel is not integrable"),
        (lambda: Gamma(1.0, math.inf), "scale must be a finite number > 0"),
        (lambda: Tabulated([0, 1], [1, math.nan]), "values must be an array of one dimension, finite everywhere"),
        (lambda: Tabulated([0, 2, 1], [1, 1, 1]), "lags must be ascending"),
        (lambda: Tabulated([-1, 1], [1, 1]), "lags must be lags that start at 0, not at -1"),
        (lambda: Tabulated([0], [1]), "values must be one for each of the lags"),
        (lambda: Tabulated([0, 1], [1, 1, 1]), "values must be one for each of the lags"),
        (lambda: Tabulated([0, 1, 3], [2.0, -1.0, 0.5]), "values must be those of a kernel whose integral is not 0"),
        (lambda: Tabulated([0, 1], [0.0, 0.0]), "values must be those of a kernel whose integral is not 0"),
        (lambda: Tabulated("ab", [0.0, 0.0]), "lags must be an array of numbers"),
    ],
)
def test_bad_input_is_one_clear_line(make, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
