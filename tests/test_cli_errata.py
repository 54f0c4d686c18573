"""The command `errata`, and refutations that fail, as somebody with a folder of proofs meets them."""

from __future__ import annotations

import json

import pytest

from adamtheory.cli import main

HEAD = """
import sympy as sp
from adamtheory.notation import gamma, n, open_unit
from adamtheory.proof import ForAll, Source, le, polynomial, printed, theorem

paper = Source("Somebody 2020", "Theorem 2")
x = sp.Symbol("x", real=True)
"""
PRINTED = """
{name} = printed(name="{name}", title="Squares are larger", source=paper, given=[{given}], claim={claim},
    witness={{{witness}}}, repaired="{repaired}", why="x below 1 has a smaller square")
"""
TRUE = """
@theorem(source=Source("my notes"), given=open_unit(x), claim=le(x**2, x))
def squares_are_smaller(proof):
    \"\"\"Squares of small numbers are smaller.\"\"\"
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))
"""
WRONG = """
@theorem(source=Source("my notes"), claim=le(x, x**2))
def unproved(proof):
    \"\"\"Not so.\"\"\"
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))
"""


def statement(name: str = "squares_are_larger", **changes: str) -> str:
    fields = {"given": "", "claim": "le(x, x**2)", "witness": "x: '1/2'", "repaired": "squares_are_smaller"}
    return PRINTED.format(name=name, **{**fields, **changes})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "as_printed.py").write_text(HEAD + statement())
    (tmp_path / "true.py").write_text(HEAD + TRUE)
    return tmp_path


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")

    def run(*arguments) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return stop.value.code, out, err  # type: ignore[return-value]

    return run


def test_a_statement_repaired_in_another_file(run, folder) -> None:
    status, out, err = run("errata", folder)
    assert status == 0
    for part in (
        "Somebody 2020, Theorem 2: Squares are larger",
        "squares_are_larger  REFUTED",
        "printed x ≤ x²",
        "witness x = 1/2",
        "left 1/2 = 0.5, right 1/4 = 0.25, and left ≤ right is false",
        "Squares of small numbers are smaller: squares_are_smaller  PROVED",
        "given 0 < x < 1",
    ):
        assert part in out
    assert f"running the code in {folder}" in err
    assert run("verify", folder, "-q")[0] == 0


def test_a_statement_repaired_by_the_library(run, folder) -> None:
    (folder / "as_printed.py").write_text(HEAD + statement(repaired="geometric_sum_closed"))
    assert run("errata", folder / "as_printed.py")[0] == 0
    assert run("verify", folder / "as_printed.py", "-q")[0] == 0


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"witness": "x: 2"}, ("the claim holds at the witness", "x = 2; left 2, right 4: left <= right is true")),
        ({"witness": "x: 2", "given": "*open_unit(x)"}, ("the hypothesis x < 1 fails", "x = 2; left 2, right 1")),
        ({"witness": "x: 1", "claim": "le(1/(x - 1), 0)"}, ("x = 1; left is undefined (it divides by zero), right 0",)),
        ({"witness": "x: -1", "claim": "le(sp.sqrt(x), 0)"}, ("x = -1; left is undefined", "right 0")),
        ({"witness": ""}, ("bad witness: no value for x",)),
        ({"witness": "x: 0.5, gamma: 1"}, ("bad witness: gamma does not occur in the statement",)),
        ({"claim": "ForAll(n, (), le(x**n, 1))"}, ("x = 1/2", "ranges over infinitely many indices")),
    ],
)
def test_a_witness_that_refutes_nothing(run, folder, changes, parts) -> None:
    (folder / "as_printed.py").write_text(HEAD + statement(**changes))
    status, out, _ = run("verify", folder, "-q")
    assert status == 1
    (line,) = [line for line in out.splitlines() if line.startswith("UNEXPECTED")]
    assert line.startswith("UNEXPECTED squares_are_larger: UNDECIDED instead of REFUTED: ")
    status, _, err = run("errata", folder)
    assert status == 1
    (said,) = [line for line in err.splitlines() if not line.startswith("running")]
    assert said.startswith("NOT REFUTED squares_are_larger (Somebody 2020, Theorem 2): ")
    for part in parts:
        assert part in line
        assert part in said


