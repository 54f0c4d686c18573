"""What the structures of rules have in common: how a bound is made of a formula, a limit and numbers at one choice of
hyperparameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx

from adamtheory.bounds.bound import Bound, Kind, Stability
from adamtheory.bounds.enclosures import Range, enclose, never_negative, sharp
from adamtheory.bounds.filters import Filters, Layer, filters
from adamtheory.bounds.special import Numbers, at_coincidences
from adamtheory.methods.method import Method
from adamtheory.methods.rule import UpdateRule, previous
from adamtheory.notation import n

FAST = 1_000  # growth of gradients a step that comes close to a supremum that none attains
_ALMOST_ZERO = Fraction(1, 10**9)


class Family(ABC):
    """Rules of one structure at one choice of hyperparameters."""

    kind: Kind = "exact"
    note = ""

    def __init__(self, structure: Filters, numbers: Numbers, rule: UpdateRule) -> None:
        self.structure = structure
        self.numbers = numbers
        self.rule = rule
        self.layer = structure.layers[-1]
        self.special = at_coincidences(self.layer, numbers)
        self.products = Products(structure, numbers)

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
        end = sharp(lambda: enclose(limit_of(type(self), self.structure), self.numbers, Range(0, 0)))
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
            formula=formula_of(type(self), self.structure),
            limit=limit_of(type(self), self.structure),
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


class Products:
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
def formula_of(family: type[Family], structure: Filters) -> sp.Expr:
    """The formula, derived once a rule."""
    return family.formula(structure)


@lru_cache(maxsize=1_000)
def limit_of(family: type[Family], structure: Filters) -> sp.Expr:
    """What the formula tends to, derived once a rule."""
    return family.limit(structure)


def settled_form(structure: Filters) -> Callable[[sp.Expr], sp.Expr]:
    """What is left of an expression as n grows: powers with n in the exponent, and products of factors, vanish."""
    products = {symbol: sp.S.Zero for s in structure.scalars for symbol in (s.symbol, previous(s.symbol))}

    def without(e: sp.Expr) -> sp.Expr:
        powers = {power: sp.S.Zero for power in e.atoms(sp.Pow) if n in power.exp.free_symbols}
        return sp.sympify(e).xreplace(powers).xreplace(products)

    return without


def total_weight(layer: Layer) -> sp.Expr:
    """The sum of the weights of all inputs, none of them negative."""
    geometric = ((1 - m.pole ** (n + 1)) / (1 - m.pole) for m in layer.modes)
    parts = (m.amplitude * total for m, total in zip(layer.modes, geometric, strict=True))
    return sp.simplify(layer.direct + sum(parts, sp.S.Zero))


def fraction(e: sp.Expr, numbers: Numbers) -> Fraction:
    """The value at the numbers: exact where they are rational, otherwise the middle of a narrow ball."""
    if all(isinstance(numbers[s], (int, Fraction)) for s in e.free_symbols):
        value = sp.Rational(e.subs({s: sp.Rational(numbers[s]) for s in e.free_symbols}))
        return Fraction(int(value.p), int(value.q))
    return middle(sharp(lambda: enclose(e, numbers, Range(0, 0))))


def middle(ball: arb) -> Fraction:
    """The ball's midpoint, exactly."""
    from adamtheory.lowering import midpoint

    return midpoint(ball)


def _started(gradients: list[Any], zeros: str) -> list[Any]:
    """Where the first gradient must not be 0, it is almost 0 instead: the update comes close to the bound."""
    return [_ALMOST_ZERO, *gradients[1:]] if zeros != "zero-over-zero" and gradients[0] == 0 else gradients


def _source(structure: Filters, rule: UpdateRule, language: str) -> str:
    from adamtheory.bounds.exports import source

    whole = structure == filters(rule)
    return source(rule if whole else structure, language, rule.name)


def _certified(rule: UpdateRule) -> tuple[Any, ...]:
    from adamtheory.bounds.certificates import certify

    return certify(rule)
