"""Order between expressions: by sign of an exhibited form, by z3, by combining facts, by squares, by transitivity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from adamtheory.proof.defined import defined
from adamtheory.proof.kernel import Rule, Scope, Sequent, Trust
from adamtheory.proof.polynomials import forced
from adamtheory.proof.rules.algebra import require_equal, rewrite
from adamtheory.proof.signs import ALLOWED, Signs
from adamtheory.propositions import Proposition, Relation, ge, le


def relation(scope: Scope, check: str, claim: Proposition, *operators: str) -> Relation:
    scope.require(
        check,
        isinstance(claim, Relation) and (not operators or claim.op in operators),
        f"{claim} is not a relation of the kind {' '.join(operators) or 'a op b'}",
    )
    if not isinstance(claim, Relation):
        raise TypeError(check)
    return claim


@dataclass(frozen=True)
class Sign(Rule):
    """``lhs op rhs`` because rhs - lhs equals ``form``, whose sign is plain from its structure (squares, products and
    sums of things of known sign, numbers below one and their powers)."""

    name: ClassVar[str] = "sign of a form"
    form: sp.Expr | None = None
    using: tuple[Sequent, ...] = ()

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "sign.form", claim)
        form = r.rhs - r.lhs
        if self.form is not None:
            defined(scope, self.form)
            require_equal(scope, "sign.equals_difference", rewrite(scope, form - self.form, self.using))
            form = self.form
        else:
            form = rewrite(scope, form, self.using)
        found = Signs(scope).of(form)
        allowed = ALLOWED[r.op]
        scope.require(
            "sign.structure", bool(found) and found <= allowed, f"cannot show {r.op} from the structure of {form}"
        )
        return Trust()


@dataclass(frozen=True)
class Polynomial(Rule):
    """z3 finds no counterexample to the relation among all real values of the normal form's generators."""

    name: ClassVar[str] = "polynomial inequality"
    limit: int = 40_000_000

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "polynomial.form", claim)
        holds = forced(scope, r, Signs(scope), limit=self.limit)
        scope.require("polynomial.unsatisfiable", holds, f"z3 does not exclude the negation of {r}")
        return Trust(solvers=frozenset({"z3 (nonlinear real arithmetic)"}))


@dataclass(frozen=True)
class Combination(Rule):
    """rhs - lhs is a sum of non-negative multiples of proved differences, plus a form of known sign.

    ``weights`` lists (fact, multiplier); for a fact that is an equality the multiplier may have any sign."""

    name: ClassVar[str] = "combination of facts"
    weights: tuple[tuple[Sequent, sp.Expr], ...]
    plus: sp.Expr = sp.S.Zero

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "combination.form", claim, "=", "<=", "<")
        total = self.plus
        strict = False
        signs = Signs(scope)
        defined(scope, self.plus)
        for fact, weight in self.weights:
            known = relation(scope, "combination.fact", fact.claim, "=", "<=", "<")
            scope.require("combination.scope", fact in scope.facts, f"{known} is not in scope")
            defined(scope, weight)
            if known.op != "=":
                scope.oblige("combination.weight", ge(weight, 0))
                scope.require("combination.equality", r.op != "=", f"{known} is an inequality; it cannot give {r}")
            strict |= known.op == "<" and signs.positive(weight)
            total += weight * (known.rhs - known.lhs)
        require_equal(scope, "combination.identity", r.rhs - r.lhs - total)
        if r.op == "=":
            scope.require("combination.rest", self.plus == 0, f"an equality cannot have the rest {self.plus}")
        else:
            scope.oblige("combination.plus", ge(self.plus, 0))
        strict |= signs.positive(self.plus)
        scope.require("combination.strict", r.op != "<" or strict, f"nothing strict stands behind {r}")
        return Trust()


@dataclass(frozen=True)
class Squares(Rule):
    """From a**2 <= b**2 (or =, <) with b >= 0: a <= b, |a| <= b; for equality both sides must be non-negative."""

    name: ClassVar[str] = "comparing squares"
    fact: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "squares.form", claim, "=", "<=", "<")
        known = relation(scope, "squares.fact", self.fact.claim, "=", "<=", "<")
        scope.require("squares.scope", self.fact in scope.facts, f"{known} is not in scope")
        scope.require(
            "squares.operator",
            known.op == r.op or r.op == "<=",
            f"{known} cannot give {r}",
        )
        scope.oblige("squares.right_sign", ge(r.rhs, 0))
        if r.op == "=":
            scope.oblige("squares.left_sign", ge(r.lhs, 0))
        left = r.lhs.args[0] if isinstance(r.lhs, sp.Abs) else r.lhs
        require_equal(scope, "squares.left", left**2 - known.lhs)
        require_equal(scope, "squares.right", r.rhs**2 - known.rhs)
        return Trust()


@dataclass(frozen=True)
class Transitivity(Rule):
    """a op b, b op c, ... hence a op z: the middle terms agree letter by letter."""

    name: ClassVar[str] = "chain"
    links: tuple[Sequent, ...]

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "chain.form", claim, "=", "<=", "<")
        scope.require("chain.links", bool(self.links), "a chain needs a step")
        at, strongest = r.lhs, "="
        for link in self.links:
            known = relation(scope, "chain.link", link.claim, "=", "<=", "<")
            scope.require("chain.scope", link in scope.facts, f"{known} is not in scope")
            scope.require(
                "chain.middle", known.lhs == at, f"the chain stands at {at}, the next step starts at {known.lhs}"
            )
            at = known.rhs
            strongest = max(strongest, known.op, key=["=", "<=", "<"].index)
        scope.require("chain.end", at == r.rhs, f"the chain ends at {at}, not at {r.rhs}")
        enough = r.op in (strongest, "<=")
        scope.require("chain.operator", enough, f"the chain gives {strongest}, not {r.op}")
        return Trust()


@dataclass(frozen=True)
class Weaken(Rule):
    """= gives <=; < gives <= and !=; a fact read from the other side for = and !=."""

    name: ClassVar[str] = "weakening"
    fact: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "weaken.form", claim)
        known = relation(scope, "weaken.fact", self.fact.claim)
        scope.require("weaken.scope", self.fact in scope.facts, f"{known} is not in scope")
        same = (known.lhs, known.rhs) == (r.lhs, r.rhs)
        swapped = (known.lhs, known.rhs) == (r.rhs, r.lhs)
        gives = {"=": {"=", "<="}, "<": {"<", "<=", "!="}, "<=": {"<="}, "!=": {"!="}}[known.op]
        back = {"=": {"=", "<="}, "<": {"!="}, "<=": set(), "!=": {"!="}}[known.op]
        scope.require(
            "weaken.gives", (same and r.op in gives) or (swapped and r.op in back), f"{known} does not give {r}"
        )
        return Trust()


@dataclass(frozen=True)
class Antisymmetry(Rule):
    """a <= b and b <= a give a = b."""

    name: ClassVar[str] = "antisymmetry"
    below: Sequent
    above: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "antisymmetry.form", claim, "=")
        for fact, wanted in ((self.below, le(r.lhs, r.rhs)), (self.above, le(r.rhs, r.lhs))):
            scope.require("antisymmetry.scope", fact in scope.facts, f"{fact.claim} is not in scope")
            scope.require("antisymmetry.facts", fact.claim == wanted, f"expected {wanted}, got {fact.claim}")
        return Trust()
