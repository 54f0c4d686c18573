"""Where Adam's worst case stays bounded as the steps go on: exactly for gamma^2 < beta, and what happens on the edges.

q = gamma^2/beta decides.
"""

import sympy as sp

from adamtheory.bounds.adam import (
    definitions,
    geometric_sum,
    worst_case,
    worst_case_squared,
    worst_case_squared_on_boundary,
)
from adamtheory.notation import beta, g, gamma, half_open_unit, m, n, open_square, open_unit, ratio, u, v
from adamtheory.proof import (
    Bounded,
    Iff,
    ThisLibrary,
    algebra,
    bounded_by,
    combination,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    ne,
    sign,
    squares,
    theorem,
    unbounded_by,
)

M, V, U = definitions()
stable = lt(gamma**2, beta)
unstable = le(beta, gamma**2)


@theorem(source=ThisLibrary("discrete theory"), given=[*open_square, unstable], claim=ge(ratio**n, 1))
def powers_of_unstable_ratio(proof):
    """The powers of q stay at least 1 where gamma^2 >= beta."""
    claim = ge(ratio**n, 1)
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    one = proof.have(ge(ratio, 1), sign((gamma**2 - beta) / beta))
    ind = proof.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), combination((ind.have(claim, hypothesis), ratio), (one, 1)))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(source=ThisLibrary("discrete theory"), given=[*open_square, unstable], claim=ge(geometric_sum(), n + 1))
def geometric_sum_grows_linearly(proof):
    """S_n is at least n + 1 where gamma^2 >= beta."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    power = proof.cite("powers_of_unstable_ratio", {n: n + 1})
    ind = proof.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), combination((ind.have(claim, hypothesis), 1), (power, 1)))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, unstable],
    claim=ge(worst_case_squared(), (1 - gamma) ** 2 * (n + 1)),
)
def worst_case_grows(proof):
    """U_n grows at least like (1 - gamma) sqrt(n + 1) where gamma^2 >= beta."""
    x, y = gamma ** (n + 1), beta ** (n + 1)
    front = (1 - y) * (1 - gamma) ** 2 / ((1 - beta) * (1 - x) ** 2)
    linear = proof.cite("geometric_sum_grows_linearly")
    # front is at least (1 - gamma)^2 because y <= beta and 0 < 1 - x < 1
    slack = (1 - gamma) ** 2 * (beta * (1 - beta**n) + (1 - beta) * x * (2 - x)) / ((1 - beta) * (1 - x) ** 2)
    return proof.conclude(proof.have(proof.statement.claim, combination((linear, front), plus=slack * (n + 1))))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=open_square,
    claim=Iff(Bounded(worst_case(), n), stable),
)
def worst_case_bounded_iff_stable(proof):
    """The worst case stays bounded over all steps exactly where gamma^2 < beta."""
    inside = proof.assume(stable)
    bounded = inside.have(Bounded(worst_case(), n), bounded_by(inside.cite("worst_case_below_limit")))
    outside = proof.assume(unstable)
    growth = outside.cite("worst_case_grows")
    unbounded = outside.have(Bounded(worst_case(), n, holds=False), unbounded_by(growth, (1 - gamma) ** 2, power=2))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(unbounded, bounded)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, eq(beta, gamma**2)],
    claim=eq(worst_case_squared(), worst_case_squared_on_boundary()),
)
def worst_case_on_stability_boundary(proof):
    """U_n^2 = N (1 + gamma^N)(1 - gamma)/((1 - gamma^N)(1 + gamma)) where gamma^2 = beta, N = n + 1."""
    boundary = proof.have(eq(beta, gamma**2), hypothesis)
    return proof.conclude(proof.have(proof.statement.claim, algebra(boundary)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[M, V, U],
    given=[*half_open_unit(beta, gamma), ne(g(0), 0)],
    claim=eq(sp.Abs(u(sp.Integer(0))), 1),
)
def first_update_is_a_sign(proof):
    """The first update is the sign of the first gradient, for every beta and gamma in [0, 1)."""
    first = proof.have(
        eq(m(sp.Integer(0)), (1 - gamma) * g(0)), algebra(proof.unfold(m(sp.Integer(0))), proof.unfold(m(-1)))
    )
    second = proof.have(
        eq(v(sp.Integer(0)), (1 - beta) * g(0) ** 2), algebra(proof.unfold(v(sp.Integer(0))), proof.unfold(v(-1)))
    )
    proof = proof.knowing(proof.have(gt(v(sp.Integer(0)), 0), sign((1 - beta) * g(0) ** 2, second)))
    squared = proof.have(eq(u(sp.Integer(0)) ** 2, 1), algebra(proof.unfold(u(sp.Integer(0))), first, second))
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[M, V, U],
    given=[eq(beta, 0), eq(gamma, 0), ne(g(n), 0)],
    claim=eq(sp.Abs(u(n)), 1),
)
def update_without_memory_is_a_sign(proof):
    """At beta = gamma = 0 every update is a sign: the worst case is 1, although gamma^2 < beta fails."""
    proof = proof.knowing(
        *(proof.have(eq(x ** (n + 1), 0), algebra(proof.have(eq(x, 0), hypothesis))) for x in (beta, gamma))
    )
    first, second = proof.cite("first_moment_without_memory"), proof.cite("second_moment_without_memory")
    proof = proof.knowing(proof.have(gt(v(n), 0), sign(g(n) ** 2, second)))
    powers = proof.scope.facts[:2]
    squared = proof.have(eq(u(n) ** 2, 1), algebra(proof.unfold(u(n)), first, second, *powers))
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


excess = sp.Symbol("e", real=True)


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[M, V, U],
    given=[
        eq(beta, 0),
        *open_unit(gamma),
        gt(m(n), 0),
        gt(excess, 0),
        eq(g(n + 1), gamma * m(n) / excess),
    ],
    claim=eq(u(n + 1), (1 - gamma + excess) / (1 - gamma ** (n + 2))),
)
def update_unbounded_without_second_moment_memory(proof):
    """At beta = 0 < gamma one gradient can make any update from the second on as large as one likes.

    Whatever came before, with positive momentum m_n every value above (1 - gamma)/(1 - gamma^(n+2)) is reached."""
    none = proof.have(eq(beta, 0), hypothesis)
    power = proof.have(eq(beta ** (n + 2), 0), algebra(none))
    chosen = proof.have(proof.statement.given[-1], hypothesis)
    first = proof.unfold(m(n + 1))
    second = proof.have(eq(v(n + 1), g(n + 1) ** 2), algebra(proof.unfold(v(n + 1)), none))
    proof = proof.knowing(power, proof.have(gt(g(n + 1), 0), sign(chosen.claim.rhs, chosen)))
    proof = proof.knowing(proof.have(gt(v(n + 1), 0), sign(g(n + 1) ** 2, second)))
    inverse = proof.have(eq(1 / v(n + 1), 1 / g(n + 1) ** 2), algebra(second))
    root = proof.have(eq(1 / sp.sqrt(v(n + 1)), 1 / g(n + 1)), squares(inverse))
    return proof.conclude(
        proof.have(proof.statement.claim, algebra(proof.unfold(u(n + 1)), root, first, power, chosen))
    )
