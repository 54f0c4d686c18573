"""Theorem 3 in continuous time: the max-update bound at every level of k-Adam.

Level i normalises the history of level i - 1, whatever it is, so each level obeys Theorem 1 with its own decay factors
and nothing about the levels below is needed.  x(level, t) is what a level normalises: x(1, .) = g and
x(i + 1, .) = u(i, .); the statements hold for every square-integrable x.
"""

import sympy as sp

from adamtheory.bounds import adam_continuous as bounds
from adamtheory.bounds.kadam import (
    at_level,
    betas,
    gammas,
    level,
    some_levels,
)
from adamtheory.flows.adam import first_moment, second_moment, update
from adamtheory.notation import (
    DecayRate,
    beta,
    bias_correction,
    g,
    gamma,
    h,
    m,
    n,
    open_square,
    open_unit,
    stability_exponent,
    t,
    tau,
    u,
    v,
)
from adamtheory.proof import (
    GouldTanaka,
    SequenceDefinition,
    SquareIntegrable,
    ThisLibrary,
    algebra,
    cauchy_schwarz,
    combination,
    eq,
    ge,
    gt,
    le,
    lt,
    sign,
    squares,
    tangent,
    theorem,
)

C = stability_exponent()
SPAN = (tau, 0, t)
x = sp.Function("x", real=True)
UNIT = open_unit(betas(level), gammas(level))
CURVE = (*UNIT, gt(h, 0), ge(t, 0), SquareIntegrable(x, 0, t), gt(v(level, t), 0))
STEP = (*UNIT, gt(h, 0), SquareIntegrable(x, 0, n * h), gt(v(level, n * h), 0))
OWN = {beta: betas(level), gamma: gammas(level)}
SQUARED = at_level(bounds.prefactor() ** 2, level)
REACH = at_level(bounds.reach(), level)


def of_level(definition):
    """A curve of Adam as that of a level: its decay factors, and x in place of the gradient."""
    body = definition.body.replace(g, lambda at: x(level, at))
    for curve in (m, v, u):
        body = body.replace(curve, lambda at, curve=curve: curve(level, at))
    return SequenceDefinition(definition.function, t, at_level(body, level), (), (level,))


LEVEL = tuple(of_level(d) for d in (first_moment(), second_moment(), update()))


@theorem(
    source=GouldTanaka("Theorem 3"),
    where=LEVEL,
    given=CURVE,
    sample=some_levels,
    claim=le(u(level, t) ** 2, SQUARED * (REACH / h)),
)
def kadam_continuous_update_squared_bound(proof):
    """At every level u(t)^2 is at most the squared prefactor times the integral of exp(-C s) over the steps s."""
    fast, slow = (DecayRate.first_order(OWN[s]) for s in (gamma, beta))
    decay = sp.exp(-at_level(C, level) * (t - tau) / (2 * h))
    weighted = sp.exp(-slow * (t - tau) / (2 * h)) * x(level, tau)
    overlap, energy = sp.Integral(decay * weighted, SPAN), sp.Integral(weighted**2, SPAN)
    numerator = proof.have(eq(m(level, t), fast / h * overlap), algebra(proof.unfold(m(level, t))))
    denominator = proof.have(eq(v(level, t), slow / h * energy), algebra(proof.unfold(v(level, t))))
    bound = proof.have(le(overlap**2, REACH * energy), cauchy_schwarz(decay, weighted))
    line = proof.unfold(u(level, t))
    correction = at_level(bias_correction(1 + t / h), level)
    scale = (correction * fast / h) ** 2 / v(level, t)
    squared = proof.have(eq(u(level, t) ** 2, scale * overlap**2), algebra(line, numerator))
    by = combination((squared, 1), (bound, scale), (denominator, -scale * REACH * h / slow))
    return proof.conclude(proof.have(proof.statement.claim, by))


@theorem(
    source=ThisLibrary("elementary"),
    given=[*open_square, gt(C, 0)],
    claim=lt(bounds.worst_case(n), bounds.printed_where_bounded(n)),
)
def sharp_bound_below_printed_where_bounded(proof):
    """Where C > 0, Theorem 1's printed bound lies strictly above the sharp one."""
    squared = bounds.prefactor(n) ** 2
    grown = proof.have(ge(bounds.growth(n), 0), sign())
    beyond = proof.have(lt(squared * bounds.growth(n), squared / C), sign(squared * sp.exp(-C * n) / C))
    return proof.conclude(proof.have(proof.statement.claim, squares(beyond), using=[grown]))


