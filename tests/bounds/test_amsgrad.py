"""AMSGrad's exact worst case: the formula, gradients that attain it, and an independent certificate of optimality."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp

from adamtheory.bounds.amsgrad import (
    bias_corrected_bound,
    i,
    kept_below,
    last_second_moment,
    level,
    s,
    settled,
    settled_step,
    simple_bound,
    threshold,
    unsettled,
    unsettled_limit,
    worst_gradient,
)
from adamtheory.methods import AMSGrad, simulate
from adamtheory.notation import beta, gamma, k, n

RATES = [
    ("1/3", "1/2"),
    ("1/2", "1/2"),
    ("1/4", "1/2"),  # gamma^2 = beta
    ("1/10", "9/10"),
    ("9/10", "1/10"),
    ("9/10", "19/20"),
    ("99/100", "9/10"),
    ("9/10", "901/1000"),
]
CASES = [(*rates, steps) for rates in RATES for steps in (1, 2, 3, 8, 25)]


def place(at_beta: str, at_gamma: str) -> dict[sp.Symbol, sp.Expr]:
    return {beta: sp.Rational(at_beta), gamma: sp.Rational(at_gamma), level: sp.Integer(1)}


def value(e: sp.Expr, where: dict[sp.Symbol, sp.Expr]) -> mpmath.mpf:
    return mpmath.mpf(str(sp.N(e.subs(where).doit(), 40)))


def maximum(at_beta: str, at_gamma: str, steps: int) -> tuple[mpmath.mpf, int]:
    """The formula's value after ``steps`` gradients, and the step from which the gradient is constant."""
    last = settled_step(at_beta, at_gamma, steps - 1)
    return value(settled(sp.Integer(last), sp.Integer(steps - 1 - last)), place(at_beta, at_gamma)), last


def attaining(at_beta: str, at_gamma: str, steps: int) -> list[mpmath.mpf]:
    _, last = maximum(at_beta, at_gamma, steps)
    powers = [worst_gradient(sp.Integer(x), sp.Integer(last)) for x in range(last + 1)]
    return [value(e, place(at_beta, at_gamma)) for e in powers] + [mpmath.mpf(1)] * (steps - 1 - last)


@pytest.fixture(autouse=True)
def digits():
    with mpmath.workdps(40):
        yield


@pytest.mark.parametrize(("at_beta", "at_gamma", "steps"), CASES)
def test_the_method_attains_the_maximum(at_beta: str, at_gamma: str, steps: int) -> None:
    gradients = [mpmath.nstr(x, 38) for x in attaining(at_beta, at_gamma, steps)]
    largest, _ = maximum(at_beta, at_gamma, steps)
    b, c = (mpmath.mpf(Fraction(x).numerator) / Fraction(x).denominator for x in (at_beta, at_gamma))
    plain = AMSGrad(beta=at_beta, gamma=at_gamma, correction="none")
    corrected = AMSGrad(beta=at_beta, gamma=at_gamma, correction="after-maximum")
    for method, factor in ((plain, 1), (corrected, mpmath.sqrt(1 - b**steps) / (1 - c**steps))):
        run = simulate(method, gradients, arithmetic="mpmath", digits=40)
        assert abs(run.updates[-1] - factor * largest) < mpmath.mpf(10) ** -30


@pytest.mark.parametrize(("at_beta", "at_gamma", "steps"), CASES)
def test_a_dual_certificate_shows_that_nothing_is_larger(at_beta: str, at_gamma: str, steps: int) -> None:
    """Multipliers p_i >= 0 of v_i <= 1: sum a_k g_k <= (sum a_k^2/w_k + sum p_i)/2, w_k the weight of g_k^2/2."""
    b, c = Fraction(at_beta), Fraction(at_gamma)
    largest, last = maximum(at_beta, at_gamma, steps)
    a = [(1 - c) * c ** (steps - 1 - x) for x in range(steps)]
    # After `last` the optimal gradient a_k/w_k is 1; up to it only v_last is active.  Any w_last gives a bound: here
    # the one with g_last of the attaining sequence.
    w_last = a[last] / Fraction(str(attaining(at_beta, at_gamma, steps)[last]))
    w = [w_last * b ** (last - x) for x in range(last + 1)] + a[last + 1 :]
    prices = [(w[x] - b * (w[x + 1] if x + 1 < steps else 0)) / (1 - b) for x in range(steps)]
    assert all(p >= -Fraction(1, 10**30) for p in prices)
    bound = (sum((x * x / y for x, y in zip(a, w, strict=True)), Fraction(0)) + sum(prices, Fraction(0))) / 2
    assert abs(mpmath.mpf(bound.numerator) / bound.denominator - largest) < mpmath.mpf(10) ** -30


