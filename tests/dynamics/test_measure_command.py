"""`adamtheory measure`: what it prints, what it refuses, and that docs/dynamics.md holds what it prints now."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adamtheory.cli import main
from adamtheory.dynamics import default_files, load_dynamics, save_dynamics, tables
from adamtheory.dynamics.command import measured
from adamtheory.tabular import markers

BEGIN, END = markers("measure")
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "dynamics.md"
PLAIN, MOMENTUM = (
    next(path for path in default_files() if path.stem == f"dynamics_{name}_free_scalar")
    for name in ("plain", "momentum")
)


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")

    def run(*arguments) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(["measure", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return stop.value.code, out, err  # type: ignore[return-value]

    return run


def refusal(run, *arguments) -> str:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    return err


def test_tables_of_given_files(run):
    status, out, err = run(PLAIN, MOMENTUM)
    assert (status, err) == (0, "")
    for title in ("Exact statements", "Theorem 2: the growth of |W|²", "Assumption 1"):
        assert title in out
    assert "Equilibrium" not in out  # neither run has weight decay
    assert "Assumption 2" not in out  # and no elementwise run is there to compare
    growth = [
        line.split() for line in out.split("Theorem 2")[1].splitlines() if line.startswith("momentum_free_scalar")
    ]
    assert "0.057" in growth[0]
    assert "1.000" in growth[0]


def test_json_has_the_fields_under_their_own_names(run, tmp_path):
    status, out, _ = run(MOMENTUM, "--json")
    assert status == 0
    (found,) = json.loads(out)["runs"]
    assert found["name"] == "momentum_free_scalar"
    assert found["settings"]["gamma"] == 0.9
    score = found["growth"][0]
    assert score["printed"]["growth_ratio"] < 0.06 < 0.9 < score["repaired"]["growth_ratio"]
    assert score["true_change"] == score["final"] - score["initial"]
    target = tmp_path / "measured.json"
    assert run(MOMENTUM, "--format", "json", "--output", target)[:2] == (0, "")
    assert target.read_text(encoding="utf-8") == out


def test_the_recordings_of_the_checkout_are_the_default(run):
    status, out, _ = run("--json")
    assert status == 0
    assert len(json.loads(out)["runs"]) == len(default_files())
    assert len(json.loads(out)["comparisons"]) == 4


def test_the_document_holds_what_the_recordings_give_now():
    """Rewrite it by `adamtheory measure --update docs/dynamics.md`."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert tables.updated(text, measured([])) == text


def test_a_document_is_rewritten_between_its_markers_alone(run, tmp_path):
    target = tmp_path / "text.md"
    target.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    assert run(PLAIN, "--update", target)[:2] == (0, "")
    text = target.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert "| plain_free_scalar | 0 |" in text
    for broken in ("nothing", f"{END} {BEGIN}", f"{BEGIN} {BEGIN} {END}"):
        target.write_text(broken, encoding="utf-8")
        assert "must have one" in refusal(run, PLAIN, "--update", target)
        assert target.read_text(encoding="utf-8") == broken


def test_a_violated_statement_is_loud(run, tmp_path):
    """A file with a correct digest whose numbers no run can have produced."""
    record = load_dynamics(MOMENTUM)
    inner = np.array(record.update_inner)
    inner[1, 7] *= 1.001
    path = tmp_path / "dynamics_forged.npz"
    save_dynamics(path, replace(record, update_inner=inner))
    status, out, err = run(path)
    assert status == 1
    assert err.startswith(f"VIOLATED forged: one_step of {record.matrices[1]} is violated at step 7, by ")
    assert err.count("\n") == 1
    assert "VIOLATED" in out


def test_unusable_input_is_refused_in_one_line(run, tmp_path, monkeypatch):
    truncated = tmp_path / "truncated.npz"
    truncated.write_bytes(PLAIN.read_bytes()[:5000])
    assert "truncated or not an .npz file" in refusal(run, truncated)
    altered = bytearray(PLAIN.read_bytes())
    altered[40_000] ^= 0x41
    truncated.write_bytes(altered)
    assert str(truncated) in refusal(run, truncated)
    assert "No such file" in refusal(run, tmp_path / "absent.npz")
    assert "format must be one of" in refusal(run, PLAIN, "--format", "tex")
    assert "folder that exists" in refusal(run, PLAIN, "--output", tmp_path / "absent" / "x.txt")
    assert "folder that exists" in refusal(run, PLAIN, "--output", tmp_path)
    assert "output must be left out" in refusal(run, PLAIN, "--output", truncated, "--update", truncated)
    assert "No such file" in refusal(run, PLAIN, "--update", tmp_path / "absent.md")
    again = tmp_path / PLAIN.name
    shutil.copy(PLAIN, again)
    assert "another name" in refusal(run, PLAIN, again)
    monkeypatch.setattr("adamtheory.dynamics.files.default_files", lambda: ())
    assert "no FILE was given" in refusal(run)
