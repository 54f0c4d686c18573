"""``adamtheory lyapunov-search``: the energy of a template that decays fastest along a flow, with a certificate."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adamtheory.terminal import OK, UNEXPECTED, fail, require_writable, usage

if TYPE_CHECKING:
    from adamtheory.flows.memory import MemoryFlow
    from adamtheory.lyapunov.flow_problems import Preconditioned

FLOWS = ("gradient", "heavy-ball", "rmsprop", "adagrad", "adam")
_DEFAULTS = {"friction": "2", "initial_gap": "1", "lr": "0.001", "eps": "1e-8", "convention": "forward_euler"}


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
        friction: Annotated[str | None, typer.Option(help="Of the heavy ball; 2 when left out.")] = None,
        initial_gap: Annotated[
            str | None, typer.Option(help="f - f* at the start, which bounds the memories; 1 when left out.")
        ] = None,
        lr: Annotated[str | None, typer.Option(help="Learning rate: a step takes this time; 0.001.")] = None,
        beta: Annotated[str | None, typer.Option(help="Decay of the second moment.")] = None,
        gamma: Annotated[str | None, typer.Option(help="Decay of the first moment.")] = None,
        eps: Annotated[str | None, typer.Option(help="Regulariser beside the root; 1e-8 when left out.")] = None,
        convention: Annotated[
            str | None, typer.Option(help="Decay rates per time: exact, first_order, or forward_euler (when left out).")
        ] = None,
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
        from adamtheory.lyapunov import LossClass, search
        from adamtheory.lyapunov.certificates import load_certificate
        from adamtheory.lyapunov.search_results import described
        from adamtheory.validation import one_of

        with usage():
            if check is not None:
                known = load_certificate(check)
                holds = known.check()
                verdict = "proved" if holds else "NOT proved by it"
                sys.stdout.write(f"{check}: the rate {known.rate} is {verdict}\n  {described(known.problem)}\n")
                return OK if holds else UNEXPECTED
            require_writable(certificate)
            one_of("flow", flow, FLOWS)
            classes = {"smoothness": smoothness, "strong_convexity": strong_convexity, "pl": pl}
            losses = LossClass(**{name: _number(name, text) for name, text in classes.items() if text is not None})
            options = {"friction": friction, "initial_gap": initial_gap, "lr": lr, "beta": beta, "gamma": gamma}
            options |= {"eps": eps, "convention": convention}
            dynamics, gap = flow_from_options(flow, {key: text for key, text in options.items() if text is not None})
            wanted = None if rate is None else _number("rate", rate)
            try:
                found = search(dynamics, template, losses, initial_gap=gap, rate=wanted)
            except ModuleNotFoundError as missing:
                fail(str(missing))
            if certificate is not None and found.certificate is not None:
                certificate.write_text(found.certificate.to_json(), encoding="utf-8")
            sys.stdout.write(found.to_json() if as_json else f"{found}\n")
        return OK if found.certificate is not None else UNEXPECTED


def flow_from_options(flow: str, given: dict[str, str]) -> tuple[Preconditioned | MemoryFlow, Fraction | None]:
    """The flow of that name, and the gap at its start where that matters; ``given``: the options that were given."""
    from adamtheory.flows.models import flow_of
    from adamtheory.lyapunov import gradient_flow, heavy_ball_flow
    from adamtheory.method_options import method_from_options
    from adamtheory.validation import reject

    taken: tuple[str, ...] = ("initial_gap", "lr", "beta", "gamma", "eps", "convention")
    if flow in FLOWS[:2]:
        taken = ("friction",) if flow == "heavy-ball" else ()
    for name, text in given.items():
        if name not in taken:
            reject(name, text, f"left out with --flow {flow}")
    value = _DEFAULTS | given
    if flow == "gradient":
        return gradient_flow(), None
    if flow == "heavy-ball":
        return heavy_ball_flow(_number("friction", value["friction"])), None
    beta, gamma = ([given[name]] if name in given else () for name in ("beta", "gamma"))
    method = method_from_options(flow, beta=beta, gamma=gamma, named={"lr": value["lr"], "eps": value["eps"]})
    # Heredia's (2024) memory equations, at the rates of any convention
    memory = flow_of(method, rates=value["convention"], start="zero", second_order=False, lag=False, bias="elapsed")
    return memory, _number("initial_gap", value["initial_gap"])


def _number(name: str, text: str) -> Fraction:
    from adamtheory.lowering.exactness import exact_fraction

    return exact_fraction(text, name)
