"""SymPy expressions as a flat tape of operations, common subexpressions shared; no code is generated as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from adamtheory.lowering.errors import LoweringError

_FUNCTIONS = {
    sp.exp: "exp",
    sp.log: "log",
    sp.Abs: "abs",
    sp.sign: "sign",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.tanh: "tanh",
}
_FOLDED = {sp.Max: "maximum", sp.Min: "minimum", sp.And: "both", sp.Or: "either"}
# Relation -> (operation, are the sides swapped, is the result negated)
_RELATIONS = {
    sp.StrictLessThan: ("less", False, False),
    sp.LessThan: ("less_equal", False, False),
    sp.StrictGreaterThan: ("less", True, False),
    sp.GreaterThan: ("less_equal", True, False),
    sp.Equality: ("equal", False, False),
    sp.Unequality: ("equal", False, True),
}


@dataclass(frozen=True)
class Operation:
    """One step: ``name`` of an Arithmetic method or of a special form, the slots it reads, and what else it needs."""

    name: str
    arguments: tuple[int, ...] = ()
    payload: Any = None


@dataclass(frozen=True)
class Tape:
    """Slots 0..len(symbols)-1 hold the arguments, each operation fills the next slot, ``outputs`` are the results.

    ``calls`` names the undefined functions that are called here or in a nested tape.
    """

    symbols: tuple[sp.Symbol, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[int, ...]
    calls: frozenset[str]


def compile_tape(
    expressions: Sequence[Any],
    symbols: Sequence[sp.Symbol],
    *,
    fold: bool,
    where: Sequence[tuple[sp.Symbol, Any]] = (),
) -> Tape:
    """Compile expressions (or conditions) of ``symbols``; LoweringError names the first node outside the whitelist.

    ``where`` are assignments, in order, of further symbols that may occur in the expressions and in later assignments.
    With ``fold`` purely numeric parts become single constants.
    """
    compiler = _Compiler(symbols, fold)
    for symbol, expression in where:
        compiler.assign(symbol, expression)
    outputs = tuple(compiler.slot(expression) for expression in expressions)
    return Tape(tuple(symbols), tuple(compiler.operations), outputs, frozenset(compiler.calls))


def ordered_symbols(symbols: Iterable[sp.Symbol]) -> list[sp.Symbol]:
    """A deterministic order: the tape must not depend on hashing."""
    return sorted(symbols, key=lambda symbol: (symbol.name, symbol.sort_key()))


class _Compiler:
    def __init__(self, symbols: Sequence[sp.Symbol], fold: bool) -> None:
        self.fold = fold
        self.operations: list[Operation] = []
        self.calls: set[str] = set()
        self._memo: dict[Any, int] = {symbol: position for position, symbol in enumerate(symbols)}
        self._base = len(self._memo)
        if self._base != len(symbols):
            raise LoweringError("arguments must be distinct symbols")

    def emit(self, name: str, *arguments: int, payload: Any = None) -> int:
        operation = Operation(name, arguments, payload)
        known = self._memo.get(operation)
        if known is not None:
            return known
        self.operations.append(operation)
        self._memo[operation] = self._base + len(self.operations) - 1
        return self._memo[operation]

    def assign(self, symbol: sp.Symbol, expression: Any) -> None:
        if symbol in self._memo:
            raise LoweringError(f"the symbol {symbol} is assigned twice")
        self._memo[symbol] = self.slot(expression)

    def slot(self, expression: Any) -> int:
        known = self._memo.get(expression)
        if known is None:
            known = self._memo[expression] = self._compile(expression)
        return known

    def _compile(self, expr: Any) -> int:
        if isinstance(expr, sp.Integer):
            return self.emit("integer", payload=int(expr))
        if isinstance(expr, sp.Rational):
            return self.emit("rational", payload=expr)
        if isinstance(expr, sp.Float):
            raise LoweringError(f"the float {expr} is not exact: make it a Rational with lowering.exact() first")
        if isinstance(expr, sp.Symbol):
            raise LoweringError(f"the symbol {expr} is not among the arguments")
        if self.fold and isinstance(expr, sp.Expr) and _is_numeric(expr):
            return self.emit("fold", payload=expr)
        if isinstance(expr, sp.Add):
            return self._sum(expr)
        if isinstance(expr, sp.Mul):
            return self._product(expr)
        if isinstance(expr, sp.Pow):
            return self._power(expr.base, expr.exp)
        if expr.func in _FUNCTIONS:
            if len(expr.args) != 1:
                raise LoweringError(f"unsupported node {expr.func.__name__} with {len(expr.args)} arguments in {expr}")
            return self.emit(_FUNCTIONS[expr.func], self.slot(expr.args[0]))
        if expr.func in _FOLDED:
            return self._chain(_FOLDED[expr.func], [self.slot(argument) for argument in expr.args])
        if isinstance(expr, (AppliedUndef, sp.Indexed)):
            name = expr.func.__name__ if isinstance(expr, AppliedUndef) else str(expr.base.label)
            arguments = expr.args if isinstance(expr, AppliedUndef) else expr.indices
            self.calls.add(name)
            return self.emit("call", *map(self.slot, arguments), payload=name)
        return self._special(expr)

    def _special(self, expr: Any) -> int:
        if expr is sp.pi:
            return self.emit("pi")
        if expr is sp.E:
            return self.emit("e")
        if isinstance(expr, Relational) and expr.func in _RELATIONS:
            name, swapped, negated = _RELATIONS[expr.func]
            left, right = self.slot(expr.lhs), self.slot(expr.rhs)
            condition = self.emit(name, right, left) if swapped else self.emit(name, left, right)
            return self.emit("negate", condition) if negated else condition
        if isinstance(expr, sp.Not):
            return self.emit("negate", self.slot(expr.args[0]))
        if expr in (sp.true, sp.false):
            return self.emit("truth", payload=bool(expr))
        if isinstance(expr, sp.Piecewise):
            inner = self._free(expr)
            branches = tuple((self._nested(case.cond, inner), self._nested(case.expr, inner)) for case in expr.args)
            return self.emit("piecewise", *map(self.slot, inner), payload=branches)
        if isinstance(expr, (sp.Sum, sp.Product, sp.Integral)):
            return self._bound(expr)
        if isinstance(expr, sp.Derivative):
            raise LoweringError(f"unsupported node Derivative in {expr}: apply .doit() so that none is left")
        raise LoweringError(f"unsupported node {getattr(expr, 'func', type(expr)).__name__} in {expr}")

    def _chain(self, name: str, slots: Sequence[int]) -> int:
        result = slots[0]
        for slot in slots[1:]:
            result = self.emit(name, result, slot)
        return result

    def _sum(self, expr: sp.Add) -> int:
        positive = [term for term in expr.args if not term.as_coeff_Mul()[0].is_negative]
        negative = [-term for term in expr.args if term.as_coeff_Mul()[0].is_negative]
        if not positive:
            return self.emit("neg", self._chain("add", [self.slot(term) for term in negative]))
        result = self._chain("add", [self.slot(term) for term in positive])
        for term in negative:
            result = self.emit("sub", result, self.slot(term))
        return result

    def _product(self, expr: sp.Mul) -> int:
        # a/b as one division: one rounding, and 1/b is never formed.
        sign, above, below = 1, [], []
        for factor in expr.args:
            if isinstance(factor, sp.Rational):
                sign = -1 if factor.p < 0 else 1
                if abs(factor.p) != 1:
                    above.append(sp.Integer(abs(factor.p)))
                if factor.q != 1:
                    below.append(sp.Integer(factor.q))
            elif isinstance(factor, sp.Pow) and isinstance(factor.exp, sp.Rational) and factor.exp.is_negative:
                below.append(sp.Pow(factor.base, -factor.exp))
            else:
                above.append(factor)
        numerator = self._chain("mul", [self.slot(factor) for factor in above or [sp.Integer(1)]])
        if below:
            numerator = self.emit("div", numerator, self._chain("mul", [self.slot(factor) for factor in below]))
        return self.emit("neg", numerator) if sign < 0 else numerator

    def _power(self, base: Any, exponent: Any) -> int:
        if base is sp.E:
            return self.emit("exp", self.slot(exponent))
        if isinstance(exponent, sp.Integer):
            if exponent < 0:
                return self.emit("div", self.slot(sp.Integer(1)), self.slot(sp.Pow(base, -exponent)))
            return self.emit("power_int", self.slot(base), payload=int(exponent))
        if isinstance(exponent, sp.Rational):
            return self.emit("power_rational", self.slot(base), payload=(int(exponent.p), int(exponent.q)))
        return self.emit("power", self.slot(base), self.slot(exponent))

    def _bound(self, expr: Any) -> int:
        kind, limits = expr.func, expr.limits
        if len(limits[-1]) != 3:
            raise LoweringError(f"unsupported {kind.__name__} without both limits in {expr}")
        variable, lower, upper = limits[-1]
        body = kind(expr.function, *limits[:-1]) if len(limits) > 1 else expr.function
        inner = [symbol for symbol in self._free(body) if symbol != variable]
        tape = self._nested(body, [variable, *inner])
        ends = (self._limit(lower, kind, expr), self._limit(upper, kind, expr))
        return self.emit(kind.__name__.lower(), *ends, *map(self.slot, inner), payload=tape)

    def _limit(self, limit: Any, kind: Any, expr: Any) -> int:
        if limit in (sp.oo, -sp.oo):
            if kind is not sp.Integral:
                raise LoweringError(f"unsupported infinite {kind.__name__} {expr}: its limits must become integers")
            return self.emit("infinity", payload=1 if limit is sp.oo else -1)
        return self.slot(limit)

    def _free(self, expr: Any) -> list[sp.Symbol]:
        return ordered_symbols(s for s in expr.free_symbols if isinstance(s, sp.Symbol) and not _is_label(s, expr))

    def _nested(self, expr: Any, symbols: Sequence[sp.Symbol]) -> Tape:
        tape = compile_tape([expr], symbols, fold=self.fold)
        self.calls |= tape.calls
        return tape


def _is_label(symbol: sp.Symbol, expr: Any) -> bool:
    """Is ``symbol`` only the name of an indexed sequence g[k]? sympy counts it among the free symbols."""
    return any(base.label == symbol for base in expr.atoms(sp.IndexedBase))


def _is_numeric(expr: sp.Expr) -> bool:
    unfoldable = (AppliedUndef, sp.Integral, sp.Derivative, sp.Float, sp.oo, sp.zoo, sp.nan)
    return not expr.free_symbols and not expr.has(*unfoldable)
