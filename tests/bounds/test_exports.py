"""Exported bounds in four languages against 800-bit balls at the very doubles that are passed, edges included."""

from __future__ import annotations

import ctypes
import itertools
import math
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx, fmpq

from adamtheory.bounds import closed_forms, exports
from adamtheory.bounds.exported.writing import LANGUAGES
from adamtheory.bounds.filters import Filters, Layer, Mode, NotALinearFilter, Square, filters
from adamtheory.methods import METHODS, AMSGrad, KAdam, NAdam
from adamtheory.notation import beta, gamma, n

TOLERANCE = 1e-12
BITS = 800

FACTORS = [0.0, 5e-324, 1e-200, 1e-12, 0.1, 0.25, 0.5, 0.9, 0.999, 1 - 1e-9, 1 - 2**-53]
STEPS = [1.0, 2.0, 3.0, 17.0, 1000.0, 1e9, 1e30, math.inf]
FEWER = [0.0, 1e-12, 0.5, 0.9, 0.999, 1 - 1e-9]


def pairs() -> list[tuple[float, float]]:
    """(beta, gamma): all of them, and gamma = beta and gamma^2 = beta with their neighbours."""
    found = list(itertools.product(FACTORS, FACTORS))
    for b in FACTORS[1:]:
        root = math.sqrt(b)
        near = [root, math.nextafter(root, 0), math.nextafter(root, 1), math.nextafter(b, 0), math.nextafter(b, 1)]
        found += [(b, c) for c in near if c < 1]
    found += [(0.25, math.nextafter(0.5, 0)), (math.nextafter(0.25, 1), 0.5), (1e-320, 1e-160), (0.9, 0.95)]
    return found


def exactly(x: float) -> arb:
    value = Fraction(x)
    return arb(fmpq(value.numerator, value.denominator))


def older(x: float, y: float, decay: float, count: float) -> arb:
    """r + r^2 + ... + r^count with r = x y/decay."""
    if x * y == 0 and (x == 0 or y == 0):
        return arb(0)
    if count == 0:
        return arb(0)
    if decay == 0:
        return arb.pos_inf()
    ratio = Fraction(x) * Fraction(y) / Fraction(decay)
    if ratio == 1 or (ratio > 1 and math.isinf(count)):
        return arb.pos_inf() if math.isinf(count) else exactly(count)
    r = arb(fmpq(ratio.numerator, ratio.denominator))
    power = arb(0) if math.isinf(count) else r ** exactly(count)
    return r * (1 - power) / (1 - r)


def power(x: arb, count: float) -> arb:
    return arb(0) if math.isinf(count) or x == 0 else x ** exactly(count)


def largest(steps: float, b: float, direct: arb, modes: list[tuple[arb, float]], weight: arb | None = None) -> arb:
    """The plain formula: the newest input's weight and the geometric sums of the older ones."""
    newest = direct + sum((a for a, _ in modes), arb(0))
    total = newest**2
    for (a, x), (c, y) in itertools.product(modes, modes):
        if a != 0 and c != 0:
            total = total + a * c * older(x, y, b, steps - 1)
    return (total / (weight if weight is not None else 1 - exactly(b))).sqrt()


def corrections(b: float, c: float, steps: float) -> tuple[arb, arb]:
    return (1 - power(exactly(b), steps)).sqrt(), 1 - power(exactly(c), steps)


def adam(b: float, c: float, steps: float) -> arb:
    second, first = corrections(b, c, steps)
    return largest(steps, b, arb(0), [(second * (1 - exactly(c)) / first, c)])


def kadam(b: float, c: float, steps: float) -> arb:
    return adam(b, c, steps)


def rmsprop(b: float, steps: float) -> arb:
    return 1 / (1 - exactly(b)).sqrt()


def nadam_constant(b: float, c: float, steps: float) -> arb:
    second, first = corrections(b, c, steps)
    share = 1 - exactly(c)
    after = 1 - power(exactly(c), steps + 1)
    return largest(steps, b, second * share / first, [(exactly(c) * second * share / after, c)])


