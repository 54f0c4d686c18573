"""Certificates: what is proved of a rule's bound, for the library's methods and for rules written here, and that a
bound which is not the rule's own is not certified."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from adamtheory.bounds import certificates
from adamtheory.bounds.certificates import certify, statements, summary
from adamtheory.bounds.filters import Filters, Layer, filters
from adamtheory.bounds.worst_case import squared, squared_as_sum
from adamtheory.methods import SignSGD
from adamtheory.methods.adagrad import adagrad_rule
from adamtheory.methods.adam import adam_rule
from adamtheory.methods.adam_coupled import AdamCoupled
from adamtheory.methods.ademamix import ademamix_rule
from adamtheory.methods.amsgrad import AMSGrad
from adamtheory.methods.kadam import kadam_rule
from adamtheory.methods.laprop import laprop_rule
from adamtheory.methods.momentum import momentum_rule
from adamtheory.methods.nadam import nadam_rule
from adamtheory.methods.rmsprop import rmsprop_rule
from adamtheory.methods.rmsprop_momentum import rmsprop_momentum_rule
from adamtheory.methods.rule import (
    BETA,
    EPS,
    GAMMA,
    LR,
    PLAIN_STEP,
    Assignment,
    UpdateRule,
    gradient,
    moving_average,
    previous,
    state,
    update,
)
from adamtheory.notation import beta, eps, g, gamma, j, k, n, u, v
from adamtheory.proof import ForAll, Relation, Result, Supremum, Tends, TheoremStatement, Verdict, eq, gt, le, lt, ne
from adamtheory.propositions import substitute

M, V, S, SCALED, ROOT = state("m"), state("v"), state("s"), state("scaled"), state("denom")
FIRST, SECOND = moving_average(M, gamma, gradient), moving_average(V, beta, gradient**2)


def rule(name: str, *steps: Assignment, hyperparameters: Any = (BETA, GAMMA)) -> UpdateRule:
    """A user's rule: every state is the one that a step reads the value before of."""
    states = [s.symbol for s in steps if previous(s.symbol) in s.expression.free_symbols]
    return UpdateRule(
        name=name,
        hyperparameters=(*hyperparameters, EPS, LR),
        state=tuple((s, sp.S.Zero) for s in states),
        steps=steps,
        iterate=PLAIN_STEP,
        description="",
    )


RATIO, AVERAGE = ("upper_bound", "maximum"), ("upper_bound",)
LIBRARY = {
    "adam": (adam_rule(), RATIO),
    "adam, eps as in the paper": (adam_rule("paper"), RATIO),
    "adam_coupled": (AdamCoupled(weight_decay=Fraction(1, 10)).rule, RATIO),
    "rmsprop": (rmsprop_rule(), RATIO),
    "adagrad": (adagrad_rule(), RATIO),
    "nadam": (nadam_rule("constant"), RATIO),
    "ademamix": (ademamix_rule(), RATIO),
    "rmsprop with raw momentum": (rmsprop_momentum_rule("raw"), RATIO),
    "kadam": (kadam_rule(2), AVERAGE),
    "laprop": (laprop_rule(), AVERAGE),
    "rmsprop with momentum": (rmsprop_momentum_rule(), AVERAGE),
    "signsgd": (SignSGD().rule, ("size",)),
}
OWN = {
    "lion-like, weights of both signs": (
        rule("signed", FIRST, SECOND, Assignment(update, 3 * M - 2 * gradient, sp.sqrt(V) + eps)),
        RATIO,
    ),
    "shorthands": (
        rule(
            "shorthands",
            Assignment(SCALED, 2 * gradient),
            moving_average(M, gamma, SCALED),
            SECOND,
            Assignment(ROOT, sp.sqrt(V / (1 - beta ** (n + 1)))),
            Assignment(update, M / (1 - gamma ** (n + 1)), ROOT + eps),
        ),
        RATIO,
    ),
    "numbers": (
        rule(
            "numbers",
            moving_average(M, sp.Rational(9, 10), gradient),
            Assignment(V, sp.Rational(99, 100) * previous(V) + 3 * gradient**2),
            Assignment(update, 5 * M, sp.sqrt(2 * V) + eps),
            hyperparameters=(),
        ),
        RATIO,
    ),
    "memory that only adds up": (
        rule("sums", FIRST, Assignment(V, previous(V) + gradient**2), Assignment(update, M, sp.sqrt(V) + eps)),
        RATIO,
    ),
    "an average of a ratio of averages": (
        rule("twice", SECOND, FIRST, Assignment(SCALED, M, sp.sqrt(V)), moving_average(S, gamma, SCALED),
             Assignment(update, S)),
        AVERAGE,
    ),
    "an average taken away": (
        rule("less", SECOND, Assignment(SCALED, gradient, sp.sqrt(V)), moving_average(M, gamma, SCALED),
             Assignment(update, 2 * SCALED - M)),
        AVERAGE,
    ),
}  # fmt: skip


