"""Energies and convergence rates of the adaptive flows: proved rates, and a search for energies that prove more."""

from __future__ import annotations

from adamtheory._lazy import attach

_EXPORTS: dict[str, str] = {}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = attach(__name__, _EXPORTS)
