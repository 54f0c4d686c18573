"""Adam's flow, theta' = -A m and m' = lambda1 (g - m): an energy that decreases, and a rate that does not see eps.

E = Phi + sum A m^2/(2 lambda1) decreases where A grows slowly enough.  W = E - delta <theta - theta*, m> decays
exponentially on strongly convex losses.  Its coupling is to the position, not to the gradient: the derivative of
<theta - theta*, m> is -sum A m^2 and something of size lambda1, so no upper bound of A and no Hessian enters, and the
rate is that of the gradient flow with the smallest A, where the momentum is quick."""

import sympy as sp

from adamtheory.lyapunov.curves import (
    ADAM_AT_LEAST,
    ADAM_CURVES,
    ADAM_GAP,
    ADAM_STEP,
    AFTER,
    GROWTH,
    MOMENTUM,
    WITHIN,
    A,
    Phi,
    adam_rate,
    chain_rule,
    convexity,
    coordinates,
    coupled_energy,
    coupling,
    damping,
    energy,
    first_rate,
    i,
    least,
    m,
    quadratic_growth,
    since,
    strongly_convex,
    until,
    x,
)
from adamtheory.lyapunov.steps import at_one, up_to_now
from adamtheory.notation import dimension, g, norm_squared, t, tau
from adamtheory.proof import (
    All,
    ThisLibrary,
    algebra,
    along,
    at,
    combination,
    conjunction,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    le,
    polynomial,
    sign,
    termwise,
    theorem,
)

SOURCE = ThisLibrary("energies of Adam's flow")
FLOW = (*AFTER, gt(first_rate, 0), *ADAM_GAP, *ADAM_CURVES, MOMENTUM, ADAM_STEP)
# The gradient that makes x = m = exp(-t), A = 1, a solution: lambda1 (g - m) = -m.
FADING = sp.exp(-t)
SAMPLE = {
    dimension: sp.Integer(2),
    x: sp.Lambda((i, t), FADING),
    m: sp.Lambda((i, t), FADING),
    g: sp.Lambda((i, t), (1 - 1 / first_rate) * FADING),
    A: sp.Lambda((i, t), sp.Integer(1)),
    Phi: sp.Lambda(t, (1 - 1 / first_rate) * FADING**2),
    first_rate: sp.Integer(4),
    damping: sp.Integer(1),
    convexity: sp.Rational(1, 2),
    least: sp.Integer(1),
    since: t - 1,
    until: t + 1,
}
DA, DM, DX = (sp.Derivative(f(i, tau), tau) for f in (A, m, x))
SPENT = sp.Sum(-damping * A(i, tau) * m(i, tau) ** 2, (i, 0, dimension - 1))


def energy_derivative(proof):
    """E' = sum g x' + sum (A' m^2 + 2 A m m')/(2 lambda1) at tau."""
    slope = proof.have(chain_rule(since).body, at(chain_rule(since), tau))
    change = (DA * m(i, tau) ** 2 + 2 * A(i, tau) * m(i, tau) * DM) / (2 * first_rate)
    change = sp.Derivative(Phi(tau), tau) + sp.Sum(change, (i, 0, dimension - 1))
    whole = proof.have(eq(sp.Derivative(energy(tau), tau), change), differentiation)
    return slope, whole


@theorem(
    source=SOURCE,
    given=[*FLOW, ge(damping, 0), ADAM_AT_LEAST, ge(least, 0), GROWTH],
    sample=SAMPLE,
    claim=le(energy(t), energy(since)),
    runs=False,
)
def adam_energy_decreases(proof):
    """E = Phi + sum A m^2/(2 lambda1) does not grow, where A' <= 2 lambda1 (1 - c) A with c >= 0"""
    inside = up_to_now(proof, since)
    slope, whole = energy_derivative(inside)
    one = inside.assume(WITHIN)
    moves, step, growth, positive = (at_one(one, h) for h in (MOMENTUM, ADAM_STEP, GROWTH, ADAM_AT_LEAST))
    term = g(i, tau) * DX + (DA * m(i, tau) ** 2 + 2 * A(i, tau) * m(i, tau) * DM) / (2 * first_rate)
    square = m(i, tau) ** 2
    weights = (step, g(i, tau)), (moves, A(i, tau) * m(i, tau) / first_rate), (growth, square / (2 * first_rate))
    falls = one.have(le(term, -damping * A(i, tau) * square), combination(*weights))
    falls = inside.have(le(sp.Sum(term, (i, 0, dimension - 1)), SPENT), termwise(falls, i))
    above = one.knowing(positive).have(
        le(-damping * A(i, tau) * square, 0), combination((positive, damping * square), plus=damping * square * least)
    )
    spent = inside.have(le(SPENT, sp.Sum(0, (i, 0, dimension - 1))), termwise(above, i))
    down = -energy(tau)
    turned = inside.have(eq(sp.Derivative(down, tau), -sp.Derivative(energy(tau), tau)), differentiation)
    rises = inside.have(
        le(0, sp.Derivative(down, tau)),
        combination((turned, -1), (whole, 1), (slope, 1), (falls, 1), (spent, 1)),
    )
    ends = proof.have(le(-energy(since), -energy(t)), along(rises, tau, since, t))
    return proof.conclude(proof.have(proof.statement.claim, combination((ends, 1))))


