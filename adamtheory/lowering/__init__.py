"""One SymPy expression in exact fractions, Arb balls, mpmath, NumPy and torch. Knows no optimizer."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from adamtheory.lowering.contract import Arithmetic
from adamtheory.lowering.errors import LeavesRationals, LoweringError
from adamtheory.lowering.exactness import exact, exact_fraction
from adamtheory.lowering.lowered import Lowered, arithmetic, evaluate, lower
from adamtheory.lowering.signed_root import SignedRoot, signed_root

if TYPE_CHECKING:
    from adamtheory.lowering.ball import lower_bound, midpoint, radius, upper_bound

_FROM_BALL = ("lower_bound", "midpoint", "radius", "upper_bound")

__all__ = [
    "Arithmetic",
    "LeavesRationals",
    "Lowered",
    "LoweringError",
    "SignedRoot",
    "arithmetic",
    "evaluate",
    "exact",
    "exact_fraction",
    "lower",
    "lower_bound",
    "midpoint",
    "radius",
    "signed_root",
    "upper_bound",
]


def __getattr__(name: str) -> Any:
    # python-flint is loaded by whoever asks for balls.
    if name in _FROM_BALL:
        return getattr(import_module("adamtheory.lowering.ball"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
