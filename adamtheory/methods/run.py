"""What a simulated run leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adamtheory.methods.method import Method


@dataclass(frozen=True, eq=False)
class Run:
    """A run of a method on N gradients; *batch are the leading dimensions of gradients and hyperparameters together.

    ``updates`` (*batch, N): u_0 ... u_{N-1}. ``states``: name -> (*batch, N), after each step; for k-Adam the inner
    updates u_1 ... too. ``iterates`` (*batch, N+1): theta_0 ... theta_N, or None with ``iterates_reason``.
    ``gradients`` (*batch, N): what the method saw. NumPy arrays of the dtype or torch tensors; for "fraction"
    (Fraction or SignedRoot), "ball" (arb) and "mpmath" (mpf) NumPy arrays of objects.
    ``zeros``: the convention for a vanishing denominator that the values rest on.
    """

    method: Method
    arithmetic: str
    zeros: str
    gradients: Any
    updates: Any
    states: Mapping[str, Any]
    iterates: Any | None
    iterates_reason: str | None

    @property
    def steps(self) -> int:
        """N, the number of gradients seen."""
        return int(self.updates.shape[-1])

    @property
    def batch(self) -> tuple[int, ...]:
        """The leading dimensions."""
        return tuple(self.updates.shape[:-1])
