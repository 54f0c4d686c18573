"""Which convention and start follow the discrete optimizer best, on the papers' problems and on real networks."""

from __future__ import annotations

from adamtheory.flows.problems import problem
from adamtheory.flows.studies.variants import HEREDIA, NAMED, Bench, Make, percent, variant
from adamtheory.methods import Adam
from adamtheory.notation import DecayRate
from adamtheory.tabular import NONE, Table

#: problem -> (learning rate, steps)
SETTINGS: dict[str, tuple[float, int]] = {
    "quadratic": (1e-3, 4000),
    "least-squares": (1e-3, 2000),
    "double-well": (1e-3, 2000),
    "rosenbrock-like": (1e-3, 4000),
    "logistic": (1e-3, 2000),
    "digits-mlp": (1e-3, 200),
    "char-transformer": (1e-3, 60),
}
RTOL = {"digits-mlp": 1e-6, "char-transformer": 1e-5}


def conventions_table() -> Table:
    """Relative deviation of every convention and start, with the second-order term on and off."""
    columns = [_column(name, *setting) for name, setting in SETTINGS.items()]
    rows = [
        (title, *(column[title] for column in columns)) for title in _flows()
    ]
    settings = "; ".join(f"{name}: lr {lr:g}, {steps} steps" for name, (lr, steps) in SETTINGS.items())
    return Table(
        "Which flow follows Adam best",
        "Largest deviation over the whole trajectory and all parameters, over the largest distance that a parameter "
        f"travels. γ = 0.9, β = 0.999, ε = 1e-8. {settings}. {NONE}: the flow could not be solved to the end.",
        ("flow", *SETTINGS),
        tuple(rows),
    )


def _column(name: str, lr: float, steps: int) -> dict[str, str]:
    posed = problem(name)
    bench = Bench.at(Adam(lr=lr, eps="1e-8"), lr, posed.loss, posed.theta0, lr * steps)
    column: dict[str, str] = {}
    for title, make in _flows().items():
        found = bench.compare(make, rtol=RTOL.get(name, 1e-8), atol=1e-3 * RTOL.get(name, 1e-8))
        column[title] = percent(None if found is None else found.relative)
    return column


def _flows() -> dict[str, Make]:
    flows: dict[str, Make] = {}
    for convention in DecayRate:
        for start in ("consistent, lag", "zero"):
            for second_order in (True, False):
                title = f"{convention.name}, {start}, {'second' if second_order else 'first'} order"
                flows[title] = variant(convention, start, second_order)
    flows["Heredia (forward_euler, zero, first order, bias from 0)"] = NAMED[HEREDIA]
    return flows
