"""Norm dynamics of weight matrices under AdamW: the formulas, and what recorded training says about them.

``norms``: Theorem 2 of Gould & Tanaka (2024), its repair and the exact identities as expressions. ``recording``: the
recorder of a torch training loop (needs torch; imported by whoever records). The rest measures a record.
"""

from __future__ import annotations

from adamtheory._lazy import attach

_EXPORTS = {
    "CoarseGraining": "adamtheory.dynamics.coarse:CoarseGraining",
    "DynamicsRecord": "adamtheory.dynamics.record:DynamicsRecord",
    "Equilibrium": "adamtheory.dynamics.steady_state:Equilibrium",
    "IdentityCheck": "adamtheory.dynamics.identities:IdentityCheck",
    "InnerProducts": "adamtheory.dynamics.inner:InnerProducts",
    "Measurement": "adamtheory.dynamics.measurement:Measurement",
    "NormGrowthScore": "adamtheory.dynamics.growth:NormGrowthScore",
    "NormPrediction": "adamtheory.dynamics.growth:NormPrediction",
    "RunSettings": "adamtheory.dynamics.record:RunSettings",
    "check_identities": "adamtheory.dynamics.identities:check_identities",
    "compare_normalisers": "adamtheory.dynamics.coarse:compare_normalisers",
    "default_files": "adamtheory.dynamics.files:default_files",
    "equilibrium": "adamtheory.dynamics.steady_state:equilibrium",
    "inner_products": "adamtheory.dynamics.inner:inner_products",
    "load_dynamics": "adamtheory.dynamics.files:load_dynamics",
    "measure": "adamtheory.dynamics.measurement:measure",
    "norm_squared_by_recursion": "adamtheory.dynamics.growth:norm_squared_by_recursion",
    "norms": "adamtheory.dynamics.norms",
    "save_dynamics": "adamtheory.dynamics.files:save_dynamics",
    "score_norm_growth": "adamtheory.dynamics.growth:score_norm_growth",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = attach(__name__, _EXPORTS)