@theorem(
    source=ThisLibrary("elementary"),
    given=[*open_square, lt(C, 0)],
    claim=lt(bounds.worst_case(n), bounds.printed_where_unbounded(n)),
)
def sharp_bound_below_printed_where_unbounded(proof):
    """Where C < 0, Theorem 1's printed bound lies strictly above the sharp one."""
    line = proof.have(le(1 - C * n, sp.exp(-C * n)), tangent)
    grown = proof.have(ge(bounds.growth(n), 0), combination((line, -1 / C), plus=n))
    squared = bounds.prefactor(n) ** 2
    beyond = proof.have(lt(squared * bounds.growth(n), squared * sp.exp(-C * n) / -C), sign(squared / -C))
    return proof.conclude(proof.have(proof.statement.claim, squares(beyond), using=[grown]))


def at_step(case, region, compare, bound, scale=1):
    """The declaration of Theorem 3 in continuous time, t = n h, in one case of C; beta is ``scale`` times C = 0's."""
    momentum = some_levels[gammas](level)
    return {
        "source": GouldTanaka(f"Theorem 3, {case}"),
        "where": LEVEL,
        "given": [*STEP, region(at_level(C, level), 0)],
        "sample": {**some_levels, betas: sp.Lambda(level, scale * momentum / (2 - momentum))},
        "claim": compare(sp.Abs(u(level, n * h)), at_level(bound, level)),
    }


def quietly(proof):
    """The same proof where only the hyperparameters matter."""
    return proof.forget(*(p for p in proof.scope.hypotheses if p.functions & {x, m, v, u}))


def through_sharp_bound(proof, comparison):
    """|u| is at most the sharp bound, which lies below the printed one where C is not 0."""
    squared = proof.cite("kadam_continuous_update_squared_bound", {t: n * h})
    scale, quiet = SQUARED.subs(t, n * h), quietly(proof)
    reach = quiet.cite("integral_of_the_decay", {**OWN, t: n * h})
    quiet = quiet.knowing(quiet.have(ge(reach.claim.rhs, 0), combination((reach, 1), plus=reach.claim.lhs)))
    below = quiet.cite(comparison, OWN)
    sharp = le(u(level, n * h) ** 2, scale * reach.claim.rhs)
    sharp = proof.have(sharp, combination((squared, 1), (reach, scale)))
    sharp = proof.have(
        le(proof.statement.claim.lhs, below.claim.lhs), squares(sharp), using=[below, *quiet.scope.facts]
    )
    return proof.have(proof.statement.claim, combination((sharp, 1), (below, 1)))


@theorem(**at_step("C > 0", gt, lt, bounds.printed_where_bounded(n), sp.Rational(5, 4)))
def kadam_bound_continuous_where_bounded(proof):
    """Theorem 3 in continuous time, C > 0 at this level: the printed bound holds for every input, strictly."""
    return proof.conclude(through_sharp_bound(proof, "sharp_bound_below_printed_where_bounded"))


@theorem(**at_step("C = 0", eq, le, bounds.worst_case_on_boundary(n)))
def kadam_bound_continuous_on_boundary(proof):
    """Theorem 3 in continuous time, C = 0 at this level: the printed bound holds for every input."""
    squared = proof.cite("kadam_continuous_update_squared_bound", {t: n * h})
    reach = quietly(proof).cite("integral_of_the_decay_on_boundary", {**OWN, t: n * h})
    scale = SQUARED.subs(t, n * h)
    bound = proof.have(le(u(level, n * h) ** 2, scale * n), combination((squared, 1), (reach, scale)))
    return proof.conclude(proof.have(proof.statement.claim, squares(bound)))


@theorem(**at_step("C < 0", lt, lt, bounds.printed_where_unbounded(n), sp.Rational(1, 2)))
def kadam_bound_continuous_where_unbounded(proof):
    """Theorem 3 in continuous time, C < 0 at this level: the printed bound holds for every input, strictly."""
    return proof.conclude(through_sharp_bound(proof, "sharp_bound_below_printed_where_unbounded"))
