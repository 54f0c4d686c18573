"""The sources' own schemes: Appendix I of Gould & Tanaka 2024 step by step, and Heredia 2024's Picard iteration."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from adamtheory.flows import FlowStopped, flow_of, gould_tanaka_flow, heredia_flow, solve
from adamtheory.flows.loss import Loss
from adamtheory.flows.second_order import acceleration, euler_scheme, step
from adamtheory.methods import AdaGrad, Adam, AdamW, RMSProp
from adamtheory.notation import k, lr, weight_decay
from adamtheory.propositions import Relation

pytest.importorskip("scipy")

PARABOLA = Loss(lambda x: float(((x - 4) ** 2).sum()), lambda x: 2 * (x - 4), 1, lambda x, v: 2 * v, "parabola")
CURVED = Loss(lambda x: float(np.cosh(x).sum()), np.sinh, 1, None, "cosh")
BETA, GAMMA, RATE, DECAY = 0.99, 0.9, 0.01, 0.5


def appendix_i(substeps: int, count: int) -> list[float]:
    """theta by the formulas as Appendix I prints them: u, m and v in plain numbers, the rest from the symbols."""
    place, speed, force = sp.symbols("place speed force", real=True)
    push = acceleration(place, speed, force).subs({lr: sp.Float(RATE), weight_decay: sp.Float(DECAY)})
    push = sp.lambdify((place, speed, force), push)
    delta = RATE / substeps
    kernel_m, kernel_v = (1 - GAMMA) / (RATE * GAMMA), (1 - BETA) / (RATE * BETA)
    theta, m, v = 1.0, 0.0, 0.0
    psi = -DECAY * theta  # the consistent start with u = 0
    found = [theta]
    for n in range(count):
        t = n * delta
        g = math.sinh(theta)
        u = math.sqrt(1 - BETA ** (1 + t / RATE)) / (1 - GAMMA ** (1 + t / RATE)) * m / math.sqrt(v) if v else 0.0
        theta, psi = theta + delta * psi, psi + delta * push(theta, psi, u)
        m = math.exp(-kernel_m * delta) * (m + delta * kernel_m * g)
        v = math.exp(-kernel_v * delta) * (v + delta * kernel_v * g**2)
        found.append(theta)
    return found


@pytest.mark.parametrize("substeps", [7, 100])
def test_euler_is_appendix_i_to_rounding(substeps: int) -> None:
    flow = replace(gould_tanaka_flow(AdamW(lr="0.01", beta="0.99", gamma="0.9", weight_decay="0.5")), eps=0.0)
    found = solve(flow, CURVED, 1.0, (0, 3 * RATE), method="euler", substeps=substeps)
    assert np.allclose(found.theta[:, 0], appendix_i(substeps, 3 * substeps), rtol=1e-12)
    assert found.steps == 3 * substeps
    assert found.gradient_evaluations == 3 * substeps + 1
    assert math.isnan(found.error)
    other = solve(replace(flow, decay=0.4), CURVED, 1.0, (0, 3 * RATE), method="euler", substeps=substeps)
    assert not np.allclose(other.theta[:, 0], found.theta[:, 0], rtol=1e-6)


def test_eulers_steps_satisfy_the_scheme_as_symbols() -> None:
    flow = gould_tanaka_flow(AdamW(lr="0.01", weight_decay="0.5"))
    found = solve(flow, CURVED, 1.0, (0, 0.05), method="euler", substeps=10)
    assert found.velocity is not None
    position, speed, force = sp.Function("position"), sp.Function("speed"), sp.Symbol("force")
    moved, pushed = euler_scheme(force, position, speed)
    numbers = {lr: sp.Float(0.01), weight_decay: sp.Float(0.5), step: sp.Float(0.001)}
    for n in (1, 20):
        u = flow.update(found.t[n], found.m[n], found.v[n])[0]
        values: dict[sp.Expr, float] = {force: u}
        for i in (n, n + 1):
            values[position(i)], values[speed(i)] = found.theta[i, 0], found.velocity[i, 0]
        for each in (moved.body, pushed.body):
            assert isinstance(each, Relation)
            left, right = (float(side.subs(k, n).subs(values).subs(numbers)) for side in (each.lhs, each.rhs))
            assert left == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("name", ["heredia", "second_order"])
def test_euler_is_of_first_order(name: str) -> None:
    flow = {"heredia": heredia_flow(Adam(lr="0.1")), "second_order": flow_of(Adam(lr="0.1"))}[name]
    times = np.linspace(0.0, 2.0, 41)
    reference = solve(flow, PARABOLA, 1.0, (0, 2), method="dop853", rtol=1e-10)(times)
    errors = []
    for substeps in (10, 20, 40):
        found = solve(flow, PARABOLA, 1.0, (0, 2), method="euler", substeps=substeps)
        errors.append(np.abs(found(times) - reference).max())
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx(np.ones(2), abs=0.1)


def test_euler_saves_between_its_steps_and_ends_at_the_end() -> None:
    flow = heredia_flow(Adam(lr="0.1"))
    whole = solve(flow, PARABOLA, 1.0, (0, 1.005), method="euler", substeps=10)
    saved = solve(flow, PARABOLA, 1.0, (0, 1.005), method="euler", substeps=10, save_at=[0.5, 0.505, 1.005])
    assert whole.t[-1] == saved.t[-1] == 1.005
    assert saved.theta[1] == pytest.approx((whole.theta[50] + whole.theta[51]) / 2, rel=1e-12)
    assert saved.theta == pytest.approx(whole(saved.t), rel=1e-12)


def test_euler_stops_where_the_gradient_is_not_finite_or_steps_run_out() -> None:
    wall = Loss(lambda x: 0.0, lambda x: np.where(x < 2.0, 2 * (x - 4), math.inf), 1, None, "a wall")
    with pytest.raises(FlowStopped, match="the gradient of a wall is not finite"):
        solve(heredia_flow(Adam(lr="0.1")), wall, 1.0, (0, 5), method="euler", substeps=5)
    with pytest.raises(FlowStopped, match="max_steps = 12 are used up") as stopped:
        solve(heredia_flow(Adam(lr="0.1")), PARABOLA, 1.0, (0, 5), method="euler", max_steps=12)
    assert len(stopped.value.trajectory.t) == 13
    with pytest.raises(ValueError, match="substeps must be an integer >= 1, got 0"):
        solve(heredia_flow(Adam(lr="0.1")), PARABOLA, 1.0, (0, 5), method="euler", substeps=0)


@pytest.mark.parametrize("method", [Adam(lr="0.1"), Adam(lr="0.1", gamma="0"), RMSProp(lr="0.1"), AdaGrad(lr="0.1")])
def test_picard_converges_to_the_flow_but_for_its_steps(method) -> None:
    flow = heredia_flow(method)
    times = np.linspace(0.0, 3.0, 61)
    reference = solve(flow, PARABOLA, 1.0, (0, 3), rtol=1e-8)(times)
    found = solve(flow, PARABOLA, 1.0, (0, 3), method="picard", nodes=200)
    off = np.abs(found(times) - reference)
    if flow.singular:  # explicit steps lose the first one, where theta' is infinite, and later ones do not add to that
        assert found.theta[1] == found.theta[0]
        assert off[2] > 0.1
        assert off[40:].max() < off[2]
    else:
        assert off.max() < 0.1
    assert found.steps == 30
    assert found.gradient_evaluations == 31 * (1 + found.rejected // 30)
    assert math.isnan(found.error)


def test_picards_error_is_of_first_order_in_the_grid() -> None:
    errors = []
    for rate in ("0.2", "0.1", "0.05"):
        # The same flow on finer grids: the grid is all that ``duration`` is in a flow without eps.
        flow = replace(heredia_flow(Adam(lr="0.2")), duration=float(rate), eps=0.0)
        times = np.linspace(0.0, 3.0, 31)
        reference = solve(flow, PARABOLA, 1.0, (0, 3), method="dop853", rtol=1e-9)(times)
        found = solve(flow, PARABOLA, 1.0, (0, 3), method="picard", tolerance=1e-10)
        errors.append(np.abs(found(times) - reference).max())
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx(np.ones(2), abs=0.3)


def test_picard_at_nodes_is_picard_at_the_grid_for_a_linear_gradient() -> None:
    flow = heredia_flow(Adam(lr="0.1"))
    grid = solve(flow, PARABOLA, 1.0, (0, 1), method="picard", nodes=20)
    nodes = solve(flow, PARABOLA, 1.0, (0, 1), method="picard", nodes=20, gradients="nodes")
    assert nodes.theta == pytest.approx(grid.theta, rel=1e-9)
    assert nodes.gradient_evaluations == 21 * grid.gradient_evaluations
    curved = [solve(flow, CURVED, 1.0, (0, 1), method="picard", nodes=20, gradients=g) for g in ("grid", "nodes")]
    assert 0 < np.abs(curved[0].theta - curved[1].theta).max() < 1e-3


def test_picard_says_that_it_has_not_converged_or_will_not_do() -> None:
    flow = heredia_flow(Adam(lr="0.1"))
    with pytest.raises(FlowStopped, match="after 3 iterations the curve still changes by") as stopped:
        solve(flow, PARABOLA, 1.0, (0, 3), method="picard", nodes=50, iterations=3)
    assert len(stopped.value.trajectory.t) == 31
    with pytest.raises(ValueError, match="of first order for method 'picard'"):
        solve(flow_of(Adam(lr="0.1")), PARABOLA, 1.0, (0, 1), method="picard")
    with pytest.raises(ValueError, match="relaxation must be a finite number > 0 and <= 1"):
        solve(flow, PARABOLA, 1.0, (0, 1), method="picard", relaxation=1.5)
