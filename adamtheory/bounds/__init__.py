"""Closed-form bounds: on demand for a method's hyperparameters, and as SymPy expressions for theorems.

``max_update(method)`` bounds the update of any method whose update is a linear filter over the root of a linear filter,
``iterate(AdamW(...))`` its parameters, ``norm_growth(...)`` the norm of scale-invariant weights."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adamtheory.bounds.bound import Bound, Stability
    from adamtheory.bounds.filters import NotALinearFilter
    from adamtheory.bounds.generator import max_update
    from adamtheory.bounds.trajectories import iterate, norm_growth

__all__ = ["Bound", "NotALinearFilter", "Stability", "iterate", "max_update", "norm_growth"]

_LAZY = {
    "Bound": "bound",
    "Stability": "bound",
    "NotALinearFilter": "filters",
    "max_update": "generator",
    "iterate": "trajectories",
    "norm_growth": "trajectories",
}


def __getattr__(name: str) -> Any:
    # The expressions need neither methods nor balls.
    if name in _LAZY:
        return getattr(import_module(f"adamtheory.bounds.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
