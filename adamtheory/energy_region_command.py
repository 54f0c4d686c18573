"""``adamtheory energy-region``: where the energy of Adam's flow decreases at all times, at a point or in the square."""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamtheory.terminal import OK, require_writable, usage

if TYPE_CHECKING:
    from adamtheory.lyapunov.energy_coefficient import SmallestCoefficient
    from adamtheory.lyapunov.energy_region import EnergyRegion

_BETA, _GAMMA = "0.999", "0.9"
_SUFFICES = {True: "yes", False: "no", None: "not settled"}


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command("energy-region")
    def energy_region_command(
        beta: Annotated[
            str | None, typer.Option(help=f"Decay of the second moment ({_BETA} where only gamma is given).")
        ] = None,
        gamma: Annotated[
            str | None, typer.Option(help=f"Decay of the first moment ({_GAMMA} where only beta is given).")
        ] = None,
        betas: Annotated[
            tuple[str, str] | None,
            typer.Option(help="Both in PyTorch's order: --betas 0.9 0.999 is gamma, then beta.", metavar="GAMMA BETA"),
        ] = None,
        convention: Annotated[
            list[str] | None, typer.Option(help="first_order, forward_euler or exact; all of them when left out.")
        ] = None,
        shift: Annotated[
            str, typer.Option(help="Steps by which the bias correction is ahead: 0 (Heredia), 1 (Gould & Tanaka).")
        ] = "0",
        depth: Annotated[int, typer.Option(help="How often a cell of the square is halved, at most.")] = 6,
        plot: Annotated[Path | None, typer.Option(help="Also draw the certified boxes there.", metavar="FILE")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="The results' fields as JSON.")] = False,
    ) -> int:
        """Where the energy of Adam's flow decreases at all times, certified: at one (beta, gamma), or in the square.

        The square takes seconds. Exit status: 0; 2 unusable input.
        """
        from adamtheory.lyapunov.energy_coefficient import as_convention, smallest_coefficient
        from adamtheory.lyapunov.energy_region import energy_region
        from adamtheory.notation import DecayRate
        from adamtheory.validation import integer, reject

        with usage():
            if betas is not None:
                if beta is not None or gamma is not None:
                    reject("betas", betas, "left out with --beta and --gamma")
                gamma, beta = betas
            chosen = list(dict.fromkeys(as_convention(name) for name in convention or [c.name for c in DecayRate]))
            integer("depth", depth, minimum=0, maximum=12)
            at_point = beta is not None or gamma is not None
            beta, gamma = _BETA if beta is None else beta, _GAMMA if gamma is None else gamma
            points = [smallest_coefficient(beta, gamma, convention=one, shift=shift) for one in chosen]
            if plot is not None:
                from adamtheory.report.plots import require_drawing

                require_drawing(plot)
                require_writable(plot)
            regions = []
            if plot is not None or not at_point:
                regions = [energy_region(one, depth=depth, shift=shift) for one in chosen]
            if plot is not None:
                from adamtheory.report.energy_figure import energy_figure
                from adamtheory.report.plots import save

                save(energy_figure(regions, (points[0].beta, points[0].gamma)), plot)
            if as_json:
                data = [point_data(one) for one in points] if at_point else [region_data(one) for one in regions]
                sys.stdout.write(json.dumps(data, indent=2, allow_nan=False) + "\n")
            else:
                sys.stdout.write(point_text(points) if at_point else region_text(regions))
        return OK


def point_text(points: list[SmallestCoefficient]) -> str:
    """What holds at one point, a paragraph for each convention."""
    from adamtheory.report.numbers import decimal, rounded

    first = points[0]
    lines = [f"Adam's flow at β = {decimal(first.beta)}, γ = {decimal(first.gamma)}, {_correction(first.shift)}", ""]
    for one in points:
        low, high = one.rate_ratio
        size = f"λ2/λ1 = {rounded((low + high) / 2)}"
        middle, within = (one.lower + one.upper) / 2, one.upper - one.lower
        where = "as s → ∞" if one.steps is None else f"at s = {rounded(one.steps)}"
        if one.sign is None:
            verdict = "NOT DECIDED: the sign of inf c is not certified"
        elif one.sign >= 0:
            verdict = "The energy DECREASES at all times" + ("" if one.sign else ", just so: c > 0 falls to 0")
        else:
            reached = "" if one.rises_at is None else f" at s = {rounded(one.rises_at)}"
            verdict = f"The energy need NOT decrease: c < 0{reached}, where g = 0 and ε = 0 it grows"
        lines.append(f"{one.convention.name}: {size}")
        lines.append(f"  {verdict}.")
        lines.append(f"  inf c = {rounded(middle)}, {where} (enclosed to within {_scale(within)}).")
    return "\n".join(lines) + "\n"


