"""Appendix N: learning rates that take back the growth of the max-update where C < 0, as printed and as needed.

Equation 19, eta_n = eta_0 exp(-n |C|/2), makes Theorem 1's bound the one of C > 0 with |C| for C.  It is stronger than
needed: it drives the largest step to zero, exponentially, for every beta and gamma with C < 0.  Every statement about
U_n is one about all gradient sequences: U_n is the largest |u_n| (``max_update_exact``).
"""

import sympy as sp

from adamtheory.bounds.adam import (
    definitions,
    geometric_sum,
    printed_bound,
    worst_case,
    worst_case_squared,
)
from adamtheory.bounds.adam_continuous import prefactor
from adamtheory.bounds.growth import exact_learning_rate, printed_learning_rate
from adamtheory.flows.adam import definitions as continuous_definitions
from adamtheory.notation import (
    alignment,
    beta,
    bias_correction,
    g,
    gamma,
    h,
    lr,
    n,
    open_square,
    ratio,
    stability_exponent,
    u,
    v,
)
from adamtheory.proof import (
    GouldTanaka,
    SquareIntegrable,
    Tends,
    ThisLibrary,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    le,
    limit,
    lt,
    printed,
    squares,
    squeeze,
    theorem,
)

C = stability_exponent()
P = bias_correction(n + 1)
U = worst_case()
unstable = [*open_square, lt(C, 0)]
ANNEALED_BOUND = lr * prefactor(n) / sp.sqrt(-C)  # the bound where C > 0, with |C| for C and learning rate eta_0


@theorem(
    source=GouldTanaka("Appendix N, Equation 19"),
    given=unstable,
    claim=eq(printed_learning_rate() * printed_bound(-1), ANNEALED_BOUND),
)
def printed_annealing_gives_the_bound_of_the_stable_region(proof):
    """Equation 19 turns Theorem 1's bound for C < 0 into the one for C > 0, with |C| for C and learning rate eta_0."""
    return proof.conclude(proof.have(proof.statement.claim))


@theorem(
    source=GouldTanaka("Appendix N, Equation 19"),
    where=continuous_definitions(),
    given=[*unstable, gt(lr, 0), gt(h, 0), SquareIntegrable(g, 0, n * h), gt(v(n * h), 0)],
    claim=lt(printed_learning_rate() * sp.Abs(u(n * h)), ANNEALED_BOUND),
)
def annealed_continuous_step_bound(proof):
    """With Equation 19 the continuous update's step is below eta_0 times the bound of C > 0, with |C| for C."""
    bound = proof.cite("max_update_continuous_where_unbounded")
    return proof.conclude(proof.have(proof.statement.claim, combination((bound, printed_learning_rate()))))


annealed_step_below_the_printed_bound = printed(
    name="annealed_step_below_the_printed_bound",
    title="With Equation 19 discrete Adam's step is at most eta_0 times the bound of C > 0, with |C| for C",
    source=GouldTanaka("Appendix N, Equation 19"),
    where=definitions(),
    given=[*unstable, gt(lr, 0), gt(v(n), 0)],
    claim=le(printed_learning_rate() * sp.Abs(u(n)), ANNEALED_BOUND),
    witness={beta: sp.Rational(1, 3), gamma: sp.Rational(2, 3), n: 0, g: [1], lr: 1},
    repaired="annealed_step_bound",
    why="the bound of Theorem 1 needs n + 1 for n in discrete time, which leaves a factor exp(|C|/2)",
)


@theorem(
    source=GouldTanaka("Appendix N, Equation 19, repaired for the discrete update"),
    where=definitions(),
    given=[*unstable, ge(lr, 0), gt(v(n), 0)],
    claim=le(printed_learning_rate() * sp.Abs(u(n)), sp.exp(-C / 2) * ANNEALED_BOUND),
    runs=False,  # the runs try it without the learning rate (max_update_bound_discrete_repaired)
)
def annealed_step_bound(proof):
    """With Equation 19 no step of discrete Adam exceeds exp(|C|/2) times the bound of C > 0, with |C| for C."""
    worst = proof.cite("max_update_upper_bound")
    bound = proof.cite("worst_case_below_repaired_bound_in_unstable_region")
    rate = printed_learning_rate()
    return proof.conclude(proof.have(proof.statement.claim, combination((worst, rate), (bound, rate))))


