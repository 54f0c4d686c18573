"""Proved convergence rates of the adaptive flows, with their constants: ``rate``.

The numbers come from the expressions that the theorems of proofs/heredia are about, put in at a flow's own rates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from adamtheory.flows.kernels import Array, Constant, Exponential
from adamtheory.flows.memory import MemoryFlow, Moment
from adamtheory.lyapunov.curves import adam_rate, convexity, damping, first_rate, least, smoothness
from adamtheory.lyapunov.losses import LossConstants, positive_or_zero
from adamtheory.notation import eps as EPS
from adamtheory.notation import lr as LR
from adamtheory.notation import t
from adamtheory.validation import reject

if TYPE_CHECKING:
    from adamtheory.proof.kernel import Trust
    from adamtheory.proof.verdict import Result

final = sp.Symbol("b", real=True)  # AdaGrad's sqrt(v) in the end, at most: lr psi(b) = Phi0
gap = sp.Symbol("Phi0", real=True)  # f - inf f at the start
steepness, exponent = sp.symbols("c a", real=True)  # of the Kurdyka-Lojasiewicz inequality


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How fast f - inf f decays along a flow, at least: ``envelope(t)`` bounds it at every time t >= 0.

    ``bound``: the envelope as an expression in t and the symbols of ``values``.  ``formula`` and ``value``: the
    exponential rate per unit of time (one step of the method takes the time lr), or, under a Kurdyka-Lojasiewicz
    inequality, the power of 1/t.  ``theorem``: what is proved; ``sharp``: no larger rate holds for all losses of one
    parameter; ``conditions``: what the theorem asks of flow and loss beyond the numbers given."""

    flow: MemoryFlow
    constants: LossConstants
    kind: str
    formula: sp.Expr
    bound: sp.Expr
    values: Mapping[sp.Symbol, Any] = field(compare=False)
    theorem: str
    lemmas: tuple[str, ...]
    conditions: tuple[str, ...]
    sharp: bool = False

    @property
    def value(self) -> float:
        """The rate as a number."""
        return float(self.formula.xreplace(_numbers(self.values)))

    def envelope(self, times: Any) -> Array:
        """The bound of f - inf f at times >= 0, in the shape of ``times``."""
        at = np.asarray(times, dtype=float)
        if not (at >= 0).all():
            reject("times", times, "all >= 0")
        compiled = sp.lambdify(t, self.bound.xreplace(_numbers(self.values)), "numpy")
        return np.broadcast_to(np.asarray(compiled(at), dtype=float), at.shape).copy()

    def latex(self) -> str:
        """The envelope in LaTeX, by its symbols."""
        return rf"f(\theta(t)) - \inf f \le {sp.latex(self.bound)}"

    def proof(self) -> tuple[Result, ...]:
        """The verdicts behind the rate, each with its root of trust, by running the proofs (seconds)."""
        from adamtheory.verification import verify_one

        return tuple(verify_one(name) for name in (self.theorem, *self.lemmas))

    def trust(self) -> Trust:
        """The root of trust of all of it together: axioms, solvers, theorems cited.  Runs the proofs, as ``proof``."""
        from adamtheory.proof.kernel import Trust

        together = Trust()
        for result in self.proof():
            together |= result.trust
        return together

    def plot(self, file: Any = None, until: float | None = None) -> Any:
        """A matplotlib Figure of the envelope on [0, until], saved to ``file`` where one is given."""
        from adamtheory.report.rate_figure import rate_figure

        return rate_figure(self, file=file, until=until)

    def __str__(self) -> str:
        kind = "exponential rate" if self.kind == "exponential" else "power of 1/t"
        return f"{self.flow.name}: {kind} {self.value:.6g} ({self.theorem})"


def rate(
    flow: Any,
    *,
    smoothness: float,
    initial_gap: float,
    strong_convexity: float | None = None,
    pl: float | None = None,
    kl: tuple[float, float] | None = None,
    eps: float | None = None,
) -> Rate:
    """The proved rate at which f - inf f decays along a flow, from its start.

    ``flow``: a first-order flow with zero memory (``flows.heredia_flow``, or ``flows.flow_of`` with start="zero",
    lag=False and second_order=False), or a method (AdaGrad, RMSProp, Adam with lr), which stands for its
    ``heredia_flow``.  ``smoothness``, ``strong_convexity``, ``pl``, ``kl``, ``initial_gap``: of the loss, see
    ``LossConstants``.  ``eps``: in place of the flow's own.

    Raises ValueError for constants that contradict each other, and where no theorem covers the flow."""
    constants = LossConstants(smoothness, initial_gap, strong_convexity, pl, kl)
    chosen = _flow(flow, eps)
    if chosen.eps == 0:
        name = _THEOREMS[family_of(chosen)]
        reject("eps", 0, f"> 0: theorem {name} needs it, as the flow starts infinitely fast without memory or eps")
    family = family_of(chosen)
    if family == "adam":
        return _adam(chosen, constants)
    return _descent(chosen, constants, family)


