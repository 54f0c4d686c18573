"""Growth of the worst case, annealing and silent coordinates: the closed forms against runs of Adam itself."""

from __future__ import annotations

from fractions import Fraction
from math import exp, log, sqrt

import pytest
import sympy as sp

from adamtheory.bounds import growth
from adamtheory.methods import Adam, KAdam, simulate
from adamtheory.notation import beta, gamma, lr, n

FAST = (Fraction(1, 3), Fraction(2, 3))  # q = 4/3, C = -1
WEDGE = (Fraction(3, 10), Fraction(1, 2))  # q = 5/6, C = -1/3


def number(expression: sp.Expr, pair: tuple[Fraction, Fraction], **more: int) -> float:
    values = {beta: pair[0], gamma: pair[1], **{{"n": n, "lr": lr}[key]: x for key, x in more.items()}}
    return float(expression.subs({s: sp.Rational(x) for s, x in values.items()}))


def largest_update(pair: tuple[Fraction, Fraction], steps: int) -> float:
    """What the worst gradients make of the last update, in floating point."""
    worst = [float(pair[1] / pair[0]) ** age for age in range(steps - 1, -1, -1)]
    return float(simulate(Adam(beta=pair[0], gamma=pair[1]), worst, arithmetic="numpy").updates[-1])


def test_the_worst_case_grows_with_the_exact_exponent_and_constant() -> None:
    exact, constant = number(growth.exponent(), FAST), number(growth.growth_constant(), FAST)
    assert exact == pytest.approx(log(4 / 3) / 2)
    for steps in (40, 80):
        assert largest_update(FAST, steps) * exp(-exact * (steps - 1)) == pytest.approx(constant, rel=1e-4)


def test_the_predicted_exponent_is_too_large() -> None:
    slope = log(largest_update(FAST, 81) / largest_update(FAST, 80))
    assert slope == pytest.approx(number(growth.exponent(), FAST), rel=1e-6)
    assert slope < 0.6 * number(growth.printed_exponent(), FAST)


def test_where_the_exponent_is_negative_and_the_ratio_below_one_nothing_grows() -> None:
    assert number(growth.printed_exponent(), WEDGE) > 0
    assert largest_update(WEDGE, 400) == pytest.approx(largest_update(WEDGE, 200), rel=1e-9)


def test_exact_annealing_keeps_the_largest_step_and_equation_19_loses_it() -> None:
    for steps in (50, 100):
        size = largest_update(FAST, steps)
        kept = size * number(growth.exact_learning_rate(), FAST, n=steps - 1, lr=1)
        lost = size * number(growth.printed_learning_rate(), FAST, n=steps - 1, lr=1)
        assert kept == pytest.approx(number(growth.growth_constant(), FAST), rel=1e-4)
        assert lost < exp(-0.3 * steps)


@pytest.mark.parametrize("pair", [FAST, WEDGE, (Fraction(999, 1000), Fraction(9, 10))])
def test_a_silent_coordinate_changes_by_one_factor_a_step(pair: tuple[Fraction, Fraction]) -> None:
    run = simulate(Adam(beta=pair[0], gamma=pair[1]), [1, -2, 3, *[0] * 30], arithmetic="numpy")
    factor = float(pair[1]) / sqrt(float(pair[0]))

    def corrected(at: int) -> float:
        steps = at + 1
        return float(run.updates[at]) * (1 - float(pair[1]) ** steps) / sqrt(1 - float(pair[0]) ** steps)

    for at in range(2, 32):
        assert corrected(at + 1) == pytest.approx(factor * corrected(at), rel=1e-9)


def test_epsilon_raises_an_update_of_two_levels_and_never_one_of_one() -> None:
    gradients = [1, -2]
    sizes = {}
    for eps in (0, 1):
        one = Adam(beta="1/4", gamma="1/2", eps=eps, eps_mode="paper")
        two = KAdam(k=2, betas="1/4", gammas="1/2", eps=eps)
        sizes[eps] = [abs(float(simulate(method, gradients, arithmetic="numpy").updates[-1])) for method in (one, two)]
    assert sizes[1][0] < sizes[0][0]
    assert sizes[1][1] > 1.2 * sizes[0][1]
