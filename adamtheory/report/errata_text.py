"""The errata as plain text, as Markdown for the documents, and as the short list of the README."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from adamtheory.report.errata import Errata, Erratum, Repair
from adamtheory.report.mathematics import with_brackets
from adamtheory.report.shown import Formula, Shown

BEGIN, END = "<!-- errata:begin -->", "<!-- errata:end -->"
_OWN = "this library"
_INTRODUCTION = """\
# Errata

Statements that a source prints, or that are easily believed, and that are false; with each the exact witness that
violates it, the values of both sides there, and the statement that is proved instead. `make errata` writes this page
from the verdicts: no line of it is typed. [What a verdict means](verdicts.md).

A symbol is any real number within the hypotheses, an index any integer from 0 on; a sequence is listed from index 0 on
and is 0 afterwards."""


def place(row: Erratum) -> str:
    """The result's number, or the work where it has none."""
    return row.place or row.work


def values(row: Erratum) -> str:
    """Both sides at the witness, in one line."""
    if row.violation is None:
        return row.remark
    v = row.violation
    return f"left {v.left.text}, right {v.right.text}, and left {v.relation.text} right is false"


def witness(row: Erratum) -> str:
    return ", ".join(f.text for f in (*row.witness, *row.instance))


def summary(found: Errata) -> str:
    """One line: how many, from how many works, and how many are repaired."""
    repaired = [row.repaired for row in found if row.repaired is not None]
    omitted = sum(bool(r.omitted) for r in repaired)
    parts = [
        f"refuted statements: {len(found)}, sources: {len(found.works)}",
        f"with a repaired form that is proved: {len(repaired)} ({omitted} by a hypothesis that was left out)",
    ]
    if found.failures:
        parts.append(f"NOT refuted or NOT repaired: {len(found.failures)}")
    return "; ".join(parts)


# -- plain text -------------------------------------------------------------------------------------------------
def text(found: Errata, *, width: int = 100) -> str:
    """A block of labelled lines a statement, wrapped at ``width`` columns."""
    lines: list[str] = []
    for work, rows in found.works.items():
        for row in rows:
            lines += [*_block(work, row, width), ""]
    return "\n".join([*lines, *_wrapped(summary(found), "", width)])


def _block(work: str, row: Erratum, width: int) -> Iterator[str]:
    where = f"{_heading(work)}, {row.place}" if row.place else _heading(work)
    yield from _wrapped(f"{where}: {row.title}", "", width)
    yield from _labelled("", f"{row.name}  {row.verdict}", width)
    yield from _statement("claimed" if work == _OWN else "printed", row.statement, width)
    yield from _labelled("witness", witness(row), width)
    yield from _labelled("values", values(row), width)
    if row.why:
        yield from _labelled("why", row.why, width)
    if row.repaired is None:
        yield from _labelled("true", "(no repaired form)", width)
        return
    r = row.repaired
    yield from _labelled("true", f"{r.title}: {r.name}  {r.verdict}", width)
    if r.omitted:
        yield from _labelled("", f"the claim as printed, where also {_joined(r.omitted)}", width)
    else:
        yield from _statement("", _beyond(r.statement, row.statement), width)


def _statement(label: str, statement: Shown, width: int) -> Iterator[str]:
    for line in statement.claim:
        yield from _labelled(label, line.text, width)
        label = ""
    if statement.given:
        yield from _labelled("", f"given {_joined(statement.given)}", width)
    if statement.where:
        yield from _labelled("", f"where {_joined(statement.where, '; ')}", width)


def _beyond(statement: Shown, other: Shown) -> Shown:
    """Without the definitions that the other one has shown."""
    return Shown(tuple(d for d in statement.where if d not in other.where), statement.given, statement.claim)


def _joined(formulas: Iterable[Formula], separator: str = ", ") -> str:
    return separator.join(f.text for f in formulas)


def _labelled(label: str, line: str, width: int) -> list[str]:
    return _wrapped(line, f"  {label:<8}", width)


def _wrapped(line: str, indent: str, width: int) -> list[str]:
    hanging = " " * len(indent) + ("    " if not indent.strip() else "")
    return textwrap.wrap(
        line, width, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )


