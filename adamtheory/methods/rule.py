"""A discrete optimizer as one symbolic update rule, from which its sequences and its numbers are both generated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy as sp

from adamtheory import notation
from adamtheory.propositions import SequenceDefinition

#: the gradient of the current step, g_n, and the iterate it was taken at, theta_n
gradient = sp.Symbol("g", real=True)
theta = sp.Symbol("theta", real=True)
#: the update of the current step, theta_{n+1} = theta_n - lr * u_n (weight decay apart)
update = sp.Symbol("u", real=True)
theta_initial = sp.Symbol("theta_0", real=True)


def state(name: str) -> sp.Symbol:
    """The value of a state after the current step."""
    return sp.Symbol(name, real=True)


def previous(symbol: sp.Symbol) -> sp.Symbol:
    """The value of a state before the current step."""
    return sp.Symbol(f"{symbol.name}_prev", real=True)


@dataclass(frozen=True)
class Domain:
    """An interval that a hyperparameter lies in. ``contains`` works on Fractions and, elementwise, on arrays."""

    text: str
    contains: Callable[[Any], Any]


def _unit(x: Any) -> Any:
    return (x >= 0) & (x < 1)


def _nonnegative(x: Any) -> Any:
    return (x >= 0) & (x < math.inf)


DECAY = Domain("in [0, 1)", _unit)
NONNEGATIVE = Domain("finite and >= 0", _nonnegative)


@dataclass(frozen=True)
class Hyperparameter:
    """A hyperparameter: Python name, symbol, default (None: has to be given where it is needed), domain."""

    name: str
    symbol: sp.Symbol
    default: Fraction | None
    domain: Domain


BETA = Hyperparameter("beta", notation.beta, Fraction(999, 1000), DECAY)
GAMMA = Hyperparameter("gamma", notation.gamma, Fraction(9, 10), DECAY)
LR = Hyperparameter("lr", notation.lr, None, NONNEGATIVE)
EPS = Hyperparameter("eps", notation.eps, Fraction(0), NONNEGATIVE)
WEIGHT_DECAY = Hyperparameter("weight_decay", notation.weight_decay, Fraction(0), NONNEGATIVE)


@dataclass(frozen=True)
class Assignment:
    """symbol := numerator / denominator, with the denominator kept apart because at eps = 0 it can vanish."""

    symbol: sp.Symbol
    numerator: sp.Expr
    denominator: sp.Expr = sp.S.One

    @property
    def expression(self) -> sp.Expr:
        return self.numerator / self.denominator


@dataclass(frozen=True)
class UpdateRule:
    """One step of a method, in symbols.

    ``steps`` run in order, once a gradient; they read the gradient, theta, the states before the step (``previous``),
    the hyperparameters, the step index n = 0, 1, ... (``notation.n``; n + 1 gradients have been seen) and each other.
    One of them assigns ``update``. ``iterate`` is the next theta. ``state`` pairs each state with its initial value.
    """

    name: str
    hyperparameters: tuple[Hyperparameter, ...]
    state: tuple[tuple[sp.Symbol, sp.Expr], ...]
    steps: tuple[Assignment, ...]
    iterate: sp.Expr
    description: str
    update: sp.Symbol = update

    @property
    def assignments(self) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
        """The steps as pairs (symbol, expression)."""
        return tuple((step.symbol, step.expression) for step in self.steps)

    @property
    def reads_iterates(self) -> bool:
        """Do the updates depend on theta (coupled weight decay), not only on the gradients?"""
        return any(theta in step.expression.free_symbols for step in self.steps)

    def specialise(self, values: Mapping[sp.Symbol, Any]) -> UpdateRule:
        """The rule with hyperparameter symbols replaced by numbers or expressions, e.g. ``{notation.eps: 0}``."""

        def put(expression: sp.Expr) -> sp.Expr:
            return sp.sympify(expression, strict=True).subs(values)

        return replace(
            self,
            hyperparameters=tuple(h for h in self.hyperparameters if h.symbol not in values),
            state=tuple((symbol, put(initial)) for symbol, initial in self.state),
            steps=tuple(Assignment(s.symbol, put(s.numerator), put(s.denominator)) for s in self.steps),
            iterate=put(self.iterate),
        )

    def definitions(self) -> tuple[SequenceDefinition, ...]:
        """The rule as sequences, for the ``where`` of a statement: m(n) = gamma*m(n-1) + (1-gamma)*g(n) with
        m(-1) = 0, and so on.

        ``g`` is notation.g, and each assigned symbol becomes the real sequence of its name.
        """
        meaning = self._sequences()
        starts = {symbol: ((-1, initial),) for symbol, initial in self.state}
        return tuple(
            SequenceDefinition(meaning[symbol].func, notation.n, body.xreplace(meaning), starts.get(symbol, ()))
            for symbol, body in self.assignments
        )

    def next_iterate(self) -> sp.Expr:
        """theta(n+1) in the sequences of ``definitions`` and theta(n); theta(0) is ``theta_initial``."""
        return self.iterate.xreplace(self._sequences())

    def _sequences(self) -> dict[sp.Symbol, sp.Expr]:
        n = notation.n
        meaning: dict[sp.Symbol, sp.Expr] = {gradient: notation.g(n), theta: notation.theta(n)}
        for symbol, _ in self.assignments:
            sequence = sp.Function(symbol.name, real=True)
            meaning[symbol] = sequence(n)
            meaning[previous(symbol)] = sequence(n - 1)
        return meaning


def moving_average(symbol: sp.Symbol, factor: sp.Expr, of: sp.Expr) -> Assignment:
    """symbol := factor * (symbol before) + (1 - factor) * of."""
    return Assignment(symbol, factor * previous(symbol) + (1 - factor) * of)


#: theta_n - lr * u_n
PLAIN_STEP = theta - notation.lr * update
#: theta_n - lr * (u_n + weight_decay * theta_n): decoupled weight decay
DECOUPLED_STEP = theta - notation.lr * (update + notation.weight_decay * theta)
