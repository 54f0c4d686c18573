"""The bounds on AdamW's iterates against runs of AdamW itself, in exact fractions and in floating point."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

from adamtheory.bounds.adam import worst_case_limit
from adamtheory.bounds.iterates import contracting_bound, general_bound, linear_bound, uniform_bound
from adamtheory.methods import AdamW, simulate
from adamtheory.notation import beta, gamma, lr, weight_decay

START = 2


def at(bound: sp.Expr, rate: str, decay: str) -> sp.Expr:
    return bound.subs({lr: sp.Rational(rate), weight_decay: sp.Rational(decay)})


@pytest.mark.parametrize(("rate", "decay"), [("1/2", "1/3"), ("1", "1"), ("1/10", "1/100")])
def test_constant_gradients_attain_the_contracting_bound(rate: str, decay: str) -> None:
    method = AdamW(lr=rate, weight_decay=decay, beta="1/4", gamma="1/4")
    run = simulate(method, [-3] * 6, arithmetic="fraction", theta0=START)
    assert run.iterates is not None
    for n, theta in enumerate(run.iterates):
        expected = at(contracting_bound(START, 1, sp.Integer(n)), rate, decay)
        assert Fraction(str(theta)) == Fraction(str(expected))


@pytest.mark.parametrize(("rate", "decay"), [("1/2", "1/3"), ("1/10", "1"), ("1", "1")])
def test_random_runs_stay_within_both_bounds(rate: str, decay: str) -> None:
    method = AdamW(lr=rate, weight_decay=decay, beta="9/10", gamma="1/2")
    gradients = np.random.default_rng(0).standard_normal((200, 60)) ** 3
    run = simulate(method, gradients, theta0=START)
    assert run.iterates is not None
    largest = worst_case_limit().subs({beta: sp.Rational(9, 10), gamma: sp.Rational(1, 2)})
    sizes = np.abs(run.iterates).max(axis=0)
    bounds = [float(at(contracting_bound(START, largest, sp.Integer(n)), rate, decay)) for n in range(61)]
    assert (sizes <= np.array(bounds) * (1 + 1e-12)).all()
    assert sizes.max() <= float(at(uniform_bound(START, largest), rate, decay)) * (1 + 1e-12)
    assert sizes[-1] > 0.05 * bounds[-1]  # a bound that is never approached would not be much of a test


def test_the_contracting_bound_fails_beyond_its_range() -> None:
    """The run behind the refutation: eta lambda = 3/2, one step."""
    run = simulate(AdamW(lr=1, weight_decay="3/2", beta="1/2", gamma="1/2"), [1], arithmetic="fraction", theta0=1)
    assert run.iterates is not None
    assert Fraction(str(run.iterates[1])) == Fraction(-3, 2)
    assert at(uniform_bound(1, 1), "1", "3/2") == 1
    assert at(general_bound(1, 1, sp.Integer(1)), "1", "3/2") == sp.Rational(3, 2)


def test_the_three_bounds_meet() -> None:
    for n in range(4):
        steps = sp.Integer(n)
        inside = [at(f(START, 3, steps), "1/2", "1/3") for f in (contracting_bound, general_bound)]
        assert inside[0] == inside[1]
    near = [at(general_bound(START, 3, sp.Integer(4)), "1", decay) for decay in ("1.999", "2.001")]
    edge = at(linear_bound(START, 3, sp.Integer(4)), "1", "2")
    assert near[0] < edge < near[1]
    assert all(abs(float(a) - float(b)) < 0.1 for a, b in pairwise([*near, edge]))
