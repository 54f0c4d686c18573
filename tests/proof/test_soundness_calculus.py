"""False statements about derivatives, integrals, differential equations, monotonicity, limits, ranges and suprema."""

import sympy as sp
from falsehoods import Falsehood, Family, f, fact, given, q, refused, s, w, x, y, z

from adamtheory.notation import expectation, g, gamma, k, n
from adamtheory.proof.kernel import prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.calculus import (
    AlongCurve,
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
from adamtheory.proof.rules.logic import Specialisation
from adamtheory.proof.rules.means import LinearExpectation, TaylorRemainder
from adamtheory.proof.rules.order import Combination, Polynomial, Sign
from adamtheory.proof.rules.squeeze import Squeeze
from adamtheory.propositions import (
    BigO,
    Bounded,
    ForAll,
    Iff,
    Image,
    Regular,
    SequenceDefinition,
    SquareIntegrable,
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


RISING = ForAll(s, (), ge(D(f(s), s), 0))
SMOOTH = Regular(f, 1, ZERO, ONE)


def rising(*, extra=(), at=s):
    """0 <= f'(s) at an arbitrary s."""
    scope = given(RISING, SMOOTH, ge(x, 0), le(x, y), le(y, 1))
    inside = scope.assume(le(x, at), le(at, y), *extra)
    return scope, prove(inside, RISING.body, Specialisation(RISING, s))


@false("along.left")
def along_from_another_value():
    scope, slope = rising()
    return prove(scope, le(f(x) + 1, f(y)), AlongCurve(slope, s, x, y))


@false("along.right")
def along_to_another_value():
    scope, slope = rising()
    return prove(scope, le(f(x), f(y) - 1), AlongCurve(slope, s, x, y))


@false("along.order")
def along_backwards():
    scope = given(RISING, SMOOTH, ge(x, 0), le(x, 1), ge(y, 0), le(y, 1))
    slope = prove(scope.assume(le(x, s), le(s, y)), RISING.body, Specialisation(RISING, s))
    return prove(scope, le(f(x), f(y)), AlongCurve(slope, s, x, y))


@false("along.hypotheses")
def along_with_more_assumed():
    scope, slope = rising(extra=(ge(z, 0),))
    return prove(scope, le(f(x), f(y)), AlongCurve(slope, s, x, y))


@false("along.arbitrary")
def along_from_one_point():
    scope = given(SMOOTH, ge(x, 0), le(x, y), le(y, 1), RISING.body, le(0, s), le(s, 1))
    return prove(scope, le(f(x), f(y)), AlongCurve(fact(scope, RISING.body), s, x, y))


@false("along.slope")
def along_made_strict():
    scope = given(RISING, SMOOTH, ge(x, 0), lt(x, y), le(y, 1))
    slope = prove(scope.assume(le(x, s), le(s, y)), RISING.body, Specialisation(RISING, s))
    return prove(scope, lt(f(x), f(y)), AlongCurve(slope, s, x, y))


@false("regular")
def along_beyond_where_the_curve_is_smooth():
    scope = given(RISING, SMOOTH, le(x, y))
    slope = prove(scope.assume(le(x, s), le(s, y)), RISING.body, Specialisation(RISING, s))
    return prove(scope, le(f(x), f(y)), AlongCurve(slope, s, x, y))


@false("integral_monotone.hypotheses")
def integrands_compared_under_another_assumption():
    return compared(le(INT(y + s, (s, 0, 1)), INT(s, (s, 0, 1))), le(y + x, x), le(0, x), le(x, 1), le(y, 0))


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


@false("linear.leading")
def coefficient_that_vanishes_on_the_way():
    parabola = SequenceDefinition(w, s, (s - 1) ** 2)
    proved = prove(given(parabola, ge(t, 0)), eq((t - 1) * D(w(t), t) - 2 * w(t), 0), DerivativeOf())
    begin = prove(given(parabola), eq(w(0), 1), Definition())
    return prove(given(parabola, gt(t, 3)), eq(w(t), t * (t - 1) ** 2), LinearEquation(proved, begin, t))


@false("linear.hypotheses")
def equation_with_more_assumed():
    equation = eq(D(w(t), t) - 2 * w(t), 0)
    proved = fact(given(growth, ge(t, 0), equation), equation)
    begin = prove(given(growth), eq(w(0), 1), Definition())
    return prove(given(growth, ge(t, 0)), eq(w(t), sp.exp(2 * t)), LinearEquation(proved, begin, t))


@false("linear.arbitrary")
def equation_at_one_time():
    equation = eq(D(w(t), t) - t * w(t), 0)
    scope = given(growth, eq(t, 1), equation, ge(t, 0))
    begin = prove(given(growth), eq(w(0), 1), Definition())
    return prove(scope, eq(w(t), sp.exp(t**2 / 2)), LinearEquation(fact(scope, equation), begin, t))


@false("linear.start_hypotheses")
def start_in_another_scope():
    proved = prove(given(growth, ge(t, 0)), eq(D(w(t), t) - w(t), 0), DerivativeOf())
    begin = fact(given(growth, eq(w(0), 2)), eq(w(0), 2))
    return prove(given(growth, ge(t, 0)), eq(w(t), 2 * sp.exp(t)), LinearEquation(proved, begin, t))


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
    [(f"limit_{name}", lambda c=c, h=h: prove(given(*h), c, Limit())) for name, (c, *h) in LIMITS.items()],
    "limit.power",
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


def squeezed(value, *hypotheses, below, above, expr=x, limit=ZERO):
    """``expr -> value``, from two facts and a limit that both ends have."""
    scope = given(*hypotheses)
    ends = [prove(NONE, Tends(e, n, sp.oo, limit), Limit()) for e in (below.claim.lhs, above.claim.rhs)]
    return prove(scope, Tends(expr, n, sp.oo, value), Squeeze(below, above, *ends))


@false("squeeze.middle")
def squeezing_something_else():
    same = prove(NONE, le(1 / (n + 1), 1 / (n + 1)), Algebra())
    return squeezed(ZERO, below=same, above=same, expr=n)


@false("squeeze.limits")
def squeezed_to_another_value():
    same = prove(NONE, le(1 / (n + 1), 1 / (n + 1)), Algebra())
    return squeezed(ONE, below=same, above=same, expr=1 / (n + 1))


@false("squeeze.hypotheses")
def squeezed_under_another_assumption():
    scope = given(eq(ZERO, x), eq(x, ZERO))
    return squeezed(ZERO, below=fact(scope, eq(ZERO, x)), above=fact(scope, eq(x, ZERO)))


@false("squeeze.arbitrary")
def squeezed_at_one_index():
    here = (le(3, n), le(n, 3))
    below, above = (fact(given(*here), p) for p in here)
    return squeezed(sp.Integer(3), *here, below=below, above=above, expr=n, limit=sp.Integer(3))


@false("squeeze.below")
def squeezed_without_a_lower_bound():
    known = (ne(ZERO, x), le(x, ZERO))
    return squeezed(ZERO, *known, below=fact(given(*known), known[0]), above=fact(given(*known), known[1]))


@false("squeeze.above")
def squeezed_without_an_upper_bound():
    known = (le(ZERO, x), ne(x, ZERO))
    return squeezed(ZERO, *known, below=fact(given(*known), known[0]), above=fact(given(*known), known[1]))


@false("squeeze.form")
def squeeze_read_as_a_relation():
    same = prove(NONE, le(1 / (n + 1), 1 / (n + 1)), Algebra())
    end = prove(NONE, Tends(1 / (n + 1), n, sp.oo, ZERO), Limit())
    return prove(NONE, eq(1 / (n + 1), ZERO), Squeeze(same, same, end, end))


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


@false("unbounded.right")
def unbounded_because_something_else_is():
    return prove(NONE, Bounded(1 / (n + 1), n, False), UnboundedBy(prove(NONE, le(n, n), Algebra()), ONE))


@false("unbounded.hypotheses")
def unbounded_in_another_scope():
    return prove(NONE, Bounded(g(n), n, False), UnboundedBy(_grows(), ONE))


def _grows():
    general = ForAll(k, (), le(k, g(k)))
    return prove(given(general), le(n, g(n)), Specialisation(general, n))


@false("unbounded.arbitrary")
def unbounded_at_one_index():
    scope = given(le(n, g(n)))
    return prove(scope, Bounded(g(n), n, False), UnboundedBy(fact(scope, le(n, g(n))), ONE))


@false("unbounded.power")
def unbounded_by_a_power_below_one():
    shrinks = prove(NONE, le(n + 1, (1 / (n + 1)) ** -1), Algebra())
    return prove(NONE, Bounded(1 / (n + 1), n, False), UnboundedBy(shrinks, ONE, -1))


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


def range_of(claim, below=None, above=None, low=None, high=None, low_at=ZERO, high_at=ZERO, scope=NONE):
    """The range of a constant, [1, 1], unless parts are replaced."""
    below = below or prove(NONE, le(ONE, 1), Algebra())
    above = above or prove(NONE, le(ONE, 1), Algebra())
    end = prove(NONE, eq(ONE, 1), Algebra())
    return prove(scope, claim, RangeOf(below, above, low or end, high or end, low_at, high_at))


@false("range.lower")
def range_with_another_lower_bound():
    line = prove(NONE, le(x**2, x**2), Algebra())
    at = prove(NONE, eq(ZERO, 0), Algebra())
    return range_of(
        Image(x, x, ZERO, x, True, True),
        line,
        prove(NONE, le(x, x), Algebra()),
        at,
        fact(given(eq(x, x)), eq(x, x)),
        ZERO,
        x,
    )


@false("range.upper")
def range_with_another_upper_bound():
    below = prove(NONE, le(ZERO, x**2), Sign())
    at = prove(NONE, eq(ZERO, 0), Algebra())
    return range_of(Image(x**2, x, ZERO, ZERO, True, True), below, prove(NONE, le(ZERO, 0), Algebra()), at, at)


@false("range.bound_hypotheses")
def range_with_a_bound_that_assumes_more():
    above = fact(given(le(x**2, y)), le(x**2, y))
    at = prove(NONE, eq(ZERO, 0), Algebra())
    end = fact(given(eq(z**2, y)), eq(z**2, y))
    scope = given(eq(z**2, y))
    return range_of(
        Image(x**2, x, ZERO, y, True, True), prove(NONE, le(ZERO, x**2), Sign()), above, at, end, ZERO, z, scope
    )


@false("range.arbitrary")
def range_under_a_hypothesis_about_the_variable():
    scope = given(le(x**2, 1))
    at, end = prove(NONE, eq(ZERO, 0), Algebra()), prove(NONE, eq(ONE, 1), Algebra())
    below = prove(NONE, le(ZERO, x**2), Sign())
    return range_of(Image(x**2, x, ZERO, ONE, True, True), below, fact(scope, le(x**2, 1)), at, end, ZERO, ONE, scope)


@false("range.approached")
def range_whose_end_is_not_approached():
    at = prove(NONE, eq(ZERO, 0), Algebra())
    below, above = prove(NONE, le(ZERO, x**2 / (x**2 + 1)), Sign()), prove(NONE, lt(x**2 / (x**2 + 1), 2), Polynomial())
    return range_of(Image(x**2 / (x**2 + 1), x, ZERO, sp.Integer(2), True, False), below, above, at, at)


@false("range.path")
def range_whose_end_is_approached_by_something_else():
    at = prove(NONE, eq(ZERO, 0), Algebra())
    below, above = prove(NONE, le(ZERO, x**2 / (x**2 + 1)), Sign()), prove(NONE, lt(x**2 / (x**2 + 1), 2), Polynomial())
    end = prove(NONE, Tends(2 + 1 / (n + 1), n, sp.oo, sp.Integer(2)), Limit())
    return range_of(Image(x**2 / (x**2 + 1), x, ZERO, sp.Integer(2), True, False), below, above, at, end)


@false("range.end_hypotheses")
def range_whose_end_assumes_more():
    end = fact(given(eq(ONE, 2)), eq(ONE, 2))
    below, above = prove(NONE, le(ZERO, 1), Sign()), prove(NONE, le(ONE, 2), Polynomial())
    at = fact(given(eq(ONE, 0)), eq(ONE, 0))
    return range_of(Image(ONE, x, ZERO, sp.Integer(2), True, True), below, above, at, end)


SILENT = ForAll(k, (), eq(g(k), 0))


def attained(expr, value, *among, scope=NONE, sequence=SILENT, upper=None, meets=None, admissible=()):
    return prove(scope, Supremum(expr, g, among, value), Attained(sequence, upper, meets, admissible))


def silent(scope, claim):
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
    known = prove(inside, eq(g(0), g(0) ** 2 + 1), Specialisation(sequence, ZERO))
    met = prove(inside.knowing(known), eq(-(g(0) ** 2), 1), Polynomial())
    upper = prove(NONE, le(-(g(0) ** 2), 1), Polynomial())
    return attained(-(g(0) ** 2), ONE, sequence=sequence, upper=upper, meets=met)


@false("attained.explicit")
def supremum_at_an_impossible_sequence():
    sequence = ForAll(k, (), eq(g(k) ** 2, -1))
    inside = given(sequence)
    known = prove(inside, eq(g(0) ** 2, -1), Specialisation(sequence, ZERO))
    met = prove(inside.knowing(known), eq(-(g(0) ** 2), 1), Polynomial())
    return attained(
        -(g(0) ** 2), ONE, sequence=sequence, upper=prove(NONE, le(-(g(0) ** 2), 1), Polynomial()), meets=met
    )


@false("attained.meets_hypotheses")
def supremum_met_under_another_assumption():
    upper = prove(NONE, le(-(g(0) ** 2), 1), Polynomial())
    wrong = eq(-(g(0) ** 2), 1)
    return attained(-(g(0) ** 2), ONE, upper=upper, meets=fact(given(wrong), wrong))


@false("attained.admissible_hypotheses")
def supremum_admissible_under_another_assumption():
    upper = prove(given(ge(g(0), 1)), le(-g(0), 0), Polynomial())
    admissible = fact(given(ge(g(0), 1)), ge(g(0), 1))
    return attained(-g(0), ZERO, ge(g(0), 1), upper=upper, meets=silent(NONE, eq(-g(0), 0)), admissible=(admissible,))


@false("attained.undefined")
def supremum_over_a_defined_sequence():
    scope = given(SequenceDefinition(g, n, sp.Integer(3)))
    inside = scope.assume(SILENT)
    first = prove(scope, eq(g(0), 3), Definition())
    upper = prove(scope.knowing(first), le(g(0), 3), Algebra((first,)))
    met = prove(inside, eq(g(0), 3), Definition())
    return attained(g(0), sp.Integer(3), scope=scope, upper=upper, meets=met)


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


REMAINDER = f(y) - f(x) - D(f(x), x) * (y - x)


@false("taylor.remainder", "taylor.hypotheses")
def another_remainder():
    h = ForAll(s, (le(0, s), le(s, 1)), le(sp.Abs(D(f(s), (s, 2))), z))
    scope = given(Regular(f, 2, ZERO, ONE), ge(x, 0), le(y, 1), le(x, y), h)
    second = prove(scope.assume(le(x, s), le(s, y)), h.body, Specialisation(h, s))
    claim = le(sp.Abs(f(y) - f(x) - D(f(x), x) * (y - x) / 2), z * (y - x) ** 2 / 2)
    return prove(scope, claim, TaylorRemainder(second, s, x, y))


@false("taylor.hypotheses")
def curvature_known_under_another_assumption():
    h = ForAll(s, (le(0, s), le(s, 1)), le(sp.Abs(D(f(s), (s, 2))), z))
    scope = given(Regular(f, 2, ZERO, ONE), ge(x, 0), le(y, 1), le(x, y))
    second = prove(scope.assume(h, le(x, s), le(s, y)), h.body, Specialisation(h, s))
    return prove(scope, le(sp.Abs(REMAINDER), z * (y - x) ** 2 / 2), TaylorRemainder(second, s, x, y))


@false("taylor.bound")
def remainder_without_the_half():
    h = ForAll(s, (le(0, s), le(s, 1)), le(sp.Abs(D(f(s), (s, 2))), z))
    scope = given(Regular(f, 2, ZERO, ONE), ge(x, 0), le(y, 1), le(x, y), h)
    second = prove(scope.assume(le(x, s), le(s, y)), h.body, Specialisation(h, s))
    claim = le(sp.Abs(f(y) - f(x) - D(f(x), x) * (y - x)), z * (y - x) ** 2 / 4)
    return prove(scope, claim, TaylorRemainder(second, s, x, y))


L2 = SquareIntegrable(f, ZERO, ONE)


def same(e, *hypotheses):
    return prove(given(*hypotheses), eq(e, e), Algebra())


false.each(
    [
        ("integral_of_a_cube_of_a_rough_curve", lambda: same(INT(f(s) ** 3, (s, 0, 1)), L2)),
        ("integral_of_a_rough_curve_times_any", lambda: same(INT(f(s) * q(s), (s, 0, 1)), L2)),
        ("integral_of_a_rough_curve_elsewhere", lambda: same(INT(f(2 * s), (s, 0, 1)), L2)),
        ("third_derivative", lambda: same(D(s**5, (s, 3)))),
        ("mixed_derivative", lambda: same(D(s * x, s, x))),
    ],
    *(f"integrable.{part}" for part in ("degree", "coefficient", "argument")),
    *("defined.derivative", "defined.derivative_variable"),
)


@false("defined.interval")
def regularity_on_an_interval_turned_round():
    return prove(given(WAVE), Regular(f, 0, ONE, ZERO), RegularCurve())


@false("limit.division")
def quotient_of_things_that_may_vanish():
    return prove(given(ge(x, 0)), Tends(x / (x + 1 / (n + 1)), n, sp.oo, ONE), Limit())


@false("limit.logarithm")
def difference_of_logarithms_that_diverge():
    e = sp.log(x + 1 / (n + 1)) - sp.log(x + 2 / (n + 1))
    return prove(given(ge(x, 0)), Tends(e, n, sp.oo, ZERO), Limit())


@false("linear.hypotheses")
def equation_under_an_assumption_about_a_parameter():
    inside = given(growth, ge(t, 0), eq(x, 1))
    one = fact(inside, eq(x, 1))
    plain = prove(inside, eq(D(w(t), t) - w(t), 0), DerivativeOf())
    combined = Combination(((plain, ONE), (one, -w(t))))
    proved = prove(inside.knowing(one, plain), eq(D(w(t), t) - x * w(t), 0), combined)
    begin = prove(given(growth), eq(w(0), 1), Definition())
    return prove(given(growth, ge(t, 0)), eq(w(t), sp.exp(x * t)), LinearEquation(proved, begin, t))


@false("range.lower")
def range_without_a_lower_bound():
    above, at = prove(NONE, le(-(x**2), 0), Sign()), prove(NONE, eq(ZERO, 0), Algebra())
    return range_of(Image(-(x**2), x, ZERO, ZERO, True, True), prove(NONE, le(ZERO, 0), Algebra()), above, at, at)


@false("vanishing_integral.square")
def vanishing_integral_of_signed_values():
    return vanishing_integral(f(s), x, (le(0, x), le(x, 1)), eq(f(x), 0))


@false("vanishing_integral.fresh")
def vanishing_integral_with_a_captured_variable():
    scope = given(Regular(f, 0, ZERO, x), gt(x, 0))
    claim = Iff(eq(INT(f(s) ** 2, (s, 0, x)), 0), ForAll(x, (le(0, x), le(x, x)), eq(f(x), 0)))
    return prove(scope, claim, VanishingIntegral(ONE, f(s)))


@false("taylor.constant")
def curvature_that_varies():
    h = ForAll(s, (le(0, s), le(s, 1)), le(sp.Abs(D(f(s), (s, 2))), s))
    scope = given(Regular(f, 2, ZERO, ONE), ge(x, 0), le(y, 1), le(x, y), h)
    second = prove(scope.assume(le(x, s), le(s, y)), h.body, Specialisation(h, s))
    return prove(scope, le(sp.Abs(REMAINDER), s * (y - x) ** 2 / 2), TaylorRemainder(second, s, x, y))


@false("taylor.arbitrary")
def curvature_at_one_point():
    known = le(sp.Abs(D(f(s), (s, 2))), z)
    scope = given(Regular(f, 2, ZERO, ONE), ge(x, 0), le(y, 1), le(x, y), known, le(0, s), le(s, 1))
    return prove(scope, le(sp.Abs(REMAINDER), z * (y - x) ** 2 / 2), TaylorRemainder(fact(scope, known), s, x, y))


@false.parametrize()
def test_rejected(falsehood: Falsehood) -> None:
    refused(falsehood)


def test_signs_are_plain() -> None:
    prove(NONE, ge(x**2, 0), Sign())
    prove(given(ne(x, 0)), gt(x**2, 0), Sign())
