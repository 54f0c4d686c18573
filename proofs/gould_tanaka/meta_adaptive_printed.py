"""The claim that a normalisation layer acts as 2-Adam with gamma_2 = 0, read literally: where it is false as printed.

The exact statements that take its place are in proofs/discrete/meta_adaptive*.py: the second normaliser of the implicit
dynamics belongs to the whole matrix, starts at |W_0|, and needs an update that is tangential, hence gamma = 0.
"""

import sympy as sp

from adamtheory.dynamics.definitions import c, descent, start
from adamtheory.dynamics.second_normaliser import (
    implied_beta,
    length,
    norm,
    update_squared,
    weights,
    weights_squared,
)
from adamtheory.notation import W, beta, coordinate, dimension, g, gamma, inner, j, lr, m, n, open_unit, u, weight_decay
from adamtheory.proof import ForAll, GouldTanaka, SequenceDefinition, eq, ge, gt, le, lt, printed

i, zero = coordinate, sp.Integer(0)
other = sp.Symbol("l", integer=True, nonnegative=True)  # another entry
SO_FAR = (le(j, n),)
TANGENTIAL = ForAll(j, SO_FAR, eq(inner(W(i, j), u(i, j)), 0))
DECAYING = (gt(lr, 0), gt(lr * weight_decay, 0), lt(lr * weight_decay, 1))

# A_{0, beta}(u_0, ..., u_n), entry by entry (Section 2.1)
entry, normalised, whole = (sp.Function(name, real=True) for name in ("v", "A", "S"))
ENTRY = SequenceDefinition(entry, n, beta * entry(i, n - 1) + (1 - beta) * u(i, n) ** 2, ((-1, zero),), (i,))
SECOND_ADAM = SequenceDefinition(normalised, n, sp.sqrt(1 - beta ** (n + 1)) * u(i, n) / sp.sqrt(entry(i, n)), (), (i,))
RATIO = u(i, n) / length(n)

second_adam_entry_by_entry = printed(
    name="second_adam_entry_by_entry",
    title="u/|W| is A_{0, beta'}(u_0, ..., u_n), entry by entry, up to one factor",
    source=GouldTanaka("Sections 4.2 and 4.3, 2-Adam with gamma_2 = 0"),
    where=[weights, norm, ENTRY, SECOND_ADAM],
    given=[
        *DECAYING,
        *open_unit(beta),
        TANGENTIAL,
        gt(length(n), 0),
        gt(entry(i, n), 0),
        gt(entry(other, n), 0),
    ],
    claim=eq(RATIO * normalised(other, n), RATIO.subs(i, other) * normalised(i, n)),
    witness={
        lr: 1,
        weight_decay: "1/2",
        beta: "1/2",
        dimension: 2,
        n: 0,
        i: 0,
        other: 1,
        start: [2, -1],
        u: [[1], [2]],
    },
    repaired="normalisation_layer_is_a_second_normaliser",
    why=(
        "A normalises each entry by its own history: u_0 becomes its signs. The norm |W| is one number for the matrix, "
        "and keeps the ratios of u's entries; both agree up to sqrt(d) where all entries of u have one size."
    ),
)

# the same with one second moment for the matrix, as in Assumption 2
WHOLE = SequenceDefinition(
    whole, n, implied_beta() * whole(n - 1) + (1 - implied_beta()) * update_squared(), ((-1, zero),)
)


def corrected(step):
    """The bias-corrected second moment of the matrix's updates."""
    return whole(step) / (1 - implied_beta() ** (step + 1))


second_adam_with_bias_correction = printed(
    name="second_adam_with_bias_correction",
    title="|W_{n+1}|^2 is proportional to the bias-corrected moving average of |u|^2 with beta' = (1 - eta lambda)^2",
    source=GouldTanaka("Sections 4.2 and 4.3, 2-Adam with gamma_2 = 0, one normaliser for the matrix"),
    where=[weights, WHOLE],
    given=[*DECAYING, ForAll(j, (le(j, n + 1),), TANGENTIAL.body)],
    claim=eq(weights_squared(n + 2) * corrected(n), weights_squared(n + 1) * corrected(n + 1)),
    witness={
        lr: 1,
        weight_decay: "1/2",
        dimension: 2,
        n: 0,
        start: [1, 0],
        u: [[0, 1], [1, "1/2"]],
    },
    repaired="squared_norm_is_a_second_moment",
    why=(
        "|W|^2 starts at |W_0|^2, whose weight beta'^(n+1) bias correction does not remove; only as n grows does the "
        "factor between them become the constant eta^2/(1 - beta')."
    ),
)

tangential_update_with_momentum = printed(
    name="tangential_update_with_momentum",
    title="<W, u> is zero along scale-invariant weights, for any gamma",
    source=GouldTanaka("Section 4.2, Assumption 1 as used in Appendix J"),
    where=descent,
    given=[*DECAYING, *open_unit(gamma), ForAll(j, SO_FAR, eq(inner(W(i, j), g(i, j)), 0)), ge(c(n), 0)],
    claim=eq(c(n) * inner(W(i, n), m(i, n)), 0),
    witness={
        lr: 1,
        weight_decay: "1/2",
        gamma: "1/2",
        dimension: 2,
        n: 1,
        c: [1, 1],
        start: [1, 0],
        g: [[0, 0], [1, 0]],
    },
    repaired="update_is_not_tangential_with_momentum",
    why=(
        "The momentum of earlier gradients points against the weights that they moved: <W_1, u_1> is "
        "-eta gamma c_0 c_1 |m_0|^2, of first order in eta."
    ),
)
