"""What the proof of Adam's first integral needs of single numbers: lags of debiased averages, logarithms, reciprocals.

What a bias correction leaves out is x = alpha^(n+1).  The lag q of a debiased average with factor alpha obeys
q' = rho (q + step) with rho = alpha (1 - x)/(1 - alpha x) <= alpha, so it never exceeds alpha/(1 - alpha) steps.
Sizes of a gradient are r at least and B at most, and differ by S at most from one step to the next.
"""

import sympy as sp

from adamtheory.flows.flow_error import gradient_floor, gradient_limit
from adamtheory.flows.second_order_adam import discrete_delay
from adamtheory.notation import beta, gamma, h, open_square
from adamtheory.proof import (
    ThisLibrary,
    algebra,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    lt,
    polynomial,
    tangent,
    theorem,
)

SOURCE = ThisLibrary("second-order flow of Adam")
a, x, q, p, s, S, L = sp.symbols("a x q p s S L", real=True)
b, d, w, W, R, c, e, f, E, F = sp.symbols("b d w W R c e f E F", real=True)
r, B = gradient_floor, gradient_limit


def kept(alpha=a, left=x):
    """rho."""
    return alpha * (1 - left) / (1 - alpha * left)


AVERAGE = (gt(a, 0), lt(a, 1), ge(x, 0), le(x, a))
WEIGHTED = w * q + (W * p - w * q) / (1 - a) - discrete_delay(a) * L
NEAR = [gt(r, 0), ge(b, r), ge(d, r), le(sp.Abs(d - b), S)]


@theorem(
    source=SOURCE,
    given=[*AVERAGE, le(sp.Abs(q), discrete_delay(a) * S), le(sp.Abs(s), S)],
    claim=le(sp.Abs(kept() * (q + s)), discrete_delay(a) * S),
    runs=False,
)
def lag_of_a_debiased_average_stays_small(proof):
    """Where a sequence moves by S a step at most, its debiased average lags by alpha/(1 - alpha) S at most: one step"""
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))


@theorem(
    source=SOURCE,
    given=[gt(r, 0), ge(b, r), ge(d, r), eq(d**2, b**2 - f), le(sp.Abs(e), E), le(sp.Abs(f), F)],
    sample={f: b**2 - d**2},
    claim=le(sp.Abs((b - e) / d - 1 + e / b - f / (2 * b**2)), F**2 / (2 * r**4) + E * F / (2 * r**3)),
    runs=False,
)
def update_expanded_in_its_lags(proof):
    """(b - e)/sqrt(b^2 - f) = 1 - e/b + f/(2 b^2) up to F^2/(2 r^4) + E F/(2 r^3), where |e| <= E and |f| <= F"""
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))


@theorem(
    source=SOURCE,
    given=[
        *AVERAGE,
        *(le(sp.Abs(q), discrete_delay(a) * S), le(sp.Abs(s), S), eq(p, kept() * (q + s))),
        *(ge(w, 0), le(w, R), le(sp.Abs(W - w), c), le(sp.Abs(w * s - L), F)),
    ],
    sample={
        x: a**2,
        S: 1 + s**2,
        q: discrete_delay(a) * s,
        p: a * (1 - a**2) / (1 - a**3) * s / (1 - a),
        w: R / 2,
        W: R / 2 + c / 2,
        L: R / 2 * s + F / 2,
    },
    claim=le(sp.Abs(WEIGHTED), discrete_delay(a) * (S / (1 - a) * (c + R * x) + F)),
    runs=False,
)
def weighted_lag_summed_by_parts(proof):
    """A weight times a lag is the delay times the weighted step L, but for a difference of boundary terms and a rest"""
    following = eq(p, kept() * (q + s))
    line, proof = proof.have(following, hypothesis), proof.forget(following)
    free = proof.forget(*proof.scope.hypotheses).assume(le(sp.Abs(e), E), le(sp.Abs(f), F))
    product = free.have(le(sp.Abs(e * f), E * F), polynomial())
    turn = (W - w) * (1 - x) / (1 - a * x) - w * x * (1 - a) / (1 - a * x)
    small = proof.have(le(sp.Abs(q + s), S / (1 - a)), polynomial())
    slow = proof.have(le(sp.Abs(turn), c + R * x), polynomial())
    values = {e: q + s, E: small.claim.rhs, f: turn, F: slow.claim.rhs}
    product = proof.have(product.claim.subs(values), instance(product, values), using=[small, slow])
    free = free.assume(ge(a, 0))
    scaled = free.have(le(sp.Abs(a * (e + f)), a * (E + F)), polynomial())
    values = {a: discrete_delay(a), e: (q + s) * turn, E: product.claim.rhs, f: w * s - L, F: F}
    scaled = proof.have(scaled.claim.subs(values), instance(scaled, values), using=[product])
    proof = proof.assume(following)
    same = proof.have(eq(sp.Abs(WEIGHTED), scaled.claim.lhs), algebra(line))
    return proof.conclude(proof.have(proof.statement.claim, combination((same, 1), (scaled, 1))))


