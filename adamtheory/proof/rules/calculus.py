"""Derivatives, integrals, linear differential equations and monotonicity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.proof.axioms import leaning_on
from adamtheory.proof.defined import defined, value_of_definition
from adamtheory.proof.kernel import Rejected, Rule, Scope, Sequent, Trust
from adamtheory.proof.regularity import require_regular
from adamtheory.proof.rules.algebra import require_equal
from adamtheory.proof.rules.logic import absent, constants_in_expectations, discharged
from adamtheory.proof.rules.order import relation
from adamtheory.proof.signs import ALLOWED, Signs, decide, member, open_binder
from adamtheory.propositions import Proposition, Relation, fresh_like, ge, le, lt, substitute

DIFFERENTIABLE = (sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.sinh, sp.cosh, sp.tanh, sp.Sum, sp.Integral, AppliedUndef)


def differentiate(scope: Scope, e: sp.Expr, variable: sp.Symbol, order: int = 1) -> sp.Expr:
    """SymPy's derivative of a tree of differentiable nodes (Leibniz's rule for integrals included)."""
    for node in sp.preorder_traversal(e):
        plain = node.is_Symbol or node.is_Rational or node in (sp.pi, sp.E)
        known = plain or isinstance(node, (*DIFFERENTIABLE, sp.Tuple, sp.Derivative))
        scope.require("differentiate.node", bool(known), f"{node} is not differentiated here")
    result = e
    for _ in range(order):
        result = sp.diff(result, variable)
    by_symbols = all(x.is_Symbol for d in result.atoms(sp.Derivative) for x in d.variables)
    simple = by_symbols and not result.has(sp.Subs)
    scope.require("differentiate.result", simple, f"the derivative of {e} leaves a substitution")
    scope.lean_on(Trust(solvers=frozenset({"SymPy (differentiation)"})))
    return result


def expand_curves(scope: Scope, e: sp.Expr) -> sp.Expr:
    """Curves that are plain shorthands, replaced by their bodies (also under derivatives)."""
    for _ in range(8):
        if not _shorthands(scope, e):
            return e
        e = _expanded(scope, e, frozenset())
    raise Rejected("derivative.unfold", f"definitions in {e} do not end")


def _shorthands(scope: Scope, e: sp.Expr) -> bool:
    """Does the expression apply a defined curve?"""
    found = (scope.definitions.get(a.func) for a in e.atoms(AppliedUndef))
    return any(d is not None and not d.index.is_integer for d in found)


def _expanded(scope: Scope, e: sp.Expr, moving: frozenset[sp.Symbol]) -> sp.Expr:
    """One round: every shorthand that stands in no other, in the scope of its place; ``moving``: the variables of the
    derivatives around it."""
    if not _shorthands(scope, e):
        return e
    d = scope.definitions.get(e.func) if isinstance(e, AppliedUndef) else None
    if d is not None and not d.index.is_integer:
        # d/dx f(x) leaves the x in f's definition alone; the derivative of the body would not.
        scope.require("derivative.parameter", not moving & d.free_symbols, f"{d} contains a variable of a derivative")
        scope.require("derivative.family", member(scope, d, e.args[:-1]), f"{e}: parameters out of range")
        constants_in_expectations(scope, d, e.args)
        return value_of_definition(scope, d, e.args)
    if isinstance(e, (sp.Sum, sp.Integral)):
        variable, lower, upper = e.limits[0]
        inside, fresh, body = open_binder(scope, e.function, variable, lower, upper)
        ends = (_expanded(scope, limit, moving) for limit in (lower, upper))
        return e.func(_expanded(inside, body, moving), (fresh, *ends))
    if isinstance(e, sp.Derivative):
        return e.func(_expanded(scope, e.expr, moving | set(e.variables)), *e.args[1:])
    return e.func(*(_expanded(scope, part, moving) for part in e.args))


@dataclass(frozen=True)
class DerivativeOf(Rule):
    """An equation with derivatives of defined curves, by unfolding them and differentiating (the ODE rule: a solution
    is checked by substitution)."""

    name: ClassVar[str] = "differentiation"

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "derivative.form", claim, "=")
        difference = sp.Integer(0)
        for side, sign in ((r.lhs, 1), (r.rhs, -1)):
            difference += sign * self._carried_out(scope, expand_curves(scope, side))
        require_equal(scope, "derivative.normal_form", difference)
        return leaning_on("fundamental theorem of calculus")

    def _carried_out(self, scope: Scope, e: sp.Expr) -> sp.Expr:
        if not e.has(sp.Derivative):
            return e
        if isinstance(e, (sp.Sum, sp.Integral)):
            variable, lower, upper = e.limits[0]
            inside, fresh, body = open_binder(scope, e.function, variable, lower, upper)
            ends = (self._carried_out(scope, limit) for limit in (lower, upper))
            return e.func(self._carried_out(inside, body), (fresh, *ends))
        if not isinstance(e, sp.Derivative):
            return e.func(*(self._carried_out(scope, part) for part in e.args))
        expr, variable = self._carried_out(scope, e.expr), e.variables[0]
        if isinstance(expr, AppliedUndef):
            return e.func(expr, *e.args[1:])
        require_regular(scope, expr, variable, len(e.variables))
        return differentiate(scope, expr, variable, len(e.variables))


@dataclass(frozen=True)
class Antiderivative(Rule):
    """integral of f over [a, b] equals F(b) - F(a), because F' = f there."""

    name: ClassVar[str] = "integral by antiderivative"
    primitive: sp.Expr  # in the integral's own variable

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "antiderivative.form", claim, "=")
        whole = isinstance(r.lhs, sp.Integral) and len(r.lhs.limits) == 1
        scope.require("antiderivative.integral", whole, f"{r.lhs} is no integral")
        variable, lower, upper = r.lhs.limits[0]
        inside, x, body = open_binder(scope, r.lhs.function, variable, lower, upper)
        primitive = substitute(self.primitive, {variable: x})
        defined(inside, primitive)
        require_regular(inside, primitive, x, 1)
        require_equal(inside, "antiderivative.derivative", differentiate(inside, primitive, x) - body)
        first, last = substitute(self.primitive, {variable: lower}), substitute(self.primitive, {variable: upper})
        defined(scope, first)
        defined(scope, last)
        require_equal(scope, "antiderivative.ends", r.rhs - (last - first))
        return leaning_on("fundamental theorem of calculus")


