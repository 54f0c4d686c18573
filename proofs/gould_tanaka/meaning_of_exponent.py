"""What Theorem 1's exponent C measures for discrete Adam, how much its bound gives away, and Appendix E.

The discrete worst case is bounded in n exactly where gamma^2 < beta, a larger region than C >= 0.  C compares that
limit U_inf with 1/sqrt(1 - beta), the worst case of RMSProp without bias correction (Appendix A).
"""

import sympy as sp

from adamtheory.bounds.adam import (
    definitions,
    printed_bound,
    worst_case_limit,
    worst_case_limit_squared,
    worst_case_squared,
)
from adamtheory.notation import beta, gamma, n, open_square, ratio, stability_exponent, u, v
from adamtheory.proof import (
    All,
    Iff,
    Implies,
    ThisLibrary,
    algebra,
    combination,
    conjunction,
    eq,
    equivalence,
    gt,
    implication,
    le,
    lt,
    polynomial,
    squares,
    theorem,
)

C = stability_exponent()
LIMIT = worst_case_limit_squared()
RMSPROP = 1 / (1 - beta)  # the square of the worst case of RMSProp without bias correction
LOSS = 1 + (beta - gamma) ** 2 / (gamma * (2 * beta - gamma - beta * gamma))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, gt(C, 0)],
    claim=eq(printed_bound(1) ** 2 / worst_case_squared(), LOSS / (1 - ratio ** (n + 1))),
)
def slack_of_printed_bound(proof):
    """Where C > 0, Theorem 1 exceeds the exact discrete worst case by an explicit factor.

    Its square is [1 + (beta - gamma)^2/(gamma(2 beta - gamma - beta gamma))]/(1 - q^(n+1)): 1 is approached only on
    beta = gamma as n grows."""
    proof = proof.knowing(proof.have(lt(ratio, 1), polynomial()))
    value = proof.cite("geometric_sum_closed_form")
    return proof.conclude(proof.have(proof.statement.claim, algebra(value)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=open_square,
    claim=All(
        (
            Implies(le(0, C), lt(ratio, 1)),
            Implies(lt(ratio, 1), Iff(le(0, C), le(LIMIT, RMSPROP))),
            Implies(eq(C, 0), eq(LIMIT, RMSPROP)),
        )
    ),
)
def stability_exponent_compares_with_rmsprop(proof):
    """C >= 0 says that Adam's discrete worst case is finite and at most RMSProp's own, 1/sqrt(1 - beta).

    On C = 0 the two are equal: (beta - gamma)^2 <= beta(beta - gamma^2) is the condition."""
    first, second, third = proof.statement.claim.parts
    stable = proof.assume(first.hypothesis)
    parts = [proof.have(first, implication(stable.have(first.conclusion, polynomial())))]
    finite = proof.assume(second.hypothesis)
    both = second.conclusion
    forward = finite.assume(both.left).have(both.right, polynomial())
    backward = finite.assume(both.right).have(both.left, polynomial())
    parts.append(proof.have(second, implication(finite.have(both, equivalence(forward, backward)))))
    level = proof.assume(third.hypothesis)
    parts.append(proof.have(third, implication(level.have(third.conclusion, polynomial()))))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(
    source=ThisLibrary("Appendix E of Gould & Tanaka 2024"),
    where=definitions(),
    given=[*open_square, gt(v(n), 0), le(0, C)],
    claim=le(sp.Abs(u(n)), 1 / sp.sqrt(1 - beta)),
)
def max_update_below_rmsprop_where_exponent_is_nonnegative(proof):
    """Where C >= 0, and so on C = 0 too, no update of discrete Adam exceeds 1/sqrt(1 - beta).

    This is what Appendix E observes on C = 0: bounded updates, no growth like sqrt(n).  It is the discrete dynamics,
    not numerical precision: the discrete boundary of stability is gamma^2 = beta, and C = 0 lies inside it."""
    proof = proof.knowing(proof.have(lt(gamma**2, beta), polynomial()))
    worst = proof.cite("max_update_bound_uniform")
    squared = proof.have(le(LIMIT, RMSPROP), polynomial())
    compared = proof.have(le(worst_case_limit(), 1 / sp.sqrt(1 - beta)), squares(squared))
    return proof.conclude(proof.have(proof.statement.claim, combination((worst, 1), (compared, 1))))
