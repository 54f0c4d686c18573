"""Definition 1's domain, printed as the closed square [0, 1]^2: at beta = 1 or gamma = 1 there is nothing to compute.

The other edges, beta = 0 and gamma = 0, belong to the domain (``definitions_agree_without_memory`` and its neighbours).
"""

from adamtheory.bounds.adam import moments
from adamtheory.notation import beta, gamma, m, n, v
from adamtheory.proof import All, GouldTanaka, algebra, conjunction, eq, hypothesis, induction, theorem

SOURCE = GouldTanaka("Definition 1, (beta, gamma) in [0, 1]^2")


def stays_zero(proof, average):
    """average(n) = 0 for every n, by induction, where its decay is 1."""
    claim = eq(average(n), 0)
    one = proof.have(proof.statement.given[0], hypothesis)
    base = proof.have(claim.subs({n: 0}), algebra(proof.unfold(average(0 * n)), proof.unfold(average(-1)), one))
    inductive = proof.assume(claim)
    before = inductive.have(claim, hypothesis)
    step = inductive.have(claim.subs({n: n + 1}), algebra(inductive.unfold(average(n + 1)), before, one))
    return proof.have(claim, induction(n, base, step))


def has_no_value(proof, average, decay):
    vanishes = stays_zero(proof, average)
    correction = proof.have(eq(1 - decay ** (n + 1), 0), algebra(proof.have(proof.statement.given[0], hypothesis)))
    return proof.have(proof.statement.claim, conjunction(vanishes, correction))


@theorem(
    source=SOURCE,
    where=moments()[:1],
    given=[eq(gamma, 1)],
    runs=False,  # no method runs there
    claim=All((eq(m(n), 0), eq(1 - gamma ** (n + 1), 0))),
)
def no_update_without_forgetting_the_gradients(proof):
    """At gamma = 1 the first moment and its bias correction's denominator are 0: u_n = 0/0, at every step"""
    return proof.conclude(has_no_value(proof, m, gamma))


@theorem(
    source=SOURCE,
    where=moments()[1:],
    given=[eq(beta, 1)],
    runs=False,
    claim=All((eq(v(n), 0), eq(1 - beta ** (n + 1), 0))),
)
def no_update_without_forgetting_the_squares(proof):
    """At beta = 1 the second moment and its bias correction are 0: u_n = 0/0, at every step"""
    return proof.conclude(has_no_value(proof, v, beta))
