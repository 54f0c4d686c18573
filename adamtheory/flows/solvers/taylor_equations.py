"""A flow's ordinary differential equation as expressions, with its numbers exactly those of the flow."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from adamtheory.flows.kernels import Constant
from adamtheory.flows.memory import Moment, Remainder
from adamtheory.flows.solvers.ordinary_form import Memory
from adamtheory.flows.solving import Task
from adamtheory.lowering.errors import LoweringError
from adamtheory.lowering.lowered import lower
from adamtheory.validation import reject

TIME = sp.Symbol("t", real=True)


class SymbolicEquations:
    """y' = f(t, y, g0): y are theta, theta' where there is inertia, and both memories; g0 is the gradient at 0.

    ``symbols``: t, then y, then g0, all the arguments of the expressions ``slopes`` (y'), ``moments`` (m, then v) and
    ``updates`` (u)."""

    def __init__(self, task: Task) -> None:
        self.flow = flow = task.flow
        self.size = d = task.loss.size
        self.theta = _symbols("theta", d)
        gradient = _gradient(task, self.theta)
        g = [e + _exact(flow.coupled) * x for e, x in zip(gradient, self.theta, strict=True)]
        self.gradient = g
        velocity = _symbols("velocity", d) if flow.inertia else []
        self.start_gradient = _symbols("g0", d)
        memories = [Memory(flow.first), Memory(flow.second)]
        states = [[_symbols(f"z{i}_{j}", d) for j in range(memory.size)] for i, memory in enumerate(memories)]
        flat = [symbol for rows in states for row in rows for symbol in row]
        self.y = [*self.theta, *velocity, *flat]
        self.symbols = [TIME, *self.y, *self.start_gradient]

        seen = [g, [e**2 for e in g]]
        before = [self.start_gradient, [s**2 for s in self.start_gradient]]
        m, v = (_values(*parts) for parts in zip(memories, seen, before, states, strict=True))
        self.moments = [*m, *v]
        first, second = (_corrected(c) for c in flow.corrections)
        floor = _exact(flow.eps) * (sp.sqrt(second) if flow.eps_follows else 1)
        self.updates = [sp.sqrt(second) / first * a / (sp.sqrt(b) + floor) for a, b in zip(m, v, strict=True)]
        self.pulls = [
            -_exact(flow.speed) * (u + _exact(flow.decay) * x) for u, x in zip(self.updates, self.theta, strict=True)
        ]
        if flow.inertia:
            turned = [(pull - psi) / _exact(flow.inertia) for pull, psi in zip(self.pulls, velocity, strict=True)]
            self.slopes = [*velocity, *turned]
        else:
            self.slopes = list(self.pulls)
        for memory, x, rows in zip(memories, seen, states, strict=True):
            self.slopes += _memory_slopes(memory, x, rows)


def _symbols(name: str, size: int) -> list[sp.Symbol]:
    return [sp.Symbol(f"{name}_{i}", real=True) for i in range(size)]


def _exact(value: Any) -> sp.Rational:
    """A float as the binary fraction that it is: the flow's own number, not the decimal that it was read from."""
    fraction = Fraction(float(value))
    return sp.Rational(fraction.numerator, fraction.denominator)


def _corrected(remainder: Remainder) -> sp.Expr:
    return 1 - _exact(remainder.start) * sp.exp(-_exact(remainder.rate) * TIME)


def _values(
    memory: Memory, x: Sequence[sp.Expr], x_start: Sequence[sp.Expr], rows: Sequence[Sequence[sp.Symbol]]
) -> list[sp.Expr]:
    if memory.moment is None:
        return list(x)
    moment = memory.moment
    carried = np.broadcast_to(np.asarray(moment.carried, dtype=float), (len(x),))
    tail = _tail(moment) if moment.past or carried.any() else sp.Integer(0)
    found = []
    for i, (now, begun) in enumerate(zip(x, x_start, strict=True)):
        remembered = sum((_exact(c) * row[i] for c, row in zip(memory.output, rows, strict=True)), sp.Integer(0))
        beside = (_exact(moment.past) * begun + _exact(carried[i])) * tail
        found.append(_exact(moment.share) * now + beside + remembered)
    return found


def _tail(moment: Moment) -> sp.Expr:
    if isinstance(moment.kernel, Constant):
        return sp.Integer(1)
    parts = []
    for mode in moment.modes:
        if complex(mode.rate).imag:
            reject("kernel", moment.kernel, "without oscillation where a start is carried, for method='taylor'")
        rate = _exact(complex(mode.rate).real)
        parts.append((_exact(complex(mode.weight).real) / rate, sp.exp(-rate * TIME)))
    return sum(w * e for w, e in parts) / sum(w for w, _ in parts)


def _memory_slopes(memory: Memory, x: Sequence[sp.Expr], rows: Sequence[Sequence[sp.Symbol]]) -> list[sp.Expr]:
    found = []
    for j in range(memory.size):
        for i, now in enumerate(x):
            decay = sum((_exact(memory.decay[j, k]) * rows[k][i] for k in range(memory.size)), sp.Integer(0))
            found.append(_exact(memory.input[j]) * now - decay)
    return found


def _gradient(task: Task, theta: Sequence[sp.Symbol]) -> list[sp.Expr]:
    """The option ``gradient``, or the derivative of the option ``expression``, held against the loss at the start."""
    given, loss = task.options.get("gradient"), task.options.get("expression")
    if (given is None) == (loss is None):
        reject("gradient", given, "given as expressions of theta_0, theta_1, ..., or else the loss as expression=")
    if loss is not None:
        given = [sp.diff(loss, x) for x in theta] if isinstance(loss, sp.Expr) else loss
    found = [given] if isinstance(given, sp.Expr) else list(given) if isinstance(given, (list, tuple)) else []
    if len(found) != len(theta) or not all(isinstance(e, sp.Expr) and e.free_symbols <= {*theta} for e in found):
        names = ", ".join(map(str, theta))
        reject("gradient", given, f"{len(theta)} expressions of {names} (sympy, real symbols)")
    found = [e.rewrite([sp.tanh, sp.sinh, sp.cosh], sp.exp) for e in found]
    try:
        numbers = [float(x) for x in lower(found, theta, "numpy")(*task.theta0)]
    except LoweringError as error:
        raise ValueError(f"gradient: {error}") from error
    numeric = np.asarray(task.loss.gradient(task.theta0), dtype=float)
    if not np.allclose(numbers, numeric, rtol=1e-9, atol=1e-12):
        reject("gradient", numbers, f"the loss's own at the start, which is {numeric.tolist()}")
    return found
