"""Flows made from methods: their numbers are the expressions' values, and each start is what it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from adamtheory.flows import WarmStart, flow_of, gould_tanaka_flow, heredia_flow, nonlocal_flow
from adamtheory.flows.kernels import Constant, Exponential, ExponentialSum
from adamtheory.flows.second_order_adam import average_start, lag, lag_share
from adamtheory.lowering import evaluate
from adamtheory.methods import AdaGrad, Adam, AdamCoupled, AdamW, NAdam, RMSProp
from adamtheory.notation import DecayRate, bias_correction, kernel
from adamtheory.notation import beta as beta_
from adamtheory.notation import gamma as gamma_

ONE = np.ones(1)


def value(e: sp.Expr, **at: str) -> float:
    return float(evaluate(e.subs({sp.Symbol(k, real=True): sp.Rational(v) for k, v in at.items()}), {}, "mpmath"))


@pytest.mark.parametrize("convention", list(DecayRate))
@pytest.mark.parametrize("alpha", ["1/2", "9/10", "999/1000"])
def test_coefficients_are_the_expressions_values(convention, alpha):
    flow = flow_of(Adam(lr="0.01", beta="0.999", gamma=alpha), rates=convention)
    assert flow.first is not None
    s = sp.Symbol("s", real=True)
    share = value(lag_share(gamma_, convention), gamma=alpha)
    assert math.isclose(flow.first.share, share, rel_tol=1e-13, abs_tol=1e-15)
    weight = value(kernel(gamma_, s, convention), gamma=alpha, s="1/50", h="1/100")
    assert math.isclose(float(flow.first.kernel(np.array(0.02))), (1 - share) * weight, rel_tol=1e-12)
    start = (1 - share) * value(average_start(gamma_, convention), gamma=alpha)
    assert math.isclose(flow.first.past, start, rel_tol=1e-12, abs_tol=1e-15)


@pytest.mark.parametrize("convention", list(DecayRate))
@pytest.mark.parametrize("alpha", [0.3, 0.9])
def test_consistent_start_is_the_discrete_one(convention, alpha):
    """After the first gradient a discrete average stands at (1 - alpha) g, with the lag and without it."""
    for lagged in (True, False):
        moment = flow_of(Adam(lr="0.01", gamma=alpha), rates=convention, lag=lagged).first
        assert moment is not None
        assert math.isclose(float(moment.beside_memory(0.0, ONE, ONE)[0]), 1 - alpha, rel_tol=1e-12)


@pytest.mark.parametrize("convention", list(DecayRate))
def test_constant_gradients_move_every_parameter_at_unit_speed(convention):
    """The start removes the initial layer: for constant g the update is sign(g) at every time, in every convention."""
    flow = flow_of(Adam(lr="0.01", gamma="0.8", beta="0.99"), rates=convention)
    for t in (0.0, 1e-6, 0.004, 0.01, 0.3, 20.0):
        moments = []
        for moment, x in ((flow.first, -3.0 * ONE), (flow.second, 9.0 * ONE)):
            assert moment is not None
            forgotten = 1 - float(moment.kernel.tail(np.asarray(t)))
            moments.append(moment.beside_memory(t, x, x) + x * (1 - moment.share) * forgotten)
        assert np.isclose(flow.update(t, *moments)[0], -1.0, rtol=1e-12)


def test_lag_makes_every_convention_as_old_as_the_discrete_average():
    """The mean age of share * newest + (1 - share) * average is alpha/(1 - alpha) steps."""
    for convention in DecayRate:
        moment = flow_of(Adam(lr=1, gamma="0.7"), rates=convention).first
        assert moment is not None
        mode = moment.modes[0]
        age = mode.weight.real / mode.rate.real**2
        assert math.isclose(age, 0.7 / 0.3, rel_tol=1e-12)
    assert sp.simplify(lag(gamma_, sp.Integer(1), DecayRate.first_order)) == 0


def test_bias_corrections():
    adam = Adam(lr="0.01", gamma="0.9", beta="0.99")
    printed = bias_correction(sp.Symbol("N")).subs({beta_: sp.Rational(99, 100), gamma_: sp.Rational(9, 10)})
    for flow, steps in ((gould_tanaka_flow(adam), 4.5), (heredia_flow(adam), 3.5), (flow_of(adam), 4.5)):
        assert math.isclose(float(flow.gain(0.035)), float(printed.subs({sp.Symbol("N"): steps})), rel_tol=1e-12)
    early = heredia_flow(Adam(lr="0.01", gamma="0.9", beta="0.999")).gain(1e-14)
    exact = math.sqrt(1e-12 * -math.log(0.999)) / (1e-12 * -math.log(0.9))
    assert math.isclose(float(early), exact, rel_tol=1e-9)  # no cancellation at small t


def test_warm_start_goes_on_from_the_discrete_state():
    adam = Adam(lr="0.01", gamma="0.9", beta="0.99")
    flow = flow_of(adam, start=WarmStart(first=[2.0], second=[5.0], steps=7))
    assert flow.first is not None
    assert math.isclose(float(flow.first.beside_memory(0.0, ONE, ONE)[0]), 0.9 * 2 + 0.1)
    assert math.isclose(float(flow.second.beside_memory(0.0, ONE, ONE)[0]), 0.99 * 5 + 0.01)
    assert math.isclose(float(flow.gain(0.0)), math.sqrt(1 - 0.99**8) / (1 - 0.9**8))


def test_other_methods_and_edges():
    adagrad = flow_of(AdaGrad(lr="0.1"))
    assert isinstance(adagrad.second.kernel, Constant)
    assert adagrad.first is None
    assert math.isclose(float(adagrad.second.beside_memory(0.0, ONE, ONE)[0]), 1.0)  # G_0 = g_0^2
    assert heredia_flow(AdaGrad(lr="0.1")).singular
    assert flow_of(Adam(lr="0.1", gamma=0)).first is None
    plain = flow_of(RMSProp(lr="0.1", beta=0)).second
    assert plain.share == 1
    assert isinstance(heredia_flow(RMSProp(lr="0.1", beta=0)).second.kernel, Exponential)  # its rate is 1/lr
    assert flow_of(AdamW(lr="0.1", weight_decay="0.3")).decay == 0.3
    assert flow_of(AdamCoupled(lr="0.1", weight_decay="0.3")).coupled == 0.3
    scaled = flow_of(Adam(lr="0.1"), p=2)
    assert math.isclose(scaled.duration, 0.01)
    assert math.isclose(scaled.speed, 10.0)


@pytest.mark.parametrize("alpha", [0.9, 0.2])
def test_nonlocal_kernel_solves_its_equation(alpha):
    """(a^2/2) K'' + a K' + (1 - alpha) K = 0, K(0) = 0, K'(0) = 2 (1 - alpha)/a^2, and the mass is 1."""
    a = 0.1
    found = nonlocal_flow(Adam(lr="0.1", gamma=alpha)).first
    assert found is not None
    kernel_ = found.kernel
    assert isinstance(kernel_, ExponentialSum)
    assert math.isclose(kernel_.mass, 1.0)
    s, step = 0.07, 1e-4
    low, mid, high = (float(kernel_(np.array(x))) for x in (s - step, s, s + step))
    left = a**2 / 2 * (high - 2 * mid + low) / step**2 + a * (high - low) / (2 * step) + (1 - alpha) * mid
    assert abs(left) < 1e-5
    assert abs(float(kernel_(np.array(0.0)))) < 1e-12
    assert math.isclose(float(kernel_(np.array(1e-7))) / 1e-7, 2 * (1 - alpha) / a**2, rel_tol=1e-4)


def test_negative_second_moment_is_not_a_number():
    assert np.isnan(nonlocal_flow(Adam(lr="0.1", beta="0.2")).update(1.0, ONE, -ONE)[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: flow_of(Adam()), "lr must be given and > 0"),
        (lambda: flow_of(Adam(lr=0)), "lr must be given and > 0"),
        (lambda: flow_of(NAdam(lr="0.1")), "method must be Adam, AdamW"),
        (lambda: flow_of("adam"), "method must be Adam, AdamW"),  # type: ignore[arg-type]
        (lambda: flow_of(Adam(lr="0.1"), rates="implicit"), "rates must be one of 'first_order'"),
        (lambda: flow_of(Adam(lr="0.1"), start="warm"), "start must be one of 'zero', 'consistent'"),
        (lambda: flow_of(Adam(lr="0.1"), bias="first"), "bias must be one of"),
        (lambda: flow_of(Adam(lr="0.1"), p=0), "p must be a finite number >= 1"),
        (lambda: WarmStart(second=[-1.0]), "second must be >= 0 everywhere"),
        (lambda: WarmStart(second=[np.nan]), "second must be finite everywhere"),
        (lambda: flow_of(Adam(lr="0.1"), start=WarmStart(second=[1.0])), "first must be given"),
        (lambda: nonlocal_flow(Adam(lr="0.1", gamma="0.5")), "alpha must be different from 1/2"),
    ],
)
def test_one_line_for_bad_input(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as refused:
        call()
    assert "\n" not in str(refused.value)
