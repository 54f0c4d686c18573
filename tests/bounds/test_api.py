"""``bounds.max_update`` as its users meet it: kinds, suprema, limits, edges of the square, huge runs, refusals."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import mpmath
import numpy as np
import pytest
import sympy as sp

from adamtheory import bounds
from adamtheory.bounds import adam_continuous
from adamtheory.methods import METHODS, Adam, Method, Momentum, RMSProp, UpdateRule, simulate
from adamtheory.methods.rule import BETA, GAMMA, LR, PLAIN_STEP, Assignment, gradient, moving_average, state, update
from adamtheory.notation import beta, gamma, h, n, t

F = Fraction
inf = math.inf
m, v, w, x = (state(name) for name in ("m", "v", "w", "x"))


def build(name: str, **values: Any) -> Method:
    return METHODS[name](**values)


def custom(made_name: str, *steps: Assignment, start: int = 0) -> Method:
    """A method that is nothing but these steps; states are what an average computes."""
    names = {s.name for step in steps for s in step.expression.free_symbols if s.name.endswith("_prev")}
    made = UpdateRule(
        name=made_name,
        hyperparameters=(BETA, GAMMA, LR),
        state=tuple((step.symbol, sp.Integer(start)) for step in steps if f"{step.symbol.name}_prev" in names),
        steps=steps,
        iterate=PLAIN_STEP,
        description="",
    )

    @dataclass(frozen=True, kw_only=True)
    class Custom(Method):
        name: ClassVar[str] = made_name
        beta: Any = "0.9"
        gamma: Any = "0.5"

        @property
        def rule(self) -> UpdateRule:
            return made

    return Custom()


# What a bound is.


def test_a_bound_is_frozen_and_compares_by_what_it_says() -> None:
    bound = bounds.max_update(Adam(), steps=5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        bound.kind = "upper"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        bound.stable.holds = False  # type: ignore[misc]
    assert bound == bounds.max_update(Adam(), steps=5)
    assert bound != bounds.max_update(Adam(), steps=6)
    assert bound != bounds.max_update(Adam(gamma="0.91"), steps=5)
    assert len({bound, bounds.max_update(Adam(), steps=5)}) == 1


KINDS = {
    "adam": "exact",
    "adam_coupled": "exact",
    "adamw": "exact",
    "adagrad": "exact",
    "ademamix": "exact",
    "amsgrad": "exact",
    "kadam": "upper",
    "laprop": "exact",
    "momentum": "unbounded",
    "nadam": "exact",
    "rmsprop": "exact",
    "rmsprop_momentum": "exact",
    "signsgd": "exact",
}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_method_has_an_answer(name: str) -> None:
    """Each kind is as expected, the enclosure is a rounding wide, and formula and LaTeX are there."""
    for steps in (1, 7, None):
        bound = bounds.max_update(build(name), steps=steps)
        assert bound.kind == KINDS[name]
        assert bound.steps == steps
        low, high = bound.enclosure
        assert low <= bound.value <= high
        assert high == inf or high - low <= 1e-12 * high
        assert wrong_in_latex(bound.latex()) == []
        if steps == 1 and name not in ("momentum", "kadam"):
            assert bound.attained


def wrong_in_latex(text: str) -> list[str]:
    """Braces, \\left and \\right, and environments that do not pair, and pieces of Python in the text."""
    found = []
    depth = 0
    for token in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if token == "{" else -1
        if depth < 0:
            found.append("}")
            break
    if depth > 0:
        found.append("{")
    if len(re.findall(r"\\left(?![a-z])", text)) != len(re.findall(r"\\right(?![a-z])", text)):
        found.append("\\left")
    if re.findall(r"\\begin\{(\w+)\}", text) != re.findall(r"\\end\{(\w+)\}", text):
        found.append("\\begin")
    if not text or "**" in text or "Piecewise" in text or "Sum(" in text:
        found.append("Python")
    return found


@pytest.mark.parametrize("text", ["{a", "a}", "\\left(a", "\\begin{cases} a", "", "a**2"])
def test_the_latex_check_sees_mistakes(text: str) -> None:
    assert wrong_in_latex(text)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("adam", {}),
        ("kadam", {}),
        ("rmsprop", {}),
        ("nadam", {"schedule": "constant"}),
        ("ademamix", {"gamma_slow": "0.99"}),
        ("rmsprop_momentum", {"of": "raw"}),
        ("rmsprop_momentum", {"of": "normalised"}),
        ("laprop", {}),
    ],
)
def test_formula_value_and_limit_are_one(name: str, values: dict[str, Any]) -> None:
    """The formula at a step is the value there, and far out it is the limit."""
    method = build(name, **values)
    at = {symbol: sp.sympify(value) for symbol, value in method.values.items()}
    for steps in (1, 2, 30):
        bound = bounds.max_update(method, steps=steps)
        formula = bound.formula.subs({**at, n: steps - 1}).doit()
        assert float(sp.N(formula, 30)) == pytest.approx(bound.value, rel=1e-12)
    bound = bounds.max_update(method, steps=10_000 if name == "laprop" else 10**6)
    assert float(sp.N(bound.limit.subs(at), 30)) == pytest.approx(bound.value, rel=1e-4)


def test_known_numbers() -> None:
    """Worked by hand: sqrt(370/7) for Adam at torch's defaults, 1/sqrt(1 - beta), 1, and 1 + gamma/(1 + gamma)."""
    assert bounds.max_update(Adam()).value == pytest.approx(math.sqrt(370 / 7), rel=1e-15)
    assert bounds.max_update(RMSProp(beta="0.99")).value == 10
    assert bounds.max_update(build("adagrad")).value == 1
    assert bounds.max_update(build("signsgd")).value == 1
    nadam = build("nadam", beta="0.774", gamma="0.82", schedule="constant")
    first = 1 + F(82, 182)
    assert bounds.max_update(nadam, steps=1).value == pytest.approx(float(first), rel=1e-15)
    assert bounds.max_update(nadam).value == pytest.approx(float(first), rel=1e-15)  # above its limit
    assert bounds.max_update(nadam, steps=10**4).value < 1.06
    assert bounds.max_update(build("rmsprop_momentum", beta="0.99", gamma="0.9")).value == pytest.approx(100, rel=1e-14)


