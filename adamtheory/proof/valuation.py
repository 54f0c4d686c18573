"""Points of the space that a statement speaks of, and the values of expressions there.

A ``Point`` gives every symbol an exact value and every unknown sequence or curve an exact model; a ``Valuation`` reads
expressions at a point in one arithmetic of ``adamtheory.lowering``.  Nothing here proves anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from mpmath.libmp import NoConvergence
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamtheory.lowering import Arithmetic, Lowered, LoweringError, lower
from adamtheory.propositions import Relation, SequenceDefinition

# What lowering, SymPy, mpmath and flint raise for a value that they cannot give.
NUMERIC_TROUBLE = (ArithmeticError, ValueError, TypeError, RuntimeError, NoConvergence)


def exact_text(value: Any) -> str:
    """``value`` exactly; to six digits where it has more digits than Python turns into text (4,300)."""
    try:
        return str(value)
    except ValueError:
        return f"about {sp.N(sp.sympify(value), 6)}"


@dataclass(frozen=True)
class ExactSequence:
    """Exact values at the indices 0, 1, ...; beyond them the values repeat (``periodic``) or are zero."""

    values: tuple[sp.Rational, ...]
    periodic: bool = False

    def __call__(self, *indices: int) -> sp.Rational:
        at = indices[0] if len(indices) == 1 else sum(i * (7 + 6 * place) for place, i in enumerate(indices))
        if self.periodic and self.values:
            at %= len(self.values)
        return self.values[at] if 0 <= at < len(self.values) else sp.Integer(0)

    def __str__(self) -> str:
        shown = ", ".join(map(exact_text, self.values[:6]))
        return f"[{shown}{', ...' if len(self.values) > 6 else ''}]"


@dataclass(frozen=True)
class ExactFamily:
    """One sequence (or family) for each value 0, 1, ... of the first argument; zero beyond them."""

    members: tuple[ExactSequence | ExactFamily, ...]

    def __call__(self, member: int, *indices: int) -> sp.Rational:
        return self.members[member](*indices) if 0 <= member < len(self.members) else sp.Integer(0)

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.members))}]"


@dataclass(frozen=True)
class Curve:
    """A curve (or a sequence with a closed form) as an expression of one variable; of a family, ``parameters`` are the
    arguments before it."""

    variable: sp.Symbol
    body: sp.Expr
    parameters: tuple[sp.Symbol, ...] = ()

    def __call__(self, *arguments: Any) -> sp.Expr:
        own = (*self.parameters, self.variable)
        if len(arguments) != len(own):
            raise LoweringError(f"the curve {self} takes {len(own)} arguments, got {len(arguments)}")
        return self.body.subs(dict(zip(own, arguments, strict=True)), simultaneous=True)

    @property
    def as_lambda(self) -> sp.Lambda:
        return sp.Lambda((*self.parameters, self.variable), self.body)

    def __str__(self) -> str:
        own = ", ".join(map(str, (*self.parameters, self.variable)))
        return f"{own} -> {self.body}"


@dataclass(frozen=True)
class Shape:
    """What the hypotheses ask of a sequence at each index of ``domain``: a ``value``, or a window [lower, upper]."""

    function: UndefinedFunction
    variable: sp.Symbol
    domain: tuple[Relation, ...]
    value: sp.Expr | None = None
    lower: sp.Expr | None = None
    upper: sp.Expr | None = None

    def place(self, base: sp.Rational, weight: sp.Symbol) -> tuple[sp.Expr, sp.Rational]:
        """An expression of ``weight`` inside the window, and the weight that ``base`` stands for."""
        if self.value is not None:
            return self.value, sp.Integer(0)
        if self.lower is not None and self.upper is not None:
            fraction = base - sp.floor(base)
            return self.lower + (self.upper - self.lower) * weight, fraction if fraction else sp.Rational(1, 2)
        distance = abs(base) if base else sp.Integer(1)
        return (self.lower + weight if self.lower is not None else self.upper - weight), distance


@dataclass(frozen=True, eq=False)
class Point:
    """``values``: exact numbers (or expressions in the other symbols and functions where a hypothesis fixes one);
    ``functions``: models of the unknown sequences and curves; ``shapes`` and ``definitions`` complete them.
    ``made_up`` are the definitions of curves that no statement gives: chosen to fit its hypotheses."""

    values: Mapping[sp.Symbol, sp.Expr]
    functions: Mapping[UndefinedFunction, ExactSequence | ExactFamily | Curve] = field(default_factory=dict)
    definitions: tuple[SequenceDefinition, ...] = ()
    shapes: tuple[Shape, ...] = ()
    made_up: tuple[SequenceDefinition, ...] = ()

    def __str__(self) -> str:
        parts = [f"{s} = {exact_text(self.values[s])}" for s in sorted(self.values, key=lambda s: s.name)]
        parts += [f"{f} = {self.functions[f]}" for f in sorted(self.functions, key=str)]
        return ", ".join(parts) or "(nothing is free)"


def rename_bound(e: sp.Expr) -> sp.Expr:
    """``e`` with a fresh variable in every sum, product and integral, so that substitution captures nothing."""

    def rename(node: ExprWithLimits) -> sp.Expr:
        inside: dict[sp.Symbol, sp.Symbol] = {}
        limits = []
        for variable, *ends in reversed(node.limits):  # a limit may speak of the variables after it
            ends = [end.xreplace(inside) for end in ends]
            inside[variable] = sp.Dummy(variable.name, **variable.assumptions0)
            limits.append((inside[variable], *ends))
        return node.func(node.function.xreplace(inside), *reversed(limits))

    return e.replace(lambda x: isinstance(x, ExprWithLimits), rename)


def differentiate(e: sp.Expr) -> sp.Expr:
    """Derivatives carried out; integrals and sums stay as they are."""
    return e.replace(lambda x: isinstance(x, (sp.Derivative, sp.Subs)), lambda x: x.doit(deep=False))


def is_curve(definition: SequenceDefinition) -> bool:
    return definition.index.is_integer is not True


class Valuation:
    """Expressions at one point in one arithmetic.  Definitions are run upwards from their first index and remembered,
    so that a recursion a few thousand steps deep needs no deep stack."""

    def __init__(self, point: Point, arithmetic: Arithmetic, *, like: Valuation | None = None) -> None:
        """``like``: a valuation of the same point, whose curves, written out, serve here too."""
        self.point = point
        self.arithmetic = arithmetic
        self._furthest: dict[UndefinedFunction, list[int]] = {}
        self._sequences = {d.function: d for d in point.definitions if not is_curve(d)}
        self._curves: dict[UndefinedFunction, Curve] = {} if like is None else like._curves
        self._concrete: dict[sp.Expr, sp.Expr] = {} if like is None else like._concrete
        if like is None:
            self._write_out(point)
        self._recursive = {f for f in (*self._sequences, *(s.function for s in point.shapes)) if self._reaches(f)}
        self._lowered: dict[tuple[sp.Expr, frozenset[sp.Symbol]], tuple[Lowered, tuple[sp.Symbol, ...]]] = {}
        self._values: dict[sp.Symbol, Any] = {}
        named = (*point.functions, *self._sequences)
        self._callables = {f: self._callable(f) for f in named if f not in self._curves}

    def _write_out(self, point: Point) -> None:
        for function, model in point.functions.items():
            if isinstance(model, Curve):
                self._curves[function] = model
        still = [d for d in point.definitions if is_curve(d)]
        while still:  # a later definition may stand before the ones that it uses
            waiting = {o.function for o in still}
            ready = [d for d in still if not (_functions(d.body) & waiting)]
            if not ready:
                raise LoweringError(f"the definition of {still[0].function} is circular")
            for d in ready:
                self._curves[d.function] = Curve(d.index, self._written_out(d.body), d.parameters)
            still = [d for d in still if d not in ready]

    # -- expressions ------------------------------------------------------------------------------------------------
    def concrete(self, e: sp.Expr) -> sp.Expr:
        """``e`` with every curve written out and every derivative taken."""
        if e not in self._concrete:
            self._concrete[e] = self._written_out(e)
        return self._concrete[e]

    def _written_out(self, e: sp.Expr) -> sp.Expr:
        used = [f for f in self._curves if f in _functions(e)]
        if used:
            e = rename_bound(e)
            for function in used:
                e = e.replace(function, self._curves[function])
        return differentiate(e) if e.has(sp.Derivative, sp.Subs) else e

    def value(self, e: sp.Expr, bound: Mapping[sp.Symbol, Any] | None = None) -> Any:
        """The value of ``e``, an element of the arithmetic; ``bound`` gives values to further symbols (and shadows).

        Raises LoweringError for what the arithmetic cannot do and ZeroDivisionError where ``e`` is undefined."""
        bound = bound or {}
        key = (e, frozenset(bound))
        if key not in self._lowered:
            concrete = self.concrete(e)
            symbols = tuple(sorted(concrete.free_symbols, key=lambda s: (s.name, s.sort_key())))
            program = lower(concrete, symbols, self.arithmetic, functions=self._callables)
            self._lowered[key] = (program, symbols)
        program, symbols = self._lowered[key]
        return program(*(bound[s] if s in bound else self.symbol(s) for s in symbols))

    def symbol(self, s: sp.Symbol) -> Any:
        if s not in self._values:
            if s not in self.point.values:
                raise LoweringError(f"the symbol {s} has no value here")
            given = self.point.values[s]
            self._values[s] = given if given.is_Rational else self.value(given)
        return self._values[s]

    def truth(self, relation: Relation, bound: Mapping[sp.Symbol, Any] | None = None) -> bool | None:
        """The relation in this arithmetic, without slack: None where balls leave it undecided."""
        left, right = self.value(relation.lhs, bound), self.value(relation.rhs, bound)
        with self.arithmetic.scope():
            compare = {"<": self.arithmetic.less, "<=": self.arithmetic.less_equal}
            if relation.op in compare:
                found: bool | None = compare[relation.op](left, right)
                return found
            same: bool | None = self.arithmetic.equal(left, right)
            return same if same is None or relation.op == "=" else not same

    # -- sequences --------------------------------------------------------------------------------------------------
    def _reaches(self, function: UndefinedFunction) -> bool:
        """Does the definition of ``function`` lead back to it?"""
        seen: set[UndefinedFunction] = set()
        queue = [function]
        while queue:
            for used in self._uses(queue.pop()):
                if used == function:
                    return True
                if used not in seen:
                    seen.add(used)
                    queue.append(used)
        return False

    def _uses(self, function: UndefinedFunction) -> set[UndefinedFunction]:
        if function in self._sequences:
            return _functions(self._sequences[function].body)
        parts = [p for s in self.point.shapes if s.function == function for p in (s.value, s.lower, s.upper) if p]
        return set().union(*map(_functions, parts), set())

    def _callable(self, function: UndefinedFunction) -> Callable[..., Any]:
        # Everything that depends on the function is looked up once: SymPy hashes functions slowly.
        definition, model = self._sequences.get(function), self.point.functions.get(function)
        shapes = tuple(s for s in self.point.shapes if s.function == function)
        recursive = function in self._recursive
        first = 0 if definition is None else definition.first
        start = max(0, first - 1)
        tables: dict[tuple[int, ...], dict[int, Any]] = {}  # one for each member of a family
        furthest = self._furthest.setdefault(function, [-1])

        def compute(own: tuple[int, ...], index: int) -> Any:
            if definition is not None:
                return self._defined(definition, first, own, index)
            return self._shaped(shapes, model(index) if model is not None else sp.Integer(0), index)

        def at(*indices: Any) -> Any:
            if not all(isinstance(i, int) for i in indices):
                raise LoweringError(f"the sequence {function} is read at {indices}, which is no integer index")
            if len(indices) > 1 and definition is None and model is not None:
                return model(*indices)
            *own, index = indices
            table = tables.setdefault(tuple(own), {})
            furthest[0] = max(index, furthest[0])
            if index not in table:
                if recursive:
                    for earlier in range(max(start, max(table, default=-1) + 1), index):
                        if earlier not in table:
                            table[earlier] = compute(tuple(own), earlier)
                table[index] = compute(tuple(own), index)
            return table[index]

        return at

    @property
    def asked(self) -> dict[UndefinedFunction, int]:
        """The largest index at which each sequence has been read."""
        return {f: max(cell[0], 0) for f, cell in self._furthest.items() if cell[0] >= 0}

    def _defined(self, definition: SequenceDefinition, first: int, own: tuple[int, ...], index: int) -> Any:
        if len(own) != len(definition.parameters):
            raise LoweringError(f"{(*own, index)} are not the arguments of {definition.head}")
        bound = dict(zip(definition.parameters, own, strict=True))
        for start, given in definition.initial:
            if start == index:
                return self.value(given, bound)
        if index < first:
            raise LoweringError(f"{definition.function}({index}) has no value: its definition starts at {first}")
        return self.value(definition.body, {**bound, definition.index: index})

    def _shaped(self, shapes: tuple[Shape, ...], base: sp.Rational, index: int) -> Any:
        for shape in shapes:
            if all(self.truth(r, {shape.variable: index}) for r in shape.domain):
                weighted, weight = shape.place(base, _WEIGHT)
                return self.value(weighted, {shape.variable: index, _WEIGHT: weight})
        return base


_WEIGHT = sp.Dummy("w", real=True)


def _functions(e: sp.Expr) -> set[UndefinedFunction]:
    return {a.func for a in e.atoms(AppliedUndef)}
