"""``max_update``: the largest |u_n| of any method whose update is a linear filter over the root of a linear filter."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from adamtheory.bounds.bound import Bound
from adamtheory.bounds.family import Family
from adamtheory.bounds.filters import Filters, filters
from adamtheory.bounds.normalised import Normalised, Raw
from adamtheory.bounds.ratios import Maximum, Ratio
from adamtheory.bounds.special import Numbers
from adamtheory.methods.method import Method, is_array
from adamtheory.methods.simulation import zero_convention
from adamtheory.validation import integer, one_of, reject

TIMES = ("discrete", "continuous")


def max_update(
    method: Method,
    *,
    steps: int | None = None,
    time: str = "discrete",
    zeros: str | None = None,
    level: int | None = None,
) -> Bound:
    """The largest |u_n| that any gradients can produce, n = steps - 1; without ``steps`` over all steps.

    ``method`` has scalar hyperparameters; its lr and weight decay do not matter.  ``time="continuous"``: Adam's
    continuous-time update (Gould & Tanaka 2024, Proposition 1), and ``steps`` = t/h, any number >= 0.  ``zeros``: the
    convention for vanishing denominators as in ``simulate``, which decides whether the bound is attained ("eps": the
    supremum over gradients of every size, which eps > 0 only lets be approached).  ``level``: of a method in layers,
    such as k-Adam, the output of that layer (1 is next to the gradients, None the last).

    Raises ValueError or TypeError in one line; NotALinearFilter (a ValueError) names the step of a rule that cannot be
    bounded in this way."""
    if not isinstance(method, Method):
        reject("method", method, "a Method such as Adam(beta='0.999', gamma='0.9')", TypeError)
    one_of("time", time, TIMES)
    for hyperparameter in method.rule.hyperparameters:
        value = method.values.get(hyperparameter.symbol)
        if is_array(value) or hasattr(value, "requires_grad"):
            reject(hyperparameter.name, value, "a scalar (source('numpy') takes arrays)", TypeError)
    convention = zero_convention(method, zeros)
    structure = filters(method.rule)
    if level is not None:
        chosen = integer("level", level, minimum=1, maximum=len(structure.layers))
        structure = replace(structure, layers=structure.layers[:chosen])
    if time == "continuous":
        from adamtheory.bounds.continuous import max_update_continuous

        return max_update_continuous(method, steps, convention, structure)
    count = None if steps is None else integer("steps", steps, minimum=1)
    found = _family(structure)(structure, _numbers(method, structure), method.rule)
    return found.bound(method, count, convention)


def _numbers(method: Method, structure: Filters) -> Numbers:
    """The hyperparameters that the filters contain."""
    used: frozenset[sp.Symbol] = frozenset().union(*(layer.free_symbols for layer in structure.layers))
    used = used.union(*(scalar.expression.free_symbols for scalar in structure.scalars))
    return {symbol: value for symbol, value in method.values.items() if symbol in used}


def _family(structure: Filters) -> type[Family]:
    last = structure.layers[-1]
    if last.square is not None:
        return Maximum if last.square.maximum else Ratio
    return Normalised if len(structure.layers) > 1 else Raw
