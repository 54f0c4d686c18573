"""The norm and the rotation that weight decay and the updates settle at, and how far a run is on its way there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from adamtheory.dynamics import norms
from adamtheory.dynamics.evaluation import UPDATE_SQUARED, Evaluator
from adamtheory.dynamics.record import DynamicsRecord
from adamtheory.validation import reject


@dataclass(frozen=True, kw_only=True)
class Equilibrium:
    """The second half of a run against the equilibrium of constant |u|, |m| and c and a scale-invariant loss.

    relaxation: 1/(1 - d^2), d = 1 - lr weight_decay: in so many steps |W|^2 comes e times closer to equilibrium;
    elapsed: the steps before the second half, in relaxations. norm_squared: the mean |W_n|^2 of the second half;
    norm_squared_predicted: from the mean |u_n|^2 there. rotation: the root mean square of the angle between W_n and
    W_{n+1}, radians; rotation_predicted: arccos((d + gamma)/(1 + d gamma)), which no gradient enters;
    rotation_leading_order: sqrt(2 lr weight_decay (1 - gamma)/(1 + gamma)).
    """

    matrix: str
    relaxation: float
    elapsed: float
    norm_squared: float
    norm_squared_predicted: float
    rotation: float
    rotation_predicted: float
    rotation_leading_order: float


def has_equilibrium(record: DynamicsRecord) -> bool:
    """Does weight decay shrink W, without which |W|^2 grows for ever?"""
    return 0 < record.settings.lr * record.settings.weight_decay < 2


def equilibrium(record: DynamicsRecord) -> tuple[Equilibrium, ...]:
    """One for each matrix. Raises ValueError for a run whose norm has no equilibrium: 0 < lr weight_decay < 2 fails."""
    if not has_equilibrium(record):
        product = record.settings.lr * record.settings.weight_decay
        reject("lr*weight_decay", product, "in (0, 2) for an equilibrium of the norm")
    evaluate = Evaluator(record)
    half = record.steps // 2
    relaxation = 1 / (1 - float(evaluate(norms.shrinkage())) ** 2)
    updates = record.update_squared[:, half:].mean(axis=1)
    expected = evaluate(norms.equilibrium_norm_squared(UPDATE_SQUARED), {UPDATE_SQUARED: updates})
    angle = np.arccos(np.clip(record.cosine[:, half:], -1, 1))
    return tuple(
        Equilibrium(
            matrix=matrix,
            relaxation=relaxation,
            elapsed=half / relaxation,
            norm_squared=float(record.norm_squared[row, half:-1].mean()),
            norm_squared_predicted=float(expected[row]),
            rotation=float(np.sqrt(np.mean(angle[row] ** 2))),
            rotation_predicted=math.acos(float(evaluate(norms.equilibrium_cosine()))),
            rotation_leading_order=float(evaluate(norms.equilibrium_rotation())),
        )
        for row, matrix in enumerate(record.matrices)
    )