def nadam(b: float, c: float, decay: float, steps: float) -> arb:
    def factor(t: float) -> arb:
        base = arb(fmpq(24, 25)) ** exactly(decay)
        return exactly(c) * (1 - power(base, t) / 2 if decay else arb(1) / 2)

    product = arb(1)
    for t in range(1, int(min(steps, 3000)) + 1):
        product = product * factor(t)
    product = arb(0) if math.isinf(steps) else product
    second, _ = corrections(b, c, steps)
    newest, after = factor(steps), factor(steps + 1)
    direct = second * (1 - newest) / (1 - product)
    return largest(steps, b, direct, [(second * after * (1 - exactly(c)) / (1 - product * after), c)])


def ademamix(alpha: float, b: float, c: float, slow: float, steps: float) -> arb:
    second, first = corrections(b, c, steps)
    fast = second * (1 - exactly(c)) / first
    return largest(steps, b, arb(0), [(fast, c), (exactly(alpha) * second * (1 - exactly(slow)), slow)])


def amsgrad(b: float, c: float, steps: float) -> arb:
    def up_to(s: float) -> arb:
        return largest(s + 1, b, arb(0), [(1 - exactly(c), c)])

    def has_settled(s: int) -> bool:
        total = 1 + older(c, c, b, s)
        return bool(exactly(c) ** 2 * (1 - exactly(b)) * total >= exactly(b) ** 2)

    last = steps - 1
    if c <= b:
        return up_to(last)
    low, high = -1, 1
    while not has_settled(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if has_settled(middle) else (middle, high)
    if high >= last:
        return up_to(last)
    later = power(exactly(c), math.inf) if math.isinf(last) else exactly(c) ** (exactly(last) - high)
    return 1 - later + later * up_to(high)


def amsgrad_torch(b: float, c: float, steps: float) -> arb:
    second, first = corrections(b, c, steps)
    return second / first * amsgrad(b, c, steps)


def laprop(b: float, steps: float) -> arb:
    return (1 - power(exactly(b), steps)).sqrt() / (1 - exactly(b)).sqrt()


def rmsprop_momentum(b: float, c: float, steps: float) -> arb:
    return (1 - power(exactly(c), steps)) / (1 - exactly(c)) / (1 - exactly(b)).sqrt()


def with_steps(*choices: Any) -> list[tuple[float, ...]]:
    return [(*where, steps) for where in choices[0] for steps in choices[1]]


PAIRS = with_steps(pairs(), STEPS)
SINGLE = with_steps([(b,) for b in FACTORS], STEPS)
MIXES = with_steps(
    [
        (a, b, c, s)
        for a in (0.0, 5.0, 1e-180, 1e200)
        for b, c, s in itertools.product(FEWER, FEWER, (0.9, 0.9999, 1 - 1e-9))
    ],
    [1.0, 2.0, 1000.0, 1e30, math.inf],
)
SCHEDULES: list[tuple[float, ...]] = [
    (5e-324, 2.2227587494850775e-162, 0.0, math.inf)
]  # bounded but for an amplitude of 1e-162
SCHEDULES += with_steps(
    [(b, c, d) for b, c in itertools.product(FEWER, FEWER) for d in (0.0, 0.004, 1.0, 300.0)],
    [1.0, 2.0, 40.0, 1000.0, math.inf],
)

CASES: dict[str, tuple[Any, Callable[..., arb], list[tuple[float, ...]]]] = {
    "adam": (METHODS["adam"]().rule, adam, PAIRS),
    "rmsprop": (METHODS["rmsprop"]().rule, rmsprop, SINGLE),
    "nadam_constant": (NAdam(schedule="constant").rule, nadam_constant, PAIRS),
    "nadam": (NAdam().rule, nadam, SCHEDULES),
    "ademamix": (METHODS["ademamix"]().rule, ademamix, MIXES),
    "amsgrad": (AMSGrad(correction="none").rule, amsgrad, PAIRS),
    "amsgrad_torch": (AMSGrad(correction="after-maximum").rule, amsgrad_torch, PAIRS),
    "laprop": (METHODS["laprop"]().rule, laprop, SINGLE),
    "rmsprop_momentum": (METHODS["rmsprop_momentum"]().rule, rmsprop_momentum, PAIRS),
    "kadam": (KAdam(betas=["0.999", "0.99"], gammas=["0.9", "0.8"]).rule, kadam, PAIRS[::7]),
}
_KNOWN: dict[str, list[float]] = {}


def expected(name: str) -> list[float]:
    """The references as doubles; inf where they exceed the doubles, or are infinite."""
    if name not in _KNOWN:
        with ctx.workprec(BITS):
            balls = [CASES[name][1](*where) for where in CASES[name][2]]
            assert all(not ball.is_finite() or ball.rel_accuracy_bits() > 60 for ball in balls)
            _KNOWN[name] = [float(ball.mid()) if ball.is_finite() else math.inf for ball in balls]
    return _KNOWN[name]


def executed(text: str, name: str) -> Callable[..., Any]:
    space: dict[str, Any] = {}
    exec(compile(text, f"<{name}>", "exec"), space)  # noqa: S102
    return space[name]


def compiled(text: str, name: str, folder: Path, arguments: int) -> Callable[..., float]:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    file = folder / f"{name}.c"
    file.write_text(text)
    flags = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, str(file), "-o", str(file.with_suffix(".so")), "-lm"], check=True)
    function = ctypes.CDLL(str(file.with_suffix(".so")))[name]
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * arguments
    return function


