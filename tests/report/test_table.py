"""The table and the page of one theorem, as text."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from adamtheory.proof.kernel import Trust
from adamtheory.proof.loading import BrokenFile
from adamtheory.proof.verdict import Check, Step, Verdict
from adamtheory.report import Report
from adamtheory.report.mathematics import readable
from adamtheory.report.show import theorem_text
from adamtheory.report.table import checks_table, notices, summary, verdict_table

LONG = "the_repaired_bound_of_the_update_of_adam_on_the_boundary_of_the_region"


def printed(table, width: int) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width).print(table)
    return stream.getvalue()


@pytest.mark.parametrize("width", [100, 120, 160])
def test_names_are_wrapped_and_never_truncated(make_result, width) -> None:
    trust = Trust(axioms=frozenset({"Cauchy-Schwarz"}), theorems=frozenset({LONG}))
    text = printed(verdict_table([make_result(LONG, trust=trust, source="Gould & Tanaka 2024, Theorem 1")]), width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    column = "".join(line[: text.splitlines()[0].index("source")].strip() for line in text.splitlines()[2:])
    assert column == LONG


def test_a_row_has_everything(make_result) -> None:
    result = make_result(trials=42, margin=-0.00125, seconds=1.25, verdict=Verdict.UNDECIDED)
    text = printed(verdict_table([result]), 140)
    for part in ("sum_of_squares", "this library", "UNDECIDED !", "Cauchy-Schwarz", "42", "-1.3e-03", "1.2"):
        assert part in text


def test_the_order_of_a_claim_is_shown(make_result) -> None:
    result = make_result(verdict=Verdict.PROVED_TO_ORDER, order=2)
    assert "PROVED_TO_ORDER(2)" in printed(verdict_table([result]), 140)


def test_checks_are_summed_over_statements(make_result) -> None:
    first = Check("ball", 5, True, 0.5, "n=1")
    second = Check("ball", 7, True, 0.25, "n=2")
    skipped = Check("torch float64", 0, False, None, "", skipped="torch is not installed")
    report = Report((make_result("a", checks=(first, skipped)), make_result("b", checks=(second,))))
    text = printed(checks_table(report), 140)
    assert "12" in text
    assert "b, n=2" in text
    assert "skipped: torch is not installed" in text
    assert checks_table(Report((make_result(),))) is None
    assert "2 passed, 0 failed, 1 skipped" in summary(report)


def test_notices_and_summary(make_result) -> None:
    report = Report(
        (
            make_result("a", verdict=Verdict.UNDECIDED, detail="step 2\nfails"),
            make_result("b", override="no proof is known", expected=Verdict.PROVED),
            make_result("c", checks=(Check("ball", 3, False, -0.5, "n=0"),)),
        ),
        broken=(BrokenFile("x.py", "it raised"),),
        seconds=2.0,
    )
    assert list(notices(report)) == [
        "UNEXPECTED a: UNDECIDED instead of PROVED: step 2 fails",
        "FAILED c: check ball, margin -5.0e-01: n=0",
        "OVERRIDDEN b: expects PROVED: no proof is known",
        "BROKEN x.py: it raised",
    ]
    line = summary(report)
    assert "\n" not in line
    for part in ("3 statements: 2 PROVED, 1 UNDECIDED", "2 unexpected", "1 overridden", "1 broken", "2.0 s"):
        assert part in line


def test_the_page_of_a_theorem(make_result) -> None:
    result = make_result(
        statement="where u(n) := sqrt(beta)*g(n)\ngiven 0 < beta\nclaim Abs(u(n)) <= Sum(gamma**(2*k), (k, 0, n))",
        steps=(Step("beta**2 = beta*beta", "", "algebra", trials=6, margin=0.5),),
        checks=(Check("ball", 5, True, 0.5, "n=1"),),
        note="A note.",
        file="proofs/x.py",
    )
    text = theorem_text(result, width=80)
    for part in (
        "where u(n) ≔ √β·g(n)",
        "given 0 < β",
        "claim |u(n)| ≤ Σ[k=0..n](γ^(2·k))",
        " 1. β² = β·β",
        "by algebra  [tried at 6 points, smallest margin 5.0e-01]",
        "Verdict  PROVED",
        "axioms: Cauchy-Schwarz",
        "ball: passed, 5 trials",
        "A note.",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gamma**2 <= sqrt(beta)", "γ² ≤ √β"),
        ("x**(-1) != y**(1/2)", "x⁻¹ ≠ y^(1/2)"),
        ("Sum(Sum(g(k), (k, 0, j)), (j, 0, n))", "Σ[j=0..n](Σ[k=0..j](g(k)))"),
        ("Integral(exp(-t), (t, 0, oo))", "∫[t=0..∞](exp(-t))dt"),
        ("(-eta*lambda + 1)**(-k + n) + (-g(n) + 2)", "(1 - η·λ)^(n - k) + (2 - g(n))"),
        ("(-a + b + c)", "(-a + b + c)"),
        ("for all k with 0 <= k, k <= n - 1: 0 < beta(i); beta(i) < 1", "for all k with 0 ≤ k ≤ n - 1: 0 < β(i) < 1"),
        ("a < b; c < d", "a < b; c < d"),
        ("Lambda_2, Delta", "Λ_2, Δ"),
        ("a < b + 1; b < d", "a < b + 1; b < d"),
        ("Max(log(x), Min(2, t))", "max(ln(x), min(2, t))"),
        ("Abs(m(n) - sqrt(v(n)))", "|m(n) - √(v(n))|"),
        ("the proof, beta_2, alphabet", "the proof, β_2, alphabet"),
        ("unbalanced Sum(x", "unbalanced Sum(x"),
    ],
)
def test_readable(text, expected) -> None:
    assert readable(text) == expected
