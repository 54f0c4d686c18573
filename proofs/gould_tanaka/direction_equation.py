"""The direction of a weight under Equation (7): Equations (16) and (17), and Proposition 3 with its exact remainder.

W is any twice differentiable curve that is not zero, u what Equation (7) then says, r = |W| and E = W/|W|.
"""

import sympy as sp

from adamtheory.dynamics.direction import (
    E,
    acceleration,
    centripetal_rate,
    centripetal_rate_as_printed,
    direction_residual,
    norm_and_direction,
    r,
    update_of,
    velocity,
)
from adamtheory.notation import W, coordinate, dimension, inner, lr, norm_squared, t, u, weight_decay
from adamtheory.proof import (
    All,
    BigO,
    ForAll,
    GouldTanaka,
    Regular,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    combination,
    conjunction,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    polynomial,
    printed,
    squares,
    theorem,
    under_sum,
    unfolding,
)

RADIUS, DIRECTION = norm_and_direction()
UPDATE = update_of()
WEIGHT, STEP, UNIT = W(coordinate, t), u(coordinate, t), E(coordinate, t)
NOT_ZERO = [gt(norm_squared(WEIGHT), 0), gt(r(t), 0)]
MOVING = [ge(t, 0), Regular(W, 2, 0, t), *NOT_ZERO]
ANY = {dimension: 2, W: sp.Lambda((coordinate, t), coordinate + t**2)}
# To second order in t the circle of radius 2, and the decay that keeps a weight on it.
CIRCLE = sp.Lambda((coordinate, t), 2 - t**2 + coordinate * (2 * t - 2 + t**2))
STEADY = {dimension: 2, t: 0, weight_decay: lr / 2, W: CIRCLE}
GROWTH, GROWTH_CHANGE = sp.Derivative(r(t), t), sp.Derivative(r(t), (t, 2))
TURN, TURN_CHANGE = velocity(E), acceleration(E)
RADIAL = lr / 2 * GROWTH_CHANGE + GROWTH + weight_decay * r(t)
OUTWARD = inner(UNIT, STEP)  # the part of u along W


@theorem(
    source=GouldTanaka("Appendix J, proof of Proposition 3"),
    where=[RADIUS, DIRECTION],
    given=MOVING,
    claim=All(
        (
            eq(norm_squared(UNIT), 1),
            eq(inner(UNIT, TURN), 0),
            eq(inner(UNIT, TURN_CHANGE), -norm_squared(TURN)),
        )
    ),
    sample=ANY,
)
def direction_has_unit_length(proof):
    """|E| = 1, <E, E'> = 0 and <E, E''> = -|E'|^2 for the direction E = W/|W|."""
    one, across, inward = proof.statement.claim.parts
    quotient = proof.have(eq(norm_squared(UNIT), norm_squared(WEIGHT) / r(t) ** 2), unfolding(E))
    length = proof.unfold(r(t))
    one = proof.have(one, algebra(quotient, length))
    across = proof.have(across, differentiation)
    inward = proof.have(inward, differentiation)
    return proof.conclude(proof.have(proof.statement.claim, conjunction(one, across, inward)))


@theorem(
    source=GouldTanaka("Appendix J, Equation (16)"),
    where=[RADIUS, DIRECTION, UPDATE],
    given=MOVING,
    claim=eq(RADIAL * UNIT + (lr * GROWTH + r(t)) * TURN + lr / 2 * r(t) * TURN_CHANGE, -STEP),
    sample=ANY,
)
def norm_and_direction_equation(proof):
    """Equation (7) in norm and direction, exactly."""
    first = eq(velocity(), GROWTH * UNIT + r(t) * TURN)
    first = proof.have(first, differentiation)
    second = eq(acceleration(), GROWTH_CHANGE * UNIT + 2 * GROWTH * TURN + r(t) * TURN_CHANGE)
    second = proof.have(second, differentiation)
    place, update = proof.unfold(UNIT), proof.unfold(STEP)
    return proof.conclude(
        proof.have(
            proof.statement.claim,
            combination((update, 1), (first, -1), (second, -lr / 2), (place, weight_decay * r(t))),
        )
    )


@theorem(
    source=GouldTanaka("Appendix J, Equation (17)"),
    where=[RADIUS, DIRECTION, UPDATE],
    given=MOVING,
    claim=eq(RADIAL, lr / 2 * r(t) * norm_squared(TURN) - OUTWARD),
    sample=ANY,
)
def norm_equation_along_the_direction(proof):
    """(eta/2) r'' + r' + lambda r = (eta/2) r |E'|^2 - <E, u>, exactly."""
    return proof.conclude(proof.have(proof.statement.claim, differentiation))


