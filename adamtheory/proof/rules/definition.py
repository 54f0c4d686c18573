"""Unfolding a definition: ``f(a)`` equals the body at ``a``, or the stated start; also under sums and integrals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamtheory.proof.defined import defined, value_of_definition
from adamtheory.proof.kernel import Rule, Scope, Trust
from adamtheory.proof.rules.algebra import require_equal
from adamtheory.proof.rules.logic import constants_in_expectations
from adamtheory.proof.signs import member, open_binder
from adamtheory.propositions import Proposition, Relation, ge


def unfolded(scope: Scope, head: AppliedUndef) -> sp.Expr:
    """What the definition in scope gives for ``head``: the index and the parameters must be admissible there."""
    d = scope.definitions.get(head.func)
    known = d is not None and len(head.args) == len(d.parameters) + 1
    scope.require("definition.known", known, f"{head} has no definition in scope")
    if d is None:
        return head
    *own, at = head.args
    constants_in_expectations(scope, d, head.args)
    scope.require("definition.parameters_at", member(scope, d, own), f"{head}: parameters out of range")
    if d.index.is_integer and all(at != start for start, _ in d.initial):
        scope.require("definition.index", bool(at.is_integer), f"{at} is not an index")
        scope.oblige("definition.range", ge(at, d.first))
    return value_of_definition(scope, d, head.args)


@dataclass(frozen=True)
class Definition(Rule):
    name: ClassVar[str] = "definition"

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("definition.form", isinstance(claim, Relation) and claim.op == "=", f"{claim} is no equality")
        if not isinstance(claim, Relation):
            return Trust()
        head = claim.lhs
        scope.require("definition.head", isinstance(head, AppliedUndef), f"{head} has no definition in scope")
        expected = unfolded(scope, head)
        scope.require("definition.body", claim.rhs == expected, f"the definition gives {expected}, not {claim.rhs}")
        return Trust()


@dataclass(frozen=True)
class Unfolding(Rule):
    """Two sides have one normal form once the definitions of ``functions`` are put in on the left, each once, also
    inside sums and integrals (not under derivatives)."""

    name: ClassVar[str] = "unfolding"
    functions: tuple[UndefinedFunction, ...]

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("unfolding.form", isinstance(claim, Relation) and claim.op == "=", f"{claim} is no equality")
        if isinstance(claim, Relation):
            left = self._put_in(scope, claim.lhs)
            defined(scope, left)
            require_equal(scope, "unfolding.normal_form", left - claim.rhs)
        return Trust()

    def _put_in(self, scope: Scope, e: sp.Expr) -> sp.Expr:
        if (
            not e.args
            or isinstance(e, sp.Derivative)
            or not any(a.func in self.functions for a in e.atoms(AppliedUndef))
        ):
            return e
        if isinstance(e, AppliedUndef):
            return unfolded(scope, e) if e.func in self.functions else e
        if isinstance(e, (sp.Sum, sp.Integral)):
            variable, lower, upper = e.limits[0]  # more than one variable has no meaning here
            inside, fresh, body = open_binder(scope, e.function, variable, lower, upper)
            ends = (self._put_in(scope, lower), self._put_in(scope, upper))
            return e.func(self._put_in(inside, body), (fresh, *ends))
        return e.func(*(self._put_in(scope, part) for part in e.args))
