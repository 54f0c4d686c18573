"""The inequalities that make an energy of a template decay, linear in its coefficients and in multipliers.

A ``Problem`` knows the unknowns, and, for a rate, a list of ``Inequality``: a form in the Gram basis that must not be
positive, and coefficients of gaps f - f* (never negative themselves) that must not be positive either.  Everything is
exact in the rationals: a checker evaluates it at given unknowns, a solver at unit vectors.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lyapunov.exact_forms import Matrix, add, combined, positive_semidefinite, zero
from adamtheory.validation import reject

#: W is at least this part of the gap, or of |x|^2/2 in templates without it
SHARE = Fraction(1, 100)


@dataclass(frozen=True)
class Inequality:
    """form <= 0 everywhere and every one of ``gaps`` <= 0."""

    form: Matrix
    gaps: tuple[Fraction, ...]

    def holds(self) -> bool:
        """Exactly."""
        negative = [[-value for value in row] for row in self.form]
        return all(gap <= 0 for gap in self.gaps) and positive_semidefinite(negative)


@dataclass(frozen=True)
class LossClass:
    """Losses with a minimiser: ``smoothness`` L (None: no bound), and ``strong_convexity`` mu >= 0 (0: convex) or
    ``pl`` mu > 0 for |g|^2 >= 2 mu (f - f*); with neither, any smooth loss."""

    smoothness: Fraction | None = None
    strong_convexity: Fraction | None = None
    pl: Fraction | None = None

    def __post_init__(self) -> None:
        for name in ("smoothness", "strong_convexity", "pl"):
            value = getattr(self, name)
            if value is None or (name == "smoothness" and value == math.inf):
                object.__setattr__(self, name, None)
                continue
            number = exact_fraction(value, name)
            if number < 0 or (number == 0 and name != "strong_convexity"):
                reject(name, value, ">= 0" if name == "strong_convexity" else "> 0")
            object.__setattr__(self, name, number)
        if self.strong_convexity is not None and self.pl is not None:
            reject("pl", self.pl, "left out where strong_convexity is given, which implies it")
        for name in ("strong_convexity", "pl"):
            value = getattr(self, name)
            if value is not None and self.smoothness is not None and value > self.smoothness:
                reject(name, str(value), f"at most smoothness = {self.smoothness}: no loss is more convex than smooth")

    @property
    def convex(self) -> bool:
        """Is every loss of the class convex?"""
        return self.strong_convexity is not None

    def bend(self, size: int, x: Sequence[Fraction], g: Sequence[Fraction]) -> Matrix:
        """q with f(y) >= f(z) + <g(z), y - z> + q for the differences x of points and g of gradients, as combinations
        of the Gram basis: mu/2 |x|^2 + |g - mu x|^2/(2 (L - mu)), the interpolation condition of the class."""
        mu = self.strong_convexity or Fraction(0)
        form = square(size, x, mu / 2)
        if self.smoothness is not None and self.smoothness > mu:
            rest = [a - mu * b for a, b in zip(g, x, strict=True)]
            form = combined([(Fraction(1), form), (1 / (2 * (self.smoothness - mu)), square(size, rest))], size)
        return form


def square(size: int, vector: Sequence[Fraction], factor: Fraction = Fraction(1)) -> Matrix:
    """factor |v|^2 for a combination v of the basis."""
    return product(size, vector, vector, factor)


def product(size: int, left: Sequence[Fraction], right: Sequence[Fraction], factor: Fraction = Fraction(1)) -> Matrix:
    """factor <v, w> for combinations of the basis."""
    form = zero(size)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            if a and b:
                add(form, factor * a * b, i, j)
    return form


class Problem(ABC):
    """A dynamics, a template and a loss class.  ``better``: 1 where a larger rate is better, -1 where a smaller one."""

    better: ClassVar[int] = 1

    @property
    @abstractmethod
    def unknowns(self) -> tuple[str, ...]:
        """Names; those that end in "+" or "-", and multipliers, are not negative."""

    @property
    @abstractmethod
    def signed(self) -> frozenset[str]:
        """The unknowns that may be negative."""

    @abstractmethod
    def inequalities(self, rate: Fraction, at: Mapping[str, Fraction]) -> list[Inequality]:
        """What must hold at a rate: affine in the unknowns."""

    @abstractmethod
    def as_data(self) -> dict[str, Any]:
        """The problem as JSON, rationals as texts; ``problem_from`` reads it."""

    def holds(self, rate: Fraction, at: Mapping[str, Fraction]) -> bool:
        """Do these unknowns prove the rate?  Exactly."""
        known = set(at) == set(self.unknowns)
        positive = known and all(at[name] >= 0 for name in self.unknowns if name not in self.signed)
        return positive and all(one.holds() for one in self.inequalities(rate, at))