@dataclass(frozen=True)
class IntegralMonotone(Rule):
    """integral f op integral g over one interval, from f op g at an arbitrary point of it (both continuous)."""

    name: ClassVar[str] = "comparison of integrals"
    point: Sequent
    variable: sp.Symbol

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "integral_monotone.form", claim, "=", "<=", "<")
        known = relation(scope, "integral_monotone.point", self.point.claim, r.op)
        both = isinstance(r.lhs, sp.Integral) and isinstance(r.rhs, sp.Integral)
        scope.require("integral_monotone.integrals", both, f"{r} does not compare two integrals")
        (x, lower, upper), (y, *other) = r.lhs.limits[0], r.rhs.limits[0]
        scope.require("integral_monotone.interval", (lower, upper) == tuple(other), "the intervals differ")
        left, right = (substitute(s.function, {z: self.variable}) for s, z in ((r.lhs, x), (r.rhs, y)))
        scope.require(
            "integral_monotone.integrands", (left, right) == (known.lhs, known.rhs), f"expected {left} {r.op} {right}"
        )
        free = self.variable not in r.free_symbols
        scope.require("integral_monotone.fresh", free, f"{self.variable} is not arbitrary: {r} contains it")
        domain = (le(lower, self.variable), le(self.variable, upper))
        trust = discharged(scope, "integral_monotone.hypotheses", self.point, domain)
        absent(scope, "integral_monotone.arbitrary", self.variable, self.point.hypotheses - set(domain))
        scope.oblige("integral_monotone.range", (lt if r.op == "<" else le)(lower, upper))
        return trust | leaning_on("monotonicity of the integral")


