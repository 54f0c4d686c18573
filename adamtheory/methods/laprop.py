"""LaProp: momentum of normalised gradients."""

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
    GAMMA,
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
def laprop_rule() -> UpdateRule:
    """The update rule of LaProp."""
    v, normalised, m = state("v"), state("f"), state("m")
    first, second = 1 - notation.gamma ** (notation.n + 1), sp.sqrt(1 - notation.beta ** (notation.n + 1))
    return UpdateRule(
        name="laprop",
        hyperparameters=(BETA, GAMMA, EPS, LR),
        state=((v, sp.S.Zero), (m, sp.S.Zero)),
        steps=(
            moving_average(v, notation.beta, gradient**2),
            Assignment(normalised, gradient, sp.sqrt(v) / second + notation.eps),
            moving_average(m, notation.gamma, normalised),
            Assignment(update, m / first),
        ),
        iterate=PLAIN_STEP,
        description=LaProp.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class LaProp(Method):
    """LaProp (Ziyin, Wang & Ueda 2020), with n = 0, 1, ... and N = n + 1 gradients seen. torch has none.

    v_n = beta v_{n-1} + (1 - beta) g_n^2, f_n = g_n / (sqrt(v_n/(1 - beta^N)) + eps),
    m_n = gamma m_{n-1} + (1 - gamma) f_n, v_{-1} = m_{-1} = 0; u_n = m_n/(1 - gamma^N); theta_{n+1} = theta_n - lr u_n.
    Adam divides the average of the gradients, LaProp averages the divided gradients. The authors' code keeps lr inside
    m, which differs only while lr changes. At beta = 0 and eps = 0 this is corrected momentum of signs.
    """

    name: ClassVar[str] = "laprop"

    beta: Value = Fraction(999, 1000)
    gamma: Value = Fraction(9, 10)
    eps: Value = Fraction(0)

    @property
    def rule(self) -> UpdateRule:
        return laprop_rule()
