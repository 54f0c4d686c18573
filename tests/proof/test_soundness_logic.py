"""False statements about quantifiers, cases, induction, instances, definitions and meaning."""

import pytest
import sympy as sp
from falsehoods import REFUSALS, Falsehood, Family, f, fact, given, i, refused, s, step, w, x, y, z

from adamtheory.notation import expectation, g, k, n
from adamtheory.proof.kernel import Scope, prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.citation import Citation
from adamtheory.proof.rules.definition import Definition
from adamtheory.proof.rules.induction import Induction
from adamtheory.proof.rules.limits import BoundedBy
from adamtheory.proof.rules.logic import (
    Cases,
    Conjunction,
    Contradiction,
    Detachment,
    Disjunction,
    Equivalence,
    Generalisation,
    Hypothesis,
    Implication,
    Instance,
    Specialisation,
)
from adamtheory.proof.rules.order import Polynomial, Sign
from adamtheory.propositions import (
    All,
    Bounded,
    Either,
    ForAll,
    Iff,
    Implies,
    Relation,
    SequenceDefinition,
    Supremum,
    Tends,
    eq,
    ge,
    gt,
    le,
    lt,
    ne,
    substitute,
)

false = Family()
NONE = given()


# -- propositions -----------------------------------------------------------------------------------------------------
@false("hypothesis.known")
def not_a_hypothesis():
    return prove(given(ge(x, 0)), gt(x, 0), Hypothesis())


@false("hypothesis.known")
def a_part_of_an_alternative():
    return prove(given(Either((eq(x, 0), eq(y, 0)))), eq(x, 0), Hypothesis())


@false("conjunction.parts")
def half_of_a_conjunction():
    scope = given(gt(x, 0))
    return prove(scope, All((gt(x, 0), gt(y, 0))), Conjunction((fact(scope, gt(x, 0)),)))


@false("conjunction.hypotheses")
def conjunction_from_another_scope():
    return prove(NONE, gt(x, 0), Conjunction((fact(given(gt(x, 0)), gt(x, 0)),)))


@false("disjunction.parts")
def alternative_from_nothing_in_it():
    scope = given(gt(z, 0))
    return prove(scope, Either((gt(x, 0), gt(y, 0))), Disjunction(fact(scope, gt(z, 0))))


@false("disjunction.hypotheses")
def alternative_from_another_scope():
    return prove(NONE, Either((gt(x, 0), gt(y, 0))), Disjunction(fact(given(gt(x, 0)), gt(x, 0))))


@false("implication.hypotheses")
def implication_with_more_assumed():
    under = fact(given(gt(x, 0), gt(y, 0)), gt(y, 0))
    return prove(NONE, Implies(gt(x, 0), gt(y, 0)), Implication(under))


@false("implication.conclusion")
def implication_with_another_conclusion():
    return prove(NONE, Implies(gt(x, 0), gt(y, 0)), Implication(fact(given(gt(x, 0)), gt(x, 0))))


@false("equivalence.direction")
def equivalence_from_one_direction_twice():
    one = prove(given(gt(x, 1)), gt(x, 0), Polynomial())
    return prove(NONE, Iff(gt(x, 1), gt(x, 0)), Equivalence(one, one))


@false("equivalence.hypotheses")
def equivalence_with_more_assumed():
    forward = prove(given(gt(x, 1)), gt(x, 0), Polynomial())
    backward = fact(given(gt(x, 0), gt(x, 1)), gt(x, 1))
    return prove(NONE, Iff(gt(x, 1), gt(x, 0)), Equivalence(forward, backward))


@false("equivalence.direction")
def equivalence_from_something_else():
    trivial = prove(NONE, ge(x**2, 0), Sign())
    return prove(NONE, Iff(gt(x, 1), gt(x, 0)), Equivalence(trivial, trivial))


@false("forall.hypotheses")
def general_under_an_assumption_about_another():
    return prove(NONE, ForAll(x, (), gt(y, 0)), Generalisation(fact(given(gt(y, 0)), gt(y, 0))))


@false("contradiction.both")
def contradiction_with_one_side_open():
    return prove(NONE, eq(y, 0), Contradiction(ge(x**2, 0)))


