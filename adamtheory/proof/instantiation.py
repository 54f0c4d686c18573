"""A limit or order claim with everything but its variable replaced by exact values.

What remains is refuted only where it is a rational function of the variable: then its order and its limit are read off
the coefficients.  Anything else is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamtheory.lowering import LoweringError, arithmetic
from adamtheory.proof.valuation import NUMERIC_TROUBLE, ExactFamily, ExactSequence, Point, Valuation
from adamtheory.propositions import BigO, Relation, Tends

Decide = Callable[[Relation], bool | None]
_ROUNDS = 12


class _Instance:
    def __init__(self, point: Point, keep: sp.Symbol) -> None:
        self.point = point
        self.values = {s: x for s, x in point.values.items() if s != keep}
        self.curves = Valuation(point, arithmetic("fraction"))
        self.sequences = {d.function: d for d in point.definitions}
        self._table: dict[tuple[Any, ...], sp.Expr] = {}

    def of(self, e: sp.Expr) -> sp.Expr:
        """``e`` with values for symbols, sequences and curves, sums written out, integrals done."""
        e = self.curves.concrete(e)
        for _ in range(_ROUNDS):
            e = e.subs(self.values)
            e = e.replace(lambda x: isinstance(x, (sp.Sum, sp.Product)) and _finite(x), lambda x: x.doit(deep=False))
            calls = [a for a in e.atoms(AppliedUndef) if all(x.is_Integer for x in a.args)]
            if not calls and not e.atoms(sp.Sum, sp.Product):
                break
            e = e.xreplace({a: self._at(a.func, *map(int, a.args)) for a in calls})
        if e.has(sp.Integral):
            e = e.doit()
        return e

    def _at(self, function: UndefinedFunction, *indices: int) -> sp.Expr:
        definition = self.sequences.get(function)
        if definition is None:
            model = self.point.functions.get(function)
            if not isinstance(model, (ExactSequence, ExactFamily)):
                raise LoweringError(f"the witness gives no value for {function}{indices}")
            return model(*indices)
        *own, index = indices
        if len(own) != len(definition.parameters):
            raise LoweringError(f"{function} is read at {indices}, its definition is of {definition.head}")
        for start, _ in definition.initial:
            if start == index:
                return self.of(definition.at(*map(sp.Integer, indices)))
        if index < definition.first:
            raise LoweringError(f"{function}({index}) has no value: its definition starts at {definition.first}")
        for k in range(definition.first, index + 1):  # upwards, so that a long recursion needs no deep stack
            if (function, *own, k) not in self._table and (k == index or definition.recursive):
                self._table[function, *own, k] = sp.together(self.of(definition.at(*map(sp.Integer, (*own, k)))))
        return self._table[function, *own, index]


def _finite(e: Any) -> bool:
    return all(len(limit) == 3 and limit[1].is_Integer and limit[2].is_Integer for limit in e.limits)


def _quotient(e: sp.Expr, variable: sp.Symbol) -> tuple[sp.Poly, sp.Poly] | None:
    """``e`` as a quotient of polynomials over the rationals in lowest terms, or None."""
    try:
        top, bottom = (sp.Poly(part, variable, domain="QQ") for part in sp.fraction(sp.cancel(sp.together(e))))
    except (sp.PolynomialError, sp.CoercionFailed):
        return None
    return top, bottom


def _instance(p: Tends | BigO, point: Point, e: sp.Expr) -> tuple[tuple[sp.Poly, sp.Poly] | None, str]:
    try:
        whole = _Instance(point, p.variable).of(e)
    except NUMERIC_TROUBLE as error:
        return None, str(error)
    if not whole.free_symbols <= {p.variable}:
        extra = ", ".join(sorted(map(str, whole.free_symbols - {p.variable})))
        return None, f"the witness gives no value for {extra}"
    found = None if whole.has(sp.nan, sp.zoo, AppliedUndef) else _quotient(whole, p.variable)
    if found is None:
        shown = " ".join(str(whole).split())[:120]
        return None, f"at the witness the expression is {shown}, which is not a rational function of {p.variable}"
    return found, ""


def exceeds_order(p: BigO, point: Point, decide: Decide) -> tuple[bool, str]:
    """Is expr at the witness certainly not O(variable**power)?"""
    found, note = _instance(p, point, p.expr)
    if found is None:
        return False, note
    top, bottom = found
    if top.is_zero:
        return False, "the expression vanishes at the witness"
    order = _lowest(top) - _lowest(bottom)
    return order < p.power, f"at the witness the expression is of order {p.variable}^{order}"


def fails_to_tend(p: Tends, point: Point, decide: Decide) -> tuple[bool, str]:
    """Does expr at the witness certainly have another limit, or none?"""
    found, note = _instance(p, point, p.expr)
    if found is None:
        return False, note
    top, bottom = found
    if p.point in (sp.oo, -sp.oo):
        excess = top.degree() - bottom.degree()
        if top.is_zero or excess < 0:
            limit: sp.Expr = sp.Integer(0)
        elif excess == 0:
            limit = top.LC() / bottom.LC()
        else:
            limit = sp.oo
    else:
        at = p.point.subs(point.values)
        if not at.is_Rational:
            return False, f"the point {p.point} is not rational at the witness"
        limit = top.eval(at) / bottom.eval(at) if bottom.eval(at) else sp.oo
    note = f"at the witness the limit is {'infinite' if limit is sp.oo else limit}"
    if limit is sp.oo or p.value in (sp.oo, -sp.oo):
        return (limit is sp.oo) != (p.value in (sp.oo, -sp.oo)), note
    return decide(Relation("=", limit, p.value)) is False, note


def _lowest(polynomial: sp.Poly) -> int:
    return min(int(monomial[0]) for monomial in polynomial.monoms())
