"""Appendix B: dividing by 1 - beta^(n+1) makes an exponential moving average unbiased for stationary sequences."""

import sympy as sp

from adamtheory.notation import beta, expectation, k, n, open_unit
from adamtheory.proof import (
    ForAll,
    GouldTanaka,
    SequenceDefinition,
    algebra,
    combination,
    eq,
    hypothesis,
    induction,
    linear_expectation,
    telescoping,
    theorem,
    under_sum,
)

# The terms, their moving average, and its bias-corrected form.
x, y, z = (sp.Function(name, real=True) for name in ("x", "y", "z"))
mean = sp.Symbol("mu", real=True)
AVERAGE = SequenceDefinition(y, n, beta * y(n - 1) + (1 - beta) * x(n), ((-1, sp.Integer(0)),))
CORRECTED = SequenceDefinition(z, n, y(n) / (1 - beta ** (n + 1)))
STATIONARY = ForAll(k, (), eq(expectation(x(k)), mean))
outcome = sp.Symbol("x", real=True)
CERTAIN = {expectation: sp.Lambda(outcome, outcome), x: sp.Lambda(outcome, mean)}  # numbers can only try this case
SUM = sp.Sum((1 - beta) * beta ** (n - k) * x(k), (k, 0, n))


@theorem(
    source=GouldTanaka("Appendix B"),
    where=[AVERAGE],
    given=open_unit(beta),
    claim=eq(y(n), SUM),
)
def moving_average_unrolled(proof):
    """An exponential moving average from 0 is the sum of (1 - beta) beta^(n-k) x_k"""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: 0}), algebra(proof.unfold(y(sp.Integer(0))), proof.unfold(y(-1))))
    inductive = proof.assume(claim)
    before = inductive.have(claim, hypothesis)
    step = inductive.have(claim.subs({n: n + 1}), algebra(inductive.unfold(y(n + 1)), before))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=GouldTanaka("Appendix B"),
    given=open_unit(beta),
    claim=eq(sp.Sum((1 - beta) * beta ** (n - k), (k, 0, n)), 1 - beta ** (n + 1)),
)
def moving_average_weights_sum(proof):
    """The weights of an exponential moving average of n + 1 terms sum to 1 - beta^(n+1)"""
    return proof.conclude(proof.have(proof.statement.claim, telescoping(beta ** (n + 1 - k))))


def expected_sum(proof, curve, factor):
    """E[curve(n)] = factor (1 - beta^(n+1)) mu, for a curve that is ``factor`` times the moving average."""
    weight = factor * (1 - beta) * beta ** (n - k)
    whole = sp.Sum(weight * x(k), (k, 0, n))
    unrolled = proof.cite("moving_average_unrolled")
    given = (unrolled,) if curve == y else (proof.unfold(curve(n)), unrolled)
    unrolled = proof.have(eq(curve(n), whole), algebra(*given))
    chain = proof.chain(expectation(curve(n))).eq(expectation(whole), algebra(unrolled))
    chain.eq(sp.Sum(weight * expectation(x(k)), (k, 0, n)), linear_expectation)
    chain.eq(sp.Sum(weight * mean, (k, 0, n)), under_sum(STATIONARY))
    chain.eq(proof.statement.claim.rhs, combination((proof.cite("moving_average_weights_sum"), factor * mean)))
    return chain.done()


@theorem(
    source=GouldTanaka("Appendix B"),
    where=[AVERAGE],
    given=[*open_unit(beta), STATIONARY],
    sample=CERTAIN,
    claim=eq(expectation(y(n)), mean * (1 - beta ** (n + 1))),
)
def moving_average_is_biased(proof):
    """For a stationary sequence E[y_n] = E[x] (1 - beta^(n+1))"""
    return proof.conclude(expected_sum(proof, y, 1))


@theorem(
    source=GouldTanaka("Appendix B"),
    where=[AVERAGE, CORRECTED],
    given=[*open_unit(beta), STATIONARY],
    sample=CERTAIN,
    claim=eq(expectation(z(n)), mean),
)
def bias_correction_is_unbiased(proof):
    """For a stationary sequence the bias-corrected average has E[y_n/(1 - beta^(n+1))] = E[x]"""
    return proof.conclude(expected_sum(proof, z, 1 / (1 - beta ** (n + 1))))
