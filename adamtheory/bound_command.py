"""``adamtheory bound``: the largest update of a method in closed form: in words, JSON, LaTeX or source code."""

from __future__ import annotations

import json
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamtheory.terminal import OK, UNEXPECTED, require_writable, usage, width

if TYPE_CHECKING:
    from adamtheory.bounds.bound import Bound
    from adamtheory.proof.verdict import Result

SOURCES = ("python", "numpy", "torch", "c")
FORMATS = ("text", "json", "latex", *SOURCES)
_MOST_DIGITS = 4000
_POWER = re.compile(r"(\d+)\*\*(\d+)")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command("bound")
    def bound_command(
        method: Annotated[str, typer.Option(help="adam, kadam, nadam, … (an unknown name lists them).")] = "adam",
        beta: Annotated[
            list[str] | None,
            typer.Option(help="Decay of the second moment; for kadam one a level, repeated or between commas."),
        ] = None,
        gamma: Annotated[list[str] | None, typer.Option(help="Decay of the first moment, likewise.")] = None,
        betas: Annotated[
            tuple[str, str] | None,
            typer.Option(help="Both in PyTorch's order: --betas 0.9 0.999 is gamma, then beta.", metavar="GAMMA BETA"),
        ] = None,
        k: Annotated[int | None, typer.Option(help="Levels of kadam.")] = None,
        strategy: Annotated[str | None, typer.Option(help="How kadam makes the levels from one beta, gamma.")] = None,
        level: Annotated[int | None, typer.Option(help="This level of kadam; the last when left out.")] = None,
        setting: Annotated[
            list[str] | None,
            typer.Option("--set", help="Any field of the method: --set alpha=5.", metavar="NAME=VALUE"),
        ] = None,
        steps: Annotated[
            str | None,
            typer.Option(help="Gradients seen (1, 500, 10**30); all of them when left out. Continuous: t/h."),
        ] = None,
        time: Annotated[str, typer.Option(help="discrete or continuous.")] = "discrete",
        zeros: Annotated[
            str | None,
            typer.Option(help="Vanishing denominators: nonzero-start, zero-over-zero or eps.", show_default=False),
        ] = None,
        form: Annotated[str, typer.Option("--format", help=", ".join(FORMATS) + ".", metavar="FORMAT")] = "text",
        prove: Annotated[bool, typer.Option("--prove", help="Also prove it, and print the root of trust.")] = False,
        plot: Annotated[
            Path | None, typer.Option(help="Also draw the bound against the steps there.", metavar="FILE")
        ] = None,
        output: Annotated[
            Path | None, typer.Option(help="Write there instead of to standard output.", metavar="FILE")
        ] = None,
    ) -> int:
        """The largest update of a method over all gradient sequences: number, formula, stability, worst gradients.

        Exit status: 0; 1 with --prove where it is not proved at these hyperparameters; 2 unusable input.
        """
        from adamtheory.bounds import max_update
        from adamtheory.method_options import method_from_options
        from adamtheory.report.bound import proved
        from adamtheory.validation import one_of, reject

        with usage():
            one_of("format", form, FORMATS)
            if prove and form not in ("text", "json"):
                reject("prove", prove, "left out unless --format is text or json")
            chosen = method_from_options(
                method,
                beta=beta or (),
                gamma=gamma or (),
                betas=betas,
                named={"k": k, "strategy": strategy},
                settings=setting or (),
            )
            count = None if steps is None else steps_from_text(steps, time)
            if plot is not None:
                from adamtheory.report.plots import require_drawing

                require_drawing(plot)
            for target in (plot, output):
                require_writable(target)
            bound = max_update(chosen, steps=count, time=time, zeros=zeros, level=level)  # type: ignore[arg-type]
            proof = bound.proof() if prove else None
            text = rendered(bound, form, proof=proof, steps=steps, level=level)
            if plot is not None:
                draw(bound, plot, level)
            if output is None or str(output) == "-":
                sys.stdout.write(text)
            else:
                output.write_text(text, encoding="utf-8")
        return OK if proof is None or proved(bound, proof) else UNEXPECTED


def steps_from_text(text: str, time: str) -> int | Fraction:
    """A number of steps as people write it: 500, 1e6, 10**30; in continuous time also 3.5.

    Raises ValueError for anything else."""
    from adamtheory.lowering import exact_fraction
    from adamtheory.validation import reject

    allowed = "a number >= 0" if time == "continuous" else "an integer >= 1"
    power = _POWER.fullmatch(text.strip())
    try:
        if power is not None:
            if len(power[1]) * int(power[2]) > _MOST_DIGITS:
                raise ValueError
            number = Fraction(int(power[1]) ** int(power[2]))
        else:
            number = exact_fraction(text.strip(), "steps")
    except ValueError:
        reject("steps", text, f"{allowed} of at most {_MOST_DIGITS} digits")
    smallest = 0 if time == "continuous" else 1
    whole = number.denominator == 1
    if number < smallest or number >= 10**_MOST_DIGITS or not (whole or time == "continuous"):
        reject("steps", text, f"{allowed} of at most {_MOST_DIGITS} digits")
    return int(number) if whole else number


def rendered(
    bound: Bound,
    form: str,
    *,
    proof: tuple[Result, ...] | None = None,
    steps: str | None = None,
    level: int | None = None,
) -> str:
    """The bound in one of ``FORMATS``, ending in a line break."""
    from adamtheory.report.bound import described, payload

    if form == "text":
        return described(bound, proof=proof, steps=steps, level=level, width=width())
    if form == "json":
        data: dict[str, Any] = payload(bound, proof=proof, steps=steps, level=level)
        return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if form == "latex":
        return bound.latex() + "\n"
    return bound.source(form).rstrip("\n") + "\n"


def draw(bound: Bound, target: Path, level: int | None = None) -> None:
    """The bound against the steps, to a file."""
    from adamtheory.report.bound_figure import bound_figure
    from adamtheory.report.plots import save

    save(bound_figure(bound, level), target)