@pytest.mark.parametrize(("at_beta", "at_gamma"), [("0.99", "0.9"), ("0.5", "0.9"), ("0.5", "0.1"), ("0.81", "0.9")])
def test_plain_sums_in_sixty_digits(at_beta: str, at_gamma: str) -> None:
    """Adam's squared maximum as the sum it is, without a closed form."""
    with mpmath.workdps(60):
        b, c = mpmath.mpf(at_beta), mpmath.mpf(at_gamma)
        for steps in (1, 2, 3, 50):
            total = sum(((1 - c) * c**lag) ** 2 / ((1 - b) * b**lag) for lag in range(steps))
            expected = mpmath.sqrt((1 - b**steps) * total) / (1 - c**steps)
            low, high = bounds.max_update(Adam(beta=at_beta, gamma=at_gamma), steps=steps).enclosure
            assert low <= expected <= high


# Stable or not.


@pytest.mark.parametrize(
    ("at_beta", "at_gamma", "stable"),
    [
        ("0.82", "0.9", True),
        ("0.81", "0.9", False),  # gamma^2 = beta
        ("0.8", "0.9", False),
        (sp.Rational(1, 2), sp.sqrt(2) / 2, False),  # on the boundary, irrational
        (sp.Rational(1, 2), sp.sqrt(2) / 2 - sp.Rational(1, 10**30), True),
        ("0", "0", True),
        ("0", "0.1", False),
        ("0.1", "0", True),
    ],
)
def test_stability_of_adam(at_beta: Any, at_gamma: Any, stable: bool) -> None:
    bound = bounds.max_update(Adam(beta=at_beta, gamma=at_gamma))
    assert bound.stable.holds is stable
    assert bool(bound.stable) is stable
    assert bound.stable.condition == sp.StrictLessThan(gamma**2, beta)
    assert (bound.value == inf) is not stable
    if not stable:
        assert bound.enclosure == (inf, inf)
        assert not bound.attained


def test_on_the_boundary_it_grows_like_the_root_of_n() -> None:
    for steps in (1, 2, 100, 10**30):
        bound = bounds.max_update(Adam(beta="0.25", gamma="0.5"), steps=steps)
        last = 0 if steps > 1000 else F(1, 2**steps)
        expected = math.sqrt(steps * (1 + last) * F(1, 2) / ((1 - last) * F(3, 2)))
        assert bound.value == pytest.approx(expected, rel=1e-14)


