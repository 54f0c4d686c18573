"""What a search found: the verdict, and the evidence for it, which can be checked again."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from adamtheory.lyapunov.certificates import Certificate
from adamtheory.lyapunov.flow_problems import FlowProblem
from adamtheory.lyapunov.method_problems import MethodProblem
from adamtheory.lyapunov.problems import Problem
from adamtheory.lyapunov.refuting import Refutation
from adamtheory.proof.verdict import Verdict


def _provenance() -> dict[str, str]:
    """Who proposed: versions of the packages."""
    found = {}
    for package in ("adamtheory", "cvxpy", "clarabel"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found


@dataclass(frozen=True)
class Found:
    """``rate``: what W = sum of ``coefficients`` times terms decays at, at least (for a discrete method: the factor a
    step, at most).  ``verdict``: PROVED with a ``certificate``, REFUTED with a ``refutation`` (the witness: states, in
    one of which every such W grows), UNDECIDED with a ``reason``.  ``proposed``: the best rate that the solver saw; no
    evidence.  ``provenance``: the packages that proposed."""

    problem: Problem
    verdict: Verdict
    rate: Fraction | None = None
    certificate: Certificate | None = None
    refutation: Refutation | None = None
    reason: str = ""
    proposed: float = math.nan
    provenance: Mapping[str, str] = field(default_factory=_provenance, compare=False)

    @property
    def coefficients(self) -> dict[str, Fraction]:
        """Of the energy that the certificate is about, by the template's terms; none without one."""
        if self.certificate is None or not isinstance(self.problem, (FlowProblem, MethodProblem)):
            return {}
        at = self.certificate.unknowns
        found = {}
        for term in self.problem.template:
            if term == "gradient-momentum":
                found[term] = at[f"{term}+"] - at[f"{term}-"]
            else:
                found[term] = Fraction(1) if term == self.problem.lead else at[term]
        return found

    @property
    def multipliers(self) -> dict[str, Fraction]:
        """Of the inequalities of the class, by their names."""
        known = {} if self.certificate is None else self.certificate.unknowns
        return {name: value for name, value in known.items() if " by " in name}

    def check(self) -> bool:
        """Check the evidence again, exactly; False where there is none, or where it is of something else."""
        if self.verdict is Verdict.PROVED and self.certificate is not None:
            own = self.certificate.problem == self.problem and self.certificate.rate == self.rate
            return own and self.certificate.check()
        if self.verdict is Verdict.REFUTED and self.refutation is not None:
            return self.refutation.problem == self.problem and self.refutation.check()
        return False

    def to_json(self) -> str:
        """Everything, as JSON that ends in a line break; exact numbers as texts."""
        data = {
            "verdict": self.verdict.name,
            "rate": None if self.rate is None else str(self.rate),
            "coefficients": {name: str(value) for name, value in self.coefficients.items()},
            "multipliers": {name: str(value) for name, value in self.multipliers.items()},
            "certificate": None if self.certificate is None else json.loads(self.certificate.to_json()),
            "refutation": None if self.refutation is None else str(self.refutation),
            "witness": None if self.refutation is None else _states(self.refutation),
            "reason": self.reason,
            "proposed": self.proposed if math.isfinite(self.proposed) else None,
            "provenance": dict(self.provenance),
        }
        return json.dumps(data, indent=2) + "\n"

    def __str__(self) -> str:
        if self.verdict is Verdict.PROVED:
            assert self.rate is not None
            return f"PROVED: rate {float(self.rate):.6g} by W = {_sum(self.coefficients)}"
        if self.verdict is Verdict.REFUTED:
            return f"REFUTED: no energy {_refuted(self.problem)}; {self.refutation}"
        return f"UNDECIDED: {self.reason}"


def described(problem: Problem) -> str:
    """Dynamics, template and class in one line."""
    if isinstance(problem, FlowProblem):
        flow = problem.dynamics
        moving = "g" if flow.momentum is None else "m"
        average = "" if flow.momentum is None else f", m' = {_number(flow.momentum)} (g - m)"
        above = "" if flow.largest is None else f" <= {_number(flow.largest)}"
        growth = "" if flow.momentum is None else f", A' <= {_number(flow.growth)} A"
        bounds = f"{_number(flow.least)} <= A{above}{growth}"
        if flow.least == flow.largest:
            bounds = f"A = {_number(flow.least)}"
        dynamics = f"theta' = -A {moving}{average}, {bounds}"
    elif isinstance(problem, MethodProblem):
        heavy = f" + {_number(problem.momentum)} (x_k - x_(k-1))" if problem.momentum else ""
        dynamics = f"x_(k+1) = x_k - {_number(problem.step)} g_k{heavy}"
    else:
        return type(problem).__name__
    known = [(name, getattr(problem.losses, name)) for name in ("smoothness", "strong_convexity", "pl")]
    losses = ", ".join(f"{name} {_number(value)}" for name, value in known if value is not None)
    return f"{' + '.join(problem.template)} along {dynamics}; losses with {losses or 'a minimiser'}"


def _number(value: Fraction) -> str:
    return f"{float(value):.6g}"


def _refuted(problem: Problem) -> str:
    """Which energies a refutation is about: those whose lead has the coefficient 1, along all flows of the problem."""
    assert isinstance(problem, FlowProblem)
    # without both, the lead's coefficient is positive in every energy that is bounded below, and 1 in a multiple of it
    both = {"gap", "distance"} <= set(problem.template)
    lead = " with a positive coefficient of the gap" if both else ""
    fixed = problem.dynamics.least == problem.dynamics.largest
    return f"of this template{lead} decreases" + ("" if fixed else " for all preconditioners within the bounds")


def _sum(coefficients: Mapping[str, Fraction]) -> str:
    """a term + b term - c term; terms that are not there left out."""
    text = ""
    for name, value in coefficients.items():
        if value:
            sign = (" - " if value < 0 else " + ") if text else ("-" if value < 0 else "")
            size = abs(float(value))
            text += f"{sign}{name}" if size == 1 else f"{sign}{size:.6g} {name}"
    return text


def _states(refutation: Refutation) -> list[dict[str, Any]]:
    found = []
    for state, multiplier in zip(refutation.states, refutation.multipliers, strict=True):
        a, b, c = map(str, state.hessian)
        found.append(
            {
                "hessian": [[a, b], [b, c]],
                "x": [str(value) for value in state.x],
                "m": None if state.m is None else [str(value) for value in state.m],
                "scale": [str(value) for value in state.scale],
                "multiplier": str(multiplier),
            }
        )
    return found
