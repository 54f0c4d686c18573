"""Exact arithmetic: Fractions, and signed square roots of Fractions as far as they close."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from adamtheory.lowering.contract import Arithmetic
from adamtheory.lowering.errors import LeavesRationals
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lowering.signed_root import SignedRoot, rational_root, signed_root


class FractionArithmetic(Arithmetic):
    """fractions.Fraction, and SignedRoot where a square root is taken; anything else raises LeavesRationals."""

    name = "fraction"

    def element(self, value: Any) -> Any:
        return value if isinstance(value, SignedRoot) else exact_fraction(value)

    def rational(self, value: Fraction) -> Fraction:
        return value

    def to_int(self, value: Any) -> int | None:
        if isinstance(value, (int, Fraction)) and value == int(value):
            return int(value)
        return None

    def power_real(self, base: Any, exponent: Any) -> Any:
        if not isinstance(exponent, Fraction):
            raise LeavesRationals(f"({base})**({exponent})", "the exponent is irrational")
        if exponent.denominator == 1:
            return self.power_int(base, int(exponent))
        return self.power_rational(base, exponent.numerator, exponent.denominator)

    def sqrt(self, a: Any) -> Any:
        if isinstance(a, SignedRoot):
            raise LeavesRationals(f"sqrt({a!r})", "a fourth root is no square root of a rational")
        return signed_root(1, a)

    def root(self, a: Any, degree: int) -> Any:
        if not isinstance(a, SignedRoot) and a >= 0:
            root = rational_root(Fraction(a), degree)
            if root is not None:
                return root
            if degree % 2 == 0:
                square = rational_root(Fraction(a), degree // 2)
                if square is not None:
                    return signed_root(1, square)
        raise LeavesRationals(f"({a})**(1/{degree})", "the root is not rational")

    def _only_at(self, name: str, a: Any, argument: int, value: int) -> Fraction:
        if a == argument:
            return Fraction(value)
        raise LeavesRationals(f"{name}({a})", f"{name} of a rational other than {argument} is transcendental")

    def exp(self, a: Any) -> Any:
        return self._only_at("exp", a, 0, 1)

    def log(self, a: Any) -> Any:
        return self._only_at("log", a, 1, 0)

    def sinh(self, a: Any) -> Any:
        return self._only_at("sinh", a, 0, 0)

    def cosh(self, a: Any) -> Any:
        return self._only_at("cosh", a, 0, 1)

    def tanh(self, a: Any) -> Any:
        return self._only_at("tanh", a, 0, 0)

    def pi(self) -> Any:
        raise LeavesRationals("pi", "it is transcendental")

    def e(self) -> Any:
        raise LeavesRationals("E", "it is transcendental")
