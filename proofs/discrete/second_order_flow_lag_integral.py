"""What the lags of the second-order flow's moments add up to over time: logarithms of the gradient.

An average's lag is its delay times the rate of what it averages, minus what its own motion has absorbed: the integral
of the relative lag is delay h ln|g|, up to an initial layer and its present value, both O(h^2).
"""

import sympy as sp

from adamtheory.flows.drift_steps import at_time, free_fact, with_positive
from adamtheory.flows.flow_error import (
    first_lag,
    gradient_floor,
    second_lag,
    until,
)
from adamtheory.flows.second_order_adam import discrete_delay
from adamtheory.flows.second_order_curves import (
    AVERAGES,
    DEFINITIONS,
    DRIFT_PHASE,
    FIRST,
    MOVING,
    SECOND,
    TIMES,
    WITHIN,
    i,
    sigma,
    steady_flow,
)
from adamtheory.notation import g, h, open_square, t
from adamtheory.proof import (
    All,
    ThisLibrary,
    combination,
    conjunction,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    lt,
    sign,
    theorem,
)

SOURCE = ThisLibrary("second-order flow")
a, b, c, d, s, x, z = sp.symbols("a b c d s x z", real=True)
p, q = sp.symbols("p q", real=True)
NOW = (ge(t, 0), le(t, until))
GRADIENT = [*open_square, *TIMES, *AVERAGES, *DRIFT_PHASE, *NOW]


def turn_of(of):
    """h/rate x'/x at t."""
    return h / of.rate * sp.diff(of.x(t), t) / of.x(t)


FLOOR = gt(p, 0), le(p, s * x), eq(s**2, 1)
RANGES = (
    (FIRST, first_lag(), sigma(i), gradient_floor),
    (SECOND, second_lag(), sp.Integer(1), gradient_floor**2),
)


def with_floor(proof):
    """The scope with g^2 >= r^2 at hand."""
    signs = proof.have(eq(sigma(i) ** 2, 1), hypothesis)
    general = free_fact(proof, le(p**2, x**2), *FLOOR)
    values = {p: gradient_floor, s: sigma(i), x: g(i, t)}
    return proof.knowing(signs, proof.have(general.claim.subs(values), instance(general, values), using=[signs]))


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=GRADIENT,
    sample=steady_flow(),
    claim=All(
        (
            le(sp.Abs(FIRST.relative_lag(t)), h * first_lag()),
            le(sp.Abs(SECOND.relative_lag(t)), h * second_lag()),
        )
    ),
    runs=False,
)
def flow_relative_lags(proof):
    """The bias-corrected moments of the flow lie behind g and g^2 by O(h) relative to them, with explicit constants"""
    proof = with_floor(with_positive(proof, t))
    parts = []
    for of, lag, unit, least in RANGES:
        behind = proof.cite(f"flow_{'first' if of is FIRST else 'second'}_moment_lag")
        assumed = le(sp.Abs(a), b * z), gt(z, 0), *FLOOR, eq(q, a / (z * x)), eq(c, b / p)
        general = free_fact(proof, le(sp.Abs(q), c), *assumed)
        values = {p: least, s: unit, x: of.x(t), c: h * lag, z: of.fresh(t), q: of.relative_lag(t)}
        values |= {a: of.fresh(t) * of.x(t) - of.head(i, t), b: h * lag * least}
        parts.append(proof.have(general.claim.subs(values), instance(general, values), using=[behind]))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


