"""From a memory equation to what the search needs of it: safe rational bounds of its preconditioner."""

from __future__ import annotations

import math
from fractions import Fraction

from adamtheory.flows.memory import MemoryFlow
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lyapunov.flow_problems import Preconditioned
from adamtheory.lyapunov.problems import LossClass
from adamtheory.lyapunov.rates import family_of, final_memory, kernel_rate, smallest_damping
from adamtheory.validation import reject

_ROUND = 10**12


def reduced(flow: MemoryFlow, losses: LossClass, initial_gap: object) -> Preconditioned:
    """The flow with least <= A <= largest and A' <= growth A, as the theorems of proofs/heredia bound them.

    Raises ValueError where no theorem covers the flow, without eps, without a smooth class, or without a gap."""
    family = family_of(flow)
    if flow.eps <= 0:
        reject("eps", flow.eps, "> 0: without it nothing bounds the preconditioner at the start")
    if losses.smoothness is None:
        reject("smoothness", None, "given: it bounds the memory, and so the least preconditioner")
    if initial_gap is None:
        reject("initial_gap", None, "given: it bounds the memory, and so the least preconditioner")
    gap = exact_fraction(initial_gap, "initial_gap")
    if gap <= 0:
        reject("initial_gap", initial_gap, "> 0")
    root = math.sqrt(2 * float(losses.smoothness * gap))
    slowest = 1.0
    if family == "adagrad":
        root = final_memory(float(gap) * flow.second.kernel.level / flow.speed, flow.eps)  # type: ignore[attr-defined]
    if family != "adam":
        return Preconditioned(_below(flow.speed / (root + flow.eps)), _above(flow.speed / flow.eps))
    first, second = kernel_rate(flow.first), kernel_rate(flow.second)
    powers = [remainder.rate for remainder in flow.corrections]
    if not flow.eps_follows:
        slowest = min(1.0, math.sqrt(powers[1] / powers[0]))
    spent = smallest_damping(first, second, powers[0], powers[1])
    root *= math.sqrt(max(1.0, second / powers[1]))
    least = _below(flow.speed / (root + flow.eps / slowest))
    return Preconditioned(least, None, _nearest(first), _above(2 * first * (1 - spent)))


def _nearest(x: float) -> Fraction:
    return Fraction(repr(x))


def _below(x: float) -> Fraction:
    return Fraction(math.floor(x * (1 - 1e-12) * _ROUND), _ROUND) if x > 1e-6 else Fraction(x * (1 - 1e-12))


def _above(x: float) -> Fraction:
    return Fraction(math.ceil(x * (1 + 1e-12) * _ROUND), _ROUND)
