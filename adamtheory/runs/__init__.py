"""Checks of statements on optimizer runs, generated from the statements: both sides of a claim, on simulated numbers.

A run proves nothing; it catches a statement that says something else than its author meant.
"""

from __future__ import annotations

from adamtheory.runs.checks import check_on_runs
from adamtheory.runs.observables import Observable, checkable, observable

__all__ = ["Observable", "check_on_runs", "checkable", "observable"]
