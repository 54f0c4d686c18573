"""Assumption 2 of Gould & Tanaka (2024), one normaliser for a whole matrix, against the elementwise one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adamtheory.dynamics.growth import score_norm_growth
from adamtheory.dynamics.record import DynamicsRecord


@dataclass(frozen=True, kw_only=True)
class CoarseGraining:
    """Two runs that differ in the normaliser of the recorded matrices alone, compared.

    displacement_error: the recorded entries at the end, root mean square of their difference between the runs over
    that of their displacement from the start in the elementwise run; level_error: over that of the entries themselves,
    the comparison of trajectories by eye. growth: what the updates added to |W|^2, scalar over elementwise, a number
    for each matrix. alignment: the median cosine between u and m in the elementwise run (1 for a scalar normaliser).
    loss: the mean of the last tenth of the run, elementwise and scalar. A ratio is None where it is over 0.
    """

    displacement_error: float | None
    level_error: float | None
    growth: tuple[float | None, ...]
    alignment: float
    loss: tuple[float, float]


def compare_normalisers(elementwise: DynamicsRecord, scalar: DynamicsRecord) -> CoarseGraining:
    """Compare the two. Raises ValueError when they differ in anything but the normaliser."""
    if not pair(elementwise, scalar):
        raise ValueError("scalar must be a record with the settings and start of elementwise but for the normaliser")
    start, one, other = elementwise.entries[..., 0], elementwise.entries[..., -1], scalar.entries[..., -1]
    difference, moved, level = (float(np.linalg.norm(x.astype(np.float64))) for x in (one - other, one - start, one))
    grown = [[s.final - s.undriven for s in score_norm_growth(record)] for record in (elementwise, scalar)]
    return CoarseGraining(
        displacement_error=difference / moved if moved else None,
        level_error=difference / level if level else None,
        growth=tuple(b / a if a != 0 else None for a, b in zip(*grown, strict=True)),
        alignment=float(np.median(elementwise.alignment)),
        loss=(elementwise.final_loss, scalar.final_loss),
    )


def pair(elementwise: DynamicsRecord, scalar: DynamicsRecord) -> bool:
    """Do the two runs differ in the normaliser alone?"""
    return (
        elementwise.settings.normaliser == "elementwise"
        and replace(elementwise.settings, normaliser="scalar") == scalar.settings
        and elementwise.matrices == scalar.matrices
        and elementwise.entries.shape == scalar.entries.shape
        and dict(elementwise.metadata) == dict(scalar.metadata)
        and np.array_equal(elementwise.entries[..., 0], scalar.entries[..., 0])
    )
