"""False statements about equalities and inequalities: normal forms, signs, combinations, squares, chains."""

import sympy as sp
from falsehoods import Falsehood, Family, f, fact, given, i, refused, s, step, w, x, y, z

from adamtheory.notation import beta, g, gamma, k, n, open_unit
from adamtheory.proof.kernel import Scope, prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.order import Antisymmetry, Combination, Polynomial, Sign, Squares, Transitivity, Weaken
from adamtheory.propositions import All, eq, ge, gt, le, lt, ne

false = Family()
ONE = sp.Integer(1)
m = sp.Symbol("m", integer=True, nonnegative=True)
NONE = given()
twin = sp.Symbol("n", real=True)
EQUALITIES = {
    "square_of_a_sum": (eq((x + y) ** 2, x**2 + y**2),),
    "off_by_a_millionth": (eq(sp.Rational(10**6 + 1, 10**6) * x, x),),
    "root_of_a_square": (eq(sp.sqrt(x**2), x),),
    "root_of_a_square_on_the_wrong_side": (eq(sp.sqrt(x**2), x), lt(x, 0)),
    "absolute_value": (eq(sp.Abs(x), x), le(x, 0)),
    "absolute_value_of_a_sum": (eq(sp.Abs(x + y), sp.Abs(x) + sp.Abs(y)),),
    "root_of_a_sum": (eq(sp.sqrt(x + y), sp.sqrt(x) + sp.sqrt(y)), gt(x, 0), gt(y, 0)),
    "exponents_multiplied": (eq(sp.exp(x) * sp.exp(y), sp.exp(x * y)),),
    "exponents_squared": (eq(sp.exp(x) ** 2, sp.exp(x**2)),),
    "exponent_halved": (eq(sp.exp(x / 2), sp.exp(x) / 2),),
    "power_shifted": (eq(x ** (n + 1), x**n), gt(x, 0)),
    "power_halved": (eq(x ** (n / 2), x**n), gt(x, 0)),
    "same_name_other_symbol": (eq(n, twin),),
    "power_of_another_base": (eq((2 * x) ** n, 2 * x**n),),
    "power_of_a_power": (eq((x**n) ** n, x ** (2 * n)), gt(x, 0)),
    "sum_one_term_more": (eq(sp.Sum(g(k), (k, 0, n)), sp.Sum(g(k), (k, 0, n - 1))),),
    "sum_shifted_wrongly": (eq(sp.Sum(g(k + 1), (k, 0, n)), sp.Sum(g(k), (k, 0, n)) + g(n + 1)),),
    "sum_reversed_wrongly": (eq(sp.Sum(g(n - k), (k, 0, n)), sp.Sum(g(k), (k, 1, n)) + g(1)), gt(n, 0)),
    "sum_of_a_product": (eq(sp.Sum(g(k) * f(k), (k, 0, n)), sp.Sum(g(k), (k, 0, n)) * sp.Sum(f(k), (k, 0, n))),),
    "count_off_by_one": (eq(sp.Sum(x, (k, 0, n)), n * x),),
    "index_captured_by_the_normal_form": (
        eq(
            sp.Sum(g(k) * x ** (k * sp.Symbol("__index0", integer=True)), (k, 0, n)),
            sp.Sum(g(k) * x ** (k * k), (k, 0, n)),
        ),
        gt(x, 0),
    ),
    "bound_index_taken_for_the_free_one": (eq(sp.Sum(n * g(n), (n, 0, n)), n * sp.Sum(g(k), (k, 0, n))),),
    "nested_sums_with_one_name": (
        eq(sp.Sum(g(k) * sp.Sum(f(k), (k, 0, k)), (k, 0, n)), sp.Sum(g(k), (k, 0, n)) * sp.Sum(f(k), (k, 0, n))),
    ),
    "integral_of_a_product": (eq(sp.Integral(s * s, (s, 0, 1)), sp.Integral(s, (s, 0, 1)) ** 2),),
    "integral_limits": (eq(sp.Integral(s, (s, 0, 1)), sp.Integral(s, (s, 0, 2))),),
    "logarithm_of_a_sum": (eq(sp.log(x + y), sp.log(x) + sp.log(y)), gt(x, 0), gt(y, 0)),
    "maximum": (eq(sp.Max(x, y), x),),
    "logarithm_of_a_square": (eq(sp.log(x**2), sp.log(-x)), lt(x, -1)),
    "hyperbolic": (eq(sp.cosh(x) ** 2 + sp.sinh(x) ** 2, 1),),
    "half_integer_shift": (eq(sp.Sum(g(k + sp.Rational(1, 2)), (k, 0, 1)), g(0) + g(1)),),
}
false.each(
    [(name, lambda c=claim, h=hyps: prove(given(*h), c, Algebra())) for name, (claim, *hyps) in EQUALITIES.items()],
    "algebra.normal_form",
)

