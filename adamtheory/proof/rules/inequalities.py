"""Cauchy-Schwarz, the triangle inequality, and the tangent of the exponential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from adamtheory.proof.axioms import leaning_on
from adamtheory.proof.defined import defined
from adamtheory.proof.kernel import Rule, Scope, Trust
from adamtheory.proof.rules.algebra import require_equal
from adamtheory.proof.rules.order import relation
from adamtheory.proof.signs import open_binder
from adamtheory.propositions import Proposition, ge, ne, substitute


@dataclass(frozen=True)
class CauchySchwarz(Rule):
    """|int f g| <= sqrt(int f^2) sqrt(int g^2), or (int f g)^2 <= int f^2 int g^2; likewise for sums."""

    name: ClassVar[str] = "Cauchy-Schwarz"
    first: sp.Expr
    second: sp.Expr

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "cauchy_schwarz.form", claim, "<=")
        squared = isinstance(r.lhs, sp.Pow) and r.lhs.exp == 2
        inner = r.lhs.base if squared else r.lhs.args[0] if isinstance(r.lhs, sp.Abs) else None
        whole = isinstance(inner, (sp.Sum, sp.Integral)) and len(inner.limits) == 1
        scope.require("cauchy_schwarz.left", whole, f"{r.lhs} is not |integral| or (integral)**2 of one product")
        if inner is None:
            return Trust()
        binder, limit = inner.func, inner.limits[0]
        inside, x, body = open_binder(scope, inner.function, *limit)
        f, g = (substitute(e, {limit[0]: x}) for e in (self.first, self.second))
        defined(inside, f)
        defined(inside, g)
        require_equal(inside, "cauchy_schwarz.product", body - f * g)
        norms = binder(self.first**2, limit), binder(self.second**2, limit)
        for norm in norms:
            defined(scope, norm)
        right = norms[0] * norms[1]
        require_equal(
            scope, "cauchy_schwarz.right", r.rhs - (right if squared else sp.sqrt(norms[0]) * sp.sqrt(norms[1]))
        )
        return leaning_on("Cauchy-Schwarz")


@dataclass(frozen=True)
class Triangle(Rule):
    """|x + y| <= |x| + |y| for the terms of a sum as written; |sum| <= sum of |.|; |integral| <= integral of |.|."""

    name: ClassVar[str] = "triangle inequality"

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "triangle.form", claim, "<=")
        scope.require("triangle.left", isinstance(r.lhs, sp.Abs), f"{r.lhs} is no absolute value")
        inner = r.lhs.args[0]
        if isinstance(inner, (sp.Sum, sp.Integral)) and len(inner.limits) == 1:
            _variable, lower, upper = inner.limits[0]
            scope.oblige("triangle.range", ge(upper + (1 if isinstance(inner, sp.Sum) else 0), lower))
            expected = inner.func(sp.Abs(inner.function), inner.limits[0])
        else:
            scope.require("triangle.sum", isinstance(inner, sp.Add), f"{inner} is no sum")
            expected = sp.Add(*map(sp.Abs, inner.args))
        require_equal(scope, "triangle.right", r.rhs - expected)
        return leaning_on("triangle inequality")


@dataclass(frozen=True)
class Tangent(Rule):
    """1 + x <= exp(x), strictly if x is not 0; also log(y) <= y - 1 for y > 0."""

    name: ClassVar[str] = "tangent of the exponential"

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "tangent.form", claim, "<=", "<")
        if isinstance(r.lhs, sp.log):
            x = r.lhs.args[0] - 1
            require_equal(scope, "tangent.logarithm", r.rhs - x)
        else:
            scope.require("tangent.exponential", isinstance(r.rhs, sp.exp), f"{r.rhs} is not an exponential")
            x = r.rhs.args[0]
            require_equal(scope, "tangent.line", r.lhs - 1 - x)
        if r.op == "<":
            scope.oblige("tangent.strict", ne(x, 0))
        return leaning_on("convexity of exp")
