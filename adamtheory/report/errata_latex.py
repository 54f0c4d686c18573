"""The errata as a LaTeX longtable: a fragment for a document that loads amsmath, longtable and booktabs, or a document.

Definitions stand once, numbered, before the table; formulas break only where LaTeX lets them, between terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adamtheory.report.errata import Errata, Erratum
from adamtheory.report.latex import escaped, prose
from adamtheory.report.shown import Formula, Shown

PACKAGES = ("amsmath", "longtable", "booktabs")
_WIDTHS = (0.13, 0.31, 0.16, 0.35)  # of the line: where, what is printed, witness, what is true
_HEADS = ("Where", "As printed (false)", "Witness", "True instead, and why")
_ROOM = (40, 50)  # characters that fit beside each other in a claim as printed, and in a true one
_LIST = re.compile(r"= \([^()]*\)")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_SPACES = {
    "left": 0,
    "right": 0,
    "text": 0,
    "mathrm": 0,
    "": 0.3,
    "quad": 2,
    "le": 2,
    "ge": 2,
    "ne": 2,
    "implies": 4,
    "iff": 4,
}
_COMMA = r",\allowbreak\ "


def document(found: Errata) -> str:
    """A complete document, in landscape, of packages that every TeX distribution has."""
    lines = [
        r"\documentclass[a4paper,10pt]{article}",
        r"\usepackage[landscape,margin=15mm]{geometry}",
        *(rf"\usepackage{{{package}}}" for package in PACKAGES),
        r"\begin{document}",
        r"\section*{Errata}",
        table(found).rstrip(),
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def table(found: Errata) -> str:
    """The table and, before it, the definitions that its statements use.  Needs ``PACKAGES``."""
    numbers = _numbered(found)
    lines = [
        r"\begingroup",
        r"\footnotesize",
        r"\allowdisplaybreaks",
        r"\setlength{\LTpre}{6pt}",
        r"\normallineskiplimit=0.5pt \normallineskip=2pt",
        *_definitions(numbers),
    ]
    columns = "".join(rf"p{{{width}\linewidth}}" for width in _WIDTHS)
    head = " & ".join(rf"\textbf{{{head}}}" for head in _HEADS) + r" \tabularnewline"
    lines += [rf"\begin{{longtable}}{{@{{}}{columns}@{{}}}}", r"\toprule", head, r"\midrule", r"\endhead"]
    lines += [r"\bottomrule", r"\endfoot"]
    stated: set[str] = set()  # repaired forms that an earlier row has stated
    for work, rows in found.works.items():
        title = escaped("Believed, not printed" if work == "this library" else work)
        lines.append(rf"\multicolumn{{{len(_WIDTHS)}}}{{@{{}}l}}{{\textbf{{{title}}}}} \tabularnewline*[2pt]")
        for row in rows:
            cells = (_where(row), _said(row.statement, numbers, _ROOM[0]), _witness(row), _true(row, numbers, stated))
            lines.append(" &\n".join(r"\raggedright " + r"\par ".join(cell) for cell in cells))
            lines.append(r"\tabularnewline \addlinespace[4pt]")
    lines += [r"\end{longtable}", r"\endgroup"]
    return "\n".join(lines) + "\n"


def _numbered(found: Errata) -> dict[tuple[Formula, ...], int]:
    """The sets of definitions that the statements use, numbered from 1."""
    numbers: dict[tuple[Formula, ...], int] = {}
    for row in found:
        repaired = row.repaired.statement if row.repaired is not None else row.statement
        for statement in (row.statement, repaired):
            if statement.where:
                numbers.setdefault(statement.where, len(numbers) + 1)
    return numbers


def _definitions(numbers: dict[tuple[Formula, ...], int]) -> Iterator[str]:
    if numbers:
        yield r"\raggedright\noindent Definitions, as the statements name them:\par"
    for where, number in numbers.items():
        yield r"\noindent\hangindent=2em " + rf"({number})\ " + r";\quad ".join(map(_inline, where)) + r"\par"


def _where(row: Erratum) -> Iterator[str]:
    yield prose(row.place or row.work)
    yield prose(row.title)
    yield _breakable(row.name)


def _said(statement: Shown, numbers: dict[tuple[Formula, ...], int], room: int) -> Iterator[str]:
    for claim in statement.claim:
        yield _claim(claim, room)
    if statement.given:
        yield "given " + ", ".join(map(_inline, statement.given))
    if statement.where:
        yield rf"with definitions~({numbers[statement.where]})"


def _witness(row: Erratum) -> Iterator[str]:
    yield ", ".join(map(_inline, (*row.witness, *row.instance)))
    if row.violation is None:
        yield prose(row.remark)
        return
    v = row.violation
    yield f"left {_inline(v.left)}"
    yield f"right {_inline(v.right)}"
    yield f"left ${v.relation.latex}$ right is false"


def _true(row: Erratum, numbers: dict[tuple[Formula, ...], int], stated: set[str]) -> Iterator[str]:
    if row.why:
        yield prose(row.why)
    r = row.repaired
    if r is None:
        return
    yield rf"\textsc{{{escaped(r.verdict.lower().replace('_', ' '))}}}: {prose(r.title)}"
    yield _breakable(r.name)
    if r.omitted:
        yield "the claim as printed where also " + ", ".join(map(_inline, r.omitted))
    elif r.name in stated:
        yield "stated above"
    else:
        stated.add(r.name)
        yield from _said(r.statement, numbers, _ROOM[1])


def _claim(formula: Formula, room: int) -> str:
    """A claim, in display size where it fits into its column on one line."""
    style = r"\displaystyle " if width(formula.latex) <= room else ""
    return f"${style}{formula.latex}$"


def width(shape: str) -> float:
    """About how many characters wide a formula is: a fraction as its wider part, what is raised or lowered smaller."""
    total, at = 0.0, 0
    while at < len(shape):
        if shape[at] in "^_":
            part, at = _group(shape, at + 1)
            total += 0.7 * width(part)
        elif shape[at] == "{":
            part, at = _group(shape, at)
            total += width(part)
        elif shape[at] == "\\":
            command = _COMMAND.match(shape, at)
            name, at = (command[1], command.end()) if command else ("", at + 2)
            if name == "frac":
                above, at = _group(shape, at)
                below, at = _group(shape, at)
                total += max(width(above), width(below))
            else:
                total += _SPACES.get(name, 1)
        else:
            total += 2 if shape[at] in "=<+-" else 0 if shape[at] == " " else 1
            at += 1
    return total


def _group(shape: str, at: int) -> tuple[str, int]:
    """The group or the single character at a place, and where it ends."""
    if at >= len(shape) or shape[at] != "{":
        return shape[at : at + 1], at + 1
    depth = 0
    for end in range(at, len(shape)):
        depth += (shape[end] == "{") - (shape[end] == "}")
        if depth == 0:
            return shape[at + 1 : end], end + 1
    return shape[at + 1 :], len(shape)


def _inline(formula: Formula) -> str:
    """Mathematics within a line; TeX breaks it after relations and signs, and here also after the commas of a list."""
    return f"${_LIST.sub(lambda found: found[0].replace(', ', _COMMA), formula.latex)}$"


def _breakable(name: str) -> str:
    """A name of the library in typewriter type, which may break at its underscores."""
    return rf"\texttt{{{escaped(name)}}}".replace(r"\_", r"\_\allowbreak{}")
