"""The edge gamma = 0 of the exact worst case: RMSProp with bias correction.

The formulas of the open square hold there literally, with 0**0 = 1 in the sum S_n = 1; what attains the worst case is
one last gradient after silence.  The edge beta = 0 has no worst case unless gamma = 0 too: see ``stability``.
"""

import sympy as sp

from adamtheory.bounds.adam import geometric_sum, moments, worst_case, worst_case_limit, worst_case_squared
from adamtheory.notation import beta, g, gamma, k, m, n, open_unit, v
from adamtheory.proof import (
    ForAll,
    Iff,
    Tends,
    ThisLibrary,
    algebra,
    combination,
    eq,
    equivalence,
    hypothesis,
    le,
    limit,
    lt,
    modus_ponens,
    squares,
    telescoping,
    theorem,
    vanishing_sum,
)

M, V = moments()
edge = (*open_unit(beta), eq(gamma, 0))
silence = ForAll(k, (le(0, k), le(k, n - 1)), eq(g(k), 0))
earlier = sp.Sum((1 - beta) * beta ** (n - k) * g(k) ** 2, (k, 0, n - 1))


@theorem(source=ThisLibrary("discrete theory"), where=[M, V], given=edge, claim=le(m(n) ** 2, v(n) / (1 - beta)))
def first_moment_bounded_without_momentum(proof):
    """m_n^2 <= v_n/(1 - beta) for every gradient sequence, at gamma = 0."""
    last, closed = proof.cite("first_moment_without_memory"), proof.cite("second_moment_closed_sum")
    bound = proof.have(
        le(g(n) ** 2, v(n) / (1 - beta)), combination((closed, -1 / (1 - beta)), plus=earlier / (1 - beta))
    )
    return proof.conclude(proof.have(proof.statement.claim, combination((last, m(n) + g(n)), (bound, 1))))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[M, V],
    given=edge,
    claim=Iff(eq(m(n) ** 2, v(n) / (1 - beta)), silence),
)
def first_moment_bound_equality_case_without_momentum(proof):
    """At gamma = 0 there is equality exactly when every gradient before the last was zero."""
    equality = proof.statement.claim.left
    last, closed = proof.cite("first_moment_without_memory"), proof.cite("second_moment_closed_sum")
    split = proof.have(eq(v(n) - (1 - beta) * m(n) ** 2, earlier), algebra(closed, last))
    vanishing = proof.have(Iff(eq(earlier, 0), silence), vanishing_sum((1 - beta) * beta ** (n - k), g(k)))
    tight = proof.assume(equality)
    none = tight.have(eq(earlier, 0), combination((split, -1), (tight.have(equality, hypothesis), beta - 1)))
    forward = tight.have(silence, modus_ponens(vanishing, none))
    quiet = proof.assume(silence)
    zero = quiet.have(eq(earlier, 0), modus_ponens(vanishing, quiet.have(silence, hypothesis)))
    backward = quiet.have(equality, combination((split, -1 / (1 - beta)), (zero, -1 / (1 - beta))))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=edge,
    claim=eq(worst_case_squared(), (1 - beta ** (n + 1)) / (1 - beta)),
)
def worst_case_without_momentum(proof):
    """At gamma = 0, U_n^2 = (1 - beta^(n+1))/(1 - beta)."""
    none = proof.have(eq(gamma, 0), hypothesis)
    index = geometric_sum().variables[0]
    alone = sp.Sum(sp.Integer(0) ** index, (index, 0, n))
    one = proof.have(eq(alone, 1), telescoping(1 - sp.Integer(0) ** index))
    return proof.conclude(proof.have(proof.statement.claim, algebra(none, one)))


@theorem(source=ThisLibrary("discrete theory"), given=edge, claim=lt(worst_case(n + 1), worst_case(n + 2)))
def worst_case_increases_without_momentum(proof):
    """At gamma = 0 < beta, U_n increases strictly in n."""
    now = proof.cite("worst_case_without_momentum")
    then = proof.cite("worst_case_without_momentum", {n: n + 1})
    squared = proof.have(
        lt(worst_case_squared(n + 1), worst_case_squared(n + 2)),
        combination((now, 1), (then, -1), plus=beta ** (n + 1)),
    )
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


@theorem(source=ThisLibrary("discrete theory"), given=edge, claim=Tends(worst_case(), n, sp.oo, worst_case_limit()))
def worst_case_tends_to_limit_without_momentum(proof):
    """At gamma = 0, U_n tends to U_inf = 1/sqrt(1 - beta), RMSProp's own worst case."""
    form = worst_case_limit() * sp.sqrt(1 - beta ** (n + 1))
    squared = proof.have(
        eq(worst_case_squared(), form**2),
        algebra(proof.cite("worst_case_without_momentum"), proof.have(eq(gamma, 0), hypothesis)),
    )
    return proof.conclude(
        proof.have(proof.statement.claim, limit(form, proof.have(eq(worst_case(), form), squares(squared))))
    )