@pytest.mark.parametrize(("at_beta", "at_gamma"), RATES)
def test_random_gradients_stay_below(at_beta: str, at_gamma: str) -> None:
    draw = np.random.default_rng(5)
    gradients = draw.normal(size=(200, 12)) * 10 ** draw.uniform(-2, 2, size=(200, 12))
    method = AMSGrad(beta=Fraction(at_beta), gamma=Fraction(at_gamma), correction="none")
    updates = np.abs(simulate(method, gradients).updates)
    bounds = np.array([float(maximum(at_beta, at_gamma, steps)[0]) for steps in range(1, 13)])
    assert (updates <= bounds * (1 + 1e-12)).all()
    assert (updates.max(axis=0) > bounds / 10).all()


@pytest.mark.parametrize(("at_beta", "at_gamma"), RATES)
def test_the_simple_bounds_lie_above_and_are_sharp_in_the_limit(at_beta: str, at_gamma: str) -> None:
    where = place(at_beta, at_gamma)
    values = [maximum(at_beta, at_gamma, steps)[0] for steps in range(1, 12)]
    assert values == sorted(values)
    late, last = maximum(at_beta, at_gamma, 200)
    if Fraction(at_gamma) >= Fraction(at_beta):
        assert all(x <= value(simple_bound(), {**where, n: sp.Integer(y)}) for y, x in enumerate(values))
        assert 0 <= 1 - late <= value(gamma ** (199 - last), where)
        corrected = value(bias_corrected_bound(), where)
        assert all(x / (1 - Fraction(at_gamma) ** (y + 1)) <= corrected * (1 + 1e-30) for y, x in enumerate(values))
    if Fraction(at_gamma) <= Fraction(at_beta):
        top = value(unsettled_limit(), where)
        assert all(x <= top for x in values)
        assert abs(late - top) < mpmath.mpf(10) ** -8
        assert top >= 1


def brute_force(b: Fraction, c: Fraction, steps: int) -> int:
    total, power = Fraction(0), Fraction(1)
    for at in range(steps + 1):
        total, power = total + power, power * c * c / b
        if c * c * (1 - b) * total >= b * b:
            return at
    return steps


def test_settled_step_against_a_search() -> None:
    draw = random.Random(3)
    for _ in range(150):
        parts = draw.choice([4, 7, 10, 13, 50, 97])
        b, c = Fraction(draw.randint(1, parts - 1), parts), Fraction(draw.randint(0, parts - 1), parts)
        steps = draw.randint(0, 40)
        found = settled_step(b, c, steps)
        assert found == brute_force(b, c, steps)
        where = {beta: sp.Rational(b), gamma: sp.Rational(c)}
        after = Fraction(str(last_second_moment(sp.Integer(found + 2)).subs(where).doit()))
        assert Fraction(str(last_second_moment(sp.Integer(found + 1)).subs(where).doit())) <= 1
        assert after >= 1 or found == steps


@pytest.mark.parametrize(
    ("at_beta", "at_gamma"), [("1/3", "1/2"), ("1/4", "1/2"), ("9/10", "19/20"), ("0.99", "0.999")]
)
def test_threshold_is_the_settled_step(at_beta: str, at_gamma: str) -> None:
    where = place(sp.Rational(at_beta), sp.Rational(at_gamma))
    assert int(threshold().subs(where)) == settled_step(at_beta, at_gamma, 10**6)


def test_settled_step_far_out() -> None:
    assert settled_step("0.999", "0.9", 10**30) == 10**30
    assert settled_step("0.9", "0.9", 10**30) == 10**30
    assert settled_step(0, "0.9", 10**30) == 0
    tiny = Fraction(1, 10**200)
    far = settled_step(1 - 2 * tiny, 1 - tiny, 10**500)
    # q = 1 + tiny^2/(1 - 2 tiny), and S passes 1/(2 tiny) after about 1/(2 tiny) steps
    assert 10**200 // 2 - 10 <= far <= 10**200 // 2
    near = settled_step(Fraction(1, 2), Fraction(1, 2) + tiny, 10**9)
    q, level_left = (Fraction(1, 2) + tiny) ** 2 * 2, 4 * tiny + 4 * tiny**2
    assert q ** (near + 2) <= level_left < q ** (near + 1)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("1", "0.5", 3), "beta must be in [0, 1), got '1'"),
        (("0.5", -1, 3), "gamma must be in [0, 1), got -1"),
        (("0.5", "0.5", -1), "n must be an integer >= 0, got -1"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[object, object, int], line: str) -> None:
    with pytest.raises(ValueError) as caught:
        settled_step(*arguments)
    assert str(caught.value) == line


def test_expressions_name_what_they_depend_on() -> None:
    assert settled().free_symbols == {beta, gamma, s, n}
    assert unsettled().free_symbols == {beta, gamma, n}
    assert worst_gradient().free_symbols == {beta, gamma, k, s, level}
    assert kept_below().bound == {i}
