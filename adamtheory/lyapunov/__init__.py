"""Energies and convergence rates of the adaptive flows: proved rates, and a search for energies that prove more."""

from __future__ import annotations

from adamtheory._lazy import attach

_EXPORTS = {
    "EnergyBox": "adamtheory.lyapunov.energy_boxes:Box",
    "EnergyRegion": "adamtheory.lyapunov.energy_region:EnergyRegion",
    "LossConstants": "adamtheory.lyapunov.losses:LossConstants",
    "Quadratics": "adamtheory.lyapunov.quadratics:Quadratics",
    "Rate": "adamtheory.lyapunov.rates:Rate",
    "SmallestCoefficient": "adamtheory.lyapunov.energy_coefficient:SmallestCoefficient",
    "energy_region": "adamtheory.lyapunov.energy_region:energy_region",
    "observed_rate": "adamtheory.lyapunov.quadratics:observed_rate",
    "random_quadratics": "adamtheory.lyapunov.quadratics:random_quadratics",
    "rate": "adamtheory.lyapunov.rates:rate",
    "smallest_coefficient": "adamtheory.lyapunov.energy_coefficient:smallest_coefficient",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = attach(__name__, _EXPORTS)
