"""Assumption 2 as an exact, measurable quantity: one number in the place of the second moment of each entry.

The number is the average over the entries; what it changes is bounded by how far apart their second moments are.
"""

import sympy as sp

from adamtheory.notation import (
    beta,
    coordinate,
    dimension,
    g,
    h,
    k,
    kernel,
    n,
    norm_squared,
    open_unit,
    t,
    tau,
    v,
)
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Iff,
    Regular,
    SequenceDefinition,
    algebra,
    at,
    combination,
    conjunction,
    eq,
    equivalence,
    exchange,
    for_all,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    ne,
    polynomial,
    sign,
    termwise,
    theorem,
    under_sum,
    unfolding,
)

SECOND = GouldTanaka("Assumption 2")
i = coordinate

coarse = sp.Function("V", real=True)  # the coarse-grained second moment: one number for all entries
SQUARES = SequenceDefinition(v, n, beta * v(i, n - 1) + (1 - beta) * g(i, n) ** 2, ((-1, sp.S.Zero),), (i,))
COARSE = SequenceDefinition(
    coarse, n, beta * coarse(n - 1) + (1 - beta) * norm_squared(g(i, n)) / dimension, ((-1, sp.S.Zero),)
)


@theorem(
    source=SECOND,
    where=[SQUARES, COARSE],
    given=[gt(dimension, 0)],
    claim=eq(coarse(n), sp.Sum(v(i, n), (i, 0, dimension - 1)) / dimension),
)
def coarse_moment_is_the_average(proof):
    """The coarse-grained second moment is exactly the average of the second moments of all entries."""
    claim = proof.statement.claim
    zero = sp.S.Zero
    total = sp.Sum(v(i, n), (i, 0, dimension - 1))

    def step_at(proof, place, before):
        inserted = beta * before + (1 - beta) * norm_squared(g(i, place))
        return proof.have(eq(total.subs(n, place), inserted), unfolding(v))

    start = proof.have(eq(sp.Sum(v(i, -1), (i, 0, dimension - 1)), 0), unfolding(v))
    first = step_at(proof, zero, start.claim.lhs)
    opening, nothing = proof.unfold(coarse(zero)), proof.unfold(coarse(-1))
    base = proof.have(
        claim.subs({n: zero}),
        combination((opening, 1), (nothing, beta), (first, -1 / dimension), (start, -beta / dimension)),
    )
    ind = proof.assume(claim)
    after, step = ind.unfold(coarse(n + 1)), step_at(ind, n + 1, total)
    following = ind.have(
        claim.subs({n: n + 1}),
        combination((after, 1), (step, -1 / dimension), (ind.have(claim, hypothesis), beta)),
    )
    return proof.conclude(proof.have(claim, induction(n, base, following)))


AVERAGE = sp.Integral(kernel(beta, t - tau) * g(i, tau) ** 2, (tau, 0, t))


@theorem(
    source=SECOND,
    given=[*open_unit(beta), gt(h, 0), ge(t, 0), Regular(g, 0, 0, t), gt(dimension, 0)],
    claim=eq(
        sp.Integral(kernel(beta, t - tau) / dimension * norm_squared(g(i, tau)), (tau, 0, t)),
        sp.Sum(AVERAGE, (i, 0, dimension - 1)) / dimension,
    ),
)
def coarse_moment_is_the_average_continuous(proof):
    """The integral that Assumption 2 prints is exactly the average over the entries of Lemma 1's second moment."""
    weight = kernel(beta, t - tau)
    whole = sp.Integral(weight * norm_squared(g(i, tau)), (tau, 0, t))
    swapped = proof.have(eq(sp.Sum(AVERAGE, (i, 0, dimension - 1)), whole), exchange(weight * g(i, tau) ** 2))
    return proof.conclude(proof.have(proof.statement.claim, combination((swapped, -1 / dimension))))


x, p = (sp.Function(name, real=True) for name in ("x", "p"))  # second moments and momenta of the entries at one step
mean = sp.Sum(x(i), (i, 0, dimension - 1)) / dimension
INSIDE = (le(0, k), le(k, dimension - 1))


