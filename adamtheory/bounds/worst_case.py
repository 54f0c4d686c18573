"""The largest output of one layer of filters, over all inputs: Cauchy-Schwarz with the filters' weights.

With a_j the numerator's weight of the input j steps back and b_j = weight decay^j the denominator's, the output is
(sum_j a_j x_(n-j))/sqrt(sum_j b_j x_(n-j)^2), and its largest absolute value is sqrt(sum_j a_j^2/b_j), attained by
inputs proportional to a_j/b_j.  With poles p_i and ratios p_i p_k/decay the sums are geometric.  Everything here is for
decay > 0; decay = 0 is a case of its own (``bounds.bound``).  Expressions are in n: n + 1 inputs have been seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import sympy as sp

from adamtheory.bounds.filters import Layer
from adamtheory.notation import j, k, n


@dataclass(frozen=True)
class Term:
    """``coefficient`` times 1 + r + ... + r^(count - 1) with r = x y/decay; ``coefficient`` may depend on n."""

    coefficient: sp.Expr
    x: sp.Expr
    y: sp.Expr
    decay: sp.Expr
    count: sp.Expr

    @property
    def ratio(self) -> sp.Expr:
        return self.x * self.y / self.decay

    @property
    def as_sum(self) -> sp.Expr:
        return self.coefficient * sp.Sum(self.ratio**j, (j, 0, self.count - 1))

    @property
    def closed(self) -> sp.Expr:
        """Without a sum; the ratio 1 is a case of its own, not 0/0."""
        if self.ratio == 0:
            return self.coefficient
        geometric = (1 - self.ratio**self.count) / (1 - self.ratio)
        return self.coefficient * sp.Piecewise((self.count, sp.Eq(self.ratio, 1)), (geometric, True))


def terms(layer: Layer) -> tuple[sp.Expr, tuple[Term, ...]]:
    """The square of the largest output as a constant part and geometric sums."""
    assert layer.square is not None
    weight, decay = layer.square.weight, layer.square.decay
    if layer.direct == 0:
        constant, first, count = sp.S.Zero, sp.S.One, n + 1
    else:  # the newest input has a weight of its own, the sums begin one step back
        constant, first, count = layer.newest**2 / weight, None, n
    found = []
    for one, other in product(range(len(layer.modes)), repeat=2):
        if one > other:
            continue
        a, b = layer.modes[one], layer.modes[other]
        factor = (1 if one == other else 2) * a.amplitude * b.amplitude / weight
        factor = factor if first is not None else factor * a.pole * b.pole / decay
        found.append(Term(factor, a.pole, b.pole, decay, count))
    return constant, tuple(found)


def squared_as_sum(layer: Layer) -> sp.Expr:
    """The square of the largest |output| with the sums written out as sums: what the core proves."""
    constant, parts = terms(layer)
    return constant + sum((term.as_sum for term in parts), sp.S.Zero)


def squared(layer: Layer) -> sp.Expr:
    """The square of the largest |output| in closed form."""
    constant, parts = terms(layer)
    return constant + sum((term.closed for term in parts), sp.S.Zero)


def worst_input(layer: Layer, index: sp.Expr = k) -> sp.Expr:
    """The input at ``index`` = 0, ..., n - 1 of a sequence with the largest output at step n, up to a common factor.

    The newest input, at index n, is ``worst_newest``; it differs in form only where ``direct`` is not 0."""
    assert layer.square is not None
    lag = n - index
    return sum(
        (mode.amplitude * (mode.pole / layer.square.decay) ** lag for mode in layer.modes), sp.S.Zero
    ) / layer.square.weight


def worst_newest(layer: Layer) -> sp.Expr:
    """The newest input of that sequence."""
    assert layer.square is not None
    return layer.newest / layer.square.weight
