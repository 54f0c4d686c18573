"""The second-order flow's first integral in a phase of drift: what its velocity adds up to, exactly up to O(h^2).

The update is the gradient's sign, corrected by the moments' lags, and those add up to logarithms of the gradient.  So
nothing but its size now and at the start enters, and no second derivative of it.
"""

import sympy as sp

from adamtheory.flows.drift_steps import at_time, free_fact, one_side, with_positive
from adamtheory.flows.flow_error import (
    drift_constant,
    first_lag,
    layer_constant,
    second_lag,
    until,
)
from adamtheory.flows.second_order_adam import discrete_delay
from adamtheory.flows.second_order_curves import (
    DEFINITIONS,
    EQUATION,
    FIRST,
    FLOW,
    SECOND,
    VELOCITY,
    Theta,
    U,
    i,
    log_growth,
    psi,
    sigma,
    steady_flow,
)
from adamtheory.notation import beta, gamma, h, t, tau, weight_decay
from adamtheory.proof import (
    ThisLibrary,
    algebra,
    along,
    combination,
    differentiation,
    eq,
    ge,
    hypothesis,
    instance,
    le,
    polynomial,
    substitute,
    theorem,
    under_integral,
)

SOURCE = ThisLibrary("second-order flow")
a, b, x = sp.symbols("a b x", real=True)


LAGS = ((FIRST, first_lag()), (SECOND, second_lag()))


def empty_area(proof):
    """The integral over [0, 0] is 0: there tau is 0, and the integrand a constant."""
    inside = proof.assume(le(0, tau), le(tau, 0))
    only = inside.have(eq(tau, 0), polynomial())
    point = inside.have(eq(Theta(i, tau), Theta(i, 0)), algebra(only))
    parts = (sp.Integral(value, (tau, 0, 0)) for value in (Theta(i, tau), Theta(i, 0)))
    constant = proof.have(eq(*parts), under_integral(point, tau))
    return proof.have(eq(constant.claim.lhs, 0), algebra(constant))


MOVED = Theta(i, t) + h / 2 * psi(i, t) - Theta(i, 0) - h / 2 * psi(i, 0)
AREA = sp.Integral(Theta(i, tau), (tau, 0, t))
TURNED = (discrete_delay(beta) - discrete_delay(gamma)) * h * log_growth(t)
INTEGRAL = sigma(i) * (MOVED + weight_decay * AREA) + t + TURNED


@theorem(
    source=SOURCE,
    where=DEFINITIONS,
    given=[*FLOW, ge(t, 0), le(t, until)],
    sample=steady_flow(),
    claim=le(sp.Abs(INTEGRAL), (layer_constant() + drift_constant() * t) * h**2),
    runs=False,
)
def flow_first_integral(proof):
    """Along the flow sigma times Z - Z(0) + lambda int Theta, plus t, plus (kappa_2 - kappa_1) h ln|g/g(0)|, is O(h^2)

    Z = Theta + (h/2) Theta'; kappa_1 and kappa_2 are the delays of the two averages, in steps.  The bound is
    (c + k t) h^2 with explicit constants."""
    origin = sp.Integer(0)
    proof = with_positive(proof, origin, t)
    inside = with_positive(proof.assume(le(0, x), le(x, t)), x)
    names = "flow_first_lag_integrated", "flow_second_lag_integrated", "flow_update_expansion"
    first, second, expansion = (inside.cite(name, {t: x}) for name in names)
    near = inside.have(expansion.claim.parts[1], hypothesis, using=[expansion])
    equation, motion = at_time(inside, EQUATION, x), at_time(inside, VELOCITY, x)
    budget, fading = drift_constant() * h**2 * x, 0
    for of, lag in ((FIRST, first_lag()), (SECOND, second_lag() / 2)):
        fading += 2 * h * lag / (1 - of.alpha) * (1 - of.fresh(x))
        budget -= 2 * h**2 * lag / (of.rate * (1 - of.alpha)) * (1 - of.fresh(x))
    moved, half = sigma(i) * (MOVED + weight_decay * AREA), sp.Rational(1, 2)
    moved = substitute(moved, {t: x})
    turns = [sp.Derivative(of.absorbed(x), x) for of in (FIRST, SECOND)]
    still = moved + x + half * SECOND.absorbed(x) - FIRST.absorbed(x)
    pull = sp.Derivative(Theta(i, x), x) + h / 2 * sp.Derivative(psi(i, x), x) + weight_decay * Theta(i, x)
    change = sigma(i) * pull + 1 + half * turns[1] - turns[0]
    delays = [of.relative_lag(x) for of in (FIRST, SECOND)]
    expanded = sigma(i) * U(i, x) - 1 + delays[0] - delays[1] / 2
    sides = []
    for side in (1, -1):
        gap = budget - side * still
        rate = sp.Derivative(gap, x)
        written = drift_constant() * h**2 + fading - side * change
        product = inside.have(eq(rate, written), differentiation)
        weights = (product, -1), (motion, side * sigma(i)), (equation, side * sigma(i))
        weights += ((one_side(inside, near, expanded, -side), 1),)
        weights += ((one_side(inside, first, delays[0] - turns[0], side), 1),)
        weights += ((one_side(inside, second, delays[1] - turns[1], -side), half),)
        rises = inside.have(le(0, rate), combination(*weights))
        sides.append(proof.have(le(gap.subs(x, 0), gap.subs(x, t)), along(rises, x, 0, t)))
    empty = empty_area(proof)
    boundary = [[], []]  # at the start and at t, of each moment
    for time in (origin, t):
        both = proof.cite("flow_relative_lags", {t: time})
        for kept, part in zip(boundary, both.claim.parts, strict=True):
            kept.append(proof.have(part, hypothesis, using=[both]))
    signed = []
    for side, rises in zip((1, -1), sides, strict=True):
        weights = [(rises, 1), (empty, side * sigma(i) * weight_decay)]
        for (of, lag), share, way, (start, end) in zip(LAGS, (1, half), (-1, 1), boundary, strict=True):
            scale, left = share * h / of.rate, of.alpha ** (1 + t / h)
            weights += [(one_side(proof, start, of.relative_lag(origin), -way * side), scale)]
            weights += [(one_side(proof, end, of.relative_lag(t), way * side), scale)]
            least = free_fact(proof, le(0, b), le(sp.Abs(a), b))
            values = {a: of.relative_lag(t), b: h * lag}
            least = proof.have(le(0, h * lag), instance(least, values), using=[end])
            weights += [(least, 2 * scale * left / (1 - of.alpha))]
        signed.append(proof.have(le(side * INTEGRAL, proof.statement.claim.rhs), combination(*weights)))
    general = free_fact(proof, le(sp.Abs(a), b), le(a, b), le(-a, b))
    values = {a: INTEGRAL, b: proof.statement.claim.rhs}
    return proof.conclude(proof.have(proof.statement.claim, instance(general, values), using=signed))
