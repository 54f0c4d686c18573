"""A float written by a person means its shortest decimal."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import fmpq

from adamtheory.lowering import exact, exact_fraction


@pytest.mark.parametrize(
    "value",
    [0.9, "0.9", ".9", "9/10", "9e-1", Decimal("0.9"), Fraction(9, 10), sp.Rational(9, 10), np.float64(0.9),
     np.float32(0.9), np.float16(0.9), fmpq(9, 10)],
)  # fmt: skip
def test_nine_tenths(value: object) -> None:
    assert exact_fraction(value) == Fraction(9, 10)
    assert exact(value) == sp.Rational(9, 10)


NOT_NUMBERS = [float("nan"), float("inf"), -float("inf"), "nan", "inf", "0.9x", "", "1/0", "1e99999"]


@pytest.mark.parametrize("value", NOT_NUMBERS)
def test_not_a_number(value: object) -> None:
    with pytest.raises(ValueError, match="gamma must be a finite number") as error:
        exact(value, "gamma")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [True, np.bool_(True), None, 1j, [1], sp.Symbol("x"), sp.true])
def test_not_a_real(value: object) -> None:
    with pytest.raises(TypeError, match="value must be a finite number"):
        exact(value)
