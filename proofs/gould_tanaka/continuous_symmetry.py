"""Continuous invariances of a loss: Equation (18), Lemma 2, and the family of rescalings that Appendix K needs.

A family Phi_s of transformations with Phi_0 = identity leaves the loss where it is: l(s) = L(Phi_s(theta)) is constant.
Differentiability of L enters as the chain rule along the path: l'(s) = <G(s), dPhi_s/ds>, with G(s) the gradient of L
at Phi_s(theta).  Several parameters s_1, ..., s_S are taken one at a time, the others at zero.
"""

import sympy as sp

from adamtheory.notation import G, W, coordinate, dimension, inner, t
from adamtheory.proof import (
    ForAll,
    GouldTanaka,
    Regular,
    SequenceDefinition,
    algebra,
    at,
    combination,
    differentiation,
    eq,
    for_all,
    gt,
    le,
    printed,
    theorem,
)

SYMMETRY, LEMMA = GouldTanaka("Appendix K, Equation 18"), GouldTanaka("Lemma 2")
i = coordinate
s = sp.Symbol("s", real=True)
alpha = sp.Symbol("alpha", real=True)
radius = sp.Symbol("a", real=True)
value = sp.Symbol("L", real=True)  # of the loss at theta(t)
loss, path = (sp.Function(name, real=True) for name in ("l", "Phi"))

NEAR = (le(-radius, s), le(s, radius))
CONSTANT = SequenceDefinition(loss, s, value, (), (t,))
CHAIN = ForAll(s, NEAR, eq(sp.Derivative(loss(t, s), s), inner(G(i, t, s), sp.Derivative(path(i, t, s), s))))
ANY_CONSTANT = SequenceDefinition(loss, s, value)
ANY_CHAIN = ForAll(s, NEAR, eq(sp.Derivative(loss(s), s), inner(G(i, s), sp.Derivative(path(i, s), s))))


def turned(direction):
    """For sampling: in the plane, a gradient at right angles to the direction."""
    return {dimension: 2, G: sp.Lambda((i, t, s), (2 * i - 1) * (1 + s) * direction(1 - i))}


def flat_along(proof, variable, rule, direction):
    """<G, direction> = 0 at an arbitrary point of the path, from a constant loss and the chain rule there."""
    inside = proof.assume(*rule.domain)
    chain = inside.have(rule.body, at(rule, variable))
    constant = inside.have(eq(chain.claim.lhs, 0), differentiation)
    moved = inside.have(eq(chain.claim.rhs, inner(G(i, t, variable), direction)), differentiation)
    return inside.have(eq(inner(G(i, t, variable), direction), 0), combination((moved, -1), (chain, -1), (constant, 1)))


@theorem(
    source=SYMMETRY,
    where=[ANY_CONSTANT],
    given=[gt(radius, 0), Regular(path, 1, -radius, radius), ANY_CHAIN],
    sample={dimension: 2, G: sp.Lambda((i, s), (2 * i - 1) * (1 + s) * sp.Derivative(path(1 - i, s), s))},
    claim=ForAll(s, NEAR, eq(ANY_CHAIN.body.rhs, 0)),
)
def gradient_orthogonal_to_symmetry(proof):
    """Equation (18): the gradient is orthogonal to dPhi_s/ds for every continuous invariance, at s = 0 and near it."""
    inside = proof.assume(*NEAR)
    chain = inside.have(ANY_CHAIN.body, at(ANY_CHAIN, s))
    constant = inside.have(eq(chain.claim.lhs, 0), differentiation)
    here = inside.have(proof.statement.claim.body, combination((chain, -1), (constant, 1)))
    return proof.conclude(proof.have(proof.statement.claim, for_all(here)))


RESCALED = SequenceDefinition(path, s, sp.exp(s) * W(i, t), (), (i, t))


@theorem(
    source=LEMMA,
    where=[CONSTANT, RESCALED],
    given=[gt(radius, 0), CHAIN],
    sample=turned(lambda place: W(place, t)),
    claim=eq(inner(W(i, t), G(i, t, 0)), 0),
)
def scale_invariant_gradient_orthogonal(proof):
    """Lemma 2: <W(t), grad_W L(theta(t))> = 0 at every t, if L(e^s W) = L(W) for all real s, that is for alpha > 0."""
    inside = proof.assume(*NEAR)
    everywhere = flat_along(proof, s, CHAIN, sp.exp(s) * W(i, t))
    here = inside.have(eq(inner(W(i, t), G(i, t, s)), 0), combination((everywhere, sp.exp(-s))))
    along = ForAll(s, NEAR, here.claim)
    known = proof.have(along, for_all(here))
    return proof.conclude(proof.have(proof.statement.claim, at(along, 0), using=[known]))


AROUND_ONE = (le(sp.Rational(1, 2), alpha), le(alpha, 2))
CONSTANT_SCALED = SequenceDefinition(loss, alpha, value, (), (t,))
SCALED = SequenceDefinition(path, alpha, alpha * W(i, t), (), (i, t))
CHAIN_SCALED = ForAll(
    alpha,
    AROUND_ONE,
    eq(
        sp.Derivative(loss(t, alpha), alpha),
        inner(G(i, t, alpha), sp.Derivative(path(i, t, alpha), alpha)),
    ),
)


@theorem(
    source=LEMMA,
    where=[CONSTANT_SCALED, SCALED],
    given=[CHAIN_SCALED],
    sample=turned(lambda place: W(place, t)),
    claim=ForAll(alpha, AROUND_ONE, eq(inner(W(i, t), G(i, t, alpha)), 0)),
)
def scale_invariant_gradient_orthogonal_by_factor(proof):
    """Lemma 2 by Appendix K's own family (alpha W, phi), read at alpha = 1, where it is the identity."""
    here = flat_along(proof, alpha, CHAIN_SCALED, W(i, t))
    inside = proof.assume(*AROUND_ONE)
    swapped = inside.have(proof.statement.claim.body, algebra(here))
    return proof.conclude(proof.have(proof.statement.claim, for_all(swapped)))


PRINTED_FAMILY = SequenceDefinition(path, s, s * W(i, t), (), (i, t))

rescaling_family_printed = printed(
    name="rescaling_family_printed",
    title="Appendix K's family Phi_s(theta) = (s W, phi) has Phi_0 = identity",
    source=GouldTanaka("Appendix K, scale invariance"),
    where=[PRINTED_FAMILY],
    claim=eq(path(i, t, 0), W(i, t)),
    witness={i: 0, t: 0, W: sp.Lambda((i, t), 1)},
    repaired="scale_invariant_gradient_orthogonal",
    why="at s = 0 it sends every W to 0; e^s W is the identity at s = 0, and s W is at s = 1",
)


@theorem(
    source=GouldTanaka("Appendix K, scale invariance"),
    where=[RESCALED],
    claim=eq(path(i, t, 0), W(i, t)),
)
def exponential_family_starts_at_identity(proof):
    """The family e^s W is the identity at s = 0."""
    return proof.conclude(proof.have(proof.statement.claim, algebra(proof.unfold(path(i, t, sp.S.Zero)))))
