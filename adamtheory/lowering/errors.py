"""What lowering refuses, and why."""

from __future__ import annotations


class LoweringError(ValueError):
    """An expression has a part that the chosen arithmetic cannot evaluate; the message names the part."""


class LeavesRationals(LoweringError):
    """Exact fraction arithmetic met a value outside the rationals and their signed square roots."""

    def __init__(self, operation: str, reason: str) -> None:
        self.operation = operation
        self.reason = reason
        super().__init__(f"fraction arithmetic cannot do {operation}: {reason}; use arithmetic='ball' instead")
