"""``adamtheory rate`` and ``rate-table``: proved convergence rates of the adaptive flows."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adamtheory.terminal import OK, require_writable, usage

if TYPE_CHECKING:
    from adamtheory.lyapunov.rates import Rate

FLOWS = ("adam", "rmsprop", "adagrad")


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""

    @app.command("rate")
    def rate_command(
        flow: Annotated[str, typer.Option(help=", ".join(FLOWS) + ": its memory equation (Heredia 2024).")] = "adam",
        smoothness: Annotated[float | None, typer.Option(help="L: the loss is L-smooth.")] = None,
        strong_convexity: Annotated[float | None, typer.Option(help="mu: it is mu-strongly convex.")] = None,
        pl: Annotated[float | None, typer.Option(help="mu: |g|^2 >= 2 mu (f - inf f).")] = None,
        kl: Annotated[
            tuple[float, float] | None, typer.Option(help="c and a: |g| >= c (f - inf f)^a.", metavar="C A")
        ] = None,
        initial_gap: Annotated[float, typer.Option(help="f - inf f at the start.")] = 1.0,
        lr: Annotated[str, typer.Option(help="Learning rate: one step takes this time.")] = "0.001",
        beta: Annotated[str | None, typer.Option(help="Decay of the second moment.")] = None,
        gamma: Annotated[str | None, typer.Option(help="Decay of the first moment.")] = None,
        eps: Annotated[str, typer.Option(help="Regulariser beside the root.")] = "1e-8",
        plot: Annotated[Path | None, typer.Option(help="Draw the envelope there.", metavar="FILE")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="All of it as JSON.")] = False,
    ) -> int:
        """How fast f - inf f decays along a flow, at least: a proved rate, with what it rests on.

        Exit status: 0; 2 unusable input, or no theorem for it.
        """
        from adamtheory.lyapunov import rate
        from adamtheory.method_options import method_from_options
        from adamtheory.validation import one_of, reject

        with usage():
            method = method_from_options(
                one_of("flow", flow, FLOWS),
                beta=[beta] if beta else (),
                gamma=[gamma] if gamma else (),
                named={"lr": lr, "eps": eps},
            )
            if smoothness is None:
                reject("smoothness", None, "given (--smoothness): it bounds the memories")
            if plot is not None:
                from adamtheory.report.plots import require_drawing

                require_drawing(plot)
            require_writable(plot)
            found = rate(
                method,
                smoothness=smoothness,
                strong_convexity=strong_convexity,
                pl=pl,
                kl=kl,
                initial_gap=initial_gap,
            )
            if plot is not None:
                found.plot(plot)
            sys.stdout.write(as_data(found) if as_json else described(found))
        return OK

    @app.command("rate-table")
    def rate_table_command(
        update: Annotated[
            Path | None, typer.Option(help="Rewrite the table between the markers of this file.", metavar="FILE")
        ] = None,
    ) -> int:
        """Proved rates beside the slowest that is observed, over condition numbers (half a minute)."""
        from adamtheory.lyapunov.rate_table import rate_table
        from adamtheory.tabular import replaced

        with usage():
            require_writable(update)
            if update is not None:
                replaced(update.read_text(encoding="utf-8"), "rates", "")
            table = rate_table()
            if update is None:
                sys.stdout.write(table.text() + "\n")
            else:
                document = update.read_text(encoding="utf-8")
                update.write_text(replaced(document, "rates", table.markdown() + "\n"), encoding="utf-8")
        return OK


def described(found: Rate) -> str:
    """The rate in words, ending in a line break."""
    if found.kind == "exponential":
        first = f"f - inf f decays like exp(-rho t), rho = {found.value:.6g} per unit of time"
        step = found.flow.duration
        first += f" ({found.value * step:.3g} a step of {step:g})"
    else:
        first = f"f - inf f decays like t^(-p), p = {found.value:.6g}"
    lines = [
        found.flow.name,
        first,
        f"at most {found.bound}",
        "where " + ", ".join(f"{symbol} = {float(value):.6g}" for symbol, value in found.values.items()),
        f"proved: {found.theorem} (adamtheory verify --select {found.theorem})",
        *(f"asked of flow and loss: {condition}" for condition in found.conditions),
    ]
    if found.sharp:
        lines.append("sharp: on a parabola the rate is no larger in the end (adagrad_rate_is_sharp)")
    return "\n".join(lines) + "\n"


def as_data(found: Rate) -> str:
    """The rate as JSON, ending in a line break."""
    data = {
        "flow": found.flow.name,
        "kind": found.kind,
        "value": found.value,
        "formula": str(found.formula),
        "bound": str(found.bound),
        "values": {str(symbol): float(value) for symbol, value in found.values.items()},
        "theorem": found.theorem,
        "lemmas": list(found.lemmas),
        "conditions": list(found.conditions),
        "sharp": found.sharp,
    }
    return json.dumps(data, indent=2) + "\n"
