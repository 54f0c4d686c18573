"""Up to which learning rate a flow can stand for Adam: where its error passes 1, 10 and 50 per cent."""

from __future__ import annotations

import math

import numpy as np

from adamtheory.flows.problems import problem
from adamtheory.flows.studies.variants import NAMED, Bench, percent, shown
from adamtheory.methods import Adam
from adamtheory.tabular import NONE, Table

RATES = tuple(float(x) for x in np.round(np.geomspace(1e-4, 1e-1, 10), 10))
LEVELS = (0.01, 0.1, 0.5)
PROBLEMS = {"quadratic": 5.0, "least-squares": 2.0, "double-well": 2.0, "rosenbrock-like": 5.0, "logistic": 2.0}


def breakdown_table() -> Table:
    """Relative sup error against the learning rate, and where it passes each level."""
    rows = []
    for name, until in PROBLEMS.items():
        posed = problem(name)
        benches = [Bench.at(Adam(lr=lr, eps="1e-8"), lr, posed.loss, posed.theta0, until) for lr in RATES]
        for flow, make in NAMED.items():
            found = [bench.compare(make, rtol=1e-6, atol=1e-9) for bench in benches]
            errors = [math.nan if comparison is None else comparison.relative for comparison in found]
            at = [percent(errors[k]) for k in (0, 3, 6, 9)]
            rows.append((f"{name} (t ≤ {until:g}), {flow}", *at, *(shown_passing(errors, level) for level in LEVELS)))
    heads = (*(f"lr {RATES[k]:.0e}" for k in (0, 3, 6, 9)), *(f"past {100 * level:.0f} %" for level in LEVELS))
    note = (
        "Largest deviation over the distance travelled at four of the ten learning rates between 1e-4 and 1e-1, and "
        "the smallest learning rate at which it passes 1, 10 and 50 % (interpolated; > 0.1: not up to there). "
        "γ = 0.9, β = 0.999, ε = 1e-8."
    )
    return Table("Breakdown", note, ("problem, flow", *heads), tuple(rows))


def shown_passing(errors: list[float], level: float) -> str:
    """Where the error first passes the level, interpolated between the logarithms."""
    for k, error in enumerate(errors):
        if math.isnan(error):
            return NONE
        if error > level:
            if k == 0:
                return f"< {RATES[0]:g}"
            share = math.log(level / errors[k - 1]) / math.log(error / errors[k - 1])
            return shown(RATES[k - 1] * (RATES[k] / RATES[k - 1]) ** share)
    return f"> {RATES[-1]:g}"
