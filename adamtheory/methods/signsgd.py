"""signSGD."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import sympy as sp

from adamtheory.methods.method import Method
from adamtheory.methods.rule import LR, PLAIN_STEP, Assignment, UpdateRule, gradient, update


@lru_cache
def signsgd_rule() -> UpdateRule:
    """The update rule of signSGD."""
    return UpdateRule(
        name="signsgd",
        hyperparameters=(LR,),
        state=(),
        steps=(Assignment(update, sp.sign(gradient)),),
        iterate=PLAIN_STEP,
        description=SignSGD.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class SignSGD(Method):
    """signSGD: u_n = sign(g_n), sign(0) = 0; theta_{n+1} = theta_n - lr u_n. No state, no eps.

    It is Adam at beta = gamma = 0 and eps = 0 with 0/0 := 0 (Gould & Tanaka 2024, App. D).
    """

    name: ClassVar[str] = "signsgd"

    @property
    def rule(self) -> UpdateRule:
        return signsgd_rule()
