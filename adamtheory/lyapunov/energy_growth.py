"""How fast Adam's bias correction grows at most: the supremum of eta'/eta over all times, in Arb balls.

eta(s) = sqrt(1 - exp(-L2 s))/(1 - exp(-L1 s)), s in steps (Heredia 2024), with L1 = -ln gamma and L2 = -ln beta, has

    eta'/eta (s) = h(s) = L2/(2 (exp(L2 s) - 1)) - L1/(exp(L1 s) - 1),

which falls in L2 and grows in L1 at every s, as x -> x/(exp(x) - 1) falls; so does its supremum H(L1, L2).  And

    h'(s) = (L1/(2 sinh(L1 s/2)))^2 - (L2/(2 sinh(L2 s/2)))^2/2

has the sign of sqrt(2) S(L2 s/2) - S(L1 s/2), where S(x) = sinh(x)/x.  As x coth(x) grows, so does S(a x)/S(b x) for
a > b, from 1 to infinity; for a <= b it stays below 1.  Therefore

- where L2 >= L1, h grows from -infinity to 0, its supremum, which is not taken;
- where L2 < L1, h grows to a positive maximum and falls to 0 from there; the place of the maximum is where S(L1 s/2) =
  sqrt(2) S(L2 s/2), between any two times with opposite signs of h'.

Nothing has to be searched then, and the tails need no bounds.  H(L1, L2) = L1 K(L2/L1); K falls from K(0) = 0.11427.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx, fmpq

from adamtheory.lowering.ball import midpoint

BITS = 160  # of precision, for all balls of the energy's region
SHARP = 60  # bits of the maximum's place that are looked for
_SHORT = 50  # bits of the place as it is reported: a double holds them
_FURTHEST = 64  # the place is followed up to L1 s = 2^this; the maximum is below exp(-2^63) where it is further out


@dataclass(frozen=True)
class LargestGrowth:
    """The supremum of h over s >= since, s > 0, from the lower end of ``lower`` to the upper end of ``upper``; h is at
    least ``lower`` at ``steps``, or in the limit s -> infinity where that is None."""

    lower: arb
    upper: arb
    steps: Fraction | None


NO_GROWTH = LargestGrowth(arb(0), arb(0), None)


def ball(value: Fraction | int) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def growth_at(steps: arb, first: arb, second: arb) -> arb:
    """h(s) at s > 0; ``first``, ``second`` are L1 > 0 and L2 >= 0."""
    return _half_fall(steps, second) - first / (first * steps).expm1()


def largest_growth(first: arb, second: arb, since: Fraction, *, bits: int = SHARP) -> LargestGrowth:
    """The supremum of h over s >= ``since`` and s > 0, its place to ``bits`` bits, for 0 <= L2 < L1: the caller knows
    that it is so, also where the balls ``first`` and ``second`` do not tell."""
    if since and _growing(ball(since), first, second) is False:
        here = growth_at(ball(since), first, second)
        return LargestGrowth(here, here, since)
    # At L1 s = 2 it still grows: S(1) = 1.175 < sqrt(2).
    early, late = (2 / first.upper()).lower(), arb.pos_inf()
    further = (4 / first.lower()).upper()
    for _ in range(_FURTHEST):
        grows = _growing(further, first, second)
        if grows is None:
            break
        if not grows:
            late = further
            break
        early, further = further, 2 * further
    for _ in range(bits if late.is_finite() else 0):
        middle = ((early + late) / 2).mid()
        grows = _growing(middle, first, second)
        if grows is None:
            break
        early, late = (middle, late) if grows else (early, middle)
    fallen = first / (first * late).expm1() if late.is_finite() else arb(0)
    # Both terms are monotone between the two times.
    upper = _half_fall(early, second) - fallen
    with ctx.workprec(_SHORT):
        steps = max(since, midpoint((early + late) / 2 if late.is_finite() else early + 0))
    lower = growth_at(ball(steps), first, second)
    return LargestGrowth(lower, upper, steps) if lower > 0 else LargestGrowth(arb(0), upper, None)


def largest_share() -> arb:
    """K(0) = sup of 1/(2 x) - 1/(exp(x) - 1) over x > 0: H <= K(0) L1, at every L2 > 0."""
    greatest = largest_growth(arb(1), arb(0), Fraction(0))
    return greatest.lower.union(greatest.upper)


def _half_fall(steps: arb, rate: arb) -> arb:
    return 1 / (2 * steps) if rate.is_zero() else rate / (2 * (rate * steps).expm1())


def _growing(steps: arb, first: arb, second: arb) -> bool | None:
    """The sign of h'(s); None where the balls do not tell."""
    less = _sinhc(first * steps / 2) - arb(2).sqrt() * _sinhc(second * steps / 2)
    return True if less < 0 else False if less > 0 else None


def _sinhc(x: arb) -> arb:
    return arb(1) if x.is_zero() else x.sinh() / x
