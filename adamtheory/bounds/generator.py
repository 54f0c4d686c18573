"""``max_update``: the largest |u_n| of any method whose update is a linear filter over the root of a linear filter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx

from adamtheory import notation
from adamtheory.bounds.bound import Bound, Kind, Stability
from adamtheory.bounds.enclosures import Range, enclose, never_negative, sharp, supremum
from adamtheory.bounds.filters import Filters, Layer, NotALinearFilter, filters
from adamtheory.bounds.special import Numbers, at_coincidences, compare
from adamtheory.bounds.worst_case import Term, squared, terms
from adamtheory.methods.method import Method, is_array
from adamtheory.methods.rule import UpdateRule, previous
from adamtheory.methods.simulation import _convention
from adamtheory.notation import n
from adamtheory.validation import integer, one_of, reject

TIMES = ("discrete", "continuous")
_SUMMED = 10_000  # steps up to which a sum without closed form is added up
_FAST = 1_000  # growth of gradients a step that comes close to a supremum that none attains
_ALMOST_ZERO = Fraction(1, 10**9)
settled = sp.Symbol("s", integer=True, nonnegative=True)  # AMSGrad: the last step at which v is still to grow


def max_update(
    method: Method,
    *,
    steps: int | None = None,
    time: str = "discrete",
    zeros: str | None = None,
    level: int | None = None,
) -> Bound:
    """The largest |u_n| that any gradients can produce, n = steps - 1; without ``steps`` over all steps.

    ``method`` has scalar hyperparameters; its lr and weight decay do not matter.  ``time="continuous"``: Adam's
    continuous-time update (Gould & Tanaka 2024, Proposition 1), and ``steps`` = t/h, any number >= 0.  ``zeros``: the
    convention for vanishing denominators as in ``simulate``, which decides whether the bound is attained ("eps": the
    supremum over gradients of every size, which eps > 0 only lets be approached).  ``level``: of a method in layers,
    such as k-Adam, the output of that layer (1 is next to the gradients, None the last).

    Raises ValueError or TypeError in one line; NotALinearFilter (a ValueError) names the step of a rule that cannot be
    bounded in this way."""
    if not isinstance(method, Method):
        reject("method", method, "a Method such as Adam(beta='0.999', gamma='0.9')", TypeError)
    one_of("time", time, TIMES)
    for hyperparameter in method.rule.hyperparameters:
        value = method.values.get(hyperparameter.symbol)
        if is_array(value) or hasattr(value, "requires_grad"):
            reject(hyperparameter.name, value, "a scalar (source('numpy') takes arrays)", TypeError)
    convention = _convention(method, zeros)
    structure = filters(method.rule)
    if level is not None:
        chosen = integer("level", level, minimum=1, maximum=len(structure.layers))
        structure = replace(structure, layers=structure.layers[:chosen])
    if time == "continuous":
        from adamtheory.bounds.continuous import max_update_continuous

        return max_update_continuous(method, steps, convention, structure)
    count = None if steps is None else integer("steps", steps, minimum=1)
    found = _family(structure)(structure, _numbers(method, structure), method.rule)
    return found.bound(method, count, convention)


def _numbers(method: Method, structure: Filters) -> Numbers:
    """The hyperparameters that the filters contain."""
    used: frozenset[sp.Symbol] = frozenset().union(*(layer.free_symbols for layer in structure.layers))
    used = used.union(*(scalar.expression.free_symbols for scalar in structure.scalars))
    return {symbol: value for symbol, value in method.values.items() if symbol in used}


class _Family(ABC):
    """Rules of one structure at one choice of hyperparameters."""

    kind: Kind = "exact"
    note = ""

    def __init__(self, structure: Filters, numbers: Numbers, rule: UpdateRule) -> None:
        self.structure = structure
        self.numbers = numbers
        self.rule = rule
        self.layer = structure.layers[-1]
        self.special = at_coincidences(self.layer, numbers)
        self.products = _Products(structure, numbers)

    @staticmethod
    @abstractmethod
    def formula(structure: Filters) -> sp.Expr: ...

    @staticmethod
    @abstractmethod
    def limit(structure: Filters) -> sp.Expr: ...

    @abstractmethod
    def stable(self) -> Stability: ...

    @abstractmethod
    def at(self, count: int) -> arb:
        """The bound after ``count`` gradients."""

    @abstractmethod
    def over_all(self) -> arb:
        """The supremum over all steps, where the rule is stable."""

    @cached_property
    def top(self) -> arb:
        return self.over_all()

    def finally_less(self) -> bool:
        """Is the value that the bound tends to below its supremum, so that some step has that?"""
        end = sharp(lambda: enclose(_limit(type(self), self.structure), self.numbers, Range(0, 0)))
        return bool(end < self.top)

    @abstractmethod
    def worst(self, count: int) -> list[Any]: ...

    def attained(self, count: int | None, zeros: str) -> bool:
        return False

    def kind_at(self, count: int | None) -> Kind:
        return self.kind

    def bound(self, method: Method, count: int | None, zeros: str) -> Bound:
        stable = self.stable()
        compute = (lambda: self.at(count)) if count is not None else (lambda: self.top) if stable else arb.pos_inf
        return Bound(
            quantity=f"max |{self.layer.output}_n|",
            kind=self.kind_at(count),
            method=method,
            steps=count,
            time="discrete",
            zeros=zeros,
            formula=_formula(type(self), self.structure),
            limit=_limit(type(self), self.structure),
            stable=stable,
            attained=self.attained(count, zeros),
            note=self.note,
            values=self.numbers,
            _ball=compute,
            _worst=(lambda steps: _started(self.worst(steps), zeros)) if self.kind == "exact" else None,
            _code=lambda language: _source(self.structure, method.rule, language),
            _results=self.certified if self.structure == filters(method.rule) else None,
        )

    def certified(self) -> tuple[Any, ...]:
        """The core's verdicts, on the rule without the decay factors that are 0 (theorems have them in (0, 1))."""
        return _certified(self.rule.specialise({s: 0 for s, value in self.numbers.items() if value == 0}))

    def enclose(self, e: sp.Expr, over: Range) -> arb:
        return enclose(e, {**self.numbers, **self.products.over(over)}, over)

    def never_negative(self, e: sp.Expr) -> bool:
        return never_negative(lambda over: self.enclose(e, over))

    def _number(self, e: sp.Expr, over: Range) -> arb:
        return sharp(lambda: self.enclose(e, over))


