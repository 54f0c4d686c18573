"""The errata table: what it computes, what it refuses, its formats, and that the documents hold it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import latex_structure
import pytest
import sympy as sp

from adamtheory.notation import W, beta, coordinate, g, gamma, inner, n, open_unit, stability_exponent, t, u
from adamtheory.proof.kernel import Trust
from adamtheory.proof.loading import load
from adamtheory.proof.theorem import PrintedStatement, Source, TheoremStatement, printed
from adamtheory.proof.verdict import Result, Verdict
from adamtheory.propositions import All, ForAll, Tends, eq, ge, le, lt
from adamtheory.report.baseline import read_baseline
from adamtheory.report.errata import Errata, errata, needed, printed_among
from adamtheory.report.errata_formats import FORMATS, rendered
from adamtheory.report.errata_latex import document, table, width
from adamtheory.report.errata_text import BEGIN, END, brief, inserted, markdown, summary, text
from adamtheory.report.shown import shown

ROOT = Path(__file__).parents[2]
PAPER = Source("Somebody 2020", "Theorem 10, 50 % & more_")
x = sp.Symbol("x", real=True)
f = sp.Function("f", real=True)


def theorem(name: str, claim, given=(), title: str = "What is true") -> TheoremStatement:
    return TheoremStatement(name, title, Source("this library"), claim, tuple(given))


def false(name: str = "square_above", **changes) -> PrintedStatement:
    fields = {
        "title": "Squares are larger",
        "source": PAPER,
        "claim": le(x, x**2),
        "witness": {x: "1/2"},
        "repaired": "square_below",
        "why": "x_0 below 1 has a smaller square, x^2",
    }
    return printed(name=name, **{**fields, **changes})


BELOW = theorem("square_below", le(x**2, x), open_unit(x))


def made(*statements: PrintedStatement, known=(BELOW,), verdict: Verdict | Result = Verdict.PROVED) -> Errata:
    return errata(statements, {s.name: s for s in known}, {s.name: verdict for s in known})


def test_a_row() -> None:
    (row,) = made(false()).rows
    assert (row.name, row.work, row.place, row.verdict) == ("square_above", PAPER.work, PAPER.place, "REFUTED")
    assert [c.text for c in row.statement.claim] == ["x ≤ x²"]
    assert [w.latex for w in row.witness] == ["x = 1/2"]
    assert row.violation is not None
    assert (row.violation.left.text, row.violation.right.text) == ("1/2 = 0.5", "1/4 = 0.25")
    assert row.repaired is not None
    assert (row.repaired.name, row.repaired.verdict, row.repaired.omitted) == ("square_below", "PROVED", ())
    assert [h.text for h in row.repaired.statement.given] == ["0 < x < 1"]


def test_the_hypothesis_that_was_left_out() -> None:
    more = theorem("square_above_one", le(x, x**2), [ge(x, 1)])
    (row,) = made(false(repaired=more.name), known=(more,)).rows
    assert row.repaired is not None
    assert [p.latex for p in row.repaired.omitted] == [r"1 \le x"]
    found = made(false(repaired=more.name), known=(more,))
    for form, said in (
        ("text", "where also 1 ≤ x"),
        ("markdown", r"where also $`1 \le x`$"),
        ("latex", r"also $1 \le x$"),
    ):
        assert said in rendered(found, form)
    assert "(1 by a hypothesis that was left out)" in summary(found)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"witness": {x: 2}},
            "the claim holds at the witness; the witness: x = 2; left 2, right 4: left <= right is true",
        ),
        (
            {"witness": {x: 2}, "given": [lt(x, 1)]},
            "the hypothesis x < 1 fails at the witness; the witness: x = 2; left 2",
        ),
        ({"claim": le(1 / (x - 1), 0), "witness": {x: 1}}, "left is undefined (it divides by zero), right 0"),
        ({"witness": {}}, "bad witness: no value for x"),
    ],
)
def test_a_witness_that_refutes_nothing_fails_loudly(changes, line) -> None:
    found = made(false(), false("second", **changes))
    assert len(found) == 1
    assert found.exit_status == 1
    (failure,) = found.failures
    assert failure.startswith(f"NOT REFUTED second ({PAPER}): ")
    assert line in failure
    assert "\n" not in failure
    assert "NOT refuted" in summary(found)


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (Verdict.UNDECIDED, "the repaired form square_below is UNDECIDED, not proved"),
        (Verdict.ASSUMED, "is ASSUMED"),
        (Verdict.TESTED, "is TESTED"),
        (Verdict.REFUTED, "is REFUTED"),
    ],
)
def test_a_repaired_form_that_is_not_proved_fails_loudly(verdict, line) -> None:
    result = Result("square_below", "", "", "", verdict, Verdict.PROVED, "step 3\nfails", Trust())
    for found in (made(false(), verdict=verdict), made(false(), verdict=result)):
        assert not found.rows
        assert found.failures[0].startswith("NOT REPAIRED square_above")
        assert line in found.failures[0]
    assert found.failures[0].endswith(": step 3 fails")


def test_a_repaired_form_that_does_not_exist_fails_loudly() -> None:
    (failure,) = made(false(repaired="nowhere")).failures
    assert "repaired='nowhere' names no statement" in failure
    (failure,) = errata([false()], {"square_below": BELOW}, {}).failures
    assert "the verdict on the repaired form square_below is not known" in failure


def test_the_stability_exponent_is_abbreviated() -> None:
    pair = sp.symbols("beta_2 gamma_2", real=True)
    level = [sp.Function(name, real=True)(n + 1) for name in ("beta", "gamma")]
    claim = All((le(stability_exponent() / 2, x), le(-stability_exponent(*pair), x), eq(stability_exponent(*level), x)))
    seen = shown(theorem("some", claim))
    assert [c.text for c in seen.claim] == ["C/2 ≤ x", "-C(β_2, γ_2) ≤ x", "C(β(n + 1), γ(n + 1)) = x"]
    assert [d.text for d in seen.where] == ["C ≔ 2·(1 - γ)/γ - (1 - β)/β", "C(x, y) ≔ 2·(1 - y)/y - (1 - x)/x"]
    own = shown(theorem("own", le(stability_exponent(), sp.Symbol("C", real=True))))
    assert own.where == ()
    assert own.claim[0].text == "2·(1 - γ)/γ - (1 - β)/β ≤ C"


def test_a_repaired_form_is_stated_once_on_a_page() -> None:
    found = made(false(), false("again"))
    assert "stated [above](#square_above)" in markdown(found)
    assert table(found).count("stated above") == 1
    assert "stated above" not in text(found)


def test_order_and_works() -> None:
    places = ("Theorem 10", "Theorem 2", "Appendix A")
    rows = [false(f"p{k}", source=Source("Somebody 2020", place)) for k, place in enumerate(places)]
    found = made(false("own", source=Source("this library")), *rows)
    assert [row.place for row in found] == ["Appendix A", "Theorem 2", "Theorem 10", ""]
    assert list(found.works) == ["Somebody 2020", "this library"]
    assert "this library" not in brief(found)
    assert "own" not in brief(found)
    # Errata are about published sources; what was tempting but is printed nowhere stands apart, and last.
    for form in ("text", "markdown", "latex"):
        shown_as = rendered(found, form)
        assert shown_as.rindex("Theorem 10") < shown_as.index("Believed, not printed")
        assert shown_as.count("Believed, not printed") == 1


def many() -> Errata:
    """One of each kind of witness, violation and claim."""
    i = coordinate
    return made(
        false(),
        false("no_repair", repaired="", why=""),
        false("sequence", claim=le(sp.Abs(g(n)), beta), witness={g: [1, "3/2", 2], n: 2, beta: sp.sqrt(3)}),
        false("curve", claim=le(f(t), sp.exp(t)), witness={f: sp.Lambda(t, 1 + t**2), t: "-1/3"}),
        false("at_an_index", claim=ForAll(n, (), le(gamma**n, 1)), witness={gamma: 2}),
        false("limit", claim=Tends(gamma * n / (n + 1), n, sp.oo, 1), witness={gamma: "1/2"}),
        false("large", claim=lt(10**30 * sp.exp(x), x), witness={x: 1}),
        false(
            "vectors",
            claim=le(inner(W(i, n), u(i, n)), 0),
            witness={W: [[1], [2]], u: [[1], [1]], n: 0, sp.Symbol("d", integer=True, nonnegative=True): 2},
        ),
    )


def test_every_kind_of_row() -> None:
    found = many()
    assert found.failures == ()
    rows = {row.name: row for row in found}
    assert rows["sequence"].violation is not None
    assert {w.text for w in rows["sequence"].witness} == {"n = 2", "β = √3", "g = (1, 3/2, 2)"}
    assert [w.text for w in rows["curve"].witness][-1] == "f(t) = t² + 1"
    assert [w.text for w in rows["at_an_index"].instance] == ["n = 1"]
    assert rows["limit"].violation is None
    assert rows["limit"].remark
    assert rows["large"].violation is not None
    assert rows["large"].violation.left.latex == r"2.71828 \cdot 10^{30}"
    assert rows["vectors"].statement.claim[0].text == "<W(n), u(n)> ≤ 0"
    assert [w.text for w in rows["vectors"].witness][-2:] == [
        "W(i=0) = (1), W(i=1) = (2)",
        "u(i=0) = (1), u(i=1) = (1)",
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_formats_show_every_row(form) -> None:
    found = many()
    shape = rendered(found, form)
    for row in found:
        assert row.name.replace("_", r"\_\allowbreak{}" if form == "latex" else "_") in shape
        if row.violation is not None:
            assert (row.violation.left.text if form in ("text", "json") else row.violation.left.latex) in shape.replace(
                "\\\\", "\\"
            )
    with pytest.raises(ValueError, match="format must be one of"):
        rendered(found, "html")


def test_json_has_the_fields() -> None:
    content = json.loads(rendered(many(), "json"))
    assert content["failures"] == []
    row = next(r for r in content["rows"] if r["name"] == "square_above")
    assert row["violation"]["left"]["text"] == "1/2 = 0.5"
    assert row["repaired"]["verdict"] == "PROVED"


def test_text_is_wrapped() -> None:
    assert max(map(len, text(many(), width=70).splitlines())) <= 70


def test_markdown_escapes_bars_in_tables() -> None:
    page = markdown(made(false(title="|x| is *large*")))
    (line,) = [line for line in page.splitlines() if line.startswith("| [")]
    assert r"\|x\| is" in line
    assert line.replace(r"\|", "").count("|") == 5


# -- LaTeX ------------------------------------------------------------------------------------------------------
def whole() -> Errata:
    """The library's own errata with the committed verdicts, as the documents have them."""
    statements = load().statements
    known = {s.name: s for s in statements}
    verdicts = {name: Verdict(entry["verdict"]) for name, entry in read_baseline(ROOT / "verdicts.json").items()}
    return errata(printed_among(statements), known, verdicts)


