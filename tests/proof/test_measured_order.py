"""Explicit bounds of an order: the verdict, what stands beside it, and that runs can contradict it."""

from __future__ import annotations

import pytest

from adamtheory.notation import h
from adamtheory.proof import Library, ThisLibrary, Verdict, ge, judge, le, polynomial, theorem


def declared(order, measure):
    @theorem(source=ThisLibrary("test"), given=[ge(h, 0)], claim=le(h**2, 2 * h**2), order=order, measure=measure)
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


def test_without_an_order_a_bound_is_proved():
    assert declared(None, None).verdict is Verdict.PROVED


def test_an_order_is_stated_with_how_it_is_measured():
    with pytest.raises(ValueError, match="order and measure go together"):
        declared(2, None)
