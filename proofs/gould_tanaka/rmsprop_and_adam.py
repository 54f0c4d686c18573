"""Appendix A: what RMSprop and Adam without momentum (gamma = 0) have in common, and what not.  eps = 0.

The largest updates of both are in ``special_cases``.
"""

import sympy as sp

from adamtheory.methods import Adam, RMSProp
from adamtheory.notation import beta, eps, g, gamma, n, open_unit, u, v
from adamtheory.proof import (
    GouldTanaka,
    SequenceDefinition,
    algebra,
    eq,
    gt,
    printed,
    theorem,
)

plain = sp.Function("u_rmsprop", real=True)  # RMSprop's update; both methods have one v
ADAM = Adam().rule.specialise({eps: 0, gamma: 0}).definitions()
RMSPROP = tuple(
    SequenceDefinition(plain, d.index, d.body)
    for d in RMSProp().rule.specialise({eps: 0}).definitions()
    if d.function == u
)
BOTH = (*ADAM, *RMSPROP)


@theorem(
    source=GouldTanaka("Appendix A, RMSprop"),
    where=BOTH,
    given=[*open_unit(beta), gt(v(n), 0)],
    claim=eq(u(n), sp.sqrt(1 - beta ** (n + 1)) * plain(n)),
)
def adam_without_momentum_is_corrected_rmsprop(proof):
    """Adam with gamma = 0 is RMSprop with the bias correction sqrt(1 - beta^(n+1)), which tends to 1"""
    facts = (proof.unfold(x) for x in (u(n), proof.statement.where[0].head, plain(n)))
    return proof.conclude(proof.have(proof.statement.claim, algebra(*facts)))


rmsprop_is_adam_without_momentum = printed(
    name="rmsprop_is_adam_without_momentum",
    title="RMSprop is Adam with gamma = 0",
    source=GouldTanaka("Appendix A, last sentence"),
    where=BOTH,
    given=[*open_unit(beta), gt(v(n), 0)],
    claim=eq(u(n), plain(n)),
    witness={beta: "3/4", n: 0, g: [1]},
    repaired="adam_without_momentum_is_corrected_rmsprop",
    why="Appendix A's RMSprop, like PyTorch's, has no bias correction; Adam's with gamma = 0 is sqrt(1 - beta^(n+1)).",
)
