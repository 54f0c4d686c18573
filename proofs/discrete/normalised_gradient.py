"""The normalised gradient g/sqrt(v) alone: at most 1/sqrt(1 - beta), and near it at every step for gradients R^k."""

import sympy as sp

from adamtheory.bounds.normalised_momentum import growing_gradient, growth, rmsprop_definitions
from adamtheory.notation import beta, g, half_open_unit, k, n, open_unit, v
from adamtheory.proof import (
    ForAll,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    polynomial,
    sign,
    theorem,
)

VARIANCE = [rmsprop_definitions()[0]]
growing = ForAll(k, (), eq(g(k), growing_gradient(k)))
zero = sp.Integer(0)


@theorem(
    source=ThisLibrary("discrete theory"),
    where=VARIANCE,
    given=half_open_unit(beta),
    claim=le((1 - beta) * g(n) ** 2, v(n)),
    runs=False,
)
def squared_gradient_below_second_moment(proof):
    """(1 - beta) g_n^2 <= v_n: the newest gradient is part of v."""
    claim = proof.statement.claim
    first = algebra(proof.unfold(v(zero)), proof.unfold(v(-1)))
    base = proof.have(
        claim.subs({n: zero}), combination((proof.have(eq(v(zero), (1 - beta) * g(zero) ** 2), first), -1))
    )
    ind = proof.assume(claim)
    now = ind.unfold(v(n + 1))
    by = combination((ind.have(claim, hypothesis), beta), (now, -1), plus=beta * (1 - beta) * g(n) ** 2)
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), by))))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=VARIANCE,
    given=[*open_unit(beta), gt(v(n), 0)],
    claim=lt((1 - beta) * g(n + 1) ** 2, v(n + 1)),
    runs=False,
)
def squared_gradient_strictly_below_second_moment(proof):
    """(1 - beta) g^2 < v from the second step on: an earlier gradient leaves its trace."""
    by = combination((proof.unfold(v(n + 1)), -1), plus=beta * v(n))
    return proof.conclude(proof.have(proof.statement.claim, by))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=VARIANCE,
    given=[*half_open_unit(beta), gt(growth, 1), growing],
    claim=eq(v(n), (1 - beta) * (growth ** (2 * n + 2) - beta ** (n + 1)) / (growth**2 - beta)),
    sample={g: sp.Lambda(k, growing_gradient(k))},
    runs=False,
)
def second_moment_of_growing_gradients(proof):
    """v_n of the gradients R^k in closed form."""
    claim = proof.statement.claim
    apart = proof.have(gt(growth**2 - beta, 0), polynomial())
    proof = proof.knowing(apart)
    value = {x: proof.have(eq(g(x), growing_gradient(x)), at(growing, x)) for x in (zero, n + 1)}
    first = algebra(proof.unfold(v(zero)), proof.unfold(v(-1)), value[zero])
    ind = proof.assume(claim)
    step = algebra(ind.unfold(v(n + 1)), value[n + 1], ind.have(claim, hypothesis))
    base = proof.have(claim.subs({n: zero}), first)
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), step))))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=VARIANCE,
    given=[*half_open_unit(beta), gt(growth, 1), growing],
    claim=le((1 - beta / growth**2) * v(n), (1 - beta) * g(n) ** 2),
    sample={g: sp.Lambda(k, growing_gradient(k))},
    runs=False,
)
def growing_gradients_reach_the_bound(proof):
    """The gradients R^k bring (1 - beta) g_n^2/v_n above 1 - beta/R^2 at every step."""
    value = proof.have(eq(g(n), growing_gradient(n)), at(growing, n))
    second = proof.cite("second_moment_of_growing_gradients")
    apart = proof.have(gt(growth**2 - beta, 0), polynomial())
    form = (1 - beta) * beta ** (n + 1) / growth**2
    return proof.conclude(proof.have(proof.statement.claim, sign(form, second, value), using=[apart]))
