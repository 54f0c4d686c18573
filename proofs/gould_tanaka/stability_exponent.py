"""Section 3.1: the stability exponent C(beta, gamma), the regions that its sign makes, and Theorem 1's bound in them.

C > 0 bounds the max-update by a constant independent of n; for C <= 0 the bound of Theorem 1 grows without limit.
"""

import sympy as sp

from adamtheory.bounds.adam import printed_bound
from adamtheory.notation import (
    beta,
    bias_correction,
    gamma,
    h,
    n,
    open_square,
    stability_exponent,
    stability_exponent_as_printed,
    tau,
)
from adamtheory.proof import (
    All,
    Bounded,
    Either,
    GouldTanaka,
    Iff,
    Implies,
    ThisLibrary,
    algebra,
    antiderivative,
    bounded_by,
    cases,
    combination,
    conjunction,
    either,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    implication,
    le,
    lt,
    ne,
    polynomial,
    sign,
    squares,
    tangent,
    theorem,
    unbounded_by,
    under_integral,
)

C = stability_exponent()
AS_PRINTED = stability_exponent_as_printed()
BOUNDARY = gamma / (2 - gamma)  # the beta at which C = 0
SLOPE_OF_C = (2 - gamma) / (beta * gamma)  # C = SLOPE_OF_C * (beta - BOUNDARY)
SCALE = (1 - gamma) / gamma * sp.sqrt(beta / (1 - beta))  # the factor of Theorem 1's bound that does not depend on n
FACTOR = sp.exp(-C * (n * h - tau) / h)  # the square of f in Appendix D's use of Cauchy-Schwarz, at t = n h
SHARE = sp.Integral(FACTOR, (tau, 0, n * h)) / h
CONSTANT = sp.sqrt(beta / (1 - beta)) / (gamma * sp.sqrt(C))


@theorem(
    source=GouldTanaka("Theorem 1"),
    given=open_square,
    claim=All((eq(AS_PRINTED, C), eq(AS_PRINTED, 2 / gamma - 1 - 1 / beta))),
)
def stability_exponent_forms(proof):
    """The stability exponent as printed is twice the first moment's decay rate less the second's."""
    rates = proof.have(eq(AS_PRINTED, C))
    return proof.conclude(
        proof.have(proof.statement.claim, conjunction(rates, proof.have(eq(AS_PRINTED, 2 / gamma - 1 - 1 / beta))))
    )


@theorem(
    source=GouldTanaka("Section 3.1"),
    given=open_square,
    claim=All(
        (
            eq(C, SLOPE_OF_C * (beta - BOUNDARY)),
            Iff(gt(C, 0), gt(beta, BOUNDARY)),
            Iff(eq(C, 0), eq(beta, BOUNDARY)),
            Iff(lt(C, 0), lt(beta, BOUNDARY)),
            gt(BOUNDARY, 0),
            lt(BOUNDARY, gamma),
        )
    ),
)
def stability_regions_as_graph(proof):
    """C is positive right of the curve beta = gamma/(2 - gamma), which lies strictly inside the square, left of the
    diagonal; zero on it, negative left of it."""
    parts = [proof.have(eq(C, SLOPE_OF_C * (beta - BOUNDARY)))]
    for left, right in (
        (gt(C, 0), gt(beta, BOUNDARY)),
        (eq(C, 0), eq(beta, BOUNDARY)),
        (lt(C, 0), lt(beta, BOUNDARY)),
    ):
        forward = proof.assume(left).have(right, polynomial())
        backward = proof.assume(right).have(left, polynomial())
        parts.append(proof.have(Iff(left, right), equivalence(forward, backward)))
    parts.append(proof.have(gt(BOUNDARY, 0), polynomial()))
    parts.append(proof.have(lt(BOUNDARY, gamma), polynomial()))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(
    source=GouldTanaka("Section 3.1"),
    given=open_square,
    claim=All(
        (
            Either((gt(C, 0), eq(C, 0), lt(C, 0))),
            Implies(gt(C, 0), All((ne(C, 0), ge(C, 0)))),
            Implies(lt(C, 0), All((ne(C, 0), le(C, 0)))),
        )
    ),
)
def stability_regions_partition(proof):
    """B+, B0 and B- partition the open square: every point lies in one of them, and in no other."""
    alternatives, first, last = proof.statement.claim.parts
    branches = []
    for region in alternatives.parts:
        inside = proof.assume(region)
        branches.append((region, inside.have(alternatives, either(inside.have(region, hypothesis)))))
    parts = [proof.have(alternatives, cases(*branches))]
    for exclusive in (first, last):
        inside = proof.assume(exclusive.hypothesis)
        separate = [inside.have(p, polynomial()) for p in exclusive.conclusion.parts]
        parts.append(proof.have(exclusive, implication(inside.have(exclusive.conclusion, conjunction(*separate)))))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(source=GouldTanaka("Section 3.1"), given=[*open_square, gt(beta, gamma)], claim=gt(C, 0))
