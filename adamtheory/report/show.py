"""One theorem for a reader: statement, chain step by step, rules, root of trust, verdict, checks on runs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from adamtheory.proof.verdict import Check, Result, Step
from adamtheory.report.mathematics import readable
from adamtheory.report.table import margin_text, verdict_text


def theorem_text(result: Result, *, width: int = 100) -> str:
    """The whole theorem as plain Unicode text, wrapped at ``width`` columns."""
    return "\n".join(_lines(result, max(40, width)))


def _lines(r: Result, width: int) -> Iterator[str]:
    yield f"{r.name} ({r.source})"
    yield from _wrapped(r.title, "  ", width)
    if r.file:
        yield f"  {r.file}"
    yield ""
    yield "Statement"
    for line in r.statement.splitlines():
        yield from _wrapped(readable(line), "  ", width)
    if r.note:
        yield ""
        yield "Note"
        for paragraph in r.note.split("\n\n"):
            yield from _wrapped(" ".join(paragraph.split()), "  ", width)
    if r.steps:
        yield ""
        yield "Proof"
        for number, step in enumerate(r.steps, start=1):
            yield from _step(number, step, width)
    yield ""
    unexpected = "" if r.as_expected else f"  (unexpected: {r.expected.value} and no failed check were expected)"
    yield f"Verdict  {verdict_text(r)}{unexpected}"
    if r.detail:
        yield from _wrapped(readable(r.detail), "  ", width)
    if r.flaw:
        yield from _wrapped(f"but {r.flaw}", "  ", width)
    if r.override:
        yield from _wrapped(f"expectation overridden: {r.override}", "  ", width)
    yield ""
    yield "Root of trust"
    yield from _trust(r, width)
    if r.checks:
        yield ""
        yield "Checks on optimizer runs"
        for check in r.checks:
            yield from _wrapped(_check(check), "  ", width)


def _step(number: int, step: Step, width: int) -> Iterator[str]:
    label = f"  {number:>2}. "
    yield from _wrapped(readable(step.relation), label, width)
    reason = f"by {step.rule}" + (f": {step.note}" if step.note else "")
    if step.trials:
        margin = "" if step.margin is None else f", smallest margin {margin_text(step.margin)}"
        reason += f"  [tried at {step.trials} points{margin}]"
    yield from _wrapped(reason, " " * (len(label) + 2), width)


def _trust(r: Result, width: int) -> Iterator[str]:
    kinds = ("rules", "axioms", "solvers", "theorems", "assumptions")
    for kind in kinds:
        names = sorted(getattr(r.trust, kind))
        if names:
            yield from _wrapped(f"{kind}: {', '.join(names)}", "  ", width)
    if not any(getattr(r.trust, kind) for kind in kinds):
        yield "  nothing was proved"


def _check(check: Check) -> str:
    if check.skipped:
        return f"{check.name}: skipped: {check.skipped}"
    text = f"{check.name}: {'passed' if check.passed else 'FAILED'}, {check.trials} trials"
    if check.margin is not None:
        text += f", smallest margin {margin_text(check.margin)}"
    if check.where:
        text += f" at {check.where}"
    return text + (f"; tolerance {check.tolerance}" if check.tolerance else "")


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    hanging = " " * (len(indent) + 2)
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    ) or [indent.rstrip()]
