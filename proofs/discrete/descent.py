"""Descent of the discrete methods: a step lowers the loss, or Adam's energy, where the learning rate is small enough.

The loss enters by the descent inequality of an L-smooth function on each step taken.  A(i, n) is the preconditioner,
1/(sqrt(v) + eps) for RMSProp, with the bias correction for Adam."""

import sympy as sp

from adamtheory.lyapunov.curves import A, Phi, convexity, i, least, m, smoothness
from adamtheory.notation import G, beta, dimension, eps, gamma, inner, j, lr, n, norm_squared
from adamtheory.proof import (
    ForAll,
    ThisLibrary,
    at,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    polynomial,
    termwise,
    theorem,
)

SOURCE = ThisLibrary("descent of discrete adaptive methods")
growth, share = sp.symbols("rho kappa", real=True)
WITHIN = le(i, dimension - 1)


def always(body):
    """``body`` at every step j."""
    return ForAll(j, (), body)


def everywhere(body):
    """``body``, at every coordinate and step."""
    return ForAll(i, (WITHIN,), always(body))


def at_one(proof, general, step=n):
    """A hypothesis on all coordinates and steps, at i and one step."""
    one = proof.have(general.body, at(general, i))
    return proof.knowing(one).have(one.claim.body.subs({j: step}), at(one.claim, step))


def total(term):
    """The sum over the coordinates."""
    return sp.Sum(term, (i, 0, dimension - 1))


STEP = lr * A(i, j) * G(i, j)
LOWERED = always(le(Phi(j + 1), Phi(j) - inner(G(i, j), STEP) + smoothness / 2 * norm_squared(STEP)))
SMALL = everywhere(le(lr * smoothness * A(i, j), 1))
POSITIVE = everywhere(le(0, A(i, j)))
# g = 1 in each of two coordinates, A = 1: the loss falls by lr a step
SAMPLE = {
    dimension: sp.Integer(2),
    smoothness: sp.Integer(1),
    lr: sp.Rational(1, 2),
    A: sp.Lambda((i, n), sp.Integer(1)),
    G: sp.Lambda((i, n), 2 ** -(n + 1)),
    Phi: sp.Lambda(n, sp.Rational(1, 4) ** n),
    convexity: sp.Rational(1, 4),
    least: sp.Integer(1),
}


@theorem(
    source=SOURCE,
    given=[ge(lr, 0), LOWERED, POSITIVE, SMALL],
    sample=SAMPLE,
    claim=le(Phi(n + 1), Phi(n) - lr / 2 * total(A(i, n) * G(i, n) ** 2)),
    runs=False,
)
def preconditioned_step_descends(proof):
    """A step -lr A g lowers the loss by (lr/2) sum A g^2 at least, where lr L A <= 1: lr <= eps/L for RMSProp"""
    lowered = proof.have(LOWERED.body.subs({j: n}), at(LOWERED, n))
    one = proof.assume(WITHIN)
    small, positive = at_one(one, SMALL), at_one(one, POSITIVE)
    square = G(i, n) ** 2
    term = smoothness / 2 * (lr * A(i, n) * G(i, n)) ** 2
    weight = lr / 2 * A(i, n) * square
    term = one.knowing(positive).have(le(term, lr / 2 * A(i, n) * square), combination((small, weight)))
    summed = proof.have(le(total(term.claim.lhs), total(term.claim.rhs)), termwise(term, i))
    return proof.conclude(proof.have(proof.statement.claim, combination((lowered, 1), (summed, 1))))


RATE = convexity * least * lr
STEEP = always(le(2 * convexity * Phi(j), norm_squared(G(i, j))))
AT_LEAST = everywhere(le(least, A(i, j)))


@theorem(
    source=SOURCE,
    given=[ge(lr, 0), LOWERED, POSITIVE, SMALL, ge(least, 0), AT_LEAST, ge(convexity, 0), STEEP, le(RATE, 1)],
    sample=SAMPLE,
    claim=le(Phi(n), Phi(0) * (1 - RATE) ** n),
    runs=False,
)
def preconditioned_descent_is_linear(proof):
    """Phi(n) <= Phi(0) (1 - lr mu mu0)^n where every A is at least mu0 and 2 mu Phi <= |g|^2"""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.S.Zero}), polynomial())
    ind = proof.assume(claim)
    down = ind.cite("preconditioned_step_descends")
    one = ind.assume(WITHIN)
    bound = at_one(one, AT_LEAST)
    term = one.have(le(least * G(i, n) ** 2, A(i, n) * G(i, n) ** 2), combination((bound, G(i, n) ** 2)))
    summed = ind.have(le(total(term.claim.lhs), total(term.claim.rhs)), termwise(term, i))
    steep = ind.have(STEEP.body.subs({j: n}), at(STEEP, n))
    before = ind.have(claim, hypothesis)
    weights = (down, 1), (summed, lr / 2), (steep, lr / 2 * least), (before, 1 - RATE)
    step = ind.have(claim.subs({n: n + 1}), combination(*weights))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


