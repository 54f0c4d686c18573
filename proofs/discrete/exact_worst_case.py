"""The exact worst case of discrete Adam: the largest update over every gradient sequence, and which sequences reach it.

With q = gamma^2/beta, a = (1 - gamma)/sqrt(1 - beta), S_n = 1 + q + ... + q^n and P_n the bias correction,
max |u_n| = U_n = P_n a sqrt(S_n).
"""

import sympy as sp

from adamtheory.bounds.adam import (
    definitions,
    geometric_sum,
    moment_bound,
    moments,
    worst_case,
    worst_case_squared,
    worst_gradient,
)
from adamtheory.notation import beta, bias_correction, g, gamma, k, m, n, open_square, u, v
from adamtheory.proof import (
    ForAll,
    Iff,
    Supremum,
    ThisLibrary,
    algebra,
    at,
    attained,
    combination,
    eq,
    equivalence,
    for_all,
    gt,
    hypothesis,
    le,
    modus_ponens,
    polynomial,
    sign,
    squares,
    theorem,
    under_sum,
    vanishing_sum,
)

M, V, U = definitions()
total = geometric_sum()
weight = (1 - beta) * beta ** (n - k)  # of the squared gradient k in v(n)
matching = (1 - gamma) / (1 - beta) * (gamma / beta) ** (n - k)  # ratio of the two moments' weights
# v a^2 S - m^2 is a^2 S times this sum of squares.
misfit = m(n) / moment_bound() * matching
deviation = sp.Sum(weight * (g(k) - misfit) ** 2, (k, 0, n))
proportional = ForAll(k, (le(0, k), le(k, n)), eq(g(k), (gamma / beta) ** (n - k) * g(n)))
from_last_zero = ForAll(k, (le(0, k), le(k, n)), eq(g(k) - proportional.body.rhs, 0))
worst = ForAll(k, (le(0, k), le(k, n)), eq(g(k), worst_gradient()))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=open_square,
    claim=eq(v(n) * moment_bound(), m(n) ** 2 + moment_bound() * deviation),
    runs=False,
)
def moments_square_identity(proof):
    """The slack of Cauchy-Schwarz between Adam's moments is an explicit sum of squares."""
    first, second = proof.cite("first_moment_closed_sum"), proof.cite("second_moment_closed_sum")
    return proof.conclude(proof.have(proof.statement.claim, algebra(first, second)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=open_square,
    claim=le(m(n) ** 2, v(n) * moment_bound()),
)
def first_moment_bounded_by_second(proof):
    """m_n^2 <= v_n a^2 S_n for every gradient sequence."""
    identity = proof.cite("moments_square_identity")
    return proof.conclude(
        proof.have(le(m(n) ** 2, v(n) * moment_bound()), combination((identity, -1), plus=moment_bound() * deviation))
    )


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=open_square,
    claim=Iff(eq(m(n) ** 2, v(n) * moment_bound()), proportional),
)
def first_moment_bound_equality_case(proof):
    """Equality holds exactly for gradients that grow or decay by beta/gamma a step: g_(n-k) = (gamma/beta)^k g_n."""
    equality = eq(m(n) ** 2, v(n) * moment_bound())
    distance = g(k) - proportional.body.rhs
    from_last = sp.Sum(weight * distance**2, (k, 0, n))
    vanishing = proof.have(Iff(eq(from_last, 0), from_last_zero), vanishing_sum(weight, distance))
    first, second = proof.cite("first_moment_closed_sum"), proof.cite("second_moment_closed_sum")
    identity = proof.cite("moments_square_identity")
    gap = g(n) - misfit.subs({k: n})
    minimal = proof.have(eq(from_last, deviation + (1 - beta) * total * gap**2), algebra(first))

    tight = proof.assume(equality)
    known = tight.have(equality, hypothesis)
    zero = tight.have(eq(deviation, 0), combination((identity, -1 / moment_bound()), (known, -1 / moment_bound())))
    others = sp.Sum(weight * (g(k) - misfit) ** 2, (k, 0, n - 1))
    small = tight.have(le(gap**2, 0), combination((zero, 1 / (1 - beta)), plus=others / (1 - beta)))
    exact = tight.have(eq(gap, 0), polynomial(), using=[small])
    none = tight.have(eq(from_last, 0), combination((minimal, 1), (zero, 1), (exact, (1 - beta) * total * gap)))
    aligned = tight.have(from_last_zero, modus_ponens(vanishing, none))
    index = tight.assume(le(0, k), le(k, n))
    here = index.have(from_last_zero.body, at(from_last_zero, k), using=[aligned])
    forward = tight.have(proportional, for_all(index.have(proportional.body, combination((here, 1)))))

    loose = proof.assume(proportional)
    given = loose.have(proportional, hypothesis)
    sums = (
        sp.Sum((1 - gamma) * gamma ** (n - k) * proportional.body.rhs, (k, 0, n)),
        sp.Sum(weight * proportional.body.rhs**2, (k, 0, n)),
    )
    inserted = [
        loose.have(eq(closed.claim.rhs, s), under_sum(proportional), using=[given])
        for closed, s in zip((first, second), sums, strict=True)
    ]
    backward = loose.have(equality, algebra(first, second, *inserted))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[M, V, U],
    given=[*open_square, gt(v(n), 0)],
    claim=le(sp.Abs(u(n)), worst_case()),
)
def max_update_upper_bound(proof):
    """No gradient sequence makes Adam's update larger than U_n."""
    below = proof.cite("first_moment_bounded_by_second")
    update = proof.unfold(u(n))
    squared = (
        proof.chain(u(n) ** 2)
        .eq(bias_correction(n + 1) ** 2 * m(n) ** 2 / v(n), algebra(update))
        .le(worst_case_squared(), combination((below, bias_correction(n + 1) ** 2 / v(n))))
        .done()
    )
    return proof.conclude(proof.have(le(sp.Abs(u(n)), worst_case()), squares(squared)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[M, V, U],
    given=[*open_square, gt(v(n), 0)],
    claim=Iff(eq(sp.Abs(u(n)), worst_case()), proportional),
)
def max_update_equality_case(proof):
    """|u_n| = U_n exactly for gradients with g_(n-k) = (gamma/beta)^k g_n."""
    update, moments_agree = proof.unfold(u(n)), proof.cite("first_moment_bound_equality_case")
    squared = proof.have(eq(u(n) ** 2, bias_correction(n + 1) ** 2 * m(n) ** 2 / v(n)), algebra(update))
    equality = eq(sp.Abs(u(n)), worst_case())
    largest = proof.assume(equality)
    known = largest.have(equality, hypothesis)
    factor = v(n) / bias_correction(n + 1) ** 2
    tight = largest.have(
        moments_agree.claim.left, combination((squared, -factor), (known, factor * (sp.Abs(u(n)) + worst_case())))
    )
    forward = largest.have(proportional, modus_ponens(moments_agree, tight))
    aligned = proof.assume(proportional)
    meet = aligned.have(moments_agree.claim.left, modus_ponens(moments_agree, aligned.have(proportional, hypothesis)))
    squares_meet = aligned.have(eq(u(n) ** 2, worst_case_squared()), combination((squared, 1), (meet, 1 / factor)))
    backward = aligned.have(equality, squares(squares_meet))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[M, V, U],
    given=open_square,
    claim=Supremum(sp.Abs(u(n)), g, (gt(v(n), 0),), worst_case()),
)
def max_update_exact(proof):
    """U_n is the largest update at step n over all gradient sequences, attained by g_(n-k) = (gamma/beta)^k."""
    upper = proof.assume(gt(v(n), 0)).cite("max_update_upper_bound")

    chosen = proof.assume(worst)
    given = chosen.have(worst, hypothesis)
    first, second = chosen.cite("first_moment_closed_sum"), chosen.cite("second_moment_closed_sum")
    sums = (
        sp.Sum((1 - gamma) * gamma ** (n - k) * worst_gradient(), (k, 0, n)),
        sp.Sum(weight * worst_gradient() ** 2, (k, 0, n)),
    )
    inserted = [
        chosen.have(eq(closed.claim.rhs, s), under_sum(worst), using=[given])
        for closed, s in zip((first, second), sums, strict=True)
    ]
    moment = chosen.have(eq(m(n), (1 - gamma) * total), algebra(first, inserted[0]))
    square = chosen.have(eq(v(n), (1 - beta) * total), algebra(second, inserted[1]))
    positive = chosen.have(gt(v(n), 0), sign((1 - beta) * total, square))
    with_v = chosen.knowing(positive)
    update = with_v.unfold(u(n))
    squared = (
        with_v.chain(u(n) ** 2)
        .eq(bias_correction(n + 1) ** 2 * m(n) ** 2 / v(n), algebra(update))
        .eq(worst_case_squared(), algebra(moment, square))
        .done()
    )
    meets = with_v.have(eq(sp.Abs(u(n)), worst_case()), squares(squared))
    return proof.conclude(
        proof.have(proof.statement.claim, attained(worst, upper=upper, meets=meets, admissible=(positive,)))
    )
