"""The command `region`: where a point lies, in words and on the map, and what it refuses."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

from adamtheory.bounds import max_update
from adamtheory.cli import main
from adamtheory.methods import Adam
from adamtheory.notation import beta as beta_symbol
from adamtheory.notation import gamma as gamma_symbol
from adamtheory.notation import stability_exponent
from adamtheory.report.numbers import decimal, rounded
from adamtheory.report.region import Point

inside = st.fractions(min_value=0, max_value=1, max_denominator=50).filter(lambda x: x < 1)


@pytest.fixture
def run(capsys):
    def run(*arguments) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(["region", *(str(a) for a in arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return stop.value.code, out, err  # type: ignore[return-value]

    return run


@pytest.fixture
def said(run):
    def said(*arguments) -> str:
        status, out, err = run(*arguments)
        assert (status, err) == (0, "")
        return " ".join(out.split())

    return said


def test_pytorchs_defaults(said) -> None:
    text = said()
    assert text == said("--beta", "0.999", "--gamma", "0.9") == said("--betas", "0.9", "0.999")
    for part in (
        "Adam at β = 0.999, γ = 0.9, ε = 0; in PyTorch betas=(0.9, 0.999)",
        "The update is BOUNDED in the number of steps: γ² = 0.81 < 0.999 = β.",
        "Distance to the boundary: β - γ² = 0.189.",
        "At this β bounded for γ < 0.9994999 = √β; at this γ for β > 0.81 = γ².",
        "in region B+, C(β, γ) = 0.2212212 > 0. Both agree that the update is bounded.",
        "C = 0 at this β for γ = 0.9994997 = 2β/(1 + β), at this γ for β = 0.8181818 = γ/(2 - γ).",
        "The normal curve through the point is γ³ + 2β³ = 2.723006.",
        "Largest |update| over all gradients and all steps: 7.270292.",
    ):
        assert part in text


def test_the_strip(said) -> None:
    text = said("--beta", "0.5", "--gamma", "0.68")
    assert "BOUNDED in the number of steps: γ² = 0.4624 < 0.5" in text
    assert "in region B-, C(β, γ) = -0.05882353 < 0. The point is in the strip between the two boundaries" in text
    assert "all steps: 1.650274." in text


def test_the_curve_of_the_paper_is_in_the_strip(said) -> None:
    text = said("--beta", "1/2", "--gamma", "2/3")
    assert "in region B0, C(β, γ) = 0. The point is in the strip" in text
    assert "BOUNDED" in text


def test_on_the_exact_boundary(said) -> None:
    text = said("--beta", "0.81", "--gamma", "0.9")
    assert "UNBOUNDED, just so: γ² = 0.81 = β, where it grows like √n." in text
    assert "There is no largest |update|" in text
    assert "in region B-" in text


def test_beyond_both(said) -> None:
    text = said("--beta", "0.9", "--gamma", "0.95")
    assert "UNBOUNDED: γ² = 0.9025 > 0.9 = β. It grows like exp(0.001386963 n)" in text
    assert "Both agree that the update is unbounded. The theorem's bound grows like exp(0.002923977 n)." in text


@pytest.mark.parametrize(
    ("point", "parts"),
    [
        (("--gamma", "0"), ("BOUNDED in the number of steps: there is no momentum", "31.62278.")),
        (("--beta", "0", "--gamma", "0"), ("there is no momentum", "all steps: 1.")),
        (("--beta", "0"), ("UNBOUNDED from the second step on", "At this γ bounded for β > 0.81 = γ².")),
    ],
)
def test_edges(said, point, parts) -> None:
    text = said(*point)
    assert "C(β, γ) is not defined where β or γ is 0." in text
    for part in parts:
        assert part in text


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--beta", "1"), "beta must be in [0, 1), got '1'"),
        (("--gamma", "-1e-9"), "gamma must be in [0, 1)"),
        (("--gamma", "much"), "gamma must be"),
        (("--beta", ""), "beta must be"),
        (("--gamma", "0.9,0.8"), "gamma must be one value"),
        (("--beta", "0.9", "--betas", "0.9", "0.999"), "betas must be left out with --beta and --gamma"),
    ],
)
def test_refusals(run, arguments, part) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("adamtheory: ")
    assert err.count("\n") == 1
    assert part in err


@given(inside, inside)
@example(Fraction(1, 2), Fraction(2, 3))
@example(Fraction(81, 100), Fraction(9, 10))
@example(Fraction(0), Fraction(1, 2))
@example(Fraction(0), Fraction(0))
def test_the_regions_against_the_bound_and_the_formula(beta, gamma) -> None:
    at = Point(beta, gamma)
    assert at.bounded == max_update(Adam(beta=beta, gamma=gamma)).stable.holds
    if at.exponent is None:
        assert beta == 0 or gamma == 0
        return
    values = {beta_symbol: sp.Rational(beta), gamma_symbol: sp.Rational(gamma)}
    size = stability_exponent().subs(values)
    assert at.exponent == Fraction(int(size.p), int(size.q))
    # C > 0 is the smaller region
    assert at.bounded or at.exponent < 0
    assert at.in_strip == (at.bounded and at.exponent <= 0)
    assert Point(beta, at.printed_gamma).exponent == Point(at.printed_beta, gamma).exponent == 0


def test_the_growth_is_that_of_the_bound() -> None:
    at = Point(Fraction(9, 10), Fraction(95, 100))
    method = Adam(beta=at.beta, gamma=at.gamma)
    one, other = (max_update(method, steps=steps).value for steps in (20_000, 20_001))
    assert at.growth == pytest.approx(math.log(other / one), rel=1e-9)


def test_numbers() -> None:
    assert decimal(Fraction(999, 1000)) == "0.999"
    assert decimal(Fraction(1, 3)) == "0.3333333"
    assert decimal(1 - Fraction(1, 10**12)) == "0.999999999999"
    assert decimal(Fraction(-5, 2)) == "-2.5"
    assert rounded(Fraction(1, 10**400)) == "1.000000e-400"
    assert (rounded(math.inf), rounded(-math.inf), rounded(math.nan)) == ("infinite", "-infinite", "undefined")


class TestMap:
    @pytest.fixture(autouse=True)
    def _matplotlib(self):
        pytest.importorskip("matplotlib")

    @pytest.mark.parametrize("extension", ["png", "svg", "pdf"])
    def test_a_picture_is_written(self, said, tmp_path, extension) -> None:
        target = tmp_path / f"map.{extension}"
        assert "BOUNDED" in said("--plot", target)
        assert target.stat().st_size > 10_000

    def test_the_curves_are_those_of_the_theory(self) -> None:
        from adamtheory.report.region_figure import region_figure

        whole, near = region_figure(Point(Fraction(1, 2), Fraction(1, 4))).axes
        levels, normals, boundaries = set(), set(), {"exact": 0, "printed": 0}
        for axes in (whole, near):
            for line in axes.get_lines():
                if line.get_marker() == "*":
                    continue
                pairs = [(x, y) for x, y in line.get_xydata().tolist() if not math.isnan(y)]
                if axes is near:
                    pairs = [(1 - x, 1 - y) for x, y in pairs]
                chosen = pairs[20:-20:9]
                assert len(chosen) > 5
                colour, style = line.get_color(), line.get_linestyle()
                if style == ":":
                    sizes = [y**3 + 2 * x**3 for x, y in chosen]
                    normals.add(round(sizes[0], 6))
                else:
                    sizes = [2 * (1 - y) / y - (1 - x) / x for x, y in chosen]
                if colour == "#000000":
                    boundaries["exact"] += all(y**2 == pytest.approx(x, rel=1e-12) for x, y in chosen)
                    continue
                assert sizes == pytest.approx([sizes[0]] * len(sizes), rel=1e-6, abs=1e-9)
                if style == "--":
                    boundaries["printed"] += abs(sizes[0]) < 1e-9
                elif style == "-":
                    levels.add(round(sizes[0], 5))
        assert boundaries == {"exact": 2, "printed": 2}
        assert levels == {-4, -1, 1, 4, 16, *(s * 10.0**-e for s in (-1, 1) for e in (1, 2, 3, 4))}
        assert {0.05, 0.25, 0.7, 1.4, 2.1, 2.6, 2.0, 2.9, 2.99, 2.999, 2.9999} == normals

    def test_the_point_is_marked_where_it_is_in_view(self) -> None:
        from adamtheory.report.region_figure import region_figure

        def stars(beta: str, gamma: str) -> list:
            axes = region_figure(Point(Fraction(beta), Fraction(gamma))).axes
            return [[x for x in a.get_lines() if x.get_marker() == "*"] for a in axes]

        whole, near = stars("0.999", "0.9")
        assert whole[0].get_xydata().tolist() == [[0.999, 0.9]]
        assert near[0].get_xydata()[0] == pytest.approx([0.001, 0.1])
        whole, near = stars("0.3", "0.2")
        assert (len(whole), len(near)) == (1, 0)

    @pytest.mark.parametrize("name", ["map.docx", "map", "missing/map.png"])
    def test_files_that_cannot_be(self, run, tmp_path, name) -> None:
        status, out, err = run("--plot", tmp_path / name)
        assert (status, out) == (2, "")
        assert err.count("\n") == 1
