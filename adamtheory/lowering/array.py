"""What NumPy and torch share: scalars stay Python floats, so that the arrays alone decide dtype and device."""

from __future__ import annotations

import math
import operator
from abc import abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from adamtheory.lowering.contract import Arithmetic, Thunk, Truth
from adamtheory.lowering.errors import LoweringError
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lowering.lowered import lower
from adamtheory.lowering.multiprecision import MultiprecisionArithmetic
from adamtheory.lowering.signed_root import SignedRoot
from adamtheory.validation import reject

_FOLDING = MultiprecisionArithmetic(digits=50)


# Python's own functions on doubles where they have a value: a tenth of the cost of NumPy's on scalars.
_SCALAR: dict[str, Callable[..., float]] = {
    "true_divide": operator.truediv,
    "power": math.pow,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
}


class ArrayArithmetic(Arithmetic):
    """Elements are arrays (tensors) and Python floats. They follow IEEE 754: x/0 is infinite or NaN, nothing raises.

    Scalars are computed in double precision whatever the dtype of the arrays, as torch.optim does with its bias
    corrections, and are rounded to the arrays' dtype only where they meet one.
    """

    folds_constants = True

    # what a subclass supplies ----------------------------------------------------------------------------------------

    @abstractmethod
    def is_array(self, value: Any) -> bool: ...

    @abstractmethod
    def array(self, value: Any) -> Any:
        """An array (or nested list, or scalar) as an array of this dtype and device."""

    @abstractmethod
    def apply(self, name: str, *arguments: Any) -> Any:
        """The elementwise function of that NumPy name on arguments of which one at least is an array."""

    @abstractmethod
    def broadcast(self, values: Sequence[Any]) -> list[Any]:
        """The arrays among ``values`` and the scalars, all as arrays of one shape."""

    @abstractmethod
    def scatter(self, shape: tuple[int, ...], pieces: Sequence[tuple[Any, Any]]) -> Any:
        """NaN everywhere but, for each (mask, values), ``values`` in the order of the mask's True elements."""

    # elements --------------------------------------------------------------------------------------------------------

    def element(self, value: Any) -> Any:
        if self.is_array(value) or isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0:
            return self.array(value)
        if type(value) is float:  # not numpy.float64, which would promote float32 arrays
            return value  # already what its shortest decimal rounds to; NaN is left to IEEE arithmetic
        if isinstance(value, SignedRoot):
            try:
                return self._from_double(float(value))
            except OverflowError:
                return value.sign * math.inf
        if hasattr(value, "_mpf_") and not hasattr(value, "rad"):
            return self._from_double(float(value))
        return self.rational(exact_fraction(value))

    def _from_double(self, value: float) -> Any:
        return value

    def rational(self, value: Fraction) -> Any:
        try:
            return self._from_double(value.numerator / value.denominator)  # correctly rounded
        except OverflowError:
            return math.copysign(math.inf, value.numerator)

    def fold(self, expression: sp.Expr) -> Any:
        return self._from_double(float(lower(expression, (), _FOLDING)()))

    def finish(self, value: Any) -> Any:
        return self.array(value)

    def to_int(self, value: Any) -> int | None:
        if isinstance(value, int):
            return value
        if self.is_array(value) and value.ndim > 0:
            return None
        number = float(value)
        return int(number) if math.isfinite(number) and number == int(number) else None

    def index(self, value: Any, argument: str) -> Any:
        if self.is_array(value) and value.ndim > 0:
            whole = self.array(value)  # in the array's own dtype: integer arrays would promote float32 to float64
            if not bool((whole == self.apply("floor", whole)).all()):
                reject(argument, value, "integers")
            return whole
        return super().index(value.item() if self.is_array(value) else value, argument)

    # operations ------------------------------------------------------------------------------------------------------

    def _function(self, name: str, *arguments: Any) -> Any:
        if any(self.is_array(argument) for argument in arguments):
            return self.apply(name, *arguments)
        try:
            return _SCALAR[name](*arguments)
        except (ArithmeticError, ValueError, KeyError):
            pass  # a pole, an overflow or a point outside the domain: IEEE 754 has a value for it
        with np.errstate(all="ignore"):
            return float(getattr(np, name)(*(np.float64(_double(argument)) for argument in arguments)))

    def mul(self, a: Any, b: Any) -> Any:
        # 1 * x and a big int * array: the first is wasted work, the second an object array.
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if isinstance(a, int):
            return b if a == 1 else _double(a) * b
        return a * _double(b) if isinstance(b, int) else a * b

    def add(self, a: Any, b: Any) -> Any:
        if isinstance(a, int) != isinstance(b, int):
            a, b = (_double(x) if isinstance(x, int) else x for x in (a, b))
        return a + b

    def sub(self, a: Any, b: Any) -> Any:
        if isinstance(a, int) != isinstance(b, int):
            a, b = (_double(x) if isinstance(x, int) else x for x in (a, b))
        return a - b

    def div(self, a: Any, b: Any) -> Any:
        if isinstance(a, int) and isinstance(b, int) and b != 0:
            return self.rational(Fraction(a, b))
        a, b = (_double(x) if isinstance(x, int) else x for x in (a, b))  # torch divides by no int beyond 64 bits
        return self._function("true_divide", a, b)

    def power_int(self, base: Any, exponent: int) -> Any:
        if isinstance(base, int):
            return super().power_int(base, exponent) if base or exponent >= 0 else math.inf
        if self.is_array(base):
            # Squares by multiplication: np.power and torch.pow are neither faster nor more accurate.
            return base * base if exponent == 2 else base**exponent
        return self._function("power", base, exponent)

    def power_real(self, base: Any, exponent: Any) -> Any:
        return self._function("power", base, exponent)

    def sqrt(self, a: Any) -> Any:
        return self._function("sqrt", a)

    def root(self, a: Any, degree: int) -> Any:
        return self._function("power", a, 1 / degree)

    def exp(self, a: Any) -> Any:
        return self._function("exp", a)

    def log(self, a: Any) -> Any:
        return self._function("log", a)

    def sinh(self, a: Any) -> Any:
        return self._function("sinh", a)

    def cosh(self, a: Any) -> Any:
        return self._function("cosh", a)

    def tanh(self, a: Any) -> Any:
        return self._function("tanh", a)

    def pi(self) -> Any:
        return self.fold(sp.pi)

    def e(self) -> Any:
        return self.fold(sp.E)

    def abs(self, a: Any) -> Any:
        return abs(a)

    def sign(self, a: Any) -> Any:
        return self._function("sign", a)

    def maximum(self, a: Any, b: Any) -> Any:
        return self._function("maximum", a, b)

    def minimum(self, a: Any, b: Any) -> Any:
        return self._function("minimum", a, b)

    # conditions ------------------------------------------------------------------------------------------------------

    def negate(self, a: Truth) -> Truth:
        return ~a if self.is_array(a) else not a

    def both(self, a: Truth, b: Truth) -> Truth:
        return a & b

    def either(self, a: Truth, b: Truth) -> Truth:
        return a | b

    def select(self, branches: Sequence[tuple[Thunk, Thunk]], inputs: Sequence[Any], masked: bool) -> Any:
        """Each branch sees only its own elements: another branch's NaN reaches neither the value nor the gradient."""
        if not any(self.is_array(value) and value.ndim > 0 for value in inputs):
            return self._select_scalar(branches, inputs)
        arrays = self.broadcast(inputs)
        shape = tuple(arrays[0].shape)
        pieces: list[tuple[Any, Any]] = []
        free = self.broadcast([arrays[0] == arrays[0], arrays[0] != arrays[0]])
        free = free[0] | free[1]  # True everywhere, NaN included
        for condition, value in branches:
            holds = condition(*(arrays if masked else inputs))
            mask = free & self._mask(holds, free)
            free = free & ~mask
            if bool(mask.any()):
                if masked:
                    result = value(*(array[mask] for array in arrays))
                    pieces.append((mask, self.broadcast([result, arrays[0][mask]])[0]))
                else:
                    pieces.append((mask, self.broadcast([value(*inputs), arrays[0]])[0][mask]))
        return self.scatter(shape, pieces)

    def _mask(self, holds: Truth, like: Any) -> Any:
        return (like | ~like) if holds is True else (like & ~like) if holds is False else holds

    def _select_scalar(self, branches: Sequence[tuple[Thunk, Thunk]], inputs: Sequence[Any]) -> Any:
        for condition, value in branches:
            if bool(condition(*inputs)):
                return value(*inputs)
        return math.nan

    def infinity(self, sign: int) -> Any:
        raise LoweringError(f"{self.name} arithmetic has no quadrature for Integral; use arithmetic='ball' or 'mpmath'")


def _double(value: Any) -> Any:
    """An int as a double, infinite where it is too large for one."""
    if not isinstance(value, int):
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
