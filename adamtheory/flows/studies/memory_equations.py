"""Heredia's experiments (2024): his memory equations of AdaGrad, RMSProp and Adam against the discrete methods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adamtheory.flows.problems import Problem, problem
from adamtheory.flows.studies.variants import HEREDIA, NAMED, SECOND_ORDER, Bench, percent, shown
from adamtheory.methods import AdaGrad, Adam, Method, RMSProp
from adamtheory.tabular import Table

EPS = "1e-8"
REFINED = (1.0, 0.5, 0.25, 0.125, 0.0625)  # learning rates of a slope, as shares of the experiment's own


_FEW = 200  # steps: so few that a sharper solution costs little
_CLEAR = 10  # an error this many times that of the solver is the flow's


@dataclass(frozen=True, eq=False)
class Experiment:
    """One row: a method with its learning rate on a problem, over the time ``until``."""

    method: Method
    problem: Problem
    until: float
    title: str


def experiments() -> Iterator[Experiment]:
    """The source's experiments: (theta - 4)^2, least squares, the double well and the Rosenbrock-like family."""
    quadratic, line = problem("quadratic"), problem("least-squares")
    for lr in ("0.1", "0.01"):
        for gamma in ("0", "0.9"):
            for beta in ("0.99", "0.999"):
                yield _adam(lr, gamma, beta, quadratic, 10.0)
        for beta in ("0", "0.9", "0.99"):
            yield Experiment(RMSProp(lr=lr, beta=beta, eps=EPS), quadratic, 2.5, f"RMSProp, β {beta}, lr {lr}")
        epochs = {"0.1": 2_000, "0.01": 200_000}[lr]
        yield Experiment(AdaGrad(lr=lr, eps=EPS), quadratic, epochs * float(lr), f"AdaGrad, lr {lr}, {epochs} steps")
    yield _adam("0.01", "0.9", "0.999", line, 10.0)
    for start in (0.1, -0.1):
        yield _adam("0.01", "0.9", "0.999", problem("double-well", start=start), 10.0, f" from {start:g}")
    for c in (0.0, 1.5, 4.0):
        for lr in ("0.1", "0.01", "0.001"):
            yield _adam(lr, "0.99", "0.999", problem("rosenbrock-like", c=c), 10.0, f", c = {c:g}")


def memory_table() -> Table:
    """The source's models, and the second-order flow, on the source's experiments."""
    return Table(
        "Heredia's experiments",
        "Largest deviation from the discrete method over the whole trajectory, over the distance travelled, of the "
        "memory equation as published and of the second-order flow; and the slopes of its logarithm while the learning "
        f"rate is divided by {1 / REFINED[-1]:.0f} at one final time (by {1 / REFINED[2]:.0f} for RMSProp, for β₁ = 0 "
        f"and from 10,000 steps on, not at all from 100,000). ε = {EPS}. RMSProp up to the time 2.5, before it "
        "arrives: there the flow comes to rest, and the method steps to and fro. –: not solved in 20,000 steps; a "
        f"slope also where a deviation is within {_CLEAR} times the error of the solver.",
        ("experiment", "as published", "slope", "second order", "slope"),
        tuple(map(_row, experiments())),
    )


def _adam(lr: str, gamma: str, beta: str, posed: Problem, until: float, note: str = "") -> Experiment:
    title = f"Adam, β₁ {gamma}, β₂ {beta}, lr {lr}, {posed.name}{note}"
    return Experiment(Adam(lr=lr, gamma=gamma, beta=beta, eps=EPS), posed, until, title)


def _row(experiment: Experiment) -> tuple[str, ...]:
    largest = float(experiment.method.lr)
    steps = experiment.until / largest
    # Without momentum the flow turns stiff near the minimum, where it only rests.
    stiff = isinstance(experiment.method, RMSProp) or getattr(experiment.method, "gamma", None) == 0
    refined = REFINED[:1] if steps > 100_000 else REFINED[:3] if stiff or steps >= 10_000 else REFINED
    options: dict[str, Any] = {"rtol": 1e-7, "atol": 1e-9, "max_steps": 20_000}
    if steps <= _FEW:
        options |= {"rtol": 1e-10, "atol": 1e-13}
    if stiff:
        options = {"rtol": 1e-5, "atol": 1e-8, "max_steps": 20_000}
    benches = [_bench(experiment, share * largest) for share in refined]
    cells = [experiment.title]
    for name in (HEREDIA, SECOND_ORDER):
        found = [bench.compare(NAMED[name], **options) for bench in benches]
        first = found[0]
        kept = [comparison for comparison in found if comparison is not None]
        # A slope of errors that the solver's own may be a part of would say nothing.
        clear = all(one.error > _CLEAR * one.trajectory.error for one in kept)
        slope = None
        if len(kept) == len(found) > 1 and clear:
            slope = float(np.polyfit(np.log(refined), np.log([one.error for one in kept]), 1)[0])
        cells += [percent(None if first is None else first.relative), shown(slope)]
    return tuple(cells)


def _bench(experiment: Experiment, lr: float) -> Bench:
    posed = experiment.problem
    return Bench.at(replace(experiment.method, lr=lr), lr, posed.loss, posed.theta0, experiment.until)
