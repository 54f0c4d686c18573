"""False statements about families of sequences and curves, and about what a rule may be told besides sequents."""

import pytest
import sympy as sp
from falsehoods import Falsehood, Family, f, fact, given, i, q, refused, s, w, x, y

from adamtheory.notation import coordinate, dimension, expectation, g, inner, j, k, n, t
from adamtheory.proof.kernel import prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.calculus import DerivativeOf
from adamtheory.proof.rules.curves import RegularCurve, VanishingIntegral
from adamtheory.proof.rules.definition import Definition, Unfolding
from adamtheory.proof.rules.extremal import Attained
from adamtheory.proof.rules.logic import Detachment, Generalisation, Hypothesis, Instance, Specialisation
from adamtheory.proof.rules.means import LinearExpectation
from adamtheory.proof.rules.order import Polynomial, Sign
from adamtheory.proof.rules.sums import Exchange, SumOfEquals
from adamtheory.propositions import (
    ForAll,
    Iff,
    Regular,
    SequenceDefinition,
    Supremum,
    eq,
    ge,
    gt,
    le,
    lt,
    ne,
)

false = Family()
NONE = given()
ZERO, ONE = sp.Integer(0), sp.Integer(1)
D, INT, SUM = sp.Derivative, sp.Integral, sp.Sum
steps = SequenceDefinition(w, n, w(k, n - 1) + k, ((0, k**2),), (k,))  # w(k, n) = k**2 + k n
late = SequenceDefinition(w, n, w(n - 1) + 1, ((3, ZERO),))
lines = SequenceDefinition(f, s, s * k, (), (k,))
inverse = SequenceDefinition(f, s, 1 / s)


# -- definitions ------------------------------------------------------------------------------------------------------
@false("definition.parameters_at")
def member_below_zero():
    return prove(given(steps), eq(w(-1, 0), 1), Definition())


@false("definition.parameters_at")
def member_between_the_indices():
    return prove(given(steps), eq(w(x, n + 1), w(x, n) + x), Definition())


@false("definition.parameters_at")
def members_of_a_sum_from_below_zero():
    return prove(given(steps), eq(SUM(w(i, 0), (i, -2, 2)), 10), Unfolding((w,)))


@false("definition.range")
def recursion_before_its_start():
    return prove(given(late), eq(w(1), w(0) + 1), Definition())


@false("definition.range")
def recursion_at_its_start():
    return prove(given(late), eq(w(n + 3), w(n + 2) + 1), Definition())


@false("definition.range")
def recursion_before_its_start_under_a_sum():
    return prove(given(late), eq(SUM(w(k), (k, 3, n + 3)), SUM(w(k - 1) + 1, (k, 3, n + 3))), Unfolding((w,)))


@false("definition.range")
def recursion_of_a_family_before_its_start():
    return prove(given(steps), eq(w(k, n), w(k, n - 1) + k), Definition())


@false("definition.initial")
def start_of_a_member_with_the_index():
    return prove(given(SequenceDefinition(w, n, w(k, n - 1), ((0, n),), (k,))), eq(w(k, 0), n), Definition())


@false("definition.earlier")
def level_through_the_same_level():
    looped = SequenceDefinition(w, n, w(k + 1, n) + 1, ((0, ZERO),), (k,))
    return prove(given(looped), eq(w(k, n + 1), w(k + 1, n + 1) + 1), Definition())


@false("definition.earlier")
def level_through_a_member_inside_a_member():
    looped = SequenceDefinition(w, n, w(w(k, n), n - 1) + 1, ((0, ZERO),), (k,))
    return prove(given(looped), eq(w(k, n + 1), w(w(k, n + 1), n) + 1), Definition())


@false("definition.bound")
def parameter_bound_again():
    again = SequenceDefinition(w, n, SUM(w(k, n - 1), (k, 0, 2)), ((0, k),), (k,))
    return prove(given(again), eq(w(k, 1), 3 * k), Unfolding((w,)))


