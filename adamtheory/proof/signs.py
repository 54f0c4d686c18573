"""Side conditions: is a relation forced by what is in scope?

First by structure (signs of products, powers, sums; numbers below one and their powers), matching hypotheses up to a
positive rational factor; then, where that is not enough, by z3 on polynomials in the normal form's generators.  The
answer is yes or "cannot show it": never no.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import sympy as sp

from adamtheory.proof.kernel import Scope, Trust
from adamtheory.propositions import Proposition, Relation, fresh_like, ge, le, substitute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamtheory.propositions import SequenceDefinition

Sign = frozenset[int]
POSITIVE, NEGATIVE, ZERO = frozenset({1}), frozenset({-1}), frozenset({0})
NONNEGATIVE, NONPOSITIVE, NONZERO = frozenset({0, 1}), frozenset({-1, 0}), frozenset({-1, 1})
UNKNOWN = frozenset({-1, 0, 1})
LONG = 60  # operations beyond which an expression is not expanded to be recognised
ALLOWED: dict[str, Sign] = {"<": POSITIVE, "<=": NONNEGATIVE, "=": ZERO, "!=": NONZERO}


@lru_cache(maxsize=100_000)
def _primitive(e: sp.Expr) -> tuple[sp.Expr, int]:
    """``e`` up to a positive rational factor, with the sign of a canonical representative."""
    if e.count_ops() > LONG:  # matched as it stands, or not at all
        return e, 1
    expanded = sp.expand(e)
    _, body = expanded.primitive() if expanded.is_Add else (None, expanded.as_coeff_Mul()[1])
    if expanded == 0:
        return sp.Integer(0), 1
    if not expanded.is_Add:
        return body, 1 if expanded.as_coeff_Mul()[0] > 0 else -1
    if body.could_extract_minus_sign():
        return sp.expand(-body), -1
    return body, 1


@lru_cache(maxsize=100_000)
def _has_range(r: Relation) -> bool:
    return bool(r.lhs.has(sp.Sum, sp.Integral) or r.rhs.has(sp.Sum, sp.Integral))


@lru_cache(maxsize=20_000)
def _fact(r: Relation) -> tuple[sp.Expr, Sign]:
    """What a relation says, as the sign of a canonical representative of its difference."""
    key, sign = _primitive(r.rhs - r.lhs)
    return key, frozenset(s * sign for s in ALLOWED[r.op])


@lru_cache(maxsize=20_000)
def _facts(known: tuple[Proposition, ...]) -> Mapping[sp.Expr, Sign]:
    """What the relations among the known propositions say of single expressions, by canonical representative."""
    found: dict[sp.Expr, Sign] = {}
    for r in Scope(known).relations:
        key, sign = _fact(r)
        found[key] = found.get(key, UNKNOWN) & sign
    return MappingProxyType(found)


class Signs:
    """Structural sign analysis in one scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._facts = _facts(scope.known)
        self._memo: dict[sp.Expr, Sign] = {}
        self._for_ranges: Scope | None = None

    def of(self, e: sp.Expr) -> Sign:
        if e not in self._memo:
            self._memo[e] = UNKNOWN  # a cycle learns nothing
            key, sign = _primitive(e)
            found = self._structure(e)
            if key in self._facts:
                found = found & frozenset(s * sign for s in self._facts[key])
            self._memo[e] = found
        return self._memo[e]

    def positive(self, e: sp.Expr) -> bool:
        return bool(self.of(e)) and self.of(e) <= POSITIVE

    def nonnegative(self, e: sp.Expr) -> bool:
        return bool(self.of(e)) and self.of(e) <= NONNEGATIVE

    def nonzero(self, e: sp.Expr) -> bool:
        return bool(self.of(e)) and self.of(e) <= NONZERO

    def holds(self, r: Relation) -> bool:
        difference = r.rhs - r.lhs
        for form in (lambda: difference, lambda: sp.factor_terms(difference)):
            sign = self.of(form())
            if sign and sign <= ALLOWED[r.op]:
                return True
        return False

    # -- structure --------------------------------------------------------------------------------------------------
    def _structure(self, e: sp.Expr) -> Sign:
        if e.is_Rational:
            return frozenset({int(sp.sign(e))})
        if e in (sp.pi, sp.E):
            return POSITIVE
        if e.is_Symbol:
            return NONNEGATIVE if e.is_nonnegative else UNKNOWN
        if isinstance(e, sp.Mul):
            result = POSITIVE
            for part in e.args:
                result = frozenset(a * b for a in result for b in self.of(part))
            return result
        if isinstance(e, sp.Add):
            return self._sum(e)
        if isinstance(e, sp.Pow):
            return self._power(e.base, e.exp)
        if isinstance(e, (sp.exp, sp.cosh)):
            return POSITIVE
        if isinstance(e, (sp.sinh, sp.tanh, sp.sign)):
            return self.of(e.args[0])
        if isinstance(e, sp.Abs):
            return frozenset(abs(s) for s in self.of(e.args[0]))
        if isinstance(e, sp.log):
            return self.of(e.args[0] - 1)
        if isinstance(e, (sp.Max, sp.Min)):
            return self._extreme(e)
        if isinstance(e, sp.Sum) and len(e.limits) == 1:
            return self._over_range(e, counted=True)
        if isinstance(e, sp.Integral) and len(e.limits) == 1 and len(e.limits[0]) == 3:
            return self._over_range(e, counted=False)
        return UNKNOWN

    def _sum(self, e: sp.Add) -> Sign:
        signs = [self.of(part) for part in e.args]
        for side in (1, -1):
            allowed = frozenset({0, side})
            if all(s and s <= allowed for s in signs):
                return frozenset({side}) if any(s == {side} for s in signs) else allowed
        for outer, inner in ((1, -1), (-1, 1)):
            # 1 - p with |p| at most (below) one, or its negative
            if outer in e.args:
                rest = inner * (e - outer)
                bound = self.unit(rest)
                if bound:
                    return frozenset({outer}) if bound == "<" else frozenset({0, outer})
                if self.above_one(rest):
                    return frozenset({inner})
        return UNKNOWN

    def unit(self, p: sp.Expr) -> str:
        """ "<" if 0 <= p < 1, "<=" if 0 <= p <= 1, "" if neither can be shown."""
        if p.is_Rational:
            return "<" if 0 <= p < 1 else "<=" if p == 1 else ""
        if isinstance(p, sp.Mul):
            parts = [self.unit(x) for x in p.args]
            return "" if not all(parts) else "<" if "<" in parts else "<="
        if isinstance(p, sp.exp):
            exponent = self.of(p.args[0])
            return "<" if exponent == NEGATIVE else "<=" if exponent and exponent <= NONPOSITIVE else ""
        if isinstance(p, sp.Pow) and p.exp != -1:
            base = self.unit(p.base)
            exponent = self.of(p.exp)
            if base and exponent and exponent <= NONNEGATIVE:
                return "<" if base == "<" and exponent == POSITIVE else "<="
        if isinstance(p, sp.Add):
            return ""
        if self.nonnegative(p):
            key, sign = _primitive(1 - p)
            known = frozenset(s * sign for s in self._facts.get(key, UNKNOWN))
            return "<" if known == POSITIVE else "<=" if known <= NONNEGATIVE else ""
        return ""

    def above_one(self, p: sp.Expr) -> bool:
        if p.is_Rational:
            return bool(p > 1)
        if isinstance(p, sp.exp):
            return self.of(p.args[0]) == POSITIVE
        if isinstance(p, sp.Pow) and self.of(p.exp) == POSITIVE:
            return self.above_one(p.base)
        if isinstance(p, sp.Symbol):
            key, sign = _primitive(p - 1)
            return frozenset(s * sign for s in self._facts.get(key, UNKNOWN)) == POSITIVE
        return False

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Sign:
        sign = self.of(base)
        if exponent.is_Integer:
            if exponent > 0:
                return frozenset(s ** int(exponent) for s in sign)
            return frozenset(s ** int(-exponent) for s in sign if s != 0)  # defined, hence the base is not zero
        if sign == POSITIVE:
            return POSITIVE
        if exponent.is_Rational:
            return NONNEGATIVE if exponent > 0 else POSITIVE
        if sign and sign <= NONNEGATIVE and exponent.is_integer:
            return NONNEGATIVE
        if exponent.is_even:
            return NONZERO if 0 not in sign else NONNEGATIVE
        return NONZERO if 0 not in sign and exponent.is_integer else UNKNOWN

    def _extreme(self, e: sp.Expr) -> Sign:
        signs = [self.of(x) for x in e.args]
        best = max if isinstance(e, sp.Max) else min
        result = signs[0]
        for s in signs[1:]:
            result = frozenset(best(a, b) for a in result for b in s)
        return result

    def _over_range(self, e: sp.Sum | sp.Integral, *, counted: bool) -> Sign:
        variable, lower, upper = e.limits[0]
        if not self._in_range(le(lower - 1 if counted else lower, upper)):
            return UNKNOWN
        sign = self._inside(e.function, variable, lower, upper)
        return self._accumulate(sign, counted and self._in_range(le(lower, upper)))

    def _in_range(self, question: Relation) -> bool:
        """Whether the scope forces a relation between the ends of a sum or integral.

        Asked of what is known without sums and integrals: those have ranges of their own, and to read one as
        polynomials would ask for this range again, without end."""
        if self._for_ranges is None:
            plain = tuple(r for r in self.scope.relations if not _has_range(r))
            self._for_ranges = Scope(plain, (), self.scope._used)
        return decide(self._for_ranges, question)

    @staticmethod
    def _accumulate(sign: Sign, occupied: bool) -> Sign:
        for side in (1, -1):
            if sign and sign <= frozenset({0, side}):
                return frozenset({side}) if occupied and sign == {side} else frozenset({0, side})
        return UNKNOWN

    def _inside(self, body: sp.Expr, variable: sp.Symbol, lower: sp.Expr, upper: sp.Expr) -> Sign:
        inside, fresh, opened = open_binder(self.scope, body, variable, lower, upper)
        found = Signs(inside).of(opened)
        return found if fresh is not None else UNKNOWN


