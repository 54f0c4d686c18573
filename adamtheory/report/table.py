"""The verdict table and what follows it, with Rich: wrapped, never truncated, the same on a terminal and in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from adamtheory.proof.verdict import Check, Result, Verdict
from adamtheory.report.report import Report

_STYLE = {Verdict.PROVED: "green", Verdict.PROVED_TO_ORDER: "green", Verdict.REFUTED: "cyan"}
_NO_VALUE = "-"


def verdict_table(results: Iterable[Result]) -> Table:
    """One row a statement: name, source, verdict, root of trust, trials, smallest margin, seconds."""
    table = _table()
    table.add_column("statement", overflow="fold", ratio=30)
    table.add_column("source", overflow="fold", ratio=20)
    table.add_column("verdict", overflow="fold", min_width=9)
    table.add_column("root of trust", overflow="fold", ratio=26)
    table.add_column("trials", justify="right", no_wrap=True)
    table.add_column("margin", justify="right", no_wrap=True)
    table.add_column("s", justify="right", no_wrap=True)
    for r in results:
        table.add_row(
            Text(r.name),
            Text(r.source),
            _verdict_text(r),
            Text(trust_text(r)),
            str(r.trials),
            margin_text(r.margin),
            f"{r.seconds:.1f}",
        )
    return table


def checks_table(report: Report) -> Table | None:
    """One row a kind of check on runs: over how many statements, trials, the smallest margin and where it occurred."""
    kinds: dict[str, list[tuple[Result, Check]]] = {}
    for result in report:
        for check in result.checks:
            kinds.setdefault(check.name, []).append((result, check))
    if not kinds:
        return None
    table = _table()
    table.add_column("check on runs", no_wrap=True)
    table.add_column("statements", justify="right", no_wrap=True)
    table.add_column("trials", justify="right", no_wrap=True)
    table.add_column("margin", justify="right", no_wrap=True)
    table.add_column("where it is smallest", overflow="fold", ratio=1)
    for name, rows in kinds.items():
        done = [(r, c) for r, c in rows if not c.skipped]
        if not done:
            table.add_row(name, "0", "0", _NO_VALUE, Text(f"skipped: {rows[0][1].skipped}"))
            continue
        measured = [(c.margin, r, c) for r, c in done if c.margin is not None]
        margin, where = _NO_VALUE, ""
        if measured:
            least, result, check = min(measured, key=lambda entry: entry[0])
            margin, where = margin_text(least), f"{result.name}, {check.where}"
            if check.tolerance:
                where += f"; tolerance {check.tolerance}"
        table.add_row(name, str(len(done)), str(sum(c.trials for _, c in done)), margin, Text(where))
    return table


def notices(report: Report) -> Iterator[str]:
    """What a reader must know beyond the table, a line each: the unexpected, the failed, the overridden, the broken."""
    for r in report.unexpected:
        if r.verdict is not r.expected:
            detail = f": {r.detail}" if r.detail else ""
            yield f"UNEXPECTED {r.name}: {r.verdict.value} instead of {r.expected.value}{_line(detail)}"
        elif r.flaw:
            yield f"UNEXPECTED {r.name}: {r.verdict.value}, but {_line(r.flaw)}"
        for check in r.checks:
            if not check.passed and not check.skipped:
                margin = "" if check.margin is None else f", margin {margin_text(check.margin)}"
                yield f"FAILED {r.name}: check {check.name}{margin}: {_line(check.where)}"
    for r in report.overridden:
        yield f"OVERRIDDEN {r.name}: expects {r.expected.value}: {_line(r.override)}"
    for file in report.broken:
        yield f"BROKEN {file.path}: {_line(file.reason)}"


def summary(report: Report) -> str:
    """One line: counts by verdict, what was unexpected or overridden, broken files, checks on runs, time."""
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in report.counts.items()) or "none judged"
    checks = [c for r in report for c in r.checks]
    skipped = sum(bool(c.skipped) for c in checks)
    parts = [
        f"{len(report)} statements: {verdicts}",
        f"{len(report.unexpected)} unexpected",
        f"{len(report.overridden)} overridden expectations",
    ]
    if report.broken:
        parts.append(f"{len(report.broken)} broken files")
    if checks:
        passed = sum(c.passed and not c.skipped for c in checks)
        parts.append(f"checks on runs: {passed} passed, {len(checks) - passed - skipped} failed, {skipped} skipped")
    return "; ".join([*parts, f"{report.seconds:.1f} s"])


def trust_text(result: Result) -> str:
    """Axioms, solvers, cited theorems and assumptions; the rules of the core where there is nothing else to believe."""
    leaves = ", ".join(result.trust.leaves)
    if leaves:
        return leaves
    return "rules alone" if result.trust.rules else _NO_VALUE


def margin_text(margin: float | None) -> str:
    if margin is None:
        return _NO_VALUE
    return "0" if margin == 0 else f"{margin:.1e}"


def verdict_text(result: Result) -> str:
    """The verdict, with the order of a claim to an order."""
    if result.verdict is Verdict.PROVED_TO_ORDER and result.order is not None:
        return f"{result.verdict.value}({result.order})"
    return result.verdict.value


def _verdict_text(result: Result) -> Text:
    unexpected = not result.as_expected
    text = verdict_text(result) + (" !" if unexpected else "")
    return Text(text, style="bold red" if unexpected else _STYLE.get(result.verdict, "yellow"))


def _line(text: str) -> str:
    return " ".join(text.split())


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True, header_style="bold", show_edge=False)
