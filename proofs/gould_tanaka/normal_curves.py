"""Appendix F: the curves perpendicular to the level curves of C(beta, gamma), and how C changes along them."""

import sympy as sp

from adamtheory.notation import beta, gamma, open_square, stability_exponent
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Regular,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    along,
    at,
    combination,
    conjunction,
    differentiation,
    eq,
    gt,
    le,
    lt,
    monotone,
    polynomial,
    theorem,
)

C = stability_exponent()
BY_BETA, BY_GAMMA = 1 / beta**2, -2 / gamma**2  # the partial derivatives of C
b, b0, b1, constant = sp.symbols("b b_0 b_1 K", real=True)
curve = sp.Function("gamma_normal", real=True)  # gamma as a function of beta

EXPLICIT = SequenceDefinition(curve, b, sp.cbrt(constant - 2 * b**3))
BETWEEN = (le(b0, b), le(b, b1))
# d gamma/d beta = (dC/d gamma)/(dC/d beta), cleared of denominators
NORMAL = ForAll(b, BETWEEN, eq(curve(b) ** 2 * sp.Derivative(curve(b), b), -2 * b**2))
POSITIVE = ForAll(b, BETWEEN, gt(curve(b), 0))
ANY_CURVE = (gt(b0, 0), lt(b0, b1), Regular(curve, 1, b0, b1), POSITIVE, NORMAL)
SAMPLE = {curve: sp.Lambda(b, sp.cbrt(1 + 2 * b1**3 - 2 * b**3))}


def exponent_at(point):
    """C at the curve's point over this beta."""
    return stability_exponent(point, curve(point))


@theorem(
    source=GouldTanaka("Appendix F"),
    given=open_square,
    claim=All((eq(sp.Derivative(C, beta), BY_BETA), eq(sp.Derivative(C, gamma), BY_GAMMA))),
)
def stability_exponent_partial_derivatives(proof):
    """The gradient of C is (1/beta^2, -2/gamma^2): C rises with beta and falls with gamma."""
    parts = [proof.have(p, differentiation) for p in proof.statement.claim.parts]
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(
    source=GouldTanaka("Appendix F"),
    where=[EXPLICIT],
    given=[gt(b, 0), gt(constant, 2 * b**3)],
    claim=All(
        (
            eq(
                sp.Derivative(curve(b), b),
                (BY_GAMMA / BY_BETA).xreplace({beta: b, gamma: curve(b)}),
            ),
            eq(curve(b) ** 3 + 2 * b**3, constant),
        )
    ),
)
def normal_curve_solution(proof):
    """gamma(beta) = (k - 2 beta^3)^(1/3) has the slope of a normal curve, and gamma^3 + 2 beta^3 = k on it."""
    slope, level = proof.statement.claim.parts
    value = proof.unfold(curve(b))
    positive = proof.have(gt(curve(b), 0), polynomial(), using=[value])
    proof = proof.knowing(positive)
    first = proof.have(slope, differentiation)
    second = proof.have(level, algebra(value))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(first, second)))


@theorem(
    source=GouldTanaka("Appendix F"),
    where=[EXPLICIT],
    given=[gt(beta, 0), gt(gamma, 0), eq(constant, 2 * beta**3 + gamma**3)],
    claim=eq(curve(beta), gamma),
)
def normal_curve_through_a_point(proof):
    """The normal curve through (beta_0, gamma_0) has k = 2 beta_0^3 + gamma_0^3."""
    value = proof.unfold(curve(beta))
    return proof.conclude(proof.have(eq(curve(beta), gamma), polynomial(), using=[value]))


@theorem(
    source=GouldTanaka("Appendix F"),
    given=ANY_CURVE,
    claim=eq(curve(b0) ** 3 + 2 * b0**3, curve(b1) ** 3 + 2 * b1**3),
    sample=SAMPLE,
)
def normal_curves_keep_their_constant(proof):
    """Every normal curve is one of these: gamma^3 + 2 beta^3 is the same at any two of its points."""
    here = proof.assume(*BETWEEN)
    here = here.knowing(here.have(POSITIVE.body, at(POSITIVE, b)))
    slope = here.have(NORMAL.body, at(NORMAL, b))
    derivative = sp.Derivative(curve(b) ** 3 + 2 * b**3, b)
    split = here.have(
        eq(derivative, 3 * curve(b) ** 2 * sp.Derivative(curve(b), b) + 6 * b**2), differentiation
    )
    flat = here.have(eq(0, derivative), combination((split, -1), (slope, -3)))
    return proof.conclude(proof.have(proof.statement.claim, along(flat, b, b0, b1)))


@theorem(
    source=ThisLibrary("Appendix F of Gould & Tanaka 2024, monotonicity"),
    given=ANY_CURVE,
    claim=lt(exponent_at(b0), exponent_at(b1)),
    sample=SAMPLE,
)
def stability_exponent_increases_along_normal_curves(proof):
    """C increases strictly with beta along every normal curve: its slope there is 1/beta^2 + 4 beta^2/gamma^4."""
    ends = [proof.have(POSITIVE.body.subs({b: end}), at(POSITIVE, end)) for end in (b0, b1)]
    here = proof.assume(*BETWEEN)
    here = here.knowing(here.have(POSITIVE.body, at(POSITIVE, b)), here.have(gt(b, 0), polynomial()))
    slope = here.have(NORMAL.body, at(NORMAL, b))
    derivative = sp.Derivative(exponent_at(b), b)
    chain_rule = here.have(
        eq(derivative, 1 / b**2 - 2 / curve(b) ** 2 * sp.Derivative(curve(b), b)), differentiation
    )
    form = 1 / b**2 + 4 * b**2 / curve(b) ** 4
    rises = here.have(lt(0, derivative), combination((chain_rule, -1), (slope, 2 / curve(b) ** 4), plus=form))
    return proof.conclude(proof.have(proof.statement.claim, along(rises, b, b0, b1), using=ends))


def explicit_exponent(point):
    return stability_exponent(point, sp.cbrt(constant - 2 * point**3))


@theorem(
    source=ThisLibrary("Appendix F of Gould & Tanaka 2024, monotonicity"),
    given=[gt(b0, 0), lt(b0, b1), lt(2 * b1**3, constant)],
    claim=lt(explicit_exponent(b0), explicit_exponent(b1)),
)
def stability_exponent_increases_along_explicit_normal_curve(proof):
    """C increases strictly with beta along gamma = (k - 2 beta^3)^(1/3)."""
    form = 1 / b**2 + 4 * b**2 / sp.cbrt(constant - 2 * b**3) ** 4
    return proof.conclude(proof.have(proof.statement.claim, monotone(explicit_exponent(b), b, b0, b1, form)))
