"""False statements about derivatives, integrals, differential equations, monotonicity, limits, ranges and suprema."""

import sympy as sp
from falsehoods import Falsehood, Family, f, fact, given, q, refused, s, w, x, y, z

from adamtheory.notation import expectation, g, gamma, k, n
from adamtheory.proof.kernel import prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.calculus import (
    Antiderivative,
    DerivativeOf,
    Increasing,
    IntegralMonotone,
    LinearEquation,
    Monotone,
)
from adamtheory.proof.rules.curves import RegularCurve, VanishingIntegral
from adamtheory.proof.rules.definition import Definition
from adamtheory.proof.rules.enclosure import Enclosure
from adamtheory.proof.rules.extremal import Attained, RangeOf
from adamtheory.proof.rules.limits import BoundedBy, Limit, Series, UnboundedBy
from adamtheory.proof.rules.means import LinearExpectation, TaylorRemainder
from adamtheory.proof.rules.order import Polynomial, Sign
from adamtheory.propositions import (
    BigO,
    Bounded,
    ForAll,
    Iff,
    Image,
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

false = Family()
NONE = given()
ZERO, ONE = sp.Integer(0), sp.Integer(1)
D, INT = sp.Derivative, sp.Integral
curve = SequenceDefinition(w, s, s**2)


@false("derivative.normal_form")
def derivative_of_a_square():
    return prove(NONE, eq(D(x**2 + x, x), 2 * x), DerivativeOf())


@false("derivative.normal_form")
def derivative_of_a_defined_curve():
    return prove(given(curve), eq(D(w(x), x), x), DerivativeOf())


@false("derivative.form")
def derivative_strictly():
    return prove(NONE, lt(D(x**2, x), 2 * x), DerivativeOf())


@false("derivative.parameter", "regular")
def derivative_through_a_parameter():
    return prove(given(SequenceDefinition(w, s, s * x)), eq(D(w(x), x), 2 * x), DerivativeOf())


@false("regular")
def derivative_of_a_curve_without_a_value():
    claim = eq(x * D(w(s), s), 1)
    return prove(given(SequenceDefinition(w, s, s / x)), claim, DerivativeOf())


@false("antiderivative.derivative")
def integral_by_a_wrong_primitive():
    return prove(NONE, eq(INT(s, (s, 0, 1)), 1), Antiderivative(s))


@false("antiderivative.ends")
def integral_without_the_lower_end():
    return prove(NONE, eq(INT(sp.exp(s), (s, 0, 1)), sp.exp(1)), Antiderivative(sp.exp(s)))


@false("antiderivative.form")
def integral_strictly():
    return prove(NONE, lt(INT(s, (s, 0, 1)), sp.Rational(1, 2)), Antiderivative(s**2 / 2))


@false("defined.division", "regular")
def primitive_across_its_pole():
    return prove(NONE, eq(INT(1 / (s - 1) ** 2, (s, 0, 2)), -2), Antiderivative(-1 / (s - 1)))


@false("regular")
def primitive_with_a_corner():
    return prove(NONE, eq(INT(s, (s, -1, 1)), sp.Rational(1, 2)), Antiderivative(sp.Abs(s) * s / 2))


def compared(claim, term, *hypotheses, at=x, rule=None):
    return prove(NONE, claim, IntegralMonotone(prove(given(*hypotheses), term, rule or Polynomial()), at))


@false("integral_monotone.range")
def strict_integral_over_a_point():
    return compared(lt(INT(s, (s, 0, 0)), INT(s + 1, (s, 0, 0))), lt(x, x + 1))


@false("integral_monotone.hypotheses")
def integrands_compared_on_a_part():
    return compared(le(INT(s, (s, 0, 2)), INT(s**2, (s, 0, 2))), le(x, x**2), ge(x, 1), le(x, 2))


@false("integral_monotone.integrands")
def other_integrands():
    return compared(le(INT(s + 1, (s, 0, 1)), INT(s, (s, 0, 1))), le(x, x), rule=Algebra())


@false("integral_monotone.interval")
def other_interval():
    return compared(le(INT(s, (s, 0, 2)), INT(s, (s, 0, 1))), le(x, x), rule=Algebra())


@false("integral_monotone.fresh")
def integration_variable_captured():
    claim = le(INT(x, (s, 0, x)), INT(s, (s, 0, x)))
    return prove(given(ge(x, 0)), claim, IntegralMonotone(prove(given(), le(x, x), Algebra()), x))


@false("integral_monotone.arbitrary")
def integrands_compared_at_one_point():
    scope = given(eq(x, 2))
    point = prove(scope, le(x, x**2), Polynomial())
    return prove(scope, le(INT(s, (s, 0, 1)), INT(s**2, (s, 0, 1))), IntegralMonotone(point, x))


def monotone(claim, function, lower, upper, *hypotheses, form=None):
    return prove(given(*hypotheses), claim, Monotone(function, s, sp.sympify(lower), sp.sympify(upper), form))


@false("monotone.sign")
def monotone_with_the_wrong_sign():
    return monotone(le(-x, -y), -s, x, y, le(x, y))


@false("monotone.sign")
def monotone_with_a_derivative_that_vanishes():
    return monotone(lt(sp.Integer(5), 5), sp.Integer(5), x, y, lt(x, y))


@false("monotone.sign")
def monotone_across_a_turning_point():
    return monotone(lt(x**2, y**2), s**2, x, y, lt(x, y))


@false("monotone.order")
def monotone_between_unordered_points():
    return monotone(le(x, y), s, x, y)


@false("monotone.order")
def monotone_strict_between_equal_points():
    return monotone(lt(x, y), s, x, y, le(x, y))


@false("monotone.left")
def monotone_from_another_value():
    return monotone(le(x + 1, y), s, x, y, le(x, y))


@false("monotone.right")
def monotone_to_another_value():
    return monotone(le(x, y - 1), s, x, y, le(x, y))


@false("monotone.derivative")
def monotone_by_another_derivative():
    return monotone(le(-x, -y), -s, x, y, le(x, y), form=s**2)


@false("defined.division")
def monotone_across_a_pole():
    return monotone(lt(ONE, -ONE), -1 / s, -1, 1)


@false("increasing.function")
def decreasing_function():
    scope = given(lt(x, y))
    known = fact(scope, lt(x, y))
    return prove(scope.knowing(known), lt(sp.exp(-x), sp.exp(-y)), Increasing(known))


@false("increasing.function")
def even_function():
    scope = given(lt(x, y))
    known = fact(scope, lt(x, y))
    return prove(scope.knowing(known), lt(sp.cosh(x), sp.cosh(y)), Increasing(known))


@false("increasing.scope")
def increasing_from_another_scope():
    return prove(NONE, lt(sp.exp(x), sp.exp(y)), Increasing(fact(given(lt(x, y)), lt(x, y))))


@false("increasing.fact")
def increasing_made_strict():
    scope = given(le(x, y))
    known = fact(scope, le(x, y))
    return prove(scope.knowing(known), lt(sp.exp(x), sp.exp(y)), Increasing(known))


# -- differential equations -------------------------------------------------------------------------------------------
t = sp.Symbol("t", real=True)
growth = SequenceDefinition(w, s, sp.exp(s))


def linear(claim_right, equation, start, *hypotheses):
    scope = given(growth, *hypotheses, ge(t, 0))
    proved = prove(given(growth, ge(t, 0)), equation, DerivativeOf())
    begin = prove(given(growth), start, Definition())
    return prove(scope, eq(w(t), claim_right), LinearEquation(proved, begin, t))


@false("linear.substitution")
def not_a_solution():
    return linear(1 + t, eq(D(w(t), t) - w(t), 0), eq(w(0), 1))


@false("linear.start_value")
def solution_with_another_start():
    return linear(2 * sp.exp(t), eq(D(w(t), t) - w(t), 0), eq(w(0), 1))


@false("linear.start_curve")
def start_at_another_time():
    return linear(sp.exp(1) * sp.exp(t), eq(D(w(t), t) - w(t), 0), eq(w(1), sp.exp(1)))


@false("linear.leading")
def singular_leading_coefficient():
    return linear(2 * sp.exp(t), eq(t * D(w(t), t) - t * w(t), 0), eq(w(0), 1), eq(t, 5))


@false("linear.range")
def before_the_start():
    proved = prove(given(growth, ge(t, 0)), eq(D(w(t), t) - w(t), 0), DerivativeOf())
    begin = prove(given(growth), eq(w(0), 1), Definition())
    return prove(given(growth), eq(w(t), sp.exp(t)), LinearEquation(proved, begin, t))


# -- limits -----------------------------------------------------------------------------------------------------------
LIMITS = {
    "constant_base": (Tends(gamma**n, n, sp.oo, ZERO), ge(gamma, 0), le(gamma, 1)),
    "base_above_one": (Tends(gamma**n, n, sp.oo, ZERO), gt(gamma, 1)),
    "base_of_unknown_sign": (Tends(gamma**n, n, sp.oo, ZERO), lt(gamma, 1)),
    "slope_of_unknown_sign": (Tends(gamma ** (x * n), n, sp.oo, ZERO), gt(gamma, 0), lt(gamma, 1)),
}
false.each(
    [(f"limit_{name}", lambda c=c, h=h: prove(given(*h), c, Limit())) for name, (c, *h) in LIMITS.items()], "limit.power"
)


@false("limit.value")
def wrong_limit():
    return prove(NONE, Tends(1 / (n + 1), n, sp.oo, ONE), Limit())


@false("limit.exponential")
def exponential_that_does_not_decay():
    return prove(given(ge(x, 0)), Tends(sp.exp(-x * n), n, sp.oo, ZERO), Limit())


@false("limit.division")
def denominator_that_tends_to_zero():
    return prove(NONE, Tends((1 / (n + 1)) ** 2 / (1 / (n + 1) + 1 / (n + 2)) ** 2, n, sp.oo, ZERO), Limit())


@false("limit.growing")
def root_of_the_index():
    return prove(NONE, Tends(sp.sqrt(n), n, sp.oo, ZERO), Limit())


@false("limit.arbitrary")
def limit_of_a_restricted_index():
    return prove(given(le(n, 3)), Tends(1 / (n + 1), n, sp.oo, ZERO), Limit())


@false("limit.equal_form")
def limit_of_another_form():
    return prove(NONE, Tends((-1) ** n, n, sp.oo, ONE), Limit(ONE))


@false("smooth.curve", "regular")
def limit_of_a_curve_known_at_the_point_only():
    scope = given(Regular(f, 0, ZERO, ZERO))
    return prove(scope, Tends(f(x), x, ZERO, f(0)), Limit())


@false("limit.side")
def limit_from_the_left():
    return prove(NONE, Tends(x, x, ZERO, ZERO, "-"), Limit())


@false("limit.parameter")
def limit_of_a_curve_that_moves_along():
    scope = given(SequenceDefinition(w, s, sp.exp(x) * s))
    return prove(scope, Tends(w(1) + x, x, ZERO, w(1)), Limit())


@false("series.coefficient")
def one_order_too_much():
    return prove(NONE, BigO(sp.exp(x) - 1 - x, x, 3), Series())


@false("smooth.curve")
def order_of_a_continuous_curve():
    return prove(given(Regular(f, 0, ZERO, ONE)), BigO(f(x) - f(0), x, 1), Series())


@false("smooth.root", "defined.root", "smooth.division")
def series_of_a_root():
    return prove(NONE, BigO(sp.sqrt(x), x, 1), Series())


@false("defined.division")
def series_at_a_pole():
    return prove(NONE, BigO(1 / x, x, 1), Series())


@false("series.equal_form")
def series_of_another_form():
    return prove(NONE, BigO(x, x, 2), Series(x**2))


@false("limit.parameter")
def series_of_a_curve_that_moves_along():
    return prove(given(SequenceDefinition(w, s, s / x**2), gt(x, 0)), BigO(x * w(1), x, 1), Series())


@false("bounded.constant")
def bounded_by_what_grows():
    return prove(NONE, Bounded(n, n), BoundedBy(prove(NONE, le(n, n), Algebra())))


@false("bounded.arbitrary")
def bounded_where_it_is_small():
    scope = given(le(n, 3))
    return prove(scope, Bounded(n, n), BoundedBy(fact(scope, le(n, 3))))


@false("bounded.left")
def bound_of_something_else():
    return prove(NONE, Bounded(n, n), BoundedBy(prove(NONE, le(sp.Integer(1), 2), Polynomial())))


@false("bounded.hypotheses")
def bounded_in_another_scope():
    return prove(NONE, Bounded(g(n), k), BoundedBy(fact(given(le(g(n), 3)), le(g(n), 3))))


@false("unbounded.slope")
def unbounded_without_slope():
    return prove(NONE, Bounded(x, n, False), UnboundedBy(prove(NONE, le(x, x), Algebra()), ZERO))


@false("unbounded.linear")
def unbounded_by_what_shrinks():
    return prove(NONE, Bounded(-n, n, False), UnboundedBy(prove(NONE, le(-n, -n), Algebra()), ONE))


@false("unbounded.sign")
def square_of_what_falls():
    growth_of_square = prove(NONE, le(n, (-n) ** 2), Polynomial())
    return prove(NONE, Bounded(-n, n, False), UnboundedBy(growth_of_square, ONE, 2))


# -- ranges, suprema --------------------------------------------------------------------------------------------------
@false("range.real")
def range_over_indices_only():
    e = n / (n + 1)
    below, above = prove(NONE, le(ZERO, e), Polynomial()), prove(NONE, lt(e, 1), Polynomial())
    at = prove(NONE, eq(e.subs(n, 0), 0), Algebra())
    to = prove(NONE, Tends(e, n, sp.oo, ONE), Limit(1 - 1 / (n + 1)))
    return prove(NONE, Image(e, n, ZERO, ONE, True, False), RangeOf(below, above, at, to, ZERO))


@false("range.attained")
def end_that_is_not_attained():
    below, above = prove(NONE, le(-ONE, x**2), Polynomial()), prove(NONE, le(x**2, x**2 + 1), Polynomial())
    at = prove(NONE, eq(ZERO, 0), Algebra())
    return prove(NONE, Image(x**2, x, -ONE, x**2 + 1, True, True), RangeOf(below, above, at, at, ZERO, ZERO))


SILENT = ForAll(k, (), eq(g(k), 0))


def attained(expr, value, *among, scope=NONE, sequence=SILENT, upper=None, meets=None, admissible=()):
    return prove(scope, Supremum(expr, g, among, value), Attained(sequence, upper, meets, admissible))


def silent(scope, claim):
    from adamtheory.proof.rules.logic import Specialisation

    inside = scope.assume(SILENT)
    known = prove(inside, eq(g(0), 0), Specialisation(SILENT, ZERO))
    return prove(inside.knowing(known), claim, Algebra((known,)))


@false("attained.free")
def supremum_under_a_hypothesis_about_the_sequence():
    scope = given(le(g(0), 0))
    return attained(g(0), ZERO, scope=scope, upper=fact(scope, le(g(0), 0)), meets=silent(scope, eq(g(0), 0)))


@false("attained.free")
def supremum_under_a_hypothesis_about_what_is_made_of_the_sequence():
    scope = given(SequenceDefinition(w, n, g(n)), le(w(0), 0))
    meets = scope.assume(SILENT)
    unfolded = prove(meets, eq(w(0), g(0)), Definition())
    from adamtheory.proof.rules.logic import Specialisation

    known = prove(meets, eq(g(0), 0), Specialisation(SILENT, ZERO))
    met = prove(meets.knowing(unfolded, known), eq(w(0), 0), Algebra((unfolded, known)))
    return attained(w(0), ZERO, scope=scope, upper=fact(scope, le(w(0), 0)), meets=met)


@false("attained.value", "statement.bound")
def supremum_that_is_its_own_value():
    scope = given(SequenceDefinition(w, n, g(n)))
    upper, meets = prove(scope, le(w(0), w(0)), Algebra()), prove(scope, eq(w(0), w(0)), Algebra())
    return attained(w(0), w(0), scope=scope, upper=upper, meets=meets)


@false("attained.admissible")
def supremum_at_an_inadmissible_sequence():
    upper = prove(given(ge(g(0), 1)), le(-g(0), 0), Polynomial())
    return attained(-g(0), ZERO, ge(g(0), 1), upper=upper, meets=silent(NONE, eq(-g(0), 0)))


@false("attained.circular")
def supremum_at_a_sequence_given_by_itself():
    sequence = ForAll(k, (), eq(g(k), g(k) ** 2 + 1))
    inside = given(sequence)
    from adamtheory.proof.rules.logic import Specialisation

    known = prove(inside, eq(g(0), g(0) ** 2 + 1), Specialisation(sequence, ZERO))
    met = prove(inside.knowing(known), eq(-(g(0) ** 2), 1), Polynomial())
    upper = prove(NONE, le(-(g(0) ** 2), 1), Polynomial())
    return attained(-(g(0) ** 2), ONE, sequence=sequence, upper=upper, meets=met)


@false("attained.explicit")
def supremum_at_an_impossible_sequence():
    sequence = ForAll(k, (), eq(g(k) ** 2, -1))
    inside = given(sequence)
    from adamtheory.proof.rules.logic import Specialisation

    known = prove(inside, eq(g(0) ** 2, -1), Specialisation(sequence, ZERO))
    met = prove(inside.knowing(known), eq(-(g(0) ** 2), 1), Polynomial())
    return attained(-(g(0) ** 2), ONE, sequence=sequence, upper=prove(NONE, le(-(g(0) ** 2), 1), Polynomial()), meets=met)


@false("attained.meets")
def supremum_that_nothing_meets():
    upper = prove(NONE, le(-(g(0) ** 2), 1), Polynomial())
    return attained(-(g(0) ** 2), ONE, upper=upper, meets=silent(NONE, eq(-(g(0) ** 2), 0)))


@false("attained.upper")
def supremum_without_an_upper_bound():
    return attained(g(0), ZERO, upper=prove(NONE, le(ZERO, 0), Algebra()), meets=silent(NONE, eq(g(0), 0)))


@false("attained.upper_hypotheses")
def supremum_with_an_upper_bound_that_assumes_more():
    return attained(g(0), ZERO, upper=fact(given(le(g(0), 0)), le(g(0), 0)), meets=silent(NONE, eq(g(0), 0)))


# -- boxes, curves, means ---------------------------------------------------------------------------------------------
@false("enclosure.certified")
def tight_inside_the_box():
    return prove(given(ge(x, 0), le(x, 1)), gt((x - sp.Rational(1, 2)) ** 2, 0), Enclosure({x: (0, 1)}, 2000))


@false("enclosure.upper")
def box_smaller_than_the_hypotheses():
    return prove(given(ge(x, 0), le(x, 3)), lt(x, 2), Enclosure({x: (0, 1)}))


@false("enclosure.lower")
def box_that_starts_too_late():
    return prove(given(ge(x, 0), le(x, 3)), gt(x, sp.Rational(1, 2)), Enclosure({x: (1, 3)}))


@false("enclosure.box")
def a_variable_without_a_range():
    return prove(given(ge(x, 0), le(x, 1)), lt(x * y, 2), Enclosure({x: (0, 1)}))


WAVE = Regular(f, 0, ZERO, ONE)


def vanishing_integral(integrand, variable, domain, body, weight=ONE, scope=None, upper=ONE):
    claim = Iff(eq(INT(integrand, (s, 0, upper)), 0), ForAll(variable, domain, body))
    return prove(scope or given(WAVE), claim, VanishingIntegral(sp.sympify(weight), f(s)))


@false("vanishing_integral.proper")
def vanishing_over_a_point():
    return vanishing_integral(f(s) ** 2, x, (le(0, x), le(x, 0)), eq(f(x), 0), upper=ZERO)


@false("vanishing_integral.real")
def vanishing_at_the_indices():
    return vanishing_integral(f(s) ** 2, k, (le(0, k), le(k, 1)), eq(f(k), 0))


@false("vanishing_integral.weight")
def vanishing_with_a_weight_of_both_signs():
    return vanishing_integral((s - z) * f(s) ** 2, x, (le(0, x), le(x, 1)), eq(f(x), 0), s - z)


@false("vanishing_integral.domain")
def vanishing_on_more():
    return vanishing_integral(f(s) ** 2, x, (le(0, x), le(x, 2)), eq(f(x), 0))


@false("vanishing_integral.body")
def vanishing_of_another_curve():
    return vanishing_integral(f(s) ** 2, x, (le(0, x), le(x, 1)), eq(q(x), 0))


@false("regular")
def regularity_out_of_nothing():
    return prove(NONE, Regular(f, 0, ZERO, ONE), RegularCurve())


@false("regular")
def regularity_of_a_higher_order():
    return prove(given(WAVE), Regular(f, 1, ZERO, ONE), RegularCurve())


@false("regular")
def regularity_on_a_larger_interval():
    return prove(given(WAVE), Regular(f, 0, ZERO, sp.Integer(2)), RegularCurve())


@false("expectation.right")
def expectation_of_a_square():
    e = expectation(sp.Sum(2 * g(k), (k, 0, n)))
    return prove(NONE, eq(e, sp.Sum(expectation(g(k)), (k, 0, n))), LinearExpectation())


@false("expectation.variable")
def expectation_of_a_product():
    e = expectation(sp.Sum(f(k) * g(k), (k, 0, n)))
    return prove(NONE, eq(e, sp.Sum(expectation(f(k) * g(k)), (k, 0, n))), LinearExpectation())


@false("taylor.bound")
def remainder_without_the_half():
    from adamtheory.proof.rules.logic import Specialisation

    h = ForAll(s, (le(0, s), le(s, 1)), le(sp.Abs(D(f(s), (s, 2))), z))
    scope = given(Regular(f, 2, ZERO, ONE), ge(x, 0), le(y, 1), le(x, y), h)
    second = prove(scope.assume(le(x, s), le(s, y)), h.body, Specialisation(h, s))
    claim = le(sp.Abs(f(y) - f(x) - D(f(x), x) * (y - x)), z * (y - x) ** 2 / 4)
    return prove(scope, claim, TaylorRemainder(second, s, x, y))


@false.parametrize()
def test_rejected(falsehood: Falsehood) -> None:
    refused(falsehood)


def test_signs_are_plain() -> None:
    prove(NONE, ge(x**2, 0), Sign())
    prove(given(ne(x, 0)), gt(x**2, 0), Sign())
