"""Flows beside their discrete methods: what is measured, and that it can fail."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from adamtheory.flows import WarmStart, compare, convergence, flow_of, gould_tanaka_flow, heredia_flow, problem
from adamtheory.flows.comparison import discrete_run, layer_steps, selection
from adamtheory.methods import AdaGrad, Adam, AdamCoupled, AdamW, RMSProp, simulate, stream

RATES = (2e-3, 1e-3, 5e-4, 2.5e-4, 1.25e-4)
QUADRATIC = problem("quadratic")


@pytest.mark.parametrize("decay", ["0", "0.5"])
@pytest.mark.parametrize("name", ["quadratic", "logistic"])
def test_second_order_flow_is_second_order(name, decay):
    posed = problem(name)
    method = AdamW(lr=1, weight_decay=decay)
    found = convergence(method, flow_of, posed.loss, posed.theta0, 0.5, RATES, rtol=1e-10, atol=1e-13)
    assert found.slope >= 1.9
    assert found.rates == RATES
    assert found.errors[1] < 1e-5


@pytest.mark.parametrize("make", [gould_tanaka_flow, heredia_flow, partial(flow_of, start="zero")])
def test_published_flows_are_first_order(make):
    rates = [4 * rate for rate in RATES]
    found = convergence(Adam(lr=1), make, QUADRATIC.loss, QUADRATIC.theta0, 0.5, rates)
    assert 0.9 <= found.slope <= 1.1
    assert found.errors[-1] > 1e-5


@pytest.mark.parametrize("left_out", [{"lag": False}, {"second_order": False}, {"start": "zero"}])
def test_each_part_of_the_second_order_flow_is_needed(left_out):
    whole = compare(Adam(lr="0.002"), None, QUADRATIC.loss, QUADRATIC.theta0, 500)
    part = compare(
        Adam(lr="0.002"), flow_of(Adam(lr="0.002"), **left_out), QUADRATIC.loss, QUADRATIC.theta0, 500
    )
    if left_out == {"second_order": False}:  # inertia matters where the velocity changes
        decay = AdamW(lr="0.002", weight_decay="0.5")
        whole = compare(decay, None, QUADRATIC.loss, QUADRATIC.theta0, 500)
        part = compare(decay, flow_of(decay, **left_out), QUADRATIC.loss, QUADRATIC.theta0, 500)
    assert part.error > 20 * whole.error


@pytest.mark.parametrize(
    ("method", "order"),
    [
        (Adam(lr="0.01"), 2),
        (AdamCoupled(lr="0.01", weight_decay="0.3"), 2),
        # Their first updates change by as much as they are, from one step to the next: that layer costs an order.
        (RMSProp(lr="0.01", beta="0.9"), 1),
        (AdaGrad(lr="0.01"), 1),
    ],
    ids=lambda x: getattr(x, "name", x),
)
def test_order_of_every_method(method, order):
    errors = [
        compare(replace(method, lr=lr), None, QUADRATIC.loss, QUADRATIC.theta0, round(0.5 / lr)).error
        for lr in (0.01, 0.005)
    ]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.15)
    published = compare(method, heredia_flow(method), QUADRATIC.loss, QUADRATIC.theta0, 50)
    assert errors[0] < published.error


def test_deviation_is_what_the_run_says():
    posed = problem("logistic")
    method = AdamW(lr="0.01", weight_decay="0.1", eps="1e-8")
    found = compare(method, None, posed.loss, posed.theta0, 60)
    run = simulate(method, posed.loss.gradient, steps=60, theta0=posed.theta0)
    assert run.iterates is not None
    np.testing.assert_allclose(found.discrete, run.iterates.T, rtol=1e-12)
    np.testing.assert_allclose(found.trajectory.t, 0.01 * np.arange(61), rtol=1e-12)
    deviation = np.abs(found.trajectory.theta - run.iterates.T).max(axis=1)
    np.testing.assert_allclose(found.deviation, deviation, rtol=1e-6, atol=1e-13)
    assert found.error == found.deviation.max()
    assert found.layer == layer_steps(method) == 44
    assert found.layer_error == found.deviation[:45].max()
    assert found.travelled == np.abs(found.discrete - posed.theta0).max()
    assert found.relative == found.error / found.travelled


def test_warm_start_follows_the_rest_of_a_run():
    method = Adam(lr="0.002", eps="1e-8")
    before = list(stream(method, lambda n, theta: QUADRATIC.loss.gradient(theta), QUADRATIC.theta0, 100))[-1]
    whole = discrete_run(method, QUADRATIC.loss, QUADRATIC.theta0, np.arange(100, 301))
    flow = flow_of(method, start=WarmStart(first=before.states["m"], second=before.states["v"], steps=100))
    found = compare(method, flow, QUADRATIC.loss, before.theta, 200, discrete=whole)
    assert found.error < 1e-5
    cold = compare(method, None, QUADRATIC.loss, before.theta, 200, discrete=whole)
    assert cold.error > 100 * found.error


def test_only_a_selection_is_kept_of_long_runs_of_many_parameters():
    assert selection(100, 10).tolist() == list(range(101))
    chosen = selection(10_000, 1_000, most=100_000)
    assert chosen[0] == 0
    assert chosen[-1] == 10_000
    assert set(range(20)) <= set(chosen.tolist())
    assert chosen.size <= 101


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compare(Adam(lr=1), None, QUADRATIC.loss, [1.0], 0), "steps must be an integer >= 1"),
        (lambda: compare(Adam(lr=1), None, QUADRATIC.loss, [1.0, 2.0], 5), "of shape"),
        (lambda: compare(Adam(), None, QUADRATIC.loss, [1.0], 5), "lr must be given"),
        (
            lambda: compare(Adam(lr=1), None, QUADRATIC.loss, [1.0], 5, discrete=np.ones((3, 1))),
            "discrete must be of shape",
        ),
        (lambda: convergence(Adam(lr=1), flow_of, QUADRATIC.loss, [1.0], 1.0, [0.1, 0.01]), "at least 5 different"),
    ],
)
def test_one_line_for_bad_input(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as refused:
        call()
    assert "\n" not in str(refused.value)
