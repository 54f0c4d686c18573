"""The report as data: counts, expectations, JSON."""

from __future__ import annotations

import json

import pytest

from adamtheory.proof.loading import BrokenFile
from adamtheory.proof.verdict import Check, Step, Verdict
from adamtheory.report import Report
from adamtheory.report.report import plain


def check(**changes):
    return Check(**{"name": "ball", "trials": 3, "passed": True, "margin": 0.5, "where": "n=0", **changes})


def test_counts_and_exit_status(make_result) -> None:
    good = Report((make_result("a"), make_result("b", verdict=Verdict.REFUTED, expected=Verdict.REFUTED)))
    assert good.counts == {"PROVED": 1, "REFUTED": 1}
    assert good.ok
    assert good.exit_status == 0
    assert [r.name for r in good] == ["a", "b"]
    assert good["b"].verdict is Verdict.REFUTED
    with pytest.raises(KeyError):
        good["c"]


def test_an_unexpected_verdict_is_status_1_and_a_broken_file_2(make_result) -> None:
    undecided = make_result("a", verdict=Verdict.UNDECIDED, detail="step 3")
    assert Report((undecided,)).exit_status == 1
    assert Report((undecided,), broken=(BrokenFile("x.py", "it raised"),)).exit_status == 2
    assert not Report((), broken=(BrokenFile("x.py", "it raised"),)).ok


def test_a_failed_check_is_unexpected_and_a_skipped_one_is_neither(make_result) -> None:
    assert not make_result(checks=(check(passed=False),)).as_expected
    skipped = make_result(checks=(check(passed=False, trials=0, skipped="torch is not installed"),))
    assert skipped.as_expected
    assert not skipped.checks[0].passed


def test_an_override_is_counted(make_result) -> None:
    report = Report((make_result(override="the source's own proof is missing"), make_result("b")))
    assert [r.name for r in report.overridden] == ["sum_of_squares"]


def test_json_has_the_fields_under_their_own_names(make_result) -> None:
    result = make_result(
        checks=(check(margin=float("inf")),),
        steps=(Step("a = b", "a = b", "algebra", trials=4, margin=0.25),),
        margin=0.25,
        order=2,
    )
    content = json.loads(Report((result,), seed=7).to_json())
    assert content["seed"] == 7
    (found,) = content["results"]
    assert found["verdict"] == "PROVED"
    assert found["trust"]["axioms"] == ["Cauchy-Schwarz"]
    assert found["steps"][0]["margin"] == 0.25
    assert found["checks"][0]["margin"] == "inf"
    assert found["order"] == 2
    assert set(found) == set(result.__dataclass_fields__)


def test_plain_keeps_no_object_that_json_lacks() -> None:
    assert plain({1: {3, 2}, "x": object}) == {"1": [2, 3], "x": str(object)}
