"""Limits by continuity in decaying atoms, orders of smallness by Taylor coefficients, boundedness over an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.proof.axioms import leaning_on
from adamtheory.proof.defined import defined
from adamtheory.proof.kernel import Rejected, Rule, Scope, Sequent, Trust
from adamtheory.proof.regularity import require_regular
from adamtheory.proof.rules.algebra import require_equal, rewrite
from adamtheory.proof.rules.calculus import differentiate
from adamtheory.proof.rules.logic import absent, discharged
from adamtheory.proof.rules.order import relation
from adamtheory.proof.signs import Signs, decide
from adamtheory.propositions import BigO, Bounded, Proposition, Tends, fresh_like, ge, gt, lt, substitute


def limit_of(scope: Scope, e: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    """The limit of ``e`` as ``variable`` grows, by limits of its decaying atoms and continuity; rejects otherwise."""
    if variable not in e.free_symbols:
        return e
    signs = Signs(scope)
    if isinstance(e, (sp.Add, sp.Mul)):
        return e.func(*(limit_of(scope, part, variable) for part in e.args))
    if isinstance(e, sp.exp):
        slope = sp.expand(sp.diff(e.args[0], variable))
        linear = variable not in slope.free_symbols
        scope.require("limit.exponential", linear and decide(scope, lt(slope, 0)), f"cannot show that {e} decays")
        return sp.Integer(0)
    if isinstance(e, sp.Pow):
        if variable in e.exp.free_symbols:
            slope = sp.expand(sp.diff(e.exp, variable))
            linear = variable not in slope.free_symbols and variable not in e.base.free_symbols
            shrinks = signs.nonnegative(e.base) and decide(scope, lt(e.base, 1)) and decide(scope, gt(slope, 0))
            falls = decide(scope, gt(e.base, 1)) and decide(scope, lt(slope, 0))
            scope.require("limit.power", linear and (shrinks or falls), f"cannot show that {e} decays")
            return sp.Integer(0)
        if e.base == variable or sp.expand(e.base - variable).is_Rational:
            scope.require("limit.growing", bool(e.exp.is_Rational and e.exp < 0), f"{e} does not decay")
            return sp.Integer(0)
        inner = limit_of(scope, e.base, variable)
        if not e.exp.is_Integer:
            scope.oblige("limit.root", ge(inner, 0) if e.exp > 0 else gt(inner, 0))
        elif e.exp < 0:
            scope.require("limit.division", decide(scope, gt(inner**2, 0)), f"the denominator {e.base} may tend to 0")
        return inner**e.exp
    if isinstance(e, sp.log):
        inner = limit_of(scope, e.args[0], variable)
        scope.oblige("limit.logarithm", gt(inner, 0))
        return sp.log(inner)
    if isinstance(e, (sp.Abs, sp.sinh, sp.cosh, sp.tanh)):
        return e.func(limit_of(scope, e.args[0], variable))
    raise Rejected("limit.node", f"cannot take the limit of {e} in {variable}")


@dataclass(frozen=True)
class Limit(Rule):
    """``expr -> value``: an equal form of the expression, in which every atom with the variable decays, is continuous.

    ``form`` may be an equal expression better suited (its equality with the claim's is checked, with ``using``)."""

    name: ClassVar[str] = "limit by continuity"
    form: sp.Expr | None = None
    using: tuple[Sequent, ...] = ()

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("limit.form", isinstance(claim, Tends), f"{claim} is no limit")
        if not isinstance(claim, Tends):
            return Trust()
        if claim.point == sp.oo:
            absent(scope, "limit.arbitrary", claim.variable, scope.hypotheses)
            # Only large values matter; facts may lean on that.
            inside = scope.assume(ge(claim.variable, 1)).knowing(*self.using)
            form = claim.expr if self.form is None else self.form
            defined(inside, claim.expr)
            defined(inside, form)
            require_equal(inside, "limit.equal_form", rewrite(inside, claim.expr - form, self.using))
            value = limit_of(inside, form, claim.variable)
            for fact in self.using:
                scope.lean_on(fact.trust)
            require_equal(scope, "limit.value", value - claim.value)
            return leaning_on("limits of powers", "continuity of elementary functions")
        scope.require("limit.point", claim.point != -sp.oo, f"{claim} is not a limit at a point")
        still(scope, claim.expr, claim.variable)
        x = fresh_like(claim.variable)
        expr = substitute(claim.expr, {claim.variable: x})
        scope.require("limit.side", claim.side == "+" and not x.is_integer, f"{claim} is not a limit from the right")
        at = scope.assume(ge(x, claim.point), ge(claim.point, x))
        form = expr if self.form is None else substitute(self.form, {claim.variable: x})
        if self.form is not None:
            near = scope.assume(gt(x, claim.point))
            defined(near, expr)
            defined(near, form)
            require_equal(near, "limit.equal_form", expr - form)
        defined(at, form)
        require_smooth_at(at, form, x)
        require_equal(scope, "limit.value", substitute(form, {x: claim.point}) - claim.value)
        return leaning_on("continuity of elementary functions")


def still(scope: Scope, e: sp.Expr, variable: sp.Symbol) -> None:
    """A curve in ``e`` that is defined with the variable as a parameter would move along with it."""
    met: set[Any] = set()
    functions: set[Any] = {a.func for a in e.atoms(AppliedUndef)}
    while functions - met:
        f = (functions - met).pop()
        met.add(f)
        d = scope.definitions.get(f)
        scope.require("limit.parameter", d is None or variable not in d.free_symbols, f"{d} contains {variable}")
        functions |= d.functions if d is not None else set()


def require_smooth_at(scope: Scope, e: sp.Expr, variable: sp.Symbol) -> None:
    """Reject unless ``e`` is analytic near the point at which the scope pins the variable."""
    for node in sp.preorder_traversal(e):
        curve = isinstance(node, AppliedUndef) and variable in node.free_symbols
        moving = isinstance(node, sp.Integral) and variable in set().union(
            *(x.free_symbols for x in node.limits[0][1:])
        )
        scope.require(
            "smooth.curve",
            not curve and not (moving and node.atoms(AppliedUndef)),
            f"{node} is known at the point only",
        )
        if isinstance(node, (sp.Pow, sp.log)) and variable in node.free_symbols:
            base = node.args[0]
            if isinstance(node, sp.Pow) and node.exp.is_Integer and node.exp >= 0:
                continue
            if isinstance(node, sp.Pow) and variable not in base.free_symbols:
                scope.require("smooth.base", decide(scope, gt(base, 0)), f"{base} may not be positive")
            elif isinstance(node, sp.Pow) and node.exp.is_Integer:
                scope.require("smooth.division", decide(scope, gt(base**2, 0)), f"{base} may vanish at the point")
            else:
                scope.require("smooth.root", decide(scope, gt(base, 0)), f"{base} may not be positive at the point")
        elif isinstance(node, (sp.Abs, sp.Max, sp.Min, sp.sign)) and variable in node.free_symbols:
            scope.require("smooth.corner", False, f"{node} may have a corner")
    require_regular(scope, e, variable, 0)


@dataclass(frozen=True)
class Series(Rule):
    """``expr = O(x**p)`` as x -> 0+: it is smooth at 0 and its first p Taylor coefficients vanish."""

    name: ClassVar[str] = "series"
    form: sp.Expr | None = None  # an equal form for x > 0 that is smooth at 0

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("series.form", isinstance(claim, BigO), f"{claim} is no order statement")
        if not isinstance(claim, BigO):
            return Trust()
        scope.require("series.real", not claim.variable.is_integer, f"{claim.variable} cannot tend to 0")
        still(scope, claim.expr, claim.variable)
        x = fresh_like(claim.variable)
        e = substitute(claim.expr, {claim.variable: x})
        if self.form is not None:
            form = substitute(self.form, {claim.variable: x})
            near = scope.assume(gt(x, 0))
            defined(near, e)
            require_equal(near, "series.equal_form", e - form)
            e = form
        at = scope.assume(ge(x, 0), ge(0, x))
        defined(at, e)
        require_smooth_at(at, e, x)
        for order in range(claim.power):
            coefficient = substitute(differentiate(at, e, x, order), {x: sp.Integer(0)})
            require_equal(scope, "series.coefficient", coefficient)
        return leaning_on("Taylor")


@dataclass(frozen=True)
class BoundedBy(Rule):
    """Bounded over the index, by a constant that does not contain it."""

    name: ClassVar[str] = "bounded by a constant"
    bound: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require(
            "bounded.form", isinstance(claim, Bounded) and claim.holds, f"{claim} is no boundedness statement"
        )
        if not isinstance(claim, Bounded):
            return Trust()
        known = relation(scope, "bounded.bound", self.bound.claim, "=", "<=", "<")
        scope.require("bounded.left", known.lhs == claim.expr, f"{known} does not bound {claim.expr}")
        scope.require(
            "bounded.constant", claim.variable not in known.rhs.free_symbols, f"{known.rhs} is not a constant"
        )
        absent(scope, "bounded.arbitrary", claim.variable, self.bound.hypotheses)
        return discharged(scope, "bounded.hypotheses", self.bound, ())


@dataclass(frozen=True)
class UnboundedBy(Rule):
    """Unbounded over the index, since it (or its power, if it is not negative) is at least c * index + d with c > 0."""

    name: ClassVar[str] = "unbounded growth"
    growth: Sequent
    slope: sp.Expr
    power: int = 1

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        unbounded = isinstance(claim, Bounded) and not claim.holds
        scope.require("unbounded.form", unbounded, f"{claim} is no unboundedness statement")
        if not isinstance(claim, Bounded):
            return Trust()
        n = claim.variable
        known = relation(scope, "unbounded.growth", self.growth.claim, "=", "<=", "<")
        scope.require("unbounded.power", self.power >= 1, f"{self.power} is not a positive power")
        raised = claim.expr**self.power
        scope.require("unbounded.right", known.rhs == raised, f"{known} does not bound {raised} from below")
        rest = sp.expand(known.lhs - self.slope * n)
        scope.require(
            "unbounded.linear", n not in self.slope.free_symbols | rest.free_symbols, f"{known.lhs} is not linear"
        )
        scope.oblige("unbounded.slope", gt(self.slope, 0))
        if self.power > 1:
            scope.oblige("unbounded.sign", ge(substitute(claim.expr, {n: fresh_like(n)}), 0))
        absent(scope, "unbounded.arbitrary", n, self.growth.hypotheses)
        return discharged(scope, "unbounded.hypotheses", self.growth, ()) | leaning_on("Archimedes")