@false("definition.free")
def families_in_a_circle():
    first = SequenceDefinition(w, n, f(k, n) + 1, (), (k,))
    second = SequenceDefinition(f, n, w(k, n), (), (k,))
    return prove(given(first, second), eq(w(k, n), f(k, n) + 1), Definition())


@false("definition.start", "definition.earlier")
def level_without_a_start():
    return prove(given(SequenceDefinition(w, n, w(k, n - 1) + 1, (), (k,))), eq(w(k, n), w(k, n - 1) + 1), Definition())


@false("defined.division")
def start_that_has_no_value():
    """0 * w(0) is 0, whatever w(0) is."""
    return prove(given(SequenceDefinition(w, n, w(n - 1), ((0, 1 / x),))), eq(x * w(0), 1), Unfolding((w,)))


@false("defined.division")
def start_of_a_member_that_has_no_value():
    """0/x is 0 but for x = 0."""
    return prove(given(SequenceDefinition(w, n, w(k, n - 1), ((0, k / x),), (k,))), eq(w(0, 0), 0), Definition())


@false("defined.division")
def definition_whose_division_cancels():
    return prove(given(SequenceDefinition(w, n, n / (n + x))), eq(w(0), 0), Definition())


@false("defined.division")
def curve_whose_division_cancels():
    return prove(given(SequenceDefinition(w, s, s / x)), eq(w(0), 0), DerivativeOf())


@false("integrable")
def member_whose_division_cancels_under_an_integral():
    family = SequenceDefinition(f, s, y * s / (y + x), (), (y,))
    return prove(given(family), eq(INT(2 * f(0, s), (s, 0, 1)), 2 * INT(f(0, s), (s, 0, 1))), Algebra())


@false("expectation.constant")
def a_curve_of_expectations_at_a_random_place():
    return prove(
        given(SequenceDefinition(w, s, expectation(s * g(1)))), eq(w(g(0)), expectation(g(0) * g(1))), Definition()
    )


@false("expectation.defined")
def expectation_defined_as_a_square():
    claim = eq(expectation(SUM(g(k), (k, 0, 1))), SUM(expectation(g(k)), (k, 0, 1)))
    return prove(given(SequenceDefinition(expectation, s, s**2)), claim, LinearExpectation())


@false("unfolding.form")
def unfolding_strictly():
    return prove(given(steps), lt(w(k, 0), k**2), Unfolding((w,)))


@false("unfolding.normal_form")
def unfolding_something_else():
    return prove(given(steps), eq(w(k, n + 1), w(k, n) + k + 1), Unfolding((w,)))


@false("unfolding.normal_form")
def unfolding_under_a_sum_over_a_parameter_of_that_name():
    """The k of the definition is free, the one of the sum bound."""
    free = SequenceDefinition(w, n, k * n)
    return prove(given(free), eq(SUM(w(k), (k, 0, n)), SUM(k**2, (k, 0, n))), Unfolding((w,)))


@false("unfolding.normal_form")
def unfolding_with_parameter_and_index_exchanged():
    return prove(given(steps), eq(w(3, 2), w(2, 2) + 3), Unfolding((w,)))


@false("unfolding.normal_form")
def unfolding_under_a_derivative():
    scope = given(SequenceDefinition(w, s, s * x), Regular(w, 1, ZERO, x), ge(x, 0))
    return prove(scope, eq(D(w(x), x), 2 * x), Unfolding((w,)))


@false("defined.division")
def unfolding_under_a_sum_by_a_fact_about_a_free_index():
    return prove(given(inverse, ge(k, 1)), eq(SUM(k * f(k), (k, 0, n)), n + 1), Unfolding((f,)))


@false("statement.arity")
def one_name_for_a_sequence_and_a_family():
    return prove(given(steps), eq(w(n), w(n) + 1), Unfolding((w,)))


# -- derivatives ------------------------------------------------------------------------------------------------------
@false("defined.division")
def differentiation_under_a_sum_by_a_fact_about_a_free_index():
    """k / k is 1 but for k = 0; that the free k is positive says nothing of the bound one."""
    return prove(given(inverse, ge(k, 1)), eq(SUM(k * f(k), (k, 0, n)), n + 1), DerivativeOf())


