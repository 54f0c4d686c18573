"""Definitions 1 and 2: Adam's update is the adaptive normalisation of its gradients exactly where v_n > 0.

Definition 2's average (1 - alpha)/(1 - alpha^(n+1)) (x_n + alpha x_(n-1) + ... + alpha^n x_0) is a sum for
0 < alpha < 1 and x_n alone for alpha = 0; each edge of the half-open square is a theorem of its own.
"""

import sympy as sp

from adamtheory.bounds.adam import definitions, moments
from adamtheory.notation import beta, g, gamma, k, n, open_square, open_unit, u, v
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Iff,
    SequenceDefinition,
    algebra,
    combination,
    conjunction,
    eq,
    equivalence,
    gt,
    hypothesis,
    le,
    modus_ponens,
    polynomial,
    squares,
    theorem,
)

A = sp.Function("A", real=True)


def corrected(factor, term):
    """M_factor of the terms up to n (Definition 2)."""
    return (1 - factor) / (1 - factor ** (n + 1)) * sp.Sum(factor ** (n - k) * term, (k, 0, n))


FIRST, SECOND = corrected(gamma, g(k)), corrected(beta, g(k) ** 2)
silent = ForAll(k, (le(0, k), le(k, n)), eq(g(k), 0))


def normalisation(numerator, denominator):
    """A_{gamma, beta}(g_0, ..., g_n) from both bias-corrected averages."""
    return SequenceDefinition(A, n, numerator / sp.sqrt(denominator))


def agree(proof, average, second, *moments):
    """A(n) = u(n), from ``second``: average = v/(1 - beta^N), and from what gives the first moment."""
    positive = proof.have(gt(average, 0), combination((second, -1), plus=second.claim.rhs))
    proof = proof.knowing(positive)
    root = sp.sqrt(v(n)) / sp.sqrt(1 - beta ** (n + 1))
    same = proof.have(eq(sp.sqrt(average), root), squares(second))
    weight = -1 / (sp.sqrt(average) * root)
    inverse = proof.have(eq(1 / sp.sqrt(average), 1 / root), combination((same, weight)))
    by = algebra(proof.unfold(A(n)), proof.unfold(u(n)), inverse, *moments)
    return proof.have(proof.statement.claim, by)


def second_average(proof):
    """M_beta of the squared gradients is v/(1 - beta^N)."""
    by = algebra(proof.cite("second_moment_closed_sum"))
    return proof.have(eq(SECOND, v(n) / (1 - beta ** (n + 1))), by)


@theorem(
    source=GouldTanaka("Definitions 1 and 2"),
    where=[*definitions(), normalisation(FIRST, SECOND)],
    given=[*open_square, gt(v(n), 0)],
    claim=eq(A(n), u(n)),
)
def definitions_agree(proof):
    """Adam's update is the adaptive normalisation of its gradients wherever v_n > 0"""
    return proof.conclude(agree(proof, SECOND, second_average(proof), proof.cite("first_moment_closed_sum")))


@theorem(
    source=GouldTanaka("Definitions 1 and 2, gamma = 0"),
    where=[*definitions(), normalisation(g(n), SECOND)],
    given=[*open_unit(beta), eq(gamma, 0), gt(v(n), 0)],
    claim=eq(A(n), u(n)),
)
def definitions_agree_without_momentum(proof):
    """The same at gamma = 0, where Definition 2's first average is the last gradient"""
    none = proof.have(eq(gamma, 0), hypothesis)
    return proof.conclude(agree(proof, SECOND, second_average(proof), none, proof.cite("first_moment_without_memory")))


@theorem(
    source=GouldTanaka("Definitions 1 and 2, beta = 0"),
    where=[*definitions(), normalisation(FIRST, g(n) ** 2)],
    given=[*open_unit(gamma), eq(beta, 0), gt(v(n), 0)],
    claim=eq(A(n), u(n)),
)
def definitions_agree_without_second_memory(proof):
    """The same at beta = 0, where Definition 2's second average is the last squared gradient"""
    none = proof.have(eq(beta, 0), hypothesis)
    square = proof.cite("second_moment_without_memory")
    positive = proof.have(gt(g(n) ** 2, 0), combination((square, 1), plus=v(n)))
    positive = proof.have(gt(sp.Abs(g(n)), 0), squares(positive))
    proof = proof.knowing(positive)
    by = algebra(proof.unfold(A(n)), proof.unfold(u(n)), proof.cite("first_moment_closed_sum"), square, none)
    return proof.conclude(proof.have(proof.statement.claim, by))


@theorem(
    source=GouldTanaka("Definitions 1 and 2, gamma = beta = 0"),
    where=[*definitions(), normalisation(g(n), g(n) ** 2)],
    given=[eq(gamma, 0), eq(beta, 0), gt(v(n), 0)],
    claim=eq(A(n), u(n)),
)
def definitions_agree_without_memory(proof):
    """The same at gamma = beta = 0, where both are the sign of the last gradient"""
    none = proof.have(eq(beta, 0), hypothesis), proof.have(eq(gamma, 0), hypothesis)
    square = proof.cite("second_moment_without_memory")
    positive = proof.have(gt(g(n) ** 2, 0), combination((square, 1), plus=v(n)))
    positive = proof.have(gt(sp.Abs(g(n)), 0), squares(positive))
    proof = proof.knowing(positive)
    by = algebra(proof.unfold(A(n)), proof.unfold(u(n)), proof.cite("first_moment_without_memory"), square, *none)
    return proof.conclude(proof.have(proof.statement.claim, by))


@theorem(
    source=GouldTanaka("Definitions 1 and 2"),
    where=moments()[1:],
    given=open_unit(beta),
    claim=All((Iff(eq(v(n), 0), silent), Iff(eq(SECOND, 0), silent))),
)
def definitions_lack_a_value_together(proof):
    """Both denominators vanish exactly when every gradient so far was zero: there neither definition has a value"""
    _, sums = proof.statement.claim.parts
    zero = proof.cite("second_moment_vanishes_with_all_gradients")
    average = second_average(proof)
    forward, backward = proof.assume(sums.left), proof.assume(silent)
    met = forward.have(sums.left, hypothesis)
    correction = 1 - beta ** (n + 1)
    met = forward.have(eq(v(n), 0), combination((average, -correction), (met, correction)))
    forward = forward.have(silent, modus_ponens(zero, met))
    met = backward.have(eq(v(n), 0), modus_ponens(zero, backward.have(silent, hypothesis)))
    backward = backward.have(sums.left, combination((average, 1), (met, 1 / correction)))
    sums = proof.have(sums, equivalence(forward, backward))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(zero, sums)))


@theorem(
    source=GouldTanaka("Definitions 1 and 2, beta = 0"),
    where=moments()[1:],
    given=[eq(beta, 0)],
    claim=Iff(eq(v(n), 0), eq(g(n), 0)),
)
def definitions_lack_a_value_without_second_memory(proof):
    """At beta = 0 the denominator vanishes exactly when the last gradient is zero"""
    claim, square = proof.statement.claim, proof.cite("second_moment_without_memory")
    forward, backward = proof.assume(claim.left), proof.assume(claim.right)
    vanishes = forward.have(eq(g(n) ** 2, 0), combination((square, -1), (forward.have(claim.left, hypothesis), 1)))
    forward = forward.have(claim.right, polynomial(), using=[vanishes])
    backward = backward.have(claim.left, algebra(square, backward.have(claim.right, hypothesis)))
    return proof.conclude(proof.have(claim, equivalence(forward, backward)))