def computed(of: Any, language: str, name: str, where: list[tuple[float, ...]], folder: Path) -> list[float]:
    text = exports.source(of, language, name)
    if language == "c":
        call = compiled(text, name, folder, len(where[0]))
        return [call(*point) for point in where]
    call = executed(text, name)
    if language == "python":
        return [call(*point) for point in where]
    columns = np.array(where).T
    if language == "torch":
        torch = pytest.importorskip("torch")
        return call(*map(torch.from_numpy, columns)).tolist()
    return call(*columns).tolist()


def assert_close(found: list[float], wanted: list[float], where: list[tuple[float, ...]]) -> None:
    wrong = [
        (point, x, y)
        for point, x, y in zip(where, found, wanted, strict=True)
        if not (x == y or abs(x - y) <= TOLERANCE * abs(y)) and not (abs(y) > 1.7e308 and x > 1.7e308)
    ]
    assert not wrong, f"{len(wrong)} of {len(where)}: {wrong[:5]}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_every_language_is_accurate(name: str, language: str, tmp_path: Path) -> None:
    of, _, where = CASES[name]
    assert_close(computed(of, language, name, where, tmp_path), expected(name), where)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["adam", "nadam_constant", "amsgrad", "rmsprop"])
def test_limit(name: str, language: str, tmp_path: Path) -> None:
    of, _, where = CASES[name]
    endless = [point[:-1] for point in where if math.isinf(point[-1])]
    wanted = [value for point, value in zip(where, expected(name), strict=True) if math.isinf(point[-1])]
    text = exports.source(of, language, f"{name}_limit", limit=True)
    call = (
        compiled(text, f"{name}_limit", tmp_path, len(endless[0]))
        if language == "c"
        else executed(text, f"{name}_limit")
    )
    assert_close([float(call(*point)) for point in endless], wanted, endless)


def test_adam_at_the_pytorch_defaults() -> None:
    # U_inf^2 = 1 + (beta - gamma)^2/((1 - beta)(beta - gamma^2)) = 370/7
    assert closed_forms.adam_limit(0.999, 0.9) == pytest.approx(math.sqrt(370 / 7), rel=1e-13)
    assert closed_forms.adam(0.999, 0.9, 1) == 1.0


def test_the_order_of_arguments_is_in_the_signature() -> None:
    assert "def nadam(beta: float, gamma: float, momentum_decay: float, steps: float)" in exports.closed_forms()
    assert "def f(alpha: float, beta: float, gamma: float, gamma_slow: float)" in exports.source(
        METHODS["ademamix"]().rule, "python", "f", limit=True
    )


