"""The hypothesis strategies: they cover what they promise, and stay inside it."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from adamtheory.testing import KINDS, adam_cases, gradient_sequences, hyperparameters
from adamtheory.testing.strategies import _MAKERS

FINDING = settings(max_examples=3000, database=None, phases=[Phase.generate])  # any example will do, not the least


def test_strategies_and_sampler_know_the_same_kinds():
    assert tuple(_MAKERS) == KINDS


@given(hyperparameters(edges=False))
def test_open_square(pair):
    beta, gamma = pair
    assert 0 < beta < 1
    assert 0 < gamma < 1


@given(hyperparameters())
def test_domain_of_adam(pair):
    beta, gamma = pair
    assert isinstance(beta, Fraction)
    assert isinstance(gamma, Fraction)
    assert 0 <= beta < 1
    assert 0 <= gamma < 1


@pytest.mark.parametrize(
    "wanted",
    [
        lambda beta, gamma: beta == 0 < gamma,
        lambda beta, gamma: gamma == 0 < beta,
        lambda beta, gamma: beta == gamma == 0,
        lambda beta, gamma: beta == gamma > 0,
        lambda beta, gamma: gamma**2 == beta > 0,
        lambda beta, gamma: gamma > 0 and beta == gamma / (2 - gamma),
        lambda beta, gamma: beta > Fraction(999999, 1000000),
        lambda beta, gamma: gamma > Fraction(999999, 1000000),
        lambda beta, gamma: (beta, gamma) == (Fraction("0.999"), Fraction("0.9")),
        lambda beta, gamma: beta < gamma**2 < beta * Fraction(1001, 1000),
        lambda beta, gamma: beta * Fraction(999, 1000) < gamma**2 < beta,
    ],
    ids=["beta=0", "gamma=0", "both=0", "diagonal", "stable", "C=0", "beta~1", "gamma~1", "torch", "above", "below"],
)
def test_every_edge_and_curve_is_reached(wanted):
    beta, gamma = find(hyperparameters(), lambda pair: wanted(*pair), settings=FINDING)
    assert wanted(beta, gamma)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25)
def test_sequences_are_representable_and_their_squares_sum_up(kind, data):
    for arithmetic, dtype in (("float64", np.float64), ("float32", np.float32)):
        sequence = data.draw(gradient_sequences(12, arithmetic, min_steps=2, kinds=[kind]))
        assert 2 <= len(sequence) <= 12
        assert all(isinstance(gradient, float) for gradient in sequence)
        stored = np.array(sequence, dtype=dtype)
        assert stored.tolist() == sequence
        assert np.isfinite((stored**2).sum())
        assert any(sequence)
    exact = data.draw(gradient_sequences(12, kinds=[kind]))
    assert all(isinstance(gradient, Fraction) for gradient in exact)
    assert any(exact)


@given(adam_cases(16, kinds=["worst-case"], edges=False))
def test_exact_worst_case_is_exactly_the_equality_case(case):
    """m_n^2 = v_n (1-gamma)^2/(1-beta) sum_k (gamma^2/beta)^k with no rounding anywhere."""
    beta, gamma, gradients = case
    m = v = Fraction(0)
    for gradient in gradients:
        m = gamma * m + (1 - gamma) * gradient
        v = beta * v + (1 - beta) * gradient**2
    assert m**2 == v * (1 - gamma) ** 2 / (1 - beta) * sum((gamma**2 / beta) ** k for k in range(len(gradients)))


@given(adam_cases(10, "float32", nonzero_start=True))
def test_nonzero_start_in_floats(case):
    _, _, gradients = case
    assert np.float32(gradients[0]) ** 2 >= np.finfo(np.float32).tiny


@given(adam_cases(10, nonzero_start=True))
def test_nonzero_start_in_fractions(case):
    assert case[2][0] != 0


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("leading-zeros", lambda g: g[0] == g[1] == 0 and g[-1] != 0),
        ("trailing-zeros", lambda g: g[0] != 0 and g[-1] == g[-2] == 0),
        ("zeros-inside", lambda g: g[0] != 0 and g[-1] != 0 and 0 in g),
        ("alternating", lambda g: all(a == -b for a, b in pairwise(g))),
        ("growing", lambda g: abs(g[-1]) > 100 * abs(g[0])),
        ("decaying", lambda g: abs(g[0]) > 100 * abs(g[-1])),
        ("huge", lambda g: abs(g[0]) > 1e140),
        ("tiny", lambda g: 0 < abs(g[0]) < 1e-140),
        ("denormal", lambda g: 0 < abs(g[0]) < 2.0**-1022),
        ("mixed-magnitudes", lambda g: abs(g[1]) > 1e100 * abs(g[0]) > 0),
        ("spike", lambda g: abs(g[1]) > 1e3 * abs(g[0])),
    ],
)
def test_shapes_are_reached(kind, wanted):
    strategy = gradient_sequences(6, "float64", min_steps=4, kinds=[kind])
    assert wanted(find(strategy, wanted, settings=FINDING))


def test_worst_case_for_given_hyperparameters():
    pair = (Fraction(1, 2), Fraction(3, 4))
    found = find(gradient_sequences(5, kinds=["worst-case"], min_steps=3, at=pair), lambda g: True, settings=FINDING)
    assert all(older == newer * Fraction(3, 2) for older, newer in pairwise(found))


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"max_steps": 0}, ValueError, "max_steps"),
        ({"min_steps": 0}, ValueError, "min_steps"),
        ({"min_steps": 9, "max_steps": 5}, ValueError, "max_steps must be an integer >= 9, got 5"),
        ({"max_steps": 2.0}, TypeError, "max_steps"),
        ({"arithmetic": "ball"}, ValueError, "arithmetic"),
        ({"kinds": []}, ValueError, "kinds"),
        ({"kinds": "normal"}, ValueError, "kinds"),
        ({"kinds": ["normal", "rough"]}, ValueError, "'rough'"),
        ({"nonzero_start": 1}, TypeError, "nonzero_start"),
    ],
)
@pytest.mark.parametrize("strategy", [gradient_sequences, adam_cases])
def test_bad_arguments(strategy, arguments, error, text):
    with pytest.raises(error, match=text) as caught:
        strategy(**arguments)
    assert "\n" not in str(caught.value)


def test_bad_edges():
    with pytest.raises(TypeError, match="edges"):
        hyperparameters(edges="yes")
