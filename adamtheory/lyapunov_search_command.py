"""``adamtheory lyapunov-search``: the energy of a template that decays fastest along a flow, with a certificate."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adamtheory.terminal import OK, UNEXPECTED, require_writable, usage

if TYPE_CHECKING:
    from adamtheory.lyapunov.searches import Found

FLOWS = ("gradient", "heavy-ball", "rmsprop", "adagrad", "adam")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command("lyapunov-search")
    def search_command(
        flow: Annotated[str, typer.Option(help=", ".join(FLOWS) + ".")] = "adam",
        template: Annotated[
            str, typer.Option(help="Terms between commas: gap, distance, cross, momentum, kinetic, gradient-momentum.")
        ] = "gap,kinetic,cross",
        smoothness: Annotated[str | None, typer.Option(help="L: the losses are L-smooth (left out: any).")] = None,
        strong_convexity: Annotated[str | None, typer.Option(help="mu >= 0: they are mu-strongly convex.")] = None,
        pl: Annotated[str | None, typer.Option(help="mu: |g|^2 >= 2 mu (f - f*).")] = None,
        rate: Annotated[str | None, typer.Option(help="Only this rate, in place of the best.")] = None,
        friction: Annotated[str, typer.Option(help="Of the heavy ball.")] = "2",
        initial_gap: Annotated[str, typer.Option(help="f - f* at the start: it bounds the memories.")] = "1",
        lr: Annotated[str, typer.Option(help="Learning rate: one step takes this time.")] = "0.001",
        beta: Annotated[str | None, typer.Option(help="Decay of the second moment.")] = None,
        gamma: Annotated[str | None, typer.Option(help="Decay of the first moment.")] = None,
        eps: Annotated[str, typer.Option(help="Regulariser beside the root.")] = "1e-8",
        certificate: Annotated[Path | None, typer.Option(help="Save the certificate there.", metavar="FILE")] = None,
        check: Annotated[
            Path | None, typer.Option(help="Only check this certificate, exactly.", metavar="FILE")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
    ) -> int:
        """Search the best coefficients of an energy; a solver proposes, exact arithmetic decides.

        Exit status: 0 proved (the certificate holds); 1 refuted, undecided, or a certificate that fails; 2 unusable
        input.
        """
        from adamtheory.lyapunov import LossClass, gradient_flow, heavy_ball_flow, search
        from adamtheory.lyapunov.certificates import load_certificate
        from adamtheory.method_options import method_from_options
        from adamtheory.validation import one_of

        with usage():
            if check is not None:
                known = load_certificate(check)
                holds = known.check()
                sys.stdout.write(f"{check}: the rate {known.rate} is {'proved' if holds else 'NOT proved by it'}\n")
                return OK if holds else UNEXPECTED
            require_writable(certificate)
            one_of("flow", flow, FLOWS)
            losses = LossClass(
                *(
                    None if text is None else _number(name, text)
                    for name, text in (("smoothness", smoothness), ("strong_convexity", strong_convexity), ("pl", pl))
                )
            )
            if flow in FLOWS[:2]:
                dynamics = gradient_flow() if flow == "gradient" else heavy_ball_flow(_number("friction", friction))
            else:
                from adamtheory.flows.models import heredia_flow

                method = method_from_options(
                    flow,
                    beta=[beta] if beta else (),
                    gamma=[gamma] if gamma else (),
                    named={"lr": lr, "eps": eps},
                )
                dynamics = heredia_flow(method)
            wanted = None if rate is None else _number("rate", rate)
            found = search(dynamics, template, losses, initial_gap=_number("initial_gap", initial_gap), rate=wanted)
            if certificate is not None and found.certificate is not None:
                certificate.write_text(found.certificate.to_json(), encoding="utf-8")
            sys.stdout.write(as_data(found) if as_json else f"{found}\n")
        return OK if found.certificate is not None else UNEXPECTED


def _number(name: str, text: str) -> Fraction:
    from adamtheory.lowering.exactness import exact_fraction

    return exact_fraction(text, name)


def as_data(found: Found) -> str:
    """The result as JSON, ending in a line break."""
    data = {
        "verdict": found.verdict.name,
        "rate": None if found.rate is None else str(found.rate),
        "coefficients": {name: str(value) for name, value in found.coefficients.items()},
        "certificate": None if found.certificate is None else json.loads(found.certificate.to_json()),
        "refutation": None if found.refutation is None else str(found.refutation),
        "reason": found.reason,
    }
    return json.dumps(data, indent=2) + "\n"
