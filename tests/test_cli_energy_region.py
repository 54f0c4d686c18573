"""The command `energy-region`: a point in words and as JSON, the square, the picture, and what it refuses."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
import typer

from adamtheory import cli, energy_region_command


@pytest.fixture
def run(capsys):
    def run(*arguments) -> tuple[int, str, str]:
        if not any(command.name == "energy-region" for command in cli.app.registered_commands):
            energy_region_command.register(cli.app)
        with pytest.raises(SystemExit) as stop:
            cli.main(["energy-region", *(str(a) for a in arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return stop.value.code, out, err  # type: ignore[return-value]

    return run


@pytest.fixture
def said(run):
    def said(*arguments) -> str:
        status, out, err = run(*arguments)
        assert (status, err) == (0, "")
        return out

    return said


def test_pytorchs_defaults(said) -> None:
    text = said("--beta", "0.999")
    assert text == said("--gamma", "0.9") == said("--betas", "0.9", "0.999")
    assert "Adam's flow at β = 0.999, γ = 0.9, bias correction η(s), s in steps" in text
    assert text.count("The energy DECREASES at all times.") == 3
    assert "forward_euler: λ2/λ1 = 0.01\n" in text
    assert "inf c = 0.9416701, at s = 28.3125" in text


def test_the_verdicts(said) -> None:
    early = said("--beta", "1/2", "--gamma", "1e-8", "--convention", "forward_euler")
    assert "The energy need NOT decrease: c < 0 at s = 0.16206" in early
    assert "inf c = -0.09248514, at s = 0.16206" in early
    shifted = said("--beta", "1/2", "--gamma", "1e-8", "--convention", "forward_euler", "--shift", "1")
    assert "bias correction η(s + 1)" in shifted
    assert "DECREASES" in shifted
    late = said("--beta", "0.3", "--convention", "exact")
    assert "The energy need NOT decrease: c < 0 at s = 2" in late
    assert "inf c = -1.856793, as s → ∞" in late
    just = said("--beta", "0.6561", "--convention", "exact")
    assert "λ2/λ1 = 4\n" in just
    assert "DECREASES at all times, just so: c > 0 falls to 0." in just


def test_a_point_as_json(said) -> None:
    first, second = json.loads(
        said("--betas", "0.9", "0.3", "--json", "--convention", "exact", "--convention", "first_order")
    )
    assert [first["convention"], second["convention"]] == ["exact", "first_order"]
    assert (first["beta"], first["gamma"], first["sign"], first["decreases"]) == ("3/10", "9/10", -1, False)
    assert first["lower"] < -1.8567931 < first["upper"] + 1e-6
    assert second["lower"] <= -4.25 <= second["upper"]
    assert second["upper"] - second["lower"] < 1e-14
    assert second["rate_ratio"][0] <= 21 <= second["rate_ratio"][1]


def test_numbers_that_no_double_holds(said) -> None:
    arguments = ("--beta", "1e-2000", "--gamma", "1e-1000", "--convention", "first_order")
    assert "need NOT decrease" in said(*arguments)
    (found,) = json.loads(said(*arguments, "--json"))
    assert found["lower"] is None
    assert found["upper"] < -1e300


def test_the_square(said) -> None:
    text = said("--depth", "2")
    lines = {line.split()[0]: line.split() for line in text.splitlines() if line.startswith(("first", "forw", "exact"))}
    assert set(lines) >= {"first_order", "forward_euler", "exact"}
    assert "forward_euler: for γ ≥" in text
    assert "C > 0, and c is negative early on." in text
    assert "exact: it decreases at all times with inf c > 0 if and only if λ2 < 4 λ1." in text


def test_the_square_as_json(said) -> None:
    (found,) = json.loads(said("--depth", "1", "--json", "--convention", "forward_euler"))
    areas = [Fraction(found[f"{name}_area"]) for name in ("inner", "outer", "undecided")]
    assert sum(areas) == 1
    assert found["stability_suffices"] is False
    assert found["early_boxes"] >= found["stable_but_early_boxes"] > 0
    beta, gamma = map(Fraction, found["stable_example"])
    assert 2 * (1 - gamma) > 1 - beta
    (shifted,) = json.loads(said("--depth", "1", "--json", "--convention", "forward_euler", "--shift", "1"))
    assert (shifted["stability_suffices"], shifted["early_boxes"], shifted["stable_example"]) == (True, 0, None)


def test_the_picture(said, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    target = tmp_path / "energy.png"
    text = said("--beta", "0.99", "--depth", "0", "--plot", target)
    assert "β = 0.99" in text
    assert target.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--beta", "1"), "beta must be inside (0, 1), got '1'"),
        (("--gamma", "much"), "gamma must be"),
        (("--convention", "euler"), "convention must be one of 'first_order', 'forward_euler', 'exact', got 'euler'"),
        (("--shift", "-1"), "shift must be at least 0 steps, got '-1'"),
        (("--depth", "13"), "depth must be an integer >= 0 and <= 12, got 13"),
        (("--beta", "0.9", "--betas", "0.9", "0.999"), "betas must be left out with --beta and --gamma"),
        (("--beta", "0.9", "--plot", "energy.nothing"), "plot must be a file with one of the extensions"),
    ],
)
def test_refusals(run, arguments, part) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("adamtheory: ")
    assert err.count("\n") == 1
    assert part in err


def test_it_registers_on_any_app() -> None:
    app = typer.Typer()
    energy_region_command.register(app)
    assert [command.name for command in app.registered_commands] == ["energy-region"]
