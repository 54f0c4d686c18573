"""The search for a rigorous witness against a claim, and the shrinking of one that was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.lowering import LoweringError
from adamtheory.proof.numeric_truth import Judge, Undefined, Unreadable
from adamtheory.proof.refutation import refutes
from adamtheory.proof.sampling import Sampler
from adamtheory.proof.shadow import attacks
from adamtheory.proof.valuation import NUMERIC_TROUBLE, Curve, Point, rename_bound
from adamtheory.propositions import ForAll, Proposition, Relation, SequenceDefinition, Supremum
from adamtheory.validation import integer

Witness = dict[Any, Any]
_CHECKS = 250  # rigorous checks that shrinking may spend
_SIMPLE = tuple(sp.Rational(x) for x in ("0", "1", "-1", "1/2", "2", "-2", "1/3", "2/3", "1/4", "3/4", "1/10", "9/10"))


def find_witness(
    claim: Proposition,
    given: Sequence[Proposition] = (),
    where: Sequence[SequenceDefinition] = (),
    *,
    seed: int = 0,
    trials: int = 200,
    sample: Mapping[sp.Symbol, sp.Expr] | None = None,
) -> Mapping[Any, Any] | None:
    """A small witness that rigorously violates the claim and satisfies the hypotheses, or None.

    ``trials`` counts random points that are tried; the answer is one that ``check_witness`` accepts, symbols as
    Rationals, sequences as lists from index 0, curves as Lambdas.  Raises ValueError or TypeError for bad arguments."""
    integer("trials", trials, minimum=0)
    body, more = _opened(claim, (*given, *where))
    hypotheses = (*where, *given, *more)
    searches: list[tuple[Proposition, ...]] = [(), *attacks(body)]
    for extra in searches:
        sampler = Sampler((*hypotheses, *extra), body, seed=seed, sample=dict(sample or {}))
        for _ in range(trials):
            point = sampler.draw()
            if point is None:
                continue
            judge = Judge(point)
            try:
                if judge.judge(body).holds is not False:
                    continue
            except (Undefined, Unreadable):
                continue
            for witness in _plainer(_exact_witness(point, judge)):
                if refutes(claim, given, where, witness).refuted:
                    return _Shrink(claim, given, where, sampler.solved).run(witness)
    return None


def _plainer(witness: Witness | None) -> Iterator[Witness]:
    """The witness, then with its curves constant: hypotheses about all times are easily settled for those."""
    if witness is None:
        return
    yield witness
    curves = [key for key, value in witness.items() if isinstance(value, sp.Lambda)]
    if curves:
        for time in [value for value in witness.values() if isinstance(value, sp.Rational)]:
            levels = {key: witness[key](time) for key in curves}
            if all(level.is_Rational for level in levels.values()):
                yield {**witness, **{f: sp.Lambda(witness[f].variables[0], level) for f, level in levels.items()}}


def _opened(claim: Proposition, others: Sequence[Proposition]) -> tuple[Proposition, tuple[Proposition, ...]]:
    """The claim without its outer quantifiers, and what its variables satisfy."""
    more: tuple[Proposition, ...] = ()
    if isinstance(claim, Supremum):
        return Relation("<=", claim.expr, claim.value), claim.among
    while isinstance(claim, ForAll) and not any(claim.variable in p.free_symbols for p in others):
        more = (*more, *claim.domain)
        claim = claim.body
    return claim, more


def _exact_witness(point: Point, judge: Judge) -> Witness | None:
    """The point with its sequences written out as far as they were read; None where it is not exact."""
    exact = judge.valuation("fraction")
    reached = judge.valuation("mpmath", judge.digits).asked
    found: Witness = {}
    try:
        for s, x in point.values.items():
            value = x if x.is_Rational else exact.symbol(s)
            found[s] = value if x.is_Rational else sp.Rational(*_parts(value))
        for f, model in point.functions.items():
            if isinstance(model, Curve):
                found[f] = model.as_lambda
            else:
                values = [exact.value(f(sp.Integer(k))) for k in range(reached.get(f, 0) + 1)]
                found[f] = _trimmed([sp.Rational(*_parts(x)) for x in values])
        for d in point.definitions:
            if d in point.made_up:
                body = exact.concrete(rename_bound(d.body)).subs(point.values)
                found[d.function] = sp.Lambda(d.index, body)
    except NUMERIC_TROUBLE:
        return None
    return found


def _parts(value: Any) -> tuple[int, int]:
    if not isinstance(value, (int, Fraction)):
        raise LoweringError("not rational")
    return Fraction(value).numerator, Fraction(value).denominator


def _trimmed(values: list[sp.Rational]) -> list[sp.Rational]:
    while values and values[-1] == 0:
        values = values[:-1]
    return values


class _Shrink:
    """Greedy: replace one value at a time by a simpler one, as long as the violation stays rigorous."""

    def __init__(
        self,
        claim: Proposition,
        given: Sequence[Proposition],
        where: Sequence[SequenceDefinition],
        solved: Mapping[sp.Symbol, sp.Expr],
    ) -> None:
        self._statement = (claim, given, where)
        self._solved = {s: e for s, e in solved.items() if not e.has(AppliedUndef)}
        self._left = _CHECKS

    def run(self, witness: Witness) -> Witness:
        improved = True
        while improved and self._left > 0:
            improved = False
            for candidate in self._simpler(witness):
                if self._left <= 0:
                    break
                completed = self._completed(candidate)
                if completed is None or _weight(completed) >= _weight(witness):
                    continue
                self._left -= 1
                if refutes(*self._statement, completed).refuted:
                    witness, improved = completed, True
                    break
        return witness

    def _completed(self, witness: Witness) -> Witness | None:
        """With the symbols that an equation ties to the others recomputed."""
        found = dict(witness)
        for s, e in self._solved.items():
            if s in found:
                found[s] = e.subs({x: found[x] for x in e.free_symbols if x in found})
                if not found[s].is_Rational:
                    return None
        return found

    def _simpler(self, witness: Witness) -> Iterator[Witness]:
        for key, value in sorted(witness.items(), key=lambda item: -_size(item[1])):
            if isinstance(value, list):
                for shorter in range(len(value)):
                    yield {**witness, key: _trimmed(value[:shorter])}
                for place, x in enumerate(value):
                    for simple in _numbers(x):
                        yield {**witness, key: _trimmed([*value[:place], simple, *value[place + 1 :]])}
            elif isinstance(value, sp.Lambda):
                x = value.variables[0]
                for body in (sp.Integer(0), sp.Integer(1), sp.Integer(-1), x, -x, 1 - x, 1 + x, x**2):
                    yield {**witness, key: sp.Lambda(x, body)}
            elif isinstance(key, sp.Symbol) and key not in self._solved:
                for simple in range(int(value)) if key.is_integer and value > 0 else _numbers(value):
                    yield {**witness, key: sp.Rational(simple)}


def _numbers(value: sp.Rational) -> list[sp.Rational]:
    """Simpler rationals near and far, the simplest first."""
    near = [value.limit_denominator(bottom) for bottom in (1, 2, 3, 5, 10, 20)]
    return sorted({x for x in (*_SIMPLE, *near) if _size(x) < _size(value)}, key=lambda x: (_size(x), int(x.p)))


def _size(value: Any) -> int:
    """How much there is to read in a value."""
    if isinstance(value, list):
        return sum(1 + _size(x) for x in value)
    if isinstance(value, sp.Lambda):
        return 1 + 3 * int(value.expr.count_ops())
    top, bottom = int(value.p), int(value.q)
    return abs(top).bit_length() + 2 * (bottom.bit_length() - 1) + (top < 0)


def _weight(witness: Witness) -> int:
    return sum(map(_size, witness.values()))
