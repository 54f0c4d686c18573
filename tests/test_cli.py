"""The command line: output, exit status, one-line errors."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from adamtheory import __version__
from adamtheory.cli import main

THEOREM = """
@theorem(source=Source("my notes"), claim=eq((beta + {0})**2, beta**2 + {1}*beta + {0}**2))
def square_{0}(proof):
    \"\"\"The square of beta + {0}.\"\"\"
    return proof.have(proof.statement.claim)
"""
HEAD = """
from adamtheory.notation import beta
from adamtheory.proof.theorem import Source, theorem
from adamtheory.propositions import eq
"""


def proofs(*shifts: int, wrong: int | None = None) -> str:
    return HEAD + "".join(THEOREM.format(c, 2 * c + (c == wrong)) for c in shifts)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "squares.py").write_text(proofs(1, 2))
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


def test_version(run) -> None:
    assert run("--version")[:2] == (0, f"adamtheory {__version__}\n")


def test_the_table_and_the_summary(run, folder) -> None:
    status, out, err = run("verify", folder)
    assert status == 0
    for part in ("square_1", "my notes", "PROVED", "rules alone", "2 statements: 2 PROVED; 0 unexpected"):
        assert part in out
    assert f"running the code in {folder}" in err


def test_quiet_is_the_summary_alone(run, folder) -> None:
    status, out, err = run("verify", folder, "--quiet")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == 1


def test_an_unexpected_verdict_is_status_1(run, folder) -> None:
    (folder / "wrong.py").write_text(proofs(3, wrong=3))
    status, out, _ = run("verify", folder, "-q")
    assert status == 1
    assert "UNEXPECTED square_3: REFUTED instead of PROVED" in out


def test_a_broken_file_is_status_2_and_hides_nothing(run, folder) -> None:
    (folder / "broken.py").write_text("1/0")
    status, out, _ = run("verify", folder)
    assert status == 2
    assert "2 PROVED" in out
    assert f"BROKEN {folder / 'broken.py'}: importing it raised ZeroDivisionError" in out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("verify", "nowhere"), "path must be"),
        (("verify", "{}", "--trials", "0"), "trials must be"),
        (("verify", "{}", "--trials", "many"), "--trials"),
        (("verify", "{}", "--seed", "-1"), "seed must be"),
        (("verify", "{}", "--device", "abacus"), "device must be"),
        (("verify", "{}", "--select", "nothing like it"), "select must be"),
        (("verify", "{}", "--workers", "0"), "workers must be"),
        (("verify", "{}", "--baseline", "none.json"), "baseline none.json"),
        (("verify", "{}", "--json", "no/such/folder/x.json"), "no/such/folder"),
        (("verify", "{}", "--select", "square", "--write-baseline", "x.json"), "select must be left out"),
        (("verify", "{}", "--unknown"), "--unknown"),
        (("show", "square_3", "{}"), "square_1"),
        (("show",), "NAME"),
        (("prove",), "prove"),
        (("list", "nowhere"), "path must be"),
    ],
)
def test_usage_errors_are_one_line_and_status_2(run, folder, arguments, part) -> None:
    status, out, err = run(*(a.format(folder) for a in arguments))
    assert status == 2
    assert out == ""
    (line,) = [line for line in err.splitlines() if not line.startswith("running the code in")]
    assert line.startswith("adamtheory: ")
    assert part in line


def test_json(run, folder, tmp_path_factory) -> None:
    target = tmp_path_factory.mktemp("out") / "report.json"
    assert run("verify", folder, "--json", target, "--seed", "5")[0] == 0
    content = json.loads(target.read_text())
    assert content["seed"] == 5
    assert [r["name"] for r in content["results"]] == ["square_1", "square_2"]
    status, out, err = run("verify", folder, "--json", "-")
    assert status == 0
    assert json.loads(out)["results"][0]["verdict"] == "PROVED"
    assert "2 statements" in err


def test_baseline(run, folder, tmp_path_factory) -> None:
    target = tmp_path_factory.mktemp("out") / "verdicts.json"
    assert run("verify", folder, "--write-baseline", target)[0] == 0
    assert run("verify", folder, "--baseline", target)[0] == 0
    (folder / "squares.py").write_text(proofs(1))
    status, _, err = run("verify", folder, "--baseline", target)
    assert status == 1
    assert "BEHIND THE BASELINE square_2: it vanished" in err
    status, out, _ = run("verify", folder, "--baseline", target, "--select", "square_1")
    assert status == 0, out


def test_show(run, folder) -> None:
    status, out, _ = run("show", "square_2", folder)
    assert status == 0
    for part in ("The square of beta + 2", "claim (β + 2)² = β² + 4·β + 4", "by algebra", "Verdict  PROVED", "rules:"):
        assert part in out


def test_list(run, folder) -> None:
    status, out, _ = run("list", folder)
    assert status == 0
    assert out.splitlines()[0].startswith("square_1  The square of beta + 1 (my notes)")


def test_worker_processes_give_the_same_table(run, folder) -> None:
    (folder / "more.py").write_text(proofs(*range(3, 11)))
    alone, shared = (json.loads(run("verify", folder, "--json", "-", "--workers", n)[1]) for n in (1, 2))
    for report in (alone, shared):
        report["seconds"] = 0
        for result in report["results"]:
            result["seconds"] = 0
    assert alone == shared
    assert len(alone["results"]) == 10


def test_a_reader_that_goes_away_is_no_error(folder) -> None:
    command = f"{sys.executable} -m adamtheory list {folder} | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""


def test_output_for_a_terminal_without_greek(folder) -> None:
    command = [sys.executable, "-m", "adamtheory", "show", "square_2", str(folder)]
    environment = {"PYTHONIOENCODING": "ascii", "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "Verdict  PROVED" in done.stdout
