"""The second-order flow follows discrete AdamW: sup error K h^2 on [0, T] in a phase of drift, in every dimension.

Both keep the same first integral up to O(h^2).  Their difference is then driven by weight decay on the difference so
far, and by the logarithms of two gradients, which are a step behind the parameters up to O(h): discrete Groenwall.
"""

import sympy as sp

from adamtheory.flows.discrete_error import (
    definitions,
    delay_gap,
    drift_error,
    feedback,
    first_integral,
    flow_error,
    initial_error,
    parting,
    phase,
    ranges,
    sigma,
    signed,
    slowly_changing,
    start,
    steepness,
)
from adamtheory.flows.flow_error import flow_growth, flow_offset, gradient_drift, gradient_floor, reach, until
from adamtheory.flows.second_order_curves import (
    FLOW,
    KEEPS_SIGN,
    MOVING,
    REACH,
    SMOOTH,
    Theta,
    first_integral_at_steps,
    first_integral_statement,
    steady_flow,
)
from adamtheory.flows.second_order_adam import discrete_delay
from adamtheory.notation import G, beta, g, gamma, h, k, n, t, tau, theta, weight_decay
from adamtheory.notation import coordinate as i
from adamtheory.proof import (
    All,
    ForAll,
    Implies,
    ThisLibrary,
    algebra,
    along,
    at,
    combination,
    conjunction,
    differentiation,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    increasing,
    induction,
    instance,
    le,
    modus_ponens,
    ne,
    polynomial,
    tangent,
    theorem,
)

SOURCE = ThisLibrary("second-order flow of Adam")
a, b, c, d, e, q, r, s, x, y = sp.symbols("a b c d e q r s x y", real=True)
A, D, H, K, L, Q, S, T = sp.symbols("A D H K L Q S T", real=True)
WITHIN, NEXT = le(n * h, until), le((n + 1) * h, until)


@theorem(source=SOURCE, given=[ge(x, 0)], claim=le((1 + x) ** n, sp.exp(n * x)), runs=False)
def powers_below_an_exponential(proof):
    """(1 + x)^n <= exp(n x)"""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.S.Zero}), algebra())
    ind = proof.assume(claim)
    line, before = ind.have(le(1 + x, sp.exp(x)), tangent), ind.have(claim, hypothesis)
    step = ind.have(claim.subs({n: n + 1}), combination((before, 1 + x), (line, sp.exp(n * x))))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=SOURCE,
    given=[gt(r, 0), ge(b, r), ge(d, r)],
    claim=le(sp.Abs(sp.log(d) - sp.log(b)), sp.Abs(d - b) / r),
    runs=False,
)
def logarithms_of_sizes_differ_little(proof):
    """|log(d) - log(b)| <= |d - b|/r for sizes of r at least"""
    proof = proof.knowing(*(proof.have(gt(size, 0), polynomial()) for size in (b, d)))
    change, size = sp.log(d) - sp.log(b), sp.Abs(d - b) / r
    sides = []
    for way, one, other in ((1, d, b), (-1, b, d)):
        line = proof.have(le(sp.log(one / other), one / other - 1), tangent)
        rest = proof.have(le(one / other - 1, size), polynomial())
        sides.append(proof.have(le(way * change, size), combination((line, 1), (rest, 1))))
    free = proof.forget(*proof.scope.hypotheses).assume(le(x, y), le(-x, y))
    general, values = free.have(le(sp.Abs(x), y), polynomial()), {x: change, y: size}
    return proof.conclude(proof.have(general.claim.subs(values), instance(general, values), using=sides))


@theorem(
    source=SOURCE,
    given=[gt(h, 0), ge(until, 0), SMOOTH, MOVING, NEXT],
    sample={g: sp.Lambda((i, t), i + gradient_drift * t / 2), gradient_drift: a**2, until: (n + 2) * h},
    claim=le(sp.Abs(g(i, (n + 1) * h) - g(i, n * h)), gradient_drift * h),
    runs=False,
)
def gradient_of_the_flow_changes_slowly(proof):
    """Where |g'| <= D, a gradient changes by D h a step at most"""
    later = proof.have(le(n * h, (n + 1) * h), combination(plus=h))
    inside = proof.assume(le(n * h, x), le(x, (n + 1) * h))
    after, before, end = (inside.have(p, hypothesis) for p in (le(n * h, x), le(x, (n + 1) * h), NEXT))
    early = inside.have(le(0, x), combination((after, 1), plus=n * h))
    early = early, inside.have(le(x, until), combination((before, 1), (end, 1)))
    slope = sp.Derivative(g(i, x), x)
    small = inside.have(MOVING.body.subs({tau: x}), at(MOVING, x), using=early)
    values = {x: g(i, (n + 1) * h) - g(i, n * h), y: gradient_drift * h}
    sides = []
    for way in (1, -1):
        gap = gradient_drift * x - way * g(i, x)
        inner = inside.knowing(*early)
        form = inner.have(eq(sp.Derivative(gap, x), gradient_drift - way * slope), differentiation)
        half = inner.have(le(way * slope, gradient_drift), polynomial(), using=[small])
        rises = inner.have(le(0, sp.Derivative(gap, x)), combination((form, -1), (half, 1)))
        ends = le(gap.subs(x, n * h), gap.subs(x, (n + 1) * h))
        ends = proof.have(ends, along(rises, x, n * h, (n + 1) * h), using=[later])
        move = le(way * values[x], gradient_drift * h)
        sides.append(proof.have(move, combination((ends, 1))))
    free = proof.forget(*proof.scope.hypotheses).assume(le(x, y), le(-x, y))
    general = free.have(le(sp.Abs(x), y), polynomial())
    return proof.conclude(proof.have(general.claim.subs(values), instance(general, values), using=sides))


