"""What a normalisation layer's second moving average needs: decoupled decay in range, one normaliser for the matrix.

From eta lambda = 2 on |W_n| averages nothing; coupled decay is not tangential; normalising entry by entry is the same,
up to a constant, where all entries of the update have one size, and not in general.
"""

import sympy as sp

from adamtheory.dynamics.definitions import c, orthogonal, start
from adamtheory.dynamics.definitions import turned as turned_gradients
from adamtheory.dynamics.norms import shrinkage
from adamtheory.dynamics.second_normaliser import (
    tangential,
    turned,
    update_squared,
    weights,
    weights_squared,
)
from adamtheory.notation import (
    W,
    beta,
    coordinate,
    dimension,
    g,
    inner,
    j,
    lr,
    n,
    norm_squared,
    u,
    weight_decay,
)
from adamtheory.proof import (
    All,
    ForAll,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    at,
    combination,
    conjunction,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    polynomial,
    squares,
    theorem,
    under_sum,
    unfolding,
)

SOURCE = ThisLibrary("normalisation layers as a second normaliser")
i, d, zero = coordinate, shrinkage(), sp.Integer(0)


def by_induction(proof, base, step):
    """The claim for every n, from the step under its hypothesis."""
    claim = proof.statement.claim
    here = proof.assume(claim)
    return proof.have(claim, induction(n, base, step(here, here.have(claim, hypothesis))))


@theorem(
    source=SOURCE,
    where=[weights],
    given=[tangential, ge(lr * weight_decay, 2)],
    claim=le(weights_squared(), weights_squared(n + 1)),
    sample=turned | {n: sp.Integer(2)},
)
def no_average_beyond_the_range(proof):
    """From eta lambda = 2 on |W_n| never shrinks: beta' = (1 - eta lambda)^2 >= 1 averages nothing."""
    step = proof.cite("tangential_updates_lengthen")
    more = proof.have(ge(d**2, 1), polynomial())
    rest = lr**2 * update_squared()
    return proof.conclude(
        proof.have(proof.statement.claim, combination((step, -1), (more, weights_squared()), plus=rest))
    )


@theorem(
    source=SOURCE,
    where=[weights],
    given=[tangential, gt(lr * weight_decay, 1), gt(weights_squared(), 0)],
    claim=lt(inner(W(i, n + 1), W(i, n)), 0),
    sample=turned | {n: sp.Integer(2)},
)
def direction_reverses_beyond_one(proof):
    """For eta lambda > 1 each step reverses the direction: <W_{n+1}, W_n> = (1 - eta lambda) |W_n|^2 < 0."""
    none = proof.have(eq(inner(W(i, n), u(i, n)), 0), at(tangential, n))
    split = eq(inner(W(i, n + 1), W(i, n)), d * weights_squared() - lr * inner(W(i, n), u(i, n)))
    step = ForAll(i, (le(0, i), le(i, dimension - 1)), eq(W(i, n + 1), d * W(i, n) - lr * u(i, n)))
    moved = proof.have(step, for_all(proof.unfold(W(i, n + 1))))
    there = proof.have(
        eq(split.lhs, sp.Sum(step.body.rhs * W(i, n), (i, 0, dimension - 1))), under_sum(step), using=[moved]
    )
    split = proof.have(split, algebra(there))
    down = proof.have(gt(lr * weight_decay - 1, 0), polynomial())
    rest = (lr * weight_decay - 1) * weights_squared()
    return proof.conclude(
        proof.knowing(down).have(proof.statement.claim, combination((split, 1), (none, -lr), plus=rest))
    )


DECAYED = c(n) * (g(i, n) + weight_decay * W(i, n))  # the update with coupled weight decay
COUPLED = SequenceDefinition(W, n, W(i, n - 1) - lr * DECAYED.subs(n, n - 1), ((0, start(i)),), (i,))


@theorem(
    source=SOURCE,
    where=[COUPLED],
    given=[orthogonal],
    claim=All(
        (
            eq(inner(W(i, n), DECAYED), c(n) * weight_decay * weights_squared()),
            eq(
                weights_squared(n + 1),
                (1 - lr * weight_decay * c(n)) ** 2 * weights_squared() + lr**2 * c(n) ** 2 * norm_squared(g(i, n)),
            ),
        )
    ),
    sample=turned_gradients,
)
def coupled_weight_decay_is_not_tangential(proof):
    """Coupled weight decay, without momentum, gives <W_n, u_n> = c_n lambda |W_n|^2, not 0.

    |W_n|^2 decays by (1 - eta lambda c_n)^2, which follows the first normaliser c_n: no fixed beta' belongs to it."""
    across, longer = proof.statement.claim.parts
    none = proof.have(eq(inner(W(i, n), g(i, n)), 0), at(orthogonal, n))
    first = proof.have(across, combination((none, c(n))))
    kept = 1 - lr * weight_decay * c(n)
    step = kept**2 * weights_squared() - 2 * lr * c(n) * kept * inner(W(i, n), g(i, n))
    step = proof.have(eq(weights_squared(n + 1), step + lr**2 * c(n) ** 2 * norm_squared(g(i, n))), unfolding(W))
    second = proof.have(longer, combination((step, 1), (none, -2 * lr * c(n) * kept)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(first, second)))


