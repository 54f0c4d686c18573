"""Refuting a template: states of quadratic losses at which no energy of it can go without growing.

A state is an integer Hessian within the class, integer x and m, and a preconditioner of the flow.  There the energy's
derivative is linear in its coefficients; multipliers >= 0, over a few states, that leave the fixed coefficient's share
positive and cancel all others show that every energy of the template grows at one of the states (Farkas).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
import sympy as sp

from adamtheory.flows._scipy import scipy_module
from adamtheory.lyapunov.exact_forms import positive_semidefinite
from adamtheory.lyapunov.flow_problems import FlowProblem, Preconditioned
from adamtheory.lyapunov.problems import LossClass

_MOST = 5  # integers are tried up to this size
_STATES = 4000
ONE, NONE = Fraction(1), Fraction(0)
Pair = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class State:
    """Two parameters: a Hessian ((a, b), (b, c)), x from the minimiser, m (None without momentum), A; A' = growth A."""

    hessian: tuple[Fraction, Fraction, Fraction]
    x: Pair
    m: Pair | None
    scale: Pair

    @property
    def gradient(self) -> Pair:
        """H x."""
        a, b, c = self.hessian
        return a * self.x[0] + b * self.x[1], b * self.x[0] + c * self.x[1]

    def admissible(self, dynamics: Preconditioned, losses: LossClass) -> bool:
        """Is the loss in the class, and A within its bounds?"""
        a, b, c = self.hessian
        low = losses.strong_convexity if losses.strong_convexity is not None else losses.pl or NONE
        within = positive_semidefinite([[a - low, b], [b, c - low]])
        if losses.smoothness is not None:
            within &= positive_semidefinite([[losses.smoothness - a, -b], [-b, losses.smoothness - c]])
        bounded = all(s >= dynamics.least and (dynamics.largest is None or s <= dynamics.largest) for s in self.scale)
        return within and bounded and (self.m is None) == (dynamics.momentum is None)

    def change(self, term: str, dynamics: Preconditioned) -> Fraction:
        """The derivative of a term."""
        g, x = self.gradient, self.x
        moving = g if self.m is None else self.m
        step = [-s * y for s, y in zip(self.scale, moving, strict=True)]
        if term == "gap":
            return _dot(g, step)
        if term == "distance":
            return _dot(x, step)
        assert self.m is not None
        assert dynamics.momentum is not None
        m = self.m
        turn = [dynamics.momentum * (p - q) for p, q in zip(g, m, strict=True)]
        if term == "cross":
            return _dot(step, m) + _dot(x, turn)
        if term == "momentum":
            return _dot(m, turn)
        if term == "kinetic":
            grown = sum((dynamics.growth / 2 * s * q * q for s, q in zip(self.scale, m, strict=True)), NONE)
            return grown + sum((s * q * w for s, q, w in zip(self.scale, m, turn, strict=True)), NONE)
        a, b, c = self.hessian
        bent = (a * step[0] + b * step[1], b * step[0] + c * step[1])
        return _dot(bent, m) + _dot(g, turn)


@dataclass(frozen=True)
class Refutation:
    """``states`` with ``multipliers`` > 0: their sum of derivatives is positive for the fixed term, 0 for free ones,
    and not negative for kinetic, whose coefficient cannot be negative."""

    problem: FlowProblem
    states: tuple[State, ...]
    multipliers: tuple[Fraction, ...]

    def check(self) -> bool:
        """Exactly."""
        dynamics, losses = self.problem.dynamics, self.problem.losses
        admissible = all(state.admissible(dynamics, losses) for state in self.states)
        if not admissible or not self.states or not all(value > 0 for value in self.multipliers):
            return False
        for term in self.problem.template:
            parts = zip(self.multipliers, self.states, strict=True)
            total = sum((value * state.change(term, dynamics) for value, state in parts), NONE)
            lead = term == self.problem.lead
            if (lead and total <= 0) or (not lead and (total < 0 if term == "kinetic" else total != 0)):
                return False
        return True

    def __str__(self) -> str:
        shown = []
        for state in self.states:
            a, b, c = state.hessian
            momentum = "" if state.m is None else f", m = ({state.m[0]}, {state.m[1]})"
            scale = f"A = ({state.scale[0]}, {state.scale[1]})"
            shown.append(f"Hessian (({a}, {b}), ({b}, {c})), x = ({state.x[0]}, {state.x[1]}){momentum}, {scale}")
        return "it grows at " + "; or at ".join(shown)


