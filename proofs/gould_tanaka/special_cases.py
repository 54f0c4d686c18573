"""Appendix D's special cases in discrete time: RMSProp and signSGD, whose updates have exact bounds.

The paper's approach needs gamma > 0, since the kernel at gamma = 0 is not square-integrable, and it concludes that a
momentum effect is required in order to provably bound RMSProp's updates.  The discrete recursions need none: the last
squared gradient alone carries the weight 1 - beta in v_n.
"""

import sympy as sp

from adamtheory.methods import Adam, RMSProp
from adamtheory.notation import beta, eps, g, gamma, k, m, n, open_unit, u, v
from adamtheory.proof import (
    All,
    Bounded,
    ForAll,
    GouldTanaka,
    Iff,
    Supremum,
    algebra,
    at,
    attained,
    bounded_by,
    combination,
    conjunction,
    eq,
    for_all,
    gt,
    hypothesis,
    le,
    lt,
    modus_ponens,
    ne,
    polynomial,
    sign,
    squares,
    theorem,
    vanishing_sum,
)


def without(method, *hyperparameters):
    """The method's sequences, the iterates left out, with these hyperparameters at zero."""
    rule = method.rule.specialise(dict.fromkeys(hyperparameters, 0))
    return tuple(d for d in rule.definitions() if d.function in (m, v, u))


ADAM = without(Adam(), eps, gamma)  # m(n) = g(n)
RMSPROP = without(RMSProp(), eps)
SIGN = without(Adam(), eps, gamma, beta)
V = RMSPROP[0]
LAST = sp.Max(0, k - n + 1)  # the sequence 0, ..., 0, 1 that ends at n
ONLY_LAST = ForAll(k, (le(0, k), le(k, n)), eq(g(k), LAST))
EARLIER = sp.Sum((1 - beta) * beta ** (n - k) * g(k) ** 2, (k, 0, n - 1))
RMSPROP_BOUND = 1 / sp.sqrt(1 - beta)
ADAM_BOUND = sp.sqrt((1 - beta ** (n + 1)) / (1 - beta))


@theorem(
    source=GouldTanaka("Appendix D, RMSprop"),
    where=[V],
    given=open_unit(beta),
    claim=le((1 - beta) * g(n) ** 2, v(n)),
)
def last_gradient_in_second_moment(proof):
    """The last squared gradient alone contributes (1 - beta) g_n^2 to the second moment."""
    closed = proof.cite("second_moment_closed_sum")
    return proof.conclude(proof.have(proof.statement.claim, combination((closed, -1), plus=EARLIER)))


def update_squared(proof, numerator):
    """u(n)^2 = numerator g(n)^2 / v(n), from the method's definition."""
    unfolded = proof.unfold(u(n))
    facts = [unfolded]
    if m in proof.scope.definitions:
        facts.append(proof.unfold(m(n)))
    return proof.have(eq(u(n) ** 2, numerator * g(n) ** 2 / v(n)), algebra(*facts))


def upper_bound(proof, numerator, value):
    """|u(n)| <= value, where value^2 = numerator/(1 - beta), given v(n) > 0."""
    last = proof.cite("last_gradient_in_second_moment")
    equal = update_squared(proof, numerator)
    squared = proof.have(
        le(u(n) ** 2, value**2), combination((equal, 1), (last, numerator / ((1 - beta) * v(n))))
    )
    return proof.have(le(sp.Abs(u(n)), value), squares(squared))


def attained_by_last_gradient(proof, numerator, value):
    """The gradients 0, ..., 0, 1 meet the bound at step n."""
    chosen = proof.assume(ONLY_LAST)
    given = chosen.have(ONLY_LAST, hypothesis)
    one = chosen.have(eq(g(n), 1), at(ONLY_LAST, n), using=[given])
    before = chosen.assume(le(0, k), le(k, n - 1))
    here = before.have(ONLY_LAST.body, at(ONLY_LAST, k))
    nothing = before.have(eq(LAST, 0), sign())
    silent = before.have(eq(g(k), 0), combination((here, 1), (nothing, 1)))
    quiet = ForAll(k, (le(0, k), le(k, n - 1)), eq(g(k), 0))
    vanishing = chosen.have(Iff(eq(EARLIER, 0), quiet), vanishing_sum((1 - beta) * beta ** (n - k), g(k)))
    none = chosen.have(eq(EARLIER, 0), modus_ponens(vanishing, chosen.have(quiet, for_all(silent))))
    closed = chosen.cite("second_moment_closed_sum")
    moment = chosen.have(
        eq(v(n), 1 - beta), combination((closed, 1), (none, 1), (one, (1 - beta) * (1 + g(n))))
    )
    positive = chosen.have(gt(v(n), 0), sign(1 - beta, moment))
    chosen = chosen.knowing(positive)
    equal = update_squared(chosen, numerator)
    squared = chosen.have(eq(u(n) ** 2, value**2), algebra(equal, moment, one))
    meets = chosen.have(eq(sp.Abs(u(n)), value), squares(squared))
    upper = upper_bound(proof.assume(gt(v(n), 0)), numerator, value)
    return proof.have(
        proof.statement.claim, attained(ONLY_LAST, upper=upper, meets=meets, admissible=(positive,))
    )


