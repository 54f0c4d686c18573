"""Gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, Literal

import sympy as sp

from adamtheory import notation
from adamtheory.methods.method import Method, Value
from adamtheory.methods.rule import (
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

Form = Literal["average", "heavy-ball"]


@lru_cache
def momentum_rule(form: Form = "average") -> UpdateRule:
    """The update rule of momentum in either form."""
    m = state("m")
    if form == "average":
        step = moving_average(m, notation.gamma, gradient)
    else:
        step = Assignment(m, notation.gamma * previous(m) + gradient)
    return UpdateRule(
        name="momentum",
        hyperparameters=(GAMMA, LR),
        state=((m, sp.S.Zero),),
        steps=(step, Assignment(update, m)),
        iterate=PLAIN_STEP,
        description=Momentum.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class Momentum(Method):
    """Momentum (Gould & Tanaka 2024, App. A).

    ``form="average"``: m_n = gamma m_{n-1} + (1 - gamma) g_n; ``form="heavy-ball"``: m_n = gamma m_{n-1} + g_n;
    m_{-1} = 0, u_n = m_n, theta_{n+1} = theta_n - lr u_n. No eps, no bias correction.
    torch.optim.SGD(momentum=gamma) is the heavy ball with this lr; the average is the heavy ball with lr (1 - gamma).
    SGD(momentum=gamma, dampening=gamma) is not the average: its buffer starts at g_0 instead of (1 - gamma) g_0.
    """

    name: ClassVar[str] = "momentum"

    gamma: Value = Fraction(9, 10)
    form: Form = "average"

    def __post_init__(self) -> None:
        one_of("form", self.form, ("average", "heavy-ball"))
        super().__post_init__()

    @property
    def rule(self) -> UpdateRule:
        return momentum_rule(self.form)