RELATIONS = {
    "thin_set": (gt((x - y) ** 2, 0),),
    "square_positive": (gt(x**2, 0),),
    "wrong_sign": (lt(x**2 + 1, 0),),
    "difference": (ge(1 - x, 0),),
    "power_strict_at_zero_exponent": (lt(gamma**n, 1), *open_unit(gamma)),
    "power_of_zero": (gt(x**n, 0), ge(x, 0)),
    "zero_to_the_zero": (eq(x**n, 0), eq(x, 0)),
    "tight_in_the_middle": (gt(x**2 - x + sp.Rational(1, 4), 0),),
    "off_by_a_millionth": (ge(x**2 - x + sp.Rational(1, 4), sp.Rational(1, 10**6)),),
    "negative_base": (gt(x**3, 0),),
    "odd_power_of_unknown_sign": (ge(x ** (2 * n + 1), 0),),
    "empty_sum": (gt(sp.Sum(g(k) ** 2 + 1, (k, 1, n)), 0),),
    "integral_of_a_square": (gt(sp.Integral(s**2, (s, 0, x)), 0), ge(x, 0)),
    "sum_of_unknown_terms": (ge(sp.Sum(g(k), (k, 0, n)), 0),),
    "fact_about_a_free_index_used_inside": (ge(sp.Sum(g(k), (k, 0, n)), 0), ge(g(k), 0)),
    "logarithm": (gt(sp.log(x), 0), gt(x, 0)),
    "minimum": (gt(sp.Min(x, y), 0), gt(x, 0)),
    "maximum": (lt(sp.Max(x, y), 0), lt(x, 0)),
    "integers_differ_by_two": (ge(n, m + 2), gt(n, m)),
    "reals_differ_by_one": (ge(x, y + 1), gt(x, y)),
    "dropped_denominator": (gt(x, y), gt(x / z, y / z), ne(z, 0)),
    "reciprocals": (lt(1 / x, 1 / y), lt(y, x), ne(x, 0), ne(y, 0)),
    "root_monotone_beyond": (gt(sp.sqrt(x), x), gt(x, 0)),
    "half_integer": (ne(2 * x, 1), ge(n, 0)),
    "unit_product": (lt(x * y, 1), gt(x, 0), lt(x, 1), gt(y, 0)),
    "above_one_with_negative_power": (gt(x**i, 1), gt(x, 1)),
    "exponential_below_one": (lt(sp.exp(-x), 1), ge(x, 0)),
    "sum_backwards": (ge(sp.Sum(1, (k, 0, n)) - 2, 0),),
}
for label, rule in (("sign", Sign()), ("polynomial", Polynomial())):
    guard = "sign.structure" if label == "sign" else "polynomial.unsatisfiable"
    false.each(
        [
            (f"{label}_{name}", lambda c=claim, h=hyps, r=rule: prove(given(*h), c, r))
            for name, (claim, *hyps) in RELATIONS.items()
        ],
        guard,
    )


# -- rewriting --------------------------------------------------------------------------------------------------------
@false("algebra.rewrite_fact")
def rewriting_with_an_inequality():
    scope = given(le(x, 0))
    return step(scope, eq(x, 0), Algebra((known := fact(scope, le(x, 0)),)), known)


@false("algebra.rewrite_scope")
def rewriting_with_a_fact_of_another_scope():
    return prove(NONE, eq(x, 0), Algebra((fact(given(eq(x, 0)), eq(x, 0)),)))


@false("algebra.rewrite_derivative")
def rewriting_a_value_inside_a_derivative():
    from adamtheory.propositions import Regular

    scope = given(eq(f(x), 0), Regular(f, 1, x, x))
    return step(scope, eq(sp.Derivative(f(x), x), 0), Algebra((known := fact(scope, eq(f(x), 0)),)), known)


