"""The memory v of squared gradients under an exponential kernel, v' = lambda2 (g^2 - v): its sign and its size."""

import sympy as sp

from adamtheory.lyapunov.curves import MEMORY, NOW, during, i, second_rate, size, until, v
from adamtheory.notation import g, t, tau
from adamtheory.proof import (
    Regular,
    ThisLibrary,
    along,
    at,
    combination,
    differentiation,
    eq,
    ge,
    le,
    polynomial,
    theorem,
)

SOURCE = ThisLibrary("size of an exponential memory")
AT_MOST = during(le(g(i, tau) ** 2, size))
AVERAGE = (ge(second_rate, 0), Regular(v, 1, 0, until), MEMORY)
# g = 1 from the start v = 2, or v = 1/2
SAMPLE = {
    g: sp.Lambda((i, t), sp.Integer(1)),
    v: sp.Lambda((i, t), 1 + (1 - sp.Rational(3, 2) * i) * sp.exp(-second_rate * t)),
    i: sp.Integer(0),
    size: sp.Integer(1),
    until: t + 1,
}
FADED = sp.exp(-second_rate * t)
GROWTH = sp.exp(second_rate * tau)


def faded(proof, level):
    """(level - v) exp(lambda2 tau) or (v - level) exp(lambda2 tau) on the way, with its derivative put in."""
    inside = proof.assume(le(0, tau), le(tau, t))
    inside = inside.knowing(inside.have(le(tau, until), polynomial()))
    return inside, inside.have(MEMORY.body, at(MEMORY, tau))


@theorem(
    source=SOURCE,
    given=[*NOW, *AVERAGE],
    sample=SAMPLE,
    claim=le(v(i, 0) * FADED, v(i, t)),
    runs=False,
)
def second_moment_fades_no_faster_than_its_kernel(proof):
    """v(t) >= v(0) exp(-lambda2 t), so that v is never negative where it does not start so"""
    inside, moves = faded(proof, 0)
    change = inside.have(
        eq(
            sp.Derivative(v(i, tau) * GROWTH, tau),
            GROWTH * (sp.Derivative(v(i, tau), tau) + second_rate * v(i, tau)),
        ),
        differentiation,
    )
    rises = inside.have(
        le(0, sp.Derivative(v(i, tau) * GROWTH, tau)),
        combination((change, -1), (moves, -GROWTH), plus=GROWTH * second_rate * g(i, tau) ** 2),
    )
    ends = proof.have(le(v(i, 0), v(i, t) / FADED), along(rises, tau, 0, t))
    return proof.conclude(proof.have(proof.statement.claim, combination((ends, FADED))))


@theorem(
    source=SOURCE,
    given=[*NOW, *AVERAGE, AT_MOST],
    sample=SAMPLE,
    claim=le(v(i, t), size * (1 - FADED) + v(i, 0) * FADED),
    runs=False,
)
def second_moment_stays_below(proof):
    """v(t) <= V (1 - exp(-lambda2 t)) + v(0) exp(-lambda2 t) where g^2 <= V: zero memory or warm"""
    inside, moves = faded(proof, size)
    most = inside.have(AT_MOST.body, at(AT_MOST, tau))
    gap = (size - v(i, tau)) * GROWTH
    change = inside.have(
        eq(
            sp.Derivative(gap, tau),
            GROWTH * (second_rate * (size - v(i, tau)) - sp.Derivative(v(i, tau), tau)),
        ),
        differentiation,
    )
    rises = inside.have(
        le(0, sp.Derivative(gap, tau)), combination((change, -1), (moves, GROWTH), (most, GROWTH * second_rate))
    )
    ends = proof.have(le(size - v(i, 0), (size - v(i, t)) / FADED), along(rises, tau, 0, t))
    return proof.conclude(proof.have(proof.statement.claim, combination((ends, FADED))))
