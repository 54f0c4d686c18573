"""Where a pair (beta, gamma) of Adam lies: on the exact side of boundedness, and in the regions of the paper.

Exact (``proofs/discrete/stability.py``): the largest update stays bounded in the steps if and only if gamma^2 < beta.
Gould & Tanaka (2024, Theorem 1, Figure 1): bounded where the stability exponent C > 0, which is a smaller region.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from adamtheory import notation
from adamtheory.bounds.growth import exponent
from adamtheory.lowering import evaluate
from adamtheory.methods import Adam
from adamtheory.report.numbers import decimal, rounded


@dataclass(frozen=True)
class Point:
    """A point of the square 0 <= beta, gamma < 1, exactly, and what holds there for discrete Adam at eps = 0."""

    beta: Fraction
    gamma: Fraction

    @property
    def on_an_edge(self) -> bool:
        """beta = 0 or gamma = 0, where C is not defined."""
        return self.beta == 0 or self.gamma == 0

    @property
    def gap(self) -> Fraction:
        """beta - gamma^2."""
        return self.beta - self.gamma**2

    @property
    def bounded(self) -> bool:
        """Is the largest update bounded in the number of steps?  Without momentum it always is."""
        return self.gap > 0 or self.gamma == 0

    @property
    def exponent(self) -> Fraction | None:
        """The stability exponent C; None on an edge."""
        if self.on_an_edge:
            return None
        return 2 * (1 - self.gamma) / self.gamma - (1 - self.beta) / self.beta

    @property
    def printed_region(self) -> str | None:
        """ "B+", "B0" or "B-" by the sign of C; None on an edge."""
        size = self.exponent
        if size is None:
            return None
        return "B+" if size > 0 else "B0" if size == 0 else "B-"

    @property
    def in_strip(self) -> bool:
        """Bounded although C <= 0?"""
        return self.bounded and self.printed_region in ("B0", "B-")

    @property
    def growth(self) -> float | None:
        """ln(gamma^2/beta)/2: the largest update grows like exp(growth n); None where it does not grow so."""
        if self.bounded or self.gap == 0 or self.beta == 0:
            return None
        return float(evaluate(exponent(), {notation.beta: self.beta, notation.gamma: self.gamma}, "mpmath"))

    @property
    def normal_constant(self) -> Fraction:
        """K = gamma^3 + 2 beta^3: constant along the curves perpendicular to the level curves of C (Appendix F)."""
        return self.gamma**3 + 2 * self.beta**3

    @property
    def largest_gamma(self) -> float:
        """sqrt(beta): bounded at this beta for gamma below it."""
        return float(self.beta) ** 0.5

    @property
    def printed_gamma(self) -> Fraction:
        """2 beta/(1 + beta): C = 0 there at this beta."""
        return 2 * self.beta / (1 + self.beta)

    @property
    def printed_beta(self) -> Fraction:
        """gamma/(2 - gamma): C = 0 there at this gamma."""
        return self.gamma / (2 - self.gamma)


def point(method: Adam) -> Point:
    """The point of an Adam with rational hyperparameters."""
    return Point(Fraction(method.beta), Fraction(method.gamma))


def described(at: Point, largest: Any) -> str:
    """The point in words; ``largest`` is the bound on the update (``bounds.max_update``)."""
    beta, gamma = decimal(at.beta), decimal(at.gamma)
    lines = [f"Adam at β = {beta}, γ = {gamma}, ε = 0; in PyTorch betas=({gamma}, {beta})", ""]
    lines += [*_exact(at), ""]
    lines += [*_printed(at), ""]
    if at.bounded:
        lines.append(f"Largest |update| over all gradients and all steps: {rounded(largest.value)}.")
    else:
        lines.append("There is no largest |update|: it exceeds every number as the steps increase.")
    return "\n".join(lines) + "\n"


def _exact(at: Point) -> list[str]:
    square, beta = decimal(at.gamma**2), decimal(at.beta)
    if at.gamma == 0:
        return ["The update is BOUNDED in the number of steps: there is no momentum (γ = 0)."]
    if at.bounded:
        first = f"The update is BOUNDED in the number of steps: γ² = {square} < {beta} = β."
    elif at.beta == 0:
        first = "The update is UNBOUNDED from the second step on: the denominator is the newest |gradient| (β = 0)."
    elif at.gap == 0:
        first = f"The update is UNBOUNDED, just so: γ² = {square} = β, where it grows like √n."
    else:
        first = f"The update is UNBOUNDED: γ² = {square} > {beta} = β."
    lines = [first]
    if at.growth is not None:
        lines.append(f"  It grows like exp({rounded(at.growth)} n) at step n: n ln(γ²/β)/2.")
    lines.append(f"  Distance to the boundary: β - γ² = {decimal(at.gap)}.")
    if not at.beta:
        return [*lines, f"  At this γ bounded for β > {square} = γ²."]
    return [
        *lines,
        f"  At this β bounded for γ < {rounded(at.largest_gamma)} = √β;",
        f"  at this γ for β > {square} = γ².",
    ]


def _printed(at: Point) -> list[str]:
    name = "Gould & Tanaka (2024), Theorem 1"
    if at.exponent is None:
        return [f"{name}: C(β, γ) is not defined where β or γ is 0."]
    sign = {"B+": "> 0", "B0": "= 0", "B-": "< 0"}[str(at.printed_region)]
    size = "" if at.exponent == 0 else f" = {rounded(at.exponent)}"
    lines = [f"{name}: in region {at.printed_region}, C(β, γ){size} {sign}."]
    if at.in_strip:
        lines.append("  The point is in the strip between the two boundaries: the theorem's bound grows with the")
        lines.append("  steps, the discrete update does not.")
    elif at.bounded or at.gap == 0:
        lines.append("  Both agree that the update is " + ("bounded." if at.bounded else "unbounded."))
    else:
        lines.append("  Both agree that the update is unbounded.")
        lines.append(f"  The theorem's bound grows like exp({rounded(-at.exponent / 2)} n).")
    lines.append(f"  C = 0 at this β for γ = {rounded(at.printed_gamma)} = 2β/(1 + β),")
    lines.append(f"  at this γ for β = {rounded(at.printed_beta)} = γ/(2 - γ).")
    lines.append(f"  The normal curve through the point is γ³ + 2β³ = {rounded(at.normal_constant)}.")
    return lines
