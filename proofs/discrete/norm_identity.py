"""The norm of weights under a scalar normaliser, exactly: momentum makes <W_n, u_n> negative, and so |W_n| grow faster.

Scale invariance gives <W_n, g_n> = 0 at every step (Lemma 2 of Gould & Tanaka 2024); only the recursion of
s_n = <W_n, m_n> needs it.  d = 1 - eta lambda.
"""

import sympy as sp

from adamtheory.dynamics.definitions import (
    alignment,
    c,
    descent,
    momentum_inner,
    momentum_squared,
    orthogonal,
    scaled_momentum_squared,
    turned,
    update_inner,
    weights_squared,
)
from adamtheory.dynamics.norms import (
    momentum_inner_after,
    next_momentum_inner,
    next_norm_squared,
    norm_squared_after,
    shrinkage,
)
from adamtheory.notation import W, coordinate, g, gamma, inner, lr, m, n, norm_squared, u
from adamtheory.proof import (
    ForAll,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    ge,
    hypothesis,
    induction,
    le,
    ne,
    theorem,
    unfolding,
)

SOURCE = ThisLibrary("norm of scale-invariant weights")
s, i, d = momentum_inner, coordinate, shrinkage()
ANY_UPDATE = SequenceDefinition(W, n, d * W(i, n - 1) - lr * u(i, n - 1), ((0, sp.Function("w", real=True)(i)),), (i,))
NORMALISER_SIGN = ForAll(n, (), ge(c(n), 0))
ORDINARY = (ge(gamma, 0), ge(lr, 0), ge(d, 0))


@theorem(
    source=SOURCE,
    where=[ANY_UPDATE],
    claim=eq(
        weights_squared(n + 1), next_norm_squared(weights_squared(n), inner(W(i, n), u(i, n)), norm_squared(u(i, n)))
    ),
)
def norm_after_one_update(proof):
    """|W_{n+1}|^2 = d^2 |W_n|^2 - 2 eta d <W_n, u_n> + eta^2 |u_n|^2 for any updates with decoupled weight decay."""
    return proof.conclude(proof.have(proof.statement.claim, unfolding(W)))


@theorem(
    source=SOURCE,
    where=[*descent, alignment],
    claim=eq(
        s(n + 1),
        next_momentum_inner(s(n), c(n), momentum_squared(n), inner(W(i, n + 1), g(i, n + 1))),
    ),
)
def momentum_inner_recursion_any_loss(proof):
    """How <W_n, m_n> changes in one step, for any gradients."""
    here, after = proof.unfold(s(n)), proof.unfold(s(n + 1))
    past = gamma * inner(W(i, n + 1), m(i, n))
    split = proof.have(eq(after.claim.rhs, past + (1 - gamma) * inner(W(i, n + 1), g(i, n + 1))), unfolding(m))
    shrunk = gamma * (d * here.claim.rhs - lr * c(n) * momentum_squared(n))
    step = proof.have(eq(past, shrunk), unfolding(W))
    return proof.conclude(
        proof.have(proof.statement.claim, combination((after, 1), (split, 1), (step, 1), (here, -gamma * d)))
    )


@theorem(source=SOURCE, where=[*descent, alignment], given=[orthogonal], sample=turned, claim=eq(s(sp.S.Zero), 0))
def momentum_inner_starts_at_zero(proof):
    """<W_0, m_0> = 0 for a scale-invariant loss: the first momentum is (1 - gamma) g_0."""
    zero = sp.S.Zero
    first = proof.have(eq(inner(W(i, zero), g(i, zero)), 0), at(orthogonal, zero))
    here = proof.unfold(s(zero))
    split = proof.have(
        eq(here.claim.rhs, gamma * inner(W(i, zero), m(i, -1)) + (1 - gamma) * inner(W(i, zero), g(i, zero))),
        unfolding(m),
    )
    empty = proof.have(eq(inner(W(i, zero), m(i, -1)), 0), unfolding(m))
    return proof.conclude(
        proof.have(proof.statement.claim, combination((here, 1), (split, 1), (empty, gamma), (first, 1 - gamma)))
    )


@theorem(
    source=SOURCE,
    where=[*descent, alignment],
    given=[orthogonal],
    sample=turned,
    claim=eq(s(n + 1), next_momentum_inner(s(n), c(n), momentum_squared(n))),
)
def momentum_inner_recursion(proof):
    """<W, m> follows s_{n+1} = gamma (d s_n - eta c_n |m_n|^2) for a scale-invariant loss."""
    general = proof.cite("momentum_inner_recursion_any_loss")
    none = proof.have(eq(inner(W(i, n + 1), g(i, n + 1)), 0), at(orthogonal, n + 1))
    return proof.conclude(proof.have(proof.statement.claim, combination((general, 1), (none, 1 - gamma))))


@theorem(
    source=SOURCE,
    where=[*descent, alignment],
    claim=eq(
        weights_squared(n + 1), next_norm_squared(weights_squared(n), update_inner(n), scaled_momentum_squared(n))
    ),
)
def norm_identity(proof):
    """|W_{n+1}|^2 = d^2 |W_n|^2 - 2 eta d c_n s_n + eta^2 c_n^2 |m_n|^2, for any gradients."""
    here = proof.unfold(s(n))
    inserted = next_norm_squared(weights_squared(n), c(n) * here.claim.rhs, scaled_momentum_squared(n))
    step = proof.have(eq(weights_squared(n + 1), inserted), unfolding(W))
    return proof.conclude(proof.have(proof.statement.claim, combination((step, 1), (here, 2 * lr * d * c(n)))))


