"""``adamtheory flow``: a continuous-time model beside the discrete method that it stands for."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamtheory.terminal import OK, UNEXPECTED, require_writable, usage

if TYPE_CHECKING:
    from adamtheory.flows.comparison import Comparison
    from adamtheory.flows.memory import MemoryFlow
    from adamtheory.flows.problems import Problem
    from adamtheory.methods import Method

MODELS = ("second-order", "gould-tanaka", "heredia", "nonlocal")
_FEW = 10_000  # numbers of a trajectory that are worth printing as JSON


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command("flow")
    def flow_command(
        method: Annotated[str, typer.Option(help="adam, adamw, adam_coupled, rmsprop or adagrad.")] = "adam",
        problem: Annotated[str, typer.Option(help="A problem by name (an unknown name lists them).")] = "quadratic",
        lr: Annotated[str, typer.Option(help="Learning rate.")] = "0.01",
        beta: Annotated[str | None, typer.Option(help="Decay of the second moment.")] = None,
        gamma: Annotated[str | None, typer.Option(help="Decay of the first moment.")] = None,
        betas: Annotated[
            tuple[str, str] | None,
            typer.Option(help="Both in PyTorch's order: --betas 0.9 0.999 is gamma, then beta.", metavar="GAMMA BETA"),
        ] = None,
        setting: Annotated[
            list[str] | None,
            typer.Option("--set", help="Any field of the method: --set weight_decay=0.1.", metavar="NAME=VALUE"),
        ] = None,
        model: Annotated[str, typer.Option(help=", ".join(MODELS) + ".")] = "second-order",
        convention: Annotated[
            str | None, typer.Option(help="Decay rates of the second-order model: exact, first_order, forward_euler.")
        ] = None,
        start: Annotated[str | None, typer.Option(help="Start of the averages: consistent or zero.")] = None,
        second_order: Annotated[
            bool | None, typer.Option("--second-order/--first-order", help="With half a step of inertia, or without.")
        ] = None,
        lag: Annotated[
            bool | None, typer.Option("--lag/--no-lag", help="Averages as early as the discrete ones, or later.")
        ] = None,
        until: Annotated[float | None, typer.Option(help="Time to solve to; the problem's own when left out.")] = None,
        solver: Annotated[
            str, typer.Option(help="auto, exponential, volterra, compressed, dop853, radau, euler or picard.")
        ] = "auto",
        rtol: Annotated[float, typer.Option(help="Relative tolerance of the solver.")] = 1e-8,
        atol: Annotated[float, typer.Option(help="Absolute tolerance of the solver.")] = 1e-11,
        as_json: Annotated[bool, typer.Option("--json", help="The comparison's fields as JSON.")] = False,
        plot: Annotated[
            Path | None, typer.Option(help="Draw trajectories, error, m and v there.", metavar="FILE")
        ] = None,
    ) -> int:
        """Solve a method's flow on a problem, and hold it against the method itself, step by step.

        Exit status: 0; 1 where the flow could not be solved to the end (what was solved is drawn); 2 unusable input.
        """
        from adamtheory.flows.comparison import compare
        from adamtheory.flows.problems import problem as problem_by_name
        from adamtheory.flows.trajectory import FlowStopped
        from adamtheory.method_options import method_from_options
        from adamtheory.validation import reject

        with usage():
            chosen = method_from_options(
                method,
                beta=[beta] if beta else (),
                gamma=[gamma] if gamma else (),
                betas=betas,
                named={"lr": lr},
                settings=setting or (),
            )
            switches = {"rates": convention, "start": start, "second_order": second_order, "lag": lag}
            flow = flow_from_options(chosen, model, switches)
            posed = problem_by_name(problem)
            span = posed.t_span[1] if until is None else until
            steps = round(span / flow.duration) if math.isfinite(span) else 0
            if steps < 1:
                reject("until", until, f"at least one step of {flow.duration:g}")
            if plot is not None:
                from adamtheory.report.plots import require_drawing

                require_drawing(plot)
            require_writable(plot)
            try:
                found = compare(chosen, flow, posed.loss, posed.theta0, steps, rtol=rtol, atol=atol, solver=solver)
            except FlowStopped as stopped:
                sys.stderr.write(f"adamtheory: {stopped}\n")
                if plot is not None:
                    _draw(None, stopped.trajectory, posed, plot)
                return UNEXPECTED
            if plot is not None:
                _draw(found, found.trajectory, posed, plot)
            sys.stdout.write(as_data(found, posed) if as_json else described(found, posed))
        return OK


def flow_from_options(method: Method, model: str, switches: dict[str, Any]) -> MemoryFlow:
    """The flow called ``model``; ``switches`` (None where not given) are the second-order model's own."""
    from adamtheory.flows import models
    from adamtheory.methods import Adam
    from adamtheory.validation import one_of, reject

    one_of("model", model, MODELS)
    given = {name: value for name, value in switches.items() if value is not None}
    if model == "second-order":
        return models.flow_of(method, **given)
    if given:
        name = next(iter(given))
        reject(name, given[name], f"left out with --model {model}, which fixes it")
    if model == "heredia":
        return models.heredia_flow(method)
    if not isinstance(method, Adam):
        reject("method", method.name, f"adam, adamw or adam_coupled with --model {model}")
    return models.gould_tanaka_flow(method) if model == "gould-tanaka" else models.nonlocal_flow(method)


def described(found: Comparison, problem: Problem) -> str:
    """The comparison in words, ending in a line break."""
    solved = found.trajectory
    size = problem.loss.size
    estimate = f"; estimated error {solved.error:.2g}" if math.isfinite(solved.error) else ""
    layer = f"{found.layer_error:.3g} within the first {found.layer} steps, {found.later_error:.3g} more after them"
    lines = (
        f"{problem.description} ({problem.name}, {size} parameter{'s' if size > 1 else ''})",
        f"{found.flow.name}: t = 0 ... {solved.t[-1]:g}, {int(found.steps[-1])} steps of {found.flow.duration:g}",
        f"largest deviation from the discrete method: {found.error:.3g}, {100 * found.relative:.2g} % of the distance "
        f"travelled ({found.travelled:.3g})",
        f"  {layer}",
        f"solved by {solved.method}: {solved.gradient_evaluations} gradients for the flow, {int(found.steps[-1])} for "
        f"the discrete method{estimate}",
    )
    return "\n".join(lines) + "\n"


def as_data(found: Comparison, problem: Problem) -> str:
    """The comparison's fields under their own names; trajectories only while they are of a size to print."""
    solved = found.trajectory
    data: dict[str, Any] = {
        "problem": problem.name,
        "flow": found.flow.name,
        "method": found.method.name,
        "lr": str(found.method.lr),
        "error": found.error,
        "relative": found.relative,
        "layer": found.layer,
        "layer_error": found.layer_error,
        "later_error": found.later_error,
        "travelled": found.travelled,
        "solver": solved.method,
        "solver_error": solved.error if math.isfinite(solved.error) else None,
        "gradient_evaluations": solved.gradient_evaluations,
    }
    if solved.theta.size <= _FEW:
        names = ("t", "theta", "m", "v")
        data |= {"steps": found.steps.tolist(), "discrete": found.discrete.tolist()}
        data |= {"deviation": found.deviation.tolist()} | {name: getattr(solved, name).tolist() for name in names}
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _draw(found: Comparison | None, solved: Any, problem: Problem, target: Path) -> None:
    from adamtheory.report.flow_figure import flow_figure
    from adamtheory.report.plots import save

    save(flow_figure(solved, problem.description, found), target)
