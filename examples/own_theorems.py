"""Theorems of your own, in a file of your own: ``adamtheory verify examples/own_theorems.py``.

Three kinds of statement: one that is proved, one that is false as somebody printed it, one that nobody has proved."""

from adamtheory.notation import g, gamma, k, m, n, open_unit
from adamtheory.proof import (
    ForAll,
    Proof,
    SequenceDefinition,
    Sequent,
    ThisLibrary,
    algebra,
    at,
    combination,
    conjecture,
    definition,
    hypothesis,
    induction,
    le,
    printed,
    theorem,
)

average = SequenceDefinition(m, n, gamma * m(n - 1) + (1 - gamma) * g(n), initial=((-1, 0),))
at_most_one = ForAll(k, (), le(g(k), 1))


@theorem(
    source=ThisLibrary("example"),
    where=[average],
    given=[*open_unit(gamma), at_most_one],
    claim=le(m(n), 1 - gamma ** (n + 1)),
)
def momentum_of_bounded_gradients(proof: Proof) -> Sequent:
    """Gradients of at most 1 keep the momentum below 1 - gamma^(n+1)."""
    claim = proof.statement.claim
    start = proof.chain(m(0)).eq(gamma * m(-1) + (1 - gamma) * g(0), definition)
    start.eq((1 - gamma) * g(0), algebra(proof.unfold(m(-1))))
    first = proof.have(le(g(0), 1), at(at_most_one, 0))
    start.le(1 - gamma, combination((first, 1 - gamma)))

    later = proof.assume(claim)  # the claim at n gives the claim at n + 1
    known = later.have(claim, hypothesis)
    newest = later.have(le(g(n + 1), 1), at(at_most_one, n + 1))
    step = later.chain(m(n + 1)).eq(gamma * m(n) + (1 - gamma) * g(n + 1), definition)
    step.le(1 - gamma ** (n + 2), combination((known, gamma), (newest, 1 - gamma)))
    return proof.conclude(proof.have(claim, induction(n, start.done(), step.done())))


too_good = printed(
    name="momentum_of_bounded_gradients_one_step_early",
    title="The same bound, one step early",
    source=ThisLibrary("example"),
    where=[average],
    given=[*open_unit(gamma), at_most_one],
    claim=le(m(n), 1 - gamma**n),
    witness={gamma: "1/2", n: 0, g: [1]},
    repaired="momentum_of_bounded_gradients",
    why="n + 1 gradients have been seen at step n",
)

untried = conjecture(
    name="momentum_squared_is_below_the_mean_square",
    title="Momentum squared is at most the running mean of squares (Jensen)",
    source=ThisLibrary("example"),
    where=[average],
    given=[*open_unit(gamma)],
    claim=le(m(1) ** 2, gamma * (1 - gamma) * g(0) ** 2 + (1 - gamma) * g(1) ** 2),
)
