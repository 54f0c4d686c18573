"""LaProp and RMSProp with momentum: the supremum as a formula against the methods' own runs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

from adamtheory.bounds.normalised_momentum import (
    growing_gradient,
    growth,
    laprop_limit,
    laprop_peak,
    laprop_worst_case,
    peak,
    rmsprop_momentum_limit,
    rmsprop_momentum_worst_case,
    shortfall,
)
from adamtheory.methods import LaProp, RMSPropMomentum, simulate
from adamtheory.notation import beta, gamma, j

RATES = [("1/3", "1/2"), ("9/10", "1/10"), ("99/100", "9/10"), ("1/10", "9/10")]
METHODS = {
    "rmsprop": (RMSPropMomentum, rmsprop_momentum_worst_case, rmsprop_momentum_limit),
    "laprop": (LaProp, laprop_worst_case, laprop_limit),
}


def bounds(name: str, at_beta: str, at_gamma: str, steps: int) -> np.ndarray:
    where = {beta: sp.Rational(at_beta), gamma: sp.Rational(at_gamma)}
    formula = METHODS[name][1]
    return np.array([float(formula(sp.Integer(x)).subs(where).doit()) for x in range(1, steps + 1)])


def updates(name: str, at_beta: str, at_gamma: str, gradients: object, **options: Any) -> np.ndarray:
    method = METHODS[name][0](beta=Fraction(at_beta), gamma=Fraction(at_gamma))
    return np.array(simulate(method, gradients, **options).updates, dtype=float)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(("at_beta", "at_gamma"), RATES)
def test_growing_gradients_come_within_the_shortfall(name: str, at_beta: str, at_gamma: str) -> None:
    limits = bounds(name, at_beta, at_gamma, 8)
    gaps = []
    for factor in (2, 30, 1000):
        gradients = [int(growing_gradient(sp.Integer(x)).subs(growth, factor)) for x in range(8)]
        reached = updates(name, at_beta, at_gamma, gradients, arithmetic="mpmath", digits=40)
        least = float(shortfall().subs({beta: sp.Rational(at_beta), growth: factor}))
        assert (reached >= least * limits * (1 - 1e-14)).all()
        assert (reached[1:] < limits[1:]).all()
        assert reached[0] == pytest.approx(limits[0], rel=1e-14)
        gaps.append(1 - reached[-1] / limits[-1])
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-6


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(("at_beta", "at_gamma"), RATES)
def test_no_gradients_exceed_the_bound(name: str, at_beta: str, at_gamma: str) -> None:
    draw = np.random.default_rng(11)
    gradients = draw.normal(size=(300, 10)) * 10 ** draw.uniform(-3, 3, size=(300, 10))
    gradients[:100] = np.sort(np.abs(gradients[:100]))
    reached = np.abs(updates(name, at_beta, at_gamma, gradients))
    limits = bounds(name, at_beta, at_gamma, 10)
    assert (reached <= limits * (1 + 1e-12)).all()
    assert (reached.max(axis=0) > limits / 4).all()


@pytest.mark.parametrize("name", METHODS)
def test_bounds_rise_to_their_limit(name: str) -> None:
    where = {beta: sp.Rational(9, 10), gamma: sp.Rational(1, 2)}
    values = bounds(name, "9/10", "1/2", 40)
    top = float(METHODS[name][2]().subs(where))
    assert (np.diff(values) >= 0).all()
    assert values[-1] < top
    later = float(METHODS[name][1](sp.Integer(300)).subs(where).doit())
    assert later == pytest.approx(top, rel=1e-12)


def test_the_named_form_is_the_explicit_one() -> None:
    named = laprop_worst_case(sp.Integer(5), peak).doit()
    put = named.replace(peak, lambda x: laprop_peak().body.subs(laprop_peak().index, x))
    where = {beta: sp.Rational(1, 3), gamma: sp.Rational(1, 2)}
    assert float(put.subs(where)) == pytest.approx(
        float(laprop_worst_case(sp.Integer(5)).subs(where).doit()), rel=1e-14
    )
    assert j not in put.free_symbols
