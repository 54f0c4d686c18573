"""Writing proofs: what a proof file's function receives.  Nothing here is trusted; every step goes to the kernel.

Each step is also evaluated at random admissible points with 50 digits; a step that a point violates is rejected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import sympy as sp

from adamtheory.proof.kernel import Rejected, Rule, Scope, Sequent, authentic, prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.citation import Citation
from adamtheory.proof.rules.definition import Definition
from adamtheory.proof.rules.logic import Hypothesis
from adamtheory.proof.rules.order import Transitivity, Weaken
from adamtheory.proof.verdict import Step
from adamtheory.propositions import Proposition, Relation, SequenceDefinition, eq, expression

if TYPE_CHECKING:
    from adamtheory.proof.library import Library
    from adamtheory.proof.theorem import TheoremStatement


def _sequents(value: Any) -> Iterable[Sequent]:
    if isinstance(value, Sequent):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _sequents(item)


class Proof:
    """One proof in progress: a scope, and the steps taken so far."""

    def __init__(
        self,
        statement: TheoremStatement,
        library: Library,
        *,
        trials: int = 4,
        seed: int = 0,
        scope: Scope | None = None,
        steps: list[Step] | None = None,
        silent: bool = False,
    ) -> None:
        """``silent``: no record of the steps, for a proof that is only cited."""
        self.statement = statement
        self.library = library
        self.trials = trials
        self.seed = seed
        self.scope = Scope(statement.hypotheses) if scope is None else scope
        self.steps: list[Step] = [] if steps is None else steps
        self.silent = silent

    def assume(self, *propositions: Proposition) -> Proof:
        """A sub-proof under more hypotheses; what it proves carries them until a rule discharges them."""
        return self._with(self.scope.assume(*propositions))

    def knowing(self, *facts: Sequent) -> Proof:
        """The same proof with facts at hand for every side condition."""
        return self._with(self.scope.knowing(*facts))

    def forget(self, *propositions: Proposition) -> Proof:
        """A sub-proof with fewer hypotheses (for what must hold for an arbitrary index)."""
        keep = tuple(p for p in self.scope.hypotheses if p not in propositions)
        facts = tuple(f for f in self.scope.facts if f.hypotheses <= set(keep))
        return self._with(Scope(keep, facts))

    def _with(self, scope: Scope) -> Proof:
        return Proof(
            self.statement,
            self.library,
            trials=self.trials,
            seed=self.seed,
            scope=scope,
            steps=self.steps,
            silent=self.silent,
        )

    def have(self, claim: Proposition, by: Rule | None = None, *, using: Iterable[Sequent] = ()) -> Sequent:
        """Prove one claim by one rule.  ``using``: facts for the rule's side conditions."""
        rule = by or Algebra()
        given = [s for f in fields(rule) for s in _sequents(getattr(rule, f.name))]  # type: ignore[arg-type]
        local = [s for s in (*using, *given) if s.hypotheses <= set(self.scope.hypotheses)]
        scope = self.scope.knowing(*dict.fromkeys(local))
        try:
            sequent = prove(scope, claim, rule)
        except Rejected as problem:
            self.steps.append(Step(str(claim), _latex(claim), rule.name, note=f"REJECTED {problem}"))
            raise
        self._shadow(claim, rule)
        return sequent

    def _shadow(self, claim: Proposition, rule: Rule) -> None:
        if self.silent:
            return
        if self.trials == 0 or (isinstance(rule, Hypothesis) and claim in self.scope.hypotheses):
            self.steps.append(Step(str(claim), _latex(claim), rule.name))  # every admissible point meets a hypothesis
            return
        from adamtheory.proof.shadow import shadow

        # A theorem's claim is tried at all the points, a step at half of them; what says again what has been tried
        # elsewhere, a citation or a chain, at a quarter.
        share = 4 if isinstance(rule, (Citation, Definition, Transitivity)) else 2
        trials = max(1, self.trials // share)
        report = shadow(
            self.scope.hypotheses,
            claim,
            trials=affordable(trials, claim, self.scope.hypotheses, 6),
            seed=self.seed,  # steps under the same hypotheses meet at the same points
            sample=self.statement.sample,
        )
        note = "" if report.trials else report.reason
        if report.violation is not None:
            note = f"REJECTED numeric shadow: {report.reason}"
        self.steps.append(Step(str(claim), _latex(claim), rule.name, note, report.trials, _float(report.margin)))
        if report.violation is not None:
            raise Rejected("shadow", f"{claim} fails numerically: {report.reason}")

    # -- conveniences -----------------------------------------------------------------------------------------------
    def unfold(self, term: Any) -> Sequent:
        """``term = its definition``, for a term f(a) with f defined."""
        d = self.scope.definitions.get(term.func)
        if d is None:
            raise Rejected("definition.known", f"{term} has no definition in scope")
        return self.have(eq(term, d.at(*term.args)), Definition())

    def unfold_at(self, d_function: Any, at: Any) -> Sequent:
        return self.unfold(d_function(expression(at)))

    def cite(self, name: str, mapping: Mapping[sp.Symbol, Any] | None = None) -> Sequent:
        """Another theorem of the library, at an instance; its hypotheses must hold here."""
        general = self.library.sequent(name)
        values = {s: expression(e) for s, e in (mapping or {}).items()}
        return self.have(general.claim.subs(dict(values)), Citation(name, general, values))

    def chain(self, start: Any, *, using: Iterable[Sequent] = ()) -> Chain:
        """A calculation, as on paper: ``proof.chain(a).eq(b, rule).le(c, rule).done()``."""
        return Chain(self, expression(start), tuple(using))

    def weaken(self, claim: Relation, fact: Sequent) -> Sequent:
        return self.have(claim, Weaken(fact))

    def conclude(self, sequent: Sequent) -> Sequent:
        """The last line: exactly the statement's claim, from hypotheses that are all the statement's."""
        if not authentic(sequent):
            raise Rejected("conclude.sequent", f"expected a proved sequent, got {type(sequent).__name__}")
        if sequent.claim != self.statement.claim:
            raise Rejected("conclude.claim", f"proved {sequent.claim}, claimed {self.statement.claim}")
        beyond = sequent.hypotheses - set(self.statement.hypotheses)
        if beyond:
            raise Rejected("conclude.hypotheses", f"the proof uses {'; '.join(map(str, beyond))}, which is not given")
        return sequent


class Chain:
    """Steps that share their ends; ``done`` gives the relation between the first and the last expression."""

    def __init__(self, proof: Proof, start: sp.Expr, using: tuple[Sequent, ...]) -> None:
        self.proof = proof
        self.start = start
        self.at = start
        self.using = using
        self.links: list[Sequent] = []

    def _step(self, op: Any, to: Any, by: Rule | None, using: Iterable[Sequent]) -> Chain:
        target = expression(to)
        self.links.append(self.proof.have(Relation(op, self.at, target), by, using=(*self.using, *using)))
        self.at = target
        return self

    def eq(self, to: Any, by: Rule | None = None, *, using: Iterable[Sequent] = ()) -> Chain:
        return self._step("=", to, by, using)

    def le(self, to: Any, by: Rule | None = None, *, using: Iterable[Sequent] = ()) -> Chain:
        return self._step("<=", to, by, using)

    def lt(self, to: Any, by: Rule | None = None, *, using: Iterable[Sequent] = ()) -> Chain:
        return self._step("<", to, by, using)

    def done(self) -> Sequent:
        if len(self.links) == 1:
            return self.links[0]
        operators = {link.claim.op for link in self.links if isinstance(link.claim, Relation)}
        op: Any = "<" if "<" in operators else "<=" if "<=" in operators else "="
        return self.proof.have(Relation(op, self.start, self.at), Transitivity(tuple(self.links)))


def affordable(trials: int, claim: Proposition, hypotheses: Iterable[Proposition], divisor: int) -> int:
    """Integrals at 50 digits cost a hundred times a sum: fewer points where a claim contains one, or a curve that is
    defined by one."""
    defined = [d for d in hypotheses if isinstance(d, SequenceDefinition)]
    curves = {d.function for d in defined if d.body.has(sp.Integral)}
    curves |= {d.function for d in defined if d.functions & curves}
    rests = any(e.has(sp.Integral) for e in claim.expressions) or bool(claim.functions & curves)
    return max(1, trials // divisor) if rests else trials


def _latex(claim: Proposition) -> str:
    if isinstance(claim, Relation):
        sign = {"=": "=", "<=": r"\le", "<": "<", "!=": r"\ne"}[claim.op]
        return f"{sp.latex(claim.lhs)} {sign} {sp.latex(claim.rhs)}"
    return str(claim)


def _float(x: Any) -> float | None:
    return None if x is None else float(x)
