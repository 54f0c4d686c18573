"""Section 3.2: how fast the max-update grows where C < 0.  |C|/2 is predicted; the exact exponent is ln(q)/2.

q = gamma^2/beta.  The worst case grows exponentially only where q > 1: where C < 0 and q <= 1 it does not, although C
predicts it.  |C|/2 is an upper estimate everywhere: U_n exp(-n |C|/2) tends to zero
(``printed_annealing_is_too_strong``, eta_0 = 1).  Near (1, 1) the two exponents are close (``exponent_gap``), which is
what Figure 3 sees.
"""

import sympy as sp

from adamtheory.bounds.adam import geometric_sum, worst_case, worst_case_squared
from adamtheory.bounds.growth import (
    annealing_ratio,
    exponent,
    growth_constant,
    printed_exponent,
    scaled_worst_case,
    scaled_worst_case_squared,
)
from adamtheory.notation import alignment, beta, bias_correction, gamma, n, open_square, ratio, stability_exponent
from adamtheory.proof import (
    All,
    GouldTanaka,
    Iff,
    Tends,
    ThisLibrary,
    algebra,
    combination,
    conjunction,
    eq,
    equivalence,
    gt,
    hypothesis,
    increasing,
    induction,
    le,
    limit,
    lt,
    polynomial,
    printed,
    sign,
    squares,
    squeeze,
    tangent,
    theorem,
)

C = stability_exponent()
P = bias_correction(n + 1)
U = worst_case()
shrinking = beta / gamma**2  # 1/q
SCALED = scaled_worst_case()  # U_n q^(-n/2) where q > 1
growing = lt(beta, gamma**2)
slow = le(gamma**2, beta)
q = sp.Symbol("q", real=True)
RATE = sp.log(U) / (n + 1)


@theorem(source=ThisLibrary("discrete theory"), given=open_square, claim=le(P**2, 1 / (1 - gamma) ** 2))
def bias_correction_squared_bound(proof):
    """The bias correction is at most 1/(1 - gamma)."""
    top = proof.have(le(1 - beta ** (n + 1), 1), sign(beta ** (n + 1)))
    left = 1 - gamma ** (n + 1)
    slack = gamma * (1 - gamma**n) * (left + 1 - gamma) / (left * (1 - gamma)) ** 2
    return proof.conclude(proof.have(proof.statement.claim, combination((top, 1 / left**2), plus=slack)))


@theorem(source=ThisLibrary("discrete theory"), given=open_square, claim=le(1, U))
def worst_case_at_least_one(proof):
    """U_n is at least 1."""
    claim = proof.statement.claim
    one = proof.cite("worst_case_of_one_gradient")
    base = proof.have(claim.subs({n: sp.Integer(0)}), combination((one, -1)))
    ind = proof.assume(claim)
    more = combination((ind.have(claim, hypothesis), 1), (ind.cite("worst_case_never_decreases"), 1))
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), more))))


