"""What of a statement can be observed on a run: the method whose sequences it defines, and its relations."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory import notation
from adamtheory.proof.theorem import Statement, TheoremStatement
from adamtheory.propositions import (
    All,
    ForAll,
    Implies,
    Proposition,
    Relation,
    SequenceDefinition,
    Supremum,
)

# Methods that share m and v are told apart by u; where a statement defines no u, the first of these is run.
_PREFERRED = ("adam", "rmsprop", "momentum", "signsgd", "adagrad")
# Enough points to tell two formulas apart; the comparison only chooses which method to run.
_PROBES = 3


@dataclass(frozen=True)
class Observation:
    """One relation to hold on a run, under conditions beyond the statement's own hypotheses."""

    relation: Relation
    given: tuple[Proposition, ...] = ()


@dataclass(frozen=True)
class Observable:
    """A statement in terms of a run: ``method`` is a key of METHODS, ``hyperparameters`` and ``indices`` are the free
    symbols, ``sequences`` the functions that the run supplies."""

    method: str
    hyperparameters: tuple[sp.Symbol, ...]
    indices: tuple[sp.Symbol, ...]
    sequences: tuple[str, ...]
    given: tuple[Proposition, ...]
    observations: tuple[Observation, ...]
    fixed: Mapping[sp.Symbol, Any] = field(default_factory=dict)  # hyperparameters that the statement has as numbers


def nesting(found: Observable) -> int:
    """How deeply sums, and claims about all indices, are nested in what is evaluated at each index: the power of the
    steps that it costs.  A second index of the claim costs as much as one."""

    def depth(e: sp.Basic) -> int:
        return max((depth(part) for part in e.args), default=0) + isinstance(e, (sp.Sum, sp.Product))

    def level(p: Proposition) -> int:
        own = [depth(e) for e in p.expressions]
        parts = [x for value in vars(p).values() for x in (value if isinstance(value, tuple) else (value,))]
        inner = [level(x) for x in parts if isinstance(x, Proposition)]
        return max((*own, *inner), default=0) + isinstance(p, ForAll)

    propositions = [*found.given, *(p for o in found.observations for p in (o.relation, *o.given))]
    return max(map(level, propositions), default=0) + max(len(found.indices) - 1, 0)


def checkable(statement: Statement) -> bool:
    """Is the statement a theorem about a method's run that can be observed?"""
    return observable(statement) is not None


def observable(statement: Statement) -> Observable | None:
    """The statement in terms of runs of a method, or None where it speaks of anything else."""
    if not isinstance(statement, TheoremStatement) or not statement.runs:
        return None
    observations = _observations(statement.claim, ())
    if observations is None or not statement.where:
        return None
    found = _method(statement.where)
    if found is None:
        return None
    method, fixed, supplied = found
    shorthands = {d.function: d for d in statement.where if d.function.__name__ not in supplied}
    if any(d.initial for d in shorthands.values()):
        return None  # a recursion of the statement's own, which no method runs
    try:
        given = tuple(_inlined(p, shorthands) for p in statement.given)
        seen = tuple(
            Observation(_inlined(o.relation, shorthands), tuple(_inlined(p, shorthands) for p in o.given))
            for o in observations
        )
    except TypeError:  # a hypothesis of a kind that says nothing of a run, such as a limit
        return None
    return _completed(Observable(method, (), (), tuple(sorted(supplied)), given, seen, fixed))


def _completed(found: Observable) -> Observable | None:
    """With its free symbols sorted into hyperparameters and indices; None where there are others."""
    everything = [
        *found.given,
        *(o.relation for o in found.observations),
        *(p for o in found.observations for p in o.given),
    ]
    names = {f.__name__ for p in everything for f in p.functions}
    if not names or not names <= {*found.sequences, "g"}:
        return None
    free = set().union(*(p.free_symbols for p in everything))
    indices = {s for s in free if s.is_integer}
    known = {h.symbol for h in _rule(found.method).hyperparameters}
    used = sorted(free - indices, key=str)
    if not set(used) <= known:
        return None
    return replace(found, hyperparameters=tuple(used), indices=tuple(sorted(indices, key=str)))


def _observations(claim: Proposition, given: tuple[Proposition, ...]) -> list[Observation] | None:
    """The relations that a claim comes to on one run; None where it is not of that kind."""
    if isinstance(claim, Relation):
        return [Observation(claim, given)] if claim.op in ("=", "<=", "<") else None
    if isinstance(claim, All):
        parts = [_observations(p, given) for p in claim.parts]
        return None if any(p is None for p in parts) else [o for p in parts if p is not None for o in p]
    if isinstance(claim, ForAll) and claim.variable.is_integer:
        return _observations(claim.body, (*given, *claim.domain))
    if isinstance(claim, Implies):
        return _observations(claim.conclusion, (*given, claim.hypothesis))
    if isinstance(claim, Supremum):
        return [Observation(Relation("<=", claim.expr, claim.value), (*given, *claim.among))]
    return None


