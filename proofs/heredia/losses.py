"""What smoothness and strong convexity say at one point: the inequalities that the rates of the flows use.

y is another point, Psi the gap of the loss there; the gap is measured from the infimum, so no gap is negative."""

import sympy as sp

from adamtheory.lyapunov.curves import convexity, smoothness
from adamtheory.notation import coordinate as i
from adamtheory.notation import dimension, inner, norm_squared
from adamtheory.proof import (
    ThisLibrary,
    combination,
    ge,
    gt,
    hypothesis,
    le,
    sign,
    termwise,
    theorem,
)

SOURCE = ThisLibrary("smooth and strongly convex losses")
gap, other_gap = sp.symbols("Phi Psi", real=True)
slope, way = sp.Function("g", real=True), sp.Function("y", real=True)  # the gradient, and the way to the other point
SAMPLE = {dimension: sp.Integer(2), slope: sp.Lambda(i, i - sp.Rational(1, 3)), way: sp.Lambda(i, 1 - 2 * i)}


@theorem(
    source=SOURCE,
    given=[
        gt(smoothness, 0),
        ge(other_gap, 0),
        le(other_gap, gap - slope(i) * slope(i) / smoothness + smoothness / 2 * (slope(i) / smoothness) ** 2),
    ],
    sample={**SAMPLE, gap: sp.Integer(3), other_gap: sp.Integer(0), smoothness: sp.Integer(1)},
    claim=le(slope(i) ** 2, 2 * smoothness * gap),
    runs=False,
)
def smooth_gradient_is_below_its_gap(proof):
    """g_i^2 <= 2 L Phi: L-smoothness along coordinate i, between theta and the point g_i/L below it there"""
    least, descent = (proof.have(p, hypothesis) for p in proof.statement.given[1:])
    return proof.conclude(
        proof.have(proof.statement.claim, combination((least, 2 * smoothness), (descent, 2 * smoothness)))
    )


@theorem(
    source=SOURCE,
    given=[
        gt(convexity, 0),
        le(gap + inner(slope(i), way(i)) + convexity / 2 * norm_squared(way(i)), 0),
    ],
    sample={**SAMPLE, gap: -sp.Integer(9), convexity: sp.Integer(1)},
    claim=le(2 * convexity * gap, norm_squared(slope(i))),
    runs=False,
)
def strong_convexity_implies_polyak_lojasiewicz(proof):
    """2 mu Phi <= |g|^2: strong convexity between theta and a minimiser, theta + y"""
    below = proof.have(proof.statement.given[1], hypothesis)
    square = norm_squared(slope(i) + convexity * way(i))
    zero = proof.have(le(0, (slope(i) + convexity * way(i)) ** 2), sign())
    positive = proof.have(le(sp.Sum(0, (i, 0, dimension - 1)), square), termwise(zero, i))
    return proof.conclude(proof.have(proof.statement.claim, combination((below, 2 * convexity), (positive, 1))))
