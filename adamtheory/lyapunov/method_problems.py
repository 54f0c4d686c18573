"""Energies of two discrete methods on strongly convex smooth losses: what the search is held against elsewhere.

Gradient descent and the heavy-ball method, x_(k+1) = x_k - step g_k + momentum (x_k - x_(k-1)); the energy combines the
gap of the newest point and a form of the last two distances, and is multiplied by the rate, at most, in each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lyapunov.exact_forms import Matrix, combined
from adamtheory.lyapunov.problems import SHARE, Inequality, LossClass, Problem, product, square
from adamtheory.validation import reject

ONE, NONE = Fraction(1), Fraction(0)
_TERMS = ("gap", "distance", "before", "between")


@dataclass(frozen=True)
class MethodProblem(Problem):
    """Gram basis: x_(k-1), x_k (from the minimiser), g_(k-1), g_k, g_(k+1); gaps at k - 1, k, k + 1.

    ``template``: gap (of x_k), distance |x_k|^2, and with momentum before |x_(k-1)|^2 and between <x_k, x_(k-1)>."""

    step: Fraction
    losses: LossClass
    momentum: Fraction = NONE
    template: tuple[str, ...] = ("gap", "distance")

    better: ClassVar[int] = -1

    def __post_init__(self) -> None:
        for name in ("step", "momentum"):
            object.__setattr__(self, name, exact_fraction(getattr(self, name), name))
        if self.step <= 0:
            reject("step", str(self.step), "> 0")
        if not 0 <= self.momentum < 1:
            reject("momentum", str(self.momentum), "inside [0, 1)")
        if self.losses.smoothness is None or not self.losses.convex:
            reject("losses", self.losses, "smooth and (strongly) convex for a discrete method")
        for term in self.template:
            if term not in _TERMS or (not self.momentum and term in _TERMS[2:]):
                reject("template", term, f"made of {', '.join(_TERMS if self.momentum else _TERMS[:2])}")
        if not self.template or len(set(self.template)) != len(self.template):
            reject("template", self.template, "different terms, at least one")

    @property
    def lead(self) -> str:
        """The term whose coefficient is 1."""
        return "gap" if "gap" in self.template else self.template[0]

    @property
    def unknowns(self) -> tuple[str, ...]:
        free = tuple(term for term in self.template if term != self.lead)
        return (*free, *(f"{use} {name}" for use in ("falls by", "positive by") for name in self._known()))

    @property
    def signed(self) -> frozenset[str]:
        return frozenset(self.template) - {self.lead}

    def inequalities(self, rate: Fraction, at: Mapping[str, Fraction]) -> list[Inequality]:
        coefficients = {term: at.get(term, ONE if term == self.lead else NONE) for term in self.template}
        later, now = (self._energy(coefficients, shift) for shift in (1, 0))
        low = self._lowest(coefficients)
        found = []
        for use, parts in (("falls by", ((ONE, later), (-rate, now))), ("positive by", ((-ONE, now), (SHARE, low)))):
            known = [(-at[f"{use} {name}"], value) for name, value in self._known().items()]
            whole = [*parts, *known]
            form = combined([(factor, value[0]) for factor, value in whole], len(self._basis()))
            gaps = tuple(sum((factor * value[1][k] for factor, value in whole), NONE) for k in range(3))
            found.append(Inequality(form, gaps))
        return found

    def _basis(self) -> tuple[list[Fraction], ...]:
        """x_(k-1), x_k, g_(k-1), g_k, g_(k+1); without momentum x_k, g_k, g_(k+1) are all that there is."""
        names = 5 if self.momentum else 3
        return tuple([Fraction(int(i == j)) for j in range(names)] for i in range(names))

    def _points(self) -> tuple[list[list[Fraction]], list[list[Fraction] | None]]:
        """Points and gradients at k - 1, k, k + 1, as combinations of the basis."""
        basis = self._basis()
        if self.momentum:
            old, new, *slopes = basis
            following = [
                (1 + self.momentum) * b - self.momentum * a - self.step * g
                for a, b, g in zip(old, new, slopes[1], strict=True)
            ]
            return [old, new, following], list(slopes)
        new, slope, later = basis
        following = [b - self.step * g for b, g in zip(new, slope, strict=True)]
        return [new, new, following], [None, slope, later]

    def _energy(self, coefficients: Mapping[str, Fraction], shift: int) -> tuple[Matrix, tuple[Fraction, ...]]:
        points, _ = self._points()
        before, new = points[shift], points[shift + 1]
        size = len(new)
        parts = [
            (coefficients.get("distance", NONE), square(size, new)),
            (coefficients.get("before", NONE), square(size, before)),
            (coefficients.get("between", NONE), product(size, new, before)),
        ]
        gaps = tuple(coefficients.get("gap", NONE) if k == shift + 1 else NONE for k in range(3))
        return combined(parts, size), gaps

    def _lowest(self, coefficients: Mapping[str, Fraction]) -> tuple[Matrix, tuple[Fraction, ...]]:
        return self._energy({"gap": ONE} if "gap" in coefficients else {"distance": ONE}, 0)

    def _known(self) -> dict[str, tuple[Matrix, tuple[Fraction, ...]]]:
        """Interpolation between every two of the minimiser and the points with a gradient: never positive."""
        points, slopes = self._points()
        size = len(points[0])
        nothing = [NONE] * size
        nodes: dict[str, tuple[list[Fraction], list[Fraction], int | None]] = {"*": (nothing, nothing, None)}
        for k, (point, slope) in enumerate(zip(points, slopes, strict=True)):
            if slope is not None:
                nodes[("k-1", "k", "k+1")[k]] = (point, slope, k)
        found = {}
        for one, (point, slope, place) in nodes.items():
            for other, (origin, pull, start) in nodes.items():
                if one == other:
                    continue
                way = [a - b for a, b in zip(point, origin, strict=True)]
                turn = [a - b for a, b in zip(slope, pull, strict=True)]
                form = combined([(ONE, product(size, pull, way)), (ONE, self.losses.bend(size, way, turn))], size)
                gaps = tuple(Fraction(int(k == start) - int(k == place)) for k in range(3))
                found[f"{one} over {other}"] = form, gaps
        return found

    def as_data(self) -> dict[str, Any]:
        losses = {name: getattr(self.losses, name) for name in ("smoothness", "strong_convexity", "pl")}
        return {
            "kind": "method",
            "step": str(self.step),
            "momentum": str(self.momentum),
            "template": list(self.template),
            "losses": {name: None if value is None else str(value) for name, value in losses.items()},
        }
