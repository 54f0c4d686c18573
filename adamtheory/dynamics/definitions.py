"""Weights under a scalar normaliser, as sequences of vectors that theorems speak of.

W_{n+1} = (1 - eta lambda) W_n - eta c_n m_n with m_n = gamma m_{n-1} + (1 - gamma) g_n, m_{-1} = 0: momentum with
decoupled weight decay, in which one number c_n normalises all entries of step n (Gould & Tanaka 2024, Assumption 2; the
bias corrections are part of it).  Vectors are families with the coordinate first; W_0 is any vector, c_n any sequence.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.dynamics.norms import next_momentum_inner, next_norm_squared, shrinkage
from adamtheory.notation import W, coordinate, dimension, g, gamma, inner, j, lr, m, n, norm_squared
from adamtheory.propositions import ForAll, SequenceDefinition, eq

c = sp.Function("c", real=True)  # the scalar normaliser of a step
start = sp.Function("w", real=True)  # the entries of W_0
momentum_inner = sp.Function("s", real=True)  # s_n = <W_n, m_n>
squared_norm = sp.Function("R", real=True)  # |W_n|^2
update_squared = sp.Symbol("Y", real=True)  # |u_n|^2, where it is constant
start_squared = sp.Symbol("R_0", real=True)

_AT = (coordinate, n)

weights = SequenceDefinition(
    W,
    n,
    shrinkage() * W(coordinate, n - 1) - lr * c(n - 1) * m(coordinate, n - 1),
    ((0, start(coordinate)),),
    (coordinate,),
)
momentum = SequenceDefinition(
    m, n, gamma * m(coordinate, n - 1) + (1 - gamma) * g(*_AT), ((-1, sp.S.Zero),), (coordinate,)
)
alignment = SequenceDefinition(momentum_inner, n, inner(W(*_AT), m(*_AT)))
descent = (weights, momentum)

# <W_n, g_n> = 0 at every step: what scale invariance gives (Lemma 2).
orthogonal = ForAll(j, (), eq(inner(W(coordinate, j), g(coordinate, j)), 0))
# For sampling: in the plane, g_n is W_n turned by a right angle, to one side and the other.
turned = {dimension: 2, g: sp.Lambda(_AT, (-1) ** n * (2 * coordinate - 1) * W(1 - coordinate, n))}

# The same quantities where |u_n|^2 = Y at every step: linear recursions for <W_n, u_n> = c s_n and for |W_n|^2.
steady_inner = SequenceDefinition(
    momentum_inner, n, next_momentum_inner(momentum_inner(n - 1), sp.S.One, update_squared), ((0, sp.S.Zero),)
)
steady_norm = SequenceDefinition(
    squared_norm,
    n,
    next_norm_squared(squared_norm(n - 1), momentum_inner(n - 1), update_squared),
    ((0, start_squared),),
)
steady = (steady_inner, steady_norm)


def momentum_squared(step: sp.Expr) -> sp.Expr:
    """|m_n|^2 at a step."""
    return norm_squared(m(coordinate, step))


def weights_squared(step: sp.Expr) -> sp.Expr:
    """|W_n|^2 at a step."""
    return norm_squared(W(coordinate, step))


def scaled_momentum_squared(step: sp.Expr) -> sp.Expr:
    """|u_n|^2 = c_n^2 |m_n|^2 at a step."""
    return c(step) ** 2 * momentum_squared(step)


def update_inner(step: sp.Expr) -> sp.Expr:
    """<W_n, u_n> = c_n s_n at a step."""
    return c(step) * momentum_inner(step)


# c_n and |m_n|^2 constant: then Y = c^2 |m|^2.
constant_length = sp.Symbol("M", real=True)
constant_normaliser = sp.Symbol("C", real=True)
same_length = ForAll(n, (), eq(momentum_squared(n), constant_length))
same_normaliser = ForAll(n, (), eq(c(n), constant_normaliser))


def _circling() -> dict[object, sp.Expr]:
    """For sampling: in the plane, g_n is W_n turned by a right angle, of the length that keeps |m_n|^2 where it is."""
    across = (2 * coordinate - 1) * W(1 - coordinate, n)
    before = m(coordinate, n - 1)

    def in_plane(a: sp.Expr, b: sp.Expr) -> sp.Expr:
        return sp.Add(*((a * b).subs(coordinate, place) for place in (0, 1)))

    along, size = gamma * in_plane(before, across), in_plane(across, across)
    missing = constant_length - gamma**2 * in_plane(before, before)
    stretch = (sp.sqrt(along**2 + size * missing) - along) / ((1 - gamma) * size)
    return {
        dimension: 2,
        g: sp.Lambda(_AT, stretch * across),
        constant_length: 1 + update_squared**2,
        constant_normaliser: start_squared,
    }


circling = _circling()
