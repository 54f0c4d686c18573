"""Is a proposition true at a point, as far as numbers tell?

Relations are read at ``digits`` digits; what is too close to call there is read again at twice as many, and only what
stays the same counts as false.  The answer catches errors and proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import sympy as sp

from adamtheory.lowering import arithmetic
from adamtheory.proof.asymptotics import Number, approaches, measured_order
from adamtheory.proof.intervals import inside
from adamtheory.proof.valuation import NUMERIC_TROUBLE, Point, Valuation
from adamtheory.propositions import (
    All,
    BigO,
    Either,
    ForAll,
    Iff,
    Image,
    Implies,
    Proposition,
    Regular,
    Relation,
    SequenceDefinition,
    SquareIntegrable,
    Supremum,
    Tends,
)

Bound = Mapping[sp.Symbol, Any]
INDICES = (*range(9), 10, 13, 17, 24)  # values of a bound index that are tried
_BITS = 256


class Undefined(Exception):
    """An expression has no value at the point."""


class Unreadable(Exception):
    """The numerics cannot read an expression; this says nothing about it."""


@dataclass(frozen=True)
class Outcome:
    """``holds`` is None where the numbers decide nothing; ``margin`` is the smallest relative right minus left.

    ``tie``: a strict relation (or !=) that holds as far as nothing tells its sides apart."""

    holds: bool | None
    margin: float | None = None
    note: str = ""
    order: float | None = None
    tie: bool = False


class Judge:
    """Truth of propositions at one point."""

    def __init__(self, point: Point, *, digits: int = 50) -> None:
        self.point = point
        self.digits = digits
        self._valuations: dict[tuple[str, int], Valuation] = {}

    def valuation(self, name: str, size: int = 0) -> Valuation:
        if (name, size) not in self._valuations:
            options = {"mpmath": {"digits": size}, "ball": {"bits": size}, "fraction": {}}[name]
            other = next(iter(self._valuations.values()), None)
            self._valuations[name, size] = Valuation(self.point, arithmetic(name, **options), like=other)
        return self._valuations[name, size]

    def number(self, e: sp.Expr, bound: Bound, digits: int) -> Any:
        """The value of ``e`` at ``digits`` digits; Undefined or Unreadable where there is none."""
        try:
            value = self.valuation("mpmath", digits).value(e, bound)
        except NUMERIC_TROUBLE as error:
            raise self._trouble(e, bound, error) from error
        if not mpmath.isfinite(value):
            raise self._trouble(e, bound, "a value is not finite")
        return value

    def _trouble(self, e: sp.Expr, bound: Bound, reason: object) -> Exception:
        """A failure of multiprecision is the expression's own only where balls find no finite value either."""
        try:
            ball = self.valuation("ball", _BITS).value(e, bound)
        except ZeroDivisionError:
            return Undefined(str(e))
        except NUMERIC_TROUBLE as error:
            try:
                whole = self.valuation("ball", _BITS).concrete(e)
            except NUMERIC_TROUBLE:
                return Unreadable(_line(error))
            return Undefined(str(e)) if whole.has(sp.zoo, sp.nan) else Unreadable(_line(error))
        return Unreadable(_line(reason)) if ball.is_finite() else Undefined(str(e))

    # -- propositions -----------------------------------------------------------------------------------------------
    def judge(self, p: Proposition, bound: Bound | None = None) -> Outcome:
        """Raises Undefined where a part that matters has no value, Unreadable where the numerics cannot tell."""
        bound = bound or {}
        match p:
            case Relation():
                return self._relation(p, bound)
            case All(parts=parts):
                return _all(self.judge(part, bound) for part in parts)
            case Either(parts=parts):
                return self._either(parts, bound)
            case Implies(hypothesis=hypothesis, conclusion=conclusion):
                premise = self.judge(hypothesis, bound)
                if premise.holds is False:
                    return Outcome(True, note="vacuous")
                result = self.judge(conclusion, bound)
                met = premise.holds and not premise.tie
                return result if met or result.holds else Outcome(None, note=premise.note)
            case Iff(left=left, right=right):
                if self.far(left, bound) and self.far(right, bound):
                    return Outcome(True, note="both sides fail by far")
                first, second = self.judge(left, bound), self.judge(right, bound)
                if first.holds is None or second.holds is None or first.tie or second.tie:
                    return Outcome(None, note=first.note or second.note)
                return Outcome(first.holds == second.holds, note=f"left {first.holds}, right {second.holds}")
            case ForAll():
                return self._for_all(p, bound)
            case Regular() | SquareIntegrable() | SequenceDefinition():
                return Outcome(True, note="by construction of the sample")
            case Tends():
                found = approaches(self._along(p, bound), p, self.digits)
                return Outcome(found.holds, note=found.note)
            case BigO():
                found = measured_order(self._along(p, bound), p, self.digits)
                return Outcome(found.holds, note=found.note, order=found.order)
            case Supremum(expr=expr, value=value):
                return self.judge(Relation("<=", expr, value), bound)
            case Image():
                return self._for_all(_within(p), bound)
        return Outcome(None, note=f"{type(p).__name__} is not decided by points")

    def _along(self, p: Tends | BigO, bound: Bound) -> Number:
        """Values on the way of a limit.  A definition that speaks of the variable moves with it."""
        built = (e for s in self.point.shapes for e in (s.value, s.lower, s.upper) if e is not None)
        moves = any(p.variable in x.free_symbols for x in (*self.point.definitions, *built))  # a bound index stays

        def number(e: sp.Expr, place: Bound, digits: int) -> Any:
            if not moves:
                return self.number(e, {**bound, **place}, digits)
            values = {**self.point.values, **{s: sp.sympify(x, strict=True) for s, x in place.items()}}
            return Judge(replace(self.point, values=values)).number(e, bound, digits)

        return number

    def _either(self, parts: tuple[Proposition, ...], bound: Bound) -> Outcome:
        outcomes = []
        for part in parts:
            outcomes.append(self.judge(part, bound))
            if outcomes[-1].holds:
                return outcomes[-1]
        if any(o.holds is None for o in outcomes):
            return Outcome(None, note="; ".join(o.note for o in outcomes if o.holds is None))
        return Outcome(False, note="no part holds: " + "; ".join(o.note for o in outcomes))

    def _for_all(self, p: ForAll, bound: Bound) -> Outcome:
        tried = 0

        def outcomes() -> Any:
            nonlocal tried
            if p.variable.is_integer:
                values: Any = INDICES
            else:
                values = inside(p.variable, p.domain, lambda e: self.number(e, bound, self.digits))
            for value in values:
                here = {**bound, p.variable: value}
                if all(self.judge(r, here).holds for r in p.domain):
                    tried += 1
                    outcome = self.judge(p.body, here)
                    yield (
                        outcome
                        if outcome.holds
                        else Outcome(outcome.holds, outcome.margin, f"at {p.variable} = {value}: {outcome.note}")
                    )

        found = _all(outcomes())
        return found if tried else Outcome(True, note="vacuous")

    def far(self, p: Proposition, bound: Bound | None = None) -> bool:
        """Does an equation fail by so much that no rounding explains it?  (A quadrature may: this refutes nothing.)"""
        if not isinstance(p, Relation) or p.op != "=":
            return False
        left, right = (self.number(e, bound or {}, self.digits) for e in (p.lhs, p.rhs))
        return bool(abs(right - left) > (abs(left) + abs(right)) / 1000)

    def _relation(self, r: Relation, bound: Bound) -> Outcome:
        digits = self.digits
        left, right = (self.number(e, bound, digits) for e in (r.lhs, r.rhs))
        gap, scale = right - left, abs(left) + abs(right)
        slack = mpmath.mpf(10) ** (15 - digits) * scale
        shown = f"{mpmath.nstr(left, 8)} {r.op} {mpmath.nstr(right, 8)}"
        margin = float(gap / scale) if scale else 0.0
        if r.op == "=" and abs(gap) <= slack:
            return Outcome(True, note=shown)
        # A value of the size of rounding may be all rounding, whatever it is compared with.
        noise = max(slack, mpmath.mpf(10) ** (15 - digits))
        if r.op == "!=" and abs(gap) > noise:
            return Outcome(True, note=shown)
        if r.op in ("<", "<=") and gap > noise:
            return Outcome(True, margin, shown)
        return self._closer(r, bound, gap, shown)

    def _closer(self, r: Relation, bound: Bound, gap: Any, shown: str) -> Outcome:
        """Too close to call, or false: only a difference that more digits leave as it is counts."""
        digits = 2 * self.digits
        left, right = (self.number(e, bound, digits) for e in (r.lhs, r.rhs))
        second, scale = right - left, abs(left) + abs(right)
        ten = mpmath.mpf(10)
        vanishes = abs(second) <= max(ten ** (15 - digits) * scale, abs(gap) * ten ** (-(self.digits // 2)))
        stays = abs(second - gap) <= abs(second) / 1000
        # Quadrature errs by more than rounding: what rests on an integral is asked of balls before it counts as false.
        if not vanishes and (not stays or r.lhs.has(sp.Integral) or r.rhs.has(sp.Integral)):
            ball = self._gap_ball(r, bound)
            if ball is not None and ball.contains(0):
                vanishes, stays = float(ball.rad()) <= 1e-25 * float(scale) < float("inf"), False
            elif ball is not None:
                second, stays = mpmath.mpf(str(ball.mid().str(30, radius=False))), True
        if not vanishes and not stays:
            return Outcome(None, note=f"{shown} is not settled at {digits} digits")
        if vanishes:
            if r.op in ("=", "<="):
                return Outcome(True, None if r.op == "=" else 0.0, shown)
            # A tie refutes a strict relation only where exact arithmetic says so; a gap may be below any precision.
            equal = self._exactly_equal(r, bound)
            return Outcome(not equal, 0.0 if r.op == "<" else None, f"{shown} (equal)", tie=not equal)
        if r.op in ("=", "!="):
            return Outcome(r.op == "!=", note=shown)
        return Outcome(bool(second > 0), float(second / scale) if scale else 0.0, shown)

    def _gap_ball(self, r: Relation, bound: Bound) -> Any:
        try:
            ball = self.valuation("ball", _BITS).value(r.rhs - r.lhs, bound)
        except NUMERIC_TROUBLE:
            return None
        return ball if ball.is_finite() else None

    def _exactly_equal(self, r: Relation, bound: Bound) -> bool:
        try:
            exact = self.valuation("fraction")
            return bool(exact.value(r.lhs, bound) == exact.value(r.rhs, bound))
        except NUMERIC_TROUBLE:
            return False


def _all(outcomes: Any) -> Outcome:
    margins: list[float] = []
    undecided: Outcome | None = None
    note, tie = "vacuous", False
    order: float | None = None
    for outcome in outcomes:
        if outcome.holds is False:
            return Outcome(False, outcome.margin, outcome.note)
        if outcome.holds is None:
            undecided = undecided or outcome
        if outcome.note != "vacuous":
            note = outcome.note
        if outcome.margin is not None:
            margins.append(outcome.margin)
        order = outcome.order if outcome.order is not None else order
        tie = tie or outcome.tie
    smallest = min(margins, default=None)
    return Outcome(None, smallest, undecided.note) if undecided else Outcome(True, smallest, note, order, tie)


def _within(p: Image) -> ForAll:
    """The half of an image statement that points can test: every value lies in the interval."""
    below = Relation("<=" if p.lower_closed else "<", p.lower, p.expr)
    above = Relation("<=" if p.upper_closed else "<", p.expr, p.upper)
    ends = [r for r, end in ((below, p.lower), (above, p.upper)) if end not in (sp.oo, -sp.oo)]
    return ForAll(p.variable, (), All(tuple(ends)))


def _line(reason: object) -> str:
    return " ".join(str(reason).split())[:200]
