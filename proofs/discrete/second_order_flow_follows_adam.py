"""The second-order flow follows discrete AdamW: sup error K h^2 on [0, T] in a phase of drift, in every dimension.

Both keep the same first integral up to O(h^2).  Their difference is then driven by weight decay on the difference so
far, and by the logarithms of two gradients, which change by O(h) a step: discrete Groenwall.
"""

import sympy as sp

from adamtheory.flows.discrete_error import (
    bounded_above,
    bounded_below,
    definitions,
    drift_error,
    first_integral,
    initial_error,
    phase,
    ranges,
    slowly_changing,
    start,
)
from adamtheory.flows.flow_against_adam import (
    error,
    everywhere,
    feedback,
    flow_error,
    gradient_error,
    largest,
    near,
    parting,
    response,
    same_loss,
    started_together,
    steepness,
    summed_error,
    within_dimension,
)
from adamtheory.flows.flow_error import flow_growth, flow_offset, gradient_drift, gradient_floor, until
from adamtheory.flows.measured_order import second_order_slope
from adamtheory.flows.second_order_adam import discrete_delay
from adamtheory.flows.second_order_curves import (
    FLOW,
    KEEPS_SIGN,
    REACH,
    Theta,
    first_integral_at_steps,
    first_integral_statement,
    sigma,
    steady_flow,
)
from adamtheory.notation import G, beta, dimension, g, gamma, h, j, k, n, tau, theta, weight_decay
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
    increasing,
    instance,
    le,
    modus_ponens,
    polynomial,
    sign,
    theorem,
)

SOURCE = ThisLibrary("second-order flow of Adam")
a, b, c, d, e, r, s, t, x, y = sp.symbols("a b c d e r s t x y", real=True)
A, B, C, D, H, T = sp.symbols("A B C D H T", real=True)
WITHIN, NEXT = le(n * h, until), le((n + 1) * h, until)
PARTS = [
    *(gt(h, 0), gt(r, 0), eq(s**2, 1), ge(b, 0), ge(d, 0), le(t, T), eq(x, A - B - H * h * s * C)),
    *(le(sp.Abs(A), (a + b * t) * h**2), le(sp.Abs(B), (c + d * t) * h**2), le(sp.Abs(C), (2 * D * h + y) / r)),
]
# How the points that are tried meet them.
SIGNED = {s: sp.Integer(-1), t: T, a: b - b * T, c: d - d * T, D: H**2, y: H**2, C: H**2 * h / r}
SIGNED |= {A: b * h**2 / 2, B: d * h**2 / 3, x: b * h**2 / 2 - d * h**2 / 3 + H**3 * h**2 / r}


@theorem(
    source=SOURCE,
    given=PARTS,
    sample=SIGNED,
    claim=le(sp.Abs(x), (a + c + (b + d) * T + 2 * sp.Abs(H) / r * D) * h**2 + sp.Abs(H) / r * h * y),
    runs=False,
)
def difference_of_first_integrals(proof):
    """What two first integrals leave of the difference between the parameters that they speak of"""
    free = proof.forget(*proof.scope.hypotheses).assume(gt(h, 0), PARTS[2], PARTS[6])
    whole = free.have(le(sp.Abs(x), sp.Abs(A) + sp.Abs(B) + sp.Abs(H) * h * sp.Abs(C)), polynomial())
    first, second, third = (proof.have(p, hypothesis) for p in PARTS[-3:])
    whole = proof.have(whole.claim, instance(whole, {}))
    weights = (whole, 1), (first, 1), (second, 1), (third, sp.Abs(H) * h)
    return proof.conclude(proof.have(proof.statement.claim, combination(*weights, plus=(b + d) * (T - t) * h**2)))


def with_signs(proof):
    """The bounds of the gradient and of the flow's parameters are not negative, and so no constant is."""
    limit = proof.have(bounded_above.body.subs({k: sp.S.Zero}), at(bounded_above, 0))
    far = proof.have(REACH.body.subs({tau: sp.S.Zero}), at(REACH, 0))
    general = proof.forget(*proof.scope.hypotheses).assume(le(sp.Abs(x), y))
    general = general.have(ge(y, 0), polynomial())
    found = []
    for inside, fact in ((G(i, 0), limit), (Theta(i, 0), far)):
        values = {x: inside, y: fact.claim.rhs}
        found.append(proof.have(general.claim.subs(values), instance(general, values), using=[fact]))
    return proof.knowing(*found)


