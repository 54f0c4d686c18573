"""How fast |W_n| grows where |u_n|^2 stays at Y: (1 + gamma)/(1 - gamma) times what Theorem 2 gives.

A(n) = <W_n, u_n> and R(n) = |W_n|^2 follow the recursions of ``norm_identity`` with a constant normaliser and constant
|m_n|^2; d = 1 - eta lambda.  Without weight decay |W_n|^2 grows without end.
"""

import sympy as sp

from adamtheory.dynamics.definitions import (
    alignment,
    c,
    circling,
    constant_length,
    constant_normaliser,
    descent,
    momentum_inner,
    orthogonal,
    same_length,
    same_normaliser,
    squared_norm,
    start_squared,
    steady,
    steady_inner,
    update_squared,
    weights_squared,
)
from adamtheory.dynamics.norms import (
    growth_factor,
    growth_factor_at,
    shrinkage,
    steady_update_inner,
)
from adamtheory.notation import gamma, half_open_unit, lr, n, weight_decay
from adamtheory.proof import (
    Bounded,
    Tends,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    limit,
    ne,
    theorem,
    unbounded_by,
)

SOURCE = ThisLibrary("norm of scale-invariant weights")
A, R, Y, R_0 = momentum_inner, squared_norm, update_squared, start_squared
d = shrinkage()
x = gamma * d
MEMORY = sp.Symbol("x", real=True)
NO_DECAY = eq(weight_decay, 0)
FREE = (*half_open_unit(gamma), NO_DECAY)
INNER_AFTER = steady_update_inner(Y) * (1 - x**n)
FREE_GROWTH = lr**2 * Y * (growth_factor() * n - 2 * gamma * (1 - gamma**n) / (1 - gamma) ** 2)


