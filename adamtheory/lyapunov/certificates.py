"""Certificates of energies: everything that a rate rests on, in rationals, and the checker, which knows no solver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lyapunov.flow_problems import FlowProblem, Preconditioned
from adamtheory.lyapunov.method_problems import MethodProblem
from adamtheory.lyapunov.problems import LossClass, Problem
from adamtheory.validation import reject

FORMAT = "adamtheory energy certificate 1"


@dataclass(frozen=True)
class Certificate:
    """A rate, and unknowns of a problem that prove it: coefficients of the energy, and multipliers."""

    problem: Problem
    rate: Fraction
    unknowns: Mapping[str, Fraction]

    def check(self) -> bool:
        """Does it hold, exactly?  Every inequality is set up again from the problem."""
        return self.problem.holds(self.rate, self.unknowns)

    def to_json(self) -> str:
        """As JSON, numbers as texts of rationals."""
        data = {
            "format": FORMAT,
            "problem": self.problem.as_data(),
            "rate": str(self.rate),
            "unknowns": {name: str(value) for name, value in self.unknowns.items()},
        }
        return json.dumps(data, indent=2) + "\n"


def load_certificate(source: str | Path) -> Certificate:
    """A certificate from a file; its claim is not checked here.  ValueError for one that cannot be read."""
    path = Path(source)
    try:
        return certificate_from(json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"{path} is no certificate: not JSON ({problem})") from None
    except (KeyError, TypeError, AttributeError, ZeroDivisionError) as problem:
        raise ValueError(f"{path} is no certificate: {problem!r} is wrong or missing") from None


def certificate_from(data: Mapping[str, Any]) -> Certificate:
    """The inverse of ``to_json``."""
    if data.get("format") != FORMAT:
        reject("format", data.get("format"), repr(FORMAT))
    posed = data["problem"]
    losses = LossClass(**{name: _number(value) for name, value in posed["losses"].items()})
    template = tuple(posed["template"])
    problem: Problem
    if posed["kind"] == "flow":
        dynamics = Preconditioned(**{name: _number(value) for name, value in posed["dynamics"].items()})  # type: ignore[arg-type]
        problem = FlowProblem(dynamics, template, losses)
    elif posed["kind"] == "method":
        problem = MethodProblem(
            exact_fraction(posed["step"], "step"), losses, exact_fraction(posed["momentum"], "momentum"), template
        )
    else:
        reject("kind", posed["kind"], "flow or method")
    unknowns = {str(name): exact_fraction(value, str(name)) for name, value in data["unknowns"].items()}
    return Certificate(problem, exact_fraction(data["rate"], "rate"), unknowns)


def _number(value: str | None) -> Fraction | None:
    return None if value is None else exact_fraction(value, "number")