CURVES, _, FLOW_CLAIM = first_integral_statement()
PATHS = tuple(dict.fromkeys((*FLOW, *ranges, *phase)))  # what is asked of one coordinate of the flow and of Adam
# Both with a constant gradient, without weight decay; a few steps do.
STEADY = {dimension: sp.Integer(2), i: sp.Integer(1), n: sp.Integer(2), **steady_flow()}
STEADY |= {G: sp.Lambda((i, n), (-1) ** i * 2 * gradient_floor), start: sp.Lambda(i, (-1) ** i)}
STEADY |= {until: 3 * h, gradient_drift: 1 + 3 * h}


def later_growth():
    """log |G/G_0| - log |g/g_0| at n + 1."""
    adam, flow = ([sigma(i) * f(i, when) for when in whens] for f, whens in ((G, (n + 1, 0)), (g, ((n + 1) * h, 0))))
    return sp.log(adam[0]) - sp.log(adam[1]) - (sp.log(flow[0]) - sp.log(flow[1]))


def sized(proof):
    """The sizes of both gradients at 0 and at n + 1: r at least, and so positive."""
    found = [proof.have(bounded_below.body.subs({k: step}), at(bounded_below, step)) for step in (n + 1, sp.S.Zero)]
    found += [proof.have(KEEPS_SIGN.body.subs({tau: when}), at(KEEPS_SIGN, when)) for when in ((n + 1) * h, sp.S.Zero)]
    general = proof.forget(*proof.scope.hypotheses).assume(gt(x, 0), le(x, y)).have(gt(y, 0), polynomial())
    for fact in tuple(found):
        values = {x: gradient_floor, y: fact.claim.rhs}
        found.append(proof.have(general.claim.subs(values), instance(general, values), using=[fact]))
    return proof.knowing(*found)


def gradients_grow_alike(proof):
    """|later_growth| <= (2 D h + |G - g|)/r with the gradients at n: those at 0 are the same, both change slowly."""
    slow = proof.have(slowly_changing.body.subs({k: n}), at(slowly_changing, n))
    flow = proof.cite("gradient_of_the_flow_changes_slowly")
    free = proof.forget(*proof.scope.hypotheses).assume(le(sp.Abs(a - b), x), le(sp.Abs(d - c), x), eq(s**2, 1))
    general = free.have(le(sp.Abs(s * a - s * d), 2 * x + sp.Abs(b - c)), polynomial())
    values = {a: G(i, n + 1), b: G(i, n), c: g(i, n * h), d: g(i, (n + 1) * h), s: sigma(i), x: gradient_drift * h}
    apart = proof.have(general.claim.subs(values), instance(general, values), using=[slow, flow])
    values = {r: gradient_floor, b: sigma(i) * g(i, (n + 1) * h), d: sigma(i) * G(i, n + 1)}
    line = proof.cite("logarithms_of_sizes_differ_little", values)
    same = proof.have(eq(G(i, 0), g(i, 0)), hypothesis)
    form = proof.have(eq(sp.Abs(later_growth()), line.claim.lhs), algebra(same))
    bound = le(sp.Abs(later_growth()), (2 * gradient_drift * h + gradient_error(n)) / gradient_floor)
    weights = (form, 1), (line, 1), (apart, 1 / gradient_floor)
    return proof.have(bound, combination(*weights))


