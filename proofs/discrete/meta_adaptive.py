"""A normalisation layer acts as a second adaptive normalisation: the exact discrete statement, without momentum.

Scale invariance, a scalar normaliser and gamma = 0 make the update tangential, <W_n, u_n> = 0.  Then, with decoupled
weight decay 0 < eta lambda < 2, |W_{n+1}|^2 is a moving average of |u_n|^2 with beta' = (1 - eta lambda)^2, and the
direction W/|W| moves by sqrt(1 - beta') u_n/sqrt(V_n), projected back to the sphere: adaptive normalisation with
gamma_2 = 0 and beta_2 = beta', by the norm of the whole matrix, without bias correction, and from |W_0| instead of 0.
"""

import sympy as sp

from adamtheory.dynamics.definitions import c, descent, orthogonal, start
from adamtheory.dynamics.definitions import turned as turned_gradients
from adamtheory.dynamics.norms import shrinkage
from adamtheory.dynamics.second_normaliser import (
    continuous_prefactor,
    direction,
    effective_rate,
    implied_beta,
    implied_start,
    length,
    norm,
    prefactor,
    second,
    second_moment,
    size,
    tangential,
    turned,
    unit,
    update_size,
    update_squared,
    weighted_updates,
    weights,
    weights_squared,
)
from adamtheory.notation import W, beta, coordinate, g, gamma, inner, lr, m, n, norm_squared, u, weight_decay
from adamtheory.proof import (
    All,
    BigO,
    Iff,
    SequenceDefinition,
    Tends,
    ThisLibrary,
    algebra,
    at,
    combination,
    conjunction,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    limit,
    lt,
    ne,
    polynomial,
    series,
    sign,
    squares,
    theorem,
    unfolding,
)

SOURCE = ThisLibrary("normalisation layers as a second normaliser")
i, d, V = coordinate, shrinkage(), (update_size, second_moment())
BETA = implied_beta()
DECAYING = (gt(lr, 0), gt(lr * weight_decay, 0), lt(lr * weight_decay, 2))
SMALL = (gt(lr, 0), gt(lr * weight_decay, 0), le(lr * weight_decay, 1))
NOT_ZERO = (gt(length(n), 0), gt(length(n + 1), 0))
SCALAR = SequenceDefinition(u, n, c(n) * m(i, n), (), (i,))


@theorem(
    source=SOURCE,
    where=[*descent, SCALAR],
    given=[orthogonal, eq(gamma, 0)],
    claim=eq(inner(W(i, n), u(i, n)), 0),
    sample=turned_gradients,
)
def scalar_normaliser_without_momentum_is_tangential(proof):
    """A scale-invariant loss, one normaliser for the whole matrix and gamma = 0 give <W_n, u_n> = 0."""
    none = proof.have(eq(inner(W(i, n), g(i, n)), 0), at(orthogonal, n))
    alone = proof.have(eq(gamma, 0), hypothesis)
    first = proof.have(eq(inner(W(i, n), u(i, n)), c(n) * inner(W(i, n), m(i, n))), unfolding(u))
    past = gamma * inner(W(i, n), m(i, n - 1)) + (1 - gamma) * inner(W(i, n), g(i, n))
    split = proof.have(eq(inner(W(i, n), m(i, n)), past), unfolding(m))
    rest = c(n) * (inner(W(i, n), m(i, n - 1)) - inner(W(i, n), g(i, n)))
    facts = ((first, 1), (split, c(n)), (alone, rest), (none, c(n)))
    return proof.conclude(proof.have(proof.statement.claim, combination(*facts)))


@theorem(
    source=SOURCE,
    where=[weights],
    given=[tangential],
    claim=eq(weights_squared(n + 1), BETA * weights_squared() + lr**2 * update_squared()),
    sample=turned,
)
def tangential_updates_lengthen(proof):
    """|W_{n+1}|^2 = (1 - eta lambda)^2 |W_n|^2 + eta^2 |u_n|^2 where <W_n, u_n> = 0."""
    step, none = proof.cite("norm_after_one_update"), proof.have(eq(inner(W(i, n), u(i, n)), 0), at(tangential, n))
    return proof.conclude(proof.have(proof.statement.claim, combination((step, 1), (none, -2 * lr * d))))


@theorem(source=SOURCE, given=[gt(lr, 0)], claim=Iff(lt(BETA, 1), All(DECAYING[1:])))
def range_of_the_implied_decay(proof):
    """beta' = (1 - eta lambda)^2 is in [0, 1) exactly for 0 < eta lambda < 2; it is 0 at eta lambda = 1."""
    inside = proof.assume(lt(BETA, 1))
    forward = inside.have(
        proof.statement.claim.right, conjunction(*(inside.have(p, polynomial()) for p in DECAYING[1:]))
    )
    back = proof.assume(proof.statement.claim.right)
    facts = [back.have(p, hypothesis) for p in DECAYING[1:]]
    backward = back.have(lt(BETA, 1), polynomial(), using=facts)
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))