@false("sequent.authentic")
def a_sequent_from_elsewhere():
    from types import SimpleNamespace

    from adamtheory.proof.kernel import Trust

    forged = SimpleNamespace(claim=gt(x, 0), hypotheses=frozenset(), trust=Trust())
    return prove(NONE, gt(x, 0), Conjunction((forged,)))


@false("equivalence.direction")
def contrapositive_of_the_wrong_side():
    forward = prove(given(gt(x, 1)), gt(x, 0), Polynomial())
    backward = prove(given(le(x, 0)), le(x, 1), Polynomial())
    return prove(NONE, Iff(gt(x, 1), gt(x, 0)), Equivalence(forward, backward))


@false("detachment.match")
def modus_ponens_backwards():
    scope = given(Implies(gt(x, 1), gt(x, 0)), gt(x, 0))
    both = fact(scope, scope.hypotheses[0]), fact(scope, gt(x, 0))
    return step(scope, gt(x, 1), Detachment(*both), *both)


@false("detachment.scope")
def modus_ponens_with_a_premise_of_another_scope():
    scope = given(Implies(gt(x, 1), gt(y, 0)))
    general = fact(scope, scope.hypotheses[0])
    return step(scope, gt(y, 0), Detachment(general, fact(given(gt(x, 1)), gt(x, 1))), general)


@false("cases.exhaustive")
def cases_with_a_thin_set_missing():
    above, below = (prove(given(c), ne(x, 0), Polynomial()) for c in (gt(x, 0), lt(x, 0)))
    return prove(NONE, ne(x, 0), Cases(((gt(x, 0), above), (lt(x, 0), below))))


@false("cases.exhaustive")
def no_cases_at_all():
    return prove(NONE, ne(x, 0), Cases(()))


@false("cases.claim")
def a_case_about_something_else():
    above = prove(given(gt(x, 0)), ne(x, 0), Polynomial())
    other = prove(given(le(x, 0)), le(x, 1), Polynomial())
    return prove(NONE, ne(x, 0), Cases(((gt(x, 0), above), (le(x, 0), other))))


@false("cases.hypotheses")
def a_case_that_assumes_more():
    above = prove(given(gt(x, 0)), ne(x, 0), Polynomial())
    below = prove(given(le(x, 0), lt(x, 0)), ne(x, 0), Polynomial())
    return prove(NONE, ne(x, 0), Cases(((gt(x, 0), above), (le(x, 0), below))))


@false("defined.division")
def cases_that_have_no_value():
    above, below = (prove(given(c), ne(x, 0), Polynomial()) for c in (gt(1 / x, 0), le(1 / x, 0)))
    return prove(NONE, ne(x, 0), Cases(((gt(1 / x, 0), above), (le(1 / x, 0), below))))


@false("contradiction.both")
def contradiction_without_one():
    return prove(given(gt(x, 0)), eq(y, 0), Contradiction(gt(x, 0)))


@false("defined.division")
def contradiction_of_an_undefined_relation():
    return prove(given(eq(x, 0)), eq(y, 0), Contradiction(gt(1 / x**2, 0)))


# -- quantifiers ------------------------------------------------------------------------------------------------------
@false("forall.arbitrary")
def general_from_a_restricted_value():
    scope = given(gt(x, 0))
    return prove(scope, ForAll(x, (), gt(x, 0)), Generalisation(fact(scope, gt(x, 0))))


@false("forall.arbitrary")
def general_from_a_restriction_beside_a_bound_one():
    scope = given(All((gt(x, 0), ForAll(x, (), ge(x**2, 0)))))
    return prove(scope, ForAll(x, (), gt(x, 0)), Generalisation(fact(scope, gt(x, 0))))


@false("forall.hypotheses")
def general_over_a_larger_domain():
    return prove(NONE, ForAll(x, (), gt(x, 0)), Generalisation(fact(given(gt(x, 0)), gt(x, 0))))


@false("forall.body")
def general_of_another_body():
    return prove(NONE, ForAll(x, (), gt(x, 0)), Generalisation(prove(NONE, ge(x**2, 0), Sign())))


