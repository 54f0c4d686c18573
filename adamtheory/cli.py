"""The command line: ``adamtheory verify``, ``show``, ``list``, ``errata``, ``measure``, ``bound``, ``region``,
``flow``, ``flow-tables``, ``rate``, ``rate-table``, ``energy-region`` and
``lyapunov-search``.

Exit status: 0 all as expected; 1 an unexpected verdict, a failed check, or a fall behind the baseline; 2 an argument or
a proof file that cannot be used.  Errors are one line on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from adamtheory import (
    __version__,
    bound_command,
    energy_region_command,
    errata_command,
    flow_command,
    lyapunov_search_command,
    rate_command,
    region_command,
)
from adamtheory.dynamics import command as measuring
from adamtheory.flows.studies import command as flow_tables
from adamtheory.terminal import (
    OK,
    UNEXPECTED,
    USAGE,
    WORTH_WORKERS,
    Paths,
    Seed,
    Trials,
    Workers,
    console_for,
    fail,
    pool,
    progress_shown,
    require_writable,
    say_that_it_runs,
    usage,
    width,
    worker_count,
)

if TYPE_CHECKING:
    from rich.console import Console

    from adamtheory.report.report import Report
    from adamtheory.verification import Request

# typer carries its own copy of click in newer versions; the base class of its errors is the same thing in both.
_ClickException: Any = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="adamtheory",
    help="The theory of Adam and its relatives: derived, checked, tried on real runs, judged.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_Device = Annotated[str | None, typer.Option(help="Also run the checks on runs there: cuda, cuda:N.", metavar="D")]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script: run a command and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without these letters shows ? instead of failing
            stream.reconfigure(errors="replace")
    try:
        given = None if arguments is None else list(arguments)
        status = app(args=given, prog_name="adamtheory", standalone_mode=False)
    except _ClickException as error:
        fail(error.format_message())
    except (typer.Abort, KeyboardInterrupt):
        fail("interrupted", 130)
    except BrokenPipeError:
        # The reader of a pipe (head, less) has gone: nothing is left to say, also not at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    sys.exit(status if isinstance(status, int) else OK)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"adamtheory {__version__}")
        raise typer.Exit(OK)


@app.callback()
def _adamtheory(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The theory of Adam and its relatives: derived, checked, tried on real runs, judged."""


@app.command("verify")
def verify_command(
    paths: Paths = None,
    select: Annotated[
        str | None,
        typer.Option(help="Only statements whose name, title or source matches or contains this.", metavar="PATTERN"),
    ] = None,
    trials: Trials = 4,
    seed: Seed = 0,
    device: _Device = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the report there (- for standard output).", metavar="FILE")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Fail where the verdicts fall behind this file.", metavar="FILE")
    ] = None,
    new_baseline: Annotated[
        Path | None, typer.Option("--write-baseline", help="Write the verdicts there.", metavar="FILE")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what went wrong, and the summary line.")] = False,
    workers: Workers = None,
) -> int:
    """Judge theorems, and try them on optimizer runs. RUNS THE CODE in the files of PATH.

    Exit status: 0 all as expected, 1 an unexpected verdict, failed check or fall behind the baseline, 2 unusable input.
    """
    from adamtheory.report.baseline import differences, read_baseline, write_baseline
    from adamtheory.verification import Request

    with usage():
        given = tuple(map(str, paths)) if paths else None
        request = Request(paths=given, select=select, trials=trials, seed=seed, device=device)
        workers = worker_count(workers)
        before = None if baseline is None else read_baseline(baseline)
        if new_baseline is not None and select is not None:
            raise ValueError("select must be left out with --write-baseline: a baseline holds every statement")
        for target in (json_file, new_baseline):
            require_writable(target)
    if not quiet:
        say_that_it_runs(given)
    report = _carried_out(request, workers=workers, quiet=quiet)
    to_stdout = json_file is not None and str(json_file) == "-"
    _print_report(report, console_for(stderr=to_stdout), quiet=quiet)
    status = report.exit_status
    if before is not None:
        behind = differences(report, before)
        for difference in behind:
            sys.stderr.write(f"BEHIND THE BASELINE {difference}\n")
        status = status or (UNEXPECTED if behind else OK)
    with usage():
        if to_stdout:
            print(report.to_json())
        elif json_file is not None:
            json_file.write_text(report.to_json() + "\n", encoding="utf-8")
        if new_baseline is not None:
            write_baseline(new_baseline, report)
    return status


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="The name of a theorem (see: adamtheory list).", metavar="NAME")],
    paths: Paths = None,
    trials: Trials = 4,
    seed: Seed = 0,
    device: _Device = None,
) -> int:
    """Judge one theorem and print it: statement, chain step by step, rules, root of trust, verdict, checks."""
    from adamtheory.report.show import theorem_text
    from adamtheory.verification import Request, carry_out, chosen

    with usage():
        given = tuple(map(str, paths)) if paths else None
        request = Request(paths=given, name=name, trials=trials, seed=seed, device=device)
        chosen(request)
    say_that_it_runs(given)
    report = carry_out(request)
    for result in report:
        print(theorem_text(result, width=width()))
    return UNEXPECTED if report.unexpected else OK


@app.command("list")
def list_command(paths: Paths = None) -> int:
    """The names and titles of all statements, without judging them."""
    from adamtheory.proof.loading import load

    with usage():
        loaded = load([str(path) for path in paths] if paths else None)
    widest = max((len(s.name) for s in loaded.statements), default=0)
    for statement in loaded.statements:
        print(f"{statement.name:<{widest}}  {statement.title} ({statement.source})")
    for file in loaded.broken:
        sys.stderr.write(f"BROKEN {file.path}: {file.reason}\n")
    return USAGE if loaded.broken else OK


errata_command.register(app)
measuring.register(app, usage)
bound_command.register(app)
region_command.register(app)
flow_command.register(app)
flow_tables.register(app)
rate_command.register(app)
energy_region_command.register(app)
lyapunov_search_command.register(app)


def _carried_out(request: Request, *, workers: int, quiet: bool) -> Report:
    from adamtheory.verification import carry_out, chosen

    with usage():
        many = len(chosen(request)) >= WORTH_WORKERS
    with pool(workers if many else 1) as executor, progress_shown(quiet) as progress:
        return carry_out(request, executor=executor, progress=progress)


def _print_report(report: Report, console: Console, *, quiet: bool) -> None:
    from adamtheory.report.table import checks_table, notices, summary, verdict_table

    if not quiet:
        console.print(verdict_table(report))
        checks = checks_table(report)
        if checks is not None:
            console.print()
            console.print(checks)
        console.print()
    for line in notices(report):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(summary(report), markup=False, highlight=False, soft_wrap=True)
