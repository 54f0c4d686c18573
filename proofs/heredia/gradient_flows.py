"""Preconditioned gradient flows theta' = -A g, coordinate by coordinate: what the gap does where A >= mu0.

AdaGrad's and RMSProp's flows are of this form.  Nothing is assumed of A but its lower bound."""

import sympy as sp

from adamtheory.lyapunov.curves import (
    AT_LEAST,
    DESCENT,
    GAP,
    NOW,
    WITHIN,
    A,
    Phi,
    chain_rule,
    convexity,
    i,
    least,
    polyak_lojasiewicz,
    until,
    x,
)
from adamtheory.lyapunov.steps import at_one, up_to_now
from adamtheory.notation import dimension, g, inner, norm_squared, t, tau
from adamtheory.proof import (
    ThisLibrary,
    along,
    at,
    combination,
    differentiation,
    eq,
    ge,
    le,
    sign,
    termwise,
    theorem,
)

SOURCE = ThisLibrary("rates of preconditioned gradient flows")
FLOW = (*GAP, DESCENT, AT_LEAST, ge(least, 0))
# One coordinate after the other rests at e^(-t), each with its own factor.
FADING = sp.exp(-t)
SAMPLE = {
    dimension: sp.Integer(2),
    x: sp.Lambda((i, t), FADING),
    g: sp.Lambda((i, t), FADING),
    A: sp.Lambda((i, t), sp.Integer(1)),
    Phi: sp.Lambda(t, FADING**2),
    convexity: sp.Integer(1),
    least: sp.Integer(1),
    until: t + 1,
}
SLOPE = sp.Derivative(Phi(tau), tau)


def descent(proof):
    """Phi' <= -mu0 |g|^2 at tau."""
    moves = proof.have(chain_rule().body, at(chain_rule(), tau))
    here = proof.assume(WITHIN)
    motion, bound = (at_one(here, general) for general in (DESCENT, AT_LEAST))
    term = here.have(
        le(g(i, tau) * sp.Derivative(x(i, tau), tau), -least * g(i, tau) ** 2),
        combination((motion, g(i, tau)), (bound, g(i, tau) ** 2)),
    )
    total = le(inner(g(i, tau), sp.Derivative(x(i, tau), tau)), sp.Sum(-least * g(i, tau) ** 2, (i, 0, dimension - 1)))
    summed = proof.have(total, termwise(term, i))
    return proof.have(le(SLOPE, -least * norm_squared(g(i, tau))), combination((moves, 1), (summed, 1)))


@theorem(
    source=SOURCE,
    given=[*NOW, *FLOW],
    sample=SAMPLE,
    claim=le(Phi(t), Phi(0)),
    runs=False,
)
def gap_never_grows(proof):
    """Phi(t) <= Phi(0), whatever the memories"""
    inside = up_to_now(proof)
    down = descent(inside)
    square = inside.have(le(0, g(i, tau) ** 2), sign())
    total = inside.have(le(sp.Sum(0, (i, 0, dimension - 1)), norm_squared(g(i, tau))), termwise(square, i))
    falls = inside.have(eq(sp.Derivative(-Phi(tau), tau), -SLOPE), differentiation)
    falls = inside.have(le(0, sp.Derivative(-Phi(tau), tau)), combination((falls, -1), (down, 1), (total, least)))
    return proof.conclude(
        proof.have(
            proof.statement.claim,
            combination((proof.have(le(-Phi(0), -Phi(t)), along(falls, tau, 0, t)), 1)),
        )
    )


@theorem(
    source=SOURCE,
    given=[*NOW, *FLOW, ge(convexity, 0), polyak_lojasiewicz()],
    sample=SAMPLE,
    claim=le(Phi(t), Phi(0) * sp.exp(-2 * convexity * least * t)),
    runs=False,
)
def gap_decays_exponentially(proof):
    """Phi(t) <= Phi(0) exp(-2 mu mu0 t) under the Polyak-Lojasiewicz inequality 2 mu Phi <= |g|^2"""
    inside = up_to_now(proof)
    down = descent(inside)
    steep = inside.have(polyak_lojasiewicz().body, at(polyak_lojasiewicz(), tau))
    rate = 2 * convexity * least
    energy = -Phi(tau) * sp.exp(rate * tau)
    change = inside.have(
        eq(sp.Derivative(energy, tau), -sp.exp(rate * tau) * (SLOPE + rate * Phi(tau))), differentiation
    )
    weight = sp.exp(rate * tau)
    rises = inside.have(
        le(0, sp.Derivative(energy, tau)), combination((change, -1), (down, weight), (steep, weight * least))
    )
    ends = proof.have(le(-Phi(0), -Phi(t) * sp.exp(rate * t)), along(rises, tau, 0, t))
    return proof.conclude(proof.have(proof.statement.claim, combination((ends, sp.exp(-rate * t)))))
