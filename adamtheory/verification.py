"""``verify``: load proof files, judge every statement, try it on optimizer runs, and report."""

from __future__ import annotations

import difflib
import fnmatch
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING

from adamtheory.proof.loading import Loaded, load, proof_files
from adamtheory.proof.theorem import PrintedStatement, Statement, TheoremStatement
from adamtheory.proof.verdict import Check, Result, Verdict, unrepaired
from adamtheory.report.report import Report
from adamtheory.validation import boolean, integer, reject

if TYPE_CHECKING:
    from adamtheory.proof.library import Library

Paths = Iterable[str | os.PathLike[str]]
Progress = Callable[[int, int, str], None]  # tasks done, tasks in all, the name of the last one

# Statements of one file judged, or tried on runs, by one task: few enough to share the work evenly, many enough that
# what they cite, and what their hypotheses settle, is found once.
_JUDGED, _TRIED = 12, 2


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to verify; refuses unusable arguments at construction, before any work is done."""

    paths: tuple[str, ...] | None = None
    select: str | None = None
    name: str | None = None  # one statement alone, by its exact name
    trials: int = 4
    seed: int = 0
    device: str | None = None
    runs: bool = True

    def __post_init__(self) -> None:
        if self.paths is not None:
            proof_files(self.paths)
        if self.select is not None and not isinstance(self.select, str):
            reject("select", self.select, "a name, a part of one, or a pattern such as 'adam_*'", TypeError)
        integer("trials", self.trials, minimum=1)
        integer("seed", self.seed, minimum=0)
        boolean("runs", self.runs)
        if self.device is not None:
            require_device(self.device)


def require_device(device: str) -> None:
    """ValueError, in one line, unless ``device`` is "cpu" or a CUDA device that this machine has."""
    kind, _, number = device.partition(":") if isinstance(device, str) else ("", "", "")
    if kind not in ("cpu", "cuda") or (number and not number.isdecimal()):
        reject("device", device, "'cpu', 'cuda' or 'cuda:N'")
    if kind == "cpu":
        return
    try:
        import torch
    except ImportError:
        reject("device", device, "'cpu' (torch is not installed: pip install 'adamtheory[torch]')")
    if not torch.cuda.is_available():
        reject("device", device, "'cpu' (torch sees no CUDA device)")
    if number and int(number) >= torch.cuda.device_count():
        reject("device", device, f"'cpu' or one of cuda:0 to cuda:{torch.cuda.device_count() - 1}")


def verify(
    paths: Paths | str | os.PathLike[str] | None = None,
    *,
    select: str | None = None,
    trials: int = 4,
    seed: int = 0,
    device: str | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    runs: bool = True,
) -> Report:
    """Judge the statements in ``paths`` (files or folders; the library's own catalogue when None).

    This runs the code in the files.  ``select`` keeps the statements whose name, title or source matches a pattern
    (``*``, ``?``, ``[..]``) or contains a text, letter case aside.  ``trials`` is the number of random points at which
    each step of a proof is also evaluated and scales the number of sequences in the checks on runs; equal ``seed``
    gives equal results.  ``device`` adds a CUDA device to the checks on runs; ``runs=False`` leaves these out.
    ``executor`` shares the work, with equal results.  Statements may cite the catalogue's theorems and each other.

    Raises ValueError or TypeError, in one line, for arguments that cannot be used."""
    if isinstance(paths, (str, os.PathLike)):
        paths = (paths,)
    files = None if paths is None else tuple(os.fspath(path) for path in paths)
    request = Request(paths=files, select=select, trials=trials, seed=seed, device=device, runs=runs)
    return carry_out(request, executor=executor, progress=progress)


def verify_one(name: str, paths: Paths | None = None, *, trials: int = 4, seed: int = 0) -> Result:
    """The result of one statement of ``paths``, with its checks on runs; ValueError for an unknown name."""
    files = None if paths is None else tuple(os.fspath(path) for path in paths)
    (result,) = carry_out(Request(paths=files, name=name, trials=trials, seed=seed))
    return result


@dataclass(frozen=True)
class Tried:
    """The checks of one statement on optimizer runs."""

    name: str
    checks: tuple[Check, ...]
    seconds: float = 0.0


def carry_out(request: Request, *, executor: Executor | None = None, progress: Progress | None = None) -> Report:
    """``verify`` for a request that has been checked."""
    started = perf_counter()
    loaded = loaded_for(request)
    statements = chosen(request)
    results: dict[str, Result] = {}
    tried: dict[str, Tried] = {}
    tasks = _tasks(request, statements)
    if executor is not None and request.select is None and request.name is None:
        tasks = [replace(task, alone=False) for task in tasks]
    for done, outcome in enumerate(_finished(tasks, executor), start=1):
        results.update((result.name, result) for result in outcome.judged)
        tried.update((found.name, found) for found in outcome.tried)
        if progress is not None:
            progress(done, len(tasks), outcome.last)
    results = _unrepaired(_dependent(results), statements)
    return Report(
        results=tuple(_with_checks(results[s.name], tried.get(s.name)) for s in statements),
        broken=loaded.broken,
        paths=request.paths or (),
        select=request.select,
        trials=request.trials,
        seed=request.seed,
        device=request.device,
        seconds=perf_counter() - started,
    )


def citable(request: Request) -> dict[str, Statement]:
    """The statements that those of the request may name, its own and the catalogue's, by name."""
    loaded = loaded_for(request)
    everything = loaded if request.paths is None else loaded | _catalogue()
    return {s.name: s for s in everything.statements}


def judged(
    request: Request,
    statements: Iterable[Statement],
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> dict[str, Result]:
    """Fresh results for some of the citable statements, by name: they and what they cite are proved, nothing else, and
    nothing is tried on runs."""
    tasks = _tasks(replace(request, runs=False), tuple(statements))
    results: dict[str, Result] = {}
    for done, outcome in enumerate(_finished(tasks, executor), start=1):
        results.update((result.name, result) for result in outcome.judged)
        if progress is not None:
            progress(done, len(tasks), outcome.last)
    return _dependent(results)


def chosen(request: Request) -> tuple[Statement, ...]:
    """The statements that the request is about, loading its files; ValueError where there are none."""
    loaded = loaded_for(request)
    return selected(loaded, request.select) if request.name is None else (named(loaded, request.name),)


def loaded_for(request: Request) -> Loaded:
    """What the files of the request define.  They are imported once, and again when they have changed."""
    return _loaded(request.paths, _stamps(request.paths))


def selected(loaded: Loaded, select: str | None) -> tuple[Statement, ...]:
    """The statements that ``select`` matches; ValueError when it matches none."""
    if select is None:
        return loaded.statements
    wanted = select.casefold()

    def matches(text: str) -> bool:
        folded = text.casefold()
        return wanted in folded or fnmatch.fnmatchcase(folded, wanted)

    found = tuple(s for s in loaded.statements if any(map(matches, (s.name, s.title, str(s.source)))))
    if not found:
        allowed = f"the name, title or source of one of the {len(loaded.statements)} statements, or a pattern for them"
        reject("select", select, allowed)
    return found


def named(loaded: Loaded, name: str) -> Statement:
    """The statement of that name; ValueError that lists close matches where there is none."""
    found = {s.name: s for s in loaded.statements}
    if name not in found:
        close = difflib.get_close_matches(name, found, n=4, cutoff=0.4)
        close += [other for other in found if name and name in other and other not in close][:4]
        allowed = f"one of {', '.join(close)}" if close else f"one of the {len(found)} statements (adamtheory list)"
        reject("name", name, allowed)
    return found[name]


@dataclass(frozen=True)
class _Task:
    """Work for one process: statements to judge, or to check on runs."""

    request: Request
    names: tuple[str, ...]
    on_runs: bool
    alone: bool = True


@dataclass(frozen=True)
class _Outcome:
    """What a task found; ``last`` is the name of its last statement, for the progress display."""

    last: str
    judged: tuple[Result, ...] = ()
    tried: tuple[Tried, ...] = ()


def _tasks(request: Request, statements: tuple[Statement, ...]) -> list[_Task]:
    by_file: dict[str, list[str]] = {}
    for statement in statements:
        by_file.setdefault(statement.file, []).append(statement.name)
    tasks = [
        _Task(request, tuple(names[at : at + _JUDGED]), on_runs=False)
        for names in by_file.values()
        for at in range(0, len(names), _JUDGED)
    ]
    tasks.sort(key=lambda task: -len(task.names))  # the longest first, so that no worker is left with one at the end
    if request.runs:
        from adamtheory.runs import checkable

        names = [s.name for s in statements if isinstance(s, TheoremStatement) and checkable(s)]
        tasks += [_Task(request, tuple(names[at : at + _TRIED]), on_runs=True) for at in range(0, len(names), _TRIED)]
    return tasks


def _finished(tasks: list[_Task], executor: Executor | None) -> Iterator[_Outcome]:
    if executor is None:
        yield from map(_work, tasks)
        return
    futures: dict[Future[_Outcome], _Task] = {executor.submit(_work, task): task for task in tasks}
    try:
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield _lost(futures[future])
    finally:
        for future in futures:
            future.cancel()


def _work(task: _Task) -> _Outcome:
    request = task.request
    stamps = _stamps(request.paths)
    statements, library = _library(request.paths, stamps, request.trials, request.seed, task.alone)
    if not task.on_runs:
        return _Outcome(task.names[-1], judged=tuple(library.result(name) for name in task.names))
    return _Outcome(task.names[-1], tried=tuple(_tried(statements[name], request) for name in task.names))


def _tried(statement: Statement, request: Request) -> Tried:
    from adamtheory.runs import check_on_runs

    started = perf_counter()
    try:
        checks = check_on_runs(statement, trials=request.trials, seed=request.seed, device=request.device)
    # A statement is anybody's: what cannot be evaluated fails here, visibly, and hides no other verdict.
    except Exception as error:  # noqa: BLE001
        reason = " ".join(f"it could not be evaluated: {type(error).__name__}: {error}".split())
        checks = (Check(name="runs", trials=0, passed=False, margin=None, where=reason),)
    return Tried(statement.name, checks, perf_counter() - started)


def _stamps(paths: tuple[str, ...] | None) -> tuple[tuple[str, int, int], ...]:
    """The files and their state, so that a worker that lives on never judges an older text."""
    from adamtheory.catalogue import default_paths

    files = proof_files(default_paths() if paths is None else paths)
    return tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files)


@lru_cache(maxsize=1)
def _loaded(paths: tuple[str, ...] | None, stamps: tuple[tuple[str, int, int], ...]) -> Loaded:
    return load(paths)


@lru_cache(maxsize=1)
def _library(
    paths: tuple[str, ...] | None,
    stamps: tuple[tuple[str, int, int], ...],
    trials: int,
    seed: int,
    alone: bool = True,
) -> tuple[dict[str, Statement], Library]:
    """Statements by name, and the library in which they cite each other and the catalogue."""
    from adamtheory.proof.library import Library

    loaded = _loaded(paths, stamps)
    everything = loaded if paths is None else loaded | _catalogue()
    elsewhere = frozenset() if alone else frozenset(s.name for s in loaded.statements)
    library = Library(everything.statements, trials=trials, seed=seed, elsewhere=elsewhere)
    return {s.name: s for s in everything.statements}, library


def _catalogue() -> Loaded:
    """The library's own statements, for citation by others; none where the installation lacks them."""
    try:
        return load(None)
    except (ValueError, FileNotFoundError):
        return Loaded(())


def _lost(task: _Task) -> _Outcome:
    """What is known when the process that did the work died (out of memory, a crash in a library): nothing."""
    reason = "the process that worked on it ended abruptly (out of memory, or a crash in a library)"
    if task.on_runs:
        lost = Check(name="runs", trials=0, passed=False, margin=None, where=reason)
        return _Outcome(task.names[-1], tried=tuple(Tried(name, (lost,)) for name in task.names))
    request = task.request
    statements, _ = _library(request.paths, _stamps(request.paths), request.trials, request.seed)
    return _Outcome(task.names[-1], judged=tuple(undecided(statements[name], reason) for name in task.names))


def undecided(statement: Statement, reason: str) -> Result:
    """The result of a statement of which nothing was decided."""
    from adamtheory.proof.kernel import Trust

    return Result(
        name=statement.name,
        title=statement.title,
        source=str(statement.source),
        statement=str(statement),
        verdict=Verdict.UNDECIDED,
        expected=statement.expected,
        detail=reason,
        trust=Trust(),
        file=statement.file,
        override=statement.override,
        note=statement.note,
    )


_CITABLE = (Verdict.PROVED, Verdict.PROVED_TO_ORDER, Verdict.ASSUMED)


def _dependent(results: dict[str, Result]) -> dict[str, Result]:
    """What cites a statement that turned out not to be proved is undecided, whichever process found out."""
    while True:
        broken = {
            name: sorted(c for c in r.trust.theorems if c in results and results[c].verdict not in _CITABLE)
            for name, r in results.items()
            if r.verdict in _CITABLE
        }
        broken = {name: cited for name, cited in broken.items() if cited}
        if not broken:
            return results
        for name, cited in broken.items():
            reason = f"citation.dependency: the cited theorem {cited[0]} is {results[cited[0]].verdict.value}"
            results[name] = replace(results[name], verdict=Verdict.UNDECIDED, detail=reason)


def _unrepaired(results: dict[str, Result], statements: tuple[Statement, ...]) -> dict[str, Result]:
    """What names a repaired form that turned out not to be proved has a flaw, whichever process found out."""
    for statement in statements:
        if isinstance(statement, PrintedStatement) and statement.repaired in results:
            repaired, result = results[statement.repaired], results[statement.name]
            if result.verdict is Verdict.REFUTED:
                flaw = unrepaired(repaired.name, repaired.verdict, repaired.detail)
                results[statement.name] = replace(result, flaw=flaw)
    return results


def _with_checks(result: Result, tried: Tried | None) -> Result:
    """The result with its checks; margins of floating-point checks are read with their tolerance and stay with them."""
    if tried is None:
        return result
    checks = tried.checks
    margins = [c.margin for c in checks if c.margin is not None and not c.tolerance]
    if result.margin is not None:
        margins.append(result.margin)
    return replace(
        result,
        checks=(*result.checks, *checks),
        trials=result.trials + sum(c.trials for c in checks),
        margin=min(margins, default=None),
        seconds=result.seconds + tried.seconds,
    )
