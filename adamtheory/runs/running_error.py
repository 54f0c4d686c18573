"""Running error analysis: beside every number, a bound on its distance from what exact arithmetic would give.

The standard model of floating point (Higham, Accuracy and Stability of Numerical Algorithms, 2002, sections 2.2, 3.3)
says fl(x op y) = (x op y)(1 + d) + e with |d| <= unit and |e| <= tiny, the second term for results that underflow (or
that a device flushes to zero).  Each operation below therefore returns

    error >= (how far the exact result can be from the one formed with the given operands) + unit |result| + tiny,

the first part from the operands' own errors.  Functions beyond + - * / sqrt are granted ``_FUNCTION_UNITS`` units: more
than the libraries (libm, SLEEF, CUDA) document for their exp, log, pow, sinh, cosh and tanh.

Running a method's recursion and both sides of a claim in this arithmetic thus derives the tolerance of the claim on
that very run from its steps and from the unit roundoff: for m after n steps it comes to about n unit times the sum of
the absolute terms, for 1 - beta^N to unit beta^N N / (1 - beta^N) relative, and so on, nothing estimated by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from adamtheory.lowering import lower
from adamtheory.lowering.contract import Arithmetic, Thunk, Truth
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lowering.multiprecision import MultiprecisionArithmetic

_FUNCTION_UNITS = 8.0
_FOLDING = MultiprecisionArithmetic(digits=50)


@dataclass(frozen=True, slots=True)
class Approximate:
    """Values and bounds on their errors, float64 arrays of one shape (or broadcastable); the bound may be infinite."""

    value: Any
    error: Any


class RunningErrorArithmetic(Arithmetic):
    """Values in double precision, errors as of the floating type ``dtype``: its unit roundoff, its smallest normal.

    A float64 value stands for the value that the narrower type would compute: both are within ``error`` of the exact
    one.  Comparisons are None where the errors leave them undecided, elementwise, see ``select``."""

    name = "running-error"
    folds_constants = True

    def __init__(self, dtype: str) -> None:
        info = np.finfo(dtype)
        self.unit = float(info.eps) / 2
        self.tiny = float(info.tiny)
        self._mantissa = 2 ** (info.nmant + 1)

    # elements --------------------------------------------------------------------------------------------------------

    def element(self, value: Any) -> Any:
        if isinstance(value, Approximate):
            return value
        if isinstance(value, np.ndarray):
            if value.dtype == object:
                parts = [self.rational(exact_fraction(x)) for x in value.ravel()]
                shape = value.shape
                values, errors = ([getattr(p, name) for p in parts] for name in ("value", "error"))
                return Approximate(np.array(values).reshape(shape), np.array(errors).reshape(shape))
            return Approximate(value.astype(np.float64), np.zeros(value.shape))
        return self.rational(exact_fraction(value))

    def rational(self, value: Fraction) -> Any:
        number = np.float64(value.numerator / value.denominator)
        whole = value.denominator & (value.denominator - 1) == 0 and abs(value.numerator) < self._mantissa
        return Approximate(number, np.float64(0.0 if whole else self.unit * abs(number) + self.tiny))

    def fold(self, expression: sp.Expr) -> Any:
        number = np.float64(float(lower(expression, (), _FOLDING)()))
        return Approximate(number, self.unit * abs(number))

    def finish(self, value: Any) -> Any:
        return self._lift(value)

    def to_int(self, value: Any) -> int | None:
        return value if isinstance(value, int) else None

    def _lift(self, value: Any) -> Approximate:
        return value if isinstance(value, Approximate) else self.rational(Fraction(value))

    def _rounded(self, value: Any, error: Any, units: float = 1.0) -> Approximate:
        return Approximate(value, error + units * self.unit * abs(value) + self.tiny)

    # ring operations -------------------------------------------------------------------------------------------------

    def add(self, a: Any, b: Any) -> Any:
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        x, y = self._lift(a), self._lift(b)
        return self._rounded(x.value + y.value, x.error + y.error)

    def sub(self, a: Any, b: Any) -> Any:
        return a - b if isinstance(a, int) and isinstance(b, int) else self.add(a, self.neg(b))

    def neg(self, a: Any) -> Any:
        return -a if isinstance(a, int) else Approximate(-a.value, a.error)

    def mul(self, a: Any, b: Any) -> Any:
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        for one, other in ((a, b), (b, a)):
            if isinstance(one, int) and one == 1:
                return other
        x, y = self._lift(a), self._lift(b)
        spread = abs(x.value) * y.error + abs(y.value) * x.error + x.error * y.error
        return self._rounded(x.value * y.value, spread)

    def div(self, a: Any, b: Any) -> Any:
        if isinstance(a, int) and isinstance(b, int) and b:
            return self.rational(Fraction(a, b))
        x, y = self._lift(a), self._lift(b)
        quotient = np.divide(x.value, y.value)
        sure = abs(y.value) - y.error  # the least that the exact denominator can be, if it is positive
        spread = np.where(sure > 0, np.divide(x.error + abs(quotient) * y.error, sure), np.inf)
        return self._rounded(quotient, spread)

    # powers ----------------------------------------------------------------------------------------------------------

    def power_int(self, base: Any, exponent: int) -> Any:
        if isinstance(base, int):
            return super().power_int(base, exponent)
        if exponent == 0:
            return 1
        if exponent < 0:
            return self.div(1, self.power_int(base, -exponent))
        value = base.value**exponent
        size = abs(base.value)
        # (|x| + e)^n - |x|^n without cancellation.
        relative = np.divide(base.error, size)
        spread = np.where(size > 0, abs(value) * np.expm1(exponent * np.log1p(relative)), base.error**exponent)
        return self._rounded(value, np.where(base.error == 0, 0.0, spread), _FUNCTION_UNITS)

    def power_real(self, base: Any, exponent: Any) -> Any:
        x, y = self._lift(base), self._lift(exponent)
        value = np.power(x.value, y.value)
        log_error = np.where(x.value > x.error, -np.log1p(-np.divide(x.error, x.value)), np.inf)
        change = (abs(y.value) + y.error) * log_error + y.error * abs(np.log(x.value))
        return self._rounded(value, abs(value) * np.expm1(change), _FUNCTION_UNITS)

    def sqrt(self, a: Any) -> Any:
        x = self._lift(a)
        value = np.sqrt(x.value)
        # |sqrt(x) - sqrt(y)| = |x - y| / (sqrt(x) + sqrt(y)), and at most sqrt(x + error) where y may be 0.
        spread = np.where(x.value > x.error, np.divide(x.error, value), np.sqrt(x.value + x.error))
        return self._rounded(value, np.where(x.error == 0, 0.0, spread))

    def root(self, a: Any, degree: int) -> Any:
        return self.power_real(a, self.rational(Fraction(1, degree)))

    # functions and constants -----------------------------------------------------------------------------------------

    def exp(self, a: Any) -> Any:
        x = self._lift(a)
        value = np.exp(x.value)
        return self._rounded(value, value * np.expm1(x.error), _FUNCTION_UNITS)

    def log(self, a: Any) -> Any:
        x = self._lift(a)
        spread = np.where(x.value > x.error, -np.log1p(-np.divide(x.error, x.value)), np.inf)
        return self._rounded(np.log(x.value), spread, _FUNCTION_UNITS)

    def sinh(self, a: Any) -> Any:
        x = self._lift(a)
        return self._rounded(np.sinh(x.value), np.cosh(abs(x.value) + x.error) * x.error, _FUNCTION_UNITS)

    def cosh(self, a: Any) -> Any:
        x = self._lift(a)
        return self._rounded(np.cosh(x.value), np.sinh(abs(x.value) + x.error) * x.error, _FUNCTION_UNITS)

    def tanh(self, a: Any) -> Any:
        x = self._lift(a)
        return self._rounded(np.tanh(x.value), x.error, _FUNCTION_UNITS)

    def pi(self) -> Any:
        return self.fold(sp.pi)

    def e(self) -> Any:
        return self.fold(sp.E)

    def abs(self, a: Any) -> Any:
        return abs(a) if isinstance(a, int) else Approximate(abs(a.value), a.error)

    def sign(self, a: Any) -> Any:
        x = self._lift(a)
        sure = (abs(x.value) > x.error) | (x.error == 0)
        return Approximate(np.sign(x.value), np.where(sure, 0.0, 2.0))

    def maximum(self, a: Any, b: Any) -> Any:
        x, y = self._lift(a), self._lift(b)
        return Approximate(np.maximum(x.value, y.value), np.maximum(x.error, y.error))

    def minimum(self, a: Any, b: Any) -> Any:
        x, y = self._lift(a), self._lift(b)
        return Approximate(np.minimum(x.value, y.value), np.maximum(x.error, y.error))

    # conditions: pairs (certainly true, certainly false) of boolean arrays -------------------------------------------

    def less(self, a: Any, b: Any) -> Truth:
        gap, error = self._gap(a, b)
        return gap > error, gap <= -error

    def less_equal(self, a: Any, b: Any) -> Truth:
        gap, error = self._gap(a, b)
        return gap >= error, gap < -error

    def equal(self, a: Any, b: Any) -> Truth:
        gap, error = self._gap(a, b)
        return (gap == 0) & (error == 0), abs(gap) > error

    def _gap(self, a: Any, b: Any) -> tuple[Any, Any]:
        x, y = self._lift(a), self._lift(b)
        return y.value - x.value, x.error + y.error

    def negate(self, a: Truth) -> Truth:
        return (not a) if isinstance(a, bool) else (a[1], a[0])

    def both(self, a: Truth, b: Truth) -> Truth:
        (yes, no), (yes_too, no_too) = self._pair(a), self._pair(b)
        return yes & yes_too, no | no_too

    def _pair(self, a: Truth) -> tuple[Any, Any]:
        return (np.bool_(a), np.bool_(not a)) if isinstance(a, bool) else a

    def select(self, branches: Sequence[tuple[Thunk, Thunk]], inputs: Sequence[Any], masked: bool) -> Any:
        """The first branch that may apply, with an error that reaches every other branch that may apply."""
        value: Any = np.float64(np.nan)
        error: Any = np.float64(0.0)
        chosen: Any = np.bool_(False)
        open_: Any = np.bool_(True)  # no earlier branch certainly applies
        for condition, branch in branches:
            yes, no = self._pair(condition(*inputs))
            possible = open_ & ~no
            found = self._lift(branch(*inputs))
            reach = np.maximum(error, abs(found.value - value) + found.error)
            error = np.where(possible, np.where(chosen, reach, found.error), error)
            value = np.where(possible & ~chosen, found.value, value)
            chosen = chosen | possible
            open_ = open_ & ~yes
        return Approximate(value, np.where(open_, np.inf, error))