def unit_gap(proof):
    """1 - beta' = eta lambda (2 - eta lambda) > 0."""
    return proof.have(gt(1 - BETA, 0), polynomial())


@theorem(
    source=SOURCE,
    where=[weights, *V],
    given=[tangential, *DECAYING],
    claim=eq(weights_squared(n + 1), prefactor() * second(n)),
    sample=turned,
)
def squared_norm_is_a_second_moment(proof):
    """|W_{n+1}|^2 = eta^2/(1 - beta') V_n, V_n = beta' V_{n-1} + (1 - beta') |u_n|^2 and beta' = (1 - eta lambda)^2.

    V starts from V_{-1} = (1 - beta') |W_0|^2/eta^2, and 0 < eta lambda < 2."""
    proof = proof.knowing(unit_gap(proof))
    claim = proof.statement.claim
    zero = sp.Integer(0)
    first = proof.cite("tangential_updates_lengthen", {n: zero})
    begin = proof.have(eq(weights_squared(zero), norm_squared(start(i))), unfolding(W))
    moment, before, large = proof.unfold(second(zero)), proof.unfold(second(-1)), proof.unfold(size(zero))
    facts = ((moment, -prefactor()), (before, -prefactor() * BETA), (large, -(lr**2)))
    base = proof.have(claim.subs({n: zero}), combination((first, 1), (begin, BETA), *facts))
    here = proof.assume(claim)
    known = here.have(claim, hypothesis)
    following = here.cite("tangential_updates_lengthen", {n: n + 1})
    moment, large = here.unfold(second(n + 1)), here.unfold(size(n + 1))
    facts = ((moment, -prefactor()), (large, -(lr**2)))
    after = here.have(claim.subs({n: n + 1}), combination((following, 1), (known, BETA), *facts))
    return proof.conclude(proof.have(claim, induction(n, base, after)))


@theorem(
    source=SOURCE,
    where=V,
    given=[*DECAYING, ne(d, 0)],
    claim=eq(second(n), weighted_updates() + BETA ** (n + 1) * implied_start()),
    sample=turned,
)
def second_moment_with_its_start(proof):
    """V_n is the moving average of |u|^2 from 0, plus the start |W_0|^2 (1 - beta')/eta^2 with weight beta'^(n+1).

    Adam's v_n, bias-corrected, is the first part divided by 1 - beta'^(n+1): V_n takes no such correction."""
    claim = proof.statement.claim
    before = proof.unfold(second(-1))
    base = proof.have(claim.subs({n: sp.Integer(0)}), algebra(proof.unfold(second(sp.Integer(0))), before))
    here = proof.assume(claim)
    known = here.have(claim, hypothesis)
    step = here.have(claim.subs({n: n + 1}), algebra(here.unfold(second(n + 1)), known))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(source=SOURCE, given=[*DECAYING, eq(beta, BETA)], claim=Tends(beta ** (n + 1), n, sp.oo, 0))
def weight_of_the_start_fades(proof):
    """The weight beta'^(n+1) of |W_0|^2 tends to 0: only as n grows does V_n become the bias-corrected average."""
    factor = proof.have(eq(beta, BETA), hypothesis)
    small = proof.have(lt(beta, 1), polynomial(), using=[factor])
    whole = proof.have(ge(beta, 0), sign(BETA, factor))
    return proof.conclude(proof.knowing(small, whole).have(proof.statement.claim, limit()))


RATE = effective_rate()
KEPT = sp.sqrt(1 - lr**2 * update_squared() / length(n + 1) ** 2)
STEP = RATE * u(i, n) / sp.sqrt(second(n))


def squared_length(proof, step):
    """r_n^2 = |W_n|^2."""
    return proof.have(eq(length(step) ** 2, weights_squared(step)), algebra(proof.unfold(length(step))))


