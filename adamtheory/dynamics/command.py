"""``adamtheory measure``: the dynamics of weight norms on recorded training runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from adamtheory.dynamics.measurement import Measurement

_FORMATS = ("text", "markdown", "json")
_HOLDS, _VIOLATED = 0, 1


def register(app: typer.Typer, refusing: Callable[[], AbstractContextManager[None]]) -> None:
    """Add the command to ``app``; within ``refusing()``, a ValueError or OSError becomes one line and status 2."""

    @app.command("measure")
    def measure_command(
        files: Annotated[
            list[Path] | None,
            typer.Argument(
                help="Recordings of norm dynamics; those of the checkout when left out.",
                metavar="FILE",
                show_default=False,
            ),
        ] = None,
        form: Annotated[str, typer.Option("--format", help="text, markdown or json.", metavar="FORMAT")] = "text",
        as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
        output: Annotated[
            Path | None, typer.Option(help="Write there instead of to standard output.", metavar="FILE")
        ] = None,
        update: Annotated[
            Path | None,
            typer.Option(help="Rewrite the tables between the markers of this Markdown file.", metavar="FILE"),
        ] = None,
    ) -> int:
        """Measure the theorems on weight norms on recorded training: Theorem 2 printed, repaired and true.

        Exit status: 0 all exact statements hold, 1 one is violated by more than rounding, 2 unusable input.
        """
        from adamtheory.dynamics.tables import updated
        from adamtheory.validation import one_of

        with refusing():
            one_of("format", form, _FORMATS)
            target = update if output is None else output
            if target is not None and (target.is_dir() or not target.parent.is_dir()):
                raise ValueError(f"FILE must be in a folder that exists, got {str(target)!r}")
            if update is not None and output is not None:
                raise ValueError("output must be left out with --update")
            measurement = measured(files or [])
            if update is not None:
                text = updated(update.read_text(encoding="utf-8"), measurement)
            else:
                text = rendered(measurement, "json" if as_json else form)
            if target is not None:
                target.write_text(text, encoding="utf-8")
        if target is None:
            sys.stdout.write(text)
        for line in measurement.broken:
            sys.stderr.write(f"VIOLATED {line}\n")
        return _VIOLATED if measurement.broken else _HOLDS


def measured(files: Sequence[Path]) -> Measurement:
    """The measurement of the files, those of the checkout for none.

    Raises ValueError, in one line, for a file that is no recording, for two of one name, and where there are no files.
    """
    from adamtheory.dynamics.files import default_files, load_dynamics
    from adamtheory.dynamics.measurement import measure
    from adamtheory.validation import reject

    chosen = files or default_files()
    if not chosen:
        raise ValueError("no FILE was given, and an installed package carries no recordings: see docs/dynamics.md")
    records = {}
    for path in chosen:
        name = run_name(path)
        if name in records:
            reject("FILE", os.fspath(path), "a recording of another name than the ones before it")
        records[name] = load_dynamics(path)
    return measure(records)


def rendered(measurement: Measurement, form: str) -> str:
    """The measurement as "text", "markdown" or "json"."""
    from adamtheory.dynamics.tables import as_markdown, as_text

    if form == "json":
        return measurement.to_json() + "\n"
    return as_text(measurement) if form == "text" else as_markdown(measurement)


def run_name(path: Path) -> str:
    """A run's name is its file's, without the extension and the leading dynamics_."""
    return path.stem.removeprefix("dynamics_")
