"""A normalisation layer without weight decay: |W_n|^2 accumulates |u_n|^2, and the direction takes AdaGrad's steps.

Nothing is forgotten, so the direction's learning rate only falls; A_n is the accumulator of the squared norms |u_n|^2.
"""

import sympy as sp

from adamtheory.dynamics.definitions import start
from adamtheory.dynamics.norms import shrinkage
from adamtheory.dynamics.second_normaliser import (
    accumulated,
    direction,
    length,
    norm,
    size,
    tangential,
    total,
    turned,
    unit,
    update_size,
    update_squared,
    weights,
    weights_squared,
)
from adamtheory.methods import AdaGrad
from adamtheory.notation import (
    W,
    coordinate,
    dimension,
    g,
    j,
    lr,
    n,
    norm_squared,
    u,
    weight_decay,
)
from adamtheory.proof import (
    ForAll,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    sign,
    squares,
    theorem,
    unfolding,
)

SOURCE = ThisLibrary("normalisation layers as a second normaliser")
i, d, zero = coordinate, shrinkage(), sp.Integer(0)
FREE = [weights, update_size, accumulated()]
NO_DECAY = [tangential, gt(lr, 0), eq(weight_decay, 0)]
G = sp.Function("G", real=True)
ADAGRAD = next(x for x in AdaGrad().rule.definitions() if x.function == G)


def by_induction(proof, base, step):
    """The claim for every n, from the step under its hypothesis."""
    claim = proof.statement.claim
    here = proof.assume(claim)
    return proof.have(claim, induction(n, base, step(here, here.have(claim, hypothesis))))


@theorem(source=SOURCE, where=FREE, given=NO_DECAY, claim=eq(weights_squared(n + 1), lr**2 * total(n)), sample=turned)
def squared_norm_accumulates_without_weight_decay(proof):
    """Without weight decay |W_{n+1}|^2 = eta^2 A_n with A_n = |W_0|^2/eta^2 + |u_0|^2 + ... + |u_n|^2."""
    claim, free = proof.statement.claim, proof.have(eq(weight_decay, 0), hypothesis)

    def longer(here, step):
        growth = here.cite("tangential_updates_lengthen", {n: step})
        plain = eq(growth.claim.lhs, weights_squared(step) + lr**2 * update_squared(step))
        return here.have(plain, algebra(growth, free), using=[free])

    begin = proof.have(eq(weights_squared(zero), norm_squared(start(i))), unfolding(W))
    names = (proof.unfold(total(zero)), proof.unfold(total(-1)), proof.unfold(size(zero)))
    facts = [(fact, -(lr**2)) for fact in names]
    base = proof.have(claim.subs({n: zero}), combination((longer(proof, zero), 1), (begin, 1), *facts))

    def step(here, known):
        names = (here.unfold(total(n + 1)), here.unfold(size(n + 1)))
        facts = [(fact, -(lr**2)) for fact in names]
        return here.have(claim.subs({n: n + 1}), combination((longer(here, n + 1), 1), (known, 1), *facts))

    return proof.conclude(by_induction(proof, base, step))


SAME_INPUT = ForAll(j, (), eq(g(j) ** 2, size(j)))


@theorem(
    source=SOURCE,
    where=[ADAGRAD, *FREE[1:]],
    given=[gt(lr, 0), SAME_INPUT],
    claim=eq(total(n), G(n) + norm_squared(start(i)) / lr**2),
    sample={dimension: 1, g: sp.Lambda(n, u(0, n))},
    runs=False,
)
def accumulator_is_adagrads(proof):
    """A_n is AdaGrad's accumulator of gradients of size |u_n|, started at |W_0|^2/eta^2 instead of 0."""
    claim = proof.statement.claim

    def same(here, step):
        return here.have(eq(g(step) ** 2, size(step)), at(SAME_INPUT, step))

    names = [proof.unfold(f(at)) for f in (total, G) for at in (zero, -1)]
    signs = (1, 1, -1, -1)
    base = proof.have(claim.subs({n: zero}), combination(*zip(names, signs, strict=True), (same(proof, zero), -1)))

    def step(here, known):
        mine, theirs = here.unfold(total(n + 1)), here.unfold(G(n + 1))
        facts = ((mine, 1), (theirs, -1), (same(here, n + 1), -1), (known, 1))
        return here.have(claim.subs({n: n + 1}), combination(*facts))

    return proof.conclude(by_induction(proof, base, step))