class _Ratio(_Family):
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
        gone = _gone(structure)
        if layer.square.decay == 0:
            return gone(abs(layer.newest) / sp.sqrt(layer.square.weight))
        constant, parts = terms(layer)
        if len(parts) == 1 and constant == 0:
            scale = sp.sqrt(1 / (layer.square.weight * (1 - parts[0].ratio)))
            return gone(layer.modes[0].amplitude) * scale
        return sp.sqrt(gone(constant) + sum((gone(t.coefficient) / (1 - t.ratio) for t in parts), sp.S.Zero))

    def stable(self) -> Stability:
        assert self.special.square is not None
        condition = _contracting(self.layer)
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
            return [_FAST if special.modes else 1] * over + [1]  # without memory any gradients do
        inputs = []
        rational = all(isinstance(value, (int, Fraction)) for value in self.numbers.values())
        if special.direct == 0 and len(special.modes) == 1 and rational:
            step = _fraction(special.modes[0].pole / special.square.decay, self.numbers)
            return [step ** (over - at) for at in range(count)]
        decay = special.square.decay
        factors = [self._number(mode.amplitude, Range(over, over)) for mode in special.modes]
        ratios = [self._number(mode.pole / decay, Range(over, over)) for mode in special.modes]
        newest = self._number(special.newest, Range(over, over))
        for lag in range(over, 0, -1):
            with ctx.workprec(192):
                inputs.append(sum((a * r**lag for a, r in zip(factors, ratios, strict=True)), arb(0)))
        size = arb(1) if newest.is_zero() else abs(newest)
        return [_middle(x / size) for x in (*inputs, newest)]


