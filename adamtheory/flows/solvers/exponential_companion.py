"""The companion: a second solution of higher order on the same steps, whose distance is the error's estimate.

It follows its own gradients, so it feels the loss's answer to the error as the true solution does.  Its equation is the
solution's own, but for what the polynomials through the solution's gradients miss (deferred correction); so it is as
stable as the solution, whatever its order.
"""

from __future__ import annotations

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.solvers.exponential_attempt import Corrector, Tried
from adamtheory.flows.solvers.exponential_past import Past
from adamtheory.flows.solvers.exponential_step import Body

#: the loss's answer within a step from which on every step sees a gradient, and not every other
_ANSWERING = 0.3
_SWEEPS = 3
#: over the distance, what the memories may yet make of the last sweep
_SETTLED = 2.0
#: over the distance, as the companion's own error may have the same sign
CAUTION = 1.5


class Companion:
    """The companion's state and gradients."""

    def __init__(self, body: Body, past: Past) -> None:
        self.body = body
        self.past = past
        self._steps = 0

    def follow(self, corrector: Corrector, tried: Tried, t: float, body: Body, past: Past) -> None:
        """Step to time t as the solution does from ``body`` and ``past``, with theta at the end in
        ``corrector.ahead``."""
        maps, missed, used = tried.maps, None, tried.maps[0].shape[1]
        if len(tried.points.at) > used:
            missed = tried.points.difference(used + 1) @ np.concatenate((tried.g[None], past.known(used)))
            maps = [np.column_stack((m, n.missed(used))) for m, n in zip(maps, tried.nodes, strict=True)]
        g = tried.g + (self.past.known(1)[0] - past.known(1)[0])  # their difference changes slowly
        new = corrector.advanced(self.body, tried.stages, maps, g, self.past, missed)
        if self._steps % 2 == 0 or tried.answer > _ANSWERING:
            g = corrector.gradient(new.theta, t)
        elif corrector.secants is not None:
            apart, before = new.theta - corrector.ahead, self.body.theta - body.theta
            g = g + corrector.secants.image(apart - before)
        for sweep in range(_SWEEPS):
            seen, at = g, new.theta
            g = corrector.improved(tried.stages, maps, seen, at, tried.answer, self.body, self.past, missed)
            if g is seen and sweep == 0:
                break
            new = corrector.advanced(self.body, tried.stages, maps, g, self.past, missed)
            change = float(np.abs(new.theta - at).max())
            if sweep == _SWEEPS - 1 or tried.answer * change <= _SETTLED * self._apart(new, corrector.ahead):
                break
            g = corrector.gradient(new.theta, t)
        self.past.push(float(tried.points.at[0]), g)
        self.body = new
        self._steps += 1

    def distance(self, theta: Array) -> float:
        """The estimate of theta's error."""
        return CAUTION * self._apart(self.body, theta)

    @staticmethod
    def _apart(body: Body, theta: Array) -> float:
        return float(np.abs(body.theta - theta).max(initial=0.0))
