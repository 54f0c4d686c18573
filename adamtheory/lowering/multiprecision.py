"""mpmath arithmetic in a context of its own, so that no global precision is touched."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath

from adamtheory.lowering.contract import Arithmetic, Thunk
from adamtheory.lowering.errors import LoweringError
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lowering.signed_root import SignedRoot
from adamtheory.validation import integer, reject


@lru_cache(maxsize=32)
def _context(digits: int) -> Any:
    context = mpmath.mp.clone()
    context.dps = digits
    return context


class MultiprecisionArithmetic(Arithmetic):
    """Reals of ``digits`` decimal digits, each operation correctly rounded; results carry a context of their own."""

    name = "mpmath"

    def __init__(self, *, digits: int = 50) -> None:
        self.digits = integer("digits", digits, minimum=15, maximum=100_000)
        self.context = _context(self.digits)

    def element(self, value: Any) -> Any:
        if hasattr(value, "_mpf_") and not hasattr(value, "rad"):
            if not mpmath.isfinite(value):
                reject("value", value, "a finite number")
            return self.context.make_mpf(value._mpf_)
        if isinstance(value, SignedRoot):
            return value.sign * self.context.sqrt(self.rational(value.radicand))
        return self.rational(exact_fraction(value))

    def rational(self, value: Fraction) -> Any:
        return self.context.mpf(value.numerator) / value.denominator

    def to_int(self, value: Any) -> int | None:
        if isinstance(value, int):
            return value
        return int(value) if self.context.isint(value) else None

    def _real(self, operation: str, result: Any) -> Any:
        if hasattr(result, "_mpc_"):
            raise LoweringError(f"{operation} is not real")
        return result

    def power_int(self, base: Any, exponent: int) -> Any:
        return super().power_int(base, exponent) if isinstance(base, int) else self.context.power(base, exponent)

    def power_real(self, base: Any, exponent: Any) -> Any:
        return self._real(f"({base})**({exponent})", self.context.power(base, exponent))

    def sqrt(self, a: Any) -> Any:
        return self._real(f"sqrt({a})", self.context.sqrt(a))

    def root(self, a: Any, degree: int) -> Any:
        return self._real(f"({a})**(1/{degree})", self.context.root(a, degree))

    def exp(self, a: Any) -> Any:
        return self.context.exp(a)

    def log(self, a: Any) -> Any:
        return self._real(f"log({a})", self.context.log(a))

    def sinh(self, a: Any) -> Any:
        return self.context.sinh(a)

    def cosh(self, a: Any) -> Any:
        return self.context.cosh(a)

    def tanh(self, a: Any) -> Any:
        return self.context.tanh(a)

    def pi(self) -> Any:
        return +self.context.pi

    def e(self) -> Any:
        return +self.context.e

    def integrand_arithmetic(self) -> Arithmetic:
        return self

    def integrate(self, integrand: Thunk, within: Arithmetic, lower: Any, upper: Any, inputs: Sequence[Any]) -> Any:
        return self.context.quad(lambda t: integrand(t, *inputs), [lower, upper])

    def infinity(self, sign: int) -> Any:
        return self.context.inf if sign > 0 else self.context.ninf
