"""AMSGrad: Adam that divides by the largest second moment so far."""

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

Correction = Literal["none", "after-maximum"]
CORRECTIONS: tuple[str, ...] = ("none", "after-maximum")


@lru_cache
def amsgrad_rule(correction: Correction = "after-maximum") -> UpdateRule:
    """The update rule of AMSGrad, without bias correction or with torch's."""
    m, v, largest = state("m"), state("v"), state("vhat")
    first = second = sp.S.One
    if correction == "after-maximum":
        first, second = 1 - notation.gamma ** (notation.n + 1), sp.sqrt(1 - notation.beta ** (notation.n + 1))
    return UpdateRule(
        name="amsgrad",
        hyperparameters=(BETA, GAMMA, EPS, LR),
        state=((m, sp.S.Zero), (v, sp.S.Zero), (largest, sp.S.Zero)),
        steps=(
            moving_average(m, notation.gamma, gradient),
            moving_average(v, notation.beta, gradient**2),
            Assignment(largest, sp.Max(previous(largest), v)),
            Assignment(update, m / first, sp.sqrt(largest) / second + notation.eps),
        ),
        iterate=PLAIN_STEP,
        description=AMSGrad.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class AMSGrad(Method):
    """AMSGrad (Reddi, Kale & Kumar 2018), with n = 0, 1, ... and N = n + 1 gradients seen.

    m_n = gamma m_{n-1} + (1 - gamma) g_n, v_n = beta v_{n-1} + (1 - beta) g_n^2, vhat_n = max(vhat_{n-1}, v_n),
    m_{-1} = v_{-1} = vhat_{-1} = 0; ``correction="none"`` (Algorithm 2): u_n = m_n / (sqrt(vhat_n) + eps);
    ``correction="after-maximum"`` (torch.optim.Adam with amsgrad=True): the maximum is of the v_n above, and
    u_n = m_n/(1 - gamma^N) / (sqrt(vhat_n/(1 - beta^N)) + eps). Where v never falls, this is Adam.
    theta_{n+1} = theta_n - lr u_n.
    """

    name: ClassVar[str] = "amsgrad"

    beta: Value = Fraction(999, 1000)
    gamma: Value = Fraction(9, 10)
    eps: Value = Fraction(0)
    correction: Correction = "after-maximum"

    def __post_init__(self) -> None:
        one_of("correction", self.correction, CORRECTIONS)
        super().__post_init__()

    @property
    def rule(self) -> UpdateRule:
        return amsgrad_rule(self.correction)
