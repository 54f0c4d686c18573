"""Citation across the statements of a run: proved once in full, elsewhere without the numeric shadow."""

from __future__ import annotations

from dataclasses import replace

from adamtheory.notation import beta, gamma, open_square
from adamtheory.proof import Library, Proof, Sequent, ThisLibrary, Verdict, lt, polynomial, theorem
from adamtheory.verification import _dependent

below_one = lt(beta * gamma, 1)


@theorem(source=ThisLibrary("test"), given=open_square, claim=below_one)
def product_below_one(proof: Proof) -> Sequent:
    """A product of numbers below one is below one."""
    return proof.conclude(proof.have(below_one, polynomial()))


@theorem(source=ThisLibrary("test"), given=open_square, claim=below_one)
def the_same_by_citation(proof: Proof) -> Sequent:
    """The same, cited."""
    return proof.conclude(proof.cite("product_below_one"))


def test_a_statement_judged_elsewhere_is_cited_without_its_shadow() -> None:
    library = Library([product_below_one, the_same_by_citation], elsewhere=frozenset({"product_below_one"}))
    assert library.result("the_same_by_citation").verdict is Verdict.PROVED
    assert "product_below_one" not in library._results
    assert library.result("product_below_one").trials > 0


def test_an_unproved_statement_is_not_cited_from_elsewhere_either() -> None:
    wrong = replace(product_below_one, claim=lt(beta, gamma), proof=lambda proof: proof.have(lt(beta, gamma)))
    library = Library([wrong, the_same_by_citation], elsewhere=frozenset({wrong.name}))
    assert library.result("the_same_by_citation").verdict is Verdict.UNDECIDED


def test_what_cites_a_statement_that_failed_in_another_process_is_undecided() -> None:
    library = Library([product_below_one, the_same_by_citation])
    results = {name: library.result(name) for name in library.names}
    assert {r.verdict for r in _dependent(dict(results)).values()} == {Verdict.PROVED}
    results["product_below_one"] = replace(results["product_below_one"], verdict=Verdict.UNDECIDED, detail="shadow")
    found = _dependent(dict(results))["the_same_by_citation"]
    assert found.verdict is Verdict.UNDECIDED
    assert found.detail == "citation.dependency: the cited theorem product_below_one is UNDECIDED"
