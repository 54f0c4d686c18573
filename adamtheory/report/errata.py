"""The errata: statements that a source prints and that are false, each with its witness and with what is true instead.

Everything here is computed.  The witness is checked as the table is made; the verdict on the repaired form is passed
in, fresh from its proof (``adamtheory errata``) or from committed verdicts (the test that the documents are current).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from adamtheory.proof.refutation import WitnessReport, check_witness
from adamtheory.proof.theorem import PrintedStatement, Statement
from adamtheory.proof.verdict import Result, Verdict, unrepaired
from adamtheory.report.mathematics import readable
from adamtheory.report.report import plain
from adamtheory.report.shown import (
    Formula,
    Shown,
    Violation,
    assigned,
    may_abbreviate,
    parts_shown,
    shown,
    violation_shown,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from adamtheory.verification import Progress, Request


@dataclass(frozen=True)
class Repair:
    """The statement that holds instead.  ``omitted``: what the source leaves out, where the claim is the same one."""

    name: str
    title: str
    source: str
    verdict: str
    statement: Shown
    omitted: tuple[Formula, ...]


@dataclass(frozen=True)
class Erratum:
    """One statement that is false as printed.  ``violation`` is None where what fails is no relation (a limit): then
    ``remark`` says what does.  ``instance`` is the value of a quantified variable at which the claim fails."""

    name: str
    title: str
    work: str
    place: str
    verdict: str
    statement: Shown
    witness: tuple[Formula, ...]
    instance: tuple[Formula, ...]
    violation: Violation | None
    remark: str
    why: str
    repaired: Repair | None


@dataclass(frozen=True)
class Errata:
    """All errata, by work and place.  ``failures``: statements that are not refuted, or not repaired, a line each;
    ``broken``: files that could not be read."""

    rows: tuple[Erratum, ...]
    failures: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Erratum]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def works(self) -> dict[str, tuple[Erratum, ...]]:
        """The errata of each work."""
        found: dict[str, list[Erratum]] = {}
        for row in self.rows:
            found.setdefault(row.work, []).append(row)
        return {work: tuple(rows) for work, rows in found.items()}

    @property
    def exit_status(self) -> int:
        return 2 if self.broken else 1 if self.failures else 0

    def to_json(self, *, indent: int | None = 2) -> str:
        """The fields under their own names."""
        return json.dumps(plain(self), indent=indent, ensure_ascii=False, allow_nan=False)


def repairs(request: Request) -> dict[str, Statement]:
    """The statements that repair what the request's files print, by name.

    Raises ValueError where the request selects what does not exist."""
    from adamtheory.verification import chosen, citable, loaded_for

    statements = printed_among(chosen(request))
    own = {s.name: s for s in loaded_for(request).statements}
    # The catalogue is read only where a name is not one of these files'.
    known = own if all(s.repaired in ("", *own) for s in statements) else citable(request)
    return {name: known[name] for name in needed(statements, known)}


def carried_out(request: Request, *, executor: Executor | None = None, progress: Progress | None = None) -> Errata:
    """The errata of the request's files, fresh: the repaired forms and what they cite are proved, and nothing else.

    Raises ValueError where the request selects what does not exist."""
    from adamtheory.verification import chosen, judged, loaded_for

    statements = printed_among(chosen(request))
    known = repairs(request)
    results = judged(request, known.values(), executor=executor, progress=progress)
    broken = (f"{file.path}: {file.reason}" for file in loaded_for(request).broken)
    return errata(statements, known, results, broken=broken)


def printed_among(statements: Iterable[Statement]) -> tuple[PrintedStatement, ...]:
    return tuple(s for s in statements if isinstance(s, PrintedStatement))


def needed(statements: Iterable[PrintedStatement], known: Mapping[str, Statement]) -> tuple[str, ...]:
    """The names of the repaired forms whose verdicts ``errata`` asks for, each once."""
    return tuple(dict.fromkeys(s.repaired for s in statements if s.repaired in known))


def errata(
    statements: Iterable[PrintedStatement],
    known: Mapping[str, Statement],
    verdicts: Mapping[str, Verdict | Result],
    *,
    broken: Iterable[str] = (),
) -> Errata:
    """The errata among ``statements``: their witnesses are checked here.

    ``known`` holds the statements that may repair them and ``verdicts`` what is known of these, both by name."""
    rows: list[Erratum] = []
    failures: list[str] = []
    for statement in statements:
        report = check_witness(statement)
        if not report.refuted:
            witness = f"; the witness: {report.detail}" if report.detail else ""
            failures.append(f"NOT REFUTED {_called(statement)}: {report.reason}{witness}")
            continue
        failure = _failure(statement, known, verdicts)
        if failure:
            failures.append(f"NOT REPAIRED {_called(statement)}: {failure}")
            continue
        rows.append(_erratum(statement, report, known.get(statement.repaired)))
    return Errata(tuple(sorted(rows, key=_order)), tuple(map(_one_line, failures)), tuple(broken))


def _called(statement: Statement) -> str:
    return f"{statement.name} ({statement.source})"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _failure(
    statement: PrintedStatement, known: Mapping[str, Statement], verdicts: Mapping[str, Verdict | Result]
) -> str:
    name = statement.repaired
    if not name:
        return ""
    if name not in known:
        return f"repaired={name!r} names no statement in these files or the library's own"
    found = verdicts.get(name)
    if found is None:
        return f"the verdict on the repaired form {name} is not known"
    if isinstance(found, Result):
        return unrepaired(name, found.verdict, found.detail)
    return unrepaired(name, found, "")


def _order(row: Erratum) -> tuple[Any, ...]:
    """Published works first, by name; then by place, numbers in it as numbers; then in the order of the files."""
    parts = re.split(r"(\d+)", row.place)
    return row.work == "this library", row.work, [(int(x), "") if x.isdigit() else (-1, x) for x in parts]


# -- showing ----------------------------------------------------------------------------------------------------
def _erratum(statement: PrintedStatement, report: WitnessReport, repaired: Statement | None) -> Erratum:
    point = report.point
    at: dict[Any, Any] = {} if point is None else {**point.values, **point.functions}
    return Erratum(
        name=statement.name,
        title=readable(statement.title),
        work=statement.source.work,
        place=readable(statement.source.place),
        verdict=Verdict.REFUTED.value,
        statement=shown(statement),
        witness=tuple(assigned(key, value) for key, value in at.items()),
        instance=tuple(assigned(key, sp.sympify(value, strict=True)) for key, value in report.instance.items()),
        violation=None if report.failed is None else violation_shown(*report.failed),
        remark=readable(report.remark),
        why=readable(statement.why),
        repaired=None if repaired is None else _repair(statement, repaired),
    )


def _repair(statement: PrintedStatement, repaired: Statement) -> Repair:
    claim = repaired.claim
    order = getattr(repaired, "order", None)
    verdict = Verdict.PROVED.value if order is None else f"{Verdict.PROVED_TO_ORDER.value}({order})"
    omitted: tuple[Formula, ...] = ()
    if claim == statement.claim and set(statement.given) <= set(repaired.given):
        left_out = [p for p in repaired.given if p not in statement.given]
        omitted = parts_shown((), left_out, claim, short=may_abbreviate(repaired)).given
    return Repair(repaired.name, readable(repaired.title), str(repaired.source), verdict, shown(repaired), omitted)
