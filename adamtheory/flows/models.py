"""The flows of the discrete methods: both papers' models and the second-order one, from a method and its numbers.

Each coefficient is the value of an expression of ``notation`` or ``flows.second_order_adam`` at the method's
hyperparameters, so the flow that is solved is the flow that the theorems are about.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from adamtheory.flows.kernels import Constant, Exponential, ExponentialSum, Kernel
from adamtheory.flows.memory import NOTHING, MemoryFlow, Moment, Remainder, average
from adamtheory.flows.second_order_adam import average_start, lag_share
from adamtheory.methods import AdaGrad, Adam, AdamCoupled, AdamW, Method, RMSProp
from adamtheory.notation import DecayRate
from adamtheory.validation import boolean, integer, one_of, reject


@dataclass(frozen=True, eq=False)
class WarmStart:
    """A discrete optimizer's state before the step at time 0: moments m and v (not bias-corrected, shape (d,)) and
    the number of gradients that they have seen; for AdaGrad ``second`` is the sum of squares.  ``first`` None where the
    method has no first moment."""

    second: Any
    first: Any = None
    steps: int = 0

    def __post_init__(self) -> None:
        integer("steps", self.steps, minimum=0)
        for name in ("first", "second"):
            value = getattr(self, name)
            if value is not None and not np.isfinite(np.asarray(value, dtype=float)).all():
                reject(name, value, "finite everywhere")
        if not (np.asarray(self.second, dtype=float) >= 0).all():
            reject("second", self.second, ">= 0 everywhere")


def flow_of(
    method: Method,
    *,
    rates: DecayRate | str = DecayRate.exact,
    start: str | WarmStart = "consistent",
    second_order: bool = True,
    lag: bool = True,
    bias: str | None = None,
    p: float = 1,
) -> MemoryFlow:
    """The flow of Adam, AdamW, AdamCoupled, RMSProp or AdaGrad with ``lr`` given; by default the one that follows the
    discrete method to second order in lr (this library).

    ``rates``: a convention of ``notation.DecayRate``, by name or itself.  ``start``: "consistent" starts the averages
    where the discrete ones stand after the first gradient; "zero" as both papers do; a WarmStart goes on from a
    discrete state.  ``second_order``: half a step of inertia.  ``lag``: averages see the newest gradient as early as
    the discrete ones do.  ``bias``: what the bias correction counts, "next" 1 + t/h steps (Gould & Tanaka 2024),
    "elapsed" t/h (Heredia 2024), "own" what the flow's own kernels have forgotten (default; "next" at a zero start).
    ``p``: a step takes the time lr^p.

    Raises ValueError or TypeError for bad input."""
    names = [convention.name for convention in DecayRate]
    convention = rates if isinstance(rates, DecayRate) else DecayRate(one_of("rates", rates, names))
    if not isinstance(method, (Adam, RMSProp, AdaGrad)):
        reject("method", method, "Adam, AdamW, AdamCoupled, RMSProp or AdaGrad", TypeError)
    if not isinstance(start, WarmStart):
        one_of("start", start, ["zero", "consistent"])
    numbers = {name: float(getattr(method, name)) for name in ("lr", "beta", "gamma", "eps") if _given(method, name)}
    if not numbers.get("lr", 0.0) > 0:
        reject("lr", method.lr, "given and > 0: a flow's time is measured in it")
    if isinstance(p, bool) or not isinstance(p, (int, float)) or not 1 <= p < math.inf:
        reject("p", p, "a finite number >= 1")
    lr = numbers["lr"]
    duration = lr**p
    own = one_of("bias", bias, ["next", "elapsed", "own"]) if bias else ("next" if start == "zero" else "own")
    build = _Averages(convention, duration, start, boolean("lag", lag), own)
    corrected = isinstance(method, Adam)
    remainders = (NOTHING, NOTHING)
    if corrected:
        remainders = build.remainder(numbers["gamma"]), build.remainder(numbers["beta"])
    return MemoryFlow(
        name=_name(method, convention, start, second_order, lag),
        duration=duration,
        first=build.first(numbers["gamma"]) if corrected else None,
        second=build.total() if isinstance(method, AdaGrad) else build.second(numbers["beta"]),
        corrections=remainders,
        eps=numbers.get("eps", 0.0),
        eps_follows=not isinstance(method, Adam) or method.eps_mode == "torch",
        inertia=duration / 2 if boolean("second_order", second_order) else 0.0,
        speed=lr / duration,
        decay=float(method.weight_decay) if isinstance(method, AdamW) else 0.0,
        coupled=float(method.weight_decay) if isinstance(method, AdamCoupled) else 0.0,
        singular=start == "zero" and not (corrected and own == "elapsed"),
        source="this library" if start != "zero" else "",
    )


def gould_tanaka_flow(method: Adam, *, p: float = 1) -> MemoryFlow:
    """Equation 4 with Proposition 1's update (Gould & Tanaka 2024): first-order rates, averages started at zero, bias
    correction at 1 + t/h steps, inertia lr^p/2."""
    return flow_of(method, rates=DecayRate.first_order, start="zero", lag=False, bias="next", p=p)


def heredia_flow(method: Method) -> MemoryFlow:
    """The first-order memory equation of AdaGrad, RMSProp or Adam (Heredia 2024): kernels of rate (1 - alpha)/lr from
    zero, Adam's bias correction at t/lr steps with eps following it."""
    return flow_of(method, rates=DecayRate.forward_euler, start="zero", second_order=False, lag=False, bias="elapsed")


