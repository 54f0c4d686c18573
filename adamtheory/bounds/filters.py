"""A method's update at eps = 0 as layers of linear filters: read off the symbolic rule, never stated twice.

A layer turns a sequence x_0, x_1, ... (the gradients, or the output of the layer below) into

    y_n = (direct x_n + sum_i amplitude_i sum_(k<=n) pole_i^(n-k) x_k) / sqrt(sum_(k<=n) weight decay^(n-k) x_k^2),

with n + 1 inputs seen.  ``direct`` and the amplitudes may depend on n (bias corrections), the poles, ``weight`` and
``decay`` may not.  AMSGrad divides by the root of the largest such sum so far; momentum divides by nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NoReturn

import sympy as sp

from adamtheory import notation
from adamtheory.methods.rule import Assignment, UpdateRule, gradient, previous, theta


class NotALinearFilter(ValueError):
    """A rule whose bound cannot be derived; the message says which step is in the way, and why."""


@dataclass(frozen=True)
class Mode:
    """``amplitude`` times the sum of pole^(n-k) x_k over k = 0, ..., n."""

    amplitude: sp.Expr
    pole: sp.Expr


@dataclass(frozen=True)
class Square:
    """The sum of weight decay^(n-k) x_k^2 over k = 0, ..., n; with ``maximum`` the largest of these sums so far."""

    weight: sp.Expr
    decay: sp.Expr
    maximum: bool = False


@dataclass(frozen=True)
class Layer:
    """One filter, from ``source`` to ``output``.  ``square`` is None where it divides by nothing."""

    source: sp.Symbol
    output: sp.Symbol
    direct: sp.Expr
    modes: tuple[Mode, ...]
    square: Square | None

    @property
    def newest(self) -> sp.Expr:
        """The weight of x_n in the numerator."""
        return self.direct + sum((mode.amplitude for mode in self.modes), sp.S.Zero)

    @cached_property
    def free_symbols(self) -> frozenset[sp.Symbol]:
        """The symbols in its weights."""
        parts = [self.direct, *(e for mode in self.modes for e in (mode.amplitude, mode.pole))]
        parts += [] if self.square is None else [self.square.weight, self.square.decay]
        return frozenset().union(*(e.free_symbols for e in parts))


@dataclass(frozen=True)
class Filters:
    """The layers from the gradient to the update.  ``scalars`` are the states that depend on n alone (a product of
    momentum factors): each is its value before the step times a factor in n, from 1, and layers contain its symbol."""

    layers: tuple[Layer, ...]
    scalars: tuple[Assignment, ...] = ()


@lru_cache(maxsize=256)
def filters(rule: UpdateRule) -> Filters:
    """The layers of a rule at eps = 0.  Weight decay inside the gradient is part of the gradient, which is arbitrary.

    Raises NotALinearFilter for a rule of another kind."""
    without_eps = {notation.eps: 0} if any(h.symbol == notation.eps for h in rule.hyperparameters) else {}
    return _Reader(rule.specialise(without_eps)).read()


@dataclass(frozen=True)
class _Signal:
    """A value that is linear in one source, the newest value of which is multiplied by ``direct``."""

    source: sp.Symbol
    direct: sp.Expr
    modes: tuple[Mode, ...] = ()

    def scaled(self, factor: sp.Expr) -> _Signal:
        modes = tuple(replace(mode, amplitude=factor * mode.amplitude) for mode in self.modes)
        return replace(self, direct=factor * self.direct, modes=modes)


@dataclass(frozen=True)
class _Root:
    """What a root is taken of: ``factor`` times a sum of squares of the source."""

    source: sp.Symbol
    square: Square


class _Reader:
    """Reads the steps of a rule in order and says of each symbol what it is."""

    def __init__(self, rule: UpdateRule) -> None:
        self.rule = rule
        self.starts = dict(rule.state)
        self.signals: dict[sp.Symbol, _Signal] = {gradient: _Signal(gradient, sp.S.One)}
        self.squares: dict[sp.Symbol, _Root] = {}
        self.layers: list[Layer] = []
        self.scalars: list[Assignment] = []
        self.plain: dict[sp.Symbol, sp.Expr] = {}  # written out where they occur

    def read(self) -> Filters:
        for step in self.rule.steps:
            self._step(step.symbol, self._written_out(step.expression))
        last = self.layers[-1] if self.layers else None
        if last is None or last.output != self.rule.update:
            self._refuse(self.rule.update, "it is no ratio of filters of the gradients")
        return Filters(self._used(last), tuple(self.scalars))

    def _used(self, last: Layer) -> tuple[Layer, ...]:
        by_output = {layer.output: layer for layer in self.layers}
        chain = [last]
        while chain[0].source in by_output:
            chain.insert(0, by_output[chain[0].source])
        return tuple(chain)

    def _written_out(self, e: sp.Expr) -> sp.Expr:
        # Coupled decay adds weight_decay * theta to the gradient: the sum is what an adversary chooses.
        e = without_zeros(e.subs(gradient + notation.weight_decay * theta, gradient).xreplace(self.plain))
        if theta in e.free_symbols:
            reason = "the update depends on the parameters otherwise than by coupled decay"
            raise NotALinearFilter(f"{self.rule.name}: {reason}")
        return e

    def _step(self, symbol: sp.Symbol, e: sp.Expr) -> None:
        before = previous(symbol)
        recursive = before in e.free_symbols
        moving = e.free_symbols & (set(self.signals) | set(self.squares))
        if symbol == self.rule.update and not recursive:
            self._layer(symbol, e)
        elif not moving and not recursive:
            self.plain[symbol] = e
        elif not moving:
            self._scalar(symbol, e)
        elif recursive:
            self._state(symbol, e, before)
        elif symbol in self.starts:
            self._forgetful(symbol, e)
        else:
            self._combination(symbol, e)

    def _scalar(self, symbol: sp.Symbol, e: sp.Expr) -> None:
        factor = sp.simplify(e / previous(symbol))
        if self.starts.get(symbol) != 1 or not factor.free_symbols <= {notation.n, *self._hyperparameters()}:
            self._refuse(symbol, "a state that depends on the step alone must be a product of factors, from 1")
        self.scalars.append(Assignment(symbol, e))

    def _hyperparameters(self) -> set[sp.Symbol]:
        return {h.symbol for h in self.rule.hyperparameters}

    def _state(self, symbol: sp.Symbol, e: sp.Expr, before: sp.Symbol) -> None:
        if self.starts.get(symbol) != 0:
            self._refuse(symbol, f"it starts from {self.starts.get(symbol)}, not from 0")
        if isinstance(e, sp.Max):
            inner = [x for x in e.args if x != before]
            found = self._square_of(symbol, inner[0]) if len(inner) == 1 else None
            if found is None:
                self._refuse(symbol, "a maximum must be of the sum of squares and its largest value before")
            self.squares[symbol] = replace(found, square=replace(found.square, maximum=True))
            return
        factor = sp.expand(e).coeff(before, 1)
        rest = sp.expand(e - factor * before)
        if before in rest.free_symbols or not factor.free_symbols <= self._hyperparameters():
            self._refuse(symbol, "its recursion is not linear with a constant factor")
        squares = self._quadratic(rest)
        if squares is not None:
            source, weight = squares
            self._constant(symbol, weight)
            self.squares[symbol] = _Root(source, Square(weight, factor))
            return
        signal = self._linear(symbol, rest)
        if signal.modes:
            self._refuse(symbol, "filters in series are not handled (it averages what is averaged already)")
        self._constant(symbol, signal.direct)
        self.signals[symbol] = _Signal(signal.source, sp.S.Zero, (Mode(signal.direct, factor),))

    def _forgetful(self, symbol: sp.Symbol, e: sp.Expr) -> None:
        """A state whose decay factor is 0: it is the newest value alone."""
        squares = self._quadratic(e)
        if squares is None:
            self.plain[symbol] = e
            return
        source, weight = squares
        self._constant(symbol, weight)
        self.squares[symbol] = _Root(source, Square(weight, sp.S.Zero))

    def _constant(self, symbol: sp.Symbol, weight: sp.Expr) -> None:
        if not weight.free_symbols <= self._hyperparameters():
            self._refuse(symbol, f"its weight {weight} changes from step to step")

    def _quadratic(self, e: sp.Expr) -> tuple[sp.Symbol, sp.Expr] | None:
        """(x, c) where e = c x^2 with a source x."""
        for source, signal in self.signals.items():
            if source == signal.source and signal.direct == 1 and not signal.modes:
                weight = sp.cancel(e / source**2)
                if source not in weight.free_symbols:
                    return source, weight
        return None

    def _square_of(self, symbol: sp.Symbol, e: sp.Expr) -> _Root | None:
        for s, root in self.squares.items():
            if s in e.free_symbols:
                factor = sp.cancel(e / s)
                if factor.free_symbols <= self._hyperparameters():
                    return replace(root, square=replace(root.square, weight=factor * root.square.weight))
                self._refuse(symbol, f"the factor {factor} changes from step to step")
        return None

    def _combination(self, symbol: sp.Symbol, e: sp.Expr) -> None:
        """An intermediate value: a filter's output (with a root below), or a shorthand."""
        ratio = any(s in e.free_symbols for s in self.squares) and any(s in e.free_symbols for s in self.signals)
        if ratio or isinstance(e, sp.sign):
            self._layer(symbol, e)
        else:
            self.plain[symbol] = e

    def _layer(self, symbol: sp.Symbol, e: sp.Expr) -> None:
        if isinstance(e, sp.sign) and e.args[0] in self.signals and not self.signals[e.args[0]].modes:
            source = self.signals[e.args[0]].source  # sign(x) = x / sqrt(x^2)
            layer = Layer(source, symbol, sp.S.One, (), Square(sp.S.One, sp.S.Zero))
        else:
            layer = self._ratio(symbol, e)
        self.layers.append(layer)
        self.signals[symbol] = _Signal(symbol, sp.S.One)

    def _ratio(self, symbol: sp.Symbol, e: sp.Expr) -> Layer:
        below = sorted((s for s in self.squares if s in e.free_symbols), key=str)
        if len(below) > 1:
            self._refuse(symbol, "it divides by more than one sum of squares")
        if not below:
            signal = self._linear(symbol, e)
            return Layer(signal.source, symbol, signal.direct, signal.modes, None)
        root = sp.Dummy("root", positive=True)
        above = e.xreplace({below[0]: root**2}) * root
        for form in (sp.powsimp, sp.expand, sp.simplify):
            above = form(above) if root in above.free_symbols else above
        if root in above.free_symbols:
            self._refuse(symbol, f"it is not a linear filter over the root of {below[0]}")
        found = self.squares[below[0]]
        signal = self._linear(symbol, above)
        if signal.source != found.source:
            self._refuse(symbol, "numerator and denominator filter different sequences")
        return Layer(signal.source, symbol, signal.direct, signal.modes, found.square)

    def _linear(self, symbol: sp.Symbol, e: sp.Expr) -> _Signal:
        """``e`` as a linear combination of signals of one source."""
        present = sorted((s for s in self.signals if s in e.free_symbols), key=str)
        if not present or sp.expand(e.subs(dict.fromkeys(present, 0))) != 0:
            self._refuse(symbol, "it is not linear in the gradients")
        found: _Signal | None = None
        for s in present:
            factor = sp.diff(e, s)
            allowed = {notation.n, *self._hyperparameters(), *(a.symbol for a in self.scalars)}
            allowed |= {previous(a.symbol) for a in self.scalars}
            if not factor.free_symbols <= allowed:
                self._refuse(symbol, "it is not linear in the gradients")
            part = self.signals[s].scaled(factor)
            if found is None:
                found = part
            elif found.source != part.source:
                self._refuse(symbol, "it mixes filtered and normalised gradients")
            else:
                found = _Signal(found.source, found.direct + part.direct, _merged((*found.modes, *part.modes)))
        assert found is not None
        return found

    def _refuse(self, symbol: sp.Symbol, reason: str) -> NoReturn:
        raise NotALinearFilter(f"{self.rule.name}: the step that computes {symbol} has no bound of this kind: {reason}")


def without_zeros(e: sp.Expr) -> sp.Expr:
    """0**(n + 1) is 0 for every n, which SymPy does not conclude."""
    powers = {p: sp.S.Zero for p in e.atoms(sp.Pow) if p.base == 0 and p.exp.subs(notation.n, 0).is_positive}
    return e.xreplace(powers)


def _merged(modes: tuple[Mode, ...]) -> tuple[Mode, ...]:
    by_pole: dict[sp.Expr, sp.Expr] = {}
    for mode in modes:
        by_pole[mode.pole] = by_pole.get(mode.pole, sp.S.Zero) + mode.amplitude
    return tuple(Mode(amplitude, pole) for pole, amplitude in by_pole.items())
