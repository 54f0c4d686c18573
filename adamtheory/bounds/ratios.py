"""Linear filters over the root of a linear filter, and over the root of its largest value so far (AMSGrad)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx

from adamtheory.bounds.bound import Stability
from adamtheory.bounds.enclosures import Range, enclose, sharp, supremum
from adamtheory.bounds.family import FAST, Family, fraction, middle, settled_form
from adamtheory.bounds.filters import Filters, Layer, NotALinearFilter
from adamtheory.bounds.special import Numbers, compare
from adamtheory.bounds.worst_case import Term, squared, terms
from adamtheory.methods.rule import UpdateRule
from adamtheory.notation import n

settled = sp.Symbol("s", integer=True, nonnegative=True)  # AMSGrad: the last step at which v is still to grow


class Ratio(Family):
    """A linear filter over the root of a linear filter."""

    def __init__(self, structure: Filters, numbers: Numbers, rule: UpdateRule) -> None:
        super().__init__(structure, numbers, rule)
        if len(structure.layers) > 1:
            self.kind = "upper"
            self.note = "the last level's own bound, whatever its input is; whether any gradients reach it is not known"

    @staticmethod
    def formula(structure: Filters) -> sp.Expr:
        layer = structure.layers[-1]
        assert layer.square is not None
        constant, parts = terms(layer)
        if len(parts) == 1 and constant == 0:
            return layer.modes[0].amplitude * sp.sqrt(_plain(parts[0]) / layer.square.weight)
        return sp.sqrt(squared(layer)) if parts else layer.direct / sp.sqrt(layer.square.weight)

    @staticmethod
    def limit(structure: Filters) -> sp.Expr:
        layer = structure.layers[-1]
        assert layer.square is not None
        gone = settled_form(structure)
        if layer.square.decay == 0:
            return gone(abs(layer.newest) / sp.sqrt(layer.square.weight))
        constant, parts = terms(layer)
        if len(parts) == 1 and constant == 0:
            scale = sp.sqrt(1 / (layer.square.weight * (1 - parts[0].ratio)))
            return gone(layer.modes[0].amplitude) * scale
        return sp.sqrt(gone(constant) + sum((gone(t.coefficient) / (1 - t.ratio) for t in parts), sp.S.Zero))

    def stable(self) -> Stability:
        assert self.special.square is not None
        condition = contracting(self.layer)
        special = self.special
        holds = all(compare(m.pole**2, self.special.square.decay, self.numbers) < 0 for m in special.modes)
        return Stability(condition, holds)

    def at(self, count: int) -> arb:
        assert self.special.square is not None
        if self.special.square.decay == 0 and self.special.modes and count > 1:
            return arb.pos_inf()  # the denominator sees the newest input alone, the numerator others
        over = Range(count - 1, count - 1)
        e = self._squared(newest_only=self.special.square.decay == 0)
        return sharp(lambda: self.enclose(e, over).sqrt())

    def over_all(self) -> arb:
        e = self._squared()
        if n not in e.free_symbols and not self.structure.scalars:
            return sharp(lambda: self.enclose(e, Range(0, 0)).sqrt())
        ball, _ = supremum(lambda over: self.enclose(e, over))
        return ball.sqrt()

    def _squared(self, newest_only: bool = False) -> sp.Expr:
        assert self.special.square is not None
        if newest_only or not self.special.modes:
            return self.special.newest**2 / self.special.square.weight
        ones = tuple(compare(t.ratio, sp.S.One, self.numbers) == 0 for t in terms(self.special)[1])
        return _expression(self.special, ones)

    def attained(self, count: int | None, zeros: str) -> bool:
        assert self.special.square is not None
        if zeros == "eps" or self.kind != "exact":
            return False
        if not self.special.modes:  # what came before the newest input is best 0, or does not matter
            first = count == 1 or (count is None and n not in self.special.direct.free_symbols)
            return first or zeros == "zero-over-zero" or self.special.square.decay == 0
        if count is None:
            return self.stable().holds and (n not in self._squared().free_symbols or self.finally_less())
        return count == 1 or self.special.square.decay != 0

    def worst(self, count: int) -> list[Any]:
        special, over = self.special, count - 1
        assert special.square is not None
        if special.square.decay == 0:
            return [FAST if special.modes else 1] * over + [1]  # without memory any gradients do
        inputs = []
        rational = all(isinstance(value, (int, Fraction)) for value in self.numbers.values())
        if special.direct == 0 and len(special.modes) == 1 and rational:
            step = fraction(special.modes[0].pole / special.square.decay, self.numbers)
            return [step ** (over - at) for at in range(count)]
        decay = special.square.decay
        factors = [self._number(mode.amplitude, Range(over, over)) for mode in special.modes]
        ratios = [self._number(mode.pole / decay, Range(over, over)) for mode in special.modes]
        newest = self._number(special.newest, Range(over, over))
        for lag in range(over, 0, -1):
            with ctx.workprec(192):
                inputs.append(sum((a * r**lag for a, r in zip(factors, ratios, strict=True)), arb(0)))
        size = arb(1) if newest.is_zero() else abs(newest)
        return [middle(x / size) for x in (*inputs, newest)]


class Maximum(Ratio):
    """Over the root of the largest sum of squares so far (AMSGrad)."""

    def __init__(self, structure: Filters, numbers: Numbers, rule: UpdateRule) -> None:
        super().__init__(structure, numbers, rule)
        layer = self.layer
        if layer.direct != 0 or len(layer.modes) != 1 or len(structure.layers) > 1:
            raise NotALinearFilter("over a maximum, only one average of the gradients is handled")
        if not all(self.never_negative(mode.amplitude) for mode in self.special.modes):
            raise NotALinearFilter("over a maximum, an average with a negative weight is not handled")
        self.note = (
            "the worst gradients grow up to step s, the first with gamma^2 (1 - beta) (1 + q + ... + q^s) >= beta^2, "
            "q = gamma^2/beta (s = n before that), and are constant from there"
        )

    @staticmethod
    def formula(structure: Filters) -> sp.Expr:
        layer = structure.layers[-1]
        return _over_maximum(layer, settled)

    @staticmethod
    def limit(structure: Filters) -> sp.Expr:
        layer = structure.layers[-1]
        assert layer.square is not None
        growing = Ratio.limit(structure)  # v is still to grow forever: as without the maximum
        return sp.Piecewise((_steady(structure), layer.modes[0].pole > layer.square.decay), (growing, True))

    def finally_less(self) -> bool:
        return bool(sharp(lambda: enclose(_steady(self.structure), self.numbers, Range(0, 0))) < self.top)

    def stable(self) -> Stability:
        return Stability(sp.true, True)

    def certified(self) -> tuple[Any, ...]:
        """The catalogue's theorems on AMSGrad's moments, which hold for any bias correction after the maximum."""
        if self.rule.name != "amsgrad":
            raise ValueError("a proof is in the catalogue for AMSGrad's own moments alone")
        from adamtheory.verification import verify_one

        special = self.special
        assert special.square is not None
        if special.square.decay == 0:
            names = ["amsgrad_exact_without_second_moment_memory"]
        elif not special.modes or compare(special.modes[0].pole, special.square.decay, self.numbers) <= 0:
            names = ["amsgrad_exact_where_gamma_below_beta"]
        else:
            names = ["amsgrad_exact_while_last_second_moment_is_largest", "amsgrad_exact_once_settled"]
        return tuple(verify_one(name) for name in names)

    def _settles(self, last: int | None) -> int | None:
        """The step from which on the worst gradients are constant; ``last``, or None, where they never are."""
        special = self.special
        assert special.square is not None
        if not special.modes:
            return 0
        pole, decay = special.modes[0].pole, special.square.decay
        if decay == 0:
            return 0
        if compare(pole, decay, self.numbers) <= 0:
            return last
        ratio, wanted = pole**2 / decay, decay**2 / (pole**2 * (1 - decay))
        one = compare(ratio, sp.S.One, self.numbers) == 0
        reached = n + 1 if one else (1 - ratio ** (n + 1)) / (1 - ratio)

        def enough(at: int) -> bool:
            return bool(sharp(lambda: self.enclose(reached - wanted, Range(at, at))) >= 0)

        high = 1
        while not enough(high) and (last is None or high < last):
            high *= 2
        low = -1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(middle) else (middle, high)
        return high if last is None else min(high, last)

    def _at(self, s: int) -> sp.Expr:
        special = self.special
        growing = bool(special.modes) and special.square is not None and special.square.decay != 0
        one = growing and compare(_ratio(special), sp.S.One, self.numbers) == 0
        return _over_maximum(special, sp.Integer(s), one)

    def at(self, count: int) -> arb:
        s = self._settles(count - 1)
        assert s is not None
        return sharp(lambda: self.enclose(self._at(s), Range(count - 1, count - 1)))

    def over_all(self) -> arb:
        s = self._settles(None)
        if s is None:  # gamma <= beta: v grows throughout, as without the maximum
            return super().over_all()
        after, _ = supremum(lambda over: self.enclose(self._at(s), over), first=s)
        if s == 0:
            return after
        growing, _ = supremum(lambda over: self.enclose(self._squared(), over), last=s)
        return growing.sqrt().max(after)

    def attained(self, count: int | None, zeros: str) -> bool:
        if not self.special.modes:
            return super().attained(count, zeros)
        if zeros == "eps":
            return False
        return count is not None or (self._settles(None) is not None and self.finally_less())

    def worst(self, count: int) -> list[Any]:
        s = self._settles(count - 1)
        assert s is not None
        assert self.special.square is not None
        if self.special.square.decay == 0:
            return [1] * count
        if s == count - 1 or not self.special.modes:
            return super().worst(count)
        # v_s = 1 for gradients that grow like those of the worst case without the maximum, then g = 1 keeps it there
        growth = fraction(self.special.modes[0].pole / self.special.square.decay, self.numbers)
        weight, decay = (fraction(e, self.numbers) for e in (self.special.square.weight, self.special.square.decay))
        total = sum((weight * decay**lag * growth ** (2 * lag) for lag in range(s + 1)), Fraction(0))
        steady = weight / (1 - decay)
        size = middle(sharp(lambda: (arb(1) * _ball(steady) / _ball(total)).sqrt()))
        return [*(size * growth ** (s - at) for at in range(s + 1)), *([1] * (count - 1 - s))]


@lru_cache(maxsize=1_000)
def contracting(layer: Layer) -> sp.Basic:
    """Every pole's square is below the decay of the denominator."""
    assert layer.square is not None
    return sp.And(*(sp.StrictLessThan(mode.pole**2, layer.square.decay) for mode in layer.modes))


