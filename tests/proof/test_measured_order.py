"""Explicit bounds of an order: the verdict, what stands beside it, and that runs can contradict it."""

from __future__ import annotations

import pytest
import sympy as sp

from adamtheory.notation import h
from adamtheory.proof import Library, ThisLibrary, Verdict, eq, ge, judge, le, lt, polynomial, theorem

x = sp.Symbol("x", real=True)


def declared(order, measure):
    bound, stated = le(h**2, 2 * h**2), order and (h, order)

    @theorem(source=ThisLibrary("test"), given=[ge(h, 0)], claim=bound, order=stated, measure=measure)
    def small(proof):
        return proof.conclude(proof.have(proof.statement.claim, polynomial()))

    return judge(small, library=Library([small]))


def test_the_measured_order_stands_beside_the_verdict():
    result = declared(2, lambda: (1.98, "on a quadratic"))
    assert (result.verdict, result.order) == (Verdict.PROVED_TO_ORDER, 2)
    assert result.detail == "measured order 1.980 on a quadratic"
    assert result.as_expected


@pytest.mark.parametrize("order", [1.5, float("nan")])
def test_runs_that_contradict_it_leave_it_undecided(order):
    result = declared(2, lambda: (order, "on a quadratic"))
    assert result.verdict is Verdict.UNDECIDED
    assert "below the claimed 2" in result.detail
    assert not result.as_expected


def test_a_measurement_that_fails_decides_nothing():
    def broken():
        raise RuntimeError("no runs today")

    result = declared(2, broken)
    assert result.verdict is Verdict.UNDECIDED
    assert "no runs today" in result.detail


def anywhere():
    return 2.0, "anywhere"


@pytest.mark.parametrize(
    "claim",
    [
        le(h, 2 * h),  # of first order
        le(h**2, 2 * h**2 + h**3),  # true of an order, but not of this form
        le(h**2, 2 / h * h**3 + h),
        le(h**2, sp.Function("K", real=True)(x) * h**2),  # what K is may depend on h
        le(h**2, sp.Integral(1 / h, (x, 0, 1)) * h**2),
        eq(h**2, h**2),
        lt(h**2 - 1, h**2),
    ],
)
def test_an_order_that_the_claim_does_not_have_is_no_statement(claim):
    with pytest.raises(ValueError, match="order: the claim must be a <= C"):
        theorem(source=ThisLibrary("test"), claim=claim, order=(h, 2), measure=anywhere)(lambda proof: None)


def test_the_variable_is_the_declared_one():
    claim = le(h**2, 2 * h * x**2)  # of second order in x, not in h
    with pytest.raises(ValueError, match="C free of h"):
        theorem(source=ThisLibrary("test"), claim=claim, order=(h, 2), measure=anywhere)(lambda proof: None)


def test_without_an_order_a_bound_is_proved():
    assert declared(None, None).verdict is Verdict.PROVED


def test_an_order_is_stated_with_how_it_is_measured():
    with pytest.raises(ValueError, match="order and measure go together"):
        declared(2, None)
