"""The contract of an arithmetic: what the tape asks of exact fractions, balls, mpmath, NumPy and torch alike."""

from __future__ import annotations

import contextlib
import numbers
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import Any

import sympy

from adamtheory.lowering.errors import LoweringError
from adamtheory.validation import reject

# True, False, or None where balls leave it undecided; arrays of booleans in array arithmetics.
Truth = Any
Thunk = Callable[..., Any]


class Arithmetic(ABC):
    """Operations on native elements and on Python ints.

    Integers stay Python ints until they meet an element (so gamma**n is an integer power and a sum's index is exact);
    everything else is converted by ``element``. The methods raise LoweringError for what the arithmetic cannot do.
    """

    name: str
    #: evaluate purely numeric parts once, at 50 digits, before the first run
    folds_constants: bool = False

    @abstractmethod
    def element(self, value: Any) -> Any:
        """``value`` as a native element. A float means its shortest decimal where the arithmetic can tell."""

    @abstractmethod
    def rational(self, value: Fraction) -> Any:
        """An exact constant."""

    @abstractmethod
    def to_int(self, value: Any) -> int | None:
        """The int that ``value`` certainly is, or None."""

    def fold(self, expression: sympy.Expr) -> Any:
        """A purely numeric expression as an element (only where ``folds_constants``)."""
        raise LoweringError(f"{self.name} arithmetic does not fold {expression}")

    def index(self, value: Any, argument: str) -> Any:
        """The value of a symbol declared integer: a Python int."""
        if isinstance(value, bool):
            reject(argument, value, "an integer", TypeError)
        if isinstance(value, numbers.Integral):
            return int(value)
        if isinstance(value, sympy.Integer):
            return int(value)
        number = self.to_int(value)
        if number is None:
            reject(argument, value, "an integer")
        return number

    def finish(self, value: Any) -> Any:
        """A result, which may still be a Python int, as a native element."""
        return self.rational(Fraction(value)) if isinstance(value, int) else value

    def scope(self) -> AbstractContextManager[Any]:
        """The precision that the operations run in; restored on leaving."""
        return contextlib.nullcontext()

    # ring operations -------------------------------------------------------------------------------------------------

    def add(self, a: Any, b: Any) -> Any:
        return a + b

    def sub(self, a: Any, b: Any) -> Any:
        return a - b

    def neg(self, a: Any) -> Any:
        return -a

    def mul(self, a: Any, b: Any) -> Any:
        return a * b

    def div(self, a: Any, b: Any) -> Any:
        if isinstance(b, int) and isinstance(a, int):
            return self.rational(Fraction(a, b))
        return a / b

    # powers ----------------------------------------------------------------------------------------------------------

    def power_int(self, base: Any, exponent: int) -> Any:
        if isinstance(base, int) and exponent < 0:
            return self.rational(Fraction(1, base**-exponent))
        return base**exponent

    def power_rational(self, base: Any, numerator: int, denominator: int) -> Any:
        """base**(numerator/denominator) in lowest terms, denominator > 1, for base >= 0."""
        root = self.sqrt(base) if denominator == 2 else self.root(base, denominator)
        if numerator < 0:
            return self.div(1, self.power_int(root, -numerator))
        return self.power_int(root, numerator)

    def power(self, base: Any, exponent: Any) -> Any:
        """base**exponent: an integer power where the exponent is an int, else for base > 0."""
        if isinstance(exponent, int):
            return self.power_int(base, exponent)
        return self.power_real(base, exponent)

    @abstractmethod
    def power_real(self, base: Any, exponent: Any) -> Any: ...

    @abstractmethod
    def sqrt(self, a: Any) -> Any: ...

    @abstractmethod
    def root(self, a: Any, degree: int) -> Any: ...

    # functions and constants -----------------------------------------------------------------------------------------

    @abstractmethod
    def exp(self, a: Any) -> Any: ...

    @abstractmethod
    def log(self, a: Any) -> Any: ...

    @abstractmethod
    def sinh(self, a: Any) -> Any: ...

    @abstractmethod
    def cosh(self, a: Any) -> Any: ...

    @abstractmethod
    def tanh(self, a: Any) -> Any: ...

    @abstractmethod
    def pi(self) -> Any: ...

    @abstractmethod
    def e(self) -> Any: ...

    def abs(self, a: Any) -> Any:
        return abs(a)

    def sign(self, a: Any) -> Any:
        return (a > 0) - (a < 0)

    def maximum(self, a: Any, b: Any) -> Any:
        return a if a >= b else b

    def minimum(self, a: Any, b: Any) -> Any:
        return a if a <= b else b

    # conditions ------------------------------------------------------------------------------------------------------

    def less(self, a: Any, b: Any) -> Truth:
        return a < b

    def less_equal(self, a: Any, b: Any) -> Truth:
        return a <= b

    def equal(self, a: Any, b: Any) -> Truth:
        return a == b

    def negate(self, a: Truth) -> Truth:
        return None if a is None else not a

    def both(self, a: Truth, b: Truth) -> Truth:
        if a is False or b is False:
            return False
        return None if a is None or b is None else True

    def either(self, a: Truth, b: Truth) -> Truth:
        return self.negate(self.both(self.negate(a), self.negate(b)))

    def select(self, branches: Sequence[tuple[Thunk, Thunk]], inputs: Sequence[Any], masked: bool) -> Any:
        """The value of the first branch whose condition holds; later branches are not evaluated.

        ``branches`` are pairs (condition, value) of callables over ``inputs``; ``masked`` tells array arithmetics that
        the callables accept inputs restricted to part of their elements.
        """
        for condition, value in branches:
            if condition(*inputs):
                return value(*inputs)
        raise LoweringError(f"no branch of a Piecewise covers the arguments {tuple(map(str, inputs))}")

    # integrals -------------------------------------------------------------------------------------------------------

    def integrand_arithmetic(self) -> Arithmetic:
        """The arithmetic that an integrand runs in; LoweringError, with the reason, where there are no integrals."""
        raise LoweringError(f"{self.name} arithmetic has no quadrature for Integral; use arithmetic='ball' or 'mpmath'")

    def integrate(self, integrand: Thunk, within: Arithmetic, lower: Any, upper: Any, inputs: Sequence[Any]) -> Any:
        """The integral over t from ``lower`` to ``upper`` of integrand(t, *inputs), which runs in ``within``."""
        raise LoweringError(f"{self.name} arithmetic has no quadrature for Integral")

    def infinity(self, sign: int) -> Any:
        """An infinite end of an integral."""
        raise LoweringError(f"{self.name} arithmetic has no infinite limits")
