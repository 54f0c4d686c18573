"""Bounds of AdamW's parameters and of the norm of scale-invariant weights, and their exports at extremes."""

from __future__ import annotations

import ctypes
import math
import random
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import pytest

from adamtheory import bounds
from adamtheory.bounds.trajectory_exports import FORMS, trajectory_source
from adamtheory.methods import Adam, AdamW, RMSProp, simulate

TOLERANCE = 1e-12


def norm_by_steps(
    lr: Fraction, gamma: Fraction, decay: Fraction, squared: Fraction, start: Fraction, n: int
) -> Fraction:
    """|W_n|^2 by the exact recursion of |W|^2 and <W, u>."""
    kept, inner, norm = 1 - lr * decay, Fraction(0), start
    for _ in range(n):
        norm = kept**2 * norm - 2 * lr * kept * inner + lr**2 * squared
        inner = gamma * (kept * inner - lr * squared)
    return norm


def growth_cases() -> list[tuple[float, ...]]:
    """(gamma, initial, lr, update_squared, weight_decay, steps), lr weight_decay < 1."""
    draw = random.Random(3)
    cases: list[tuple[float, ...]] = []
    while len(cases) < 250:
        lr = draw.choice([1e-3, 0.1, 1.0, 1e-9, draw.random()])
        decay = draw.choice([0.0, 1e-2, draw.random(), 1e-9, 1e-300, 0.999999 / lr])
        gamma = draw.choice([0.0, 0.9, 1 - 1e-9, 1e-12, draw.random(), max(0.0, min(1 - lr * decay, 1 - 1e-16))])
        squared, initial = draw.choice([1.0, 0.0, 3.7]), draw.choice([0.0, 1.0, 1e6])
        steps = float(draw.choice([0, 1, 2, 3, 7, 100, 12345, 10**9, 10**15, 10**30]))
        if Fraction(lr) * Fraction(decay) < 1:
            cases.append((gamma, initial, lr, squared, decay, steps))
    return cases


def iterate_cases() -> list[tuple[float, ...]]:
    """(largest_update, lr, start, weight_decay, steps)."""
    draw = random.Random(4)
    cases: list[tuple[float, ...]] = []
    for _ in range(250):
        lr = draw.choice([1e-3, 0.1, 1.0, 1e-9, draw.random()])
        decay = draw.choice([0.0, 1e-2, draw.random(), 1e-9, 2 / lr, 1 / lr, 1.5, 3.0])
        steps = float(draw.choice([0, 1, 2, 3, 7, 100, 12345, 10**9, 10**15, 10**30]))
        cases.append((1.0, lr, draw.choice([0.0, 1.0, 1e6]), decay, steps))
    return cases


def expected(name: str, case: tuple[float, ...]) -> float:
    """From balls that are exact in the doubles of the case."""
    exact = [Fraction(x) for x in case]
    if name == "norm_growth":
        gamma, initial, lr, squared, decay, steps = exact
        bound = bounds.norm_growth(
            lr=lr, gamma=gamma, weight_decay=decay, update_squared=squared, initial=initial, steps=int(steps)
        )
    else:
        _, lr, start, decay, steps = exact
        method = AdamW(lr=lr, weight_decay=decay, beta="0.9", gamma="0.9")  # equal decays: no update exceeds 1
        bound = bounds.iterate(method, steps=int(steps), start=start)
    return bound.value


CASES: dict[str, Callable[[], list[tuple[float, ...]]]] = {"norm_growth": growth_cases, "iterate": iterate_cases}


def agrees(found: float, wanted: float) -> bool:
    if math.isinf(wanted) or wanted == 0:
        return found == wanted
    return abs(found - wanted) <= TOLERANCE * wanted


@pytest.fixture(scope="module", params=list(FORMS))
def reference(request: pytest.FixtureRequest) -> tuple[str, list[tuple[float, ...]], list[float]]:
    cases = CASES[request.param]()
    return request.param, cases, [expected(request.param, case) for case in cases]


