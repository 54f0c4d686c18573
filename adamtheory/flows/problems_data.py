"""Problems on synthetic data, and the ill-conditioned quadratic."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.loss import Loss
from adamtheory.flows.problems import Problem
from adamtheory.validation import integer, reject


def least_squares(seed: int = 0, rows: int = 1000, start: float = 0.0) -> Problem:
    """The mean of (y - theta x)^2 over 1000 points x ~ U(0, 1), y = 2 x + N(0, 0.1) (Heredia 2024)."""
    rng = _generator(seed)
    count = integer("rows", rows, minimum=1)
    x = rng.uniform(0.0, 1.0, count)
    y = 2 * x + rng.normal(0.0, 0.1, count)

    def on(indices: Array | slice) -> Loss:
        a, b = x[indices], y[indices]
        square, product = float(np.mean(a * a)), float(np.mean(a * b))
        return Loss(
            value=lambda theta: float(np.mean((b - theta[0] * a) ** 2)),
            gradient=lambda theta: 2 * (square * theta - product),
            size=1,
            hessian_vector=lambda theta, direction: 2 * square * direction,
            name="least-squares",
        )

    return Problem(
        name="least-squares",
        loss=on(slice(None)),
        theta0=np.array([_finite("start", start)]),
        t_span=(0.0, 10.0),
        description=f"mean of (y - theta x)^2 over {count} points of y = 2 x + noise",
        source="Heredia 2024",
        minimiser=np.array([np.sum(x * y) / np.sum(x * x)]),
        rows=count,
        on_rows=on,
    )


def logistic(
    d: int = 20, rows: int = 400, ridge: float = 1e-3, seed: int = 0, distance: float | None = 3.0
) -> Problem:
    """Logistic regression with labels +-1 from a random direction, plus ridge |theta|^2/2: strictly convex.

    Every parameter starts at this ``distance`` from the minimiser, on a random side; None: at a random point, where
    some gradients are close to zero by chance."""
    rng = _generator(seed)
    size, count = integer("d", d, minimum=1), integer("rows", rows, minimum=1)
    weight = _finite("ridge", ridge)
    if weight <= 0:
        reject("ridge", ridge, "> 0: otherwise the loss need not be strictly convex")
    inputs = rng.normal(size=(count, size))
    odds = inputs @ (rng.normal(size=size) * 2 / math.sqrt(size))
    labels = np.where(rng.uniform(size=count) < _sigmoid(odds), 1.0, -1.0)
    signed = inputs * labels[:, None]

    def hessian_times(a: Array, theta: Array, directions: Array) -> Array:
        p = _sigmoid(a @ theta)
        return (a.T * (p * (1 - p))) @ (a @ directions) / len(a) + weight * directions

    def on(indices: Array | slice) -> Loss:
        a = signed[indices]
        return Loss(
            value=lambda theta: float(np.mean(np.logaddexp(0, -(a @ theta))) + weight / 2 * (theta @ theta)),
            gradient=lambda theta: -(a.T @ _sigmoid(-(a @ theta))) / len(a) + weight * theta,
            size=size,
            hessian_vector=lambda theta, direction: hessian_times(a, theta, direction),
            name="logistic",
        )

    loss = on(slice(None))
    minimiser = _newton(loss, lambda theta: hessian_times(signed, theta, np.eye(size)))
    random = rng.normal(size=size)
    start = random if distance is None else minimiser + _finite("distance", distance) * np.sign(random)
    return Problem(
        name="logistic",
        loss=loss,
        theta0=start,
        t_span=(0.0, 5.0),
        description=f"logistic regression, {count} rows, {size} parameters, ridge {weight:g}",
        source="this library",
        minimiser=minimiser,
        rows=count,
        on_rows=on,
    )


def ill_conditioned(d: int = 10, condition: float = 1e4, seed: int = 0) -> Problem:
    """theta^T A theta/2 with eigenvalues from 1/condition to 1, evenly in their logarithms, in random directions."""
    rng = _generator(seed)
    size, spread = integer("d", d, minimum=2), _finite("condition", condition)
    if spread < 1:
        reject("condition", condition, ">= 1")
    directions, _ = np.linalg.qr(rng.normal(size=(size, size)))
    matrix = directions @ np.diag(spread ** -np.linspace(0, 1, size)) @ directions.T
    matrix = (matrix + matrix.T) / 2
    return Problem(
        name="ill-conditioned",
        loss=Loss(
            value=lambda theta: float(theta @ matrix @ theta / 2),
            gradient=lambda theta: matrix @ theta,
            size=size,
            hessian_vector=lambda theta, direction: matrix @ direction,
            name="ill-conditioned",
        ),
        theta0=rng.normal(size=size),
        t_span=(0.0, 5.0),
        description=f"quadratic of {size} parameters with condition number {spread:g}",
        source="this library",
        minimiser=np.zeros(size),
    )


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(integer("seed", seed, minimum=0))


def _finite(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        reject(name, value, "a finite number")
    return float(value)


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1 + np.tanh(x / 2))


def _newton(loss: Loss, hessian: Callable[[Array], Array]) -> Array:
    """The minimum of a strictly convex loss, by damped Newton steps to machine precision."""
    theta = np.zeros(loss.size)
    for _ in range(100):
        step = np.linalg.solve(hessian(theta), loss.gradient(theta))
        if np.abs(step).max() <= 1e-14 * max(1.0, np.abs(theta).max()):
            break
        size = 1.0
        while size > 1e-10 and loss.value(theta - size * step) > loss.value(theta):
            size /= 2
        theta = theta - size * step
    return theta
