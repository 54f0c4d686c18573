"""Expectations of finite sums, and Taylor's theorem with remainder as an inequality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.notation import expectation
from adamtheory.proof.axioms import leaning_on
from adamtheory.proof.kernel import Rule, Scope, Sequent, Trust
from adamtheory.proof.rules.algebra import require_equal
from adamtheory.proof.rules.logic import absent, discharged
from adamtheory.proof.rules.order import relation
from adamtheory.propositions import Proposition, Regular, ge, le


@dataclass(frozen=True)
class LinearExpectation(Rule):
    """E[sum c_k X_k] = sum c_k E[X_k], the c_k numbers that depend on the index alone."""

    name: ClassVar[str] = "linearity of expectation"

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "expectation.form", claim, "=")
        scope.require(
            "expectation.left", r.lhs.func == expectation and len(r.lhs.args) == 1, f"{r.lhs} is no expectation"
        )
        given = expectation in scope.definitions
        scope.require("expectation.defined", not given, f"{expectation} is defined here: it need not be linear")
        inner = r.lhs.args[0]
        scope.require("expectation.sum", isinstance(inner, sp.Sum) and len(inner.limits) == 1, f"{inner} is no sum")
        constants, random = sp.Integer(1), sp.Integer(1)
        for factor in sp.Mul.make_args(inner.function):
            if factor.atoms(AppliedUndef):
                random *= factor
            else:
                constants *= factor
        scope.require("expectation.variable", isinstance(random, AppliedUndef), f"{random} is not one random variable")
        require_equal(scope, "expectation.right", r.rhs - sp.Sum(constants * expectation(random), inner.limits[0]))
        return leaning_on("linearity of expectation")


@dataclass(frozen=True)
class TaylorRemainder(Rule):
    """|f(b) - f(a) - f'(a)(b - a)| <= M (b - a)^2 / 2 for a curve f in C^2 with |f''| <= M between a and b.

    ``second``: |f''(x)| <= M at an arbitrary x of the interval."""

    name: ClassVar[str] = "Taylor with remainder"
    second: Sequent
    variable: sp.Symbol
    at: sp.Expr
    to: sp.Expr

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "taylor.form", claim, "<=")
        known = relation(scope, "taylor.second", self.second.claim, "<=")
        x, a, b = self.variable, self.at, self.to
        curve = known.lhs.args[0] if isinstance(known.lhs, sp.Abs) else known.lhs
        f = curve.expr.func if isinstance(curve, sp.Derivative) and isinstance(curve.expr, AppliedUndef) else None
        shape = f is not None and curve == sp.Derivative(f(x), (x, 2)) and isinstance(known.lhs, sp.Abs)
        scope.require("taylor.derivative", bool(shape), f"{known} does not bound a second derivative at {x}")
        if f is None:
            return Trust()
        scope.require("taylor.constant", x not in known.rhs.free_symbols, f"{known.rhs} depends on {x}")
        free = x not in a.free_symbols | b.free_symbols
        scope.require("taylor.fresh", free, f"{x} is not arbitrary: the interval from {a} to {b} contains it")
        low, high = (a, b) if scope_orders(scope, a, b) else (b, a)
        scope.oblige("taylor.order", le(low, high))
        domains = [(le(low, x), le(x, high)), (ge(x, low), le(x, high))]
        trust = discharged(scope, "taylor.hypotheses", self.second, tuple(p for d in domains for p in d))
        absent(scope, "taylor.arbitrary", x, self.second.hypotheses - {p for d in domains for p in d})
        smooth = [p for p in scope.known if isinstance(p, Regular) and p.function == f and p.order >= 2]
        scope.require("taylor.regular", bool(smooth), f"{f} is not known to be C^2")
        scope.oblige("taylor.inside_lower", le(smooth[0].lower, low))
        scope.oblige("taylor.inside_upper", le(high, smooth[0].upper))
        slope = next((d for d in r.lhs.atoms(sp.Derivative)), None)
        scope.require(
            "taylor.slope", slope is not None and slope == sp.Derivative(f(a), a), f"expected the slope of {f} at {a}"
        )
        remainder = f(b) - f(a) - slope * (b - a)
        scope.require("taylor.left", isinstance(r.lhs, sp.Abs), f"{r.lhs} is no absolute value")
        # SymPy writes |x| with x or -x, whichever it holds for simpler.
        require_equal(scope, "taylor.remainder", r.lhs.args[0] ** 2 - remainder**2)
        require_equal(scope, "taylor.bound", r.rhs - known.rhs * (b - a) ** 2 / 2)
        return trust | leaning_on("Taylor with Lagrange remainder")


def scope_orders(scope: Scope, a: sp.Expr, b: sp.Expr) -> bool:
    from adamtheory.proof.signs import decide

    return decide(scope, le(a, b))