_THEOREMS = {
    "rmsprop": "rmsprop_gap_decays_exponentially",
    "adagrad": "adagrad_gap_decays_exponentially",
    "adam": "adam_gap_decays_exponentially_from_rest",
}


def _flow(flow: Any, eps: float | None) -> MemoryFlow:
    from adamtheory.flows.models import heredia_flow
    from adamtheory.methods import Method

    if isinstance(flow, Method):
        flow = heredia_flow(flow)
    if not isinstance(flow, MemoryFlow):
        reject("flow", flow, "a flow such as flows.heredia_flow(Adam(lr='0.001')), or a method with lr", TypeError)
    return flow if eps is None else replace(flow, eps=positive_or_zero("eps", eps))


def family_of(flow: MemoryFlow) -> str:
    """Which theorems speak of the flow; ValueError where none does."""
    plain = {"inertia": flow.inertia, "decay": flow.decay, "coupled": flow.coupled}
    for name, value in plain.items():
        if value:
            reject("flow", flow.name, f"without {name}: the theorems are about first-order flows without weight decay")
    for moment in (flow.first, flow.second):
        if moment is None:
            continue
        average = isinstance(moment.kernel, Exponential) and moment.kernel.mass == 1
        total = isinstance(moment.kernel, Constant) and flow.first is None
        if moment.share or moment.past or np.any(moment.carried) or not (average or total):
            allowed = "with exponential averages, or AdaGrad's sum, from zero memory (start='zero', lag=False)"
            reject("flow", flow.name, allowed)
    if flow.first is None:
        if flow.corrections[0].start or flow.corrections[1].start:
            reject("flow", flow.name, "without a bias correction where there is no first moment")
        return "adagrad" if isinstance(flow.second.kernel, Constant) else "rmsprop"
    if any(remainder.start != 1 for remainder in flow.corrections):
        reject(
            "flow", flow.name, "with a bias correction that counts elapsed time (bias='elapsed'), as heredia_flow has"
        )
    return "adam"


def kernel_rate(moment: Moment | None) -> float:
    assert moment is not None
    assert isinstance(moment.kernel, Exponential)
    return moment.kernel.rate


def _descent(flow: MemoryFlow, constants: LossConstants, family: str) -> Rate:
    """RMSProp and AdaGrad: Phi' <= -mu0 |g|^2 with the least preconditioner mu0."""
    values: dict[sp.Symbol, Any] = {EPS: flow.eps, gap: constants.initial_gap}
    if family == "rmsprop":
        values[smoothness] = constants.smoothness
        lowest = _speed(flow) / (sp.sqrt(2 * smoothness * gap) + EPS)
        lemmas: tuple[str, ...] = ("rmsprop_preconditioner_at_least", "smooth_gradient_is_below_its_gap")
    else:
        assert isinstance(flow.second.kernel, Constant)
        payment = flow.speed / flow.second.kernel.level
        values |= {LR: payment, final: final_memory(constants.initial_gap / payment, flow.eps)}
        lowest = _speed(flow) / (final + EPS)
        lemmas = ("adagrad_memory_is_paid_for", "adagrad_gap_decays_exponentially")
    conditions = ["a differentiable loss (the chain rule along the path)"]
    if constants.kl is not None:
        values |= {steepness: constants.kl[0], exponent: constants.kl[1]}
        power = 2 * exponent - 1
        grown = gap**-power + power * lowest * steepness**2 * t
        return Rate(
            flow=flow,
            constants=constants,
            kind="power",
            formula=1 / power,
            bound=grown ** (-1 / power),
            values=values,
            theorem="gap_decays_like_a_power",
            lemmas=lemmas,
            conditions=(*conditions, "|g| >= c (f - inf f)^a along the path"),
        )
    values[convexity] = constants.convexity
    formula = 2 * convexity * lowest
    if constants.strong_convexity is not None:
        lemmas = (*lemmas, "strong_convexity_implies_polyak_lojasiewicz")
    return Rate(
        flow=flow,
        constants=constants,
        kind="exponential",
        formula=formula,
        bound=gap * sp.exp(-formula * t),
        values=values,
        theorem=_THEOREMS[family],
        lemmas=lemmas,
        conditions=(*conditions, "|g|^2 >= 2 mu (f - inf f) along the path"),
        sharp=family == "adagrad",
    )


