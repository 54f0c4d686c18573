"""The one door to a sequent, and what the judge makes of proofs that do not prove."""

import copy
import pickle
import sys
import types
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest
import sympy as sp
from falsehoods import fact, given, x, y

from adamtheory.proof import Library, ThisLibrary, Verdict, judge
from adamtheory.proof.kernel import Rejected, Rule, Scope, Sequent, Trust, authentic, prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.assumption import Assumption
from adamtheory.proof.rules.logic import Conjunction
from adamtheory.proof.rules.order import Polynomial, Sign
from adamtheory.proof.theorem import TheoremStatement
from adamtheory.propositions import Proposition, Relation, eq, ge, gt, le, lt, ne

TRUE = ge(x**2, 0)
FALSE = gt(x**2, 0)


def proved() -> Sequent:
    return prove(given(), TRUE, Sign())


def test_the_constructor_is_sealed() -> None:
    with pytest.raises(TypeError, match="only the proof kernel"):
        Sequent(object(), (), FALSE, Trust(), "none")


@pytest.mark.parametrize("name", ["claim", "hypotheses", "trust", "rule"])
def test_a_sequent_is_immutable(name: str) -> None:
    with pytest.raises(AttributeError, match="immutable"):
        setattr(proved(), name, FALSE)
    with pytest.raises(AttributeError, match="immutable"):
        delattr(proved(), name)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_sequent_cannot_be_copied(duplicate: Any) -> None:
    with pytest.raises(TypeError, match="cannot be copied"):
        duplicate(proved())


def test_a_sequent_cannot_be_subclassed() -> None:
    with pytest.raises(TypeError, match="subclassed"):
        type("Forged", (Sequent,), {})


def forged(*, altered: bool) -> Sequent:
    """What someone gets who goes round the constructor, or changes a sequent from underneath."""
    s = proved() if altered else object.__new__(Sequent)
    for name, value in (("claim", FALSE), ("hypotheses", frozenset()), ("trust", Trust()), ("rule", "none")):
        object.__setattr__(s, name, value)
    return s


@pytest.mark.parametrize("altered", [False, True])
def test_forged_sequents_are_recognised(altered: bool) -> None:
    fake = forged(altered=altered)
    assert not authentic(fake)
    assert authentic(proved())
    with pytest.raises(TypeError, match="made by the kernel"):
        Scope((), (fake,))
    with pytest.raises(Rejected, match=r"sequent\.authentic"):
        prove(given(), FALSE, Conjunction((fake,)))


@dataclass(frozen=True)
class Anything(Rule):
    name: ClassVar[str] = "anything goes"

    def check(self, scope: Scope, claim: Proposition) -> Trust:
        return Trust()


def test_a_rule_from_elsewhere_is_refused() -> None:
    with pytest.raises(Rejected, match=r"kernel\.rule_origin"):
        prove(given(), FALSE, Anything())


def test_a_rule_that_claims_to_be_of_the_core_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    disguised = type("Algebra", (Anything,), {"__module__": "adamtheory.proof.rules.algebra"})
    with pytest.raises(Rejected, match=r"kernel\.rule_origin"):
        prove(given(), FALSE, disguised())
    module = types.ModuleType("adamtheory.proof.rules.own")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    own = type("Own", (Anything,), {"__module__": module.__name__})
    module.Own = own
    with pytest.raises(Rejected, match=r"kernel\.rule_origin"):
        prove(given(), FALSE, own())


def test_an_instance_cannot_bring_its_own_check() -> None:
    rule = Algebra()
    object.__setattr__(rule, "check", lambda scope, claim: Trust())
    with pytest.raises(Rejected, match=r"algebra\.form"):
        prove(given(), FALSE, rule)


def test_a_proposition_of_another_class_is_refused() -> None:
    class Agreeable(Relation):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = Relation.__hash__

    with pytest.raises(Rejected, match=r"statement\.form"):
        prove(given(Agreeable("<", sp.Integer(0), x)), FALSE, Polynomial())


