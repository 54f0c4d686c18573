"""Energies of the adaptive flows, coordinate by coordinate: theta' = -A y, y = g or y = m with m' = lambda (g - m).

A is diagonal, different in every coordinate, anything in [least, largest], and A' <= growth A; so an inequality must
hold for each coordinate's form at A = least and A = largest, as it is affine in A.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lyapunov.exact_forms import Matrix, combined
from adamtheory.lyapunov.problems import SHARE, Inequality, LossClass, Problem, product, square
from adamtheory.validation import reject

TERMS = {
    "gap": "f - f*",
    "distance": "|x|^2/2, x = theta - theta*",
    "cross": "<x, m>",
    "momentum": "|m|^2/2",
    "kinetic": "sum A m^2/2",
    "gradient-momentum": "<g, m>",
}
_SIZE = 3  # the Gram basis x, g, m
X, G, M = ([Fraction(int(i == j)) for j in range(_SIZE)] for i in range(_SIZE))
ONE, NONE = Fraction(1), Fraction(0)


@dataclass(frozen=True)
class Preconditioned:
    """theta' = -A y with least <= A <= largest (None: no bound), A' <= growth A; ``momentum`` lambda of m' = lambda
    (g - m), y = m, or None for y = g."""

    least: Fraction
    largest: Fraction | None
    momentum: Fraction | None = None
    growth: Fraction = NONE

    def __post_init__(self) -> None:
        for name in ("least", "largest", "momentum", "growth"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, exact_fraction(value, name))
        if self.least <= 0:
            reject("least", str(self.least), "> 0")
        if self.largest is not None and self.largest < self.least:
            reject("largest", str(self.largest), f"at least least = {self.least}")
        if self.momentum is not None and self.momentum <= 0:
            reject("momentum", str(self.momentum), "> 0, or None")
        if self.growth < 0:
            reject("growth", str(self.growth), ">= 0")


def gradient_flow() -> Preconditioned:
    """theta' = -g."""
    return Preconditioned(ONE, ONE)


def heavy_ball_flow(friction: object) -> Preconditioned:
    """x'' + friction x' + g = 0, that is x' = -m/friction, m' = friction (g - m)."""
    rate = exact_fraction(friction, "friction")
    if rate <= 0:
        reject("friction", friction, "> 0")
    return Preconditioned(1 / rate, 1 / rate, rate)


