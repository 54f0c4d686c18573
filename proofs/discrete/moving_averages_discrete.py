"""Adam's moment recursions in closed form: weighted sums over the gradients, for every gradient sequence and every n.

Both zero edges of the hyperparameters are here too: without memory the moments are the last gradient and its square.
What only rewrites a recursion is kept off the optimizer runs, which would spend their time on rounding.
"""

import sympy as sp

from adamtheory.bounds.adam import moments
from adamtheory.notation import beta, g, gamma, half_open_unit, j, k, m, n, open_unit, v
from adamtheory.proof import (
    ForAll,
    Iff,
    ThisLibrary,
    algebra,
    at,
    cases,
    combination,
    contradiction,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    modus_ponens,
    ne,
    sign,
    theorem,
    vanishing_sum,
)

M, V = moments()
first_moment = sp.Sum((1 - gamma) * gamma ** (n - k) * g(k), (k, 0, n))
second_moment = sp.Sum((1 - beta) * beta ** (n - k) * g(k) ** 2, (k, 0, n))
every_gradient_vanishes = ForAll(k, (le(0, k), le(k, n)), eq(g(k), 0))


def unrolled(proof, moment, closed):
    """moment(n) = closed by induction: the recursion scales the earlier terms and adds the last one."""
    claim = eq(moment(n), closed)
    start = proof.unfold(moment(-1))
    base = proof.have(claim.subs({n: sp.Integer(0)}), algebra(proof.unfold(moment(sp.Integer(0))), start))
    ind = proof.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), algebra(ind.unfold(moment(n + 1)), ind.have(claim, hypothesis)))
    return proof.have(claim, induction(n, base, step))


@theorem(
    source=ThisLibrary("discrete theory"), where=[M], given=open_unit(gamma), claim=eq(m(n), first_moment), runs=False
)
def first_moment_closed_sum(proof):
    """The first moment is the gamma-weighted sum of all gradients."""
    return proof.conclude(unrolled(proof, m, first_moment))


@theorem(
    source=ThisLibrary("discrete theory"), where=[V], given=open_unit(beta), claim=eq(v(n), second_moment), runs=False
)
def second_moment_closed_sum(proof):
    """The second moment is the beta-weighted sum of all squared gradients."""
    return proof.conclude(unrolled(proof, v, second_moment))


@theorem(source=ThisLibrary("discrete theory"), where=[M], given=[eq(gamma, 0)], claim=eq(m(n), g(n)), runs=False)
def first_moment_without_memory(proof):
    """At gamma = 0 the first moment is the last gradient."""
    none = proof.have(eq(gamma, 0), hypothesis)
    return proof.conclude(proof.have(eq(m(n), g(n)), algebra(proof.unfold(m(n)), none)))


@theorem(source=ThisLibrary("discrete theory"), where=[V], given=[eq(beta, 0)], claim=eq(v(n), g(n) ** 2), runs=False)
def second_moment_without_memory(proof):
    """At beta = 0 the second moment is the last squared gradient."""
    none = proof.have(eq(beta, 0), hypothesis)
    return proof.conclude(proof.have(eq(v(n), g(n) ** 2), algebra(proof.unfold(v(n)), none)))


@theorem(source=ThisLibrary("discrete theory"), where=[V], given=half_open_unit(beta), claim=ge(v(n), 0))
def second_moment_nonnegative(proof):
    """The second moment is never negative."""
    claim = ge(v(n), 0)
    start = proof.unfold(v(-1))
    first = proof.unfold(v(sp.Integer(0)))
    base = proof.have(claim.subs({n: sp.Integer(0)}), sign((1 - beta) * g(0) ** 2, first, start))
    ind = proof.assume(claim)
    before = ind.have(claim, hypothesis)
    following = ind.unfold(v(n + 1))
    step = ind.have(
        claim.subs({n: n + 1}), combination((before, beta), (following, -1), plus=(1 - beta) * g(n + 1) ** 2)
    )
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[V],
    given=open_unit(beta),
    claim=Iff(eq(v(n), 0), every_gradient_vanishes),
)
def second_moment_vanishes_with_all_gradients(proof):
    """The second moment is zero exactly when every gradient so far was zero.

    So Adam's update is defined (v > 0) from the first non-zero gradient on."""
    closed = proof.cite("second_moment_closed_sum")
    vanishing = proof.have(
        Iff(eq(second_moment, 0), every_gradient_vanishes), vanishing_sum((1 - beta) * beta ** (n - k), g(k))
    )
    zero = proof.assume(eq(v(n), 0))
    no_sum = zero.have(eq(second_moment, 0), combination((closed, -1), (zero.have(eq(v(n), 0), hypothesis), 1)))
    forward = zero.have(every_gradient_vanishes, modus_ponens(vanishing, no_sum))
    silent = proof.assume(every_gradient_vanishes)
    none = silent.have(eq(second_moment, 0), modus_ponens(vanishing, silent.have(every_gradient_vanishes, hypothesis)))
    backward = silent.chain(v(n)).eq(second_moment, algebra(closed)).eq(0, algebra(none)).done()
    return proof.conclude(proof.have(Iff(eq(v(n), 0), every_gradient_vanishes), equivalence(forward, backward)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[V],
    given=[*open_unit(beta), le(j, n), ne(g(j), 0)],
    claim=gt(v(n), 0),
    runs=False,
)
def second_moment_positive_after_a_gradient(proof):
    """One non-zero gradient, however early, keeps the second moment positive from then on."""
    claim = gt(v(n), 0)
    nonzero = ne(g(j), 0)
    proof = proof.knowing(proof.cite("second_moment_nonnegative"))
    general = proof.forget(nonzero)
    vanishing = general.cite("second_moment_vanishes_with_all_gradients")
    zero = general.assume(eq(v(n), 0))
    silent = zero.have(every_gradient_vanishes, modus_ponens(vanishing, zero.have(eq(v(n), 0), hypothesis)))
    this_one = zero.have(eq(g(j), 0), at(every_gradient_vanishes, j), using=[silent])
    impossible = zero.assume(nonzero).have(claim, contradiction(eq(g(j), 0)), using=[this_one])
    positive = proof.assume(claim)
    return proof.conclude(
        proof.have(claim, cases((eq(v(n), 0), impossible), (claim, positive.have(claim, hypothesis))))
    )
