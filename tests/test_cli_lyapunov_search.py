"""``adamtheory lyapunov-search`` as a user meets it."""

from __future__ import annotations

import json
import sys

import pytest

from adamtheory.cli import main

STRONG = ("--smoothness", "10", "--strong-convexity", "1")


@pytest.fixture
def run(capsys):
    """(exit status, standard output, standard error)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(["lyapunov-search", *arguments])
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


def test_proved_and_checked_again(run, tmp_path):
    file = tmp_path / "certificate.json"
    status, out, _ = run("--flow", "adam", "--template", "gap,kinetic,cross", *STRONG, "--certificate", str(file))
    assert status == 0
    assert out.startswith("PROVED: rate 0.42")
    status, out, _ = run("--check", str(file))
    assert status == 0
    assert "is proved" in out
    assert "gap + kinetic + cross along theta' = -A m, m' = 100 (g - m), 0.223607 <= A" in out
    data = json.loads(file.read_text(encoding="utf-8"))
    data["rate"] = "1/2"
    file.write_text(json.dumps(data), encoding="utf-8")
    status, out, _ = run("--check", str(file))
    assert status == 1
    assert "NOT proved" in out


def test_refuted_as_json(run):
    status, out, _ = run(
        "--flow", "rmsprop", "--template", "distance", "--smoothness", "10", "--strong-convexity", "0.1", "--json"
    )
    assert status == 1
    data = json.loads(out)
    assert data["verdict"] == "REFUTED"
    assert "it grows at Hessian" in data["refutation"]
    assert data["certificate"] is None
    assert len(data["witness"]) == 1


@pytest.mark.parametrize(("convention", "start"), [("exact", "0.4218"), ("first_order", "0.4230")])
def test_conventions(run, convention, start):
    status, out, _ = run("--flow", "adam", *STRONG, "--convention", convention)
    assert status == 0
    assert f"rate {start}" in out


def test_without_a_solver(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "clarabel", None)
    status, out, error = run("--flow", "gradient", "--template", "gap", *STRONG)
    assert (status, out) == (2, "")
    assert error == "adamtheory: lyapunov.search needs clarabel: pip install cvxpy clarabel\n"


def test_one_rate_and_the_heavy_ball(run):
    terms = "gap,distance,cross,momentum"
    status, out, _ = run(
        "--flow", "heavy-ball", "--friction", "2", "--template", terms, "--strong-convexity", "1", "--rate", "1"
    )
    assert status == 0
    assert "rate 1 by W" in out
    status, out, _ = run("--flow", "gradient", "--template", "gap", *STRONG, "--rate", "2.1")
    assert status == 1
    assert out.startswith("UNDECIDED: no coefficients were found at the rate 21/10")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--flow", "sgd", *STRONG), "flow must be one of"),
        (("--flow", "gradient", "--template", "cross", *STRONG), "gap or distance"),
        (("--flow", "gradient", "--template", "gap", "--smoothness", "1", "--pl", "2"), "at most smoothness"),
        (("--flow", "adam", "--eps", "0", *STRONG), "eps must be > 0"),
        (("--flow", "adam", "--strong-convexity", "1"), "smoothness must be given"),
        (("--flow", "heavy-ball", "--template", "cross,momentum", *STRONG), "with gap or distance"),
        (("--flow", "gradient", "--template", "gap", *STRONG, "--beta", "0.9"), "beta must be left out"),
        (("--flow", "adam", *STRONG, "--friction", "1"), "friction must be left out"),
        (("--flow", "adam", *STRONG, "--convention", "euler"), "rates must be one of"),
        (("--flow", "adam", *STRONG, "--beta", "0.1"), "whose energy decreases at all times"),
        (("--smoothness", "one"), "smoothness"),
        (("--check", "nowhere.json"), "nowhere.json"),
    ],
)
def test_bad_input_is_one_line(run, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*arguments)
    assert status == 2
    assert message in err
    assert len(err.strip().splitlines()) == 1
    assert not out
