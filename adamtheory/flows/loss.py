"""What a flow descends on: a loss with its gradient, in NumPy arrays of one dimension.

``adamtheory.flows.torch_loss`` makes one from a torch callable, ``adamtheory.flows.problems`` has those of the papers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adamtheory.flows.kernels import Array


@dataclass(frozen=True)
class Loss:
    """A differentiable loss of ``size`` parameters.

    ``value(theta)`` is a float, ``gradient(theta)`` an array of shape (size,), ``hessian_vector(theta, x)`` likewise,
    or None where it is not to be had.  ``name`` is for messages."""

    value: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    size: int
    hessian_vector: Callable[[Array, Array], Array] | None = None
    name: str = "loss"
