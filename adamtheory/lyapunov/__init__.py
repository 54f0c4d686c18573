"""Energies and convergence rates of the adaptive flows: proved rates, and a search for energies that prove more."""

from __future__ import annotations

from adamtheory._lazy import attach

_EXPORTS = {
    "Certificate": "adamtheory.lyapunov.certificates:Certificate",
    "Found": "adamtheory.lyapunov.searches:Found",
    "GrowthLimit": "adamtheory.lyapunov.search_growth:GrowthLimit",
    "LossClass": "adamtheory.lyapunov.problems:LossClass",
    "MethodProblem": "adamtheory.lyapunov.method_problems:MethodProblem",
    "Preconditioned": "adamtheory.lyapunov.flow_problems:Preconditioned",
    "EnergyBox": "adamtheory.lyapunov.energy_boxes:Box",
    "EnergyRegion": "adamtheory.lyapunov.energy_region:EnergyRegion",
    "LossConstants": "adamtheory.lyapunov.losses:LossConstants",
    "Quadratics": "adamtheory.lyapunov.quadratics:Quadratics",
    "Rate": "adamtheory.lyapunov.rates:Rate",
    "SmallestCoefficient": "adamtheory.lyapunov.energy_coefficient:SmallestCoefficient",
    "energy_region": "adamtheory.lyapunov.energy_region:energy_region",
    "gradient_flow": "adamtheory.lyapunov.flow_problems:gradient_flow",
    "growth_limit": "adamtheory.lyapunov.search_growth:growth_limit",
    "heavy_ball_flow": "adamtheory.lyapunov.flow_problems:heavy_ball_flow",
    "load_certificate": "adamtheory.lyapunov.certificates:load_certificate",
    "observed_rate": "adamtheory.lyapunov.quadratics:observed_rate",
    "random_quadratics": "adamtheory.lyapunov.quadratics:random_quadratics",
    "rate": "adamtheory.lyapunov.rates:rate",
    "search": "adamtheory.lyapunov.searches:search",
    "smallest_coefficient": "adamtheory.lyapunov.energy_coefficient:smallest_coefficient",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = attach(__name__, _EXPORTS)
