"""Known equations are what they claim, the engine solves them as well as it says, and so does brute quadrature."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from adamtheory.flows.integral_equations import check_equations, solve_equation
from adamtheory.flows.kernels import Array, Exponential
from adamtheory.flows.known_equations import KNOWN, KnownEquation

integrate = pytest.importorskip("scipy.integrate")


def memory(equation: KnownEquation, t: float) -> Array:
    """z along the solution, by adaptive quadrature in a variable in which no kernel is singular."""
    power = 1 / (1 - max(equation.kernel.singular, 0.0))

    def integrand(w: float) -> Array:
        x = equation.remembered(t - w**power, equation.solution(t - w**power))
        return np.asarray(equation.kernel(np.array(w**power)) * power * w ** (power - 1) * x)

    points = [lag ** (1 / power) for lag in (*equation.kernel.kinks, 0.01 * t) if lag < t]
    return np.asarray(integrate.quad_vec(integrand, 0.0, t ** (1 / power), epsabs=1e-12, points=points)[0])


def derivative(equation: KnownEquation, t: float) -> Array:
    """Of the solution, by Richardson's extrapolation of central differences."""
    h = 2e-3 * t
    slopes = [(equation.solution(t + s) - equation.solution(t - s)) / (2 * s) for s in (h, 2 * h)]
    return np.asarray((4 * slopes[0] - slopes[1]) / 3)


def residual(equation: KnownEquation) -> float:
    times = np.linspace(0.0, equation.end, 6)[1:-1]
    found = [
        equation.slope(t, equation.solution(t), memory(equation, t)) - derivative(equation, t) for t in times.tolist()
    ]
    return float(np.abs(found).max())


@pytest.mark.parametrize("equation", KNOWN, ids=lambda equation: equation.name)
def test_the_solution_solves_the_equation(equation: KnownEquation) -> None:
    assert equation.solution(0.0) == pytest.approx(np.array(equation.start), abs=1e-14)
    assert residual(equation) < 1e-8
    # A memory of something else is noticed: nothing here holds by itself.
    assert residual(replace(equation, remembered=lambda t, y: 1.01 * equation.remembered(t, y))) > 1e-4


def solved(equation: KnownEquation, panels: int, most: int, times: Array | None = None, rtol: float = 1e-8):
    return solve_equation(
        equation.kernel,
        equation.slope,
        equation.remembered,
        np.array(equation.start),
        equation.end,
        times=times,
        rtol=rtol,
        atol=1e-2 * rtol,
        root=equation.root,
        panels=panels,
        max_panels=most,
    )


@pytest.mark.parametrize("equation", KNOWN, ids=lambda equation: equation.name)
def test_the_engines_error_is_what_it_says(equation: KnownEquation) -> None:
    times = np.linspace(0.0, equation.end, 101)[1:]
    exact = np.stack([equation.solution(float(t)) for t in times])
    found = solved(equation, 8, 1024, times)
    error = np.abs(found.y - exact).max()
    assert error <= 2 * found.error
    assert error <= 1e-8 * (np.abs(exact).max() + 1)


@pytest.mark.parametrize("equation", KNOWN, ids=lambda equation: equation.name)
def test_the_engines_order_is_nearly_five_at_its_points(equation: KnownEquation) -> None:
    errors = []
    for panels in (8, 16):
        found = solved(equation, panels, panels, rtol=1e-13)
        errors.append(np.abs(found.y - np.stack([equation.solution(float(t)) for t in found.t])).max())
    assert math.log2(errors[0] / errors[1]) > 4.5


def test_the_table_of_checks() -> None:
    (found,) = check_equations(("gamma kernel",))
    assert found.name == "gamma kernel"
    assert found.kernel == "Gamma"
    assert found.reference_error < 1e-12
    assert 0 < found.error <= 2 * found.estimate < 1e-7
    assert found.order > 4.5
    assert found.evaluations > 0
    assert found.reference_evaluations > 0
    with pytest.raises(ValueError, match="names must be among 'damped oscillator'"):
        check_equations(("no such equation",))


def test_bad_input_and_equations_that_cannot_be_solved() -> None:
    kernel = Exponential(1.0)

    def fall(t: float, y: Array, z: Array) -> Array:
        return -z

    def same(t: float, y: Array) -> Array:
        return y

    one = np.ones(1)
    with pytest.raises(ValueError, match="end must be a finite number > 0, got -1"):
        solve_equation(kernel, fall, same, one, -1.0)
    with pytest.raises(ValueError, match="start must be an array"):
        solve_equation(kernel, fall, same, np.array([math.nan]), 1.0)
    with pytest.raises(ValueError, match="what slope returns must be of shape"):
        solve_equation(kernel, lambda t, y, z: np.ones(2), same, one, 1.0)
    with pytest.raises(ArithmeticError, match=r"equation not solved at t = .*: slope is not finite"):
        solve_equation(kernel, lambda t, y, z: np.full(1, math.nan), same, one, 1.0)
    with pytest.raises(ArithmeticError, match="the error is"):
        solve_equation(kernel, fall, same, one, 20.0, rtol=1e-12, atol=1e-12, max_panels=16)
