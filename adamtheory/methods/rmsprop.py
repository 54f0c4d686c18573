"""RMSProp."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar

import sympy as sp

from adamtheory import notation
from adamtheory.methods.method import Method, Value
from adamtheory.methods.rule import (
    BETA,
    EPS,
    LR,
    PLAIN_STEP,
    Assignment,
    UpdateRule,
    gradient,
    moving_average,
    state,
    update,
)


@lru_cache
def rmsprop_rule() -> UpdateRule:
    """The update rule of RMSProp."""
    v = state("v")
    return UpdateRule(
        name="rmsprop",
        hyperparameters=(BETA, EPS, LR),
        state=((v, sp.S.Zero),),
        steps=(
            moving_average(v, notation.beta, gradient**2),
            Assignment(update, gradient, sp.sqrt(v) + notation.eps),
        ),
        iterate=PLAIN_STEP,
        description=RMSProp.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class RMSProp(Method):
    """RMSProp (Gould & Tanaka 2024, App. A; torch.optim.RMSprop with alpha=beta).

    v_n = beta v_{n-1} + (1 - beta) g_n^2, v_{-1} = 0; u_n = g_n / (sqrt(v_n) + eps); theta_{n+1} = theta_n - lr u_n.
    No bias correction: Adam at gamma = 0 is a different method, it carries sqrt(1 - beta^{n+1}).
    """

    name: ClassVar[str] = "rmsprop"

    beta: Value = Fraction(99, 100)
    eps: Value = Fraction(0)

    @property
    def rule(self) -> UpdateRule:
        return rmsprop_rule()