@dataclass(frozen=True)
class LinearEquation(Rule):
    """f(t) = Y(t) for t >= 0, since both solve y' + p y = q with the same start: ``equation`` is f's, proved."""

    name: ClassVar[str] = "uniqueness for a linear differential equation"
    equation: Sequent  # Derivative(f(t), t) + p*f(t) = q
    start: Sequent  # f(0) = y0
    variable: sp.Symbol

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "linear.form", claim, "=")
        known = relation(scope, "linear.equation", self.equation.claim, "=")
        t = self.variable
        f = r.lhs
        scope.require("linear.curve", isinstance(f, AppliedUndef) and f.args == (t,), f"{f} is not a curve at {t}")
        scope.oblige("linear.range", ge(t, 0))
        y, dy = sp.Dummy("y", real=True), sp.Dummy("dy", real=True)
        form = (known.lhs - known.rhs).xreplace({sp.Derivative(f, t): dy}).xreplace({f: y})
        scope.require("linear.linear", form.is_polynomial(y, dy), f"{known} is not linear")
        polynomial = sp.Poly(form, dy, y)
        scope.require(
            "linear.degree", polynomial.total_degree() == 1 and polynomial.degree(dy) == 1, f"{known} is not linear"
        )
        lead = polynomial.coeff_monomial(dy)
        rest = [polynomial.coeff_monomial(dy), polynomial.coeff_monomial(y), polynomial.coeff_monomial(1)]
        scope.require("linear.hidden", not any(c.has(f.func) for c in rest), f"{f} hides in a coefficient of {known}")
        domain = (ge(t, 0),)
        trust = discharged(scope, "linear.hypotheses", self.equation, domain)
        absent(scope, "linear.arbitrary", t, self.equation.hypotheses - set(domain))
        x = fresh_like(t)
        kept = tuple(h for h in scope.hypotheses if t not in h.free_symbols)
        facts = tuple(f for f in scope.facts if f.hypotheses <= set(kept))
        inside = Scope(kept, facts, scope._used).assume(ge(x, 0))
        # On the whole way from 0 to t, not only at t.
        inside.oblige("linear.leading", Relation("!=", substitute(lead, {t: x}), sp.Integer(0)))
        for c in rest:
            require_regular(inside, substitute(c, {t: x}), x, 0)
        require_regular(inside, f.func(x), x, 1)
        require_regular(inside, substitute(r.rhs, {t: x}), x, 1)
        solution = expand_curves(inside, substitute(r.rhs, {t: x}))
        residual = substitute(form, {t: x})
        residual = residual.xreplace({dy: differentiate(inside, solution, x), y: solution})
        require_equal(inside, "linear.substitution", expand_curves(inside, residual))
        begin = relation(scope, "linear.start", self.start.claim, "=")
        trust |= discharged(scope, "linear.start_hypotheses", self.start, ())
        scope.require("linear.start_curve", begin.lhs == f.func(sp.Integer(0)), f"{begin} does not start {f}")
        at_zero = substitute(r.rhs, {t: sp.Integer(0)})
        if at_zero.has(sp.Integral):
            at_zero = at_zero.replace(
                lambda e: isinstance(e, sp.Integral) and e.limits[0][1] == e.limits[0][2], lambda e: sp.Integer(0)
            )
        defined(scope, at_zero)
        require_equal(scope, "linear.start_value", at_zero - begin.rhs)
        return trust | leaning_on("uniqueness for linear ODEs", "fundamental theorem of calculus")