def is_absorbed(proof, of, lag, moving):
    """|relative lag - d/dt absorbed| <= layer; ``moving`` says |h/rate x'/x| <= h lag."""
    shares = proof.cite("lag_share_in_unit_interval", {sp.Symbol("alpha", real=True): of.alpha})
    proof = proof.knowing(*(proof.have(part, hypothesis, using=[shares]) for part in shares.claim.parts[:2]))
    lags = proof.cite("flow_relative_lags")
    delay_small = proof.have(lags.claim.parts[0 if of is FIRST else 1], hypothesis, using=[lags])
    fresh, x_now, x_rate = of.fresh(t), of.x(t), sp.diff(of.x(t), t)
    delay, turn, gone = of.relative_lag(t), turn_of(of), 1 - fresh
    left, most = gone / fresh, gone / (1 - of.alpha)
    kept = of.alpha ** (t / h)
    fading = proof.have(le(left, most), sign(gone * of.alpha * (1 - kept) / ((1 - of.alpha) * fresh)))
    average = sp.Derivative(of.average(i, t), t)
    behind_now = fresh * x_now - of.body(t)
    slope = of.rate / h * gone * x_now + (fresh - of.share) * x_rate - (1 - of.share) * average
    change = sp.Derivative(of.absorbed(t), t)
    written = slope / (fresh * x_now)
    written -= behind_now * (of.rate / h * gone * x_now + fresh * x_rate) / (fresh * x_now) ** 2
    written = discrete_delay(of.alpha) * h * x_rate / x_now - h / of.rate * written
    product = proof.have(eq(change, written), differentiation)
    equation, meaning = at_time(proof, of.equation(), t), proof.unfold(of.head(i, t))
    rest = -(turn * of.share * left + delay * left + delay * turn)
    weights = (product, -1), (equation, -h / of.rate * (1 - of.share) / (fresh * x_now))
    weights += ((meaning, -(1 + left + turn) / (fresh * x_now)),)
    exact = proof.have(eq(delay - change, rest), combination(*weights))
    assumed = le(sp.Abs(a), d), le(sp.Abs(b), d), gt(c, 0), lt(c, 1), ge(s, 0), le(s, z)
    general = free_fact(
        proof,
        le(sp.Abs(q), p),
        *assumed,
        eq(q, -(b * c * s + a * s + a * b)),
        eq(p, d**2 + 2 * d * z),
    )
    values = {a: delay, b: turn, c: of.share, d: h * lag, s: left, z: most, q: delay - change, p: of.layer(lag, t)}
    return proof.have(general.claim.subs(values), instance(general, values), using=[delay_small, moving, exact, fading])


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=GRADIENT,
    sample=steady_flow(),
    claim=le(sp.Abs(FIRST.relative_lag(t) - sp.Derivative(FIRST.absorbed(t), t)), FIRST.layer(first_lag(), t)),
    runs=False,
)
def flow_first_lag_integrated(proof):
    """The relative lag of M is the derivative of kappa h ln|g| - (h/rate) itself, up to O(h^2) and a fading layer

    kappa = gamma/(1 - gamma) is the delay of the discrete average, rate = -ln(gamma)."""
    proof = with_floor(with_positive(proof, t))
    assumed = le(sp.Abs(a), b), gt(z, 0), *FLOOR, eq(q, z * a / x), eq(c, z * b / p)
    general = free_fact(proof, le(sp.Abs(q), c), *assumed)
    values = {a: sp.Derivative(g(i, t), t), b: MOVING.body.rhs, z: h / FIRST.rate, p: gradient_floor, s: sigma(i)}
    values |= {x: g(i, t), q: turn_of(FIRST), c: h * first_lag()}
    moving = proof.have(general.claim.subs(values), instance(general, values), using=[at_time(proof, MOVING, t)])
    return proof.conclude(is_absorbed(proof, FIRST, first_lag(), moving))


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=GRADIENT,
    sample=steady_flow(),
    claim=le(sp.Abs(SECOND.relative_lag(t) - sp.Derivative(SECOND.absorbed(t), t)), SECOND.layer(second_lag(), t)),
    runs=False,
)
def flow_second_lag_integrated(proof):
    """The relative lag of V is the derivative of 2 kappa h ln|g| - (h/rate) itself, up to O(h^2) and a fading layer"""
    proof = with_floor(with_positive(proof, t))
    assumed = le(sp.Abs(a), b), le(sp.Abs(x), d), gt(z, 0), *FLOOR, eq(q, 2 * z * a / x), eq(c, 2 * z * d * b / p**2)
    general = free_fact(proof, le(sp.Abs(q), c), *assumed)
    values = {a: sp.Derivative(g(i, t), t), b: MOVING.body.rhs, z: h / SECOND.rate, p: gradient_floor, s: sigma(i)}
    values |= {x: g(i, t), d: WITHIN.body.rhs, q: turn_of(SECOND), c: h * second_lag()}
    known = at_time(proof, WITHIN, t), at_time(proof, MOVING, t)
    moving = proof.have(general.claim.subs(values), instance(general, values), using=known)
    return proof.conclude(is_absorbed(proof, SECOND, second_lag(), moving))
