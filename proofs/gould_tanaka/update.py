"""Proposition 1: the continuous-time update, by putting Lemma 1's m(t) and v(t) into Definition 1's update."""

import sympy as sp

from adamtheory.bounds.adam import definitions as discrete_definitions
from adamtheory.flows.adam import definitions
from adamtheory.notation import beta, bias_correction, g, gamma, h, kernel, m, n, open_square, t, tau, u, v
from adamtheory.proof import GouldTanaka, SquareIntegrable, algebra, definition, eq, ge, gt, sign, theorem

FIRST = sp.Integral(kernel(gamma, t - tau) * g(tau), (tau, 0, t))
SECOND = sp.Integral(kernel(beta, t - tau) * g(tau) ** 2, (tau, 0, t))
MOVING = (*open_square, gt(h, 0), ge(t, 0), SquareIntegrable(g, 0, t), gt(v(t), 0))


@theorem(
    source=GouldTanaka("Proposition 1, Equation 3"),
    where=definitions(),
    given=MOVING,
    claim=eq(u(t), bias_correction(1 + t / h) * FIRST / sp.sqrt(SECOND)),
)
def continuous_update_in_kernels(proof):
    """The continuous-time update is a ratio of kernel integrals of the gradient"""
    first, second = proof.unfold(m(t)), proof.unfold(v(t))
    positive = proof.have(gt(SECOND, 0), sign(v(t), second))
    return proof.conclude(
        proof.knowing(positive).have(proof.statement.claim, algebra(proof.unfold(u(t)), first, second))
    )


@theorem(
    source=GouldTanaka("Proposition 1"),
    where=definitions(),
    given=[*open_square, gt(h, 0), SquareIntegrable(g, 0, n * h), gt(v(n * h), 0)],
    claim=eq(u(n * h), bias_correction(n + 1) * m(n * h) / sp.sqrt(v(n * h))),
)
def continuous_update_at_a_step(proof):
    """At t = n h the continuous-time update has Definition 1's form: its bias correction is that of n + 1 gradients"""
    return proof.conclude(proof.have(proof.statement.claim, definition))


@theorem(
    source=GouldTanaka("Definition 1, Equation 1"),
    where=discrete_definitions(),
    given=[*open_square, gt(v(n), 0)],
    claim=eq(u(n), bias_correction(n + 1) * m(n) / sp.sqrt(v(n))),
)
def update_in_moments(proof):
    """Adam's update, as its rule computes it, is the bias correction times m over the root of v"""
    return proof.conclude(proof.have(proof.statement.claim, algebra(proof.unfold(u(n)))))
