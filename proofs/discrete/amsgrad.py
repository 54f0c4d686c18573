"""AMSGrad's exact worst case: the largest |m_n| of all gradients that keep v_0, ..., v_n <= r^2, with any r > 0.

With r^2 the largest of v_0, ..., v_n that is the largest |m_n|/r, AMSGrad's update at eps = 0 without bias correction.
a, q and S_n as for Adam; (1 - beta) S_n <= 1 decides whether Adam's worst gradients keep v below its last value.  That
is so at every step where gamma <= beta; where gamma > beta ``amsgrad_settled.py`` goes on.
"""

import sympy as sp

from adamtheory.bounds.adam import geometric_sum, moment_bound, moments
from adamtheory.bounds.amsgrad import (
    i,
    kept_below,
    last_second_moment,
    level,
    s,
    scale,
    unsettled,
    unsettled_limit,
    worst_gradient,
)
from adamtheory.notation import alignment, beta, g, gamma, k, m, n, open_square, ratio, v
from adamtheory.proof import (
    ForAll,
    Implies,
    Supremum,
    Tends,
    ThisLibrary,
    algebra,
    at,
    attained,
    combination,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    implication,
    induction,
    le,
    limit,
    lt,
    modus_ponens,
    polynomial,
    sign,
    squares,
    theorem,
    under_sum,
)

total = geometric_sum()
holding = le(last_second_moment(), 1)


@theorem(source=ThisLibrary("discrete theory"), given=open_square, claim=eq(geometric_sum(n + 2), 1 + ratio * total))
def geometric_sum_from_its_first_term(proof):
    """S_(n+1) = 1 + q S_n."""
    recursion = proof.cite("worst_case_follows_one_step_bound")
    return proof.conclude(proof.have(proof.statement.claim, combination((recursion, 1 / alignment**2))))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, le(gamma, beta)],
    claim=holding,
)
def last_second_moment_largest_where_gamma_below_beta(proof):
    """(1 - beta) S_n <= 1 for every n where gamma <= beta."""
    base = proof.have(holding.subs({n: sp.Integer(0)}), sign(beta))
    ind = proof.assume(holding)
    before = ind.have(holding, hypothesis)
    shifted, slack = ind.cite("geometric_sum_from_its_first_term"), (beta**2 - gamma**2) / beta
    by = combination((before, ratio), (shifted, 1 - beta), plus=slack)
    step = ind.have(holding.subs({n: n + 1}), by)
    return proof.conclude(proof.have(holding, induction(n, base, step)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=open_square,
    claim=le(geometric_sum(k + 1), geometric_sum(k + s + 1)),
)
def geometric_sum_increases(proof):
    """S_n increases with n."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({s: sp.Integer(0)}))
    ind = proof.assume(claim)
    by = combination((ind.have(claim, hypothesis), 1), plus=ratio ** (k + s + 1))
    step = ind.have(claim.subs({s: s + 1}), by)
    return proof.conclude(proof.have(claim, induction(s, base, step)))


along = (gamma / beta) ** (2 * (n - k)) * last_second_moment(k + 1)  # v_k along Adam's worst gradients, the last one 1


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, holding, le(k + 1, n)],
    claim=le(along, along.subs({k: k + 1})),
)
def second_moment_increases_along_adams_worst_gradients(proof):
    """Along Adam's worst gradients v increases up to the newest step where (1 - beta) S_n <= 1."""
    later = proof.cite("geometric_sum_increases", {k: k + 1, s: n - k - 1})
    known = proof.have(holding, hypothesis)
    # v_(k+1) - v_k = (1 - beta)(g_(k+1)^2 - v_k), with S_(k+1) = 1 + q S_k
    factor = (gamma / beta) ** (2 * (n - k - 1)) * (1 - beta) / beta
    shifted = proof.cite("geometric_sum_from_its_first_term", {n: k})
    by = combination((later, factor * (1 - beta)), (known, factor), (shifted, -factor))
    return proof.conclude(proof.have(proof.statement.claim, by))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, holding, le(k + s, n)],
    claim=le(along, along.subs({k: k + s})),
)
def second_moment_nondecreasing_along_adams_worst_gradients(proof):
    """Adam's worst gradients keep every v below all later ones where (1 - beta) S_n <= 1."""
    claim = Implies(le(k + s, n), proof.statement.claim)
    loose = proof.forget(claim.hypothesis)
    start, following = claim.subs({s: sp.Integer(0)}), claim.subs({s: s + 1})
    base = loose.have(start, implication(loose.assume(start.hypothesis).have(start.conclusion)))
    ind = loose.assume(claim)
    general = ind.have(claim, hypothesis)
    inside = ind.assume(following.hypothesis).knowing(general)
    before = inside.have(claim.conclusion, modus_ponens(general, inside.have(claim.hypothesis, polynomial())))
    one = inside.cite("second_moment_increases_along_adams_worst_gradients", {k: k + s})
    more = inside.have(following.conclusion, combination((before, 1), (one, 1)))
    always = loose.have(claim, induction(s, base, ind.have(following, implication(more))))
    here = proof.have(claim.hypothesis, hypothesis)
    return proof.conclude(proof.have(proof.statement.claim, modus_ponens(always, here)))


