"""The stability exponent C against the exact discrete one, ln(beta/gamma^2) = -ln q, where C < 0.

Growth at |C|/2 a step is predicted in the continuous model, ln(q)/2 is exact in discrete time (``growth_exponent``).
With H(z) = z - 1 - ln z >= 0 the gap is |C| - ln q = H(1/beta) - 2 H(1/gamma): of second order near (1, 1).
"""

import sympy as sp

from adamtheory.bounds.growth import excess, exponent, printed_exponent
from adamtheory.notation import beta, gamma, open_square, ratio, stability_exponent
from adamtheory.proof import (
    All,
    BigO,
    ThisLibrary,
    algebra,
    combination,
    conjunction,
    eq,
    gt,
    hypothesis,
    le,
    lt,
    monotone,
    polynomial,
    series,
    tangent,
    theorem,
)

C = stability_exponent()
GAP = -C - sp.log(ratio)
x, s, b, c = sp.symbols("x s b c", real=True)


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, lt(C, 0)],
    claim=All(
        (
            lt(beta, gamma),
            eq(ratio - 1, -gamma * C - (1 - gamma) * (gamma - beta) / beta),
            lt(ratio - 1, -gamma * C),
            lt(ratio - 1, -C),
        )
    ),
)
def ratio_below_stability_exponent(proof):
    """Where C < 0, q - 1 lies below gamma |C|, hence below |C|."""
    order, identity, sharp, plain = proof.statement.claim.parts
    order = proof.have(order, polynomial())
    identity = proof.have(identity)
    rest = (1 - gamma) * (gamma - beta) / beta
    proof = proof.knowing(order)
    sharp = proof.have(sharp, combination((identity, 1), plus=rest))
    plain = proof.have(plain, combination((sharp, 1), plus=-(1 - gamma) * C))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(order, identity, sharp, plain)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, lt(C, 0)],
    claim=All(
        (le(sp.log(ratio), ratio - 1), lt(sp.log(ratio), -gamma * C), lt(exponent(), gamma * printed_exponent()))
    ),
)
def discrete_exponent_below_printed_exponent(proof):
    """Where C < 0 the discrete growth exponent ln(q)/2 is less than gamma times the predicted |C|/2.

    For q <= 1 it is not even positive: ln q <= q - 1 < gamma |C| holds on both sides of q = 1."""
    line, logarithm, half = proof.statement.claim.parts
    line = proof.have(line, tangent)
    known = proof.cite("ratio_below_stability_exponent")
    below = proof.have(known.claim.parts[2], hypothesis, using=[known])
    logarithm = proof.have(logarithm, combination((line, 1), (below, 1)))
    half = proof.have(half, combination((logarithm, sp.Rational(1, 2))))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(line, logarithm, half)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=open_square,
    claim=eq(GAP, excess(1 / beta) - 2 * excess(1 / gamma)),
)
def exponent_gap_identity(proof):
    """-C - ln q = H(1/beta) - 2 H(1/gamma) for all beta and gamma, H(z) = z - 1 - ln z."""
    return proof.conclude(proof.have(proof.statement.claim, algebra()))


@theorem(source=ThisLibrary("elementary"), given=[gt(x, 0)], claim=lt(excess(1 + x), x**2 / 2))
def logarithm_above_parabola(proof):
    """ln(1 + x) exceeds x - x^2/2 for x > 0."""
    rising = monotone(s**2 / 2 - excess(1 + s), s, 0, x, s**2 / (1 + s))
    above = proof.have(lt(0, x**2 / 2 - excess(1 + x)), rising)
    return proof.conclude(proof.have(proof.statement.claim, combination((above, 1))))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, lt(C, 0)],
    claim=All((gt(GAP, 0), lt(GAP, ((1 - beta) / beta) ** 2 / 2))),
)
def exponent_gap_bounds(proof):
    """Where C < 0 the prediction |C| exceeds ln q, by less than ((1 - beta)/beta)^2/2.

    That is why the two are hard to tell apart near (1, 1): at beta >= 0.95 the predicted slope |C|/2 is too large by
    less than 0.0007."""
    above, below = proof.statement.claim.parts
    known = proof.cite("discrete_exponent_below_printed_exponent")
    logarithm = proof.have(known.claim.parts[1], hypothesis, using=[known])
    above = proof.have(above, combination((logarithm, 1), plus=-(1 - gamma) * C))
    identity = proof.cite("exponent_gap_identity")
    second = proof.cite("logarithm_above_parabola", {x: 1 / beta - 1})
    first = proof.have(le(sp.log(1 / gamma), 1 / gamma - 1), tangent)
    below = proof.have(below, combination((identity, 1), (second, 1), (first, 2)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(above, below)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[gt(b, 0), gt(c, 0)],
    claim=BigO(GAP.subs({beta: 1 / (1 + b * s), gamma: 1 / (1 + c * s)}), s, 2),
)
def exponent_gap_is_of_second_order(proof):
    """Near (1, 1) prediction and exact exponent agree to first order.

    Along 1/beta = 1 + b s, 1/gamma = 1 + c s both are of order s, their difference is O(s^2)."""
    return proof.conclude(proof.have(proof.statement.claim, series()))
