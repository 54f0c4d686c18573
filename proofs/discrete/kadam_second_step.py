"""2-Adam's second step in full: the largest update, and when it is strictly below the second level's own worst case.

The first level hands on u_0 = +-1 and any u_1 up to its own worst case Y.  The second level would like
u_1 = beta_2/gamma_2; where Y is smaller, the bound of Theorem 3 and of its exact form cannot be reached at n = 1.
"""

import sympy as sp

from adamtheory.bounds.adam import worst_case, worst_case_squared
from adamtheory.bounds.kadam import (
    at_level,
    definitions,
    level_symbols,
    moments,
    update,
)
from adamtheory.notation import (
    beta,
    bias_correction,
    g,
    gamma,
    open_square,
    open_unit,
    u,
)
from adamtheory.proof import (
    All,
    ThisLibrary,
    algebra,
    combination,
    conjunction,
    eq,
    ge,
    gt,
    hypothesis,
    le,
    lt,
    ne,
    polynomial,
    sign,
    squares,
    theorem,
)

(beta1, gamma1), (beta2, gamma2) = level_symbols(1), level_symbols(2)
(m1, v1), (m2, v2), u1 = moments(1), moments(2), update(1, 2)
ZERO, ONE, TWO = sp.Integer(0), sp.Integer(1), sp.Integer(2)
reach = sp.Symbol("Y", real=True)  # the first level's worst case at n = 1
LARGEST = (1 + beta2) * (gamma2 + reach) ** 2 / ((1 + gamma2) ** 2 * (beta2 + reach**2))
OPEN = open_unit(beta1, gamma1, beta2, gamma2)
REACH = eq(reach, at_level(worst_case(TWO), 1))
GIVEN = [*OPEN, ne(g(0), 0), REACH, lt(gamma2 * reach, beta2)]
SAMPLE = {reach: REACH.rhs}


def two_terms(proof, at):
    """The moments of a level after two steps, in what it has seen."""
    values = []
    for f in moments(at):
        lines = [proof.unfold(f(i)) for i in (ONE, ZERO, sp.Integer(-1))]
        rate = level_symbols(at)[1 if f == moments(at)[0] else 0]
        seen = (update(at - 1, 2)(i) for i in (ZERO, ONE))
        power = 1 if f == moments(at)[0] else 2
        first, second = (y**power for y in seen)
        values.append(proof.have(eq(f(1), (1 - rate) * (rate * first + second)), algebra(*lines)))
    return values