@theorem(
    source=SOURCE,
    where=[*CURVES, *definitions()],
    given=[*PATHS, started_together, eq(G(i, 0), g(i, 0)), NEXT],
    sample=STEADY,
    claim=le(
        sp.Abs(error(n + 1) + weight_decay * h * summed_error(n + 1)),
        parting() * h**2 + response() * h * gradient_error(n),
    ),
    runs=False,
)
def flow_and_adam_keep_one_first_integral(proof):
    """What flow and Adam part by, weight decay on it included, is O(h^2) and what their gradients' difference adds"""
    proof = sized(with_signs(proof))
    grown = gradients_grow_alike(proof)
    adam, flow = (proof.cite(name, {n: n + 1}) for name in ("discrete_first_integral", "flow_first_integral_at_steps"))
    values = {A: first_integral(n + 1), B: first_integral_at_steps().subs(n, n + 1), C: later_growth(), s: sigma(i)}
    values |= {H: discrete_delay(beta) - discrete_delay(gamma), D: gradient_drift, r: gradient_floor, T: until}
    values |= {t: (n + 1) * h, y: gradient_error(n), a: initial_error(), b: drift_error(), c: flow_offset()}
    values |= {d: flow_growth(), x: error(n + 1) + weight_decay * h * summed_error(n + 1)}
    start_here = proof.have(started_together, hypothesis)
    split = proof.have(PARTS[6].subs(values), combination((start_here, 1)))
    whole = proof.knowing(adam, flow, grown, split).cite("difference_of_first_integrals", values)
    return proof.conclude(proof.have(proof.statement.claim, combination((whole, 1))))


SAME_START = eq(start(i), Theta(i, 0))
EVERY = tuple(everywhere(p) if i in p.free_symbols else p for p in (*PATHS, SAME_START))
GIVEN = (*EVERY, ge(steepness, 0), same_loss(), within_dimension, WITHIN)


def at_coordinate(proof):
    """What is given of every coordinate, of coordinate i."""
    return proof.knowing(*(proof.have(p.body, at(p, i)) for p in EVERY if isinstance(p, ForAll) and p.variable == i))


def started_at_one_point(proof):
    """theta(i, 0) = Theta(i, 0) in every coordinate, and so G(i, 0) = g(i, 0) in this one."""
    zero = sp.S.Zero
    begin = proof.unfold(theta(i, zero)), proof.have(SAME_START, hypothesis)
    equal = proof.have(started_together, algebra(*begin))
    none = proof.have(le(sp.Abs(error(zero)), 0), algebra(equal))
    alike = proof.have(near(zero, zero), for_all(none))
    general = proof.have(same_loss().body.subs({j: zero}), at(same_loss(), zero))
    general = proof.knowing(general).have(general.claim.body.subs({largest: zero}), at(general.claim, zero))
    follows = proof.have(general.claim.conclusion, modus_ponens(general, alike))
    follows = proof.knowing(follows).have(follows.claim.body, at(follows.claim, i))
    return equal, proof.have(eq(G(i, 0), g(i, 0)), polynomial(), using=[follows])


@theorem(
    source=SOURCE,
    where=[*CURVES, *definitions()],
    given=GIVEN,
    sample=STEADY,
    claim=le(sp.Abs(error(n)), flow_error() * h**2),
    runs=False,
    order=(h, 2),
    measure=second_order_slope,
)
def second_order_flow_follows_adam(proof):
    """The second-order flow stays within K h^2 of discrete AdamW on [0, T], in every coordinate and every dimension

    K = A exp(mu T); step by step the error is A h^2 (1 + mu h)^n at most."""
    proof = with_signs(at_coordinate(proof))
    proof = proof.knowing(*(proof.have(ge(number, 0), sign()) for number in (parting(), response(), feedback() * h)))
    equal, same = started_at_one_point(proof)
    step = proof.knowing(equal, same).assume(NEXT.subs({n: j}))
    step = step.cite("flow_and_adam_keep_one_first_integral", {n: j})
    steps = proof.have(ForAll(j, (NEXT.subs({n: j}),), step.claim), for_all(step))
    facts = (proof.have(everywhere(fact.claim), for_all(fact)) for fact in (steps, equal))
    stepwise = proof.knowing(*facts).cite("sup_error_groenwall", {A: parting(), C: response()})
    power = proof.cite("powers_below_an_exponential", {x: feedback() * h})
    here = proof.have(WITHIN, hypothesis)
    time = proof.have(le(n * feedback() * h, feedback() * until), combination((here, feedback())))
    whole = proof.have(le(sp.exp(time.claim.lhs), sp.exp(time.claim.rhs)), increasing(time))
    weights = (stepwise, 1), (power, parting() * h**2), (whole, parting() * h**2)
    return proof.conclude(proof.have(proof.statement.claim, combination(*weights)))
