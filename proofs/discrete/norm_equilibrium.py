"""Where |W_n| settles under weight decay, where |u_n|^2 stays at Y.

A(n) = <W_n, u_n> and R(n) = |W_n|^2 as in ``norm_growth``; d = 1 - eta lambda with 0 < eta lambda < 1.
"""

import sympy as sp

from adamtheory.dynamics.definitions import (
    momentum_inner,
    squared_norm,
    start_squared,
    steady,
    update_squared,
)
from adamtheory.dynamics.norms import (
    equilibrium_norm_squared,
    growth_factor,
    next_momentum_inner,
    next_norm_squared,
    norm_squared_slowly_varying,
    shrinkage,
    steady_update_inner,
)
from adamtheory.notation import (
    coordinate,
    gamma,
    half_open_unit,
    k,
    lr,
    n,
    weight_decay,
)
from adamtheory.proof import (
    All,
    Tends,
    ThisLibrary,
    algebra,
    combination,
    conjunction,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    limit,
    lt,
    ne,
    polynomial,
    sign,
    squeeze,
    telescoping,
    theorem,
)

SOURCE = ThisLibrary("equilibrium of scale-invariant weights")
A, R, Y, R_0 = momentum_inner, squared_norm, update_squared, start_squared
i, d = coordinate, shrinkage()
z, x = lr * weight_decay, gamma * d
DECAYING = (gt(z, 0), lt(z, 1), *half_open_unit(gamma))
LIMIT = equilibrium_norm_squared(Y)
LEADING = lr * Y * growth_factor() / (2 * weight_decay)
ABOVE = LIMIT + (R_0 - LIMIT) * d ** (2 * n)
LAG = 2 * lr**2 * Y * gamma / ((1 - x) * (1 - gamma))
BELOW = ABOVE - LAG * d**n * (1 - gamma**n)
SLOW = 2 * lr**2 * Y * gamma / ((1 - x) * (d - gamma))  # of the part that decays by gamma d a step


@theorem(
    source=SOURCE,
    given=DECAYING,
    claim=All(
        (
            eq(next_momentum_inner(steady_update_inner(Y), sp.S.One, Y), steady_update_inner(Y)),
            eq(next_norm_squared(LIMIT, steady_update_inner(Y), Y), LIMIT),
        )
    ),
)
def equilibrium_is_a_fixed_point(proof):
    """One step leaves <W, u> = -eta gamma |u|^2/(1 - gamma d) and the equilibrium norm where they are."""
    return proof.conclude(
        proof.have(proof.statement.claim, conjunction(*(proof.have(p) for p in proof.statement.claim.parts)))
    )


def between(proof, bound, slack):
    """R(n) on one side of ``bound`` (le or ge, with what one step adds to the distance), by induction."""
    base = proof.have(bound.subs({n: sp.S.Zero}), algebra(proof.unfold(R(sp.S.Zero))))
    ind = proof.assume(bound)
    step, side = ind.cite("steady_growth_per_step"), 1 if bound.lhs == R(n) else -1
    following = ind.have(
        bound.subs({n: n + 1}), combination((step, side), (ind.have(bound, hypothesis), d**2), plus=slack)
    )
    return proof.have(bound, induction(n, base, following))


@theorem(
    source=SOURCE,
    where=steady,
    given=[*DECAYING, ge(Y, 0)],
    claim=All((le(R(n), ABOVE), ge(R(n), BELOW))),
)
def approach_to_equilibrium(proof):
    """|W_n|^2 lies at most 2 eta^2 gamma Y d^n/((1 - gamma d)(1 - gamma)) below E + (R_0 - E) d^(2n), E its limit."""
    proof = proof.knowing(proof.have(gt(d, 0), sign()), proof.have(gt(1 - x, 0), polynomial()))
    upper = between(proof, le(R(n), ABOVE), 2 * lr**2 * Y * x ** (n + 1) / (1 - x))
    lower = between(proof, ge(R(n), BELOW), LAG * d ** (n + 1) * (1 - gamma**n) * z)
    return proof.conclude(proof.have(proof.statement.claim, conjunction(upper, lower)))


@theorem(source=SOURCE, where=steady, given=[*DECAYING, ge(Y, 0)], claim=Tends(R(n), n, sp.oo, LIMIT))
def norm_tends_to_equilibrium(proof):
    """|W_n|^2 -> eta^2 |u|^2 (1 + gamma d)/((1 - gamma d)(1 - d^2)), from every start."""
    sides = proof.cite("approach_to_equilibrium")
    above, below = (proof.have(p, hypothesis, using=[sides]) for p in sides.claim.parts)
    lower, upper = (proof.have(Tends(e, n, sp.oo, LIMIT), limit()) for e in (BELOW, ABOVE))
    return proof.conclude(
        proof.have(proof.statement.claim, squeeze(below=below, above=above, lower=lower, upper=upper))
    )