GENERAL = ForAll(x, (gt(x, 1),), gt(f(x), 0))


@false("specialise.domain")
def instance_outside_the_domain():
    return prove(given(GENERAL), gt(f(1), 0), Specialisation(GENERAL, sp.Integer(1)))


@false("specialise.body")
def instance_of_another_body():
    return prove(given(GENERAL), gt(f(2), 1), Specialisation(GENERAL, sp.Integer(2)))


@false("specialise.known")
def instance_of_what_is_not_known():
    return prove(NONE, gt(f(2), 0), Specialisation(GENERAL, sp.Integer(2)))


@false("specialise.nonnegative")
def instance_at_a_negative_index():
    general = ForAll(n, (), eq(g(n), 0))
    return prove(given(general), eq(g(-1), 0), Specialisation(general, sp.Integer(-1)))


@false("specialise.index")
def instance_at_half_an_index():
    general = ForAll(n, (), eq(g(n), 0))
    return prove(given(general), eq(g(sp.Rational(1, 2)), 0), Specialisation(general, sp.Rational(1, 2)))


@false("defined.division")
def instance_where_the_domain_has_no_value():
    free = ForAll(x, (gt(1 / x**2, 0),), ne(x, 0))
    scope = given(free)
    return prove(scope, ne(y, 0), Specialisation(free, y))


@false("statement.bound")
def capture_of_a_limit_variable():
    return prove(NONE, Tends(n, n, sp.oo, n), Hypothesis())


@false("statement.bound")
def a_limit_that_contains_its_variable():
    from adamtheory.proof.rules.limits import Limit

    return prove(NONE, Tends(x**2, x, x, x**2), Limit())


@false()
def capture_by_bounded():
    constant = prove(NONE, Bounded(x, n), BoundedBy(prove(NONE, le(x, x), Algebra())))
    return prove(NONE, Bounded(n, n), Instance(constant, {x: n}))


@false()
def capture_by_for_all():
    general = prove(NONE, ForAll(y, (eq(x, 0),), eq(x * y, 0)), Generalisation(_product_vanishes()))
    return prove(NONE, ForAll(y, (eq(y, 0),), eq(y * y, 1)), Instance(general, {x: y}))


def _product_vanishes():
    scope = given(eq(x, 0))
    known = fact(scope, eq(x, 0))
    return step(scope, eq(x * y, 0), Algebra((known,)), known)


# -- induction --------------------------------------------------------------------------------------------------------
@false("induction.base")
def induction_from_one():
    claim = gt(n, 0)
    base = prove(NONE, gt(sp.Integer(1), 0), Polynomial())
    return prove(NONE, claim, Induction(n, base, prove(given(claim), gt(n + 1, 0), Polynomial())))


@false("induction.step")
def induction_without_a_step():
    base = prove(NONE, le(sp.Integer(0), 0), Algebra())
    return prove(NONE, le(n, 0), Induction(n, base, base))


@false("induction.step_hypotheses")
def induction_step_with_more_assumed():
    base = prove(NONE, le(sp.Integer(0), 0), Algebra())
    following = fact(given(le(n, 0), le(n + 1, 0)), le(n + 1, 0))
    return prove(NONE, le(n, 0), Induction(n, base, following))


@false("induction.base_hypotheses")
def induction_base_with_more_assumed():
    claim = gt(n, sp.Symbol("a", real=True))
    a = sp.Symbol("a", real=True)
    base = fact(given(gt(0, a)), gt(0, a))
    following = prove(given(claim), gt(n + 1, a), Polynomial())
    return prove(NONE, claim, Induction(n, base, following))


@false("induction.arbitrary")
def induction_on_a_restricted_index():
    scope = given(ne(n, 6))
    base = prove(scope, ne(sp.Integer(0), 7), Polynomial())
    following = prove(scope.assume(ne(n, 7)), ne(n + 1, 7), Polynomial())
    return prove(scope, ne(n, 7), Induction(n, base, following))


@false("induction.index")
def induction_on_all_integers():
    base = prove(NONE, ge(sp.Integer(0), 0), Algebra())
    return prove(NONE, ge(i, 0), Induction(i, base, prove(given(ge(i, 0)), ge(i + 1, 0), Polynomial())))


