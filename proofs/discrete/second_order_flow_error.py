"""How errors between the second-order flow and discrete AdamW grow: discrete Groenwall in the sup norm."""

import sympy as sp

from adamtheory.flows.flow_against_adam import (
    error,
    everywhere,
    gradient_error,
    largest,
    near,
    same_loss,
    started_together,
    steepness,
    summed_error,
    within_dimension,
)
from adamtheory.flows.flow_error import gradient_drift, until
from adamtheory.flows.second_order_curves import MOVING, SMOOTH, Theta
from adamtheory.notation import G, dimension, g, h, j, k, n, t, tau, theta, weight_decay
from adamtheory.notation import coordinate as i
from adamtheory.proof import (
    All,
    ForAll,
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
    induction,
    instance,
    le,
    modus_ponens,
    polynomial,
    tangent,
    telescoping,
    theorem,
)

SOURCE = ThisLibrary("second-order flow of Adam")
a, b, d, r, s, x, y = sp.symbols("a b d r s x y", real=True)
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


A, C = sp.symbols("A C", real=True)
FACTOR = 1 + (weight_decay + C * steepness) * h
POWERS = sp.Sum(FACTOR**k, (k, 0, n - 1))
DRIVEN = le(sp.Abs(error(j + 1) + weight_decay * h * summed_error(j + 1)), A * h**2 + C * h * gradient_error(j))
EVERY_STEP = everywhere(ForAll(j, (le((j + 1) * h, until),), DRIVEN))
BOUNDS = le(sp.Abs(error(n)), A * h**2 * FACTOR**n), le(sp.Abs(summed_error(n)), A * h**2 * POWERS)
BETWEEN = ForAll(i, (within_dimension, WITHIN), All(BOUNDS))
NUMBERS = [gt(h, 0), *(ge(number, 0) for number in (until, weight_decay, steepness, A, C))]
# Errors at the points that are tried: below A h^2/2, and with so little decay that their sum stays below that, too.
SOME_ERRORS = {
    **{dimension: sp.Integer(2), i: sp.Integer(1), n: sp.Integer(2)},
    until: 3 * h,
    weight_decay: 1 / (1 + 3 * h),
    theta: sp.Lambda((i, n), i + n * h + A * h**2 * n / (2 * (1 + n))),
    Theta: sp.Lambda((i, t), i + t),
    G: sp.Lambda((i, n), (-1) ** i),
    g: sp.Lambda((i, t), (-1) ** i),
}


@theorem(
    source=SOURCE,
    given=[*NUMBERS, everywhere(started_together), EVERY_STEP, same_loss(), within_dimension, WITHIN],
    sample=SOME_ERRORS,
    claim=BOUNDS[0],
    runs=False,
)
def sup_error_groenwall(proof):
    """Errors driven by A h^2, their own sum and the gradients a step before grow to A h^2 (1 + mu h)^n at most

    mu = lambda + C ell, where a gradient's error is ell times the largest coordinate's and acts C times."""
    plain, zero = proof.forget(WITHIN), sp.S.Zero
    together = plain.have(started_together, at(everywhere(started_together), i))
    none = plain.have(eq(sp.Abs(error(zero)), 0), algebra(together))
    starts = [plain.have(BOUNDS[0].subs({n: zero}), combination((none, 1), plus=A * h**2))]
    starts.append(plain.have(BOUNDS[1].subs({n: zero}), algebra()))
    starts = plain.have(All(BOUNDS).subs({n: zero}), conjunction(*starts))
    base = plain.have(BETWEEN.subs({n: zero}), for_all(starts))
    under = plain.assume(BETWEEN).assume(NEXT)
    under = under.knowing(under.have(WITHIN, polynomial()))
    under = under.knowing(under.have(All(BOUNDS), at(BETWEEN, i)))
    now, before = (under.have(bound, hypothesis) for bound in BOUNDS)
    most = now.claim.rhs
    alike = under.have(near(n, most), for_all(now))
    general = under.have(same_loss().body.subs({j: n}), at(same_loss(), n))
    general = under.knowing(general).have(general.claim.body.subs({largest: most}), at(general.claim, most))
    follows = under.have(general.claim.conclusion, modus_ponens(general, alike))
    follows = under.knowing(follows).have(follows.claim.body, at(follows.claim, i))
    steps = under.have(EVERY_STEP.body, at(EVERY_STEP, i))
    driven = under.knowing(steps).have(DRIVEN.subs({j: n}), at(steps.claim, n))
    free = proof.forget(*proof.scope.hypotheses)
    general = free.assume(eq(s, a + b), le(sp.Abs(a), x), le(sp.Abs(b), y)).have(le(sp.Abs(s), x + y), polynomial())
    values = {s: summed_error(n + 1), a: summed_error(n), b: error(n), x: before.claim.rhs, y: most}
    split = under.have(eq(values[s], values[a] + values[b]), algebra())
    later = under.have(general.claim.subs(values), instance(general, values), using=[split, before, now])
    later = under.have(BOUNDS[1].subs({n: n + 1}), combination((later, 1)))
    sides = eq(a, b - r * s), ge(r, 0), le(sp.Abs(b), x), le(sp.Abs(s), y)
    general = free.assume(*sides).have(le(sp.Abs(a), x + r * y), polynomial())
    values = {a: error(n + 1), b: driven.claim.lhs.args[0], r: weight_decay * h, s: summed_error(n + 1)}
    values |= {x: driven.claim.rhs, y: later.claim.rhs}
    split = under.have(sides[0].subs(values), algebra())
    whole = under.have(general.claim.subs(values), instance(general, values), using=[split, driven, later])
    # FACTOR - 1 times the sum of its powers is the last power less 1; the newest power is below their sum.
    sums = eq(sp.Sum((FACTOR - 1) * FACTOR**k, (k, 0, n)), FACTOR ** (n + 1) - 1)
    sums = under.have(sums, telescoping(FACTOR**k))
    weights = (whole, 1), (follows, C * h), (sums, A * h**2)
    slack = A * h**3 * C * steepness * POWERS
    after = under.have(BOUNDS[0].subs({n: n + 1}), combination(*weights, plus=slack))
    step = under.have(All(BOUNDS).subs({n: n + 1}), conjunction(after, later))
    step = plain.assume(BETWEEN).have(BETWEEN.subs({n: n + 1}), for_all(step))
    whole = plain.have(BETWEEN, induction(n, base, step))
    here = proof.knowing(proof.have(WITHIN, hypothesis), whole)
    both = here.have(All(BOUNDS), at(BETWEEN, i))
    return proof.conclude(here.have(BOUNDS[0], hypothesis, using=[both]))