def region_text(regions: list[EnergyRegion]) -> str:
    """The certified areas as a table, and what they say of the stability exponent C."""
    from adamtheory.lyapunov.energy_boxes import area
    from adamtheory.report.numbers import decimal, rounded
    from adamtheory.tabular import Table

    rows = tuple(
        (
            one.convention.name,
            f"{float(one.inner_area):.6f}",
            f"{float(one.outer_area):.6f}",
            f"{float(one.undecided_area):.6f}",
            f"{float(area(one.early)):.3g}",
            _SUFFICES[one.stability_suffices],
        )
        for one in regions
    )
    table = Table(
        "Where in the (β, γ) square the energy of Adam's flow decreases at all times",
        f"Areas of certified boxes, {_correction(regions[0].shift)}; early: of those where the energy can grow, with "
        "λ2 < 4 λ1, so that c is negative for a while only.",
        ("rates", "decreases", "can grow", "undecided", "early", "C > 0 suffices"),
        rows,
    )
    lines = [table.text()]
    for one in regions:
        if one.early_below == 0:
            lines.append(f"{one.convention.name}: it decreases at all times with inf c > 0 if and only if λ2 < 4 λ1.")
            continue
        lines.append(
            f"{one.convention.name}: for γ ≥ {rounded(one.early_below)} it decreases at all times with inf c > 0 if "
            "and only if λ2 < 4 λ1."
        )
        if one.stable_example is not None:
            beta, gamma = (decimal(x) if len(decimal(x)) < len(str(x)) else str(x) for x in one.stable_example)
            lines.append(f"  At β = {beta}, γ = {gamma}: C > 0, and c is negative early on.")
    return lines[0] + "\n\n" + "\n".join(lines[1:]) + "\n"


def point_data(one: SmallestCoefficient) -> dict[str, Any]:
    """The fields; brackets as doubles rounded outward, null where no double is on that side."""
    return {
        "beta": str(one.beta),
        "gamma": str(one.gamma),
        "convention": one.convention.name,
        "shift": str(one.shift),
        "lower": _double(one.lower, -math.inf),
        "upper": _double(one.upper, math.inf),
        "sign": one.sign,
        "decreases": one.decreases,
        "steps": None if one.steps is None else _double(one.steps, math.inf),
        "rises_at": None if one.rises_at is None else _double(one.rises_at, math.inf),
        "rate_ratio": [_double(one.rate_ratio[0], -math.inf), _double(one.rate_ratio[1], math.inf)],
    }


def region_data(one: EnergyRegion) -> dict[str, Any]:
    """Exact areas as fractions in text, numbers of boxes, and the relation to C."""
    from adamtheory.lyapunov.energy_boxes import area

    boxes = {
        name: getattr(one, name)
        for name in ("inner", "outer", "undecided", "early", "stable_but_early", "stable_undecided")
    }
    boxes["decreasing_not_stable"] = one.decreasing_not_stable
    return {
        "convention": one.convention.name,
        "shift": str(one.shift),
        **{f"{name}_area": str(area(found)) for name, found in boxes.items()},
        **{f"{name}_boxes": len(found) for name, found in boxes.items()},
        "early_below": str(one.early_below),
        "stability_suffices": one.stability_suffices,
        "stable_example": None if one.stable_example is None else [str(x) for x in one.stable_example],
    }


def _correction(shift: Fraction) -> str:
    from adamtheory.report.numbers import decimal

    return f"bias correction η(s + {decimal(shift)}), s in steps" if shift else "bias correction η(s), s in steps"


def _scale(width: Fraction) -> str:
    """A power of 10 at or above a width, which may be one that no double holds."""
    exponent = 0
    while width > Fraction(10) ** exponent:
        exponent += 1
    while exponent > -99 and width <= Fraction(10) ** (exponent - 1):
        exponent -= 1
    return f"1e{exponent}"


def _double(value: Fraction, towards: float) -> float | None:
    try:
        nearest = float(value)
    except OverflowError:
        return None if (value > 0) == (towards > 0) else sys.float_info.max * (1 if value > 0 else -1)
    inside = Fraction(nearest) < value if towards > 0 else Fraction(nearest) > value
    rounded = math.nextafter(nearest, towards) if inside else nearest
    return rounded if math.isfinite(rounded) else None
