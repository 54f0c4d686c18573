"""The expressions of ``norms`` on the arrays of a record: lowered to NumPy, one value a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from adamtheory.dynamics.norms import Sequence
from adamtheory.dynamics.record import DynamicsRecord, Floats
from adamtheory.lowering import lower
from adamtheory.notation import gamma, lr, weight_decay

#: symbols for one value a matrix (or an array of them) in an expression of ``norms``
NORM_SQUARED, UPDATE_INNER, UPDATE_SQUARED = sp.symbols("norm_squared update_inner update_squared", real=True)
MOMENTUM_INNER, NORMALISER, MOMENTUM_SQUARED = sp.symbols("momentum_inner normaliser momentum_squared", real=True)
GRADIENT_INNER = sp.Symbol("gradient_inner", real=True)


def recorded(name: str) -> Sequence:
    """The recorded array of this name as a sequence in the step index."""
    sequence: Sequence = sp.Function(name, real=True)
    return sequence


class Evaluator:
    """Evaluates expressions at the hyperparameters of one record; its arrays are sequences by their names."""

    def __init__(self, record: DynamicsRecord) -> None:
        settings = record.settings
        self._at = {gamma: settings.gamma, lr: settings.lr, weight_decay: settings.weight_decay}
        self._functions = {name: _columns(getattr(record, name)) for name in ("update_squared", "update_inner")}

    def __call__(self, expression: sp.Expr, values: dict[sp.Symbol, Any] | None = None) -> Floats:
        """The value, broadcast over the arrays among ``values``."""
        at = {**self._at, **(values or {})}
        function = lower(expression, list(at), "numpy", functions=self._functions)
        return np.asarray(function(*at.values()), dtype=np.float64)

    def iterate(self, step: sp.Expr, of: sp.Symbol, start: Floats, inputs: dict[sp.Symbol, Floats]) -> Floats:
        """x_0 = start, x_{n+1} = step at of = x_n and the columns n of ``inputs``; shape (matrices, columns + 1)."""
        symbols = [of, *inputs, *self._at]
        function = lower(step, symbols, "numpy")
        values = [start]
        for column in zip(*(array.T for array in inputs.values()), strict=True):
            values.append(function(values[-1], *column, *self._at.values()))
        return np.stack(values, axis=1)


def _columns(array: NDArray[np.float64]) -> Any:
    return lambda step: array[:, step]
