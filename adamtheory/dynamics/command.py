"""``adamtheory measure``: the dynamics of weight norms on recorded training runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

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
    ) -> int:
        """Measure the theorems on weight norms on recorded training: Theorem 2 printed, repaired and true.

        Exit status: 0 all exact statements hold, 1 one is violated by more than rounding, 2 unusable input.
        """
        with refusing():
            if output is not None and (output.is_dir() or not output.parent.is_dir()):
                raise ValueError(f"output must be a file in a folder that exists, got {str(output)!r}")
            text, broken = measured(files or [], "json" if as_json else form)
            if output is None:
                sys.stdout.write(text)
            else:
                output.write_text(text, encoding="utf-8")
        for line in broken:
            sys.stderr.write(f"VIOLATED {line}\n")
        return _VIOLATED if broken else _HOLDS


def measured(files: list[Path], form: str) -> tuple[str, tuple[str, ...]]:
    """The measurement of the files (those of the checkout for none) in a format, and its violated statements.

    Raises ValueError, in one line, for an unknown format, for a file that is no recording, for two of one name, and
    where there are no files at all.
    """
    from adamtheory.dynamics.files import default_files, load_dynamics
    from adamtheory.dynamics.measurement import measure
    from adamtheory.dynamics.tables import as_markdown, as_text
    from adamtheory.validation import one_of, reject

    one_of("format", form, _FORMATS)
    chosen = files or list(default_files())
    if not chosen:
        raise ValueError("no FILE was given, and an installed package carries no recordings: see docs/dynamics.md")
    records = {}
    for path in chosen:
        name = run_name(path)
        if name in records:
            reject("FILE", os.fspath(path), "a recording of another name than the ones before it")
        records[name] = load_dynamics(path)
    measurement = measure(records)
    if form == "json":
        return measurement.to_json() + "\n", measurement.broken
    return (as_text if form == "text" else as_markdown)(measurement), measurement.broken


def run_name(path: Path) -> str:
    """A run's name is its file's, without the extension and the leading dynamics_."""
    return path.stem.removeprefix("dynamics_")
