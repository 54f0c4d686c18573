"""The baseline: stable, strict where it is read, and it notices every way of falling behind."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adamtheory.proof.kernel import Trust
from adamtheory.proof.verdict import Verdict
from adamtheory.report import Report, differences, read_baseline, write_baseline
from adamtheory.report.baseline import margin_sign


@pytest.fixture
def baseline_of(tmp_path):
    def write(*results):
        path = tmp_path / "verdicts.json"
        write_baseline(path, Report(results))
        return read_baseline(path)

    return write


def behind(report, baseline):
    return [str(d) for d in differences(report, baseline)]


def test_the_same_report_does_not_fall_behind(make_result, baseline_of) -> None:
    result = make_result(margin=0.25, seconds=3.5)
    assert behind(Report((replace(result, seconds=99.0, margin=0.3),)), baseline_of(result)) == []


def test_the_file_is_the_same_whatever_the_order_and_the_time(make_result, tmp_path) -> None:
    a, b = make_result("a", seconds=1.0), make_result("b", margin=1e-3)
    for name, report in (("1", Report((a, b))), ("2", Report((b, replace(a, seconds=2.0)), seconds=5.0))):
        write_baseline(tmp_path / name, report)
    text = (tmp_path / "1").read_text()
    assert text == (tmp_path / "2").read_text()
    assert "." not in text.replace("adamtheory-verdicts", "")  # no floating-point number


@pytest.mark.parametrize(
    ("before", "now", "weaker"),
    [
        (Verdict.PROVED, Verdict.PROVED_TO_ORDER, True),
        (Verdict.PROVED_TO_ORDER, Verdict.TESTED, True),
        (Verdict.PROVED, Verdict.ASSUMED, True),
        (Verdict.TESTED, Verdict.UNDECIDED, True),
        (Verdict.TESTED, Verdict.ASSUMED, False),
        (Verdict.UNDECIDED, Verdict.PROVED, False),
        (Verdict.REFUTED, Verdict.PROVED, True),
        (Verdict.REFUTED, Verdict.UNDECIDED, True),
        (Verdict.PROVED, Verdict.REFUTED, True),
        (Verdict.REFUTED, Verdict.REFUTED, False),
    ],
)
def test_weaker_verdicts(make_result, baseline_of, before, now, weaker) -> None:
    found = behind(Report((make_result(verdict=now),)), baseline_of(make_result(verdict=before)))
    assert bool(found) is weaker
    assert not weaker or found == [f"sum_of_squares: its verdict went from {before.value} to {now.value}"]


def test_a_vanished_statement_is_noticed_unless_it_was_not_selected(make_result, baseline_of) -> None:
    baseline = baseline_of(make_result("a"), make_result("b"))
    assert behind(Report((make_result("a"),)), baseline) == ["b: it vanished"]
    assert behind(Report((make_result("a"),), select="a"), baseline) == []
    assert behind(Report((make_result("a"), make_result("b"), make_result("new"))), baseline) == []


@pytest.mark.parametrize("kind", ["rules", "axioms", "solvers", "theorems", "assumptions"])
def test_a_grown_root_of_trust_is_noticed_and_a_smaller_one_is_not(make_result, baseline_of, kind) -> None:
    small, large = Trust(), Trust(**{kind: frozenset({"something new"})})
    grown = behind(Report((make_result(trust=large),)), baseline_of(make_result(trust=small)))
    assert grown == [f"sum_of_squares: its root of trust grew by the {kind} something new"]
    assert behind(Report((make_result(trust=small),)), baseline_of(make_result(trust=large))) == []


def test_a_margin_that_changes_sign_is_noticed(make_result, baseline_of) -> None:
    found = behind(Report((make_result(margin=-1e-3),)), baseline_of(make_result(margin=1e-3)))
    assert found == ["sum_of_squares: its smallest margin changed sign, from + to -"]
    assert behind(Report((make_result(margin=1e-40),)), baseline_of(make_result(margin=1e-3))) == []


def test_signs() -> None:
    assert [margin_sign(x) for x in (None, 0.0, -1e-40, 2e-3, -2e-3)] == ["", "0", "0", "+", "-"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "format"),
        (json.dumps({"format": "adamtheory-verdicts", "version": 2}), "version 2"),
        (json.dumps({"format": "adamtheory-verdicts", "version": 1, "statements": {"a": {}}}), "damaged"),
        (json.dumps({"format": "adamtheory-verdicts", "version": 1}), "damaged"),
    ],
)
def test_an_unreadable_baseline_is_one_line(tmp_path, content, reason) -> None:
    path = tmp_path / "verdicts.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=reason) as error:
        read_baseline(path)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


def test_a_missing_baseline_is_one_line(tmp_path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        read_baseline(tmp_path / "none.json")