def test_just_off_the_boundary_nothing_cancels() -> None:
    tiny = F(1, 10**40)
    on = bounds.max_update(Adam(beta=F(1, 4), gamma=F(1, 2)), steps=1000).value
    for off in (tiny, -tiny):
        assert bounds.max_update(Adam(beta=F(1, 4), gamma=F(1, 2) + off), steps=1000).value == pytest.approx(on)
    largest = bounds.max_update(Adam(beta=F(1, 4) + tiny, gamma=F(1, 2))).value
    assert largest == pytest.approx(math.sqrt(F(1, 4) / F(3, 4) * F(1, 4) * 10**40), rel=1e-9)


def test_amsgrad_and_normalised_momentum_are_stable_everywhere() -> None:
    for at_beta, at_gamma in [
        ("0.999", "0.9"),
        ("0.1", "0.99"),
        ("0.25", "0.5"),
        ("0", "0.9"),
        ("0.9", "0"),
        ("0", "0"),
    ]:
        for name in ("amsgrad", "laprop", "rmsprop_momentum"):
            bound = bounds.max_update(build(name, beta=at_beta, gamma=at_gamma))
            assert bound.stable.holds
            assert math.isfinite(bound.value)


# Edges of the square, and steps beyond every loop.


def test_zero_decays() -> None:
    zero = Adam(beta=0, gamma=0)  # the sign of the gradient
    assert bounds.max_update(zero, steps=5).value == bounds.max_update(zero).value == 1
    forgets = Adam(beta=0, gamma="0.5")  # the denominator sees the newest gradient alone
    assert bounds.max_update(forgets, steps=1).value == 1
    assert bounds.max_update(forgets, steps=2).value == inf
    assert not bounds.max_update(forgets, steps=2).attained
    no_momentum = Adam(beta="0.75", gamma=0)
    assert bounds.max_update(no_momentum, steps=2).value == pytest.approx(math.sqrt(1 - 0.75**2) / 0.5, rel=1e-15)
    assert bounds.max_update(no_momentum).value == pytest.approx(2, rel=1e-15)
    assert bounds.max_update(build("ademamix", gamma=0, gamma_slow=0, alpha=1, beta=0)).value == 2
    assert bounds.max_update(build("nadam", beta="0.75", gamma=0)).value == pytest.approx(2, rel=1e-15)


def test_amsgrad_at_its_edges() -> None:
    """beta = 0: the largest |m| at |g| <= 1 is 1 - gamma^N.  gamma = 0: one gradient alone."""
    for steps in (1, 2, 7):
        plain = build("amsgrad", beta=0, gamma="0.5", correction="none")
        assert bounds.max_update(plain, steps=steps).value == pytest.approx(1 - 0.5**steps, rel=1e-15)
        single = build("amsgrad", beta="0.75", gamma=0, correction="none")
        assert bounds.max_update(single, steps=steps).value == pytest.approx(2, rel=1e-15)
    assert bounds.max_update(build("amsgrad", beta=0, gamma="0.5", correction="none")).value == 1


def test_equal_decays() -> None:
    """gamma = beta makes constant gradients the worst: nothing exceeds the sign."""
    for steps in (1, 2, 1000, 10**30, None):
        assert bounds.max_update(Adam(beta="0.9", gamma="0.9"), steps=steps).value == pytest.approx(1, abs=1e-15)
    one = build("ademamix", beta="0.9", gamma="0.8", gamma_slow="0.8", alpha=1)
    apart = build("ademamix", beta="0.9", gamma="0.8", gamma_slow=F(8, 10) + F(1, 10**40), alpha=1)
    for steps in (1, 9, None):
        together = bounds.max_update(one, steps=steps).value
        assert together == pytest.approx(bounds.max_update(apart, steps=steps).value, rel=1e-14)


@pytest.mark.parametrize("name", ["adam", "rmsprop", "adagrad", "nadam", "amsgrad", "kadam", "rmsprop_momentum"])
def test_more_steps_than_any_loop_could_take(name: str) -> None:
    bound = bounds.max_update(build(name), steps=10**30)
    at = {symbol: sp.sympify(value) for symbol, value in build(name).values.items()}
    assert bound.value == pytest.approx(float(sp.N(bound.limit.subs(at), 30)), rel=1e-12)
    assert bound.steps == 10**30
    refusal = "are not known" if bound.kind == "upper" else r"^steps must be an integer >= 1 and <= \d+, got 10+$"
    with pytest.raises(ValueError, match=refusal):
        bound.worst_gradients()