@theorem(source=ThisLibrary("elementary"), given=[gt(q, 0)], claim=le(1 + n * (q - 1), q**n))
def powers_above_their_tangent(proof):
    """Bernoulli's inequality: q^n is at least 1 + n(q - 1) for q > 0."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    more = combination((ind.have(claim, hypothesis), q), plus=n * (q - 1) ** 2)
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), more))))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, growing],
    claim=All(
        (
            lt(shrinking, 1),
            gt(ratio, 1),
            gt(1 - shrinking ** (n + 1), 0),
            eq(worst_case_squared() * shrinking**n, scaled_worst_case_squared()),
        )
    ),
)
def worst_case_squared_scaled(proof):
    """Where q > 1, U_n^2 q^(-n) is P_n^2 a^2 q/(q - 1) times 1 - q^(-N)."""
    below, above, positive, value = proof.statement.claim.parts
    below, above = proof.have(below, polynomial()), proof.have(above, polynomial())
    proof = proof.knowing(below, above)
    line = proof.cite("powers_above_their_tangent", {q: ratio, n: n + 1})
    weight = shrinking ** (n + 1)
    positive = proof.have(positive, combination((line, weight), plus=(n + 1) * (ratio - 1) * weight))
    value = proof.have(value, algebra(proof.cite("geometric_sum_closed_form")))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(below, above, positive, value)))


def grown(proof):
    """The scope where q > 1, and there U_n = SCALED (gamma/sqrt(beta))^n."""
    known = proof.cite("worst_case_squared_scaled")
    *signs, value = (proof.have(part, hypothesis, using=[known]) for part in known.claim.parts)
    proof = proof.knowing(*signs)
    form = SCALED * (gamma / sp.sqrt(beta)) ** n
    squared = proof.have(eq(worst_case_squared(), form**2), combination((value, shrinking ** (-n))))
    return proof, proof.have(eq(U, form), squares(squared))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, growing],
    claim=Tends(U * annealing_ratio() ** n, n, sp.oo, growth_constant()),
)
def worst_case_grows_like_the_ratio(proof):
    """Where q > 1, U_n (sqrt(beta)/gamma)^n tends to a sqrt(q/(q - 1)), a positive number."""
    proof, value = grown(proof)
    factor = annealing_ratio() ** n
    value = proof.have(eq(U * factor, SCALED), combination((value, factor)))
    return proof.conclude(proof.have(proof.statement.claim, limit(SCALED, value)))


@theorem(source=ThisLibrary("discrete theory"), given=[*open_square, growing], claim=gt(growth_constant(), 0))
def growth_constant_is_positive(proof):
    """Where q > 1, a sqrt(q/(q - 1)) is positive, so U_n grows neither faster nor slower than q^(n/2)."""
    proof = proof.knowing(proof.have(gt(ratio, 1), polynomial()))
    return proof.conclude(proof.have(proof.statement.claim, sign()))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, growing],
    claim=Tends(RATE, n, sp.oo, exponent()),
)
def worst_case_growth_exponent(proof):
    """Where q > 1 the worst case grows exponentially, and its exponent is ln(q)/2: ln(U_n)/(n + 1) tends to it."""
    proof, value = grown(proof)
    form = sp.log(SCALED) / (n + 1) + exponent() * (1 - 1 / (n + 1))
    return proof.conclude(proof.have(proof.statement.claim, limit(form, value)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, slow],
    claim=le(worst_case_squared(), (n + 1) / (ratio * (1 - beta))),
)
def worst_case_squared_grows_at_most_linearly(proof):
    """Where q <= 1, U_n^2 is at most (n + 1)/(q (1 - beta))."""
    length, shifted = proof.cite("geometric_sum_below_its_length", {q: ratio}), proof.cite("geometric_sum_shifted")
    total = le(geometric_sum(), (n + 1) / ratio)
    total = proof.have(total, combination((length, 1 / ratio), (shifted, -1 / ratio)))
    front = proof.cite("bias_correction_squared_bound")
    weights = combination((total, P**2 * alignment**2), (front, alignment**2 * (n + 1) / ratio))
    return proof.conclude(proof.have(proof.statement.claim, weights))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, slow],
    claim=Tends(RATE, n, sp.oo, 0),
    sample={gamma: 1 / (2 + q**2)},  # numbers see the limit where n passes 1/(1 - gamma) early
)
def worst_case_without_exponential_growth(proof):
    """Where q <= 1 the worst case does not grow exponentially: its exponent is 0."""
    size = sp.sqrt(n + 1) / sp.sqrt(ratio * (1 - beta))
    below = proof.have(le(U, size), squares(proof.cite("worst_case_squared_grows_at_most_linearly")))
    logarithm = proof.have(le(sp.log(U), sp.log(size)), increasing(below))
    line = proof.have(le(sp.log(sp.sqrt(n + 1)), sp.sqrt(n + 1) - 1), tangent)
    high = -sp.log(ratio * (1 - beta)) / 2 / (n + 1) + 1 / sp.sqrt(n + 1) - 1 / (n + 1)
    above = proof.have(le(RATE, high), combination((logarithm, 1 / (n + 1)), (line, 1 / (n + 1))))
    one = proof.cite("worst_case_at_least_one")
    positive = proof.have(le(0, sp.log(U)), sign(), using=[one])
    under = proof.have(le(0, RATE), combination((positive, 1 / (n + 1))))
    ends = proof.have(Tends(0, n, sp.oo, 0), limit()), proof.have(Tends(high, n, sp.oo, 0), limit())
    tends = squeeze(below=under, above=above, lower=ends[0], upper=ends[1])
    return proof.conclude(proof.have(proof.statement.claim, tends))


GRAPH = gamma / (2 - gamma)  # the beta at which C = 0
WEDGE = All((lt(C, 0), lt(gamma**2, beta)))


@theorem(
    source=ThisLibrary("Section 3.2 of Gould & Tanaka 2024, for the discrete update"),
    given=open_square,
    claim=All(
        (
            eq(GRAPH - gamma**2, gamma * (1 - gamma) ** 2 / (2 - gamma)),
            lt(gamma**2, GRAPH),
            Iff(WEDGE, All((lt(gamma**2, beta), lt(beta, GRAPH)))),
        )
    ),
)
def stable_wedge_in_the_unstable_region(proof):
    """For every gamma there are beta with C < 0 and gamma^2 < beta: all those between gamma^2 and gamma/(2 - gamma).

    There the worst case is bounded over all steps (``worst_case_bounded_iff_stable``), although C < 0."""
    width, order, both = proof.statement.claim.parts
    width, order = proof.have(width), proof.have(order, polynomial())
    inside, between = proof.assume(both.left), proof.assume(both.right)
    forward = inside.have(both.right, conjunction(*(inside.have(p, polynomial()) for p in both.right.parts)))
    backward = between.have(both.left, conjunction(*(between.have(p, polynomial()) for p in both.left.parts)))
    both = proof.have(both, equivalence(forward, backward))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(width, order, both)))


growth_at_the_printed_exponent = printed(
    name="growth_at_the_printed_exponent",
    title="Where C < 0 the max-update grows with exponent |C|/2, read as the exact rate of discrete Adam's worst case",
    source=GouldTanaka("Section 3.2, Figure 3"),
    given=[*open_square, lt(C, 0), growing],
    claim=eq(exponent(), printed_exponent()),
    witness={beta: sp.Rational(1, 3), gamma: sp.Rational(2, 3)},
    repaired="worst_case_growth_exponent",
    why="the exact exponent is ln(gamma^2/beta)/2, below gamma |C|/2; the two agree to first order near (1, 1) only, "
    "which is where the figure's hyperparameters lie",
)

growth_throughout_the_unstable_region = printed(
    name="growth_throughout_the_unstable_region",
    title="Where C < 0 the max-update of discrete Adam may grow exponentially: its worst case's exponent is positive",
    source=GouldTanaka("Section 3.1, the region B-"),
    given=[*open_square, lt(C, 0)],
    claim=lt(0, exponent()),
    witness={beta: sp.Rational(3, 10), gamma: sp.Rational(1, 2)},
    repaired="stable_wedge_in_the_unstable_region",
    why="between beta = gamma^2 and the curve C = 0 the discrete worst case is bounded: C = -1/3, q = 5/6",
)
