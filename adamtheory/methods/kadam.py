"""k-Adam: Adam's adaptive normalisation k times in succession."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar, Literal

import sympy as sp

from adamtheory import notation
from adamtheory.lowering import exact
from adamtheory.methods.adam import adaptive_normalisation
from adamtheory.methods.method import EPS_MODES, EpsMode, Method, Value, checked, is_array
from adamtheory.methods.rule import (
    DECAY,
    DECOUPLED_STEP,
    EPS,
    LR,
    PLAIN_STEP,
    WEIGHT_DECAY,
    Assignment,
    Hyperparameter,
    UpdateRule,
    gradient,
    state,
    theta,
    update,
)
from adamtheory.validation import boolean, integer, one_of, reject

Strategy = Literal["inverse-exp", "exp", "scaled", "naive", "root"]

# Gould & Tanaka 2024, Section 4.3; "root" is the fifth, of App. O.
STRATEGIES: dict[str, Callable[[sp.Expr, int | sp.Symbol], sp.Expr]] = {
    "inverse-exp": lambda x, k: 1 - (1 - x) ** (sp.S.One / k),
    "exp": lambda x, k: x**k,
    "scaled": lambda x, k: x / k,
    "naive": lambda x, k: x,
    "root": lambda x, k: x ** (sp.S.One / k),
}


def level_symbols(level: int) -> tuple[sp.Symbol, sp.Symbol]:
    """(beta_i, gamma_i) of level i = 1, ..., k."""
    return sp.Symbol(f"beta_{level}", real=True), sp.Symbol(f"gamma_{level}", real=True)


def level_update(level: int, k: int) -> sp.Symbol:
    """The update of a level: u_1, ..., u_{k-1}, and u for the last."""
    return update if level == k else state(f"u_{level}")


@lru_cache
def kadam_rule(k: int = 2, eps_mode: EpsMode = "paper", coupled: bool = False) -> UpdateRule:
    """The update rule of k-Adam (Gould & Tanaka 2024, Algorithm 1)."""
    current: sp.Expr = gradient + notation.weight_decay * theta if coupled else gradient
    steps: list[Assignment] = []
    states: list[tuple[sp.Symbol, sp.Expr]] = []
    decays: list[Hyperparameter] = []
    for level in range(1, k + 1):
        suffix = f"_{level}"
        beta, gamma = level_symbols(level)
        target = level_update(level, k)
        steps += adaptive_normalisation(current, target, eps_mode=eps_mode, suffix=suffix, beta=beta, gamma=gamma)
        states += [(state("m" + suffix), sp.S.Zero), (state("v" + suffix), sp.S.Zero)]
        decays += [
            Hyperparameter(f"betas[{level - 1}]", beta, Fraction(999, 1000), DECAY),
            Hyperparameter(f"gammas[{level - 1}]", gamma, Fraction(9, 10), DECAY),
        ]
        current = target
    return UpdateRule(
        name="kadam",
        hyperparameters=(*decays, EPS, LR, WEIGHT_DECAY),
        state=tuple(states),
        steps=tuple(steps),
        iterate=PLAIN_STEP if coupled else DECOUPLED_STEP,
        description=KAdam.__doc__ or "",
    )


@dataclass(frozen=True, kw_only=True)
class KAdam(Method):
    """k-Adam (Gould & Tanaka 2024, Definition 3, Algorithm 1): adaptive normalisation applied k times.

    With u^(0)_n = g_n (+ weight_decay theta_n if ``coupled``), level i = 1..k has moving averages m_i, v_i (factors
    gamma_i, beta_i, from 0) of u^(i-1) and of its square, and
    u^(i)_n = sqrt(1 - beta_i^N)/(1 - gamma_i^N) m_i / (sqrt(v_i) + eps)
    with N = n + 1 (``eps_mode="paper"``; in "torch" mode eps sits beside the bias-corrected root). u_n = u^(k)_n;
    theta_{n+1} = theta_n - lr u_n, and - lr weight_decay theta_n unless coupled. At k = 1 this is Adam.

    ``betas``, ``gammas``: k values each, level 1 first; or one value each (``strategy=None`` means the same at every
    level) from which ``strategy`` makes the levels': "inverse-exp" 1-(1-x)^(1/k), "exp" x^k, "scaled" x/k, "naive" x
    (Section 4.3), "root" x^(1/k) (App. O). After construction ``betas`` and ``gammas`` hold the levels' exact values,
    which may be irrational sympy numbers, and ``strategy`` is None.
    """

    name: ClassVar[str] = "kadam"

    betas: Value = Fraction(999, 1000)
    gammas: Value = Fraction(9, 10)
    k: int | None = None
    strategy: Strategy | None = None
    eps: Value = Fraction(0)
    eps_mode: EpsMode = "paper"
    weight_decay: Value = Fraction(0)
    coupled: bool = False

    def __post_init__(self) -> None:
        one_of("eps_mode", self.eps_mode, EPS_MODES)
        boolean("coupled", self.coupled)
        if self.strategy is not None:
            one_of("strategy", self.strategy, STRATEGIES)
        lists = {name: value for name in ("betas", "gammas") if _is_list(value := getattr(self, name))}
        lengths = {len(value) for value in lists.values()}
        k = self.k if self.k is not None else lengths.copy().pop() if lengths else 2
        object.__setattr__(self, "k", integer("k", k, minimum=1))
        for name, value in lists.items():
            if len(value) != self.k:
                reject(name, value, f"one value or k={self.k} values, one a level")
        for name, letter in (("betas", "beta"), ("gammas", "gamma")):
            object.__setattr__(self, name, self._levels(name, letter, getattr(self, name)))
        object.__setattr__(self, "strategy", None)
        super().__post_init__()

    def _levels(self, name: str, letter: str, value: Value) -> tuple[Value, ...]:
        symbol = sp.Symbol(letter, real=True)
        count = self.k or 1
        if _is_list(value):
            if self.strategy is not None:
                reject(name, value, f"one value where strategy={self.strategy!r} makes the levels")
            each = [Hyperparameter(f"{name}[{level}]", symbol, Fraction(0), DECAY) for level in range(count)]
            return tuple(checked(hyperparameter, entry) for hyperparameter, entry in zip(each, value, strict=True))
        base = checked(Hyperparameter(name, symbol, Fraction(0), DECAY), value)
        if self.strategy is None or self.strategy == "naive":
            return (base,) * count
        if is_array(base) or hasattr(base, "requires_grad"):
            reject(name, value, f"a scalar where strategy={self.strategy!r} makes the levels")
        expression = base if isinstance(base, sp.Expr) else exact(base)
        made = STRATEGIES[self.strategy](expression, count)
        return (checked(Hyperparameter(name, symbol, Fraction(0), DECAY), made),) * count

    @property
    def rule(self) -> UpdateRule:
        return kadam_rule(self.k or 1, self.eps_mode, self.coupled)

    @property
    def values(self) -> dict[sp.Symbol, Value]:
        values: dict[sp.Symbol, Any] = {notation.eps: self.eps, notation.weight_decay: self.weight_decay}
        for level, (beta_value, gamma_value) in enumerate(zip(self.betas, self.gammas, strict=True), start=1):
            beta, gamma = level_symbols(level)
            values |= {beta: beta_value, gamma: gamma_value}
        return values if self.lr is None else values | {notation.lr: self.lr}


def _is_list(value: Value) -> bool:
    """One value a level? Arrays are one batched value, strings one number."""
    return isinstance(value, Sequence) and not isinstance(value, str)
