"""Regularity of curves as a claim, and integrals of squares that vanish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from adamtheory.proof.axioms import leaning_on
from adamtheory.proof.defined import defined
from adamtheory.proof.kernel import Rule, Scope, Trust
from adamtheory.proof.regularity import require_regular
from adamtheory.proof.rules.algebra import require_equal
from adamtheory.proof.rules.order import relation
from adamtheory.proof.signs import open_binder
from adamtheory.propositions import (
    ForAll,
    Iff,
    Proposition,
    Regular,
    SquareIntegrable,
    eq,
    fresh_like,
    ge,
    gt,
    le,
    lt,
    substitute,
)


@dataclass(frozen=True)
class RegularCurve(Rule):
    """A curve is C^k on an interval (or square-integrable there, being continuous), by its hypotheses or its body."""

    name: ClassVar[str] = "regularity of a curve"

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        form = isinstance(claim, (Regular, SquareIntegrable))
        scope.require("curve.form", form, f"{claim} says nothing of a curve's regularity")
        if isinstance(claim, (Regular, SquareIntegrable)):
            x = sp.Dummy("x", real=True)
            inside = scope.assume(ge(x, claim.lower), le(x, claim.upper))
            order = claim.order if isinstance(claim, Regular) else 0
            d = scope.definitions.get(claim.function)  # of a family: every member
            own = () if d is None else tuple(map(fresh_like, d.parameters))
            require_regular(inside, claim.function(*own, x), x, order)
        return Trust()


@dataclass(frozen=True)
class VanishingIntegral(Rule):
    """An integral of w x**2 over a proper interval, w > 0 and x continuous, is zero iff x is zero at every point."""

    name: ClassVar[str] = "vanishing integral of a square"
    weight: sp.Expr
    root: sp.Expr

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("vanishing_integral.form", isinstance(claim, Iff), f"{claim} is no equivalence")
        if not isinstance(claim, Iff):
            return Trust()
        left, right = relation(scope, "vanishing_integral.left", claim.left, "="), claim.right
        whole = isinstance(left.lhs, sp.Integral) and len(left.lhs.limits) == 1 and left.rhs == 0
        scope.require("vanishing_integral.zero", whole, f"{left} is not 'integral = 0'")
        scope.require("vanishing_integral.right", isinstance(right, ForAll), f"{right} is not 'for all'")
        if not isinstance(right, ForAll):
            return Trust()
        variable, lower, upper = left.lhs.limits[0]
        scope.oblige("vanishing_integral.proper", lt(lower, upper))
        inside, x, body = open_binder(scope, left.lhs.function, variable, lower, upper)
        weight, root = (substitute(e, {variable: x}) for e in (self.weight, self.root))
        defined(inside, weight)
        defined(inside, root)
        require_regular(inside, weight, x, 0)
        require_regular(inside, root, x, 0)
        require_equal(inside, "vanishing_integral.square", body - weight * root**2)
        inside.oblige("vanishing_integral.weight", gt(weight, 0))
        v = right.variable
        free = v not in left.free_symbols | (self.root.free_symbols - {variable})
        scope.require("vanishing_integral.fresh", free, f"{v} is bound in {right}, and free elsewhere")
        scope.require("vanishing_integral.real", not v.is_integer, f"{v} runs through indices only")
        wanted = eq(substitute(self.root, {variable: right.variable}), 0)
        scope.require("vanishing_integral.body", right.body == wanted, f"expected {wanted} at every point")
        domain = (le(lower, right.variable), le(right.variable, upper))
        scope.require("vanishing_integral.domain", right.domain == domain, f"expected the interval {domain}")
        return leaning_on("monotonicity of the integral")
