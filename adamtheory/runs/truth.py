"""Is a proposition certainly true at a point?  Once for numbers alone, exactly; once for the values of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from adamtheory.lowering import LoweringError, evaluate
from adamtheory.propositions import All, Either, ForAll, Implies, Proposition, Relation, negation

# An equality that balls of this size do not refute is taken to hold: it selects hyperparameters, it proves nothing.
_BITS = 1024


class Undetermined(Exception):
    """A proposition of a kind, or at a point, that cannot be decided here."""


Compare = Callable[[Relation, Mapping[sp.Symbol, int]], Any]


def certainly(p: Proposition, indices: Mapping[sp.Symbol, int], compare: Compare, values: range) -> Any:
    """True, or an array that is True, where ``p`` certainly holds; bound indices run through ``values``.

    ``compare(relation, indices)`` says where a relation certainly holds.  Undetermined for other propositions."""
    if isinstance(p, Relation):
        return compare(p, indices)
    if isinstance(p, All):
        return _every(certainly(q, indices, compare, values) for q in p.parts)
    if isinstance(p, Either):
        return _some([certainly(q, indices, compare, values) for q in p.parts])
    if isinstance(p, Implies):
        return certainly(Either((_opposite(p.hypothesis), p.conclusion)), indices, compare, values)
    if isinstance(p, ForAll) and p.variable.is_integer:
        body: Proposition = p.body if not p.domain else Implies(All(p.domain), p.body)
        return _every(certainly(body, {**indices, p.variable: value}, compare, values) for value in values)
    raise Undetermined(f"{type(p).__name__} says nothing of one run")


def _opposite(p: Proposition) -> Proposition:
    try:
        return negation(p)
    except TypeError as error:
        raise Undetermined(str(error)) from error


def _every(truths: Iterable[Any]) -> Any:
    result: Any = True
    for truth in truths:
        result = truth if result is True else result & truth
        anywhere = result if isinstance(result, bool) else result.any()
        if not anywhere:  # what follows cannot change that
            return result
    return result


def _some(truths: list[Any]) -> Any:
    result: Any = False
    for truth in truths:
        result = truth if result is False else result | truth
    return result


def holds_exactly(p: Proposition, at: Mapping[sp.Symbol, Any]) -> bool:
    """Does a proposition without sequences hold at exact numbers (and integer indices)?  Undetermined if unknown."""

    def compare(relation: Relation, indices: Mapping[sp.Symbol, int]) -> bool:
        symbols = relation.lhs.free_symbols | relation.rhs.free_symbols
        everything = {**at, **indices}
        if not symbols <= set(everything):
            raise Undetermined(f"{relation} has other symbols")
        return _decided(relation, tuple(sorted(((s, everything[s]) for s in symbols), key=lambda x: str(x[0]))))

    return bool(certainly(p, {}, compare, range(0)))


@lru_cache(maxsize=65536)
def _decided(relation: Relation, values: tuple[tuple[sp.Symbol, Any], ...]) -> bool:
    at = dict(values)
    difference = relation.rhs - relation.lhs
    try:
        number: Any = evaluate(difference, at, "fraction")
        if not isinstance(number, Fraction):
            number = number.sign
        sign = (number > 0) - (number < 0)
    except (LoweringError, ZeroDivisionError):
        try:
            ball = evaluate(difference, at, _ball())
        except (LoweringError, ZeroDivisionError) as error:
            raise Undetermined(str(error)) from error
        if not ball.is_finite():
            raise Undetermined(f"{relation} is undefined at {at}") from None
        sign = 1 if ball > 0 else -1 if ball < 0 else 0
    return {"=": sign == 0, "<=": sign >= 0, "<": sign > 0, "!=": sign != 0}[relation.op]


@lru_cache(maxsize=1)
def _ball() -> Any:
    from adamtheory.lowering import arithmetic

    return arithmetic("ball", bits=_BITS)
