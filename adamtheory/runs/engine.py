"""Both sides of relations on runs: expressions lowered once, sequences read from the trajectories of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from adamtheory.lowering import Arithmetic, Lowered, lower
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


def reader(columns: Any, initial: Mapping[int, Any]) -> Read:
    """A sequence from its values after each step, the last axis, and its values before the first."""

    def read(index: int) -> Any:
        if index in initial:
            return initial[index]
        if not isinstance(index, int) or not 0 <= index < columns.shape[-1]:
            raise OutOfRun(f"the run has no value at index {index}")
        return columns[index] if columns.ndim == 1 else columns[..., index]

    return read


def initial_values(rule: UpdateRule) -> dict[str, dict[int, Any]]:
    """The values that a rule gives its states before the first step, by name and index."""
    return {symbol.name: {-1: value} for symbol, value in rule.state}


def trajectories(
    rule: UpdateRule, values: Mapping[sp.Symbol, Any], gradients: Sequence[Any], arithmetic: Arithmetic
) -> dict[str, Read]:
    """The rule's sequences on the gradients in any arithmetic, one list entry a step, divisions as they come.

    ``simulate`` is this for the arithmetics of the library; here it also runs in one that carries error bounds."""
    states = [symbol for symbol, _ in rule.state]
    symbols = list(values)
    arguments = [step_index, gradient, *(previous(symbol) for symbol in states), *symbols]
    assigned = [symbol for symbol, _ in rule.assignments]
    step = lower(assigned, arguments, arithmetic, where=rule.assignments)
    inputs = [arithmetic.element(values[symbol]) for symbol in symbols]
    state = {symbol: arithmetic.rational(sp.Rational(value)) for symbol, value in rule.state}
    columns: dict[str, list[Any]] = {symbol.name: [] for symbol in assigned}
    with arithmetic.scope(), np.errstate(all="ignore"):
        for index, g in enumerate(gradients):
            found = step.raw(index, g, *(state[symbol] for symbol in states), *inputs)
            state = dict(zip(assigned, found, strict=True))
            for symbol in assigned:
                columns[symbol.name].append(state[symbol])
    starts = initial_values(rule)
    everything = {**columns, gradient.name: list(gradients)}
    return {name: _listed(column, starts.get(name, {})) for name, column in everything.items()}


def _listed(column: Sequence[Any], initial: Mapping[int, Any]) -> Read:
    def read(index: int) -> Any:
        if index in initial:
            return initial[index]
        if not isinstance(index, int) or not 0 <= index < len(column):
            raise OutOfRun(f"the run has no value at index {index}")
        return column[index]

    return read
