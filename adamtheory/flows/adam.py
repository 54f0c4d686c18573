"""Adam in continuous time, to first order in the duration h of a step (Gould & Tanaka 2024, Lemma 1 and Proposition 1).

Curves of the time t >= 0, one coordinate; step n happens at t = n h, with h = lr^p in the paper.  Each is a
``SequenceDefinition`` in a real variable, for the ``where`` of a statement; none of them checks a hyperparameter.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.function import UndefinedFunction

from adamtheory.notation import beta, bias_correction, g, gamma, h, kernel, m, t, tau, u, v
from adamtheory.propositions import SequenceDefinition


def first_moment(average: UndefinedFunction = m, gradient: UndefinedFunction = g) -> SequenceDefinition:
    """m(t), the integral over [0, t] of K_gamma(t - tau) g(tau): the unit of g."""
    return SequenceDefinition(average, t, sp.Integral(kernel(gamma, t - tau) * gradient(tau), (tau, 0, t)))


def second_moment() -> SequenceDefinition:
    """v(t), the integral over [0, t] of K_beta(t - tau) g(tau)^2: the squared unit of g."""
    return SequenceDefinition(v, t, sp.Integral(kernel(beta, t - tau) * g(tau) ** 2, (tau, 0, t)))


def update() -> SequenceDefinition:
    """u(t), Proposition 1: the bias correction at 1 + t/h steps times m(t)/sqrt(v(t)); it has no unit."""
    return SequenceDefinition(u, t, bias_correction(1 + t / h) * m(t) / sp.sqrt(v(t)))


def definitions() -> tuple[SequenceDefinition, SequenceDefinition, SequenceDefinition]:
    """m, v and u, in the order in which each uses the ones before it."""
    return first_moment(), second_moment(), update()
