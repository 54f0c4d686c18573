"""Unfolding a definition: ``f(a)`` equals the body at ``a``, or the stated start before index 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.proof.defined import defined
from adamtheory.proof.kernel import Rule, Scope, Trust
from adamtheory.propositions import Proposition, Relation, SequenceDefinition, ge, substitute


def unfolded(d: SequenceDefinition, at: sp.Expr) -> sp.Expr:
    for start, value in d.initial:
        if at == start:
            return value
    return substitute(d.body, {d.index: at})


@dataclass(frozen=True)
class Definition(Rule):
    name: ClassVar[str] = "definition"

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("definition.form", isinstance(claim, Relation) and claim.op == "=", f"{claim} is no equality")
        if not isinstance(claim, Relation):
            return Trust()
        head = claim.lhs
        d = scope.definitions.get(head.func) if isinstance(head, AppliedUndef) else None
        scope.require("definition.known", d is not None and len(head.args) == 1, f"{head} has no definition in scope")
        if d is None:
            return Trust()
        at = head.args[0]
        expected = unfolded(d, at)
        if all(at != start for start, _ in d.initial):
            if d.index.is_integer:
                scope.require("definition.index", bool(at.is_integer), f"{at} is not an index")
                scope.oblige("definition.range", ge(at, 0))
            defined(scope, expected)
        scope.require("definition.body", claim.rhs == expected, f"the definition gives {expected}, not {claim.rhs}")
        return Trust()
