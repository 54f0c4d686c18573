"""Witnesses: rigorous refutations are accepted, everything else is refused with its reason, and new ones are found."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from adamtheory.notation import (
    alignment,
    beta,
    bias_correction,
    boundary_curve,
    g,
    gamma,
    h,
    j,
    k,
    kernel,
    m,
    n,
    open_square,
    ratio,
    stability_exponent,
    t,
    tau,
    u,
    v,
)
from adamtheory.proof.theorem import GouldTanaka, printed
from adamtheory.proof.witness import WitnessReport, check_witness, find_witness, refutes
from adamtheory.propositions import (
    All,
    BigO,
    Bounded,
    Either,
    ForAll,
    Iff,
    Image,
    Implies,
    Proposition,
    Regular,
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

ZERO = sp.Integer(0)
x = sp.Symbol("x", real=True)
w = sp.Function("w", real=True)
ADAM = (
    SequenceDefinition(m, n, gamma * m(n - 1) + (1 - gamma) * g(n), ((-1, ZERO),)),
    SequenceDefinition(v, n, beta * v(n - 1) + (1 - beta) * g(n) ** 2, ((-1, ZERO),)),
    SequenceDefinition(u, n, bias_correction(n + 1) * m(n) / sp.sqrt(v(n))),
)
FIRST_MOMENT = SequenceDefinition(m, t, sp.Integral(kernel(gamma, t - tau) * g(tau), (tau, 0, t)))
ON_CURVE = (*open_square, boundary_curve.relation, gt(v(n), 0))
# Theorem 1 of Gould & Tanaka (2024), case C = 0, read for the discrete update.
CONTINUOUS_BOUND = bias_correction(n + 1) * (1 - gamma) / gamma * sp.sqrt(beta / (1 - beta)) * sp.sqrt(n)


def _refutes(
    claim: Proposition, given: tuple[Proposition, ...], witness: Mapping[Any, Any], where: Any = ()
) -> WitnessReport:
    return refutes(claim, given, where, witness)


def test_the_max_update_bound_on_the_curve_fails_at_the_first_step() -> None:
    statement = printed(
        name="max_update_on_the_curve_as_printed",
        title="Max-update bound for C = 0",
        source=GouldTanaka("Theorem 1"),
        claim=le(sp.Abs(u(n)), CONTINUOUS_BOUND),
        given=ON_CURVE,
        where=ADAM,
        witness={beta: "0.75", gamma: Fraction(6, 7), n: 0, g: [1]},
    )
    report = check_witness(statement)
    assert report == WitnessReport(
        True, "beta = 3/4, gamma = 6/7, n = 0, g = [1]; left 1, right 0: left <= right is false"
    )


def test_the_same_in_balls() -> None:
    # exp(1/2) is transcendental: fractions refuse, balls decide.
    claim = le(sp.Abs(u(n)) * sp.exp(sp.Rational(1, 2)), CONTINUOUS_BOUND * sp.exp(sp.Rational(1, 2)))
    report = _refutes(claim, ON_CURVE, {beta: "0.75", gamma: Fraction(6, 7), n: 0, g: [1]}, ADAM)
    assert report.refuted
    assert "left 1.64872, right 0" in report.detail


@pytest.mark.parametrize(
    ("claim", "given", "witness"),
    [
        (lt(x, 1), (), {x: 1}),
        (le(x, 1), (), {x: "1.0000000000000000000001"}),
        (eq(x, sp.Rational(1, 10)), (), {x: Fraction(1, 3)}),
        (ne(x, sp.Rational(1, 10)), (), {x: 0.1}),
        (le(sp.exp(x), 1 + x), (), {x: sp.Rational(1, 10**30)}),
        (le(x**2, 1), (), {x: sp.sqrt(2)}),
        (All((lt(x, 5), lt(x, 1))), (), {x: 2}),
        (Either((lt(x, 1), gt(x, 3))), (), {x: 2}),
        (Implies(gt(x, 0), gt(x, 1)), (), {x: "1/2"}),
        (Iff(gt(x, 0), gt(x, 1)), (), {x: "1/2"}),
        (ForAll(k, (), lt(beta**k, 1)), open_square, {beta: 0.5, gamma: 0.5} | {k: 0}),
        (ForAll(k, (), lt(beta**k, 1)), open_square, {beta: 0.5, gamma: 0.5}),
        (ForAll(t, (ge(t, 0),), lt(t, x)), (), {x: 1, t: 1}),
        (Supremum(g(0) / (1 + g(0) ** 2), g, (), sp.Rational(1, 3)), (), {g: [1]}),
        (Image(t**2, t, ZERO, sp.oo, False, False), (), {t: 0}),
        (lt(x, 1), (eq(x**2, 2), gt(x, 0)), {x: sp.sqrt(2)}),
        (Tends((2 * n + 1) / (n + 3), n, sp.oo, x), (), {x: 1}),
        (Tends(x + t, t, ZERO, ZERO), (), {x: 1}),
        (BigO(g(0) * h + h**2, h, 2), (), {g: [1]}),
        (BigO(sp.sqrt(x) + h, h, 1), (), {x: 4}),
        (lt(sp.Sum(g(k), (k, 0, n)), 3), (), {g: sp.Lambda(k, sp.Integer(2) ** -k * 2), n: 3}),
        (lt(sp.Integral(g(t), (t, 0, x)), 2), (Regular(g, 1, ZERO, x),), {g: sp.exp(t), x: 2}),
    ],
    ids=str,
)
def test_violations_are_rigorous(
    claim: Proposition, given: tuple[Proposition, ...], witness: Mapping[Any, Any]
) -> None:
    report = _refutes(claim, given, witness)
    assert report.refuted, report.reason
    assert "\n" not in report.detail
    assert report.reason == ""


def test_numbers_too_long_for_text_are_shown_to_six_digits() -> None:
    """Python turns no more than 4,300 digits into text: a refutation is not lost over that."""
    report = _refutes(le(x, 5), (gt(x, 1),), {x: sp.Integer(10) ** 5000 + sp.Rational(1, 3)})
    assert report.refuted
    assert report.detail == "x = about 1.00000E+5000; left 1.0e+5000, right 5: left <= right is false"
    report = _refutes(le(g(0), 5), (), {g: [10**5000]})
    assert report.refuted
    assert "g = [about 1.00000E+5000]" in report.detail


@pytest.mark.parametrize(
    ("claim", "given", "witness", "reason"),
    [
        (le(x, 1), (), {x: 1}, "the claim holds at the witness"),
        (lt(x, 1), (lt(x, 1),), {x: 2}, "the hypothesis x < 1 fails at the witness"),
        (lt(x, 1), (), {}, "no value for x"),
        (lt(x, 1), (), {x: 2, beta: 1}, "beta does not occur"),
        (lt(x, 1), (), {x: float("nan")}, "x must be a finite number"),
        (lt(x, 1), (), {x: sp.Float("2.0") * sp.sqrt(2)}, "x must be a real constant"),
        (lt(x, 1), (), {"x": 2}, "keys must be symbols or functions"),
        (lt(n, 1), (), {n: "1/2"}, "n must be a non-negative integer"),
        (lt(n, 1), (), {n: -1}, "n must be a non-negative integer"),
        (lt(g(0), 1), (), {g: lambda k: 2}, "g must be a number for a symbol; a list"),
        (lt(g(0), 1), (), {g: [0.5, True]}, "g(1) must be"),
        (lt(g(0), 1), (), {g: sp.Lambda(k, sp.Float(2.5))}, "must be exact"),
        (lt(g(0), 1), (), {g: beta * k}, "one variable"),
        (Bounded(x**n, n), (), {x: 2}, "no point decides"),
        (Supremum(g(0), g, (), sp.Integer(2)), (), {g: [1]}, "only by exceeding it"),
        (eq(1 / x, 2), (), {x: 0}, "divides by zero"),
        (lt(x, 1), (lt(sp.tanh(sp.exp(60)), 1),), {x: 2}, "is not decided"),
        (lt(g(0), 1), (ForAll(k, (), eq(g(k + 1), g(k))),), {g: [2, 2, 2]}, "fails at the witness"),
        (lt(g(0), 1), (ForAll(k, (), le(w(k) * k, g(0))),), {g: [2], w: [0]}, "infinitely many indices"),
        (lt(g(0), 1), (Regular(g, 1, ZERO, x),), {g: sp.Lambda(t, sp.Abs(t) + 1), x: 1}, "not seen to be smooth"),
        (BigO(sp.exp(x * h) - 1, h, 2), (), {x: 1}, "not a rational function of h"),
        (BigO(x * h**2, h, 2), (), {x: 1}, "of order h^2"),
        (Tends(1 / (n + x), n, sp.oo, ZERO), (), {x: 1}, "the claim is not decided: at the witness the limit is 0"),
    ],
    ids=lambda x: str(x).split(" at 0x")[0],
)
def test_everything_else_is_refused_with_its_reason(
    claim: Proposition, given: tuple[Proposition, ...], witness: Mapping[Any, Any], reason: str
) -> None:
    report = _refutes(claim, given, witness)
    assert not report.refuted
    assert reason in report.reason
    assert "\n" not in report.reason


def test_hypotheses_about_sequences_are_checked_index_by_index() -> None:
    claim = lt(g(1), 1)
    ratios = ForAll(k, (le(k, n),), eq(g(k), gamma**k * g(0)))
    base = {gamma: "1/2", n: 2}
    assert _refutes(claim, (ratios,), {**base, g: [4, 2, 1]}).refuted
    assert "fails" in _refutes(claim, (ratios,), {**base, g: [4, 2, 2]}).reason
    # A list is zero beyond its end, so a claim about every index is settled there.
    assert _refutes(claim, (ForAll(k, (), ge(g(k), 0)),), {g: [0, 5]}).refuted
    assert not _refutes(claim, (ForAll(k, (), gt(g(k), 0)),), {g: [1, 5]}).refuted


def test_hypotheses_about_curves_are_enclosed() -> None:
    positive = ForAll(t, (ge(t, 0), le(t, x)), gt(g(t), 0))
    assert _refutes(lt(g(0), 1), (positive,), {x: 1, g: sp.Lambda(t, 1 + t - t**2)}).refuted
    assert not _refutes(lt(g(0), 1), (positive,), {x: 2, g: sp.Lambda(t, 1 + t - t**2)}).refuted
    flow = ForAll(t, (), eq(sp.Derivative(g(t), t), -beta * g(t)))
    assert _refutes(lt(g(0), 1), (flow,), {beta: "1/3", g: sp.exp(-t / 3)}).refuted
    assert not _refutes(lt(g(0), 1), (flow,), {beta: "1/2", g: sp.exp(-t / 3)}).refuted


def test_a_defined_sequence_takes_no_values() -> None:
    report = _refutes(le(m(n), 0), (), {gamma: 0.5, n: 0, g: [1], m: [1]}, ADAM[:1])
    assert "m is defined by the statement" in report.reason


def test_sampling_the_average_is_not_first_order_in_the_initial_layer() -> None:
    where = (SequenceDefinition(m, n, gamma * m(n - 1) + (1 - gamma) * g(n * h), ((-1, ZERO),)),)
    report = _refutes(BigO(m(n) - g(n * h), h, 1), open_square, {beta: 0.9, gamma: 0.5, n: 3, g: 1 + t}, where)
    assert report.refuted
    assert report.detail.endswith("of order h^0")


@pytest.mark.parametrize(
    ("claim", "given", "where"),
    [
        (le(sp.Abs(u(n)), CONTINUOUS_BOUND), ON_CURVE, ADAM),
        (
            le(m(n) ** 2, v(n) * alignment**2 * sp.Sum(ratio**j, (j, 0, n)) * sp.Rational(99, 100)),
            open_square,
            ADAM,
        ),
        (Iff(gt(stability_exponent(), 0), lt(ratio, 1)), open_square, ()),
        (Implies(lt(ratio, 1), gt(stability_exponent(), 0)), open_square, ()),
        (ForAll(k, (ge(k, 2),), lt(beta**k, gamma)), open_square, ()),
        (ForAll(x, (gt(x, 1),), lt(x**2, 3 * x)), (), ()),
        (eq(beta * gamma, beta), open_square, ()),
        (Supremum(sp.Abs(u(n)), g, (gt(v(n), 0),), sp.Rational(1, 2)), open_square, ADAM),
        (le(g(1), g(0)), (ForAll(k, (), le(0, g(k))),), ()),
        (le(m(t), g(t)), (*open_square, gt(h, 0), gt(t, 0), Regular(g, 0, ZERO, t)), (FIRST_MOMENT,)),
        (le(g(t), 1), (ForAll(t, (), le(sp.Abs(g(t)), 2)), ge(x, 0)), ()),
    ],
    ids=str,
)
def test_witnesses_are_found_and_small(claim: Proposition, given: tuple[Proposition, ...], where: Any) -> None:
    witness = find_witness(claim, given, where, trials=120)
    assert witness is not None
    report = refutes(claim, given, where, witness)
    assert report.refuted, report
    for value in witness.values():
        if isinstance(value, sp.Rational):
            assert max(abs(value.p), value.q) <= 10


def test_shrinking_keeps_to_a_thin_hypothesis_and_reaches_the_smallest_index() -> None:
    witness = find_witness(le(sp.Abs(u(n)), CONTINUOUS_BOUND), ON_CURVE, ADAM)
    assert witness is not None
    assert witness[n] == 0
    assert witness[g] == [1]
    assert stability_exponent(witness[beta], witness[gamma]) == 0


def test_nothing_is_found_against_a_true_statement() -> None:
    claim = le(m(n) ** 2, v(n) * alignment**2 * sp.Sum(ratio**j, (j, 0, n)))
    assert find_witness(claim, open_square, ADAM, trials=40) is None
    assert find_witness(lt(beta, 0), (*open_square, lt(beta, 0)), trials=40) is None


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ValueError, match=r"^trials must be"):
        find_witness(lt(x, 1), trials=-1)
