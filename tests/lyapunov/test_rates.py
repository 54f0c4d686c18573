"""Proved rates: flows never leave their envelopes, a rate made larger than sharp is caught, bad input is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from adamtheory.flows import Loss, Moment, flow_of, heredia_flow, solve
from adamtheory.flows.kernels import Constant, Exponential
from adamtheory.lyapunov import observed_rate, random_quadratics, rate
from adamtheory.lyapunov.rates import final_memory, smallest_damping
from adamtheory.methods import AdaGrad, Adam, AdamW, RMSProp

METHODS = {
    "rmsprop": (RMSProp(lr="0.01", beta="0.99", eps="0.1"), 2.0),
    "adagrad": (AdaGrad(lr="0.1", eps="0.1"), 6.0),
    "adam": (Adam(lr="0.01", beta="0.99", eps="0.1"), 2.0),
    "adam, exact rates": (Adam(lr="0.01", gamma="0.8", beta="0.95", eps="0.01"), 1.0),
}
TIGHT: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-12}


def flow_for(name):
    method, until = METHODS[name]
    if "exact" not in name:
        return heredia_flow(method), until
    return flow_of(method, start="zero", lag=False, second_order=False, bias="elapsed"), until


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(("size", "condition"), [(1, 1.0), (2, 100.0), (5, 10.0), (16, 10.0), (64, 10.0)])
def test_quadratics_never_leave_the_envelope(name, size, condition):
    flow, until = flow_for(name)
    losses = random_quadratics(60 if size <= 16 else 8, size, condition, seed=size)
    found = rate(flow, smoothness=condition, strong_convexity=1.0, initial_gap=1.0)
    times = np.linspace(0, until, 41)[1:]
    gaps = losses.along(flow, times, **TIGHT)
    assert (gaps <= found.envelope(times)[:, None] * (1 + 1e-8)).all()
    assert gaps[-1].max() < 0.5  # something has happened


@pytest.mark.parametrize("name", ["rmsprop", "adagrad"])
def test_nonconvex_losses_with_the_pl_inequality(name):
    """f = x^2 + 3 sin^2 x has f'' = 2 + 6 cos 2x < 0 in places, and satisfies the inequality; rotated in 64 parameters.

    Its constants are found here: mu = inf f'^2/(2 f) over the |x| that the start allows, L = sup f''."""
    grid = np.linspace(1e-6, 3, 300_001)
    quotient = (2 * grid + 3 * np.sin(2 * grid)) ** 2 / (2 * (grid**2 + 3 * np.sin(grid) ** 2))
    mu, smooth = 0.999 * quotient.min(), 8.0  # L = sup f''
    assert 0 < mu < 0.5
    assert quotient.max() <= smooth
    random = np.random.default_rng(0)
    turn = np.linalg.qr(random.normal(size=(64, 64)))[0]

    def value(x):
        y = turn @ x
        return float((y**2 + 3 * np.sin(y) ** 2).sum())

    def gradient(x):
        y = turn @ x
        return np.asarray(turn.T @ (2 * y + 3 * np.sin(2 * y)))

    flow, until = flow_for(name)
    start = turn.T @ random.uniform(-2.5, 2.5, 64)
    gap = value(start)
    found = rate(flow, smoothness=smooth, pl=float(mu), initial_gap=gap)
    times = np.linspace(0, 4 * until, 41)[1:]
    solved = solve(flow, Loss(value, gradient, 64), start, (0, times[-1]), save_at=times, **TIGHT)
    gaps = np.array([value(x) for x in solved.theta])
    assert (gaps <= found.envelope(times) * (1 + 1e-8)).all()
    assert gaps[-1] < 0.5 * gap


@pytest.mark.parametrize("size", [1, 8, 64])
@pytest.mark.parametrize("name", METHODS)
def test_regularised_logistic_regression(name, size):
    random = np.random.default_rng(1)
    rows, labels, ridge = random.normal(size=(40, size)), random.choice([-1.0, 1.0], 40), 0.1

    def value(x):
        return float(np.logaddexp(0, -labels * (rows @ x)).mean() + ridge / 2 * x @ x)

    def gradient(x):
        share = -labels / (1 + np.exp(labels * (rows @ x)))
        return np.asarray(rows.T @ share / 40 + ridge * x)

    lowest = np.zeros(size)
    smooth = float(np.linalg.eigvalsh(rows.T @ rows / 160)[-1]) + ridge
    for _ in range(4000):
        lowest -= gradient(lowest) / smooth
    assert np.abs(gradient(lowest)).max() < 1e-13
    start = lowest + random.normal(size=size)
    gap = value(start) - value(lowest)
    flow, until = flow_for(name)
    found = rate(flow, smoothness=smooth, strong_convexity=ridge, initial_gap=gap)
    times = np.linspace(0, until, 21)[1:]
    solved = solve(flow, Loss(value, gradient, size), start, (0, until), save_at=times, **TIGHT)
    gaps = np.array([value(x) for x in solved.theta]) - value(lowest)
    assert (gaps <= found.envelope(times) * (1 + 1e-8)).all()


