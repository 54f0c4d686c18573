"""Theorem 2 from Equation (7) to Equation (8), with everything that its proof neglects in one decayed integral.

W is any weight curve with two continuous derivatives and u what Equation (7) says, so nothing here is approximate:
Theorem 2 is what remains where the integral of the neglected terms is small.
"""

import sympy as sp

from adamtheory.dynamics.direction import neglected_by_norm, phi, squared_norm, update_of
from adamtheory.dynamics.norms import norm_squared_as_printed
from adamtheory.notation import W, coordinate, dimension, lr, norm_squared, t, tau, u, weight_decay
from adamtheory.proof import (
    ForAll,
    GouldTanaka,
    Regular,
    SequenceDefinition,
    combination,
    eq,
    for_all,
    ge,
    le,
    regular_curve,
    theorem,
)

S, R = (sp.Function(name, real=True) for name in ("S", "R"))
s = sp.Symbol("s", real=True)
SIZE = SequenceDefinition(S, t, norm_squared(u(coordinate, t)))
REST = SequenceDefinition(R, t, neglected_by_norm())
ERROR = sp.Integral(sp.exp(-2 * weight_decay * (t - tau)) * R(tau), (tau, 0, t))


@theorem(
    source=GouldTanaka("Theorem 2, from Equation (7) to Equation (8)"),
    where=[squared_norm(), update_of(), SIZE, REST],
    given=[ge(t, 0), Regular(W, 2, 0, t)],
    claim=eq(phi(t) - norm_squared_as_printed(phi(0), S), ERROR),
    sample={dimension: 1, W: sp.Lambda((coordinate, t), 1 + t)},
)
def theorem_2_with_what_it_neglects(proof):
    """Under Equation (7) |W|^2 is Equation (8) plus the decayed integral of what Appendix J neglects, exactly"""
    inside = proof.assume(le(0, s), le(s, t))
    inside = inside.knowing(inside.have(Regular(W, 2, 0, s), regular_curve))
    exact = inside.cite("what_the_norm_equation_neglects", {t: s})
    size, rest = inside.unfold(S(s)), inside.unfold(R(s))
    slope = sp.Derivative(phi(s), s) + 2 * weight_decay * phi(s)
    moved = inside.have(eq(slope, lr * S(s) + R(s)), combination((exact, 1), (size, -lr), (rest, -1)))
    whole = ForAll(s, (le(0, s), le(s, t)), moved.claim)
    whole = proof.have(whole, for_all(moved))
    smooth = [proof.have(Regular(f, order, 0, t), regular_curve) for f, order in ((phi, 1), (S, 0), (R, 0))]
    return proof.conclude(proof.knowing(whole, *smooth).cite("theorem_2_error"))
