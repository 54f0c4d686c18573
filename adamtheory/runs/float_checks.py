"""Claims on runs in floating point: NumPy and torch, on the CPU or a CUDA device, with a derived tolerance.

The tolerance of a point is the running error bound of both sides on that very run, see ``running_error``: a true claim
lhs <= rhs then satisfies fl(rhs) - fl(lhs) >= -tolerance.  A point is left out, and counted, where a value overflows,
or where the tolerance exceeds ``_VACUOUS`` of the sides, for a test that hardly anything fails says nothing: there the
second moment underflows, or 1 - beta cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from adamtheory.lowering import LoweringError, arithmetic
from adamtheory.proof.verdict import Check
from adamtheory.propositions import Proposition, Relation
from adamtheory.runs.engine import Engine, OutOfRun, trajectories
from adamtheory.runs.observables import Observable, Observation, failure
from adamtheory.runs.running_error import Approximate, RunningErrorArithmetic
from adamtheory.runs.samples import Sample, method_instance, on_hyperparameters
from adamtheory.runs.truth import Undetermined, certainly

_VACUOUS = 1e-2
# Second-order terms of the error bounds, and rounding in the bounds themselves.
_SAFETY = 1.01


@dataclass(frozen=True)
class Backend:
    """Where a check runs: an arithmetic with its dtype and device."""

    arithmetic: str
    dtype: str
    device: str | None = None

    @property
    def name(self) -> str:
        where = f" on {self.device}" if self.device not in (None, "cpu") else ""
        return f"{self.arithmetic} {self.dtype}{where}"


@dataclass(frozen=True)
class _Expected:
    """What the running error analysis says of one relation at one choice of indices, elementwise over the batch."""

    observation: Observation
    indices: dict[sp.Symbol, int]
    admissible: NDArray[Any]
    tolerance: NDArray[Any]


def float_checks(
    observable: Observable, sample: Sample, choices: list[dict[sp.Symbol, int]], backends: list[Backend], prefix: str
) -> list[Check]:
    """One check a backend.  All backends must share the dtype of the sample's gradients."""
    expected = list(_analysed(observable, sample, choices, backends[0].dtype))
    return [_checked(observable, sample, expected, backend, prefix) for backend in backends]


def _analysed(
    observable: Observable, sample: Sample, choices: list[dict[sp.Symbol, int]], dtype: str
) -> list[_Expected]:
    bounds = RunningErrorArithmetic(dtype)
    rule = method_instance(observable, sample.values).rule.specialise(dict(observable.fixed))
    zeros = np.zeros(len(sample))
    columns = [Approximate(column.astype(np.float64), zeros) for column in sample.gradients.T]
    engine = Engine(bounds, list(sample.values), (*observable.sequences, "g"))
    engine.values = sample.values
    engine.sequences = trajectories(rule, sample.values, columns, bounds)
    given = tuple(p for p in observable.given if not on_hyperparameters(p, set(sample.values)))
    moving = {index for indices in choices for index in indices}
    steady = tuple(p for p in given if not p.free_symbols & moving)  # the same at every index: asked once a run
    changing = tuple(p for p in given if p.free_symbols & moving)
    found = []
    with np.errstate(all="ignore"):
        everywhere = _admissible(engine, sample, steady, {})
        for indices in choices if everywhere.any() else []:
            admitted = everywhere & _admissible(engine, sample, changing, indices)
            if not admitted.any():
                continue
            for observation in observable.observations:
                both = admitted & _admissible(engine, sample, observation.given, indices)
                if not both.any():
                    continue
                try:
                    left = engine.value(observation.relation.lhs, indices)
                    right = engine.value(observation.relation.rhs, indices)
                except (OutOfRun, LoweringError):
                    continue
                rounding = bounds.unit * (abs(left.value) + abs(right.value))  # of the difference that is tested
                tolerance = _SAFETY * (left.error + right.error + rounding)
                found.append(_Expected(observation, indices, both, np.broadcast_to(tolerance, zeros.shape)))
    return found