# -- instances and citations ------------------------------------------------------------------------------------------
POSITIVE = prove(given(gt(x, 1)), gt(x**2, 1), Polynomial())


@false("cited.hypothesis")
def instance_whose_hypothesis_fails():
    return prove(NONE, gt(sp.Integer(1), 1), Instance(POSITIVE, {x: sp.Integer(1)}))


@false("cited.hypothesis")
def citation_whose_hypothesis_fails():
    return prove(NONE, gt(y**2, 1), Citation("positive", POSITIVE, {x: y}))


@false("instance.claim")
def instance_of_another_claim():
    return prove(given(gt(y, 1)), gt(y**2, 2), Instance(POSITIVE, {x: y}))


@false("instance.nonnegative")
def index_put_below_zero():
    general = prove(NONE, ge(n, 0), Sign())
    return prove(NONE, ge(sp.Integer(-1), 0), Instance(general, {n: sp.Integer(-1)}))


@false("instance.index")
def index_put_at_a_half():
    general = prove(NONE, ne(2 * n, 1), INTEGER)
    return prove(NONE, ne(sp.Integer(1), 1), Instance(general, {n: sp.Rational(1, 2)}))


INTEGER = Polynomial()


@false("cited.definition")
def instance_without_the_definition():
    d = SequenceDefinition(w, n, 2 * n)
    general = prove(given(d), eq(w(n), 2 * n), Definition())
    return prove(NONE, eq(w(n), 2 * n), Instance(general, {}))


@false("cited.definition_instance")
def parameter_of_a_definition_replaced():
    d = SequenceDefinition(w, n, x * n)
    general = prove(given(d), eq(w(n), x * n), Definition())
    return prove(given(d), eq(w(n), y * n), Instance(general, {x: y}))


@false("cited.forall")
def citation_whose_quantified_hypothesis_fails():
    h = ForAll(n, (), gt(g(n), 0))
    general = fact(given(h), h)
    body = prove(given(h), gt(g(3), 0), Specialisation(h, sp.Integer(3)))
    assert general
    return prove(NONE, gt(g(3), 0), Instance(body, {}))


@false("cited.other")
def citation_whose_alternative_fails():
    h = Either((gt(x, 0), gt(y, 0)))
    return prove(given(gt(x, -1)), h, Instance(fact(given(h), h), {}))


@false("expectation.constant")
def a_number_made_random():
    linear = eq(expectation(x * g(0)), x * expectation(g(0)))
    general = fact(given(linear), linear)
    wrong = eq(expectation(g(1) * g(0)), g(1) * expectation(g(0)))
    return prove(given(wrong), wrong, Instance(general, {x: g(1)}))


# -- definitions ------------------------------------------------------------------------------------------------------
def unfolded(d: SequenceDefinition, claim: Relation):
    return prove(given(d), claim, Definition())


def definition(body, *starts, index=n, function=w):
    return SequenceDefinition(function, index, body, starts)


DEFINITIONS = {
    "through_itself": (definition(w(n) + 1), eq(w(n), w(n) + 1), "definition.earlier"),
    "through_the_future": (definition(w(n + 1) - 1), eq(w(n), w(n + 1) - 1), "definition.earlier"),
    "through_two_steps_back": (definition(w(n - 2)), eq(w(n), w(n - 2)), "definition.earlier"),
    "without_a_start": (definition(w(n - 1)), eq(w(n), w(n - 1)), "definition.start"),
    "start_at_zero_beside_a_body": (definition(sp.Integer(3), (0, sp.Integer(5))), eq(w(0), 5), "definition.start"),
    "two_starts": (definition(w(n - 1), (-1, x), (-1, y)), eq(w(-1), x), "definition.start"),
    "start_through_itself": (definition(w(n - 1), (-1, w(-1) + 1)), eq(w(-1), w(-1) + 1), "definition.initial_self"),
    "start_with_the_index": (definition(w(n - 1), (-1, n)), eq(w(-1), n), "definition.initial"),
    "curve_through_its_past": (
        definition(w(s - 1) ** 2 + 1, (-1, sp.Integer(0)), index=s),
        eq(w(-1), 0),
        "definition.recursion",
    ),
}
false.each(
    [(f"definition_{name}", lambda d=d, c=c: unfolded(d, c)) for name, (d, c, _) in DEFINITIONS.items()],
    *{guard for *_, guard in DEFINITIONS.values()},
)


