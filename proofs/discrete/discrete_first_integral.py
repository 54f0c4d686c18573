"""What Adam's parameters move by while a coordinate's gradient keeps its sign, to second order in the learning rate.

A step moves the parameter by h (1 - |u|) less than h; to first order that is the first moment's lag over the gradient's
size less half the second's over its square.  Summed by parts, a lag is the delay alpha/(1 - alpha) times how far the
sequence moved, and so the logarithm of the gradient's size appears, with both delays.
"""

import sympy as sp

from adamtheory.flows.discrete_error import (
    bounded_above,
    bounded_below,
    definitions,
    drift_error,
    first_integral,
    first_lag,
    first_layer,
    initial_error,
    phase,
    ranges,
    second_lag,
    second_layer,
    sigma,
    signed,
    slowly_changing,
    some_phase,
)
from adamtheory.flows.flow_error import gradient_drift, gradient_floor, gradient_limit, until
from adamtheory.flows.second_order_adam import discrete_delay, remaining
from adamtheory.notation import G, beta, gamma, h, j, k, m, n, theta, u, v, weight_decay
from adamtheory.notation import coordinate as i
from adamtheory.proof import (
    ForAll,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    induction,
    instance,
    le,
    ne,
    polynomial,
    theorem,
)

SOURCE = ThisLibrary("second-order flow of Adam")
DEFINED = definitions()
WITHIN, NEXT = le(n * h, until), le((n + 1) * h, until)
SIZE, AFTER, STEP = sigma(i) * G(i, n), sigma(i) * G(i, n + 1), gradient_drift * h
# The symbols of the theorems on single numbers.
q, p, S, b, d, e, f, x, y, z, Z, w, W = sp.symbols("q p S b d e f x y z Z w W", real=True)


def size(steps):
    """sigma G where that is r at least, as in the phase; and positive everywhere."""
    return gradient_floor + sp.Abs(sigma(i) * G(i, steps) - gradient_floor)


def travelled(steps):
    """theta(n) - theta(0), and what the weight decay took."""
    return theta(i, steps) - theta(i, 0) + weight_decay * h * sp.Sum(theta(i, k), (k, 0, steps - 1))


def drifted(steps):
    """How far the sign and the two delays move the parameter."""
    shift = (discrete_delay(beta) - discrete_delay(gamma)) * (sp.log(size(steps)) - sp.log(size(sp.S.Zero)))
    return h * (steps + shift)


def boundary(steps):
    """What summing the lags by parts leaves at the end."""
    return first_lag(steps) / ((1 - gamma) * size(steps)) - second_lag(steps) / (2 * (1 - beta) * size(steps) ** 2)


def summed(steps):
    """sigma times the first integral, where sigma^2 = 1, with the boundary terms of a summation by parts."""
    return sigma(i) * travelled(steps) + drifted(steps) + h * boundary(steps)


ADDED = h**3 * drift_error() + h**2 * (first_layer() * gamma ** (n + 1) + second_layer() * beta ** (n + 1))
LAYERS = first_layer() * discrete_delay(gamma) * (1 - gamma**n) + second_layer() * discrete_delay(beta) * (1 - beta**n)
BOUND = le(sp.Abs(summed(n)), n * h**3 * drift_error() + h**2 * LAYERS)


def sized(proof, step):
    """r <= sigma G <= B at a step of the phase."""
    below, most = (proof.have(r.body.subs({k: step}), at(r, step)) for r in (bounded_below, bounded_above))
    return below, proof.have(le(sigma(i) * G(i, step), gradient_limit), polynomial(), using=[below, most])


@theorem(
    source=SOURCE,
    where=DEFINED,
    given=[*ranges, *phase, NEXT],
    sample=some_phase,
    claim=le(sp.Abs(summed(n + 1)), sp.Abs(summed(n)) + ADDED),
    runs=False,
)
def first_integral_after_one_step(proof):
    """One step of Adam changes its first integral, but for boundary terms, by a term of order h^3 in the long run"""
    proof = proof.knowing(proof.have(WITHIN, combination((proof.have(NEXT, hypothesis), 1), plus=h)))
    one = proof.have(signed, hypothesis)
    sizes = [fact for step in (n, n + 1) for fact in sized(proof, step)]
    apart = proof.have(slowly_changing.body.subs({k: n}), at(slowly_changing, n))
    apart = proof.have(le(sp.Abs(AFTER - SIZE), STEP), polynomial(), using=[apart])
    lags = [proof.cite(f"{which}_moment_lags_by_its_delay") for which in ("first", "second")]
    factors = [proof.have(ne(factor, 0), polynomial(), using=sizes) for factor in (G(i, n), G(i, n + 1), sigma(i))]
    positive = [proof.have(gt(factor, 0), polynomial(), using=sizes) for factor in (SIZE, AFTER)]
    proof = proof.knowing(*sizes, *factors, *positive)
    expanded = proof.cite("adam_update_expanded_in_its_lags")
    values = {b: SIZE, d: AFTER, S: STEP, x: remaining(gamma, n), y: remaining(beta, n), z: sigma(i) * u(i, n)}
    values |= {q: first_lag(), p: first_lag(n + 1), e: second_lag(), f: second_lag(n + 1), Z: expanded.claim.rhs}
    values |= {w: summed(n), W: summed(n + 1)}
    rules = [r.subs(values) for r in proof.library["first_integral_changes_little"].given if r.op == "="]
    lines = zip(rules, (m, v, theta), strict=True)
    lines = [proof.have(rule, algebra(proof.unfold(line(i, n + 1)), one)) for rule, line in lines]
    known = proof.knowing(*lags, expanded, apart, *lines)
    small = known.cite("first_integral_changes_little", values)
    return proof.conclude(proof.have(proof.statement.claim, combination((small, 1))))


