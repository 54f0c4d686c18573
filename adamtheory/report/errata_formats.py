"""The formats in which ``adamtheory errata`` prints its table."""

from __future__ import annotations

from adamtheory.report.errata import Errata
from adamtheory.report.errata_latex import document, table
from adamtheory.report.errata_text import markdown, text
from adamtheory.validation import one_of

FORMATS = ("text", "markdown", "latex", "json")


def rendered(found: Errata, form: str = "text", *, standalone: bool = False, width: int = 100) -> str:
    """The table in one of ``FORMATS``; ``standalone`` makes LaTeX a complete document, ``width`` wraps text.

    ValueError for another format."""
    one_of("format", form, FORMATS)
    if form == "markdown":
        return markdown(found)
    if form == "latex":
        return document(found) if standalone else table(found)
    return found.to_json() + "\n" if form == "json" else text(found, width=width) + "\n"