@theorem(
    source=GouldTanaka("Appendix D, RMSprop"),
    where=ADAM,
    given=open_unit(beta),
    claim=Supremum(sp.Abs(u(n)), g, (gt(v(n), 0),), ADAM_BOUND),
)
def adam_without_momentum_exact_bound(proof):
    """Adam with gamma = 0: the largest update is sqrt((1 - beta^(n+1))/(1 - beta)), attained by 0, ..., 0, 1.

    The paper's remark that gamma > 0 is required in order to bound these updates is about its own approach: here they
    are bounded with gamma = 0, exactly.  Bias correction makes this differ from RMSProp by sqrt(1 - beta^(n+1))."""
    return proof.conclude(attained_by_last_gradient(proof, 1 - beta ** (n + 1), ADAM_BOUND))


@theorem(source=GouldTanaka("Appendix D, RMSprop"), given=open_unit(beta), claim=Bounded(ADAM_BOUND, n))
def adam_without_momentum_is_bounded(proof):
    """Adam with gamma = 0 is bounded uniformly in n, for every beta: by RMSProp's 1/sqrt(1 - beta)."""
    squared = proof.have(
        le(ADAM_BOUND**2, 1 / (1 - beta)), combination(plus=beta ** (n + 1) / (1 - beta))
    )
    bound = proof.have(le(ADAM_BOUND, RMSPROP_BOUND), squares(squared))
    return proof.conclude(proof.have(proof.statement.claim, bounded_by(bound)))


@theorem(
    source=GouldTanaka("Appendix A, RMSprop"),
    where=RMSPROP,
    given=open_unit(beta),
    claim=Supremum(sp.Abs(u(n)), g, (gt(v(n), 0),), RMSPROP_BOUND),
)
def rmsprop_exact_bound(proof):
    """RMSProp without bias correction: the largest update is 1/sqrt(1 - beta) at every step.

    It is attained by 0, ..., 0, 1."""
    return proof.conclude(attained_by_last_gradient(proof, sp.Integer(1), RMSPROP_BOUND))


@theorem(
    source=GouldTanaka("Appendix A, RMSprop"),
    where=RMSPROP,
    given=[*open_unit(beta), ne(g(0), 0)],
    claim=eq(sp.Abs(u(sp.Integer(0))), RMSPROP_BOUND),
)
def rmsprop_first_update(proof):
    """RMSProp's first update has the largest size, 1/sqrt(1 - beta), whatever the first gradient."""
    moment = proof.have(
        eq(v(sp.Integer(0)), (1 - beta) * g(0) ** 2), algebra(proof.unfold(v(sp.Integer(0))), proof.unfold(v(-1)))
    )
    proof = proof.knowing(proof.have(gt(v(sp.Integer(0)), 0), sign((1 - beta) * g(0) ** 2, moment)))
    squared = proof.have(
        eq(u(sp.Integer(0)) ** 2, 1 / (1 - beta)), algebra(proof.unfold(u(sp.Integer(0))), moment)
    )
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


@theorem(
    source=GouldTanaka("Appendix A, RMSprop"),
    where=RMSPROP,
    given=[*open_unit(beta), gt(v(n), 0)],
    claim=lt(u(n + 1) ** 2, 1 / (1 - beta)),
)
def rmsprop_later_updates_stay_below(proof):
    """After a non-zero gradient every later update of RMSProp stays strictly below 1/sqrt(1 - beta)."""
    following = proof.unfold(v(n + 1))
    before = proof.have(gt(v(n), 0), hypothesis)
    share = proof.have(lt((1 - beta) * g(n + 1) ** 2, v(n + 1)), combination((following, -1), (before, beta)))
    positive = proof.have(gt(v(n + 1), 0), combination((share, 1), plus=(1 - beta) * g(n + 1) ** 2))
    proof = proof.knowing(positive)
    equal = proof.have(eq(u(n + 1) ** 2, g(n + 1) ** 2 / v(n + 1)), algebra(proof.unfold(u(n + 1))))
    return proof.conclude(
        proof.have(
            proof.statement.claim, combination((equal, 1), (share, 1 / ((1 - beta) * v(n + 1))))
        )
    )


@theorem(
    source=GouldTanaka("Appendix D, signSGD"),
    where=SIGN,
    given=[gt(v(n), 0)],
    claim=All((eq(u(n), sp.sign(g(n))), eq(sp.Abs(u(n)), 1))),
)
def adam_without_memory_is_signsgd(proof):
    """Adam with beta = gamma = 0 is signSGD: its update is the gradient's sign, of size 1 wherever it is defined."""
    square, moment, update = (proof.unfold(f(n)) for f in (v, m, u))
    proof = proof.knowing(proof.have(ne(g(n), 0), polynomial(), using=[square]))
    signed = proof.have(eq(u(n), sp.sign(g(n))), algebra(update, moment, square))
    size = proof.have(eq(sp.Abs(u(n)), 1), algebra(update, moment, square))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(signed, size)))