def open_binder(
    scope: Scope, body: sp.Expr, variable: sp.Symbol, lower: sp.Expr, upper: sp.Expr
) -> tuple[Scope, sp.Symbol, sp.Expr]:
    """The body of a sum or integral with a fresh variable, in a scope that knows its range."""
    key = (scope.known, variable, lower, upper)
    if key not in _OPENED:
        if len(_OPENED) >= _KEPT:
            _OPENED.clear()
        _OPENED[key] = fresh_like(variable)
    fresh = _OPENED[key]
    inside = scope.assume(ge(fresh, lower), le(fresh, upper))
    return inside, fresh, substitute(body, {variable: fresh})


# One fresh variable for one range in one scope, where it is as fresh the second time; so answers inside can be kept.
_OPENED: dict[tuple[tuple[Proposition, ...], sp.Symbol, sp.Expr, sp.Expr], sp.Symbol] = {}


def decide(scope: Scope, relation: Relation, *, solver: bool = True) -> bool:
    """Whether the scope forces the relation, as far as structure and z3 can tell.

    Answers are kept: the same question comes back with every claim of a proof.  What is known decides the answer, so
    that is the key; the trust that an answer needs is kept with it."""
    key = (scope.known, relation, solver)
    if key not in _ANSWERS:
        if len(_ANSWERS) >= _KEPT:
            _ANSWERS.clear()
        apart = Scope(scope.hypotheses, scope.facts)
        _ANSWERS[key] = (_decide(apart, relation, solver), frozenset(apart._used))
    answer, used = _ANSWERS[key]
    for trust in used:
        scope.lean_on(trust)
    return answer


