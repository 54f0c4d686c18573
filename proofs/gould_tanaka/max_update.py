"""What Section 3.1 and Figure 3 call the max-update, and the slope that Figure 3 predicts for its logarithm."""

import sympy as sp

from adamtheory.bounds.adam import printed_bound
from adamtheory.methods import Adam, AdamW
from adamtheory.notation import (
    beta,
    eps,
    g,
    gamma,
    lr,
    n,
    open_square,
    stability_exponent,
    theta,
    u,
    v,
    weight_decay,
)
from adamtheory.proof import (
    GouldTanaka,
    SequenceDefinition,
    Tends,
    ThisLibrary,
    algebra,
    eq,
    gt,
    limit,
    lt,
    ne,
    printed,
    squares,
    theorem,
)

C = stability_exponent()
ADAM, ADAMW = (method().rule.specialise({eps: 0}) for method in (Adam, AdamW))
start = sp.Symbol("theta_0", real=True)


def iterates(rule):
    """The method's averages, updates and parameters, the latter from theta_0."""
    moved = rule.next_iterate().subs(n, n - 1)
    own = tuple(d for d in rule.definitions() if d.function != theta)
    return (*own, SequenceDefinition(theta, n, moved, ((0, start),)))


MOVED = theta(n + 1) - theta(n)
SIZE = sp.Abs(MOVED) / lr


def from_the_step(proof, direction):
    """|direction| = |step|/eta, from the definition of the next iterate."""
    squared = proof.have(eq(direction**2, MOVED**2 / lr**2), algebra(proof.unfold(theta(n + 1))))
    return proof.have(proof.statement.claim, squares(squared))


@theorem(
    source=GouldTanaka("Section 3.1, the max-update"),
    where=iterates(ADAM),
    given=[*open_square, gt(lr, 0), ne(g(0), 0), gt(v(n), 0)],
    claim=eq(sp.Abs(u(n)), SIZE),
    runs=False,
)
def max_update_is_the_step_over_the_learning_rate(proof):
    """|u_n| = |theta_(n+1) - theta_n|/eta for Adam without weight decay, in each coordinate"""
    return proof.conclude(from_the_step(proof, u(n)))


@theorem(
    source=ThisLibrary("Section 3.1 of Gould & Tanaka 2024, the max-update with weight decay"),
    where=iterates(ADAMW),
    given=[*open_square, gt(lr, 0), ne(g(0), 0), gt(v(n), 0)],
    claim=eq(sp.Abs(u(n) + weight_decay * theta(n)), SIZE),
    runs=False,
)
def adamw_step_contains_the_weight_decay(proof):
    """With decoupled weight decay the step over the learning rate is |u_n + lambda theta_n|, not |u_n|"""
    return proof.conclude(from_the_step(proof, u(n) + weight_decay * theta(n)))


max_update_of_the_step_before = printed(
    name="max_update_of_the_step_before",
    title="Figure 3's caption: |u_n| = |theta_n - theta_(n-1)|/eta",
    source=GouldTanaka("Figure 3, caption"),
    where=iterates(ADAM),
    given=[*open_square, gt(lr, 0), ne(g(0), 0), gt(v(n), 0), gt(n, 0)],
    claim=eq(sp.Abs(u(n)), sp.Abs(theta(n) - theta(n - 1)) / lr),
    witness={beta: "1/2", gamma: "1/2", lr: 1, start: 0, n: 1, g: [1, 0]},
    repaired="max_update_is_the_step_over_the_learning_rate",
    why="theta_n - theta_(n-1) is the step of u_(n-1): Section 3.1 has theta_(n+1) - theta_n, the caption one less",
)

CORRECTIONS = sp.sqrt(1 - beta ** (n + 2)) / sp.sqrt(1 - beta ** (n + 1)) * (1 - gamma ** (n + 1))
STEPWISE = CORRECTIONS / (1 - gamma ** (n + 2)) * sp.exp(-C / 2)


@theorem(
    source=GouldTanaka("Figure 3, the predicted slope"),
    given=[*open_square, lt(C, 0)],
    claim=Tends(printed_bound(-1, n + 2) / printed_bound(-1), n, sp.oo, sp.exp(-C / 2)),
)
def printed_bound_grows_by_the_predicted_slope(proof):
    """Where C < 0 Theorem 1's bound grows by the factor exp(|C|/2) a step as n -> oo: its logarithm has slope |C|/2

    That is the dashed line of Figure 3b.  The exact worst case's slope is ln(gamma^2/beta)/2, less than that
    (``worst_case_growth_exponent``, ``discrete_exponent_below_printed_exponent``)."""
    return proof.conclude(proof.have(proof.statement.claim, limit(STEPWISE)))
