"""Theorem 1 of Gould & Tanaka (2024) beside the exact bound: as printed and repaired, in numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from adamtheory.bounds.adam import printed_bound, repaired_bound
from adamtheory.bounds.bound import Bound
from adamtheory.lowering import evaluate
from adamtheory.methods import Adam
from adamtheory.notation import beta, gamma
from adamtheory.report.numbers import rounded
from adamtheory.report.region import Point


@dataclass(frozen=True)
class Printed:
    """The right side of Theorem 1 at a bound's hyperparameters and steps; excesses are in per cent of the exact value,
    None where that or the bound is infinite."""

    exponent: Fraction
    region: str
    in_strip: bool
    printed: arb
    printed_holds: bool
    printed_excess: float | None
    repaired: arb
    repaired_holds: bool
    repaired_excess: float | None

    @property
    def printed_text(self) -> str:
        return _text(self.printed)

    @property
    def repaired_text(self) -> str:
        return _text(self.repaired)


def printed(bound: Bound) -> Printed | None:
    """None for another method than Adam (with decay of either kind), and where C is not defined."""
    method = bound.method
    if not isinstance(method, Adam):
        return None
    if not all(isinstance(x, Fraction) for x in (method.beta, method.gamma)):
        return None
    at = Point(method.beta, method.gamma)
    if at.exponent is None:
        return None
    sign = (at.exponent > 0) - (at.exponent < 0)
    values = {beta: at.beta, gamma: at.gamma}
    as_printed, repaired = _value(printed_bound, sign, bound, values), _value(repaired_bound, sign, bound, values)
    return Printed(
        exponent=at.exponent,
        region=str(at.printed_region),
        in_strip=at.in_strip and bound.time == "discrete",
        printed=as_printed,
        printed_holds=not as_printed < bound.ball,
        printed_excess=_excess(as_printed, bound.ball),
        repaired=repaired,
        repaired_holds=not repaired < bound.ball,
        repaired_excess=_excess(repaired, bound.ball),
    )


def _value(form: Any, sign: int, bound: Bound, values: dict[sp.Symbol, Fraction]) -> arb:
    if bound.steps is None and sign <= 0:
        return arb.pos_inf()
    if bound.steps is None:
        # 1/sqrt(C) does not depend on the steps, and the bias correction tends to 1.
        steps = sp.Symbol("N", positive=True)
        powers = {x**steps: sp.S.Zero for x in (beta, gamma)}
        return evaluate(form(sign, steps).xreplace(powers), values, "ball")
    seen = sp.Rational(bound.steps.numerator, bound.steps.denominator)
    # In continuous time s = t/h steps have passed where n steps have in discrete time.
    count = seen + 1 if bound.time == "continuous" else seen
    return evaluate(form(sign, count), values, "ball")


def _excess(ball: arb, exact: arb) -> float | None:
    if not ball.is_finite() or not exact.is_finite() or not exact > 0:
        return None
    return float(((ball / exact - 1) * 100).mid())  # inf where the ratio is beyond the doubles


def _text(ball: arb) -> str:
    middle = float(ball.mid())
    return rounded(middle) if math.isfinite(middle) or not ball.is_finite() else str(ball.str(7, radius=False))
