"""pytest plugin: ``pytest my_proofs/`` makes every theorem of a proof file a test item.

A proof file is a ``*.py`` that is no test file and whose text declares theorems of this library; no other file is
imported or touched.  A failure says which step failed and why, without a traceback.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from adamtheory.proof.theorem import Statement
    from adamtheory.proof.verdict import Result


class ProofFailure(Exception):
    """A theorem did not get the verdict that it expects, or a check on runs failed; the message is for people."""


class BrokenProofFile(Exception):
    """A proof file that cannot be read as one, with the reason."""


def _is_proof_file(path: Path, config: pytest.Config) -> bool:
    """By name first, then by a look at the text; the file is not imported."""
    if path.suffix != ".py" or path.name.startswith(("_", ".", "test_", "conftest")) or path.stem.endswith("_test"):
        return False
    if any(path.match(pattern) for pattern in config.getini("python_files")):
        return False  # pytest's own
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    # The cheap half of what ``proof.loading`` asks, without importing the library for every ordinary file.
    return "adamtheory" in text and ("@theorem" in text or "printed(" in text)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if _is_proof_file(file_path, parent.config):
        return ProofFile.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A file named on the command line is a test module to pytest; a proof file without tests would be imported twice,
    and its errors told twice."""
    if _is_proof_file(module_path, parent.config) and "def test_" not in module_path.read_text(encoding="utf-8"):
        return NoTests.from_parent(parent, path=module_path)
    return None


class NoTests(pytest.Module):
    """Stands in for the test module that a proof file is not."""

    def collect(self) -> list[pytest.Item]:
        return []


class ProofFile(pytest.File):
    """A proof file; its items are its theorems."""

    def collect(self) -> Iterator[pytest.Item]:
        from adamtheory.proof.loading import load

        loaded = load([self.path])
        for statement in loaded.statements:
            yield TheoremItem.from_parent(self, name=statement.name, statement=statement)
        for file in loaded.broken:
            yield BrokenItem.from_parent(self, name="broken", reason=file.reason)


class BrokenItem(pytest.Item):
    """Fails with the reason why (part of) a proof file could not be read; its other theorems are still judged."""

    def __init__(self, *, reason: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.reason = reason

    def runtest(self) -> None:
        raise BrokenProofFile(f"{self.path}: {self.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, BrokenProofFile) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.path.name}: broken proof file"


class TheoremItem(pytest.Item):
    """Passes when the theorem gets the verdict that it expects and no check on runs fails."""

    def __init__(self, *, statement: Statement, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.statement = statement

    def runtest(self) -> None:
        from adamtheory.verification import verify_one

        result = verify_one(self.statement.name, _paths(self))
        if not result.as_expected:
            raise ProofFailure(failure_text(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, ProofFailure) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"theorem {self.name}"


def _paths(item: pytest.Item) -> tuple[str, ...]:
    """The item's own file first, then the proof files beside it, which it may cite."""
    own = item.path
    beside = [p for p in sorted(own.parent.glob("*.py")) if p != own and _is_proof_file(p, item.config)]
    return tuple(map(str, (own, *beside)))


def failure_text(result: Result) -> str:
    """What went wrong with a theorem: verdict, failing step, failed checks."""
    lines = []
    if result.verdict is not result.expected:
        lines.append(f"{result.name}: {result.verdict.value}, expected {result.expected.value}")
        if result.detail:
            lines.append(f"  {result.detail}")
        done = [step for step in result.steps if not step.note.startswith("REJECTED")]
        for number, step in enumerate(result.steps, start=1):
            if step.note.startswith("REJECTED"):
                lines += [f"  failing step {number}: {step.relation}", f"    by {step.rule}: {step.note}"]
        lines.append(f"  {len(done)} steps were accepted" + (f", the last: {done[-1].relation}" if done else ""))
    if result.flaw:
        lines.append(f"{result.name}: {result.verdict.value}, but {result.flaw}")
    for check in result.checks:
        if not check.passed and not check.skipped:
            lines.append(f"{result.name}: check on runs {check.name}: {check.where}")
    return "\n".join(lines)