def _inlined(p: Any, shorthands: Mapping[Any, SequenceDefinition]) -> Any:
    """The proposition with the statement's shorthands written out."""
    if not isinstance(p, (Relation, All, ForAll, Implies)) and type(p).__name__ != "Either":
        raise TypeError(type(p).__name__)

    def written_out(e: sp.Expr) -> sp.Expr:
        for _ in range(len(shorthands) + 1):
            calls = [a for a in e.atoms(AppliedUndef) if a.func in shorthands]
            if not calls:
                break
            e = e.xreplace({a: shorthands[a.func].body.subs(shorthands[a.func].index, a.args[0]) for a in calls})
        return e

    return p._rebuild(written_out) if shorthands else p


def _rule(method: str) -> Any:
    from adamtheory.methods import METHODS

    return METHODS[method]().rule


@lru_cache(maxsize=1_000)
def _method(where: tuple[SequenceDefinition, ...]) -> tuple[str, dict[sp.Symbol, Any], set[str]] | None:
    """The method most of whose sequences the definitions are, the hyperparameters that they fix, and those sequences.

    Every recursion among the definitions must be one of the method's."""
    from adamtheory.methods import METHODS

    best: tuple[str, dict[sp.Symbol, Any], set[str]] | None = None
    stated = {d.function.__name__ for d in where}
    order = (*_PREFERRED, *(name for name in METHODS if name not in _PREFERRED))
    for name in (name for name in order if name in METHODS):
        rule = _rule(name)
        if rule.reads_iterates:
            continue  # its updates depend on the iterates, which no gradient sequence alone determines
        if len(stated & {symbol.name for symbol, _ in rule.assignments}) <= len(best[2] if best else ()):
            continue  # it cannot supply more: no formulas need comparing
        for fixed in _specialisations(rule):
            supplied = set(_matching(where, rule.specialise(fixed) if fixed else rule))
            if supplied and (best is None or len(supplied) > len(best[2])):
                best = (name, fixed, supplied)
    if best is None or any(d.initial and d.function.__name__ not in best[2] for d in where):
        return None
    return best


def _specialisations(rule: Any) -> Iterator[dict[sp.Symbol, Any]]:
    """The rule with and without eps, with and without the first moment's decay: what statements are made about."""
    symbols = {h.symbol for h in rule.hyperparameters}
    without_eps = {notation.eps: sp.S.Zero} if notation.eps in symbols else {}
    yield without_eps
    if notation.gamma in symbols:
        yield {**without_eps, notation.gamma: sp.S.Zero}
    if without_eps:
        yield {}


def _matching(where: tuple[SequenceDefinition, ...], rule: Any) -> Iterator[str]:
    generated = {d.function.__name__: d for d in rule.definitions()}
    for stated in where:
        other = generated.get(stated.function.__name__)
        if other is None or bool(stated.initial) != bool(other.initial):
            continue
        if any(
            sp.sympify(a[1] - b[1]) != 0 or a[0] != b[0] for a, b in zip(stated.initial, other.initial, strict=True)
        ):
            continue
        if _same(stated.body, other.body.subs(other.index, stated.index)):
            yield stated.function.__name__


@lru_cache(maxsize=10_000)
def _same(one: sp.Expr, other: sp.Expr) -> bool:
    """Do two formulas agree, at random points with every sequence value its own unknown?"""
    if one == other:
        return True
    calls = sorted(one.atoms(AppliedUndef) | other.atoms(AppliedUndef), key=str)
    stand_ins = {call: sp.Dummy(real=True) for call in calls}
    one, other = one.xreplace(stand_ins), other.xreplace(stand_ins)
    symbols = sorted(one.free_symbols | other.free_symbols, key=str)
    rng = random.Random(0)
    for _ in range(_PROBES):
        point = {
            s: sp.Integer(rng.randint(1, 9)) if s.is_integer else sp.Rational(rng.randint(1, 998), 999) for s in symbols
        }
        difference = sp.N((one - other).subs(point), 40)
        if not difference.is_number or abs(difference) > sp.Float("1e-30"):
            return False
    return True


def failure(found: Observable, relation: Relation, where: str) -> str:
    """That a relation fails there; which one, where the claim has several."""
    return f"fails at {where}" if len(found.observations) == 1 else f"{relation} fails at {where}"