@theorem(
    source=SOURCE,
    where=[*descent, alignment],
    given=[orthogonal, ne(gamma, 0), ne(d, 0)],
    sample=turned,
    claim=eq(s(n), momentum_inner_after(c, momentum_squared)),
)
def momentum_inner_closed_form(proof):
    """<W_n, m_n> = -eta gamma sum over k < n of (gamma d)^(n-1-k) c_k |m_k|^2, for a scale-invariant loss."""
    claim = proof.statement.claim
    start = proof.cite("momentum_inner_starts_at_zero")
    base = proof.have(claim.subs({n: sp.S.Zero}), algebra(start))
    ind = proof.assume(claim)
    before, step = ind.have(claim, hypothesis), ind.cite("momentum_inner_recursion")
    following = ind.have(claim.subs({n: n + 1}), combination((step, 1), (before, gamma * d)))
    return proof.conclude(proof.have(claim, induction(n, base, following)))


@theorem(
    source=SOURCE,
    where=[*descent, alignment],
    given=[ne(d, 0)],
    claim=eq(weights_squared(n), norm_squared_after(weights_squared(sp.S.Zero), scaled_momentum_squared, update_inner)),
)
def norm_closed_form(proof):
    """|W_n|^2 as a decayed sum of eta^2 |u_k|^2 - 2 eta d <W_k, u_k> over the steps, for any gradients."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.S.Zero}))
    ind = proof.assume(claim)
    step = ind.cite("norm_identity")
    following = ind.have(claim.subs({n: n + 1}), combination((step, 1), (ind.have(claim, hypothesis), d**2)))
    return proof.conclude(proof.have(claim, induction(n, base, following)))


@theorem(
    source=SOURCE,
    where=[*descent, alignment],
    given=[orthogonal, NORMALISER_SIGN, *ORDINARY],
    sample=turned,
    claim=le(s(n), 0),
)
def momentum_inner_never_positive(proof):
    """<W_n, m_n> <= 0 for a scale-invariant loss: momentum always points outwards."""
    claim = proof.statement.claim
    base = proof.weaken(claim.subs({n: sp.S.Zero}), proof.cite("momentum_inner_starts_at_zero"))
    ind = proof.assume(claim)
    positive = ind.have(ge(c(n), 0), at(NORMALISER_SIGN, n))
    ind = ind.knowing(positive)
    step = ind.cite("momentum_inner_recursion")
    following = ind.have(
        claim.subs({n: n + 1}),
        combination((step, 1), (ind.have(claim, hypothesis), gamma * d), plus=gamma * lr * c(n) * momentum_squared(n)),
    )
    return proof.conclude(proof.have(claim, induction(n, base, following)))


@theorem(
    source=SOURCE,
    where=[*descent, alignment],
    given=[orthogonal, NORMALISER_SIGN, *ORDINARY, ne(d, 0)],
    sample=turned,
    claim=ge(weights_squared(n), norm_squared_after(weights_squared(sp.S.Zero), scaled_momentum_squared)),
)
def norm_grows_at_least_as_theorem_2(proof):
    """|W_n|^2 is at least what Theorem 2 gives in discrete time, whatever the momentum: its true one-sided form."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.S.Zero}))
    ind = proof.assume(claim)
    outwards = ind.cite("momentum_inner_never_positive")
    ind = ind.knowing(ind.have(ge(c(n), 0), at(NORMALISER_SIGN, n)))
    step = ind.cite("norm_identity")
    following = ind.have(
        claim.subs({n: n + 1}),
        combination((step, -1), (ind.have(claim, hypothesis), d**2), (outwards, 2 * lr * d * c(n))),
    )
    return proof.conclude(proof.have(claim, induction(n, base, following)))


@theorem(
    source=SOURCE,
    where=[*descent, alignment],
    given=[orthogonal, eq(gamma, 0), ne(d, 0)],
    sample={**turned, gamma: 0},
    claim=eq(weights_squared(n), norm_squared_after(weights_squared(sp.S.Zero), scaled_momentum_squared)),
)
def theorem_2_without_momentum(proof):
    """At gamma = 0 Theorem 2 holds exactly, in discrete time: |W_n|^2 is a decayed sum of eta^2 |u_k|^2."""
    claim = proof.statement.claim
    none = proof.have(eq(gamma, 0), hypothesis)
    here = proof.unfold(s(n))
    split = proof.have(
        eq(here.claim.rhs, gamma * inner(W(i, n), m(i, n - 1)) + (1 - gamma) * inner(W(i, n), g(i, n))), unfolding(m)
    )
    now = proof.have(eq(inner(W(i, n), g(i, n)), 0), at(orthogonal, n))
    orthogonal_update = proof.have(
        eq(s(n), 0),
        combination((here, 1), (split, 1), (now, 1 - gamma), (none, inner(W(i, n), m(i, n - 1)))),
    )
    base = proof.have(claim.subs({n: sp.S.Zero}))
    ind = proof.assume(claim)
    step = ind.cite("norm_identity")
    following = ind.have(
        claim.subs({n: n + 1}),
        combination((step, 1), (ind.have(claim, hypothesis), d**2), (orthogonal_update, -2 * lr * d * c(n))),
    )
    return proof.conclude(proof.have(claim, induction(n, base, following)))
