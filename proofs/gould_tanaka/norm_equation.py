"""Equation (15): how the squared norm of a weight moves under Equation (7), exactly, and what Theorem 2 neglects.

W is any twice differentiable curve and u what Equation (7) then says: nothing here is approximate.  "Up to order eta"
needs phi'' small, which no rearranging gives: Equation (7) has a fast motion exp(-2 t/eta) along which it is large.
It is small once that motion has faded, or never started, if the slow side of Equation (15) moves slowly itself.
"""

import sympy as sp

from adamtheory.dynamics.direction import (
    acceleration,
    neglected_by_norm,
    phi,
    squared_norm,
    squared_speed_expansion,
    update_of,
    velocity,
)
from adamtheory.notation import W, coordinate, dimension, inner, lr, norm_squared, t, u, weight_decay
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Regular,
    SequenceDefinition,
    ThisLibrary,
    along,
    at,
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
    theorem,
    unfolding,
)

PHI, UPDATE = squared_norm(), update_of()
MOVING = [ge(t, 0), Regular(W, 2, 0, t)]
WEIGHT, STEP = W(coordinate, t), u(coordinate, t)
FIRST, SECOND = sp.Derivative(phi(t), t), sp.Derivative(phi(t), (t, 2))
ANY = {dimension: 2, W: sp.Lambda((coordinate, t), coordinate + t**2)}
LEFT = lr / 2 * SECOND + FIRST + 2 * weight_decay * phi(t)


def derivatives(proof):
    """phi' = 2 <W, W'> and phi'' = 2 <W, W''> + 2 |W'|^2."""
    first = proof.have(eq(FIRST, 2 * inner(WEIGHT, velocity())), differentiation)
    value = 2 * inner(WEIGHT, acceleration()) + 2 * norm_squared(velocity())
    return first, proof.have(eq(SECOND, value), differentiation)


@theorem(
    source=GouldTanaka("Appendix J, Equation (15)"),
    where=[PHI, UPDATE],
    given=MOVING,
    claim=eq(LEFT, lr * norm_squared(velocity()) - 2 * inner(WEIGHT, STEP)),
    sample=ANY,
)
def squared_norm_equation(proof):
    """(eta/2) phi'' + phi' + 2 lambda phi = eta |W'|^2 - 2 <W, u> for phi = |W|^2, exactly."""
    first, second = derivatives(proof)
    pull = lr / 2 * inner(WEIGHT, acceleration()) + inner(WEIGHT, velocity()) + weight_decay * norm_squared(WEIGHT)
    against = proof.have(eq(inner(WEIGHT, STEP), -pull), unfolding(u))
    value = proof.unfold(phi(t))
    return proof.conclude(
        proof.have(
            proof.statement.claim,
            combination((first, 1), (second, lr / 2), (value, 2 * weight_decay), (against, 2)),
        )
    )


@theorem(
    source=GouldTanaka("Appendix J, proof of Theorem 2"),
    where=[UPDATE],
    given=MOVING,
    claim=eq(squared_speed_expansion(), norm_squared(velocity())),
    sample=ANY,
)
def squared_speed_in_terms_of_update(proof):
    """|W'|^2 = |u|^2 + lambda eta <W, W''> + eta <W'', u> + eta^2/4 |W''|^2 + lambda^2 |W|^2 + 2 lambda <W, u> exactly.

    As transcribed, with the dots restored."""
    return proof.conclude(proof.have(proof.statement.claim, unfolding(u)))


@theorem(
    source=GouldTanaka("Appendix J, proof of Theorem 2"),
    where=[PHI, UPDATE],
    given=MOVING,
    claim=eq(FIRST + 2 * weight_decay * phi(t), lr * norm_squared(STEP) + neglected_by_norm()),
    sample=ANY,
)
def what_the_norm_equation_neglects(proof):
    """phi' + 2 lambda phi = eta |u|^2 + R, with everything that Theorem 2 neglects written out in R."""
    equation, speed = proof.cite("squared_norm_equation"), proof.cite("squared_speed_in_terms_of_update")
    return proof.conclude(proof.have(proof.statement.claim, combination((equation, 1), (speed, -lr))))


a, b, c, x, y, z = sp.symbols("a b c x y z", real=True)
across, excess = sp.Function("p", real=True), sp.Function("q", real=True)
ALIGNMENT = SequenceDefinition(across, t, inner(WEIGHT, STEP))
EXCESS = SequenceDefinition(excess, t, norm_squared(velocity()) - norm_squared(STEP))
SMALL = (across(t), lr / 2 * SECOND, excess(t))
SIZES = [le(sp.Abs(part), size) for part, size in zip(SMALL, (a, b, c), strict=True)]
CLOSE = ANY | {a: sp.Abs(across(t)) + 1, b: sp.Abs(lr / 2 * SECOND) + 1, c: sp.Abs(excess(t)) + 1}
REST = FIRST + 2 * weight_decay * phi(t) - lr * norm_squared(STEP)


