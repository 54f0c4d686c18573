"""One contract over methods x arithmetics."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from adamtheory import notation
from adamtheory.lowering import LeavesRationals, SignedRoot, arithmetic, evaluate
from adamtheory.methods import (
    METHODS,
    Adam,
    AdamCoupled,
    AdamW,
    AdEMAMix,
    AMSGrad,
    KAdam,
    LaProp,
    Method,
    Momentum,
    NAdam,
    RMSPropMomentum,
    Run,
    simulate,
)
from adamtheory.testing.closeness import assert_encloses

LR = "0.01"

#: every method of the registry as it comes, and the variants that a name alone does not show
CASES: dict[str, Method] = {name: cls(lr=LR) for name, cls in METHODS.items()} | {
    "momentum heavy-ball": Momentum(lr=LR, form="heavy-ball", gamma="0.5"),
    "adam eps torch": Adam(lr=LR, beta="0.99", gamma="0.8", eps="1e-3"),
    "adam eps paper": Adam(lr=LR, beta="0.99", gamma="0.8", eps="1e-3", eps_mode="paper"),
    "adam gamma 0": Adam(lr=LR, gamma=0),
    "adam above the boundary": Adam(lr=LR, beta="1/2", gamma="9/10"),
    "adamw decay": AdamW(lr=LR, weight_decay="0.3"),
    "adam_coupled decay": AdamCoupled(lr=LR, weight_decay="0.3", eps="1e-8"),
    "kadam 1": KAdam(lr=LR, k=1),
    "kadam 3 levels": KAdam(
        lr=LR, betas=["0.9", "0.99", 0.5], gammas=["0.5", 0, "0.8"], eps="1e-6", weight_decay="0.1"
    ),
    "kadam inverse-exp": KAdam(lr=LR, k=2, strategy="inverse-exp"),
    "kadam coupled": KAdam(lr=LR, k=2, weight_decay="0.2", coupled=True, eps="1e-4", eps_mode="torch"),
    "amsgrad uncorrected": AMSGrad(lr=LR, beta="0.5", gamma="0.9", correction="none"),
    "nadam constant": NAdam(lr=LR, schedule="constant"),
    "nadam rational schedule": NAdam(lr=LR, beta="0.9", gamma="0.8", momentum_decay=2),
    "ademamix decay": AdEMAMix(lr=LR, alpha=8, gamma_slow="0.99", weight_decay="0.3"),
    "laprop eps": LaProp(lr=LR, beta="0.9", gamma="0.5", eps="1e-3"),
    "rmsprop_momentum raw": RMSPropMomentum(lr=LR, gamma="0.5", of="raw"),
}

#: three sequences of eight dyadic gradients, so that a float and the number it stands for are the same
GRADIENTS = [
    [Fraction(numerator, 64) for numerator in row]
    for row in ([1, -2, 3, -5, 8, -13, 21, 34], [64, 0, 0, 16, -64, 3, 0, 1], [-7, -7, -7, -7, -7, -7, -7, -7])
]
POSITIVE = [[abs(entry) or Fraction(1, 64) for entry in row] for row in GRADIENTS]

EPSILON = 2.0**-53
methods = pytest.mark.parametrize("method", CASES.values(), ids=list(CASES))
# levels of k-Adam add roots to rationals, and so do coupled iterates and sums of normalised gradients; torch's schedule
# of NAdam's momentum takes a root of 0.96
IRRATIONAL = {"adam_coupled decay", "kadam", "kadam 3 levels", "kadam inverse-exp", "kadam coupled"}
IRRATIONAL |= {"nadam", "laprop", "laprop eps", "rmsprop_momentum"}
exact_methods = pytest.mark.parametrize("name", [name for name in CASES if name not in IRRATIONAL])


def tables(run: Run) -> Iterator[tuple[str, Any]]:
    yield "u", run.updates
    yield from run.states.items()
    if run.iterates is not None:
        yield "theta", run.iterates


@exact_methods
def test_fractions_lie_in_the_balls(name: str) -> None:
    method = CASES[name]
    if any(value == Fraction(1, 1000) for value in [method.values.get(notation.eps)]):
        with pytest.raises(LeavesRationals, match="not rational"):  # sqrt(v) + eps
            simulate(method, GRADIENTS, arithmetic="fraction")
        return
    exact = simulate(method, GRADIENTS, arithmetic="fraction", theta0="1/3")
    balls = simulate(method, GRADIENTS, arithmetic="ball", theta0="1/3")
    enclosed = dict(tables(balls))
    for table, values in tables(exact):
        for index in np.ndindex(values.shape):
            assert isinstance(values[index], (Fraction, SignedRoot))
            assert_encloses(enclosed[table][index], values[index], relative=1e-30, absolute=1e-40)
    # u**2 never leaves the rationals
    assert all(isinstance(value**2, Fraction) for value in exact.updates.ravel())
    assert (exact.iterates is None) == (exact.iterates_reason is not None)


@pytest.mark.parametrize("name", sorted(IRRATIONAL))
def test_fractions_refuse_what_leaves_the_rationals(name: str) -> None:
    with pytest.raises(LeavesRationals, match="use arithmetic='ball'"):
        simulate(CASES[name], GRADIENTS, arithmetic="fraction")


@methods
def test_balls_contain_mpmath_at_higher_precision(method: Method) -> None:
    balls = simulate(method, GRADIENTS, arithmetic="ball", theta0="0.7")
    reference = dict(tables(simulate(method, GRADIENTS, arithmetic="mpmath", digits=90, theta0="0.7")))
    for table, values in tables(balls):
        for index in np.ndindex(values.shape):
            assert_encloses(values[index], reference[table][index], relative=1e-28, absolute=1e-34)


def feeds_back(method: Method) -> bool:
    return method.rule.reads_iterates and method.values[notation.weight_decay] != 0


def error_multiple(method: Method, steps: int) -> float:
    """K such that a float run of N = ``steps`` steps has |u_float - u| <= K * eps * u(|g|), with eps = 2**-53.

    To first order in eps. A weight (1-gamma) gamma^i of m is a product of at most N factors, each with a
    representation error, a rounding of its product and one of the running sum: 3 eps a step and 3 more; 1 - gamma, from
    gamma rounded, is off by eps/(1-gamma) relatively. So |dm| <= (3N + 3 + 1/(1-gamma)) eps M with M the m of |g|.
    v is a sum of non-negative terms, so relatively 3N + 4 + 1/(1-beta) (one more rounding for g^2; AdaGrad's N sums are
    fewer), half of it after the root. In the bias correction gamma^N has relative error (N + 1) eps, so 1 - gamma^N, at
    least 1 - gamma, has ((N + 1)/(1 - gamma) + 1) eps; likewise beta, halved by the root. Six more roundings join the
    parts; sums with eps or conversions of irrational hyperparameters add less than another six. P M / (sqrt(v) + eps)
    is the update of |g|.

    Taking a maximum (AMSGrad) rounds nothing. A second average (AdEMAMix) has gamma_slow for gamma, and alpha costs two
    roundings. NAdam's mu_t <= gamma is off by at most 8 eps, so a product p <= gamma^N of N of them by 9 N eps and
    1 - p by 9 N p/(1 - p) eps <= 9/(1 - gamma) eps; with 1 - mu_t that is 17/(1 - gamma), no more than for 1 - gamma^N
    where N >= 16. Averages of normalised gradients f (LaProp) have the errors of v within f, those of m as above, and M
    is the average of |f|.

    k-Adam: on positive gradients nothing cancels, so relative errors add: level i has twice that of level i - 1 (once
    through m, once through the root of v) and K of its own, in all (2^k - 1) K.
    """
    beta, gamma = 0.0, 0.0
    for symbol, value in method.values.items():
        if symbol.name.startswith("beta"):
            beta = max(beta, float(value))
        if symbol.name.startswith("gamma"):
            gamma = max(gamma, float(value))
    first = 3 * steps + 3 + 1 / (1 - gamma)
    second = (3 * steps + 4 + 1 / (1 - beta)) / 2
    correction = (steps + 1) / (1 - gamma) + 1 + ((steps + 1) / (1 - beta) + 1) / 2
    levels = method.k or 1 if isinstance(method, KAdam) else 1
    return (2**levels - 1) * (first + second + correction + 12)


# the feedback of coupled decay through the iterates has no error bound of this kind; test_torch_optim holds it to torch
@pytest.mark.parametrize("arithmetic", ["numpy", "torch"])
@pytest.mark.parametrize("name", [name for name, method in CASES.items() if not feeds_back(method)])
def test_floats_stay_within_the_derived_multiple_of_eps(name: str, arithmetic: str) -> None:
    method = CASES[name]
    if arithmetic == "torch":
        pytest.importorskip("torch")
    many_levels = isinstance(method, KAdam) and method.k != 1
    rng = np.random.default_rng(11)
    gradients = np.round(rng.normal(size=(4, 60)) * 2.0 ** rng.integers(-3, 4, size=(4, 1)) * 1024) / 1024
    gradients[gradients == 0] = 1.0
    gradients = abs(gradients) if many_levels else gradients
    run = simulate(method, gradients, arithmetic=arithmetic)
    reference = simulate(method, gradients, arithmetic="mpmath")
    magnitude = simulate(method, abs(gradients), arithmetic="mpmath").updates
    allowed = error_multiple(method, gradients.shape[-1]) * EPSILON
    updates = np.asarray(run.updates)
    for index in np.ndindex(updates.shape):
        error = abs(mpmath.mpf(float(updates[index])) - reference.updates[index])
        assert error <= allowed * magnitude[index], (index, error / EPSILON)
    # the iterate is a sum of N updates: their errors add, and each of its N steps rounds four times
    assert reference.iterates is not None
    iterates = np.asarray(run.iterates, dtype=np.float64)
    lr = float(method.values[notation.lr])
    for index in np.ndindex(gradients.shape[:1]):
        summed = lr * allowed * float(sum(magnitude[index]))
        path = zip(reference.iterates[index][1:], reference.updates[index], strict=True)
        rounded = 5 * EPSILON * sum(abs(float(theta)) + lr * abs(float(u)) for theta, u in path)
        assert abs(iterates[index][-1] - float(reference.iterates[index][-1])) <= 2 * (summed + rounded)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("arithmetic", ["numpy", "torch"])
@methods
def test_shapes_and_dtypes(method: Method, arithmetic: str, dtype: str) -> None:
    if arithmetic == "torch":
        pytest.importorskip("torch")
    run = simulate(method, np.ones((2, 3, 5), dtype), arithmetic=arithmetic)
    assert run.steps == 5
    assert run.batch == (2, 3)
    shapes = {name: tuple(values.shape) for name, values in tables(run)}
    assert shapes.pop("theta") == (2, 3, 6)
    assert set(shapes.values()) == {(2, 3, 5)}
    assert {str(values.dtype).removeprefix("torch.") for _, values in tables(run)} == {dtype}


def batched(method: Method) -> Method:
    """The method with its decay rates as arrays of shapes (3,) and (2, 1)."""
    beta, gamma = np.array([0.5, 0.9, 0.0]), np.array([[0.25], [0.75]])
    if isinstance(method, KAdam):
        return KAdam(lr=method.lr, betas=[beta, "0.9"], gammas=[0.5, gamma], eps="1e-6")
    given = {"beta": beta, "gamma": gamma}
    given |= {"gamma_slow": 1 - gamma / 2, "momentum_decay": np.array([0.0, 0.004, 1.0])}
    return type(method)(lr="0.01", **{name: value for name, value in given.items() if hasattr(method, name)})


def picked(method: Method, index: tuple[int, int]) -> Method:
    def pick(value: Any) -> Any:
        return np.broadcast_to(value, (2, 3))[index] if getattr(value, "ndim", 0) else value

    if isinstance(method, KAdam):
        betas, gammas = [pick(x) for x in method.betas], [pick(x) for x in method.gammas]
        return KAdam(lr=method.lr, betas=betas, gammas=gammas, eps=method.eps)
    rates = ("beta", "gamma", "gamma_slow", "momentum_decay", "lr")
    names = [name for name in rates if hasattr(method, name)]
    return type(method)(**{name: pick(getattr(method, name)) for name in names})


@pytest.mark.parametrize("arithmetic", ["ball", "numpy", "torch"])
@pytest.mark.parametrize("name", [name for name in METHODS if name != "adam_coupled"])
def test_a_batch_equals_a_loop(name: str, arithmetic: str) -> None:
    if arithmetic == "torch":
        pytest.importorskip("torch")
    method = batched(CASES[name])
    gradients = np.round(np.random.default_rng(3).normal(size=(2, 3, 6)) * 64 + 200) / 64
    theta0 = np.array([[1.0], [-2.0]])
    together = dict(tables(simulate(method, gradients, arithmetic=arithmetic, theta0=theta0)))
    for index in np.ndindex(2, 3):
        alone = simulate(picked(method, index), gradients[index], arithmetic=arithmetic, theta0=theta0[index[0], 0])
        for table, values in tables(alone):
            batch = together[table][index]
            if arithmetic == "ball":
                assert all(a.overlaps(b) and a.rad() == b.rad() for a, b in zip(batch, values, strict=True))
            else:  # a scalar power may differ from an array's in its last bit
                np.testing.assert_allclose(np.asarray(batch), np.asarray(values), rtol=1e-13)


@exact_methods
def test_definitions_are_the_rule(name: str) -> None:
    """The sequences of the theory, unrolled by hand, are what the simulation computes."""
    method = CASES[name]
    values = {symbol: sp.Rational(value) for symbol, value in method.values.items()}
    run = simulate(method, POSITIVE, arithmetic="ball", theta0="1/3")
    known: dict[sp.Expr, sp.Expr] = {notation.g(i): sp.Rational(x) for i, x in enumerate(POSITIVE[0])}
    definitions = method.rule.definitions()
    for definition in definitions:
        known |= {definition.function(i): start for i, start in definition.initial}
    known[notation.theta(0)] = sp.Rational(1, 3)
    sequences = [(d.function, 0, d.body) for d in definitions] + [(notation.theta, 1, method.rule.next_iterate())]
    computed = {symbol.name: run.states.get(symbol.name, run.updates) for symbol, _ in method.rule.assignments}
    assert run.iterates is not None
    computed["theta"] = run.iterates
    for step in range(4):
        for function, ahead, body in sequences:
            at = step + ahead
            known[function(at)] = body.subs(notation.n, step).xreplace(known).subs(values)
            ball = computed[function.__name__][0][at]
            value = evaluate(known[function(at)], {}, arithmetic("mpmath", digits=90))
            assert_encloses(ball, value, relative=1e-30, absolute=1e-30)


def test_every_rule_says_what_it_is() -> None:
    for method in CASES.values():
        rule = method.rule
        assert rule.name == method.name
        assert "theta_{n+1}" in rule.description
        allowed = {"g", "theta", "n"} | {h.symbol.name for h in rule.hyperparameters}
        for symbol, expression in rule.assignments:
            names = {s.name.removesuffix("_prev") for s in expression.free_symbols}
            assert names <= allowed | {symbol.name}
            allowed.add(symbol.name)
        assert rule.update in dict(rule.assignments)
