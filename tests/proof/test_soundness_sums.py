"""False statements about finite sums: telescoping, termwise comparison, vanishing sums, rewriting under a sum."""

import sympy as sp
from falsehoods import Falsehood, Family, f, fact, given, i, q, refused, x

from adamtheory.notation import g, j, k, n
from adamtheory.proof.kernel import prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.inequalities import CauchySchwarz, Tangent, Triangle
from adamtheory.proof.rules.order import Polynomial, Sign
from adamtheory.proof.rules.sums import SumOfEquals, Telescoping, Termwise, VanishingSum
from adamtheory.propositions import ForAll, Iff, eq, ge, gt, le, lt, ne

false = Family()
NONE = given()
S = sp.Sum


@false("telescoping.difference")
def telescoping_with_a_wrong_difference():
    return prove(NONE, eq(S(k, (k, 0, n)), (n + 1) ** 2 / 2), Telescoping(k**2 / 2))


@false("telescoping.ends")
def telescoping_one_term_short():
    return prove(NONE, eq(S(k, (k, 0, n)), n * (n - 1) / 2), Telescoping(k * (k - 1) / 2))


@false("telescoping.form")
def telescoping_strictly():
    return prove(NONE, lt(S(k, (k, 0, n)), n * (n + 1) / 2), Telescoping(k * (k - 1) / 2))


@false("defined.division")
def geometric_sum_at_ratio_one():
    return prove(NONE, eq(S(x**k, (k, 0, n)), (x ** (n + 1) - 1) / (x - 1)), Telescoping(x**k / (x - 1)))


@false("defined.division")
def telescoping_across_a_pole():
    claim = eq(S(1, (k, 0, n)), n + 1)
    return prove(NONE, claim, Telescoping((k**2 - k) / (k - 1)))


def termwise(claim, term, *hypotheses, index=j, scope=NONE, rule=None):
    return prove(scope, claim, Termwise(prove(given(*hypotheses), term, rule or Polynomial()), index))


RANGE = (le(0, j), le(j, n))


@false("termwise.occupied")
def strict_sum_over_an_empty_range():
    return termwise(lt(S(k, (k, 1, n)), S(k + 1, (k, 1, n))), lt(j, j + 1), le(1, j), le(j, n))


@false("termwise.hypotheses")
def terms_compared_on_part_of_the_range():
    return termwise(le(S(1 + k, (k, 0, n)), S(k**2 + k, (k, 0, n))), le(1 + j, j**2 + j), *RANGE, ge(j, 1))


@false("termwise.hypotheses")
def terms_compared_under_another_assumption():
    return termwise(le(S(x + k, (k, 0, n)), S(k, (k, 0, n))), le(x + j, j), *RANGE, le(x, 0))


@false("termwise.index", "termwise.arbitrary")
def terms_compared_between_the_indices():
    a, z = sp.Symbol("a", integer=True), sp.Symbol("z", real=True)
    claim = le(S(a, (a, 0, n)), S(a - 1, (a, 0, n)))
    known = fact(given(le(z, z - 1), le(0, z), le(z, n)), le(z, z - 1))
    return prove(given(le(z, z - 1)), claim, Termwise(known, z))


@false("triangle.left")
def triangle_without_the_value():
    return prove(NONE, le(x + 1, 0), Triangle())


@false("triangle.sum")
def triangle_of_a_product():
    return prove(NONE, le(sp.Abs(x * g(0)), sp.Abs(x) + sp.Abs(g(0))), Triangle())


@false("tangent.exponential")
def tangent_of_something_else():
    return prove(NONE, le(2 + x, sp.cosh(1 + x)), Tangent())


@false("termwise.terms")
def other_terms():
    return termwise(le(S(k + 1, (k, 0, n)), S(k, (k, 0, n))), le(j, j), *RANGE)


@false("termwise.range")
def sums_over_different_ranges():
    return termwise(
        le(S(g(k) ** 2, (k, 0, n)), S(g(k) ** 2, (k, 1, n))), le(g(j) ** 2, g(j) ** 2), *RANGE, rule=Algebra()
    )


@false("termwise.fresh")
def index_captured_by_the_outer_one():
    return termwise(le(S(n, (k, 0, n)), S(k, (k, 0, n))), le(n, n), index=n, rule=Algebra())


@false("termwise.arbitrary")
def terms_compared_for_one_index():
    scope = given(eq(g(j), 0))
    known = fact(scope, eq(g(j), 0))
    term = prove(scope.knowing(known), eq(g(j), g(j) ** 2), Algebra((known,)))
    return prove(scope, eq(S(g(k), (k, 0, n)), S(g(k) ** 2, (k, 0, n))), Termwise(term, j))


@false("termwise.index_sign")
def index_that_cannot_be_negative():
    a = sp.Symbol("a", integer=True)
    return prove(NONE, le(S(-a, (a, -2, 0)), S(a, (a, -2, 0))), Termwise(prove(given(), le(-j, j), Polynomial()), j))


@false("termwise.term")
def terms_compared_otherwise():
    return termwise(lt(S(g(k), (k, 0, n)), S(g(k), (k, 0, n))), le(g(j), g(j)), rule=Algebra())


def vanishing(total, variable, domain, body, weight=1, root=None, scope=NONE):
    claim = Iff(eq(total, 0), ForAll(variable, domain, body))
    return prove(scope, claim, VanishingSum(sp.sympify(weight), g(k) if root is None else root))


@false("vanishing.weight")
def vanishing_with_a_weight_of_any_sign():
    return vanishing(S(x * g(k) ** 2, (k, 0, n)), j, RANGE, eq(g(j), 0), x)


