"""``adamtheory flow`` and ``flow-tables``: what they print, draw and refuse."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from adamtheory.cli import main
from adamtheory.flows import problems
from adamtheory.flows.studies import command
from adamtheory.flows.studies.breakdown import RATES, shown_passing
from adamtheory.tabular import Table, replaced


@pytest.fixture
def run(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


def test_in_words(run):
    status, out, _ = run("flow", "--lr", "0.01", "--until", "1")
    assert status == 0
    assert "exact rates, consistent start, second order, lag: t = 0 ... 1, 100 steps of 0.01" in out
    assert "1 parameter)" in out
    assert "solved by exponential" in out


def test_json_has_the_fields_under_their_names(run):
    status, out, _ = run("flow", "--lr", "0.1", "--until", "1", "--json", "--model", "gould-tanaka")
    data = json.loads(out)
    assert status == 0
    assert data["error"] == max(data["deviation"])
    assert len(data["theta"]) == len(data["discrete"]) == len(data["m"]) == len(data["v"]) == 11
    assert data["flow"].startswith("adam, first_order rates, zero start")


@pytest.mark.parametrize("model", ["second-order", "heredia", "nonlocal"])
def test_draws(run, tmp_path, model):
    target = tmp_path / "flow.png"
    status, _, err = run("flow", "--lr", "0.05", "--until", "1", "--model", model, "--plot", str(target))
    assert status == 0, err
    assert target.read_bytes().startswith(b"\x89PNG")
    assert target.stat().st_size > 20_000


def test_conventions_and_starts_are_options(run):
    errors = {}
    for convention in ("exact", "first_order", "forward_euler"):
        for start in ("consistent", "zero"):
            _, out, _ = run(
                "flow", "--lr", "0.02", "--until", "1", "--json", "--convention", convention, "--start", start
            )
            errors[convention, start] = json.loads(out)["error"]
    assert len(set(errors.values())) == 6
    assert errors["exact", "consistent"] == min(errors.values())


def test_a_flow_that_stops_says_where_and_is_drawn(run, tmp_path, monkeypatch):
    posed = problems.problem("quadratic")
    calls = iter(range(10**6))
    # The discrete method sees 400 gradients before the flow sees its first.
    broken = replace(posed.loss, gradient=lambda x: (x - 4) * (np.nan if next(calls) >= 400 and x[0] > 2 else 2))
    monkeypatch.setattr(problems, "problem", lambda name: replace(posed, loss=broken))
    target = tmp_path / "stopped.png"
    status, out, err = run("flow", "--lr", "0.01", "--until", "4", "--plot", str(target))
    assert status == 1
    assert out == ""
    assert "flow stopped at t = 1." in err
    assert "gradient of" in err
    assert err.count("\n") == 1
    assert target.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--problem", "saddle"], "must be one of 'quadratic'"),
        (["--method", "nadam"], "method must be Adam, AdamW"),
        (["--model", "paper"], "model must be one of 'second-order'"),
        (["--model", "heredia", "--start", "zero"], "start must be left out with --model heredia"),
        (["--model", "nonlocal", "--method", "rmsprop"], "method must be adam, adamw or adam_coupled"),
        (["--convention", "implicit"], "rates must be one of"),
        (["--until", "0.001"], "until must be at least one step"),
        (["--until", "nan"], "until must be at least one step"),
        (["--rtol", "0"], "rtol must be a finite number > 0"),
        (["--solver", "rk4"], "method must be one of 'auto'"),
        (["--lr", "-1"], "lr must be"),
        (["--set", "weight_decay=0.1"], "weight_decay is not a setting of adam"),
        (["--plot", "flow.xyz"], "plot must be a file with one of the extensions"),
    ],
)
def test_one_line_for_bad_input(run, arguments, message):
    status, out, err = run("flow", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_tables_are_written_between_their_markers(run, tmp_path, monkeypatch):
    table = Table("Title", "Note.", ("name", "value"), (("a", "1"),))
    monkeypatch.setattr(command, "table_of", lambda name: table)
    document = tmp_path / "page.md"
    document.write_text("x\n<!-- flow-order:begin -->\nold\n<!-- flow-order:end -->\ny\n", encoding="utf-8")
    assert run("flow-tables", "order", "--update", str(document))[0] == 0
    text = document.read_text(encoding="utf-8")
    assert "| a | 1 |" in text
    assert "old" not in text
    assert text.startswith("x\n")
    assert text.endswith("\ny\n")
    status, _, err = run("flow-tables", "noise", "--update", str(document))
    assert (status, document.read_text(encoding="utf-8")) == (2, text)
    assert "flow-noise:begin" in err
    assert "Title" in run("flow-tables", "order")[1]
    assert run("flow-tables", "speed")[0] == 2


def test_markers_come_in_pairs():
    for broken in ("", "<!-- a:end --><!-- a:begin -->", "<!-- a:begin --><!-- a:begin --><!-- a:end -->"):
        with pytest.raises(ValueError, match="must have one"):
            replaced(broken, "a", "body")


def test_where_an_error_passes_a_level():
    errors = [1e-4 * 10 ** (k / 3) for k in range(10)]
    assert shown_passing(errors, 1e-2) == "0.01"
    assert shown_passing(errors, 1.0) == f"> {RATES[-1]:g}"
    assert shown_passing([1.0] * 10, 0.5) == f"< {RATES[0]:g}"
    assert shown_passing([float("nan")] * 10, 0.5) == "–"
