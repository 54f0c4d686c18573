"""Limits and orders as numbers see them: distances along a sequence of points, slopes between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.propositions import BigO, Tends

Number = Callable[[sp.Expr, Mapping[sp.Symbol, Any], int], Any]


@dataclass(frozen=True)
class Measured:
    holds: bool | None
    note: str
    order: float | None = None


def _stations(p: Tends) -> list[Any]:
    """Values of the variable on its way to the limit: far where the expression is closed, near where it must be run."""
    if p.expr.has(sp.Sum, sp.Product, sp.Integral, AppliedUndef):
        steps = range(3, 10)
    else:
        # 2**n and n**n are powers of integers, of which every digit is kept.
        powers = (x for x in p.expr.atoms(sp.Pow) if x.exp.has(p.variable))
        digits = any(x.base.is_Rational or x.base.has(p.variable) for x in powers)
        steps = range(3, 14) if digits else range(4, 41, 4)
    if p.point in (sp.oo, -sp.oo):
        return [2**s if p.point is sp.oo else -(2**s) for s in steps]
    sign = -1 if p.side == "-" else 1
    return [p.point + sign * sp.Rational(1, 2**s) for s in steps]


def approaches(number: Number, p: Tends, digits: int) -> Measured:
    """Does the distance to the limit shrink along the way?  A distance that settles at another value refutes it."""
    distances = []
    values = []
    infinite = p.value in (sp.oo, -sp.oo)
    for station in _stations(p):
        place = {p.variable: station}
        value = number(p.expr, place, 2 * digits)
        values.append(value)
        distances.append(value if infinite else abs(value - number(p.value, place, 2 * digits)))
    last, middle, before = distances[-1], distances[len(distances) // 2], distances[-2]
    shown = f"{mpmath.nstr(values[0], 6)}, ..., {mpmath.nstr(values[-2], 6)}, {mpmath.nstr(values[-1], 6)}"
    settled = abs(values[-1] - values[-2]) <= abs(values[-1]) / 1000
    if infinite:
        signed = [d if p.value is sp.oo else -d for d in distances]
        if signed[-1] > signed[-2] > signed[0] and not settled:
            return Measured(True, shown)
        return Measured(False if settled else None, shown)
    tiny = mpmath.mpf(10) ** (-digits // 2) * (abs(values[-1]) + 1)
    if last <= tiny or (last < before and last < 0.9 * middle and not (settled and last > 100 * abs(last - before))):
        return Measured(True, shown)
    # Values that have hardly moved yet, but move more and more, have not settled: their time scale is still ahead.
    calming = abs(values[-1] - values[-2]) <= abs(values[-2] - values[-3])
    stuck = settled and calming and abs(last - before) <= last / 1000
    grows = all(a < b for a, b in pairwise(distances)) and last > 2 * middle
    return Measured(False if stuck or grows else None, f"{shown}: the distance to the limit is {mpmath.nstr(last, 6)}")


def measured_order(number: Number, p: BigO, digits: int) -> Measured:
    """The slope of log|expr| over log(variable), near and, where that is not conclusive, much nearer to 0."""
    best: Measured | None = None
    for powers in (range(4, 11), range(16, 25, 2), range(32, 41, 2)):
        sizes = [abs(number(p.expr, {p.variable: sp.Rational(1, 2**s)}, 2 * digits)) for s in powers]
        if all(size == 0 for size in sizes[-2:]):
            return Measured(True, "zero", float("inf"))
        points = [(s, mpmath.log(size, 2)) for s, size in zip(powers, sizes, strict=True) if size != 0]
        if len(points) < 3:
            return Measured(None, "vanishes at some of the points")
        order = _slope(points)
        best = Measured(order >= p.power - 0.25, f"measured order {order:.3f} at {p.variable} = 2^-{powers[-1]}", order)
        if best.holds:
            return best
    return best or Measured(None, "")


def _slope(points: list[tuple[int, Any]]) -> float:
    """Least squares; log2 of the size falls by the order as -log2 of the variable rises by 1."""
    tail = points[-4:]
    centre = sum(s for s, _ in tail) / len(tail)
    mean = sum(y for _, y in tail) / len(tail)
    return float(-sum((s - centre) * (y - mean) for s, y in tail) / sum((s - centre) ** 2 for s, _ in tail))
