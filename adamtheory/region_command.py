"""``adamtheory region``: where a pair of Adam's decay factors lies, in words and on the map of the square."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from adamtheory.terminal import OK, require_writable, usage


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command("region")
    def region_command(
        beta: Annotated[str | None, typer.Option(help="Decay of the second moment (default 0.999).")] = None,
        gamma: Annotated[str | None, typer.Option(help="Decay of the first moment (default 0.9).")] = None,
        betas: Annotated[
            tuple[str, str] | None,
            typer.Option(help="Both in PyTorch's order: --betas 0.9 0.999 is gamma, then beta.", metavar="GAMMA BETA"),
        ] = None,
        plot: Annotated[Path | None, typer.Option(help="Also draw the map there.", metavar="FILE")] = None,
    ) -> int:
        """Where Adam's (beta, gamma) lies: bounded or not, exactly and in the regions B+, B0, B- of Theorem 1.

        Exit status: 0; 2 unusable input.
        """
        from adamtheory.bounds import max_update
        from adamtheory.method_options import method_from_options
        from adamtheory.methods import Adam
        from adamtheory.report.region import described, point

        with usage():
            given_beta, given_gamma = ([] if x is None else [x] for x in (beta, gamma))
            chosen = method_from_options("adam", beta=given_beta, gamma=given_gamma, betas=betas)
            assert isinstance(chosen, Adam)
            if plot is not None:
                from adamtheory.report.plots import require_drawing

                require_drawing(plot)
                require_writable(plot)
            at = point(chosen)
            text = described(at, max_update(chosen))
            if plot is not None:
                from adamtheory.report.plots import save
                from adamtheory.report.region_figure import region_figure

                save(region_figure(at), plot)
            sys.stdout.write(text)
        return OK
