"""AdEMAMix: Adam with a second, slower average of the gradients."""

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
    DECAY,
    DECOUPLED_STEP,
    EPS,
    GAMMA,
    LR,
    NONNEGATIVE,
    WEIGHT_DECAY,
    Assignment,
    Hyperparameter,
    UpdateRule,
    gradient,
    moving_average,
    state,
    update,
)

gamma_slow = sp.Symbol("gamma_slow", real=True)
alpha = sp.Symbol("alpha", real=True)
GAMMA_SLOW = Hyperparameter("gamma_slow", gamma_slow, Fraction(9999, 10000), DECAY)
ALPHA = Hyperparameter("alpha", alpha, Fraction(2), NONNEGATIVE)


@lru_cache
def ademamix_rule() -> UpdateRule:
    """The update rule of AdEMAMix with constant alpha and gamma_slow."""
    fast, slow, v = state("m"), state("m_slow"), state("v")
    first, second = 1 - notation.gamma ** (notation.n + 1), sp.sqrt(1 - notation.beta ** (notation.n + 1))
    return UpdateRule(
        name="ademamix",
        hyperparameters=(BETA, GAMMA, GAMMA_SLOW, ALPHA, EPS, LR, WEIGHT_DECAY),
        state=((fast, sp.S.Zero), (slow, sp.S.Zero), (v, sp.S.Zero)),
        steps=(
            moving_average(fast, notation.gamma, gradient),
            moving_average(slow, gamma_slow, gradient),
            moving_average(v, notation.beta, gradient**2),
            Assignment(update, fast / first + alpha * slow, sp.sqrt(v) / second + notation.eps),
        ),
        iterate=DECOUPLED_STEP,
        description=AdEMAMix.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class AdEMAMix(Method):
    """AdEMAMix (Pagliardini, Ablin & Grangier 2024), n = 0, 1, ... and N = n + 1 gradients seen. torch has none.

    m_n = gamma m_{n-1} + (1 - gamma) g_n, slow_n = gamma_slow slow_{n-1} + (1 - gamma_slow) g_n (state "m_slow"),
    v_n = beta v_{n-1} + (1 - beta) g_n^2, all from 0; the paper's beta_1, beta_3, beta_2 are gamma, gamma_slow, beta;
    u_n = (m_n/(1 - gamma^N) + alpha slow_n) / (sqrt(v_n/(1 - beta^N)) + eps): the slow average is not corrected.
    theta_{n+1} = theta_n - lr (u_n + weight_decay theta_n). alpha and gamma_slow are constant: the paper's optional
    schedulers of them are off, as by default in the authors' code, whose defaults these are (eps apart).
    At alpha = 0 this is AdamW.
    """

    name: ClassVar[str] = "ademamix"

    beta: Value = Fraction(999, 1000)
    gamma: Value = Fraction(9, 10)
    gamma_slow: Value = Fraction(9999, 10000)
    alpha: Value = Fraction(2)
    eps: Value = Fraction(0)
    weight_decay: Value = Fraction(0)

    @property
    def rule(self) -> UpdateRule:
        return ademamix_rule()
