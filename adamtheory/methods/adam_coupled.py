"""Adam with coupled weight decay: L2 regularisation through the gradient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar

from adamtheory import notation
from adamtheory.methods.adam import Adam, adam_rule, adaptive_normalisation
from adamtheory.methods.method import EpsMode, Value
from adamtheory.methods.rule import WEIGHT_DECAY, UpdateRule, gradient, theta, update


@lru_cache
def adam_coupled_rule(eps_mode: EpsMode = "torch") -> UpdateRule:
    """The update rule of Adam with coupled weight decay."""
    adam = adam_rule(eps_mode)
    return replace(
        adam,
        name="adam_coupled",
        hyperparameters=(*adam.hyperparameters, WEIGHT_DECAY),
        steps=adaptive_normalisation(gradient + notation.weight_decay * theta, update, eps_mode=eps_mode),
        description=AdamCoupled.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class AdamCoupled(Adam):
    """Adam on the regularised gradient g_n + weight_decay theta_n (torch.optim.Adam with weight_decay; App. A).

    m, v and u_n are Adam's with that gradient in place of g_n, so the updates depend on the iterates and need ``lr``;
    theta_{n+1} = theta_n - lr u_n. See Adam for eps and bias correction.
    """

    name: ClassVar[str] = "adam_coupled"

    weight_decay: Value = Fraction(0)

    @property
    def rule(self) -> UpdateRule:
        return adam_coupled_rule(self.eps_mode)
