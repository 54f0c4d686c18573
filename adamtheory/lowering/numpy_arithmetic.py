"""NumPy arithmetic in any real floating dtype; the dtype is preserved, values broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from adamtheory.lowering.array import _FOLDING, ArrayArithmetic
from adamtheory.lowering.lowered import lower
from adamtheory.validation import reject


class NumpyArithmetic(ArrayArithmetic):
    """Arrays of ``dtype`` ("float16", "float32", "float64", "longdouble"); results are arrays, 0-dimensional too."""

    name = "numpy"

    def __init__(self, *, dtype: Any = "float64") -> None:
        try:
            self.dtype = np.dtype(dtype)
        except TypeError:
            reject("dtype", dtype, "a NumPy floating dtype", TypeError)
        if self.dtype.kind != "f":
            reject("dtype", dtype, "a NumPy floating dtype", TypeError)
        # Python floats are doubles: a wider dtype needs wider scalars.
        self._wide = self.dtype.itemsize > 8

    def is_array(self, value: Any) -> bool:
        return isinstance(value, (np.ndarray, np.floating)) and not (type(value) is np.float64 and not self._wide)

    def element(self, value: Any) -> Any:
        if type(value) is np.float64 and not self._wide:
            return float(value)
        return super().element(value)

    def array(self, value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype == object:
            value = np.array([self.element(entry) for entry in value.ravel()], dtype=object).reshape(value.shape)
        with np.errstate(all="ignore"):
            return np.asarray(value, dtype=self.dtype)

    def _from_double(self, value: float) -> Any:
        return self.dtype.type(value) if self._wide else value

    def rational(self, value: Fraction) -> Any:
        if not self._wide:
            return super().rational(value)
        return self.dtype.type(_FOLDING.context.nstr(_FOLDING.rational(value), 40))

    def fold(self, expression: sp.Expr) -> Any:
        if not self._wide:
            return super().fold(expression)
        return self.dtype.type(_FOLDING.context.nstr(lower(expression, (), _FOLDING)(), 40))

    def scope(self) -> AbstractContextManager[Any]:
        # IEEE 754 results are results here; what they mean is for the caller to say.
        return np.errstate(all="ignore")

    def _function(self, name: str, *arguments: Any) -> Any:
        if self._wide:  # a Python int would be computed in double precision
            arguments = tuple(self.dtype.type(str(a)) if isinstance(a, int) else a for a in arguments)
        return super()._function(name, *arguments)

    def apply(self, name: str, *arguments: Any) -> Any:
        return getattr(np, name)(*arguments)

    def broadcast(self, values: Sequence[Any]) -> list[Any]:
        arrays = [value if isinstance(value, np.ndarray) else np.asarray(value) for value in values]
        arrays = [array if array.dtype.kind == "b" else array.astype(self.dtype, copy=False) for array in arrays]
        return list(np.broadcast_arrays(*arrays))

    def scatter(self, shape: tuple[int, ...], pieces: Sequence[tuple[Any, Any]]) -> Any:
        result = np.full(shape, np.nan, dtype=self.dtype)
        for mask, values in pieces:
            result[mask] = values
        return result