@theorem(
    source=SECOND,
    given=[gt(dimension, 0)],
    claim=Iff(ForAll(k, INSIDE, eq(x(k), mean)), ForAll(k, INSIDE, eq(x(k), x(0)))),
)
def coarse_graining_exact_iff_entries_agree(proof):
    """Coarse-graining changes no entry exactly where all entries have the same second moment."""
    to_mean, to_first = proof.statement.claim.left, proof.statement.claim.right
    forward = proof.assume(to_mean).knowing()
    given = forward.have(to_mean, hypothesis)
    zero = forward.have(eq(x(0), mean), at(to_mean, 0), using=[given])
    index = forward.assume(*INSIDE)
    here = index.have(eq(x(k), mean), at(to_mean, k))
    equal = index.have(eq(x(k), x(0)), combination((here, 1), (zero, -1)))
    forward_claim = forward.have(to_first, for_all(equal))
    backward = proof.assume(to_first)
    total = backward.have(
        eq(sp.Sum(x(i), (i, 0, dimension - 1)), sp.Sum(x(0), (i, 0, dimension - 1))), under_sum(to_first)
    )
    average = backward.have(eq(mean, x(0)), algebra(total))
    index = backward.assume(*INSIDE)
    here = index.have(eq(x(k), x(0)), at(to_first, k))
    equal = index.have(eq(x(k), mean), combination((here, 1), (average, -1)))
    backward_claim = backward.have(to_mean, for_all(equal))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward_claim, backward_claim)))


# Positive second moments v_i = exp(y_i), all between two bounds.
y = sp.Function("y", real=True)
least, most = sp.symbols("a b", real=True)
LEAST, MOST = (ForAll(k, INSIDE, r) for r in (le(least, sp.exp(y(k))), le(sp.exp(y(k)), most)))
POSITIVE_MEAN = sp.Sum(sp.exp(y(i)), (i, 0, dimension - 1)) / dimension
ENTRYWISE = sp.Sum(p(i) ** 2 * sp.exp(-y(i)), (i, 0, dimension - 1))
SCALAR = norm_squared(p(i)) / POSITIVE_MEAN


@theorem(
    source=SECOND,
    given=[ge(dimension, 1), gt(least, 0), le(least, most), LEAST, MOST],
    claim=All((le(least / most * SCALAR, ENTRYWISE), le(ENTRYWISE, most / least * SCALAR))),
)
def coarse_graining_defect(proof):
    """Where all second moments lie in [a, b], coarse-graining changes |u|^2 by a factor between a/b and b/a."""
    span = (i, 0, dimension - 1)
    inside = proof.assume(*INSIDE)
    low, high = (inside.have(r.body, at(r, k)) for r in (LEAST, MOST))

    def compare(fact, left, right, weight):
        """sum of left <= sum of right over the entries, from weight times the fact at each."""
        term = inside.have(le(left, right), combination((fact, weight)))
        sums = (sp.Sum(e.subs(k, i), span) for e in (left, right))
        return proof.have(le(*sums), termwise(term, k))

    square, inverse = p(k) ** 2, sp.exp(-y(k))
    above = compare(low, square * inverse, square / least, square * inverse / least)
    below = compare(high, square / most, square * inverse, square * inverse / most)
    mean_above = compare(high, sp.exp(y(k)), most, 1)
    mean_below = compare(low, least, sp.exp(y(k)), 1)
    total = mean_below.claim.rhs
    proof = proof.knowing(proof.have(gt(total, 0), sign()), proof.have(gt(most, 0), polynomial()))
    size = SCALAR / dimension
    first, second = proof.statement.claim.parts
    parts = (
        proof.have(first, combination((below, 1), (mean_below, size / most))),
        proof.have(second, combination((above, 1), (mean_above, size / least))),
    )
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


entry, other, pull, push = sp.symbols("w_1 w_2 g_1 g_2", real=True)
ENTRYWISE = entry * (pull / sp.Abs(pull)) + other * (push / sp.Abs(push))  # <W, sign(g)>
AT_RIGHT_ANGLES = [eq(pull, other), eq(push, -entry)]


@theorem(
    source=SECOND,
    given=[gt(entry, 0), gt(other, 0), ne(entry, other), *AT_RIGHT_ANGLES],
    claim=All((eq(entry * pull + other * push, 0), ne(ENTRYWISE, 0))),
)
def entrywise_update_not_orthogonal(proof):
    """Without Assumption 2 Lemma 2 does not reach the update: <W, g> = 0 and <W, sign(g)> = w_1 - w_2 != 0.

    W = (w_1, w_2), g = (w_2, -w_1), and Adam's first update, which is the gradient's sign."""
    first, second = proof.statement.claim.parts
    turned = [proof.have(p, hypothesis) for p in AT_RIGHT_ANGLES]
    value = proof.have(eq(ENTRYWISE, entry - other), algebra(*turned))
    apart = proof.have(ne(entry - other, 0), polynomial())
    parts = (proof.have(first, algebra(*turned)), proof.have(second, polynomial(), using=[apart, value]))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))
