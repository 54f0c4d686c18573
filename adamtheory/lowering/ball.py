"""Arb balls: every result contains the true value. The reference where exact fractions stop."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import Any

import flint
from flint import arb, fmpq, fmpz

from adamtheory.lowering.complex_ball import ComplexBallArithmetic
from adamtheory.lowering.contract import Arithmetic, Thunk, Truth
from adamtheory.lowering.errors import LoweringError
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lowering.signed_root import SignedRoot
from adamtheory.validation import integer, reject


def midpoint(ball: arb) -> Fraction:
    """The exact (dyadic) centre of a finite ball."""
    return _dyadic(ball, ball.mid())


def radius(ball: arb) -> Fraction:
    """The exact (dyadic) radius of a finite ball."""
    return _dyadic(ball, ball.rad())


def lower_bound(ball: arb) -> Fraction:
    """The exact lower end of a finite ball; ValueError where it is infinite or NaN."""
    return midpoint(ball) - radius(ball)


def upper_bound(ball: arb) -> Fraction:
    """The exact upper end of a finite ball; ValueError where it is infinite or NaN."""
    return midpoint(ball) + radius(ball)


def _dyadic(ball: arb, part: arb) -> Fraction:
    if not ball.is_finite():
        reject("ball", ball, "finite")
    mantissa, exponent = part.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


class BallArithmetic(Arithmetic):
    """Real balls at ``bits`` bits of precision.

    A ball stands for one real number known to lie in it, at which the expression is real: sqrt therefore drops the
    negative part of its argument. Undecided comparisons are None; a Piecewise then takes the hull of its possible
    branches.
    Where nothing is known (a division by a ball over 0) the result is the non-finite ball that contains everything.
    flint's precision is one per process: concurrent threads at different ``bits`` stay sound but may come out wider.
    """

    name = "ball"

    def __init__(self, *, bits: int = 128) -> None:
        self.bits = integer("bits", bits, minimum=32, maximum=1_000_000)

    def scope(self) -> AbstractContextManager[Any]:
        scope: AbstractContextManager[Any] = flint.ctx.workprec(self.bits)
        return scope

    def element(self, value: Any) -> Any:
        if isinstance(value, arb):
            return value
        if isinstance(value, (fmpz, fmpq)):
            return arb(value)
        if isinstance(value, SignedRoot):
            return value.sign * self.rational(value.radicand).sqrt()
        if hasattr(value, "_mpf_"):
            sign, mantissa, exponent, _ = value._mpf_
            if not mantissa and exponent:
                reject("value", value, "a finite number")
            return self.rational((-1 if sign else 1) * Fraction(int(mantissa)) * Fraction(2) ** int(exponent))
        return self.rational(exact_fraction(value))

    def rational(self, value: Fraction) -> Any:
        return arb(fmpq(value.numerator, value.denominator))

    def to_int(self, value: Any) -> int | None:
        if isinstance(value, int):
            return value
        exact = isinstance(value, arb) and value.is_exact() and value.is_integer()
        return int(value.unique_fmpz()) if exact else None

    def hull(self, a: Any, b: Any) -> Any:
        if not isinstance(a, arb):
            a = self.element(a)
        b = self.element(b)
        if a.is_nan() or b.is_nan():
            return arb.nan()
        return a.union(b)

    def power_int(self, base: Any, exponent: int) -> Any:
        if isinstance(base, int):
            return super().power_int(base, exponent)
        if exponent < 0:
            return 1 / self.power_int(base, -exponent)
        if exponent and exponent % 2 == 0 and not (base > 0 or base < 0):
            base = base.abs_upper()  # an even power of a ball over 0: [0, max^n]
            return arb(0).union(base ** fmpz(exponent))
        return base ** fmpz(exponent)

    def power_real(self, base: Any, exponent: Any) -> Any:
        base = self.element(base)
        whole = self.to_int(exponent)
        if whole is not None:
            return self.power_int(base, whole)
        if base.is_zero() and exponent > 0:
            return arb(0)
        return base**exponent

    def sqrt(self, a: Any) -> Any:
        a = self.element(a)
        if a >= 0:
            return a.sqrt()
        upper = a.upper()
        return arb(0).union(upper.sqrt()) if upper >= 0 else arb.nan()

    def root(self, a: Any, degree: int) -> Any:
        a = self.element(a)
        if a >= 0:
            return a.root(degree)
        upper = a.upper()
        return arb(0).union(upper.root(degree)) if upper >= 0 else arb.nan()

    def exp(self, a: Any) -> Any:
        return self.element(a).exp()

    def log(self, a: Any) -> Any:
        return self.element(a).log()

    def sinh(self, a: Any) -> Any:
        return self.element(a).sinh()

    def cosh(self, a: Any) -> Any:
        return self.element(a).cosh()

    def tanh(self, a: Any) -> Any:
        return self.element(a).tanh()

    def pi(self) -> Any:
        return arb.pi()

    def e(self) -> Any:
        return arb.const_e()

    def abs(self, a: Any) -> Any:
        if isinstance(a, int) or a >= 0:
            return abs(a)
        return -a if a <= 0 else arb(0).union(a.abs_upper())

    def sign(self, a: Any) -> Any:
        return (a > 0) - (a < 0) if isinstance(a, int) else a.sgn()

    def maximum(self, a: Any, b: Any) -> Any:
        return max(a, b) if isinstance(a, int) and isinstance(b, int) else self.element(a).max(self.element(b))

    def minimum(self, a: Any, b: Any) -> Any:
        return min(a, b) if isinstance(a, int) and isinstance(b, int) else self.element(a).min(self.element(b))

    def less(self, a: Any, b: Any) -> Truth:
        # flint's comparisons are False both ways when undecided.
        return True if a < b else False if a >= b else None

    def less_equal(self, a: Any, b: Any) -> Truth:
        return True if a <= b else False if a > b else None

    def equal(self, a: Any, b: Any) -> Truth:
        return True if a == b else False if a != b else None

    def select(self, branches: Sequence[tuple[Thunk, Thunk]], inputs: Sequence[Any], masked: bool) -> Any:
        possible: Any = None
        for condition, value in branches:
            holds = condition(*inputs)
            if holds is False:
                continue
            try:
                branch = value(*inputs)
            except ZeroDivisionError:
                branch = arb.nan()  # an exact 1/0 in a branch that may not apply: nothing is known of the hull
            possible = branch if possible is None else self.hull(possible, branch)
            if holds is True:
                return possible
        if possible is None:
            raise LoweringError(f"no branch of a Piecewise covers the arguments {tuple(map(str, inputs))}")
        return arb.nan()  # every condition may fail, and then the expression has no value

    def integrand_arithmetic(self) -> Arithmetic:
        return ComplexBallArithmetic()

    def integrate(self, integrand: Thunk, within: Arithmetic, lower: Any, upper: Any, inputs: Sequence[Any]) -> Any:
        if not isinstance(within, ComplexBallArithmetic):
            reject("within", within, "a ComplexBallArithmetic", TypeError)
        return within.integral(integrand, self.element(lower), self.element(upper), inputs)