@false("definition.earlier")
def definition_through_a_later_value():
    return unfolded(definition(w(n) + 1, (-1, sp.Integer(0))), eq(w(n), w(n) + 1))


@false("definition.bound")
def definition_through_all_of_itself_at_once():
    body = sp.Sum(w(n - 1) ** 2, (n, 0, 5)) + 1
    return unfolded(definition(body, (-1, sp.Integer(0))), eq(w(0), body))


@false("definition.free")
def two_definitions():
    return prove(given(definition(sp.Integer(1)), definition(sp.Integer(2))), eq(w(n), 2), Definition())


@false("definition.free")
def definitions_in_a_circle():
    return prove(given(definition(f(n) + 1), definition(w(n), function=f)), eq(w(n), f(n) + 1), Definition())


@false("definition.range")
def definition_before_zero():
    return unfolded(definition(n**2), eq(w(-2), 4))


@false("definition.range")
def definition_at_an_unknown_integer():
    return unfolded(definition(n**2), eq(w(i), i**2))


@false("definition.index")
def definition_at_a_half():
    return unfolded(definition(n**2), eq(w(sp.Rational(1, 2)), sp.Rational(1, 4)))


@false("definition.body")
def another_body():
    return unfolded(definition(n**2), eq(w(n), n**2 + 1))


@false("definition.known")
def no_definition():
    return prove(NONE, eq(w(n), n), Definition())


# -- meaning ----------------------------------------------------------------------------------------------------------
MEANINGLESS = {
    "division": (eq(1 / x, 1 / x), "defined.division"),
    "division_by_a_hidden_zero": (
        eq((x + 1) / ((x + 1) ** 2 - x**2 - 2 * x - 1), (x + 1) / ((x + 1) ** 2 - x**2 - 2 * x - 1)),
        "defined.division",
    ),
    "root": (eq(sp.sqrt(x), sp.sqrt(x)), "defined.root"),
    "cube_root_of_a_negative": (eq(x ** sp.Rational(1, 3), x ** sp.Rational(1, 3)), "defined.root"),
    "root_below_a_fraction": (eq(x ** sp.Rational(-1, 2), x ** sp.Rational(-1, 2)), "defined.root_division"),
    "logarithm": (eq(sp.log(x), sp.log(x)), "defined.logarithm"),
    "negative_power_of_zero": (eq(x**i, x**i), "defined.power"),
    "real_power": (eq(x**y, x**y), "defined.real_power"),
    "half_power": (eq(x ** (n / 2), x ** (n / 2)), "defined.real_power"),
    "sum_that_runs_backwards": (eq(sp.Sum(g(k), (k, 3, n)), sp.Sum(g(k), (k, 3, n))), "defined.sum_range"),
    "sum_with_a_negative_index": (eq(sp.Sum(g(k), (k, i, i + 3)), sp.Sum(g(k), (k, i, i + 3))), "defined.index_sign"),
    "sum_to_a_real": (eq(sp.Sum(k, (k, 0, x**2)), sp.Sum(k, (k, 0, x**2))), "defined.integer_limits"),
    "sum_over_a_real": (eq(sp.Sum(x, (x, 0, n)), sp.Sum(x, (x, 0, n))), "defined.index"),
    "sum_over_two": (eq(sp.Sum(k, (k, 0, n), (i, 0, n)), sp.Sum(k, (k, 0, n), (i, 0, n))), "defined.limits"),
    "integral_backwards": (eq(sp.Integral(s, (s, 0, x)), sp.Integral(s, (s, 0, x))), "defined.integral_range"),
    "integral_across_a_pole": (eq(sp.Integral(1 / s, (s, -1, 1)), 0), "defined.division"),
    "integral_of_any_curve": (eq(sp.Integral(f(s), (s, 0, 1)), sp.Integral(f(s), (s, 0, 1))), "integrable"),
    "derivative_of_any_curve": (eq(sp.Derivative(f(x), x), sp.Derivative(f(x), x)), "regular"),
    "derivative_of_an_absolute_value": (eq(sp.Derivative(sp.Abs(x), x), sp.Derivative(sp.Abs(x), x)), "regular"),
    "hidden_sign": (eq(sp.Symbol("p", positive=True), 1), "statement.symbol"),
    "hidden_sign_of_a_function": (
        eq(sp.Function("p", positive=True)(x), sp.Function("p", positive=True)(x)),
        "statement.function",
    ),
    "hidden_integer_function": (
        eq(sp.Function("p", integer=True)(x), sp.Function("p", integer=True)(x)),
        "statement.function",
    ),
    "infinity": (eq(x, sp.oo), "statement.node"),
    "not_a_number": (eq(x, sp.nan), "statement.node"),
    "complex": (eq(sp.I * x, sp.I * x), "statement.node"),
    "rounding": (eq(sp.floor(x), sp.floor(x)), "statement.node"),
    "improper_integral": (Tends(sp.Integral(sp.exp(-s), (s, 0, sp.oo)), n, sp.oo, sp.Integer(1)), "statement.node"),
    "strange_relation": (Relation(">", x, y), "statement.operator"),
    "set_of_parts": (All(frozenset({gt(x, 0)})), "statement.field"),
    "value_that_contains_its_sequence": (Supremum(g(0), g, (), g(0)), "statement.bound"),
}


