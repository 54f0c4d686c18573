"""Equation (4)'s objects in numbers: its free motion, and Appendix I's scheme on both sides of the stability limit."""

from __future__ import annotations

import math

import pytest
import sympy as sp

from adamtheory.flows.second_order import (
    acceleration,
    exact_rate,
    fast_rate,
    largest_stable_step,
    oscillation_energy,
    slow_rate,
    slow_rate_smooth,
)
from adamtheory.notation import lr, weight_decay


def number(e: sp.Expr, rate: float, decay: float) -> float:
    return float(e.subs({lr: sp.nsimplify(rate), weight_decay: sp.nsimplify(decay)}))


def run(rate: float, decay: float, step: float, count: int) -> tuple[float, float]:
    """Appendix I's scheme with u = 0 from theta = 1, psi = 1."""
    x, y = sp.symbols("x y", real=True)
    push = sp.lambdify((x, y), acceleration(x, y, sp.Integer(0)).subs({lr: rate, weight_decay: decay}))
    theta, psi = 1.0, 1.0
    for _ in range(count):
        theta, psi = theta + step * psi, psi + step * push(theta, psi)
    return theta, psi


@pytest.mark.parametrize(("rate", "decay"), [(0.1, 0.0), (0.1, 2.0), (0.1, 5.0), (0.01, 1.0)])
def test_rates_and_limit(rate: float, decay: float) -> None:
    fast, slow = (number(f(), rate, decay) for f in (fast_rate, slow_rate))
    assert math.isclose(fast + slow, 2 / rate)
    assert math.isclose(fast * slow, 2 * decay / rate, abs_tol=1e-12)
    assert math.isclose(number(slow_rate_smooth(), rate, decay), slow, abs_tol=1e-12)
    assert math.isclose(number(largest_stable_step(), rate, decay), 2 / fast)


def test_slow_rate_is_second_order() -> None:
    errors = [number(slow_rate_smooth() - exact_rate(), rate, 1.0) for rate in (0.02, 0.01)]
    assert math.isclose(errors[0] / errors[1], 4, rel_tol=0.1)
    assert math.isclose(errors[1], 0.01**2 / 6, rel_tol=0.1)


@pytest.mark.parametrize(("rate", "decay"), [(0.1, 0.0), (0.1, 2.0), (0.1, 4.9)])
def test_scheme_is_stable_up_to_its_limit_and_not_beyond(rate: float, decay: float) -> None:
    limit = number(largest_stable_step(), rate, decay)
    assert limit >= rate
    stable, wild = (abs(run(rate, decay, factor * limit, 4000)[1]) for factor in (0.99, 1.01))
    assert stable < 100
    assert wild > 1e6


@pytest.mark.parametrize("decay", [6.0, 50.0])
def test_scheme_where_the_motion_oscillates(decay: float) -> None:
    x, y = sp.symbols("x y", real=True)
    energy = sp.lambdify((x, y), oscillation_energy(x, y).subs({lr: 0.1, weight_decay: decay}))
    stable, wild = (energy(*run(0.1, decay, factor / decay, 4000)) for factor in (0.99, 1.01))
    assert 0 <= stable < energy(1.0, 1.0)
    assert wild > 10 * energy(1.0, 1.0)
