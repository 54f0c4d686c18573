"""Checks on runs: true claims pass in every arithmetic, false ones fail in every arithmetic, others are left alone."""

from __future__ import annotations

import importlib.util

import pytest
import sympy as sp

from adamtheory.methods.adam import adam_rule
from adamtheory.methods.rmsprop import rmsprop_rule
from adamtheory.notation import (
    alignment,
    beta,
    bias_correction,
    eps,
    g,
    gamma,
    half_open_square,
    k,
    m,
    n,
    open_square,
    open_unit,
    ratio,
    u,
    v,
)
from adamtheory.proof.theorem import Source, theorem
from adamtheory.propositions import (
    All,
    ForAll,
    Implies,
    SequenceDefinition,
    Supremum,
    Tends,
    eq,
    ge,
    gt,
    le,
    lt,
    ne,
)
from adamtheory.runs import check_on_runs, checkable, observable
from adamtheory.runs import checks as checks_module


def definitions(rule, *names):
    return [
        SequenceDefinition(d.function, d.index, d.body, d.initial)
        for d in rule.definitions()
        if d.function.__name__ in names
    ]


ADAM = definitions(adam_rule().specialise({eps: 0}), "m", "v", "u")
RMSPROP = definitions(rmsprop_rule().specialise({eps: 0}), "v", "u")
SHARP = bias_correction(n + 1) * alignment * sp.sqrt(sp.Sum(ratio**k, (k, 0, n)))
POSITIVE = gt(v(n), 0)


def stated(claim, *given, where=ADAM, **more):
    @theorem(source=Source("a test"), claim=claim, given=list(given), where=where, **more)
    def statement(proof):
        """A statement."""

    return statement


def run(statement, **options):
    return {c.name: c for c in check_on_runs(statement, trials=2, **options)}


def failed(checks):
    return {name for name, c in checks.items() if not c.passed and not c.skipped}


EVERYWHERE = {
    "ball",
    "mpmath 50 digits",
    "numpy float64",
    "torch float64",
    "torch float32",
    "recorded gradients, ball",
    "recorded gradients, numpy float64",
    "recorded gradients, torch float64",
    "recorded gradients, torch float32",
}


def test_the_sharp_bound_holds_in_every_arithmetic() -> None:
    checks = run(stated(le(sp.Abs(u(n)), SHARP), open_square, POSITIVE))
    assert set(checks) == EVERYWHERE
    assert failed(checks) == set()
    for check in checks.values():
        assert not check.skipped
        assert check.trials > 20
        assert check.margin is not None
        assert "n=" in check.where
        assert check.margin >= 0 or check.tolerance  # only floating point may fall below, within its tolerance
    assert checks["mpmath 50 digits"].margin == 0  # the worst case attains it


@pytest.mark.parametrize("factor", [sp.Rational(999, 1000), 1 - sp.Rational(1, 10**4)])
def test_a_bound_that_is_a_little_too_sharp_fails_everywhere(factor) -> None:
    checks = run(stated(le(sp.Abs(u(n)), factor * SHARP), open_square, POSITIVE))
    assert failed(checks) == EVERYWHERE
    for check in checks.values():
        assert check.margin is not None
        assert check.margin < 0
        assert "fails at beta=" in check.where


def test_an_index_that_is_off_by_one_fails() -> None:
    shifted = bias_correction(n + 2) * alignment * sp.sqrt(sp.Sum(ratio**k, (k, 0, n)))
    assert {"ball", "mpmath 50 digits", "torch float64"} <= failed(
        run(stated(le(sp.Abs(u(n)), shifted), open_square, POSITIVE))
    )


def test_hypotheses_choose_the_hyperparameters() -> None:
    bounded = Implies(lt(gamma, beta), le(sp.Abs(u(n)), 1 / sp.sqrt(1 - beta)))
    assert failed(run(stated(bounded, half_open_square, POSITIVE))) == set()
    assert failed(run(stated(bounded.conclusion, half_open_square, POSITIVE, lt(gamma, beta)))) == set()
    assert failed(run(stated(bounded.conclusion, half_open_square, POSITIVE)))  # false without it


def test_a_curve_is_met_exactly() -> None:
    diagonal = run(stated(le(sp.Abs(u(n)), 1), open_square, eq(beta, gamma), POSITIVE))
    assert failed(diagonal) == set()
    assert diagonal["ball"].trials > 20