delta = sp.Symbol("delta", real=True)  # the weight of <x, m>
WEIGHT = eq(delta * (first_rate + 3 * convexity * least), 2 * convexity * least * damping)
NUMBERS = (gt(least, 0), gt(convexity, 0), gt(damping, 0), le(damping, 1))
STRONG = (*NUMBERS, ADAM_AT_LEAST, GROWTH, strongly_convex(since))
RATE = first_rate * delta
SAMPLE_WEIGHT = SAMPLE | {delta: sp.Rational(2, 11)}
X, M = x(i, tau), m(i, tau)


def small_weight(proof):
    """0 <= delta <= 2."""
    weight = proof.have(WEIGHT, hypothesis)
    return [
        proof.have(le(0, delta), polynomial(), using=[weight]),
        proof.have(le(delta, 2), polynomial(), using=[weight]),
    ]


@theorem(
    source=SOURCE,
    given=[*FLOW, *STRONG, WEIGHT],
    sample=SAMPLE_WEIGHT,
    claim=le(coupled_energy(t, delta), coupled_energy(since, delta) * sp.exp(-RATE * (t - since))),
    runs=False,
)
def adam_coupled_energy_decays(proof):
    """W = E - delta <x, m> decays like exp(-lambda1 delta t), with delta = 2 mu mu0 c/(lambda1 + 3 mu mu0)"""
    inside = up_to_now(proof, since)
    slope, whole = energy_derivative(inside)
    one = inside.assume(WITHIN)
    moves, step, growth, positive = (at_one(one, h) for h in (MOMENTUM, ADAM_STEP, GROWTH, ADAM_AT_LEAST))
    convex = inside.have(strongly_convex(since).body, at(strongly_convex(since), tau))
    weight = inside.have(WEIGHT, hypothesis)
    low, high = small_weight(inside)
    square = M**2
    kinetics = (DA * square + 2 * A(i, tau) * M * DM) / (2 * first_rate)
    across = DX * M + X * DM
    # What is left in one coordinate of W' + rho W, once strong convexity has taken Phi away.
    term = g(i, tau) * DX + kinetics - delta * across + delta / 2 * A(i, tau) * square - RATE * delta * X * M
    term += RATE * (g(i, tau) * X - convexity / 2 * X**2)
    spare = RATE / (2 * convexity * least) * square
    weights = (
        (step, g(i, tau) - delta * M),
        (moves, A(i, tau) * M / first_rate - delta * X),
        (growth, square / (2 * first_rate)),
        (positive, spare),
        (weight, A(i, tau) * square / (2 * convexity * least)),
    )
    rest = (
        RATE * convexity / 2 * (X - (1 - delta) * M / convexity) ** 2
        + RATE * delta * (2 - delta) / (2 * convexity) * square
    )
    below = one.knowing(low, high).have(le(term, 0), combination(*weights, plus=rest))
    summed = le(sp.Sum(term, (i, 0, dimension - 1)), sp.Sum(0, (i, 0, dimension - 1)))
    below = inside.have(summed, termwise(below, i))
    growing = sp.exp(RATE * (tau - since))
    decaying = -coupled_energy(tau, delta) * growing
    product = sp.Derivative(energy(tau), tau) - delta * sp.Sum(across, (i, 0, dimension - 1))
    product = -growing * (product + RATE * coupled_energy(tau, delta))
    product = inside.have(eq(sp.Derivative(decaying, tau), product), differentiation)
    rises = inside.knowing(low).have(
        le(0, sp.Derivative(decaying, tau)),
        combination((product, -1), (whole, growing), (slope, growing), (convex, growing * RATE), (below, growing)),
    )
    ends = proof.have(
        le(-coupled_energy(since, delta), -coupled_energy(t, delta) * growing.subs(tau, t)),
        along(rises, tau, since, t),
    )
    return proof.conclude(proof.have(proof.statement.claim, combination((ends, 1 / growing.subs(tau, t)))))


ROOM = All((le(sp.Rational(2, 3) * Phi(t), coupled_energy(t, delta)), le(coupled_energy(t, delta), 2 * energy(t))))