def refute(problem: FlowProblem) -> Refutation | None:
    """States that refute the template, the smallest integers first, or None where none were found."""
    dynamics = problem.dynamics
    if problem.lead not in ("gap", "distance"):
        return None  # a coefficient of either sign is no fixed one: its opposite might do
    free = [term for term in problem.template if term != problem.lead]
    states = []
    for state in _states(problem):
        if not free:
            if state.change(problem.lead, dynamics) > 0:
                return Refutation(problem, (state,), (ONE,))
            continue
        states.append(state)
        if len(states) >= _STATES:
            break
    if not free or not states:
        return None
    return _farkas(problem, states, free)


def _states(problem: FlowProblem) -> Iterator[State]:
    """Admissible states by the size of their integers, the least and the largest A in either order."""
    dynamics, losses = problem.dynamics, problem.losses
    low = dynamics.least
    high = dynamics.largest if dynamics.largest is not None else 100 * low
    scales = [(low, high), (high, low), (low, low)] if high > low else [(low, low)]
    small = range(-2, 3)
    for most in range(1, _MOST + 1):
        for a, b, c, x, y in product(*[range(-most, most + 1)] * 5):
            if max(map(abs, (a, b, c, x, y))) != most or a < 1 or c < 1 or (x, y) == (0, 0):
                continue
            for scale in scales:
                momenta = [None] if dynamics.momentum is None else list(product(small, small)) if most <= 2 else []
                for m in momenta:
                    pair = None if m is None else (Fraction(m[0]), Fraction(m[1]))
                    hessian = Fraction(a), Fraction(b), Fraction(c)
                    state = State(hessian, (Fraction(x), Fraction(y)), pair, scale)
                    if state.admissible(dynamics, losses):
                        yield state


def _farkas(problem: FlowProblem, states: list[State], free: list[str]) -> Refutation | None:
    """Multipliers by linear programming, then exactly on the states that it uses."""
    changes = [[state.change(term, problem.dynamics) for state in states] for term in (problem.lead, *free)]
    scale = [max((abs(value) for value in row), default=ONE) or ONE for row in changes]
    rows = np.array([[float(value / s) for value in row] for row, s in zip(changes, scale, strict=True)])
    kinetic = np.array([term == "kinetic" for term in free], dtype=bool)
    equal, above = rows[1:][~kinetic], rows[1:][kinetic]
    solved = scipy_module("optimize", "refuting a template").linprog(
        -rows[0],
        A_ub=-above if len(above) else None,
        b_ub=np.zeros(len(above)) if len(above) else None,
        A_eq=np.vstack([equal, np.ones(len(states))]),
        b_eq=np.append(np.zeros(len(equal)), 1.0),
        bounds=(0, None),
    )
    if not solved.success or -solved.fun <= 1e-9:
        return None
    used = [k for k, value in enumerate(solved.x) if value > 1e-9]
    tight = [k for k, term in enumerate(free) if term != "kinetic" or abs(rows[1 + k] @ solved.x) < 1e-9]
    system = sp.Matrix(
        [[sp.Rational(changes[1 + k][j].numerator, changes[1 + k][j].denominator) for j in used] for k in tight]
    )
    basis = system.nullspace() if tight else [sp.ones(len(used), 1)]
    for vector in basis:
        for sign in (1, -1):
            values = tuple(Fraction(int((sign * v).p), int((sign * v).q)) for v in vector)
            if all(value >= 0 for value in values):
                kept = [(states[j], value) for j, value in zip(used, values, strict=True) if value > 0]
                found = Refutation(problem, tuple(s for s, _ in kept), tuple(v for _, v in kept))
                if found.check():
                    return found
    return None


def _dot(left: Pair | list[Fraction], right: Pair | list[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), NONE)