_ANSWERS: dict[tuple[tuple[Proposition, ...], Relation, bool], tuple[bool, frozenset[Trust]]] = {}
_KEPT = 100_000


def _decide(scope: Scope, relation: Relation, solver: bool) -> bool:
    signs = Signs(scope)
    if signs.holds(relation):
        return True
    from adamtheory.proof.normal import Normaliser

    difference = relation.rhs - relation.lhs
    normaliser = Normaliser([difference], nonzero=signs.nonzero, nonnegative=signs.nonnegative)
    if relation.op in ("=", "<=") and normaliser.vanishes(difference):
        return True
    if solver:
        from adamtheory.proof.polynomials import forced

        if forced(scope, relation, signs):
            scope.lean_on(Trust(solvers=frozenset({"z3 (nonlinear real arithmetic)"})))
            return True
    return False


def member(scope: Scope, d: SequenceDefinition, own: Sequence[sp.Expr]) -> bool:
    """Are these admissible values for the parameters of a defined family?"""
    if len(own) != len(d.parameters):
        return False
    pairs = list(zip(d.parameters, own, strict=True))
    integers = all(value.is_integer for p, value in pairs if p.is_integer)
    return integers and all(decide(scope, ge(value, 0)) for p, value in pairs if p.is_nonnegative)