def named(results: tuple[Result, ...], what: str) -> Result:
    (found,) = (r for r in results if r.name.endswith(f"_{what}"))
    return found


@pytest.mark.parametrize(("method", "claims"), [*LIBRARY.values(), *OWN.values()], ids=[*LIBRARY, *OWN])
def test_bounds_are_proved(method: UpdateRule, claims: tuple[str, ...]) -> None:
    results = certify(method)
    assert [r.name for r in results if r.verdict is not Verdict.PROVED] == []
    for what in claims:
        result = named(results, what)
        assert result.as_expected
        assert result.steps
        assert result.trials > 0
        assert not result.trust.assumptions
    assert any(r.name.endswith("_maximum") for r in results) == ("maximum" in claims)


@pytest.mark.slow
def test_the_maximum_with_a_schedule_of_momentum_is_proved() -> None:
    """NAdam's product of momentum factors is a state; the statement names its value."""
    results = certify(nadam_rule())
    assert {r.verdict for r in results} == {Verdict.PROVED}
    assert "given mu_product(n) = mu_product_n" in named(results, "maximum").statement


def claimed(method: UpdateRule, what: str) -> TheoremStatement:
    (found,) = (s for s in statements(method) if s.name.endswith(f"_{what}"))
    return found


@pytest.mark.parametrize("name", [x for x, (_, claims) in LIBRARY.items() if claims == RATIO])
def test_statements_are_about_the_rules_own_sequences_and_bound(name: str) -> None:
    method, _ = LIBRARY[name]
    plain = method.specialise({eps: 0})
    layer = filters(method).layers[-1]
    upper, largest = claimed(method, "upper_bound"), claimed(method, "maximum")
    assert upper.claim == le(sp.Abs(u(n)), sp.sqrt(squared_as_sum(layer)))
    assert isinstance(largest.claim, Supremum)
    assert (largest.claim.expr, largest.claim.value) == (sp.Abs(u(n)), sp.sqrt(squared_as_sum(layer)))
    assert largest.claim.over == g
    assert largest.claim.attained
    if name != "adam_coupled":  # there the gradient contains the decay
        assert set(upper.where) == set(plain.definitions())
    assert set(largest.given) < set(upper.given)
    assert all(isinstance(p, Relation) for p in upper.given)


def test_hypotheses_are_the_open_domain() -> None:
    upper = claimed(adam_rule(), "upper_bound")
    assert upper.given == (gt(beta, 0), lt(beta, 1), gt(gamma, 0), lt(gamma, 1), gt(v(n), 0))
    slow, alpha = (sp.Symbol(x, real=True) for x in ("gamma_slow", "alpha"))
    assert {le(0, alpha), gt(slow, 0), lt(slow, 1)} < set(claimed(ademamix_rule(), "upper_bound").given)
    assert claimed(adagrad_rule(), "upper_bound").given == (gt(sp.Function("G", real=True)(n), 0),)
    assert ne(g(0), 0) in claimed(laprop_rule(), "upper_bound").given


def test_weights_that_can_cancel_are_a_hypothesis_of_the_maximum() -> None:
    """With 3 m - 2 g the newest gradient counts for nothing at gamma = 1/3, n = 0: then no gradients move the rule."""
    method, _ = OWN["lion-like, weights of both signs"]
    (cancelling,) = (p for p in claimed(method, "maximum").given if isinstance(p, Relation) and p.op == "!=")
    assert sp.expand(cancelling.lhs.subs(gamma, sp.Rational(1, 3))) == 0
    assert not any(p.op == "!=" for p in claimed(adam_rule(), "maximum").given if isinstance(p, Relation))


