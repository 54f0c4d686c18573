"""Normal forms of sums and integrals: constants pulled out, summands split into monomials, limits aligned.

A finite sum is read in Karr's convention (additive over adjacent ranges for all integer limits), so that limits may be
aligned by adding and removing end terms; that is done only where the summand is a Laurent monomial in generators that
never vanish, hence defined at every index.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.propositions import fresh_like, substitute

if TYPE_CHECKING:
    from adamtheory.proof.normal import Normaliser


def _limits(e: sp.Expr) -> tuple[sp.Symbol, sp.Expr, sp.Expr]:
    if len(e.limits) != 1 or len(e.limits[0]) != 3:
        raise TypeError(f"normal form: {e} needs exactly one bound variable with both limits")
    variable, lower, upper = e.limits[0]
    return variable, lower, upper


def unfold_nested(e: sp.Expr) -> sp.Expr:
    """A sum or integral over several variables as nested ones."""
    inner = e.function
    for limit in e.limits:
        inner = e.func(inner, limit)
    return inner


def _split(normaliser: Normaliser, body: sp.Expr, variable: sp.Symbol) -> list[tuple[sp.Expr, sp.Expr]]:
    """The body as (constant factor, factor that depends on the variable) pairs, both in generators."""
    abstracted = normaliser.abstract(body)
    top, bottom = sp.fraction(sp.together(abstracted))
    depends = {s for s in abstracted.free_symbols if variable in normaliser.concrete(s).free_symbols}
    # Constant factors of the denominator go out first: expanded with the others they could not be told apart.
    fixed, moving = bottom.as_independent(*depends, as_Add=False) if depends else (bottom, sp.Integer(1))
    pairs = []
    for term in sp.Add.make_args(sp.expand(top)):
        term = sp.cancel(term / moving)
        for piece in sp.Add.make_args(term):
            constant, varying = piece.as_independent(*depends, as_Add=False) if depends else (piece, sp.Integer(1))
            pairs.append((constant / fixed, varying))
    return pairs


def _laurent(normaliser: Normaliser, e: sp.Expr, variable: sp.Symbol) -> bool:
    """Is the factor defined at every integer index, whatever the range?"""
    for part in sp.preorder_traversal(e):
        if isinstance(part, sp.Pow) and not (part.exp.is_Integer and part.exp >= 0):
            meaning = normaliser.concrete(part.base)
            base = meaning.base if isinstance(meaning, sp.Pow) else meaning
            if isinstance(meaning, sp.exp) or (not base.has(variable) and normaliser.nonzero(base)):
                continue
            return False
    nodes = sp.preorder_traversal(normaliser.concrete(e))
    return not any(_partial(normaliser, node, variable) for node in nodes)


def _partial(normaliser: Normaliser, node: sp.Expr, variable: sp.Symbol) -> bool:
    """A node whose domain could depend on the index: 1/k, log(k), or b**(n - k) where b may be zero."""
    if isinstance(node, sp.log):
        return bool(node.has(variable))
    if not isinstance(node, sp.Pow):
        return False
    if node.base.has(variable):
        return not (node.exp.is_Integer and node.exp >= 0)
    return bool(node.exp.has(variable)) and not normaliser.nonzero(node.base)


def _shift(e: sp.Expr, variable: sp.Symbol) -> tuple[int, sp.Expr]:
    """Orientation and offset that bring the earliest sequence of the summand to the index itself."""
    offsets: list[sp.Expr] = []
    orientation = 0
    for node in e.atoms(AppliedUndef):
        for argument in node.args:
            slope = sp.diff(argument, variable)
            if slope in (1, -1):
                if orientation == 0:
                    orientation = int(slope)
                if slope == orientation:
                    offsets.append(sp.expand(argument - slope * variable))
    if not offsets:
        return 1, sp.Integer(0)
    differences = [sp.expand(o - offsets[0]) for o in offsets]
    if not (all(d.is_Integer for d in differences) and offsets[0].is_integer):
        return 1, sp.Integer(0)
    return orientation, offsets[0] + min(differences)


def normal_sum(normaliser: Normaliser, e: sp.Sum) -> sp.Expr:
    if len(e.limits) != 1:
        return normaliser.abstract(unfold_nested(e))
    variable, lower, upper = _limits(e)
    index = fresh_like(_canonical_index(0))
    orientation, offset = _shift(e.function, variable)
    # New index = orientation * old + offset; a reversed orientation exchanges the limits.
    body = substitute(e.function, {variable: orientation * (index - offset)})
    first, last = (lower, upper) if orientation == 1 else (upper, lower)
    first, last = sp.expand(orientation * first + offset), sp.expand(orientation * last + offset)
    normaliser._scan(body)
    total: sp.Expr = sp.Integer(0)
    for constant, varying in _split(normaliser, body, index):
        if varying == 1:
            total += constant * normaliser.abstract(sp.expand(last - first + 1))
        else:
            total += constant * _monomial_sum(normaliser, varying, index, first, last)
    return total


def _monomial_sum(normaliser: Normaliser, varying: sp.Expr, index: sp.Symbol, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """The sum of one monomial in generators: limits aligned, oriented, under a canonical bound variable."""
    meaning = normaliser.concrete(varying)
    ends: sp.Expr = sp.Integer(0)
    if _laurent(normaliser, varying, index):
        low, high, ends = _align(normaliser, meaning, index, low, high)
    if sp.expand(high - low) == -1:  # empty: everything is in the end terms
        return ends
    options = [meaning]
    if not any(index in a.free_symbols for a in meaning.atoms(AppliedUndef)):  # no sequence fixes the sum's direction
        options.append(substitute(meaning, {index: sp.expand(low + high - index)}))
    name = _canonical_index(_depth(meaning))
    candidates = []
    for option in options:
        renamed = substitute(option, {index: name})
        normaliser._scan(renamed)
        pairs = _split(normaliser, renamed, name)
        if len(pairs) == 1:
            candidates.append((str(normaliser.concrete(pairs[0][1])), pairs[0]))
    if not candidates:  # one monomial stays one monomial; if not, the sum is taken whole
        return ends + normaliser._generator(("sum", meaning, low, high), sp.Sum(meaning, (index, low, high)))
    _, (constant, canonical) = min(candidates, key=lambda c: c[0])
    key = ("sum", canonical, normaliser._canonical(low), normaliser._canonical(high))
    whole = sp.Sum(normaliser.concrete(canonical), (name, low, high))
    return ends + constant * normaliser._generator(key, whole)


@cache
def _canonical_index(depth: int) -> sp.Symbol:
    """The bound variable of every normal sum of this depth; a dummy, so that no free symbol can be it."""
    return sp.Dummy(f"index{depth}", integer=True)


@cache
def _canonical_time(depth: int) -> sp.Symbol:
    return sp.Dummy(f"time{depth}", real=True)


def _align(
    normaliser: Normaliser, body: sp.Expr, index: sp.Symbol, low: sp.Expr, high: sp.Expr
) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Move the integer constants of both limits to zero, returning the end terms that this costs."""
    low_offset, low_symbolic = low.as_coeff_Add()
    high_offset, high_symbolic = high.as_coeff_Add()
    if not (low_offset.is_Integer and high_offset.is_Integer) or max(abs(low_offset), abs(high_offset)) > 64:
        return low, high, sp.Integer(0)
    if low_symbolic == high_symbolic:  # a sum with a fixed number of terms is written out
        terms = _between(normaliser, body, index, int(low_offset), int(high_offset) + 1, low_symbolic)
        return sp.Integer(0), sp.Integer(-1), terms
    # sum from low to high = sum from low_symbolic to high_symbolic, less what lies below low, plus what lies above.
    below = _between(normaliser, body, index, 0, int(low_offset), low_symbolic)
    above = _between(normaliser, body, index, 1, int(high_offset) + 1, high_symbolic)
    return low_symbolic, high_symbolic, above - below


