"""The kernel: sequents that only ``prove`` can make, the scope that a rule may lean on, and the root of trust.

A ``Sequent`` says: for all real values of the free symbols (non-negative integers for indices), all sequences and curves
for which the definitions and hypotheses on its left hold, the claim on its right is defined and true.  Everything else
in the package merely proposes: a rule is a checker, called here and nowhere else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
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

    __slots__ = ("claim", "hypotheses", "rule", "trust")
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

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Sequent is immutable: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Sequent is immutable: cannot delete {name}")

    def __reduce__(self) -> Any:
        raise TypeError("Sequent: cannot be copied or pickled; prove it again")

    def __repr__(self) -> str:
        return f"{{{'; '.join(sorted(map(str, self.hypotheses)))}}} |- {self.claim}"


@dataclass(frozen=True)
class Scope:
    """What a step may lean on: hypotheses and definitions, and facts already proved from (some of) them."""

    hypotheses: tuple[Proposition, ...] = ()
    facts: tuple[Sequent, ...] = ()
    _used: list[Trust] = field(default_factory=list, compare=False, repr=False)

    def __post_init__(self) -> None:
        for fact in self.facts:
            if not isinstance(fact, Sequent):
                raise TypeError(f"Scope: facts must be sequents, got {type(fact).__name__}")
            if not fact.hypotheses <= set(self.hypotheses):
                extra = "; ".join(map(str, fact.hypotheses - set(self.hypotheses)))
                raise Rejected("scope.fact_hypotheses", f"the fact {fact.claim} needs {extra}, which is not in scope")

    def assume(self, *propositions: Proposition) -> Scope:
        """The scope with more hypotheses; what is proved there carries them on its left."""
        return Scope((*self.hypotheses, *propositions), self.facts)

    def knowing(self, *facts: Sequent) -> Scope:
        return Scope(self.hypotheses, (*self.facts, *facts))

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
        self._used.append(trust)

    def require(self, check: str, holds: bool, reason: str) -> None:
        """A side condition that the rule has decided itself (a structural match, a variable that must not occur)."""
        if not holds:
            raise Rejected(check, reason)

    def oblige(self, check: str, relation: Relation) -> None:
        """A side condition on values: prove it from what is in scope, or reject the step."""
        from adamtheory.proof.signs import decide

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
    from adamtheory.proof.defined import require_defined, require_well_formed

    if not type(rule).__module__.startswith("adamtheory.proof.rules."):
        raise Rejected("kernel.rule_origin", f"{type(rule).__name__} is not a rule of this core")
    inner = Scope(scope.hypotheses, scope.facts)
    for p in (*scope.hypotheses, claim):
        require_well_formed(inner, p)
    require_defined(inner, claim)
    trust = rule.check(inner, claim)
    for used in inner._used:
        trust |= used
    for fact in scope.facts:
        trust |= fact.trust
    return Sequent(_SEAL, scope.hypotheses, claim, trust | Trust(rules=frozenset({rule.name})), rule.name)