def worst_of(method: UpdateRule, values: dict[sp.Symbol, sp.Rational], last: int) -> sp.Expr:
    """u^2 at step ``last`` of the rule's own steps, for inputs proportional to a_j/b_j."""
    layer = filters(method).layers[-1]
    assert layer.square is not None
    weights = [
        sum((m.amplitude * m.pole**lag for m in layer.modes), sp.S.Zero) + (layer.direct if lag == 0 else 0)
        for lag in range(last + 1)
    ]
    inputs = [weights[last - i].subs(n, last) / layer.square.decay ** (last - i) for i in range(last + 1)]
    plain = method.specialise({eps: 0})
    at: dict[sp.Symbol, sp.Expr] = {previous(s): start for s, start in plain.state}
    for step in range(last + 1):
        at[gradient] = inputs[step].subs(values)
        for symbol, e in plain.assignments:
            if symbol == update and step < last:
                continue  # not asked for, and not defined while v is 0
            at[symbol] = e.subs({n: step}).subs(values).xreplace(at)
        at |= {previous(s): at[s] for s, _ in plain.state}
    return sp.nsimplify(sp.simplify(at[update] ** 2))


VALUES = {
    beta: sp.Rational(9, 10),
    gamma: sp.Rational(4, 5),
    sp.Symbol("gamma_slow", real=True): sp.Rational(1, 2),
    sp.Symbol("alpha", real=True): sp.Rational(2),
}
MEETING = {beta: sp.Rational(4, 9), gamma: sp.Rational(2, 3), sp.Symbol("gamma_slow", real=True): sp.Rational(2, 3)}


@pytest.mark.parametrize("last", [0, 1, 3])
@pytest.mark.parametrize("name", ["adam", "rmsprop", "nadam", "ademamix", "rmsprop with raw momentum", "adagrad"])
def test_the_bound_that_is_claimed_is_what_the_rule_reaches(name: str, last: int) -> None:
    method, _ = LIBRARY[name]
    claim = claimed(method, "maximum").claim
    assert isinstance(claim, Supremum)
    value = (claim.value**2).subs(n, last).doit().subs(VALUES)
    assert sp.simplify(value - worst_of(method, VALUES, last)) == 0


def scaled(layer: Layer, factor: sp.Rational) -> Layer:
    modes = tuple(replace(mode, amplitude=factor * mode.amplitude) for mode in layer.modes)
    return replace(layer, direct=factor * layer.direct, modes=modes)


def shorter(layer: Layer) -> Layer:
    """With one mode less, or a weight of squares that is 1% too large."""
    if len(layer.modes) > 1:
        return replace(layer, modes=layer.modes[:-1])
    assert layer.square is not None
    return replace(layer, square=replace(layer.square, weight=sp.Rational(101, 100) * layer.square.weight))


FALSE = {
    "1% smaller": lambda layer: scaled(layer, sp.Rational(99, 100)),
    "1% larger": lambda layer: scaled(layer, sp.Rational(101, 100)),
    "part of it": shorter,
}


