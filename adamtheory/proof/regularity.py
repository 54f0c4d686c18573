"""Continuity, differentiability and integrability of expressions in one variable, from the regularity hypotheses."""

from __future__ import annotations

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.proof.kernel import Rejected, Scope
from adamtheory.proof.signs import decide, member, open_binder
from adamtheory.propositions import ForAll, Regular, Relation, SquareIntegrable, ge, gt, le, substitute

SMOOTH = (sp.exp, sp.sinh, sp.cosh, sp.tanh)
CONTINUOUS = (sp.Abs, sp.Max, sp.Min)


def require_regular(scope: Scope, e: sp.Expr, variable: sp.Symbol, order: int) -> None:
    """Reject unless ``e`` is C^order in ``variable`` wherever the scope places it."""
    scope.require("regular", regular(scope, e, variable, order), f"cannot show that {e} is C^{order} in {variable}")


def regular(scope: Scope, e: sp.Expr, variable: sp.Symbol, order: int) -> bool:
    if variable not in e.free_symbols:
        return True
    if e == variable:
        return True
    if isinstance(e, AppliedUndef):
        return _curve(scope, e, variable, order)
    if isinstance(e, sp.Derivative):
        f = e.expr
        curve = isinstance(f, AppliedUndef) and f.args[-1] == variable and set(e.variables) == {variable}
        if curve and not any(a.has(variable) for a in f.args[:-1]):
            return _curve(scope, f, variable, order + len(e.variables))
        return False
    if isinstance(e, sp.Integral):
        return _integral(scope, e, variable, order)
    if isinstance(e, sp.Sum):
        index, lower, upper = e.limits[0]
        if variable in lower.free_symbols | upper.free_symbols:
            return False
        inside, _, body = open_binder(scope, e.function, index, lower, upper)
        return regular(inside, body, variable, order)
    if not all(regular(scope, part, variable, order) for part in e.args):
        return False
    if isinstance(e, (sp.Add, sp.Mul, *SMOOTH)):
        return True
    if isinstance(e, sp.Pow):
        return _power(scope, e, variable, order)
    if isinstance(e, sp.log):
        return decide(scope, gt(e.args[0], 0))
    return isinstance(e, CONTINUOUS) and order == 0


def _power(scope: Scope, e: sp.Pow, variable: sp.Symbol, order: int) -> bool:
    if e.exp.is_Integer:
        return bool(e.exp >= 0) or decide(scope, gt(e.base**2, 0))
    if e.exp.is_Rational and e.exp > 0 and order == 0:
        return True
    if e.exp.is_integer and variable not in e.exp.free_symbols and e.exp.is_nonnegative:
        return True
    return decide(scope, gt(e.base, 0))


def _curve(scope: Scope, e: AppliedUndef, variable: sp.Symbol, order: int) -> bool:
    """An unknown curve by its hypothesis, a defined one through its body; of a family, one member (its parameters do
    not move with the variable)."""
    *parameters, at_time = e.args
    if any(a.has(variable) for a in parameters):
        return False
    for p in scope.hypotheses:
        known = isinstance(p, Regular) and p.function == e.func and p.order >= order
        if isinstance(p, Regular) and known and all(_is_member(scope, a) for a in parameters):
            within = decide(scope, le(p.lower, at_time)) and decide(scope, le(at_time, p.upper))
            if within and regular(scope, at_time, variable, order):
                return True
        if parameters:
            continue
        if order == 0 and isinstance(p, ForAll) and _given_by(p, e.func) and regular(scope, e.args[0], variable, 0):
            at = {p.variable: e.args[0]}
            within = all(decide(scope, Relation(r.op, substitute(r.lhs, at), substitute(r.rhs, at))) for r in p.domain)
            # Without p itself: two curves given by each other are given by nothing.
            rest = Scope(tuple(q for q in scope.hypotheses if q != p))
            if within and regular(rest, substitute(p.body.rhs, at), variable, 0):  # type: ignore[attr-defined]
                return True
    definition = scope.definitions.get(e.func)
    # A curve whose definition contains the variable as a parameter is another curve for each of its values.
    if definition is None or definition.index.is_integer or variable in definition.free_symbols:
        return False
    if not member(scope, definition, parameters):
        return False
    from adamtheory.proof.defined import value_of_definition

    try:
        body = value_of_definition(scope, definition, e.args)
    except Rejected:
        return False
    return regular(scope, body, variable, order)


def _is_member(scope: Scope, parameter: sp.Expr) -> bool:
    """Regularity of a family is that of its members 0, 1, ...; elsewhere nothing is said."""
    return bool(parameter.is_integer) and decide(scope, ge(parameter, 0))


def has_value(scope: Scope, e: sp.Expr) -> bool:
    """Is every part of the expression defined, as far as the scope can tell?"""
    from adamtheory.proof.defined import defined

    try:
        defined(scope, e)
    except Rejected:
        return False
    return True


def _given_by(p: ForAll, function: object) -> bool:
    """Does the hypothesis say f(x) = expression, free of f, for every x of a domain?"""
    r = p.body
    named = isinstance(r, Relation) and r.op == "=" and isinstance(r.lhs, AppliedUndef)
    if not isinstance(r, Relation) or not named or p.variable.is_integer:
        return False
    return bool(r.lhs.func == function and r.lhs.args == (p.variable,) and function not in _functions(r.rhs))


def _functions(e: sp.Expr) -> set[object]:
    return {a.func for a in e.atoms(AppliedUndef)}


def _integral(scope: Scope, e: sp.Integral, variable: sp.Symbol, order: int) -> bool:
    """An integral of a jointly continuous integrand, smooth in the outer variable, up to a smooth limit."""
    dummy, lower, upper = e.limits[0]
    if not all(regular(scope, limit, variable, order) for limit in (lower, upper)):
        return False
    inside, fresh, body = open_binder(scope, e.function, dummy, lower, upper)
    if not regular(inside, body, fresh, max(order - 1, 0)):
        return False
    return regular(inside, body, variable, order)


def require_integrable(scope: Scope, body: sp.Expr, variable: sp.Symbol, lower: sp.Expr, upper: sp.Expr) -> None:
    """Reject unless the body is continuous, or continuous times at most two square-integrable factors."""
    if regular(scope, body, variable, 0):
        return
    rough = {
        p.function: p
        for p in scope.hypotheses
        if isinstance(p, SquareIntegrable) and decide(scope, le(p.lower, lower)) and decide(scope, le(upper, p.upper))
    }
    stand_ins = {a: sp.Dummy(str(a.func), real=True) for a in body.atoms(AppliedUndef) if a.func in rough}
    members = all(
        a.args[-1] == variable and all(_is_member(scope, p) and not p.has(variable) for p in a.args[:-1])
        for a in stand_ins
    )
    scope.require(
        "integrable.argument",
        members,
        f"a square-integrable factor of {body} is not taken at {variable}",
    )
    plain = body.xreplace(stand_ins)
    if not stand_ins or not plain.is_polynomial(*stand_ins.values()):
        scope.require("integrable", False, f"cannot show that {body} is integrable in {variable}")
    polynomial = sp.Poly(plain, *stand_ins.values())
    scope.require("integrable.degree", polynomial.total_degree() <= 2, f"{body} has more than two rough factors")
    for coefficient in polynomial.coeffs():
        scope.require(
            "integrable.coefficient",
            regular(scope, coefficient, variable, 0),
            f"cannot show that {coefficient} is continuous in {variable}",
        )
