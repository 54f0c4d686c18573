"""Claims on runs in ball arithmetic, which decides rigorously, and at 50 digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy as sp

from adamtheory.lowering import LoweringError, arithmetic
from adamtheory.proof.verdict import Check
from adamtheory.propositions import Relation
from adamtheory.runs.engine import Engine, OutOfRun, trajectories
from adamtheory.runs.observables import Observable, Observation, failure
from adamtheory.runs.samples import Sample, method_instance, on_hyperparameters
from adamtheory.runs.truth import Undetermined, certainly, holds_exactly

_BITS = 128
_MORE_BITS = 512  # for what the first precision leaves undecided
_DIGITS = 50
_MORE_DIGITS = 200
_STAYS = 1e-100  # rounding shrinks by 1e-150 from the one to the other
# Of 50 digits the steps lose at most log10(steps / (1 - rate)) < 12, to cancellation in 1 - beta^N and in 1 - q.
_SLACK = 1e-30


@dataclass
class _Tally:
    """What a check has seen so far."""

    trials: int = 0
    undecided: int = 0
    margin: float | None = None
    where: str = ""
    violated: str = ""

    def note(self, margin: float | None, where: str) -> None:
        self.trials += 1
        if margin is not None and (self.margin is None or margin < self.margin):
            self.margin, self.where = margin, where


@dataclass
class _Point:
    """One relation on one run at one choice of indices."""

    row: int
    indices: dict[sp.Symbol, int]
    observation: Observation
    sides: tuple[Any, Any] = field(default=(None, None))


def ball_check(observable: Observable, sample: Sample, choices: list[dict[sp.Symbol, int]], name: str) -> Check:
    """Rigorous: a margin whose ball is negative is a failure; what stays undecided at higher precision, because both
    sides are equal there, is counted apart."""
    tally = _Tally()
    open_points = list(_decide(observable, sample, choices, _BITS, tally, None))
    if open_points:
        again = {_key(p) for p in open_points}
        tally.undecided = len(list(_decide(observable, sample, choices, _MORE_BITS, tally, again)))
    tally.trials += tally.undecided
    text = f"; equal to {_MORE_BITS} bits at {tally.undecided} of them" if tally.undecided else ""
    return _check(name, tally, text, "")


def _decide(
    observable: Observable,
    sample: Sample,
    choices: list[dict[sp.Symbol, int]],
    bits: int,
    tally: _Tally,
    only: set[Any] | None,
) -> Iterator[_Point]:
    """Decide points into the tally; those that this precision leaves open are yielded."""
    balls = arithmetic("ball", bits=bits)
    rows = None if only is None else {key[0] for key in only}
    for point in _points(observable, sample, choices, balls, rows):
        if only is not None and _key(point) not in only:
            continue
        with balls.scope():
            left, right = point.sides
            difference, scale = right - left, abs(left) + abs(right)
            op = point.observation.relation.op
            if not difference.is_finite():
                continue  # a value that this run does not have: 0/0 by a convention that the statement does not make
            refuted = difference < 0 or (op == "=" and difference != 0) or (op == "<" and difference <= 0)
            proved = op != "=" and (difference > 0 or (op == "<=" and difference >= 0))
            if op == "=" and not refuted:  # equal as far as the precision tells: that is all a ball can say
                proved = bool(difference.is_zero()) or bool(difference.rad() <= scale.abs_upper() * 2.0 ** (-bits / 2))
            where = sample.where(point.row, point.indices)
            if refuted:
                tally.violated = tally.violated or failure(observable, point.observation.relation, where)
                tally.note(_ratio(difference if op != "=" else -abs(difference), scale), where)
            elif proved:
                tally.note(None if op == "=" else _ratio(difference, scale), where)
            else:
                yield point


def _ratio(difference: Any, scale: Any) -> float:
    quotient = difference / scale
    # Zero over zero: two sides that are exactly zero, equal.
    return float(quotient.lower()) if quotient.is_finite() else 0.0


def digits_check(observable: Observable, sample: Sample, choices: list[dict[sp.Symbol, int]], name: str) -> Check:
    """At 50 digits, with 20 of them as guard.

    What looks violated there is evaluated again with four times the digits: a violation stays what it is, while a
    difference that is truly zero (of nearly equal numbers, where no guard suffices) shrinks to rounding at those."""
    tally = _Tally()
    suspects: dict[Any, Any] = {}
    for key, margin, gap, where in _margins(observable, sample, choices, _DIGITS, None):
        if margin is not None and margin < 0:
            suspects[key] = abs(gap)
        else:
            tally.note(margin, where)
    for key, margin, gap, where in _margins(observable, sample, choices, _MORE_DIGITS, set(suspects)):
        if margin is not None and margin < 0 and abs(gap) > suspects[key] * _STAYS:
            tally.violated = tally.violated or failure(observable, key[2].relation, where)
            tally.note(margin, where)
        else:
            tally.note(0.0, where)
    return _check(name, tally, "", "")


def _margins(
    observable: Observable,
    sample: Sample,
    choices: list[dict[sp.Symbol, int]],
    digits: int,
    only: set[Any] | None,
) -> Iterator[tuple[Any, float | None, Any, str]]:
    """Each admissible point (or those of ``only``) with its relative margin (None for an equality that holds, negative
    where the relation is violated by more than the slack), the difference of both sides, and where it is."""
    numbers = arithmetic("mpmath", digits=digits)
    for point in _points(observable, sample, choices, numbers, None if only is None else {key[0] for key in only}):
        key = _key(point)
        if only is not None and key not in only:
            continue
        left, right = point.sides
        gap, scale = right - left, abs(left) + abs(right)
        margin = float(gap / scale) if scale else 0.0
        if abs(margin) <= _SLACK:
            margin = 0.0
        where = sample.where(point.row, point.indices)
        if point.observation.relation.op == "=":
            yield key, -abs(margin) if margin else None, gap, where
        else:
            yield key, margin, gap, where


def _key(point: _Point) -> tuple[int, tuple[tuple[sp.Symbol, int], ...], Observation]:
    return point.row, tuple(point.indices.items()), point.observation


def _points(
    observable: Observable,
    sample: Sample,
    choices: list[dict[sp.Symbol, int]],
    chosen: Any,
    rows: set[int] | None,
) -> Iterator[_Point]:
    """Every admissible point with both sides evaluated."""
    rule = method_instance(observable, sample.values).rule.specialise(dict(observable.fixed))
    given = tuple(p for p in observable.given if not on_hyperparameters(p, set(sample.values)))
    engine = Engine(chosen, list(sample.values), (*observable.sequences, "g"))
    for row in range(len(sample)) if rows is None else sorted(rows):
        # A float is taken as the number that it is, not as a person's decimal: any real is as good, and this is faster.
        gradients = [chosen.element(Fraction(float(x))) for x in sample.gradients[row]]
        engine.values = sample.point(row)
        engine.sequences = trajectories(rule, engine.values, gradients, chosen)
        for indices in choices:
            if not _admissible(engine, given, indices, sample.steps):
                continue
            for observation in observable.observations:
                if _admissible(engine, observation.given, indices, sample.steps):
                    try:
                        sides = tuple(
                            engine.value(side, indices) for side in (observation.relation.lhs, observation.relation.rhs)
                        )
                    except (OutOfRun, ZeroDivisionError, LoweringError):
                        continue
                    yield _Point(row, indices, observation, (sides[0], sides[1]))


def _admissible(engine: Engine, given: Any, indices: dict[sp.Symbol, int], steps: int) -> bool:
    def compare(relation: Relation, at: Any) -> bool:
        if not relation.functions:
            return holds_exactly(relation, {**engine.values, **at})
        with engine.arithmetic.scope():
            difference = engine.value(relation.rhs, at) - engine.value(relation.lhs, at)
            sure = {"=": difference == 0, "<=": difference >= 0, "<": difference > 0, "!=": difference != 0}
            return bool(sure[relation.op])

    try:
        return all(certainly(p, indices, compare, range(steps)) is True for p in given)
    except (Undetermined, OutOfRun, ZeroDivisionError, LoweringError):
        return False


def _check(name: str, tally: _Tally, remark: str, tolerance: str) -> Check:
    if not tally.trials:
        return Check(name, 0, False, None, "", skipped="no run that was tried satisfies the hypotheses")
    where = tally.violated or tally.where
    return Check(name, tally.trials, not tally.violated, tally.margin, f"{where}{remark}".lstrip("; "), tolerance)
