"""Citing another theorem: its hypotheses become obligations, its name enters the root of trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import sympy as sp

from adamtheory.proof.kernel import Rule, Scope, Sequent, Trust
from adamtheory.proof.rules.logic import Instance
from adamtheory.propositions import Proposition


@dataclass(frozen=True)
class Citation(Rule):
    name: ClassVar[str] = "cited theorem"
    theorem: str
    general: Sequent
    mapping: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict, hash=False)

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        return Instance(self.general, self.mapping).check(scope, claim) | Trust(theorems=frozenset({self.theorem}))
