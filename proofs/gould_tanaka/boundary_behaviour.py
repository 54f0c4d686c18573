"""Appendix E: what the max-update does on C = 0.  Bounded growth is observed, where Equation 5 suggests sqrt(n).

For the continuous update the sqrt(n) bound on C = 0 is sharp: some gradients attain it at every time
(``continuous_update_worst_case_on_boundary``).  Discrete Adam is another dynamics there: its own boundary of
stability is gamma^2 = beta, C = 0 lies inside, where gamma^2/beta = gamma(2 - gamma) < 1, and no gradients move it by
more than 1/sqrt(1 - beta) (``max_update_below_rmsprop_where_exponent_is_nonnegative``).  So the observed boundedness
is mathematics in exact arithmetic, not numerical precision.  "Equation 5 is not violated" is right from
gamma(2 - gamma)/(1 - gamma)^2 steps on, and wrong at the very first steps (``theorem_one_discrete_on_boundary``).
"""

import sympy as sp

from adamtheory.bounds.adam import (
    printed_bound,
    worst_case,
    worst_case_limit_squared,
    worst_case_squared,
)
from adamtheory.notation import beta, bias_correction, gamma, k, n, open_square, ratio, stability_exponent
from adamtheory.proof import (
    All,
    Bounded,
    GouldTanaka,
    Iff,
    Tends,
    ThisLibrary,
    algebra,
    bounded_by,
    combination,
    conjunction,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    le,
    limit,
    lt,
    polynomial,
    printed,
    squares,
    theorem,
)

C = stability_exponent()
U = worst_case()
GRAPH = gamma / (2 - gamma)  # beta where C = 0
RMSPROP = 1 / sp.sqrt(1 - beta)
boundary = [*open_square, eq(C, 0)]
POWERS = sp.Sum(ratio**k, (k, 1, n + 1))  # q S
scale = sp.Symbol("c", real=True)


@theorem(
    source=ThisLibrary("Appendix E of Gould & Tanaka 2024"),
    given=boundary,
    claim=All(
        (
            eq(beta, GRAPH),
            eq(ratio, gamma * (2 - gamma)),
            lt(ratio, 1),
            eq(worst_case_limit_squared(), 1 / (1 - beta)),
            eq(1 / (1 - beta), (2 - gamma) / (2 * (1 - gamma))),
        )
    ),
)
def printed_boundary_lies_inside_the_stable_region(proof):
    """On C = 0, q = gamma(2 - gamma) is below 1, and the worst case's limit is 1/sqrt(1 - beta)."""
    parts = proof.statement.claim.parts
    solved = proof.have(parts[0], polynomial())
    found = [solved, proof.have(parts[1], algebra(solved)), proof.have(parts[2], polynomial())]
    found += [proof.have(parts[3], algebra(solved), using=[found[2]]), proof.have(parts[4], algebra(solved))]
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*found)))


@theorem(
    source=ThisLibrary("Appendix E of Gould & Tanaka 2024"),
    given=boundary,
    claim=All((le(U, RMSPROP), Bounded(U, n))),
)
def worst_case_bounded_on_printed_boundary(proof):
    """On C = 0 discrete Adam's worst case stays below 1/sqrt(1 - beta) at every step, whatever the gradients."""
    bound, bounded = proof.statement.claim.parts
    known = proof.cite("printed_boundary_lies_inside_the_stable_region")
    *_, stable, value, _ = (proof.have(part, hypothesis, using=[known]) for part in known.claim.parts)
    proof = proof.knowing(proof.have(lt(gamma**2, beta), polynomial()), stable)
    worst = proof.cite("worst_case_squared_below_limit")
    squared = proof.have(le(worst_case_squared(), RMSPROP**2), combination((worst, 1), (value, 1)))
    bound = proof.have(bound, squares(squared))
    bounded = proof.have(bounded, bounded_by(bound))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(bound, bounded)))


@theorem(
    source=ThisLibrary("Appendix E of Gould & Tanaka 2024"),
    given=boundary,
    claim=Tends(U, n, sp.oo, RMSPROP),
)
def worst_case_limit_on_printed_boundary(proof):
    """On C = 0 the worst case tends to 1/sqrt(1 - beta), so the bound 1/sqrt(1 - beta) cannot be improved."""
    known = proof.cite("printed_boundary_lies_inside_the_stable_region")
    *_, stable, value, _ = (proof.have(part, hypothesis, using=[known]) for part in known.claim.parts)
    proof = proof.knowing(proof.have(lt(gamma**2, beta), polynomial()), stable)
    closed = proof.cite("worst_case_closed_form")
    x, y = gamma ** (n + 1), beta ** (n + 1)
    form = RMSPROP * sp.sqrt((1 - y) * (1 - ratio ** (n + 1))) / (1 - x)
    squared = proof.have(eq(worst_case_squared(), form**2), algebra(closed, value))
    root = proof.have(eq(U, form), squares(squared))
    return proof.conclude(proof.have(proof.statement.claim, limit(form, root)))