@theorem(
    source=SOURCE,
    where=[weights, *V, norm, unit],
    given=[tangential, *SMALL, *NOT_ZERO],
    claim=eq(direction(i, n + 1), KEPT * direction(i, n) - STEP),
    sample=turned,
)
def normalisation_layer_is_a_second_normaliser(proof):
    """E_{n+1} = sqrt(1 - eta^2 |u_n|^2/|W_{n+1}|^2) E_n - sqrt(1 - beta') u_n/sqrt(V_n) for the direction E = W/|W|.

    The hypotheses are <W_n, u_n> = 0 and 0 < eta lambda <= 1.  The second normaliser is a moving average of |u|^2 with
    beta' = (1 - eta lambda)^2 and gamma' = 0, its learning rate sqrt(eta lambda (2 - eta lambda)); it divides by the
    norm of the whole matrix, has no bias correction, and E_n is shortened so that E_{n+1} stays on the unit sphere."""
    proof = proof.knowing(unit_gap(proof))
    moment, step = proof.cite("squared_norm_is_a_second_moment"), proof.cite("tangential_updates_lengthen")
    now, after = squared_length(proof, n), squared_length(proof, n + 1)
    value = proof.have(
        eq(second(n), length(n + 1) ** 2 / prefactor()),
        combination((moment, -1 / prefactor()), (after, -1 / prefactor())),
    )
    proof = proof.knowing(proof.have(gt(second(n), 0), sign(length(n + 1) ** 2 / prefactor(), value)))
    squared = proof.have(eq(second(n), (length(n + 1) * RATE / lr) ** 2), algebra(value))
    root = proof.have(eq(sp.sqrt(second(n)), length(n + 1) * RATE / lr), squares(squared))
    weight = -lr / (length(n + 1) * RATE * sp.sqrt(second(n)))
    inverse = proof.have(eq(1 / sp.sqrt(second(n)), lr / (length(n + 1) * RATE)), combination((root, weight)))
    share = d * length(n) / length(n + 1)
    rest = proof.have(
        eq(1 - lr**2 * update_squared() / length(n + 1) ** 2, share**2),
        combination((after, 1 / length(n + 1) ** 2), (step, 1 / length(n + 1) ** 2), (now, -BETA / length(n + 1) ** 2)),
    )
    kept = proof.have(eq(KEPT, share), squares(rest))
    here, there = proof.unfold(direction(i, n)), proof.unfold(direction(i, n + 1))
    moved = proof.unfold(W(i, n + 1))
    return proof.conclude(proof.have(proof.statement.claim, algebra(kept, inverse, there, here, moved)))


@theorem(
    source=SOURCE,
    where=[weights, norm, unit],
    given=[tangential, *SMALL, lt(lr * weight_decay, 1), *NOT_ZERO],
    claim=All(
        (
            eq(
                direction(i, n + 1),
                (direction(i, n) - lr / (d * length(n)) * u(i, n))
                / sp.sqrt(1 + lr**2 * update_squared() / (d * length(n)) ** 2),
            ),
            eq(inner(direction(i, n), u(i, n)), 0),
        )
    ),
    sample=turned,
)
def direction_step_is_a_projected_step(proof):
    """The direction takes the plain step E_n - eta u_n/((1 - eta lambda) |W_n|), then returns to the unit sphere.

    The step is tangential, so its length is sqrt(1 + eta^2 |u_n|^2/((1 - eta lambda) |W_n|)^2)."""
    claim, across = proof.statement.claim.parts
    step = proof.cite("tangential_updates_lengthen")
    now, after = squared_length(proof, n), squared_length(proof, n + 1)
    scale = d * length(n)
    proof = proof.knowing(proof.have(gt(d, 0), polynomial()))
    grown = proof.have(
        eq(1 + lr**2 * update_squared() / scale**2, (length(n + 1) / scale) ** 2),
        combination((after, -1 / scale**2), (step, -1 / scale**2), (now, 1 / length(n) ** 2)),
    )
    root = proof.have(eq(sp.sqrt(grown.claim.lhs), length(n + 1) / scale), squares(grown))
    weight = -scale / (length(n + 1) * root.claim.lhs)
    inverse = proof.have(eq(1 / root.claim.lhs, scale / length(n + 1)), combination((root, weight)))
    here, there = proof.unfold(direction(i, n)), proof.unfold(direction(i, n + 1))
    moved = proof.unfold(W(i, n + 1))
    first = proof.have(claim, algebra(inverse, there, here, moved))
    none = proof.have(eq(inner(W(i, n), u(i, n)), 0), at(tangential, n))
    split = proof.have(eq(across.lhs, inner(W(i, n), u(i, n)) / length(n)), unfolding(direction))
    second_part = proof.have(across, combination((split, 1), (none, 1 / length(n))))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(first, second_part)))


@theorem(
    source=SOURCE,
    given=DECAYING,
    claim=All(
        (
            eq(1 - BETA, lr * weight_decay * (2 - lr * weight_decay)),
            eq(prefactor(), lr / (weight_decay * (2 - lr * weight_decay))),
            eq(prefactor() - continuous_prefactor(), lr**2 / (2 * (2 - lr * weight_decay))),
        )
    ),
)
def prefactor_of_the_squared_norm(proof):
    """|W|^2 is eta/(lambda (2 - eta lambda)) times a moving average, where Equation (8) has eta/(2 lambda)."""
    proof = proof.knowing(unit_gap(proof), proof.have(lt(0, weight_decay), polynomial()))
    parts = [proof.have(part, algebra()) for part in proof.statement.claim.parts]
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(source=SOURCE, claim=BigO(sp.exp(-2 * weight_decay * lr) - BETA, lr, 2))
def decay_agrees_to_first_order(proof):
    """Equation (8)'s decay e^(-2 lambda eta) a step is beta' = (1 - eta lambda)^2 up to O(eta^2)."""
    return proof.conclude(proof.have(proof.statement.claim, series()))
