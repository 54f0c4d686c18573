"""Filters that divide by nothing: of normalised gradients (LaProp, PyTorch's RMSProp with momentum), of gradients."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from adamtheory import notation
from adamtheory.bounds.bound import Kind, Stability
from adamtheory.bounds.enclosures import Range, enclose, sharp, supremum
from adamtheory.bounds.family import FAST, Family, settled_form, total_weight
from adamtheory.bounds.filters import Filters, Layer, NotALinearFilter
from adamtheory.bounds.special import Numbers, at_coincidences
from adamtheory.methods.rule import UpdateRule
from adamtheory.notation import n

_SUMMED = 10_000  # steps up to which a sum without closed form is added up


class Normalised(Family):
    """A linear filter of the gradients divided by their root mean square: every term is bounded on its own."""

    note = "approached by gradients that grow without bound from step to step, attained by none beyond the first step"

    def __init__(self, structure: Filters, numbers: Numbers, rule: UpdateRule) -> None:
        super().__init__(structure, numbers, rule)
        self.inner = at_coincidences(structure.layers[0], numbers)
        if len(structure.layers) != 2 or structure.layers[0].modes or structure.layers[0].square is None:
            raise NotALinearFilter("a filter of an update that has a memory of its own is not handled")
        self.constant = n not in self.inner.direct.free_symbols
        weights = [self.special.direct, *(mode.amplitude for mode in self.special.modes), self.inner.direct]
        if not all(map(self.never_negative, weights)):
            raise NotALinearFilter("a filter of normalised gradients with weights of both signs is not handled")

    @staticmethod
    def formula(structure: Filters) -> sp.Expr:
        layer = structure.layers[-1]
        return _of_normalised(structure.layers[0], layer)

    @staticmethod
    def limit(structure: Filters) -> sp.Expr:
        layer = structure.layers[-1]
        gone = settled_form(structure)
        first = structure.layers[0]
        assert first.square is not None
        scale = gone(first.direct) / sp.sqrt(first.square.weight)
        older = sum((gone(m.amplitude) / (1 - m.pole) for m in layer.modes), sp.S.Zero)
        return scale * (gone(layer.direct) + older)

    def stable(self) -> Stability:
        return Stability(sp.true, True)

    def kind_at(self, count: int | None) -> Kind:
        if count is None:  # the product of two suprema is the supremum where one is constant, or both are limits
            return "exact" if self.constant or self._in_the_limit().overlaps(self.top) else "upper"
        return "exact" if self.constant or count <= _SUMMED else "upper"

    def at(self, count: int) -> arb:
        over = Range(count - 1, count - 1)
        assert self.inner.square is not None
        weights = total_weight(self.special) / sp.sqrt(self.inner.square.weight)
        if self.constant:
            return sharp(lambda: self.enclose(weights * self.inner.direct, over))
        if count <= _SUMMED:
            return sharp(lambda: self._summed(count))
        biases, _ = supremum(lambda earlier: self.enclose(self.inner.direct, earlier), last=count - 1)
        return sharp(lambda: self.enclose(weights, over) * biases.upper())

    def _summed(self, count: int) -> arb:
        over = Range(count - 1, count - 1)
        assert self.inner.square is not None
        amplitudes = [(abs(self.enclose(m.amplitude, over)), self.enclose(m.pole, over)) for m in self.special.modes]
        total = abs(self.enclose(self.special.direct, over)) * self.enclose(self.inner.direct, over)
        powers = [arb(1)] * len(amplitudes)
        for at in range(count - 1, -1, -1):
            share = self.enclose(self.inner.direct, Range(at, at))
            for place, (amplitude, pole) in enumerate(amplitudes):
                total += amplitude * powers[place] * share
                powers[place] *= pole
        return total / self.enclose(self.inner.square.weight, over).sqrt()

    def over_all(self) -> arb:
        assert self.inner.square is not None
        root = sp.sqrt(self.inner.square.weight)
        weights, _ = supremum(lambda over: self.enclose(total_weight(self.special), over))
        biases, _ = supremum(lambda over: self.enclose(self.inner.direct, over))
        return sharp(lambda: weights * biases / self.enclose(root, Range(0, 0)))

    def _in_the_limit(self) -> arb:
        return sharp(lambda: enclose(self.limit(self.structure), self.numbers, Range(0, 0)))

    def worst(self, count: int) -> list[Any]:
        if self._signs():
            return [Fraction(1)] * count
        if not self.special.modes:
            return [Fraction(0)] * (count - 1) + [Fraction(1)]
        return [Fraction(FAST) ** (at - count + 1) for at in range(count)]

    def attained(self, count: int | None, zeros: str) -> bool:
        if zeros == "eps":
            return False
        if not self.special.modes:  # the newest gradient's ratio alone
            first = count == 1 or (count is None and n not in self.special.direct.free_symbols and self.constant)
            return self._signs() or first or zeros == "zero-over-zero"
        return count == 1 or (count is not None and self._signs())

    def _signs(self) -> bool:
        """Are the normalised gradients signs?"""
        assert self.inner.square is not None
        return bool(self.inner.square.decay == 0)


class Raw(Family):
    """A linear filter that divides by nothing: as large as the gradients are."""

    kind = "unbounded"

    def __init__(self, structure: Filters, numbers: Numbers, rule: UpdateRule) -> None:
        super().__init__(structure, numbers, rule)
        self.note = f"|u_n| <= ({sp.sstr(total_weight(self.layer))}) max |g_k|: it has no scale of its own"

    @staticmethod
    def formula(structure: Filters) -> sp.Expr:
        return sp.oo

    @staticmethod
    def limit(structure: Filters) -> sp.Expr:
        return sp.oo

    def stable(self) -> Stability:
        return Stability(sp.false, False)

    def at(self, count: int) -> arb:
        return arb.pos_inf()

    def over_all(self) -> arb:
        return arb.pos_inf()

    def worst(self, count: int) -> list[Any]:
        return []  # not asked for: nothing is largest


def _of_normalised(inner: Layer, outer: Layer) -> sp.Expr:
    assert inner.square is not None
    scale = 1 / sp.sqrt(inner.square.weight)
    if n not in inner.direct.free_symbols:
        return inner.direct * scale * total_weight(outer)
    j = notation.j
    earlier = inner.direct.subs(n, n - j)
    older = sum((m.amplitude * sp.Sum(m.pole**j * earlier, (j, 0, n)) for m in outer.modes), sp.S.Zero)
    return scale * (outer.direct * inner.direct + older)
