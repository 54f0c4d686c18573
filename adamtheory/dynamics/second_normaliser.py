"""A normalisation layer as a second normaliser: the sequences and expressions of the discrete statement.

W_{n+1} = d W_n - eta u_n with d = 1 - eta lambda, and <W_n, u_n> = 0 at every step: then |W_n|^2 is a moving average of
|u_n|^2 with factor d^2, started at W_0.  Vectors are families with the coordinate first.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.dynamics.definitions import start
from adamtheory.dynamics.norms import shrinkage
from adamtheory.notation import W, coordinate, dimension, inner, j, k, lr, n, norm_squared, u, weight_decay
from adamtheory.propositions import ForAll, SequenceDefinition, eq

length, size, second, total = (sp.Function(name, real=True) for name in ("r", "Y", "V", "A"))
direction = sp.Function("E", real=True)

weights = SequenceDefinition(
    W,
    n,
    shrinkage() * W(coordinate, n - 1) - lr * u(coordinate, n - 1),
    ((0, start(coordinate)),),
    (coordinate,),
)
# <W_n, u_n> = 0 at every step.
tangential = ForAll(j, (), eq(inner(W(coordinate, j), u(coordinate, j)), 0))
# For sampling: in the plane, u_n is W_n turned by a right angle and stretched.
turned = {dimension: 2, u: sp.Lambda((coordinate, n), (n + 1) * (2 * coordinate - 1) * W(1 - coordinate, n))}

norm = SequenceDefinition(length, n, sp.sqrt(norm_squared(W(coordinate, n))))
update_size = SequenceDefinition(size, n, norm_squared(u(coordinate, n)))
unit = SequenceDefinition(direction, n, W(coordinate, n) / length(n), (), (coordinate,))


def update_squared(step: sp.Expr = n) -> sp.Expr:
    """|u_n|^2 at a step."""
    return norm_squared(u(coordinate, step))


def weights_squared(step: sp.Expr = n) -> sp.Expr:
    """|W_n|^2 at a step."""
    return norm_squared(W(coordinate, step))


def implied_beta() -> sp.Expr:
    """beta' = (1 - eta lambda)^2: how much of |W_n|^2 a step keeps."""
    return shrinkage() ** 2


def implied_start() -> sp.Expr:
    """V_{-1} = (1 - beta') |W_0|^2/eta^2: where the implied second moment starts, in place of 0."""
    return (1 - implied_beta()) * norm_squared(start(coordinate)) / lr**2


def second_moment() -> SequenceDefinition:
    """V_n = beta' V_{n-1} + (1 - beta') |u_n|^2 from V_{-1} = (1 - beta') |W_0|^2/eta^2."""
    body = implied_beta() * second(n - 1) + (1 - implied_beta()) * size(n)
    return SequenceDefinition(second, n, body, ((-1, implied_start()),))


def accumulated() -> SequenceDefinition:
    """A_n = A_{n-1} + |u_n|^2 from A_{-1} = |W_0|^2/eta^2: AdaGrad's accumulator of norms, with that start."""
    body = total(n - 1) + size(n)
    return SequenceDefinition(total, n, body, ((-1, norm_squared(start(coordinate)) / lr**2),))


def weighted_updates() -> sp.Expr:
    """(1 - beta') sum_{k<=n} beta'^{n-k} |u_k|^2: the moving average of |u_n|^2 that starts at 0."""
    return (1 - implied_beta()) * sp.Sum(implied_beta() ** (n - k) * size(k), (k, 0, n))


def effective_rate() -> sp.Expr:
    """sqrt(1 - beta') = sqrt(eta lambda (2 - eta lambda)): the learning rate of the direction."""
    return sp.sqrt(1 - implied_beta())


def prefactor() -> sp.Expr:
    """eta^2/(1 - beta'): |W_{n+1}|^2 in units of the second moment; eta/(2 lambda) in continuous time."""
    return lr**2 / (1 - implied_beta())


def continuous_prefactor() -> sp.Expr:
    """eta/(2 lambda), by which Equation (8) of Gould & Tanaka (2024) multiplies a moving average of rate 2 lambda."""
    return lr / (2 * weight_decay)