@pytest.mark.parametrize(
    ("name", "how"),
    [(name, how) for name in ("adam", "rmsprop", "kadam", "laprop") for how in ("1% smaller", "1% larger")]
    + [("rmsprop", "part of it"), ("ademamix", "part of it"), ("kadam", "part of it")],
)
def test_a_false_bound_is_not_certified(name: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(method: UpdateRule) -> Filters:
        found = filters(method)
        return replace(found, layers=(*found.layers[:-1], FALSE[how](found.layers[-1])))

    method, _ = LIBRARY[name]
    certify.cache_clear()
    monkeypatch.setattr(certificates, "filters", wrong)
    try:
        results = certify(method)
    finally:
        certify.cache_clear()
    about_the_update = [r for r in results if "_geometric_sum" not in r.name]
    assert about_the_update
    assert all(r.verdict is not Verdict.PROVED for r in about_the_update)
    assert all(r.detail for r in about_the_update)


def test_a_bound_that_is_too_small_is_refuted_by_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(method: UpdateRule) -> Filters:
        found = filters(method)
        return replace(found, layers=(scaled(found.layers[0], sp.Rational(99, 100)),))

    certify.cache_clear()
    monkeypatch.setattr(certificates, "filters", wrong)
    try:
        result = named(certify(rmsprop_rule()), "upper_bound")
    finally:
        certify.cache_clear()
    assert result.verdict is Verdict.REFUTED
    assert "g = [" in result.detail


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        (momentum_rule(), "divides by no sum of squares"),
        (AMSGrad().rule, "largest sum of squares so far"),
        (rule("not_a_root", FIRST, SECOND, Assignment(update, M / V)), "not a linear filter over the root of v"),
        (rule("products", FIRST, SECOND, Assignment(update, M * gradient, sp.sqrt(V))), "not linear in the gradients"),
    ],
    ids=["momentum", "amsgrad", "no root", "products"],
)
def test_what_is_not_proved_is_undecided_with_the_reason(method: UpdateRule, reason: str) -> None:
    (result,) = certify(method)
    assert result.verdict is Verdict.UNDECIDED
    assert not result.as_expected
    assert reason in result.detail
    assert "\n" not in result.detail
    with pytest.raises(ValueError, match=reason):
        statements(method)


def test_a_sign_hidden_in_a_symbol_is_not_taken() -> None:
    """A positive symbol would be a hypothesis that nobody sees: the core refuses it."""
    hidden = sp.Symbol("c", positive=True)
    method = rule("hidden", FIRST, SECOND, Assignment(update, hidden * M, sp.sqrt(V) + eps))
    hyperparameter = replace(GAMMA, name="c", symbol=hidden)
    results = certify(replace(method, hyperparameters=(*method.hyperparameters, hyperparameter)))
    assert named(results, "upper_bound").verdict is Verdict.UNDECIDED
    assert "carries assumptions" in named(results, "upper_bound").detail


def test_what_cannot_be_read_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: UpdateRule) -> Filters:
        raise KeyError("no such step")

    certify.cache_clear()
    monkeypatch.setattr(certificates, "filters", broken)
    try:
        (result,) = certify(adam_rule())
    finally:
        certify.cache_clear()
    assert result.verdict is Verdict.UNDECIDED
    assert "KeyError: 'no such step'" in result.detail


def test_irrational_factors_are_left_undecided_and_not_weakened() -> None:
    """1 - (sqrt(2)/2)^(n + 1) is not seen to be positive; the statement stays what it was."""
    method = adam_rule().specialise({gamma: sp.sqrt(2) / 2})
    result = named(certify(method), "upper_bound")
    assert result.verdict is Verdict.UNDECIDED
    assert result.detail.startswith("defined.division")
    assert "sqrt(2)" in result.statement


@pytest.mark.parametrize("name", ["adam", "nadam", "ademamix", "laprop", "sums"])
def test_closed_forms_are_the_sums(name: str) -> None:
    method = OWN["memory that only adds up"][0] if name == "sums" else LIBRARY[name][0]
    closed = [s for s in statements(method) if "_geometric_sum" in s.name and not s.name.endswith("_limit")]
    assert closed
    for s in closed:
        assert isinstance(s.claim, Relation)
        values = {**(MEETING if s.name.endswith("_of_ones") else VALUES), n: 4}
        difference = (s.claim.lhs - s.claim.rhs).subs(values).doit()
        assert sp.simplify(difference) == 0


@pytest.mark.parametrize("name", ["adam", "nadam", "laprop"])
def test_limits_are_those_of_the_sums(name: str) -> None:
    """Where the ratio is below 1, which the statement says unless the domain does."""
    (found,) = (s for s in statements(LIBRARY[name][0]) if s.name.endswith("_limit"))
    assert isinstance(found.claim, Tends)
    assert (lt(gamma**2, beta) in found.given) == (name != "laprop")
    far = found.claim.expr.subs(VALUES).subs(n, 400).doit()
    assert abs(sp.N(far - found.claim.value.subs(VALUES), 30)) < 1e-30
    assert abs(sp.N(found.claim.expr.subs(VALUES).subs(n, 2).doit() - found.claim.value.subs(VALUES))) > 0.1


