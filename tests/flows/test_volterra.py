"""The Volterra solver: weights against closed forms, order, error estimate, and what it says when it stops."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from adamtheory.flows import FlowStopped, MemoryFlow, flow_of, gould_tanaka_flow, heredia_flow, nonlocal_flow, solve
from adamtheory.flows.general_kernels import Gamma, PowerLaw, Tabulated
from adamtheory.flows.kernels import Array, Constant, Exponential, Kernel
from adamtheory.flows.known_equations import adagrad_parabola
from adamtheory.flows.loss import Loss
from adamtheory.flows.solvers.product_quadrature import Mesh
from adamtheory.methods import AdaGrad, Adam, AdamW, RMSProp

special = pytest.importorskip("scipy.special")

PARABOLA = Loss(lambda x: float(((x - 4) ** 2).sum()), lambda x: 2 * (x - 4), 1, lambda x, v: 2 * v, "parabola")
WELL = Loss(lambda x: float(((x**2 - 1) ** 2).sum() / 4), lambda x: x * (x**2 - 1), 1, None, "double well")
BOWL = Loss(lambda x: float(1.5 * (x**2).sum()), lambda x: 3 * x, 1, None, "bowl")


def gamma_moments(shape: float, scale: float, t: float) -> tuple[float, float]:
    """The integrals of the kernel over [0, t] against 1 and against s = t - lag."""
    whole = special.gammainc(shape, t / scale)
    return whole, t * whole - shape * scale * special.gammainc(shape + 1, t / scale)


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize(("shape", "scale"), [(0.1, 1.0), (0.5, 2.0), (1.0, 1.0), (1.0, 1e-4), (1.5, 0.1), (2.0, 3.0)])
def test_weights_integrate_the_kernel_to_rounding(shape: float, scale: float, power: int) -> None:
    kernel: Kernel = Exponential(1 / scale) if shape == 1 else Gamma(shape, scale)
    edges = np.array([0.0, 0.01, 0.3, 0.35, 1.1, 2.0]) ** (1 / power)
    mesh = Mesh(edges, power)
    times = mesh.times()
    for panel, point in ((0, 1), (0, 3), (2, 2), (4, 1), (4, 3)):
        weights = mesh.weights(kernel, panel, point)
        one, linear = gamma_moments(shape, scale, times[panel, point])
        assert float(weights.sum()) == pytest.approx(one, rel=1e-13)
        assert float((weights * times[: panel + 1]).sum()) == pytest.approx(linear, rel=1e-12, abs=1e-15)


def test_weights_know_where_a_table_has_kinks() -> None:
    mesh = Mesh(np.array([0.0, 0.7, 2.0]), 1)
    kernel = Tabulated([0, 0.3, 1.0], [2.0, 1.0, 0.5])
    assert float(mesh.weights(kernel, 1, 3).sum()) == pytest.approx(0.45 + 0.525, rel=1e-14)
    wrong = mesh.weights(Tabulated([0, 0.31, 1.0], [2.0, 1.0, 0.5]), 1, 3)
    assert abs(float(wrong.sum()) - 0.975) > 1e-3


FLOWS: dict[str, tuple[MemoryFlow, Loss, float, float]] = {
    "heredia": (heredia_flow(Adam(lr="0.1")), PARABOLA, 1.0, 10.0),
    "adagrad": (heredia_flow(AdaGrad(lr="0.1")), PARABOLA, 1.0, 10.0),
    "rmsprop": (heredia_flow(RMSProp(lr="0.1", beta="0.9")), PARABOLA, 1.0, 3.0),
    "gould_tanaka": (gould_tanaka_flow(AdamW(lr="0.01", weight_decay="0.1")), WELL, 0.1, 3.0),
    "second_order": (flow_of(Adam(lr="0.01")), WELL, 0.1, 3.0),
    "nonlocal": (nonlocal_flow(Adam(lr="0.1")), PARABOLA, 1.0, 2.0),
}


@pytest.mark.parametrize("name", FLOWS)
def test_agrees_with_an_ordinary_solver_within_its_own_estimate(name: str) -> None:
    flow, loss, start, end = FLOWS[name]
    times = np.linspace(0.0, end, 501)
    reference = solve(flow, loss, start, (0, end), method="dop853", rtol=1e-11, atol=1e-12)
    found = solve(flow, loss, start, (0, end), method="volterra", rtol=1e-5, atol=1e-8)
    error = np.abs(found(times) - reference(times)).max()
    assert error <= 2 * found.error
    assert found.error <= 1e-8 + 1e-5 * np.abs(reference.theta).max()
    assert found.m[-1] == pytest.approx(reference.m[-1], rel=1e-3, abs=1e-4)
    assert found.v[-1] == pytest.approx(reference.v[-1], rel=1e-4)
    if flow.inertia:
        assert found.velocity is not None
        assert reference.velocity is not None
        assert found.velocity[-1] == pytest.approx(reference.velocity[-1], rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("name", ["heredia", "gould_tanaka", "second_order"])
def test_order_is_at_least_four_between_its_points(name: str) -> None:
    flow, loss, start, end = FLOWS[name]
    times = np.linspace(0.0, end, 333)
    reference = solve(flow, loss, start, (0, end), method="volterra", rtol=1e-12, panels=512, max_panels=512)(times)
    errors = []
    for panels in (32, 64, 128):
        found = solve(flow, loss, start, (0, end), method="volterra", rtol=1e-12, panels=panels, max_panels=panels)
        assert math.isnan(found.error)
        errors.append(np.abs(found(times) - reference).max())
    slopes = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (slopes > 3.5).all()


@pytest.mark.parametrize("start", [1.0, -0.2])
def test_adagrads_closed_form(start: float) -> None:
    flow = replace(heredia_flow(AdaGrad(lr="0.1")), eps=0.0)
    end = 3 * start**2
    times = np.linspace(0.0, end, 101)
    exact = np.array([start * adagrad_parabola(0.1 * t / start**2) for t in times])
    for method in ("volterra", "exponential", "dop853"):
        found = solve(flow, BOWL, start, (0, end), method=method, rtol=1e-8, atol=1e-12)
        assert np.abs(found(times)[:, 0] - exact).max() < 1e-7 * abs(start)


@pytest.mark.parametrize("kernel", [PowerLaw(1.5, 1.0, 10.0), Gamma(0.5, 1.0, 10.0), Constant(10.0)])
def test_error_estimate_is_honest_for_general_kernels(kernel: Kernel) -> None:
    plain = heredia_flow(AdaGrad(lr="0.1"))
    flow = replace(plain, second=replace(plain.second, kernel=kernel))
    times = np.linspace(0.0, 4.0, 201)
    fine = solve(flow, PARABOLA, 1.0, (0, 4), method="volterra", rtol=1e-8, atol=1e-8)
    found = solve(flow, PARABOLA, 1.0, (0, 4), method="volterra", rtol=1e-5, atol=1e-5, panels=8)
    error = np.abs(found(times) - fine(times)).max()
    assert 10 * fine.error < found.error <= 5e-5
    assert error <= 2 * found.error


def test_saved_times_and_the_observer_see_the_same_curve() -> None:
    flow, loss, start, end = FLOWS["second_order"]
    seen: list[tuple[float, float]] = []

    def watch(t: float, theta: Array, m: Array, v: Array) -> None:
        seen.append((t, float(theta[0])))

    whole = solve(flow, loss, start, (0, end), method="volterra", rtol=1e-4, observer=watch)
    saved = solve(flow, loss, start, (0, end), method="volterra", rtol=1e-4, save_at=[0.0, 0.123, end])
    assert saved.t.tolist() == [0.0, 0.123, end]
    assert saved.theta[1] == pytest.approx(whole(np.array([0.123]))[0], rel=1e-12)
    assert saved.dense is None
    assert len(seen) == whole.steps == len(whole.t) - 1
    assert np.allclose([t for t, _ in seen], whole.t[1:])
    assert np.allclose([x for _, x in seen], whole.theta[1:, 0])


def test_a_gradient_that_is_not_finite_stops_the_flow_where_it_is() -> None:
    wall = Loss(
        lambda x: 0.0, lambda x: np.where(x < 2.0, 2 * (x - 4), math.nan), 1, None, "a wall at 2"
    )  # theta' is near 1
    with pytest.raises(FlowStopped, match="the gradient of a wall at 2 is not finite") as stopped:
        solve(heredia_flow(Adam(lr="0.1")), wall, 1.0, (0, 5), method="volterra")
    found = stopped.value.trajectory
    assert 0.5 < found.t[-1] < 1.5
    assert np.isfinite(found.theta).all()
    assert "\n" not in str(stopped.value)


def test_a_second_moment_below_zero_is_named() -> None:
    flow = nonlocal_flow(Adam(lr="0.5", gamma="0.1", beta="0.1"))
    steep = Loss(lambda x: float((x**10).sum() / 10), lambda x: x**9, 1, None, "steep")
    with pytest.raises(FlowStopped, match=r"the update is not finite in coordinate 0 \(m = .*, v = -"):
        solve(flow, steep, 2.0, (0, 6), method="volterra", rtol=1e-4)


def test_limits_are_kept_and_named() -> None:
    flow, loss, start, end = FLOWS["gould_tanaka"]
    with pytest.raises(FlowStopped, match=r"the error is .* still with 64 panels"):
        solve(flow, loss, start, (0, end), method="volterra", rtol=1e-9, max_panels=64)
    with pytest.raises(FlowStopped, match="max_steps = 100 are used up"):
        solve(flow, loss, start, (0, end), method="volterra", rtol=1e-9, max_steps=100)
    with pytest.raises(ValueError, match="must be one of 'panels', 'max_panels', got 'step'"):
        solve(flow, loss, start, (0, end), method="volterra", step=1)
    with pytest.raises(ValueError, match="panels must be an integer >= 1, got 0"):
        solve(flow, loss, start, (0, end), method="volterra", panels=0)


def test_doubly_singular_starts_are_for_volterra_alone() -> None:
    plain = heredia_flow(AdaGrad(lr="0.1"))
    flow = replace(plain, second=replace(plain.second, kernel=Gamma(0.5, 1.0)))
    with pytest.raises(ValueError, match="'volterra' for a singular kernel"):
        solve(flow, PARABOLA, 1.0, (0, 1), method="compressed")
