"""The second-order flow against discrete AdamW on the same loss: what is compared, and the constants of the comparison.

theta(i, n) are Adam's parameters and G(i, n) the gradient there, Theta(i, t) and g(i, t) the flow's; step n happens at
the time n h.  Both gradients are one function of the parameters, ``steepness``-Lipschitz in their largest coordinate:
that, on the two paths, is all that a theorem needs of a loss.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.flows.discrete_error import drift_error, initial_error
from adamtheory.flows.flow_error import flow_growth, flow_offset, gradient_drift, gradient_floor, until
from adamtheory.flows.second_order_adam import discrete_delay
from adamtheory.flows.second_order_curves import Theta
from adamtheory.notation import G, beta, dimension, g, gamma, h, j, k, theta, weight_decay
from adamtheory.notation import coordinate as i
from adamtheory.propositions import ForAll, Implies, Proposition, eq, le

steepness = sp.Symbol("ell", real=True)  # how far a gradient changes, over the largest change of a parameter
largest = sp.Symbol("x", real=True)  # any bound of the error in all coordinates


within_dimension = le(i, dimension - 1)


def everywhere(p: Proposition) -> ForAll:
    """``p`` in every coordinate i < d."""
    return ForAll(i, (within_dimension,), p)


def error(steps: sp.Expr) -> sp.Expr:
    """theta(i, n) - Theta(i, n h)."""
    return theta(i, steps) - Theta(i, steps * h)


def summed_error(steps: sp.Expr) -> sp.Expr:
    """The sum of the errors before step n."""
    return sp.Sum(error(k), (k, 0, steps - 1))


def gradient_error(steps: sp.Expr) -> sp.Expr:
    """|G(i, n) - g(i, n h)|."""
    return sp.Abs(G(i, steps) - g(i, steps * h))


started_together = eq(theta(i, 0), Theta(i, 0))


def near(steps: sp.Expr = j, most: sp.Expr = largest) -> ForAll:
    """No coordinate is further apart than ``most`` at a step."""
    return everywhere(le(sp.Abs(error(steps)), most))


def same_loss() -> ForAll:
    """Where no parameter is further apart than x, no entry of the gradient is further apart than ell x."""
    follows = everywhere(le(gradient_error(j), steepness * largest))
    return ForAll(j, (le(j * h, until),), ForAll(largest, (), Implies(near(), follows)))


def delay_gap() -> sp.Expr:
    """|beta/(1 - beta) - gamma/(1 - gamma)|: how many steps the delays of both moments differ by."""
    return sp.Abs(discrete_delay(beta) - discrete_delay(gamma))


def response() -> sp.Expr:
    """How much of a gradient's error a step adds to the parameter's, over h."""
    return delay_gap() / gradient_floor


def feedback() -> sp.Expr:
    """mu, the rate at which flow and discrete Adam part: the weight decay, and what their different gradients add."""
    return weight_decay + response() * steepness


def parting() -> sp.Expr:
    """What takes flow and discrete Adam apart, over h^2: both first integrals, and gradients that are a step late."""
    steady = flow_offset() + initial_error() + (flow_growth() + drift_error()) * until
    return steady + 2 * response() * gradient_drift


def flow_error() -> sp.Expr:
    """K: no coordinate of the second-order flow is further than K h^2 from discrete Adam, on [0, T]."""
    return parting() * sp.exp(feedback() * until)
