"""NAdam: Adam with Nesterov momentum."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, Literal

import sympy as sp

from adamtheory import notation
from adamtheory.methods.method import Method, Value, checked, is_array
from adamtheory.methods.rule import (
    BETA,
    EPS,
    GAMMA,
    LR,
    NONNEGATIVE,
    PLAIN_STEP,
    Assignment,
    Hyperparameter,
    UpdateRule,
    gradient,
    moving_average,
    previous,
    state,
    update,
)
from adamtheory.validation import one_of, reject

Schedule = Literal["torch", "constant"]
SCHEDULES: tuple[str, ...] = ("torch", "constant")

momentum_decay = sp.Symbol("psi", real=True)
_DEFAULT_DECAY = Fraction(1, 250)
MOMENTUM_DECAY = Hyperparameter("momentum_decay", momentum_decay, _DEFAULT_DECAY, NONNEGATIVE)


def scheduled(steps: sp.Expr) -> sp.Expr:
    """mu_t at t = ``steps`` = 1, 2, ...: it grows from about gamma/2 to gamma (where momentum_decay > 0)."""
    return notation.gamma * (1 - sp.Rational(24, 25) ** (steps * momentum_decay) / 2)


@lru_cache
def nadam_rule(schedule: Schedule = "torch") -> UpdateRule:
    """The update rule of NAdam with torch's schedule of the momentum factor, or with none."""
    n, gamma = notation.n, notation.gamma
    m, v, product = state("m"), state("v"), state("mu_product")
    states = [(m, sp.S.Zero), (v, sp.S.Zero)]
    steps = [moving_average(m, gamma, gradient), moving_average(v, notation.beta, gradient**2)]
    if schedule == "torch":
        mu, after = state("mu"), state("mu_next")
        states.append((product, sp.S.One))
        steps += [Assignment(mu, scheduled(n + 1)), Assignment(after, scheduled(n + 2))]
        steps.append(Assignment(product, mu * previous(product)))
        averaged, newest = after / (1 - after * product) * m, (1 - mu) / (1 - product) * gradient
    else:
        averaged, newest = gamma / (1 - gamma ** (n + 2)) * m, (1 - gamma) / (1 - gamma ** (n + 1)) * gradient
    root = sp.sqrt(v) / sp.sqrt(1 - notation.beta ** (n + 1))
    steps.append(Assignment(update, averaged + newest, root + notation.eps))
    return UpdateRule(
        name="nadam",
        hyperparameters=(BETA, GAMMA, EPS, LR, *((MOMENTUM_DECAY,) if schedule == "torch" else ())),
        state=tuple(states),
        steps=tuple(steps),
        iterate=PLAIN_STEP,
        description=NAdam.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class NAdam(Method):
    """NAdam (Dozat 2016; torch.optim.NAdam), with n = 0, 1, ... and N = n + 1 gradients seen.

    m_n = gamma m_{n-1} + (1 - gamma) g_n, v_n = beta v_{n-1} + (1 - beta) g_n^2, m_{-1} = v_{-1} = 0;
    u_n = (mu_{N+1} m_n/(1 - mu_1 ... mu_{N+1}) + (1 - mu_N) g_n/(1 - mu_1 ... mu_N)) / (sqrt(v_n/(1 - beta^N)) + eps);
    theta_{n+1} = theta_n - lr u_n. ``schedule="torch"``: mu_t = gamma (1 - 0.96^(t momentum_decay)/2), t = 1, 2, ...,
    and the product of them is a state that starts at 1; m keeps the constant gamma, as in torch. (torch holds that
    product in its default dtype, so in float32 even for float64 parameters unless the default is changed.)
    ``schedule="constant"``: mu_t = gamma, so the products are powers; ``momentum_decay`` is then left out.
    """

    name: ClassVar[str] = "nadam"

    beta: Value = Fraction(999, 1000)
    gamma: Value = Fraction(9, 10)
    momentum_decay: Value = _DEFAULT_DECAY
    eps: Value = Fraction(0)
    schedule: Schedule = "torch"

    def __post_init__(self) -> None:
        one_of("schedule", self.schedule, SCHEDULES)
        decay = checked(MOMENTUM_DECAY, self.momentum_decay)
        # A constant momentum factor never reads it: a value given for it would be lost without a word.
        if self.schedule == "constant" and (is_array(decay) or decay != _DEFAULT_DECAY):
            reject("momentum_decay", self.momentum_decay, "left out where schedule='constant'")
        object.__setattr__(self, "momentum_decay", decay)
        super().__post_init__()

    @property
    def rule(self) -> UpdateRule:
        return nadam_rule(self.schedule)
