"""AMSGrad, NAdam, AdEMAMix, LaProp and RMSProp with momentum: against plain loops, and where they coincide."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamtheory.lowering import signed_root
from adamtheory.methods import (
    Adam,
    AdamW,
    AdEMAMix,
    AMSGrad,
    LaProp,
    Method,
    Momentum,
    NAdam,
    RMSProp,
    RMSPropMomentum,
    simulate,
)
from adamtheory.testing.strategies import hyperparameters

GRADIENTS = [
    [Fraction(numerator, 64) for numerator in row]
    for row in ([1, -2, 3, -5, 8, -13, 21, 34], [64, 0, 0, 16, -64, 3, 0, 1], [-7, -7, -7, -7, -7, -7, -7, -7])
]
STEPS = 200


def noise() -> Any:
    """Gradients of shape (5, STEPS), whose sizes rise and fall over three decades."""
    sizes = 10.0 ** (1.5 * np.sin(np.arange(STEPS) / 9))
    return np.random.default_rng(8).normal(size=(5, STEPS)) * sizes


def exact(method: Method, gradients: Any = GRADIENTS, **options: Any) -> list[Any]:
    return list(simulate(method, gradients, arithmetic="fraction", **options).updates.ravel())


def correction(beta: str, gamma: str, steps: int) -> Any:
    """sqrt(1 - beta^N)/(1 - gamma^N)"""
    return signed_root(1, 1 - Fraction(beta) ** steps) / (1 - Fraction(gamma) ** steps)


# One step of each as its authors write it: (states before, gradient, t = 1, 2, ...) -> (states, update).
Step = Callable[[tuple[Any, ...], Any, int], tuple[tuple[Any, ...], Any]]


def ademamix_step(states: tuple[Any, ...], g: Any, t: int) -> tuple[tuple[Any, ...], Any]:
    fast, slow, second = states
    fast = 0.9 * fast + 0.1 * g
    slow = 0.999 * slow + 0.001 * g
    second = 0.99 * second + 0.01 * g * g
    hat = fast / (1 - 0.9**t)
    return (fast, slow, second), (hat + 8 * slow) / (np.sqrt(second / (1 - 0.99**t)) + 1e-3)


def laprop_step(states: tuple[Any, ...], g: Any, t: int) -> tuple[tuple[Any, ...], Any]:
    average, second = states
    second = 0.99 * second + 0.01 * g * g
    average = 0.9 * average + 0.1 * g / (np.sqrt(second / (1 - 0.99**t)) + 1e-3)
    return (average, second), average / (1 - 0.9**t)


def amsgrad_step(states: tuple[Any, ...], g: Any, t: int) -> tuple[tuple[Any, ...], Any]:
    average, second, largest = states
    average = 0.9 * average + 0.1 * g
    second = 0.8 * second + 0.2 * g * g
    largest = np.where(second > largest, second, largest)
    return (average, second, largest), average / (np.sqrt(largest) + 1e-3)


def nadam_step(states: tuple[Any, ...], g: Any, t: int) -> tuple[tuple[Any, ...], Any]:
    average, second = states
    average = 0.9 * average + 0.1 * g
    second = 0.99 * second + 0.01 * g * g
    ahead = 0.9 * average / (1 - 0.9 ** (t + 1)) + 0.1 * g / (1 - 0.9**t)
    return (average, second), ahead / (np.sqrt(second / (1 - 0.99**t)) + 1e-3)


def raw_momentum_step(states: tuple[Any, ...], g: Any, t: int) -> tuple[tuple[Any, ...], Any]:
    total, second = states
    total = 0.9 * total + g
    second = 0.99 * second + 0.01 * g * g
    return (total, second), total / (np.sqrt(second) + 1e-3)


LOOPS: list[tuple[Method, Step, int]] = [
    (AdEMAMix(beta="0.99", gamma_slow="0.999", alpha=8, eps="1e-3", lr="0.01", weight_decay="0.2"), ademamix_step, 3),
    (LaProp(beta="0.99", eps="1e-3", lr="0.01"), laprop_step, 2),
    (AMSGrad(beta="0.8", eps="1e-3", lr="0.01", correction="none"), amsgrad_step, 3),
    (NAdam(beta="0.99", eps="1e-3", lr="0.01", schedule="constant"), nadam_step, 2),
    (RMSPropMomentum(eps="1e-3", lr="0.01", of="raw"), raw_momentum_step, 2),
]


@pytest.mark.parametrize(("method", "step", "states"), LOOPS, ids=[method.name for method, *_ in LOOPS])
def test_a_plain_loop_computes_the_same(method: Method, step: Step, states: int) -> None:
    gradients = noise()
    run = simulate(method, gradients, theta0=3)
    iterates: Any = run.iterates
    held: tuple[Any, ...] = (np.zeros(5),) * states
    theta = np.full(5, 3.0)
    decay = 0.2 if method.name == "ademamix" else 0.0
    for t in range(1, STEPS + 1):
        held, update = step(held, gradients[:, t - 1], t)
        theta = theta - 0.01 * (update + decay * theta)
        np.testing.assert_allclose(run.updates[:, t - 1], update, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(iterates[:, t], theta, rtol=1e-11)


def test_ademamix_without_its_slow_average_is_adamw() -> None:
    assert exact(AdEMAMix(alpha=0)) == exact(Adam())
    gradients = noise()
    mix: Any = simulate(AdEMAMix(alpha=0, eps="1e-8", lr="0.1", weight_decay="0.3"), gradients, theta0=2).iterates
    adamw: Any = simulate(AdamW(eps="1e-8", lr="0.1", weight_decay="0.3"), gradients, theta0=2).iterates
    np.testing.assert_allclose(mix, adamw, rtol=1e-13)
    # one average twice: 1/(1 - gamma^N) + alpha times m
    twice = exact(AdEMAMix(gamma="0.9", gamma_slow="0.9", alpha=3))
    factors = [1 + 3 * (1 - Fraction(9, 10) ** (step + 1)) for step in range(8)] * 3
    assert twice == [f * u for f, u in zip(factors, exact(Adam()), strict=True)]
    # the slow average is not corrected: on a constant gradient it is 1 - gamma_slow^N
    constant = exact(AdEMAMix(gamma_slow="0.99", alpha=5), [3] * 4)
    assert constant == [1 + 5 * (1 - Fraction(99, 100) ** (step + 1)) for step in range(4)]


def test_laprop_averages_normalised_gradients() -> None:
    assert exact(LaProp(gamma=0)) == exact(Adam(gamma=0))
    # beta = 0: corrected momentum of signs
    signs = np.sign(np.array(GRADIENTS, dtype=float))
    momentum = exact(Momentum(gamma="0.75"), signs)
    corrections = [1 - Fraction(3, 4) ** (step + 1) for step in range(8)] * 3
    of_signs = [m / c for m, c in zip(momentum, corrections, strict=True)]
    assert exact(LaProp(beta=0, gamma="0.75"), zeros="zero-over-zero") == of_signs
    # one large gradient after a small one: Adam's update is nearly all of it, LaProp still averages both directions
    jump = [[1, -1000]]
    adam, laprop = (simulate(method, jump).updates[0, 1] for method in (Adam(), LaProp()))
    assert adam == pytest.approx(-0.1 / 0.19 * math.sqrt((1 - 0.999**2) / 0.001), rel=3e-3)
    assert laprop == pytest.approx((0.09 - 0.1 * math.sqrt((1 - 0.999**2) / 0.001)) / 0.19, rel=1e-3)


def test_amsgrad_is_adam_where_the_second_moment_grows() -> None:
    growing = [1, -2, 2, 3, -5]
    assert exact(AMSGrad(beta="0.9"), growing) == exact(Adam(beta="0.9"), growing)
    uncorrected = exact(AMSGrad(beta="0.9", gamma="0.5", correction="none"), growing)
    corrected = [correction("0.9", "0.5", step + 1) * u for step, u in enumerate(uncorrected)]
    assert corrected == exact(Adam(beta="0.9", gamma="0.5"), growing)
    # m as well as vhat are the same in both forms
    forms = [simulate(AMSGrad(correction=c), noise()).states for c in ("none", "after-maximum")]
    assert all((forms[0][name] == forms[1][name]).all() for name in ("m", "v", "vhat"))


def test_amsgrad_keeps_the_largest_second_moment() -> None:
    falling = [4, 1, 0, -1, 0]
    for rule in ("none", "after-maximum"):
        run = simulate(AMSGrad(beta="1/2", correction=rule), falling, arithmetic="fraction")
        assert run.states["vhat"].tolist() == [8] * 5
        assert run.states["v"].tolist() == [8, Fraction(9, 2), Fraction(9, 4), Fraction(13, 8), Fraction(13, 16)]
    ams, adam = exact(AMSGrad(beta="1/2"), falling), exact(Adam(beta="1/2"), falling)
    assert ams[0] == adam[0] == 1
    assert all(abs(small) < abs(large) for small, large in zip(ams[1:], adam[1:], strict=True))
    # even beta = 0, which forgets v at once, then never divides by 0
    assert exact(AMSGrad(beta=0, gamma="1/2", correction="none"), [1, 0, 0]) == [
        Fraction(1, 2), Fraction(1, 4), Fraction(1, 8)]  # fmt: skip


def test_nadam_looks_one_step_ahead() -> None:
    for method in (NAdam(gamma=0, momentum_decay=1), NAdam(gamma=0, schedule="constant")):
        assert exact(method) == exact(Adam(gamma=0))
    # without decay torch's factor is gamma/2 at every step, but m keeps gamma
    run = simulate(NAdam(beta="0.9", gamma="0.8", momentum_decay=0), GRADIENTS[0], arithmetic="fraction")
    assert run.states["mu_product"].tolist() == [Fraction(2, 5) ** (step + 1) for step in range(8)]
    for step, (m, v, g) in enumerate(zip(run.states["m"], run.states["v"], GRADIENTS[0], strict=True)):
        mu, root = Fraction(2, 5), signed_root(1, v / (1 - Fraction(9, 10) ** (step + 1)))
        ahead = mu * m / (1 - mu ** (step + 2)) + (1 - mu) * g / (1 - mu ** (step + 1))
        assert run.updates[step] == ahead / root
    # the schedule tends to gamma
    late = simulate(NAdam(momentum_decay=100), [1.0] * 30)
    np.testing.assert_allclose(late.states["mu"], 0.9, rtol=0.02)
    early = simulate(NAdam(), [1.0]).states
    assert float(early["mu"][0]) == pytest.approx(0.9 * (1 - 0.5 * 0.96**0.004), rel=1e-15)
    assert float(early["mu_next"][0]) == pytest.approx(0.9 * (1 - 0.5 * 0.96**0.008), rel=1e-15)


def test_rmsprop_with_momentum() -> None:
    for of in ("normalised", "raw"):
        assert exact(RMSPropMomentum(gamma=0, of=of)) == exact(RMSProp())
    raw = exact(RMSPropMomentum(beta="0.9", gamma="0.75", of="raw"))
    averaged = [u * Fraction(1, 4) * correction("0.9", "0.75", i % 8 + 1) for i, u in enumerate(raw)]
    assert averaged == exact(Adam(beta="0.9", gamma="0.75"))
    # what is summed is RMSProp's update
    gradients = noise()
    normalised = simulate(RMSProp(), gradients).updates
    summed = simulate(Momentum(form="heavy-ball"), normalised).updates
    np.testing.assert_allclose(simulate(RMSPropMomentum(), gradients).updates, summed, rtol=1e-12)


VARIANTS: list[Callable[[Fraction, Fraction], Method]] = [
    lambda beta, gamma: AMSGrad(beta=beta, gamma=gamma),
    lambda beta, gamma: AMSGrad(beta=beta, gamma=gamma, correction="none"),
    lambda beta, gamma: NAdam(beta=beta, gamma=gamma, momentum_decay=1),
    lambda beta, gamma: NAdam(beta=beta, gamma=gamma, schedule="constant"),
    lambda beta, gamma: AdEMAMix(beta=beta, gamma=gamma, gamma_slow="0.99"),
    lambda beta, gamma: RMSPropMomentum(beta=beta, gamma=gamma, of="raw"),
]


@given(
    st.sampled_from(VARIANTS),
    hyperparameters(),
    st.lists(st.fractions(-4, 4, max_denominator=9), min_size=1, max_size=6),
)
@settings(max_examples=60)
def test_updates_are_odd_and_scale_invariant_and_in_the_balls(make: Any, pair: Any, later: list[Fraction]) -> None:
    beta, gamma = pair
    method = make(beta, gamma)
    gradients = [Fraction(1), *((entry or Fraction(1)) if beta == 0 else entry for entry in later)]
    updates = exact(method, gradients)
    assert exact(method, [-7 * entry for entry in gradients]) == [-value for value in updates]
    balls = simulate(method, gradients, arithmetic="ball").updates
    for value, ball in zip(updates, balls, strict=True):
        assert float(ball) == pytest.approx(float(value), rel=1e-12, abs=1e-25)


def test_zero_over_zero() -> None:
    for method in (AMSGrad(), NAdam(), AdEMAMix(), LaProp(), RMSPropMomentum(), RMSPropMomentum(of="raw")):
        with pytest.raises(ValueError, match="start non-zero under zeros='nonzero-start', got 0/0 at step 1;"):
            simulate(method, [0, 0, 1])
        run = simulate(method, [0, 0, 1], zeros="zero-over-zero")
        assert run.updates[:2].tolist() == [0, 0]
        assert run.updates[2] > 0.04


def untyped(value: object) -> Any:
    """What a caller without a type checker may pass."""
    return value


BAD: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: AMSGrad(beta=1), ValueError, r"beta must be in \[0, 1\), got 1"),
    (lambda: AMSGrad(correction=untyped("before")), ValueError, "correction must be one of 'none', 'after-maximum'"),
    (lambda: NAdam(gamma="1.5"), ValueError, r"gamma must be in \[0, 1\), got '1.5'"),
    (lambda: NAdam(schedule=untyped("dozat")), ValueError, "schedule must be one of 'torch', 'constant', got 'dozat'"),
    (lambda: NAdam(momentum_decay=-1), ValueError, "momentum_decay must be finite and >= 0, got -1"),
    (lambda: NAdam(momentum_decay=None), TypeError, "momentum_decay must be a finite number.*got None"),
    (
        lambda: NAdam(momentum_decay="0.1", schedule="constant"),
        ValueError,
        "momentum_decay must be left out where schedule='constant', got '0.1'",
    ),
    (
        lambda: NAdam(momentum_decay=np.array([0.004]), schedule="constant"),
        ValueError,
        "momentum_decay must be left out",
    ),
    (lambda: AdEMAMix(gamma_slow=1), ValueError, r"gamma_slow must be in \[0, 1\), got 1"),
    (lambda: AdEMAMix(alpha=-2), ValueError, "alpha must be finite and >= 0, got -2"),
    (lambda: AdEMAMix(alpha=float("inf")), ValueError, "alpha must be finite and >= 0, got inf"),
    (lambda: AdEMAMix(weight_decay="x"), ValueError, "weight_decay must be a finite number"),
    (lambda: LaProp(beta=-0.1), ValueError, r"beta must be in \[0, 1\), got -0.1"),
    (lambda: LaProp(eps=-1), ValueError, "eps must be finite and >= 0, got -1"),
    (lambda: RMSPropMomentum(gamma=True), TypeError, "gamma must be a finite number.*got True"),
    (lambda: RMSPropMomentum(of=untyped("both")), ValueError, "of must be one of 'normalised', 'raw', got 'both'"),
]


@pytest.mark.parametrize(("act", "error", "message"), BAD, ids=[message[:40] for *_, message in BAD])
def test_bad_input_is_refused_in_one_line(act: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as raised:
        act()
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 250


def test_a_given_schedule_default_is_no_contradiction() -> None:
    assert NAdam(momentum_decay=0.004, schedule="constant") == NAdam(schedule="constant")
