"""Theorem 2 against recorded training, scored by the change of |W|^2.

Where |W_0|^2 dominates, a formula that misses most of the growth still gives the level to a few per cent: the level is
kept beside the score to show that it says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp

from adamtheory.dynamics import norms
from adamtheory.dynamics.evaluation import (
    MOMENTUM_INNER,
    MOMENTUM_SQUARED,
    NORM_SQUARED,
    NORMALISER,
    UPDATE_INNER,
    UPDATE_SQUARED,
    Evaluator,
    recorded,
)
from adamtheory.dynamics.record import DynamicsRecord, Floats


@dataclass(frozen=True, kw_only=True)
class NormPrediction:
    """A predicted |W_N|^2, and its ratio to the truth.

    growth_ratio: of what the updates added, |W_N|^2 - d^{2N} |W_0|^2 with d = 1 - lr weight_decay; change_ratio: of
    |W_N|^2 - |W_0|^2, the same without weight decay; level_ratio: of |W_N|^2 itself, which is no score. None where
    the truth is exactly 0.
    """

    norm_squared: float
    growth_ratio: float | None
    change_ratio: float | None
    level_ratio: float | None


@dataclass(frozen=True, kw_only=True)
class NormGrowthScore:
    """|W|^2 of one matrix from the first to the last recorded step, against five predictions from recorded updates.

    printed: Equation (8) of Gould & Tanaka (2024), its integral over |u|^2 held constant in each step;
    printed_discrete: the same as the sum over steps; repaired: that sum times (1 + gamma d)/(1 - gamma d), for slowly
    varying |m| and c; repaired_from_rest: with that factor in each step as it builds up from 1; recursion: the exact
    recursion of <W_n, m_n> for a scalar normaliser and <W_n, g_n> = 0, from |m_n|^2 and c_n, None for an elementwise
    normaliser, which has no such recursion. true_change: |W_N|^2 - |W_0|^2; undriven: d^{2N} |W_0|^2, what weight
    decay alone would leave.
    """

    matrix: str
    steps: int
    initial: float
    final: float
    true_change: float
    undriven: float
    printed: NormPrediction
    printed_discrete: NormPrediction
    repaired: NormPrediction
    repaired_from_rest: NormPrediction
    recursion: NormPrediction | None


def score_norm_growth(record: DynamicsRecord) -> tuple[NormGrowthScore, ...]:
    """One score a matrix of the record."""
    evaluate = Evaluator(record)
    initial, final = record.norm_squared[:, 0], record.norm_squared[:, -1]
    steps = sp.Integer(record.steps)
    squared, none = recorded("update_squared"), lambda _: sp.S.Zero
    start = {NORM_SQUARED: initial}
    undriven = evaluate(norms.norm_squared_after(NORM_SQUARED, none, steps=steps), start)
    predictions: dict[str, Floats | None] = {
        "printed": evaluate.iterate(
            norms.next_norm_squared_as_printed(NORM_SQUARED, UPDATE_SQUARED),
            NORM_SQUARED,
            initial,
            {UPDATE_SQUARED: record.update_squared},
        )[:, -1],
        "printed_discrete": evaluate(norms.norm_squared_after(NORM_SQUARED, squared, steps=steps), start),
        "repaired": evaluate(norms.norm_squared_slowly_varying(NORM_SQUARED, squared, steps), start),
        "repaired_from_rest": evaluate(norms.norm_squared_from_rest(NORM_SQUARED, squared, steps), start),
        "recursion": norm_squared_by_recursion(record)[:, -1] if record.settings.normaliser == "scalar" else None,
    }

    def prediction(values: Floats | None, row: int) -> NormPrediction | None:
        if values is None:
            return None
        value, grown = float(values[row]), final[row] - undriven[row]
        return NormPrediction(
            norm_squared=value,
            growth_ratio=_ratio(value - undriven[row], grown),
            change_ratio=_ratio(value - initial[row], final[row] - initial[row]),
            level_ratio=_ratio(value, final[row]),
        )

    return tuple(
        NormGrowthScore(
            matrix=matrix,
            steps=record.steps,
            initial=float(initial[row]),
            final=float(final[row]),
            true_change=float(final[row] - initial[row]),
            undriven=float(undriven[row]),
            **{name: prediction(values, row) for name, values in predictions.items()},  # type: ignore[arg-type]
        )
        for row, matrix in enumerate(record.matrices)
    )


def norm_squared_by_recursion(record: DynamicsRecord) -> Floats:
    """|W_n|^2 from |W_0|^2, |m|^2, |u|^2 and c alone: the recursion of <W_n, m_n> with <W_n, g_n> = 0; (M, N+1).

    Exact for a scalar normaliser and a scale-invariant loss. ValueError for an elementwise normaliser.
    """
    if record.settings.normaliser != "scalar":
        raise ValueError("normaliser must be 'scalar' for the recursion of <W, m>, got 'elementwise'")
    evaluate = Evaluator(record)
    inner = evaluate.iterate(
        norms.next_momentum_inner(MOMENTUM_INNER, NORMALISER, MOMENTUM_SQUARED),
        MOMENTUM_INNER,
        np.zeros(len(record.matrices)),
        {NORMALISER: record.normaliser[:, :-1], MOMENTUM_SQUARED: record.momentum_squared[:, :-1]},
    )
    return evaluate.iterate(
        norms.next_norm_squared(NORM_SQUARED, UPDATE_INNER, UPDATE_SQUARED),
        NORM_SQUARED,
        record.norm_squared[:, 0],
        {UPDATE_INNER: record.normaliser * inner, UPDATE_SQUARED: record.update_squared},
    )


def _ratio(predicted: float, true: float) -> float | None:
    return float(predicted / true) if true != 0 else None
