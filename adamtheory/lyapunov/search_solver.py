"""What proposes: feasibility at a rate by Clarabel through CVXPY, the best rate by bisection, and rational candidates.

Nothing here is trusted; ``Certificate.check`` decides of every candidate.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from fractions import Fraction
from importlib import import_module

import numpy as np

from adamtheory.lyapunov.exact_forms import Matrix
from adamtheory.lyapunov.problems import Problem
from adamtheory.lyapunov.search_units import Array, Balanced, balanced, units_of

_BISECTIONS = 60
_PRECISE = 1e-7  # relative, of the best rate
_LARGEST = 1e4  # of unknowns, in balanced units
_ZERO = 1e-7  # of the solver's numbers, no larger than this where they have to vanish
_VANISHES = 1e-6  # of a balanced form's diagonal
_DIGITS = (10**4, 10**6, 10**9, 10**12)  # denominators tried, in balanced units
Zeros = frozenset[tuple[int, int]]
Exact = tuple[list[list[Matrix]], list[Matrix]]


class Solver:
    """Feasibility in the unknowns of one problem; ModuleNotFoundError where CVXPY or Clarabel are not installed."""

    def __init__(self, problem: Problem) -> None:
        try:
            for package in ("cvxpy", "clarabel"):
                import_module(package)
        except ModuleNotFoundError as missing:
            message = f"lyapunov.search needs {missing.name}: pip install cvxpy clarabel"
            raise ModuleNotFoundError(message, name=missing.name) from None
        self.problem = problem
        self.names = problem.unknowns
        self.units = units_of(problem)
        self._ends = [self._end(Fraction(rate)) for rate in (0, 1)]
        self._floats = [_floats(end) for end in self._ends]

    def best(self) -> Fraction | None:
        """The best rate that the solver sees, by bisection; None where it sees none."""
        unit = self.units.rate
        if self.problem.better < 0:
            if not self.feasible(Fraction(1)):
                return None
            low, high = 0.0, 1.0  # feasible at high
            for _ in range(_BISECTIONS):
                middle = (low + high) / 2
                low, high = (low, middle) if self.feasible(Fraction(middle)) else (middle, high)
                if high - low <= _PRECISE * (1 - low):
                    break
            return Fraction(high)
        if not self.feasible(Fraction(0)):
            return None
        low, high = 0.0, 1.0
        while self.feasible(Fraction(high) * unit) and high < 1e12:
            low, high = high, 4 * high
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.feasible(Fraction(middle) * unit) else (low, middle)
            if high - low <= _PRECISE * high:
                break
        return Fraction(low) * unit

    def feasible(self, rate: Fraction) -> bool:
        """Does the solver see coefficients at this rate, up to its tolerance?"""
        found = self._solve(self._balanced(rate))
        return found is not None and found[0] >= -_ZERO

    def candidates(self, rate: Fraction) -> Iterator[dict[str, Fraction]]:
        """Rational unknowns at a rate, ever more of whose rows vanish exactly: on the boundary of what is feasible no
        rounding of an inner point helps."""
        posed, exact = self._balanced(rate), self._exact(rate)
        zeros: Zeros = frozenset()
        for _ in range(6):
            found = self._solve(posed, zeros)
            if found is None or found[0] < -1e-5:
                return
            yield from self._rounded(posed, exact, found[1], zeros)
            more = _vanishing(posed, found[1]) | zeros
            if more == zeros:
                return
            zeros = more

    def _end(self, rate: Fraction) -> Exact:
        nothing = dict.fromkeys(self.names, Fraction(0))
        constant = self.problem.inequalities(rate, nothing)
        units = [self.problem.inequalities(rate, nothing | {name: Fraction(1)}) for name in self.names]
        forms, gaps = [], []
        for k, one in enumerate(constant):
            forms.append([one.form, *(_difference(unit[k].form, one.form) for unit in units)])
            own = list(one.gaps)
            gaps.append([own, *([b - a for a, b in zip(own, unit[k].gaps, strict=True)] for unit in units)])
        return forms, gaps

    def _exact(self, rate: Fraction) -> Exact:
        """(forms, gaps) of each inequality: constant part first, then one for each unknown; affine in the rate."""
        (forms, gaps), (sloped, rising) = self._ends
        shapes = [
            [_between(start, end, rate) for start, end in zip(form, slope, strict=True)]
            for form, slope in zip(forms, sloped, strict=True)
        ]
        return shapes, [_between(gap, rise, rate) for gap, rise in zip(gaps, rising, strict=True)]

    def _balanced(self, rate: Fraction) -> Balanced:
        """The same by floats, in balanced units."""
        (forms, gaps), (sloped, rising) = self._floats
        at = float(rate)
        return balanced(
            [form + at * (slope - form) for form, slope in zip(forms, sloped, strict=True)],
            [gap + at * (rise - gap) for gap, rise in zip(gaps, rising, strict=True)],
            self.units,
        )

    def _solve(self, posed: Balanced, zeros: Zeros = frozenset()) -> tuple[float, Array] | None:
        """(margin, unknowns in balanced units) with the largest margin <= 1; ``zeros``: (inequality, place) of the rows
        of the form, and after them the gaps' coefficients, that must vanish."""
        import cvxpy as cp

        z, margin = cp.Variable(len(self.names)), cp.Variable()
        constraints = [margin <= 1, cp.norm(z, "inf") <= _LARGEST]
        positive = [k for k, name in enumerate(self.names) if name not in self.problem.signed]
        constraints += [z[positive] >= 0] if positive else []
        for k, (entries, gaps) in enumerate(zip(posed.forms, posed.gaps, strict=True)):
            size = entries.shape[1]
            gone = [i for i in range(size) if (k, i) in zeros]
            kept = [i for i in range(size) if i not in gone]
            rows = entries[:, gone].reshape(len(entries), -1).T
            rows = rows[np.abs(rows).any(axis=1)]
            if len(rows):
                constraints.append(rows[:, 0] + rows[:, 1:] @ z == 0)
            if kept:
                flat = entries[np.ix_(range(len(entries)), kept, kept)].reshape(len(entries), -1).T
                part = cp.reshape(flat[:, 0] + flat[:, 1:] @ z, (len(kept), len(kept)), order="C")
                constraints.append((part + part.T) / 2 + margin * np.eye(len(kept)) << 0)
            for place, bound in enumerate(gaps.T, start=size):
                if np.abs(bound).any():
                    value = bound[0] + bound[1:] @ z
                    constraints.append(value == 0 if (k, place) in zeros else value + margin <= 0)
        program = cp.Problem(cp.Maximize(margin), constraints)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a solution may be inaccurate: only proposals come from here
            try:
                program.solve(solver=cp.CLARABEL)
            except cp.error.SolverError:
                return None
        if z.value is None or margin.value is None or not np.isfinite(z.value).all():
            return None
        return float(margin.value), np.asarray(z.value)

    def _rounded(self, posed: Balanced, exact: Exact, z: Array, zeros: Zeros) -> Iterator[dict[str, Fraction]]:
        """z rounded so that every entry that has to vanish does: pivots follow from the rest."""
        rows: list[list[Fraction]] = []
        for k, (forms, gaps) in enumerate(zip(*exact, strict=True)):
            size = len(forms[0])
            for i in (place for place in range(size + len(gaps[0])) if (k, place) in zeros):
                if i < size:
                    rows += [[*(form[i][j] for form in forms[1:]), -forms[0][i][j]] for j in range(size)]
                else:
                    rows.append([*(gap[i - size] for gap in gaps[1:]), -gaps[0][i - size]])
        pivots = _eliminated(rows, len(self.names))
        if pivots is None:
            return
        for digits in _DIGITS:
            values = [
                Fraction(float(x)).limit_denominator(digits) * unit for x, unit in zip(z, posed.unknowns, strict=True)
            ]
            for k, name in enumerate(self.names):
                if name not in self.problem.signed and (values[k] < 0 or abs(z[k]) < _ZERO):
                    values[k] = Fraction(0)
            for column, row in pivots:
                values[column] = row[-1] - sum(
                    (row[k] * values[k] for k in range(len(values)) if k != column), Fraction(0)
                )
            yield dict(zip(self.names, values, strict=True))