@false("derivative.family")
def curves_of_a_family_below_zero():
    return prove(given(lines, ge(i, 0)), eq(SUM(f(i, s), (i, -2, 2)), 0), DerivativeOf())


@false("defined.root")
def derivative_under_an_integral_by_a_fact_about_a_free_variable():
    """Below zero neither curve is what its definition says above."""
    first, second = SequenceDefinition(f, s, s * sp.sqrt(s)), SequenceDefinition(q, s, sp.Rational(3, 2) * sp.sqrt(s))
    scope = given(first, second, Regular(f, 1, -ONE, ONE), Regular(q, 0, -ONE, ONE), gt(s, 0))
    return prove(scope, eq(INT(D(f(s), s), (s, -1, 1)), INT(q(s), (s, -1, 1))), DerivativeOf())


@false("derivative.parameter")
def derivative_through_a_parameter_of_a_smooth_curve():
    scope = given(SequenceDefinition(w, s, s * x), Regular(w, 1, ZERO, x), ge(x, 0))
    return prove(scope, eq(D(w(x), x), 2 * x), DerivativeOf())


@false("defined.derivative_symbol")
def derivative_by_a_value():
    general = prove(NONE, eq(D(x * f(t), f(t)), x), DerivativeOf())
    return prove(NONE, eq(D(f(t) ** 2, f(t)), f(t)), Instance(general, {x: f(t)}))


@false()
def derivative_at_two_things_of_one_name():
    general = prove(NONE, eq(D(x * t**2, t), 2 * x * t), DerivativeOf())
    return prove(NONE, eq(D(s**3, s), 2 * s**2), Instance(general, {x: s, t: s}))


@false()
def definition_with_a_derivative_at_two_things_of_one_name():
    squared = SequenceDefinition(f, t, D(x * t**2, t), (), (x,))
    return prove(given(squared), eq(f(s, s), D(s**3, s)), Definition())


@false("regular")
def derivative_by_the_member():
    return prove(given(lines), eq(D(f(n, s), n), s), DerivativeOf())


@false("regular")
def derivative_along_a_path_through_the_members():
    paths = SequenceDefinition(f, s, s * x, (), (x,))
    return prove(given(paths, Regular(f, 1, ZERO, t), ge(t, 0)), eq(D(f(t, t), t), t), DerivativeOf())


@false("regular")
def derivative_of_a_sum_whose_length_moves():
    scope = given(ge(t, 0), Regular(f, 1, ZERO, t))
    return prove(scope, eq(D(SUM(f(k, t), (k, 0, n)), n), 0), DerivativeOf())


@false("regular")
def regularity_beyond_the_members():
    scope = given(ge(t, 0), Regular(f, 1, ZERO, t))
    return prove(scope, eq(D(f(-1, t) ** 2, t), 2 * f(-1, t) * D(f(-1, t), t)), DerivativeOf())


@false("regular")
def regularity_between_the_members():
    scope = given(ge(t, 0), Regular(f, 1, ZERO, t))
    return prove(scope, eq(D(f(x, t) ** 2, t), 2 * f(x, t) * D(f(x, t), t)), DerivativeOf())


@false("regular")
def regularity_of_every_member_by_one():
    return prove(given(SequenceDefinition(f, s, sp.Abs(s - k), (), (k,))), Regular(f, 1, ZERO, ONE), RegularCurve())


# -- exchange ---------------------------------------------------------------------------------------------------------
@false("exchange.form")
def exchange_strictly():
    sums = SUM(x * SUM(f(k, j), (j, 0, 2)), (k, 0, n)), SUM(x * SUM(f(k, j), (k, 0, n)), (j, 0, 2))
    return prove(NONE, lt(*sums), Exchange(x * f(k, j)))


