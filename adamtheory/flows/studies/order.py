"""The order at which each flow follows Adam: conventions, starts, lag and inertia."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adamtheory.flows.problems import problem
from adamtheory.flows.studies.variants import HEREDIA, NAMED, STARTS, Bench, Make, shown, variant
from adamtheory.methods import AdamW
from adamtheory.notation import DecayRate
from adamtheory.tabular import Table

RATES = (2e-3, 1e-3, 5e-4, 2.5e-4, 1.25e-4)
DECAY = 0.5
PROBLEMS = (("quadratic", 1.0), ("logistic", 1.0))


def order_table() -> Table:
    """Slope of the sup error against the learning rate, 2e-3 to 1.25e-4, at PyTorch's decay factors."""
    benches = {
        (name, decay): _benches(name, until, decay) for name, until in PROBLEMS for decay in (0.0, DECAY)
    }
    rows = []
    for title, make in _flows().items():
        cells: list[str] = [title]
        for name, _ in PROBLEMS:
            plain = slope_of(benches[name, 0.0], make)
            cells += [shown(plain[1]), f"{plain[0]:.2f}", f"{slope_of(benches[name, DECAY], make)[0]:.2f}"]
        rows.append(tuple(cells))
    return Table(
        "The order of each flow",
        "Largest deviation from discrete Adam over the time 0 … 1 (error: at lr = 1e-3), and the slope of its "
        f"logarithm over lr = {RATES[0]:g} … {RATES[-1]:g} ({len(RATES)} rates, regression), without and with weight "
        f"decay {DECAY:g}. γ = 0.9, β = 0.999, ε = 0.",
        ("flow", *(f"{name}: {what}" for name, _ in PROBLEMS for what in ("error", "slope", "slope, decay"))),
        tuple(rows),
    )


def slope_of(benches: list[Bench], make: Make) -> tuple[float, float]:
    """(slope over all learning rates, error at 1e-3)."""
    found = [bench.compare(make, rtol=1e-9, atol=1e-12) for bench in benches]
    errors = [float("nan") if comparison is None else comparison.error for comparison in found]
    lrs = [float(bench.method.lr) for bench in benches]
    at = errors[lrs.index(1e-3)]
    return float(np.polyfit(np.log(lrs), np.log(errors), 1)[0]), at


def _benches(name: str, until: float, decay: float) -> list[Bench]:
    posed = problem(name)
    method = replace(AdamW(lr=RATES[0]), weight_decay=decay)
    return [Bench.at(method, lr, posed.loss, posed.theta0, until) for lr in RATES]


def _flows() -> dict[str, Make]:
    flows: dict[str, Make] = {}
    for convention in DecayRate:
        for start in STARTS:
            for second_order in (True, False):
                title = f"{convention.name}, {start}, {'second' if second_order else 'first'} order"
                flows[title] = variant(convention, start, second_order)
    flows["Heredia (forward_euler, zero, first order, bias from 0)"] = NAMED[HEREDIA]
    return flows