def test_bounds_beyond_the_doubles() -> None:
    bound = bounds.max_update(Adam(beta="0.5", gamma="0.9"), steps=10**30)
    assert bound.value == inf
    assert bound.enclosure[0] > 1e308
    assert bound.enclosure[1] == inf
    assert bound.attained  # finite, only not as a double


def test_hyperparameters_near_one() -> None:
    """beta = 1 - 1e-9 and 1e9 steps: the plain sum is out of reach, its closed form in 60 digits is not."""
    with mpmath.workdps(60):
        b, c, steps = 1 - mpmath.mpf("1e-9"), mpmath.mpf("1e-12"), 10**9
        q = c * c / b
        expected = mpmath.sqrt((1 - b**steps) * (1 - q**steps) / ((1 - q) * (1 - b))) * (1 - c) / (1 - c**steps)
        low, high = bounds.max_update(Adam(beta=1 - F(1, 10**9), gamma=F(1, 10**12)), steps=steps).enclosure
        assert low <= expected <= high


def test_an_irrational_hyperparameter() -> None:
    value = bounds.max_update(Adam(beta=sp.sqrt(3) / 2, gamma="0.9"), steps=5).value
    near = bounds.max_update(Adam(beta=F(math.sqrt(3) / 2), gamma="0.9"), steps=5).value
    assert value == pytest.approx(near, rel=1e-14)


# What is attained.


def test_suprema_over_all_steps_that_the_first_step_reaches() -> None:
    """One gradient is enough, whatever the convention about zeros."""
    for name in ("rmsprop", "adagrad", "signsgd"):
        for zeros in ("nonzero-start", "zero-over-zero"):
            assert bounds.max_update(build(name), zeros=zeros).attained
    assert not bounds.max_update(Adam()).attained
    assert not bounds.max_update(build("laprop")).attained


def test_momentum_alone_has_no_bound() -> None:
    for form in ("average", "heavy-ball"):
        for steps in (1, 5, None):
            bound = bounds.max_update(Momentum(gamma="0.9", form=form), steps=steps)
            assert (bound.kind, bound.value, bound.attained) == ("unbounded", inf, False)
            assert not bound.stable
            assert "max |g_k|" in bound.note
            with pytest.raises(ValueError, match=r"^worst gradients"):
                bound.worst_gradients(3)


def test_adagrad_has_the_sign_as_its_bound() -> None:
    for steps in (1, 2, 10**30, None):
        bound = bounds.max_update(build("adagrad"), steps=steps)
        assert (bound.kind, bound.value, bound.formula, bound.limit) == ("exact", 1, 1, 1)
        assert bound.stable


# Continuous time.


@pytest.mark.parametrize(("at_beta", "at_gamma"), [(F(999, 1000), F(9, 10)), (F(1, 3), F(1, 2)), (F(1, 5), F(1, 2))])
@pytest.mark.parametrize("elapsed", [F(1, 2), 1, 20])
def test_continuous_time(at_beta: F, at_gamma: F, elapsed: Any) -> None:
    """Against the library's own expression, and against Cauchy-Schwarz integrated by quadrature."""
    bound = bounds.max_update(Adam(beta=at_beta, gamma=at_gamma), time="continuous", steps=elapsed)
    at = {beta: sp.Rational(at_beta), gamma: sp.Rational(at_gamma), t: sp.Rational(elapsed), h: 1}
    exponent = 2 * (1 - at_gamma) / at_gamma - (1 - at_beta) / at_beta
    stated = adam_continuous.worst_case() if exponent else adam_continuous.worst_case_on_boundary()
    assert bound.value == pytest.approx(float(sp.N(stated.subs(at), 30)), rel=1e-12)
    assert bound.kind == "exact"
    with mpmath.workdps(30):
        first, second = ((1 - mpmath.mpf(z.numerator) / z.denominator) for z in (at_gamma, at_beta))
        first, second = first / (1 - first), second / (1 - second)
        square = mpmath.quad(
            lambda s: (first * mpmath.exp(-first * s)) ** 2 / (second * mpmath.exp(-second * s)), [0, float(elapsed)]
        )
        count = 1 + float(elapsed)
        correction = mpmath.sqrt(1 - float(at_beta) ** count) / (1 - float(at_gamma) ** count)
        assert bound.value == pytest.approx(float(correction * mpmath.sqrt(square)), rel=1e-10)
    assert bounds.max_update(Adam(beta=at_beta, gamma=at_gamma), time="continuous").stable.holds is (exponent > 0)


