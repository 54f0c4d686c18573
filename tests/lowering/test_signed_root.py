"""Laws of sign * sqrt(rational)."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

from adamtheory.lowering import LeavesRationals, SignedRoot, evaluate, signed_root

x = sp.Symbol("x", real=True)
positive = st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=1000)
roots = st.builds(signed_root, st.sampled_from([-1, 0, 1]), positive)


@given(roots, roots)
def test_products_and_quotients_are_those_of_the_numbers(x: SignedRoot, y: SignedRoot) -> None:
    assert (x * y) ** 2 == x**2 * y**2
    assert float(x * y) == pytest.approx(float(x) * float(y))
    if y:
        assert (x / y) * y == x
        assert float(x / y) == pytest.approx(float(x) / float(y))


@given(roots, roots)
def test_order_is_that_of_the_numbers(x: SignedRoot, y: SignedRoot) -> None:
    assert (x < y) + (x == y) + (x > y) == 1
    assert (x <= y) == (x < y or x == y)
    if abs(float(x) - float(y)) > 1e-9:
        assert (x < y) == (float(x) < float(y))
    if x == y:
        assert hash(x) == hash(y)


@given(roots, st.fractions(max_denominator=100))
def test_scaling_by_rationals_distributes(x: SignedRoot, c: Fraction) -> None:
    assert x * c + x == x * (c + 1)
    assert x - x * c == x * (1 - c)
    assert (c * x < 0) == (c * (x > 0) < 0 or c * -(x < 0) < 0)


@given(positive, st.integers(-6, 6))
def test_powers(square: Fraction, exponent: int) -> None:
    x = signed_root(-1, square)
    assert float(x**exponent) == pytest.approx(float(x) ** exponent)


@given(positive)
def test_a_rational_root_is_a_fraction(x: Fraction) -> None:
    assert signed_root(-1, x * x) == -x
    assert isinstance(signed_root(-1, x * x), Fraction)


@given(positive, positive)
def test_incommensurable_sums_are_refused_with_the_reason(x: Fraction, y: Fraction) -> None:
    assume(isinstance(signed_root(1, x), SignedRoot))
    assume(isinstance(signed_root(1, x / y), SignedRoot))
    with pytest.raises(LeavesRationals, match="not rational"):
        signed_root(1, x) + signed_root(1, y)


def test_root_plus_rational_is_refused_and_zero_is_not() -> None:
    root = signed_root(1, 2)
    with pytest.raises(LeavesRationals, match=r"sqrt\(2\) \+ 1"):
        root + 1
    with pytest.raises(LeavesRationals):
        1 - root
    assert root + 0 == root
    assert 0 - root == -root


def test_float_neither_overflows_nor_loses_digits() -> None:
    for square in (Fraction(2) * 10**500, Fraction(3, 10**500), Fraction(10**400 + 1, 10**400)):
        relative = Fraction(float(signed_root(1, square))) ** 2 / square - 1
        assert abs(relative) < Fraction(1, 10**15)
    with pytest.raises(OverflowError):
        float(signed_root(1, Fraction(2) * 10**700))
    assert np.isposinf(evaluate(x, {x: signed_root(1, Fraction(2) * 10**700)}, "numpy"))
    assert float(signed_root(-1, 2)) == -math.sqrt(2)


def test_misuse_is_refused() -> None:
    with pytest.raises(ValueError, match="sign"):
        SignedRoot(1, Fraction(4))
    with pytest.raises(LeavesRationals, match="negative"):
        signed_root(1, -2)
    with pytest.raises(AttributeError):
        setattr(SignedRoot(1, Fraction(2)), 'sign', -1)  # noqa: B010 - what a careless caller would do
    with pytest.raises(TypeError):
        signed_root(1, 2) * 0.5
    x = signed_root(-1, Fraction(2, 3))
    assert pickle.loads(pickle.dumps(x)) == x  # noqa: S301 - process pools send results this way