@theorem(
    source=SOURCE,
    given=NEAR,
    claim=le(sp.Abs((d - b) / b - (sp.log(d) - sp.log(b))), S**2 / r**2),
    runs=False,
)
def logarithm_of_a_small_change(proof):
    """log(d) - log(b) is the relative change (d - b)/b up to (S/r)^2, where d and b are r at least and differ by S"""
    proof = proof.knowing(*(proof.have(gt(size, 0), polynomial()) for size in (b, d)))
    change = sp.log(d) - sp.log(b)
    above, below = (proof.have(le(sp.log(one / other), one / other - 1), tangent) for one, other in ((d, b), (b, d)))
    above = proof.have(le(change, d / b - 1), combination((above, 1)))
    below = proof.have(le(-change, b / d - 1), combination((below, 1)))
    rest = proof.have(le((d - b) ** 2 / (b * d), S**2 / r**2), polynomial())
    most = proof.have(le(d / b - 1 - change, S**2 / r**2), combination((below, 1), (rest, 1)))
    least = proof.have(le(0, d / b - 1 - change), combination((above, 1)))
    free = proof.forget(*proof.scope.hypotheses).assume(le(0, e), le(e, E))
    general = free.have(le(sp.Abs(e), E), polynomial())
    values = {e: d / b - 1 - change, E: S**2 / r**2}
    small = proof.have(general.claim.subs(values), instance(general, values), using=[most, least])
    return proof.conclude(proof.have(proof.statement.claim, combination((small, 1))))


@theorem(
    source=SOURCE,
    given=NEAR,
    claim=le(sp.Abs((d**2 - b**2) / (2 * b**2) - (sp.log(d) - sp.log(b))), sp.Rational(3, 2) * S**2 / r**2),
    runs=False,
)
def logarithm_of_a_small_change_by_squares(proof):
    """log(d) - log(b) is half the relative change of the square up to 3/2 (S/r)^2, likewise"""
    line = proof.cite("logarithm_of_a_small_change")
    extra = proof.have(le((d - b) ** 2 / (2 * b**2), S**2 / (2 * r**2)), polynomial())
    proof = proof.knowing(*(proof.have(gt(size, 0), polynomial()) for size in (b, d)))
    free = proof.forget(*proof.scope.hypotheses).assume(le(sp.Abs(e), E), le(f, F), ge(f, 0))
    general = free.have(le(sp.Abs(e + f), E + F), polynomial())
    gap, square = (d - b) / b - (sp.log(d) - sp.log(b)), (d - b) ** 2 / (2 * b**2)
    values = {e: gap, E: S**2 / r**2, f: square, F: S**2 / (2 * r**2)}
    whole = proof.have(general.claim.subs(values), instance(general, values), using=[line, extra])
    same = proof.have(eq(proof.statement.claim.lhs, whole.claim.lhs), algebra())
    return proof.conclude(proof.have(proof.statement.claim, combination((same, 1), (whole, 1))))


@theorem(
    source=SOURCE,
    given=[*NEAR, le(b, B), le(d, B)],
    claim=le(sp.Abs(d**2 - b**2), 2 * B * S),
    runs=False,
)
def square_changes_by_twice_the_size(proof):
    """|d^2 - b^2| <= 2 B |d - b| for sizes up to B"""
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))


@theorem(source=SOURCE, given=NEAR, claim=le(sp.Abs(1 / d - 1 / b), S / r**2), runs=False)
def reciprocal_changes_slowly(proof):
    """|1/d - 1/b| <= S/r^2 for sizes of r at least that differ by S at most"""
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))


@theorem(source=SOURCE, given=NEAR, claim=le(sp.Abs(1 / (2 * d**2) - 1 / (2 * b**2)), S / r**3), runs=False)
def reciprocal_square_changes_slowly(proof):
    """|1/(2 d^2) - 1/(2 b^2)| <= S/r^3 likewise"""
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))