def test_continuous_supremum_over_all_times() -> None:
    bound = bounds.max_update(Adam(), time="continuous")
    times = [bounds.max_update(Adam(), time="continuous", steps=s).value for s in (1, 10, 100, 1000, 10**5)]
    assert max(times) <= bound.enclosure[1]
    assert bound.value == pytest.approx(times[-1], rel=1e-12)
    unstable = bounds.max_update(Adam(beta=F(1, 3), gamma=F(1, 2)), time="continuous")
    assert unstable.value == inf


# What updates add up to.


@pytest.mark.parametrize(("decay", "equal"), [("0", True), ("0.5", False), ("0.5", True)])
def test_parameters_that_do_not_move(decay: str, equal: bool) -> None:
    method = build("adamw", lr=0, weight_decay=decay, beta="0.9", gamma="0.9" if equal else "0.5")
    for steps in (0, 5, 10**30, None):
        bound = bounds.iterate(method, start=3, steps=steps)
        assert bound.value == 3


def test_runs_stay_within_the_bound_of_parameters() -> None:
    """Random signs with growing and shrinking gradients; where beta = gamma, one sign throughout reaches it."""
    draw = np.random.default_rng(0)
    for at_beta, at_gamma, at_lr, decay in [("0.999", "0.9", "0.1", "0.5"), ("0.5", "0.6", "1", "1.7"), ("0.9",) * 4]:
        method = build("adamw", beta=at_beta, gamma=at_gamma, lr=at_lr, weight_decay=decay)
        upper = [bounds.iterate(method, steps=steps, start=2).enclosure[1] for steps in range(13)]
        growth = draw.choice([0.5, 0.9, 1, 1.2, 10], size=(500, 1)) ** np.arange(12)
        run = simulate(method, growth * draw.normal(size=(500, 12)), theta0=2)
        assert run.iterates is not None
        assert (abs(run.iterates) <= np.array(upper) * (1 + 1e-12)).all()
    one_sign = simulate(method, [-1] * 12, theta0=2).iterates
    assert one_sign is not None
    last = one_sign[-1]
    assert bounds.iterate(method, steps=12, start=2).kind == "exact"
    assert last == pytest.approx(upper[-1], rel=1e-12)


def test_norms_that_are_reached_and_norms_that_are_neared() -> None:
    growing = bounds.norm_growth(lr="0.1", weight_decay="0.1")
    assert not growing.attained  # the equilibrium, from below
    assert bounds.norm_growth(lr="0.1", weight_decay="0.1", steps=10).attained
    assert bounds.norm_growth(lr="0.1", weight_decay="0.1", initial=100).attained  # the start
    assert bounds.norm_growth(lr="0.1", weight_decay="0.1", initial=100).value == 100
    free = bounds.norm_growth(lr="0.1")
    assert (free.value, free.attained, free.limit) == (inf, False, sp.oo)
    still = bounds.norm_growth(lr=0, initial=3)
    assert (still.value, still.attained) == (3, True)
    late = bounds.norm_growth(lr="0.1", weight_decay="0.1", steps=10**30)
    assert late.value == pytest.approx(growing.value, rel=1e-14)


# Refusals, one line each.


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    text = str(caught.value)
    assert text
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"steps": 3.5}, "steps must be an integer >= 1, got 3.5"),
        ({"steps": 3.0}, "steps must be an integer >= 1, got 3.0"),
        ({"steps": "3"}, "steps must be an integer >= 1, got '3'"),
        ({"steps": -1}, "steps must be an integer >= 1, got -1"),
        ({"steps": 0}, "steps must be an integer >= 1, got 0"),
        ({"steps": True}, "steps must be an integer >= 1, got True"),
        ({"time": "later"}, "time must be one of 'discrete', 'continuous', got 'later'"),
        ({"time": None}, "time must be one of 'discrete', 'continuous', got None"),
        ({"zeros": "none"}, "zeros must be one of 'nonzero-start', 'zero-over-zero', 'eps', got 'none'"),
        ({"zeros": "eps"}, "eps must be > 0 everywhere under zeros='eps', got Fraction(0, 1)"),
        ({"time": "continuous", "steps": -1}, "steps must be None or a number >= 0 in continuous time (t/h), got -1"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], line: str) -> None:
    assert refused(lambda: bounds.max_update(Adam(), **arguments)) == line


def test_not_a_method() -> None:
    for wrong in ("adam", Adam, None, 3):
        assert refused(lambda w=wrong: bounds.max_update(w)).startswith("method must be a Method such as")  # type: ignore[misc]


