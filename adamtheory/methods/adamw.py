"""AdamW: Adam with decoupled weight decay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar

from adamtheory.methods.adam import Adam, adam_rule
from adamtheory.methods.method import EpsMode, Value
from adamtheory.methods.rule import DECOUPLED_STEP, WEIGHT_DECAY, UpdateRule


@lru_cache
def adamw_rule(eps_mode: EpsMode = "torch") -> UpdateRule:
    """The update rule of AdamW."""
    adam = adam_rule(eps_mode)
    return replace(
        adam,
        name="adamw",
        hyperparameters=(*adam.hyperparameters, WEIGHT_DECAY),
        iterate=DECOUPLED_STEP,
        description=AdamW.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """AdamW (Loshchilov & Hutter 2019; torch.optim.AdamW): Adam's u_n, and decay decoupled from it.

    theta_{n+1} = theta_n - lr (u_n + weight_decay theta_n). u_n never sees the decay; see Adam for eps and bias
    correction.
    """

    name: ClassVar[str] = "adamw"

    weight_decay: Value = Fraction(1, 100)

    @property
    def rule(self) -> UpdateRule:
        return adamw_rule(self.eps_mode)
