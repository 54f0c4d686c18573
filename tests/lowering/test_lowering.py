"""One expression, five arithmetics."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from adamtheory.lowering import (
    LeavesRationals,
    LoweringError,
    SignedRoot,
    arithmetic,
    evaluate,
    lower,
    lower_bound,
    upper_bound,
)
from adamtheory.testing.closeness import assert_encloses, assert_narrow, encloses

x, y = sp.symbols("x y", real=True)
n, k = sp.symbols("n k", integer=True, nonnegative=True)
t = sp.Symbol("t", real=True)
g = sp.Function("g")

# every node of the whitelist, on 0 < x < 1 < y
EXPRESSIONS = {
    "polynomial": x**3 - 2 * x * y + sp.Rational(1, 3),
    "quotient": (x - y) / (1 + x**2) - 1 / y,
    "roots": sp.sqrt(x) + x ** sp.Rational(3, 2) - y ** sp.Rational(-1, 2) + sp.cbrt(y),
    "integer power": x ** (n + 1) - (1 - x) ** (-n),
    "half-integer power": y ** ((n + 1) / 2),
    "real power": y**x + x ** (-y),
    "exponentials": sp.exp(-x) + sp.log(y) + sp.sinh(x) - sp.cosh(x) * sp.tanh(y),
    "constants": sp.pi * x - sp.E * y + sp.exp(x) * sp.sqrt(2),
    "order": sp.Max(x, y, x * y) - sp.Min(x, 1 - x) + sp.Abs(x - y) + sp.sign(x - y),
    "cases": sp.Piecewise((x / y, x > y), (x * y, sp.Eq(x, y)), (sp.sqrt(y - x), True)),
    "compound cases": sp.Piecewise((x, sp.And(x < y, sp.Ne(x, 0))), (y, sp.Or(x > 2, sp.Not(y < 0))), (0, True)),
    "sum": sp.Sum(x ** (n - k) * g(k), (k, 0, n)),
    "nested sum": sp.Sum(x**k * y, (k, 1, n), (n, 0, 3)),
    "product": sp.Product(1 - x**k, (k, 1, n + 1)),
    "empty sum": sp.Sum(x**k, (k, 1, 0)) + 1,
}
ROOTS = EXPRESSIONS["roots"]  # incommensurable at NUMBERS
NUMBERS = (Fraction(2, 7), Fraction(13, 8), 5)


def gradient(index: int) -> Fraction:
    return Fraction((-1) ** index, index + 1)


def value(expression: Any, name: str, numbers: tuple[Any, ...] = NUMBERS, **options: Any) -> Any:
    return lower(expression, (x, y, n), arithmetic(name, **options), functions={"g": gradient})(*numbers)


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=list(EXPRESSIONS))
def test_balls_contain_the_value_at_higher_precision(expression: sp.Expr) -> None:
    ball = value(expression, "ball")
    assert_encloses(ball, value(expression, "mpmath", digits=80), relative=1e-30)


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=list(EXPRESSIONS))
def test_balls_nest_as_precision_grows(expression: sp.Expr) -> None:
    coarse, fine = value(expression, "ball", bits=64), value(expression, "ball", bits=256)
    assert coarse.overlaps(fine)
    assert_narrow(fine, relative=1e-60)
    assert value(expression, "mpmath") == pytest.approx(value(expression, "mpmath", digits=100), rel=1e-40)


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=list(EXPRESSIONS))
def test_fractions_lie_in_the_ball_or_say_why_not(expression: sp.Expr) -> None:
    if expression.has(sp.exp, sp.sinh, sp.E, sp.cbrt(y)) or expression in (EXPRESSIONS["real power"], ROOTS):
        with pytest.raises(LeavesRationals, match="use arithmetic='ball'"):
            value(expression, "fraction")
        return
    exact = value(expression, "fraction")
    assert isinstance(exact, (Fraction, SignedRoot))
    assert_encloses(value(expression, "ball"), exact, relative=1e-30)


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=list(EXPRESSIONS))
@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_floats_agree_with_mpmath(expression: sp.Expr, name: str) -> None:
    if name == "torch":
        pytest.importorskip("torch")
    assert float(value(expression, name)) == pytest.approx(float(value(expression, "mpmath")), rel=1e-14)


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=list(EXPRESSIONS))
def test_arrays_agree_with_a_loop(expression: sp.Expr) -> None:
    xs, ys = np.array([[0.25], [0.5], [0.75]]), np.array([0.5, 1.25, 2.0, 0.75])
    together = np.broadcast_to(value(expression, "numpy", (xs, ys, 4)), (3, 4))
    apart = [[float(value(expression, "numpy", (a, b, 4))) for b in ys] for a in xs[:, 0]]
    np.testing.assert_allclose(together, apart, rtol=1e-14)
    torch = pytest.importorskip("torch")
    tensor = value(expression, "torch", (torch.tensor(xs), torch.tensor(ys), 4))
    np.testing.assert_allclose(tensor.expand(3, 4).numpy(), apart, rtol=1e-13)


@pytest.mark.parametrize("name", ["numpy", "torch"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=list(EXPRESSIONS))
def test_dtype_survives(expression: sp.Expr, name: str, dtype: str) -> None:
    if name == "torch":
        pytest.importorskip("torch")
    result = value(expression, name, (np.full(3, 0.25, dtype), np.array([1.5], dtype), 5), dtype=dtype)
    assert str(result.dtype).removeprefix("torch.") == dtype


def test_longdouble_keeps_its_digits() -> None:
    third = lower(x / 3 + sp.sqrt(2), (x,), arithmetic("numpy", dtype="longdouble"))(np.longdouble(1))
    reference = mpmath.mp.clone()
    reference.dps = 40
    error = abs(reference.mpf(str(third[()])) - (reference.mpf(1) / 3 + reference.sqrt(2)))
    assert error < 4 * float(np.finfo(np.longdouble).eps)


def test_autograd_reaches_every_argument() -> None:
    torch = pytest.importorskip("torch")
    smooth = (x, y), EXPRESSIONS["polynomial"] + EXPRESSIONS["roots"] + EXPRESSIONS["cases"] + EXPRESSIONS["real power"]
    values = [torch.tensor([0.25, 0.5], dtype=torch.float64, requires_grad=True),
              torch.tensor([1.25, 3.0], dtype=torch.float64, requires_grad=True)]  # fmt: skip
    lower(smooth[1], smooth[0], "torch")(*values).sum().backward()
    for symbol, tensor in zip((x, y), values, strict=True):
        derivative = lower(sp.diff(smooth[1], symbol).doit(), (x, y), "torch")(*values)
        torch.testing.assert_close(tensor.grad, derivative.detach(), rtol=1e-12, atol=0)


def test_a_branch_not_taken_reaches_neither_value_nor_gradient() -> None:
    torch = pytest.importorskip("torch")
    removable = sp.Piecewise((1, sp.Eq(x, 0)), (sp.sinh(x) / x, True))
    at = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
    result = lower(removable, (x,), "torch")(at)
    result.sum().backward()
    assert result[0] == 1
    assert torch.isfinite(at.grad).all()


def test_undecided_piecewise_is_the_hull_of_its_branches() -> None:
    expression = sp.Piecewise((x - 1, x < 0), (x + 1, True))
    ball = evaluate(expression, {x: arb(0, 0.25)}, "ball")
    assert lower_bound(ball) <= Fraction(-5, 4) < Fraction(5, 4) <= upper_bound(ball)
    assert upper_bound(ball) < Fraction(13, 10)
    # a decided one takes its branch alone, and an exact division by zero elsewhere does no harm
    assert_encloses(evaluate(sp.Piecewise((1, sp.Eq(x, 0)), (1 / x, True)), {x: 0}, "ball"), 1)
    assert not evaluate(sp.Piecewise((1, sp.Eq(x, 0)), (1 / x, True)), {x: arb(0, 0.25)}, "ball").is_finite()
    assert evaluate(x < y, {x: arb(0, 1), y: 0}, "ball") is None
    assert evaluate(sp.Piecewise((1, x < 0)), {x: arb(0, 1)}, "ball").is_nan()
    with pytest.raises(LoweringError, match="no branch"):
        evaluate(sp.Piecewise((1, x < 0)), {x: 1}, "ball")


def test_order_functions_of_undecided_balls() -> None:
    wide = arb(0, 1)
    assert encloses(evaluate(sp.sign(x), {x: wide}, "ball"), -1)
    assert encloses(evaluate(sp.sign(x), {x: wide}, "ball"), 1)
    top = evaluate(sp.Max(x, y), {x: wide, y: "0.5"}, "ball")
    assert encloses(top, "0.5")
    assert encloses(top, 1)
    assert lower_bound(top) > Fraction(49, 100)
    assert lower_bound(evaluate(sp.Abs(x), {x: wide}, "ball")) > -1e-8
    assert lower_bound(evaluate(x**2, {x: wide}, "ball")) > -1e-8
    assert encloses(evaluate(sp.sqrt(x), {x: wide}, "ball"), 1)
    assert evaluate(sp.sqrt(x), {x: -1}, "ball").is_nan()


@given(st.fractions(-3, 3, max_denominator=50), st.fractions(-1, 1, max_denominator=50), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_a_wide_ball_contains_the_value_at_each_of_its_points(middle: Fraction, width: Fraction, where: float) -> None:
    point = middle + width * Fraction(where)
    ball = arb(flint.fmpq(middle.numerator, middle.denominator)).union(
        arb(flint.fmpq(middle.numerator, middle.denominator) + flint.fmpq(width.numerator, width.denominator))
    )
    whole = sp.Abs(x) * sp.sign(x) + sp.Max(x, x**2) - x**4 + sp.exp(x) + sp.Piecewise((x, x < 1), (2, True))
    inside = evaluate(whole, {x: point}, "ball")
    assert evaluate(whole, {x: ball}, "ball").contains(inside)


def test_closeness_rejects_vacuous_balls() -> None:
    with pytest.raises(AssertionError, match="too wide"):
        assert_encloses(arb(0, 10), 1)
    with pytest.raises(AssertionError, match="not finite"):
        assert_encloses(arb("inf"), 1)
    with pytest.raises(AssertionError, match="does not contain"):
        assert_encloses(arb(1), Fraction(10**40 + 1, 10**40))
    with pytest.raises(AssertionError, match="expected a ball"):
        assert_encloses(1.0, 1)


def test_integrals() -> None:
    smooth = sp.Integral(sp.exp(-x * t) * sp.sqrt(t), (t, 0, y))
    ball = evaluate(smooth, {x: 2, y: "0.5"}, "ball")
    assert_encloses(ball, evaluate(smooth, {x: 2, y: "0.5"}, arithmetic("mpmath", digits=60)), relative=1e-9)
    rational = evaluate(sp.Integral(t**2, (t, 0, 1)), {}, "ball")
    assert_encloses(rational, Fraction(1, 3), relative=1e-30)
    wide = evaluate(sp.Integral(t, (t, 0, x)), {x: arb(1, 0.125)}, "ball")
    assert lower_bound(wide) <= Fraction(49, 128)
    assert upper_bound(wide) >= Fraction(81, 128)
    gaussian = evaluate(sp.Integral(sp.exp(-(t**2)), (t, -sp.oo, sp.oo)), {}, "mpmath")
    assert abs(gaussian**2 - mpmath.pi) < 1e-14
    double = sp.Integral(x * t, (x, 0, t), (t, 0, 1))
    assert abs(evaluate(double, {}, "mpmath") - mpmath.mpf(1) / 8) < 1e-15
    with pytest.raises(LoweringError, match="Abs inside an Integral is not analytic"):
        evaluate(sp.Integral(sp.Abs(t), (t, -1, 1)), {}, "ball")
    with pytest.raises(LoweringError, match="nested"):
        evaluate(double, {}, "ball")
    for name in ("fraction", "numpy"):
        with pytest.raises(LoweringError, match=f"{name} arithmetic has no quadrature"):
            evaluate(smooth, {x: 2, y: 1}, name)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (sp.gamma(x), r"unsupported node gamma in gamma\(x\)"),
        (sp.Derivative(sp.Function("f")(x), x), r"unsupported node Derivative .* \.doit\(\)"),
        (sp.Float("0.5") * x, "the float 0.5.* is not exact"),
        (g(x), "the function g has no value"),
        (x + y, "the symbol y is not among the arguments"),
        (sp.Sum(x**k, (k, 0, sp.oo)), "infinite Sum"),
        (sp.Integral(x * t, t), "without both limits"),
        (x * sp.I, "unsupported node ImaginaryUnit"),
        (sp.zoo * x, "unsupported node ComplexInfinity"),
    ],
)
@pytest.mark.parametrize("name", ["fraction", "ball", "mpmath", "numpy"])
def test_what_is_not_supported_is_named(expression: sp.Expr, message: str, name: str) -> None:
    with pytest.raises(LoweringError, match=message) as error:
        lower(expression, (x,), name)
    assert "\n" not in str(error.value)


def test_fractions_refuse_with_the_reason() -> None:
    for expression in (sp.pi * x, sp.exp(x), sp.sqrt(2) + sp.sqrt(3), sp.sqrt(x) + 1, sp.cbrt(x), x ** sp.sqrt(2)):
        with pytest.raises(LeavesRationals, match="use arithmetic='ball'"):
            evaluate(expression, {x: 2}, "fraction")
    assert evaluate(sp.exp(x) + sp.log(1 - x) + sp.cbrt(x + 8), {x: 0}, "fraction") == 3
    update = x / sp.sqrt(y)
    assert evaluate(update**2, {x: 2, y: 3}, "fraction") == Fraction(4, 3)
    assert repr(evaluate(update, {x: -2, y: 3}, "fraction")) == "-sqrt(4/3)"


def test_values_outside_the_reals_are_refused() -> None:
    with pytest.raises(LoweringError, match="not real"):
        evaluate(sp.sqrt(x), {x: -1}, "mpmath")
    with pytest.raises(LeavesRationals, match="negative"):
        evaluate(sp.sqrt(x), {x: -1}, "fraction")
    assert np.isnan(evaluate(sp.sqrt(x), {x: -1}, "numpy"))


def test_bad_values_and_options_name_themselves() -> None:
    with pytest.raises(ValueError, match="x="):
        evaluate(x, {x: float("nan")}, "ball")
    with pytest.raises(ValueError, match="n must be an integer, got"):
        evaluate(x**n, {x: 1, n: Fraction(1, 2)}, "fraction")
    with pytest.raises(TypeError, match=r"order \(x, y\)"):
        lower(x * y, (x, y), "ball")(1)
    with pytest.raises(ValueError, match="arithmetic must be one of 'fraction'"):
        lower(x, (x,), "decimal")
    with pytest.raises(ValueError, match="bits must be left out for arithmetic='numpy'"):
        arithmetic("numpy", bits=64)
    with pytest.raises(ValueError, match="bits must be an integer >= 32"):
        arithmetic("ball", bits=1)
    with pytest.raises(TypeError, match="dtype must be a NumPy floating dtype"):
        arithmetic("numpy", dtype="int64")
    with pytest.raises(LoweringError, match="integer limits"):
        evaluate(sp.Sum(t, (t, 0, x)), {x: Fraction(1, 2)}, "fraction")


def test_precision_is_restored_and_no_global_is_touched() -> None:
    before = flint.ctx.prec, mpmath.mp.prec
    value(EXPRESSIONS["exponentials"], "ball", bits=300)
    value(EXPRESSIONS["exponentials"], "mpmath", digits=90)
    with pytest.raises(LoweringError):
        evaluate(sp.Sum(t, (t, 0, x)), {x: Fraction(1, 2)}, arithmetic("ball", bits=300))
    assert (flint.ctx.prec, mpmath.mp.prec) == before


def test_common_subexpressions_are_evaluated_once() -> None:
    calls = []

    def counted(index: int) -> int:
        calls.append(index)
        return index

    lower([g(n) ** 2 + g(n), g(n) * x], (x, n), "fraction", functions={g: counted})(1, 3)
    assert calls == [3]


def test_karr_convention_and_indexed_sequences() -> None:
    reverse = sp.Sum(k, (k, 5, 1))
    assert evaluate(reverse, {}, "fraction") == reverse.doit()
    sequence = sp.IndexedBase("G", real=True)
    total = sp.Sum(sequence[k] * x, (k, 0, n))
    assert lower(total, (x, n), "fraction", functions={"G": lambda i: i * i})(2, 3) == 28


def test_division_by_zero_in_each_arithmetic() -> None:
    for name in ("fraction", "mpmath"):
        with pytest.raises(ZeroDivisionError):
            evaluate(1 / x, {x: 0}, name)
    assert not evaluate(1 / x, {x: 0}, "ball").is_finite()
    assert np.isinf(evaluate(1 / x, {x: 0}, "numpy"))
    assert np.isnan(evaluate(x / (x - x**2), {x: np.zeros(2)}, "numpy")).all()


def test_integers_beyond_64_bits_meet_tensors() -> None:
    torch = pytest.importorskip("torch")
    x = sp.Symbol("x", real=True)
    value = torch.tensor([1.0, 2.0], dtype=torch.float64)
    for expression, expected in ((x / 10**40, 1e-40), (x * 10**40, 1e40), (x / 3**90, 3.0**-90)):
        found = lower(expression, [x], "torch")(value)
        assert found.dtype is torch.float64
        assert found[0].item() == pytest.approx(expected, rel=1e-15)
