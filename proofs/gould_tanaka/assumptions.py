"""Assumption 1 as an exact, measurable quantity: <W(t), g(tau)> for past gradients, neglected as second order.

It is zero at tau = t for a scale-invariant loss (Lemma 2), and of first order in eta one step later.
"""

import sympy as sp

from adamtheory.dynamics.definitions import c, descent, orthogonal, turned
from adamtheory.dynamics.norms import next_past_inner, past_inner_after, shrinkage
from adamtheory.notation import (
    W,
    coordinate,
    g,
    gamma,
    half_open_unit,
    inner,
    k,
    lr,
    m,
    n,
    norm_squared,
)
from adamtheory.proof import (
    BigO,
    GouldTanaka,
    algebra,
    at,
    combination,
    eq,
    gt,
    hypothesis,
    induction,
    ne,
    printed,
    theorem,
    unfolding,
)

FIRST = GouldTanaka("Assumption 1")
i, d = coordinate, shrinkage()


@theorem(
    source=FIRST,
    where=descent,
    claim=eq(
        inner(W(i, n + 1), g(i, k)),
        next_past_inner(inner(W(i, n), g(i, k)), c(n), inner(m(i, n), g(i, k))),
    ),
)
def past_gradient_inner_recursion(proof):
    """One step: <W_{n+1}, g_k> = d <W_n, g_k> - eta c_n <m_n, g_k>, for any gradients."""
    return proof.conclude(proof.have(proof.statement.claim, unfolding(W)))


@theorem(
    source=FIRST,
    where=descent,
    given=[orthogonal],
    sample=turned,
    claim=eq(inner(W(i, n + 1), g(i, n)), next_past_inner(sp.S.Zero, c(n), inner(m(i, n), g(i, n)))),
)
def last_gradient_inner(proof):
    """After one step <W_{n+1}, g_n> = -eta c_n <m_n, g_n>, for a scale-invariant loss: of first order in eta."""
    step = proof.cite("past_gradient_inner_recursion", {k: n})
    now = proof.have(eq(inner(W(i, n), g(i, n)), 0), at(orthogonal, n))
    return proof.conclude(proof.have(proof.statement.claim, combination((step, 1), (now, d))))


def between(step):
    """<m_{k+j}, g_k>, of the gradient k with the momentum so many steps later."""
    return inner(m(i, k + step), g(i, k))


@theorem(
    source=FIRST,
    where=descent,
    given=[orthogonal, ne(d, 0)],
    sample=turned,
    claim=eq(inner(W(i, k + n), g(i, k)), past_inner_after(lambda step: c(k + step), between)),
)
def past_gradient_inner(proof):
    """<W_{k+n}, g_k> = -eta sum over j < n of d^(n-1-j) c_{k+j} <m_{k+j}, g_k>, for a scale-invariant loss."""
    claim = proof.statement.claim
    now = proof.have(eq(inner(W(i, k), g(i, k)), 0), at(orthogonal, k))
    base = proof.have(claim.subs({n: sp.S.Zero}), algebra(now))
    ind = proof.assume(claim)
    step = ind.cite("past_gradient_inner_recursion", {n: k + n})
    following = ind.have(claim.subs({n: n + 1}), combination((step, 1), (ind.have(claim, hypothesis), d)))
    return proof.conclude(proof.have(claim, induction(n, base, following)))


@theorem(
    source=FIRST,
    where=descent,
    given=[orthogonal],
    sample=turned,
    claim=eq(
        inner(W(i, sp.S.One), g(i, sp.S.Zero)),
        -lr * c(sp.S.Zero) * (1 - gamma) * norm_squared(g(i, sp.S.Zero)),
    ),
)
def first_gradient_inner(proof):
    """After the first step <W_1, g_0> = -eta c_0 (1 - gamma) |g_0|^2: of first order even without momentum."""
    zero = sp.S.Zero
    step = proof.cite("last_gradient_inner", {n: zero})
    here = inner(m(i, zero), g(i, zero))
    split = proof.have(
        eq(here, gamma * inner(m(i, -1), g(i, zero)) + (1 - gamma) * norm_squared(g(i, zero))), unfolding(m)
    )
    none = proof.have(eq(inner(m(i, -1), g(i, zero)), 0), unfolding(m))
    scale = -lr * c(zero)
    return proof.conclude(
        proof.have(proof.statement.claim, combination((step, 1), (split, scale), (none, scale * gamma)))
    )


normaliser, length = sp.symbols("c_0 G_0", real=True)

past_gradients_second_order_printed = printed(
    name="past_gradients_second_order_printed",
    title="<W(t), g(tau)> is of second order in (eta, lambda) for tau <= t: one step later it is O(eta^2)",
    source=FIRST,
    given=[*half_open_unit(gamma), gt(normaliser, 0), gt(length, 0)],
    claim=BigO(next_past_inner(sp.S.Zero, normaliser, (1 - gamma) * length), lr, 2),
    witness={gamma: 0, normaliser: 1, length: 1},
    repaired="first_gradient_inner",
    why="<W_1, g_0> = -eta c_0 (1 - gamma) |g_0|^2 is of first order in eta, with or without momentum. Without momentum"
    " Theorem 2 needs <W_n, g_n> = 0 alone (theorem_2_without_momentum); with it the first-order terms add up",
)
