"""Intervals that inequalities leave to one symbol, and numbers drawn from them, edges included."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.propositions import Relation

_SIMPLE = ("1/2", "1/3", "3/4", "1/10", "9/10", "99/100", "999/1000", "1/1000", "1/1000000", "999999/1000000")
_FRACTIONS = tuple(sp.Rational(x) for x in _SIMPLE)


@dataclass(frozen=True)
class Interval:
    """Numbers between ``lower`` and ``upper`` (None: no end), ends included or not."""

    lower: sp.Rational | None = None
    upper: sp.Rational | None = None
    lower_closed: bool = True
    upper_closed: bool = True

    def above(self, end: sp.Rational, closed: bool) -> Interval:
        if self.lower is None or end > self.lower or (end == self.lower and not closed):
            return Interval(end, self.upper, closed, self.upper_closed)
        return self

    def below(self, end: sp.Rational, closed: bool) -> Interval:
        if self.upper is None or end < self.upper or (end == self.upper and not closed):
            return Interval(self.lower, end, self.lower_closed, closed)
        return self

    @property
    def empty(self) -> bool:
        if self.lower is None or self.upper is None:
            return False
        closed = self.lower_closed and self.upper_closed
        return bool(self.lower > self.upper or (self.lower == self.upper and not closed))

    def draw(self, random: Random) -> sp.Rational:
        """A rational from anywhere in a non-empty interval, simple ones, edges and several magnitudes favoured."""
        ends = ((self.lower, self.lower_closed), (self.upper, self.upper_closed))
        edges = [end for end, closed in ends if closed and end is not None]
        if self.lower is not None and self.lower == self.upper:
            return self.lower
        if edges and random.random() < 0.12:
            return random.choice(edges)
        if self.lower is not None and self.upper is not None:
            return self.lower + (self.upper - self.lower) * _fraction(random)
        if self.lower is not None:
            return self.lower + _magnitude(random)
        if self.upper is not None:
            return self.upper - _magnitude(random)
        return sp.Integer(0) if random.random() < 0.05 else random.choice((1, -1)) * _magnitude(random)

    def draw_index(self, random: Random, largest: int = 12) -> sp.Integer | None:
        """An integer within ``largest`` of the start, the first two favoured; None where there is none."""
        start: sp.Rational = sp.Integer(-largest // 2)
        if self.lower is not None:
            start = self.lower
        elif self.upper is not None:
            start = self.upper - largest
        first = sp.ceiling(start)
        if first == self.lower and not self.lower_closed:
            first += 1
        last = first + largest
        if self.upper is not None:
            end = sp.floor(self.upper)
            last = min(last, end - 1 if end == self.upper and not self.upper_closed else end)
        if last < first:
            return None
        if random.random() < 0.3:
            return min(first + random.randint(0, 1), last)
        return sp.Integer(random.randint(int(first), int(last)))


def _fraction(random: Random) -> sp.Rational:
    """A rational in (0, 1)."""
    if random.random() < 0.35:
        return random.choice(_FRACTIONS)
    bottom = random.choice((7, 16, 100, 1000))
    return sp.Rational(random.randint(1, bottom - 1), bottom)


def _magnitude(random: Random) -> sp.Rational:
    """A positive rational."""
    scale = sp.Rational(10) ** random.choice((0, 0, 0, -1, -2, 1))
    return sp.Rational(random.randint(1, 99), random.choice((1, 7, 10, 10, 50, 100))) * scale


def narrowed(
    interval: Interval, symbol: sp.Symbol, relations: Iterable[Relation], number: Callable[[sp.Expr], Any | None]
) -> Interval:
    """What ``x <= e``, ``e < x`` and the like leave of the interval; ``number`` gives the value of e, or None."""
    for r in relations:
        if r.op not in ("<", "<="):
            continue
        lower, upper = _ends(r, symbol)
        for end, shrink in ((upper, Interval.below), (lower, Interval.above)):
            value = None if end is None else number(end)
            if value is not None:
                interval = shrink(interval, value, r.op == "<=")
    return interval


def _ends(r: Relation, symbol: sp.Symbol) -> tuple[sp.Expr | None, sp.Expr | None]:
    """Lower and upper end for ``symbol`` that the relation states, where it is affine in it with a numeric slope."""
    if r.lhs == symbol and not r.rhs.has(symbol):
        return None, r.rhs
    if r.rhs == symbol and not r.lhs.has(symbol):
        return r.lhs, None
    gap = r.rhs - r.lhs
    if symbol not in gap.free_symbols or gap.has(AppliedUndef):
        return None, None
    if isinstance(r.lhs, sp.Abs) and r.lhs.args[0] == symbol and not r.rhs.has(symbol):
        return -r.rhs, r.rhs
    slope = sp.diff(gap, symbol)
    if not slope.is_Rational or slope == 0:
        return None, None
    end = sp.expand(-(gap - slope * symbol) / slope)
    return (end, None) if slope > 0 else (None, end)


def rational(value: Any) -> sp.Rational:
    """A multiprecision number as a nearby rational."""
    if isinstance(value, (int, sp.Rational)):
        return sp.Rational(value)
    sign, mantissa, exponent, _ = value._mpf_
    return sp.Rational(int(-mantissa if sign else mantissa)) * sp.Rational(2) ** int(exponent)


def inside(variable: sp.Symbol, domain: tuple[Relation, ...], number: Callable[[sp.Expr], Any]) -> list[sp.Rational]:
    """A few reals that the domain of a bound variable seems to allow, ends included (the caller checks each)."""
    interval = narrowed(Interval(), variable, domain, lambda e: None if e in (sp.oo, -sp.oo) else rational(number(e)))
    if interval.empty:
        return []
    low, high = interval.lower, interval.upper
    if low is not None and high is not None:
        parts = [sp.Rational(x) for x in ("0", "1/1000", "1/7", "1/2", "9/10", "999/1000", "1")]
        return sorted({low + (high - low) * x for x in parts})
    steps = [sp.Rational(x) for x in ("0", "1/1000", "1/3", "1", "7/2", "40")]
    if low is not None:
        return [low + x for x in steps]
    if high is not None:
        return [high - x for x in steps]
    return [*(-x for x in steps[:0:-1]), *steps]
