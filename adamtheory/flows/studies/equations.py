"""The solver of memory equations against known solutions and adaptive Gauss–Kronrod quadrature."""

from __future__ import annotations

from adamtheory.flows.integral_equations import check_equations
from adamtheory.flows.studies.variants import shown
from adamtheory.tabular import Table

_NOTE = (
    "y' = f(t, y, z), z the integral of K(t − s) φ(s, y(s)) over [0, t], with solutions in closed form. Largest error "
    "of the product quadrature under the Volterra solver, of a scheme whose every memory integral is done by adaptive "
    "Gauss–Kronrod quadrature, and the order observed when steps are halved."
)


def equations_table() -> Table:
    """Integro-differential equations with known solutions: product quadrature beside a quadrature reference."""
    rows = []
    for check in check_equations():
        rows.append((check.name, shown(check.error), shown(check.reference_error), f"{check.order:.2f}"))
    title = "Integro-differential equations with known solutions"
    return Table(title, _NOTE, ("equation", "error", "Gauss–Kronrod", "order"), tuple(rows))
