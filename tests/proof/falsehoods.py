"""What the soundness tests share: false statements, each with the attempt that must fail; switching a check off.

A statement registers itself with ``@false("check.id", ...)``: the checks that stand between it and a proof.  The
function makes the attempt by ``prove`` alone, so that no numeric shadow helps the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sympy as sp

from adamtheory.proof import defined
from adamtheory.proof.kernel import Rejected, Rule, Scope, Sequent, prove
from adamtheory.proof.rules.logic import Hypothesis
from adamtheory.propositions import Proposition

x, y, z, s = sp.symbols("x y z s", real=True)
i = sp.Symbol("i", integer=True)
f, q, w = (sp.Function(name, real=True) for name in ("f", "q", "w"))
REFUSALS = (Rejected, ValueError)  # ValueError: the language itself refuses (capture of a bound variable)


@dataclass(frozen=True)
class Falsehood:
    name: str
    attempt: Callable[[], Sequent]
    guards: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


class Family(list[Falsehood]):
    """The false statements of one file."""

    def __call__(self, *guards: str) -> Callable[[Callable[[], Sequent]], Callable[[], Sequent]]:
        def register(attempt: Callable[[], Sequent]) -> Callable[[], Sequent]:
            self.append(Falsehood(attempt.__name__, attempt, guards))
            return attempt

        return register

    def each(self, claims: list[tuple[str, Callable[[], Sequent]]], *guards: str) -> None:
        """Many statements of one kind."""
        self.extend(Falsehood(name, attempt, guards) for name, attempt in claims)

    def parametrize(self) -> Any:
        return pytest.mark.parametrize("falsehood", self, ids=str)


def refused(falsehood: Falsehood) -> None:
    """The attempt fails, and at one of the checks that it names."""
    with pytest.raises(REFUSALS) as caught:
        falsehood.attempt()
    if falsehood.guards and isinstance(caught.value, Rejected):
        assert caught.value.check in falsehood.guards, caught.value


def given(*hypotheses: Proposition) -> Scope:
    return Scope(hypotheses)


def fact(scope: Scope, claim: Proposition, rule: Rule | None = None) -> Sequent:
    return prove(scope, claim, rule or Hypothesis())


def step(scope: Scope, claim: Proposition, rule: Rule, *facts: Sequent) -> Sequent:
    return prove(scope.knowing(*facts), claim, rule)


@contextmanager
def disabled(check: str) -> Iterator[None]:
    """Scope.require and Scope.oblige let this one check pass."""
    require, oblige = Scope.require, Scope.oblige

    def lenient_require(self: Scope, name: str, holds: bool, reason: str) -> None:
        if name != check:
            require(self, name, holds, reason)

    def lenient_oblige(self: Scope, name: str, relation: Any, **options: bool) -> None:
        if name != check:
            oblige(self, name, relation, **options)

    defined._settled.cache_clear()  # what was found with the check on
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Scope, "require", lenient_require)
            patch.setattr(Scope, "oblige", lenient_oblige)
            yield
    finally:
        defined._settled.cache_clear()  # and what was found with it off
