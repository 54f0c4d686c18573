"""Both sides of relations on runs: expressions lowered once, sequences read from the trajectories of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from adamtheory.lowering import Arithmetic, Lowered, exact_fraction, lower
from adamtheory.methods.rule import UpdateRule, gradient, previous
from adamtheory.notation import n as step_index


class OutOfRun(LookupError):
    """A sequence was asked for an index at which the run has no value."""


Read = Callable[[int], Any]  # an index -> the value of a sequence there


class Engine:
    """Evaluates expressions of hyperparameters, indices and sequences in one arithmetic.

    ``values`` and ``sequences`` may be replaced between evaluations (another run); the lowered expressions stay."""

    def __init__(self, arithmetic: Arithmetic, symbols: Sequence[sp.Symbol], names: Sequence[str]) -> None:
        self.arithmetic = arithmetic
        self.symbols = tuple(symbols)
        self.values: Mapping[sp.Symbol, Any] = {}
        self.sequences: Mapping[str, Read] = {}
        self._functions = {name: self._reader(name) for name in names}
        self._lowered: dict[tuple[Any, tuple[sp.Symbol, ...]], Lowered] = {}

    def _reader(self, name: str) -> Read:
        return lambda index: self.sequences[name](index)

    def value(self, expression: sp.Expr, indices: Mapping[sp.Symbol, int]) -> Any:
        """The expression on the current run.  OutOfRun where it reads beyond the run; LoweringError where the
        arithmetic cannot follow."""
        bound = tuple(sorted(indices, key=str))
        key = (expression, bound)
        if key not in self._lowered:
            self._lowered[key] = lower(expression, [*self.symbols, *bound], self.arithmetic, functions=self._functions)
        values = [self.values[symbol] for symbol in self.symbols]
        return self._lowered[key](*values, *(indices[symbol] for symbol in bound))


def trajectories(
    rule: UpdateRule, values: Mapping[sp.Symbol, Any], gradients: Sequence[Any], arithmetic: Arithmetic
) -> dict[str, Read]:
    """The rule's sequences on the gradients (one entry a step) in any arithmetic, as functions of the index.

    ``simulate`` refuses a run where a denominator vanishes or underflows; here only the value at that index is missing,
    and the arithmetic may also be one that carries error bounds."""
    states = [symbol for symbol, _ in rule.state]
    symbols = list(values)
    arguments = [step_index, gradient, *(previous(symbol) for symbol in states), *symbols]
    assigned = [symbol for symbol, _ in rule.assignments]
    formulas = [
        lower(expression, [*arguments, *assigned[:position]], arithmetic)
        for position, (_, expression) in enumerate(rule.assignments)
    ]
    inputs = [arithmetic.element(values[symbol]) for symbol in symbols]
    starts = {symbol.name: {-1: value} for symbol, value in rule.state}
    state = {symbol: arithmetic.rational(exact_fraction(value)) for symbol, value in rule.state}
    columns: dict[str, list[Any]] = {symbol.name: [] for symbol in assigned}
    with arithmetic.scope(), np.errstate(all="ignore"):
        for index, g in enumerate(gradients):
            read = [index, g, *(state[symbol] for symbol in states), *inputs]
            for symbol, formula in zip(assigned, formulas, strict=True):
                read.append(_value(formula, read))
                columns[symbol.name].append(read[-1])
            state = dict(zip(assigned, read[len(arguments) :], strict=True))
    everything = {**columns, gradient.name: list(gradients)}
    return {name: _reader(column, starts.get(name, {})) for name, column in everything.items()}


def _value(formula: Lowered, read: list[Any]) -> Any:
    """The next assigned value; None where a denominator is exactly zero, or where it needs a value that is missing."""
    if any(value is None for value in read):
        return None
    try:
        return formula.raw(*read)[0]
    except ZeroDivisionError:
        return None


def _reader(column: Sequence[Any], initial: Mapping[int, Any]) -> Read:
    def read(index: int) -> Any:
        if index in initial:
            return initial[index]
        value = column[index] if isinstance(index, int) and 0 <= index < len(column) else None
        if value is None:
            raise OutOfRun(f"the run has no value at index {index}")
        return value

    return read
