"""Suprema with attainment, and exact ranges by the intermediate value theorem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp

from adamtheory.proof.axioms import leaning_on
from adamtheory.proof.defined import spoken_of
from adamtheory.proof.kernel import Rule, Scope, Sequent, Trust
from adamtheory.proof.regularity import require_regular
from adamtheory.proof.rules.logic import absent, discharged
from adamtheory.proof.rules.order import relation
from adamtheory.propositions import (
    ForAll,
    Image,
    Proposition,
    Relation,
    Supremum,
    Tends,
    eq,
    fresh_like,
    le,
    substitute,
)


@dataclass(frozen=True)
class Attained(Rule):
    """max of expr over all sequences: an upper bound for every sequence, and one admissible sequence that meets it.

    ``upper``: expr <= value under the scope and the admissibility conditions.  ``meets``: expr = value, and
    ``admissible``: each condition, both under the hypothesis that the sequence is the given one."""

    name: ClassVar[str] = "supremum with attainment"
    sequence: ForAll  # for all k in range: g(k) = w(k)
    upper: Sequent
    meets: Sequent
    admissible: tuple[Sequent, ...] = ()

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        form = isinstance(claim, Supremum) and claim.attained
        scope.require("attained.form", form, f"{claim} is no attained supremum")
        if not isinstance(claim, Supremum):
            return Trust()
        g = claim.over
        derived = _derived(scope, g)
        value_free = not derived & {a.func for a in claim.value.atoms(sp.core.function.AppliedUndef)}
        scope.require("attained.value", value_free, f"the value {claim.value} depends on {g}")
        # Nothing but the definitions may speak of the sequence: it ranges over everything admissible.
        from adamtheory.propositions import SequenceDefinition

        loose = [p for p in scope.hypotheses if derived & spoken_of(p) and not isinstance(p, SequenceDefinition)]
        scope.require("attained.free", not loose, f"hypotheses restrict {g}: {'; '.join(map(str, loose))}")
        for d in scope.definitions.values():
            scope.require("attained.undefined", d.function != g, f"{g} is defined, not free")
        trust = discharged(scope, "attained.upper_hypotheses", self.upper, claim.among)
        scope.require("attained.upper", self.upper.claim == le(claim.expr, claim.value), f"proved {self.upper.claim}")
        self._sequence(scope, g)
        trust |= discharged(scope, "attained.meets_hypotheses", self.meets, (self.sequence,))
        scope.require("attained.meets", self.meets.claim == eq(claim.expr, claim.value), f"proved {self.meets.claim}")
        for condition in claim.among:
            found = [s for s in self.admissible if s.claim == condition]
            scope.require("attained.admissible", bool(found), f"the sequence is not shown to satisfy {condition}")
            trust |= discharged(scope, "attained.admissible_hypotheses", found[0], (self.sequence,))
        return trust

    def _sequence(self, scope: Scope, g: object) -> None:
        """The hypothesis about the sequence must be one that some sequence satisfies: g(index) = explicit value."""
        body, k = self.sequence.body, self.sequence.variable
        explicit = isinstance(body, Relation) and body.op == "=" and body.lhs.func == g and body.lhs.args == (k,)
        scope.require("attained.explicit", bool(explicit), f"{self.sequence} does not give the sequence explicitly")
        if isinstance(body, Relation):
            functions = {a.func for a in body.rhs.atoms(sp.core.function.AppliedUndef)}
            derived = {g} | {d.function for d in scope.definitions.values()}
            scope.require("attained.circular", not functions & derived, f"{body.rhs} depends on the sequence itself")
            from adamtheory.proof.defined import defined

            x = fresh_like(k)
            inside = scope.assume(
                *(Relation(r.op, substitute(r.lhs, {k: x}), substitute(r.rhs, {k: x})) for r in self.sequence.domain)
            )
            defined(inside, substitute(body.rhs, {k: x}))


def _derived(scope: Scope, g: Any) -> set[Any]:
    """The sequence and everything that the scope defines in terms of it."""
    found = {g}
    while True:
        more = {d.function for d in scope.definitions.values() if found & d.functions}
        if more <= found:
            return found
        found |= more


@dataclass(frozen=True)
class RangeOf(Rule):
    """{f(x)} is an interval: bounds for every x, ends attained at a point or approached, f continuous."""

    name: ClassVar[str] = "range of a continuous function"
    below: Sequent  # lower op f(x)
    above: Sequent  # f(x) op upper
    lower_at: Sequent  # f(x0) = lower, or f(-x)/f(x) -> lower as x grows
    upper_at: Sequent
    lower_point: sp.Expr | None = None
    upper_point: sp.Expr | None = None

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("range.form", isinstance(claim, Image), f"{claim} is no range")
        if not isinstance(claim, Image):
            return Trust()
        x = claim.variable
        scope.require("range.real", not x.is_integer, f"{x} does not run through the reals")
        below = relation(scope, "range.below", self.below.claim, "<=" if claim.lower_closed else "<")
        above = relation(scope, "range.above", self.above.claim, "<=" if claim.upper_closed else "<")
        scope.require(
            "range.lower", (below.lhs, below.rhs) == (claim.lower, claim.expr), f"{below} is not the lower bound"
        )
        scope.require(
            "range.upper", (above.lhs, above.rhs) == (claim.expr, claim.upper), f"{above} is not the upper bound"
        )
        trust = leaning_on("intermediate value theorem")
        for bound in (self.below, self.above):
            trust |= discharged(scope, "range.bound_hypotheses", bound, ())
            absent(scope, "range.arbitrary", x, bound.hypotheses)
        for end, value, closed, point in (
            (self.lower_at, claim.lower, claim.lower_closed, self.lower_point),
            (self.upper_at, claim.upper, claim.upper_closed, self.upper_point),
        ):
            trust |= discharged(scope, "range.end_hypotheses", end, ())
            self._end(scope, claim, end.claim, value, closed, point)
        y = fresh_like(x)
        require_regular(scope, substitute(claim.expr, {x: y}), y, 0)
        return trust

    @staticmethod
    def _end(scope: Scope, claim: Image, end: Proposition, value: sp.Expr, closed: bool, point: sp.Expr | None) -> None:
        x = claim.variable
        if closed:
            wanted = None if point is None else eq(substitute(claim.expr, {x: point}), value)
            scope.require("range.attained", end == wanted, f"{end} does not show that {value} is attained at {point}")
            return
        tends = isinstance(end, Tends) and end.point == sp.oo and end.value == value
        scope.require("range.approached", tends, f"{end} does not approach {value}")
        if isinstance(end, Tends):
            paths = (claim.expr, substitute(claim.expr, {x: -x}))
            moved = substitute(end.expr, {end.variable: x})
            scope.require("range.path", moved in paths, f"{end.expr} is not {claim.expr} along the axis")