@false("exchange.body")
def exchange_of_something_else():
    sums = SUM(x * SUM(f(k, j), (j, 0, n)), (k, 0, n)), SUM(x * SUM(f(j, k) + 1, (k, 0, n)), (j, 0, n))
    return prove(NONE, eq(*sums), Exchange(x * f(k, j)))


@false("exchange.variables")
def exchange_of_one_name():
    """Both sides bind k, over different ranges."""
    left, right = SUM((n + 3) * k, (k, 0, n)), SUM((n + 1) * k, (k, 0, n + 2))
    return prove(NONE, eq(left, right), Exchange(k))


@false("exchange.body", "exchange.rectangle")
def exchange_over_a_triangle():
    left, right = SUM(x * SUM(f(k, j), (j, 0, k)), (k, 0, n)), SUM(x * SUM(f(k, j), (k, 0, n)), (j, 0, k))
    return prove(NONE, eq(left, right), Exchange(x * f(k, j)))


@false("exchange.body")
def exchange_with_another_length():
    left, right = SUM(x * SUM(f(k, j), (j, 0, n)), (k, 0, n)), SUM(x * SUM(f(k, j), (k, 0, n)), (j, 0, n + 1))
    return prove(NONE, eq(left, right), Exchange(x * f(k, j)))


@false("exchange.finite")
def exchange_of_two_integrals():
    scope = given(ge(t, 0), Regular(f, 0, ZERO, t), Regular(g, 0, ZERO, t))
    integrals = INT(f(s) * INT(g(x), (x, 0, t)), (s, 0, t)), INT(g(x) * INT(f(s), (s, 0, t)) + 1, (x, 0, t))
    return prove(scope, eq(*integrals), Exchange(f(s) * g(x)))


@false("defined.division", "defined.empty_sum")
def exchange_of_what_has_no_value():
    left, right = INT(SUM(k / s, (k, 0, 2)), (s, 0, 1)), SUM(INT(k / s, (s, 0, 1)), (k, 0, 2))
    return prove(NONE, eq(left, right), Exchange(k / s))


@false("defined.division", "defined.empty_sum")
def exchange_of_an_empty_sum_without_a_value():
    left = INT(SUM(1 / s, (coordinate, 0, dimension - 1)), (s, 0, 1))
    right = SUM(INT(1 / s, (s, 0, 1)), (coordinate, 0, dimension - 1))
    return prove(NONE, eq(left, right), Exchange(1 / s))


# -- dimension 0 ------------------------------------------------------------------------------------------------------
@false("defined.empty_sum")
def mean_of_ones_in_no_dimension():
    """In dimension 0 the sum is 0."""
    return prove(NONE, eq(SUM(1 / dimension, (coordinate, 0, dimension - 1)), 1), Algebra())


@false("defined.empty_sum")
def mean_of_ones_in_no_dimension_in_disguise():
    lag = (coordinate + 1) ** 2 - coordinate**2 - 2 * coordinate - 1
    return prove(NONE, eq(SUM(1 / (dimension + lag), (coordinate, 0, dimension - 1)), 1), Algebra())


@false("defined.empty_sum")
def mean_of_ones_inside_a_sum():
    return prove(NONE, eq(SUM(x * SUM(1 / k, (j, 0, k - 1)), (k, 0, n)), x * (n + 1)), Algebra())


@false("defined.empty_sum")
def division_in_a_sum_that_may_be_empty():
    scope = given(le(dimension, x**2))
    return prove(scope, lt(0, x**2 + SUM(1 / x, (coordinate, 0, dimension - 1)) ** 2), Polynomial())


@false("defined.empty_sum")
def root_in_a_sum_that_may_be_empty():
    scope = given(le(dimension - 1, x))
    return prove(scope, le(0, x + SUM(sp.sqrt(x), (coordinate, 0, dimension - 1)) ** 2), Polynomial())


@false("defined.division", "defined.empty_sum")
def hypothesis_about_an_empty_sum():
    return prove(given(ge(SUM(1 / x, (coordinate, 0, dimension - 1)), 0)), ne(x, 0), Polynomial())


