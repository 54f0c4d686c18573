"""Numbers as people write them, made exact: a float means its shortest decimal, so 0.9 is 9/10."""

from __future__ import annotations

import decimal
import math
import numbers
from fractions import Fraction

import sympy

from adamtheory.validation import reject

_ALLOWED = "a finite number: an int, Fraction, decimal string such as '0.999', or float"
# Beyond this a decimal exponent is a typing error or an attack on memory, not a number of this subject.
_LARGEST_EXPONENT = 5000


def exact_fraction(value: object, argument: str = "value") -> Fraction:
    """The exact rational number meant by ``value``.

    int, Fraction, decimal.Decimal, sympy.Rational and strings ("0.999", "1/3", "1e-8") are taken as they stand; a
    float, Python's or NumPy's of any width, means its shortest decimal that round-trips.
    Raises TypeError for a bool or a non-number, ValueError for NaN, infinity and unreadable strings.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, (bool, sympy.logic.boolalg.BooleanAtom)) or type(value).__name__ in {"bool", "bool_"}:
        reject(argument, value, _ALLOWED, TypeError)
    if isinstance(value, sympy.Rational):
        return Fraction(int(value.p), int(value.q))
    if type(value).__name__ in {"fmpz", "fmpq"}:
        return Fraction(str(value))
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, str):
        return _from_text(value, value, argument)
    if isinstance(value, decimal.Decimal):
        return _from_text(str(value), value, argument)
    if isinstance(value, float):  # includes numpy.float64, whose repr is not a decimal
        if not math.isfinite(value):
            reject(argument, value, _ALLOWED)
        return Fraction(float.__repr__(float(value)))
    if isinstance(value, numbers.Real):  # numpy.float16/32/longdouble: str is the shortest decimal of that width
        return _from_text(str(value), value, argument)
    reject(argument, value, _ALLOWED, TypeError)


def exact(value: object, argument: str = "value") -> sympy.Rational:
    """``exact_fraction`` as a sympy Rational, the only numbers that expressions of this library contain."""
    number = exact_fraction(value, argument)
    return sympy.Rational(number.numerator, number.denominator)


def _from_text(text: str, value: object, argument: str) -> Fraction:
    try:
        if "/" not in text:
            number = decimal.Decimal(text)
            if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
                reject(argument, value, _ALLOWED)
        return Fraction(text)
    except (ValueError, ZeroDivisionError, decimal.InvalidOperation):
        pass
    reject(argument, value, _ALLOWED)
