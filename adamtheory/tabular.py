"""Tables of text, for documents that commands rewrite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import fill

_WIDTH = 120  # of a note in plain text, characters
NONE = "–"


@dataclass(frozen=True)
class Table:
    """A title, the reading of its columns, column heads, and rows of text; the first column names the row."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        """Aligned columns under the title and the note, numbers to the right."""
        lines = [self.heads, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.heads))]

        def line(cells: Sequence[str]) -> str:
            rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
            return "  ".join((cells[0].ljust(widths[0]), *rest)).rstrip()

        rule = "  ".join("-" * width for width in widths)
        return "\n".join([self.title, fill(self.note, _WIDTH), "", line(self.heads), rule, *map(line, self.rows)])

    def markdown(self) -> str:
        """A heading, the note and a table."""

        def line(cells: Iterable[str]) -> str:
            return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

        rule = "|---|" + "---:|" * (len(self.heads) - 1)
        return "\n".join([f"### {self.title}", "", self.note, "", line(self.heads), rule, *map(line, self.rows)])


def markers(name: str) -> tuple[str, str]:
    """The lines of a Markdown document between which a command writes."""
    return f"<!-- {name}:begin -->", f"<!-- {name}:end -->"


def replaced(document: str, name: str, body: str) -> str:
    """The document with ``body`` between its markers of that name.  ValueError where it has not one pair of them."""
    begin, end = markers(name)
    if document.count(begin) != 1 or document.count(end) != 1 or document.index(end) < document.index(begin):
        raise ValueError(f"the document must have one {begin} and one {end} after it")
    before, after = document.split(begin)[0], document.split(end)[1]
    return f"{before}{begin}\n\n{body}\n{end}{after}"
