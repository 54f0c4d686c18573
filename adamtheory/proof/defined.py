"""Meaningfulness: every expression of a claim must be defined under the hypotheses before a rule looks at it.

A division leaves a non-zero obligation, an even root a non-negative one, a logarithm a positive one, a sum a range that
does not run backwards, an integral an integrable integrand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamtheory.proof.kernel import Rejected, Rule, Scope, permitted
from adamtheory.proof.signs import Signs, decide, open_binder
from adamtheory.propositions import (
    All,
    BigO,
    Bounded,
    Either,
    ForAll,
    Iff,
    Image,
    Implies,
    Proposition,
    Regular,
    Relation,
    SequenceDefinition,
    SquareIntegrable,
    Supremum,
    Tends,
    fresh_like,
    ge,
    gt,
    le,
    ne,
    substitute,
)

TOTAL = (sp.exp, sp.sinh, sp.cosh, sp.tanh, sp.Abs, sp.sign, sp.Max, sp.Min)
NODES = (sp.Add, sp.Mul, sp.Pow, sp.log, sp.Sum, sp.Integral, sp.Derivative, sp.Tuple, *TOTAL)
PLAIN_FUNCTIONS = (UndefinedFunction("f")._kwargs, UndefinedFunction("f", real=True)._kwargs)
FORMS = (
    *(Relation, All, Either, Implies, Iff, ForAll, Tends, BigO, Bounded, Supremum, Image),
    *(SequenceDefinition, Regular, SquareIntegrable),
)


def require_well_formed(scope: Scope, p: Proposition) -> None:
    """Only the forms of this language, only known nodes, only symbols and functions without hidden signs, only
    conservative definitions."""
    require_shape(scope, p)
    infinite = (p.point, p.value) if isinstance(p, Tends) else ()
    for e in p.expressions:
        if e in (sp.oo, -sp.oo) and e in infinite:
            continue
        require_expression(scope, e)
    if isinstance(p, SequenceDefinition):
        require_conservative(scope, p)


@lru_cache(maxsize=50_000)
def _faults(e: sp.Expr) -> tuple[str, str, str]:
    """The first node outside the language, the first symbol and the first function with hidden assumptions, or "".

    Dummies are outside: the rules bind them, and a free one in a statement would be caught."""
    unknown = marked = curves = ""
    for node in sp.preorder_traversal(e):
        plain = type(node) is sp.Symbol or node.is_Rational or node in (sp.pi, sp.E)
        curve = isinstance(node, AppliedUndef) and type(type(node)) is UndefinedFunction
        if not (plain or curve or type(node) in NODES):
            unknown = unknown or f"{node} ({type(node).__name__})"
        if node.is_Symbol and not permitted(node):
            marked = marked or str(node)
        if curve and type(node)._kwargs not in PLAIN_FUNCTIONS:
            curves = curves or str(node)
    return unknown, marked, curves


def require_one_arity(scope: Scope, propositions: Iterable[Proposition]) -> None:
    """f(a) and f(a, b) would be two functions of one name."""
    found: dict[UndefinedFunction, int] = {}
    for p in propositions:
        for function, arity in _arities(p):
            agrees = found.setdefault(function, arity) == arity
            scope.require("statement.arity", agrees, f"{function} takes {arity} arguments, and {found[function]}")


def spoken_of(p: Proposition) -> set[UndefinedFunction]:
    """Every function that the statement names, also where it does not apply it (regularity)."""
    found = set(p.functions)
    queue: list[object] = [p]
    while queue:
        value = queue.pop()
        if isinstance(value, Proposition):
            queue += [getattr(value, field.name) for field in fields(value)]
        elif isinstance(value, tuple):
            queue += value
        elif isinstance(value, UndefinedFunction):
            found.add(value)
    return found


@lru_cache(maxsize=50_000)
def _arities(p: Proposition) -> frozenset[tuple[UndefinedFunction, int]]:
    found = {(a.func, len(a.args)) for e in p.expressions for a in e.atoms(AppliedUndef)}
    queue = [p]
    while queue:
        part = queue.pop()
        if isinstance(part, SequenceDefinition):
            found.add((part.function, len(part.parameters) + 1))
        values = [getattr(part, field.name) for field in fields(part)]
        queue += [
            x for value in values for x in (value if type(value) is tuple else (value,)) if isinstance(x, Proposition)
        ]
    return frozenset(found)


def require_shape(scope: Scope, p: Proposition) -> None:
    """Exactly the classes of the language, and in their fields exactly what ``Proposition`` looks through."""
    scope.require("statement.form", type(p) in FORMS, f"{type(p).__name__} is no form of statement")
    for field in fields(p):
        queue = [getattr(p, field.name)]
        while queue:
            value = queue.pop()
            if isinstance(value, Proposition):
                require_shape(scope, value)
            elif type(value) is tuple:
                queue.extend(value)
            else:
                plain = isinstance(value, sp.Expr) or type(value) in (int, bool, str, UndefinedFunction)
                shown = "" if plain else repr(value)
                scope.require("statement.field", plain, f"{field.name} of {type(p).__name__} is {shown}")
    if isinstance(p, Relation):
        scope.require("statement.operator", p.op in ("=", "<=", "<", "!="), f"{p.op} is no relation")
    if isinstance(p, Tends):
        escapes = p.variable in p.point.free_symbols | p.value.free_symbols
        scope.require("statement.bound", not escapes, f"{p.variable} is bound in {p}, but its limit contains it")
    if isinstance(p, Supremum):
        escapes = p.over in {a.func for a in p.value.atoms(AppliedUndef)}
        scope.require("statement.bound", not escapes, f"{p.over} is bound in {p}, but its value contains it")


def require_conservative(scope: Scope, d: SequenceDefinition) -> None:
    """The new function occurs in its body only at the previous index, and then has a value to start from."""
    own = [a for a in d.body.atoms(AppliedUndef) if a.func == d.function]
    bodies = (d.body, *(value for _, value in d.initial))
    bound = {limit[0] for e in bodies for binder in e.atoms(sp.Sum, sp.Integral) for limit in binder.limits}
    again = d.bound & bound
    scope.require("definition.bound", not again, f"{again} is bound again in the body of {d.head}")
    distinct = len(d.bound) == len(d.parameters) + 1 and all(isinstance(p, sp.Symbol) for p in d.bound)
    scope.require("definition.parameters", distinct, f"{d.head}: parameters and index must be different symbols")
    for a in own:
        earlier = len(a.args) == len(d.parameters) + 1 and a.args[-1] == d.index - 1
        scope.require("definition.earlier", earlier, f"{d.head} is defined through {a}")
    starts = [at for at, _ in d.initial]
    single = len(starts) == 1 and starts[0] >= -1
    known = single if own else len(set(starts)) == len(starts) and all(at < 0 for at in starts)
    scope.require("definition.start", known, f"{d.function} needs one value at -1 (or later), got {sorted(starts)}")
    recursive = bool(own or starts)
    scope.require(
        "definition.recursion", bool(d.index.is_integer) or not recursive, f"{d.function} is a curve; it has no index"
    )
    scope.require("definition.free", not _mentions(d, scope), f"{d.function} is defined twice, or through itself")
    for _, value in d.initial:
        scope.require(
            "definition.initial", d.index not in value.free_symbols, f"the start of {d.function} contains {d.index}"
        )
        itself = d.function in {a.func for a in value.atoms(AppliedUndef)}
        scope.require("definition.initial_self", not itself, f"the start of {d.function} is given by {value}")


def _mentions(d: SequenceDefinition, scope: Scope) -> bool:
    """Is the function defined by two different definitions, or in terms of one that is defined in terms of it?"""
    same = [x for x in scope.hypotheses if isinstance(x, SequenceDefinition) and x.function == d.function and x != d]
    if same:
        return True
    others = {x.function: x for x in scope.hypotheses if isinstance(x, SequenceDefinition)}
    seen, queue = set(), [f for f in d.functions if f != d.function]
    while queue:
        f = queue.pop()
        if f == d.function:
            return True
        if f in others and f not in seen:
            seen.add(f)
            queue.extend(x for x in others[f].functions if x != f)
    return False


def require_defined(scope: Scope, p: Proposition) -> None:
    """Reject a claim with an expression that some admissible point leaves without a value."""
    if isinstance(p, Relation):
        for e in (p.lhs, p.rhs):
            defined(scope, e)
    elif isinstance(p, (All, Either)):
        for part in p.parts:
            require_defined(scope, part)
    elif isinstance(p, Implies):
        require_defined(scope, p.hypothesis)
        require_defined(scope.assume(p.hypothesis), p.conclusion)
    elif isinstance(p, Iff):
        require_defined(scope, p.left)
        require_defined(scope, p.right)
    elif isinstance(p, ForAll):
        body, domain = rename_bound(p)
        require_hypotheses(scope, domain)
        require_defined(scope.assume(*domain), body)
    elif isinstance(p, Bounded):
        defined(scope, substitute(p.expr, {p.variable: fresh_like(p.variable)}))
    elif isinstance(p, Tends):
        defined(scope, p.value) if p.value not in (sp.oo, -sp.oo) else None
        if p.variable.is_integer:
            defined(scope, substitute(p.expr, {p.variable: fresh_like(p.variable)}))
    elif isinstance(p, Supremum):
        require_hypotheses(scope, p.among)
        defined(scope.assume(*p.among), p.expr)
        defined(scope, p.value)
    elif isinstance(p, Image):
        x = fresh_like(p.variable)
        defined(scope, substitute(p.expr, {p.variable: x}))
        defined(scope, p.lower)
        defined(scope, p.upper)
    elif isinstance(p, (Regular, SquareIntegrable)):
        scope.oblige("defined.interval", le(p.lower, p.upper))
    elif not isinstance(p, (BigO, SequenceDefinition)):  # BigO: its rule checks regularity at the point itself
        raise Rejected("defined.form", f"{type(p).__name__} is not a claim")


def require_hypotheses(scope: Scope, hypotheses: tuple[Proposition, ...]) -> None:
    """Each hypothesis must be meaningful given the ones before it."""
    for p in hypotheses:
        if not isinstance(p, SequenceDefinition):
            require_defined(scope, p)
        scope = scope.assume(p)


def rename_bound(p: ForAll) -> tuple[Proposition, tuple[Relation, ...]]:
    """Body and domain of a quantified statement with a fresh variable."""
    fresh = fresh_like(p.variable)
    swap = {p.variable: fresh}
    return p.body.subs(swap), tuple(Relation(r.op, substitute(r.lhs, swap), substitute(r.rhs, swap)) for r in p.domain)


def defined(scope: Scope, e: sp.Expr) -> None:
    """Every obligation that the expression's divisions, roots, logarithms, sums and integrals leave.

    What the hypotheses alone settle is kept: the same expressions come back with every step of a proof, beside more and
    more facts.  Only what they do not settle is tried with the facts."""
    if e.is_Symbol or e.is_Rational or e in (sp.pi, sp.E) or _settled(scope.hypotheses, e):
        return
    _obligations(scope, e)


@lru_cache(maxsize=100_000)
def _settled(hypotheses: tuple[Proposition, ...], e: sp.Expr) -> bool:
    """Do the hypotheses give ``e`` a value, without a solver?  (That is asked only where facts do not do.)"""
    scope = Scope(hypotheses)
    try:
        _obligations(scope, e)
    except Rejected:
        return False
    return not scope._used


def _obligations(scope: Scope, e: sp.Expr) -> None:
    if isinstance(e, sp.Pow):
        _power_defined(scope, e.base, e.exp)
    elif isinstance(e, sp.log):
        scope.oblige("defined.logarithm", gt(e.args[0], 0), meaningful=True)
    elif isinstance(e, (sp.Sum, sp.Integral)):
        _binder_defined(scope, e)
        return
    elif isinstance(e, sp.Derivative):
        _derivative_defined(scope, e)
        return
    for part in e.args:
        defined(scope, part)


def defined_at(scope: Scope, e: sp.Expr, mapping: Mapping[sp.Symbol, sp.Expr]) -> None:
    """The obligations of ``e`` with the values put in, before anything cancels: x/y at x = y is 1 only where y != 0."""
    if not _partial(e):
        return
    if isinstance(e, sp.Pow):
        _power_defined(scope, substitute(e.base, mapping), substitute(e.exp, mapping))
    elif isinstance(e, sp.log):
        scope.oblige("defined.logarithm", gt(substitute(e.args[0], mapping), 0), meaningful=True)
    elif isinstance(e, (sp.Sum, sp.Integral)):
        variable, lower, upper = e.limits[0]
        for limit in (lower, upper):
            defined_at(scope, limit, mapping)
        ends = (substitute(limit, mapping) for limit in (lower, upper))
        inside, _, body = open_binder(scope, e.function, variable, *ends)
        defined_at(inside, body, mapping)
        return
    elif isinstance(e, sp.Derivative):
        defined_at(scope, e.expr, mapping)
        return
    for part in e.args:
        defined_at(scope, part, mapping)


def value_of_definition(scope: Scope, d: SequenceDefinition, arguments: Sequence[sp.Expr]) -> sp.Expr:
    """What the definition gives at these arguments, where that has a value."""
    own = dict(zip((*d.parameters, d.index), arguments, strict=True))
    given = next((value for start, value in d.initial if arguments[-1] == start), d.body)
    defined_at(scope, given, own)
    value = d.at(*arguments)
    defined(scope, value)
    return value


def hypothesis_defined_at(scope: Scope, p: Proposition, mapping: Mapping[sp.Symbol, sp.Expr]) -> None:
    """A hypothesis holds at an instance only where it has a value there."""
    if not p.free_symbols & set(mapping):
        return
    if isinstance(p, Relation):
        for e in (p.lhs, p.rhs):
            defined_at(scope, e, mapping)
    elif isinstance(p, ForAll):
        body, domain = rename_bound(p)
        hypothesis_defined_at(scope.assume(*(r.subs(dict(mapping)) for r in domain)), body, mapping)
    elif isinstance(p, (All, Either)):
        for part in p.parts:
            hypothesis_defined_at(scope, part, mapping)


def _power_defined(scope: Scope, base: sp.Expr, exponent: sp.Expr) -> None:
    if exponent.is_Integer:
        if exponent < 0:
            scope.oblige("defined.division", ne(base, 0), meaningful=True)
    elif exponent.is_Rational:
        if exponent > 0:
            scope.oblige("defined.root", ge(base, 0), meaningful=True)
        else:
            scope.oblige("defined.root_division", gt(base, 0), meaningful=True)
    elif exponent.is_integer:
        if not Signs(scope).nonnegative(exponent) and not decide(scope, ge(exponent, 0)):
            scope.oblige("defined.power", ne(base, 0), meaningful=True)
    else:
        scope.oblige("defined.real_power", gt(base, 0), meaningful=True)


def _binder_defined(scope: Scope, e: sp.Expr) -> None:
    simple = len(e.limits) == 1 and len(e.limits[0]) == 3
    scope.require("defined.limits", simple, "" if simple else f"{e} needs one variable, two limits")
    variable, lower, upper = e.limits[0]
    defined(scope, lower)
    defined(scope, upper)
    if isinstance(e, sp.Sum):
        scope.require("defined.index", bool(variable.is_integer), f"{variable} is not an index")
        for limit in (lower, upper):
            scope.require("defined.integer_limits", bool(limit.is_integer), f"the limit {limit} is not an integer")
        scope.oblige("defined.sum_range", le(lower - 1, upper), meaningful=True)
        if variable.is_nonnegative:
            scope.oblige("defined.index_sign", ge(lower, 0), meaningful=True)
    else:
        scope.oblige("defined.integral_range", le(lower, upper), meaningful=True)
    inside, fresh, body = open_binder(scope, e.function, variable, lower, upper)
    defined(inside, body)
    if isinstance(e, sp.Sum):
        _defined_beside(scope, e)
    else:
        from adamtheory.proof.regularity import require_integrable

        require_integrable(inside, body, fresh, lower, upper)


def _defined_beside(scope: Scope, e: sp.Sum) -> None:
    """What the summand has in common for all indices must have a value where the sum is empty, too: it is pulled out.
    It has one if the summand has a value at some index: at either end of the range."""
    variable, lower, upper = e.limits[0]
    if not _partial(e.function) or decide(scope, le(lower, upper)):
        return
    from adamtheory.proof.regularity import has_value

    empty = scope.assume(le(upper, lower - 1))
    known = False
    for end in (lower, upper):
        try:
            known = known or has_value(empty, substitute(e.function, {variable: end}))
        except ValueError:  # a derivative by the index
            continue
    scope.require("defined.empty_sum", known, f"parts of {e.function} may have no value where {e} is empty")


@lru_cache(maxsize=50_000)
def _partial(e: sp.Expr) -> bool:
    """Is there a node that need not have a value everywhere?"""
    total = (sp.Pow, sp.log, sp.Integral, sp.Derivative)
    return any(
        isinstance(node, total) and not (isinstance(node, sp.Pow) and node.exp.is_Integer and node.exp > 0)
        for node in sp.preorder_traversal(e)
    )


def require_meaningful_sums(scope: Scope) -> None:
    """Hypotheses are taken at their word, but an empty sum in one says nothing of what its summand divides by."""
    for p in scope.hypotheses:
        sums = {node for e in p.expressions for node in e.atoms(sp.Sum)}
        if not isinstance(p, SequenceDefinition) and any(_partial(node.function) for node in sums):
            others = tuple(q for q in scope.hypotheses if q != p)
            require_defined(Scope(others), p)


def require_plain_rule(scope: Scope, rule: Rule) -> None:
    """What a rule is given besides sequents is of the language as well: no infinities, no imaginary unit."""
    queue = [getattr(rule, field.name) for field in fields(rule)]  # type: ignore[arg-type]
    while queue:
        value = queue.pop()
        if isinstance(value, Proposition):
            require_well_formed(scope, value)
        elif isinstance(value, sp.Basic):
            require_expression(scope, value)
        elif isinstance(value, Mapping):
            queue += [*value.keys(), *value.values()]
        elif isinstance(value, (tuple, list)):
            queue += value


def require_expression(scope: Scope, e: sp.Basic) -> None:
    unknown, marked, curves = _faults(e)
    scope.require("statement.node", not unknown, f"{unknown} has no meaning here")
    scope.require("statement.symbol", not marked, f"{marked} carries assumptions; state them as hypotheses")
    scope.require("statement.function", not curves, f"{curves} carries assumptions; state them as hypotheses")


def _derivative_defined(scope: Scope, e: sp.Derivative) -> None:
    scope.require("defined.derivative", len(e.variables) <= 2, f"{e}: derivatives beyond the second are not supported")
    from adamtheory.proof.regularity import require_regular

    defined(scope, e.expr)
    for variable in e.variables:
        scope.require("defined.derivative_variable", variable == e.variables[0], f"{e} mixes variables")
        scope.require("defined.derivative_symbol", bool(variable.is_Symbol), f"{e} is by no variable")
    require_regular(scope, e.expr, e.variables[0], len(e.variables))
