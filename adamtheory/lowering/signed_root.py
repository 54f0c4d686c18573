"""Numbers sign * sqrt(rational): how far exact arithmetic reaches into Adam's update m / sqrt(v)."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Union

from adamtheory.lowering.errors import LeavesRationals
from adamtheory.validation import reject

Exact = Union[int, Fraction, "SignedRoot"]


def rational_root(value: Fraction, degree: int = 2) -> Fraction | None:
    """The non-negative ``degree``-th root of a non-negative fraction if it is rational, else None."""
    parts = [_integer_root(part, degree) for part in (value.numerator, value.denominator)]
    if parts[0] is None or parts[1] is None:
        return None
    return Fraction(parts[0], parts[1])


def _integer_root(value: int, degree: int) -> int | None:
    if degree == 2:
        root = math.isqrt(value)
        return root if root * root == value else None
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**degree < value:
            low = middle + 1
        else:
            high = middle
    return low if low**degree == value else None


def signed_root(sign: int, radicand: Fraction | int) -> Fraction | SignedRoot:
    """sign * sqrt(radicand) for sign in {-1, 0, 1} and radicand >= 0: a Fraction whenever it is rational."""
    radicand = Fraction(radicand)
    if radicand < 0:
        raise LeavesRationals(f"sqrt({radicand})", "the square root of a negative number is not real")
    root = rational_root(radicand)
    if root is not None:
        return sign * root
    return Fraction(0) if sign == 0 else SignedRoot(sign, radicand)


class SignedRoot:
    """sign * sqrt(radicand), irrational, immutable; ``signed_root`` builds it, and returns rationals as Fractions.

    Products, quotients, integer powers and comparisons with rationals and with each other are exact. A sum exists only
    for commensurable roots (their ratio is rational); every other sum raises LeavesRationals.
    """

    __slots__ = ("radicand", "sign")
    sign: int
    radicand: Fraction

    def __init__(self, sign: int, radicand: Fraction) -> None:
        if sign not in (-1, 1) or radicand <= 0 or rational_root(radicand) is not None:
            reject("sign, radicand", (sign, radicand), "+-1 and a positive rational that is no rational square")
        object.__setattr__(self, "sign", sign)
        object.__setattr__(self, "radicand", radicand)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("SignedRoot is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("SignedRoot is immutable")

    def __reduce__(self) -> tuple[type[SignedRoot], tuple[int, Fraction]]:
        return SignedRoot, (self.sign, self.radicand)

    def __repr__(self) -> str:
        return f"{'-' if self.sign < 0 else ''}sqrt({self.radicand})"

    def __hash__(self) -> int:
        return hash((self.sign, self.radicand))

    def __float__(self) -> float:
        # A scaled integer root keeps full accuracy where numerator and denominator overflow a float by themselves.
        shift = 2 * max(0, 64 - (self.radicand.numerator.bit_length() - self.radicand.denominator.bit_length()) // 2)
        scaled = (self.radicand.numerator << shift) // self.radicand.denominator
        return float(self.sign * Fraction(math.isqrt(scaled), 1 << (shift // 2)))

    def __neg__(self) -> SignedRoot:
        return SignedRoot(-self.sign, self.radicand)

    def __pos__(self) -> SignedRoot:
        return self

    def __abs__(self) -> SignedRoot:
        return SignedRoot(1, self.radicand)

    def __mul__(self, other: object) -> Fraction | SignedRoot:
        parts = _parts(other)
        return NotImplemented if parts is None else signed_root(self.sign * parts[0], self.radicand * parts[1])

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Fraction | SignedRoot:
        parts = _parts(other)
        return NotImplemented if parts is None else signed_root(self.sign * parts[0], self.radicand / parts[1])

    def __rtruediv__(self, other: object) -> Fraction | SignedRoot:
        parts = _parts(other)
        return NotImplemented if parts is None else signed_root(self.sign * parts[0], parts[1] / self.radicand)

    def __pow__(self, exponent: object) -> Fraction | SignedRoot:
        if not isinstance(exponent, int):
            return NotImplemented
        whole, odd = divmod(exponent, 2)
        return self.radicand**whole * self if odd else self.radicand**whole

    def __add__(self, other: object) -> Fraction | SignedRoot:
        parts = _parts(other)
        if parts is None:
            return NotImplemented
        if parts[0] == 0:
            return self
        ratio = rational_root(parts[1] / self.radicand)
        if ratio is None:
            raise LeavesRationals(f"{self!r} + {other!r}", "the ratio of the summands is not rational")
        return (1 + self.sign * parts[0] * ratio) * self

    __radd__ = __add__

    def __sub__(self, other: object) -> Fraction | SignedRoot:
        return NotImplemented if not isinstance(other, (int, Fraction, SignedRoot)) else self + (-other)

    def __rsub__(self, other: object) -> Fraction | SignedRoot:
        return NotImplemented if not isinstance(other, (int, Fraction)) else (-self) + other

    def _compare(self, other: object) -> int | None:
        """The sign of self - other, or None where ``other`` is not exact."""
        parts = _parts(other)
        if parts is None:
            return None
        # x -> sign(x) x^2 is increasing, so signed squares compare as the numbers do.
        mine, theirs = self.sign * self.radicand, parts[0] * parts[1]
        return (mine > theirs) - (mine < theirs)

    def __eq__(self, other: object) -> bool:
        order = self._compare(other)
        return NotImplemented if order is None else order == 0

    def __lt__(self, other: object) -> bool:
        order = self._compare(other)
        return NotImplemented if order is None else order < 0

    def __le__(self, other: object) -> bool:
        order = self._compare(other)
        return NotImplemented if order is None else order <= 0

    def __gt__(self, other: object) -> bool:
        order = self._compare(other)
        return NotImplemented if order is None else order > 0

    def __ge__(self, other: object) -> bool:
        order = self._compare(other)
        return NotImplemented if order is None else order >= 0


def _parts(value: object) -> tuple[int, Fraction] | None:
    """(sign, square) of an exact number; None for anything inexact (floats would make the laws false)."""
    if isinstance(value, SignedRoot):
        return value.sign, value.radicand
    if isinstance(value, (int, Fraction)):
        return (value > 0) - (value < 0), Fraction(value) ** 2
    return None