entry, whole = sp.Function("v", real=True), sp.Function("S", real=True)
ENTRY = SequenceDefinition(entry, n, beta * entry(i, n - 1) + (1 - beta) * u(i, n) ** 2, ((-1, zero),), (i,))
WHOLE = SequenceDefinition(whole, n, beta * whole(n - 1) + (1 - beta) * update_squared(), ((-1, zero),))
AVERAGE = ForAll(j, (), eq(update_squared(j), dimension * u(i, j) ** 2))


@theorem(
    source=SOURCE,
    where=[ENTRY, WHOLE],
    claim=eq(sp.Sum(entry(i, n), (i, 0, dimension - 1)), whole(n)),
)
def scalar_normaliser_is_the_sum_of_the_entries(proof):
    """The second moment of the whole matrix is the sum of its entries' second moments, always."""
    claim = proof.statement.claim
    empty = proof.have(eq(sp.Sum(entry(i, -1), (i, 0, dimension - 1)), 0), unfolding(entry))
    first = eq(
        sp.Sum(entry(i, zero), (i, 0, dimension - 1)), beta * empty.claim.lhs + (1 - beta) * update_squared(zero)
    )
    first = proof.have(first, unfolding(entry))
    names = (proof.unfold(whole(zero)), proof.unfold(whole(-1)))
    base = proof.have(
        claim.subs({n: zero}),
        combination((first, 1), (empty, beta), (names[0], -1), (names[1], -beta)),
    )

    def step(here, known):
        after = eq(claim.lhs.subs(n, n + 1), beta * claim.lhs + (1 - beta) * update_squared(n + 1))
        after = here.have(after, unfolding(entry))
        facts = ((after, 1), (known, beta), (here.unfold(whole(n + 1)), -1))
        return here.have(claim.subs({n: n + 1}), combination(*facts))

    return proof.conclude(by_induction(proof, base, step))


ALIKE = {dimension: 3, n: sp.Integer(2), u: sp.Lambda((i, n), (-1) ** i * (n + 1))}


@theorem(
    source=SOURCE,
    where=[ENTRY, WHOLE],
    given=[AVERAGE],
    claim=eq(whole(n), dimension * entry(i, n)),
    sample=ALIKE,
)
def equal_entries_share_one_normaliser(proof):
    """The matrix's second moment is d times that of an entry whose square is the average entry's at every step.

    So where all entries of u_n have one size at every step, both normalisations agree up to the factor sqrt(d)."""
    claim = proof.statement.claim

    def following(here, step, before):
        new, old = here.unfold(whole(step)), here.unfold(entry(i, step))
        mine = here.have(AVERAGE.body.subs({j: step}), at(AVERAGE, step))
        facts = ((new, 1), (mine, 1 - beta), (old, -dimension))
        return here.have(claim.subs({n: step}), combination(*facts, *before))

    starts = ((proof.unfold(whole(-1)), beta), (proof.unfold(entry(i, -1)), -beta * dimension))
    base = following(proof, zero, starts)
    return proof.conclude(by_induction(proof, base, lambda here, known: following(here, n + 1, ((known, beta),))))


@theorem(
    source=SOURCE,
    where=[ENTRY, WHOLE],
    given=[AVERAGE, gt(entry(i, n), 0), gt(whole(n), 0), gt(dimension, 0)],
    claim=eq(u(i, n) / sp.sqrt(entry(i, n)), sp.sqrt(dimension) * u(i, n) / sp.sqrt(whole(n))),
    sample=ALIKE,
)
def equal_entries_normalise_alike(proof):
    """Where all entries of u_n have one size at every step, u/sqrt(v) by entries is sqrt(d) u/sqrt(v) by the matrix.

    It needs of an entry only that its square is the average one's at every step."""
    shared = proof.cite("equal_entries_share_one_normaliser")
    product = eq(whole(n), (sp.sqrt(dimension) * sp.sqrt(entry(i, n))) ** 2)
    root = eq(sp.sqrt(whole(n)), sp.sqrt(dimension) * sp.sqrt(entry(i, n)))
    root = proof.have(root, squares(proof.have(product, algebra(shared))))
    weight = u(i, n) / (sp.sqrt(entry(i, n)) * sp.sqrt(whole(n)))
    return proof.conclude(proof.have(proof.statement.claim, combination((root, weight))))
