"""The worst case U_n never decreases in n, and is 1 for ever exactly on the diagonal beta = gamma.

With p = sqrt(beta) and r = gamma/sqrt(beta), so that p r = gamma and r^2 = q,
U_n^2 = U_inf^2 (1 - R_n^2), R_n = (p^N - r^N)/(1 - gamma^N), N = n + 1, off the boundary r = 1, and a discrete
Christoffel-Darboux formula gives every step R_n - R_(n+1) its sign.
"""

import sympy as sp

from adamtheory.bounds.adam import worst_case, worst_case_squared
from adamtheory.notation import beta, gamma, j, k, n, open_square
from adamtheory.proof import (
    ForAll,
    Iff,
    ThisLibrary,
    algebra,
    at,
    cases,
    combination,
    eq,
    equivalence,
    for_all,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    modus_ponens,
    ne,
    squares,
    telescoping,
    theorem,
)

p, r = sp.symbols("p r", real=True)
positive_pair = (gt(p, 0), gt(r, 0))


def mixed_powers(top=n):
    """p^top + p^(top-1) r + ... + r^top."""
    return sp.Sum(p**j * r ** (top - j), (j, 0, top))


def spread(last=n):
    """The positive sum in R_n - R_(n+1) = (1 - p)(1 - r)(p - r) * spread / denominators."""
    return sp.Sum((p * r) ** (last - k) * (1 - (p * r) ** (k + 1)) * mixed_powers(k), (k, 0, last))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=positive_pair,
    claim=eq(p ** (n + 1) - r ** (n + 1), (p - r) * mixed_powers()),
)
def difference_of_powers(proof):
    """p^(n+1) - r^(n+1) = (p - r)(p^n + p^(n-1) r + ... + r^n)."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    before = ind.have(claim, hypothesis)
    step = ind.have(claim.subs({n: n + 1}), combination((before, r)))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


def crossed(steps):
    """(p^N - r^N)(1 - (p r)^(N+1)) - (p^(N+1) - r^(N+1))(1 - (p r)^N)."""
    after = steps + 1
    return (p**steps - r**steps) * (1 - (p * r) ** after) - (p**after - r**after) * (1 - (p * r) ** steps)


@theorem(
    source=ThisLibrary("discrete theory"),
    given=positive_pair,
    claim=eq(crossed(n + 1), (1 - p) * (1 - r) * (p - r) * spread()),
)
def discrete_christoffel_darboux(proof):
    """What R_n - R_(n+1) is a positive multiple of, as a product of signs and a sum of one sign."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    power = proof.cite("difference_of_powers", {n: n + 1})
    ind = proof.assume(claim)
    before = ind.have(claim, hypothesis)
    weight = (1 - p) * (1 - r) * (1 - (p * r) ** (n + 2))
    step = ind.have(claim.subs({n: n + 1}), combination((before, p * r), (power, weight)))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


x, after = gamma ** (n + 1), gamma ** (n + 2)
powers = {p: sp.sqrt(beta), r: gamma / sp.sqrt(beta)}
step_off_boundary = (
    ((1 - gamma) ** 2 * (beta - gamma) ** 2 / beta * spread() / ((1 + p) * (1 + r) * (1 - x) * (1 - after)))
    * (mixed_powers(n) / (1 - x) + mixed_powers(n + 1) / (1 - after))
).subs(powers)
step_on_boundary = (
    (1 - gamma) ** 2
    / (1 + gamma)
    / ((1 - x) * (1 - after))
    * sp.Sum(gamma ** (n - k) * (1 - gamma ** (k + 1)) ** 2, (k, 0, n))
)
following = worst_case_squared(n + 2) - worst_case_squared(n + 1)


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, ne(gamma**2, beta)],
    claim=eq(following, step_off_boundary),
)
def worst_case_step_off_boundary(proof):
    """U_(n+1)^2 - U_n^2 as a square times a positive sum, off the boundary gamma^2 = beta."""
    sums = [proof.cite("geometric_sum_closed_form", {n: at}) for at in (n + 1, n)]
    crossing = proof.cite("discrete_christoffel_darboux", powers)
    low, high = (proof.cite("difference_of_powers", {**powers, n: at}) for at in (n, n + 1))
    front = (1 - gamma) ** 2 / ((1 - beta) * (1 - gamma**2 / beta) * (1 - x) * (1 - after))
    return proof.conclude(
        proof.chain(following)
        .eq(front * crossing.claim.lhs * (low.claim.lhs / (1 - x) + high.claim.lhs / (1 - after)), algebra(*sums))
        .eq(step_off_boundary, algebra(crossing, low, high))
        .done()
    )


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, eq(beta, gamma**2)],
    claim=eq(following, step_on_boundary),
)
def worst_case_step_on_boundary(proof):
    """U_(n+1)^2 - U_n^2 as a positive sum on the boundary gamma^2 = beta."""
    boundary = proof.have(eq(beta, gamma**2), hypothesis)
    total = sp.Sum(gamma**k, (k, 0, n))
    closed = proof.have(eq(total, (1 - x) / (1 - gamma)), telescoping(-(gamma**k) / (1 - gamma)))
    front = (1 - gamma) ** 2 / (1 + gamma) / ((1 - x) * (1 - after))
    return proof.conclude(
        proof.chain(following)
        .eq(front * ((1 + gamma * x) * (1 - x) / (1 - gamma) - 2 * (n + 1) * x), algebra(boundary))
        .eq(step_on_boundary, combination((closed, -front * (1 + gamma * x))))
        .done()
    )


