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
    during,
    i,
    least,
    polyak_lojasiewicz,
    until,
    x,
)
from adamtheory.lyapunov.steps import at_one, up_to_now
from adamtheory.notation import dimension, g, inner, norm_squared, t, tau
from adamtheory.proof import (
    Regular,
    SequenceDefinition,
    ThisLibrary,
    along,
    at,
    combination,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    increasing,
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


power, steepness, smallest = sp.symbols("a c s", real=True)
EXCESS = 2 * power - 1
logarithm = sp.Function("l", real=True)
# While the gap is positive: Phi = exp(l).
GAP_OF = SequenceDefinition(Phi, t, sp.exp(logarithm(t)))
KURDYKA_LOJASIEWICZ = during(le(steepness**2 * sp.exp(2 * power * logarithm(tau)), norm_squared(g(i, tau))))
GROWN = sp.exp(-EXCESS * logarithm(0)) + EXCESS * least * steepness**2 * t
# Phi = 1/(1 + t): a = 1, with g^2 = 1/(1 + t)^2 in all
SLOW = SAMPLE | {
    dimension: sp.Integer(1),
    logarithm: sp.Lambda(t, -sp.log(1 + t)),
    Phi: sp.Lambda(t, 1 / (1 + t)),
    g: sp.Lambda((i, t), 1 / (1 + t)),
    x: sp.Lambda((i, t), -sp.log(1 + t)),
    power: sp.Integer(1),
    steepness: sp.Integer(1),
}


@theorem(
    source=SOURCE,
    where=[GAP_OF],
    given=[*NOW, Regular(logarithm, 1, 0, until), *FLOW, gt(power, sp.Rational(1, 2)), KURDYKA_LOJASIEWICZ],
    sample=SLOW,
    claim=le(Phi(t), GROWN ** (-1 / EXCESS)),
    runs=False,
)
def gap_decays_like_a_power(proof):
    """Phi(t) <= (Phi(0)^(1 - 2a) + (2a - 1) mu0 c^2 t)^(-1/(2a - 1)) under |g| >= c Phi^a, a > 1/2

    While Phi > 0, that is Phi = exp(l); where it reaches 0 the flow rests."""
    inside = up_to_now(proof)
    down = descent(inside)
    steep = inside.have(KURDYKA_LOJASIEWICZ.body, at(KURDYKA_LOJASIEWICZ, tau))
    total = sp.exp(-EXCESS * logarithm(tau)) - EXCESS * least * steepness**2 * tau
    weight = EXCESS * sp.exp(-2 * power * logarithm(tau))
    change = inside.have(
        eq(sp.Derivative(total, tau), -weight * SLOPE - EXCESS * least * steepness**2), differentiation
    )
    rises = inside.have(
        le(0, sp.Derivative(total, tau)), combination((change, -1), (down, weight), (steep, weight * least))
    )
    ends = proof.have(le(total.subs(tau, 0), total.subs(tau, t)), along(rises, tau, 0, t))
    ends = proof.have(le(GROWN, sp.exp(-EXCESS * logarithm(t))), combination((ends, 1)))
    known = proof.knowing(proof.have(gt(GROWN, 0), sign()))
    logs = known.have(le(sp.log(GROWN), sp.log(sp.exp(-EXCESS * logarithm(t)))), increasing(ends))
    logs = known.have(le(logarithm(t), -sp.log(GROWN) / EXCESS), combination((logs, 1 / EXCESS)))
    value = known.have(le(*map(sp.exp, (logs.claim.lhs, logs.claim.rhs))), increasing(logs))
    gap = known.unfold(Phi(t))
    return proof.conclude(known.have(proof.statement.claim, combination((gap, 1), (value, 1))))


@theorem(
    source=SOURCE,
    given=[
        *NOW,
        *FLOW,
        ge(Phi(t), 0),
        during(le(smallest, norm_squared(g(i, tau)))),
    ],
    sample=SAMPLE | {smallest: sp.Integer(0)},
    claim=le(smallest * least * t, Phi(0)),
    runs=False,
)
def some_gradient_is_small(proof):
    """min |g|^2 <= Phi(0)/(mu0 t) over [0, t], for any loss that is bounded below: no convexity, no inequality"""
    inside = up_to_now(proof)
    down = descent(inside)
    large = during(le(smallest, norm_squared(g(i, tau))))
    large = inside.have(large.body, at(large, tau))
    total = -Phi(tau) - smallest * least * tau
    change = inside.have(eq(sp.Derivative(total, tau), -SLOPE - smallest * least), differentiation)
    rises = inside.have(le(0, sp.Derivative(total, tau)), combination((change, -1), (down, 1), (large, least)))
    ends = proof.have(le(total.subs(tau, 0), total.subs(tau, t)), along(rises, tau, 0, t))
    end = proof.have(ge(Phi(t), 0), hypothesis)
    return proof.conclude(proof.have(proof.statement.claim, combination((ends, 1), (end, 1))))
