"""How large C becomes along a normal curve: Section 3.3's and Appendix M's remarks on C relative to the curve's others.

A normal curve is 2 beta^3 + gamma^3 = K.  In the square it ends at beta = 1 where K > 2, with a largest C that is not
attained; where K <= 2 it ends at gamma = 0, and C grows without limit.
"""

import sympy as sp

from adamtheory.notation import beta, gamma, open_square, stability_exponent
from adamtheory.proof import (
    All,
    GouldTanaka,
    Tends,
    ThisLibrary,
    combination,
    conjunction,
    eq,
    gt,
    hypothesis,
    le,
    limit,
    lt,
    polynomial,
    sign,
    theorem,
)

C = stability_exponent()
b, constant, distance = sp.symbols("b K delta", real=True)
left, lower, right, upper = sp.symbols("beta_0 gamma_0 beta_1 gamma_1", real=True)
other = sp.Symbol("K_1", real=True)
RATIONAL = sp.Rational
MOST = 2 / sp.cbrt(constant - 2) - 2
ALONG = stability_exponent(b, sp.cbrt(constant - 2 * b**3))
M_SECTION = ThisLibrary("Appendix M of Gould & Tanaka 2024, C relative to its normal curve")


@theorem(
    source=ThisLibrary("Section 3.3 of Gould & Tanaka 2024, the largest C of a normal curve"),
    given=[gt(b, 0), lt(b, 1), gt(constant, 2)],
    claim=lt(ALONG, MOST),
)
def largest_exponent_on_a_normal_curve(proof):
    """Where K > 2, C stays below 2/(K - 2)^(1/3) - 2 along the normal curve 2 beta^3 + gamma^3 = K"""
    one = {sp.Symbol("b_0", real=True): b, sp.Symbol("b_1", real=True): sp.Integer(1)}
    rises = proof.cite("stability_exponent_increases_along_explicit_normal_curve", one)
    return proof.conclude(proof.have(proof.statement.claim, combination((rises, 1))))


@theorem(
    source=ThisLibrary("Section 3.3 of Gould & Tanaka 2024, the largest C of a normal curve"),
    given=[gt(constant, 2)],
    claim=Tends(ALONG.subs(b, 1 - distance), distance, sp.Integer(0), MOST),
)
def largest_exponent_is_approached(proof):
    """C tends to it as beta -> 1 along the curve: no point of the open square has the largest C"""
    return proof.conclude(proof.have(proof.statement.claim, limit()))


BELOW = 2 / gamma - 1 - sp.cbrt(4 / constant)


@theorem(
    source=ThisLibrary("Section 3.3 of Gould & Tanaka 2024, the largest C of a normal curve"),
    given=[gt(beta, 0), gt(gamma, 0), eq(2 * beta**3 + gamma**3, constant), le(gamma, beta)],
    claim=lt(BELOW, C),
)
def exponent_has_no_largest_value_on_short_normal_curves(proof):
    """Where gamma <= beta, C exceeds 2/gamma - 1 - (4/K)^(1/3): no limit where the curve meets gamma = 0, K <= 2"""
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))


GAMMA = 1 - 1 / (10 + distance**2)
DEFAULTS = 2 * RATIONAL(999, 1000) ** 3 + RATIONAL(9, 10) ** 3


@theorem(
    source=GouldTanaka("Section 3.3"),
    given=[*open_square, eq(2 * beta**3 + gamma**3, DEFAULTS)],
    claim=All(
        (lt(C, RATIONAL(229, 1000)), gt(stability_exponent(RATIONAL(999, 1000), RATIONAL(9, 10)), RATIONAL(221, 1000)))
    ),
    sample={gamma: GAMMA, beta: sp.cbrt((DEFAULTS - GAMMA**3) / 2)},
)
def pytorch_defaults_are_nearly_the_best_of_their_normal_curve(proof):
    """C is 0.2212 at (0.999, 0.9) and below 0.229 on its whole normal curve: large relative to other points"""
    below, value = proof.statement.claim.parts
    high = proof.have(gt(gamma, RATIONAL(8975, 10000)), polynomial())
    below = proof.have(below, polynomial(), using=[high])
    value = proof.have(value, sign())
    return proof.conclude(proof.have(proof.statement.claim, conjunction(below, value)))


SAME_LEVEL = [
    gt(left, 0),
    lt(left, right),
    gt(lower, 0),
    gt(upper, 0),
    eq(stability_exponent(left, lower), stability_exponent(right, upper)),
]


@theorem(
    source=M_SECTION,
    given=SAME_LEVEL,
    claim=All((lt(lower, upper), lt(2 * left**3 + lower**3, 2 * right**3 + upper**3))),
    sample={left: right / (1 + right * other**2), lower: 2 * upper / (2 + upper * other**2)},
)
def points_nearer_the_origin_lie_on_lower_normal_curves(proof):
    """Along a level curve of C, smaller beta means smaller gamma and a normal curve with smaller K"""
    closer, lower_curve = proof.statement.claim.parts
    level = proof.have(SAME_LEVEL[-1], hypothesis)
    proof = proof.knowing(proof.have(gt(right, 0), polynomial()))
    ahead = proof.have(lt(left, right), hypothesis)
    share = lower * upper / 2
    weight = combination((level, -share), (ahead, share / (left * right)))
    closer = proof.have(closer, weight)
    lower_curve = proof.have(lower_curve, polynomial(), using=[closer])
    return proof.conclude(proof.have(proof.statement.claim, conjunction(closer, lower_curve)))


@theorem(
    source=M_SECTION,
    given=[gt(constant, 2), gt(other, constant)],
    claim=lt(2 / sp.cbrt(other - 2) - 2, MOST),
)
def lower_normal_curves_reach_larger_exponents(proof):
    """The smaller K, the larger the largest C of its normal curve: the same C is then a smaller part of it

    So Appendix M is right that points of a level curve nearer the origin have a C that is small relative to other
    points of their normal curves."""
    x, y = sp.cbrt(constant - 2), sp.cbrt(other - 2)
    rises = proof.have(lt(x, y), polynomial())
    return proof.conclude(proof.have(proof.statement.claim, combination((rises, 2 / (x * y)))))