def test_a_rate_larger_than_sharp_is_caught():
    """AdaGrad on a parabola: the envelope holds, one that falls 5 % faster does not."""
    flow = heredia_flow(AdaGrad(lr="0.1", eps="0.001"))
    losses = random_quadratics(1, 1, 1.0, seed=0)
    found = rate(flow, smoothness=1.0, strong_convexity=1.0, initial_gap=1.0)
    assert found.sharp
    times = np.linspace(0, 60, 61)[1:]
    gaps = losses.along(flow, times, rtol=1e-10, atol=1e-14)[:, 0]
    envelope = found.envelope(times)
    assert (gaps <= envelope).all()
    faster = np.exp(-1.05 * found.value * times)
    assert (gaps > faster).any()
    # and its rate in the end is the one that is proved
    late = -np.diff(np.log(gaps))[-1] / (times[-1] - times[-2])
    assert late == pytest.approx(found.value, rel=1e-3)


def test_power_law_envelope_under_kurdyka_lojasiewicz():
    """f = x^4/4 has |f'| = (4 f)^(3/4): c = 4^(3/4), a = 3/4."""
    loss = Loss(lambda x: float((x**4).sum() / 4), lambda x: x**3, 1)
    flow = heredia_flow(RMSProp(lr="0.01", beta="0.99", eps="0.1"))
    # g^2 <= 2 L f on |x| <= 1 with L = 2
    found = rate(flow, smoothness=2.0, kl=(4**0.75, 0.75), initial_gap=0.25)
    assert found.value == pytest.approx(2)
    times = np.linspace(0, 20, 41)[1:]
    solved = solve(flow, loss, [1.0], (0, 20), save_at=times, **TIGHT)
    gaps = solved.theta[:, 0] ** 4 / 4
    assert (gaps <= found.envelope(times)).all()


def test_the_energy_decreases_along_the_way():
    """E = Phi + sum A m^2/(2 lambda1) at every step of the solver, not only at the end."""
    flow, until = flow_for("adam")
    losses = random_quadratics(40, 4, 30.0, seed=3)
    times = np.geomspace(1e-4, until, 200)
    solved = solve(flow, losses.loss, losses.starts.reshape(-1), (0, until), save_at=times, **TIGHT)
    scale = flow.gain(times)[:, None] / (np.sqrt(solved.v) + flow.floor(times)[:, None])
    lam = flow.first.kernel.rate
    kinetic = (scale * solved.m**2).reshape(len(times), 40, 4).sum(axis=2) / (2 * lam)
    energy = losses.gaps(solved.theta) + kinetic
    assert (np.diff(energy, axis=0) <= 1e-9 * energy[:-1]).all()
    assert (energy[0] <= 1 + 1e-9).all()
    assert not (np.diff(losses.gaps(solved.theta), axis=0) <= 0).all()  # the gap alone does not decrease


def test_distance_to_the_minimum_grows():
    """What Heredia 2024 takes for a Lyapunov function: the refutation's loss, followed from zero memory."""
    hessian = np.array([[1.0, -2.0], [-2.0, 5.0]])
    loss = Loss(lambda x: float(x @ hessian @ x / 2), lambda x: hessian @ x, 2)
    for method in (RMSProp(lr="0.01", beta="0.99", eps="1e-8"), AdaGrad(lr="0.01", eps="1e-8")):
        times = np.linspace(0, 0.3, 31)[1:]
        solved = solve(heredia_flow(method), loss, [3.0, 2.0], (0, 0.3), save_at=times, rtol=1e-8)
        squared = (solved.theta**2).sum(axis=1)
        assert squared.max() > 13 + 1e-3  # 3^2 + 2^2 at the start
        gaps = 0.5 * np.einsum("ti,ij,tj->t", solved.theta, hessian, solved.theta)
        assert (np.diff(gaps) < 0).all()


def test_refutation_is_minimal():
    """No quadratic of two parameters with integers up to 4 lets the distance grow under v = g^2 at eps = 0."""
    from itertools import product

    def grows(most):
        for a, b, c in product(range(1, most + 1), range(-most, most + 1), range(1, most + 1)):
            if a * c <= b * b:
                continue
            for x, y in product(range(-most, most + 1), repeat=2):
                g, h = a * x + b * y, b * x + c * y
                if -(x * math.copysign(1, g) * (g != 0) + y * math.copysign(1, h) * (h != 0)) > 0:
                    yield (a, b, c, x, y)

    assert not list(grows(4))
    assert (1, -2, 5, 3, 2) in set(grows(5))


