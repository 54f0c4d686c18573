"""The flows that the studies hold against each other, and what their tables share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adamtheory.flows.comparison import Comparison, compare, discrete_run, selection
from adamtheory.flows.kernels import Array
from adamtheory.flows.loss import Loss
from adamtheory.flows.memory import MemoryFlow
from adamtheory.flows.models import flow_of, gould_tanaka_flow, heredia_flow
from adamtheory.flows.trajectory import FlowStopped
from adamtheory.methods import Method
from adamtheory.notation import DecayRate
from adamtheory.tabular import NONE

Make = Callable[[Method], MemoryFlow]
POINTS = 400  # of each trajectory, the first 20 steps and an even selection of the others
STARTS = ("consistent, lag", "consistent", "zero")
SECOND_ORDER, GOULD_TANAKA, HEREDIA = "second order", "Gould & Tanaka", "Heredia"
#: the flows with a name
NAMED: Mapping[str, Make] = {
    SECOND_ORDER: flow_of,
    GOULD_TANAKA: gould_tanaka_flow,  # type: ignore[dict-item]  # the studies give it Adam
    HEREDIA: heredia_flow,
}


def variant(convention: DecayRate, start: str, second_order: bool) -> Make:
    """The flow under a convention, one of ``STARTS``, with or without half a step of inertia."""

    def make(method: Method) -> MemoryFlow:
        begun = "zero" if start == "zero" else "consistent"
        return flow_of(method, rates=convention, start=begun, second_order=second_order, lag=start.endswith("lag"))

    return make


@dataclass(frozen=True, eq=False)
class Bench:
    """One problem at one learning rate, its discrete run shared by all flows that are held against it."""

    method: Method
    loss: Loss
    theta0: Array
    steps: int
    discrete: Array

    @staticmethod
    def at(method: Method, lr: float, loss: Loss, theta0: Array, until: float) -> Bench:
        """``method`` with learning rate ``lr`` over the time ``until``."""
        own = replace(method, lr=lr)
        steps = max(1, round(until / lr))
        chosen = selection(steps, theta0.size, POINTS * theta0.size)
        return Bench(own, loss, theta0, steps, discrete_run(own, loss, theta0, chosen))

    def compare(self, make: Make, rtol: float = 1e-9, atol: float = 1e-12, **options: Any) -> Comparison | None:
        """The flow beside the discrete run; None where it cannot be solved to the end.  ``options``: of the solver."""
        try:
            return compare(
                self.method,
                make(self.method),
                self.loss,
                self.theta0,
                self.steps,
                rtol=rtol,
                atol=atol,
                most=POINTS * self.theta0.size,
                discrete=self.discrete,
                **options,
            )
        except FlowStopped:
            return None


def shown(x: float | None) -> str:
    """Two digits; a dash for what there is not."""
    if x is None or not math.isfinite(x):
        return NONE
    return f"{x:.1e}" if x and not 0.01 <= abs(x) < 1000 else f"{x:.2g}"


def percent(x: float | None) -> str:
    """A share in per cent, two digits."""
    if x is None or not math.isfinite(x):
        return NONE
    return f"{100 * x:.0e} %" if x < 1e-5 else f"{100 * x:.2g} %" if x < 0.995 else f"{100 * x:.0f} %"
