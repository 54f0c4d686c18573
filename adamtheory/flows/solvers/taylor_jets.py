"""Taylor coefficients of expressions along a curve, in Arb balls, one order after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, fmpq

from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lowering.tape import Operation, compile_tape
from adamtheory.validation import reject

#: Coefficients in ascending order; None is an exact 0, which costs nothing.
Jet = list[Any]


class Jets:
    """f(x(s)) for expressions f of symbols x, given the coefficients of x(s) order by order.

    Sums, products, quotients, rational powers, exp and log; ValueError, naming the operation, for others."""

    def __init__(self, expressions: Sequence[sp.Expr], symbols: Sequence[sp.Symbol]) -> None:
        tape = compile_tape(expressions, symbols, fold=False)
        self._inputs = len(tape.symbols)
        self._numbers: dict[int, Fraction] = {}
        self._constants: dict[int, Any] = {}
        self._rules: list[tuple[int, Callable[..., Any], tuple[int, ...]]] = []
        slots = list(range(self._inputs))  # of the tape -> of these jets, which have more for powers
        self._size = self._inputs
        for operation in tape.operations:
            slots.append(self._place(operation, [slots[i] for i in operation.arguments]))
        self._outputs = [slots[i] for i in tape.outputs]
        self._jets: list[Jet] = []

    def begin(self) -> None:
        """Forget the curve; constants are rounded to the precision of now."""
        self._jets = [[] for _ in range(self._size)]
        self._constants = {slot: arb(fmpq(x.numerator, x.denominator)) for slot, x in self._numbers.items()}

    def extend(self, inputs: Sequence[Any]) -> list[Any]:
        """The next coefficient of every f, from the next one of every x."""
        jets = self._jets
        for jet, value in zip(jets, inputs, strict=False):
            jet.append(value)
        order = len(jets[0]) - 1
        for slot, constant in self._constants.items():
            jets[slot].append(None if order else constant)
        for slot, rule, arguments in self._rules:
            jets[slot].append(rule(order, jets[slot], *[jets[i] for i in arguments]))
        return [jets[slot][-1] for slot in self._outputs]

    def _new(self) -> int:
        self._size += 1
        return self._size - 1

    def _place(self, operation: Operation, arguments: list[int]) -> int:
        slot, payload = self._new(), operation.payload
        match operation.name:
            case "integer" | "rational":
                self._numbers[slot] = exact_fraction(payload)
            case "power_int":
                self._rules.append((slot, _product, (arguments[0], arguments[0])))
                for _ in range(payload - 2):  # by products, as a power of 0 has no other recurrence
                    before, slot = slot, self._new()
                    self._rules.append((slot, _product, (before, arguments[0])))
            case "power_rational":
                self._rules.append((slot, _power(Fraction(*payload)), tuple(arguments)))
            case name if name in _RULES:
                self._rules.append((slot, _RULES[name], tuple(arguments)))
            case name:
                reject("gradient", name, "of sums, products, rational powers, exp and log, as a Taylor series needs")
        return slot


def _sum(terms: Iterable[Any]) -> Any:
    total = None
    for term in terms:
        total = term if total is None else total + term
    return total


def _convolved(a: Iterable[Any], b: Iterable[Any]) -> Any:
    return _sum(x * y for x, y in zip(a, b, strict=False) if x is not None and y is not None)


def _weighted(a: Iterable[Any], b: Iterable[Any]) -> Any:
    """The sum of j a_j b_(-j), j from 1."""
    pairs = enumerate(zip(a, b, strict=False), start=1)
    return _sum(j * x * y for j, (x, y) in pairs if x is not None and y is not None)


def _minus(a: Any, b: Any) -> Any:
    if b is None:
        return a
    return -b if a is None else a - b


def _product(order: int, out: Jet, a: Jet, b: Jet) -> Any:
    return _convolved(a, reversed(b))


def _quotient(order: int, out: Jet, a: Jet, b: Jet) -> Any:
    rest = _minus(a[order], _convolved(b[1:], reversed(out)))
    return None if rest is None else rest / b[0] if b[0] is not None else arb.nan()


def _exponential(order: int, out: Jet, a: Jet) -> Any:
    if not order:
        return arb(1) if a[0] is None else a[0].exp()
    total = _weighted(a[1:], reversed(out))
    return None if total is None else total / order


def _logarithm(order: int, out: Jet, a: Jet) -> Any:
    if not order:
        return arb.nan() if a[0] is None else a[0].log()
    known = _weighted(out[1:], reversed(a[1:order]))
    rest = _minus(a[order], None if known is None else known / order)
    return None if rest is None else rest / a[0]


def _power(exponent: Fraction) -> Callable[..., Any]:
    above, below = exponent.numerator, exponent.denominator

    def rule(order: int, out: Jet, a: Jet) -> Any:
        if a[0] is None:
            return arb.nan()
        if not order:
            return a[0].root(below) ** above
        pairs = enumerate(zip(a[1:], reversed(out), strict=True), start=1)
        total = _sum(
            (above * j - below * (order - j)) * x * y for j, (x, y) in pairs if x is not None and y is not None
        )
        return None if total is None else total / (order * below * a[0])

    return rule


def _added(order: int, out: Jet, a: Jet, b: Jet) -> Any:
    x, y = a[order], b[order]
    if x is None or y is None:
        return y if x is None else x
    return x + y


_RULES: dict[str, Callable[..., Any]] = {
    "add": _added,
    "sub": lambda order, out, a, b: _minus(a[order], b[order]),
    "neg": lambda order, out, a: _minus(None, a[order]),
    "mul": _product,
    "div": _quotient,
    "exp": _exponential,
    "log": _logarithm,
}
