"""Conditions as people write them: 0 < x and x < 1 as 0 < x < 1, and symbols with equal bounds together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.propositions import Proposition, Relation


@dataclass(frozen=True)
class Window:
    """``low first x second high`` for each x of ``symbols``."""

    symbols: tuple[sp.Expr, ...]
    low: sp.Expr
    first: str
    second: str
    high: sp.Expr

    @property
    def bounds(self) -> tuple[sp.Expr, str, str, sp.Expr]:
        return self.low, self.first, self.second, self.high


def merged(parts: Iterable[Proposition], variable: sp.Symbol | None = None) -> list[Proposition | Window]:
    """The conditions in their order; those that bound a symbol by numbers on both sides become one window.

    ``variable`` may be bounded by anything: a quantifier's domain."""
    ends: dict[sp.Expr, list[Relation | None]] = {}
    order: list[Proposition | sp.Expr] = []
    for p in parts:
        found = _bounded(p, variable)
        if found is None or (found[0] in ends and ends[found[0]][found[1]] is not None):
            order.append(p)
            continue
        symbol, place, relation = found
        if symbol not in ends:
            ends[symbol] = [None, None]
            order.append(symbol)
        ends[symbol][place] = relation
    shown: list[Proposition | Window] = []
    for item in order:
        if isinstance(item, Proposition):
            shown.append(item)
            continue
        low, high = ends[item]
        if low is None or high is None:
            shown += [end for end in (low, high) if end is not None]
        else:
            _add(shown, Window((item,), low.lhs, low.op, high.op, high.rhs))
    return shown


def _add(shown: list[Proposition | Window], window: Window) -> None:
    for place, other in enumerate(shown):
        if isinstance(other, Window) and other.bounds == window.bounds:
            shown[place] = Window((*other.symbols, *window.symbols), *window.bounds)
            return
    shown.append(window)


def _bounded(p: Proposition, variable: sp.Symbol | None) -> tuple[sp.Expr, int, Relation] | None:
    """The symbol that a condition bounds, 0 for from below and 1 for from above."""
    if not isinstance(p, Relation) or p.op not in ("<", "<="):
        return None
    if _named(p.rhs) and (p.lhs.is_number or p.rhs == variable):
        return p.rhs, 0, p
    if _named(p.lhs) and (p.rhs.is_number or p.lhs == variable):
        return p.lhs, 1, p
    return None


def _named(e: sp.Expr) -> bool:
    return isinstance(e, (sp.Symbol, AppliedUndef))
