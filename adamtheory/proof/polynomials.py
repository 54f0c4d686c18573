"""Polynomial reasoning by z3: is a relation forced by the relations in scope, read as polynomials in generators?

Only ``unsat`` of the negation counts.  Generators carry what is certain of them (roots square back, powers of numbers
in (0, 1) lie in (0, 1], exponentials are positive); nothing transcendental is given to the solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp
import z3

from adamtheory.proof.normal import Normaliser, generator_name
from adamtheory.propositions import Relation

if TYPE_CHECKING:
    from adamtheory.proof.kernel import Scope
    from adamtheory.proof.signs import Signs

RESOURCE_LIMIT = 4_000_000  # z3's own deterministic unit, about two seconds


def forced(scope: Scope, relation: Relation, signs: Signs, *, limit: int = RESOURCE_LIMIT) -> bool:
    return unsatisfiable(scope, [("not", relation)], signs, limit=limit)


def unsatisfiable(
    scope: Scope, goals: list[tuple[str, Relation]], signs: Signs, *, limit: int = RESOURCE_LIMIT
) -> bool:
    """Do the scope's relations exclude that every goal holds ("is") or fails ("not")?"""
    relations = list(scope.relations)
    expressions = [r.rhs - r.lhs for r in relations] + [r.rhs - r.lhs for _, r in goals]
    normaliser = Normaliser(expressions, nonzero=signs.nonzero, nonnegative=signs.nonnegative)
    goal_forms = [(mode, r.op, normaliser.abstract(r.rhs - r.lhs)) for mode, r in goals]
    fact_forms = [(r.op, normaliser.abstract(r.rhs - r.lhs)) for r in relations]
    encoder = _Encoder(normaliser, signs)
    constraints = [encoder.relation(op, form, negated=mode == "not") for mode, op, form in goal_forms]
    needed = set().union(*(form.free_symbols for _, _, form in goal_forms), set())
    # Facts matter only if they share generators with the goal, directly or through other facts.
    pending = [(encoder.closure(form.free_symbols), op, form) for op, form in fact_forms]
    needed = encoder.closure(needed)
    grew = True
    while grew:
        grew = False
        for symbols, op, form in list(pending):
            if symbols & needed:
                needed |= symbols
                pending.remove((symbols, op, form))
                constraints.append(encoder.relation(op, form, negated=False))
                tightened = encoder.integer_gap(op, form)
                if tightened is not None:
                    constraints.append(tightened)
                grew = True
    constraints.extend(encoder.background(needed))
    solver = z3.Solver() if encoder.all_integers(needed) else z3.SolverFor("QF_NRA")
    solver.set("rlimit", limit)
    solver.add(*constraints)
    return bool(solver.check() == z3.unsat)


class _Encoder:
    def __init__(self, normaliser: Normaliser, signs: Signs) -> None:
        self.normaliser = normaliser
        self.signs = signs
        self._variables: dict[sp.Symbol, Any] = {}
        self._roots = {symbol: (order, radicand) for symbol, order, radicand in normaliser.roots}
        self._integral: bool | None = None

    def all_integers(self, symbols: set[sp.Symbol]) -> bool:
        return all(s.is_integer for s in symbols)

    def closure(self, symbols: set[sp.Symbol]) -> set[sp.Symbol]:
        """With every generator, the symbols of what it stands for where z3 is told something about it."""
        found = set(symbols)
        queue = list(symbols)
        while queue:
            s = queue.pop()
            linked: set[sp.Symbol] = set()
            if s in self._roots:
                linked = set(self._roots[s][1].free_symbols)
            for other in linked - found:
                found.add(other)
                queue.append(other)
        return found

    def variable(self, symbol: sp.Symbol) -> Any:
        if symbol not in self._variables:
            name = f"x{len(self._variables)}_{symbol.name}"
            self._variables[symbol] = z3.Int(name) if symbol.is_integer else z3.Real(name)
        return self._variables[symbol]

    def polynomial(self, form: Any, context: Any) -> Any:
        names = self._names()
        terms = []
        for monomial, coefficient in form.to_dict().items():
            term: Any = z3.RealVal(str(coefficient))
            for name, power in zip(context.names(), monomial, strict=True):
                for _ in range(int(power)):
                    term = term * self.variable(names[name])
            terms.append(term)
        return sum(terms[1:], terms[0]) if terms else z3.RealVal(0)

    def _names(self) -> dict[str, sp.Symbol]:
        return {generator_name(symbol): symbol for symbol in self._universe}

    @property
    def _universe(self) -> set[sp.Symbol]:
        symbols: set[sp.Symbol] = set(self.normaliser.meaning)
        for form in self.normaliser._memo.values():
            symbols |= form.free_symbols
        for _, _, radicand in self.normaliser.roots:
            symbols |= radicand.free_symbols
        return symbols

    def fraction(self, form: sp.Expr) -> tuple[Any, Any]:
        context = self.normaliser.context(form)
        top, bottom = self.normaliser.quotient(form, context)
        return self.polynomial(top, context), None if bottom.is_one() else self.polynomial(bottom, context)

    def relation(self, op: str, form: sp.Expr, *, negated: bool) -> Any:
        """``form`` (= right minus left) against zero; a denominator is not zero because the relation is defined."""
        top, bottom = self.fraction(form)
        value = top if bottom is None or op in ("=", "!=") else top * bottom
        meaning = {"<": value > 0, "<=": value >= 0, "=": value == 0, "!=": value != 0}[op]
        constraint = z3.Not(meaning) if negated else meaning
        return constraint if bottom is None else z3.And(constraint, bottom != 0)

    def integer_gap(self, op: str, form: sp.Expr) -> Any | None:
        """Integers that differ, differ by one at least."""
        if op == "<" and all(s.is_integer for s in form.free_symbols) and _integer_coefficients(form):
            top, _ = self.fraction(form)
            return top >= 1
        return None

    def background(self, symbols: set[sp.Symbol]) -> list[Any]:
        """What is certain of each generator."""
        facts: list[Any] = []
        for symbol in sorted(symbols, key=str):
            x = self.variable(symbol)
            if symbol in self._roots:
                order, radicand = self._roots[symbol]
                top, bottom = self.fraction(radicand)
                power = x * x if order == 2 else x**order
                facts += [x >= 0, (power if bottom is None else power * bottom) == top]
                continue
            meaning = self.normaliser.meaning.get(symbol, symbol)
            sign = self.signs.of(meaning)
            facts += {
                frozenset({1}): [x > 0],
                frozenset({0, 1}): [x >= 0],
                frozenset({-1}): [x < 0],
                frozenset({-1, 0}): [x <= 0],
                frozenset({0}): [x == 0],
                frozenset({-1, 1}): [x != 0],
            }.get(sign, [])
            below = self.signs.unit(meaning) if not meaning.is_Symbol else ""
            if below:
                facts.append(x < 1 if below == "<" else x <= 1)
            if not meaning.is_Symbol and self.signs.above_one(meaning):
                facts.append(x > 1)
        return facts


def _integer_coefficients(form: sp.Expr) -> bool:
    if not form.is_polynomial(*form.free_symbols):
        return False
    return all(c.is_Integer for c in sp.Poly(form, *form.free_symbols).coeffs()) if form.free_symbols else False
