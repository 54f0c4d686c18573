"""First-order and second-order memory equations: every flow that the solvers know has this one form.

    inertia theta'' + theta' = -speed (u + decay theta),      u = P(t) M(t) / (sqrt(V(t)) + e(t)),

coordinate by coordinate, where M remembers x = g (or is g itself) and V remembers x = g^2, each as

    share x(t) + integral over [0, t] of K(t - s) x(s) ds + (past x(0) + carried) tail(t).

P is a bias correction, e the regulariser, g the gradient of the loss at theta(t), plus ``coupled`` times theta(t).
Time has the unit in which one step of the discrete method takes ``duration``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from adamtheory.flows.kernels import Array, Exponential, Kernel, Mode
from adamtheory.validation import reject


@dataclass(frozen=True)
class Moment:
    """A remembered quantity x: see the module's formula.  ``carried``: an array, or 0: what a warm start brings."""

    kernel: Kernel
    share: float = 0.0
    past: float = 0.0
    carried: Any = 0.0

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The kernel's exponentials.  ValueError for a kernel that is no sum of exponentials."""
        found = self.kernel.modes
        if found is None:
            reject("kernel", self.kernel, "a sum of exponentials here: compress it, or use method='volterra'")
        return found

    def beside_memory(self, t: Any, x: Array, x_start: Array) -> Array:
        """The value without its integral: share x + (past x(0) + carried) tail(t), in the shape of x."""
        return self.share * x + (self.past * x_start + self.carried) * self.kernel.tail(t)


@dataclass(frozen=True)
class Remainder:
    """``start * exp(-rate t)``: what a bias correction subtracts from 1; start in [0, 1], rate >= 0 per time."""

    start: float
    rate: float

    def corrected(self, t: Any) -> Any:
        """1 - start exp(-rate t), without cancellation at small t."""
        if self.start == 0:
            return np.ones_like(np.asarray(t, dtype=float))
        return -np.expm1(math.log(self.start) - self.rate * np.asarray(t, dtype=float))


NOTHING = Remainder(0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class MemoryFlow:
    """A flow of the module's form.  ``first`` None: M is the gradient itself.

    ``corrections``: what is left of the start in the first and the second average; P = sqrt(1 - second)/(1 - first).
    ``eps_follows``: the regulariser is eps sqrt(1 - second) (eps beside the corrected root, as PyTorch has it), else
    eps.  ``velocity``: theta'(0) of a second-order flow, "consistent" (that of inertia 0) or "zero".
    ``singular``: the update behaves like a root of t at 0, so solvers start in the variable sqrt(t)."""

    name: str
    duration: float
    second: Moment
    first: Moment | None = None
    corrections: tuple[Remainder, Remainder] = (NOTHING, NOTHING)
    eps: float = 0.0
    eps_follows: bool = True
    inertia: float = 0.0
    speed: float = 1.0
    decay: float = 0.0
    coupled: float = 0.0
    velocity: str = "consistent"
    singular: bool = False
    source: str = ""

    def gain(self, t: Any) -> Any:
        """The bias correction P(t)."""
        first, second = self.corrections
        return np.sqrt(second.corrected(t)) / first.corrected(t)

    def floor(self, t: Any) -> Any:
        """The regulariser e(t), in the unit of the gradient."""
        return self.eps * np.sqrt(self.corrections[1].corrected(t)) if self.eps_follows else self.eps + 0 * t

    def update(self, t: Any, m: Array, v: Array) -> Array:
        """u from the moments; 0 where a coordinate has m = 0 and no denominator, and infinite only where m is not 0.

        A negative v (kernels that change sign) gives nan, which solvers report."""
        with np.errstate(divide="ignore", invalid="ignore"):
            below = np.sqrt(v) + self.floor(t)
            u = self.gain(t) * m / below
        return np.where((m == 0) & (below == 0), 0.0, u)

    def start_velocity(self, theta: Array, u: Array) -> Array:
        """theta'(0) of a second-order flow, from theta(0) and u(0)."""
        if self.velocity == "zero":
            return np.zeros_like(theta)
        return -self.speed * (u + self.decay * theta)

    @property
    def rates(self) -> tuple[float, ...]:
        """Every rate at which the flow itself moves, per time: memories, bias corrections, the fast mode of inertia."""
        found = [abs(mode.rate) for moment in (self.first, self.second) if moment for mode in moment.kernel.modes or ()]
        found += [c.rate for c in self.corrections if c.start]
        return tuple(found) + ((1 / self.inertia,) if self.inertia else ())


def average(rate: float, share: float, past: float, carried: Any = 0.0) -> Moment:
    """The exponential average with this rate per time beside ``share`` of the newest value; weights add up to 1."""
    return Moment(Exponential(rate, 1 - share), share, past, carried)
