"""Benchmark problems by name: those of Heredia 2024, and networks small enough for any machine."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

import sympy as sp

from adamtheory.flows.kernels import Array
from adamtheory.flows.loss import Loss
from adamtheory.validation import integer, one_of, reject

#: name -> "module:function" of a function that makes the problem from its keyword parameters
PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        "quadratic": "adamtheory.flows.problems_closed:quadratic",
        "double-well": "adamtheory.flows.problems_closed:double_well",
        "rosenbrock-like": "adamtheory.flows.problems_closed:rosenbrock_like",
        "rosenbrock": "adamtheory.flows.problems_closed:rosenbrock",
        "ill-conditioned": "adamtheory.flows.problems_data:ill_conditioned",
        "least-squares": "adamtheory.flows.problems_data:least_squares",
        "logistic": "adamtheory.flows.problems_data:logistic",
        "digits-mlp": "adamtheory.flows.problems_networks:digits_mlp",
        "char-transformer": "adamtheory.flows.problems_networks:char_transformer",
        "mlp-large": "adamtheory.flows.problems_networks:mlp_large",
    }
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """A loss with a start, theta0 of shape (d,), and a span of time worth solving over.

    ``minimiser``: of shape (d,), where it is known in closed form or by solving to machine precision, else None.
    ``expression``: the loss as an expression of the symbols theta_0, theta_1, ... where it has one.
    ``rows``: how many data points the loss averages over, and ``on_rows(indices)`` the loss on some of them."""

    name: str
    loss: Loss
    theta0: Array
    t_span: tuple[float, float]
    description: str
    source: str
    minimiser: Array | None = None
    expression: sp.Expr | None = None
    rows: int = 0
    on_rows: Callable[[Array], Loss] | None = None

    def minibatch(self, batch_size: int, seed: int) -> Callable[[int], Loss]:
        """step -> the loss on ``batch_size`` rows, drawn for each step alone and without repetition, so that any step's
        batch is the same however the steps are visited.

        Raises ValueError where the problem has no rows, or fewer than that."""
        import numpy as np

        on_rows = self.on_rows
        if on_rows is None:
            reject("minibatch", self.name, "asked of a problem that averages over data")
        integer("batch_size", batch_size, minimum=1, maximum=self.rows)
        integer("seed", seed, minimum=0)

        def at(step: int) -> Loss:
            integer("step", step, minimum=0)
            drawn = np.random.default_rng((seed, step)).choice(self.rows, batch_size, replace=False)
            return on_rows(np.sort(drawn))

        return at


def problem(name: str, **parameters: Any) -> Problem:
    """The problem called ``name`` (see ``PROBLEMS``), with its parameters, such as ``start`` or ``seed``.

    Raises ValueError for an unknown name, parameter or value, and ModuleNotFoundError where a problem needs a package
    that is not there."""
    module, _, function = PROBLEMS[one_of("problem", name, PROBLEMS)].partition(":")
    make = getattr(import_module(module), function)
    known = list(inspect.signature(make).parameters)
    for parameter in parameters:
        if parameter not in known:
            reject(f"parameter of {name!r}", parameter, "one of " + ", ".join(map(repr, known)))
    made: Problem = make(**parameters)
    return made