def steps_upwards(proof, relation):
    """relation(U_n^2, U_(n+1)^2), on and off the boundary."""
    claim = relation(worst_case_squared(n + 1), worst_case_squared(n + 2))
    off = proof.assume(ne(gamma**2, beta))
    rising = off.have(claim, combination((off.cite("worst_case_step_off_boundary"), -1), plus=step_off_boundary))
    on = proof.assume(eq(beta, gamma**2))
    along = on.have(claim, combination((on.cite("worst_case_step_on_boundary"), -1), plus=step_on_boundary))
    return proof.have(claim, cases((ne(gamma**2, beta), rising), (eq(beta, gamma**2), along)))


@theorem(source=ThisLibrary("discrete theory"), given=open_square, claim=le(worst_case(n + 1), worst_case(n + 2)))
def worst_case_never_decreases(proof):
    """U_n never decreases in n, for all beta and gamma."""
    return proof.conclude(proof.have(proof.statement.claim, squares(steps_upwards(proof, le))))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, ne(beta, gamma)],
    claim=lt(worst_case(n + 1), worst_case(n + 2)),
)
def worst_case_increases_off_diagonal(proof):
    """U_n increases strictly in n unless beta = gamma."""
    return proof.conclude(proof.have(proof.statement.claim, squares(steps_upwards(proof, lt))))


@theorem(source=ThisLibrary("discrete theory"), given=[*open_square, ne(beta, gamma)], claim=gt(worst_case(n + 2), 1))
def worst_case_above_one_off_diagonal(proof):
    """From the second gradient on, U_n > 1 unless beta = gamma."""
    claim = proof.statement.claim
    one = proof.cite("worst_case_of_one_gradient")
    first = proof.cite("worst_case_increases_off_diagonal", {n: 0})
    base = proof.have(claim.subs({n: sp.Integer(0)}), combination((one, -1), (first, 1)))
    ind = proof.assume(claim)
    rising = ind.cite("worst_case_increases_off_diagonal", {n: n + 1})
    step = ind.have(claim.subs({n: n + 1}), combination((ind.have(claim, hypothesis), 1), (rising, 1)))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(source=ThisLibrary("discrete theory"), given=[*open_square, eq(beta, gamma)], claim=eq(worst_case(), 1))
def worst_case_on_the_diagonal(proof):
    """U_n = 1 for every n where beta = gamma: no update is ever larger than a sign."""
    closed = proof.cite("geometric_sum_closed_form")
    squared = proof.have(eq(worst_case_squared(), 1), algebra(closed, proof.have(eq(beta, gamma), hypothesis)))
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=open_square,
    claim=Iff(eq(worst_case(n + 2), 1), eq(beta, gamma)),
)
def worst_case_is_one_iff_diagonal(proof):
    """At every step from the second on, U_n = 1 exactly where beta = gamma (and U_0 = 1 everywhere)."""
    off = proof.assume(ne(beta, gamma))
    above = off.weaken(ne(worst_case(n + 2), 1), off.cite("worst_case_above_one_off_diagonal"))
    on = proof.assume(eq(beta, gamma))
    one = on.cite("worst_case_on_the_diagonal", {n: n + 1})
    return proof.conclude(proof.have(proof.statement.claim, equivalence(above, one)))


always_one = ForAll(n, (), eq(worst_case(n + 1), 1))


@theorem(source=ThisLibrary("discrete theory"), given=open_square, claim=Iff(always_one, eq(beta, gamma)))
def worst_case_is_always_one_iff_diagonal(proof):
    """U_n = 1 for all n exactly where beta = gamma."""
    second_step = proof.cite("worst_case_is_one_iff_diagonal", {n: 0})
    always = proof.assume(always_one)
    second = always.have(second_step.claim.left, at(always_one, 1))
    diagonal = always.have(eq(beta, gamma), modus_ponens(second_step, second))
    on = proof.assume(eq(beta, gamma))
    one = on.have(always_one, for_all(on.cite("worst_case_on_the_diagonal")))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(diagonal, one)))