def _difference(left: Matrix, right: Matrix) -> Matrix:
    return [[a - b for a, b in zip(row, other, strict=True)] for row, other in zip(left, right, strict=True)]


def _between(start: Matrix, end: Matrix, rate: Fraction) -> Matrix:
    return [
        [a if a == b else a + rate * (b - a) for a, b in zip(row, other, strict=True)]
        for row, other in zip(start, end, strict=True)
    ]


def _floats(exact: Exact) -> tuple[list[Array], list[Array]]:
    forms, gaps = exact
    return [np.array(form, dtype=float) for form in forms], [np.array(gap, dtype=float) for gap in gaps]


def _vanishing(posed: Balanced, z: Array) -> Zeros:
    """Diagonal entries, and gaps' coefficients, that are as good as 0: they, or their rows, have to vanish."""
    found = set()
    for k, (entries, gaps) in enumerate(zip(posed.forms, posed.gaps, strict=True)):
        diagonal = np.diagonal(entries[0] + np.tensordot(z, entries[1:], axes=1))
        whole = [*diagonal, *(gaps[0] + z @ gaps[1:])]
        found |= {(k, i) for i, x in enumerate(whole) if x > -_VANISHES}
    return frozenset(found)


def _eliminated(rows: list[list[Fraction]], width: int) -> list[tuple[int, list[Fraction]]] | None:
    """Reduced rows, each with its pivot column; None where the equations contradict each other."""
    pivots: list[tuple[int, list[Fraction]]] = []
    for row in rows:
        rest = row[:]
        for column, known in pivots:
            if rest[column]:
                rest = [a - rest[column] * b for a, b in zip(rest, known, strict=True)]
        lead = next((k for k in range(width) if rest[k]), None)
        if lead is None:
            if rest[-1]:
                return None
            continue
        rest = [a / rest[lead] for a in rest]
        pivots = [
            (k, [a - other[lead] * b for a, b in zip(other, rest, strict=True)] if other[lead] else other)
            for k, other in pivots
        ]
        pivots.append((lead, rest))
    return pivots