# Layers that no method has: a direct part, degenerate denominators, signs.
p, w = sp.symbols("p w", real=True)
CUSTOM: dict[str, tuple[Layer, Callable[..., arb], list[tuple[float, ...]]]] = {
    "raw": (
        Layer(p, w, sp.S.Zero, (Mode(sp.S.One, gamma),), Square(1 - beta, beta)),
        lambda b, c, steps: largest(steps, b, arb(0), [(arb(1), c)]),
        PAIRS,
    ),
    "sum_of_squares": (
        Layer(p, w, sp.S.Zero, (Mode(1 - gamma, gamma),), Square(sp.S.One, sp.S.One)),
        lambda c, steps: largest(steps, 1.0, arb(0), [(1 - exactly(c), c)], arb(1)),
        SINGLE,
    ),
    "newest_only": (
        Layer(p, w, sp.S.One, (Mode(1 - gamma, gamma),), Square(sp.Integer(4), sp.S.Zero)),
        lambda c, steps: largest(steps, 0.0, arb(1), [(1 - exactly(c), c)], arb(4)),
        SINGLE,
    ),
    "opposite": (
        Layer(p, w, sp.S.One, (Mode(gamma / 2 - sp.Rational(1, 2), gamma),), Square(1 - beta, beta)),
        lambda b, c, steps: largest(steps, b, arb(1), [((exactly(c) - 1) / 2, c)]),
        PAIRS,
    ),
    "constant": (
        Layer(p, w, sp.Integer(-3), (), Square(sp.Integer(2), sp.S.Zero)),
        lambda steps: 3 / arb(2).sqrt(),
        [(s,) for s in STEPS],
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CUSTOM)
def test_layers_of_no_method(name: str, language: str, tmp_path: Path) -> None:
    layer, reference, where = CUSTOM[name]
    with ctx.workprec(BITS):
        balls = [reference(*point) for point in where]
        wanted = [float(ball.mid()) if ball.is_finite() else math.inf for ball in balls]
    assert_close(computed(layer, language, name, where, tmp_path), wanted, where)


@pytest.mark.parametrize("language", LANGUAGES)
def test_random_hyperparameters(language: str, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    factors = 1 - 10.0 ** -random.uniform(0, 15, (400, 2))
    factors[::2, 1] = np.sqrt(factors[::2, 0]) * (1 + random.choice([-1, 1], 200) * 10.0 ** -random.uniform(3, 16, 200))
    factors = np.clip(factors, 0, 1 - 2**-53)
    where: list[tuple[float, ...]] = [
        (b, c, s) for (b, c), s in zip(factors.tolist(), np.floor(10.0 ** random.uniform(0, 16, 400)), strict=True)
    ]
    for name in ("adam", "amsgrad"):
        of, reference, _ = CASES[name]
        with ctx.workprec(BITS):
            balls = [reference(*point) for point in where]
        wanted = [float(ball.mid()) if ball.is_finite() else math.inf for ball in balls]
        assert_close(computed(of, language, name, where, tmp_path), wanted, where)


def test_a_naive_formula_fails_where_the_exports_do_not() -> None:
    """The points are hard: SymPy's own printer loses the digits there."""
    from adamtheory.bounds.worst_case import squared

    (layer,) = filters(METHODS["adam"]().rule).layers
    b, c, steps = 0.7, math.sqrt(0.7), 1e16
    naive = sp.lambdify((beta, gamma, n), sp.sqrt(squared(layer)), "math")(b, c, steps - 1)
    with ctx.workprec(BITS):
        wanted = float(adam(b, c, steps).mid())
    assert abs(naive - wanted) > 1e-3 * wanted
    assert closed_forms.adam(b, c, steps) == pytest.approx(wanted, rel=1e-13)


@pytest.mark.parametrize("name", ["adam", "nadam_constant", "ademamix", "amsgrad"])
def test_numpy_far_from_the_ends_of_the_doubles(name: str, tmp_path: Path) -> None:
    """Arrays without tiny numbers are computed without scaling, and the bounded among them without logarithms' tops."""
    of, _, where = CASES[name]
    known = list(zip(where, expected(name), strict=True))
    ordinary = [(point, value) for point, value in known if min(point) > 1e-100]
    bounded = [(point, value) for point, value in ordinary if name != "ademamix" and point[1] ** 2 < point[0]]
    assert len(ordinary) > 100
    for chosen in filter(None, (ordinary, bounded)):
        points = [point for point, _ in chosen]
        assert_close(computed(of, "numpy", name, points, tmp_path), [value for _, value in chosen], points)


def test_numpy_broadcasts_and_warns_of_nothing() -> None:
    call = executed(exports.source(METHODS["adam"]().rule, "numpy", "f"), "f")
    b, c = np.array([0.0, 0.5, 0.999])[:, None], np.array([0.0, 0.9, 0.99, 1 - 1e-9])
    found = call(b, c, 10**6)  # warnings are errors in this suite
    assert found.shape == (3, 4)
    assert found[2, 1] == pytest.approx(closed_forms.adam(0.999, 0.9, 10**6), rel=1e-15)
    assert np.ndim(call(0.999, 0.9, 5)) == 0
    assert isinstance(call(0.999, 0.9, 5), float)
    limit = executed(exports.source(METHODS["rmsprop"]().rule, "numpy", "f"), "f")
    assert limit(np.zeros(4), 3).shape == (4,)


def test_integers_beyond_the_doubles_grid_are_taken() -> None:
    assert closed_forms.adam(0.999, 0.9, 10**30) == closed_forms.adam_limit(0.999, 0.9)
    assert closed_forms.adam(0.25, 0.5, 10**30) == pytest.approx(1e15 / math.sqrt(3), rel=1e-13)


@pytest.mark.parametrize("name", ["adam", "nadam_constant", "nadam", "ademamix", "amsgrad", "rmsprop_momentum"])
def test_torch_gradients(name: str) -> None:
    """Against central differences in 800 bits, also on the boundary gamma^2 = beta, where the form 0/0 lies."""
    torch = pytest.importorskip("torch")
    of, reference, _ = CASES[name]
    call = executed(exports.source(of, "torch", "f"), "f")
    places = [(0.999, 0.9), (0.25, 0.5), (0.81, 0.9), (0.5, 0.9), (0.9999, 0.999), (1 - 1e-9, 1 - 1e-3)]
    more = {"nadam": (0.004,), "ademamix": (0.9999,)}.get(name, ())
    if name == "amsgrad":
        places = [(0.999, 0.9), (0.5, 0.9), (0.9, 0.95)]
    for steps in (1.0, 2.0, 50.0, 1000.0):
        for place in places:
            point = (5.0, *place, *more) if name == "ademamix" else (*place, *more)
            tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
            found = call(*tensors, torch.tensor(steps))
            value = found.item()
            found.backward()
            for i, tensor in enumerate(tensors):
                step = 2.0**-40 * point[i]
                with ctx.workprec(BITS):
                    up = reference(*(x + step if i == k else x for k, x in enumerate(point)), steps)
                    down = reference(*(x - step if i == k else x for k, x in enumerate(point)), steps)
                    moved = exactly(point[i] + step) - exactly(point[i] - step)
                    slope = float(((up - down) / moved).mid())
                slope_found = 0.0 if tensor.grad is None else float(tensor.grad)
                assert slope_found == pytest.approx(slope, rel=1e-6, abs=1e-13 * value / min(1 - x for x in place)), (
                    point,
                    steps,
                    i,
                )


def test_torch_takes_lower_precision_and_keeps_shapes() -> None:
    torch = pytest.importorskip("torch")
    call = executed(exports.source(METHODS["adam"]().rule, "torch", "f"), "f")
    found = call(torch.tensor([0.5, 0.25]), torch.tensor([[0.5], [0.25]]), 7)
    assert found.dtype == torch.float64
    assert found.shape == (2, 2)
    assert float(found[1, 0]) == pytest.approx(closed_forms.adam(0.5, 0.25, 7), rel=1e-14)
    degenerate = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    call(degenerate, torch.zeros(2), 7).sum().backward()
    assert torch.isfinite(degenerate.grad).all()


@pytest.mark.parametrize("name", CASES)
def test_torch_stays_on_the_device_of_its_arguments(name: str) -> None:
    """On the device "meta" nothing is computed, but tensors of different devices cannot meet."""
    torch = pytest.importorskip("torch")
    of, _, where = CASES[name]
    for limit in (False, True):
        call = executed(exports.source(of, "torch", "f", limit=limit), "f")
        count = len(where[0]) - 1
        found = call(*(torch.zeros(3, device="meta") for _ in range(count)), *([] if limit else [10]))
        assert found.device.type == "meta"
        assert found.shape == (3,)


def test_sums_of_positive_terms_for_the_products_of_a_schedule() -> None:
    for factor, log_power, count in [
        (0.999999, -1e-7, 3000),
        (0.5, -0.3, 2),
        (1 - 1e-9, -2e-4, 4000),
        (0.9, -900.0, 3),
    ]:
        with ctx.workprec(BITS):
            product, base = arb(1), exactly(log_power).exp()
            for t in range(1, count + 1):
                product = product * exactly(factor) * (1 - base**t / 2)
            wanted = float(product.log().mid())
        assert closed_forms._log_product(factor, 0.5, log_power, count) == pytest.approx(wanted, rel=1e-14)
    far, near = (closed_forms._log_product(1 - 1e-9, 0.5, -0.5, steps) for steps in (1e12, 1e3))
    assert far - near == pytest.approx((1e12 - 1e3) * math.log(1 - 1e-9), rel=1e-14)


def test_two_exports_in_one_c_file(tmp_path: Path) -> None:
    texts = [exports.source(METHODS[name]().rule, "c", name) for name in ("adam", "nadam")]
    call = compiled("\n".join(texts), "adam", tmp_path, 3)
    assert call(0.999, 0.9, 10.0) == pytest.approx(closed_forms.adam(0.999, 0.9, 10), rel=1e-14)


def test_exports_stand_alone() -> None:
    allowed = {
        "python": "from math import",
        "numpy": "import numpy as np",
        "torch": "import torch",
        "c": "#include <math.h>",
    }
    for language, line in allowed.items():
        for name in CASES:
            text = exports.source(CASES[name][0], language, name)
            imports = [x for x in text.splitlines() if x.startswith(("import", "from", "#include"))]
            assert all(x.startswith((line, "from __future__")) for x in imports)
            assert "adamtheory" not in text


def test_closed_forms_are_fresh() -> None:
    assert closed_forms.__file__ is not None
    committed = Path(closed_forms.__file__).read_text(encoding="utf-8")
    assert committed == exports.closed_forms(), f"run `{exports.COMMAND}`"


@pytest.mark.parametrize("name", [name for name in CASES if name != "kadam"])
def test_closed_forms_are_those_of_the_methods(name: str) -> None:
    _, _, where = CASES[name]
    assert_close([getattr(closed_forms, name)(*point) for point in where], expected(name), where)


@pytest.mark.parametrize(
    ("of", "message"),
    [
        (METHODS["momentum"]().rule, "u is unbounded: it divides by nothing"),
        (
            Layer(p, w, sp.S.One, (Mode(gamma, gamma),), Square(1 - beta, beta, maximum=True)),
            "lambda has no closed form|w has no closed form",
        ),
        (Layer(p, w, sp.S.Zero, (Mode(sp.S.One, -sp.S.Half),), Square(1 - beta, beta)), r"pole must be in \[0, 1\)"),
        (
            Layer(p, w, sp.S.Zero, (Mode(sp.S.One, sp.Symbol("sqrt")),), Square(1 - beta, beta)),
            "a hyperparameter's name must be an identifier",
        ),
    ],
)
def test_what_has_no_export_says_why(of: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        exports.source(of, "python", "f")


def test_bad_arguments() -> None:
    rule = METHODS["adam"]().rule
    with pytest.raises(ValueError, match="language must be one of 'python', 'numpy', 'torch', 'c', got 'fortran'"):
        exports.source(rule, "fortran", "f")
    for name in ("", "1f", "_f", "a b"):
        with pytest.raises(ValueError, match="name must be an identifier without a leading underscore"):
            exports.source(rule, "python", name)


def test_a_schedule_of_another_kind_is_refused() -> None:
    read = filters(NAdam().rule)
    (product,) = read.scalars
    other = type(product)(product.symbol, product.numerator * beta**n, product.denominator)
    with pytest.raises(NotALinearFilter, match="mu_product has no closed form"):
        exports.source(Filters(read.layers, (other,)), "python", "f")