@pytest.mark.parametrize("condition", [1.0, 10.0])
def test_adam_rate_is_useful_at_ordinary_settings(condition):
    """eps = 1e-8, betas (0.9, 0.999): what is observed is within a factor 20 of what is proved."""
    flow = heredia_flow(Adam(lr="0.001", eps="1e-8"))
    found = rate(flow, smoothness=condition, strong_convexity=1.0, initial_gap=1.0)
    losses = random_quadratics(16, 1 if condition == 1 else 2, condition, seed=1)
    times = np.linspace(0, 4, 201)
    gaps = losses.along(flow, times[1:], rtol=1e-6, atol=1e-8)
    slowest = observed_rate(np.vstack([np.ones(gaps.shape[1]), gaps]), times).min()
    assert found.value <= slowest <= 20 * found.value


def test_final_memory_solves_its_equation():
    for cost, eps in ((3.0, 1e-8), (1e-6, 1.0), (50.0, 0.1), (1e-12, 1e-3)):
        b = final_memory(cost, eps)
        psi = 2 * b - 2 * eps * math.log1p(b / eps)
        assert cost * (1 - 1e-9) <= psi <= cost * (1 + 1e-4) + 1e-22


def test_smallest_damping_is_below_every_time():
    rates = 100.0, 1.0, -math.log(0.9) / 1e-3, -math.log(0.999) / 1e-3
    least = smallest_damping(*rates)
    first, second, one, two = rates
    times = np.geomspace(1e-6, 1e3, 100_000)
    growth = two / (2 * np.expm1(np.minimum(two * times, 700))) - one / np.expm1(np.minimum(one * times, 700))
    sampled = (1 - (growth + second / 2) / (2 * first)).min()
    assert least <= sampled <= least + 1e-6


BAD: dict[str, dict[str, Any]] = {
    "at most smoothness": {"strong_convexity": 2.0},
    r"inside \(1/2, 1\)": {"kl": (1.0, 0.5)},
    "initial_gap must be": {"initial_gap": -1.0, "pl": 0.1},
    "> 0: at 0 the loss is minimal": {"initial_gap": 0.0, "pl": 0.1},
    "exactly one of the three": {},
    "theorem rmsprop_gap_decays_exponentially needs it": {"pl": 0.1, "eps": 0.0},
    "smoothness must be": {"smoothness": math.nan, "pl": 0.1},
}


@pytest.mark.parametrize("message", BAD)
def test_bad_constants(message):
    given: dict[str, Any] = {"smoothness": 1.0, "initial_gap": 1.0, **BAD[message]}
    with pytest.raises(ValueError, match=message) as caught:
        rate(RMSProp(lr="0.01", beta="0.99", eps="0.1"), **given)
    assert "\n" not in str(caught.value)


def test_flows_that_no_theorem_covers():
    constants: dict[str, Any] = {"smoothness": 1.0, "strong_convexity": 0.1, "initial_gap": 1.0}
    with pytest.raises(ValueError, match="without inertia"):
        rate(flow_of(Adam(lr="0.01")), **constants)
    with pytest.raises(ValueError, match="without decay"):
        rate(heredia_flow(AdamW(lr="0.01", weight_decay="0.1")), **constants)
    with pytest.raises(ValueError, match="zero memory"):
        rate(flow_of(RMSProp(lr="0.01"), second_order=False), **constants)
    plain = heredia_flow(RMSProp(lr="0.01", beta="0.99", eps="0.1"))
    with pytest.raises(ValueError, match="zero memory"):
        rate(replace(plain, second=Moment(Exponential(1.0, 2.0))), **constants)
    adam = heredia_flow(Adam(lr="0.01", eps="1e-8"))
    with pytest.raises(ValueError, match="zero memory"):
        rate(replace(adam, second=Moment(Constant(1.0))), **constants)
    with pytest.raises(ValueError, match="energy decreases at all times"):
        rate(Adam(lr="0.01", gamma="0.9", beta="0.2", eps="1e-8"), **constants)
    with pytest.raises(ValueError, match="strong_convexity for Adam"):
        rate(Adam(lr="0.01", eps="1e-8"), smoothness=1.0, pl=0.1, initial_gap=1.0)
    with pytest.raises(TypeError, match="flow must be"):
        rate("adam", **constants)


def test_what_a_rate_says(tmp_path):
    found = rate(RMSProp(lr="0.01", beta="0.99", eps="0.1"), smoothness=1.0, pl=0.5, initial_gap=2.0)
    assert found.value == pytest.approx(1 / 2.1)
    assert found.envelope(0.0) == pytest.approx(2)
    assert found.envelope([[1.0, 2.0]]).shape == (1, 2)
    assert r"\Phi_{0} e^" in found.latex()
    assert found.theorem in str(found)
    with pytest.raises(ValueError, match="all >= 0"):
        found.envelope([-1.0])
    found.plot(tmp_path / "rate.png")
    assert (tmp_path / "rate.png").stat().st_size > 5000


def test_proof_of_a_rate():
    found = rate(AdaGrad(lr="0.1", eps="0.1"), smoothness=1.0, pl=0.5, initial_gap=1.0)
    results = found.proof()
    assert {result.name for result in results} == {found.theorem, *found.lemmas}
    assert all(result.verdict.name == "PROVED" for result in results)
    trust = found.trust()
    assert "mean value theorem" in trust.axioms
    assert not trust.assumptions
