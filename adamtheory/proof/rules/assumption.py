"""Taking a step on trust.  What rests on it is ASSUMED, a weaker verdict that says on what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from adamtheory.proof.kernel import Rule, Scope, Trust
from adamtheory.propositions import Proposition


@dataclass(frozen=True)
class Assumption(Rule):
    """Accepts any meaningful claim and records ``what`` in the root of trust of everything built on it."""

    name: ClassVar[str] = "assumption"
    what: str

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("assumption.named", bool(self.what.strip()), "an assumption must say what it assumes")
        return Trust(assumptions=frozenset({self.what}))
