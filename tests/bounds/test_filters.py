"""The layers of filters that are read off a rule compute what the method computes; other rules are refused by step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import mpmath
import pytest
import sympy as sp

from adamtheory import notation
from adamtheory.bounds.filters import Filters, Layer, NotALinearFilter, filters
from adamtheory.lowering import evaluate
from adamtheory.methods import (
    METHODS,
    AdaGrad,
    Adam,
    AdEMAMix,
    AMSGrad,
    KAdam,
    LaProp,
    Method,
    Momentum,
    NAdam,
    RMSPropMomentum,
    SignSGD,
    simulate,
)
from adamtheory.methods.rule import Assignment, UpdateRule, gradient, moving_average, previous, state, theta, update

GRADIENTS = [sp.Rational(entry, 8) for entry in (3, -1, 40, 2, -7, 16, 1, -1, 5)]

CASES: dict[str, Method] = {name: cls() for name, cls in METHODS.items()} | {
    "adam beside the boundary": Adam(beta="0.5", gamma="0.75", eps_mode="paper"),
    "momentum heavy-ball": Momentum(form="heavy-ball"),
    "kadam of three": KAdam(betas=["0.9", "0.99", "0.5"], gammas=["0.5", 0, "0.8"]),
    "amsgrad uncorrected": AMSGrad(beta="0.5", correction="none"),
    "nadam constant": NAdam(beta="0.5", gamma="0.75", schedule="constant"),
    "nadam fast": NAdam(momentum_decay=3),
    "ademamix of equals": AdEMAMix(gamma="0.9", gamma_slow="0.9", alpha=3),
    "laprop fast": LaProp(beta="0.5", gamma="0.75"),
    "rmsprop_momentum raw": RMSPropMomentum(of="raw"),
}


def output(layer: Layer, inputs: list[Any], known: list[dict[sp.Symbol, Any]]) -> list[Any]:
    """The layer's sums as its docstring has them; ``known`` are the hyperparameters and scalars of each step."""

    def at(step: int, e: sp.Expr) -> Any:
        return evaluate(e, {symbol: known[step][symbol] for symbol in e.free_symbols}, "mpmath")

    def squares(step: int, weight: Any, decay: Any) -> Any:
        return sum(weight * decay ** (step - k) * inputs[k] ** 2 for k in range(step + 1))

    outputs = []
    for step in range(len(inputs)):
        value = at(step, layer.direct) * inputs[step]
        for mode in layer.modes:
            pole = at(step, mode.pole)
            total = sum(pole ** (step - k) * inputs[k] for k in range(step + 1))
            value += at(step, mode.amplitude) * total
        if layer.square is not None:
            weight, decay = at(step, layer.square.weight), at(step, layer.square.decay)
            first = 0 if layer.square.maximum else step
            value /= mpmath.sqrt(max(squares(earlier, weight, decay) for earlier in range(first, step + 1)))
        outputs.append(value)
    return outputs


def steps_of(found: Filters, values: dict[sp.Symbol, Any]) -> list[dict[sp.Symbol, Any]]:
    """Each step's n, hyperparameters and scalars."""
    known: list[dict[sp.Symbol, Any]] = []
    for step in range(len(GRADIENTS)):
        here = {notation.n: step, **values}
        for scalar in found.scalars:
            here[previous(scalar.symbol)] = known[-1][scalar.symbol] if known else mpmath.mpf(1)
            needed = {symbol: here[symbol] for symbol in scalar.expression.free_symbols}
            here[scalar.symbol] = evaluate(scalar.expression, needed, "mpmath")
        known.append(here)
    return known


