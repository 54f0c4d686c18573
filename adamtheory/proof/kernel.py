"""The kernel: sequents that only ``prove`` can make, the scope that a rule may lean on, and the root of trust.

A ``Sequent`` says: for all real values of the free symbols (non-negative integers for indices), all sequences and
curves for which the definitions and hypotheses on its left hold, the claim on its right is defined and true.
Everything else in the package merely proposes: a rule is a checker, called here and nowhere else.
"""

from __future__ import annotations

import sys
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import sympy as sp

from adamtheory.propositions import Proposition, Relation, SequenceDefinition

_SEAL = object()
PERMITTED_ASSUMPTIONS = (
    {"real": True},
    {"integer": True, "nonnegative": True},
    {"integer": True},
)


class Rejected(Exception):
    """A rule does not carry a step.  ``check`` names the side condition that failed; this never refutes the claim."""

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(f"{check}: {reason}")
        self.check = check
        self.reason = reason


@dataclass(frozen=True)
class Trust:
    """What a verdict leans on: rules of this core, axioms of its closed list, solvers and libraries, cited theorems."""

    rules: frozenset[str] = frozenset()
    axioms: frozenset[str] = frozenset()
    solvers: frozenset[str] = frozenset()
    theorems: frozenset[str] = frozenset()
    assumptions: frozenset[str] = frozenset()

    def __or__(self, other: Trust) -> Trust:
        return Trust(
            self.rules | other.rules,
            self.axioms | other.axioms,
            self.solvers | other.solvers,
            self.theorems | other.theorems,
            self.assumptions | other.assumptions,
        )

    @property
    def leaves(self) -> tuple[str, ...]:
        """Axioms, solvers, cited theorems and assumptions, sorted: what a reader must believe beyond the rules."""
        return (
            *sorted(f"assumed {x}" for x in self.assumptions),
            *sorted(self.axioms),
            *sorted(self.solvers),
            *sorted(f"theorem {x}" for x in self.theorems),
        )


