"""The second-order flow's update in a phase of drift: the sign of the gradient, corrected by the lags of both moments.

sigma U = 1 - (relative lag of M) + (relative lag of V)/2 + O(h^2).  ``update_expansion`` says so of quotients, hence of
a discrete run as well.
"""

import sympy as sp

from adamtheory.flows.drift_steps import at_time, positive_moment, with_positive
from adamtheory.flows.flow_error import (
    expansion_constant,
    gradient_drift,
    gradient_floor,
    gradient_limit,
    until,
    update_constant,
)
from adamtheory.flows.second_order_curves import (
    AVERAGES,
    DEFINITIONS,
    DRIFT_PHASE,
    FIRST,
    KEEPS_SIGN,
    SECOND,
    TIMES,
    M,
    U,
    V,
    during,
    i,
    sigma,
    steady_flow,
)
from adamtheory.notation import g, h, open_square, t, tau
from adamtheory.proof import (
    All,
    ThisLibrary,
    combination,
    conjunction,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    polynomial,
    squares,
    theorem,
)

SOURCE = ThisLibrary("second-order flow")
a, b, c, d, p, q, s = sp.symbols("a b c d p q s", real=True)
first, second, least = sp.symbols("l_1 l_2 q_0", real=True)
CRUDE = (b - p) / s - 1
FINE = CRUDE + p / b - (b**2 - s**2) / (2 * b**2)


@theorem(
    source=SOURCE,
    given=[gt(least, 0), le(least, b), le(least, s), le(sp.Abs(p), first), le(sp.Abs(b**2 - s**2), second)],
    claim=All(
        (
            le(sp.Abs(CRUDE), first / least + second / (2 * least**2)),
            le(sp.Abs(FINE), second**2 / (2 * least**4) + first * second / (2 * least**3)),
        )
    ),
)
def update_expansion(proof):
    """A quotient (b - p)/s near 1 is 1 - p/b + (b^2 - s^2)/(2 b^2) up to the products of p and b^2 - s^2

    Adam's update is one, with b = |g| and s the root of the corrected second moment."""
    free = proof.forget(*proof.scope.hypotheses)
    quotient = free.assume(gt(c, 0), le(c, d), le(sp.Abs(a), b)).have(le(sp.Abs(a / d), b / c), polynomial())
    gap = b**2 - s**2

    def small(numerator, size, denominator, floor):
        """|numerator/denominator| <= size/floor."""
        known = proof.have(le(floor, denominator), polynomial())
        bound = proof.have(le(sp.Abs(numerator), size), polynomial())
        mapping = {a: numerator, b: size, d: denominator, c: floor}
        fact = proof.have(quotient.claim.subs(mapping), instance(quotient, mapping), using=[known, bound])
        return numerator / denominator, fact

    root = small(gap, second, s * (b + s), 2 * least**2)
    plain = small(p, first, s, least)
    square = small(gap**2, second**2, 2 * b**2 * s * (b + s) ** 2 / (2 * b + s), 2 * least**4)
    mixed = small(p * gap, first * second, s * b * (b + s), 2 * least**3)
    x, y, z = sp.symbols("x y z", real=True)
    triangle = free.assume(eq(z, x - y), le(sp.Abs(x), a), le(sp.Abs(y), b)).have(le(sp.Abs(z), a + b), polynomial())
    parts = []
    for claim, value, (one, other) in zip(
        proof.statement.claim.parts, (CRUDE, FINE), ((root, plain), (square, mixed)), strict=True
    ):
        mapping = {z: value, x: one[0], y: other[0], a: one[1].claim.rhs, b: other[1].claim.rhs}
        split = proof.have(eq(value, one[0] - other[0]))
        parts.append(proof.have(claim, instance(triangle, mapping), using=[split, one[1], other[1]]))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


NOW = (ge(t, 0), le(t, until))
GRADIENT = [*open_square, *TIMES, *AVERAGES, *DRIFT_PHASE, *NOW]
LEAST = gradient_floor**2


def with_floor(proof):
    """The scope with V >= r^2 (1 - beta^(1 + t/h)) at hand."""
    inside = proof.assume(le(0, tau), le(tau, until))
    x, y, z = sp.symbols("x y z", real=True)
    free = proof.forget(*proof.scope.hypotheses).assume(gt(x, 0), le(x, y * z), eq(y**2, 1))
    general = free.have(le(x**2, z**2), polynomial())
    mapping = {x: gradient_floor, y: sigma(i), z: g(i, tau)}
    here = inside.have(
        general.claim.subs(mapping), instance(general, mapping), using=[at_time(inside, KEEPS_SIGN, tau)]
    )
    proof = proof.knowing(proof.have(during(here.claim), for_all(here)))
    floor = proof.cite("flow_second_moment_at_least", {sp.Symbol("q", real=True): LEAST})
    return proof.knowing(floor, positive_moment(proof, floor, t))


