"""Proved rates beside the slowest that is observed, over condition numbers: one table."""

from __future__ import annotations

from typing import Any

import numpy as np

from adamtheory.flows.models import heredia_flow
from adamtheory.flows.trajectory import FlowStopped
from adamtheory.lyapunov.quadratics import observed_rate, random_quadratics
from adamtheory.lyapunov.rates import rate
from adamtheory.methods import AdaGrad, Adam, Method, RMSProp
from adamtheory.tabular import NONE, Table

CONDITIONS = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
#: method -> the time over which it is watched
METHODS: dict[Method, float] = {
    Adam(lr="0.001", eps="1e-8"): 4.0,
    RMSProp(lr="0.001", beta="0.999", eps="1e-8"): 3.0,
    AdaGrad(lr="0.1", eps="1e-8"): 40.0,
}
_COUNT, _SIZE = 32, 2
_FALL = 1e-3


def rate_table() -> Table:
    """Every method at every condition number."""
    rows = [_row(method, until, condition) for method, until in METHODS.items() for condition in CONDITIONS]
    named = "; ".join(map(_named, METHODS))
    return Table(
        "Convergence rates, proved and observed",
        "Of f − inf f, per unit of time (1/lr steps), on losses with curvatures from 1 to the condition number and the "
        f"initial gap 1. Observed: the slowest of {_COUNT} random quadratics of {_SIZE} parameters (1 at condition "
        f"number 1), from 1 down to {_FALL:g}. {named}.",
        ("flow, condition number", "proved", "observed", "observed/proved"),
        tuple(rows),
    )


def _named(method: Method) -> str:
    """Its numbers, in words."""
    numbers = ((name, getattr(method, name, None)) for name in ("lr", "beta", "gamma", "eps"))
    return f"{method.name}: " + ", ".join(f"{name} {float(value):g}" for name, value in numbers if value is not None)


def _row(method: Method, until: float, condition: float) -> tuple[str, ...]:
    flow = heredia_flow(method)
    proved = rate(flow, smoothness=condition, strong_convexity=1.0, initial_gap=1.0).value
    losses = random_quadratics(_COUNT, 1 if condition == 1 else _SIZE, condition, seed=0)
    times = np.linspace(0, until, 401)
    options: dict[str, Any] = {"rtol": 1e-6, "atol": 1e-8, "max_steps": 20_000}
    title = f"{method.name}, {condition:g}"
    try:
        gaps = losses.along(flow, times[1:], **options)
    except FlowStopped:
        return (title, f"{proved:.2g}", NONE, NONE)
    slowest = float(observed_rate(np.vstack([np.ones(gaps.shape[1]), gaps]), times, _FALL).min())
    return (title, f"{proved:.2g}", f"{slowest:.2g}", f"{slowest / proved:.2g}")
