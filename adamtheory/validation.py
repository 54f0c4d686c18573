"""Checks of arguments, in one place: every refusal is one line naming the argument, its value and what is allowed."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from fractions import Fraction
from typing import NoReturn, TypeVar

_T = TypeVar("_T")
_LONGEST = 80


def shown(value: object) -> str:
    """One-line, bounded text of a value, for error messages."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def reject(argument: str, value: object, allowed: str, error: type[Exception] = ValueError) -> NoReturn:
    """Raise ``error`` with the line "<argument> must be <allowed>, got <value>"."""
    raise error(f"{argument} must be {allowed}, got {shown(value)}")


def one_of(argument: str, value: _T, allowed: Iterable[_T]) -> _T:
    """``value`` if it is one of ``allowed``; ValueError otherwise."""
    choices = list(allowed)
    if not isinstance(value, str) or value not in choices:
        reject(argument, value, "one of " + ", ".join(map(repr, choices)))
    return value


def integer(argument: str, value: object, *, minimum: int | None = None, maximum: int | None = None) -> int:
    """``value`` as an int within [minimum, maximum]; TypeError for a non-integer, ValueError outside the range."""
    allowed = "an integer"
    if minimum is not None:
        allowed += f" >= {minimum}"
    if maximum is not None:
        allowed += (" and" if minimum is not None else "") + f" <= {maximum}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        reject(argument, value, allowed, TypeError)
    number = int(value)
    if (minimum is not None and number < minimum) or (maximum is not None and number > maximum):
        reject(argument, value, allowed)
    return number


def boolean(argument: str, value: object) -> bool:
    """``value`` if it is True or False; TypeError otherwise."""
    if not isinstance(value, bool):
        reject(argument, value, "True or False", TypeError)
    return value


def finite(argument: str, value: float | int | Fraction) -> float | int | Fraction:
    """``value`` if it is neither NaN nor infinite; ValueError otherwise."""
    if isinstance(value, float) and not math.isfinite(value):
        reject(argument, value, "a finite number")
    return value
