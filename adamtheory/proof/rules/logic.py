"""Propositional steps: hypotheses, conjunction, implication, quantifiers, equivalence, case split, instances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.notation import expectation
from adamtheory.proof.defined import defined, hypothesis_defined_at, rename_bound, require_defined
from adamtheory.proof.kernel import Rejected, Rule, Scope, Sequent, Trust, authentic
from adamtheory.proof.polynomials import unsatisfiable
from adamtheory.proof.signs import Signs, decide
from adamtheory.propositions import (
    All,
    Either,
    ForAll,
    Iff,
    Implies,
    Proposition,
    Relation,
    SequenceDefinition,
    negation,
    substitute,
)


def discharged(scope: Scope, check: str, sub: Sequent, extra: tuple[Proposition, ...]) -> Trust:
    """A sub-proof may lean on the scope's hypotheses and on exactly the named extra ones."""
    made = authentic(sub)
    scope.require("sequent.authentic", made, "" if made else f"{sub} was not made by the kernel")
    beyond = sub.hypotheses - set(scope.hypotheses) - set(extra)
    scope.require(check, not beyond, f"the sub-proof also assumes {'; '.join(map(str, beyond))}")
    return sub.trust


def absent(scope: Scope, check: str, variable: sp.Symbol, hypotheses: Any) -> None:
    """An arbitrary variable must not be restricted by what is assumed."""
    guilty = [p for p in hypotheses if variable in p.free_symbols]
    scope.require(check, not guilty, f"{variable} is not arbitrary: {'; '.join(map(str, guilty))}")


@dataclass(frozen=True)
class Hypothesis(Rule):
    """The claim is a hypothesis, a part of one, or a fact in scope."""

    name: ClassVar[str] = "hypothesis"

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        known = set(scope.known)
        for p in scope.known:
            if isinstance(p, All):
                known |= set(p.parts)
        scope.require("hypothesis.known", claim in known, f"{claim} is not among the hypotheses")
        return Trust()


@dataclass(frozen=True)
class Conjunction(Rule):
    name: ClassVar[str] = "conjunction"
    parts: tuple[Sequent, ...]

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        wanted = claim.parts if isinstance(claim, All) else (claim,)
        trust = Trust()
        for part in self.parts:
            trust |= discharged(scope, "conjunction.hypotheses", part, ())
        have = {p.claim for p in self.parts}
        missing = [p for p in wanted if p not in have]
        scope.require("conjunction.parts", not missing, f"not proved: {'; '.join(map(str, missing))}")
        return trust


@dataclass(frozen=True)
class Disjunction(Rule):
    """One of the alternatives holds because this one does."""

    name: ClassVar[str] = "alternative"
    part: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        parts = claim.parts if isinstance(claim, Either) else ()
        scope.require(
            "disjunction.parts", self.part.claim in parts, f"{self.part.claim} is not an alternative of {claim}"
        )
        return discharged(scope, "disjunction.hypotheses", self.part, ())


@dataclass(frozen=True)
class Implication(Rule):
    """From a proof of the conclusion under the hypothesis."""

    name: ClassVar[str] = "implication"
    under: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("implication.form", isinstance(claim, Implies), f"{claim} is no implication")
        if not isinstance(claim, Implies):
            return Trust()
        scope.require(
            "implication.conclusion", self.under.claim == claim.conclusion, f"proved {self.under.claim} instead"
        )
        return discharged(scope, "implication.hypotheses", self.under, (claim.hypothesis,))


@dataclass(frozen=True)
class Equivalence(Rule):
    """From both directions; the second may be given as a proof of the negation of one side from the other's."""

    name: ClassVar[str] = "equivalence"
    forward: Sequent
    backward: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("equivalence.form", isinstance(claim, Iff), f"{claim} is no equivalence")
        if not isinstance(claim, Iff):
            return Trust()
        left, right = claim.left, claim.right
        trust = Trust()
        for sub, source, target in ((self.forward, left, right), (self.backward, right, left)):
            if sub.claim == target:
                trust |= discharged(scope, "equivalence.hypotheses", sub, (source,))
            else:
                contrapositive = sub.claim == _negation(source)
                scope.require(
                    "equivalence.direction", contrapositive, f"{sub.claim} does not give {target} from {source}"
                )
                trust |= discharged(scope, "equivalence.hypotheses", sub, (_negation(target),))
        return trust