NOT_ZERO = (gt(length(n), 0), gt(length(n + 1), 0))
KEPT = sp.sqrt(1 - lr**2 * update_squared() / length(n + 1) ** 2)


@theorem(
    source=SOURCE,
    where=[*FREE, norm, unit],
    given=[*NO_DECAY, *NOT_ZERO],
    claim=eq(direction(i, n + 1), KEPT * direction(i, n) - u(i, n) / sp.sqrt(total(n))),
    sample=turned,
)
def direction_takes_adagrad_steps_without_weight_decay(proof):
    """Without weight decay the direction takes AdaGrad's steps u_n/sqrt(A_n), and returns to the unit sphere."""
    free = proof.have(eq(weight_decay, 0), hypothesis)
    growth, whole = (
        proof.cite("tangential_updates_lengthen"),
        proof.cite("squared_norm_accumulates_without_weight_decay"),
    )
    growth = proof.have(eq(growth.claim.lhs, weights_squared() + lr**2 * update_squared()), algebra(growth, free))
    now, after = (
        proof.have(eq(length(at) ** 2, weights_squared(at)), algebra(proof.unfold(length(at)))) for at in (n, n + 1)
    )
    value = proof.have(eq(total(n), (length(n + 1) / lr) ** 2), combination((whole, -1 / lr**2), (after, -1 / lr**2)))
    proof = proof.knowing(proof.have(gt(total(n), 0), sign((length(n + 1) / lr) ** 2, value)))
    root = proof.have(eq(sp.sqrt(total(n)), length(n + 1) / lr), squares(value))
    inverse = eq(1 / sp.sqrt(total(n)), lr / length(n + 1))
    inverse = proof.have(inverse, combination((root, -lr / (length(n + 1) * sp.sqrt(total(n))))))
    weight = 1 / length(n + 1) ** 2
    rest = eq(1 - lr**2 * update_squared() / length(n + 1) ** 2, (length(n) / length(n + 1)) ** 2)
    rest = proof.have(rest, combination((after, weight), (growth, weight), (now, -weight)))
    kept = proof.have(eq(KEPT, length(n) / length(n + 1)), squares(rest))
    here, there = proof.unfold(direction(i, n)), proof.unfold(direction(i, n + 1))
    moved = proof.unfold(W(i, n + 1))
    return proof.conclude(proof.have(proof.statement.claim, algebra(kept, inverse, there, here, moved, free)))


least = sp.Symbol("rho", real=True)
LARGE = ForAll(j, (), ge(size(j), least))
ACTIVE = [gt(lr, 0), gt(least, 0), LARGE]


@theorem(
    source=SOURCE,
    where=FREE[1:],
    given=ACTIVE,
    claim=le(least * (n + 1), total(n)),
    sample={least: sp.Rational(1, 100)},
)
def accumulator_grows_linearly(proof):
    """Updates with |u_n|^2 >= rho make A_n >= rho (n + 1)."""
    claim = proof.statement.claim
    first, before = proof.unfold(total(zero)), proof.unfold(total(-1))
    size_0 = proof.have(ge(size(zero), least), at(LARGE, zero))
    begin = norm_squared(start(i)) / lr**2
    base = proof.have(claim.subs({n: zero}), combination((first, -1), (before, -1), (size_0, 1), plus=begin))

    def step(here, known):
        following, more = here.unfold(total(n + 1)), here.have(ge(size(n + 1), least), at(LARGE, n + 1))
        return here.have(claim.subs({n: n + 1}), combination((following, -1), (more, 1), (known, 1)))

    return proof.conclude(by_induction(proof, base, step))


@theorem(
    source=SOURCE,
    where=FREE[1:],
    given=[*ACTIVE, gt(total(n), 0)],
    claim=le(1 / total(n), 1 / (least * (n + 1))),
    sample={least: sp.Rational(1, 100)},
)
def steps_die_out_without_weight_decay(proof):
    """Without weight decay the direction's learning rate 1/sqrt(A_n) is at most 1/sqrt(rho (n + 1)).

    The updates have |u_n|^2 >= rho > 0."""
    below = proof.cite("accumulator_grows_linearly")
    weight = 1 / (least * (n + 1) * total(n))
    return proof.conclude(proof.have(proof.statement.claim, combination((below, weight))))
