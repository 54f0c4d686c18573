"""Closeness for balls that a vacuous ball cannot pass."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb

from adamtheory.lowering import SignedRoot, exact_fraction
from adamtheory.lowering.ball import lower_bound, midpoint, radius, upper_bound


def assert_narrow(ball: arb, *, relative: float = 1e-12, absolute: float = 0.0) -> None:
    """AssertionError unless the ball is finite with radius <= max(relative * |midpoint|, absolute).

    A ball around 0 needs ``absolute``: relative to nothing, every width is vacuous.
    """
    if not isinstance(ball, arb):
        raise AssertionError(f"expected a ball, got {type(ball).__name__}: {ball!r}")
    if not ball.is_finite():
        raise AssertionError(f"the ball {ball} is not finite: it says nothing")
    allowed = max(Fraction(relative) * abs(midpoint(ball)), Fraction(absolute))
    if radius(ball) > allowed:
        raise AssertionError(f"the ball {ball} is too wide to mean anything: radius > {float(allowed):.3g}")


def encloses(ball: arb, value: Any) -> bool:
    """Does the ball contain ``value``, exactly? int, Fraction, SignedRoot, mpf, float (its shortest decimal), or a ball
    (which must lie inside as a whole)."""
    low, high = lower_bound(ball), upper_bound(ball)
    if isinstance(value, arb):
        return low <= lower_bound(value) and upper_bound(value) <= high
    if isinstance(value, SignedRoot):
        return bool(low <= value <= high)
    if hasattr(value, "_mpf_"):
        sign, mantissa, exponent, _ = value._mpf_
        value = (-1 if sign else 1) * Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return low <= exact_fraction(value) <= high


def assert_encloses(ball: arb, value: Any, *, relative: float = 1e-12, absolute: float = 0.0) -> None:
    """AssertionError unless the ball is narrow (see ``assert_narrow``) and contains ``value`` exactly."""
    assert_narrow(ball, relative=relative, absolute=absolute)
    if not encloses(ball, value):
        raise AssertionError(f"the ball {ball} does not contain {value!r}")