def _admissible(
    engine: Engine, sample: Sample, given: tuple[Proposition, ...], indices: dict[sp.Symbol, int]
) -> NDArray[Any]:
    """Where the hypotheses certainly hold: those on numbers exactly, those on runs beyond their error bounds."""
    size = len(sample)

    def compare(relation: Relation, at: Mapping[sp.Symbol, int]) -> NDArray[Any]:
        if not relation.functions:
            return sample.holds(relation, at)
        left, right = engine.value(relation.lhs, at), engine.value(relation.rhs, at)
        gap, error = right.value - left.value, right.error + left.error
        exact = (error == 0) & (gap == 0)
        sure = {"=": exact, "<=": (gap >= error) & np.isfinite(error), "<": gap > error, "!=": abs(gap) > error}
        return np.broadcast_to(sure[relation.op], (size,))

    result = np.full(size, True)
    for p in given:
        try:
            truth = certainly(p, indices, compare, range(sample.steps))
        except (Undetermined, OutOfRun, LoweringError):
            return np.full(size, False)
        result = result & np.broadcast_to(np.asarray(truth, dtype=bool), (size,))
    return result


def _checked(observable: Observable, sample: Sample, expected: list[_Expected], backend: Backend, prefix: str) -> Check:
    name = f"{prefix}{backend.name}"
    if not expected:
        return Check(name, 0, False, None, "", skipped="no run that was tried satisfies the hypotheses")
    sides = _run(observable, sample, backend)
    trials = excluded = 0
    least: tuple[float, str] | None = None
    largest = 0.0
    violated = ""
    for point in expected:
        left, right = sides(point.observation.relation, point.indices)
        with np.errstate(all="ignore"):
            scale = abs(left) + abs(right)
            usable = np.isfinite(right - left) & np.isfinite(point.tolerance) & (point.tolerance <= _VACUOUS * scale)
            usable |= (scale == 0) & np.isfinite(point.tolerance)
            tested = point.admissible & usable
            gap = right - left
            if point.observation.relation.op == "=":
                gap = -abs(gap)
            margin = np.where(scale > 0, gap / scale, 0.0)
            relative = np.where(scale > 0, point.tolerance / scale, 0.0)
        trials += int(tested.sum())
        excluded += int((point.admissible & ~usable).sum())
        if not tested.any():
            continue
        largest = max(largest, float(relative[tested].max()))
        failing = tested & (gap < -point.tolerance)
        row = int(np.argmin(np.where(failing, margin, np.inf) if failing.any() else np.where(tested, margin, np.inf)))
        where = sample.where(row, point.indices)
        if failing.any():
            violated = violated or failure(observable, point.observation.relation, where)
        if least is None or margin[row] < least[0]:
            least = float(margin[row]) + 0.0, where  # no -0
    if not trials:
        return Check(name, 0, False, None, "", skipped=f"no run that was tried is within the range of {backend.dtype}")
    where = violated or (least[1] if least else "")
    remark = f"; {excluded} points excluded as overflowing or too ill-conditioned" if excluded else ""
    unit = {"float64": "2^-53", "float32": "2^-24"}[backend.dtype]
    tolerance = f"running error bound, at most {largest:.1e} relative over {sample.steps} steps (unit {unit})"
    return Check(name, trials, not violated, least[0] if least else None, where + remark, tolerance)


def _run(
    observable: Observable, sample: Sample, backend: Backend
) -> Callable[[Relation, Mapping[sp.Symbol, int]], tuple[NDArray[Any], NDArray[Any]]]:
    """Simulate on the backend; both sides of a relation there, as float64 on the host."""
    options = {"dtype": backend.dtype, **({"device": backend.device} if backend.device else {})}
    chosen: Any = arithmetic(backend.arithmetic, **options)
    rule = method_instance(observable, sample.values).rule.specialise(dict(observable.fixed))
    engine = Engine(chosen, list(sample.values), (*observable.sequences, "g"))
    engine.values = {symbol: chosen.array(array) for symbol, array in sample.values.items()}
    columns = [chosen.array(column) for column in np.ascontiguousarray(sample.gradients.T)]
    engine.sequences = trajectories(rule, engine.values, columns, chosen)

    def sides(relation: Relation, indices: Mapping[sp.Symbol, int]) -> tuple[NDArray[Any], NDArray[Any]]:
        with np.errstate(all="ignore"):
            left, right = (_host(engine.value(side, indices)) for side in (relation.lhs, relation.rhs))
        shape = (len(sample),)
        return np.broadcast_to(left, shape), np.broadcast_to(right, shape)

    return sides


def _host(value: Any) -> NDArray[np.float64]:
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value, dtype=np.float64)