NEGLECTED = OUTWARD / r(t) * UNIT - lr * GROWTH / r(t) * TURN


@theorem(
    source=ThisLibrary("Proposition 3 of Gould & Tanaka 2024, exactly"),
    where=[RADIUS, DIRECTION, UPDATE],
    given=MOVING,
    claim=eq(direction_residual(centripetal_rate()), NEGLECTED),
    sample=ANY,
)
def direction_equation_exact(proof):
    """(eta/2) E'' + E' + (eta/2) |E'|^2 E + u/r = (<E, u>/r) E - eta (r'/r) E', exactly: Lambda carries no r."""
    split, radial = proof.cite("norm_and_direction_equation"), proof.cite("norm_equation_along_the_direction")
    return proof.conclude(proof.have(proof.statement.claim, combination((split, 1 / r(t)), (radial, -UNIT / r(t)))))


outward = sp.Function("p", real=True)
OUTWARD_PART = SequenceDefinition(outward, t, OUTWARD)
K, L, x, y, p, q, e, f, scale = sp.symbols("K L x y p q e f alpha", real=True)
ORDER = lr + weight_decay  # first order in (eta, lambda)
SMALL = [gt(lr, 0), ge(weight_decay, 0), le(sp.Abs(outward(t)), K * ORDER**2), le(sp.Abs(GROWTH), L * ORDER)]
RESIDUAL = direction_residual(centripetal_rate())
SECOND_ORDER = (K * ORDER**2 * sp.Abs(UNIT) + L * lr * ORDER * sp.Abs(TURN)) / r(t)


@theorem(
    source=GouldTanaka("Proposition 3, Equation (9), with Lambda = (eta/2) |E'|^2"),
    where=[RADIUS, DIRECTION, UPDATE, OUTWARD_PART],
    given=[*MOVING, *SMALL],
    claim=All((le(RESIDUAL, SECOND_ORDER), le(-RESIDUAL, SECOND_ORDER))),
    sample=ANY | {lr: sp.Integer(1), K: sp.Integer(100), L: sp.Integer(100)},
)
def direction_equation(proof):
    """Equation (9) holds up to second order, with Lambda = (eta/2) |E'|^2, if <E, u> is of second order, r' of first.

    The error of each coordinate is at most (K (eta + lambda)^2 |E_i| + L eta (eta + lambda) |E_i'|)/r if
    |<E, u>| <= K (eta + lambda)^2 and |r'| <= L (eta + lambda)."""
    exact, outward_is = proof.cite("direction_equation_exact"), proof.unfold(outward(t))
    free = proof.forget(*proof.scope.hypotheses)
    free = free.assume(gt(scale, 0), le(sp.Abs(p), x), le(sp.Abs(q), y))
    parts = []
    for side, claim in zip((1, -1), proof.statement.claim.parts, strict=True):
        general = free.have(le(side * (p * e - scale * q * f), x * sp.Abs(e) + scale * y * sp.Abs(f)), polynomial())
        values = {p: outward(t), q: GROWTH, x: K * ORDER**2, y: L * ORDER, e: UNIT, f: TURN, scale: lr}
        bounded = proof.have(general.claim.subs(values), instance(general, values))
        facts = ((exact, side), (outward_is, -side / r(t) * UNIT))
        parts.append(proof.have(claim, combination((bounded, 1 / r(t)), *facts)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


rate = sp.Symbol("Lambda", real=True)
STEERED = ForAll(
    coordinate,
    (le(0, coordinate), le(coordinate, dimension - 1)),
    eq(lr / 2 * TURN_CHANGE + TURN + rate * UNIT, -STEP / r(t)),
)


@theorem(
    source=ThisLibrary("Proposition 3 of Gould & Tanaka 2024, what Lambda does"),
    where=[RADIUS, DIRECTION, UPDATE],
    given=[*MOVING, eq(OUTWARD, 0), STEERED],
    claim=eq(rate, centripetal_rate()),
    runs=False,
    sample=STEADY | {rate: lr / 2},
)
def centripetal_rate_is_forced(proof):
    """Lambda keeps |E| = 1: where <E, u> = 0, Equation (9) with any rate makes that rate (eta/2) |E'|^2."""
    facts = proof.cite("direction_has_unit_length")
    one, across, inward = (proof.have(part, hypothesis, using=[facts]) for part in facts.claim.parts)
    span = (coordinate, 0, dimension - 1)
    steered = proof.have(STEERED, hypothesis)
    sides = (sp.Sum(UNIT * STEERED.body.lhs, span), sp.Sum(UNIT * STEERED.body.rhs, span))
    whole = proof.have(eq(*sides), under_sum(STEERED), using=[steered])
    none = proof.have(eq(OUTWARD, 0), hypothesis)
    facts = ((whole, 1), (none, -1 / r(t)), (across, -1), (inward, -lr / 2), (one, -rate))
    return proof.conclude(proof.have(proof.statement.claim, combination(*facts)))


@theorem(
    source=ThisLibrary("Proposition 3 of Gould & Tanaka 2024, what Lambda does"),
    where=[RADIUS, DIRECTION, UPDATE],
    given=[*MOVING, eq(OUTWARD, 0), eq(GROWTH, 0), eq(GROWTH_CHANGE, 0)],
    claim=eq(centripetal_rate(), weight_decay),
    runs=False,
    sample=STEADY,
)
def centripetal_rate_at_equilibrium(proof):
    """At a constant norm with <E, u> = 0, Lambda is the weight decay lambda, exactly."""
    radial = proof.cite("norm_equation_along_the_direction")
    none, still, steady = (proof.have(fact, hypothesis) for fact in proof.statement.given[-3:])
    facts = ((radial, -1 / r(t)), (none, 1 / r(t)), (still, 1 / r(t)), (steady, lr / 2 / r(t)))
    return proof.conclude(proof.have(proof.statement.claim, combination(*facts)))


size, speed = sp.symbols("U omega", real=True)


@theorem(
    source=ThisLibrary("Proposition 3 of Gould & Tanaka 2024, what Lambda does"),
    given=[
        *(gt(symbol, 0) for symbol in (lr, weight_decay, size, scale)),
        eq(speed, size / scale),
        eq(scale**2, lr * size**2 / (2 * weight_decay)),
    ],
    claim=eq(lr / 2 * speed**2, weight_decay),
)
def leading_order_rate_at_equilibrium(proof):
    """|E'| = |u|/r and Theorem 2's equilibrium r^2 = (eta/(2 lambda)) |u|^2 give Lambda = lambda too."""
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))


