"""Verdicts: what the library says of a statement, and on what it leans."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from adamtheory.proof.kernel import Trust


class Verdict(Enum):
    """From strongest to weakest; ``REFUTED`` stands apart."""

    PROVED = "PROVED"
    PROVED_TO_ORDER = "PROVED_TO_ORDER"
    ASSUMED = "ASSUMED"
    TESTED = "TESTED"
    UNDECIDED = "UNDECIDED"
    REFUTED = "REFUTED"


@dataclass(frozen=True)
class Step:
    """One checked step, for people: ``relation`` as shown, the rule that carried it, and its numeric shadow."""

    relation: str
    latex: str
    rule: str
    note: str = ""
    trials: int = 0
    margin: float | None = None


@dataclass(frozen=True)
class Check:
    """One check of a statement on optimizer runs."""

    name: str
    trials: int
    passed: bool
    margin: float | None
    where: str
    tolerance: str = ""
    skipped: str = ""


@dataclass(frozen=True)
class Result:
    """The verdict on one statement.

    ``detail`` is the measured order for PROVED_TO_ORDER (``order`` is the proved one), the witness for REFUTED, the
    reason for UNDECIDED, what is assumed for ASSUMED.  ``margin`` is the smallest right-minus-left difference seen
    (relative), over shadows and runs.  ``flaw`` is what is wrong with the declaration beside its verdict: the repaired
    form that a refuted statement names is not there, or not proved."""

    name: str
    title: str
    source: str
    statement: str
    verdict: Verdict
    expected: Verdict
    detail: str
    trust: Trust
    steps: tuple[Step, ...] = ()
    checks: tuple[Check, ...] = ()
    trials: int = 0
    margin: float | None = None
    seconds: float = 0.0
    file: str = ""
    override: str = ""
    note: str = ""
    order: int | None = None
    flaw: str = ""

    @property
    def as_expected(self) -> bool:
        """The verdict is the expected one, the declaration has no flaw, and no check on runs failed; a skipped check
        neither passed nor failed."""
        return self.verdict is self.expected and not self.flaw and all(c.passed or c.skipped for c in self.checks)


def unrepaired(name: str, verdict: Verdict, detail: str) -> str:
    """Why the statement of that name, with that verdict, repairs nothing; empty where it does."""
    if verdict in (Verdict.PROVED, Verdict.PROVED_TO_ORDER):
        return ""
    reason = f": {' '.join(detail.split())}" if detail else ""
    return f"the repaired form {name} is {verdict.value}, not proved{reason}"
