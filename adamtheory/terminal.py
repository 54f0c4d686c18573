"""What the commands share: arguments, exit statuses, errors in one line, worker processes, progress, the console."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from adamtheory.verification import Progress

OK, UNEXPECTED, USAGE = 0, 1, 2
# Fewer statements than this are judged before worker processes would have started.
WORTH_WORKERS = 8
_MOST_WORKERS = 8
_NARROWEST, _WIDEST = 100, 160

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Files or folders of theorems; the library's own when left out. Their code is run.", metavar="PATH"
    ),
]
Trials = Annotated[
    int, typer.Option(help="Random points at which each step is also evaluated; scales the checks on runs.")
]
Workers = Annotated[int | None, typer.Option(help="Processes that share the work (default: one a core).", metavar="N")]
Seed = Annotated[int, typer.Option(help="Seed of everything random; equal seeds give equal results.")]


def fail(message: str, status: int = USAGE) -> NoReturn:
    line = " ".join(message.split())
    if line:  # empty where typer has already shown its help
        sys.stderr.write(f"adamtheory: {line}\n")
    sys.exit(status)


@contextmanager
def usage() -> Iterator[None]:
    """Refusals of arguments and of files become one line and status 2."""
    try:
        yield
    except (ValueError, TypeError, OSError) as error:
        fail(str(error))


def say_that_it_runs(paths: tuple[str, ...] | None) -> None:
    if paths:
        sys.stderr.write(f"running the code in {', '.join(paths)}\n")


def worker_count(given: int | None) -> int:
    """The number of processes that share the work; ValueError for one that cannot be."""
    from adamtheory.validation import integer

    if given is not None:
        return integer("workers", given, minimum=1, maximum=256)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST_WORKERS)


@contextmanager
def pool(workers: int) -> Iterator[Executor | None]:
    if workers == 1:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Forked workers find the statements loaded.  A fork copies the locks of threads that a library has started, and no
    # CUDA context survives one: torch starts threads, so beside it, and off Linux, the workers are fresh processes.
    method = "fork" if sys.platform == "linux" and "torch" not in sys.modules else "spawn"
    with ProcessPoolExecutor(workers, mp_context=get_context(method)) as executor:
        yield executor


@contextmanager
def progress_shown(quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal; elsewhere a line every ten seconds."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        with Progress(*columns, console=console_for(stderr=True), transient=True) as bar:
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


def console_for(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, width=width(), highlight=False)


def width() -> int:
    """The terminal's columns, within what the table reads well in; the widest where there is no terminal."""
    return min(max(shutil.get_terminal_size((_WIDEST, 40)).columns, _NARROWEST), _WIDEST)


def require_writable(target: Path | None) -> None:
    """Before minutes of work rather than after them."""
    if target is None or str(target) == "-":
        return
    if target.is_dir() or not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        raise ValueError(f"file must be in a folder that exists and can be written, got {str(target)!r}")
