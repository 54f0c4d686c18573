"""The seeded sampler: every kind is what its name says, in both float types, batched or not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from adamtheory.testing import KINDS, REGIONS, sample_gradients, sample_hyperparameters

TINY_SQUARE = {"float64": np.finfo(np.float64).tiny, "float32": np.finfo(np.float32).tiny}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_finite_not_all_zero_and_its_squares_sum_up(kind, dtype):
    for steps in (1, 2, 3, 50, 400):
        gradients = sample_gradients(rng(steps), steps, kind, batch=20, dtype=dtype)
        assert gradients.shape == (20, steps)
        assert gradients.dtype == dtype
        assert np.isfinite(gradients).all()
        assert (gradients != 0).any(axis=1).all()
        assert np.isfinite((gradients**2).sum(axis=1)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_same_generator_state_same_gradients(kind):
    first, second = (sample_gradients(rng(3), 30, kind, batch=4) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert sample_gradients(rng(4), 30, kind, batch=4).tobytes() != first.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_without_batch_one_sequence(kind):
    single = sample_gradients(rng(3), 30, kind)
    assert single.shape == (30,)
    np.testing.assert_array_equal(single, sample_gradients(rng(3), 30, kind, batch=1)[0])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", KINDS)
def test_nonzero_start_keeps_the_first_square_from_underflowing(kind, dtype):
    gradients = sample_gradients(rng(), 200, kind, beta=0.1, gamma=0.001, batch=50, dtype=dtype, nonzero_start=True)
    assert (gradients[:, 0] ** 2 >= TINY_SQUARE[dtype]).all()
    np.testing.assert_array_equal(
        gradients[:, 1:], sample_gradients(rng(), 200, kind, beta=0.1, gamma=0.001, batch=50, dtype=dtype)[:, 1:]
    )


def test_worst_case_has_the_ratio_of_the_equality_case():
    beta, gamma = 0.999, 0.9
    gradients = sample_gradients(rng(), 40, "worst-case", beta=beta, gamma=gamma)
    np.testing.assert_allclose(gradients[:-1] / gradients[1:], gamma / beta, rtol=1e-12)
    backwards = sample_gradients(rng(), 40, "worst-case-backwards", beta=beta, gamma=gamma)
    np.testing.assert_array_equal(backwards[::-1], gradients)


def test_worst_case_attains_the_exact_supremum():
    """m_n^2 = v_n (1-gamma)^2/(1-beta) sum_k (gamma^2/beta)^k, the equality case of Cauchy-Schwarz."""
    for beta, gamma in ((0.999, 0.9), (0.5, 0.9), (0.9, 0.9), (0.3, 0.0)):
        gradients = sample_gradients(rng(1), 25, "worst-case", beta=beta, gamma=gamma)
        m = v = 0.0
        for gradient in gradients:
            m = gamma * m + (1 - gamma) * gradient
            v = beta * v + (1 - beta) * gradient**2
        most = (1 - gamma) ** 2 / (1 - beta) * sum((gamma**2 / beta) ** k for k in range(25))
        assert m**2 / v == pytest.approx(most, rel=1e-12)


def test_worst_case_at_the_edges():
    silent = sample_gradients(rng(), 5, "worst-case", beta=0.5, gamma=0)
    assert (silent[:-1] == 0).all()
    assert silent[-1] != 0
    forgetful = sample_gradients(rng(), 5, "worst-case", beta=0, gamma=0.5)
    np.testing.assert_allclose(forgetful[:-1] / forgetful[1:], 1024)


def test_rates_may_differ_along_the_batch():
    beta, gamma = [Fraction(9, 10), Fraction(1, 2)], ["0.9", "0.75"]
    gradients = sample_gradients(rng(), 6, "worst-case", beta=beta, gamma=gamma, batch=2)
    np.testing.assert_allclose(gradients[0, :-1] / gradients[0, 1:], 1)
    np.testing.assert_allclose(gradients[1, :-1] / gradients[1, 1:], 1.5)


@pytest.mark.parametrize("steps", [2, 3, 60])
def test_zeros_are_where_the_name_says(steps):
    leading = sample_gradients(rng(), steps, "leading-zeros", batch=30)
    assert (leading[:, 0] == 0).all()
    assert (leading[:, -1] != 0).all()
    assert (np.diff(leading != 0, axis=1).sum(axis=1) == 1).all()  # once awake, never zero again
    trailing = sample_gradients(rng(), steps, "trailing-zeros", batch=30)
    assert (trailing[:, 0] != 0).all()
    assert (trailing[:, -1] == 0).all()
    inside = sample_gradients(rng(), steps, "zeros-inside", batch=30)
    assert (inside[:, [0, -1]] != 0).all()
    assert steps < 60 or (inside == 0).mean() > 0.3


def test_signs_and_growth():
    alternating = sample_gradients(rng(), 9, "alternating", batch=5)
    np.testing.assert_array_equal(alternating[:, 1:], -alternating[:, :-1])
    growing = abs(sample_gradients(rng(), 9, "growing", batch=5))
    assert (np.diff(growing, axis=1) > 0).all()
    decaying = abs(sample_gradients(rng(), 9, "decaying", batch=5))
    assert (np.diff(decaying, axis=1) < 0).all()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_magnitudes(dtype):
    smallest_normal = np.finfo(dtype).tiny
    denormal = abs(sample_gradients(rng(), 50, "denormal", dtype=dtype))
    assert (denormal > 0).all()
    assert (denormal < smallest_normal).all()
    tiny = sample_gradients(rng(), 50, "tiny", dtype=dtype)
    assert (tiny**2 >= smallest_normal).all()
    assert (abs(tiny) < 1e-15).all()
    assert (abs(sample_gradients(rng(), 50, "huge", dtype=dtype)).max()) > 1e15
    mixed = abs(sample_gradients(rng(), 50, "mixed-magnitudes", dtype=dtype))
    assert mixed.max() / mixed.min() > 1e20


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"kind": "rough"}, ValueError, "kind must be one of .* got 'rough'"),
        ({"steps": 0}, ValueError, "steps must be an integer >= 1, got 0"),
        ({"steps": 2.5}, TypeError, "steps must be an integer"),
        ({"batch": -1}, ValueError, "batch"),
        ({"dtype": "float16"}, ValueError, "dtype"),
        ({"beta": 1}, ValueError, r"beta must be in \[0, 1\), got 1"),
        ({"gamma": -0.1}, ValueError, "gamma"),
        ({"gamma": None}, TypeError, "gamma"),
        ({"gamma": float("nan")}, ValueError, "gamma"),
        ({"beta": "half"}, ValueError, "beta"),
        ({"beta": [0.1, 0.2, 0.3]}, ValueError, "beta"),
    ],
)
def test_bad_arguments(change, error, text):
    arguments = {"steps": 5, "kind": "normal", "batch": 2, **change}
    with pytest.raises(error, match=text) as caught:
        sample_gradients(rng(), arguments.pop("steps"), arguments.pop("kind"), **arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_lies_in_the_domain_and_where_its_name_says(region):
    generator = rng()
    for _ in range(200):
        beta, gamma = sample_hyperparameters(generator, region)
        assert isinstance(beta, Fraction)
        assert isinstance(gamma, Fraction)
        assert 0 <= beta < 1
        assert 0 <= gamma < 1
        assert (beta == 0) == (region in ("beta-zero", "both-zero"))
        assert (gamma == 0) == (region in ("gamma-zero", "both-zero"))
        if region == "diagonal":
            assert beta == gamma
        if region == "stability-curve":
            assert gamma**2 == beta
        if region == "around-stability-curve":
            assert beta != gamma**2
            assert abs(gamma**2 / beta - 1) < Fraction(2, 100)
        if region == "C-zero-curve":
            assert 2 / gamma - 1 - 1 / beta == 0


def test_unknown_region():
    with pytest.raises(ValueError, match="'corner'"):
        sample_hyperparameters(rng(), "corner")
