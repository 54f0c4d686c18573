"""AdamW in continuous time, one coordinate: Equation (4) of Gould & Tanaka 2024, and how Appendix I solves it.

A step happens every h = lr^p; the paper's timescale is p = 1, so h = lr, and times have the unit of h.  A curve's slope
is named by itself, psi = theta', so that a third derivative of the curve is a second one of psi.  Nothing here checks
a hyperparameter: the theorems (``proofs/gould_tanaka``) name the region in which they hold.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import UndefinedFunction

from adamtheory import notation
from adamtheory.methods.rule import UpdateRule
from adamtheory.notation import h, k, lr, n, t, u, weight_decay
from adamtheory.propositions import ForAll, Relation, SequenceDefinition, eq

curve = sp.Function("Theta", real=True)  # theta(t); the sequence of iterates is notation.theta
velocity = sp.Function("psi", real=True)  # theta'(t)
step = sp.Symbol("Delta", real=True)  # Appendix I's time step, h/K


def slope(of: UndefinedFunction = curve, name: UndefinedFunction = velocity) -> SequenceDefinition:
    """psi := theta', the unit of theta over time."""
    return SequenceDefinition(name, t, sp.Derivative(of(t), t))


def residual(forcing: sp.Expr, time: sp.Expr = t, duration: sp.Expr = h, decay: sp.Expr = weight_decay) -> sp.Expr:
    """lr decay theta + h theta' + h^2/2 theta'' + lr forcing: what Appendix C's expansion of one step leaves out."""
    drift = duration * velocity(time) + duration**2 / 2 * sp.Derivative(velocity(time), time)
    return lr * decay * curve(time) + drift + lr * forcing


def equation(forcing: sp.Expr, time: sp.Expr = t) -> Relation:
    """Equation (4), p = 1: lambda theta + theta' + lr/2 theta'' = -forcing, with psi for theta'."""
    drift = velocity(time) + lr / 2 * sp.Derivative(velocity(time), time)
    return eq(weight_decay * curve(time) + drift, -forcing)


def acceleration(position: sp.Expr, speed: sp.Expr, forcing: sp.Expr, duration: sp.Expr = lr) -> sp.Expr:
    """psi' as Appendix I prints it: -(2/h^2)(lambda lr theta + h psi + lr u), h = lr^p."""
    return -2 / duration**2 * (weight_decay * lr * position + duration * speed + lr * forcing)


def fast_rate() -> sp.Expr:
    """k_+ as Appendix C prints it, per time: a rate of Equation (4)'s free motion (u = 0)."""
    return 1 / lr + sp.sqrt((1 - 2 * weight_decay * lr) / lr**2)


def slow_rate() -> sp.Expr:
    """k_- as Appendix C prints it, per time."""
    return 1 / lr - sp.sqrt((1 - 2 * weight_decay * lr) / lr**2)


def spread() -> sp.Expr:
    """sqrt(1 - 2 lambda lr): lr k_+ = 1 + spread and lr k_- = 1 - spread, where lr > 0 and 2 lambda lr <= 1."""
    return sp.sqrt(1 - 2 * weight_decay * lr)


def slow_rate_smooth() -> sp.Expr:
    """k_- without the cancellation, 2 lambda/(1 + spread), per time: smooth at lr = 0."""
    return 2 * weight_decay / (1 + spread())


def exact_rate() -> sp.Expr:
    """-ln(1 - lambda lr)/lr, per time: how fast AdamW itself forgets its parameters, (1 - lambda lr)^n."""
    return -sp.log(1 - weight_decay * lr) / lr


def free_motion(fast: sp.Expr, slow: sp.Expr, time: sp.Expr = t) -> sp.Expr:
    """fast exp(-k_+ time) + slow exp(-k_- time)."""
    return fast * sp.exp(-fast_rate() * time) + slow * sp.exp(-slow_rate() * time)


def iterates(rule: UpdateRule, **values: Any) -> ForAll:
    """theta(k + 1) from theta(k) and u(k), for every k: a method's own next iterate (u is any sequence here).

    ``values``: what replaces a symbol of ``adamtheory.notation``, by name (``weight_decay=0``)."""
    chosen = {getattr(notation, name): value for name, value in values.items()}
    following = rule.next_iterate().subs(chosen).subs(n, k)
    return ForAll(k, (), eq(notation.theta(k + 1), following))


def interpolates(duration: sp.Expr = h) -> ForAll:
    """The curve passes through every iterate, theta(k) at the time k h."""
    return ForAll(k, (), eq(curve(k * duration), notation.theta(k)))


def sampled(forcing: UndefinedFunction, duration: sp.Expr = lr) -> ForAll:
    """The updates are a curve's values at the times of the steps."""
    return ForAll(k, (), eq(u(k), forcing(k * duration)))


def euler_scheme(forcing: sp.Expr, position: UndefinedFunction, speed: UndefinedFunction) -> tuple[ForAll, ForAll]:
    """Appendix I's explicit Euler steps of length ``step`` at p = 1, for every k: position(k) and speed(k) stand for
    theta and psi at the time k step; ``forcing`` is u there, an expression in k."""
    moved = eq(position(k + 1), position(k) + step * speed(k))
    pushed = eq(speed(k + 1), speed(k) + step * acceleration(position(k), speed(k), forcing))
    return ForAll(k, (), moved), ForAll(k, (), pushed)


def largest_stable_step() -> sp.Expr:
    """2 lr/(1 + sqrt(1 - 2 lambda lr)) = 2/k_+: Appendix I's scheme is stable up to it, where 2 lambda lr <= 1."""
    return 2 * lr / (1 + spread())


def oscillation_energy(position: sp.Expr, speed: sp.Expr) -> sp.Expr:
    """psi^2 + (2/lr) theta psi + (2 lambda/lr) theta^2: the product of both modes, positive where 2 lambda lr > 1."""
    return speed**2 + 2 / lr * position * speed + 2 * weight_decay / lr * position**2
