"""``adamtheory errata``: the table of what is false as printed, and of what is proved instead."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from adamtheory.terminal import (
    WORTH_WORKERS,
    Paths,
    Seed,
    Trials,
    Workers,
    pool,
    progress_shown,
    require_writable,
    say_that_it_runs,
    usage,
    width,
    worker_count,
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command("errata")
    def errata_command(
        paths: Paths = None,
        form: Annotated[
            str, typer.Option("--format", help="text, markdown, latex or json.", metavar="FORMAT")
        ] = "text",
        output: Annotated[
            Path | None, typer.Option(help="Write the table there instead of to standard output.", metavar="FILE")
        ] = None,
        standalone: Annotated[
            bool, typer.Option("--standalone", help="With --format latex: a complete document, not a fragment.")
        ] = False,
        insert: Annotated[
            Path | None,
            typer.Option(help="Also write the short list between the errata markers of this file.", metavar="FILE"),
        ] = None,
        select: Annotated[
            str | None, typer.Option(help="Only statements whose name, title or source matches.", metavar="PATTERN")
        ] = None,
        trials: Trials = 4,
        seed: Seed = 0,
        workers: Workers = None,
    ) -> int:
        """The table of what is false as printed, with witnesses, and what is proved instead. RUNS THE CODE in PATH.

        Witnesses are checked and repaired forms proved for it, with what they cite and nothing else. Exit status: 0;
        1 where a witness does not refute its statement or a repaired form is not proved (nothing is written then);
        2 unusable input.
        """
        from adamtheory.report.errata import carried_out, repairs
        from adamtheory.report.errata_formats import FORMATS, rendered
        from adamtheory.report.errata_text import brief, inserted
        from adamtheory.validation import one_of, reject
        from adamtheory.verification import Request

        with usage():
            given = tuple(map(str, paths)) if paths else None
            one_of("format", form, FORMATS)
            if standalone and form != "latex":
                reject("standalone", standalone, "left out unless --format is latex")
            request = Request(paths=given, select=select, trials=trials, seed=seed, runs=False)
            workers = worker_count(workers)
            require_writable(output)
            page = None if insert is None else inserted(insert.read_text(encoding="utf-8"), "", str(insert))
        say_that_it_runs(given)
        with usage():
            many = len(repairs(request)) >= WORTH_WORKERS
        with pool(workers if many else 1) as executor, progress_shown(quiet=False) as progress:
            found = carried_out(request, executor=executor, progress=progress)
        for failure in (*found.failures, *(f"BROKEN {reason}" for reason in found.broken)):
            sys.stderr.write(f"{failure}\n")
        text = rendered(found, form, standalone=standalone, width=width())
        with usage():
            if output is None or str(output) == "-":
                sys.stdout.write(text)
            elif not found.exit_status:
                output.write_text(text, encoding="utf-8")
            if insert is not None and page is not None and not found.exit_status:
                insert.write_text(inserted(page, brief(found)), encoding="utf-8")
        return found.exit_status