@false("vanishing.weight")
def vanishing_with_a_weight_that_vanishes():
    return vanishing(S(k * g(k) ** 2, (k, 0, n)), j, RANGE, eq(g(j), 0), k)


@false("vanishing.domain")
def vanishing_beyond_the_range():
    return vanishing(S(g(k) ** 2, (k, 0, n)), j, (le(0, j), le(j, n + 1)), eq(g(j), 0))


@false("vanishing.square")
def vanishing_sum_of_signed_terms():
    return vanishing(S(g(k), (k, 0, n)), j, RANGE, eq(g(j), 0))


@false("vanishing.body")
def vanishing_of_something_else():
    return vanishing(S(g(k) ** 2, (k, 0, n)), j, RANGE, eq(f(j), 0))


@false("vanishing.index")
def vanishing_between_the_indices():
    return vanishing(S(g(k) ** 2, (k, 0, n)), x, (le(0, x), le(x, n)), eq(g(x), 0))


@false("vanishing.fresh")
def vanishing_with_a_captured_index():
    return vanishing(S(g(k) ** 2, (k, 0, n)), n, (le(0, n), le(n, n)), eq(g(n), 0))


@false("vanishing.index_sign")
def vanishing_on_the_nonnegative_part():
    a = sp.Symbol("a", integer=True)
    return vanishing(S(g(a) ** 2, (a, -2, n)), j, (le(-2, j), le(j, n)), eq(g(j), 0), root=g(a))


@false("vanishing.zero")
def sum_equal_to_one():
    claim = Iff(eq(S(g(k) ** 2, (k, 0, n)), 1), ForAll(j, RANGE, eq(g(j), 0)))
    return prove(NONE, claim, VanishingSum(sp.Integer(1), g(k)))


def under(general, claim):
    return prove(given(general), claim, SumOfEquals(general))


@false("undersum.domain")
def rewriting_beyond_the_domain():
    return under(ForAll(j, (ge(j, 1),), eq(g(j), f(j))), eq(S(g(k), (k, 0, n)), S(f(k), (k, 0, n))))


@false("undersum.index_sign")
def rewriting_below_zero():
    return under(ForAll(j, (), eq(g(j), f(j))), eq(S(g(i), (i, -2, n)), S(f(i), (i, -2, n))))


@false("undersum.terms")
def rewriting_something_else():
    return under(ForAll(j, (), eq(g(j), f(j))), eq(S(g(k), (k, 0, n)), S(q(k), (k, 0, n))))


@false("undersum.known")
def rewriting_with_nothing_known():
    general = ForAll(j, (), eq(g(j), f(j)))
    return prove(NONE, eq(S(g(k), (k, 0, n)), S(f(k), (k, 0, n))), SumOfEquals(general))


@false("undersum.equality")
def rewriting_with_a_bound():
    return under(ForAll(j, (), le(g(j), f(j))), eq(S(g(k), (k, 0, n)), S(f(k), (k, 0, n))))


@false("undersum.sums")
def rewriting_over_another_range():
    return under(ForAll(j, (), eq(g(j), f(j))), eq(S(g(k), (k, 0, n)), S(f(k), (k, 0, n + 1))))


A, B = S(f(k) ** 2, (k, 0, n)), S(g(k) ** 2, (k, 0, n))
MIXED = S(f(k) * g(k), (k, 0, n))


@false("cauchy_schwarz.right")
def cauchy_schwarz_without_the_square():
    return prove(NONE, le(MIXED**2, A), CauchySchwarz(f(k), g(k)))


@false("cauchy_schwarz.product")
def cauchy_schwarz_of_another_product():
    return prove(NONE, le(MIXED**2, A * A), CauchySchwarz(f(k), f(k)))


@false("cauchy_schwarz.right")
def cauchy_schwarz_squared_on_one_side():
    return prove(NONE, le(sp.Abs(MIXED), A * B), CauchySchwarz(f(k), g(k)))


@false("cauchy_schwarz.form")
def cauchy_schwarz_strict():
    return prove(NONE, lt(MIXED**2, A * B), CauchySchwarz(f(k), g(k)))


@false("triangle.right")
def triangle_with_a_term_missing():
    return prove(NONE, le(sp.Abs(x + g(0)), sp.Abs(x)), Triangle())


@false("triangle.form")
def triangle_strict():
    return prove(NONE, lt(sp.Abs(x + g(0)), sp.Abs(x) + sp.Abs(g(0))), Triangle())


@false("triangle.right")
def triangle_of_a_sum_without_the_values():
    return prove(NONE, le(sp.Abs(S(g(k), (k, 0, n))), S(g(k), (k, 0, n))), Triangle())


@false("tangent.strict")
def tangent_strict_at_the_point_of_contact():
    return prove(NONE, lt(1 + x, sp.exp(x)), Tangent())


@false("tangent.line")
def tangent_with_a_larger_slope():
    return prove(NONE, le(1 + 2 * x, sp.exp(x)), Tangent())


@false("tangent.logarithm")
def logarithm_below_less():
    return prove(given(gt(x, 0)), le(sp.log(x), x - 1 - sp.Rational(1, 10**6)), Tangent())


@false("tangent.form")
def tangent_as_equality():
    return prove(given(ne(x, 0)), eq(1 + x, sp.exp(x)), Tangent())


@false("sign.structure")
def strict_sign_of_a_sum_that_may_be_empty():
    return prove(NONE, gt(S(k + 1, (k, 1, n)), 0), Sign())


@false.parametrize()
def test_rejected(falsehood: Falsehood) -> None:
    refused(falsehood)