@false("algebra.rewrite_derivative")
def rewriting_a_parameter_by_the_variable_of_a_derivative():
    from adamtheory.propositions import Regular

    scope = given(eq(y, x), Regular(f, 1, x, x))
    claim = eq(sp.Derivative(y * f(x), x), sp.Derivative(x * f(x), x))
    return step(scope, claim, Algebra((known := fact(scope, eq(y, x)),)), known)


@false("algebra.normal_form")
def rewriting_under_a_sum_over_the_same_index():
    scope = given(eq(g(n), 0))
    return step(scope, eq(sp.Sum(g(n), (n, 0, 3)), 0), Algebra((known := fact(scope, eq(g(n), 0)),)), known)


@false("algebra.form")
def equality_read_as_strict():
    return prove(NONE, lt(x, x), Algebra())


@false("algebra.form")
def equality_read_as_difference():
    return prove(NONE, ne(x, x), Algebra())


# -- exhibited forms --------------------------------------------------------------------------------------------------
@false("sign.equals_difference")
def sign_of_another_form():
    return prove(NONE, ge(x, 0), Sign(y**2))


@false("combination.weight")
def combination_with_a_negative_weight():
    scope = given(le(x, 0))
    return step(scope, ge(x, 0), Combination(((known := fact(scope, le(x, 0)), sp.Integer(-1)),)), known)


@false("combination.plus")
def combination_with_a_negative_rest():
    scope = given(le(x, 0))
    return step(scope, le(x, -1), Combination(((known := fact(scope, le(x, 0)), ONE),), sp.Integer(-1)), known)


@false("combination.strict")
def combination_strict_from_nothing_strict():
    scope = given(le(x, 0))
    return step(scope, lt(x, 0), Combination(((known := fact(scope, le(x, 0)), ONE),)), known)


@false("combination.strict")
def combination_strict_with_a_weight_that_may_vanish():
    scope = given(lt(x, y), ge(z, 0))
    return step(scope, lt(z * x, z * y), Combination(((known := fact(scope, lt(x, y)), z),)), known)


@false("combination.equality")
def combination_equality_from_an_inequality():
    scope = given(le(x, 0))
    return step(scope, eq(x, 0), Combination(((known := fact(scope, le(x, 0)), ONE),)), known)


@false("combination.rest")
def combination_equality_with_a_rest():
    return prove(NONE, eq(x, x + 1), Combination((), ONE))


@false("combination.identity")
def combination_of_something_else():
    scope = given(le(x, 0))
    return step(scope, le(y, 0), Combination(((known := fact(scope, le(x, 0)), ONE),)), known)


@false("combination.scope")
def combination_with_a_fact_of_another_scope():
    return prove(NONE, le(x, 0), Combination(((fact(given(le(x, 0)), le(x, 0)), ONE),)))


@false("combination.fact")
def combination_with_a_difference():
    scope = given(ne(x, 0))
    return step(scope, le(x, 0), Combination(((known := fact(scope, ne(x, 0)), -ONE),)), known)


@false("combination.form")
def combination_that_claims_a_difference():
    return prove(NONE, ne(x, x), Combination(()))


@false("defined.division")
def combination_with_an_undefined_weight():
    scope = given(eq(x, 0))
    known = fact(scope, eq(x, 0))
    return step(scope, eq(1, 0), Combination(((known, -1 / x),)), known)


# -- squares ----------------------------------------------------------------------------------------------------------
@false("squares.right_sign")
def squares_with_a_negative_right_side():
    scope = given(le(x**2, y**2))
    return step(scope, le(x, y), Squares(known := fact(scope, le(x**2, y**2))), known)


@false("squares.left_sign")
def equal_squares_with_a_negative_left_side():
    scope = given(eq(x**2, y**2), ge(y, 0))
    return step(scope, eq(x, y), Squares(known := fact(scope, eq(x**2, y**2))), known)


@false("squares.operator")
def squares_made_strict():
    scope = given(le(x**2, y**2), ge(y, 0))
    return step(scope, lt(x, y), Squares(known := fact(scope, le(x**2, y**2))), known)


@false("squares.left")
def squares_of_another_left_side():
    scope = given(le(x**2, y**2), ge(y, 0))
    return step(scope, le(z, y), Squares(known := fact(scope, le(x**2, y**2))), known)


