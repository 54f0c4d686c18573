"""Assumptions 1 and 2 as exact, measurable quantities: what each neglects.

Assumption 1 neglects <W(t), g(tau)> for tau <= t as second order in (eta, lambda); it is zero at tau = t (Lemma 2), and
of first order one step later.  Assumption 2 puts one number, the average over the entries, in the place of the second
moment of each entry.
"""

import sympy as sp

from adamtheory.dynamics.definitions import c, descent, orthogonal, turned
from adamtheory.dynamics.norms import next_past_inner, past_inner_after, shrinkage
from adamtheory.notation import (
    W,
    beta,
    coordinate,
    dimension,
    g,
    gamma,
    h,
    half_open_unit,
    inner,
    k,
    kernel,
    lr,
    m,
    n,
    norm_squared,
    open_unit,
    t,
    tau,
    v,
)
from adamtheory.proof import (
    All,
    BigO,
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
    printed,
    sign,
    termwise,
    theorem,
    under_sum,
    unfolding,
)

FIRST, SECOND = GouldTanaka("Assumption 1"), GouldTanaka("Assumption 2")
i, d = coordinate, shrinkage()


# -- Assumption 1 --------------------------------------------------------------------------------------------------


@theorem(
    source=FIRST,
    where=descent,
    claim=eq(
        inner(W(i, n + 1), g(i, k)),
        next_past_inner(inner(W(i, n), g(i, k)), c(n), inner(m(i, n), g(i, k))),
    ),
)
def past_gradient_inner_recursion(proof):
    """One step: <W_{n+1}, g_k> = d <W_n, g_k> - eta c_n <m_n, g_k>, for any gradients."""
    return proof.conclude(proof.have(proof.statement.claim, unfolding(W)))


@theorem(
    source=FIRST,
    where=descent,
    given=[orthogonal],
    sample=turned,
    claim=eq(inner(W(i, n + 1), g(i, n)), next_past_inner(sp.S.Zero, c(n), inner(m(i, n), g(i, n)))),
)
def last_gradient_inner(proof):
    """After one step <W_{n+1}, g_n> = -eta c_n <m_n, g_n>, for a scale-invariant loss: of first order in eta."""
    step = proof.cite("past_gradient_inner_recursion", {k: n})
    now = proof.have(eq(inner(W(i, n), g(i, n)), 0), at(orthogonal, n))
    return proof.conclude(proof.have(proof.statement.claim, combination((step, 1), (now, d))))


def between(step):
    """<m_{k+j}, g_k>, of the gradient k with the momentum so many steps later."""
    return inner(m(i, k + step), g(i, k))


@theorem(
    source=FIRST,
    where=descent,
    given=[orthogonal, ne(d, 0)],
    sample=turned,
    claim=eq(inner(W(i, k + n), g(i, k)), past_inner_after(lambda step: c(k + step), between)),
)
def past_gradient_inner(proof):
    """<W_{k+n}, g_k> = -eta sum over j < n of d^(n-1-j) c_{k+j} <m_{k+j}, g_k>, for a scale-invariant loss."""
    claim = proof.statement.claim
    now = proof.have(eq(inner(W(i, k), g(i, k)), 0), at(orthogonal, k))
    base = proof.have(claim.subs({n: sp.S.Zero}), algebra(now))
    ind = proof.assume(claim)
    step = ind.cite("past_gradient_inner_recursion", {n: k + n})
    following = ind.have(claim.subs({n: n + 1}), combination((step, 1), (ind.have(claim, hypothesis), d)))
    return proof.conclude(proof.have(claim, induction(n, base, following)))


@theorem(
    source=FIRST,
    where=descent,
    given=[orthogonal],
    sample=turned,
    claim=eq(
        inner(W(i, sp.S.One), g(i, sp.S.Zero)),
        -lr * c(sp.S.Zero) * (1 - gamma) * norm_squared(g(i, sp.S.Zero)),
    ),
)
def first_gradient_inner(proof):
    """After the first step <W_1, g_0> = -eta c_0 (1 - gamma) |g_0|^2: of first order even without momentum."""
    zero = sp.S.Zero
    step = proof.cite("last_gradient_inner", {n: zero})
    here = inner(m(i, zero), g(i, zero))
    split = proof.have(
        eq(here, gamma * inner(m(i, -1), g(i, zero)) + (1 - gamma) * norm_squared(g(i, zero))), unfolding(m)
    )
    none = proof.have(eq(inner(m(i, -1), g(i, zero)), 0), unfolding(m))
    scale = -lr * c(zero)
    return proof.conclude(
        proof.have(proof.statement.claim, combination((step, 1), (split, scale), (none, scale * gamma)))
    )


normaliser, length = sp.symbols("c_0 G_0", real=True)

past_gradients_second_order_printed = printed(
    name="past_gradients_second_order_printed",
    title="<W(t), g(tau)> is of second order in (eta, lambda) for tau <= t: one step later it is O(eta^2)",
    source=FIRST,
    given=[*half_open_unit(gamma), gt(normaliser, 0), gt(length, 0)],
    claim=BigO(next_past_inner(sp.S.Zero, normaliser, (1 - gamma) * length), lr, 2),
    witness={gamma: 0, normaliser: 1, length: 1},
    repaired="first_gradient_inner",
    why="<W_1, g_0> = -eta c_0 (1 - gamma) |g_0|^2 is of first order in eta, with or without momentum. Without momentum"
    " Theorem 2 needs <W_n, g_n> = 0 alone (theorem_2_without_momentum); with it the first-order terms add up",
)


# -- Assumption 2 --------------------------------------------------------------------------------------------------

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