# -- Markdown ---------------------------------------------------------------------------------------------------
def markdown(found: Errata) -> str:
    """A page: an overview table for each source, then every statement with its mathematics."""
    lines = [_INTRODUCTION]
    stated: dict[str, str] = {}  # where each repaired form is stated: by the first row that it repairs
    for work, rows in found.works.items():
        lines += ["", f"## {_heading(work)}", "", *_overview(rows)]
        for row in rows:
            lines += ["", *_section(row, stated)]
    return with_brackets("\n".join(lines)) + "\n"


def _heading(work: str) -> str:
    return "Believed, not printed" if work == _OWN else work


def _overview(rows: Iterable[Erratum]) -> Iterator[str]:
    yield "| where | what is said | fails at | true instead |"
    yield "|---|---|---|---|"
    for row in rows:
        true = "-" if row.repaired is None else f"{row.repaired.title} ({row.repaired.verdict})"
        cells = (f"[{place(row)}](#{row.name})", row.title, _shortened(witness(row)), true)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _shortened(line: str, longest: int = 90) -> str:
    return line if len(line) <= longest else textwrap.shorten(line, longest, placeholder=" …")


def _section(row: Erratum, stated: dict[str, str]) -> Iterator[str]:
    yield f'<a id="{row.name}"></a>'
    yield ""
    yield f"### {place(row)}: {row.title}"
    yield ""
    yield f"`{row.name}`: {row.verdict}"
    yield ""
    yield from _mathematics(row.statement)
    yield ""
    yield f"**Fails at** {_inline((*row.witness, *row.instance))}: {_values(row)}."
    if row.why:
        yield ""
        yield f"**Why:** {_sentence(row.why)}"
    yield ""
    if row.repaired is None:
        yield "No repaired form is stated."
    else:
        yield from _repair(row.repaired, row, stated)


def _repair(repair: Repair, row: Erratum, stated: dict[str, str]) -> Iterator[str]:
    first = stated.setdefault(repair.name, row.name)
    above = "" if first == row.name or repair.omitted else f", stated [above](#{first})"
    yield f"**True instead:** {repair.title} (`{repair.name}`, {repair.verdict}{above})."
    if above:
        return
    if repair.omitted:
        yield ""
        yield f"The claim as printed holds where also {_inline(repair.omitted)}."
        return
    yield ""
    yield from _mathematics(_beyond(repair.statement, row.statement))


def _mathematics(statement: Shown) -> Iterator[str]:
    for line in statement.claim:
        yield from ("```math", line.latex, "```")
    if statement.given:
        yield f"given {_inline(statement.given)}"
    if statement.where:
        yield f"{'with' if statement.given else 'where'} {_inline(statement.where, '; ')}"


def _inline(formulas: Iterable[Formula], separator: str = ", ") -> str:
    """Mathematics within a line, in the form that no other Markdown rule touches."""
    return separator.join(f"$`{f.latex}`$" for f in formulas)


def _values(row: Erratum) -> str:
    if row.violation is None:
        return row.remark
    v = row.violation
    return f"left side {_inline([v.left])}, right side {_inline([v.right])}"


def _sentence(line: str) -> str:
    return line if line.endswith(".") else f"{line}."


def brief(found: Errata) -> str:
    """The short list of the README: published sources only, an item for each repaired form."""
    lines: list[str] = []
    for work, rows in found.works.items():
        if work == _OWN:
            continue
        items: dict[str, list[Erratum]] = {}
        for row in rows:
            items.setdefault(row.repaired.name if row.repaired else row.name, []).append(row)
        lines += [f"{work}:", ""]
        for item in items.values():
            lines += textwrap.wrap(
                _item(item), 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
            )
        lines.append("")
    return with_brackets("\n".join(lines).rstrip())


def _item(rows: list[Erratum]) -> str:
    """What is false and what is true, for statements with one repaired form."""
    titles = list(dict.fromkeys(row.title for row in rows))
    said = "; ".join(t for t in titles if not any(t.startswith(f"{other},") for other in titles))
    places = "; ".join(dict.fromkeys(row.place for row in rows if row.place))
    repair = rows[0].repaired
    true = f" True: {repair.title} (`{repair.name}`)." if repair else ""
    return f"- {f'**{places}.** ' if places else ''}False: {said}.{true}"


def inserted(page: str, content: str, name: str = "the file") -> str:
    """``page`` with ``content`` between its markers; ValueError where it does not have each of them once."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError(f"{name} must hold {BEGIN} and after it {END}, each once")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{content}\n{END}{tail}"