@theorem(
    source=ThisLibrary("discrete theory"),
    where=definitions(2),
    given=[*OPEN, ne(g(0), 0)],
    claim=All((eq(u1(0) ** 2, 1), le(u1(1) ** 2, at_level(worst_case_squared(TWO), 1)))),
    runs=False,
)
def first_level_after_two_gradients(proof):
    """The first level starts with a sign, and its second update is at most U_1."""
    mean, square = two_terms(proof, 1)
    lines = proof.unfold(m1(ZERO)), proof.unfold(v1(ZERO)), proof.unfold(m1(-ONE)), proof.unfold(v1(-ONE))
    start = proof.have(eq(v1(0), (1 - beta1) * g(0) ** 2), algebra(*lines))
    proof = proof.knowing(
        proof.have(gt(v1(0), 0), sign(start.claim.rhs, start)), proof.have(gt(v1(1), 0), sign(square.claim.rhs, square))
    )
    first = proof.have(eq(u1(0) ** 2, 1), algebra(proof.unfold(u1(ZERO)), lines[0], start, lines[2]))
    scale = at_level(bias_correction(TWO), 1) ** 2
    second = proof.have(eq(u1(1) ** 2, scale * m1(1) ** 2 / v1(1)), algebra(proof.unfold(u1(ONE))))
    inside = proof.have(eq(u1(1) ** 2, scale * mean.claim.rhs**2 / square.claim.rhs), algebra(second, mean, square))
    misfit = (gamma1 * g(1) - beta1 * g(0)) ** 2 / beta1
    rest = scale * (1 - gamma1) ** 2 * misfit / square.claim.rhs
    bound = proof.have(proof.statement.claim.parts[1], combination((inside, 1), plus=rest))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(first, bound)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=definitions(2),
    given=GIVEN,
    sample=SAMPLE,
    claim=All((le(u(1) ** 2, LARGEST), lt(LARGEST, at_level(worst_case_squared(TWO), 2)))),
    runs=False,
)
def two_adam_second_step_is_not_tight(proof):
    """Where beta_2/gamma_2 exceeds the first level's worst case Y, 2-Adam stays strictly below U_1 at n = 1.

    So Theorem 3 and its exact form are not tight for k = 2 there, as with betas 0.999 and gammas 0.9 at both levels."""
    below = proof.cite("first_level_after_two_gradients")
    one, small = (proof.have(part, hypothesis, using=[below]) for part in below.claim.parts)
    meaning = proof.have(REACH, hypothesis)
    squared = proof.have(eq(reach**2, at_level(worst_case_squared(TWO), 1)), algebra(meaning))
    proof = proof.knowing(proof.have(gt(reach, 0), sign(REACH.rhs, meaning)))
    within = proof.have(le(u1(1) ** 2, reach**2), combination((small, 1), (squared, -1)))
    mean, square = two_terms(proof, 2)
    t = u1(0) * u1(1)  # the second update, seen from the sign of the first
    turned = proof.have(eq(t**2, u1(1) ** 2), combination((one, u1(1) ** 2)))
    bounded = proof.have(le(t**2, reach**2), combination((turned, 1), (within, 1)))
    high, low = (proof.have(le(s * t, reach), squares(bounded)) for s in (1, -1))
    known = proof.have(
        eq(v2(1), (1 - beta2) * (beta2 + u1(1) ** 2)), combination((square, 1), (one, (1 - beta2) * beta2))
    )
    proof = proof.knowing(proof.have(gt(v2(1), 0), sign(known.claim.rhs, known)))
    scale = at_level(bias_correction(TWO), 2) ** 2
    line = proof.have(eq(u(1) ** 2, scale * m2(1) ** 2 / v2(1)), algebra(proof.unfold(u(ONE))))
    inside = proof.have(eq(u(1) ** 2, scale * mean.claim.rhs**2 / known.claim.rhs), algebra(line, mean, known))
    front = (1 + beta2) / (1 + gamma2) ** 2
    base = front / (beta2 + u1(1) ** 2)
    back = proof.have(
        eq(u(1) ** 2, base * (gamma2 + t) ** 2), combination((inside, 1), (one, base * gamma2**2), (turned, -base))
    )
    room = proof.have(lt(gamma2 * reach, beta2), hypothesis)
    more, less = reach + t, reach - t
    gap = more / reach * (beta2 - gamma2 * reach) * (gamma2 + reach) + less / reach * gamma2 * (beta2 + reach**2)
    share = base / (beta2 + reach**2)
    signs = [proof.have(ge(more, 0), combination((low, 1))), proof.have(ge(less, 0), combination((high, 1)))]
    proof = proof.knowing(*signs, room)
    bound = proof.have(
        le(u(1) ** 2, LARGEST), combination((back, 1), (turned, share * (gamma2 + reach) ** 2), plus=share * less * gap)
    )
    form = front * (beta2 - gamma2 * reach) ** 2 / (beta2 * (beta2 + reach**2))
    strict = proof.have(proof.statement.claim.parts[1], sign(form))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(bound, strict)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[eq(beta, 0.999), eq(gamma, 0.9)],
    claim=lt(gamma * worst_case(TWO), beta),
)
def second_step_is_not_tight_at_defaults(proof):
    """At beta = 0.999, gamma = 0.9 the first level's worst case at n = 1 is below beta/gamma."""
    proof = proof.knowing(*(proof.have(p, polynomial()) for p in open_square))
    form = gamma**2 * (1 + beta) * (beta + gamma**2) / (beta * (1 + gamma) ** 2)
    value = proof.have(eq((gamma * worst_case(TWO)) ** 2, form), algebra())
    small = proof.have(lt(form, beta**2), polynomial())
    squared = proof.have(lt((gamma * worst_case(TWO)) ** 2, beta**2), combination((value, 1), (small, 1)))
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))
