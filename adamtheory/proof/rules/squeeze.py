"""The limit of what lies between two expressions with one limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from adamtheory.proof.axioms import leaning_on
from adamtheory.proof.kernel import Rule, Scope, Sequent, Trust
from adamtheory.proof.rules.logic import absent, discharged
from adamtheory.proof.rules.order import relation
from adamtheory.propositions import Proposition, Tends


@dataclass(frozen=True)
class Squeeze(Rule):
    """``expr -> value``: low <= expr <= high for every value of the variable, low -> value and high -> value there."""

    name: ClassVar[str] = "squeeze"
    below: Sequent  # low <= expr
    above: Sequent  # expr <= high
    lower: Sequent  # low -> value
    upper: Sequent  # high -> value

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("squeeze.form", isinstance(claim, Tends), f"{claim} is no limit")
        if not isinstance(claim, Tends):
            raise TypeError("squeeze.form")
        absent(scope, "squeeze.arbitrary", claim.variable, scope.hypotheses)
        trust = leaning_on("squeeze")
        for fact in (self.below, self.above, self.lower, self.upper):
            trust |= discharged(scope, "squeeze.hypotheses", fact, ())
        low = relation(scope, "squeeze.below", self.below.claim, "=", "<=", "<")
        high = relation(scope, "squeeze.above", self.above.claim, "=", "<=", "<")
        scope.require("squeeze.middle", low.rhs == claim.expr, f"{low} does not bound {claim.expr} from below")
        scope.require("squeeze.middle", high.lhs == claim.expr, f"{high} does not bound {claim.expr} from above")
        for end, fact in ((low.lhs, self.lower), (high.rhs, self.upper)):
            wanted = Tends(end, claim.variable, claim.point, claim.value, claim.side)
            scope.require("squeeze.limits", fact.claim == wanted, f"expected {wanted}, got {fact.claim}")
        return trust
