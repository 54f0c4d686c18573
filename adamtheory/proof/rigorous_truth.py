"""Is a proposition true at one exact point?  Decided in exact fractions, or in Arb balls raised until they tell.

``True`` and ``False`` are rigorous; ``None`` means that this was not decided, and ``notes`` say why.  A claim about all
values of something can only be refuted here (by an instance), except over finitely many indices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flint
import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.lowering import arithmetic
from adamtheory.proof.instantiation import exceeds_order, fails_to_tend
from adamtheory.proof.intervals import Interval, narrowed
from adamtheory.proof.valuation import NUMERIC_TROUBLE, Curve, ExactSequence, Point, Valuation
from adamtheory.propositions import (
    All,
    BigO,
    Bounded,
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
PRECISIONS = (128, 256, 512, 1024, 2048, 4096)
_INDICES = 4096  # values of a bounded index that are gone through
_BOXES = 2000
_UNBOUNDED = 64  # indices tried for an instance that refutes a claim for all k
_ENTIRE = (sp.exp, sp.sinh, sp.cosh, sp.sin, sp.cos)


class RigorousJudge:
    """Decides propositions at a point.  ``failed`` keeps the last relation found false, with both its sides."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.notes: list[str] = []
        self.failed: tuple[Relation, Any, Any] | None = None
        self.instance: dict[sp.Symbol, Any] = {}
        self.remark = ""
        self._valuations: dict[int, Valuation] = {}

    def valuation(self, bits: int) -> Valuation:
        """Balls of ``bits`` bits; 0 stands for exact fractions."""
        if bits not in self._valuations:
            chosen = arithmetic("ball", bits=bits) if bits else arithmetic("fraction")
            self._valuations[bits] = Valuation(self.point, chosen)
        return self._valuations[bits]

    def judge(self, p: Proposition, bound: Bound | None = None) -> bool | None:
        bound = bound or {}
        match p:
            case Relation():
                return self._relation(p, bound)
            case All(parts=parts):
                return self._conjunction(parts, bound)
            case Either(parts=parts):
                found = [self.judge(part, bound) for part in parts]
                return True if True in found else None if None in found else False
            case Implies(hypothesis=hypothesis, conclusion=conclusion):
                premise = self.judge(hypothesis, bound)
                if premise is False:
                    return True
                result = self.judge(conclusion, bound)
                return True if result else result if premise else None
            case Iff(left=left, right=right):
                first, second = self.judge(left, bound), self.judge(right, bound)
                return None if first is None or second is None else first == second
            case ForAll():
                return self._for_all(p, bound)
            case SequenceDefinition():
                return True
            case Regular(function=function) | SquareIntegrable(function=function):
                return self._smooth(function)
            case Supremum(expr=expr, among=among, value=value):
                if self._conjunction(among, bound) and self.judge(Relation("<=", expr, value), bound) is False:
                    return False
                return self._undecided("one point can refute a supremum only by exceeding it")
            case Image():
                return self._image(p, bound)
            case Tends():
                return self._limit(fails_to_tend, p)
            case BigO():
                return self._limit(exceeds_order, p)
            case Bounded():
                return self._undecided("no point decides whether something is bounded")
        return self._undecided(f"{type(p).__name__} is not decided by a point")

    def _undecided(self, note: str) -> bool | None:
        self.notes.append(" ".join(note.split())[:300])
        return None

    def _conjunction(self, parts: tuple[Proposition, ...], bound: Bound) -> bool | None:
        undecided = False
        for part in parts:
            found = self.judge(part, bound)
            if found is False:
                return False
            undecided = undecided or found is None
        return None if undecided else True

    # -- relations --------------------------------------------------------------------------------------------------
    def _relation(self, r: Relation, bound: Bound) -> bool | None:
        trouble = ""
        for bits in (0, *PRECISIONS):
            try:
                valuation = self.valuation(bits)
                left, right = valuation.value(r.lhs, bound), valuation.value(r.rhs, bound)
                if bits and not (left.is_finite() and right.is_finite()):
                    trouble = "a side is not finite"
                    continue
                found = _compare(valuation, r.op, left, right)
            except ZeroDivisionError:
                trouble = "a side divides by zero"
                if bits == 0:
                    break
                continue
            except NUMERIC_TROUBLE as error:
                trouble = str(error)
                if bits:
                    break
                continue
            if found is not None:
                if found is False:
                    self.failed = (r, left, right)
                return found
            trouble = f"the sides agree to {bits} bits"
        if r.op == "=" and self._same(r, bound):
            return True
        return self._undecided(f"{r} is not decided: {trouble}")

    def _same(self, r: Relation, bound: Bound) -> bool:
        """Equality of irrational sides, by the normal form of exact algebra; both sides must be finite."""
        from adamtheory.proof.normal import Normaliser

        whole = (r.lhs - r.rhs).subs({**self.point.values, **{s: sp.sympify(x, strict=True) for s, x in bound.items()}})
        if whole.free_symbols or whole.has(AppliedUndef, sp.Sum, sp.Product, sp.Integral):
            return False
        try:
            sides = [self.valuation(PRECISIONS[0]).value(e, bound) for e in (r.lhs, r.rhs)]
            return all(side.is_finite() for side in sides) and Normaliser([whole]).vanishes(whole)
        except NUMERIC_TROUBLE:
            return False

    # -- quantified -------------------------------------------------------------------------------------------------
    def _for_all(self, p: ForAll, bound: Bound) -> bool | None:
        if p.variable in self.point.values and p.variable not in bound:
            here = {**bound, p.variable: self.point.values[p.variable]}
            if self._conjunction(p.domain, here) and self.judge(p.body, here) is False:
                return False
        if p.variable.is_integer:
            return self._for_all_indices(p, bound)
        return self._for_all_reals(p, bound)

    def _ends(self, p: ForAll, bound: Bound) -> Interval:
        def number(e: sp.Expr) -> sp.Rational | None:
            try:
                value = self.valuation(0).value(e, bound)
            except NUMERIC_TROUBLE:
                return None
            return sp.Rational(value.numerator, value.denominator) if hasattr(value, "numerator") else None

        return narrowed(Interval(), p.variable, p.domain, number)

    def _for_all_indices(self, p: ForAll, bound: Bound) -> bool | None:
        interval = self._ends(p, bound)
        first = 0 if p.variable.is_nonnegative else None
        if interval.lower is not None:
            lowest = int(sp.ceiling(interval.lower))
            first = lowest if first is None else max(first, lowest)
        last = None if interval.upper is None else int(sp.floor(interval.upper))
        if first is not None and last is not None and last - first < _INDICES:
            return self._instances(p, bound, range(first, last + 1))
        if first is not None and self._instances(p, bound, range(first, first + _UNBOUNDED)) is False:
            return False
        length = self._silent_after(p)
        if first is not None and length is not None:
            body = ForAll(p.variable, (), p.body)
            if self._instances(body, bound, range(max(first, length + 1))):
                return True
        return self._undecided(f"{p} ranges over infinitely many indices")

    def _instances(self, p: ForAll, bound: Bound, values: range) -> bool | None:
        undecided = False
        for value in values:
            here = {**bound, p.variable: value}
            inside = self._conjunction(p.domain, here)
            found = True if inside is False else self.judge(p.body, here)
            if found is False and inside:
                self.instance[p.variable] = value
                return False
            undecided = undecided or found is not True
        return None if undecided else True

    def _silent_after(self, p: ForAll) -> int | None:
        """From which index on every instance of the body reads the same: finite sequences that have ended."""
        length = 0
        for e in p.body.expressions:
            calls = [a for a in e.atoms(AppliedUndef) if a.args == (p.variable,)]
            rest = e.xreplace({a: sp.Dummy("zero") for a in calls})  # 0 itself would hide 0/(k - 5)
            if rest.has(p.variable):
                return None
            for a in e.atoms(AppliedUndef):
                model = self.point.functions.get(a.func)
                if p.variable in a.free_symbols and not isinstance(model, ExactSequence):
                    return None
                if isinstance(model, ExactSequence):
                    length = max(length, len(model.values))
        return length

    def _for_all_reals(self, p: ForAll, bound: Bound) -> bool | None:
        if not isinstance(p.body, Relation):
            return self._undecided(f"{p} ranges over the reals")
        sides = [self.valuation(0).concrete(e).subs(self.point.values) for e in (p.body.lhs, p.body.rhs)]
        if not any(side.has(p.variable) for side in sides):
            return self._relation(Relation(p.body.op, *sides), bound)
        if p.body.op == "=" and sp.expand(sides[0] - sides[1]) == 0:
            return True
        interval = self._ends(p, bound)
        if interval.lower is None or interval.upper is None or p.body.op == "=":
            return self._undecided(f"{p} ranges over the reals")
        balls = self.valuation(PRECISIONS[0])
        boxes = [(interval.lower, interval.upper)]
        for _ in range(_BOXES):
            if not boxes:
                return True
            low, high = boxes.pop()
            with balls.arithmetic.scope():
                box = _ball(low).union(_ball(high))
            try:
                holds = balls.truth(p.body, {**bound, p.variable: box})
            except NUMERIC_TROUBLE:
                holds = None
            if holds is not True:
                middle = (low + high) / 2
                boxes += [(low, middle), (middle, high)]
        return self._undecided(f"{p} is not decided by {_BOXES} boxes")

    # -- others -----------------------------------------------------------------------------------------------------
    def _smooth(self, function: Any) -> bool | None:
        model = self.point.functions.get(function)
        if isinstance(model, Curve):
            nodes = sp.preorder_traversal(model.body)
            if all(_entire(node, model.variable) for node in nodes):
                return True
        return self._undecided(f"{function} is not seen to be smooth: give a polynomial, exponentials, or both")

    def _image(self, p: Image, bound: Bound) -> bool | None:
        if p.variable in self.point.values:
            here = {**bound, p.variable: self.point.values[p.variable]}
            below = Relation("<=" if p.lower_closed else "<", p.lower, p.expr)
            above = Relation("<=" if p.upper_closed else "<", p.expr, p.upper)
            for r, end in ((below, p.lower), (above, p.upper)):
                if end not in (sp.oo, -sp.oo) and self._relation(r, here) is False:
                    return False
        return self._undecided(f"one value can refute an image only by leaving it; give a value for {p.variable}")

    def _limit(self, refuted: Any, p: Proposition) -> bool | None:
        fails, note = refuted(p, self.point, lambda r: self._relation(r, {}))
        if fails:
            self.remark = note
            return False
        return self._undecided(note)


def _compare(valuation: Valuation, op: str, left: Any, right: Any) -> bool | None:
    chosen = valuation.arithmetic
    with chosen.scope():
        if op in ("<", "<="):
            found: bool | None = chosen.less(left, right) if op == "<" else chosen.less_equal(left, right)
            return found
        same: bool | None = chosen.equal(left, right)
        return same if same is None or op == "=" else not same


def _ball(value: sp.Rational) -> Any:
    return flint.arb(flint.fmpq(int(value.p), int(value.q)))


def _entire(node: Any, variable: sp.Symbol) -> bool:
    """A node through which a curve stays an entire function of its variable."""
    if variable not in node.free_symbols or isinstance(node, (sp.Symbol, sp.Add, sp.Mul)):
        return True
    if isinstance(node, sp.Pow):
        return bool(node.exp.is_Integer and node.exp >= 0)
    return isinstance(node, _ENTIRE)
