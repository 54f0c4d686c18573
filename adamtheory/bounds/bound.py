"""What a bound on demand is: a kind, a number, an enclosure, a formula, and the ways to take it elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import sympy as sp

from adamtheory.validation import integer, one_of

if TYPE_CHECKING:
    from flint import arb

    from adamtheory.methods.method import Method
    from adamtheory.proof.verdict import Result

Kind = Literal["exact", "upper", "unbounded"]
LANGUAGES = ("python", "numpy", "torch", "c")
_MOST_GRADIENTS = 100_000


@dataclass(frozen=True)
class Stability:
    """Is the bound finite over all steps: the condition on the hyperparameters, and whether these meet it."""

    condition: sp.Basic
    holds: bool

    def __bool__(self) -> bool:
        return self.holds


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A closed-form bound at given hyperparameters.

    ``kind``: "exact" (the supremum over all gradient sequences), "upper" (no sequence exceeds it; how close they come
    is not known) or "unbounded".  ``steps``: the number of gradients seen, N = n + 1; None means the supremum over all
    of them.  ``formula`` is an expression in n and the hyperparameters, for every step; ``limit`` its value as n grows.
    ``attained``: does a gradient sequence reach it, under the convention ``zeros`` for vanishing denominators?
    ``note`` says in a sentence what the number means where that is not plain.
    """

    quantity: str
    kind: Kind
    method: Method | None
    steps: int | Fraction | None
    time: str
    zeros: str
    formula: sp.Expr
    limit: sp.Expr
    stable: Stability
    attained: bool
    note: str = ""
    values: Mapping[sp.Symbol, Any] = field(default_factory=dict, compare=False)
    _ball: Callable[[], arb] = field(repr=False, compare=False)
    _worst: Callable[[int], list[Any]] | None = field(default=None, repr=False, compare=False)
    _code: Callable[[str], str] | None = field(default=None, repr=False, compare=False)
    _results: Callable[[], tuple[Result, ...]] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def ball(self) -> arb:
        """The value as an Arb ball, exact in the hyperparameters as given."""
        return self._ball()

    @cached_property
    def value(self) -> float:
        """The nearest double to the middle of the enclosure; inf where the bound is infinite, or beyond the doubles."""
        middle = self.ball.mid()
        return float(middle) if middle.is_finite() else math.inf

    @cached_property
    def enclosure(self) -> tuple[float, float]:
        """(lower, upper): doubles on either side of the value, rounded outward."""
        if not self.ball.is_finite():
            return (math.inf, math.inf) if self.ball > 0 else (0.0, math.inf)
        low, high = float(self.ball.lower()), float(self.ball.upper())
        return (math.nextafter(low, -math.inf) if low else 0.0), math.nextafter(high, math.inf)

    def worst_gradients(self, steps: int | None = None) -> list[Any]:
        """``steps`` gradients (default: those of the bound) whose last update is the largest: Fractions with the newest
        1 in size, where the bound is attained; otherwise gradients whose update comes close to it."""
        if self._worst is None:
            raise ValueError(f"worst gradients of {self.quantity} are not known")
        chosen = self.steps if steps is None else steps
        if chosen is None:
            raise ValueError("steps must be given for a bound over all steps, got None")
        return self._worst(integer("steps", chosen, minimum=1, maximum=_MOST_GRADIENTS))

    def latex(self) -> str:
        """The formula, in LaTeX."""
        return str(sp.latex(self.formula))

    def source(self, language: str = "python") -> str:
        """Source text of a function of the hyperparameters and the number of steps, in double precision."""
        one_of("language", language, LANGUAGES)
        if self._code is None:
            raise ValueError(f"source of {self.quantity} is not available in any language")
        return self._code(language)

    def proof(self) -> tuple[Result, ...]:
        """The verdicts of the proof core on what the bound rests on, each with its root of trust; judged on demand."""
        if self._results is None:
            raise ValueError(f"a proof of {self.quantity} is not available")
        return self._results()