class _Maximum(_Ratio):
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
        growing = _Ratio.limit(structure)  # v is still to grow forever: as without the maximum
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
        growth = _fraction(self.special.modes[0].pole / self.special.square.decay, self.numbers)
        weight, decay = (_fraction(e, self.numbers) for e in (self.special.square.weight, self.special.square.decay))
        total = sum((weight * decay**lag * growth ** (2 * lag) for lag in range(s + 1)), Fraction(0))
        steady = weight / (1 - decay)
        size = _middle(sharp(lambda: (arb(1) * _ball(steady) / _ball(total)).sqrt()))
        return [*(size * growth ** (s - at) for at in range(s + 1)), *([1] * (count - 1 - s))]


class _Normalised(_Family):
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
        gone = _gone(structure)
        first = structure.layers[0]
        assert first.square is not None
        scale = gone(first.direct) / sp.sqrt(first.square.weight)
        older = sum((gone(m.amplitude) / (1 - m.pole) for m in layer.modes), sp.S.Zero)
        return scale * (gone(layer.direct) + older)

    def stable(self) -> Stability:
        return Stability(sp.true, True)

    def kind_at(self, count: int | None) -> Kind:
        return "exact" if self.constant or count is None or count <= _SUMMED else "upper"

    def at(self, count: int) -> arb:
        over = Range(count - 1, count - 1)
        assert self.inner.square is not None
        weights = _weights(self.special) / sp.sqrt(self.inner.square.weight)
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
        weights, _ = supremum(lambda over: self.enclose(_weights(self.special), over))
        biases, _ = supremum(lambda over: self.enclose(self.inner.direct, over))
        high = sharp(lambda: weights * biases / self.enclose(root, Range(0, 0)))
        low = sharp(lambda: enclose(self.limit(self.structure), self.numbers, Range(0, 0)))
        return low.union(high) if low < high else high

    def worst(self, count: int) -> list[Any]:
        if self._signs():
            return [Fraction(1)] * count
        if not self.special.modes:
            return [Fraction(0)] * (count - 1) + [Fraction(1)]
        return [Fraction(_FAST) ** (at - count + 1) for at in range(count)]

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


class _Raw(_Family):
    """A linear filter that divides by nothing: as large as the gradients are."""

    kind = "unbounded"

    def __init__(self, structure: Filters, numbers: Numbers, rule: UpdateRule) -> None:
        super().__init__(structure, numbers, rule)
        self.note = f"|u_n| <= ({sp.sstr(_weights(self.layer))}) max |g_k|: it has no scale of its own"

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


def _family(structure: Filters) -> type[_Family]:
    last = structure.layers[-1]
    if last.square is not None:
        return _Maximum if last.square.maximum else _Ratio
    return _Normalised if len(structure.layers) > 1 else _Raw


@lru_cache(maxsize=1_000)
def _formula(family: type[_Family], structure: Filters) -> sp.Expr:
    return family.formula(structure)


@lru_cache(maxsize=1_000)
def _limit(family: type[_Family], structure: Filters) -> sp.Expr:
    return family.limit(structure)


@lru_cache(maxsize=1_000)
def _contracting(layer: Layer) -> sp.Basic:
    """Every pole's square is below the decay of the denominator."""
    assert layer.square is not None
    return sp.And(*(sp.StrictLessThan(mode.pole**2, layer.square.decay) for mode in layer.modes))


