"""Section 4.3: what "stronger stability guarantees" for k > 1 can mean, reading by reading.

A bound on the history that a level normalises does not lower that level's worst case: the normalisation is blind to the
scale, so bounded histories reach U_n as all others do.
"""

from typing import Any

import sympy as sp

from adamtheory.bounds.adam import definitions as adam_definitions
from adamtheory.bounds.adam import (
    geometric_sum,
    worst_case,
    worst_case_squared,
)
from adamtheory.bounds.kadam import (
    at_level,
    definitions,
    level_symbols,
    moments,
    update,
)
from adamtheory.notation import (
    alignment,
    beta,
    bias_correction,
    g,
    gamma,
    j,
    k,
    m,
    n,
    open_square,
    open_unit,
    ratio,
    u,
    v,
)
from adamtheory.proof import (
    All,
    Bounded,
    ForAll,
    GouldTanaka,
    Supremum,
    ThisLibrary,
    algebra,
    at,
    attained,
    combination,
    conjunction,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    induction,
    instance,
    le,
    lt,
    ne,
    polynomial,
    printed,
    sign,
    squares,
    theorem,
    unbounded_by,
    under_sum,
)

size, p, s = sp.symbols("R p s", real=True)
BELOW = ForAll(k, (le(0, k), le(k, n)), le(sp.Abs(g(k)), size))
# Proportional to (gamma/beta)^(n - k), and at most R for gamma < beta and for gamma > beta.
SCALED = size * (gamma / (beta + gamma)) ** (n - k) * (beta / (beta + gamma)) ** k
WORST = ForAll(k, (le(0, k), le(k, n)), eq(g(k), SCALED))


@theorem(
    source=ThisLibrary("elementary"),
    given=[ge(p, 0), le(p, 1), ge(s, 0), le(s, 1)],
    claim=le(p**j * s**k, 1),
)
def product_of_small_powers(proof):
    """Powers of numbers in [0, 1] have a product in [0, 1]."""
    return proof.conclude(proof.have(proof.statement.claim, sign()))


@theorem(
    source=GouldTanaka("Section 4.3, a provably bounded update history"),
    where=adam_definitions(),
    given=[*open_square, gt(size, 0)],
    claim=Supremum(sp.Abs(u(n)), g, (gt(v(n), 0), BELOW), worst_case()),
)
def worst_case_of_bounded_history(proof):
    """A bound on the history does not lower a level's worst case: it is U_n among all histories with |x_k| <= R."""
    upper = proof.assume(gt(v(n), 0), BELOW).cite("max_update_upper_bound")
    chosen = proof.assume(WORST)
    given = chosen.have(WORST, hypothesis)
    first, second = chosen.cite("first_moment_closed_sum"), chosen.cite("second_moment_closed_sum")
    weights = (1 - gamma) * gamma ** (n - k), (1 - beta) * beta ** (n - k)
    sums = [sp.Sum(weight * SCALED**power, (k, 0, n)) for weight, power in zip(weights, (1, 2), strict=True)]
    inserted = [
        chosen.have(eq(closed.claim.rhs, total), under_sum(WORST), using=[given])
        for closed, total in zip((first, second), sums, strict=True)
    ]
    last, total = size * (beta / (beta + gamma)) ** n, geometric_sum()
    moment = chosen.have(eq(m(n), (1 - gamma) * total * last), algebra(first, inserted[0]))
    square = chosen.have(eq(v(n), (1 - beta) * total * last**2), algebra(second, inserted[1]))
    positive = chosen.have(gt(v(n), 0), sign(square.claim.rhs, square))
    moving = chosen.knowing(positive)
    line = moving.unfold(u(n))
    squared = (
        moving.chain(u(n) ** 2)
        .eq(bias_correction(n + 1) ** 2 * m(n) ** 2 / v(n), algebra(line))
        .eq(worst_case_squared(), algebra(moment, square))
        .done()
    )
    meets = moving.have(eq(sp.Abs(u(n)), worst_case()), squares(squared))
    index = chosen.assume(le(0, k), le(k, n))
    here = index.have(WORST.body, at(WORST, k))
    share = {p: gamma / (beta + gamma), s: beta / (beta + gamma), j: n - k}
    fractions = (le(share[p], 1), share[s]), (le(share[s], 1), share[p])
    index = index.knowing(*(index.have(f, sign(rest)) for f, rest in fractions))
    small = index.cite("product_of_small_powers", share)
    squared = index.have(eq(SCALED, size * small.claim.lhs))
    bound = index.have(le(SCALED, size), combination((squared, 1), (small, size)))
    plain = index.have(eq(sp.Abs(g(k)), SCALED), algebra(here))
    within = index.have(le(sp.Abs(g(k)), size), combination((plain, 1), (bound, 1)))
    admissible = chosen.have(BELOW, for_all(within))
    return proof.conclude(
        proof.have(proof.statement.claim, attained(WORST, upper=upper, meets=meets, admissible=(positive, admissible)))
    )