@theorem(
    source=ThisLibrary("Appendix E of Gould & Tanaka 2024"),
    given=[*boundary, gt(scale, 0), gt(n, 1 / (scale**2 * (1 - beta)))],
    claim=lt(U, scale * sp.sqrt(n)),
)
def no_square_root_growth_on_printed_boundary(proof):
    """On C = 0 nothing like c sqrt(n), c > 0, holds from below: it fails from n = 1/(c^2 (1 - beta)) on."""
    known = proof.cite("worst_case_bounded_on_printed_boundary")
    below = proof.have(known.claim.parts[0], hypothesis, using=[known])
    late = proof.have(proof.statement.given[-1], hypothesis)
    squared = proof.have(lt(RMSPROP**2, scale**2 * n), combination((late, scale**2)))
    root = proof.have(lt(RMSPROP, scale * sp.sqrt(n)), squares(squared))
    return proof.conclude(proof.have(proof.statement.claim, combination((below, 1), (root, 1))))


@theorem(
    source=ThisLibrary("Appendix E of Gould & Tanaka 2024"),
    given=boundary,
    claim=Iff(le(U, printed_bound(0)), le(POWERS, n)),
)
def printed_bound_on_boundary_holds_iff(proof):
    """On C = 0 Equation 5 holds for discrete Adam at step n exactly where q + q^2 + ... + q^(n+1) <= n."""
    holds, share = proof.statement.claim.left, proof.statement.claim.right
    front = (bias_correction(n + 1) * (1 - gamma) / gamma) ** 2 * beta / (1 - beta)
    shifted = proof.cite("geometric_sum_shifted")
    enough = proof.assume(share)
    met = enough.have(share, hypothesis)
    squared = enough.have(le(worst_case_squared(), printed_bound(0) ** 2), combination((met, front), (shifted, -front)))
    backward = enough.have(holds, squares(squared))
    under = proof.assume(holds)
    given = under.have(holds, hypothesis)
    weight = (printed_bound(0) + U) / front
    forward = under.have(share, combination((given, weight), (shifted, 1)))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))


@theorem(
    source=ThisLibrary("Appendix E of Gould & Tanaka 2024"),
    given=[*boundary, ge(n, gamma * (2 - gamma) / (1 - gamma) ** 2)],
    claim=le(U, printed_bound(0)),
)
def printed_bound_on_boundary_holds_later(proof):
    """On C = 0 Equation 5 holds for discrete Adam from n = gamma(2 - gamma)/(1 - gamma)^2 on: 99 at gamma = 0.9."""
    known = proof.cite("printed_boundary_lies_inside_the_stable_region")
    solved, _, stable, *_ = (proof.have(part, hypothesis, using=[known]) for part in known.claim.parts)
    q = sp.Symbol("q", real=True)
    closed = proof.cite("geometric_sum_closed", {q: ratio})
    late = proof.have(proof.statement.given[-1], hypothesis)
    proof = proof.knowing(stable)
    rest = ratio ** (n + 2) / (1 - ratio)
    limited = proof.have(le(POWERS, ratio / (1 - ratio)), combination((closed, 1 / (1 - ratio)), plus=rest))
    level = proof.have(eq(ratio / (1 - ratio), gamma * (2 - gamma) / (1 - gamma) ** 2), algebra(solved))
    share = proof.have(le(POWERS, n), combination((limited, 1), (level, 1), (late, 1)))
    shifted = proof.cite("geometric_sum_shifted")
    front = (bias_correction(n + 1) * (1 - gamma) / gamma) ** 2 * beta / (1 - beta)
    squared = proof.have(
        le(worst_case_squared(), printed_bound(0) ** 2), combination((share, front), (shifted, -front))
    )
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


max_update_scales_like_root_n_on_boundary = printed(
    name="max_update_scales_like_root_n_on_boundary",
    title="Equation 5 is tight on C = 0 for discrete Adam: its worst case is at least the sqrt(n) bound, from which the"
    " paper suggests that the max-update may scale like sqrt(n)",
    source=GouldTanaka("Appendix E, Equation 5"),
    given=boundary,
    claim=le(printed_bound(0), U),
    witness={beta: sp.Rational(1, 3), gamma: sp.Rational(1, 2), n: 2},
    repaired="worst_case_bounded_on_printed_boundary",
    why="the bound grows like sqrt(n), the worst case over all gradients never exceeds 1/sqrt(1 - beta): bounded growth"
    " and a bound that is not tight are what the paper observes, and suspects numerical precision behind",
)
