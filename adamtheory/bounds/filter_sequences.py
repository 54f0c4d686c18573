"""A layer of filters as statements speak of it: the rule's own sequences, their closed sums, and a domain.

Everything is read off the rule; ``filters`` says only which layer is meant.  States are in the language of
``UpdateRule.definitions``: m(n) after the gradients g(0), ..., g(n).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.core.function import UndefinedFunction

from adamtheory import notation
from adamtheory.bounds.filters import Layer, Mode, Square
from adamtheory.bounds.worst_case import squared_as_sum, terms, worst_input, worst_newest
from adamtheory.methods.rule import Assignment, Domain, UpdateRule, gradient, previous, theta
from adamtheory.notation import k, n
from adamtheory.proof.kernel import Scope
from adamtheory.proof.signs import decide
from adamtheory.propositions import Relation, SequenceDefinition, ge, gt, le, lt

_TINY, _HUGE = Fraction(1, 10**9), 10**9


class NotStated(ValueError):
    """The layer has a form that no statement here covers; the message says which."""


@dataclass(frozen=True)
class State:
    """symbol(n) = sum of weight factor^(n-k) x(k)^power over k = 0, ..., n."""

    symbol: sp.Symbol
    weight: sp.Expr
    factor: sp.Expr
    power: int


def at_zero_eps(rule: UpdateRule) -> UpdateRule:
    """The rule at eps = 0, with weight decay inside the gradient made part of the gradient, which is arbitrary."""
    without_eps = {notation.eps: 0} if any(h.symbol == notation.eps for h in rule.hyperparameters) else {}
    rule = rule.specialise(without_eps)
    coupled = gradient + notation.weight_decay * theta
    return replace(
        rule,
        steps=tuple(
            Assignment(s.symbol, s.numerator.subs(coupled, gradient), s.denominator.subs(coupled, gradient))
            for s in rule.steps
        ),
    )


@dataclass(frozen=True)
class Sequences:
    """One layer of a rule (at eps = 0) in the language of statements.

    ``named``: a symbol stands for the value, after step n, of each state that depends on the step alone (``names``)."""

    rule: UpdateRule
    layer: Layer
    named: bool = False

    @cached_property
    def assigned(self) -> dict[sp.Symbol, sp.Expr]:
        return dict(self.rule.assignments)

    def function(self, symbol: sp.Symbol) -> UndefinedFunction:
        """The sequence of a symbol; the gradient's is g."""
        return notation.g if symbol == gradient else sp.Function(symbol.name, real=True)

    @property
    def source(self) -> UndefinedFunction:
        """x, the layer's input."""
        return self.function(self.layer.source)

    @property
    def output(self) -> sp.Expr:
        """y(n), the layer's output."""
        return self.function(self.layer.output)(n)

    def written(self, e: sp.Expr) -> sp.Expr:
        """An expression in the rule's symbols, in sequences at n."""
        meaning = {s: self.function(s)(n) for s in (gradient, *self.assigned)}
        meaning |= {previous(s): self.function(s)(n - 1) for s in self.assigned}
        return sp.sympify(e).xreplace(meaning).xreplace(self.names)

    @cached_property
    def names(self) -> dict[sp.Expr, sp.Symbol]:
        """The values after step n of states that depend on the step alone, and the symbols that stand for them."""
        if not self.named:
            return {}
        return {self.function(s)(n): self._unused(f"{s.name}_n") for s in self.scalars}

    def _unused(self, name: str) -> sp.Symbol:
        taken = {s.name for s in (*self.assigned, *(h.symbol for h in self.rule.hyperparameters))}
        return sp.Symbol(next(x for x in (name + "_" * i for i in range(len(taken) + 1)) if x not in taken), real=True)

    @cached_property
    def plain(self) -> Sequences:
        """The same layer with a symbol for each weight and factor (``values``): what holds for all is proved there."""
        names = self._symbols
        modes = tuple(Mode(names["a", i], names["p", i]) for i in range(len(self.layer.modes)))
        square = Square(names["w", 0], names["d", 0])
        direct = names["b", 0] if self.split else sp.S.Zero
        return replace(self, layer=replace(self.layer, direct=direct, modes=modes, square=square), named=False)

    @cached_property
    def _symbols(self) -> dict[tuple[str, int], sp.Symbol]:
        several = range(len(self.layer.modes))
        keys = [*(("a", i) for i in several), *(("p", i) for i in several), ("w", 0), ("d", 0), ("b", 0)]
        return {(letter, i): self._unused(f"{letter}_{i + 1}") for letter, i in keys}

    @cached_property
    def values(self) -> dict[sp.Symbol, sp.Expr]:
        """What the symbols of ``plain`` stand for here."""
        names, modes = self._symbols, self.layer.modes
        found = {names["a", i]: self.written(mode.amplitude) for i, mode in enumerate(modes)}
        found |= {names["p", i]: mode.pole for i, mode in enumerate(modes)}
        found |= {names["w", 0]: self.weight, names["d", 0]: self.decay}
        return found | {names["b", 0]: self.written(self.layer.direct)} if self.split else found

    @property
    def positive(self) -> tuple[Relation, ...]:
        """What is asked of these symbols: poles, weight and decay are positive."""
        return tuple(gt(s, 0) for (letter, _), s in self._symbols.items() if letter in "pwd")

    # -- what the output is made of ---------------------------------------------------------------------------------
    @cached_property
    def symbols(self) -> tuple[sp.Symbol, ...]:
        """Everything that the output depends on behind the source, in the order of the steps, the output last."""
        found, queue = {self.layer.output}, [self.layer.output]
        while queue:
            for s in self.assigned[queue.pop()].free_symbols:
                if s in self.assigned and s != self.layer.source and s not in found:
                    found.add(s)
                    queue.append(s)
        return tuple(s for s in self.assigned if s in found)

    @cached_property
    def definitions(self) -> tuple[SequenceDefinition, ...]:
        names = {self.function(s) for s in self.symbols}
        return tuple(d for d in self.rule.definitions() if d.function in names)

    def recursive(self, symbol: sp.Symbol) -> bool:
        return previous(symbol) in self.assigned[symbol].free_symbols

    @cached_property
    def shorthands(self) -> tuple[sp.Symbol, ...]:
        """Intermediate values without memory, the last one first: written out in this order none is left."""
        return tuple(s for s in reversed(self.symbols) if not self.recursive(s) and s != self.layer.output)

    def within(self, symbol: sp.Symbol) -> tuple[sp.Symbol, ...]:
        """The shorthands that a step contains, in that order."""
        used = set(self.assigned[symbol].free_symbols)
        found = []
        for s in self.shorthands:
            if s in used:
                found.append(s)
                used |= self.assigned[s].free_symbols
        return tuple(found)

    def _written_out(self, e: sp.Expr) -> sp.Expr:
        for s in self.shorthands:
            e = e.xreplace({s: self.assigned[s]})
        return e

    @cached_property
    def states(self) -> tuple[State, ...]:
        return tuple(s for s in (self._state(x) for x in self.symbols if self.recursive(x)) if s is not None)

    @cached_property
    def scalars(self) -> tuple[sp.Symbol, ...]:
        """States that depend on the step alone."""
        known = {s.symbol for s in self.states}
        return tuple(s for s in self.symbols if self.recursive(s) and s not in known)

    def _state(self, symbol: sp.Symbol) -> State | None:
        e, x = sp.expand(self._written_out(self.assigned[symbol])), self.layer.source
        factor = e.coeff(previous(symbol), 1)
        rest = e - factor * previous(symbol)
        if x not in rest.free_symbols:
            return None
        for power in (1, 2):
            weight = sp.factor(sp.cancel(rest / x**power))
            if not weight.free_symbols & {x, n, *self.assigned, *map(previous, self.assigned)}:
                return State(symbol, weight, sp.factor(factor), power)
        raise NotStated(f"the recursion of {symbol} is not linear in {x} or {x}^2")

    @cached_property
    def square(self) -> State:
        """The state below the root."""
        found = [s for s in self.states if s.power == 2]
        if len(found) != 1:
            raise NotStated(f"{self.layer.output} does not divide by the root of one state that is a sum of squares")
        return found[0]

    @property
    def below(self) -> sp.Expr:
        """v(n), what the root is taken of."""
        return self.function(self.square.symbol)(n)

    # -- sums -------------------------------------------------------------------------------------------------------
    def closed(self, state: State) -> sp.Expr:
        """What ``state`` is after step n."""
        return sp.Sum(state.weight * state.factor ** (n - k) * self.source(k) ** state.power, (k, 0, n))

    @property
    def split(self) -> bool:
        """Has the newest input a weight of its own?  Then the sums end one step before it."""
        return self.layer.direct != 0

    @property
    def last(self) -> sp.Expr:
        return n - 1 if self.split else n

    @property
    def newest(self) -> sp.Expr:
        """The weight of x(n) in the numerator."""
        return self.written(self.layer.newest)

    def filtered(self, pole: sp.Expr, of: sp.Expr | None = None) -> sp.Expr:
        """The sum of pole^(n-k) times the input (or ``of``, in k) up to ``last``."""
        return sp.Sum(pole ** (n - k) * (self.source(k) if of is None else of), (k, 0, self.last))

    def squares(self, of: sp.Expr | None = None) -> sp.Expr:
        """The sum of weight decay^(n-k) times the squared input (or ``of``, in k, squared) up to ``last``."""
        x = self.source(k) if of is None else of
        return sp.Sum(self.weight * self.decay ** (n - k) * x**2, (k, 0, self.last))

    @property
    def weight(self) -> sp.Expr:
        assert self.layer.square is not None
        return self.layer.square.weight

    @property
    def decay(self) -> sp.Expr:
        assert self.layer.square is not None
        return self.layer.square.decay

    @property
    def numerator(self) -> sp.Expr:
        """What stands above the root, in the inputs."""
        sums = sum((self.written(m.amplitude) * self.filtered(m.pole) for m in self.layer.modes), sp.S.Zero)
        return sums + (self.newest * self.source(n) if self.split else 0)

    @property
    def denominator(self) -> sp.Expr:
        """What stands below the root, in the inputs."""
        return self.squares() + (self.weight * self.source(n) ** 2 if self.split else 0)

    @property
    def bound_squared(self) -> sp.Expr:
        """B: the square of the largest |output|."""
        return self.written(squared_as_sum(self.layer))

    @cached_property
    def terms(self) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
        """The geometric sums in ``bound_squared``: coefficient and ratio of each."""
        return tuple((self.written(t.coefficient), t.ratio) for t in terms(self.layer)[1] if t.coefficient != 0)

    @property
    def matching(self) -> sp.Expr:
        """The input at k <= ``last`` of a sequence with the largest output."""
        return self.written(worst_input(self.layer))

    @property
    def matching_newest(self) -> sp.Expr:
        """The newest input of that sequence."""
        return self.written(worst_newest(self.layer))

    @property
    def worst_square(self) -> sp.Expr:
        """v(n) of that sequence, which is B."""
        form = self.squares(self.matching)
        return form + self.weight * self.matching_newest**2 if self.split else form

    def deviation(self, scale: sp.Expr) -> sp.Expr:
        """How far the inputs, times ``scale``, are from the worst ones: scale^2 v - 2 scale numerator + B."""
        distance = self.squares(scale * self.source(k) - self.matching)
        if not self.split:
            return distance
        return distance + self.weight * (scale * self.source(n) - self.matching_newest) ** 2

    # -- domain -----------------------------------------------------------------------------------------------------
    @cached_property
    def domain(self) -> tuple[Relation, ...]:
        """The domains of the hyperparameters that the layer contains; decay factors lie in the open unit interval, and
        weights of squares are positive."""
        used = set().union(*(d.body.free_symbols for d in self.definitions))
        memory = [s.factor for s in self.states]
        found: list[Relation] = []
        for h in self.rule.hyperparameters:
            if h.symbol in used:
                found += _within(h.domain, h.symbol, decays=h.symbol in memory)
        for factor in dict.fromkeys(memory):
            ends = (gt(factor, 0), lt(factor, 1)) if factor != 1 else ()  # 1: it only adds up, as AdaGrad's
            found += [r for r in ends if not factor.is_Symbol and not _known(found, r)]
        for state in self.states:
            if state.power == 2 and not _known(found, gt(state.weight, 0)):
                found.append(gt(state.weight, 0))
        return tuple(found)

    @property
    def defined(self) -> Relation:
        """v(n) > 0: the output has a value."""
        return gt(self.below, 0)


def _known(known: Iterable[Relation], r: Relation) -> bool:
    return decide(Scope(tuple(known)), r)


def _within(domain: Domain, symbol: sp.Symbol, *, decays: bool) -> Iterator[Relation]:
    """The domain as relations, found from the points 0 and 1 of the real line at which domains here end."""

    def has(point: Any) -> bool:
        return bool(domain.contains(point))

    if not has(-_TINY):
        yield gt(symbol, 0) if decays or not has(Fraction(0)) else ge(symbol, 0)
    if not has(1 + _TINY) and not has(Fraction(_HUGE)):
        yield lt(symbol, 1) if decays or not has(Fraction(1)) else le(symbol, 1)
