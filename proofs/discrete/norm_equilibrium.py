"""Where |W_n| settles under weight decay, and by what angle W_n turns there, where |u_n|^2 stays at Y.

A(n) = <W_n, u_n> and R(n) = |W_n|^2 as in ``norm_growth``; d = 1 - eta lambda with 0 < eta lambda < 1.
"""

import sympy as sp

from adamtheory.dynamics.definitions import momentum_inner, squared_norm, start_squared, steady, update_squared
from adamtheory.dynamics.norms import (
    equilibrium_cosine,
    equilibrium_norm_squared,
    equilibrium_rotation,
    growth_factor,
    next_momentum_inner,
    next_norm_squared,
    shrinkage,
    steady_update_inner,
)
from adamtheory.notation import (
    coordinate,
    dimension,
    gamma,
    half_open_unit,
    inner,
    lr,
    n,
    norm_squared,
    u,
    weight_decay,
)
from adamtheory.proof import (
    All,
    SequenceDefinition,
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
    theorem,
    unfolding,
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
    """|W_n|^2 lies below E + (R_0 - E) d^(2n) by at most 2 eta^2 gamma Y d^n/((1 - gamma d)(1 - gamma)), E its limit."""
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
    sample={gamma: d},
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


w, V = (sp.Function(name, real=True) for name in ("w", "V"))
NEXT = SequenceDefinition(V, i, d * w(i) - lr * u(i))
NOW = norm_squared(u(i))
AT_EQUILIBRIUM = (
    eq(norm_squared(w(i)), equilibrium_norm_squared(NOW)),
    eq(inner(w(i), u(i)), steady_update_inner(NOW)),
)
# For sampling: in the plane, such a w is made of u and of u turned by a right angle.
_along = -lr * gamma / (1 - x)
_across = sp.sqrt(equilibrium_norm_squared(sp.S.One) - _along**2)
_free, _other = sp.symbols("a b", real=True)
TURNED = {
    dimension: 2,
    gamma: _free**2 / (1 + _free**2),
    weight_decay: (1 + _other**2) / (2 + _other**2) / lr,
    w: sp.Lambda(i, _along * u(i) + _across * (2 * i - 1) * u(1 - i)),
}


@theorem(
    source=SOURCE,
    where=[NEXT],
    given=[*DECAYING, *AT_EQUILIBRIUM],
    sample=TURNED,
    claim=All(
        (
            eq(norm_squared(V(i)), equilibrium_norm_squared(NOW)),
            eq(inner(w(i), V(i)), equilibrium_cosine() * equilibrium_norm_squared(NOW)),
            eq(
                norm_squared(V(i) - w(i)),
                2 * z * (1 - gamma) / (1 + gamma * d) * equilibrium_norm_squared(NOW),
            ),
        )
    ),
)
def equilibrium_step_is_a_rotation(proof):
    """At equilibrium a step keeps |W| and turns W by the angle with cosine (d + gamma)/(1 + gamma d)."""
    length, along = (proof.have(p, hypothesis) for p in AT_EQUILIBRIUM)
    here, mixed = norm_squared(w(i)), inner(w(i), u(i))
    after = proof.have(eq(norm_squared(V(i)), next_norm_squared(here, mixed, NOW)), unfolding(V))
    product = proof.have(eq(inner(w(i), V(i)), d * here - lr * mixed), unfolding(V))
    first, second, third = proof.statement.claim.parts
    kept = proof.have(first, combination((after, 1), (length, d**2), (along, -2 * lr * d)))
    cosine = proof.have(second, combination((product, 1), (length, d), (along, -lr)))
    split = proof.have(eq(third.lhs, norm_squared(V(i)) - 2 * inner(w(i), V(i)) + norm_squared(w(i))), algebra())
    chord = proof.have(third, combination((split, 1), (kept, 1), (cosine, -2), (length, 1)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(kept, cosine, chord)))


TURN = 2 * (1 - equilibrium_cosine())


@theorem(
    source=SOURCE,
    given=DECAYING,
    claim=All(
        (
            eq(TURN, 2 * z * (1 - gamma) / (1 + gamma * d)),
            le(equilibrium_rotation() ** 2, TURN),
            le(TURN, equilibrium_rotation() ** 2 * (1 + gamma * z)),
        )
    ),
)
def equilibrium_rotation_to_leading_order(proof):
    """2 (1 - cosine) is 2 eta lambda (1 - gamma)/(1 + gamma), up to a factor between 1 and 1 + gamma eta lambda."""
    proof = proof.knowing(proof.have(gt(d, 0), sign()))
    exact, least, most = proof.statement.claim.parts
    lead = 2 * z * (1 - gamma) / (1 + gamma)
    parts = (
        proof.have(exact),
        proof.have(least, sign(lead * gamma * z / (1 + gamma * d))),
        proof.have(most, sign(lead * gamma * z * gamma * d / (1 + gamma * d))),
    )
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


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