def test_hypotheses_travel_with_the_claim() -> None:
    s = prove(given(gt(x, 1)), gt(x, 0), Polynomial())
    assert s.hypotheses == {gt(x, 1)}
    assert s.claim == gt(x, 0)
    assert "z3 (nonlinear real arithmetic)" in s.trust.solvers


def test_facts_pass_on_what_they_lean_on() -> None:
    assumed = prove(given(), FALSE, Assumption("squares are positive"))
    later = prove(given().knowing(assumed), ne(x, 0), Polynomial())
    assert later.trust.assumptions == {"squares are positive"}


# -- the judge --------------------------------------------------------------------------------------------------------
def verdict(claim: Proposition, proof: Any, *hypotheses: Proposition) -> Verdict:
    s = TheoremStatement(name="t", title="", source=ThisLibrary(), claim=claim, given=hypotheses, proof=proof)
    return judge(s, library=Library([s]), trials=2).verdict


def test_a_true_theorem_is_proved() -> None:
    assert verdict(TRUE, lambda p: p.conclude(p.have(TRUE, Sign()))) is Verdict.PROVED


def raising(_: Any) -> None:
    raise RuntimeError("no")


NOT_PROOFS = {
    "raises": raising,
    "returns_nothing": lambda p: None,
    "returns_something_else": lambda p: True,
    "proves_another_claim": lambda p: p.have(ge(y**2, 0), Sign()),
    "assumes_the_claim": lambda p: p.assume(TRUE).have(TRUE, Polynomial()),
    "returns_a_forged_sequent": lambda p: forged(altered=True),
    "recurses": lambda p: p.library.result("t") and None,
}


@pytest.mark.parametrize("name", NOT_PROOFS)
def test_what_is_no_proof_is_undecided(name: str) -> None:
    proof = NOT_PROOFS[name]
    if name == "assumes_the_claim":
        assert verdict(gt(x, 0), lambda p: p.assume(gt(x, 0)).have(gt(x, 0), Polynomial())) is not Verdict.PROVED
    else:
        assert verdict(TRUE, proof) is Verdict.UNDECIDED


def test_a_proof_cannot_replace_the_statement_it_proves() -> None:
    def swap(p: Any) -> Any:
        p.statement = replace(p.statement, claim=TRUE)
        p.conclude = lambda s: s
        return p.have(TRUE, Sign())

    assert verdict(lt(x**2, 0), swap) in (Verdict.UNDECIDED, Verdict.REFUTED)


@pytest.mark.parametrize("claim", [FALSE, lt(x, 0), eq(x, y), le(x**2, x)])
def test_a_false_theorem_is_never_proved(claim: Relation) -> None:
    for rule in (Sign(), Polynomial()):
        assert verdict(claim, lambda p, r=rule: p.conclude(p.have(claim, r))) in (Verdict.UNDECIDED, Verdict.REFUTED)


def test_contradictory_hypotheses_prove_nothing() -> None:
    hypotheses = gt(x, 1), lt(x, 0)
    assert verdict(eq(x, 5), lambda p: p.conclude(p.have(eq(x, 5), Polynomial())), *hypotheses) is not Verdict.PROVED


def test_what_is_assumed_is_not_proved() -> None:
    assert verdict(TRUE, lambda p: p.conclude(p.have(TRUE, Assumption("that")))) is Verdict.ASSUMED


def test_circular_citation_is_undecided() -> None:
    def by(other: str) -> Any:
        return lambda p: p.conclude(p.cite(other))

    parts = [
        TheoremStatement(name=name, title="", source=ThisLibrary(), claim=TRUE, proof=by(other))
        for name, other in (("a", "b"), ("b", "a"), ("alone", "alone"))
    ]
    library = Library(parts)
    assert {library.result(name).verdict for name in library.names} == {Verdict.UNDECIDED}


def test_a_known_fact_needs_its_scope() -> None:
    s = fact(given(gt(x, 0)), gt(x, 0))
    with pytest.raises(Rejected, match=r"scope\.fact_hypotheses"):
        Scope().knowing(s)