def _negation(p: Proposition) -> Proposition:
    try:
        return negation(p)
    except TypeError as problem:
        raise Rejected("equivalence.negation", str(problem)) from None


@dataclass(frozen=True)
class Detachment(Rule):
    """From "if P then Q", or "P iff Q", and P: Q (modus ponens; an equivalence works both ways)."""

    name: ClassVar[str] = "modus ponens"
    general: Sequent
    premise: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        for fact in (self.general, self.premise):
            scope.require("detachment.scope", fact in scope.facts, f"{fact.claim} is not in scope")
        known = self.general.claim
        scope.require("detachment.form", isinstance(known, (Implies, Iff)), f"{known} is no implication or equivalence")
        ways = [(known.hypothesis, known.conclusion)] if isinstance(known, Implies) else []
        if isinstance(known, Iff):
            ways = [(known.left, known.right), (known.right, known.left)]
        fits = (self.premise.claim, claim) in ways
        scope.require("detachment.match", fits, f"{known} and {self.premise.claim} do not give {claim}")
        return Trust()


@dataclass(frozen=True)
class Generalisation(Rule):
    """A body proved for an arbitrary value of the variable in its domain holds for all of them."""

    name: ClassVar[str] = "for all"
    body: Sequent

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("forall.form", isinstance(claim, ForAll), f"{claim} is no quantified statement")
        if not isinstance(claim, ForAll):
            return Trust()
        scope.require("forall.body", self.body.claim == claim.body, f"proved {self.body.claim} instead")
        trust = discharged(scope, "forall.hypotheses", self.body, tuple(claim.domain))
        absent(scope, "forall.arbitrary", claim.variable, self.body.hypotheses - set(claim.domain))
        return trust


@dataclass(frozen=True)
class Specialisation(Rule):
    """A quantified fact or hypothesis at one value; the value must lie in the domain."""

    name: ClassVar[str] = "instance of for all"
    general: ForAll
    value: sp.Expr

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("specialise.known", self.general in scope.known, f"{self.general} is not in scope")
        variable = self.general.variable
        constants_in_expectations(scope, self.general.body, [self.value])
        defined(scope, self.value)
        scope.require(
            "specialise.index", not variable.is_integer or bool(self.value.is_integer), f"{self.value} is not an index"
        )
        if variable.is_nonnegative:
            scope.oblige("specialise.nonnegative", Relation("<=", sp.Integer(0), self.value))
        for r in self.general.domain:
            swap = {variable: self.value}
            hypothesis_defined_at(scope, r, swap)
            scope.oblige("specialise.domain", Relation(r.op, substitute(r.lhs, swap), substitute(r.rhs, swap)))
        expected = self.general.body.subs({variable: self.value})
        scope.require("specialise.body", claim == expected, f"the instance is {expected}")
        return Trust()


@dataclass(frozen=True)
class Cases(Rule):
    """The claim holds in each case, and the cases exhaust the scope.

    The case conditions are relations; that they exhaust is shown by z3 (their negations together are impossible)."""

    name: ClassVar[str] = "case split"
    cases: tuple[tuple[Relation, Sequent], ...]

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        trust = Trust()
        for condition, sub in self.cases:
            scope.require("cases.claim", sub.claim == claim, f"the case {condition} proves {sub.claim}")
            trust |= discharged(scope, "cases.hypotheses", sub, (condition,))
            for e in (condition.lhs, condition.rhs):
                defined(scope, e)
        goals = [("not", condition) for condition, _ in self.cases]
        exhausted = unsatisfiable(scope, goals, Signs(scope)) if goals else False
        scope.require(
            "cases.exhaustive", exhausted, f"cases may be missing beside {', '.join(str(c) for c, _ in self.cases)}"
        )
        return trust | Trust(solvers=frozenset({"z3 (nonlinear real arithmetic)"}))