PARTED = [
    *(gt(h, 0), gt(r, 0), ge(D, 0), ge(L, 0), ge(A, 0), ge(b, 0), ge(d, 0), ge(weight_decay, 0), le(T, until)),
    *(le(sp.Abs(x), (a + b * T) * h**2), le(sp.Abs(y), (c + d * T) * h**2), le(sp.Abs(s), A * h**2 * S)),
    *(le(sp.Abs(e), (2 * D * h + L * A * h**2 * q) / r), le(0, q), le(q, S), eq(sp.Abs(H), K)),
    eq(A, a + c + (b + d) * until + 2 * K * D / r),
    eq((weight_decay + K * L / r) * h * S, Q - 1),
]


# How the points that are tried meet them.
TRIED = {a: b, c: d, T: b, until: b, S: q, K: sp.Abs(H), A: (b + d) * (1 + b) + 2 * sp.Abs(H) * D / r}
TRIED |= {x: b * h**2 / 2, y: -d * h**2 / 3, s: TRIED[A] * h**2 * q / 2, e: D * h / r}
TRIED[Q] = 1 + (weight_decay + sp.Abs(H) * L / r) * h * q


@theorem(
    source=SOURCE,
    given=PARTED,
    claim=le(sp.Abs(x) + sp.Abs(y) + weight_decay * h * sp.Abs(s) + h * K * sp.Abs(e), A * h**2 * Q),
    sample=TRIED,
    runs=False,
)
def difference_of_first_integrals_grows_little(proof):
    """What both first integrals, the decay of the error so far and the gradients add up to, for discrete Groenwall"""
    first, second, decayed, apart, below = (proof.have(p, hypothesis) for p in (*PARTED[9:13], PARTED[14]))
    value, growth = (proof.have(p, hypothesis) for p in PARTED[-2:])
    proof = proof.knowing(proof.have(ge(K, 0), polynomial()))
    slack = (b + d) * (until - T) * h**2 + A * h**3 * K * L / r * (S - q)
    weights = (first, 1), (second, 1), (decayed, weight_decay * h), (apart, h * K)
    weights = *weights, (growth, A * h**2), (value, -(h**2))
    return proof.conclude(proof.have(proof.statement.claim, combination(*weights, plus=slack)))


CURVES, FLOWS, _ = first_integral_statement()
ERROR, STEPS = theta(i, n) - Theta(i, n * h), sp.Sum(theta(i, k) - Theta(i, k * h), (k, 0, n - 1))
POWER = (1 + feedback() * h) ** n
POWERS = sp.Sum((1 + feedback() * h) ** k, (k, 0, n - 1))
EQUAL_START = eq(start(i), Theta(i, 0))
# The gradient along both paths: a function of the parameters that is ell-Lipschitz in the largest coordinate.
NEAR = ForAll(i, (), le(sp.Abs(theta(i, k) - Theta(i, k * h)), x))
FOLLOWS = ForAll(i, (), le(sp.Abs(G(i, k) - g(i, k * h)), steepness * x))
LIPSCHITZ = ForAll(k, (le(k * h, until),), ForAll(x, (), Implies(NEAR, FOLLOWS)))
EVERY = [*FLOW, *ranges, *phase, EQUAL_START]
EVERY = dict.fromkeys(ForAll(i, (), p) if i in p.free_symbols else p for p in EVERY)
GIVEN = [*EVERY, ge(steepness, 0), LIPSCHITZ]
BOUNDS = le(sp.Abs(ERROR), parting() * h**2 * POWER), le(sp.Abs(STEPS), parting() * h**2 * POWERS)
BETWEEN = ForAll(i, (WITHIN,), All(BOUNDS))
