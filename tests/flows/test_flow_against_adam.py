"""The constants of the second-order flow's error against discrete Adam, on runs: bounds that hold, of second order."""

import math

import numpy as np
import pytest
import sympy as sp

from adamtheory.flows.discrete_error import drift_error, initial_error
from adamtheory.flows.flow_against_adam import flow_error, steepness
from adamtheory.flows.flow_error import gradient_drift, gradient_floor, gradient_limit, reach, until
from adamtheory.notation import beta, gamma, h, weight_decay

FIRST, SECOND, DECAY = 0.6, 0.8, 0.3
FLOOR, LIMIT, DRIFT, HORIZON = 1.0, 3.0, 2.5, 1.0  # of the gradient below


def gradient(time):
    """Between 1 and 3, with a slope of 2.5 at most, and negative."""
    return -(2 + math.sin(2.5 * time))


def first_integral_of_a_run(step, steps, delays=1.0):
    """What ``discrete_error.first_integral`` is on Adam's run; ``delays`` scales the logarithm's factor."""
    m = v = 0.0
    parameter = total = 0.0
    for index in range(steps):
        g = gradient(index * step)
        m, v = FIRST * m + (1 - FIRST) * g, SECOND * v + (1 - SECOND) * g**2
        update = math.sqrt(1 - SECOND ** (index + 1)) / (1 - FIRST ** (index + 1)) * m / math.sqrt(v)
        total += parameter
        parameter -= step * (update + DECAY * parameter)
    turn = delays * (SECOND / (1 - SECOND) - FIRST / (1 - FIRST)) * step
    growth = math.log(gradient(steps * step) / gradient(0))
    return parameter - steps * step + DECAY * step * total - turn * growth


def value(constant):
    known = {gamma: FIRST, beta: SECOND, weight_decay: DECAY, gradient_floor: FLOOR, gradient_limit: LIMIT}
    return float(constant.subs(known | {gradient_drift: DRIFT, until: HORIZON}))


@pytest.mark.parametrize("steps", [1, 3, 10, 100, 1000])
def test_the_first_integral_of_a_run_is_within_its_bound(steps):
    step = HORIZON / steps
    bound = (value(initial_error()) + value(drift_error()) * HORIZON) * step**2
    assert 0 < abs(first_integral_of_a_run(step, steps)) <= bound


def test_the_first_integral_is_of_second_order_and_without_the_logarithm_of_first():
    sizes = np.array([200, 400, 800, 1600])
    orders = {}
    for delays in (1.0, 0.0):
        errors = [abs(first_integral_of_a_run(HORIZON / size, int(size), delays)) for size in sizes]
        orders[delays] = -np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    assert orders[1.0] > 1.9
    assert orders[0.0] < 1.1


def test_constants_are_free_of_the_step_and_of_the_gradients_scale():
    scale = sp.Symbol("scale", positive=True)
    larger = {x: scale * x for x in (gradient_floor, gradient_limit, gradient_drift, steepness)}
    for constant in (initial_error(), drift_error(), flow_error()):
        assert not constant.has(h)
        assert sp.simplify(constant.subs(larger, simultaneous=True) - constant) == 0


def test_the_flow_error_grows_with_what_takes_flow_and_adam_apart():
    known = {steepness: sp.Rational(1, 2), reach: 2}
    base = value(flow_error().subs(known))
    for more in ({steepness: 1, reach: 2}, {steepness: sp.Rational(1, 2), reach: 3}):
        assert value(flow_error().subs(more)) > base > 0