@pytest.mark.parametrize(
    ("repaired", "reason"),
    [
        ("nowhere", "repaired='nowhere' names no statement in these files or the library's own"),
        ("unproved", "the repaired form unproved is REFUTED, not proved: x = "),
        ("also_false", "the repaired form also_false is REFUTED, not proved: x = 1/3; left 0.333333 = 1/3"),
    ],
)
def test_a_repaired_form_that_is_missing_or_unproved(run, folder, repaired, reason) -> None:
    false = statement("also_false", witness="x: '1/3'") + statement("repaired")
    (folder / "as_printed.py").write_text(HEAD + statement(repaired=repaired) + false)
    (folder / "wrong.py").write_text(HEAD + WRONG)
    status, out, _ = run("verify", folder, "-q")
    assert status == 1
    assert f"UNEXPECTED squares_are_larger: REFUTED, but {reason}" in out
    status, out, err = run("errata", folder)
    assert status == 1
    assert f"NOT REPAIRED squares_are_larger (Somebody 2020, Theorem 2): {reason}" in err
    assert "repaired  REFUTED" in out


def test_a_flaw_that_another_process_finds(run, folder) -> None:
    more = "".join(statement(f"more_{k}") for k in range(6))
    (folder / "as_printed.py").write_text(HEAD + statement(repaired="unproved") + more)
    (folder / "wrong.py").write_text(HEAD + WRONG)
    status, out, _ = run("verify", folder, "-q", "--workers", "2")
    assert status == 1
    assert "UNEXPECTED squares_are_larger: REFUTED, but the repaired form unproved is REFUTED, not proved" in out
    assert "2 unexpected" in out


def test_nothing_is_written_where_something_fails(run, folder, tmp_path_factory) -> None:
    target = tmp_path_factory.mktemp("out")
    page = target / "README.md"
    page.write_text("<!-- errata:begin -->\n<!-- errata:end -->\n")
    table = target / "errata.md"
    arguments = ("errata", folder, "--format", "markdown", "--output", table, "--insert", page)
    assert run(*arguments)[0] == 0
    assert "# Errata" in table.read_text()
    good = table.read_text(), page.read_text()
    assert "Somebody 2020:\n\n- **Theorem 2.** False: Squares are larger." in good[1]
    (folder / "as_printed.py").write_text(HEAD + statement(witness="x: 2"))
    assert run(*arguments)[0] == 1
    assert (table.read_text(), page.read_text()) == good


def test_formats(run, folder) -> None:
    assert json.loads(run("errata", folder, "--format", "json")[1])["rows"][0]["name"] == "squares_are_larger"
    assert r"\begin{document}" not in run("errata", folder, "--format", "latex")[1]
    assert r"\begin{document}" in run("errata", folder, "--format", "latex", "--standalone")[1]
    assert "```math" in run("errata", folder, "--format", "markdown")[1]


def test_a_broken_file_is_status_2(run, folder) -> None:
    (folder / "broken.py").write_text("1/0")
    status, out, err = run("errata", folder)
    assert status == 2
    assert "squares_are_larger" in out
    assert f"BROKEN {folder / 'broken.py'}: importing it raised ZeroDivisionError" in err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("nowhere",), "path must be"),
        (("{}", "--format", "html"), "format must be one of 'text', 'markdown', 'latex', 'json', got 'html'"),
        (("{}", "--standalone"), "standalone must be left out unless --format is latex"),
        (("{}", "--select", "nothing like it"), "select must be"),
        (("{}", "--output", "no/such/folder/x.md"), "no/such/folder"),
        (("{}", "--insert", "none.md"), "none.md"),
        (("{}", "--insert", "{}/true.py"), "true.py must hold <!-- errata:begin -->"),
        (("{}", "--trials", "0"), "trials must be"),
    ],
)
def test_usage_errors_are_one_line_and_status_2(run, folder, arguments, part) -> None:
    status, out, err = run("errata", *(a.format(folder) for a in arguments))
    assert (status, out) == (2, "")
    (line,) = [line for line in err.splitlines() if not line.startswith("running the code in")]
    assert line.startswith("adamtheory: ")
    assert part in line


def test_selection(run, folder) -> None:
    (folder / "more.py").write_text(HEAD + statement("another"))
    status, out, _ = run("errata", folder, "--select", "anoth")
    assert status == 0
    assert "squares_are_larger" not in out
