"""The second-order flow's moments stay between the bounds of what they average, at every time and for every gradient.

They are means with positive weights.  So the second moment can never be negative, and needs no guard.
"""

import sympy as sp

from adamtheory.flows.drift_steps import absolute, at_time, one_side
from adamtheory.flows.flow_error import gradient_limit, until
from adamtheory.flows.second_order_adam import average_start, lag_share
from adamtheory.flows.second_order_curves import (
    FIRST,
    SECOND,
    SMOOTH,
    TIMES,
    WITHIN,
    M,
    V,
    during,
    fading_gradient,
    i,
)
from adamtheory.notation import g, h, open_unit, t, tau
from adamtheory.proof import (
    All,
    ThisLibrary,
    along,
    combination,
    conjunction,
    differentiation,
    eq,
    for_all,
    ge,
    hypothesis,
    le,
    lt,
    sign,
    tangent,
    theorem,
)

SOURCE = ThisLibrary("second-order flow")
alpha, x = sp.symbols("alpha x", real=True)
a, b = sp.symbols("a b", real=True)
SHARE, START = lag_share(alpha), average_start(alpha)


def average_of(moment):
    """What makes a moment's average, at a time t in [0, T]."""
    return [*open_unit(moment.alpha), *TIMES, SMOOTH, *moment.given(), ge(t, 0), le(t, until)]


@theorem(
    source=SOURCE,
    given=open_unit(alpha),
    claim=All((lt(0, SHARE), lt(SHARE, 1 - alpha), lt(0, START), lt(START, 1))),
)
def lag_share_in_unit_interval(proof):
    """0 < share < 1 - alpha and 0 < start < 1: the moments of the second-order flow are means with positive weights"""
    line = proof.have(lt(sp.log(alpha), alpha - 1), tangent)
    inverse = proof.have(lt(sp.log(1 / alpha), 1 / alpha - 1), tangent)
    rules = (
        combination((inverse, alpha / (1 - alpha))),
        combination((line, alpha / (1 - alpha))),
        combination((line, -1 / sp.log(alpha))),
        sign((1 - alpha) / -sp.log(alpha)),
    )
    parts = [proof.have(part, rule) for part, rule in zip(proof.statement.claim.parts, rules, strict=True)]
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


def weights_of(proof, of):
    """The scope with 0 < share < 1 - alpha at hand."""
    facts = proof.cite("lag_share_in_unit_interval", {alpha: of.alpha})
    return proof.knowing(*(proof.have(part, hypothesis, using=[facts]) for part in facts.claim.parts[:2]))


def stays_below(proof, of, side, level, known):
    """side moment <= level (1 - alpha^(1 + t/h)), where side x <= level; ``known`` proves that at a time."""
    proof = weights_of(proof, of)
    kept = of.alpha ** (x / h)
    gap = (level * (1 - (1 - of.alpha) / of.rate * kept) - side * of.average(i, x)) / kept
    inside = proof.assume(le(0, x), le(x, t))
    equation, here = at_time(inside, of.equation(), x), known(inside, x)
    slope = sp.Derivative(gap, x)
    written = (of.rate / h * (level - side * of.average(i, x)) - side * sp.Derivative(of.average(i, x), x)) / kept
    product = inside.have(eq(slope, written), differentiation)
    weights = (product, -1), (equation, side / kept), (here, of.rate / h / kept)
    rises = inside.have(le(0, slope), combination(*weights))
    ends = proof.have(le(gap.subs(x, 0), gap.subs(x, t)), along(rises, x, 0, t))
    first = (known(proof, sp.Integer(0)), average_start(of.alpha)), (proof.have(of.start(), hypothesis), side)
    meaning, share = proof.unfold(of.head(i, t)), (1 - of.share) * of.alpha ** (t / h)
    weights = (meaning, side), (known(proof, t), of.share), (ends, share), *((f, c * share) for f, c in first)
    return proof.have(le(side * of.head(i, t), level * of.fresh(t)), combination(*weights))


@theorem(
    source=SOURCE,
    where=[FIRST.definition()],
    given=[*average_of(FIRST), WITHIN],
    sample=fading_gradient(FIRST),
    claim=le(sp.Abs(M(i, t)), gradient_limit * FIRST.fresh(t)),
    runs=False,
)
def flow_first_moment_within(proof):
    """|M| <= B (1 - gamma^(1 + t/h)) where |g| <= B: the flow's first moment never overshoots"""

    def known(side):
        def prove(scope, time):
            return one_side(scope, at_time(scope, WITHIN, time), g(i, time), side)

        return prove

    sides = [stays_below(proof, FIRST, side, gradient_limit, known(side)) for side in (1, -1)]
    return proof.conclude(absolute(proof, M(i, t), gradient_limit * FIRST.fresh(t), sides))


least = sp.Symbol("q", real=True)
ABOVE = during(le(least, g(i, tau) ** 2))


@theorem(
    source=SOURCE,
    where=[SECOND.definition()],
    given=[*average_of(SECOND), ABOVE],
    sample=fading_gradient(SECOND) | {least: sp.Integer(4)},
    claim=le(least * SECOND.fresh(t), V(i, t)),
    runs=False,
)
def flow_second_moment_at_least(proof):
    """V >= q (1 - beta^(1 + t/h)) where g^2 >= q: the flow's second moment never undershoots"""

    def known(scope, time):
        return scope.have(le(-(g(i, time) ** 2), -least), combination((at_time(scope, ABOVE, time), 1)))

    beneath = stays_below(proof, SECOND, -1, -least, known)
    return proof.conclude(proof.have(proof.statement.claim, combination((beneath, 1))))


@theorem(
    source=SOURCE,
    where=[SECOND.definition()],
    given=average_of(SECOND),
    sample=fading_gradient(SECOND),
    claim=ge(V(i, t), 0),
    runs=False,
)
def lag_corrected_second_moment_nonnegative(proof):
    """V >= 0 however the gradient moves: the flow's second moment needs no guard"""
    inside = proof.assume(le(0, tau), le(tau, until))
    square = inside.have(le(0, g(i, tau) ** 2), sign())
    proof = proof.knowing(proof.have(during(square.claim), for_all(square)))
    bound = proof.cite("flow_second_moment_at_least", {least: 0})
    return proof.conclude(proof.have(proof.statement.claim, combination((bound, 1))))