@dataclass(frozen=True)
class FlowProblem(Problem):
    """W = sum of coefficients times terms, W >= SHARE times the gap (or |x|^2/2 where the template has none)."""

    dynamics: Preconditioned
    template: tuple[str, ...]
    losses: LossClass

    def __post_init__(self) -> None:
        if not self.template or len(set(self.template)) != len(self.template):
            reject("template", self.template, "different terms, at least one")
        for term in self.template:
            if term not in TERMS:
                reject("template", term, f"made of {', '.join(TERMS)}")
            if self.dynamics.momentum is None and term not in ("gap", "distance"):
                reject("template", term, "gap or distance for a flow without momentum")
        bounds = (self.losses.smoothness, self.dynamics.largest)
        if "gradient-momentum" in self.template and None in bounds:
            reject("template", "gradient-momentum", "left out where smoothness or the largest A have no bound")

    @property
    def lead(self) -> str:
        """The term whose coefficient is 1."""
        return "gap" if "gap" in self.template else self.template[0]

    @property
    def unknowns(self) -> tuple[str, ...]:
        names: list[str] = []
        for term in self.template:
            if term == "gradient-momentum":
                names += ["gradient-momentum+", "gradient-momentum-"]
            elif term != self.lead:
                names.append(term)
        return (*names, *(f"{use} {name}" for use in ("falls by", "positive by") for name in self._known()))

    @property
    def signed(self) -> frozenset[str]:
        # kinetic: A' is bounded from above alone
        return frozenset(term for term in self.template if term not in ("kinetic", "gradient-momentum", self.lead))

    def inequalities(self, rate: Fraction, at: Mapping[str, Fraction]) -> list[Inequality]:
        coefficients = {term: at.get(term, ONE if term == self.lead else NONE) for term in self.template}
        found = []
        for scale, slope in self._corners():
            known = [(at[f"falls by {name}"], form, gap) for name, (form, gap) in self._known().items()]
            form = combined(
                [
                    *((value, self._change(term, scale, slope)) for term, value in coefficients.items()),
                    *((rate * value, self._term(term, scale, slope)) for term, value in coefficients.items()),
                    *self._turning(at, rate, scale, slope),
                    *((NONE if slope else -value, known_form) for value, known_form, _ in known),
                ],
                _SIZE,
            )
            gap = rate * coefficients.get("gap", NONE) - sum((value * part for value, _, part in known), NONE)
            found.append(Inequality(form, (NONE if slope else gap,)))
            known = [(at[f"positive by {name}"], form, gap) for name, (form, gap) in self._known().items()]
            rest = [] if slope or "gap" in self.template else [(SHARE, square(_SIZE, X, Fraction(1, 2)))]
            turned = at.get("gradient-momentum+", NONE) - at.get("gradient-momentum-", NONE)
            form = combined(
                [
                    *((-value, self._term(term, scale, slope)) for term, value in coefficients.items()),
                    (NONE if slope else -turned, product(_SIZE, G, M)),
                    *((NONE if slope else -value, known_form) for value, known_form, _ in known),
                    *rest,
                ],
                _SIZE,
            )
            gap = (SHARE - coefficients["gap"] if "gap" in self.template else NONE) - sum(
                (value * part for value, _, part in known), NONE
            )
            found.append(Inequality(form, (NONE if slope else gap,)))
        return found

    def _corners(self) -> list[tuple[Fraction, bool]]:
        """(A, False): at this A; (1, True): what the form has with the factor A, where A has no upper bound."""
        dynamics = self.dynamics
        if dynamics.largest is None:
            return [(dynamics.least, False), (ONE, True)]
        corners = [(dynamics.least, False)]
        return corners if dynamics.largest == dynamics.least else [*corners, (dynamics.largest, False)]

    def _known(self) -> dict[str, tuple[Matrix, Fraction]]:
        """(form, coefficient of the gap) of what is never positive, for every loss of the class."""
        losses, found = self.losses, {}
        if losses.convex:
            bend = losses.bend(_SIZE, X, G)
            pull = product(_SIZE, G, X, -ONE)
            found["convexity from theta"] = combined([(ONE, pull), (ONE, bend)], _SIZE), ONE
            found["convexity from theta*"] = bend, -ONE
        if losses.pl is not None:
            found["pl"] = square(_SIZE, G, -ONE), 2 * losses.pl
        if losses.smoothness is not None and not losses.convex:
            found["smoothness"] = square(_SIZE, G), -2 * losses.smoothness
        return found

    def _term(self, term: str, scale: Fraction, slope: bool) -> Matrix:
        """The density of a term; of the gap none.  ``slope``: the part with the factor A alone."""
        half = Fraction(1, 2)
        if term == "kinetic":
            return square(_SIZE, M, half * scale)
        plain = {"distance": (X, X, half), "cross": (X, M, ONE), "momentum": (M, M, half)}
        if slope or term not in plain:
            return combined([], _SIZE)
        left, right, factor = plain[term]
        return product(_SIZE, left, right, factor)

    def _change(self, term: str, scale: Fraction, slope: bool) -> Matrix:
        """The density of a term's derivative, or of a bound of it."""
        dynamics = self.dynamics
        rate = dynamics.momentum
        towards = G if rate is None else M
        pull = [(rate or NONE) * (a - b) for a, b in zip(G, M, strict=True)]
        if slope:
            pull = [NONE] * _SIZE
        if term == "gap":
            return product(_SIZE, G, towards, -scale)
        if term == "distance":
            return product(_SIZE, X, towards, -scale)
        if term == "cross":
            return combined([(ONE, product(_SIZE, towards, M, -scale)), (ONE, product(_SIZE, X, pull))], _SIZE)
        if term == "momentum":
            return product(_SIZE, M, pull)
        if term == "kinetic":
            inner = [(rate or NONE) * (a - b) for a, b in zip(G, M, strict=True)]
            grown = square(_SIZE, M, scale * dynamics.growth / 2)
            return combined([(ONE, grown), (ONE, product(_SIZE, M, inner, scale))], _SIZE)
        return combined([], _SIZE)

    def _turning(self, at: Mapping[str, Fraction], rate: Fraction, scale: Fraction, slope: bool) -> list[Any]:
        """<g, m>: its derivative is lambda <g, g - m> - <H A m, m>, and |<H A m, m>| <= L sqrt(largest/least) times
        sum A m^2; for one A and a convex loss, 0 <= <H m, m>."""
        if "gradient-momentum" not in self.template:
            return []
        dynamics, smooth = self.dynamics, self.losses.smoothness
        assert smooth is not None
        assert dynamics.largest is not None
        assert dynamics.momentum is not None
        one = dynamics.largest == dynamics.least
        ratio = ONE if one else root_above(dynamics.largest / dynamics.least)
        pull = [dynamics.momentum * (a - b) for a, b in zip(G, M, strict=True)]
        own = combined([(ONE, product(_SIZE, G, pull)), (rate, product(_SIZE, G, M))], _SIZE)
        hessian = square(_SIZE, M, smooth * ratio * scale)
        plus, minus = at["gradient-momentum+"], at["gradient-momentum-"]
        free = one and self.losses.convex
        return [(plus - minus, own), (minus if free else plus + minus, hessian)]

    def as_data(self) -> dict[str, Any]:
        def text(value: Fraction | None) -> str | None:
            return None if value is None else str(value)

        dynamics, losses = self.dynamics, self.losses
        return {
            "kind": "flow",
            "dynamics": {name: text(getattr(dynamics, name)) for name in ("least", "largest", "momentum", "growth")},
            "template": list(self.template),
            "losses": {name: text(getattr(losses, name)) for name in ("smoothness", "strong_convexity", "pl")},
        }


def root_above(value: Fraction) -> Fraction:
    """A rational at least the root, within a millionth of it."""
    from math import isqrt

    scale = 10**12
    return Fraction(isqrt(value.numerator * scale // value.denominator) + 1, 10**6)
