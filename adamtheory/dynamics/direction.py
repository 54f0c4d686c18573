"""Norm and direction of a weight that moves by Equation (7) of Gould & Tanaka (2024), W = r E with r = |W|, |E| = 1.

(eta/2) W'' + W' + lambda W = -u.  Everything here is a SymPy expression, or a definition, in ``notation.lr`` (eta),
``notation.weight_decay`` (lambda) and the family ``notation.W(coordinate, t)``; primes are derivatives by ``t``.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.function import UndefinedFunction

from adamtheory.notation import W, coordinate, inner, lr, norm_squared, t, u, weight_decay
from adamtheory.propositions import SequenceDefinition

phi, r = (sp.Function(name, real=True) for name in ("phi", "r"))
E = sp.Function("E", real=True)  # the direction, W/|W|


def velocity(family: UndefinedFunction = W) -> sp.Expr:
    """The first derivative of the family's member ``coordinate``."""
    return sp.Derivative(family(coordinate, t), t)


def acceleration(family: UndefinedFunction = W) -> sp.Expr:
    """The second derivative of the family's member ``coordinate``."""
    return sp.Derivative(family(coordinate, t), (t, 2))


def moved_by(weight: sp.Expr, decay: sp.Expr = weight_decay) -> sp.Expr:
    """-(eta/2 W'' + W' + lambda W): the update that moves ``weight``, an expression in ``t``, by Equation (7)."""
    return -(lr / 2 * sp.Derivative(weight, (t, 2)) + sp.Derivative(weight, t) + decay * weight)


def update_of(
    decay: sp.Expr = weight_decay, weight: UndefinedFunction = W, update: UndefinedFunction = u
) -> SequenceDefinition:
    """u, as Equation (7) has it for any twice differentiable curve W."""
    return SequenceDefinition(update, t, moved_by(weight(coordinate, t), decay), (), (coordinate,))


def squared_norm() -> SequenceDefinition:
    """phi = |W|^2."""
    return SequenceDefinition(phi, t, norm_squared(W(coordinate, t)))


def norm_and_direction(
    weight: UndefinedFunction = W, radius: UndefinedFunction = r, direction: UndefinedFunction = E
) -> tuple[SequenceDefinition, SequenceDefinition]:
    """r = |W| and E = W/|W|."""
    return (
        SequenceDefinition(radius, t, sp.sqrt(norm_squared(weight(coordinate, t)))),
        SequenceDefinition(direction, t, weight(coordinate, t) / radius(t), (), (coordinate,)),
    )


# -- the norm: Equation (15) and what it neglects ------------------------------------------------------------------


def squared_speed_expansion() -> sp.Expr:
    """|W'|^2 in terms of u, as Appendix J displays it."""
    weight, update = W(coordinate, t), u(coordinate, t)
    return (
        norm_squared(update)
        + weight_decay * lr * inner(weight, acceleration())
        + lr * inner(acceleration(), update)
        + lr**2 / 4 * norm_squared(acceleration())
        + weight_decay**2 * norm_squared(weight)
        + 2 * weight_decay * inner(weight, update)
    )


def neglected_by_norm() -> sp.Expr:
    """R in phi' + 2 lambda phi = eta |u|^2 + R: what Theorem 2 leaves out, exactly."""
    weight, update = W(coordinate, t), u(coordinate, t)
    return (
        lr * (squared_speed_expansion() - norm_squared(update))
        - 2 * inner(weight, update)
        - lr / 2 * sp.Derivative(phi(t), (t, 2))
    )


# -- the direction: Equations (9), (16), (17) ----------------------------------------------------------------------


def centripetal_rate() -> sp.Expr:
    """Lambda = (eta/2) |E'|^2: the weight decay of the direction's own equation."""
    return lr / 2 * norm_squared(velocity(E))


def centripetal_rate_as_printed() -> sp.Expr:
    """Lambda = (eta/2) r |E'|^2, as Proposition 3 prints it."""
    return r(t) * centripetal_rate()


def direction_residual(rate: sp.Expr) -> sp.Expr:
    """(eta/2) E'' + E' + Lambda E + u/r: zero where Equation (9) holds with this Lambda."""
    return lr / 2 * acceleration(E) + velocity(E) + rate * E(coordinate, t) + u(coordinate, t) / r(t)
