"""The search for energies: the best coefficients of a template, proposed by a solver, proved by a rational certificate.

For a rate, what is asked of the coefficients and multipliers is a convex feasibility problem, solved by Clarabel
through CVXPY; bisection finds the best rate.  The solver only proposes: its numbers are rounded to rationals that
satisfy every equation exactly, and ``Certificate.check`` decides.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import import_module
from typing import Any

import numpy as np

from adamtheory.flows.memory import MemoryFlow
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lyapunov.certificates import Certificate
from adamtheory.lyapunov.flow_problems import FlowProblem, Preconditioned
from adamtheory.lyapunov.problems import LossClass, Problem
from adamtheory.lyapunov.reduction import reduced
from adamtheory.lyapunov.refuting import Refutation, refute
from adamtheory.proof.verdict import Verdict
from adamtheory.validation import reject

_BISECTIONS = 40
_PRECISE = 1e-7  # relative, of the best rate
_BACK = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)  # of the best rate, given up for a margin that rounding can use
_ZERO = 1e-7  # of the solver's numbers, no larger than this where they have to vanish
_DIGITS = (10**4, 10**6, 10**9, 10**12)  # denominators tried


@dataclass(frozen=True)
class Found:
    """``rate``: what W = sum of ``coefficients`` times terms decays at, at least (for a discrete method: the factor a
    step, at most).  ``verdict``: PROVED with a ``certificate``, REFUTED with a ``refutation`` (every such W grows
    somewhere), UNDECIDED with a ``reason``.  ``proposed``: the best rate that the solver saw; no evidence."""

    problem: Problem
    verdict: Verdict
    rate: Fraction | None = None
    certificate: Certificate | None = None
    refutation: Refutation | None = None
    reason: str = ""
    proposed: float = math.nan
    coefficients: Mapping[str, Fraction] = field(default_factory=dict)

    def check(self) -> bool:
        """Check the evidence again, exactly; False where there is none."""
        if self.certificate is not None:
            return self.certificate.check()
        return self.refutation is not None and self.refutation.check()

    def __str__(self) -> str:
        if self.verdict is Verdict.PROVED:
            assert self.rate is not None
            energy = " + ".join(f"{float(value):.6g} {name}" for name, value in self.coefficients.items())
            return f"PROVED: rate {float(self.rate):.6g} by W = {energy}"
        if self.verdict is Verdict.REFUTED:
            return f"REFUTED: no energy of this template decreases; {self.refutation}"
        return f"UNDECIDED: {self.reason}"


def search(
    flow: Any,
    template: Any,
    losses: LossClass,
    *,
    initial_gap: object = None,
    rate: object = None,
) -> Found:
    """The energy of a template that decays fastest along a flow, over a class of losses.

    ``flow``: ``Preconditioned`` (``gradient_flow()``, ``heavy_ball_flow(friction)``), or a memory equation of RMSProp,
    AdaGrad or Adam (``flows.heredia_flow``), which needs ``initial_gap`` f - f* and a smooth class for the bounds of
    its preconditioner; or a ``MethodProblem``, which has its own template and class.  ``template``: names of
    ``flow_problems.TERMS``, as a sequence or between commas.  ``rate``: only this rate, in place of the best.

    Raises ValueError for bad input, and ModuleNotFoundError where CVXPY or Clarabel are not installed."""
    if isinstance(flow, Problem):
        problem = flow
    else:
        problem = FlowProblem(_dynamics(flow, losses, initial_gap), _terms(template), losses)
    solver = _Solver(problem)
    if rate is not None:
        wanted = exact_fraction(rate, "rate")
        return _proved(problem, solver, [wanted], float(wanted)) or _other(
            problem, f"no coefficients were found at the rate {wanted}"
        )
    best = solver.best()
    if best is None:
        return _other(problem, "the solver saw no coefficients under which the energy does not grow")
    return _proved(problem, solver, _rates(problem, best), best) or _other(
        problem, f"the solver's coefficients, for a rate near {best:.6g}, did not survive rounding", best
    )


def _terms(template: Any) -> tuple[str, ...]:
    names = template.split(",") if isinstance(template, str) else template
    return tuple(name.strip() for name in names)


def _dynamics(flow: Any, losses: LossClass, initial_gap: object) -> Preconditioned:
    if isinstance(flow, Preconditioned):
        return flow
    if not isinstance(flow, MemoryFlow):
        allowed = (
            "a Preconditioned flow, a memory equation such as flows.heredia_flow(Adam(lr='0.001')), or a MethodProblem"
        )
        reject("flow", flow, allowed, TypeError)
    return reduced(flow, losses, initial_gap)


def _rates(problem: Problem, best: float) -> list[Fraction]:
    """The rate that was found, and ever more modest ones."""
    if problem.better > 0:
        tried = [best * (1 - share) for share in _BACK] if best > 0 else []
        return [Fraction(x).limit_denominator(10**9) for x in tried] + [Fraction(0)]
    return [Fraction(best + share * (1 - best)).limit_denominator(10**9) for share in _BACK] + [Fraction(1)]


def _proved(problem: Problem, solver: _Solver, rates: list[Fraction], proposed: float) -> Found | None:
    for rate in rates:
        for unknowns in solver.rounded(rate):
            certificate = Certificate(problem, rate, unknowns)
            if certificate.check():
                own = {name: value for name, value in unknowns.items() if " by " not in name}
                lead = {getattr(problem, "lead", "W"): Fraction(1)}
                return Found(problem, Verdict.PROVED, rate, certificate, proposed=proposed, coefficients=lead | own)
    return None


def _other(problem: Problem, reason: str, proposed: float = math.nan) -> Found:
    refutation = refute(problem) if isinstance(problem, FlowProblem) else None
    if refutation is not None and refutation.check():
        return Found(problem, Verdict.REFUTED, refutation=refutation)
    return Found(problem, Verdict.UNDECIDED, reason=reason, proposed=proposed)


class _Solver:
    """Feasibility at a rate, by CVXPY and Clarabel, in the unknowns of one problem."""

    def __init__(self, problem: Problem) -> None:
        try:
            for package in ("cvxpy", "clarabel"):
                import_module(package)
        except ModuleNotFoundError as missing:
            message = f"lyapunov.search needs {missing.name}: pip install cvxpy clarabel"
            raise ModuleNotFoundError(message, name=missing.name) from None
        self.problem = problem
        self.names = problem.unknowns

    def _affine(self, rate: Fraction) -> list[tuple[list[Any], list[Any]]]:
        """For each inequality its (forms, gaps): constant part first, then one for each unknown, exact."""
        nothing = dict.fromkeys(self.names, Fraction(0))
        constant = self.problem.inequalities(rate, nothing)
        units = [self.problem.inequalities(rate, nothing | {name: Fraction(1)}) for name in self.names]
        found = []
        for k, one in enumerate(constant):
            forms, gaps = [one.form], [one.gaps]
            for unit in units:
                size = range(len(one.form))
                forms.append([[unit[k].form[i][j] - one.form[i][j] for j in size] for i in size])
                gaps.append(tuple(a - b for a, b in zip(unit[k].gaps, one.gaps, strict=True)))
            found.append((forms, gaps))
        return found

    def solve(self, rate: Fraction, zeros: frozenset[tuple[int, int]] = frozenset()) -> tuple[float, Any] | None:
        """(margin, unknowns) with the largest margin <= 1; ``zeros``: (inequality, variable) whose row must vanish."""
        import cvxpy as cp

        z, margin = cp.Variable(len(self.names)), cp.Variable()
        constraints = [margin <= 1, cp.norm(z, "inf") <= 1e6]
        positive = [k for k, name in enumerate(self.names) if name not in self.problem.signed]
        constraints += [z[positive] >= 0] if positive else []
        for k, (forms, gaps) in enumerate(self._affine(rate)):
            entries = np.array(forms, dtype=float)  # (1 + unknowns, size, size)
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
            bounds = np.array(gaps, dtype=float).T
            bounds = bounds[np.abs(bounds).any(axis=1)]
            if len(bounds):
                constraints.append(bounds[:, 0] + bounds[:, 1:] @ z <= 0)
        posed = cp.Problem(cp.Maximize(margin), constraints)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a solution may be inaccurate: only proposals come from here
            try:
                posed.solve(solver=cp.CLARABEL)
            except cp.error.SolverError:
                return None
        if z.value is None or margin.value is None or not np.isfinite(z.value).all():
            return None
        return float(margin.value), np.asarray(z.value)

    def feasible(self, rate: Fraction) -> bool:
        """Does the solver see coefficients at this rate, up to its tolerance?"""
        found = self.solve(rate)
        return found is not None and found[0] >= -_ZERO

    def best(self) -> float | None:
        """The best rate that the solver sees, by bisection; None where there is none."""
        if self.problem.better < 0:
            if not self.feasible(Fraction(1)):
                return None
            low, high = 0.0, 1.0  # feasible at high
            for _ in range(_BISECTIONS):
                middle = (low + high) / 2
                low, high = (low, middle) if self.feasible(Fraction(middle)) else (middle, high)
                if high - low <= _PRECISE * (1 - low):
                    break
            return high
        if not self.feasible(Fraction(0)):
            return None
        low, high = 0.0, 1.0
        while self.feasible(Fraction(high)) and high < 1e12:
            low, high = high, 4 * high
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.feasible(Fraction(middle)) else (low, middle)
            if high - low <= _PRECISE * high:
                break
        return low

    def rounded(self, rate: Fraction) -> list[dict[str, Fraction]]:
        """Rational candidates at a rate, that satisfy exactly what has to vanish."""
        zeros: frozenset[tuple[int, int]] = frozenset()
        candidates: list[dict[str, Fraction]] = []
        for _ in range(6):
            found = self.solve(rate, zeros)
            if found is None or found[0] < -1e-5:
                return candidates
            _, z = found
            candidates += self._exact(rate, z, zeros)
            more = self._vanishing(rate, z) | zeros
            if more == zeros:
                return candidates
            zeros = more
        return candidates

    def _vanishing(self, rate: Fraction, z: Any) -> frozenset[tuple[int, int]]:
        """Diagonal entries that are as good as 0: their rows have to vanish."""
        found = set()
        for k, (forms, _) in enumerate(self._affine(rate)):
            numbers = [np.array(form, dtype=float) for form in forms]
            value = numbers[0] + sum((z[i] * number for i, number in enumerate(numbers[1:])), 0 * numbers[0])
            scale = max(1.0, np.abs(value).max())
            found |= {(k, i) for i in range(len(value)) if value[i, i] > -1e-6 * scale}
        return frozenset(found)

    def _exact(self, rate: Fraction, z: Any, zeros: frozenset[tuple[int, int]]) -> list[dict[str, Fraction]]:
        """z rounded so that every entry that has to vanish does: pivots follow from the rest."""
        rows: list[list[Fraction]] = []
        for k, (forms, _) in enumerate(self._affine(rate)):
            size = len(forms[0])
            for i in (i for i in range(size) if (k, i) in zeros):
                rows += [[*(form[i][j] for form in forms[1:]), -forms[0][i][j]] for j in range(size)]
        pivots = _eliminated(rows, len(self.names))
        if pivots is None:
            return []
        found = []
        for digits in _DIGITS:
            values = [Fraction(float(x)).limit_denominator(digits) for x in z]
            for k, name in enumerate(self.names):
                if name not in self.problem.signed and (values[k] < 0 or abs(z[k]) < _ZERO):
                    values[k] = Fraction(0)
            for column, row in pivots:
                values[column] = row[-1] - sum(
                    (row[k] * values[k] for k in range(len(values)) if k != column), Fraction(0)
                )
            found.append(dict(zip(self.names, values, strict=True)))
        return found


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