@theorem(
    source=ThisLibrary("what Theorem 2 of Gould & Tanaka 2024 neglects"),
    where=[PHI, UPDATE, ALIGNMENT, EXCESS],
    given=[*MOVING, ge(lr, 0), *SIZES],
    claim=All((le(REST, lr * c + 2 * a + b), le(-REST, lr * c + 2 * a + b))),
    sample=CLOSE,
)
def norm_equation_error(proof):
    """phi' + 2 lambda phi is eta |u|^2 up to 2 |<W, u>| + |(eta/2) phi''| + eta ||W'|^2 - |u|^2|.

    It is of second order where the first two are, and W' = -u up to first order: each is a hypothesis."""
    equation = proof.cite("squared_norm_equation")
    alignment, excess_is = proof.unfold(across(t)), proof.unfold(excess(t))
    sizes = [proof.have(size, hypothesis) for size in SIZES]
    parts = []
    for side, claim in zip((1, -1), proof.statement.claim.parts, strict=True):
        first, second, third = (
            proof.have(le(sign * side * part, size), polynomial(), using=[known])
            for sign, part, size, known in zip((-1, -1, 1), SMALL, (a, b, c), sizes, strict=True)
        )
        facts = ((equation, side), (alignment, 2 * side), (excess_is, -side * lr))
        parts.append(proof.have(claim, combination((first, 2), (second, 1), (third, lr), *facts)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


# -- how large phi'' is -------------------------------------------------------------------------------------------

slope, slow = sp.Function("psi", real=True), sp.Function("S", real=True)
speed_limit = sp.Symbol("M", real=True)
UP_TO_NOW = (le(0, x), le(x, t))
TURN, DRIFT = sp.Derivative(slope(x), x), sp.Derivative(slow(x), x)
FOLLOWS = ForAll(x, UP_TO_NOW, eq(lr / 2 * TURN + slope(x), slow(x)))
MOVES_SLOWLY = ForAll(x, UP_TO_NOW, le(sp.Abs(DRIFT), speed_limit))
FADED = sp.exp(-2 * t / lr)
SECOND_ORDER = lr / 2 * sp.Derivative(slope(t), t)
START = slope(0) - slow(0)
SHARE = sp.Abs(START) * FADED + lr * speed_limit / 2 * (1 - FADED)
# psi = 1 + x follows S = eta/2 + 1 + x
FITTING = {slope: sp.Lambda(x, 1 + x), slow: sp.Lambda(x, lr / 2 + 1 + x), speed_limit: sp.Integer(2)}


def one_side(proof, side):
    """side (psi - S) at t is at most side (psi - S) at 0, faded, and the lag: by the mean value theorem."""
    growth = sp.exp(2 * x / lr)
    rising = growth * (lr * speed_limit / 2 - side * (slope(x) - slow(x)))
    inside = proof.assume(*UP_TO_NOW)
    follows = inside.have(FOLLOWS.body, at(FOLLOWS, x))
    limit = inside.have(MOVES_SLOWLY.body, at(MOVES_SLOWLY, x))
    drift = inside.have(le(-side * DRIFT, speed_limit), polynomial(), using=[limit])
    change = sp.Derivative(rising, x)
    written = growth * (speed_limit - side * 2 / lr * (slope(x) - slow(x)) - side * (TURN - DRIFT))
    product = inside.have(eq(change, written), differentiation)
    rises = inside.have(le(0, change), combination((product, -1), (follows, side * growth * 2 / lr), (drift, growth)))
    ends = proof.have(le(rising.subs(x, 0), rising.subs(x, t)), along(rises, x, 0, t))
    start = proof.have(le(side * START, sp.Abs(START)), polynomial())
    now = proof.have(eq(SECOND_ORDER + slope(t), slow(t)), at(FOLLOWS, t))
    return proof.have(le(-side * SECOND_ORDER, SHARE), combination((ends, FADED), (start, FADED), (now, -side)))


@theorem(
    source=ThisLibrary("what Theorem 2 of Gould & Tanaka 2024 neglects"),
    given=[
        gt(lr, 0),
        ge(t, 0),
        Regular(slope, 1, 0, t),
        Regular(slow, 1, 0, t),
        FOLLOWS,
        MOVES_SLOWLY,
    ],
    claim=le(sp.Abs(SECOND_ORDER), SHARE),
    sample=FITTING,
)
def second_derivative_of_the_norm_fades(proof):
    """(eta/2) psi' + psi = S gives |(eta/2) psi'| <= |psi(0) - S(0)| e^(-2t/eta) + (eta/2) sup |S'| (1 - e^(-2t/eta)).

    Equation (15) is of this form, with psi = phi' and S = eta |W'|^2 - 2 <W, u> - 2 lambda phi. So its first term is
    of second order where S' = O(eta) + O(lambda), after an initial layer of a few eta, or from a start phi'(0) = S(0).
    Both are hypotheses: no rearranging of the equation gives them."""
    above, beneath = one_side(proof, 1), one_side(proof, -1)
    free = proof.forget(*proof.scope.hypotheses).assume(le(y, z), le(-y, z))
    general = free.have(le(sp.Abs(y), z), polynomial())
    mapping = {y: SECOND_ORDER, z: SHARE}
    return proof.conclude(proof.knowing(above, beneath).have(proof.statement.claim, instance(general, mapping)))


start = sp.Function("w", real=True)
BOUNCE = SequenceDefinition(W, t, start(coordinate) * (1 + FADED), (), (coordinate,))
TOTAL = norm_squared(start(coordinate))


@theorem(
    source=ThisLibrary("what Theorem 2 of Gould & Tanaka 2024 neglects"),
    where=[PHI, BOUNCE, update_of(sp.S.Zero)],
    given=[gt(lr, 0), ge(t, 0)],
    claim=All((eq(STEP, 0), eq(FIRST, -4 / lr * TOTAL * FADED * (1 + FADED)))),
)
def fast_motion_breaks_the_norm_equation(proof):
    """Without decay or update, W = w (1 + e^(-2t/eta)) solves Equation (7), and phi' is of order 1/eta, not 0.

    So phi'' = O(eta) + O(lambda) does not follow from Equation (15): it needs a start without the fast motion."""
    none, change = proof.statement.claim.parts
    still = proof.have(none, differentiation)
    moves = proof.have(change, differentiation)
    return proof.conclude(proof.have(proof.statement.claim, conjunction(still, moves)))