def _between(
    normaliser: Normaliser, body: sp.Expr, index: sp.Symbol, start: int, stop: int, origin: sp.Expr
) -> sp.Expr:
    """The sum of the body over origin + start, ..., origin + stop - 1, with the sign of Karr's convention."""
    total: sp.Expr = sp.Integer(0)
    for at in range(start, stop) if start <= stop else range(stop, start):
        value = normaliser.abstract(substitute(body, {index: origin + at}))
        total += value if start <= stop else -value
    return total


def _depth(e: sp.Expr) -> int:
    return sum(1 for node in sp.preorder_traversal(e) if isinstance(node, (sp.Sum, sp.Integral)))


def normal_integral(normaliser: Normaliser, e: sp.Integral) -> sp.Expr:
    if len(e.limits) != 1:
        return normaliser.abstract(unfold_nested(e))
    variable, lower, upper = _limits(e)
    dummy = fresh_like(variable)
    body = substitute(e.function, {variable: dummy})
    normaliser._scan(body)
    total: sp.Expr = sp.Integer(0)
    for constant, varying in _split(normaliser, body, dummy):
        if varying == 1:
            total += constant * normaliser.abstract(upper - lower)
            continue
        meaning = normaliser.concrete(varying)
        name = _canonical_time(_depth(meaning))
        canonical = normaliser.abstract(substitute(meaning, {dummy: name}))
        key = ("integral", canonical, normaliser._canonical(lower), normaliser._canonical(upper))
        total += constant * normaliser._generator(
            key, sp.Integral(normaliser.concrete(canonical), (name, lower, upper))
        )
    return total