def final_memory(cost: float, eps: float) -> float:
    """The b with psi(b) = 2 b - 2 eps log(1 + b/eps) = cost, rounded up: what AdaGrad's sqrt(v) cannot exceed.

    u = 1 + b/eps solves u - log(u) = 1 + cost/(2 eps); Newton's method, from above, on the convex left side."""
    level = 1 + cost / (2 * eps)
    u = level + math.log(2 * level) + 1
    for _ in range(100):
        step = (u - math.log(u) - level) / (1 - 1 / u)
        u -= step
        if abs(step) <= 4e-16 * u:
            break
    return eps * (u * (1 + 1e-12) - 1)


def _adam(flow: MemoryFlow, constants: LossConstants) -> Rate:
    if constants.strong_convexity is None:
        given = "pl" if constants.pl is not None else "kl"
        allowed = (
            "given by strong_convexity for Adam's flow, whose energy couples the momentum to the distance from a "
            "minimiser (adam_coupled_energy_decays)"
        )
        reject("loss", given, allowed)
    first, second = kernel_rate(flow.first), kernel_rate(flow.second)
    powers = [remainder.rate for remainder in flow.corrections]
    spent = smallest_damping(first, second, powers[0], powers[1])
    if not spent > 0:
        allowed = (
            f"one whose energy decreases at all times; with the rates {first:g} and {second:g} of its moments it can "
            "grow (adamtheory energy-region)"
        )
        reject("flow", flow.name, allowed)
    # v <= V (1 - exp(-lambda2 t)) <= V max(1, lambda2/L2) (1 - exp(-L2 t))
    ratio = max(1.0, second / powers[1])
    slowest = 1.0 if flow.eps_follows else min(1.0, math.sqrt(powers[1] / powers[0]))
    values: dict[sp.Symbol, Any] = {
        EPS: flow.eps / slowest,
        gap: constants.initial_gap,
        smoothness: constants.smoothness * ratio,
        convexity: constants.strong_convexity,
        damping: min(1.0, spent),
        first_rate: first,
    }
    lowest = _speed(flow) / (sp.sqrt(2 * smoothness * gap) + EPS)
    formula = adam_rate().xreplace({least: lowest})
    # One statement has it all where eps follows the bias correction and no kernel is quicker than that.
    whole = ("adam_flow_decays_exponentially",) if flow.eps_follows and ratio == 1 else ("exponentials_bend",)
    following = "adam_preconditioner_at_least" + ("_where_eps_follows" if flow.eps_follows else "")
    return Rate(
        flow=flow,
        constants=constants,
        kind="exponential",
        formula=formula,
        bound=sp.Rational(3, 2) * gap * sp.exp(-formula * t),
        values=values,
        theorem=_THEOREMS["adam"],
        lemmas=(
            *whole,
            "adam_energy_decreases",
            "adam_preconditioner_grows_slowly",
            following,
            "second_moment_stays_below",
            "smooth_gradient_is_below_its_gap",
        ),
        conditions=(
            "strong convexity between the path and the minimiser",
            "v > 0 in every coordinate that moves",
            "from t = 0, where the preconditioner is infinite, by continuity: A m^2 vanishes there",
        ),
    )


def smallest_damping(first: float, second: float, first_power: float, second_power: float) -> float:
    """The least c(t) = 1 - (eta'/eta + lambda2/2)/(2 lambda1) over all times, rounded down, from the rates of the
    kernels and of the bias correction's powers, per time.

    eta'/eta falls to 0 from below where the second power fades no slower; else it has one maximum."""
    from flint import arb

    from adamtheory.lyapunov.energy_growth import largest_growth

    grown = arb(0)
    if second_power < first_power:
        grown = largest_growth(arb(first_power), arb(second_power), Fraction(0)).upper
    least_of_all = 1 - (grown + arb(second) / 2) / (2 * arb(first))
    return float(least_of_all.lower()) - 1e-15


def _numbers(values: Mapping[sp.Symbol, Any]) -> dict[sp.Symbol, sp.Expr]:
    return {
        symbol: sp.Float(value) if isinstance(value, float) else sp.sympify(value) for symbol, value in values.items()
    }


def _speed(flow: MemoryFlow) -> sp.Expr:
    return sp.Integer(1) if flow.speed == 1 else sp.Float(flow.speed)