ratio2, front2 = at_level(ratio, 2), at_level(bias_correction(n + 1) * alignment, 2) ** 2
(beta1, _), (beta2, gamma2) = level_symbols(1), level_symbols(2)
(m1, v1), (m2, v2), u1 = moments(1), moments(2), update(1, 2)
SILENCE = ForAll(k, (ge(k, 1),), eq(g(k), 0))
RMSPROP_FIRST = definitions(2, gamma_1=0)
AFTER_SILENCE: dict[str, Any] = {
    "where": RMSPROP_FIRST,
    "given": [*open_unit(beta1, beta2, gamma2), ne(g(0), 0), SILENCE],
    "sample": {g: sp.Lambda(k, 3 * sp.Max(0, 1 - k))},
}


@theorem(source=ThisLibrary("elementary"), given=[gt(p, 0)], claim=ge(p**n, 1 + n * (p - 1)))
def bernoulli_inequality(proof):
    """Bernoulli's inequality: p^n is at least 1 + n (p - 1) for p > 0."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    step = combination((ind.have(claim, hypothesis), p), plus=n * (p - 1) ** 2)
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), step))))


def decays(proof, moment, value, start, silent):
    """moment(n) = value by induction: what enters at step 0 is ``start``, afterwards ``silent`` enters."""
    claim, zero = eq(moment(n), value), sp.Integer(0)
    lines = proof.unfold(moment(zero)), proof.unfold(moment(sp.Integer(-1)))
    base = proof.have(claim.subs({n: zero}), algebra(*lines, *start))
    ind = proof.assume(claim)
    line = ind.unfold(moment(n + 1))
    step = ind.have(claim.subs({n: n + 1}), algebra(line, *silent, ind.have(claim, hypothesis)))
    return proof.have(claim, induction(n, base, step))


@theorem(
    source=GouldTanaka("Section 4.3, stronger stability guarantees"),
    **AFTER_SILENCE,
    claim=All((eq(u1(n + 1), 0), eq(u(n) ** 2, front2 * ratio2**n))),
    runs=False,
)
def two_adam_after_silence(proof):
    """After one gradient and silence, 2-Adam with gamma_1 = 0 moves by P a q^(n/2), its first level not at all."""
    zero, silent = sp.Integer(0), proof.have(eq(g(n + 1), 0), at(SILENCE, n + 1))
    memory = decays(proof, v1, (1 - beta1) * beta1**n * g(0) ** 2, (), (silent,))
    proof = proof.knowing(
        *(
            proof.have(gt(v1(i), 0), sign(f.claim.rhs, f))
            for i, f in (
                (n, memory),
                (n + 1, proof.have(memory.claim.subs({n: n + 1}), instance(memory, {n: n + 1}))),
                (zero, proof.have(memory.claim.subs({n: zero}), instance(memory, {n: zero}))),
            )
        )
    )
    quiet = proof.have(eq(u1(n + 1), 0), algebra(proof.unfold(u1(n + 1)), proof.unfold(m1(n + 1)), silent))
    at_start = proof.have(memory.claim.subs({n: zero}), instance(memory, {n: zero}))
    first = algebra(proof.unfold(u1(zero)), proof.unfold(m1(zero)), at_start)
    one = proof.have(eq(u1(zero) ** 2, 1), first)
    mean = decays(proof, m2, (1 - gamma2) * gamma2**n * u1(0), (), (quiet,))
    square = decays(proof, v2, (1 - beta2) * beta2**n * u1(0) ** 2, (), (quiet,))
    plain = proof.have(eq(v2(n), (1 - beta2) * beta2**n), combination((square, 1), (one, (1 - beta2) * beta2**n)))
    proof = proof.knowing(proof.have(gt(v2(n), 0), sign(plain.claim.rhs, plain)))
    correction = at_level(bias_correction(n + 1), 2) ** 2
    line = proof.have(eq(u(n) ** 2, correction * m2(n) ** 2 / v2(n)), algebra(proof.unfold(u(n))))
    grown = proof.have(
        eq(u(n) ** 2, correction * ((1 - gamma2) * gamma2**n) ** 2 * u1(0) ** 2 / plain.claim.rhs),
        algebra(line, mean, plain),
    )
    grown = proof.have(proof.statement.claim.parts[1], combination((grown, 1), (one, front2 * ratio2**n)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(quiet, grown)))


@theorem(
    source=GouldTanaka("Section 4.3, stronger stability guarantees"),
    where=AFTER_SILENCE["where"],
    given=[*AFTER_SILENCE["given"], lt(beta2, gamma2**2)],
    sample=AFTER_SILENCE["sample"],
    claim=Bounded(sp.Abs(u(n)), n, holds=False),
    runs=False,
)
def bounded_first_level_bounds_nothing(proof):
    """A bounded first level does not bound the second, which grows without limit where gamma_2^2 > beta_2.

    The first level is RMSProp with bias correction, hence bounded; after the first gradient all are zero."""
    after = proof.cite("two_adam_after_silence")
    size2 = proof.have(after.claim.parts[1], hypothesis, using=[after])
    more = proof.have(gt(ratio2, 1), sign((gamma2**2 - beta2) / beta2))
    linear = proof.knowing(more).cite("bernoulli_inequality", {p: ratio2})
    x = gamma2 ** (n + 1)
    slack = (1 - gamma2) ** 2 * (beta2 * (1 - beta2**n) + (1 - beta2) * x * (2 - x)) / ((1 - beta2) * (1 - x) ** 2)
    growth = proof.have(
        le((1 - gamma2) ** 2 * linear.claim.lhs, u(n) ** 2),
        combination((size2, -1), (linear, (1 - gamma2) ** 2), plus=slack * ratio2**n),
    )
    slope = (1 - gamma2) ** 2 * (ratio2 - 1)
    return proof.conclude(proof.have(proof.statement.claim, unbounded_by(growth, slope, power=2), using=[more]))


SIGN_FIRST = definitions(2, beta_1=0, gamma_1=0)
ACTIVE = ForAll(k, (), ne(g(k), 0))


@theorem(
    source=GouldTanaka("Section 4.3, stronger stability guarantees"),
    where=SIGN_FIRST,
    given=[*open_unit(beta2, gamma2), ACTIVE],
    sample={g: sp.Lambda(k, (-1) ** k * (k + 1))},
    claim=le(sp.Abs(u(n)), 1),
    runs=False,
)
def two_adam_of_signs_is_bounded_by_one(proof):
    """Where the first level is signSGD the remark holds: 2-Adam never moves by more than 1, gradients not being zero.

    The second level then averages signs and normalises nothing; Adam with the same beta and gamma reaches U_n."""
    zero = sp.Integer(0)

    def sized(proof, index):
        """u_1(index)^2 = 1."""
        proof = proof.knowing(proof.have(ne(g(index), 0), at(ACTIVE, index)))
        lines = proof.unfold(v1(index)), proof.unfold(m1(index))
        proof = proof.knowing(proof.have(gt(v1(index), 0), sign(g(index) ** 2, lines[0])))
        return proof.have(eq(u1(index) ** 2, 1), algebra(proof.unfold(u1(index)), *lines))

    start, later = sized(proof, zero), sized(proof, n + 1)
    claim = eq(v2(n), 1 - beta2 ** (n + 1))
    lines = proof.unfold(v2(zero)), proof.unfold(v2(sp.Integer(-1)))
    base = proof.have(claim.subs({n: zero}), combination((lines[0], 1), (lines[1], beta2), (start, 1 - beta2)))
    ind = proof.assume(claim)
    by = combination((ind.unfold(v2(n + 1)), 1), (ind.have(claim, hypothesis), beta2), (later, 1 - beta2))
    square = proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), by)))
    lines = proof.unfold(m2(zero)), proof.unfold(m2(sp.Integer(-1)))
    sides = []
    for side in (1, -1):
        claim = le(side * m2(n), 1 - gamma2 ** (n + 1))
        below = [
            c.have(le(side * u1(i), 1), squares(one)) for c, one, i in ((proof, start, zero), (proof, later, n + 1))
        ]
        by = combination((lines[0], side), (lines[1], side * gamma2), (below[0], 1 - gamma2))
        base = proof.have(claim.subs({n: zero}), by)
        ind = proof.assume(claim)
        by = combination((ind.unfold(m2(n + 1)), side), (ind.have(claim, hypothesis), gamma2), (below[1], 1 - gamma2))
        sides.append(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), by))))
    proof = proof.knowing(proof.have(gt(v2(n), 0), sign(square.claim.rhs, square)))
    top = 1 - gamma2 ** (n + 1)
    line = proof.have(eq(u(n) ** 2, m2(n) ** 2 / top**2), algebra(proof.unfold(u(n)), square))
    product = proof.have(le(m2(n) ** 2, top**2), polynomial(), using=sides)
    bound = proof.have(le(u(n) ** 2, 1), combination((line, 1), (product, 1 / top**2)))
    return proof.conclude(proof.have(proof.statement.claim, squares(bound)))


more_levels_move_less = printed(
    name="more_levels_move_less",
    title="Stronger stability read step by step: with the same beta and gamma, 2-Adam never moves further than Adam",
    source=GouldTanaka("Section 4.3, stronger stability guarantees"),
    where=definitions(2, beta_1=beta, beta_2=beta, gamma_1=gamma, gamma_2=gamma),
    given=[*open_square, gt(beta, gamma), ne(g(0), 0), gt(v1(n), 0), gt(v2(n), 0)],
    claim=le(sp.Abs(u(n)), sp.Abs(u1(n))),
    witness={beta: sp.Rational(9, 10), gamma: sp.Rational(1, 2), n: 1, g: [1, 0]},
    repaired="kadam_level_worst_case",
    why="u_1, which is Adam's update there, decays in silence faster than the second level's: both obey U_n, no more",
)
