"""Layers at exact hyperparameters: zero and equal decay factors are cases of their own, never 0/0.

``numbers`` map hyperparameter symbols to exact values: int, Fraction, or an irrational SymPy number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from adamtheory.bounds.enclosures import Range, enclose, sharp
from adamtheory.bounds.filters import Layer, Mode, without_zeros

Numbers = Mapping[sp.Symbol, Any]


def coincidences(numbers: Numbers) -> dict[sp.Symbol, sp.Expr]:
    """Symbols that are 0, and symbols that equal an earlier one."""
    found: dict[sp.Symbol, sp.Expr] = {}
    seen: dict[Any, sp.Symbol] = {}
    for symbol, value in sorted(numbers.items(), key=lambda pair: pair[0].name):
        if value == 0:
            found[symbol] = sp.S.Zero
        elif value in seen:
            found[symbol] = seen[value]
        else:
            seen[value] = symbol
    return found


def at_coincidences(layer: Layer, numbers: Numbers) -> Layer:
    """The layer where decay factors that are zero or equal have been made one symbol."""
    return _merged(layer, tuple(coincidences({s: v for s, v in numbers.items() if s in layer.free_symbols}).items()))


@lru_cache(maxsize=1_000)
def _merged(layer: Layer, same: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> Layer:
    put = dict(same)
    square = layer.square and replace(
        layer.square, weight=layer.square.weight.subs(put), decay=layer.square.decay.subs(put)
    )
    by_pole: dict[sp.Expr, sp.Expr] = {}
    for mode in layer.modes:
        pole = mode.pole.subs(put)
        by_pole[pole] = by_pole.get(pole, sp.S.Zero) + without_zeros(mode.amplitude.subs(put))
    # A filter without memory passes the newest input on.
    direct = without_zeros(layer.direct.subs(put)) + by_pole.pop(sp.S.Zero, sp.S.Zero)
    modes = tuple(Mode(amplitude, pole) for pole, amplitude in by_pole.items() if amplitude != 0)
    return replace(layer, direct=direct, modes=modes, square=square)


def compare(a: sp.Expr, b: sp.Expr, numbers: Numbers) -> int:
    """The sign of a - b at the numbers: exactly for rationals, in balls otherwise, by SymPy where these overlap."""
    used = sorted(a.free_symbols | b.free_symbols, key=str)
    return _compare(a - b, tuple((symbol, numbers[symbol]) for symbol in used))


@lru_cache(maxsize=10_000)
def _compare(difference: sp.Expr, given: tuple[tuple[sp.Symbol, Any], ...]) -> int:
    if all(isinstance(value, (int, Fraction)) for _, value in given):
        exact = difference.subs({symbol: sp.Rational(value) for symbol, value in given})
        if exact.is_Rational:
            return int(sp.sign(exact))
    ball = sharp(lambda: enclose(difference, dict(given), Range(0, 0)))
    if ball > 0 or ball < 0:
        return 1 if ball > 0 else -1
    if difference.subs({symbol: sp.sympify(value) for symbol, value in given}).equals(0):
        return 0
    raise ArithmeticError(f"cannot tell whether {difference} is 0 at {given}")
