"""What is known of a loss: the constants that a convergence rate depends on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from adamtheory.validation import reject


@dataclass(frozen=True)
class LossConstants:
    """``smoothness`` L: every g_i^2 <= 2 L (f - inf f), as L-smoothness along each coordinate implies; one of
    ``strong_convexity`` mu, ``pl`` mu with |g|^2 >= 2 mu (f - inf f), and ``kl`` (c, a) with |g| >= c (f - inf f)^a;
    ``initial_gap`` is f - inf f at the start."""

    smoothness: float
    initial_gap: float
    strong_convexity: float | None = None
    pl: float | None = None
    kl: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        positive("smoothness", self.smoothness)
        if positive_or_zero("initial_gap", self.initial_gap) == 0:
            reject("initial_gap", self.initial_gap, "> 0: at 0 the loss is minimal already")
        given = [name for name in ("strong_convexity", "pl", "kl") if getattr(self, name) is not None]
        if len(given) != 1:
            reject("strong_convexity, pl, kl", ", ".join(given) or "none of them", "exactly one of the three")
        for name in ("strong_convexity", "pl"):
            value = getattr(self, name)
            if value is not None and positive(name, value) > self.smoothness:
                reject(name, value, f"at most smoothness = {self.smoothness:g}: no loss is more convex than smooth")
        if self.kl is not None:
            try:
                c, a = self.kl
            except (TypeError, ValueError):
                reject("kl", self.kl, "two numbers (c, a)")
            positive("kl's c", c)
            if not 0.5 < positive("kl's a", a) < 1:
                reject("kl's a", a, "inside (1/2, 1); at 1/2 it is pl with mu = c^2/2")

    @property
    def convexity(self) -> float:
        """mu of strong convexity, or of the Polyak-Lojasiewicz inequality."""
        found = self.strong_convexity if self.strong_convexity is not None else self.pl
        assert found is not None
        return found


def positive(name: str, value: Any) -> float:
    """A finite number > 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        reject(name, value, "a finite number > 0")
    return float(value)


def positive_or_zero(name: str, value: Any) -> float:
    """A finite number >= 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        reject(name, value, "a finite number >= 0")
    return float(value)
