"""``adamtheory flow-tables``: the measurements of flows against discrete methods, as tables."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adamtheory.terminal import OK, require_writable, usage

if TYPE_CHECKING:
    from adamtheory.tabular import Table

#: name of a study -> "module:function", which gives its table
STUDIES = {
    "order": "order:order_table",
    "conventions": "conventions:conventions_table",
    "memory-equations": "memory_equations:memory_table",
    "breakdown": "breakdown:breakdown_table",
    "integral-equations": "equations:equations_table",
    "cost": "cost:cost_table",
    "noise": "noise:noise_table",
}
_FORMATS = ("text", "markdown")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command("flow-tables")
    def flow_tables_command(
        studies: Annotated[
            list[str] | None,
            typer.Argument(help=f"{', '.join(STUDIES)}; all of them (minutes) when left out.", metavar="STUDY"),
        ] = None,
        form: Annotated[str, typer.Option("--format", help="text or markdown.", metavar="FORMAT")] = "text",
        update: Annotated[
            Path | None,
            typer.Option(help="Rewrite the tables between the markers of this Markdown file.", metavar="FILE"),
        ] = None,
    ) -> int:
        """Measure how flows follow the discrete methods: order, conventions, breakdown, cost, noise."""
        from adamtheory.tabular import replaced
        from adamtheory.validation import one_of

        with usage():
            one_of("format", form, _FORMATS)
            chosen = [one_of("STUDY", name, STUDIES) for name in studies or STUDIES]
            require_writable(update)
            if update is not None:
                for name in chosen:  # before minutes of work: the markers are there
                    replaced(update.read_text(encoding="utf-8"), f"flow-{name}", "")
            for name in chosen:
                table = table_of(name)
                if update is None:
                    sys.stdout.write((table.text() if form == "text" else table.markdown()) + "\n\n")
                    sys.stdout.flush()
                else:
                    document = update.read_text(encoding="utf-8")
                    update.write_text(replaced(document, f"flow-{name}", table.markdown() + "\n"), encoding="utf-8")
        return OK


def table_of(name: str) -> Table:
    """The table of one of ``STUDIES``."""
    module, _, function = STUDIES[name].partition(":")
    table: Table = getattr(import_module(f"adamtheory.flows.studies.{module}"), function)()
    return table