def loaded(name: str, language: str) -> Any:
    namespace: dict[str, Any] = {}
    exec(compile(trajectory_source(name, language), name, "exec"), namespace)  # noqa: S102
    return namespace[name]


def test_python_at_extremes(reference: tuple[str, list[tuple[float, ...]], list[float]]) -> None:
    name, cases, wanted = reference
    function = loaded(name, "python")
    assert [c for c, w in zip(cases, wanted, strict=True) if not agrees(function(*c), w)] == []


def test_numpy_at_extremes(reference: tuple[str, list[tuple[float, ...]], list[float]]) -> None:
    import numpy as np

    name, cases, wanted = reference
    found = loaded(name, "numpy")(*np.array(cases).T)
    assert [c for c, f, w in zip(cases, found, wanted, strict=True) if not agrees(float(f), w)] == []


def test_torch_at_extremes(reference: tuple[str, list[tuple[float, ...]], list[float]]) -> None:
    torch = pytest.importorskip("torch")
    name, cases, wanted = reference
    found = loaded(name, "torch")(*torch.tensor(cases, dtype=torch.float64).T)
    assert [c for c, f, w in zip(cases, found, wanted, strict=True) if not agrees(float(f), w)] == []


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
def test_c_at_extremes(reference: tuple[str, list[tuple[float, ...]], list[float]], tmp_path: Path) -> None:
    name, cases, wanted = reference
    (tmp_path / "bound.c").write_text(trajectory_source(name, "c"))
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", "bound.c", "-o", "bound.so"]
    subprocess.run([*command, "-lm"], cwd=tmp_path, check=True)
    function = getattr(ctypes.CDLL(str(tmp_path / "bound.so")), name)
    function.argtypes, function.restype = [ctypes.c_double] * len(cases[0]), ctypes.c_double
    assert [c for c, w in zip(cases, wanted, strict=True) if not agrees(function(*c), w)] == []


@pytest.mark.parametrize("language", ["python", "numpy", "torch"])
def test_infinite_steps_give_the_limit(language: str) -> None:
    if language == "torch":
        pytest.importorskip("torch")
    growth = loaded("norm_growth", language)
    limit = bounds.norm_growth(lr=Fraction(0.1), gamma=Fraction(0.9), weight_decay=Fraction(0.25)).value
    assert agrees(float(growth(0.9, 0.0, 0.1, 1.0, 0.25, math.inf)), limit)
    assert float(growth(0.9, 0.0, 0.1, 1.0, 0.0, math.inf)) == math.inf
    held = loaded("iterate", language)
    assert agrees(float(held(1.0, 0.1, 5.0, 0.25, math.inf)), 4.0)


def test_differentiable_in_torch() -> None:
    torch = pytest.importorskip("torch")
    growth = loaded("norm_growth", "torch")
    start = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (0.9, 2.0, 0.1, 3.0, 0.5)]
    assert torch.autograd.gradcheck(lambda *given: growth(*given, 50.0), start)


@pytest.mark.parametrize("decay", ["0", "0.1", "1"])
@pytest.mark.parametrize("gamma", ["0", "0.5", "0.9"])
def test_norm_is_that_of_the_recursion(decay: str, gamma: str) -> None:
    lr, squared, initial = Fraction(1, 10), Fraction(3), Fraction(2)
    for n in (0, 1, 2, 7, 40):
        bound = bounds.norm_growth(
            lr=lr, gamma=gamma, weight_decay=decay, update_squared=squared, initial=initial, steps=n
        )
        exact = norm_by_steps(lr, Fraction(gamma), Fraction(decay), squared, initial, n)
        low, high = bound.enclosure
        assert low <= exact <= high


