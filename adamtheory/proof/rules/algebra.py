"""Exact algebra: both sides have one normal form over the field of symbols, powers, roots and exponentials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from adamtheory.proof.kernel import Rejected, Rule, Scope, Sequent, Trust
from adamtheory.proof.normal import Normaliser
from adamtheory.proof.signs import Signs
from adamtheory.propositions import Proposition, Relation, substitute


def rewrite(scope: Scope, e: sp.Expr, facts: tuple[Sequent, ...]) -> sp.Expr:
    """Replace the left side of each proved equality by its right side, in order, once each."""
    for fact in facts:
        claim = fact.claim
        scope.require(
            "algebra.rewrite_fact",
            isinstance(claim, Relation) and claim.op == "=",
            f"{claim} is not an equality and cannot be used to rewrite",
        )
        scope.require("algebra.rewrite_scope", fact in scope.facts, f"{claim} is not in scope")
        if isinstance(claim, Relation):
            scope.require("algebra.rewrite_left", not claim.lhs.is_number, f"{claim.lhs} is a number, not a name")
            try:
                e = substitute(e, {claim.lhs: claim.rhs})
            except ValueError as problem:
                raise Rejected("algebra.rewrite_derivative", str(problem)) from None
    return e


@dataclass(frozen=True)
class Algebra(Rule):
    """``lhs = rhs`` (or ``<=``) because the normal forms agree after rewriting with proved equalities."""

    name: ClassVar[str] = "algebra"
    using: tuple[Sequent, ...] = ()

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require(
            "algebra.form", isinstance(claim, Relation) and claim.op in ("=", "<="), f"{claim} is no equality"
        )
        if isinstance(claim, Relation):
            difference = rewrite(scope, claim.lhs - claim.rhs, self.using)
            require_equal(scope, "algebra.normal_form", difference)
        return Trust()


def require_equal(scope: Scope, check: str, difference: sp.Expr) -> None:
    signs = Signs(scope)
    normaliser = Normaliser([difference], nonzero=signs.nonzero, nonnegative=signs.nonnegative)
    top, _ = normaliser.numerator(difference)
    if not top.is_zero():
        scope.require(check, False, f"the difference of both sides has the normal form {shown(normaliser, top)}, not 0")


def shown(normaliser: Normaliser, polynomial: object) -> str:
    text = str(polynomial)
    from adamtheory.proof.normal import generator_name

    for symbol in sorted(normaliser.meaning, key=lambda s: -len(generator_name(s))):
        text = text.replace(generator_name(symbol), f"[{normaliser.concrete(symbol)}]")
    text = re.sub("@[nzr]", "", text)
    return text if len(text) <= 400 else text[:400] + " ..."