@false("defined.empty_sum")
def hypothesis_about_an_empty_sum_beside_a_bound():
    scope = given(le(dimension, x**2), ge(SUM(1 / x, (coordinate, 0, dimension - 1)), 0))
    return prove(scope, ne(x, 0), Polynomial())


@false("defined.limits")
def two_sums_in_one():
    sums = SUM(f(k, j), (j, 0, k), (k, 0, n)), SUM(f(k, j), (j, 0, n), (k, 0, n))
    return prove(NONE, eq(*sums), Algebra())


@false("sign.structure")
def norm_of_a_nonzero_vector_in_no_dimension():
    scope = given(ForAll(k, (), ne(f(k), 0)))
    return prove(scope, lt(0, inner(f(coordinate) ** 2 + 1, 1)), Sign())


# -- normal forms of nested sums --------------------------------------------------------------------------------------
@false("algebra.normal_form")
def one_coordinate_too_many():
    claim = eq(SUM(f(coordinate, n), (coordinate, 0, dimension)), inner(f(coordinate, n), 1))
    return prove(NONE, claim, Algebra())


@false("algebra.normal_form")
def square_of_a_sum_as_a_sum_of_squares():
    claim = eq(inner(f(coordinate, n), 1) ** 2, inner(f(coordinate, n), f(coordinate, n)))
    return prove(NONE, claim, Algebra())


@false("algebra.normal_form")
def nested_sums_of_one_name():
    """The inner coordinate is not the outer one."""
    nested = SUM(f(coordinate) * inner(g(coordinate), 1), (coordinate, 0, dimension - 1))
    return prove(NONE, eq(nested, dimension * inner(f(coordinate), g(coordinate))), Algebra())


@false("algebra.normal_form")
def matrix_transposed():
    left = SUM(f(k) * SUM(q(k, j), (j, 0, n)), (k, 0, n))
    right = SUM(f(k) * SUM(q(j, k), (j, 0, n)), (k, 0, n))
    return prove(NONE, eq(left, right), Algebra())


@false("algebra.normal_form")
def inner_length_moved_out():
    left, right = SUM(x * SUM(f(k + j), (j, 0, k)), (k, 0, n)), SUM(x * SUM(f(k + j), (j, 0, n)), (k, 0, n))
    return prove(NONE, eq(left, right), Algebra())


@false("undersum.terms")
def rewriting_a_nested_coordinate():
    general = ForAll(coordinate, (), eq(f(coordinate), 0))
    row = SUM(f(j) * f(k), (j, 0, n))
    return prove(given(general), eq(SUM(row + k, (k, 0, n)), SUM(ZERO, (k, 0, n))), SumOfEquals(general))


@false("defined.division")
def rewriting_a_sum_by_what_has_no_value():
    """The hypothesis says nothing of f(0)."""
    general = ForAll(j, (), eq(f(j), 1 / j))
    return prove(given(general), eq(SUM(k * f(k), (k, 0, n)), SUM(ONE, (k, 0, n))), SumOfEquals(general))


# -- what a rule is told ----------------------------------------------------------------------------------------------
POSITIVE = lt(0, 1 + x**2)


@false("statement.node")
def everything_positive_at_the_imaginary_unit():
    known = prove(NONE, POSITIVE, Sign())
    general = prove(given().knowing(known), ForAll(x, (), POSITIVE), Generalisation(known))
    return prove(given().knowing(general), lt(0, 0), Specialisation(general.claim, sp.I))


@false("statement.node")
def everything_positive_at_infinity():
    known = prove(NONE, lt(0, 1 / (1 + x**2)), Sign())
    return prove(NONE, lt(0, 0), Instance(known, {x: sp.oo}))


@false("defined.division")
def instance_at_a_value_that_need_not_exist():
    known = prove(given(eq(x * y, 1)), ne(y, 0), Polynomial())
    return prove(NONE, ne(y, 0), Instance(known, {x: 1 / y}))


