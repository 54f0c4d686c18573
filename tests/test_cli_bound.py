"""The command `bound`: what it says in every format, and what it refuses, in one line."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from adamtheory.bounds import max_update
from adamtheory.cli import main
from adamtheory.methods import METHODS, Adam, AdEMAMix, KAdam, RMSProp

ADAM = ("bound", "--beta", "0.999", "--gamma", "0.9")
STRIP = ("bound", "--beta", "0.5", "--gamma", "0.68")  # gamma^2 < beta, though C < 0


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


@pytest.fixture
def said(run):
    """The output of a run that must succeed, its line breaks taken out."""

    def said(*arguments) -> str:
        status, out, err = run(*arguments)
        assert (status, err) == (0, "")
        return " ".join(out.split())

    return said


@pytest.fixture
def refused(run):
    """The one line of a run that must be refused."""

    def refused(*arguments) -> str:
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith("adamtheory: ")
        assert err.count("\n") == 1
        return err

    return refused


@pytest.fixture
def loaded(run):
    def loaded(*arguments) -> dict:
        status, out, err = run(*arguments, "--format", "json")
        assert (status, err) == (0, "")

        def reject(constant):
            raise AssertionError(f"{constant} is not JSON")

        return json.loads(out, parse_constant=reject)

    return loaded


def test_adam_over_all_steps(said) -> None:
    text = said(*ADAM)
    bound = max_update(Adam(beta="0.999", gamma="0.9"))
    low, high = bound.enclosure
    for part in (
        "Largest |update| of adam at β = 0.999, γ = 0.9, ε = 0, over all steps",
        "value 7.270292, exact: no gradients exceed it",
        f"It lies between {low!r} and {high!r}.",
        "No gradients reach it, but they come as close as you like",
        "STABLE: the bound stays finite as the steps increase if and only if γ² < β.",
        "γ² = 0.81, β = 0.999: distance to the boundary 0.189.",
        "At this β stable for γ < 0.9994999; at this γ for β > 0.81.",
        "the newest last: 0.5934513, 0.658731, 0.7311914, 0.8116224, 0.9009009, 1",
        "The update after them reaches the largest after 6 gradients, 1.015634.",
        "Going back in time each is 0.9009009 times the next",
        "C(β, γ) = 0.2212212, region B+.",
        "as printed, as the steps increase: 7.466668, true here, 2.7 % above the exact 7.270292.",
    ):
        assert part in text


def test_the_defaults_are_those_of_the_method(said) -> None:
    assert said("bound") == said("bound", "--method", "adam") == said(*ADAM)
    assert "of rmsprop at β = 0.99, ε = 0" in said("bound", "--method", "rmsprop")


def test_pytorchs_order(said) -> None:
    assert said("bound", "--betas", "0.9", "0.999") == said(*ADAM)
    assert said("bound", "--betas", "0.68", "0.5") == said(*STRIP)


def test_after_some_steps(said) -> None:
    text = said(*ADAM, "--steps", 100)
    assert "after 100 gradients" in text
    assert "value 2.243364, exact" in text
    assert "Some gradients reach it (convention: the first gradient is not 0)." in text
    assert "as printed: 2.303959, true here, 2.7 % above the exact 2.243364." in text


def test_where_the_printed_bound_is_false(said, loaded) -> None:
    # n = 0 at C = 0: sqrt(n) = 0, and the first update is 1
    point = ("bound", "--beta", "1/2", "--gamma", "2/3", "--steps", 1)
    text = said(*point)
    assert "region B0." in text
    assert "as printed: 0, FALSE here: below the exact 1." in text
    theorem = loaded(*point)["theorem_1"]
    assert theorem["printed_holds"] is False
    assert theorem["repaired_holds"] is True
    assert float(theorem["repaired"]) >= 1


def test_in_the_strip_between_the_boundaries(said) -> None:
    text = said(*STRIP, "--steps", 50)
    assert "STABLE" in text
    assert "region B-." in text
    assert "as printed: 8.198993, true here, 5 times the exact 1.633636." in text
    assert "It grows with the steps here, since C ≤ 0; the exact value does not, since γ² < β." in text


def test_where_it_is_unstable(said) -> None:
    text = said("bound", "--beta", "0.9", "--gamma", "0.95")
    assert "value infinite: over all steps it exceeds every number." in text
    assert "NOT STABLE" in text
    assert "distance to the boundary -0.0025" in text
    assert "as N → ∞" not in text


@pytest.mark.parametrize("count", ["10**30", "1e30", str(10**30)])
def test_very_many_steps(said, loaded, count) -> None:
    assert "value 7.270292, exact" in said(*ADAM, "--steps", count)
    huge = loaded("bound", "--beta", "0.9", "--gamma", "0.95", "--steps", count)
    assert huge["value"] is None
    assert huge["value_text"].startswith("6.282077e+602350569185329027566677777")
    assert huge["steps"] == count


def test_kadam_by_levels_and_by_strategy(said, loaded) -> None:
    text = said("bound", "--method", "kadam", "--beta", "0.9,0.99", "--gamma", "0.5", "--gamma", "0.6")
    assert "β_1 = 0.9, γ_1 = 0.5, β_2 = 0.99, γ_2 = 0.6" in text
    assert "an upper bound: no gradients exceed it; the true largest may be smaller." in text
    assert "worst" not in text  # those known are inputs of the last level, not gradients
    found = loaded("bound", "--method", "kadam", "--k", 3, "--strategy", "exp", "--steps", 1000)
    method = KAdam(k=3, strategy="exp")
    assert found["value"] == max_update(method, steps=1000).value
    assert found["hyperparameters"]["betas[2]"] == str(method.betas[2]) == "997002999/1000000000"
    one = ("bound", "--method", "kadam", "--k", 2, "--betas", "0.9", "0.999")
    assert loaded(*one)["hyperparameters"]["gammas[1]"] == "9/10"


def test_one_level_of_kadam(said, loaded, refused) -> None:
    pair = ("bound", "--method", "kadam", "--beta", "0.9,0.99", "--gamma", "0.5,0.6", "--steps", 5)
    first = loaded(*pair, "--level", 1)
    assert (first["kind"], first["level"]) == ("exact", 1)
    adam = ("bound", "--beta", "0.9", "--gamma", "0.5", "--steps", 5)
    assert first["value"] == loaded(*adam)["value"]
    text = said(*pair, "--level", 1)
    assert "Largest |update| of level 1 of kadam" in text
    assert said(*adam).split(" worst ")[1].split(" Theorem 1")[0] in text
    assert "level must be an integer >= 1 and <= 2, got 3" in refused(*pair, "--level", 3)
    assert "level must be an integer" in refused(*ADAM, "--level", 2)


def test_irrational_levels(said) -> None:
    text = said("bound", "--method", "kadam", "--k", 2, "--strategy", "inverse-exp", "--steps", 10)
    assert "β_1 = 0.9683772" in text
    assert "an upper bound" in text


def test_an_irrational_first_level(said) -> None:
    levels = ("--k", 3, "--strategy", "inverse-exp", "--beta", "0.5", "--gamma", "0", "--level", 1)
    assert f"value {0.5 ** (-1 / 6):.7g}, exact" in said("bound", "--method", "kadam", *levels)


def test_without_any_memory(said) -> None:
    text = said("bound", "--beta", "0", "--gamma", "0")
    assert "value 1, exact" in text
    assert "At a decay factor of 0 this is 0/0" in text
    assert "STABLE: the bound stays finite as the steps increase, since a factor of 0 remembers nothing." in text
    assert "if and only if" not in text
    text = said("bound", "--beta", "0", "--gamma", "0.5")
    assert "NOT STABLE: the bound stays finite as the steps increase if and only if γ² < β." in text
    assert "the larger is the update: there is no largest." in text


def test_settings_by_name(loaded) -> None:
    found = loaded("bound", "--method", "ademamix", "--set", "alpha=5", "--set", "gamma_slow=0.9", "--steps", 30)
    assert found["hyperparameters"]["alpha"] == "5"
    assert found["value"] == max_update(AdEMAMix(alpha=5, gamma_slow="0.9"), steps=30).value
    assert loaded(*ADAM, "--set", "eps_mode=paper")["value"] == loaded(*ADAM)["value"]


def test_the_convention_for_zeros(said) -> None:
    free = ("bound", "--method", "rmsprop", "--steps", 5)
    assert "No gradients reach it" in said(*free)
    assert "Some gradients reach it (convention: 0/0 counts as 0)" in said(*free, "--zeros", "zero-over-zero")


def test_continuous_time(said, loaded) -> None:
    text = said(*ADAM, "--time", "continuous", "--steps", "3.5")
    assert "at time t = 3.5 h" in text
    assert "value 0.9730515, exact" in text
    assert "(n = t/h is the time in steps)" in text
    assert "as printed: 1.32543, true here, 36 % above the exact 0.9730515." in text
    assert "as printed, as the steps increase: 7.466668, true here, and equal to the exact one." in said(
        *ADAM, "--time", "continuous"
    )
    assert loaded(*ADAM, "--time", "continuous")["worst_gradients"] is None


def test_where_the_largest_is_on_the_way(said) -> None:
    text = said("bound", "--method", "nadam")
    assert "value 14.61371, exact" in text
    # the momentum factors tend to gamma: the newest gradient has the weight (1 - gamma)(1 + gamma), older ones
    # gamma^(lag + 1) (1 - gamma)
    older = sum((0.1 * 0.9 ** (lag + 1)) ** 2 / (0.001 * 0.999**lag) for lag in range(1, 2000))
    end = math.sqrt(0.19**2 / 0.001 + older)
    assert f"It is the largest on the way: as the steps increase the bound falls to {end:.7g}." in text
    assert "Some gradients reach it" in text
    assert "μ_product the state of that name after them" in text
    assert "on the way" not in said(*ADAM)
    assert "on the way" not in said("bound", "--method", "nadam", "--steps", 5)


def test_momentum_has_no_bound(said, loaded) -> None:
    text = said("bound", "--method", "momentum")
    assert "unbounded: no number bounds the update over all gradients" in text
    assert "max |g_k|" in text
    found = loaded("bound", "--method", "momentum")
    assert (found["kind"], found["value"], found["enclosure"]) == ("unbounded", None, [None, None])


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("steps", [(), ("--steps", 7)])
def test_every_method_is_described(said, name, steps) -> None:
    text = said("bound", "--method", name, *steps)
    assert f"Largest |update| of {name}" in text
    assert "nan" not in text
    assert "stability" in text


def test_json(loaded) -> None:
    found = loaded(*ADAM, "--steps", 3)
    bound = max_update(Adam(beta="0.999", gamma="0.9"), steps=3)
    assert found["hyperparameters"] == {"beta": "999/1000", "gamma": "9/10", "eps": "0"}
    assert found["worst_gradients"] == ["10000/12321", "100/111", "1"]
    assert found["value"] == bound.value
    assert found["enclosure"] == list(bound.enclosure)
    assert (found["kind"], found["attained"], found["steps"], found["time"]) == ("exact", True, "3", "discrete")
    assert found["stable"] == {"holds": True, "condition": "gamma**2 < beta"}
    assert found["latex"] == bound.latex()
    assert found["formula"] == str(bound.formula)
    assert "proof" not in found


def test_latex(run) -> None:
    status, out, _ = run(*ADAM, "--format", "latex")
    assert status == 0
    assert out == max_update(Adam()).latex() + "\n"


def test_python_source_computes_the_bound(run) -> None:
    status, out, err = run(*ADAM, "--format", "python")
    assert (status, err) == (0, "")
    names: dict = {}
    exec(out, names)  # noqa: S102 (the product's own output)
    expected = max_update(Adam(beta="0.999", gamma="0.9"), steps=100).value
    assert math.isclose(names["adam"](0.999, 0.9, 100), expected, rel_tol=1e-12)


@pytest.mark.parametrize(("form", "part"), [("numpy", "numpy"), ("torch", "torch"), ("c", "#include <math.h>")])
def test_other_languages(run, form, part) -> None:
    status, out, _ = run(*ADAM, "--format", form)
    assert status == 0
    assert part in out


def test_proof(run) -> None:
    status, out, _ = run(*ADAM, "--prove", "--format", "json")
    proof = {entry["name"]: entry for entry in json.loads(out)["proof"]}
    assert proof["adam_maximum"]["verdict"] == "PROVED"
    assert proof["adam_maximum"]["trust"]["rules"]
    assert status == int(any(entry["verdict"] != "PROVED" for entry in proof.values()))
    again, out, _ = run(*ADAM, "--prove")
    assert again == status
    text = " ".join(out.split())
    for name, entry in proof.items():
        assert f"{entry['verdict']} {entry['title'].rstrip('.')} ({name}; root of trust: " in text


def test_what_is_not_proved_says_so_in_the_status(run, monkeypatch) -> None:
    from dataclasses import replace

    from adamtheory.bounds import certificates
    from adamtheory.proof.verdict import Verdict

    first, *_ = certificates.certify(Adam().rule)
    found = {}
    for verdict in (Verdict.PROVED, Verdict.UNDECIDED):
        result = replace(first, verdict=verdict, detail="the reason")
        monkeypatch.setattr(certificates, "certify", lambda rule, result=result: (result,))
        status, out, _ = run(*ADAM, "--prove")
        found[verdict] = status
        assert "Not about these" not in out
        assert f"{verdict.value} {first.title.rstrip('.')}" in " ".join(out.split())
    assert found == {Verdict.PROVED: 0, Verdict.UNDECIDED: 1}


def test_theorems_about_other_hyperparameters_prove_nothing(run, monkeypatch) -> None:
    from adamtheory.bounds import certificates

    general = certificates.certify(Adam().rule)
    monkeypatch.setattr(certificates, "certify", lambda rule: general)
    point = ("bound", "--beta", "0.81", "--gamma", "0.9", "--prove", "--format", "json")
    status, out, _ = run(*point)
    missing = {entry["name"]: entry["violated_hypotheses"] for entry in json.loads(out)["proof"]}
    assert missing["adam_maximum"] == missing["adam_geometric_sum_of_ones"] == []
    assert missing["adam_geometric_sum"] == ["gamma**2 != beta"]
    assert status == 0
    status, out, _ = run("bound", "--gamma", "0", "--prove")
    assert status == 1
    assert "Not about these hyperparameters: it supposes 0 < γ." in " ".join(out.split())


def test_output_file(run, tmp_path) -> None:
    target = tmp_path / "bound.json"
    status, out, _ = run(*ADAM, "--format", "json", "--output", target)
    assert (status, out) == (0, "")
    assert json.loads(target.read_text())["method"] == "adam"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--method", "adamm"), "method must be one of 'adagrad', 'adam', "),
        (("--format", "xml"), "format must be one of 'text', 'json', 'latex', 'python', 'numpy', 'torch', 'c'"),
        (("--time", "noon"), "time must be one of 'discrete', 'continuous', got 'noon'"),
        (("--zeros", "never"), "zeros must be one of"),
        (("--steps", "3.5"), "steps must be an integer >= 1"),
        (("--steps", "-1"), "steps must be an integer >= 1"),
        (("--steps", "0"), "steps must be an integer >= 1"),
        (("--steps", "many"), "steps must be an integer >= 1"),
        (("--steps", "inf"), "steps must be an integer >= 1"),
        (("--steps", "10**10**10"), "steps must be an integer >= 1"),
        (("--steps", "9**999999999"), "steps must be an integer >= 1"),
        (("--steps", "1e4999"), "steps must be an integer >= 1"),
        (("--steps", "-1", "--time", "continuous"), "steps must be a number >= 0"),
        (("--beta", "1"), "beta must be in [0, 1), got '1'"),
        (("--gamma", "-0.1"), "gamma must be in [0, 1), got '-0.1'"),
        (("--gamma", "1.5"), "gamma must be in [0, 1), got '1.5'"),
        (("--beta", "nan"), "beta must be"),
        (("--beta", "0.9,0.99"), "beta must be one value (only kadam has levels)"),
        (("--beta", "0.9", "--betas", "0.9", "0.999"), "betas must be left out with --beta and --gamma"),
        (("--set", "beta=0.9", "--beta", "0.9"), "left out where --beta is given already"),
        (("--set", "alpha=1"), "alpha is not a setting of adam, which has: lr, beta, gamma, eps, eps_mode"),
        (("--set", "alpha"), "set must be of the form name=value, got 'alpha'"),
        (("--set", "eps_mode=other"), "eps_mode must be one of 'paper', 'torch', got 'other'"),
        (("--k", "2"), "k is not a setting of adam"),
        (("--method", "kadam", "--k", "0"), "k must be an integer >= 1"),
        (("--method", "kadam", "--beta", "0.9,0.9,0.9", "--k", "2"), "k=2 values"),
        (("--method", "kadam", "--set", "coupled=maybe"), "coupled must be true or false"),
        (("--method", "signsgd", "--gamma", "0.5"), "gamma is not a setting of signsgd"),
        (("--method", "rmsprop", "--time", "continuous"), "continuous time is derived for Adam's update alone"),
        (("--beta", "0", "--time", "continuous"), "beta must be above 0 in continuous time"),
        (("--prove", "--format", "c"), "prove must be left out unless --format is text or json"),
        (("--output", "no/such/folder/x"), "file must be in a folder that exists"),
    ],
)
def test_refusals(refused, arguments, part) -> None:
    assert part in refused("bound", *arguments)


def test_a_bound_without_source_says_so(refused) -> None:
    assert "source" in refused("bound", "--time", "continuous", "--format", "c")


PAGE = (Path(__file__).parent.parent / "docs" / "bounds.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^adamtheory (.*?)(?: +#.*)?$", PAGE, re.M)


def test_the_page_shows_what_the_command_prints(run, monkeypatch) -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)
    monkeypatch.setenv("COLUMNS", "120")
    assert run("bound") == (0, shown, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_page_run(said, tmp_path, monkeypatch, command) -> None:
    if "--plot" in command:
        pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    assert said(*command.split())


class TestPlot:
    """With matplotlib; without it the command says so in one line."""

    @pytest.fixture(autouse=True)
    def _matplotlib(self):
        pytest.importorskip("matplotlib")

    @pytest.mark.parametrize(
        "arguments",
        [(), ("--steps", 100), ("--beta", "0.9", "--gamma", "0.95"), ("--method", "rmsprop"), ("--time", "continuous")],
    )
    def test_a_picture_is_written(self, said, tmp_path, arguments) -> None:
        target = tmp_path / "bound.png"
        assert "value" in said("bound", *arguments, "--plot", target)
        assert target.read_bytes().startswith(b"\x89PNG")

    def test_what_is_drawn(self) -> None:
        from adamtheory.report.bound_figure import bound_figure

        bound = max_update(Adam(), steps=100)
        (axes,) = bound_figure(bound).axes
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        lines = {line.get_label(): line for line in axes.get_lines()}
        curve = lines["exact maximum"]
        for at, value in list(zip(*curve.get_data(), strict=True))[::20]:
            assert value == max_update(Adam(), steps=round(at)).value
        assert lines["limit 7.270292"].get_ydata()[0] == pytest.approx(max_update(Adam()).value, rel=1e-12)
        assert lines["2.243364 at 100"].get_xydata().tolist() == [[100.0, bound.value]]
        printed = lines["Gould & Tanaka, Theorem 1"].get_ydata()
        assert all(p >= u for p, u in zip(printed, curve.get_ydata(), strict=True))

    def test_no_theorem_1_for_another_method(self) -> None:
        from adamtheory.report.bound_figure import bound_figure

        (axes,) = bound_figure(max_update(RMSProp())).axes
        assert [line.get_label() for line in axes.get_lines()] == ["exact maximum", "limit 10"]

    def test_nothing_to_draw(self, refused, tmp_path) -> None:
        target = tmp_path / "momentum.png"
        assert "finite at some step" in refused("bound", "--method", "momentum", "--plot", target)
        assert not target.exists()

    @pytest.mark.parametrize(
        ("name", "part"),
        [("bound.mp3", "one of the extensions"), ("bound", "one of the extensions"), ("no/bound.png", "a folder")],
    )
    def test_files_that_cannot_be(self, refused, tmp_path, name, part) -> None:
        assert part in refused("bound", "--plot", tmp_path / name)


def test_without_matplotlib(refused, monkeypatch, tmp_path) -> None:
    import sys

    for module in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "plot needs matplotlib" in refused("bound", "--plot", tmp_path / "x.png")
