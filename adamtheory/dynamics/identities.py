"""What holds in every step to rounding, with the bound on that rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adamtheory.dynamics import norms
from adamtheory.dynamics.evaluation import (
    GRADIENT_INNER,
    MOMENTUM_INNER,
    MOMENTUM_SQUARED,
    NORM_SQUARED,
    NORMALISER,
    UPDATE_INNER,
    UPDATE_SQUARED,
    Evaluator,
)
from adamtheory.dynamics.record import DynamicsRecord, Floats

_Parts = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
_ROUNDOFF = 2.0**-53
STATEMENTS = ("one_step", "momentum_recursion", "scale_invariance")


@dataclass(frozen=True, kw_only=True)
class IdentityCheck:
    """The largest deviation from an exact statement over the steps of one matrix.

    statement: "one_step", |W_{n+1}|^2 from |W_n|^2, <W_n, u_n> and |u_n|^2, for every run; "momentum_recursion",
    <W_{n+1}, m_{n+1}> from the step before and <W_{n+1}, g_{n+1}>, for a scalar normaliser and momentum;
    "scale_invariance", <W_n, g_n> = 0 (Lemma 2 of Gould & Tanaka 2024), where the loss is exactly scale-invariant.
    step: where the deviation is largest against its bound; relative: the deviation over the product of norms that the
    inner product is made of; share: the deviation over the bound on rounding, so the statement holds where it is <= 1.
    """

    statement: str
    matrix: str
    step: int
    relative: float
    share: float

    @property
    def holds(self) -> bool:
        """Is the deviation no more than rounding?"""
        return self.share <= 1


def check_identities(record: DynamicsRecord) -> tuple[IdentityCheck, ...]:
    """One check a matrix and statement that its run has to satisfy."""
    checks = []
    for statement, function in zip(STATEMENTS, (_one_step, _momentum_recursion, _scale_invariance), strict=True):
        if not _applies(statement, record):
            continue
        deviation, scale, allowance = function(record)
        share = _over(deviation, allowance[:, None] * _ROUNDOFF * scale)
        relative = _over(deviation, scale)
        for row, matrix in enumerate(record.matrices):
            step = int(np.argmax(share[row]))
            checks.append(
                IdentityCheck(
                    statement=statement,
                    matrix=matrix,
                    step=step,
                    relative=float(relative[row, step]),
                    share=float(share[row, step]),
                )
            )
    return tuple(checks)


def _applies(statement: str, record: DynamicsRecord) -> bool:
    settings = record.settings
    if statement == "momentum_recursion":  # without momentum both sides are the same recorded number
        return settings.normaliser == "scalar" and settings.gamma > 0 and record.steps > 1
    return settings.scale_invariant if statement == "scale_invariance" else True


# Each returns the deviation and the scale, shape (matrices, steps), and the bound on rounding a matrix in units of
# roundoff times scale. In float64 a dot product of K entries is off by at most K roundoffs of the product of norms,
# whatever the order of summation, and the entries of W_{n+1}, m_n and u_n by a few roundoffs of what they are made of.


def _one_step(record: DynamicsRecord) -> _Parts:
    before, after = record.norm_squared[:, :-1], record.norm_squared[:, 1:]
    values = {NORM_SQUARED: before, UPDATE_INNER: record.update_inner, UPDATE_SQUARED: record.update_squared}
    expected = Evaluator(record)(norms.next_norm_squared(NORM_SQUARED, UPDATE_INNER, UPDATE_SQUARED), values)
    # The dot products of both sides add up to at most the scale each; W_{n+1} is off by 4 roundoffs, twice.
    return np.abs(after - expected), _reach(record) ** 2, 2.0 * record.sizes + 16


def _momentum_recursion(record: DynamicsRecord) -> _Parts:
    values = {
        MOMENTUM_INNER: record.momentum_inner[:, :-1],
        NORMALISER: record.normaliser[:, :-1],
        MOMENTUM_SQUARED: record.momentum_squared[:, :-1],
        GRADIENT_INNER: record.gradient_inner[:, 1:],
    }
    recursion = norms.next_momentum_inner(MOMENTUM_INNER, NORMALISER, MOMENTUM_SQUARED, GRADIENT_INNER)
    expected = Evaluator(record)(recursion, values)
    gamma = record.settings.gamma
    made_of = gamma * np.sqrt(record.momentum_squared[:, :-1])
    made_of = made_of + (1 - gamma) * np.sqrt(record.gradient_squared[:, 1:])
    # Three dot products, each at most the scale; W_{n+1}, m_{n+1} and u_n are off by at most 8 roundoffs.
    return np.abs(record.momentum_inner[:, 1:] - expected), _reach(record)[:, :-1] * made_of, 3.0 * record.sizes + 32


def _scale_invariance(record: DynamicsRecord) -> _Parts:
    scale = np.sqrt(record.norm_squared[:, :-1] * record.gradient_squared)
    # One dot product; the gradient's own rounding in backpropagation is allowed three times as much.
    return np.abs(record.gradient_inner), scale, 4.0 * record.sizes


def _reach(record: DynamicsRecord) -> Floats:
    """(1 + lr weight_decay) |W_n| + lr |u_n|, no less than |W_{n+1}|."""
    settings = record.settings
    held = (1 + settings.lr * settings.weight_decay) * np.sqrt(record.norm_squared[:, :-1])
    reach: Floats = held + settings.lr * np.sqrt(record.update_squared)
    return reach


def _over(deviation: NDArray[Any], scale: NDArray[Any]) -> Floats:
    """deviation/scale; 0 where both vanish, infinite where the scale alone does."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = deviation / scale
    result: Floats = np.where((deviation == 0) & (scale == 0), 0.0, quotient)
    return result
