"""Mini-batches: how far the full-batch flow is from the mean of stochastic runs, in units of their spread."""

from __future__ import annotations

import numpy as np

from adamtheory.flows.comparison import compare
from adamtheory.flows.models import flow_of
from adamtheory.flows.problems import Problem, problem
from adamtheory.flows.studies.variants import percent
from adamtheory.methods import Adam
from adamtheory.methods.streaming import stream
from adamtheory.tabular import Table

RUNS = 16
SETTINGS = (
    ("least-squares", "0.001", 1000, (1, 32, 256)),
    ("logistic", "0.001", 1000, (1, 32, 256)),
    ("logistic", "0.01", 100, (1, 32, 256)),
    ("digits-mlp", "0.001", 100, (32, 256)),
)


def noise_table() -> Table:
    """The flow against the mean and the spread of stochastic runs, at the end of training."""
    rows = []
    for name, lr, steps, batches in SETTINGS:
        posed = problem(name)
        method = Adam(lr=lr, eps="1e-8")
        found = compare(method, flow_of(method), posed.loss, posed.theta0, steps, rtol=1e-6, atol=1e-9)
        flow = found.trajectory.theta[-1]
        for batch in batches:
            ends = _stochastic(posed, method, steps, batch)
            title = f"{name}, lr {lr}, {steps} steps, batch {batch}"
            rows.append((title, *_cells(ends, flow, posed.theta0, found.relative)))
    return Table(
        "Mini-batch noise",
        f"{RUNS} runs of Adam on mini-batches against the flow on the full batch, at the last step; medians over the "
        "parameters, over the median distance travelled by the full batch. Deviation: |flow − mean of the runs|. "
        "Spread: standard deviation of one run. Standard error: of the mean. Full batch: the flow's own relative "
        "error without noise.",
        ("problem", "deviation", "spread", "standard error", "full batch"),
        tuple(rows),
    )


def _stochastic(posed: Problem, method: Adam, steps: int, batch: int) -> np.ndarray:
    ends = []
    for seed in range(RUNS):
        draw = posed.minibatch(batch, seed)
        for step in stream(method, lambda n, theta, draw=draw: draw(n).gradient(theta), posed.theta0, steps):  # type: ignore[misc]
            last = step.theta
        ends.append(last)
    return np.array(ends)


def _cells(ends: np.ndarray, flow: np.ndarray, start: np.ndarray, full: float) -> tuple[str, ...]:
    travelled = float(np.median(np.abs(flow - start))) or 1.0
    spread = ends.std(axis=0, ddof=1)
    deviation = np.abs(ends.mean(axis=0) - flow)
    shares = (np.median(x) / travelled for x in (deviation, spread, spread / np.sqrt(len(ends))))
    return (*(percent(float(x)) for x in shares), percent(full))