@theorem(
    source=SOURCE,
    where=steady,
    given=[*DECAYING, ne(gamma, d)],
    claim=eq(R(n), LIMIT + SLOW * x**n + (R_0 - LIMIT - SLOW) * d ** (2 * n)),
)
def norm_under_weight_decay(proof):
    """|W_n|^2 in closed form: two exponentials, with rates d^2 and gamma d."""
    claim = proof.statement.claim
    proof = proof.knowing(proof.have(gt(1 - x, 0), polynomial()), proof.have(gt(d, 0), sign()))
    base = proof.have(claim.subs({n: sp.S.Zero}), algebra(proof.unfold(R(sp.S.Zero))))
    ind = proof.assume(claim)
    step = ind.cite("steady_growth_per_step")
    following = ind.have(claim.subs({n: n + 1}), combination((step, 1), (ind.have(claim, hypothesis), d**2)))
    return proof.conclude(proof.have(claim, induction(n, base, following)))


@theorem(
    source=SOURCE,
    where=steady,
    given=[*DECAYING, eq(gamma, d)],
    sample={gamma: d, weight_decay: (1 + R_0**2) / (2 + R_0**2) / lr},
    claim=eq(R(n), LIMIT + (R_0 - LIMIT - 2 * lr**2 * Y * n / (1 - d**2)) * d ** (2 * n)),
)
def norm_under_weight_decay_equal_rates(proof):
    """|W_n|^2 in closed form where gamma = 1 - eta lambda: the two rates meet."""
    claim = proof.statement.claim
    same = proof.have(eq(gamma, d), hypothesis)
    proof = proof.knowing(proof.have(gt(1 - x, 0), polynomial()), proof.have(gt(d, 0), sign()))
    base = proof.have(claim.subs({n: sp.S.Zero}), algebra(proof.unfold(R(sp.S.Zero))))
    ind = proof.assume(claim)
    general = ind.cite("steady_growth_per_step")
    step = ind.have(eq(R(n + 1), general.claim.rhs.subs(gamma, d)), algebra(general, same))
    after = claim.subs({n: n + 1})
    known = ind.have(eq(R(n), claim.rhs.subs(gamma, d)), algebra(ind.have(claim, hypothesis), same))
    plain = ind.have(eq(R(n + 1), after.rhs.subs(gamma, d)), combination((step, 1), (known, d**2)))
    following = ind.have(after, algebra(plain, same))
    return proof.conclude(proof.have(claim, induction(n, base, following)))


@theorem(
    source=SOURCE,
    given=[*DECAYING, gt(lr, 0), ge(Y, 0)],
    claim=All(
        (
            le(LEADING * (1 - 2 * gamma * z / (1 - gamma**2)), LIMIT),
            le(LIMIT, LEADING * 2 / (2 - z)),
        )
    ),
)
def equilibrium_norm_to_leading_order(proof):
    """The equilibrium |W|^2 is (eta/(2 lambda)) |u|^2 (1 + gamma)/(1 - gamma), up to a factor 1 + O(eta lambda)."""
    proof = proof.knowing(
        proof.have(gt(weight_decay, 0), polynomial()),
        proof.have(gt(d, 0), sign()),
        proof.have(gt(1 - x, 0), polynomial()),
    )
    least, most = proof.statement.claim.parts
    share = proof.have(eq(LIMIT, LEADING * 2 * (1 + x) * (1 - gamma) / ((1 - x) * (2 - z) * (1 + gamma))), algebra())
    bottom = (1 + gamma) * (2 - z) * (1 - x)
    over = 4 * gamma * z / bottom
    curve = (1 - z) * (1 - gamma) ** 2 * (1 + gamma) + z * (1 - gamma) ** 2 + 2 * gamma**2 * z * (2 - z)
    under = z * curve / (bottom * (1 - gamma))
    parts = (
        proof.have(least, combination((share, -1), plus=LEADING * under)),
        proof.have(most, combination((share, 1), plus=LEADING * over)),
    )
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(
    source=SOURCE,
    where=steady,
    given=[*DECAYING, ge(Y, 0)],
    claim=All(
        (
            le(R(n), norm_squared_slowly_varying(R_0, lambda step: Y)),
            ge(R(n), norm_squared_slowly_varying(R_0, lambda step: Y) - LAG * d**n * (1 - gamma**n)),
        )
    ),
)
def repaired_theorem_2_for_constant_updates(proof):
    """Theorem 2 with the factor (1 + gamma d)/(1 - gamma d) is right up to a transient that decays like d^n."""
    sides = proof.cite("approach_to_equilibrium")
    above, below = (proof.have(p, hypothesis, using=[sides]) for p in sides.claim.parts)
    proof = proof.knowing(proof.have(gt(d, 0), sign()), proof.have(gt(1 - x, 0), polynomial()))
    weight = d ** (2 * (n - 1 - k))
    geometric = proof.have(
        eq(sp.Sum(weight, (k, 0, n - 1)), (1 - d ** (2 * n)) / (1 - d**2)), telescoping(d**2 * weight / (1 - d**2))
    )
    gain = lr**2 * growth_factor(x) * Y
    upper, lower = proof.statement.claim.parts
    parts = (
        proof.have(upper, combination((above, 1), (geometric, -gain))),
        proof.have(lower, combination((below, 1), (geometric, gain))),
    )
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))
