"""A run step by step, for as many parameters as memory holds: nothing but the present step is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from adamtheory.lowering import arithmetic
from adamtheory.methods.method import Method
from adamtheory.methods.simulation import Stepper, effective_rule, zero_convention
from adamtheory.validation import integer, reject


@dataclass(frozen=True, eq=False)
class StreamedStep:
    """Step n has been taken: ``theta`` is theta_{n+1} (d,), ``update`` u_n, ``states`` the states after it by name."""

    n: int
    theta: Any
    update: Any
    states: dict[str, Any]


def stream(
    method: Method,
    gradient: Callable[[int, Any], Any],
    theta0: Any,
    steps: int,
    *,
    zeros: str | None = None,
) -> Iterator[StreamedStep]:
    """Yield the steps of ``method`` in float64, one vector of parameters: the same rule as ``simulate``'s.

    ``gradient(n, theta)``: the gradient (d,) that step n sees at theta_n (d,).  ``zeros`` as in ``simulate``.
    Raises ValueError for bad input and for a gradient that is not finite, naming the step."""
    if method.lr is None:
        reject("lr", None, "given: a run has iterates")
    integer("steps", steps, minimum=1)
    stepper = Stepper(method, effective_rule(method), arithmetic("numpy"), zero_convention(method, zeros))
    values = [stepper.convert(value) for value in stepper.hyperparameters.values()]
    at = np.array(theta0, dtype=float)
    state: dict[Any, Any] = {symbol: value + np.zeros_like(at) for symbol, value in stepper.initial().items()}
    for n in range(steps):
        g = np.asarray(gradient(n, at), dtype=float)
        if g.shape != at.shape or not np.isfinite(g).all():
            reject("gradient", g, f"finite, of shape {at.shape}, at step {n + 1}")
        with stepper.arithmetic.scope():
            state = stepper.advance(n, g, at, state, values)
            at = stepper.iterate(n, g, at, state, values)
        named = {symbol.name: state[symbol] for symbol in stepper.states}
        yield StreamedStep(n, at, state[stepper.rule.update], named)
