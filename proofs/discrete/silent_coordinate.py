"""A coordinate whose gradient has become zero: m/sqrt(v) changes by exactly gamma/sqrt(beta) a step from then on.

It decays where gamma^2 < beta and grows without limit where gamma^2 > beta: with rare tokens, whose gradients are
exactly zero for long, the growth that the worst case allows is met in training without an adversary.
"""

import sympy as sp

from adamtheory.bounds.adam import definitions, moments
from adamtheory.notation import beta, bias_correction, g, gamma, j, k, m, n, open_square, ratio, u, v
from adamtheory.proof import (
    All,
    Bounded,
    ForAll,
    Iff,
    Tends,
    ThisLibrary,
    algebra,
    at,
    combination,
    conjunction,
    eq,
    equivalence,
    gt,
    hypothesis,
    induction,
    le,
    limit,
    lt,
    ne,
    polynomial,
    sign,
    squares,
    theorem,
    unbounded_by,
)

# n steps after step j, the last one with a gradient
silence = ForAll(k, (le(j + 1, k),), eq(g(k), 0))
factor = gamma / sp.sqrt(beta)
last, then = m(j) / sp.sqrt(v(j)), m(j + n) / sp.sqrt(v(j + n))
SILENT = [*open_square, silence, gt(v(j), 0)]


def faded(proof, moment, rate):
    """moment(j + n) = rate^n moment(j), by induction on n."""
    claim = eq(moment(j + n), rate**n * moment(j))
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    quiet = ind.have(eq(g(j + n + 1), 0), at(silence, j + n + 1))
    following = ind.unfold(moment(j + n + 1))
    step = ind.have(claim.subs({n: n + 1}), algebra(following, quiet, ind.have(claim, hypothesis)))
    return proof.have(claim, induction(n, base, step))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, silence],
    claim=All((eq(m(j + n), gamma**n * m(j)), eq(v(j + n), beta**n * v(j)))),
    runs=False,
)
def moments_of_a_silent_coordinate(proof):
    """Once the gradients are zero, m shrinks by gamma and v by beta a step."""
    return proof.conclude(proof.have(proof.statement.claim, conjunction(faded(proof, m, gamma), faded(proof, v, beta))))


def carried(proof):
    """The scope that knows v(j + n) > 0, and m and v there."""
    known = proof.cite("moments_of_a_silent_coordinate")
    first, second = (proof.have(part, hypothesis, using=[known]) for part in known.claim.parts)
    return proof.knowing(proof.have(gt(v(j + n), 0), sign(beta**n * v(j), second))), first, second


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=SILENT,
    claim=eq(then, factor**n * last),
)
def silent_coordinate_ratio(proof):
    """Once the gradients are zero, m/sqrt(v) changes by exactly gamma/sqrt(beta) a step."""
    proof, first, second = carried(proof)
    root = proof.have(eq(sp.sqrt(v(j + n)), sp.sqrt(beta) ** n * sp.sqrt(v(j))), squares(second))
    inverse = combination((root, -1 / (sp.sqrt(v(j + n)) * sp.sqrt(beta) ** n * sp.sqrt(v(j)))))
    inverse = proof.have(eq(1 / sp.sqrt(v(j + n)), 1 / (sp.sqrt(beta) ** n * sp.sqrt(v(j)))), inverse)
    return proof.conclude(proof.have(proof.statement.claim, algebra(inverse, first)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=open_square,
    claim=All((Iff(lt(factor, 1), lt(gamma**2, beta)), Iff(eq(factor, 1), eq(gamma**2, beta)))),
)
def silent_coordinate_decays_iff_stable(proof):
    """A silent coordinate decays exactly where gamma^2 < beta, and stands still exactly on gamma^2 = beta."""
    parts = []
    for relation, both in zip((lt, eq), proof.statement.claim.parts, strict=True):
        left, right = proof.assume(both.left), proof.assume(both.right)
        forward = left.have(both.right, polynomial())
        squared = right.have(relation(factor**2, 1), combination((right.have(both.right, hypothesis), 1 / beta)))
        parts.append(proof.have(both, equivalence(forward, right.have(both.left, squares(squared)))))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=definitions(),
    given=SILENT,
    claim=eq(u(j + n), bias_correction(j + n + 1) / bias_correction(j + 1) * factor**n * u(j)),
    runs=False,
)
def silent_coordinate_update(proof):
    """Once the gradients are zero, the update is (gamma/sqrt(beta))^n times the last one, but for bias corrections."""
    ratios = proof.cite("silent_coordinate_ratio")
    proof, _, _ = carried(proof)
    now, before = proof.unfold(u(j + n)), proof.unfold(u(j))
    weight = bias_correction(j + n + 1)
    return proof.conclude(
        proof.have(
            proof.statement.claim,
            combination((now, 1), (ratios, weight), (before, -weight * factor**n / bias_correction(j + 1))),
        )
    )


@theorem(
    source=ThisLibrary("discrete theory"),
    where=definitions(),
    given=[*SILENT, lt(gamma**2, beta)],
    claim=Tends(u(j + n), n, sp.oo, 0),
    runs=False,
)
def silent_coordinate_update_decays(proof):
    """Where gamma^2 < beta the update of a silent coordinate tends to zero."""
    value = proof.cite("silent_coordinate_update")
    squared = proof.have(lt(factor**2, 1), polynomial())
    small = proof.have(lt(factor, 1), squares(squared))
    tends = limit(value.claim.rhs, value)
    return proof.conclude(proof.have(proof.statement.claim, tends, using=[small]))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=definitions(),
    given=[*SILENT, lt(beta, gamma**2), ne(m(j), 0)],
    claim=Bounded(sp.Abs(u(j + n)), n, holds=False),
    runs=False,
)
def silent_coordinate_update_grows(proof):
    """Where gamma^2 > beta the update of a silent coordinate grows without limit, at the exact worst case's rate."""
    q = sp.Symbol("q", real=True)
    line = proof.cite("powers_above_their_tangent", {q: ratio})
    proof, first, second = carried(proof)
    x = gamma ** (j + n + 1)
    front = bias_correction(j + n + 1) ** 2
    slack = (beta * (1 - beta ** (j + n)) + (1 - beta) * x * (2 - x)) / (1 - x) ** 2
    least = proof.have(le(1 - beta, front), combination(plus=slack))
    level = m(j) ** 2 / v(j)
    squared = proof.have(eq(u(j + n) ** 2, front * ratio**n * level), algebra(proof.unfold(u(j + n)), first, second))
    slope = (1 - beta) * (ratio - 1) * level
    weights = combination((squared, -1), (least, ratio**n * level), (line, (1 - beta) * level))
    growth = proof.have(le(slope * n + (1 - beta) * level, u(j + n) ** 2), weights)
    grows = unbounded_by(growth, slope, power=2)
    return proof.conclude(proof.have(proof.statement.claim, grows))
