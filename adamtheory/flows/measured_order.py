"""The order at which the second-order flow follows discrete AdamW, as runs show it."""

from __future__ import annotations

RATES = (2e-3, 1e-3, 5e-4, 2.5e-4, 1.25e-4)
UNTIL = 0.25
DECAYS = ("0", "0.5")


def second_order_slope() -> tuple[float, str]:
    """(the smaller slope of log sup error against log lr with and without weight decay, on which runs)."""
    from adamtheory.flows.comparison import convergence
    from adamtheory.flows.models import flow_of
    from adamtheory.flows.problems import problem
    from adamtheory.methods import AdamW

    posed = problem("quadratic")
    slopes = []
    for decay in DECAYS:
        method = AdamW(lr=RATES[0], weight_decay=decay)
        options = {"rtol": 1e-9, "atol": 1e-12}
        slopes.append(convergence(method, flow_of, posed.loss, posed.theta0, UNTIL, RATES, **options).slope)
    where = f"on (theta - 4)^2, lr {RATES[0]:g} to {RATES[-1]:g}, with and without weight decay"
    return min(slopes), where