@pytest.fixture(scope="module", name="library")
def _library() -> Errata:
    return whole()


def test_latex_is_well_formed(library) -> None:
    for found in (many(), library):
        assert latex_structure.problems(table(found)) == []
        assert latex_structure.problems(document(found)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "{ without }"),
        ("a_b", "_ outside mathematics"),
        ("100 %", "% is not escaped"),
        ("$x", "mathematics without end"),
        (r"$\mathbb{R}$", "of another package"),
        (r"$\left(x$", "mathematics ends inside"),
        (r"a & b \tabularnewline", "a row of 2 cells"),
        (r"\begin{longtable}", "without end"),
        (r"$\text{a_b}$", "_ outside mathematics"),
        ("ζ", "needs another encoding"),
    ],
)
def test_the_structural_check_rejects(text, problem) -> None:
    assert any(problem in line for line in latex_structure.problems(text))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex; the structure is tested without it")
def test_latex_compiles(library, tmp_path) -> None:
    for name, found in (("many", many()), ("library", library)):
        (tmp_path / f"{name}.tex").write_text(document(found))
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
        assert "Overfull \\hbox" not in done.stdout, [x for x in done.stdout.splitlines() if "Overfull" in x]


def test_width() -> None:
    assert width(r"x_{n}") == pytest.approx(1.7)
    assert width(r"\frac{abc}{d}") == 3
    assert width(r"\left(x\right)") == 3


# -- documents --------------------------------------------------------------------------------------------------
def test_the_documents_are_what_the_verdicts_give(library) -> None:
    assert library.failures == (), "the committed verdicts are behind: run make verify, write the baseline"
    assert (ROOT / "docs" / "errata.md").read_text(encoding="utf-8") == markdown(library), "run make errata"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == inserted(readme, brief(library)), "run make errata"


def test_insertion() -> None:
    page = f"# Title\n\n{BEGIN}\nold\n{END}\nrest\n"
    assert inserted(page, "new") == f"# Title\n\n{BEGIN}\nnew\n{END}\nrest\n"
    for bad in ("no markers", f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}"):
        with pytest.raises(ValueError, match="must hold"):
            inserted(bad, "new", "README.md")


def test_what_is_needed_is_the_repaired_forms_alone() -> None:
    known = {"square_below": BELOW, "another": theorem("another", le(x, x))}
    assert needed([false(), false("twice"), false("none", repaired="nowhere")], known) == ("square_below",)