def root_of(proof):
    """sqrt(V)/sqrt(1 - beta^(1 + t/h)) and that it is at least r."""
    root = sp.sqrt(V(i, t)) / sp.sqrt(SECOND.fresh(t))
    x, y, z = sp.symbols("x y z", real=True)
    free = proof.forget(*proof.scope.hypotheses).assume(gt(y, 0), le(x**2 * y, z))
    general = free.have(le(x**2, z / y), polynomial())
    mapping = {x: gradient_floor, y: SECOND.fresh(t), z: V(i, t)}
    square = proof.have(general.claim.subs(mapping), instance(general, mapping))
    return root, proof.have(le(gradient_floor, root), squares(square))


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=GRADIENT,
    sample=steady_flow(),
    claim=le(sp.Abs(U(i, t)), gradient_limit / gradient_floor),
    runs=False,
)
def flow_update_within(proof):
    """|U| <= B/r where r <= |g| <= B: the flow's update is bounded whatever the step"""
    proof = with_floor(proof)
    root, above = root_of(proof)
    moment = proof.cite("flow_first_moment_within")
    free = proof.forget(*proof.scope.hypotheses)
    meaning = proof.unfold(U(i, t))
    quotient = proof.have(eq(U(i, t), M(i, t) / (FIRST.fresh(t) * root)), combination((meaning, 1)))
    free = free.assume(le(sp.Abs(a), b * c), gt(c, 0), le(p, d), gt(p, 0), eq(q, a / (c * d)))
    general = free.have(le(sp.Abs(q), b / p), polynomial())
    mapping = {a: M(i, t), b: gradient_limit, c: FIRST.fresh(t), d: root, p: gradient_floor, q: U(i, t)}
    return proof.conclude(
        proof.have(proof.statement.claim, instance(general, mapping), using=[above, moment, quotient])
    )


SIGNED = sigma(i) * U(i, t) - 1
BEHIND = FIRST.fresh(t) * g(i, t) - M(i, t), SECOND.fresh(t) * g(i, t) ** 2 - V(i, t)
DELAYS = BEHIND[0] / (FIRST.fresh(t) * g(i, t)), BEHIND[1] / (SECOND.fresh(t) * g(i, t) ** 2)


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=GRADIENT,
    sample=steady_flow(),
    claim=All(
        (
            le(sp.Abs(SIGNED), update_constant() * h),
            le(sp.Abs(SIGNED + DELAYS[0] - DELAYS[1] / 2), expansion_constant() * h**2),
        )
    ),
    runs=False,
)
def flow_update_expansion(proof):
    """sigma U is 1 up to O(h), and 1 - (lag of M)/g + (lag of V)/(2 g^2) up to O(h^2), with explicit constants

    The lags are those of the bias-corrected moments: g - M/(1 - gamma^(1 + t/h)), and so for V."""
    proof = with_floor(with_positive(proof, t))
    root, above = root_of(proof)
    signs, here = proof.have(eq(sigma(i) ** 2, 1), hypothesis), at_time(proof, KEEPS_SIGN, t)
    lags = proof.cite("flow_first_moment_lag"), proof.cite("flow_second_moment_lag")
    sizes = h * gradient_drift / FIRST.rate, 2 * h * gradient_limit * gradient_drift / SECOND.rate
    size, delay = sigma(i) * g(i, t), sigma(i) * BEHIND[0] / FIRST.fresh(t)
    free = proof.forget(*proof.scope.hypotheses)
    relative = free.assume(le(sp.Abs(a), b * c), gt(c, 0), eq(s**2, 1)).have(le(sp.Abs(s * a / c), b), polynomial())
    mapping = {a: BEHIND[0], b: sizes[0], c: FIRST.fresh(t), s: sigma(i)}
    first_small = proof.have(le(sp.Abs(delay), sizes[0]), instance(relative, mapping), using=[lags[0], signs])
    assumed = le(sp.Abs(a), b * c), gt(c, 0), eq(q, a / c)
    relative = free.assume(*assumed).have(le(sp.Abs(q), b), polynomial())
    gap = proof.have(eq(size**2 - root**2, BEHIND[1] / SECOND.fresh(t)), combination((signs, g(i, t) ** 2)))
    mapping = {a: BEHIND[1], b: sizes[1], c: SECOND.fresh(t), q: gap.claim.lhs}
    second_small = proof.have(le(sp.Abs(gap.claim.lhs), sizes[1]), instance(relative, mapping), using=[lags[1], gap])
    facts = proof.knowing(above, here, first_small, second_small)
    terms = {b: size, s: root, p: delay, least: gradient_floor, first: sizes[0], second: sizes[1]}
    both = facts.cite("update_expansion", terms)
    meaning = proof.unfold(U(i, t))
    values = SIGNED, SIGNED + DELAYS[0] - DELAYS[1] / 2
    renamed = free.assume(eq(b, a), eq(d, c), le(sp.Abs(a), c)).have(le(sp.Abs(b), d), polynomial())
    parts = []
    unsigned = V(i, t) / (2 * SECOND.fresh(t) * size**2)  # 1/b^2 is 1/g^2
    forms = (CRUDE, 0), (FINE, unsigned)
    for claim, value, found, (form, weight) in zip(
        proof.statement.claim.parts, values, both.claim.parts, forms, strict=True
    ):
        known, inner = facts.have(found, hypothesis, using=[both]), form.xreplace(terms)
        same = facts.have(eq(value, inner), combination((meaning, sigma(i)), (signs, weight)))
        mapping = {b: value, a: inner, c: found.rhs, d: claim.rhs}
        equal = facts.have(eq(claim.rhs, found.rhs))
        parts.append(facts.have(claim, instance(renamed, mapping), using=[same, known, equal]))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))