@dataclass(frozen=True)
class Contradiction(Rule):
    """Anything follows where the hypotheses are impossible: one fact and its negation."""

    name: ClassVar[str] = "contradiction"
    impossible: Relation

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        scope.require("contradiction.defined", _is_defined(scope, self.impossible), f"{self.impossible} is not defined")
        for r in (self.impossible, negation(self.impossible)):
            scope.require("contradiction.both", isinstance(r, Relation) and decide(scope, r), f"cannot show {r}")
        return Trust()


def _is_defined(scope: Scope, p: Proposition) -> bool:
    require_defined(scope, p)
    return True


def constants_in_expectations(scope: Scope, p: Proposition, values: Iterable[sp.Expr]) -> None:
    """A symbol under an expectation is a number; an expression with sequences is a random variable."""
    random = any(value.atoms(AppliedUndef) for value in values)
    apart = not random or expectation not in p.functions
    scope.require("expectation.constant", apart, "" if apart else f"a number of {p} would be random")


@dataclass(frozen=True)
class Instance(Rule):
    """A proved sequent with expressions put for its free symbols; its hypotheses become obligations."""

    name: ClassVar[str] = "instance"
    general: Sequent
    mapping: Mapping[sp.Symbol, sp.Expr] = field(hash=False)

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        mapping = dict(self.mapping)
        scope.require("sequent.authentic", authentic(self.general), f"{self.general} was not made by the kernel")
        for p in (self.general.claim, *self.general.hypotheses):
            constants_in_expectations(scope, p, mapping.values())
        for symbol, value in mapping.items():
            scope.require("instance.symbol", symbol.is_Symbol, f"{symbol} is not a symbol")
            defined(scope, value)
            if symbol.is_integer:
                scope.require("instance.index", bool(value.is_integer), f"{value} is not an index")
            if symbol.is_nonnegative:
                scope.oblige("instance.nonnegative", Relation("<=", sp.Integer(0), value))
        expected = self.general.claim.subs(mapping)
        scope.require("instance.claim", claim == expected, f"the instance is {expected}")
        for hypothesis in self.general.hypotheses:
            hypothesis_defined_at(scope, hypothesis, mapping)
            oblige_hypothesis(scope, hypothesis, mapping)
        return self.general.trust


def oblige_hypothesis(scope: Scope, hypothesis: Proposition, mapping: Mapping[Any, Any]) -> None:
    """A hypothesis of something cited, at this instance: in scope as it stands, or forced by what is."""
    if isinstance(hypothesis, SequenceDefinition):
        touched = set(mapping) & hypothesis.free_symbols
        scope.require("cited.definition_instance", not touched, f"{hypothesis} cannot be instantiated at {touched}")
        scope.require("cited.definition", hypothesis in scope.hypotheses, f"{hypothesis} is not in scope")
        return
    wanted = hypothesis.subs(dict(mapping))
    if wanted in scope.known:
        return
    if isinstance(wanted, All):
        for part in wanted.parts:
            oblige_hypothesis(scope, part, {})
        return
    if isinstance(wanted, Relation):
        require_defined(scope, wanted)
        scope.oblige("cited.hypothesis", wanted)
        return
    if isinstance(wanted, ForAll):
        require_defined(scope, wanted)
        body, domain = rename_bound(wanted)
        inside = scope.assume(*domain)
        scope.require("cited.forall", isinstance(body, Relation) and decide(inside, body), f"cannot show {wanted}")
        return
    if isinstance(wanted, Either):
        require_defined(scope, wanted)
        for part in wanted.parts:
            if part in scope.known or (isinstance(part, Relation) and decide(scope, part)):
                return
    scope.require("cited.other", False, f"{wanted} is not in scope")
