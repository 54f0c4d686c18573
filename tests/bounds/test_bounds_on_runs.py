"""The bounds on runs in balls: no gradients exceed them, the worst ones reach them, and 1% less would be caught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from adamtheory import bounds
from adamtheory.methods import METHODS, Method, UpdateRule, simulate
from adamtheory.methods.method import Value
from adamtheory.methods.rule import (
    BETA,
    GAMMA,
    LR,
    PLAIN_STEP,
    Assignment,
    gradient,
    moving_average,
    previous,
    state,
    update,
)
from adamtheory.notation import beta, gamma, n

F = Fraction
BITS = 192
m, v, x, y, top = (state(name) for name in ("m", "v", "x", "y", "top"))


def ruled(name: str, steps: tuple[Assignment, ...]) -> type[Method]:
    """A method as a user would define one: its rule alone, with beta and gamma."""
    assigned = [step.symbol for step in steps if previous(step.symbol) in step.expression.free_symbols]
    made = UpdateRule(
        name=name,
        hyperparameters=(BETA, GAMMA, LR),
        state=tuple((symbol, sp.S.Zero) for symbol in assigned),
        steps=steps,
        iterate=PLAIN_STEP,
        description="",
    )

    @dataclass(frozen=True, kw_only=True)
    class Custom(Method):
        name: ClassVar[str] = made.name
        beta: Value = "0.9"
        gamma: Value = "0.5"

        @property
        def rule(self) -> UpdateRule:
            return made

    return Custom


AVERAGES = (moving_average(m, gamma, gradient), moving_average(v, beta, gradient**2))


def over_root(numerator: sp.Expr, square: sp.Symbol = v) -> Assignment:
    return Assignment(update, numerator, sp.sqrt(square))


USERS = {
    # the gradient and its average together: a linear filter that no built-in method has
    "mixed": ruled("mixed", (*AVERAGES, over_root(F(3, 10) * gradient + F(7, 10) * m))),
    "opposed": ruled("opposed", (*AVERAGES, over_root(m - 2 * gradient))),
    "negative": ruled("negative", (*AVERAGES, over_root(-m))),
    # the newest gradient does not count above: nothing at the first step
    "delayed": ruled("delayed", (*AVERAGES, over_root(m - (1 - gamma) * gradient))),
    "corrected": ruled("corrected", (*AVERAGES, over_root(m / (n + 1)))),
    # sums instead of averages, and a decay of its own
    "sums": ruled(
        "sums",
        (
            Assignment(m, gamma * previous(m) + 3 * gradient),
            Assignment(v, beta * previous(v) + 2 * gradient**2),
            over_root(m),
        ),
    ),
    "adagrad with momentum": ruled(
        "adagrad_momentum",
        (moving_average(m, gamma, gradient), Assignment(v, previous(v) + gradient**2), over_root(m)),
    ),
    "largest": ruled("largest", (*AVERAGES, Assignment(top, sp.Max(previous(top), v)), over_root(m, top))),
    "normalised": ruled(
        "normalised",
        (
            moving_average(v, beta, gradient**2),
            Assignment(x, gradient, sp.sqrt(v)),
            moving_average(y, gamma, x),
            Assignment(update, y),
        ),
    ),
}


def build(name: str, **values: Any) -> Method:
    return METHODS[name](**values)


def built_in(name: str, b: Fraction, c: Fraction) -> Method:
    made: dict[str, tuple[str, dict[str, Any]]] = {
        "adam": ("adam", {"beta": b, "gamma": c}),
        "adam_coupled": ("adam_coupled", {"beta": b, "gamma": c}),
        "kadam": ("kadam", {"k": 2, "betas": [b, F(9, 10)], "gammas": [F(1, 2), c]}),
        "rmsprop": ("rmsprop", {"beta": b}),
        "adagrad": ("adagrad", {}),
        "signsgd": ("signsgd", {}),
        "amsgrad": ("amsgrad", {"beta": b, "gamma": c, "correction": "none"}),
        "amsgrad, after": ("amsgrad", {"beta": b, "gamma": c, "correction": "after-maximum"}),
        "nadam": ("nadam", {"beta": b, "gamma": c}),
        "nadam, constant": ("nadam", {"beta": b, "gamma": c, "schedule": "constant"}),
        "ademamix": ("ademamix", {"beta": b, "gamma": c, "gamma_slow": F(99, 100)}),
        "laprop": ("laprop", {"beta": b, "gamma": c}),
        "rmsprop_momentum": ("rmsprop_momentum", {"beta": b, "gamma": c, "of": "normalised"}),
        "rmsprop_momentum, raw": ("rmsprop_momentum", {"beta": b, "gamma": c, "of": "raw"}),
    }
    key, values = made[name]
    return build(key, **values)


BUILT_IN = [
    "adam",
    "adam_coupled",
    "kadam",
    "rmsprop",
    "adagrad",
    "signsgd",
    "amsgrad",
    "amsgrad, after",
    "nadam",
    "nadam, constant",
    "ademamix",
    "laprop",
    "rmsprop_momentum",
    "rmsprop_momentum, raw",
]
NAMES = [*BUILT_IN, *USERS]


def method_named(name: str, b: Fraction, c: Fraction) -> Method:
    values: dict[str, Any] = {"beta": b, "gamma": c}
    return USERS[name](**values) if name in USERS else built_in(name, b, c)


def updates(method: Method, gradients: Any, zeros: str) -> Any:
    return simulate(method, gradients, arithmetic="ball", zeros=zeros, bits=BITS).updates


def above(upper: float, update: arb) -> bool:
    """Is |update| certainly larger?"""
    with ctx.workprec(BITS):
        return bool(abs(update) > arb(upper))


def exceeding(method: Method, gradients: Sequence[Any], zeros: str, shrunk: float = 1.0) -> list[int]:
    """The steps at which a run exceeds the bound times ``shrunk``."""
    run = updates(method, gradients, zeros)
    whole = bounds.max_update(method, zeros=zeros).enclosure[1] * shrunk
    found = []
    for step, u in enumerate(run, start=1):
        there = bounds.max_update(method, steps=step, zeros=zeros).enclosure[1] * shrunk
        if above(there, u) or above(whole, u):
            found.append(step)
    return found


def worst(method: Method, steps: int, zeros: str) -> Any:
    """The last update on the gradients that the bound calls the worst."""
    gradients = bounds.max_update(method, steps=steps, zeros=zeros).worst_gradients()
    assert len(gradients) == steps
    return updates(method, gradients, zeros)[-1]


decays = st.sampled_from([F(0), F(1, 4), F(1, 2), F(3, 5), F(9, 10), F(99, 100)]) | st.fractions(
    min_value=0, max_value=F(999, 1000), max_denominator=1000
)
entries = st.fractions(min_value=-10, max_value=10, max_denominator=50)
growths = st.sampled_from([F(1, 3), F(9, 10), F(1), F(10, 9), F(3), F(1000)])


@st.composite
def sequences(draw: st.DrawFn, zeros: str) -> list[Fraction]:
    """Gradients that shrink or grow, each bent a little or a lot; zeros among them, first ones only where allowed."""
    size, growth = draw(st.integers(1, 6)), draw(growths)
    drawn = [draw(st.just(F(1)) | entries) * growth**k for k in range(size)]
    if zeros == "nonzero-start":
        drawn[0] = drawn[0] or F(1)
    return drawn


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=4)
@given(data=st.data())
def test_no_gradients_exceed_the_bound(name: str, data: st.DataObject) -> None:
    zeros = data.draw(st.sampled_from(["zero-over-zero", "nonzero-start"]), "zeros")
    method = method_named(name, data.draw(decays, "beta"), data.draw(decays, "gamma"))
    gradients = data.draw(sequences(zeros), "gradients")
    if 0 in gradients and 0 in method.values.values():
        gradients = [g or F(1) for g in gradients]  # beta = 0 and a gradient 0 after others: x/0, refused
    assert exceeding(method, gradients, zeros) == []


PLACES = [
    (F(999, 1000), F(9, 10)),
    (F(1, 2), F(3, 5)),
    (F(1, 4), F(1, 2)),
    (F(1, 10), F(9, 10)),
    (F(9, 10), F(9, 10)),
    (F(7, 10), F(0)),
]


@pytest.mark.parametrize("zeros", ["zero-over-zero", "nonzero-start"])
@pytest.mark.parametrize("name", NAMES)
def test_worst_gradients_reach_the_bound(name: str, zeros: str) -> None:
    for b, c in PLACES:
        method = method_named(name, b, c)
        for steps in (1, 2, 3, 10):
            bound = bounds.max_update(method, steps=steps, zeros=zeros)
            if bound.kind != "exact":
                assert not bound.attained
                continue
            reached = worst(method, steps, zeros)
            low, high = bound.enclosure
            assert not above(high, reached)
            if bound.attained:
                with ctx.workprec(BITS):
                    assert not abs(reached) < arb(low), f"{name}, {b}, {c}, {steps}: {reached} is below {low}"
                assert reached.rel_accuracy_bits() > 60 or low == 0
            else:  # the supremum is neared
                assert abs(float(reached)) >= 0.99 * low


def test_the_worst_case_of_rmsprop_begins_with_zeros() -> None:
    """Which gradients are allowed decides whether the supremum is a maximum."""
    for method in (build("rmsprop"), build("adam", gamma=0), build("amsgrad", gamma=0)):
        assert bounds.max_update(method, steps=4, zeros="zero-over-zero").attained
        assert not bounds.max_update(method, steps=4, zeros="nonzero-start").attained
        assert bounds.max_update(method, steps=1, zeros="nonzero-start").attained


def test_eps_leaves_the_bound_true_and_out_of_reach() -> None:
    for name in ("adam", "rmsprop", "adagrad"):
        method = build(name, eps="1e-3")
        bound = bounds.max_update(method, steps=5)
        assert not bound.attained
        gradients = bounds.max_update(build(name), steps=5, zeros="zero-over-zero").worst_gradients()
        sizes = [abs(updates(method, [g * size for g in gradients], "eps")[-1]) for size in (1, 10**4, 10**12)]
        assert sizes[0] < sizes[1] < sizes[2] < arb(bound.enclosure[1])
        assert sizes[2] > arb(bound.value) * (1 - arb(10) ** -8)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("kadam", "delayed")])
def test_one_per_cent_less_is_caught(name: str) -> None:
    """The check that the property test makes sees a bound that is 1% too small."""
    method = method_named(name, F(9, 10), F(1, 2))
    gradients = bounds.max_update(method, steps=6, zeros="zero-over-zero").worst_gradients()
    assert exceeding(method, gradients, "zero-over-zero") == []
    assert 6 in exceeding(method, gradients, "zero-over-zero", shrunk=0.99)


def test_one_per_cent_less_is_caught_of_a_delayed_filter() -> None:
    method = method_named("delayed", F(9, 10), F(1, 2))
    assert bounds.max_update(method, steps=1).value == 0
    gradients = bounds.max_update(method, steps=6, zeros="zero-over-zero").worst_gradients()
    assert 6 in exceeding(method, gradients, "zero-over-zero", shrunk=0.99)


@pytest.mark.parametrize("name", ["mixed", "opposed", "negative", "delayed", "corrected", "sums"])
def test_a_users_method_has_its_maximum(name: str) -> None:
    """Impulses through the run alone: the maximum's square is the sum of the squares of the answers to them."""
    for b, c in PLACES:
        method = method_named(name, b, c)
        for steps in (1, 2, 9):
            answers = updates(method, np.eye(steps, dtype=int), "zero-over-zero")[:, -1]
            with ctx.workprec(BITS):
                expected = sum((u * u for u in answers), arb(0)).nonnegative_part().sqrt()
            bound = bounds.max_update(method, steps=steps)
            assert bound.kind == "exact"
            assert not expected < arb(bound.enclosure[0])
            assert not expected > arb(bound.enclosure[1])
            assert bound.value == pytest.approx(float(expected), rel=1e-14, abs=1e-50)