@false("squares.right")
def squares_of_another_right_side():
    scope = given(le(x**2, y**2), ge(z, 0))
    return step(scope, le(x, z), Squares(known := fact(scope, le(x**2, y**2))), known)


@false("squares.scope")
def squares_from_another_scope():
    return prove(given(ge(y, 0)), le(x, y), Squares(fact(given(le(x**2, y**2)), le(x**2, y**2))))


@false("squares.fact")
def squares_that_differ():
    scope = given(ne(x**2, y**2), ge(y, 0))
    return step(scope, le(x, y), Squares(known := fact(scope, ne(x**2, y**2))), known)


@false("squares.form")
def equal_squares_read_as_difference():
    scope = given(eq(x**2, y**2), ge(y, 0), ge(x, 0))
    return step(scope, ne(x, y), Squares(known := fact(scope, eq(x**2, y**2))), known)


# -- chains, weakening ------------------------------------------------------------------------------------------------
CHAIN = given(le(x, y), le(y, z), lt(z, w(0)))


@false("chain.middle")
def chain_with_a_gap():
    apart = given(le(x, y), lt(z, w(0)))
    links = fact(apart, le(x, y)), fact(apart, lt(z, w(0)))
    return step(apart, lt(x, w(0)), Transitivity(links), *links)


@false("chain.operator")
def chain_made_strict():
    links = fact(CHAIN, le(x, y)), fact(CHAIN, le(y, z))
    return step(CHAIN, lt(x, z), Transitivity(links), *links)


@false("chain.operator")
def chain_made_equal():
    links = fact(CHAIN, le(x, y)), fact(CHAIN, le(y, z))
    return step(CHAIN, eq(x, z), Transitivity(links), *links)


@false("chain.end")
def chain_that_ends_elsewhere():
    links = (fact(CHAIN, le(x, y)),)
    return step(CHAIN, le(x, s), Transitivity(links), *links)


@false("chain.scope")
def chain_from_another_scope():
    return prove(NONE, le(x, y), Transitivity((fact(CHAIN, le(x, y)),)))


@false("chain.link")
def chain_of_differences():
    scope = given(ne(x, y), ne(y, z))
    links = fact(scope, ne(x, y)), fact(scope, ne(y, z))
    return step(scope, lt(x, z), Transitivity(links), *links)


@false("weaken.gives")
def strengthening():
    return step(CHAIN, lt(x, y), Weaken(known := fact(CHAIN, le(x, y))), known)


@false("weaken.gives")
def turning_around():
    return step(CHAIN, le(y, x), Weaken(known := fact(CHAIN, le(x, y))), known)


@false("weaken.scope")
def weakening_another_scope():
    return prove(NONE, le(x, y), Weaken(fact(CHAIN, le(x, y))))


@false("antisymmetry.facts")
def antisymmetry_from_one_side():
    known = fact(CHAIN, le(x, y))
    return step(CHAIN, eq(x, y), Antisymmetry(known, known), known)


@false("antisymmetry.scope")
def antisymmetry_from_another_scope():
    other = given(le(x, y), le(y, x))
    return prove(given(), eq(x, y), Antisymmetry(fact(other, le(x, y)), fact(other, le(y, x))))


@false("antisymmetry.form")
def antisymmetry_for_a_strict_claim():
    scope = given(le(x, y), le(y, x))
    both = fact(scope, le(x, y)), fact(scope, le(y, x))
    return step(scope, lt(x, y), Antisymmetry(*both), *both)


@false("scope.fact_hypotheses")
def a_fact_without_its_hypotheses():
    return step(Scope(), le(x, y), Algebra(), fact(CHAIN, le(x, y)))


@false("combination.weight")
def weight_of_a_conjunction_that_says_the_opposite():
    scope = given(All((le(x, 0), le(y, 0))))
    known = fact(scope, le(x, 0))
    return step(scope, ge(x * y, x), Combination(((known, y - 1),)), known)


@false.parametrize()
def test_rejected(falsehood: Falsehood) -> None:
    refused(falsehood)


def test_hidden_beta_is_not_assumed_below_one() -> None:
    import pytest

    from adamtheory.proof.kernel import Rejected

    with pytest.raises(Rejected):
        prove(given(gt(beta, 0)), gt(1 - beta, 0), Polynomial())