def beta_above_gamma_suffices(proof):
    """beta > gamma is sufficient for C > 0."""
    form = (beta - gamma) / (beta * gamma) + (1 - gamma) / gamma
    return proof.conclude(proof.have(gt(C, 0), sign(form)))


@theorem(
    source=ThisLibrary("Section 3.1 of Gould & Tanaka 2024, converse"),
    given=[eq(beta, sp.Rational(2, 5)), eq(gamma, sp.Rational(1, 2))],
    claim=All((lt(beta, gamma), gt(C, 0))),
)
def beta_above_gamma_is_not_necessary(proof):
    """beta > gamma is not necessary for C > 0: at beta = 2/5 < gamma = 1/2 the exponent is 1/2."""
    parts = [proof.have(p, polynomial()) for p in proof.statement.claim.parts]
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(
    source=GouldTanaka("Section 3.1"),
    given=[eq(beta, sp.Rational(999, 1000)), eq(gamma, sp.Rational(9, 10))],
    claim=All((eq(C, sp.Rational(221, 999)), gt(C, 0))),
)
def pytorch_defaults_in_bounded_region(proof):
    """The PyTorch defaults (0.999, 0.9) lie in B+: C = 221/999."""
    exact = [proof.have(p, hypothesis) for p in proof.statement.given]
    value = proof.have(eq(C, sp.Rational(221, 999)), algebra(*exact))
    positive = proof.have(gt(C, 0), combination((value, -1), plus=sp.Rational(221, 999)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(value, positive)))


def bias_correction_above(proof):
    """sqrt(1 - beta^N)/(1 - gamma^N) <= 1/(1 - gamma)."""
    top = proof.have(le(1 - beta ** (n + 1), 1), sign(beta ** (n + 1)))
    root = proof.have(le(sp.sqrt(1 - beta ** (n + 1)), 1), squares(top))
    below = 1 / (1 - gamma ** (n + 1))
    slack = below * gamma * (1 - gamma**n) / (1 - gamma)
    return proof.have(le(bias_correction(n + 1), 1 / (1 - gamma)), combination((root, below), plus=slack))


@theorem(
    source=GouldTanaka("Section 3.1"),
    given=[*open_square, gt(C, 0)],
    claim=le(printed_bound(1), CONSTANT),
)
def printed_bound_below_constant(proof):
    """In B+ the bound of Theorem 1 is at most an explicit constant independent of n.

    The bias correction is at most 1/(1 - gamma)."""
    factor = bias_correction_above(proof)
    return proof.conclude(proof.have(proof.statement.claim, combination((factor, SCALE / sp.sqrt(C)))))


@theorem(source=GouldTanaka("Section 3.1"), given=[*open_square, gt(C, 0)], claim=Bounded(printed_bound(1), n))
def printed_bound_bounded_in_stable_region(proof):
    """In B+ the bound of Theorem 1 stays bounded over training."""
    return proof.conclude(proof.have(proof.statement.claim, bounded_by(proof.cite("printed_bound_below_constant"))))