class Sequent:
    """``hypotheses |- claim``.  Immutable; the constructor is sealed."""

    __slots__ = ("__weakref__", "claim", "hypotheses", "rule", "trust")
    hypotheses: frozenset[Proposition]
    claim: Proposition
    trust: Trust
    rule: str

    def __init__(
        self, seal: object, hypotheses: Iterable[Proposition], claim: Proposition, trust: Trust, rule: str
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("Sequent: only the proof kernel makes sequents; use prove(scope, claim, rule)")
        object.__setattr__(self, "hypotheses", frozenset(hypotheses))
        object.__setattr__(self, "claim", claim)
        object.__setattr__(self, "trust", trust)
        object.__setattr__(self, "rule", rule)
        _MADE[self] = (self.hypotheses, claim, trust)

    def __init_subclass__(cls, **kwargs: object) -> None:
        raise TypeError("Sequent: cannot be subclassed")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Sequent is immutable: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Sequent is immutable: cannot delete {name}")

    def __reduce__(self) -> Any:
        raise TypeError("Sequent: cannot be copied or pickled; prove it again")

    def __repr__(self) -> str:
        return f"{{{'; '.join(sorted(map(str, self.hypotheses)))}}} |- {self.claim}"


_MADE: weakref.WeakKeyDictionary[Sequent, tuple[Any, ...]] = weakref.WeakKeyDictionary()


def authentic(sequent: object) -> bool:
    """Is this a sequent as the kernel made it?"""
    if type(sequent) is not Sequent:
        return False
    parts = _MADE.get(sequent)
    now = [getattr(sequent, name, None) for name in ("hypotheses", "claim", "trust")]
    return parts is not None and all(a is b for a, b in zip(parts, now, strict=True))


@dataclass(frozen=True)
class Scope:
    """What a step may lean on: hypotheses and definitions, and facts already proved from (some of) them."""

    hypotheses: tuple[Proposition, ...] = ()
    facts: tuple[Sequent, ...] = ()
    _used: set[Trust] = field(default_factory=set, compare=False, repr=False)  # shared with the scopes made from it

    def __post_init__(self) -> None:
        for fact in self.facts:
            if not authentic(fact):
                raise TypeError(f"Scope: facts must be sequents made by the kernel, got {type(fact).__name__}")
            if not fact.hypotheses <= set(self.hypotheses):
                extra = "; ".join(map(str, fact.hypotheses - set(self.hypotheses)))
                raise Rejected("scope.fact_hypotheses", f"the fact {fact.claim} needs {extra}, which is not in scope")

    def assume(self, *propositions: Proposition) -> Scope:
        """The scope with more hypotheses; what is proved there carries them on its left."""
        return Scope((*self.hypotheses, *propositions), self.facts, self._used)

    def knowing(self, *facts: Sequent) -> Scope:
        return Scope(self.hypotheses, (*self.facts, *facts), self._used)

    @property
    def known(self) -> tuple[Proposition, ...]:
        return (*self.hypotheses, *(f.claim for f in self.facts))

    @property
    def relations(self) -> tuple[Relation, ...]:
        from adamtheory.propositions import All

        found: list[Relation] = []
        queue = list(self.known)
        while queue:
            p = queue.pop(0)
            if isinstance(p, Relation):
                found.append(p)
            elif isinstance(p, All):
                queue.extend(p.parts)
        return tuple(found)

    @property
    def definitions(self) -> dict[Any, SequenceDefinition]:
        return {d.function: d for d in self.hypotheses if isinstance(d, SequenceDefinition)}

    def lean_on(self, trust: Trust) -> None:
        """Record a solver or axiom that a side condition used; ``prove`` adds it to the sequent's root of trust."""
        self._used.add(trust)

    def require(self, check: str, holds: bool, reason: str) -> None:
        """A side condition that the rule has decided itself (a structural match, a variable that must not occur)."""
        if not holds:
            raise Rejected(check, reason)

    def oblige(self, check: str, relation: Relation, *, meaningful: bool = False) -> None:
        """A side condition on values: prove it from what is in scope, or reject the step.

        ``meaningful``: both sides are known to be defined (what is decided of an undefined expression is worthless)."""
        from adamtheory.proof.signs import decide

        if not meaningful:
            from adamtheory.proof.defined import require_defined

            require_defined(self, relation)
        if not decide(self, relation):
            raise Rejected(check, f"cannot show {relation}")


class Rule(ABC):
    """A checker of steps: ``check`` raises ``Rejected`` or returns what the step leans on."""

    name: ClassVar[str]

    @abstractmethod
    def check(self, scope: Scope, claim: Proposition) -> Trust: ...

    def __str__(self) -> str:
        return self.name


def permitted(symbol: sp.Symbol) -> bool:
    """A symbol may say that it is real or an index; a sign hidden in a symbol would be a hypothesis nobody sees."""
    return any(symbol.assumptions0 == sp.Symbol("x", **kind).assumptions0 for kind in PERMITTED_ASSUMPTIONS)


def prove(scope: Scope, claim: Proposition, rule: Rule) -> Sequent:
    """The only door: check that the claim is meaningful, that the rule carries it, and seal the sequent."""
    from adamtheory.proof.defined import (
        require_defined,
        require_meaningful_sums,
        require_one_arity,
        require_plain_rule,
        require_well_formed,
    )

    if not _of_this_core(type(rule)):
        raise Rejected("kernel.rule_origin", f"{type(rule).__name__} is not a rule of this core")
    inner = Scope(tuple(scope.hypotheses), tuple(scope.facts))
    for p in (*inner.hypotheses, claim):
        require_well_formed(inner, p)
    require_one_arity(inner, (*inner.hypotheses, claim))
    require_plain_rule(inner, rule)
    require_meaningful_sums(inner)
    require_defined(inner, claim)
    trust = type(rule).check(rule, inner, claim)  # the class's own: an instance cannot bring another
    for used in inner._used:
        trust |= used
    for fact in inner.facts:
        trust |= fact.trust
    name = type(rule).name
    return Sequent(_SEAL, inner.hypotheses, claim, trust | Trust(rules=frozenset({name})), name)


def _of_this_core(rule: type) -> bool:
    """Is it the class that a file of adamtheory/proof/rules defines under this name?"""
    package, _, _ = rule.__module__.rpartition(".")
    module = sys.modules.get(rule.__module__)
    file = getattr(module, "__file__", None) or ""
    here = package == "adamtheory.proof.rules" and Path(file).parent == Path(__file__).parent / "rules"
    return here and issubclass(rule, Rule) and vars(module).get(rule.__qualname__) is rule
