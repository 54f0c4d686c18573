"""RMSProp with momentum, of normalised or of raw gradients."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, Literal

import sympy as sp

from adamtheory import notation
from adamtheory.methods.method import Method, Value
from adamtheory.methods.rule import (
    BETA,
    EPS,
    GAMMA,
    LR,
    PLAIN_STEP,
    Assignment,
    UpdateRule,
    gradient,
    moving_average,
    previous,
    state,
    update,
)
from adamtheory.validation import one_of

MomentumOf = Literal["normalised", "raw"]
MOMENTUM_OF: tuple[str, ...] = ("normalised", "raw")


@lru_cache
def rmsprop_momentum_rule(of: MomentumOf = "normalised") -> UpdateRule:
    """The update rule of RMSProp with momentum after or before the division."""
    v, normalised, m = state("v"), state("f"), state("m")
    root = sp.sqrt(v) + notation.eps
    steps: tuple[Assignment, ...]
    if of == "normalised":
        steps = (
            Assignment(normalised, gradient, root),
            Assignment(m, notation.gamma * previous(m) + normalised),
            Assignment(update, m),
        )
    else:
        steps = (Assignment(m, notation.gamma * previous(m) + gradient), Assignment(update, m, root))
    return UpdateRule(
        name="rmsprop_momentum",
        hyperparameters=(BETA, GAMMA, EPS, LR),
        state=((v, sp.S.Zero), (m, sp.S.Zero)),
        steps=(moving_average(v, notation.beta, gradient**2), *steps),
        iterate=PLAIN_STEP,
        description=RMSPropMomentum.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class RMSPropMomentum(Method):
    """RMSProp with heavy-ball momentum, which sums and does not average; n = 0, 1, ....

    v_n = beta v_{n-1} + (1 - beta) g_n^2, v_{-1} = m_{-1} = 0. ``of="normalised"`` (torch.optim.RMSprop with
    alpha=beta, momentum=gamma): f_n = g_n / (sqrt(v_n) + eps), m_n = gamma m_{n-1} + f_n, u_n = m_n. ``of="raw"``
    (not in torch): m_n = gamma m_{n-1} + g_n, u_n = m_n / (sqrt(v_n) + eps); at eps = 0 this is Adam without bias
    corrections times 1/(1 - gamma). theta_{n+1} = theta_n - lr u_n. No bias correction; at gamma = 0 both are RMSProp.
    """

    name: ClassVar[str] = "rmsprop_momentum"

    beta: Value = Fraction(99, 100)
    gamma: Value = Fraction(9, 10)
    eps: Value = Fraction(0)
    of: MomentumOf = "normalised"

    def __post_init__(self) -> None:
        one_of("of", self.of, MOMENTUM_OF)
        super().__post_init__()

    @property
    def rule(self) -> UpdateRule:
        return rmsprop_momentum_rule(self.of)