@theorem(
    source=SOURCE,
    where=DEFINED,
    given=[*ranges, *phase, WITHIN],
    sample=some_phase,
    claim=le(sp.Abs(first_integral()), (initial_error() + drift_error() * n * h) * h**2),
    runs=False,
)
def discrete_first_integral(proof):
    """While a gradient keeps its sign, Adam moves by -sigma n h + (kappa_1 - kappa_2) h sigma log(|g_n|/|g_0|), to h^2

    With weight decay, what it took away comes on top.  kappa = alpha/(1 - alpha) are the delays of both moments."""
    zero, plain = sp.S.Zero, proof.forget(WITHIN)
    # "Within the phase" is the domain of a quantifier over an index that does not occur.
    general, first, later = (ForAll(j, (WITHIN.subs({n: step}),), BOUND.subs({n: step})) for step in (n, zero, n + 1))
    begin = plain.assume(*first.domain)
    starts = [begin.unfold(average(i, step)) for average in (m, v) for step in (zero, -1)]
    none = begin.have(eq(summed(zero), 0), algebra(*starts))
    base = plain.have(first, for_all(begin.have(first.body, polynomial(), using=[none])))
    ind = plain.assume(general)
    under = ind.assume(NEXT)
    under = under.knowing(under.have(WITHIN, combination((under.have(NEXT, hypothesis), 1), plus=h)))
    before, after = under.have(BOUND, at(general, 0)), under.cite("first_integral_after_one_step")
    after = under.have(later.body, combination((before, 1), (after, 1)))
    whole = plain.have(general, induction(n, base, ind.have(later, for_all(after))))
    whole = proof.knowing(whole, proof.have(WITHIN, hypothesis)).have(BOUND, at(general, 0))
    known = (*sized(proof, zero), *sized(proof, n))
    proof = proof.knowing(*known, proof.have(ge(gradient_limit, 0), polynomial(), using=known))
    proof = proof.knowing(*(proof.have(gt(sigma(i) * G(i, step), 0), polynomial()) for step in (zero, n)))
    proof = proof.knowing(proof.have(ge(SIZE**2, gradient_floor**2), polynomial()))
    free = proof.forget(*proof.scope.hypotheses)
    edge = free.assume(le(sp.Abs(e), Z), gt(S, 0), ge(b, S), gt(d, 0))
    edge = edge.have(le(sp.Abs(e / (d * b)), Z / (d * S)), polynomial())
    first, second = (proof.cite(f"{which}_moment_lags_by_its_delay") for which in ("first", "second"))
    edges = (
        (first, {e: first_lag(), Z: first.claim.rhs, b: SIZE, S: gradient_floor, d: 1 - gamma}),
        (second, {e: second_lag(), Z: second.claim.rhs, b: SIZE**2, S: gradient_floor**2, d: 2 - 2 * beta}),
    )
    edges = [proof.have(edge.claim.subs(values), instance(edge, values), using=[lag]) for lag, values in edges]
    sides = (le(sp.Abs(e), x), le(sp.Abs(f), y), gt(h, 0), eq(d**2, 1), eq(W, d * z + h * (e - f)))
    turned = free.assume(*sides).have(le(sp.Abs(z), sp.Abs(W) + h * (x + y)), polynomial())
    values = {W: summed(n), z: first_integral(), d: sigma(i), x: edges[0].claim.rhs, y: edges[1].claim.rhs}
    values |= {e: first_lag() / ((1 - gamma) * SIZE), f: second_lag() / ((2 - 2 * beta) * SIZE**2)}
    line = proof.have(sides[-1].subs(values), combination((proof.have(signed, hypothesis), -drifted(n))))
    turned = proof.have(turned.claim.subs(values), instance(turned, values), using=[line, *edges])
    rest = first_layer() * discrete_delay(gamma) * gamma**n + second_layer() * discrete_delay(beta) * beta**n
    return proof.conclude(proof.have(proof.statement.claim, combination((turned, 1), (whole, 1), plus=h**2 * rest)))


MOVED = theta(i, n) - theta(i, 0) + sigma(i) * n * h
TURNED = (discrete_delay(gamma) - discrete_delay(beta)) * h * sigma(i)
TURNED *= sp.log(sigma(i) * G(i, n)) - sp.log(sigma(i) * G(i, 0))


@theorem(
    source=SOURCE,
    where=DEFINED,
    given=[*ranges, *phase, WITHIN, eq(weight_decay, 0)],
    sample=some_phase,
    claim=le(sp.Abs(MOVED - TURNED), (initial_error() + drift_error() * n * h) * h**2),
    runs=False,
)
def adam_in_a_phase_of_drift(proof):
    """Without weight decay, Adam moves n h, and (kappa_2 - kappa_1) h more for each factor e that the gradient grows by

    sigma drives the parameter by h a step; what comes on top is the difference of both moments' delays times how far
    the gradient's logarithm has changed, up to O(h^2): where the gradient stands decides, not how it came there."""
    none = proof.have(eq(weight_decay, 0), hypothesis)
    known = (*sized(proof, sp.S.Zero), *sized(proof, n))
    proof = proof.knowing(*known)
    proof = proof.knowing(*(proof.have(gt(sigma(i) * G(i, step), 0), polynomial()) for step in (sp.S.Zero, n)))
    general = proof.cite("discrete_first_integral")
    same = proof.have(eq(proof.statement.claim.lhs, general.claim.lhs), algebra(none))
    return proof.conclude(proof.have(proof.statement.claim, combination((same, 1), (general, 1))))