class _Products:
    """The states that depend on the step alone: products of factors between 0 and 1."""

    def __init__(self, structure: Filters, numbers: Numbers) -> None:
        self.scalars = structure.scalars
        self.numbers = numbers
        self.prefixes: dict[tuple[int, int], list[arb]] = {}

    def over(self, over: Range) -> Mapping[sp.Symbol, arb]:
        found: dict[sp.Symbol, arb] = {}
        for place, scalar in enumerate(self.scalars):
            factor = sp.diff(scalar.expression, previous(scalar.symbol))
            for symbol, shift in ((scalar.symbol, 0), (previous(scalar.symbol), -1)):
                first = self._at(place, factor, int(over.first) + shift)
                last = arb(0) if over.last is None else self._at(place, factor, int(over.last) + shift)
                found[symbol] = first if over.first == over.last else first.union(last)
        return found

    def _at(self, place: int, factor: sp.Expr, index: int) -> arb:
        prefix = self.prefixes.setdefault((place, ctx.prec), [])
        tiny = arb(2) ** -(ctx.prec + 64)
        while len(prefix) <= index and not (prefix and prefix[-1] < tiny):
            at = len(prefix)
            share = enclose(factor, self.numbers, Range(at, at))
            if not (share >= 0 and share <= 1):
                return arb.nan()
            prefix.append(share * (prefix[-1] if prefix else arb(1)))
        if index < 0:
            return arb(1)
        return prefix[index] if index < len(prefix) else tiny.union(arb(0))


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
    return _gone(structure)(mode.amplitude) / (1 - mode.pole) * sp.sqrt((1 - layer.square.decay) / layer.square.weight)


def _weights(layer: Layer) -> sp.Expr:
    """The sum of the weights of all inputs, none of them negative."""
    geometric = ((1 - m.pole ** (n + 1)) / (1 - m.pole) for m in layer.modes)
    parts = (m.amplitude * total for m, total in zip(layer.modes, geometric, strict=True))
    return sp.simplify(layer.direct + sum(parts, sp.S.Zero))


def _of_normalised(inner: Layer, outer: Layer) -> sp.Expr:
    assert inner.square is not None
    scale = 1 / sp.sqrt(inner.square.weight)
    if n not in inner.direct.free_symbols:
        return inner.direct * scale * _weights(outer)
    j = notation.j
    earlier = inner.direct.subs(n, n - j)
    older = sum((m.amplitude * sp.Sum(m.pole**j * earlier, (j, 0, n)) for m in outer.modes), sp.S.Zero)
    return scale * (outer.direct * inner.direct + older)


def _started(gradients: list[Any], zeros: str) -> list[Any]:
    """Where the first gradient must not be 0, it is almost 0 instead: the update comes close to the bound."""
    return [_ALMOST_ZERO, *gradients[1:]] if zeros != "zero-over-zero" and gradients[0] == 0 else gradients


def _gone(structure: Filters) -> Callable[[sp.Expr], sp.Expr]:
    """What is left of an expression as n grows: powers with n in the exponent, and products of factors, vanish."""
    products = {symbol: sp.S.Zero for s in structure.scalars for symbol in (s.symbol, previous(s.symbol))}

    def without(e: sp.Expr) -> sp.Expr:
        powers = {power: sp.S.Zero for power in e.atoms(sp.Pow) if n in power.exp.free_symbols}
        return sp.sympify(e).xreplace(powers).xreplace(products)

    return without


def _fraction(e: sp.Expr, numbers: Numbers) -> Fraction:
    if all(isinstance(numbers[s], (int, Fraction)) for s in e.free_symbols):
        value = sp.Rational(e.subs({s: sp.Rational(numbers[s]) for s in e.free_symbols}))
        return Fraction(int(value.p), int(value.q))
    return _middle(sharp(lambda: enclose(e, numbers, Range(0, 0))))


def _ball(value: Fraction) -> arb:
    return enclose(sp.Rational(value.numerator, value.denominator), {}, Range(0, 0))


def _middle(ball: arb) -> Fraction:
    from adamtheory.lowering import midpoint

    return midpoint(ball)


def _source(structure: Filters, rule: UpdateRule, language: str) -> str:
    from adamtheory.bounds.exports import source

    whole = structure == filters(rule)
    return source(rule if whole else structure, language, rule.name)


def _certified(rule: UpdateRule) -> tuple[Any, ...]:
    from adamtheory.bounds.certificates import certify

    return certify(rule)
