"""What a flow costs beside its discrete method, up to a network of more than a million parameters."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from adamtheory.flows.comparison import discrete_run
from adamtheory.flows.problems import problem
from adamtheory.flows.solving import solve
from adamtheory.flows.studies.variants import NAMED, percent, shown
from adamtheory.methods import Adam
from adamtheory.tabular import Table

#: problem -> (learning rate, steps, relative tolerance)
SETTINGS: dict[str, tuple[str, int, float]] = {
    "quadratic": ("0.001", 4000, 1e-6),
    "logistic": ("0.001", 1000, 1e-6),
    "digits-mlp": ("0.001", 200, 1e-5),
    "char-transformer": ("0.001", 60, 1e-4),
    "mlp-large": ("0.0001", 100, 1e-4),
}


def cost_table() -> Table:
    """Gradients, seconds, memory and deviation of each flow with a name, and of the discrete method."""
    rows = []
    for name, (lr, steps, rtol) in SETTINGS.items():
        posed = problem(name)
        method = Adam(lr=lr, eps="1e-8")
        ends = np.array([0, steps])
        discrete, seconds, memory = _measured(lambda: discrete_run(method, posed.loss, posed.theta0, ends), posed)  # noqa: B023
        travelled = float(np.abs(discrete[1] - discrete[0]).max())
        size = f"{posed.loss.size:,}".replace(",", " ")
        rows.append((f"{name}, {size} parameters, discrete", str(steps), shown(seconds), f"{memory:.0f}", "0"))
        for title, make in NAMED.items():
            flow = make(method)
            until = steps * flow.duration
            options: dict[str, Any] = {"rtol": rtol, "atol": 1e-3 * rtol, "save_at": [until]}
            solved, seconds, memory = _measured(
                lambda: solve(flow, posed.loss, posed.theta0, (0.0, until), **options),  # noqa: B023
                posed,
            )
            error = float(np.abs(solved.theta[-1] - discrete[1]).max()) / travelled
            cells = (str(solved.gradient_evaluations), shown(seconds), f"{memory:.0f}", percent(error))
            rows.append((f"{name}, {title}", *cells))
    settings = (f"{name}: lr {lr}, {steps} steps, solved to {rtol:g}" for name, (lr, steps, rtol) in SETTINGS.items())
    return Table(
        "Time and memory",
        "Gradients evaluated, seconds, peak memory in arrays of the size of the parameters (the loss's own included; "
        "measured in a run of its own), and the deviation from the discrete method at the end over the distance "
        f"travelled. One process, two shared cores. {'; '.join(settings)}.",
        ("run", "gradients", "seconds", "arrays", "deviation"),
        tuple(rows),
    )


def _measured(run: Callable[[], Any], posed: Any) -> tuple[Any, float, float]:
    """(result, seconds, peak memory over the size of theta); memory in a second run, since tracing slows it down."""
    started = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - started
    tracemalloc.start()
    try:
        run()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return result, seconds, peak / (8 * posed.loss.size)
