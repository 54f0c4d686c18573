"""The formulas of the norm's growth and equilibrium against a plain simulation of weights in the plane."""

import numpy as np
import pytest

from adamtheory.dynamics.norms import equilibrium_cosine, equilibrium_norm_squared, growth_factor
from adamtheory.notation import gamma, lr, weight_decay


def run(memory: float, decay: float, steps: int) -> np.ndarray:
    """W_0, W_1, ...: learning rate 1, c = 1, |m| = 1, each gradient at a right angle to W."""
    w, m, path = np.array([5.0, 0.0]), np.zeros(2), []
    for _ in range(steps):
        path.append(w)
        across = np.array([-w[1], w[0]]) / np.linalg.norm(w)
        along = memory * (m @ across)
        m = memory * m + (np.sqrt(along**2 + 1 - memory**2 * (m @ m)) - along) * across
        w = (1 - decay) * w - m
    return np.array(path)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_growth_without_weight_decay(memory: float) -> None:
    squares = (run(memory, 0.0, 2000) ** 2).sum(axis=1)
    expected = float(growth_factor().subs(gamma, memory))
    assert squares[-1] - squares[-2] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_equilibrium_under_weight_decay(memory: float) -> None:
    path = run(memory, 0.01, 3000)
    values = {gamma: memory, lr: 1, weight_decay: 0.01}
    squares = (path**2).sum(axis=1)
    assert squares[-1] == pytest.approx(float(equilibrium_norm_squared(1).subs(values)), rel=1e-9)
    cosine = path[-1] @ path[-2] / np.sqrt(squares[-1] * squares[-2])
    assert cosine == pytest.approx(float(equilibrium_cosine().subs(values)), rel=1e-9)
