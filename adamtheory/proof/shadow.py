"""The numeric shadow: is a claim true at random admissible points, at 50 digits?

It catches errors of rules and of computer algebra; it proves nothing.  A violation is reported only when twice the
digits (or balls, where integrals are involved) confirm it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import sympy as sp

from adamtheory.proof.numeric_truth import Judge, Undefined, Unreadable
from adamtheory.proof.sampling import Sampler
from adamtheory.proof.shaping import curves_among
from adamtheory.proof.valuation import Point
from adamtheory.propositions import (
    All,
    Bounded,
    Either,
    Iff,
    Implies,
    Proposition,
    Regular,
    Relation,
    SequenceDefinition,
    SquareIntegrable,
    Supremum,
    negation,
)
from adamtheory.validation import integer

_PROBES = 20  # attempts at a point that would refute a conditional claim
_COSTLY = 20  # so many times fewer points where integrals are taken, each of which costs as much as many others
_UNDECIDABLE = (Bounded, Regular, SquareIntegrable, SequenceDefinition)


@dataclass(frozen=True)
class ShadowReport:
    """``trials``: admissible points at which the claim was evaluated; ``margin``: the smallest relative right minus
    left of its inequalities, ``at`` that point; ``violation``: an admissible point where the claim is false or has no
    value; ``order``: the smallest measured order of an order claim; ``undecided``: points where the numbers did not
    settle it; ``reason``: what stood in the way, or what is violated."""

    trials: int
    margin: float | None = None
    at: str = ""
    violation: Point | None = None
    reason: str = ""
    order: float | None = None
    undecided: int = 0


def shadow(
    hypotheses: Iterable[Proposition],
    claim: Proposition,
    *,
    trials: int = 8,
    seed: int = 0,
    digits: int = 50,
    sample: Mapping[sp.Symbol, sp.Expr] | None = None,
) -> ShadowReport:
    """Evaluate ``claim`` at up to ``trials`` random points that satisfy ``hypotheses`` (definitions among them).

    ``sample`` maps a symbol to an expression in the others that puts points on a thin hypothesis.
    Raises ValueError or TypeError for bad arguments only; numeric trouble is reported as ``reason``."""
    integer("trials", trials, minimum=0)
    integer("digits", digits, minimum=30, maximum=1000)
    if isinstance(claim, _UNDECIDABLE):
        return ShadowReport(0, reason=f"{type(claim).__name__} is not decided by points")
    found = _Tally()
    given = tuple(hypotheses)
    tied = tuple((sample or {}).items())
    costly = any(e.has(sp.Integral) for p in (*given, claim) for e in p.expressions)
    probes = _PROBES // _COSTLY if costly else _PROBES
    for extra, share, offset in _shares(claim, trials):
        under = (*given, *extra)
        beyond = _spoken(claim) - _spoken(*under)
        judges, lack = _admissible(_Wanted(under, beyond, seed + offset, tied, digits, claim), share)
        found.reason = found.reason or lack
        for judge in judges:
            violation = found.note(judge, claim)
            if violation is not None:
                return violation
    for extra in attacks(claim) if trials else ():
        sampler = Sampler((*given, *extra), claim, seed=seed, sample=dict(tied), digits=digits)
        for _ in range(probes):
            candidate = sampler.judge()
            violation = None if candidate is None else found.note(candidate, claim)
            if violation is not None:
                return violation
    return found.report()


@dataclass(frozen=True)
class _Wanted:
    """What determines a sample.  Of the claim only what it speaks of beyond the hypotheses matters, so the steps of a
    proof share points."""

    hypotheses: tuple[Proposition, ...]
    beyond: frozenset[object]
    seed: int
    sample: tuple[tuple[sp.Symbol, sp.Expr], ...]
    digits: int
    claim: Proposition = field(compare=False)


def _spoken(*propositions: Proposition) -> frozenset[object]:
    symbols, functions = (set().union(*(getattr(p, a) for p in propositions)) for a in ("free_symbols", "functions"))
    return frozenset((*symbols, *functions, *((f, "curve") for f in curves_among(propositions))))


_UNMET: dict[tuple[object, ...], str] = {}


def _admissible(wanted: _Wanted, count: int) -> tuple[tuple[Judge, ...], str]:
    """Judges of ``count`` admissible points, and what was in the way of more."""
    scope = (wanted.hypotheses, wanted.seed, wanted.sample, wanted.digits)
    if scope in _UNMET:  # hypotheses that nothing met for one step are not tried again for the next
        return (), _UNMET[scope]
    pool = _pool(wanted)
    judges = pool.first(count)
    if not judges and count:
        if len(_UNMET) >= 1000:
            _UNMET.clear()
        _UNMET[scope] = pool.sampler.reason
    if len(judges) == count:
        return judges, ""
    return (
        judges,
        f"{len(judges)} of {count} points admissible in {pool.sampler.attempts} attempts; {pool.sampler.reason}",
    )


class _Pool:
    """The admissible points of one sample, drawn as they are asked for."""

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler
        self.judges: list[Judge] = []
        self.dry = False

    def first(self, count: int) -> tuple[Judge, ...]:
        missing = count - len(self.judges)
        if missing > 0 and not self.dry:
            found = self.sampler.judges(missing)
            self.judges += found
            self.dry = len(found) < missing
        return tuple(self.judges[:count])


@lru_cache(maxsize=16)
def _pool(wanted: _Wanted) -> _Pool:
    sample = dict(wanted.sample)
    return _Pool(Sampler(wanted.hypotheses, wanted.claim, seed=wanted.seed, sample=sample, digits=wanted.digits))


def _shares(claim: Proposition, trials: int) -> list[tuple[tuple[Proposition, ...], int, int]]:
    """Extra hypotheses under which part of the points are drawn, so that conditions are met and not only missed."""
    if isinstance(claim, Supremum):
        return [(claim.among, trials, 0)]
    conditions: tuple[Proposition, ...] = ()
    if isinstance(claim, Implies):
        conditions = (claim.hypothesis,)
    elif isinstance(claim, Iff):
        conditions = (claim.left, claim.right)
    conditions = tuple(c for c in conditions if not _costly(c))
    part = trials // (len(conditions) + 1)
    shares = [((c,), part, place + 1) for place, c in enumerate(conditions)]
    return [((), trials - part * len(conditions), 0), *shares]


def attacks(claim: Proposition) -> list[tuple[Proposition, ...]]:
    """What a counterexample of a conditional claim satisfies: its points are looked for, a few attempts each."""
    pairs: list[tuple[Proposition, Proposition]] = []
    if isinstance(claim, Implies):
        pairs = [(claim.hypothesis, claim.conclusion)]
    elif isinstance(claim, Iff):
        pairs = [(claim.left, claim.right), (claim.right, claim.left)]
    return [(true, negation(false)) for true, false in pairs if _negatable(false) and not _costly(true, false)]


def _costly(*propositions: Proposition) -> bool:
    """Conditions with integrals take too long to be met by rejection."""
    return any(e.has(sp.Integral) for p in propositions for e in p.expressions)


def _negatable(p: Proposition) -> bool:
    return isinstance(p, Relation) or (isinstance(p, (All, Either)) and all(map(_negatable, p.parts)))


class _Tally:
    def __init__(self) -> None:
        self.trials = 0
        self.undecided = 0
        self.margin: float | None = None
        self.at = ""
        self.order: float | None = None
        self.reason = ""

    def note(self, judge: Judge, claim: Proposition) -> ShadowReport | None:
        """Count one point; a report if it violates the claim."""
        point = judge.point
        try:
            outcome = judge.judge(claim)
        except Undefined as error:
            self.trials += 1
            return self._violation(point, f"undefined at {point}: {error}")
        except Unreadable as error:
            self.undecided += 1
            self.reason = self.reason or f"cannot be evaluated: {error}"
            return None
        if outcome.holds is None:
            self.undecided += 1
            self.reason = self.reason or outcome.note
            return None
        self.trials += 1
        if outcome.margin is not None and (self.margin is None or outcome.margin < self.margin):
            self.margin, self.at = outcome.margin, str(point)
        if outcome.order is not None and (self.order is None or outcome.order < self.order):
            self.order = outcome.order
        return None if outcome.holds else self._violation(point, f"false at {point}: {outcome.note}")

    def _violation(self, point: Point, reason: str) -> ShadowReport:
        return ShadowReport(self.trials, self.margin, str(point), point, reason, self.order, self.undecided)

    def report(self) -> ShadowReport:
        return ShadowReport(self.trials, self.margin, self.at, None, self.reason, self.order, self.undecided)
