"""Adam in continuous time to second order in the learning rate, as expressions (this library).

Three things separate a flow from discrete Adam by a first-order error, and each has an exact cure.

*Rates.* A discrete average keeps the factor alpha a step, so its kernel has the rate -ln(alpha)/h (``exact``).
*Start.* After n + 1 equal gradients g a discrete average stands at (1 - alpha^(n+1)) g, so the curve starts at
(1 - alpha) g(0), not at 0.
*Lag.* A discrete average sees the newest gradient at once.  The curve that lags as it does is not the exponential
average y of x but ``share x + (1 - share) y`` with ``share = 1 + alpha ln(alpha)/(1 - alpha)``, which is the same as
driving the average's own equation with x + lag x', and needs no derivative of the gradient.  For the second moment it
is a mean of squares with positive weights: it is never negative, however the gradient moves.

The step from t to t + h then needs half a step of inertia, (h/2) theta'' (Gould & Tanaka 2024, Equation 4), and the
velocity's consistent start -sign g(0) - weight_decay theta(0).

Nothing here checks a hyperparameter; alpha is strictly between 0 and 1 (at 0 an average is x itself).
"""

from __future__ import annotations

import sympy as sp

from adamtheory.notation import DecayRate


def discrete_delay(alpha: sp.Expr) -> sp.Expr:
    """alpha/(1 - alpha): the mean age, in steps, of what a discrete average remembers."""
    return alpha / (1 - alpha)


def lag_share(alpha: sp.Expr, rate: DecayRate = DecayRate.exact) -> sp.Expr:
    """The weight of the newest value beside the exponential average, 1 - rate(alpha) alpha/(1 - alpha), so that both
    together are as old as the discrete average.  In [0, 1): 0 for ``first_order``, 1 - alpha for ``forward_euler``."""
    return 1 - rate(alpha) * discrete_delay(alpha)


def lag(alpha: sp.Expr, duration: sp.Expr, rate: DecayRate = DecayRate.exact) -> sp.Expr:
    """h (1/rate(alpha) - alpha/(1 - alpha)): how far ahead of time the average's equation is driven, x + lag x'."""
    return duration * (1 / rate(alpha) - discrete_delay(alpha))


def consistent_start(alpha: sp.Expr) -> sp.Expr:
    """(1 - alpha): what the moment starts at, over x(0), so that constant x gives (1 - alpha^(n+1)) x at t = n h."""
    return 1 - alpha


def average_start(alpha: sp.Expr, rate: DecayRate = DecayRate.exact) -> sp.Expr:
    """1 - (1 - alpha)/rate(alpha), in [0, 1): the exponential average's own start, over x(0), under the lag."""
    return 1 - (1 - alpha) / rate(alpha)


def remaining(alpha: sp.Expr, steps: sp.Expr) -> sp.Expr:
    """alpha^(steps + 1): what a bias correction divides by is 1 minus this."""
    return alpha ** (steps + 1)
