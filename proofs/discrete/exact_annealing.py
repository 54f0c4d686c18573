"""The weakest geometric learning rate eta_n = eta_0 r^n that keeps Adam's largest step bounded over all steps.

q = gamma^2/beta decides: r <= q^(-1/2) where q > 1, r < 1 where q = 1, and no annealing at all, r <= 1, where q < 1,
also where C < 0.  U_n is the largest |u_n| over all gradient sequences.
"""

import sympy as sp

from adamtheory.bounds.adam import definitions, geometric_sum, worst_case, worst_case_limit, worst_case_squared
from adamtheory.bounds.growth import (
    annealing_ratio,
    exact_learning_rate,
    growth_constant,
    scaled_worst_case,
    scaled_worst_case_squared,
)
from adamtheory.notation import alignment, beta, bias_correction, gamma, lr, n, open_square, ratio, u, v
from adamtheory.proof import (
    Bounded,
    Iff,
    Tends,
    ThisLibrary,
    bounded_by,
    combination,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    le,
    limit,
    lt,
    polynomial,
    sign,
    squares,
    theorem,
    unbounded_by,
)

U = worst_case()
P = bias_correction(n + 1)
growing = lt(beta, gamma**2)
q, r = sp.symbols("q r", real=True)
STEP = r**n * U  # the largest step at learning rate r^n
CEILING = sp.sqrt(ratio / (ratio - 1)) / sp.sqrt(1 - beta)


def scaled(proof):
    """The scope where q > 1, and there (sqrt(beta)/gamma)^n U_n as ``scaled_worst_case``, also squared."""
    known = proof.cite("worst_case_squared_scaled")
    *signs, value = (proof.have(part, hypothesis, using=[known]) for part in known.claim.parts)
    proof = proof.knowing(*signs)
    left = annealing_ratio() ** n * U
    squared = proof.have(eq(left**2, scaled_worst_case() ** 2), combination((value, 1)))
    return proof, proof.have(eq(left, scaled_worst_case()), squares(squared))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, growing],
    claim=Tends(exact_learning_rate() * U, n, sp.oo, lr * growth_constant()),
)
def exact_annealing_limit(proof):
    """With eta_n = eta_0 (sqrt(beta)/gamma)^n, q > 1, the largest step tends to eta_0 a sqrt(q/(q - 1))."""
    proof, value = scaled(proof)
    whole = proof.have(eq(exact_learning_rate() * U, lr * scaled_worst_case()), combination((value, lr)))
    return proof.conclude(proof.have(proof.statement.claim, limit(lr * scaled_worst_case(), whole)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, growing],
    claim=le(annealing_ratio() ** n * U, CEILING),
)
def exactly_annealed_worst_case_bound(proof):
    """Where q > 1, (sqrt(beta)/gamma)^n U_n is at most sqrt(q/((q - 1)(1 - beta))) at every step."""
    inside, value = scaled(proof)
    front = inside.cite("bias_correction_squared_bound")
    shrunk = (beta / gamma**2) ** (n + 1)
    scale = alignment**2 * ratio / (ratio - 1)
    rest = scale * shrunk / (1 - gamma) ** 2
    size = inside.have(
        le(scaled_worst_case_squared(), CEILING**2), combination((front, scale * (1 - shrunk)), plus=rest)
    )
    squared = inside.have(le(scaled_worst_case() ** 2, CEILING**2), combination((size, 1)))
    root = inside.have(le(scaled_worst_case(), CEILING), squares(squared))
    return proof.conclude(inside.have(proof.statement.claim, combination((value, 1), (root, 1))))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=definitions(),
    given=[*open_square, growing, ge(lr, 0), gt(v(n), 0)],
    claim=le(exact_learning_rate() * sp.Abs(u(n)), lr * CEILING),
    runs=False,
)
def exactly_annealed_step_bound(proof):
    """Annealed by (sqrt(beta)/gamma)^n, q > 1, no step ever exceeds eta_0 sqrt(q/((q - 1)(1 - beta)))."""
    worst, bound = proof.cite("max_update_upper_bound"), proof.cite("exactly_annealed_worst_case_bound")
    weights = combination((worst, exact_learning_rate()), (bound, lr))
    return proof.conclude(proof.have(proof.statement.claim, weights))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=open_square,
    claim=le((1 - gamma) ** 2 * ratio**n, worst_case_squared()),
)
def worst_case_squared_above_power(proof):
    """U_n^2 is at least (1 - gamma)^2 q^n."""
    x, y = gamma ** (n + 1), beta ** (n + 1)
    j = geometric_sum().variables[0]
    earlier = sp.Sum(ratio**j, (j, 0, n - 1))
    last = proof.have(le(ratio**n, geometric_sum()), combination(plus=earlier))
    slack = (beta * (1 - beta**n) + (1 - beta) * x * (2 - x)) * (1 - gamma) ** 2 / ((1 - beta) * (1 - x) ** 2)
    front = (1 - y) * alignment**2 / (1 - x) ** 2
    return proof.conclude(proof.have(proof.statement.claim, combination((last, front), plus=slack * ratio**n)))


