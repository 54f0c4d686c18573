"""The report: frozen, iterable, and JSON under the dataclasses' own field names."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from adamtheory.proof.loading import BrokenFile
from adamtheory.proof.verdict import Result, Verdict


@dataclass(frozen=True)
class Report:
    """The verdicts on all selected statements, in the order of their files; iterating gives each ``Result``.

    ``broken`` names the files that could not be read as proofs; their statements are missing here.  ``paths`` is empty
    for the library's own catalogue.  ``seconds`` is wall-clock time."""

    results: tuple[Result, ...]
    broken: tuple[BrokenFile, ...] = ()
    paths: tuple[str, ...] = ()
    select: str | None = None
    trials: int = 4
    seed: int = 0
    device: str | None = None
    seconds: float = 0.0

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, name: str) -> Result:
        """The result of the statement called ``name``; KeyError where there is none."""
        for result in self.results:
            if result.name == name:
                return result
        raise KeyError(name)

    @property
    def counts(self) -> dict[str, int]:
        """Number of statements by verdict, strongest first; verdicts that no statement has are left out."""
        found = {v.value: sum(r.verdict is v for r in self.results) for v in Verdict}
        return {verdict: count for verdict, count in found.items() if count}

    @property
    def unexpected(self) -> tuple[Result, ...]:
        """What did not come out as expected: another verdict, or a failed check on runs."""
        return tuple(r for r in self.results if not r.as_expected)

    @property
    def overridden(self) -> tuple[Result, ...]:
        """Statements that declare another expectation than their kind has, with a reason in ``override``."""
        return tuple(r for r in self.results if r.override)

    @property
    def ok(self) -> bool:
        """Every file could be read, every verdict is the expected one, and no check failed."""
        return not self.broken and not self.unexpected

    @property
    def exit_status(self) -> int:
        """0 where all is as expected, 1 for an unexpected verdict or failed check, 2 where a file could not be read."""
        return 2 if self.broken else 1 if self.unexpected else 0

    def to_json(self, *, indent: int | None = 2) -> str:
        """The fields of the report, its results, steps and checks, under their own names.

        Sets become sorted lists, verdicts their names; what is no JSON value becomes its text."""
        return json.dumps(plain(self), indent=indent, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """``value`` in terms of JSON: dataclasses as objects, sets as sorted lists, what else JSON lacks as text."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(plain, value), key=str)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