# -- dimensional analysis -----------------------------------------------------------------------------------------


X, R, F, p_u = (sp.Function(name, real=True) for name in ("X", "R", "F", "U"))
SCALED = SequenceDefinition(X, t, scale * WEIGHT, (), (coordinate,))
BIGGER = [SCALED, *norm_and_direction(X, R, F), update_of(weight=X, update=p_u)]
PRINTED_RATE = centripetal_rate_as_printed()


@theorem(
    source=ThisLibrary("Proposition 3 of Gould & Tanaka 2024, dimensional analysis"),
    where=[RADIUS, DIRECTION, UPDATE, *BIGGER],
    given=[*MOVING, gt(scale, 0), gt(R(t), 0)],
    claim=All(
        (
            eq(p_u(coordinate, t), scale * STEP),
            eq(R(t), scale * r(t)),
            eq(F(coordinate, t), UNIT),
            eq(R(t) * centripetal_rate(), scale * PRINTED_RATE),
        )
    ),
    sample=ANY,
)
def rates_under_scaling(proof):
    """W -> alpha W gives u -> alpha u and the same direction, but the printed Lambda grows by alpha.

    So Equation (9), in which u/|W| and E do not change, cannot hold with the printed Lambda at every scale."""
    moved, longer, same, more = proof.statement.claim.parts
    moved = proof.have(moved, differentiation)
    total = eq(norm_squared(X(coordinate, t)), scale**2 * norm_squared(WEIGHT))
    total = proof.have(total, unfolding(X))
    before, after = proof.unfold(r(t)), proof.unfold(R(t))
    squared = proof.have(eq(R(t) ** 2, scale**2 * r(t) ** 2), algebra(before, after, total))
    longer = proof.have(longer, squares(squared))
    unfolded = (proof.unfold(F(coordinate, t)), proof.unfold(X(coordinate, t)), proof.unfold(UNIT))
    same = proof.have(same, algebra(*unfolded, longer))
    more = proof.have(more, algebra(longer))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(moved, longer, same, more)))


printed_direction_equation = printed(
    name="direction_equation_with_printed_rate",
    title="Equation (9) up to second order with Lambda = (eta/2) r |E'|^2",
    source=GouldTanaka("Proposition 3, Equation (9)"),
    where=[RADIUS, DIRECTION, update_of(K * lr)],
    given=[
        *MOVING,
        eq(inner(WEIGHT, velocity()), 0),
        eq(inner(WEIGHT, acceleration()) / 2 + K * norm_squared(WEIGHT), 0),
    ],
    claim=BigO(direction_residual(centripetal_rate_as_printed()), lr, 2),
    witness={
        dimension: 2,
        coordinate: 0,
        t: 0,
        K: "1/2",
        W: CIRCLE,
    },
    repaired="direction_equation",
    why="Dividing Equation (17) by r leaves (eta/2) |E'|^2 without r; the printed Lambda is not even scale-free.",
)
