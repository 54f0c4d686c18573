"""How long people wait: `import adamtheory` beside `import sympy`, and `adamtheory verify` of the whole catalogue.

    python benchmarks/verify.py [--repeats N] [--no-verify] [-- ARGUMENTS OF VERIFY]

Every figure is of fresh processes. The imports alternate, so a busy machine slows both alike, and each is set against
the bare interpreter that runs beside it. Times are wall clock; memory is the peak resident set of the largest process
of the tree, as the kernel counts it, and also the sum over the tree, sampled while it runs (Linux).
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

IMPORT_GOAL = 1.2  # times `import sympy`
SECONDS_GOAL = 150.0  # the whole catalogue, on two cores
GIGABYTES_GOAL = 1.5

STATEMENTS = {
    "python": "pass",
    "sympy": "import sympy",
    "adamtheory": "import adamtheory",
    # The import is cheap because the package loads on first use: what that use then costs is told as well.
    "verify": "import adamtheory; adamtheory.verify",
}


@dataclass(frozen=True, kw_only=True)
class ImportTimes:
    """Seconds of a fresh process, by what it imports: all repeats, in the order measured."""

    seconds: dict[str, tuple[float, ...]]

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    @property
    def ratio(self) -> float:
        """`import adamtheory` over `import sympy`, whole processes: what a person waits for."""
        return self.median("adamtheory") / self.median("sympy")


@dataclass(frozen=True, kw_only=True)
class VerifyRun:
    """One run of `adamtheory verify`: wall seconds, exit status, peak resident bytes and the last line it printed."""

    seconds: float
    status: int
    largest_process: int
    whole_tree: int | None
    summary: str


def time_imports(repeats: int) -> ImportTimes:
    """Alternating fresh processes, after one unmeasured round that fills the file cache and compiles bytecode."""
    seconds: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for turn in range(repeats + 1):
        for name, statement in STATEMENTS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], check=True)
            if turn:
                seconds[name].append(time.perf_counter() - started)
    return ImportTimes(seconds={name: tuple(values) for name, values in seconds.items()})


def run_verify(arguments: Sequence[str]) -> VerifyRun:
    """`python -m adamtheory verify ARGUMENTS`, with its output kept back but for the last line."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "adamtheory", "verify", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    peak = _TreePeak(process.pid)
    output, _ = process.communicate()
    seconds = time.perf_counter() - started
    lines = [line for line in output.splitlines() if line.strip()]
    # ru_maxrss is in kilobytes on Linux and in bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return VerifyRun(
        seconds=seconds,
        status=process.returncode,
        largest_process=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit,
        whole_tree=peak.stop(),
        summary=lines[-1].strip() if lines else "",
    )


class _TreePeak:
    """Samples the resident memory of a process and its descendants ten times a second, from /proc."""

    def __init__(self, pid: int) -> None:
        self._root = pid
        self._peak = 0
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int | None:
        """Peak bytes, or None where the system has no /proc."""
        self._finished.set()
        self._thread.join()
        return self._peak or None

    def _watch(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._finished.wait(0.1):
            self._peak = max(self._peak, page * sum(_resident_pages(pid) for pid in _tree(self._root)))


def _tree(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # The name in parentheses may itself hold blanks; the fields after it are state and parent.
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # gone meanwhile
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0  # gone meanwhile


def _row(what: str, figure: str, goal: str = "", met: bool | None = None) -> None:
    verdict = "" if met is None else ("met" if met else "MISSED")
    print(f"{what:<44}{figure:>14}  {goal:<12}{verdict}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Time `import adamtheory` and `adamtheory verify`.")
    parser.add_argument("--repeats", type=int, default=9, help="processes an import, at least 7 (default %(default)s)")
    parser.add_argument("--no-verify", action="store_true", help="only the imports")
    parser.add_argument("arguments", nargs="*", help="passed to `adamtheory verify`")
    given = parser.parse_args()
    if given.repeats < 7:
        parser.error(f"argument --repeats: {given.repeats} is not allowed, it must be at least 7")

    imports = time_imports(given.repeats)
    _row(f"figure ({os.cpu_count()} cores, medians of {given.repeats})", "measured", "goal")
    _row("python -c pass", f"{1e3 * imports.median('python'):.0f} ms")
    _row("python -c 'import sympy'", f"{1e3 * imports.median('sympy'):.0f} ms")
    _row("python -c 'import adamtheory'", f"{1e3 * imports.median('adamtheory'):.0f} ms")
    _row("import adamtheory / import sympy", f"{imports.ratio:.2f}", f"<= {IMPORT_GOAL}", imports.ratio <= IMPORT_GOAL)
    _row("the same, up to having adamtheory.verify", f"{1e3 * imports.median('verify'):.0f} ms")
    if given.no_verify:
        return 0

    run = run_verify(given.arguments)
    if run.status not in (0, 1):
        print(f"adamtheory verify did not run, exit status {run.status}: {run.summary}")
        return run.status
    goal = f"<= {SECONDS_GOAL:.0f} s"
    _row("adamtheory verify, wall time", f"{run.seconds:.1f} s", goal, run.seconds <= SECONDS_GOAL)
    for what, size in (("all its processes", run.whole_tree), ("largest process", run.largest_process)):
        if size is not None:
            gigabytes = size / 1e9
            goal = f"<= {GIGABYTES_GOAL} GB"
            _row(f"peak memory, {what}", f"{gigabytes:.2f} GB", goal, gigabytes <= GIGABYTES_GOAL)
    _row("adamtheory verify, exit status", str(run.status))
    print(run.summary)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
