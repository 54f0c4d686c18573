"""The derived tolerance: it covers the real error of float64 and float32, and it is not vacuous."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from adamtheory.lowering import arithmetic, evaluate, lower
from adamtheory.lowering.ball import midpoint
from adamtheory.runs.running_error import Approximate, RunningErrorArithmetic

x, y = sp.symbols("x y", real=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

FORMULAS = [
    x + y,
    x - y,
    x * y,
    x / (1 + y),
    sp.sqrt(x + y),
    1 - x**7,
    (1 - x**3) / (1 - x),
    sp.sqrt(1 - x**5) / (1 - y**5) * y,
    sp.Sum((x * y) ** k, (k, 0, 12)),
    sp.exp(x - y),
    sp.log(1 + x),
    sp.sinh(x) / sp.cosh(y),
    sp.tanh(x * y),
    sp.Abs(x - y),
    sp.Max(x, y) - sp.Min(x, y),
    x**y,
    sp.pi * x + sp.sqrt(2) * y,
    sp.Piecewise((x, x < y), (y**2, True)),
]
rates = st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=1000)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@given(a=rates, b=rates, formula=st.sampled_from(FORMULAS))
def test_the_bound_covers_the_error(dtype, a, b, formula) -> None:
    exact = {x: np.array([a], dtype=object), y: np.array([b], dtype=object)}
    bound = evaluate(formula, exact, RunningErrorArithmetic(dtype))
    values = [np.array([float(a)], dtype=dtype), np.array([float(b)], dtype=dtype)]
    computed = Fraction(float(lower(formula, [x, y], arithmetic("numpy", dtype=dtype))(*values)[0]))
    true = midpoint(evaluate(formula, {x: a, y: b}, arithmetic("ball", bits=256)))
    assert abs(computed - true) <= Fraction(float(np.ravel(bound.error)[0]) * 1.01)


@pytest.mark.parametrize(("dtype", "most"), [("float64", 1e-14), ("float32", 1e-5)])
def test_the_bound_is_not_vacuous(dtype, most) -> None:
    bounds = RunningErrorArithmetic(dtype)
    for formula in FORMULAS:
        found = evaluate(formula, {x: Fraction(7, 10), y: Fraction(4, 10)}, bounds)
        assert float(np.ravel(found.error)[0]) < most * max(1.0, abs(float(np.ravel(found.value)[0])))


def test_cancellation_is_seen() -> None:
    bounds = RunningErrorArithmetic("float32")
    near_one = evaluate(1 - x, {x: 1 - Fraction(1, 10**9)}, bounds)
    assert near_one.error > near_one.value  # in float32 this x is 1


def test_underflow_and_overflow_are_seen() -> None:
    bounds = RunningErrorArithmetic("float64")
    with np.errstate(all="ignore"):
        tiny = evaluate(x * x, {x: np.array([1e-200])}, bounds)
        huge = evaluate(x * x, {x: np.array([1e200])}, bounds)
        quotient = evaluate(1 / (x * x), {x: np.array([1e-200])}, bounds)
    assert tiny.error[0] > 0
    assert not np.isfinite(huge.value[0])
    assert not np.isfinite(quotient.error[0])


def test_an_undecided_condition_reaches_every_branch() -> None:
    bounds = RunningErrorArithmetic("float64")
    near = Approximate(np.array([0.5, 0.1]), np.array([1e-3, 1e-3]))
    step = sp.Piecewise((sp.Integer(1), x < sp.Rational(1, 2)), (sp.Integer(3), True))
    found = evaluate(step, {x: near}, bounds)
    assert found.value[0] == 1
    assert found.error[0] >= 2
    assert (found.value[1], found.error[1]) == (1, 0)