@theorem(source=SOURCE, where=[steady_inner], given=[ne(1 - x, 0)], claim=eq(A(n), INNER_AFTER))
def steady_inner_closed_form(proof):
    """With |u| constant, <W_n, u_n> tends geometrically, by gamma d a step, to -eta gamma |u|^2/(1 - gamma d)."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.S.Zero}), algebra(proof.unfold(A(sp.S.Zero))))
    ind = proof.assume(claim)
    step = ind.unfold(A(n + 1))
    following = ind.have(claim.subs({n: n + 1}), combination((step, 1), (ind.have(claim, hypothesis), x)))
    return proof.conclude(proof.have(claim, induction(n, base, following)))


@theorem(
    source=SOURCE,
    where=steady,
    given=[ne(1 - x, 0)],
    claim=eq(R(n + 1), d**2 * R(n) + lr**2 * growth_factor_at(n, x) * Y),
)
def steady_growth_per_step(proof):
    """With |u| constant a step adds eta^2 |u|^2 (1 + 2 gamma d (1 - (gamma d)^n)/(1 - gamma d)) to d^2 |W_n|^2."""
    closed, step = proof.cite("steady_inner_closed_form"), proof.unfold(R(n + 1))
    return proof.conclude(proof.have(proof.statement.claim, combination((step, 1), (closed, -2 * lr * d))))


@theorem(
    source=SOURCE,
    where=[*descent, alignment],
    given=[orthogonal, same_length, same_normaliser, *half_open_unit(gamma), gt(constant_length, 0), ne(1 - x, 0)],
    sample=circling,
    claim=eq(
        weights_squared(n + 1),
        d**2 * weights_squared(n) + lr**2 * growth_factor_at(n, x) * constant_normaliser**2 * constant_length,
    ),
)
def growth_per_step_of_weights(proof):
    """That growth for the weights themselves: c_n and |m_n| constant, <W_n, g_n> = 0."""
    zero = sp.S.Zero
    inner_after = eq(alignment.function(n), -lr * gamma * constant_normaliser * constant_length * (1 - x**n) / (1 - x))
    start = proof.cite("momentum_inner_starts_at_zero")
    base = proof.have(inner_after.subs({n: zero}), algebra(start))
    ind = proof.assume(inner_after)
    step = ind.cite("momentum_inner_recursion")
    length, normaliser = (proof.have(h.body, at(h, n)) for h in (same_length, same_normaliser))
    following = ind.have(
        inner_after.subs({n: n + 1}),
        combination(
            (step, 1),
            (ind.have(inner_after, hypothesis), x),
            (length, -lr * gamma * c(n)),
            (normaliser, -lr * gamma * constant_length),
        ),
    )
    closed = proof.have(inner_after, induction(n, base, following))
    identity = proof.cite("norm_identity")
    return proof.conclude(
        proof.have(
            proof.statement.claim,
            combination(
                (identity, 1),
                (closed, -2 * lr * d * constant_normaliser),
                (length, lr**2 * c(n) ** 2),
                (
                    normaliser,
                    lr**2 * constant_length * (c(n) + constant_normaliser) - 2 * lr * d * alignment.function(n),
                ),
            ),
        )
    )


@theorem(
    source=SOURCE,
    given=half_open_unit(MEMORY),
    claim=Tends(growth_factor_at(n, MEMORY), n, sp.oo, growth_factor(MEMORY)),
)
def growth_factor_limit(proof):
    """The growth per step relative to Theorem 2 rises from 1 to (1 + x)/(1 - x), x = gamma d."""
    return proof.conclude(proof.have(proof.statement.claim, limit()))


@theorem(source=SOURCE, given=[eq(gamma, sp.Rational(9, 10))], claim=eq(growth_factor(), 19))
def growth_factor_at_pytorch_default(proof):
    """At gamma = 0.9 the norm grows 19 times as fast as Theorem 2 says."""
    return proof.conclude(proof.have(proof.statement.claim, algebra(proof.have(proof.statement.given[0], hypothesis))))


@theorem(source=SOURCE, where=steady, given=FREE, claim=eq(R(n), R_0 + FREE_GROWTH))
def growth_without_weight_decay(proof):
    """Without weight decay and with |u| constant, |W_n|^2 in closed form: linear up to a bounded delay."""
    claim = proof.statement.claim
    none = proof.have(NO_DECAY, hypothesis)
    base = proof.have(claim.subs({n: sp.S.Zero}), algebra(proof.unfold(R(sp.S.Zero))))
    ind = proof.assume(claim)
    step = proof.have(eq(R(n + 1), R(n) + lr**2 * growth_factor_at(n) * Y), algebra(step_of(proof), none))
    following = ind.have(claim.subs({n: n + 1}), combination((step, 1), (ind.have(claim, hypothesis), 1)))
    return proof.conclude(proof.have(claim, induction(n, base, following)))


def step_of(proof):
    """The growth of one step, where the memory is gamma d = gamma."""
    none = proof.have(NO_DECAY, hypothesis)
    regular = proof.have(eq(1 - x, 1 - gamma), algebra(none))
    return proof.knowing(regular, proof.have(gt(1 - x, 0), combination((regular, -1), plus=1 - gamma))).cite(
        "steady_growth_per_step"
    )


@theorem(
    source=SOURCE,
    where=steady,
    given=[*FREE, ne(lr, 0), ne(Y, 0)],
    claim=Tends((R(n + 1) - R_0) / (lr**2 * Y * (n + 1)), n, sp.oo, growth_factor()),
)
def growth_ratio_without_weight_decay(proof):
    """Without weight decay |W_n|^2 grows (1 + gamma)/(1 - gamma) times as much as Theorem 2 says, as n -> oo."""
    closed = proof.cite("growth_without_weight_decay", {n: n + 1})
    form = growth_factor() - 2 * gamma * (1 - gamma ** (n + 1)) / (1 - gamma) ** 2 / (n + 1)
    return proof.conclude(proof.have(proof.statement.claim, limit(form, closed)))


@theorem(
    source=SOURCE,
    where=steady,
    given=[*FREE, ne(lr, 0), gt(Y, 0)],
    claim=Bounded(R(n), n, holds=False),
)
def norm_unbounded_without_weight_decay(proof):
    """Without weight decay |W_n| grows without bound."""
    none = proof.have(NO_DECAY, hypothesis)
    least = ge(R(n), R_0 + lr**2 * Y * n)
    base = proof.have(least.subs({n: sp.S.Zero}), algebra(proof.unfold(R(sp.S.Zero))))
    ind = proof.assume(least)
    step = proof.have(eq(R(n + 1), R(n) + lr**2 * growth_factor_at(n) * Y), algebra(step_of(proof), none))
    slack = lr**2 * Y * 2 * gamma * (1 - gamma**n) / (1 - gamma)
    following = ind.have(least.subs({n: n + 1}), combination((step, -1), (ind.have(least, hypothesis), 1), plus=slack))
    growth = proof.have(least, induction(n, base, following))
    return proof.conclude(proof.have(proof.statement.claim, unbounded_by(growth, lr**2 * Y)))
