"""AdaGrad."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar

import sympy as sp

from adamtheory import notation
from adamtheory.methods.method import Method, Value
from adamtheory.methods.rule import EPS, LR, PLAIN_STEP, Assignment, UpdateRule, gradient, previous, state, update


@lru_cache
def adagrad_rule() -> UpdateRule:
    """The update rule of AdaGrad."""
    total = state("G")
    return UpdateRule(
        name="adagrad",
        hyperparameters=(EPS, LR),
        state=((total, sp.S.Zero),),
        steps=(
            Assignment(total, previous(total) + gradient**2),
            Assignment(update, gradient, sp.sqrt(total) + notation.eps),
        ),
        iterate=PLAIN_STEP,
        description=AdaGrad.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class AdaGrad(Method):
    """AdaGrad (Duchi, Hazan & Singer 2011, diagonal; torch.optim.Adagrad without lr_decay).

    G_n = G_{n-1} + g_n^2, G_{-1} = 0; u_n = g_n / (sqrt(G_n) + eps); theta_{n+1} = theta_n - lr u_n.
    """

    name: ClassVar[str] = "adagrad"

    eps: Value = Fraction(0)

    @property
    def rule(self) -> UpdateRule:
        return adagrad_rule()