def bias_correction_below(proof):
    """sqrt(1 - beta^N)/(1 - gamma^N) >= sqrt(1 - beta)."""
    inner = proof.have(le(1 - beta, 1 - beta ** (n + 1)), sign(beta * (1 - beta**n)))
    smaller = proof.have(
        le((1 - beta) * (1 - gamma ** (n + 1)) ** 2, 1 - beta ** (n + 1)),
        combination((inner, 1), plus=(1 - beta) * gamma ** (n + 1) * (2 - gamma ** (n + 1))),
    )
    root = proof.have(le(sp.sqrt(1 - beta) * (1 - gamma ** (n + 1)), sp.sqrt(1 - beta ** (n + 1))), squares(smaller))
    return proof.have(le(sp.sqrt(1 - beta), bias_correction(n + 1)), combination((root, 1 / (1 - gamma ** (n + 1)))))


@theorem(
    source=GouldTanaka("Section 3.1"),
    given=[*open_square, eq(C, 0)],
    claim=Bounded(printed_bound(0), n, holds=False),
)
def printed_bound_diverges_on_boundary(proof):
    """On C = 0 the bound of Theorem 1 grows without limit, like the square root of n."""
    factor = bias_correction_below(proof)
    squared = proof.have(
        le(1 - beta, bias_correction(n + 1) ** 2),
        combination((factor, sp.sqrt(1 - beta) + bias_correction(n + 1))),
    )
    slope = (1 - gamma) ** 2 / gamma**2 * beta
    growth = proof.have(le(slope * n, printed_bound(0) ** 2), combination((squared, slope / (1 - beta) * n)))
    return proof.conclude(proof.have(proof.statement.claim, unbounded_by(growth, slope, power=2)))


@theorem(
    source=GouldTanaka("Section 3.1"),
    given=[*open_square, lt(C, 0)],
    claim=Bounded(printed_bound(-1), n, holds=False),
)
def printed_bound_diverges_in_unstable_region(proof):
    """In B- the bound of Theorem 1 grows without limit (exponentially)."""
    factor = bias_correction_below(proof)
    line = proof.have(le(1 - n * C / 2, sp.exp(-n * C / 2)), tangent)
    scale = SCALE / sp.sqrt(-C)
    grown = scale * sp.exp(-n * C / 2)
    slope = -scale * sp.sqrt(1 - beta) * C / 2
    growth = proof.have(
        le(slope * n + scale * sp.sqrt(1 - beta), printed_bound(-1)),
        combination((factor, grown), (line, scale * sp.sqrt(1 - beta))),
    )
    return proof.conclude(proof.have(proof.statement.claim, unbounded_by(growth, slope)))


@theorem(
    source=GouldTanaka("Section 3.1"),
    given=[*open_square, gt(h, 0), ne(C, 0)],
    claim=eq(SHARE, (1 - sp.exp(-C * n)) / C),
)
def max_update_bound_is_independent_of_timescale(proof):
    """What bounds the update after n steps does not depend on the time h = eta^p that one step takes, C not 0.

    In h the bound of Appendix D has only the integral of the squared Cauchy-Schwarz factor, divided by h; at t = n h
    it is a function of C and n alone, whatever the timescale p."""
    whole = proof.have(eq(h * SHARE, h * (1 - sp.exp(-C * n)) / C), antiderivative(h / C * FACTOR))
    return proof.conclude(proof.have(proof.statement.claim, combination((whole, 1 / h))))


@theorem(source=GouldTanaka("Section 3.1"), given=[*open_square, gt(h, 0), eq(C, 0)], claim=eq(SHARE, n))
def max_update_bound_on_boundary_is_independent_of_timescale(proof):
    """Where C = 0 the same integral is n, again without h."""
    solved = proof.have(eq(beta, BOUNDARY), polynomial())
    s = sp.Symbol("s", real=True)
    inside = proof.assume(le(0, s), le(s, n * h))
    one = inside.have(eq(FACTOR.xreplace({tau: s}), 1), algebra(solved))
    level = proof.have(eq(h * SHARE, sp.Integral(1, (tau, 0, n * h))), under_integral(one, s))
    span = proof.have(eq(sp.Integral(1, (tau, 0, n * h)), n * h), antiderivative(tau))
    return proof.conclude(proof.have(proof.statement.claim, combination((level, 1 / h), (span, 1 / h))))
