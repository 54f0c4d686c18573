"""Finite sums of symbolic length: telescoping, termwise comparison, vanishing sums of non-negative terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from adamtheory.proof.defined import defined
from adamtheory.proof.kernel import Rule, Scope, Sequent, Trust
from adamtheory.proof.rules.algebra import require_equal
from adamtheory.proof.rules.logic import absent, discharged
from adamtheory.proof.rules.order import relation
from adamtheory.proof.signs import open_binder
from adamtheory.propositions import ForAll, Iff, Proposition, Relation, eq, ge, gt, le, substitute


@dataclass(frozen=True)
class Telescoping(Rule):
    """sum of f over a..b equals F(b+1) - F(a), because F(k+1) - F(k) = f(k) on the range."""

    name: ClassVar[str] = "telescoping sum"
    antidifference: sp.Expr  # in the sum's own variable

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "telescoping.form", claim, "=")
        scope.require("telescoping.sum", isinstance(r.lhs, sp.Sum) and len(r.lhs.limits) == 1, f"{r.lhs} is no sum")
        variable, lower, upper = r.lhs.limits[0]
        primitive = self.antidifference
        inside, k, body = open_binder(scope, r.lhs.function, variable, lower, upper)
        at_k = substitute(primitive, {variable: k})
        after = substitute(primitive, {variable: k + 1})
        defined(inside, at_k)
        defined(inside, after)
        require_equal(inside, "telescoping.difference", after - at_k - body)
        first, last = substitute(primitive, {variable: lower}), substitute(primitive, {variable: upper + 1})
        defined(scope, first)
        defined(scope, last)
        require_equal(scope, "telescoping.ends", r.rhs - (last - first))
        return Trust()


@dataclass(frozen=True)
class Termwise(Rule):
    """sum a_k op sum b_k over one range, from a_k op b_k for an arbitrary index of the range.

    ``<`` needs a range that is not empty."""

    name: ClassVar[str] = "termwise comparison of sums"
    term: Sequent
    index: sp.Symbol

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "termwise.form", claim, "=", "<=", "<")
        known = relation(scope, "termwise.term", self.term.claim, r.op)
        both = isinstance(r.lhs, sp.Sum) and isinstance(r.rhs, sp.Sum)
        scope.require("termwise.sums", both, f"{r} does not compare two sums")
        (x, lower, upper), (y, *other) = r.lhs.limits[0], r.rhs.limits[0]
        scope.require("termwise.range", (lower, upper) == tuple(other), "the two sums run over different ranges")
        left = substitute(r.lhs.function, {x: self.index})
        right = substitute(r.rhs.function, {y: self.index})
        scope.require("termwise.terms", (left, right) == (known.lhs, known.rhs), f"expected {left} {r.op} {right}")
        free = self.index not in r.free_symbols
        scope.require("termwise.fresh", free, f"{self.index} is not arbitrary: {r} contains it")
        domain = (le(lower, self.index), le(self.index, upper))
        alternatives = (ge(self.index, lower), le(self.index, upper))
        trust = discharged(scope, "termwise.hypotheses", self.term, (*domain, *alternatives))
        scope.require("termwise.index", bool(self.index.is_integer), f"{self.index} is not an index")
        if self.index.is_nonnegative:
            scope.oblige("termwise.index_sign", ge(lower, 0))
        absent(scope, "termwise.arbitrary", self.index, self.term.hypotheses - set(domain) - set(alternatives))
        if r.op == "<":
            scope.oblige("termwise.occupied", le(lower, upper))
        return trust


@dataclass(frozen=True)
class VanishingSum(Rule):
    """A sum of non-negative terms w_k x_k**2 with positive weights is zero iff every x_k is."""

    name: ClassVar[str] = "vanishing sum of squares"
    weight: sp.Expr
    root: sp.Expr

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("vanishing.form", isinstance(claim, Iff), f"{claim} is no equivalence")
        if not isinstance(claim, Iff):
            return Trust()
        left = relation(scope, "vanishing.left", claim.left, "=")
        right = claim.right
        scope.require("vanishing.right", isinstance(right, ForAll), f"{right} is not 'for all'")
        scope.require("vanishing.zero", isinstance(left.lhs, sp.Sum) and left.rhs == 0, f"{left} is not 'sum = 0'")
        if not isinstance(right, ForAll):
            return Trust()
        variable, lower, upper = left.lhs.limits[0]
        inside, k, body = open_binder(scope, left.lhs.function, variable, lower, upper)
        weight, root = (substitute(e, {variable: k}) for e in (self.weight, self.root))
        defined(inside, weight)
        defined(inside, root)
        require_equal(inside, "vanishing.square", body - weight * root**2)
        inside.oblige("vanishing.weight", gt(weight, 0))
        v = right.variable
        free = v not in left.free_symbols | (self.root.free_symbols - {variable})
        scope.require("vanishing.fresh", free, f"{v} is bound in {right}, and free elsewhere")
        scope.require("vanishing.index", bool(v.is_integer), f"{v} is not an index")
        if v.is_nonnegative:
            scope.oblige("vanishing.index_sign", ge(lower, 0))
        wanted = eq(substitute(self.root, {variable: right.variable}), 0)
        scope.require("vanishing.body", right.body == wanted, f"expected {wanted} for every index")
        domain = (le(lower, right.variable), le(right.variable, upper))
        scope.require("vanishing.domain", right.domain == domain, f"expected the range {domain}")
        return Trust()


@dataclass(frozen=True)
class SumOfEquals(Rule):
    """A sum whose summand equals another on the range, rewritten by a quantified equality in scope."""

    name: ClassVar[str] = "rewriting under the sum"
    general: ForAll

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "undersum.form", claim, "=")
        scope.require("undersum.known", self.general in scope.known, f"{self.general} is not in scope")
        body = self.general.body
        scope.require("undersum.equality", isinstance(body, Relation) and body.op == "=", f"{body} is no equality")
        both = isinstance(r.lhs, sp.Sum) and isinstance(r.rhs, sp.Sum) and r.lhs.limits == r.rhs.limits
        scope.require("undersum.sums", both, f"{r} does not compare sums over one range")
        if not isinstance(body, Relation):
            return Trust()
        variable, lower, upper = r.lhs.limits[0]
        if self.general.variable.is_nonnegative:
            scope.oblige("undersum.index_sign", ge(lower, 0))
        inside, k, left = open_binder(scope, r.lhs.function, variable, lower, upper)
        right = substitute(r.rhs.function, {variable: k})
        for bound in self.general.domain:
            swap = {self.general.variable: k}
            inside.oblige(
                "undersum.domain", Relation(bound.op, substitute(bound.lhs, swap), substitute(bound.rhs, swap))
            )
        swap = {self.general.variable: k}
        defined(inside, substitute(body.rhs, swap))
        rewritten = substitute(left, {substitute(body.lhs, swap): substitute(body.rhs, swap)})
        require_equal(inside, "undersum.terms", rewritten - right)
        return Trust()


@dataclass(frozen=True)
class Exchange(Rule):
    """A finite sum over x of sums or integrals over y is the sum or integral over y of the sums over x, over a
    rectangle: linearity, for each of finitely many terms."""

    name: ClassVar[str] = "exchange of sums and integrals"
    body: sp.Expr  # in the bound variables of both sides

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "exchange.form", claim, "=")
        binders = (sp.Sum, sp.Integral)
        both = isinstance(r.lhs, binders) and isinstance(r.rhs, binders)
        scope.require("exchange.binders", both, f"{r} does not compare sums or integrals")
        finite = isinstance(r.lhs, sp.Sum) or isinstance(r.rhs, sp.Sum)
        scope.require("exchange.finite", finite, "two integrals are not exchanged here")
        (x, *first), (y, *second) = r.lhs.limits[0], r.rhs.limits[0]
        scope.require("exchange.variables", x != y, f"both sides bind {x}: the body cannot tell them apart")
        apart = not any(z in e.free_symbols for e in (*first, *second) for z in (x, y))
        scope.require("exchange.rectangle", apart, "the limits of one variable depend on the other")
        for outer, inner in ((r.lhs, r.rhs), (r.rhs, r.lhs)):
            variable, lower, upper = outer.limits[0]
            inside, fresh, body = open_binder(scope, outer.function, variable, lower, upper)
            wanted = inner.func(substitute(self.body, {variable: fresh}), inner.limits[0])
            defined(inside, wanted)
            require_equal(inside, "exchange.body", body - wanted)
        return Trust()