@theorem(source=ThisLibrary("elementary"), given=[gt(q, 0), le(q, 1)], claim=le(q**n, 1))
def powers_of_a_number_at_most_one(proof):
    """q^n is at most 1 for 0 < q <= 1."""
    return proof.conclude(proof.have(proof.statement.claim, sign()))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, growing, gt(r, 0)],
    claim=Iff(Bounded(STEP, n), le(r, annealing_ratio())),
)
def weakest_annealing(proof):
    """Where q > 1, the learning rate eta_0 r^n keeps the largest step bounded exactly for r <= sqrt(beta)/gamma."""
    slow = proof.assume(le(r, annealing_ratio()))
    small = r / annealing_ratio()
    share = slow.have(
        le(small, 1), combination((slow.have(le(r, annealing_ratio()), hypothesis), 1 / annealing_ratio()))
    )
    power = slow.knowing(share).cite("powers_of_a_number_at_most_one", {q: small})
    bound = slow.cite("exactly_annealed_worst_case_bound")
    annealed = annealing_ratio() ** n * U
    whole = slow.have(le(STEP, CEILING), combination((bound, 1), (power, annealed)))
    backward = slow.have(Bounded(STEP, n), bounded_by(whole))

    fast = proof.assume(lt(annealing_ratio(), r))
    beyond = fast.have(lt(annealing_ratio(), r), hypothesis)
    square = fast.have(lt(1, r**2 * ratio), combination((beyond, (r + annealing_ratio()) * ratio)))
    line = fast.cite("powers_above_their_tangent", {q: r**2 * ratio})
    least = fast.cite("worst_case_squared_above_power")
    slope = (1 - gamma) ** 2 * (r**2 * ratio - 1)
    growth = fast.have(
        le(slope * n + (1 - gamma) ** 2, STEP**2), combination((line, (1 - gamma) ** 2), (least, r ** (2 * n)))
    )
    forward = fast.have(Bounded(STEP, n, holds=False), unbounded_by(growth, slope, power=2), using=[square])
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, lt(gamma**2, beta), gt(r, 0)],
    claim=Iff(Bounded(STEP, n), le(r, 1)),
)
def no_annealing_needed_where_stable(proof):
    """Where q < 1 a constant learning rate keeps the largest step bounded, also where C < 0; no larger ratio does."""
    slow = proof.assume(le(r, 1))
    power = slow.cite("powers_of_a_number_at_most_one", {q: r})
    bound = slow.cite("worst_case_below_limit")
    whole = slow.have(le(STEP, worst_case_limit()), combination((bound, 1), (power, U)))
    backward = slow.have(Bounded(STEP, n), bounded_by(whole))
    fast = proof.assume(lt(1, r))
    line, one = fast.cite("powers_above_their_tangent", {q: r}), fast.cite("worst_case_at_least_one")
    growth = fast.have(le((r - 1) * n + 1, STEP), combination((line, 1), (one, r**n)))
    forward = fast.have(Bounded(STEP, n, holds=False), unbounded_by(growth, r - 1))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, eq(beta, gamma**2), gt(r, 0)],
    claim=Iff(Bounded(STEP, n), lt(r, 1)),
)
def any_annealing_suffices_on_the_stability_boundary(proof):
    """On gamma^2 = beta every geometric annealing r < 1 keeps the largest step bounded, a constant rate does not."""
    slow = proof.assume(lt(r, 1))
    more = 1 / r**2
    above = slow.have(gt(more, 1), polynomial())
    line = slow.knowing(above).cite("powers_above_their_tangent", {q: more})
    worst = slow.cite("worst_case_squared_grows_at_most_linearly")
    level = (more / (more - 1)) / (ratio * (1 - beta))
    scale = more / (more - 1)
    rest = 1 / (more - 1) + n * (more - 1)
    count = slow.have(le(n + 1, scale * more**n), combination((line, scale), plus=rest), using=[above])
    squared = slow.have(
        le(STEP**2, sp.sqrt(level) ** 2),
        combination((worst, r ** (2 * n)), (count, r ** (2 * n) / (ratio * (1 - beta)))),
        using=[above],
    )
    whole = slow.have(le(STEP, sp.sqrt(level)), squares(squared), using=[above])
    backward = slow.have(Bounded(STEP, n), bounded_by(whole))
    fast = proof.assume(le(1, r))
    least = fast.cite("worst_case_grows")
    line = fast.cite("powers_above_their_tangent", {q: r**2})
    slope = (1 - gamma) ** 2
    growth = fast.have(
        le(slope * n + slope, STEP**2),
        combination((least, r ** (2 * n)), (line, slope * (n + 1)), plus=slope * (n + 1) * n * (r**2 - 1)),
    )
    forward = fast.have(Bounded(STEP, n, holds=False), unbounded_by(growth, slope, power=2))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))
