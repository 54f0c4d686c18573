"""Unknown sequences and curves made to fit the hypotheses that give or bound them index by index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamtheory.proof.families import random_curve
from adamtheory.proof.valuation import Curve, ExactSequence, Shape
from adamtheory.propositions import ForAll, Proposition, Regular, Relation, SequenceDefinition, SquareIntegrable, eq


def curves_among(propositions: Iterable[Proposition]) -> set[UndefinedFunction]:
    """Functions that are read somewhere at an argument that need not be an integer."""
    found: set[UndefinedFunction] = set()
    for p in propositions:
        if isinstance(p, (Regular, SquareIntegrable)):
            found.add(p.function)
        for e in p.expressions:
            found |= {a.func for a in e.atoms(AppliedUndef) if not all(x.is_integer for x in a.args)}
            found |= {d.expr.func for d in e.atoms(sp.Derivative) if isinstance(d.expr, AppliedUndef)}
    return found


class Shaping:
    """Reads the hypotheses once; every part that is built in is remembered in ``used``."""

    def __init__(
        self,
        hypotheses: tuple[Proposition, ...],
        unknown: frozenset[UndefinedFunction],
        curves: frozenset[UndefinedFunction],
    ) -> None:
        self._unknown = unknown
        self._curves = curves
        self._used: set[Proposition] = set()
        self._given: dict[UndefinedFunction, Shape] = {}
        self._points: dict[UndefinedFunction, list[tuple[sp.Expr, sp.Expr]]] = {}
        self._windows: dict[UndefinedFunction, Shape] = {}
        shapes: list[Shape] = []
        for p in hypotheses:
            shape = self._shape(p)
            if shape is None:
                continue
            self._used.add(p)
            if shape.function in curves:
                (self._given if shape.value is not None else self._windows)[shape.function] = self._merged(shape)
            else:
                shapes.append(shape)
        # A value beats a window, and windows of one sequence on the same domain become one.
        self.sequences = (*(s for s in shapes if s.value is not None), *_joined(s for s in shapes if s.value is None))

    def uses(self, p: Proposition) -> bool:
        return p in self._used

    def _merged(self, shape: Shape) -> Shape:
        other = self._windows.get(shape.function)
        return shape if other is None or shape.value is not None else _join(other, shape)

    # -- reading ----------------------------------------------------------------------------------------------------
    def _shape(self, p: Proposition) -> Shape | None:
        if isinstance(p, ForAll) and isinstance(p.body, Relation):
            return self._from_relation(p.variable, p.domain, p.body)
        if isinstance(p, Relation) and p.op == "=":
            for head, value in ((p.lhs, p.rhs), (p.rhs, p.lhs)):
                if isinstance(head, AppliedUndef) and head.func in self._unknown and not value.has(head.func):
                    if len(head.args) != 1 or head.func in self._given:
                        continue
                    if head.func in self._curves:
                        self._points.setdefault(head.func, []).append((head.args[0], value))
                        self._used.add(p)
                        return None
                    at = sp.Dummy("k", integer=True, nonnegative=True)
                    return Shape(head.func, at, (eq(at, head.args[0]),), value)
        return None

    def _from_relation(self, variable: sp.Symbol, domain: tuple[Relation, ...], r: Relation) -> Shape | None:
        if r.op == "=":
            return self._solved(variable, domain, r)
        if r.op == "!=":
            return None
        for side, other in ((r.lhs, r.rhs), (r.rhs, r.lhs)):
            head = side.args[0] if isinstance(side, sp.Abs) else side
            if not self._plain(head, variable) or other.has(head.func):
                continue
            if isinstance(side, sp.Abs):
                return Shape(head.func, variable, domain, None, -other, other) if side == r.lhs else None
            lower, upper = (None, other) if side == r.lhs else (other, None)
            return Shape(head.func, variable, domain, None, lower, upper)
        return None

    def _plain(self, head: sp.Expr, variable: sp.Symbol) -> bool:
        return isinstance(head, AppliedUndef) and head.func in self._unknown and head.args == (variable,)

    def _solved(self, variable: sp.Symbol, domain: tuple[Relation, ...], r: Relation) -> Shape | None:
        """The sequence or curve that an equation for all k gives: f(k) = ..., or linear in f(k)."""
        gap = r.lhs - r.rhs
        heads = sorted((a for a in gap.atoms(AppliedUndef) if self._plain(a, variable)), key=str)
        heads.sort(key=lambda a: (a != r.lhs, a != r.rhs))
        for head in heads:
            if head.func in self._given:
                continue
            place = sp.Dummy("f", real=True)
            marked = gap.xreplace({head: place})
            if head.func in self._curves and marked.has(head.func):  # under a derivative or an integral, say
                continue
            slope = sp.diff(marked, place)
            if slope != 0 and not slope.has(place) and self._earlier(marked, head, variable):
                return Shape(head.func, variable, domain, sp.expand(-marked.xreplace({place: sp.Integer(0)}) / slope))
        return None

    @staticmethod
    def _earlier(rest: sp.Expr, head: sp.Expr, variable: sp.Symbol) -> bool:
        """Elsewhere the sequence is read at f(k - 1), f(k - 2), ... only: a recursion."""
        others = [a for a in rest.atoms(AppliedUndef) if a.func == head.func]
        return all((variable - a.args[0]).is_Integer and variable - a.args[0] > 0 for a in others)

    # -- building ---------------------------------------------------------------------------------------------------
    def curves(
        self, models: Mapping[UndefinedFunction, ExactSequence | Curve], random: Random
    ) -> list[SequenceDefinition]:
        """Definitions of the curves that hypotheses give, bound, or pin at points."""
        found = [SequenceDefinition(f, s.variable, s.value) for f, s in self._given.items() if s.value is not None]
        for f, window in self._windows.items():
            if f in self._given:
                continue
            free = random_curve(random, window.variable).body
            if window.lower is not None and window.upper is not None:
                body = window.lower + (window.upper - window.lower) / (1 + free**2)
            else:
                distance = free**2 + sp.Rational(1, 10)
                body = window.lower + distance if window.lower is not None else window.upper - distance
            found.append(SequenceDefinition(f, window.variable, body))
        for f, pins in self._points.items():
            model = models[f]
            if f in self._given or f in self._windows or not isinstance(model, Curve):
                continue
            body = model.body
            for at, value in pins:  # Lagrange: the correction at one point vanishes at the others
                weight = sp.Mul(*((model.variable - b) / (at - b) for b, _ in pins if b != at))
                body += (value - model(at)) * weight
            found.append(SequenceDefinition(f, model.variable, body))
        return found


def _join(first: Shape, second: Shape) -> Shape:
    lower = [x for x in (first.lower, second.lower) if x is not None]
    upper = [x for x in (first.upper, second.upper) if x is not None]
    renamed = {second.variable: first.variable}
    return Shape(
        first.function,
        first.variable,
        first.domain,
        None,
        sp.Max(*(x.xreplace(renamed) for x in lower)) if lower else None,
        sp.Min(*(x.xreplace(renamed) for x in upper)) if upper else None,
    )


def _joined(windows: Iterable[Shape]) -> tuple[Shape, ...]:
    found: list[Shape] = []
    for window in windows:
        for place, other in enumerate(found):
            renamed = tuple(r.subs({window.variable: other.variable}) for r in window.domain)
            if other.function == window.function and set(renamed) == set(other.domain):
                found[place] = _join(other, window)
                break
        else:
            found.append(window)
    return tuple(found)
