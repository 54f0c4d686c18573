"""Units in which a search is well conditioned, whatever the units of its flow: a solver's tolerances are absolute.

Nothing here is trusted: units change what a solver proposes, never what a certificate has to show.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from adamtheory.lyapunov.flow_problems import FlowProblem
from adamtheory.lyapunov.method_problems import MethodProblem
from adamtheory.lyapunov.problems import LossClass, Problem

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Row:
    """Units of one inequality: of its Gram basis, of its form as a whole, and of the gaps' coefficients."""

    basis: tuple[float, ...]
    form: float
    gaps: float


@dataclass(frozen=True)
class Units:
    """``rate``: a power of ten of the size of the rates to expect.  ``rows``: one for each inequality."""

    rate: Fraction
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Balanced:
    """Inequalities in balanced units.  ``forms[k]``: (1 + unknowns, size, size), ``gaps[k]``: (1 + unknowns, count),
    constant part first; ``unknowns``: powers of ten, one for each unknown."""

    forms: tuple[Array, ...]
    gaps: tuple[Array, ...]
    unknowns: tuple[Fraction, ...]


def units_of(problem: Problem) -> Units:
    """From the curvature that the class knows, and the slower of descent and averaging; x has the unit 1."""
    if isinstance(problem, FlowProblem):
        return _flow_units(problem)
    if isinstance(problem, MethodProblem):
        curvature = _curvature(problem.losses, strongest=True)
        energy = curvature if problem.lead == "gap" else 1.0
        points = (1.0, 1.0, curvature) if problem.momentum else (1.0,)
        row = Row((*points, curvature, curvature), energy, energy / curvature)
        return Units(Fraction(1), (row, row))
    posed = problem.inequalities(Fraction(0), dict.fromkeys(problem.unknowns, Fraction(0)))
    return Units(Fraction(1), tuple(Row((1.0,) * len(one.form), 1.0, 1.0) for one in posed))


def _flow_units(problem: FlowProblem) -> Units:
    """For each A at which something is asked, "falls" before "positive"."""
    flow, curvature = problem.dynamics, _curvature(problem.losses, strongest=False)
    energy = curvature if problem.lead == "gap" else 1.0
    least = float(flow.least)
    speed = descent = curvature * least
    moving = stored = curvature
    if flow.momentum is not None:
        averaging = float(flow.momentum)
        speed = min(descent, averaging)
        # A m^2/lambda is of the size of the gap, but in what falls m is of the size of g where averaging is quick
        stored *= math.sqrt(averaging / descent)
        moving = min(curvature, stored)
    rows = []
    for place in range(1 if flow.largest == flow.least else 2):
        # A g^2 and A m^2 have one size at the least and the largest A; of an unbounded A, its factor is what counts
        shrunk = math.sqrt(flow.least / flow.largest) if place and flow.largest is not None else 1.0
        whole = energy / least if place and flow.largest is None else energy
        for unit, average in ((speed, moving), (1.0, stored)):
            basis = (1.0, shrunk * curvature, shrunk * average)
            rows.append(Row(basis, whole * unit, energy / curvature * unit))
    return Units(power_of_ten(speed), tuple(rows))


def _curvature(losses: LossClass, *, strongest: bool) -> float:
    known = [losses.strong_convexity, losses.pl, losses.smoothness]
    found = next((value for value in (reversed(known) if strongest else known) if value), Fraction(1))
    return float(found)


def balanced(forms: Sequence[Array], gaps: Sequence[Array], units: Units) -> Balanced:
    """In these units, and in units of the unknowns that make each one's largest entry about 1."""
    shapes = [form * np.outer(row.basis, row.basis) / row.form for form, row in zip(forms, units.rows, strict=True)]
    rows = [gap / row.gaps for gap, row in zip(gaps, units.rows, strict=True)]
    largest = np.zeros(len(forms[0]))
    for entries in (*shapes, *rows):
        largest = np.maximum(largest, np.abs(entries).reshape(len(largest), -1).max(axis=1, initial=0.0))
    exact = [power_of_ten(1 / size) if size else Fraction(1) for size in largest[1:]]
    factor = np.array([1.0, *map(float, exact)])
    return Balanced(
        tuple(form * factor[:, None, None] for form in shapes),
        tuple(row * factor[:, None] for row in rows),
        tuple(exact),
    )


def power_of_ten(value: float) -> Fraction:
    """The nearest in the logarithm; short numbers stay short in it."""
    return Fraction(10) ** round(math.log10(value))
