"""The command line: ``adamtheory verify``, ``show``, ``list``, ``errata`` and ``measure``.

Exit status: 0 all as expected; 1 an unexpected verdict, a failed check, or a fall behind the baseline; 2 an argument or
a proof file that cannot be used.  Errors are one line on standard error.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from adamtheory import __version__
from adamtheory.dynamics import command as measuring

if TYPE_CHECKING:
    from rich.console import Console

    from adamtheory.report.report import Report
    from adamtheory.verification import Progress, Request

OK, UNEXPECTED, USAGE = 0, 1, 2
# Fewer statements than this are judged before worker processes would have started.
_WORTH_WORKERS = 8
_MOST_WORKERS = 8
_NARROWEST, _WIDEST = 100, 160

# typer carries its own copy of click in newer versions; the base class of its errors is the same thing in both.
_ClickException: Any = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="adamtheory",
    help="The theory of Adam and its relatives: derived, checked, tried on real runs, judged.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Files or folders of theorems; the library's own when left out. Their code is run.", metavar="PATH"
    ),
]
_Trials = Annotated[
    int, typer.Option(help="Random points at which each step is also evaluated; scales the checks on runs.")
]
_Seed = Annotated[int, typer.Option(help="Seed of everything random; equal seeds give equal results.")]
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
        _fail(error.format_message())
    except (typer.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except BrokenPipeError:
        # The reader of a pipe (head, less) has gone: nothing is left to say, also not at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    sys.exit(status if isinstance(status, int) else OK)


def _fail(message: str, status: int = USAGE) -> NoReturn:
    line = " ".join(message.split())
    if line:  # empty where typer has already shown its help
        sys.stderr.write(f"adamtheory: {line}\n")
    sys.exit(status)


@contextmanager
def _usage() -> Iterator[None]:
    """Refusals of arguments and of files become one line and status 2."""
    try:
        yield
    except (ValueError, TypeError, OSError) as error:
        _fail(str(error))


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
    paths: _Paths = None,
    select: Annotated[
        str | None,
        typer.Option(help="Only statements whose name, title or source matches or contains this.", metavar="PATTERN"),
    ] = None,
    trials: _Trials = 4,
    seed: _Seed = 0,
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
    workers: Annotated[
        int | None, typer.Option(help="Processes that share the work (default: one a core).", metavar="N")
    ] = None,
) -> int:
    """Judge theorems, and try them on optimizer runs. RUNS THE CODE in the files of PATH.

    Exit status: 0 all as expected, 1 an unexpected verdict, failed check or fall behind the baseline, 2 unusable input.
    """
    from adamtheory.report.baseline import differences, read_baseline, write_baseline
    from adamtheory.validation import integer
    from adamtheory.verification import Request

    with _usage():
        given = tuple(map(str, paths)) if paths else None
        request = Request(paths=given, select=select, trials=trials, seed=seed, device=device)
        workers = integer("workers", _default_workers() if workers is None else workers, minimum=1, maximum=256)
        before = None if baseline is None else read_baseline(baseline)
        if new_baseline is not None and select is not None:
            raise ValueError("select must be left out with --write-baseline: a baseline holds every statement")
        for target in (json_file, new_baseline):
            _require_writable(target)
    if not quiet:
        _say_that_it_runs(given)
    report = _carried_out(request, workers=workers, quiet=quiet)
    to_stdout = json_file is not None and str(json_file) == "-"
    _print_report(report, _console(stderr=to_stdout), quiet=quiet)
    status = report.exit_status
    if before is not None:
        behind = differences(report, before)
        for difference in behind:
            sys.stderr.write(f"BEHIND THE BASELINE {difference}\n")
        status = status or (UNEXPECTED if behind else OK)
    with _usage():
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
    paths: _Paths = None,
    trials: _Trials = 4,
    seed: _Seed = 0,
    device: _Device = None,
) -> int:
    """Judge one theorem and print it: statement, chain step by step, rules, root of trust, verdict, checks."""
    from adamtheory.report.show import theorem_text
    from adamtheory.verification import Request, carry_out, chosen

    with _usage():
        given = tuple(map(str, paths)) if paths else None
        request = Request(paths=given, name=name, trials=trials, seed=seed, device=device)
        chosen(request)
    _say_that_it_runs(given)
    report = carry_out(request)
    for result in report:
        print(theorem_text(result, width=_width()))
    return UNEXPECTED if report.unexpected else OK


@app.command("list")
def list_command(paths: _Paths = None) -> int:
    """The names and titles of all statements, without judging them."""
    from adamtheory.proof.loading import load

    with _usage():
        loaded = load([str(path) for path in paths] if paths else None)
    widest = max((len(s.name) for s in loaded.statements), default=0)
    for statement in loaded.statements:
        print(f"{statement.name:<{widest}}  {statement.title} ({statement.source})")
    for file in loaded.broken:
        sys.stderr.write(f"BROKEN {file.path}: {file.reason}\n")
    return USAGE if loaded.broken else OK


@app.command("errata")
def errata_command(
    paths: _Paths = None,
    form: Annotated[str, typer.Option("--format", help="text, markdown, latex or json.", metavar="FORMAT")] = "text",
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
    trials: _Trials = 4,
    seed: _Seed = 0,
    workers: Annotated[
        int | None, typer.Option(help="Processes that share the work (default: one a core).", metavar="N")
    ] = None,
) -> int:
    """The table of what is false as printed: witness, both sides there, and what is proved instead. RUNS PATH's CODE.

    Witnesses are checked and repaired forms proved for it, with what they cite and nothing else. Exit status: 0; 1
    where a witness does not refute its statement or a repaired form is not proved (nothing is written then); 2 unusable
    input.
    """
    from adamtheory.report.errata import carried_out, repairs
    from adamtheory.report.errata_formats import FORMATS, rendered
    from adamtheory.report.errata_text import brief, inserted
    from adamtheory.validation import integer, one_of, reject
    from adamtheory.verification import Request

    with _usage():
        given = tuple(map(str, paths)) if paths else None
        one_of("format", form, FORMATS)
        if standalone and form != "latex":
            reject("standalone", standalone, "left out unless --format is latex")
        request = Request(paths=given, select=select, trials=trials, seed=seed, runs=False)
        workers = integer("workers", _default_workers() if workers is None else workers, minimum=1, maximum=256)
        _require_writable(output)
        page = None if insert is None else inserted(insert.read_text(encoding="utf-8"), "", str(insert))
        many = len(repairs(request)) >= _WORTH_WORKERS
    _say_that_it_runs(given)
    with _pool(workers if many else 1) as executor, _progress(quiet=False) as progress:
        found = carried_out(request, executor=executor, progress=progress)
    for failure in (*found.failures, *(f"BROKEN {reason}" for reason in found.broken)):
        sys.stderr.write(f"{failure}\n")
    text = rendered(found, form, standalone=standalone, width=_width())
    with _usage():
        if output is None or str(output) == "-":
            print(text.rstrip("\n"))
        elif not found.exit_status:
            output.write_text(text, encoding="utf-8")
        if insert is not None and page is not None and not found.exit_status:
            insert.write_text(inserted(page, brief(found)), encoding="utf-8")
    return found.exit_status


measuring.register(app, _usage)


def _say_that_it_runs(paths: tuple[str, ...] | None) -> None:
    if paths:
        sys.stderr.write(f"running the code in {', '.join(paths)}\n")


def _carried_out(request: Request, *, workers: int, quiet: bool) -> Report:
    from adamtheory.verification import carry_out, chosen

    with _usage():
        many = len(chosen(request)) >= _WORTH_WORKERS
    with _pool(workers if many else 1) as executor, _progress(quiet) as progress:
        return carry_out(request, executor=executor, progress=progress)


def _default_workers() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST_WORKERS)


@contextmanager
def _pool(workers: int) -> Iterator[Executor | None]:
    if workers == 1:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Fresh processes: a fork copies the locks of threads that libraries have started.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        yield executor


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal; elsewhere a line every ten seconds."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        with Progress(*columns, console=_console(stderr=True), transient=True) as bar:
            task = bar.add_task("loading", total=None)
            yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)
    else:
        from time import monotonic

        last = monotonic()

        def tell(done: int, total: int, name: str) -> None:
            nonlocal last
            if monotonic() - last >= 10:
                last = monotonic()
                sys.stderr.write(f"{done}/{total} parts done, last {name}\n")

        yield tell


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


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, width=_width(), highlight=False)


def _width() -> int:
    """The terminal's columns, within what the table reads well in; the widest where there is no terminal."""
    return min(max(shutil.get_terminal_size((_WIDEST, 40)).columns, _NARROWEST), _WIDEST)


def _require_writable(target: Path | None) -> None:
    """Before minutes of work rather than after them."""
    if target is None or str(target) == "-":
        return
    if target.is_dir() or not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        raise ValueError(f"file must be in a folder that exists and can be written, got {str(target)!r}")
