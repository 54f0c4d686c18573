"""The language of statements: relations between expressions, and what is built from them.

Everything here is inert data.  Building a proposition proves nothing and simplifies nothing: ``le(a, b)`` stays
``a <= b`` even where a computer algebra system would already answer ``True``.  Free variables are universally
quantified over the reals (indices: over the non-negative integers); an applied undefined function such as ``g(k)`` is
an arbitrary real sequence or function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, ClassVar, Literal

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

Operator = Literal["=", "<=", "<", "!="]
NEGATION: dict[str, tuple[Operator, bool]] = {
    "<=": ("<", True),
    "<": ("<=", True),
    "=": ("!=", False),
    "!=": ("=", False),
}


def expression(value: Any) -> sp.Expr:
    """``value`` as a SymPy expression; a float written by a person means its shortest decimal (0.9 is 9/10)."""
    if isinstance(value, (bool, str)):
        raise TypeError(f"expression: got {value!r}, expected a number or a SymPy expression")
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"expression: got {value!r}, expected a finite number")
        return sp.Rational(repr(value))
    result = sp.sympify(value, strict=True)
    if not isinstance(result, sp.Expr):
        raise TypeError(f"expression: got {value!r}, expected a number or a SymPy expression")
    if result.has(sp.Float):
        result = result.xreplace({x: sp.Rational(str(x)) for x in result.atoms(sp.Float)})
    return result


def substitute(e: sp.Expr, mapping: Mapping[Any, Any], *, under_derivatives: bool = False) -> sp.Expr:
    """Simultaneous replacement of free symbols or applied functions, bound variables renamed where they would clash.

    Raises ValueError where a derivative would change its meaning: d/dx binds x, so what depends on x cannot be put into
    it or replaced in it.  ``under_derivatives`` allows it, for equalities that hold at every point (definitions)."""
    names = set().union(*(sp.sympify(x).free_symbols for pair in mapping.items() for x in pair), set())
    e = rename_apart(e, names)
    if not under_derivatives:
        for node in e.atoms(sp.Derivative):
            _require_transparent(node, mapping)
    return e.xreplace(dict(mapping))


def _require_transparent(node: sp.Derivative, mapping: Mapping[Any, Any]) -> None:
    variables = set(node.variables)
    for key, value in mapping.items():
        old, new = sp.sympify(key), sp.sympify(value)
        if not node.expr.has(old) and old not in variables:
            continue
        # What other keys bring in must not be caught by the new name.
        beside = (sp.sympify(v).free_symbols for k, v in mapping.items() if k != key and node.expr.has(sp.sympify(k)))
        renamed = old in variables and new.is_Symbol and new not in node.free_symbols.union(*beside)
        apart = not variables & (old.free_symbols | new.free_symbols)
        if not (renamed or apart or old == new):
            raise ValueError(f"substitute: {node} cannot be taken at {old} = {new}")


def rename_apart(e: sp.Expr, names: set[sp.Symbol]) -> sp.Expr:
    """``e`` with fresh names for the bound variables that are among ``names``."""
    if not e.args or not e.has(sp.Sum, sp.Integral):
        return e
    parts = [rename_apart(part, names) for part in e.args]
    rebuilt = e.func(*parts) if any(a is not b for a, b in zip(parts, e.args, strict=True)) else e
    if isinstance(rebuilt, (sp.Sum, sp.Integral)):
        for place, limit in enumerate(rebuilt.limits):
            if limit[0] in names:
                # A variable is bound in the summand and in the limits of the sums inside, not in its own limits.
                swap = {limit[0]: fresh_like(limit[0])}
                inner = [tuple(x.xreplace(swap) for x in lim) for lim in rebuilt.limits[:place]]
                own = (swap[limit[0]], *limit[1:])
                rebuilt = rebuilt.func(rebuilt.function.xreplace(swap), *inner, own, *rebuilt.limits[place + 1 :])
    return rebuilt


def fresh_like(symbol: sp.Symbol) -> sp.Symbol:
    """A new symbol with the same declared assumptions."""
    return sp.Dummy(symbol.name, **{k: v for k, v in symbol._assumptions_orig.items() if v})


@dataclass(frozen=True)
class Proposition:
    """Base of all statements.  Frozen, hashable, compared by structure."""

    numbers: ClassVar[tuple[str, ...]] = ()  # fields that people may write as plain numbers

    def __post_init__(self) -> None:
        for name in self.numbers:
            object.__setattr__(self, name, expression(getattr(self, name)))

    def _rebuild(self, on_expression: Callable[[sp.Expr], sp.Expr]) -> Proposition:
        changes: dict[str, Any] = {}
        for field in fields(self):
            old = getattr(self, field.name)
            changes[field.name] = _rebuild_part(old, on_expression)
        return replace(self, **changes)

    def subs(self, mapping: dict[Any, Any]) -> Proposition:
        """Simultaneous replacement of symbols in every expression.

        Raises ValueError if a bound variable or function occurs in ``mapping``: as a key it is not free, in a value it
        would be captured."""
        values = [sp.sympify(x) for x in mapping.values()]
        inside = set(mapping).union(*(x.free_symbols | {a.func for a in x.atoms(AppliedUndef)} for x in values))
        clash = self.all_bound & inside
        if clash:
            raise ValueError(f"subs: {sorted(map(str, clash))} is bound in {self}")
        return self._rebuild(lambda e: substitute(e, mapping))

    @property
    def expressions(self) -> tuple[sp.Expr, ...]:
        found: list[sp.Expr] = []

        def note(e: sp.Expr) -> sp.Expr:
            found.append(e)
            return e

        self._rebuild(note)
        return tuple(found)

    @property
    def bound(self) -> set[sp.Symbol]:
        """The symbols that this statement itself binds (in its parts; not those that only a part of it binds)."""
        return set()

    @property
    def all_bound(self) -> set[Any]:
        """The symbols and functions that are bound here or in a part."""
        over = {self.over} if isinstance(self, Supremum) else set()
        return set().union(self.bound, over, *(p.all_bound for p in _sub_propositions(self)))

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """What occurs free somewhere: a symbol bound in one part may be free in another."""
        own = _own_expressions(self)
        parts = [p.free_symbols for p in _sub_propositions(self)]
        return set().union(*(e.free_symbols for e in own), *parts) - self.bound

    @property
    def functions(self) -> set[UndefinedFunction]:
        """The undefined functions (sequences, curves) that the statement speaks of."""
        return {a.func for e in self.expressions for a in e.atoms(sp.core.function.AppliedUndef)}


def _rebuild_part(old: Any, on_expression: Callable[[sp.Expr], sp.Expr]) -> Any:
    if isinstance(old, Proposition):
        return old._rebuild(on_expression)
    if isinstance(old, sp.Expr):
        return on_expression(old)
    if isinstance(old, tuple):
        return tuple(_rebuild_part(x, on_expression) for x in old)
    return old


def _own_expressions(p: Any) -> Iterable[sp.Expr]:
    """The expressions of a statement that stand in none of its parts."""
    for field in fields(p):
        yield from _expressions_in(getattr(p, field.name))


def _expressions_in(value: Any) -> Iterable[sp.Expr]:
    if isinstance(value, sp.Expr):
        yield value
    elif isinstance(value, tuple):
        for x in value:
            yield from _expressions_in(x)


def _sub_propositions(p: Proposition) -> Iterable[Proposition]:
    for field in fields(p):
        value = getattr(p, field.name)
        for x in value if isinstance(value, tuple) else (value,):
            if isinstance(x, Proposition):
                yield x


@dataclass(frozen=True)
class Relation(Proposition):
    """``lhs op rhs`` between real expressions."""

    op: Operator
    lhs: sp.Expr
    rhs: sp.Expr

    def __str__(self) -> str:
        return _shown(self)


@lru_cache(maxsize=50_000)
def _shown(r: Relation) -> str:
    """Hypotheses are named in every message about a step; SymPy prints slowly."""
    return f"{r.lhs} {r.op} {r.rhs}"


def eq(lhs: Any, rhs: Any) -> Relation:
    return Relation("=", expression(lhs), expression(rhs))


def le(lhs: Any, rhs: Any) -> Relation:
    return Relation("<=", expression(lhs), expression(rhs))


def lt(lhs: Any, rhs: Any) -> Relation:
    return Relation("<", expression(lhs), expression(rhs))


def ge(lhs: Any, rhs: Any) -> Relation:
    return le(rhs, lhs)


def gt(lhs: Any, rhs: Any) -> Relation:
    return lt(rhs, lhs)


def ne(lhs: Any, rhs: Any) -> Relation:
    return Relation("!=", expression(lhs), expression(rhs))


@dataclass(frozen=True)
class All(Proposition):
    """Every part holds."""

    parts: tuple[Proposition, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.parts))


@dataclass(frozen=True)
class Either(Proposition):
    """At least one part holds."""

    parts: tuple[Proposition, ...]

    def __str__(self) -> str:
        return " or ".join(f"({p})" for p in self.parts)


@dataclass(frozen=True)
class Implies(Proposition):
    hypothesis: Proposition
    conclusion: Proposition

    def __str__(self) -> str:
        return f"if {self.hypothesis} then {self.conclusion}"


@dataclass(frozen=True)
class Iff(Proposition):
    left: Proposition
    right: Proposition

    def __str__(self) -> str:
        return f"({self.left}) iff ({self.right})"


@dataclass(frozen=True)
class ForAll(Proposition):
    """``body`` holds for every value of ``variable`` that satisfies ``domain``."""

    variable: sp.Symbol
    domain: tuple[Relation, ...]
    body: Proposition

    @property
    def bound(self) -> set[sp.Symbol]:
        return {self.variable}

    def __str__(self) -> str:
        where = f" with {', '.join(map(str, self.domain))}" if self.domain else ""
        return f"for all {self.variable}{where}: {self.body}"


@dataclass(frozen=True)
class Tends(Proposition):
    """``expr`` tends to ``value`` as ``variable`` tends to ``point`` (oo for an index that grows)."""

    numbers: ClassVar[tuple[str, ...]] = ("expr", "point", "value")

    expr: sp.Expr
    variable: sp.Symbol
    point: sp.Expr
    value: sp.Expr
    side: str = "+"

    @property
    def bound(self) -> set[sp.Symbol]:
        return {self.variable}

    def __str__(self) -> str:
        side = "" if self.point in (sp.oo, -sp.oo) else self.side
        return f"{self.expr} -> {self.value} as {self.variable} -> {self.point}{side}"


@dataclass(frozen=True)
class BigO(Proposition):
    """``expr = O(variable**power)`` as ``variable`` tends to 0 from above, everything else held fixed."""

    numbers: ClassVar[tuple[str, ...]] = ("expr",)

    expr: sp.Expr
    variable: sp.Symbol
    power: int

    @property
    def bound(self) -> set[sp.Symbol]:
        return {self.variable}

    def __str__(self) -> str:
        return f"{self.expr} = O({self.variable}^{self.power}) as {self.variable} -> 0+, all else fixed"


@dataclass(frozen=True)
class Bounded(Proposition):
    """Some constant (independent of ``variable``) is at least ``expr`` for every non-negative integer ``variable``.

    ``holds=False`` is the negation: ``expr`` is not bounded above."""

    numbers: ClassVar[tuple[str, ...]] = ("expr",)

    expr: sp.Expr
    variable: sp.Symbol
    holds: bool = True

    @property
    def bound(self) -> set[sp.Symbol]:
        return {self.variable}

    def __str__(self) -> str:
        word = "bounded" if self.holds else "unbounded"
        return f"{self.expr} is {word} over {self.variable} = 0, 1, 2, ..."


@dataclass(frozen=True)
class Supremum(Proposition):
    """``value`` is the least upper bound of ``expr`` over every real sequence (or curve) ``over`` that satisfies
    ``among``; with ``attained`` it is a maximum."""

    numbers: ClassVar[tuple[str, ...]] = ("expr", "value")

    expr: sp.Expr
    over: UndefinedFunction
    among: tuple[Proposition, ...]
    value: sp.Expr
    attained: bool = True

    def __str__(self) -> str:
        word = "max" if self.attained else "sup"
        where = f" with {'; '.join(map(str, self.among))}" if self.among else ""
        return f"{word} of {self.expr} over all {self.over}{where} = {self.value}"


@dataclass(frozen=True)
class Image(Proposition):
    """As ``variable`` runs through the reals, ``expr`` takes exactly the values of an interval."""

    numbers: ClassVar[tuple[str, ...]] = ("expr", "lower", "upper")

    expr: sp.Expr
    variable: sp.Symbol
    lower: sp.Expr
    upper: sp.Expr
    lower_closed: bool
    upper_closed: bool

    @property
    def bound(self) -> set[sp.Symbol]:
        return {self.variable}

    def __str__(self) -> str:
        left, right = "[" if self.lower_closed else "(", "]" if self.upper_closed else ")"
        return f"{{{self.expr} : {self.variable} real}} = {left}{self.lower}, {self.upper}{right}"


def negation(p: Proposition) -> Proposition:
    """The classical negation, for the forms that have one in this language."""
    if isinstance(p, Relation):
        op, swap = NEGATION[p.op]
        return Relation(op, p.rhs, p.lhs) if swap else Relation(op, p.lhs, p.rhs)
    if isinstance(p, Bounded):
        return replace(p, holds=not p.holds)
    if isinstance(p, All):
        return Either(tuple(map(negation, p.parts)))
    if isinstance(p, Either):
        return All(tuple(map(negation, p.parts)))
    raise TypeError(f"negation: got {type(p).__name__}, which has no negation in this language")


@dataclass(frozen=True)
class SequenceDefinition(Proposition):
    """``function(*parameters, index) := body`` for every index >= 0, with values given before that (a recursion), or a
    plain shorthand when ``initial`` is empty.

    A definition is not an assumption: ``function`` must be new, and ``body`` may speak of it only through the index
    before (at any parameters).  For a curve, ``index`` is a real variable.  A recursion starts where ``initial`` says:
    with a value at s, the body holds from s + 1 on.  ``parameters`` make it a family: coordinates, levels."""

    function: UndefinedFunction
    index: sp.Symbol
    body: sp.Expr
    initial: tuple[tuple[int, sp.Expr], ...] = ()
    parameters: tuple[sp.Symbol, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", expression(self.body))
        object.__setattr__(self, "initial", tuple((int(at), expression(value)) for at, value in self.initial))

    @property
    def bound(self) -> set[sp.Symbol]:
        return {*self.parameters, self.index}

    @property
    def head(self) -> sp.Expr:
        return self.function(*self.parameters, self.index)

    @property
    def recursive(self) -> bool:
        return any(a.func == self.function for a in self.body.atoms(AppliedUndef))

    @property
    def first(self) -> int:
        """The first index at which the body holds."""
        return max((at for at, _ in self.initial), default=-1) + 1 if self.recursive else 0

    def at(self, *arguments: sp.Expr) -> sp.Expr:
        """What the definition gives for ``function(*arguments)``: a stated start, or the body there."""
        own = dict(zip((*self.parameters, self.index), arguments, strict=True))
        for start, value in self.initial:
            if arguments[-1] == start:
                return substitute(value, {s: e for s, e in own.items() if s != self.index})
        return substitute(self.body, own)

    def __str__(self) -> str:
        own = "".join(f"{p}, " for p in self.parameters)
        starts = "".join(f", {self.function}({own}{at}) := {value}" for at, value in self.initial)
        return f"{self.head} := {self.body}{starts}"


@dataclass(frozen=True)
class Regular(Proposition):
    """A curve is ``order`` times continuously differentiable on [lower, upper] (order 0: continuous); a family of
    curves (time is the last argument) is so at all values of its other arguments."""

    numbers: ClassVar[tuple[str, ...]] = ("lower", "upper")

    function: UndefinedFunction
    order: int
    lower: sp.Expr
    upper: sp.Expr

    def __str__(self) -> str:
        return f"{self.function} is C^{self.order} on [{self.lower}, {self.upper}]"


@dataclass(frozen=True)
class SquareIntegrable(Proposition):
    """A curve is square-integrable on [lower, upper]; a family of curves (time is the last argument) is so at all
    values of its other arguments."""

    numbers: ClassVar[tuple[str, ...]] = ("lower", "upper")

    function: UndefinedFunction
    lower: sp.Expr
    upper: sp.Expr

    def __str__(self) -> str:
        return f"{self.function} is square-integrable on [{self.lower}, {self.upper}]"
