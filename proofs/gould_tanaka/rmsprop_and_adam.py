"""Appendix A: what RMSprop and Adam without momentum (gamma = 0) have in common, and what not.  eps = 0.

The largest updates of both are in ``special_cases``.
"""

import sympy as sp

from adamtheory.methods import Adam, Momentum, RMSProp
from adamtheory.notation import beta, eps, g, gamma, m, n, open_unit, u, v
from adamtheory.proof import (
    All,
    GouldTanaka,
    SequenceDefinition,
    algebra,
    conjunction,
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


MOMENTUM, UNCORRECTED = Momentum().rule.definitions(), RMSProp().rule.specialise({eps: 0}).definitions()
AVERAGE = eq(m(n), gamma * m(n - 1) + (1 - gamma) * g(n))
SQUARES = eq(v(n), beta * v(n - 1) + (1 - beta) * g(n) ** 2)


def unfolded(proof):
    """Each part of the claim says how its left side is defined."""
    parts = (proof.have(p, algebra(proof.unfold(p.lhs))) for p in proof.statement.claim.parts)
    return proof.have(proof.statement.claim, conjunction(*parts))


@theorem(
    source=GouldTanaka("Appendix A, Momentum"),
    where=MOMENTUM,
    claim=All((eq(u(n), m(n)), AVERAGE, eq(m(-1), 0))),
    runs=False,
)
def momentum_as_in_appendix_a(proof):
    """Momentum's update is the moving average m_n = gamma m_(n-1) + (1 - gamma) g_n, m_(-1) = 0"""
    return proof.conclude(unfolded(proof))


@theorem(
    source=GouldTanaka("Appendix A, RMSprop"),
    where=UNCORRECTED,
    given=[gt(v(n), 0)],
    claim=All((eq(u(n), g(n) / sp.sqrt(v(n))), SQUARES, eq(v(-1), 0))),
    runs=False,
)
def rmsprop_as_in_appendix_a(proof):
    """RMSprop's update is g_n/sqrt(v_n) with v_n = beta v_(n-1) + (1 - beta) g_n^2, v_(-1) = 0"""
    return proof.conclude(unfolded(proof))


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