@pytest.mark.parametrize("name", ["adam", "ademamix"])
def test_the_closed_bound_is_the_sum_with_its_geometric_sums_replaced(name: str) -> None:
    layer = filters(LIBRARY[name][0]).layers[-1]
    e = squared_as_sum(layer)
    for s in statements(LIBRARY[name][0]):
        if "_geometric_sum" in s.name and not s.name.endswith(("_of_ones", "_limit")):
            assert isinstance(s.claim, Relation)
            assert e.has(s.claim.lhs)
            e = e.xreplace({s.claim.lhs: s.claim.rhs})
    assert not e.has(sp.Sum)
    assert sp.simplify((e - squared(layer)).subs(VALUES).subs(n, 3)) == 0


def test_memory_that_adds_up_has_no_ratio_one() -> None:
    """gamma^2 < 1: the ratio cannot be 1, so neither a hypothesis nor a case is needed."""
    names = [s.name for s in statements(OWN["memory that only adds up"][0])]
    assert names == ["sums_upper_bound", "sums_maximum", "sums_geometric_sum", "sums_geometric_sum_limit"]


def test_results_are_kept() -> None:
    assert certify(adam_rule()) is certify(adam_rule())


def test_summary_says_verdict_statement_and_root_of_trust() -> None:
    text = summary(certify(adam_rule()))
    assert text.startswith("PROVED: No gradients make the update larger than its bound")
    assert "claim max of Abs(u(n)) over all g with 0 < v(n)" in text
    assert "leans on: theorem adam_upper_bound" in text
    assert "rules: algebra, combination of facts" in text
    undecided = summary(certify(momentum_rule()))
    assert undecided.splitlines()[0].startswith("UNDECIDED: ")
    assert "because it divides by no sum of squares" in undecided


def test_worst_gradients_are_explicit_and_the_newest_differs_only_with_a_direct_term() -> None:
    from adamtheory.bounds.filter_proofs import worst_of as worst_gradients
    from adamtheory.bounds.filter_sequences import Sequences, at_zero_eps

    def chosen(name: str) -> ForAll:
        method = LIBRARY[name][0]
        return worst_gradients(Sequences(at_zero_eps(method), filters(method).layers[-1]))

    at_k = []
    for name in ("adam", "rmsprop"):
        body = chosen(name).body
        assert isinstance(body, Relation)
        assert body.lhs == g(k)
        at_k.append(body.rhs)
    adam, rmsprop = at_k
    assert not adam.has(sp.sign)
    assert sp.simplify(adam.subs(k, n - 1) / adam.subs(k, n) - gamma / beta) == 0
    values = [substitute(rmsprop, {k: sp.Integer(i), n: sp.Integer(2)}) for i in range(3)]
    assert values[:2] == [0, 0]
    assert values[2] != 0


def test_shadow_and_proof_agree_on_the_geometric_sum_at_one() -> None:
    result = named(certify(adam_rule()), "geometric_sum_of_ones")
    assert "given gamma**2 = beta" in result.statement
    assert result.statement.endswith(f"claim {eq(sp.Sum((gamma**2 / beta) ** j, (j, 0, n)), n + 1)}")


@pytest.mark.parametrize(
    ("rule", "zeros", "size"),
    [
        (adam_rule(), (beta, gamma), 1),
        (rmsprop_rule(), (beta,), 1),
        (ademamix_rule(), (beta, gamma, sp.Symbol("gamma_slow", real=True)), 1 + sp.Symbol("alpha", real=True)),
        (kadam_rule(2), sp.symbols("beta_1 gamma_1 beta_2 gamma_2", real=True), 1),
    ],
    ids=["adam", "rmsprop", "ademamix", "kadam"],
)
def test_without_memory_the_size_is_proved(rule: UpdateRule, zeros: tuple[sp.Symbol, ...], size: sp.Expr) -> None:
    (result,) = certify(rule.specialise(dict.fromkeys(zeros, 0)))
    assert result.verdict is Verdict.PROVED, result.detail
    assert result.statement.endswith(f"claim Abs(u(n)) = {sp.sympify(size)}")


def test_a_denominator_without_memory_under_one_with_memory_is_undecided() -> None:
    (result,) = certify(adam_rule().specialise({beta: 0}))
    assert result.verdict is Verdict.UNDECIDED
    assert "sees the newest gradient alone" in result.detail
