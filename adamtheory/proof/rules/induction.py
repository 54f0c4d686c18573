"""Induction on an index: P(0), and P(n) gives P(n+1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from adamtheory.proof.kernel import Rule, Scope, Sequent, Trust
from adamtheory.proof.rules.logic import absent, discharged
from adamtheory.propositions import Proposition


@dataclass(frozen=True)
class Induction(Rule):
    name: ClassVar[str] = "induction"
    variable: sp.Symbol
    base: Sequent
    step: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        n = self.variable
        scope.require("induction.index", bool(n.is_integer and n.is_nonnegative), f"{n} is not an index")
        absent(scope, "induction.arbitrary", n, scope.hypotheses)
        first, following = claim.subs({n: sp.Integer(0)}), claim.subs({n: n + 1})
        scope.require("induction.base", self.base.claim == first, f"the base must be {first}, got {self.base.claim}")
        scope.require("induction.step", self.step.claim == following, f"the step must give {following}")
        trust = discharged(scope, "induction.base_hypotheses", self.base, ())
        return trust | discharged(scope, "induction.step_hypotheses", self.step, (claim,))