@theorem(
    source=SOURCE,
    given=[*FLOW, *STRONG, quadratic_growth(since), WEIGHT],
    sample=SAMPLE_WEIGHT,
    claim=ROOM,
    runs=False,
)
def adam_coupled_energy_is_like_the_energy(proof):
    """2/3 Phi <= W <= 2 E: the cross term is small beside the rest"""
    weight = proof.have(WEIGHT, hypothesis)
    low, _ = small_weight(proof)
    inner = proof.assume(WITHIN)
    one = inner.have(ADAM_AT_LEAST.body, at(ADAM_AT_LEAST, i))
    positive = inner.knowing(one).have(le(least, A(i, t)), at(one.claim, t))
    growth = proof.have(quadratic_growth(since).body.subs({tau: t}), at(quadratic_growth(since), t))
    place, momentum = x(i, t), m(i, t)
    pull = delta**2 * first_rate / (2 * least)
    sides = []
    for way in (1, -1):
        square = least / (2 * first_rate) * (momentum - way * delta * first_rate / least * place) ** 2
        line = le(way * delta * place * momentum, A(i, t) * momentum**2 / (2 * first_rate) + pull * place**2)
        line = inner.have(line, combination((positive, momentum**2 / (2 * first_rate)), plus=square))
        sums = [sp.Sum(side, (i, 0, dimension - 1)) for side in (line.claim.lhs, line.claim.rhs)]
        sides.append(proof.have(le(*sums), termwise(line, i)))
    # lambda1 delta^2 <= mu mu0/3, by the inequality of the means
    small = proof.have(le(3 * first_rate * delta**2, convexity * least), polynomial(), using=[weight, low])
    squares = proof.have(le(0, place**2), sign())
    squares = proof.have(le(sp.Sum(0, (i, 0, dimension - 1)), norm_squared(place)), termwise(squares, i))
    bound = proof.have(
        le(pull * norm_squared(place), Phi(t) / 3),
        combination((small, norm_squared(place) / (6 * least)), (growth, sp.Rational(1, 3))),
        using=[squares],
    )
    below = proof.have(ROOM.parts[0], combination((sides[0], 1), (bound, 1)))
    above = proof.have(
        ROOM.parts[1], combination((sides[1], 1), (bound, 1), (growth, sp.Rational(2, 3)), (squares, convexity / 3))
    )
    return proof.conclude(proof.have(ROOM, conjunction(below, above)))


@theorem(
    source=SOURCE,
    given=[*FLOW, *STRONG, quadratic_growth(since)],
    sample=SAMPLE,
    claim=le(Phi(t), 3 * energy(since) * sp.exp(-adam_rate() * (t - since))),
    runs=False,
)
def adam_gap_decays_exponentially(proof):
    """Phi(t) <= 3 E(s) exp(-rho (t - s)), rho = 2 c mu mu0/(1 + 3 mu mu0/lambda1): any dimension, warm memories

    mu0 is the least of all A.  No upper bound of A enters, so eps may be as small as it likes."""
    fits = proof.have(WEIGHT.subs({delta: coupling()}), polynomial())
    known = proof.knowing(fits)
    decay = known.cite("adam_coupled_energy_decays", {delta: coupling()})
    both = known.cite("adam_coupled_energy_is_like_the_energy", {delta: coupling()})
    first = known.have(both.claim.parts[0], hypothesis, using=[both])
    begin = known.cite("adam_coupled_energy_is_like_the_energy", {delta: coupling(), t: since})
    begin = known.have(begin.claim.parts[1], hypothesis, using=[begin])
    fades = sp.Rational(3, 2) * sp.exp(-adam_rate() * (t - since))
    weights = (first, sp.Rational(3, 2)), (decay, sp.Rational(3, 2)), (begin, fades)
    return proof.conclude(known.have(proof.statement.claim, combination(*weights)))


AT_REST = coordinates(eq(m(i, since), 0))


@theorem(
    source=SOURCE,
    given=[*FLOW, *STRONG, quadratic_growth(since), AT_REST],
    sample=SAMPLE | {f: sp.Lambda((i, t), sp.Integer(0)) for f in (x, m, g)} | {Phi: sp.Lambda(t, sp.Integer(0))},
    claim=le(Phi(t), sp.Rational(3, 2) * Phi(since) * sp.exp(-adam_rate() * (t - since))),
    runs=False,
)
def adam_gap_decays_exponentially_from_rest(proof):
    """Phi(t) <= 3/2 Phi(s) exp(-rho (t - s)) where the momentum starts at zero"""
    fits = proof.have(WEIGHT.subs({delta: coupling()}), polynomial())
    known = proof.knowing(fits)
    decay = known.cite("adam_coupled_energy_decays", {delta: coupling()})
    both = known.cite("adam_coupled_energy_is_like_the_energy", {delta: coupling()})
    first = known.have(both.claim.parts[0], hypothesis, using=[both])
    one = proof.assume(WITHIN)
    rest = one.have(AT_REST.body, at(AT_REST, i))
    none = []
    for body in (A(i, since) * m(i, since) ** 2, x(i, since) * m(i, since)):
        zero = one.have(eq(body, 0), algebra(rest))
        none.append(
            proof.have(eq(sp.Sum(body, (i, 0, dimension - 1)), sp.Sum(0, (i, 0, dimension - 1))), termwise(zero, i))
        )
    fades = sp.Rational(3, 2) * sp.exp(-adam_rate() * (t - since))
    weights = (first, sp.Rational(3, 2)), (decay, sp.Rational(3, 2))
    weights += (none[0], fades / (2 * first_rate)), (none[1], -fades * coupling())
    return proof.conclude(known.have(proof.statement.claim, combination(*weights)))
