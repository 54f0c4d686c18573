"""Boxes of the (beta, gamma) square with rational corners, and the rates at these corners, compared exactly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from adamtheory.notation import DecayRate
from adamtheory.validation import reject

_OCTAVES = 32  # the cells halve this often towards 0 and towards 1


@dataclass(frozen=True)
class Box:
    """beta_low <= beta <= beta_high and gamma_low <= gamma <= gamma_high, inside the open square."""

    beta_low: Fraction
    beta_high: Fraction
    gamma_low: Fraction
    gamma_high: Fraction

    def __post_init__(self) -> None:
        for name, low, high in (
            ("beta_low", self.beta_low, self.beta_high),
            ("gamma_low", self.gamma_low, self.gamma_high),
        ):
            if not 0 <= low < high <= 1:
                reject(name, low, f"at least 0 and below its upper end {high}, which is at most 1")

    @property
    def area(self) -> Fraction:
        return (self.beta_high - self.beta_low) * (self.gamma_high - self.gamma_low)

    @property
    def simplest_point(self) -> tuple[Fraction, Fraction]:
        """beta and gamma inside, with the smallest denominators that there are."""
        return simplest(self.beta_low, self.beta_high), simplest(self.gamma_low, self.gamma_high)

    def quarters(self) -> Iterator[Box]:
        beta, gamma = (self.beta_low + self.beta_high) / 2, (self.gamma_low + self.gamma_high) / 2
        for low, high in ((self.beta_low, beta), (beta, self.beta_high)):
            yield Box(low, high, self.gamma_low, gamma)
            yield Box(low, high, gamma, self.gamma_high)

    def all_slower(self, times: int, convention: DecayRate) -> bool:
        """lambda2 < times * lambda1 on the whole box?"""
        return slower(self.beta_low, self.gamma_high, times, convention) > 0

    def all_faster(self, times: int, convention: DecayRate) -> bool:
        """lambda2 > times * lambda1 on the whole box?"""
        return slower(self.beta_high, self.gamma_low, times, convention) < 0


def slower(beta: Fraction, gamma: Fraction, times: int, convention: DecayRate) -> int:
    """The sign of times * lambda1 - lambda2, exactly, for 0 <= beta, gamma <= 1, where rates are limits at 0.

    It falls in gamma and grows in beta."""
    if convention is DecayRate.exact:
        less, more = gamma**times, beta
    elif convention is DecayRate.first_order:
        less, more = (1 - beta) * gamma, times * (1 - gamma) * beta
    else:
        less, more = 1 - beta, times * (1 - gamma)
    return (more > less) - (more < less)


def area(boxes: Sequence[Box]) -> Fraction:
    """The exact area of boxes that do not overlap."""
    areas = [box.area for box in boxes]
    scale = math.lcm(*(one.denominator for one in areas))  # one sum of integers instead of one of fractions
    return Fraction(sum(one.numerator * (scale // one.denominator) for one in areas), scale)


def cells() -> list[Box]:
    """The square in cells whose sides halve towards 0 and towards 1, in both directions."""
    powers = [Fraction(1, 2**k) for k in range(_OCTAVES, 0, -1)]
    marks = [Fraction(0), *powers, *(1 - x for x in reversed(powers[:-1])), Fraction(1)]
    spans = list(pairwise(marks))
    return [Box(*beta, *gamma) for beta in spans for gamma in spans]


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator in low < x < high, for 0 <= low."""
    whole = math.floor(low)
    if whole + 1 < high:
        return Fraction(whole + 1)
    # whole <= low < high <= whole + 1: the inverses of the rests are beyond 1
    if low == whole:
        return whole + Fraction(1, math.floor(1 / (high - whole)) + 1)
    return whole + 1 / simplest(1 / (high - whole), 1 / (low - whole))
