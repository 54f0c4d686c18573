"""Runs that keep only the present step: the same numbers as ``simulate``'s."""

from __future__ import annotations

import numpy as np
import pytest

from adamtheory.methods import AdaGrad, Adam, AdamCoupled, AdamW, RMSProp, simulate, stream

START = np.array([1.0, -2.0, 0.3])


def slope(theta: np.ndarray) -> np.ndarray:
    return np.array([2.0, 0.5, 30.0]) * (theta - 1.5)


@pytest.mark.parametrize(
    "method",
    [
        Adam(lr="0.01", eps="1e-8"),
        AdamW(lr="0.01", weight_decay="0.1"),
        AdamCoupled(lr="0.01", weight_decay="0.1", eps="1e-8"),
        RMSProp(lr="0.01"),
        AdaGrad(lr="0.1"),
    ],
    ids=lambda m: m.name,
)
def test_the_same_run_as_simulate(method):
    run = simulate(method, slope, steps=40, theta0=START)
    assert run.iterates is not None
    for step in stream(method, lambda n, theta: slope(theta), START, 40):
        np.testing.assert_array_equal(step.theta, run.iterates[:, step.n + 1])
        np.testing.assert_array_equal(step.update, run.updates[:, step.n])
        for name, value in step.states.items():
            np.testing.assert_array_equal(value, run.states[name][:, step.n])
    assert step.n == 39


def test_the_gradient_knows_the_step():
    seen = []

    def gradient(n, theta):
        seen.append(n)
        return np.ones(1)

    assert len(list(stream(Adam(lr="0.1"), gradient, [0.0], 3))) == 3
    assert seen == [0, 1, 2]


def test_one_line_for_bad_input():
    with pytest.raises(ValueError, match="lr must be given"):
        next(stream(Adam(), lambda n, theta: theta, [1.0], 3))
    with pytest.raises(ValueError, match="gradient must be finite, of shape"):
        list(stream(Adam(lr=1), lambda n, theta: theta * (np.nan if n == 2 else 1), [1.0], 5))
    with pytest.raises(ValueError, match="got 0/0 at step 1"):
        next(stream(Adam(lr=1), lambda n, theta: 0 * theta, [1.0], 5))
    still = list(stream(Adam(lr=1), lambda n, theta: 0 * theta, [1.0], 2, zeros="zero-over-zero"))
    assert still[-1].theta == 1.0
