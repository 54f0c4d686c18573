"""Norm dynamics of weight matrices under AdamW: the formulas, and what recorded training says about them."""

from __future__ import annotations

from adamtheory.dynamics.files import default_files, load_dynamics, save_dynamics
from adamtheory.dynamics.record import DynamicsRecord, RunSettings

__all__ = ["DynamicsRecord", "RunSettings", "default_files", "load_dynamics", "save_dynamics"]
