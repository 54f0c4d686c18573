"""Energies and convergence rates of the adaptive flows: proved rates, and a search for energies that prove more."""

from __future__ import annotations

from adamtheory._lazy import attach

_EXPORTS = {
    "LossConstants": "adamtheory.lyapunov.losses:LossConstants",
    "Quadratics": "adamtheory.lyapunov.quadratics:Quadratics",
    "Rate": "adamtheory.lyapunov.rates:Rate",
    "observed_rate": "adamtheory.lyapunov.quadratics:observed_rate",
    "random_quadratics": "adamtheory.lyapunov.quadratics:random_quadratics",
    "rate": "adamtheory.lyapunov.rates:rate",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = attach(__name__, _EXPORTS)
