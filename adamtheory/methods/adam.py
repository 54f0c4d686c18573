"""Adam, and the normalisation that AdamW, coupled decay and k-Adam share with it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar

import sympy as sp

from adamtheory import notation
from adamtheory.methods.method import EPS_MODES, EpsMode, Method, Value
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
from adamtheory.validation import one_of


def adaptive_normalisation(
    of: sp.Expr,
    target: sp.Symbol,
    *,
    eps_mode: EpsMode,
    suffix: str = "",
    beta: sp.Symbol = notation.beta,
    gamma: sp.Symbol = notation.gamma,
) -> tuple[Assignment, ...]:
    """The adaptive normalisation A_{gamma,beta} of a sequence (Gould & Tanaka 2024, Definition 1, Algorithm 1).

    m, v := moving averages of ``of`` and of its square; target := the ratio of their bias-corrected values, with eps
    beside sqrt(v) ("paper") or beside the square root of the bias-corrected v ("torch").
    """
    m, v = state("m" + suffix), state("v" + suffix)
    first, second = 1 - gamma ** (notation.n + 1), sp.sqrt(1 - beta ** (notation.n + 1))
    if eps_mode == "paper":
        ratio = Assignment(target, second / first * m, sp.sqrt(v) + notation.eps)
    else:
        ratio = Assignment(target, m / first, sp.sqrt(v) / second + notation.eps)
    return moving_average(m, gamma, of), moving_average(v, beta, of**2), ratio


@lru_cache
def adam_rule(eps_mode: EpsMode = "torch") -> UpdateRule:
    """The update rule of Adam. ``.specialise({notation.eps: 0})`` is Definition 1 in either mode."""
    return UpdateRule(
        name="adam",
        hyperparameters=(BETA, GAMMA, EPS, LR),
        state=((state("m"), sp.S.Zero), (state("v"), sp.S.Zero)),
        steps=adaptive_normalisation(gradient, update, eps_mode=eps_mode),
        iterate=PLAIN_STEP,
        description=Adam.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class Adam(Method):
    """Adam (Kingma & Ba 2015; Gould & Tanaka 2024, Definition 1), with n = 0, 1, ... and N = n + 1 gradients seen.

    m_n = gamma m_{n-1} + (1 - gamma) g_n, v_n = beta v_{n-1} + (1 - beta) g_n^2, m_{-1} = v_{-1} = 0;
    ``eps_mode="torch"`` (torch.optim.Adam): u_n = m_n/(1 - gamma^N) / (sqrt(v_n/(1 - beta^N)) + eps), so eps comes
    after the bias correction of v; ``eps_mode="paper"`` (Algorithm 1), eps before it:
    u_n = sqrt(1 - beta^N)/(1 - gamma^N) m_n / (sqrt(v_n) + eps).
    theta_{n+1} = theta_n - lr u_n. No weight decay: see AdamW and AdamCoupled. At eps = 0 both modes agree.
    """

    name: ClassVar[str] = "adam"

    beta: Value = Fraction(999, 1000)
    gamma: Value = Fraction(9, 10)
    eps: Value = Fraction(0)
    eps_mode: EpsMode = "torch"

    def __post_init__(self) -> None:
        one_of("eps_mode", self.eps_mode, EPS_MODES)
        super().__post_init__()

    @property
    def rule(self) -> UpdateRule:
        return adam_rule(self.eps_mode)
