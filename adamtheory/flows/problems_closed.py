"""Problems whose loss is an expression: (theta - 4)^2, the double well, and Rosenbrock's function and its relative."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from adamtheory.flows.kernels import Array
from adamtheory.flows.loss import Loss
from adamtheory.flows.problems import Problem
from adamtheory.lowering import exact_fraction, lower
from adamtheory.validation import reject


def symbols(size: int) -> tuple[sp.Symbol, ...]:
    """theta_0, theta_1, ...: the symbols of ``Problem.expression``."""
    return tuple(sp.Symbol(f"theta_{i}", real=True) for i in range(size))


def expression_loss(expression: sp.Expr, size: int, name: str) -> Loss:
    """The loss that is an expression of ``symbols(size)``, with its exact gradient and Hessian, in float64."""
    theta = symbols(size)
    first = [sp.diff(expression, x) for x in theta]
    second = [sp.diff(g, x) for g in first for x in theta]
    value = _numeric([expression], theta)
    gradient = _numeric(first, theta)
    hessian = _numeric(second, theta)
    return Loss(
        value=lambda at: float(value(at)[0]),
        gradient=gradient,
        size=size,
        hessian_vector=lambda at, direction: hessian(at).reshape(size, size) @ direction,
        name=name,
    )


def _numeric(expressions: Sequence[sp.Expr], theta: Sequence[sp.Symbol]) -> Callable[[Array], Array]:
    compiled = lower(list(expressions), theta, "numpy")
    quick = sp.lambdify(list(theta), list(expressions), modules="math")  # a tenth of the time

    def at(point: Array) -> Array:
        try:
            return np.array(quick(*point.tolist()), dtype=float)
        except OverflowError:  # Python's floats refuse what NumPy's make infinite
            return np.array([float(x) for x in compiled.raw(*point)])

    return at


def _number(name: str, value: Any) -> sp.Rational:
    """A finite real number as an exact one: a float by its shortest decimal."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction)):
        reject(name, value, "a finite number")
    try:
        fraction = exact_fraction(value)
    except ValueError:
        reject(name, value, "a finite number")
    return sp.Rational(fraction.numerator, fraction.denominator)


def quadratic(start: float = 1.0) -> Problem:
    """(theta - 4)^2 from 1 (Heredia 2024)."""
    (theta,) = symbols(1)
    expression = (theta - 4) ** 2
    return Problem(
        name="quadratic",
        loss=expression_loss(expression, 1, "quadratic"),
        theta0=np.array([float(_number("start", start))]),
        t_span=(0.0, 10.0),
        description="(theta - 4)^2",
        source="Heredia 2024",
        minimiser=np.array([4.0]),
        expression=expression,
    )


def double_well(start: float = 0.1) -> Problem:
    """(theta^2 - 1)^2/4 from 0.1, 0 or -0.1 (Heredia 2024); ``minimiser`` is the one on the start's side."""
    (theta,) = symbols(1)
    expression = (theta**2 - 1) ** 2 / 4
    first = float(_number("start", start))
    return Problem(
        name="double-well",
        loss=expression_loss(expression, 1, "double-well"),
        theta0=np.array([first]),
        t_span=(0.0, 10.0),
        description=f"(theta^2 - 1)^2/4 from {first:g}",
        source="Heredia 2024",
        minimiser=np.array([math.copysign(1.0, first)]) if first else None,
        expression=expression,
    )


def rosenbrock_like(c: float = 1.5, start: float = -1.5) -> Problem:
    """(1 - theta)^2 + c (theta^2 - 1)^2 from -1.5, c = 0, 1.5 or 4 (Heredia 2024)."""
    (theta,) = symbols(1)
    weight = _number("c", c)
    if weight < 0:
        reject("c", c, ">= 0: otherwise the loss has no minimum")
    expression = (1 - theta) ** 2 + weight * (theta**2 - 1) ** 2
    return Problem(
        name="rosenbrock-like",
        loss=expression_loss(expression, 1, "rosenbrock-like"),
        theta0=np.array([float(_number("start", start))]),
        t_span=(0.0, 10.0),
        description=f"(1 - theta)^2 + {weight} (theta^2 - 1)^2",
        source="Heredia 2024",
        minimiser=np.array([1.0]),
        expression=expression,
    )


def rosenbrock(a: float = 1.0, b: float = 100.0, start: Sequence[float] = (-1.2, 1.0)) -> Problem:
    """(a - theta_0)^2 + b (theta_1 - theta_0^2)^2 from (-1.2, 1) (Rosenbrock 1960)."""
    x, y = symbols(2)
    left, weight = _number("a", a), _number("b", b)
    if weight <= 0:
        reject("b", b, "> 0: otherwise the loss has no isolated minimum")
    if not isinstance(start, (list, tuple, np.ndarray)) or len(start) != 2:
        reject("start", start, "two numbers")
    expression = (left - x) ** 2 + weight * (y - x**2) ** 2
    return Problem(
        name="rosenbrock",
        loss=expression_loss(expression, 2, "rosenbrock"),
        theta0=np.array([float(_number("start", float(s))) for s in start]),
        t_span=(0.0, 5.0),
        description=f"({left} - theta_0)^2 + {weight} (theta_1 - theta_0^2)^2",
        source="Rosenbrock 1960",
        minimiser=np.array([float(left), float(left**2)]),
        expression=expression,
    )
