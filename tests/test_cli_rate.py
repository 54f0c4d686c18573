"""``adamtheory rate`` and ``rate-table`` as a user meets them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from adamtheory.cli import app

RUNNER = CliRunner()
LOSS = ("--smoothness", "10", "--strong-convexity", "1")


def run(*arguments):
    return RUNNER.invoke(app, ["rate", *arguments])


@pytest.mark.parametrize("flow", ["adam", "rmsprop", "adagrad"])
def test_every_flow(flow):
    found = run("--flow", flow, *LOSS)
    assert found.exit_code == 0
    assert "decays like exp(-rho t)" in found.output
    assert "adamtheory verify --select" in found.output
    assert ("sharp" in found.output) == (flow == "adagrad")


def test_json_and_plot(tmp_path):
    picture = tmp_path / "rate.png"
    found = run("--flow", "rmsprop", "--smoothness", "10", "--kl", "1", "0.75", "--json", "--plot", str(picture))
    assert found.exit_code == 0
    data = json.loads(found.output)
    assert data["kind"] == "power"
    assert data["value"] == pytest.approx(2)
    assert data["theorem"] == "gap_decays_like_a_power"
    assert picture.stat().st_size > 5000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--strong-convexity", "1"), "smoothness must be given"),
        (("--smoothness", "1"), "exactly one of the three"),
        (("--smoothness", "1", "--pl", "2", "--flow", "rmsprop"), "at most smoothness"),
        (("--smoothness", "1", "--kl", "1", "1.5", "--flow", "rmsprop"), "inside (1/2, 1)"),
        (("--initial-gap", "-1", *LOSS), "initial_gap must be"),
        (("--eps", "0", *LOSS), "adam_gap_decays_exponentially_from_rest needs it"),
        (("--flow", "sgd", *LOSS), "flow must be one of"),
        (("--smoothness", "10", "--pl", "1"), "strong_convexity for Adam"),
        (("--beta", "0.2", *LOSS), "energy decreases at all times"),
        (("--plot", "rate.txt", *LOSS), "rate.txt"),
    ],
)
def test_bad_input_is_one_line(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run(*arguments)
    assert found.exit_code == 2
    assert message in found.output
    assert len(found.output.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_table_needs_its_markers(tmp_path):
    file = tmp_path / "page.md"
    file.write_text("nothing here\n", encoding="utf-8")
    found = RUNNER.invoke(app, ["rate-table", "--update", str(file)])
    assert found.exit_code == 2
    assert "rates" in found.output
    assert file.read_text(encoding="utf-8") == "nothing here\n"
