"""Expressions in n enclosed in Arb balls over a whole range of n at once, and from that their supremum over all n.

Powers x^(c n + d) with 0 <= x and c >= 0 are monotone in n, so their values at the ends of a range enclose the others.
Over an unbounded range those with x < 1 shrink to 0.  What is enclosed is exact in the hyperparameters: fractions, or
irrational numbers as SymPy expressions.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq

from adamtheory.notation import n

_BITS = 192  # working precision; doubled until the answer is sharp
_MOST_BITS = 12_288
_SHARP = 100  # bits of the answer that have to be right
_MOST_RANGES = 4_000  # of n, looked at for a supremum


@dataclass(frozen=True)
class Range:
    """first <= n <= last; ``last`` is None where there is no end."""

    first: int | Fraction
    last: int | Fraction | None


Values = Mapping[sp.Symbol, Any]


def enclose(e: sp.Expr, values: Values, over: Range) -> arb:
    """A ball that contains ``e`` for every n of the range, at the working precision; not finite where none is found."""
    return _Enclosing(values, over).of(e)


def sharp(compute: Callable[[], arb]) -> arb:
    """``compute()`` at growing precision, until the ball is as sharp as is wanted, or nothing helps."""
    bits = _BITS
    while True:
        with ctx.workprec(bits):
            ball = compute()
            enough = ball.is_finite() and ball.rel_accuracy_bits() >= _SHARP
            if enough or ball.is_zero() or bits >= _MOST_BITS:
                return ball
        bits *= 2


def supremum(
    compute: Callable[[Range], arb], first: int = 0, last: int | None = None, *, whole: bool = True
) -> tuple[arb, bool]:
    """A ball around the supremum over first <= n (<= last) of what ``compute`` encloses over ranges of n, and whether
    the ball is about as sharp as a double.  ``whole``: n is an integer, otherwise every real number counts."""
    with ctx.workprec(_BITS):
        low = compute(Range(first, first)).lower()
        ranges: list[tuple[float, int, Range, arb]] = []
        made = 0

        def look(over: Range) -> None:
            nonlocal low, made
            made += 1
            ball = compute(over)
            high = ball.upper() if ball.is_finite() else arb.pos_inf()
            low = low.max(ball.lower()) if ball.is_finite() else low
            heapq.heappush(ranges, (-float(high), made, over, high))

        look(Range(first, last))
        while made < _MOST_RANGES:
            _, _, over, high = ranges[0]
            if high <= low * (1 + arb(2) ** -60) or over.first == over.last:
                break
            heapq.heappop(ranges)
            for part in _halves(over, whole):
                look(part)
        top = ranges[0][3]
        return low.union(top), bool(top <= low * (1 + arb(2) ** -50))


def never_negative(compute: Callable[[Range], arb], first: int = 0) -> bool:
    """Is what ``compute`` encloses >= 0 for every n >= first?  False also where that cannot be seen."""
    with ctx.workprec(_BITS):
        waiting = [Range(first, None)]
        for _ in range(_MOST_RANGES):
            if not waiting:
                return True
            over = waiting.pop()
            ball = compute(over)
            if ball >= 0:
                continue
            if ball < 0 or over.first == over.last:
                return False
            waiting += _halves(over, whole=True)
        return False


def _halves(over: Range, whole: bool) -> tuple[Range, Range]:
    gap = 1 if whole else 0
    if over.last is None:
        middle = 2 * over.first + 1
        return Range(over.first, middle), Range(middle + gap, None)
    middle = (over.first + over.last) // 2 if whole else Fraction(over.first + over.last) / 2
    return Range(over.first, middle), Range(middle + gap, over.last)


class _Enclosing:
    def __init__(self, values: Values, over: Range) -> None:
        self.values = values
        self.over = over
        self.known: dict[sp.Expr, arb] = {}

    def of(self, e: sp.Expr) -> arb:
        if e not in self.known:
            self.known[e] = self._of(e)
        return self.known[e]

    def _of(self, e: sp.Expr) -> arb:
        if e.is_Rational:
            return arb(fmpq(int(e.p), int(e.q)))
        if e == n:
            return self._index()
        if e.is_Symbol:
            return self._number(self.values[e])
        if e.is_Add or e.is_Mul:
            total = self.of(e.args[0])
            for part in e.args[1:]:
                total = total + self.of(part) if e.is_Add else total * self.of(part)
            return total
        if isinstance(e, sp.exp):
            return self.of(e.args[0]).exp()
        if isinstance(e, sp.log):
            return self.of(e.args[0]).log()
        if isinstance(e, sp.Abs):
            return abs(self.of(e.args[0]))
        if isinstance(e, (sp.Max, sp.Min)):
            parts = [self.of(part) for part in e.args]
            result = parts[0]
            for part in parts[1:]:
                result = result.max(part) if isinstance(e, sp.Max) else result.min(part)
            return result
        if e.is_Pow:
            return self._power(e.base, e.exp)
        raise TypeError(f"{type(e).__name__} cannot be enclosed")

    def _index(self) -> arb:
        if self.over.last is None:
            return arb.nan()
        first, last = self._number(self.over.first), self._number(self.over.last)
        return first if self.over.first == self.over.last else first.union(last)

    def _number(self, value: Any) -> arb:
        if isinstance(value, arb):
            return value
        if isinstance(value, (int, Fraction)):
            return arb(fmpq(value.numerator, value.denominator))
        if isinstance(value, sp.Expr):
            return self.of(value)
        raise TypeError(f"{type(value).__name__} is no exact number")

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> arb:
        below = self.of(base)
        if n in exponent.free_symbols:
            return self._moving(below, exponent)
        if exponent.is_Integer:
            return below ** int(exponent) if exponent >= 0 or not below.contains(0) else arb.nan()
        if abs(exponent) == sp.Rational(1, 2):
            # Arb's root of a wide ball is crude; a root is monotone, so its ends are enough.
            low, high = below.nonnegative_part().lower().max(arb(0)), below.upper().max(arb(0))
            if exponent > 0:
                return low.sqrt().union(high.sqrt())
            return high.rsqrt().union(low.rsqrt()) if low > 0 else arb.nan()
        return below ** self.of(exponent)

    def _moving(self, base: arb, exponent: sp.Expr) -> arb:
        line = _line(exponent)
        if line is None:
            return arb.nan()
        slope, start = self.of(line[0]), self.of(line[1])
        if not slope >= 0 or not base >= 0:
            return arb.nan()

        def at(index: int | Fraction) -> arb:
            power = start + slope * self._number(index)
            if base == 0:
                return arb(1) if power == 0 else arb(0)
            whole = power.unique_fmpz()
            return base ** (int(whole) if power.is_exact() and whole is not None else power)

        first = at(self.over.first)
        if self.over.last is None:
            if slope.is_zero():
                return first
            return first.union(arb(0)) if base < 1 else arb.nan()
        return first if self.over.first == self.over.last else first.union(at(self.over.last))


@lru_cache(maxsize=1_000)
def _line(exponent: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Slope and value at 0 of an exponent that is linear in n."""
    slope = sp.diff(exponent, n)
    return None if n in slope.free_symbols else (slope, exponent.subs(n, 0))