def test_norm_over_all_steps_is_the_larger_of_start_and_equilibrium() -> None:
    rest = bounds.norm_growth(lr="0.1", weight_decay="0.1")
    assert rest.stable
    assert rest.value > bounds.norm_growth(lr="0.1", weight_decay="0.1", steps=100_000).value * (1 - 1e-9)
    assert bounds.norm_growth(lr="0.1", weight_decay="0.1", initial=100).value == 100
    free = bounds.norm_growth(lr="0.1")
    assert not free.stable
    assert free.value == math.inf


def test_what_does_not_move_stays() -> None:
    held = bounds.iterate(AdamW(lr=0, beta="0.9", gamma="0.9"), start=1)
    assert held.stable
    assert (held.value, held.limit.subs(held.values)) == (1, 1)
    still = bounds.norm_growth(lr=0, initial=3)
    assert still.stable
    assert still.attained
    assert (still.value, still.stable.condition.subs(still.values)) == (3, True)


def test_norm_attained_where_it_starts_above_its_equilibrium() -> None:
    assert not bounds.norm_growth(lr="0.1", weight_decay="0.1").attained
    assert bounds.norm_growth(lr="0.1", weight_decay="0.1", initial=100).attained
    free = bounds.norm_growth(lr="0.1")
    assert not free.attained
    assert str(free.limit) == "oo"


def test_parameters_reach_the_bound_at_equal_decays() -> None:
    method = AdamW(lr="0.1", weight_decay="0.1", beta="0.9", gamma="0.9")
    for steps in (1, 2, 50):
        bound = bounds.iterate(method, steps=steps, start=2)
        assert bound.kind == "exact"
        run = simulate(method, bound.worst_gradients(), arithmetic="ball", theta0=2)
        assert run.iterates is not None
        assert run.iterates[-1].overlaps(bound.ball)
    assert bounds.iterate(method, start=2).value == pytest.approx(10)


def test_parameters_stay_below_the_bound() -> None:
    draw = random.Random(5)
    for _ in range(20):
        decay = draw.choice(["0", "0.5", "5", "15", "20", "25"])
        method = AdamW(lr="0.1", weight_decay=decay, beta="0.99", gamma="0.9")
        steps = draw.randint(1, 25)
        bound = bounds.iterate(method, steps=steps, start=1)
        gradients = [draw.choice([-1, 1]) * (Fraction(9, 10) / Fraction(99, 100)) ** -at for at in range(steps)]
        run = simulate(method, gradients, arithmetic="ball", theta0=1)
        assert run.iterates is not None
        assert not abs(run.iterates[-1]) > bound.ball


def test_parameters_grow_beyond_two() -> None:
    assert bounds.iterate(AdamW(lr=1, weight_decay=3)).value == math.inf
    assert bounds.iterate(AdamW(lr=1, weight_decay=1)).stable
    assert bounds.iterate(Adam(lr="0.1"), steps=10**30).value == pytest.approx(7.270291799999699e29)


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: bounds.iterate(RMSProp(lr=1)), "method must be AdamW(lr=...) or Adam(lr=...)"),
        (lambda: bounds.iterate(AdamW()), "lr must be given"),
        (lambda: bounds.iterate(AdamW(lr=1), steps=-1), "steps must be an integer >= 0, got -1"),
        (lambda: bounds.norm_growth(lr=-1), "lr must be >= 0, got -1"),
        (lambda: bounds.norm_growth(lr=1, gamma=1), "gamma must be in [0, 1), got 1"),
        (lambda: bounds.norm_growth(lr=1, weight_decay=2), "weight_decay must be below 1/lr"),
        (lambda: bounds.norm_growth(lr=1, steps=cast("int", 2.5)), "steps must be an integer >= 0, got 2.5"),
        (lambda: trajectory_source("iterate", "fortran"), "language must be one of 'python', 'numpy', 'torch', 'c'"),
    ],
)
def test_one_line_for_bad_input(call: Callable[[], Any], line: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_proofs_are_those_of_the_catalogue() -> None:
    results = bounds.norm_growth(lr="0.1").proof()
    assert {r.verdict.value for r in results} == {"PROVED"}
    assert all(r.trust.rules for r in results)
