"""How far W is from orthogonal to its gradients and updates: Lemma 2 and Assumption 1 of Gould & Tanaka (2024)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adamtheory.dynamics import norms
from adamtheory.dynamics.evaluation import UPDATE_SQUARED, Evaluator
from adamtheory.dynamics.record import DynamicsRecord

LAGS = (0, 1, 10, 100)


@dataclass(frozen=True, kw_only=True)
class InnerProducts:
    """Inner products of one matrix with its gradients and updates.

    gradient: the largest |<W_n, g_n>|/(|W_n||g_n|) of the run (Lemma 2: zero for a scale-invariant loss).
    lags, past: |<W_n, g_{n-lag}>|/(|W_n||g_{n-lag}|), its mean over the record's reference steps n >= lag, None where
    there is none; past_largest: the largest at any reference step and k < n (Assumption 1 neglects them).
    update: sum_n <W_n, u_n> / (lr sum_n |u_n|^2): Theorem 2 needs it to vanish with lr. update_predicted: the same for
    constant |m| and c, -gamma/(1 - gamma d), d = 1 - lr weight_decay, where the loss is scale-invariant.
    """

    matrix: str
    gradient: float
    lags: tuple[int, ...]
    past: tuple[float | None, ...]
    past_largest: float
    update: float
    update_predicted: float


def inner_products(record: DynamicsRecord) -> tuple[InnerProducts, ...]:
    """The inner products of each matrix of the record."""
    sizes = np.sqrt(record.norm_squared[:, :-1] * record.gradient_squared)
    same = np.abs(np.divide(record.gradient_inner, sizes, out=np.zeros_like(sizes), where=sizes > 0)).max(axis=1)
    lr = record.settings.lr
    steady = Evaluator(record)(norms.steady_update_inner(UPDATE_SQUARED), {UPDATE_SQUARED: 1.0}) / lr
    moved = lr * record.update_squared.sum(axis=1)
    update = np.divide(record.update_inner.sum(axis=1), moved, out=np.zeros_like(moved), where=moved > 0)
    past = np.abs(record.past_cosine)
    before = np.arange(record.steps) < record.references[:, None]
    return tuple(
        InnerProducts(
            matrix=matrix,
            gradient=float(same[row]),
            lags=LAGS,
            past=tuple(_at_lag(past[row], record.references, lag) for lag in LAGS),
            past_largest=float(np.where(before, past[row], 0).max(initial=0.0)),
            update=float(update[row]),
            update_predicted=float(steady),
        )
        for row, matrix in enumerate(record.matrices)
    )


def _at_lag(past: np.ndarray, references: np.ndarray, lag: int) -> float | None:
    values = [past[place, step - lag] for place, step in enumerate(references) if step >= lag]
    return float(np.mean(values)) if values else None
