"""The expressions of the norm dynamics against exact runs in a few dimensions, and against each other."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
import sympy as sp

from adamtheory.dynamics import norms
from adamtheory.lowering import evaluate
from adamtheory.notation import gamma, lr, n, tau, weight_decay

AT = {lr: Fraction(1, 10), weight_decay: Fraction(3, 7), gamma: Fraction(4, 5)}
R, C, S, M, G, U = sp.symbols("R C S M G U", real=True)


def dot(a, b) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def exact_run(steps: int, *, orthogonal: bool, seed: int = 0) -> list[dict[str, Fraction]]:
    """W, m, u, c in the plane in exact fractions, with any gradients or with gradients orthogonal to W."""
    rng = random.Random(seed)

    def number() -> Fraction:
        return Fraction(rng.randint(-9, 9), rng.randint(1, 9))

    eta, rate, memory = AT[lr], AT[weight_decay], AT[gamma]
    W, m = [number(), Fraction(1)], [Fraction(0)] * 2
    rows = []
    for _ in range(steps):
        g = [number(), number()]
        if orthogonal:
            stretch = number()
            g = [-stretch * W[1], stretch * W[0]]
        m = [memory * a + (1 - memory) * b for a, b in zip(m, g, strict=True)]
        c = abs(number())
        u = [c * a for a in m]
        rows.append(
            {
                "W2": dot(W, W),
                "Wg": dot(W, g),
                "Wm": dot(W, m),
                "Wu": dot(W, u),
                "m2": dot(m, m),
                "u2": dot(u, u),
                "c": c,
            }
        )
        W = [w - eta * (a + rate * w) for w, a in zip(W, u, strict=True)]
    return rows


def at(expression, values=(), functions=None):
    return evaluate(expression, {**AT, **dict(values)}, "fraction", functions=functions or {})


def column(rows, name):
    return lambda index: rows[index][name]


def test_one_step_of_any_update_is_exact():
    rows = exact_run(6, orthogonal=False)
    step = norms.next_norm_squared(R, S, U)
    for now, then in pairwise(rows):
        assert at(step, {R: now["W2"], S: now["Wu"], U: now["u2"]}) == then["W2"]


def test_recursion_of_the_momentum_inner_product_is_exact():
    rows = exact_run(6, orthogonal=False)
    step = norms.next_momentum_inner(S, C, M, G)
    for now, then in pairwise(rows):
        assert at(step, {S: now["Wm"], C: now["c"], M: now["m2"], G: then["Wg"]}) == then["Wm"]


def test_unrolled_forms_are_exact_for_orthogonal_gradients():
    rows = exact_run(7, orthogonal=True)
    assert rows[1]["Wg"] == 0
    assert rows[3]["Wm"] != 0
    c, m2, u2, inner = (sp.Function(name) for name in ("c", "m2", "u2", "inner"))
    functions = {name: column(rows, name) for name in ("c", "m2", "u2")} | {"inner": column(rows, "Wu")}
    for steps in range(7):
        momentum = norms.momentum_inner_after(c, m2, sp.Integer(steps))
        assert at(momentum, functions=functions) == rows[steps]["Wm"]
        norm = norms.norm_squared_after(R, u2, inner, steps=sp.Integer(steps))
        assert at(norm, {R: rows[0]["W2"]}, functions) == rows[steps]["W2"]
    # Theorem 2 in discrete time leaves the inner products out, and is then wrong from the second step on.
    without = at(norms.norm_squared_after(R, u2, steps=sp.Integer(6)), {R: rows[0]["W2"]}, functions)
    assert without != rows[6]["W2"]


def test_slowly_varying_forms_are_the_exact_ones_for_constant_momentum():
    """Constant c and |m|: the inner product builds up from 0 as growth_factor_at says, towards the steady one."""
    d, memory = at(norms.shrinkage()), AT[gamma] * at(norms.shrinkage())
    inner = Fraction(0)
    squared = Fraction(5)
    for step in range(6):
        factor = at(norms.growth_factor_at(sp.Integer(step), gamma * norms.shrinkage()))
        assert AT[lr] ** 2 * squared * factor == AT[lr] ** 2 * squared - 2 * AT[lr] * d * inner
        inner = at(norms.next_momentum_inner(S, C, M), {S: inner, C: 1, M: squared})
    steady = at(norms.steady_update_inner(U), {U: squared})
    assert at(norms.next_momentum_inner(S, C, M), {S: steady, C: 1, M: squared}) == steady
    assert at(norms.growth_factor(gamma * norms.shrinkage())) == 1 - 2 * d * steady / (AT[lr] * squared)
    assert at(norms.growth_factor_at(sp.Integer(0))) == 1
    assert (
        sp.limit(norms.growth_factor_at(n, sp.Rational(9, 10)), n, sp.oo)
        == norms.growth_factor(sp.Rational(9, 10))
        == 19
    )
    assert memory < 1


def test_sums_with_a_growing_factor_and_a_steady_one():
    u2 = sp.Function("u2")
    functions = {"u2": lambda index: Fraction(index + 1, 3)}
    expected = steady = plain = Fraction(2)
    d = at(norms.shrinkage())
    for step in range(5):
        squared = AT[lr] ** 2 * Fraction(step + 1, 3)
        factors = [
            at(norms.growth_factor_at(sp.Integer(step), gamma * norms.shrinkage())),
            at(norms.growth_factor(gamma * norms.shrinkage())),
        ]
        expected, steady = (d**2 * x + f * squared for x, f in zip((expected, steady), factors, strict=True))
        plain = d**2 * plain + squared
    assert at(norms.norm_squared_from_rest(R, u2, sp.Integer(5)), {R: 2}, functions) == expected
    assert at(norms.norm_squared_slowly_varying(R, u2, sp.Integer(5)), {R: 2}, functions) == steady
    assert at(norms.norm_squared_after(R, u2, steps=sp.Integer(5)), {R: 2}, functions) == plain


def test_equilibrium_is_a_fixed_point_and_its_cosine_follows():
    squared = norms.equilibrium_norm_squared(U)
    inner = norms.steady_update_inner(U)
    assert sp.simplify(norms.next_norm_squared(squared, inner, U) - squared) == 0
    # <W_n, W_{n+1}>/|W|^2 = d - eta <W, u>/|W|^2
    assert sp.simplify(norms.shrinkage() - lr * inner / squared - norms.equilibrium_cosine()) == 0
    # The angle, from 1 - cos, to first order in eta lambda.
    product = sp.Symbol("x", positive=True)
    gap = (1 - norms.equilibrium_cosine()).subs(lr, product / weight_decay)
    leading = (norms.equilibrium_rotation() ** 2 / 2).subs(lr, product / weight_decay)
    assert sp.simplify(sp.limit(gap / leading, product, 0)) == 1


@pytest.mark.parametrize("decay", ["3/7", "0"])
def test_equation_8_step_by_step_is_equation_8(decay):
    """|u|^2 constant in each step: the integral of the printed form is the iterated step, at 30 digits."""
    values = {lr: "1/10", weight_decay: decay}
    u2 = sp.Function("u2")
    pieces = [3, 1, 4, 1]
    iterated = mpmath.mpf(2)
    step = norms.next_norm_squared_as_printed(R, U)
    for piece in pieces:
        iterated = evaluate(step, {**values, R: iterated, U: piece}, "mpmath")
    whole = mpmath.mpf(2)
    for piece in pieces:  # the semigroup: from one step's end to the next
        one = norms.norm_squared_as_printed(R, u2, sp.Rational(1, 10))
        whole = evaluate(one, {**values, R: whole}, "mpmath", functions={"u2": lambda _, piece=piece: piece})
    assert abs(iterated - whole) < mpmath.mpf(10) ** -30
    constant = sp.simplify(norms.norm_squared_as_printed(R, lambda _: U).doit())
    assert constant.free_symbols >= {R, U}
    assert tau not in constant.free_symbols