@lru_cache(maxsize=1_000)
def _expression(layer: Layer, ones: tuple[bool, ...]) -> sp.Expr:
    """The closed square of the layer, ``ones`` telling which ratios are 1."""
    constant, parts = terms(layer)
    total = constant + sum((_summed(t, one) for t, one in zip(parts, ones, strict=True)), sp.S.Zero)
    if layer.direct != 0 or len(layer.modes) != 1 or layer.modes[0].pole != getattr(layer.square, "decay", None):
        return total
    simple = sp.simplify(total)  # equal decays: Adam's is 1 at every step, which no range of n would show
    return total if n in simple.free_symbols else simple


def _plain(t: Term) -> sp.Expr:
    """The geometric sum without its coefficient."""
    return replace(t, coefficient=sp.S.One).closed


def _summed(t: Term, one: bool) -> sp.Expr:
    return t.coefficient * (t.count if one else (1 - t.ratio**t.count) / (1 - t.ratio))


def _ratio(layer: Layer) -> sp.Expr:
    assert layer.square is not None
    return layer.modes[0].pole ** 2 / layer.square.decay


def _over_maximum(layer: Layer, s: sp.Expr, one: bool = False) -> sp.Expr:
    """AMSGrad's largest update where the worst gradients grow up to step s."""
    assert layer.square is not None
    weight, decay = layer.square.weight, layer.square.decay
    if not layer.modes:
        return layer.newest / sp.sqrt(weight)
    (mode,) = layer.modes
    ratio = sp.S.Zero if decay == 0 else _ratio(layer)  # at decay 0 nothing grows: s = 0
    grown = s + 1 if one else (1 - ratio ** (s + 1)) / (1 - ratio)
    kept = mode.pole ** (n - s)
    steady = sp.sqrt((1 - decay) / weight) * (1 - kept) / (1 - mode.pole)
    return mode.amplitude * (kept * sp.sqrt(grown / weight) + steady)


def _steady(structure: Filters) -> sp.Expr:
    """What constant gradients give in the end, over a maximum."""
    layer = structure.layers[-1]
    assert layer.square is not None
    (mode,) = layer.modes
    root = sp.sqrt((1 - layer.square.decay) / layer.square.weight)
    return settled_form(structure)(mode.amplitude) / (1 - mode.pole) * root


def _ball(value: Fraction) -> arb:
    return enclose(sp.Rational(value.numerator, value.denominator), {}, Range(0, 0))
