"""Complex balls, only for integrands: Arb's quadrature evaluates them on discs around the path."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import acb, arb, fmpq, fmpz

from adamtheory.lowering.contract import Arithmetic, Thunk
from adamtheory.lowering.errors import LoweringError

_REASON = "is not analytic: Arb's quadrature cannot enclose it; split the integral, or use arithmetic='mpmath'"


class ComplexBallArithmetic(Arithmetic):
    """Analytic functions on complex balls, in the precision of the enclosing scope; one instance an integrand.

    While flint asks for analyticity (it sets a flag), sqrt and log give a non-finite ball on their branch cuts."""

    name = "ball"

    def __init__(self) -> None:
        self._analytic = False

    def element(self, value: Any) -> Any:
        return value if isinstance(value, acb) else acb(value)

    def rational(self, value: Fraction) -> Any:
        return acb(fmpq(value.numerator, value.denominator))

    def to_int(self, value: Any) -> int | None:
        return value if isinstance(value, int) else None

    def power_int(self, base: Any, exponent: int) -> Any:
        return super().power_int(base, exponent) if isinstance(base, int) else base ** fmpz(exponent)

    def power_real(self, base: Any, exponent: Any) -> Any:
        return (self.element(exponent) * self.log(base)).exp()

    def sqrt(self, a: Any) -> Any:
        return self.element(a).sqrt(analytic=self._analytic)

    def root(self, a: Any, degree: int) -> Any:
        return self.power_real(a, self.rational(Fraction(1, degree)))

    def exp(self, a: Any) -> Any:
        return self.element(a).exp()

    def log(self, a: Any) -> Any:
        return self.element(a).log(analytic=self._analytic)

    def sinh(self, a: Any) -> Any:
        return self.element(a).sinh()

    def cosh(self, a: Any) -> Any:
        return self.element(a).cosh()

    def tanh(self, a: Any) -> Any:
        return self.element(a).tanh()

    def pi(self) -> Any:
        return acb.pi()

    def e(self) -> Any:
        return acb(arb.const_e())

    def abs(self, a: Any) -> Any:
        raise LoweringError(f"Abs inside an Integral {_REASON}")

    def sign(self, a: Any) -> Any:
        raise LoweringError(f"sign inside an Integral {_REASON}")

    def maximum(self, a: Any, b: Any) -> Any:
        raise LoweringError(f"Max inside an Integral {_REASON}")

    def minimum(self, a: Any, b: Any) -> Any:
        raise LoweringError(f"Min inside an Integral {_REASON}")

    def select(self, branches: Sequence[tuple[Thunk, Thunk]], inputs: Sequence[Any], masked: bool) -> Any:
        raise LoweringError(f"Piecewise inside an Integral {_REASON}")

    def integrand_arithmetic(self) -> Arithmetic:
        raise LoweringError("ball arithmetic has no quadrature for nested Integrals; use arithmetic='mpmath'")

    def integral(self, integrand: Thunk, lower: arb, upper: arb, inputs: Sequence[Any]) -> arb:
        """A real ball around the integral of an analytic integrand over [lower, upper]."""
        outer = [value if isinstance(value, int) else acb(value) for value in inputs]
        errors: list[Exception] = []

        def at(t: acb, analytic: bool) -> acb:
            self._analytic = bool(analytic)
            try:
                return acb(integrand(t, *outer))
            except (ArithmeticError, ValueError, TypeError) as error:  # flint would turn it into a SystemError
                errors.append(error)
                return acb(arb.nan(), arb.nan())
            finally:
                self._analytic = False

        result = acb.integral(at, acb(lower), acb(upper))
        if errors:
            raise errors[0]
        # Where the quadrature gives up the result is non-finite, which is still an enclosure.
        return result.real
