"""Numbers for people: exact decimals where they are short, seven figures otherwise."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sympy as sp

_LONGEST = 18  # characters of an exact decimal
_FIGURES = 7


def decimal(value: Any) -> str:
    """The decimal that a Fraction is where that is short (999/1000 is 0.999), seven figures otherwise."""
    if isinstance(value, Fraction):
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        text = f"{quotient:f}"
        if Fraction(quotient) == value and len(text) <= _LONGEST:
            return text
    return rounded(value)


def rounded(value: Any) -> str:
    """Seven significant figures; also of numbers that no double holds."""
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "infinite", -math.inf: "-infinite"}.get(value, "undefined")
    number = sp.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else sp.sympify(value)
    if number == 0 or 1e-300 < abs(number) < 1e300:
        return f"{float(number):.{_FIGURES}g}"
    return str(sp.N(number, _FIGURES))