begins = ForAll(k, (le(0, k), le(k, n)), eq(g(k), worst_gradient(k, n)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, gt(level, 0), begins],
    claim=eq(m(n), level * unsettled()),
    runs=False,
)
def first_moment_along_adams_worst_gradients(proof):
    """m_n = a sqrt(S_n) r along Adam's worst gradients with v_n = r^2."""
    size = sp.sqrt(last_second_moment())
    first = proof.cite("first_moment_closed_sum")
    inserted = sp.Sum((1 - gamma) * gamma ** (n - k) * worst_gradient(k, n), (k, 0, n))
    put = proof.have(eq(first.claim.rhs, inserted), under_sum(begins), using=[proof.have(begins, hypothesis)])
    value = proof.have(eq(m(n), level * (1 - gamma) * total / size), algebra(first, put))
    agree = proof.have(eq(((1 - gamma) * total / size) ** 2, moment_bound()))
    root = proof.have(eq((1 - gamma) * total / size, unsettled()), squares(agree))
    return proof.conclude(proof.have(proof.statement.claim, combination((value, 1), (root, level))))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, gt(level, 0), begins, le(i, n)],
    claim=eq(v(i), level**2 * along.subs({k: i}) / last_second_moment()),
    runs=False,
)
def second_moment_along_adams_worst_gradients(proof):
    """v_i = r^2 (gamma/beta)^(2(n-i)) S_i/S_n along Adam's worst gradients with v_n = r^2."""
    second = proof.cite("second_moment_closed_sum", {n: i})
    inserted = sp.Sum((1 - beta) * beta ** (i - k) * worst_gradient(k, n) ** 2, (k, 0, i))
    put = proof.have(eq(second.claim.rhs, inserted), under_sum(begins), using=[proof.have(begins, hypothesis)])
    return proof.conclude(proof.have(proof.statement.claim, algebra(second, put)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, holding, gt(level, 0), begins],
    claim=kept_below(),
    runs=False,
)
def second_moment_kept_along_adams_worst_gradients(proof):
    """Adam's worst gradients keep v_0, ..., v_n below v_n where (1 - beta) S_n <= 1."""
    index = proof.assume(le(i, n))
    value = index.cite("second_moment_along_adams_worst_gradients")
    order = index.cite("second_moment_nondecreasing_along_adams_worst_gradients", {k: i, s: n - i})
    weight = level**2 / last_second_moment()
    low = index.have(kept_below().body, combination((value, 1), (order, weight)))
    return proof.conclude(proof.have(kept_below(), for_all(low)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, gt(level, 0), le(v(n), level**2)],
    claim=le(sp.Abs(m(n)), level * unsettled()),
    runs=False,
)
def first_moment_bounded_by_level(proof):
    """|m_n| <= a sqrt(S_n) r wherever v_n <= r^2: every bound on m/sqrt(v) bounds AMSGrad."""
    below, newest = proof.cite("first_moment_bounded_by_second"), proof.have(proof.statement.given[-1], hypothesis)
    squared = proof.have(le(m(n) ** 2, level**2 * moment_bound()), combination((below, 1), (newest, moment_bound())))
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, holding, gt(level, 0), ge(scale, 0)],
    claim=Supremum(scale * sp.Abs(m(n)), g, (kept_below(),), scale * level * unsettled()),
    runs=False,
)
def amsgrad_exact_while_last_second_moment_is_largest(proof):
    """The largest |m_n| with v_0, ..., v_n <= r^2 is a sqrt(S_n) r where (1 - beta) S_n <= 1, as for Adam.

    With a factor c that does not depend on the gradients: 1, or PyTorch's bias correction."""
    claim, bounded = proof.statement.claim, proof.assume(kept_below())
    newest = bounded.have(kept_below().body.subs({i: n}), at(kept_below(), n))
    below = bounded.knowing(newest).cite("first_moment_bounded_by_level")
    upper = bounded.have(le(claim.expr, claim.value), combination((below, scale)))
    chosen = proof.assume(begins)
    value = chosen.cite("first_moment_along_adams_worst_gradients")
    squared = chosen.have(eq(m(n) ** 2, (level * unsettled()) ** 2), algebra(value))
    size = chosen.have(eq(sp.Abs(m(n)), level * unsettled()), squares(squared))
    meets = chosen.have(eq(claim.expr, claim.value), combination((size, scale)))
    kept = chosen.cite("second_moment_kept_along_adams_worst_gradients")
    reached = attained(begins, upper=upper, meets=meets, admissible=(kept,))
    return proof.conclude(proof.have(proof.statement.claim, reached))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, le(gamma, beta), gt(level, 0), ge(scale, 0)],
    claim=Supremum(scale * sp.Abs(m(n)), g, (kept_below(),), scale * level * unsettled()),
    runs=False,
)
def amsgrad_exact_where_gamma_below_beta(proof):
    """Where gamma <= beta the largest |m_n| with v_0, ..., v_n <= r^2 is a sqrt(S_n) r, at every step."""
    proof = proof.knowing(proof.cite("last_second_moment_largest_where_gamma_below_beta"))
    return proof.conclude(proof.cite("amsgrad_exact_while_last_second_moment_is_largest"))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, le(gamma, beta)],
    claim=le(unsettled(), unsettled_limit()),
)
def amsgrad_worst_case_below_limit(proof):
    """Where gamma <= beta, a sqrt(S_n) never exceeds (1 - gamma) sqrt(beta/((1 - beta)(beta - gamma^2)))."""
    stable = proof.have(lt(gamma**2, beta), polynomial())
    proof = proof.knowing(stable)
    closed = proof.cite("geometric_sum_closed_form")
    rest = alignment**2 * ratio ** (n + 1) / (1 - ratio)
    by = combination((closed, alignment**2), plus=rest)
    squared = proof.have(le(moment_bound(), unsettled_limit() ** 2), by)
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, le(gamma, beta)],
    claim=Tends(unsettled(), n, sp.oo, unsettled_limit()),
)
def amsgrad_worst_case_tends_to_limit(proof):
    """Where gamma <= beta, a sqrt(S_n) tends to (1 - gamma) sqrt(beta/((1 - beta)(beta - gamma^2)))."""
    proof = proof.knowing(proof.have(lt(gamma**2, beta), polynomial()))
    closed = proof.cite("geometric_sum_closed_form")
    form = sp.sqrt(alignment**2 * (1 - ratio ** (n + 1)) / (1 - ratio))
    root = proof.have(eq(unsettled(), form), squares(proof.have(eq(moment_bound(), form**2), algebra(closed))))
    return proof.conclude(proof.have(proof.statement.claim, limit(form, root)))