# -- Adam -------------------------------------------------------------------------------------------------------------

MOVED = lr * A(i, j) * m(i, j + 1)  # m(i, j + 1) is the first moment at step j; m(i, 0) = 0 stands before step 0
ADAM_LOWERED = always(le(Phi(j + 1), Phi(j) - inner(G(i, j), MOVED) + smoothness / 2 * norm_squared(MOVED)))
MOMENTUM = everywhere(eq(m(i, j + 1), gamma * m(i, j) + (1 - gamma) * G(i, j)))
ADAM_SMALL = everywhere(le(lr * smoothness * A(i, j), share))
GROWS = everywhere(le(A(i, j + 1), growth * A(i, j)))
SPENT = 1 - gamma * (1 + growth) / 2 - (1 - gamma) * share / 2


def energy(step):
    """Phi + lr gamma/(2 (1 - gamma)) sum A m^2, m of the step before."""
    return Phi(step) + lr * gamma / (2 * (1 - gamma)) * total(A(i, step) * m(i, step) ** 2)


@theorem(
    source=SOURCE,
    given=[ge(lr, 0), ge(gamma, 0), lt(gamma, 1), ADAM_LOWERED, MOMENTUM, POSITIVE, ADAM_SMALL, GROWS],
    sample={
        dimension: sp.Integer(2),
        gamma: sp.Rational(1, 2),
        smoothness: sp.Integer(1),
        lr: sp.Rational(1, 8),
        A: sp.Lambda((i, n), sp.Integer(1)),
        m: sp.Lambda((i, n), sp.Rational(3, 4) ** n),
        G: sp.Lambda((i, n), sp.Rational(3, 4) ** n / 2),
        Phi: sp.Lambda(n, sp.Rational(9, 16) ** n),
        growth: sp.Integer(1),
        share: sp.Rational(1, 8),
    },
    claim=le(energy(n + 1), energy(n) - lr * SPENT / (1 - gamma) * total(A(i, n) * m(i, n + 1) ** 2)),
    runs=False,
)
def adam_step_lowers_its_energy(proof):
    """Phi + lr gamma/(2 (1 - gamma)) sum A m^2 falls by lr (1 - gamma (1 + rho)/2 - (1 - gamma) kappa/2)/(1 - gamma)
    times sum A m^2 at least

    where lr L A <= kappa and A grows by the factor rho a step at most: it does not grow where gamma (1 + rho) < 2 and
    the learning rate is small."""
    lowered = proof.have(ADAM_LOWERED.body.subs({j: n}), at(ADAM_LOWERED, n))
    one = proof.assume(WITHIN)
    moment, positive, small, grows = (at_one(one, h) for h in (MOMENTUM, POSITIVE, ADAM_SMALL, GROWS))
    one = one.knowing(positive)
    new, old = m(i, n + 1), m(i, n)
    weight = lr * gamma / (2 * (1 - gamma))
    term = -G(i, n) * lr * A(i, n) * new + smoothness / 2 * (lr * A(i, n) * new) ** 2
    term += weight * (A(i, n + 1) * new**2 - A(i, n) * old**2)
    bound = -lr * SPENT / (1 - gamma) * A(i, n) * new**2
    weights = (
        (moment, lr * A(i, n) * new / (1 - gamma)),
        (small, lr / 2 * A(i, n) * new**2),
        (grows, weight * new**2),
    )
    term = one.have(le(term, bound), combination(*weights, plus=weight * A(i, n) * (new - old) ** 2))
    summed = proof.have(le(total(term.claim.lhs), total(term.claim.rhs)), termwise(term, i))
    return proof.conclude(proof.have(proof.statement.claim, combination((lowered, 1), (summed, 1))))


before, after = sp.symbols("r r1", real=True)  # roots of the second moment at a step and the next


@theorem(
    source=SOURCE,
    given=[gt(beta, 0), lt(beta, 1), gt(eps, 0), ge(before, 0), ge(after, 0), le(beta * before**2, after**2)],
    claim=le(1 / (after + eps), 1 / (sp.sqrt(beta) * (before + eps))),
    runs=False,
)
def preconditioner_grows_by_the_root_of_beta(proof):
    """1/(sqrt(v) + eps) grows by the factor beta^(-1/2) a step at most, since v loses the share 1 - beta at most

    So gamma (1 + beta^(-1/2)) < 2 is the discrete counterpart of lambda2 < 4 lambda1."""
    root = proof.have(le(sp.sqrt(beta) * before, after), polynomial())
    less = proof.have(le(sp.sqrt(beta), 1), polynomial())
    sum_ = proof.have(le(sp.sqrt(beta) * (before + eps), after + eps), combination((root, 1), (less, eps)))
    return proof.conclude(proof.have(proof.statement.claim, polynomial(), using=[sum_]))