@pytest.mark.parametrize("name", CASES)
@mpmath.workdps(50)
def test_layers_compute_the_update(name: str) -> None:
    method = CASES[name]
    found = filters(method.rule)
    run = simulate(replace(method, lr=1), [str(g) for g in GRADIENTS], arithmetic="mpmath").updates
    values = {symbol: value for symbol, value in method.values.items() if symbol != notation.weight_decay}
    known = steps_of(found, values)
    signal = [mpmath.mpf(int(g.p)) / int(g.q) for g in GRADIENTS]
    source: sp.Symbol = gradient
    for layer in found.layers:
        assert layer.source == source
        signal, source = output(layer, signal, known), layer.output
    assert source == update
    for theirs, ours in zip(run, signal, strict=True):
        assert mpmath.almosteq(theirs, ours, rel_eps=1e-30, abs_eps=1e-40)
    assert any(abs(ours) > 0.01 for ours in signal)


def test_what_is_read_off() -> None:
    def squares(method: Method) -> list[Any]:
        return [layer.square for layer in filters(method.rule).layers]

    assert [s.maximum for s in squares(AMSGrad())] == [True]
    assert [s.maximum for s in squares(Adam())] == [False]
    assert [s is None for s in squares(LaProp())] == [s is None for s in squares(RMSPropMomentum())] == [False, True]
    assert squares(Momentum()) == [None]
    assert (squares(AdaGrad())[0].decay, squares(SignSGD())[0].decay) == (1, 0)
    assert len(squares(KAdam(k=3))) == 3
    (mix,) = filters(AdEMAMix().rule).layers
    assert {mode.pole.name for mode in mix.modes} == {"gamma", "gamma_slow"}
    assert filters(NAdam().rule).layers[0].direct != 0
    assert [scalar.symbol.name for scalar in filters(NAdam().rule).scalars] == ["mu_product"]
    assert filters(Adam().rule).layers[0].direct == 0
    # eps and its place are gone, and so is decay of either kind
    assert filters(Adam().rule).layers == filters(METHODS["adam_coupled"]().rule).layers
    assert filters(Adam().rule).layers == filters(METHODS["adamw"]().rule).layers


def rule(*steps: Assignment, start: Any = 0) -> UpdateRule:
    """A rule of the states m, v, w that are assigned among the steps."""
    states = tuple((step.symbol, sp.sympify(start)) for step in steps if step.symbol.name in ("m", "v", "w"))
    return UpdateRule("made up", Adam().rule.hyperparameters, states, steps, theta - notation.lr * update, "")


m, v, w = state("m"), state("v"), state("w")
mean = moving_average(m, notation.gamma, gradient)
square = moving_average(v, notation.beta, gradient**2)
slower = moving_average(w, notation.gamma, gradient**2)
REFUSED: dict[str, tuple[UpdateRule, str]] = {
    "an average of an average": (
        rule(mean, moving_average(w, notation.gamma, m), square, Assignment(update, w, sp.sqrt(v))),
        "w .* filters in series",
    ),
    "a cubed gradient": (rule(moving_average(m, notation.gamma, gradient**3), Assignment(update, m)), "m .* linear"),
    "no root": (rule(mean, square, Assignment(update, m, v)), "u .* not a linear filter over the root of v"),
    "a square of the update": (rule(mean, square, Assignment(update, m**2, sp.sqrt(v))), "u .* linear"),
    "two sums of squares": (
        rule(mean, square, slower, Assignment(update, m, sp.sqrt(v) * sp.sqrt(w))),
        "u .* more than one sum of squares",
    ),
    "another start": (rule(mean, square, Assignment(update, m, sp.sqrt(v)), start=1), "m .* it starts from 1"),
    "a factor that changes": (
        rule(moving_average(m, 1 / (notation.n + 2), gradient), Assignment(update, m)),
        "m .* not linear with a constant factor",
    ),
    "a gradient at other parameters": (
        rule(moving_average(m, notation.gamma, gradient + theta), Assignment(update, m)),
        "the update depends on the parameters",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_other_rules_are_refused_in_one_line_that_names_the_step(name: str) -> None:
    made, message = REFUSED[name]
    with pytest.raises(NotALinearFilter, match=message) as raised:
        filters(made)
    assert str(raised.value).startswith("made up: ")
    assert "\n" not in str(raised.value)