SLOWER = sp.exp(-gamma * C * (n + 1)) / (-gamma * C * ratio * (1 - beta))


@theorem(source=ThisLibrary("discrete theory"), given=unstable, claim=le(worst_case_squared(), SLOWER))
def worst_case_grows_slower_than_predicted(proof):
    """Where C < 0, U_n is at most a constant times exp(gamma |C| n/2): slower than the predicted exp(|C| n/2)."""
    c, q = sp.symbols("c q", real=True)
    known = proof.cite("ratio_below_stability_exponent")
    below = proof.have(known.claim.parts[2], hypothesis, using=[known])
    proof = proof.knowing(proof.have(le(ratio, 1 - gamma * C), combination((below, 1))))
    grown = proof.cite("exponential_outgrows_geometric_sum", {c: -gamma * C, q: ratio})
    shifted = proof.cite("geometric_sum_shifted")
    total = le(geometric_sum(), sp.exp(-gamma * C * (n + 1)) / (-gamma * C * ratio))
    weight = -1 / (gamma * C * ratio)
    total = proof.have(total, combination((grown, weight), (shifted, -1 / ratio)))
    front = proof.cite("bias_correction_squared_bound")
    weights = combination((total, P**2 * alignment**2), (front, alignment**2 * total.claim.rhs))
    return proof.conclude(proof.have(proof.statement.claim, weights))


@theorem(
    source=ThisLibrary("Appendix N of Gould & Tanaka 2024"),
    given=[*unstable, ge(lr, 0)],
    claim=Tends(printed_learning_rate() * U, n, sp.oo, 0),
)
def printed_annealing_is_too_strong(proof):
    """With Equation 19 the largest step tends to zero for every beta and gamma with C < 0, exponentially.

    This is what Appendix N observes: the max-update becomes very small.  eta_n U_n is at most a constant times
    exp(-(1 - gamma) |C| n/2)."""
    size = sp.exp(-gamma * C * (n + 1) / 2) / sp.sqrt(-gamma * C * ratio * (1 - beta))
    worst = proof.cite("worst_case_grows_slower_than_predicted")
    squared = proof.have(le(worst_case_squared(), size**2), combination((worst, 1)))
    root = proof.have(le(U, size), squares(squared))
    rate = printed_learning_rate()
    high = lr * sp.exp((1 - gamma) * C * n / 2) * sp.exp(-gamma * C / 2) / sp.sqrt(-gamma * C * ratio * (1 - beta))
    above = proof.have(le(rate * U, high), combination((root, rate)))
    below = proof.have(le(0, rate * U), combination(plus=rate * U))
    ends = proof.have(Tends(0, n, sp.oo, 0), limit()), proof.have(Tends(high, n, sp.oo, 0), limit())
    tends = squeeze(below=below, above=above, lower=ends[0], upper=ends[1])
    return proof.conclude(proof.have(proof.statement.claim, tends))


@theorem(
    source=ThisLibrary("Appendix N of Gould & Tanaka 2024"),
    given=[*unstable, gt(lr, 0)],
    claim=Tends(printed_learning_rate() / exact_learning_rate(), n, sp.oo, 0),
)
def printed_annealing_against_the_exact_one(proof):
    """Equation 19 is smaller than the exact annealing by a factor that tends to zero, wherever C < 0."""
    known = proof.cite("discrete_exponent_below_printed_exponent")
    below = proof.have(known.claim.parts[1], hypothesis, using=[known])
    proof = proof.knowing(below)
    slope = C + 2 * sp.log(gamma) - sp.log(beta)
    negative = proof.have(lt(slope, 0), combination((below, 1), plus=-(1 - gamma) * C))
    return proof.conclude(proof.have(proof.statement.claim, limit(sp.exp(n * slope / 2)), using=[negative]))