def nonlocal_flow(method: Adam) -> MemoryFlow:
    """The second-order variant of Heredia's equation for Adam: (lr/2) theta'' + theta' = -P m/(sqrt(v) + e), with
    moments solving (lr^2/2) m'' + lr m' + (1 - alpha) m = (1 - alpha) g.

    Below alpha = 1/2 the kernels change sign, and v can turn negative (solvers then stop and say where)."""
    plain = flow_of(method, rates=DecayRate.forward_euler, start="zero", lag=False, bias="elapsed")
    lr = plain.duration
    moments = [Moment(_second_order_kernel(float(alpha), lr)) for alpha in (method.gamma, method.beta)]
    # P ~ t^(-1/2), m ~ t^2 and sqrt(v) ~ t near 0: the update starts like a root of t.
    return replace(plain, name="nonlocal adam", first=moments[0], second=moments[1], singular=True)


def _second_order_kernel(alpha: float, lr: float) -> Kernel:
    if alpha == 0.5:
        reject("alpha", alpha, "different from 1/2, where both rates coincide and the kernel is no sum of exponentials")
    root = cmath.sqrt(2 * alpha - 1)
    slow, fast, scale = (1 - root) / lr, (1 + root) / lr, (1 - alpha) / (lr * root)
    if root.imag == 0:
        return ExponentialSum((scale.real, -scale.real), (slow.real, fast.real))
    return ExponentialSum((2 * scale,), (slow,))


def _given(method: Method, name: str) -> bool:
    return getattr(method, name, None) is not None


def _name(method: Method, convention: DecayRate, start: Any, second_order: bool, lag: bool) -> str:
    begun = "warm" if isinstance(start, WarmStart) else start
    order = "second order" if second_order else "first order"
    return f"{method.name}, {convention.name} rates, {begun} start, {order}{', lag' if lag else ''}"


@dataclass(frozen=True)
class _Averages:
    """How averages with factor alpha become moments, under one convention and start."""

    convention: DecayRate
    duration: float
    start: str | WarmStart
    lag: bool
    bias: str

    def rate(self, alpha: float) -> float:
        """Per step; infinite where nothing is remembered (alpha = 0, but for forward Euler)."""
        if alpha == 0 and self.convention is not DecayRate.forward_euler:
            return math.inf
        return _number(self.convention(_exact(alpha)))

    def first(self, gamma: float) -> Moment | None:
        """The first moment, None where it is the gradient itself."""
        if self.rate(gamma) == math.inf:
            return None
        return self._average(gamma, self.start.first if isinstance(self.start, WarmStart) else 0.0)

    def second(self, beta: float) -> Moment:
        """The second moment, the squared gradient itself where nothing is remembered."""
        if self.rate(beta) == math.inf:
            return Moment(Exponential(1 / self.duration, 0.0), 1.0)
        return self._average(beta, self.start.second if isinstance(self.start, WarmStart) else 0.0)

    def _average(self, alpha: float, before: Any) -> Moment:
        if before is None:
            reject("first", None, "given: this method has a first moment")
        share = _number(lag_share(_exact(alpha), self.convention)) if self.lag and alpha else float(self.lag)
        past = 0.0
        if self.start != "zero":
            # (1 - share) average_start is the lagged average's own start; without the lag it is all of 1 - alpha.
            past = (1 - share) * _number(average_start(_exact(alpha), self.convention)) if self.lag else 1 - alpha
        return average(self.rate(alpha) / self.duration, share, past, alpha * np.asarray(before, dtype=float))

    def total(self) -> Moment:
        """AdaGrad's sum of squares: it remembers everything; the trapezoid's halves are its lag and its start."""
        half = 0.5 if self.lag else 0.0
        carried = np.asarray(self.start.second, dtype=float) if isinstance(self.start, WarmStart) else 0.0
        past = 0.0 if self.start == "zero" else 1.0 - half
        return Moment(Constant(1 / self.duration), half, past, carried)

    def remainder(self, alpha: float) -> Remainder:
        if alpha == 0:
            return NOTHING
        forgets = self.rate(alpha) if self.bias == "own" else -math.log(alpha)
        seen = self.start.steps if isinstance(self.start, WarmStart) else 0
        at_start = 1.0 if self.bias == "elapsed" else alpha ** (seen + 1)
        return Remainder(at_start, forgets / self.duration)


def _exact(alpha: float) -> sp.Expr:
    return sp.Rational(repr(alpha))


def _number(e: sp.Expr) -> float:
    return float(sp.N(e, 30))