@dataclass(frozen=True)
class Monotone(Rule):
    """F(a) op F(b) for a op b, because F' has a sign between them (mean value theorem)."""

    name: ClassVar[str] = "monotonicity by the derivative"
    function: sp.Expr
    variable: sp.Symbol
    lower: sp.Expr
    upper: sp.Expr
    form: sp.Expr | None = None  # an equal form of the derivative whose sign is plain

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "monotone.form", claim, "<=", "<")
        a, b, x = self.lower, self.upper, fresh_like(self.variable)
        defined(scope, a)
        defined(scope, b)
        require_equal(scope, "monotone.left", r.lhs - substitute(self.function, {self.variable: a}))
        require_equal(scope, "monotone.right", r.rhs - substitute(self.function, {self.variable: b}))
        scope.oblige("monotone.order", (lt if r.op == "<" else le)(a, b))
        closed = scope.assume(ge(x, a), le(x, b))
        function = substitute(self.function, {self.variable: x})
        defined(closed, function)
        require_regular(closed, function, x, 0)
        between = scope.assume(lt(a, x), lt(x, b))
        require_regular(between, function, x, 1)
        slope = differentiate(between, function, x)
        form = slope if self.form is None else substitute(self.form, {self.variable: x})
        defined(between, form)
        require_equal(between, "monotone.derivative", slope - form)
        wanted = Relation(r.op, sp.Integer(0), form)
        structural = bool(Signs(between).of(form)) and Signs(between).of(form) <= ALLOWED[r.op]
        scope.require("monotone.sign", structural or decide(between, wanted), f"cannot show {wanted}")
        return leaning_on("mean value theorem")


@dataclass(frozen=True)
class AlongCurve(Rule):
    """F(a) op F(b) for a <= b (a < b), from ``0 op F'(x)`` proved at an arbitrary x of [a, b]: F may contain curves of
    which only an equation is known."""

    name: ClassVar[str] = "mean value theorem"
    slope: Sequent  # 0 op Derivative(F(x), x)
    variable: sp.Symbol
    lower: sp.Expr
    upper: sp.Expr

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "along.form", claim, "=", "<=", "<")
        x, a, b = self.variable, self.lower, self.upper
        known = relation(scope, "along.slope", self.slope.claim, r.op)
        derivative = isinstance(known.rhs, sp.Derivative) and known.lhs == 0 and tuple(known.rhs.variables) == (x,)
        scope.require("along.derivative", derivative, f"{known} is not 0 {r.op} a derivative by {x}")
        domain = (le(a, x), le(x, b))
        trust = discharged(scope, "along.hypotheses", self.slope, domain)
        absent(scope, "along.arbitrary", x, self.slope.hypotheses - set(domain))
        scope.require("along.variable", x not in a.free_symbols | b.free_symbols, f"{x} is not arbitrary")
        scope.oblige("along.order", (lt if r.op == "<" else le)(a, b))
        # The proved slope is defined on [a, b], so F is differentiable, hence continuous, there.
        function = known.rhs.args[0]
        require_equal(scope, "along.left", r.lhs - substitute(function, {x: a}))
        require_equal(scope, "along.right", r.rhs - substitute(function, {x: b}))
        return trust | leaning_on("mean value theorem")


@dataclass(frozen=True)
class Increasing(Rule):
    """From a op b, f(a) op f(b) for a strictly increasing elementary function f."""

    name: ClassVar[str] = "increasing function"
    fact: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        r = relation(scope, "increasing.form", claim, "=", "<=", "<")
        known = relation(scope, "increasing.fact", self.fact.claim, r.op)
        scope.require("increasing.scope", self.fact in scope.facts, f"{known} is not in scope")
        scope.require(
            "increasing.function", _same_increasing(r.lhs, r.rhs, known), f"{r} is not f(a) {r.op} f(b) of {known}"
        )
        return leaning_on("monotonicity of elementary functions")


def _same_increasing(left: sp.Expr, right: sp.Expr, known: Relation) -> bool:
    for outer in (sp.exp, sp.log, sp.sqrt, sp.sinh, sp.tanh):
        if left == outer(known.lhs) and right == outer(known.rhs):
            return True
    return False