y, z, Y, Z = sp.symbols("y z Y Z", real=True)
LOGARITHM = sp.log(d) - sp.log(b)
EXPANDED = z - 1 + q / b - e / (2 * b**2)
FIRST = q / b + (p / d - q / b) / (1 - gamma) - discrete_delay(gamma) * LOGARITHM
SECOND = e / (2 * b**2) + (f / d**2 - e / b**2) / (2 * (1 - beta)) - discrete_delay(beta) * LOGARITHM
SLOW = 2 * B * S
FIRST_REST = discrete_delay(gamma) * (S / (1 - gamma) * (S / r**2 + x / r) + S**2 / r**2)
SECOND_REST = SLOW / (1 - beta) * (S / r**3 + y / (2 * r**2)) + sp.Rational(3, 2) * S**2 / r**2
SECOND_REST *= discrete_delay(beta)
# How the points that are tried meet the equations.
TRIED = {
    B: 4 * r,
    b: 2 * r,
    d: 2 * r + S / (1 + S),
    q: discrete_delay(gamma) * S / 3,
    e: -discrete_delay(beta) * r * S,
}
TRIED[p] = (kept(gamma) * (q + d - b)).subs(TRIED)
TRIED[f] = (kept(beta, y) * (e + d**2 - b**2)).subs(TRIED)
TRIED[z] = (1 - q / b + e / (2 * b**2) + Z / 2).subs(TRIED)
CHANGED = w + h * (FIRST - SECOND - EXPANDED)
TRIED[W] = CHANGED.subs(TRIED)


@theorem(
    source=SOURCE,
    given=[
        *NEAR,
        *(le(b, B), le(d, B), *open_square, ge(x, 0), le(x, gamma), ge(y, 0), le(y, beta)),
        *(le(sp.Abs(q), discrete_delay(gamma) * S), eq(p, kept(gamma) * (q + d - b))),
        *(le(sp.Abs(e), discrete_delay(beta) * SLOW), eq(f, kept(beta, y) * (e + d**2 - b**2))),
        *(le(sp.Abs(EXPANDED), Z), gt(h, 0), eq(W, CHANGED)),
    ],
    sample=TRIED,
    claim=le(sp.Abs(W), sp.Abs(w) + h * (Z + FIRST_REST + SECOND_REST)),
    runs=False,
)
def first_integral_changes_little(proof):
    """A step's shortfall makes up for the logarithm of the gradient's size, but for boundary terms and a rest"""
    line = proof.have(eq(W, CHANGED), hypothesis)
    expanded = proof.have(le(sp.Abs(EXPANDED), Z), hypothesis)
    proof = proof.forget(line.claim, expanded.claim)
    near = proof.cite("logarithm_of_a_small_change"), proof.cite("logarithm_of_a_small_change_by_squares")
    turn = proof.cite("reciprocal_changes_slowly"), proof.cite("reciprocal_square_changes_slowly")
    square = proof.cite("square_changes_by_twice_the_size")
    signs = (proof.have(gt(size, 0), polynomial()) for size in (b, d))
    proof = proof.knowing(*near, *turn, square, *signs)
    values = {a: gamma, s: d - b, w: 1 / b, W: 1 / d, R: 1 / r, c: turn[0].claim.rhs, L: LOGARITHM}
    values |= {F: near[0].claim.rhs}
    weight = proof.have(le(1 / b, 1 / r), polynomial())
    gap = proof.have(le(sp.Abs((d - b) / b - LOGARITHM), near[0].claim.rhs), combination((near[0], 1)))
    first = proof.knowing(weight, gap).cite("weighted_lag_summed_by_parts", values)
    values = {a: beta, x: y, q: e, p: f, s: d**2 - b**2, S: SLOW, w: 1 / (2 * b**2), W: 1 / (2 * d**2)}
    values |= {R: 1 / (2 * r**2), c: turn[1].claim.rhs, L: LOGARITHM, F: near[1].claim.rhs}
    weight = proof.have(le(1 / (2 * b**2), 1 / (2 * r**2)), polynomial())
    second = proof.knowing(weight).cite("weighted_lag_summed_by_parts", values)
    parts = []
    for part, rest, fact in ((FIRST, FIRST_REST, first), (SECOND, SECOND_REST, second)):
        same = proof.have(eq(sp.Abs(part), fact.claim.lhs), algebra())
        parts.append(proof.have(le(sp.Abs(part), rest), combination((same, 1), (fact, 1))))
    free = (*(le(sp.Abs(one), most) for one, most in ((e, E), (f, F), (y, Y))), gt(h, 0), eq(W, w + h * (f - y - e)))
    free = proof.forget(*proof.scope.hypotheses).assume(*free)
    general = free.have(le(sp.Abs(W), sp.Abs(w) + h * (E + F + Y)), polynomial())
    values = {e: EXPANDED, E: Z, f: FIRST, F: FIRST_REST, y: SECOND, Y: SECOND_REST}
    proof = proof.assume(line.claim, expanded.claim)
    whole = instance(general, values)
    return proof.conclude(proof.have(proof.statement.claim, whole, using=[expanded, line, *parts]))