false.each(
    [
        (f"meaningless_{name}", lambda c=claim: prove(NONE, c, Algebra()))
        for name, (claim, _) in MEANINGLESS.items()
        if isinstance(claim, Relation)
    ],
    *{check for _, check in MEANINGLESS.values()},
)


@pytest.mark.parametrize("name", MEANINGLESS)
def test_meaningless_even_as_a_hypothesis_repeated(name: str) -> None:
    claim, check = MEANINGLESS[name]
    rule = Algebra() if isinstance(claim, Relation) else Hypothesis()
    with pytest.raises(REFUSALS) as caught:
        prove(NONE, claim, rule)
    assert getattr(caught.value, "check", check) == check


@false("statement.field")
def a_set_of_hypotheses_hides_its_variables():
    scope = given(All(frozenset({gt(x, 0)})))
    return prove(scope, ForAll(x, (), gt(x, 0)), Generalisation(prove(scope, gt(x, 0), Polynomial())))


@false("statement.symbol")
def a_sign_hidden_in_a_symbol():
    p = sp.Symbol("p", positive=True)
    return prove(NONE, ge(p, 0), Sign())


@false("defined.index_sign")
def a_sum_whose_index_is_said_to_be_nonnegative():
    return prove(NONE, ge(sp.Sum(k, (k, -3, 0)), 0), Sign())


@false("defined.division")
def zero_times_a_pole():
    return prove(NONE, eq((x + 1) / x - 1 / x, 1), Algebra())


@false("algebra.normal_form", "defined.power")
def power_below_zero_of_zero():
    return prove(NONE, eq(x * x ** (i - 1), x**i), Algebra())


@false("algebra.normal_form")
def zero_to_the_difference():
    return prove(NONE, eq(x ** (n + 1) * x ** (n + 1), x**2 * x ** (n * 2) * 2), Algebra())


@false.parametrize()
def test_rejected(falsehood: Falsehood) -> None:
    refused(falsehood)


def test_scope_of_facts_is_rebuilt() -> None:
    assert Scope((gt(x, 0),)).assume(gt(y, 0)).hypotheses == (gt(x, 0), gt(y, 0))
    assert ForAll(x, (), ge(x, y)).free_symbols == {y}
    assert All((gt(x, 0), ForAll(x, (), ge(x, y)))).free_symbols == {x, y}


def test_a_limit_named_like_the_bound_index_is_free() -> None:
    total = substitute(sp.Sum(g(k), (k, 0, k)), {k: sp.Integer(5)})
    assert total.limits[0][1:] == (0, 5)
    assert not total.free_symbols
