"""How far the second-order flow's moments lie behind what they average: O(h), where that moves at a bounded rate.

With F = 1 - alpha^(1 + t/h), F x - moment obeys the average's own equation, started at 0 and forced by (F - share) x'
alone; and 0 <= F - share <= 1.
"""

import sympy as sp

from adamtheory.flows.drift_steps import absolute, at_time
from adamtheory.flows.flow_error import gradient_drift, gradient_limit, until
from adamtheory.flows.second_order_curves import FIRST, MOVING, SECOND, SMOOTH, TIMES, WITHIN, M, V, fading_gradient, i
from adamtheory.notation import g, h, open_unit, t
from adamtheory.proof import (
    ThisLibrary,
    along,
    combination,
    differentiation,
    eq,
    ge,
    hypothesis,
    instance,
    le,
    polynomial,
    theorem,
)

SOURCE = ThisLibrary("second-order flow")
alpha, x = sp.symbols("alpha x", real=True)
a, b, c, d = sp.symbols("a b c d", real=True)


def average_of(moment):
    """What makes a moment's average, at a time t in [0, T]."""
    return [*open_unit(moment.alpha), *TIMES, SMOOTH, *moment.given(), ge(t, 0), le(t, until)]


def lag_behind(proof, of, side, size, slope, known):
    """side (F x - moment) <= h size/rate F, where |x'| <= size; ``slope(time)`` is x', ``known`` proves the bound."""
    shares = proof.cite("lag_share_in_unit_interval", {alpha: of.alpha})
    positive, small = (proof.have(part, hypothesis, using=[shares]) for part in shares.claim.parts[:2])
    proof = proof.knowing(positive, small)
    kept, part = of.alpha ** (x / h), of.fresh(x) - of.share
    behind = of.fresh(x) * of.x(x) - of.body(x)
    gap = (h * size / of.rate * of.fresh(x) - side * behind) / kept
    inside = proof.assume(le(0, x), le(x, t))
    lower = inside.have(le(0, part), combination((small, 1), plus=of.alpha * (1 - kept)))
    upper = inside.have(le(part, 1), combination((positive, 1), plus=of.alpha * kept))
    free = proof.forget(*proof.scope.hypotheses).assume(le(0, a), le(a, 1), le(sp.Abs(b), c))
    general, mapping = free.have(le(side * a * b, c), polynomial()), {a: part, b: slope(x), c: size}
    force = inside.knowing(lower, upper, known(inside, x))
    force = force.have(general.claim.subs(mapping), instance(general, mapping))
    rate = sp.Derivative(gap, x)
    change = of.rate / h * (of.alpha * kept * of.x(x) + behind) + part * slope(x)
    change -= (1 - of.share) * sp.Derivative(of.average(i, x), x)
    product = inside.have(eq(rate, (size - side * change) / kept), differentiation)
    equation = at_time(inside, of.equation(), x)
    weights = (product, -1), (force, 1 / kept), (equation, -side * (1 - of.share) / kept)
    rises = inside.have(le(0, rate), combination(*weights))
    ends = proof.have(le(gap.subs(x, 0), gap.subs(x, t)), along(rises, x, 0, t))
    meaning, start, share = proof.unfold(of.head(i, t)), proof.have(of.start(), hypothesis), of.alpha ** (t / h)
    least = nonnegative(proof, known(proof, t), slope(t), size)
    weights = (ends, share), (start, -side * share * (1 - of.share)), (meaning, -side)
    weights += ((least, share * h * (1 - of.alpha) / of.rate),)
    behind_now = of.fresh(t) * of.x(t) - of.head(i, t)
    return proof.have(le(side * behind_now, h * size / of.rate * of.fresh(t)), combination(*weights))


def nonnegative(proof, bound, value, size):
    """0 <= size from |value| <= size."""
    free = proof.forget(*proof.scope.hypotheses).assume(le(sp.Abs(a), b))
    general = free.have(le(0, b), polynomial())
    return proof.knowing(bound).have(le(0, size), instance(general, {a: value, b: size}))


def velocity(time):
    return sp.Derivative(g(i, time), time)


@theorem(
    source=SOURCE,
    where=[FIRST.definition()],
    given=[*average_of(FIRST), MOVING],
    sample=fading_gradient(FIRST),
    claim=le(sp.Abs(FIRST.fresh(t) * g(i, t) - M(i, t)), h * gradient_drift / FIRST.rate * FIRST.fresh(t)),
    runs=False,
)
def flow_first_moment_lag(proof):
    """M follows (1 - gamma^(1 + t/h)) g up to h D/(-ln gamma) times that factor, where |g'| <= D"""

    def known(scope, time):
        return at_time(scope, MOVING, time)

    sides = [lag_behind(proof, FIRST, side, gradient_drift, velocity, known) for side in (1, -1)]
    claim = proof.statement.claim
    return proof.conclude(absolute(proof, claim.lhs.args[0], claim.rhs, sides))


@theorem(
    source=SOURCE,
    where=[SECOND.definition()],
    given=[*average_of(SECOND), WITHIN, MOVING],
    sample=fading_gradient(SECOND),
    claim=le(
        sp.Abs(SECOND.fresh(t) * g(i, t) ** 2 - V(i, t)),
        2 * h * gradient_limit * gradient_drift / SECOND.rate * SECOND.fresh(t),
    ),
    runs=False,
)
def flow_second_moment_lag(proof):
    """V follows (1 - beta^(1 + t/h)) g^2 up to 2 h B D/(-ln beta) times that factor, where |g| <= B and |g'| <= D"""
    free = proof.forget(*proof.scope.hypotheses).assume(le(sp.Abs(a), b), le(sp.Abs(c), d))
    general = free.have(le(sp.Abs(2 * a * c), 2 * b * d), polynomial())

    def slope(time):
        return 2 * g(i, time) * velocity(time)

    def known(scope, time):
        mapping = {a: g(i, time), b: gradient_limit, c: velocity(time), d: gradient_drift}
        facts = (at_time(scope, WITHIN, time), at_time(scope, MOVING, time))
        return scope.knowing(*facts).have(general.claim.subs(mapping), instance(general, mapping))

    size = 2 * gradient_limit * gradient_drift
    sides = [lag_behind(proof, SECOND, side, size, slope, known) for side in (1, -1)]
    claim = proof.statement.claim
    return proof.conclude(absolute(proof, claim.lhs.args[0], claim.rhs, sides))
