"""Random admissible points: exact values for every symbol, sequence and curve at which all hypotheses hold.

What hypotheses say plainly is built in (bounds of one symbol, an equation that one symbol solves, a sequence given or
bounded index by index); the rest is left to rejection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamtheory.proof.families import random_curve, random_sequence
from adamtheory.proof.intervals import Interval, narrowed, rational
from adamtheory.proof.numeric_truth import Judge, Undefined, Unreadable
from adamtheory.proof.shaping import Shaping, curves_among
from adamtheory.proof.valuation import Point
from adamtheory.propositions import All, ForAll, Proposition, Relation, SequenceDefinition, expression
from adamtheory.validation import integer, reject

_SIMPLER = 120  # operations beyond which no equation is solved
_ATTEMPTS = 80  # attempts for each point that is asked for
_HOPELESS = 300  # attempts without any admissible point
_THIN = 4  # the same under an equation that nothing was solved for: it holds by chance only


@dataclass
class Sampler:
    """Admissible points of ``hypotheses``, with values for everything that ``claims`` speak of.

    ``sample`` maps a symbol to an expression in the others, or a curve to a ``sympy.Lambda``, for hypotheses too thin
    to be met by chance.
    ``attempts`` and ``admissible`` count what was drawn and what was kept; ``reason`` says what was last in the way.
    """

    hypotheses: tuple[Proposition, ...]
    claims: Proposition | Iterable[Proposition]
    seed: int = 0
    sample: Mapping[Any, sp.Expr] = field(default_factory=dict)
    digits: int = 50
    attempts: int = 0
    admissible: int = 0
    reason: str = ""

    def __post_init__(self) -> None:
        integer("seed", self.seed, minimum=0)
        self.sample = {s: expression(e) for s, e in self.sample.items()}
        self.hypotheses = tuple(flatten(self.hypotheses))
        claims = (self.claims,) if isinstance(self.claims, Proposition) else tuple(self.claims)
        for name, group in (("hypotheses", self.hypotheses), ("claims", claims)):
            for p in group:
                if not isinstance(p, Proposition):
                    reject(name, p, "propositions", TypeError)
        everything = (*self.hypotheses, *claims)
        self._definitions = tuple(p for p in self.hypotheses if isinstance(p, SequenceDefinition))
        self._relations = tuple(p for p in self.hypotheses if isinstance(p, Relation))
        self._conditions = tuple(p for p in self.hypotheses if not isinstance(p, SequenceDefinition))
        defined = {d.function for d in self._definitions}
        # Sorted: the points must not depend on hashing.
        spoken: set[UndefinedFunction] = set().union(*(p.functions for p in everything), set())
        symbols: set[sp.Symbol] = set().union(*(p.free_symbols for p in everything), set())
        symbols |= set().union(*(e.free_symbols for e in self.sample.values()), set())
        self._models = {f: e for f, e in self.sample.items() if isinstance(e, sp.Lambda)}
        self.sample = {s: e for s, e in self.sample.items() if s not in self._models}
        symbols |= set(self.sample)
        self._symbols = sorted(symbols, key=lambda s: (s.name, s.sort_key()))
        self._unknown = sorted(spoken - defined, key=str)
        self._curves = curves_among(everything)
        self._arity = {a.func: len(a.args) for p in everything for e in p.expressions for a in e.atoms(AppliedUndef)}
        self._shaping = Shaping(self.hypotheses, frozenset(self._unknown), frozenset(self._curves))
        self.solved = self._solve()
        self._bounds = self._plain_bounds([s for s in self._symbols if s not in self.solved])
        self._random = Random(self.seed)

    def __iter__(self) -> Iterator[Point]:
        """Admissible points without end, as long as every one is found within a bounded number of attempts."""
        misses = 0
        while misses < _ATTEMPTS:
            point = self.draw()
            misses = misses + 1 if point is None else 0
            if point is not None:
                yield point

    def points(self, count: int) -> list[Point]:
        """Up to ``count`` admissible points."""
        return [judge.point for judge in self.judges(count)]

    def judges(self, count: int) -> list[Judge]:
        """Judges of up to ``count`` admissible points, which remember what the hypotheses made them evaluate."""
        integer("count", count, minimum=0)
        found: list[Judge] = []
        limit = self.attempts + _ATTEMPTS * count
        met = self._equations_met
        bodies = [(p, p.body if isinstance(p, ForAll) else p) for p in self._conditions if p not in met]
        equations = [p for p, body in bodies if isinstance(body, Relation) and body.op == "="]
        thin = any(not self._shaping.uses(p) for p in equations)
        hopeless = self.attempts + (_THIN if thin else _HOPELESS)
        while len(found) < count and self.attempts < (limit if found else min(limit, hopeless)):
            judge = self.judge()
            if judge is not None:
                found.append(judge)
        return found

    def draw(self) -> Point | None:
        """One attempt: an admissible point, or None."""
        judge = self.judge()
        return None if judge is None else judge.point

    def judge(self) -> Judge | None:
        """One attempt, as the judge of its point."""
        self.attempts += 1
        point = self.propose()
        if point is None:
            return None
        judge = Judge(point, digits=self.digits)
        try:
            for p in self._conditions:
                if judge.far(p):  # a point that is not worth a second look
                    self.reason = _fails(p)
                    return None
                outcome = judge.judge(p)
                if not outcome.holds or outcome.tie:  # what nothing tells from equality is no admissible point
                    self.reason = _fails(p)
                    if outcome.holds is None:
                        self.reason = f"the hypothesis {p} cannot be sampled: {outcome.note}"
                    return None
        except Undefined as error:
            self.reason = f"a hypothesis is undefined at the points that were tried: {error}"
            return None
        except Unreadable as error:
            self.reason = f"a hypothesis cannot be evaluated: {error}"
            return None
        self.admissible += 1
        return judge

    # -- symbols ----------------------------------------------------------------------------------------------------
    def _solve(self) -> dict[sp.Symbol, sp.Expr]:
        """Symbols that ``sample`` or an equation gives in terms of the others."""
        solved = dict(self.sample)
        self._equations_met: set[Relation] = set()
        for r in self._relations:
            if r.op != "=" or self._shaping.uses(r):
                continue
            gap = (r.lhs - r.rhs).subs(solved)
            if gap.count_ops() > _SIMPLER or gap.has(sp.Integral):
                continue
            for s in sorted(gap.free_symbols - set(solved), key=lambda s: (bool(s.is_integer), s.name)):
                found = None if self._runs_through(gap, s) else _linear_solution(gap, s)
                if found is not None and not any(s in e.free_symbols for e in solved.values()):
                    solved[s] = found
                    self._equations_met.add(r)
                    break
        return solved

    def _runs_through(self, e: sp.Expr, symbol: sp.Symbol) -> bool:
        """Does ``e`` contain a defined sequence whose values depend on ``symbol``?"""
        bodies = {d.function: d for d in self._definitions}
        seen: set[UndefinedFunction] = set()
        queue = [a.func for a in e.atoms(AppliedUndef)]
        while queue:
            f = queue.pop()
            if f in bodies and f not in seen:
                seen.add(f)
                if symbol in bodies[f].free_symbols:
                    return True
                queue.extend(bodies[f].functions)
        return False

    def propose(self) -> Point | None:
        """A point that meets what is built in; the other hypotheses are not looked at."""
        random = self._random
        values: dict[sp.Symbol, sp.Expr] = {}
        free = list(self._bounds)
        random.shuffle(free)
        for s in sorted(free, key=lambda s: not s.is_integer):
            interval = narrowed(self._bounds[s], s, self._relations, lambda e: _known(e, values))
            if interval.empty:
                self.reason = f"the hypotheses leave no value for {s}"
                return None
            value = interval.draw_index(random) if s.is_integer else interval.draw(random)
            if value is None:
                self.reason = f"the hypotheses leave no integer for {s}"
                return None
            values[s] = value
        for s, e in self.solved.items():
            value = e.subs({x: v for x, v in values.items() if x in e.free_symbols})
            if (
                value.has(sp.zoo, sp.nan, sp.oo)
                or value.is_real is False
                or (s.is_integer and value.is_integer is False)
            ):
                self.reason = f"{s} = {e} has no admissible value"
                return None
            values[s] = value
        models: dict[Any, Any] = {}
        for f in self._unknown:
            family = self._arity.get(f, 1) - 1
            models[f] = random_curve(random, family=family) if f in self._curves else random_sequence(random)
        shaped = (d for d in self._shaping.curves(models, random) if d.function not in self._models)
        given = (
            SequenceDefinition(f, e.variables[-1], e.expr, (), tuple(e.variables[:-1]))
            for f, e in self._models.items()
            if f in models
        )
        made_up = (*shaped, *given)
        for definition in made_up:
            del models[definition.function]
        return Point(values, models, (*self._definitions, *made_up), self._shaping.sequences, made_up)

    def _plain_bounds(self, free: list[sp.Symbol]) -> dict[sp.Symbol, Interval]:
        """Numeric bounds, passed on along x < y: with 0 < gamma < beta < 1, beta is above 0."""
        bounds = {s: Interval(sp.Integer(0)) if s.is_nonnegative else Interval() for s in free}
        for _ in range(3):
            for s in free:
                # A symbol passes on its far end: x <= y gives x the upper end of y, and y the lower end of x.
                for r in self._relations:
                    if r.op not in ("<", "<="):
                        continue
                    other = r.rhs if r.lhs == s else r.lhs
                    if other not in bounds or other == s or s not in (r.lhs, r.rhs):
                        continue
                    far = bounds[other]
                    end, closed = (far.upper, far.upper_closed) if r.lhs == s else (far.lower, far.lower_closed)
                    if end is not None:
                        shrink = Interval.below if r.lhs == s else Interval.above
                        bounds[s] = shrink(bounds[s], end, closed and r.op == "<=")
                bounds[s] = narrowed(bounds[s], s, self._relations, lambda e: _known(e, {}))
        return bounds


@lru_cache(maxsize=10_000)
def _fails(p: Proposition) -> str:
    return f"the hypothesis {p} fails at the points that were tried"


def flatten(propositions: Iterable[Proposition]) -> Iterator[Proposition]:
    for p in propositions:
        if isinstance(p, All):
            yield from flatten(p.parts)
        else:
            yield p


def _known(e: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> sp.Rational | None:
    """The value of a bound whose symbols are all drawn."""
    if e.has(AppliedUndef, sp.oo, -sp.oo) or not e.free_symbols <= set(values):
        return None
    value = e.subs(values)
    if value.is_Rational:
        return value
    number = sp.N(value, 30)
    return rational(number) if number.is_Float and number.is_finite else None


def _rational_in(e: sp.Expr, s: sp.Symbol) -> bool:
    """Does ``s`` occur under +, *, and integer powers alone?  (Asked first: clearing denominators can take minutes.)"""
    if s not in e.free_symbols or e == s:
        return True
    power = isinstance(e, sp.Pow) and bool(e.exp.is_Integer)
    return (power or isinstance(e, (sp.Add, sp.Mul))) and all(_rational_in(part, s) for part in e.args)


def _linear_solution(gap: sp.Expr, s: sp.Symbol) -> sp.Expr | None:
    """The s that makes ``gap`` vanish, where its numerator has degree one in s."""
    if not _rational_in(gap, s):
        return None
    try:
        numerator = sp.fraction(sp.together(gap))[0]
        slope = sp.expand(sp.diff(numerator, s))
    except (sp.PolynomialError, ValueError, TypeError):
        return None
    if slope == 0 or slope.has(s) or slope.has(sp.Derivative, sp.Subs):
        return None
    solution = -numerator.subs(s, 0) / slope
    if not solution.has(AppliedUndef, sp.Piecewise):
        solution = sp.factor(solution)
    return None if solution.has(sp.nan, sp.zoo) else solution