def test_arrays_are_for_exports() -> None:
    assert refused(lambda: bounds.max_update(Adam(beta=np.array([0.9, 0.8])))).startswith("beta must be a scalar")


def test_continuous_time_is_adams() -> None:
    assert "continuous time" in refused(lambda: bounds.max_update(RMSProp(), time="continuous"))
    assert "beta must be above 0" in refused(lambda: bounds.max_update(Adam(beta=0), time="continuous"))
    assert "gamma must be above 0" in refused(lambda: bounds.max_update(Adam(gamma=0), time="continuous"))
    for elapsed in (math.nan, inf, "x"):
        assert refused(lambda s=elapsed: bounds.max_update(Adam(), time="continuous", steps=s)).startswith("steps must")  # type: ignore[misc]


averages = (moving_average(m, gamma, gradient), moving_average(v, beta, gradient**2))
REFUSED = {
    "cubes": (custom("cubes", averages[1], Assignment(update, gradient**3, sp.sqrt(v))), "u"),
    "shift": (custom("shift", *averages, Assignment(update, m + 1, sp.sqrt(v))), "u"),
    "no root": (custom("no_root", *averages, Assignment(update, m, v)), "u"),
    "eps within": (custom("eps_within", *averages, Assignment(update, m, sp.sqrt(v) + beta)), "u"),
    "two roots": (
        custom(
            "two_roots",
            *averages,
            moving_average(w, gamma, gradient**2),
            Assignment(update, m / sp.sqrt(w), sp.sqrt(v)),
        ),
        "u",
    ),
    "started": (custom("started", *averages, Assignment(update, m, sp.sqrt(v)), start=1), "m"),
    "in series": (custom("in_series", *averages, moving_average(w, gamma, m), Assignment(update, w, sp.sqrt(v))), "w"),
    "centred": (
        custom("centred", *averages, Assignment(update, gradient, sp.sqrt(v - m**2))),  # torch's RMSprop(centered=True)
        "u",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_rules_that_are_no_ratio_of_filters_say_which_step(name: str) -> None:
    method, step = REFUSED[name]
    with pytest.raises(bounds.NotALinearFilter) as caught:
        bounds.max_update(method)
    line = str(caught.value)
    assert line.startswith(f"{method.name}: the step that computes {step} ")
    assert "\n" not in line


def test_weights_of_both_signs_where_only_one_is_handled() -> None:
    normalised = (averages[1], Assignment(x, gradient, sp.sqrt(v)), moving_average(m, gamma, x))
    opposed = custom("opposed", *normalised, Assignment(update, x - 2 * m))
    assert "both signs" in refused(lambda: bounds.max_update(opposed, steps=3))


def test_bad_arguments_of_a_bound() -> None:
    bound = bounds.max_update(Adam())
    assert "steps must be given" in refused(bound.worst_gradients)
    assert refused(lambda: bound.worst_gradients(2.5)).startswith("steps must be an integer >= 1")  # type: ignore[arg-type]
    assert refused(lambda: bound.worst_gradients(0)).startswith("steps must be an integer >= 1")
    assert "language must be one of" in refused(lambda: bound.source("perl"))


def test_normalised_filter_that_is_largest_at_the_first_step() -> None:
    """Weights that add up to 1/(1 - gamma^N): the supremum over all steps is at N = 1, far above the limit."""
    v, r, m = state("v"), state("r"), state("m")
    rule = UpdateRule(
        name="early",
        hyperparameters=(BETA, GAMMA, LR),
        state=((v, sp.S.Zero), (m, sp.S.Zero)),
        steps=(
            moving_average(v, beta, gradient**2),
            Assignment(r, gradient, sp.sqrt(v)),
            moving_average(m, gamma, r),
            Assignment(update, m, (1 - gamma ** (n + 1)) ** 2),
        ),
        iterate=PLAIN_STEP,
        description="",
    )

    @dataclass(frozen=True, kw_only=True)
    class Early(Method):
        name: ClassVar[str] = "early"
        beta: Any = Fraction(3, 4)
        gamma: Any = Fraction(1, 2)

        @property
        def rule(self) -> UpdateRule:
            return rule

    bound = bounds.max_update(Early())
    assert bound.kind == "exact"
    assert bound.value == pytest.approx(4, rel=1e-14)
    assert bounds.max_update(Early(), steps=1).value == pytest.approx(4, rel=1e-14)
    assert bound.limit.subs(bound.values) == 2