def test_identities_and_quantifiers_and_suprema() -> None:
    closed = eq(m(n), sp.Sum((1 - gamma) * gamma ** (n - k) * g(k), (k, 0, n)))
    assert failed(run(stated(closed, half_open_square))) == set()
    assert failed(run(stated(eq(m(n), closed.rhs * (1 + sp.Rational(1, 10**3))), half_open_square))) == EVERYWHERE
    j = sp.Symbol("j", integer=True, nonnegative=True)
    terms = ForAll(j, (le(j, n),), ge(v(n), (1 - beta) * beta ** (n - j) * g(j) ** 2))
    assert failed(run(stated(terms, half_open_square))) == set()
    supremum = Supremum(sp.Abs(u(n)), g, (ne(g(0), 0),), SHARP)
    assert failed(run(stated(All((supremum, le(0, v(n)))), open_square, POSITIVE))) == set()


def test_a_difference_of_equal_numbers_is_no_violation() -> None:
    # At n = 0 both sides are exactly zero, and their computed difference is nothing but rounding.
    slack = v(n) * alignment**2 * sp.Sum(ratio**k, (k, 0, n)) - m(n) ** 2
    assert failed(run(stated(le(0, slack), open_square))) == set()
    assert failed(run(stated(eq(slack, 0), open_square, le(n, 0)))) == set()
    assert "mpmath 50 digits" in failed(run(stated(le(v(n) / 10**15, slack), open_square)))


def test_rmsprop_is_not_run_as_adam() -> None:
    statement = stated(le(sp.Abs(u(n)), 1 / sp.sqrt(1 - beta)), open_unit(beta), POSITIVE, where=RMSPROP)
    found = observable(statement)
    assert found is not None
    assert found.method == "rmsprop"
    checks = run(statement)
    assert failed(checks) == set()
    assert checks["mpmath 50 digits"].margin == 0  # attained at n = 0


def test_a_shorthand_is_written_out() -> None:
    rho = sp.Function("rho", real=True)
    where = [*ADAM[:2], SequenceDefinition(rho, n, m(n) / sp.sqrt(v(n)))]
    claim = le(rho(n) ** 2, alignment**2 * sp.Sum(ratio**k, (k, 0, n)))
    assert failed(run(stated(claim, open_square, POSITIVE, where=where))) == set()


def test_what_no_run_can_show_is_left_alone() -> None:
    x = sp.Symbol("x", real=True)
    w = sp.Function("w", real=True)
    own = [SequenceDefinition(w, n, w(n - 1) / 2 + g(n), ((-1, sp.Integer(0)),))]
    for statement in (
        stated(eq((beta + gamma) ** 2, beta**2 + 2 * beta * gamma + gamma**2), where=[]),
        stated(Tends(v(n), n, sp.oo, sp.Integer(0)), half_open_square),
        stated(le(v(n), x), half_open_square),
        stated(le(w(n), 1), where=own),
        stated(le(sp.Abs(u(n)), SHARP), open_square, POSITIVE, runs=False),
        stated(le(beta, 1), open_square),
    ):
        assert not checkable(statement)
        assert check_on_runs(statement) == ()


def test_hypotheses_that_nothing_satisfies_are_skipped_and_not_passed() -> None:
    checks = run(stated(le(sp.Abs(u(n)), SHARP), open_square, POSITIVE, eq(beta, sp.Rational(123456, 654321))))
    assert checks
    assert all(c.skipped and not c.passed and c.trials == 0 for c in checks.values())


def test_equal_seeds_give_equal_checks() -> None:
    statement = stated(le(sp.Abs(u(n)), SHARP), open_square, POSITIVE)
    first = run(statement, seed=4)
    assert run(statement, seed=4) == first
    assert run(statement, seed=5)["ball"] != first["ball"]


def test_without_torch_its_checks_are_skipped_and_never_passed(monkeypatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else find(name))
    checks = run(stated(le(sp.Abs(u(n)), SHARP), open_square, POSITIVE))
    assert set(checks) == EVERYWHERE
    for name, check in checks.items():
        assert bool(check.skipped) is ("torch" in name)
        assert check.passed is ("torch" not in name)


def test_without_the_recording_its_check_is_skipped(monkeypatch) -> None:
    monkeypatch.setattr(checks_module, "recording_path", lambda: None)
    check = run(stated(le(sp.Abs(u(n)), SHARP), open_square, POSITIVE))["recorded gradients"]
    assert check.skipped
    assert not check.passed


@pytest.mark.gpu
def test_the_same_on_cuda() -> None:
    checks = run(stated(le(sp.Abs(u(n)), SHARP), open_square, POSITIVE), device="cuda")
    assert {"torch float64 on cuda", "torch float32 on cuda"} <= set(checks)
    assert failed(checks) == set()
    false = run(stated(le(sp.Abs(u(n)), SHARP * sp.Rational(999, 1000)), open_square, POSITIVE), device="cuda")
    assert {"torch float64 on cuda", "torch float32 on cuda"} <= failed(false)
