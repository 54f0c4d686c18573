"""Enclosure on a box by branch and bound over Arb balls, with the mean-value form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import flint
import sympy as sp

from adamtheory.lowering import arithmetic, lower
from adamtheory.proof.kernel import Rule, Scope, Trust
from adamtheory.proof.rules.calculus import DIFFERENTIABLE
from adamtheory.proof.rules.order import relation
from adamtheory.propositions import Proposition, le

Box = tuple[tuple[Fraction, Fraction], ...]
NARROWEST = Fraction(1, 2**60)  # a box that stays undecided down to here is tight


@dataclass(frozen=True)
class Enclosure(Rule):
    """lhs op rhs on a box of the variables, certified ball by ball.  It cannot prove what is tight inside the box."""

    name: ClassVar[str] = "enclosure on a box"
    box: Mapping[sp.Symbol, tuple[Any, Any]] = field(default_factory=dict, hash=False)
    boxes: int = 200_000
    bits: int = 128

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "enclosure.form", claim, "<", "<=", "!=")
        variables = sorted(self.box, key=str)
        start: list[tuple[Fraction, Fraction]] = []
        for x in variables:
            low, high = (sp.Rational(str(end)) for end in self.box[x])
            scope.oblige("enclosure.lower", le(low, x))
            scope.oblige("enclosure.upper", le(x, high))
            start.append((Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))))
        difference = r.rhs - r.lhs
        loose = difference.free_symbols - set(variables)
        scope.require("enclosure.box", not loose, f"no range is given for {sorted(map(str, loose))}")
        smooth = all(
            node.is_Symbol or node.is_Rational or node in (sp.pi, sp.E) or isinstance(node, DIFFERENTIABLE)
            for node in sp.preorder_traversal(difference)
        )
        slopes = [sp.diff(difference, x) for x in variables] if smooth else []
        evaluate = lower([difference, *slopes], variables, arithmetic("ball", bits=self.bits))
        left = self._cover(evaluate, tuple(start), r.op, bool(slopes))
        where = ", ".join(
            f"{x} in [{float(a):.6g}, {float(b):.6g}]" for x, (a, b) in zip(variables, left or (), strict=False)
        )
        scope.require("enclosure.certified", left is None, f"not certified on {where or 'the point itself'}")
        return Trust(solvers=frozenset({"Arb (ball arithmetic)"}))

    def _cover(self, evaluate: Any, start: Box, op: str, slopes: bool) -> Box | None:
        """None when every box is certified, else a box that is not."""
        queue, count = [start], 0
        while queue:
            box = queue.pop()
            count += 1
            if _certified(evaluate, box, op, slopes):
                continue
            if count >= self.boxes or not box:
                return box
            widest = max(range(len(box)), key=lambda i: box[i][1] - box[i][0])
            low, high = box[widest]
            if high - low <= NARROWEST:
                return box
            middle = (low + high) / 2
            for part in ((low, middle), (middle, high)):
                queue.append((*box[:widest], part, *box[widest + 1 :]))
        return None


def _ball(low: Fraction, high: Fraction) -> Any:
    ends = [flint.arb(flint.fmpq(x.numerator, x.denominator)) for x in (low, high)]
    return ends[0].union(ends[1])


def _certified(evaluate: Any, box: Box, op: str, slopes: bool) -> bool:
    balls = [_ball(low, high) for low, high in box]
    value, *gradient = evaluate(*balls)
    if _holds(value, op):
        return True
    if not slopes or not box:
        return False
    middles = [flint.arb(flint.fmpq((low + high).numerator, 2 * (low + high).denominator)) for low, high in box]
    centre = evaluate(*middles)[0]
    for slope, ball, middle in zip(gradient, balls, middles, strict=True):
        centre = centre + slope * (ball - middle)
    return _holds(centre, op)


def _holds(value: Any, op: str) -> bool:
    """A ball that is not finite, or that straddles zero, certifies nothing."""
    if not value.is_finite():
        return False
    if op == "<":
        return bool(value > 0)
    return bool(value >= 0) if op == "<=" else bool(value > 0 or value < 0)