@false("defined.division")
def instance_at_which_a_hypothesis_cancels():
    """x/y > 0 says that y is not 0, and so does y/y > 0."""
    known = prove(given(gt(x / y, 0)), ne(y, 0), Polynomial())
    return prove(NONE, ne(y, 0), Instance(known, {x: y}))


@false("defined.division")
def instance_at_which_a_quantified_hypothesis_cancels():
    general = ForAll(k, (), gt(k + x / y, 0))
    scope = given(general)
    first = prove(scope, gt(x / y, 0), Specialisation(general, ZERO))
    known = prove(scope.knowing(first), ne(y, 0), Polynomial())
    return prove(NONE, ne(y, 0), Instance(known, {x: y}))


@false("defined.division")
def instance_at_which_the_domain_cancels():
    """Where y is 0, nothing is in the domain."""
    general = ForAll(k, (ge(k * x / y, 0),), gt(f(k), 0))
    return prove(given(general), gt(f(0), 0), Specialisation(general, ZERO))


@false("defined.division")
def instance_at_which_a_sum_cancels():
    known = prove(given(gt(1 + SUM(k * x / y, (k, 0, 3)), 0)), ne(y, 0), Polynomial())
    return prove(NONE, ne(y, 0), Instance(known, {x: ZERO}))


@false("statement.node")
def dummies_of_one_name():
    names = (sp.Dummy("x", dummy_index=10**9, **kind) for kind in ({"real": True}, {"integer": True}))
    return prove(NONE, eq(*names), Algebra())


@false("statement.node")
def variable_of_the_core_made_free():
    from adamtheory.proof.signs import open_binder

    scope = given(SequenceDefinition(w, n, n))
    _, caught, _ = open_binder(scope, k, k, ZERO, n)
    return prove(scope, eq(SUM(caught * w(k), (k, 0, n)), SUM(k**2, (k, 0, n))), Unfolding((w,)))


# -- suprema ----------------------------------------------------------------------------------------------------------
@false("attained.free")
def supremum_over_all_curves_by_continuity():
    """A curve that is 1 at 0 and 0 elsewhere is not continuous, and g is bound here."""
    vanishes = eq(INT(g(t) ** 2, (t, 0, 1)), 0)
    everywhere = ForAll(s, (le(0, s), le(s, 1)), eq(g(s), 0))
    both, rule = Iff(vanishes, everywhere), VanishingIntegral(ONE, g(t))
    scope = given(Regular(g, 0, ZERO, ONE))
    under = scope.assume(vanishes)
    facts = prove(under, both, rule), fact(under, vanishes)
    zero = prove(under.knowing(*facts), everywhere, Detachment(*facts))
    zero = prove(under.knowing(zero), eq(g(0), 0), Specialisation(everywhere, ZERO))
    upper = prove(under.knowing(zero), le(g(0), 0), Algebra((zero,)))
    sequence = ForAll(t, (), eq(g(t), 0))
    at = scope.assume(sequence)
    meets = prove(at, eq(g(0), 0), Specialisation(sequence, ZERO))
    point = prove(at.assume(le(0, s), le(s, 1)), eq(g(s), 0), Specialisation(sequence, s))
    facts = prove(at, both, rule), prove(at, everywhere, Generalisation(point))
    admissible = prove(at.knowing(*facts), vanishes, Detachment(*facts))
    claim = Supremum(g(0), g, (vanishes,), ZERO)
    return prove(scope, claim, Attained(sequence, upper, meets, (admissible,)))


@false.parametrize()
def test_rejected(falsehood: Falsehood) -> None:
    refused(falsehood)


@pytest.mark.parametrize(
    "definition",
    [
        SequenceDefinition(w, n, n, (), (n,)),
        SequenceDefinition(w, n, k, (), (k, k)),
        SequenceDefinition(w, n, k, (), (k + 1,)),
        SequenceDefinition(w, n + 1, n),
    ],
    ids=str,
)
def test_parameters_and_index_are_different_symbols(definition: SequenceDefinition) -> None:
    refused(Falsehood("", lambda: prove(given(definition), eq(x, x), Hypothesis()), ("definition.parameters",)))
