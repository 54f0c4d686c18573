"""k-Adam at eps = 0 sees only the signs and the ratios of its gradients: it is odd, and blind to their common scale.

w(n, level) are the updates on the gradients x, u(n, level) those on g; level 0 is the gradient itself.
"""

import sympy as sp

from adamtheory.bounds.kadam import (
    ABOVE,
    average,
    betas,
    each,
    every_level,
    family,
    gammas,
    level,
    some_levels,
)
from adamtheory.notation import (
    g,
    j,
    k,
    n,
    u,
)
from adamtheory.proof import (
    ForAll,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    for_all,
    gt,
    induction,
    le,
    ne,
    squares,
    theorem,
    under_sum,
)

w, x = (sp.Function(name, real=True) for name in "wx")
scale = sp.Symbol("c", real=True)
GIVEN = [every_level(), ne(g(0), 0)]
b, c = ABOVE


def scaled(factor):
    """Every gradient of x is that of g times a factor."""
    return SequenceDefinition(x, n, factor * g(n))


def up_to_now(below, factor):
    """w(j, below) = factor u(j, below) for every j <= n."""
    return ForAll(j, (le(j, n),), eq(w(j, below), factor * u(j, below)))


def of_scaled(proof, below, factor, size):
    """w(j, below + 1) = (factor/|factor|) u(j, below + 1) for j <= n, from w(j, below) = factor u(j, below) there."""
    beta, gamma = betas(below + 1), gammas(below + 1)
    proof = proof.knowing(proof.have(every_level().body.subs({each: below + 1}), at(every_level(), below + 1)))
    defined = proof.cite("kadam_levels_are_defined", {level: below, n: j})
    proof = proof.assume(le(j, n)).knowing(defined)
    averages = []
    for rate, power in ((gamma, 1), (beta, 2)):
        terms = [sp.Sum(rate ** (j - k) * f**power, (k, 0, j)) for f in (w(k, below), factor * u(k, below))]
        equal = proof.have(eq(*terms), under_sum(up_to_now(below, factor)))
        weight = (1 - rate) / (1 - rate ** (j + 1))
        mean = [average(rate, f**power, j) for f in (w(k, below), u(k, below))]
        averages.append(proof.have(eq(mean[0], factor**power * mean[1]), combination((equal, weight))))
    first, second = averages
    positive = proof.have(gt(second.claim.lhs, 0), combination((second, -1), (defined, factor**2)))
    proof = proof.knowing(positive)
    root = proof.have(eq(sp.sqrt(second.claim.lhs), size * sp.sqrt(defined.claim.rhs)), squares(second))
    left, right = root.claim.lhs, root.claim.rhs
    lines = proof.unfold(w(j, below + 1)), proof.unfold(u(j, below + 1))
    by = combination(
        (lines[0], 1), (first, 1 / left), (root, -first.claim.rhs / (left * right)), (lines[1], -factor / size)
    )
    claim = up_to_now(below + 1, factor / size)
    return claim, proof.have(claim.body, by)


def throughout(proof, factor, size, turned):
    """Level by level: level 1 sees the factor, the levels above what is left of it."""
    claim, zero = up_to_now(level + 1, turned), sp.Integer(0)
    early = proof.assume(le(j, n))
    starts = [early.unfold(f) for f in (w(j, zero), u(j, zero), x(j))]
    gradients = up_to_now(zero, factor)
    known = proof.knowing(proof.have(gradients, for_all(early.have(gradients.body, algebra(*starts)))))
    bottom, first = of_scaled(known, zero, factor, size)
    base = proof.have(bottom, for_all(first))
    ind = proof.assume(claim)
    above, then = of_scaled(ind, level + 1, turned, sp.Integer(1))
    always = proof.have(claim, induction(level, base, ind.have(above, for_all(then))))
    return proof.conclude(proof.have(proof.statement.claim, at(claim, n), using=[always]))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[family(), scaled(-1), family(w, x(n))],
    given=GIVEN,
    sample={**some_levels, level: sp.Integer(1), n: sp.Integer(2)},
    claim=eq(w(n, level + 1), -u(n, level + 1)),
)
def kadam_is_odd(proof):
    """Turning the sign of all gradients turns the sign of every level's update."""
    return throughout(proof, sp.Integer(-1), sp.Integer(1), sp.Integer(-1))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[family(), scaled(scale), family(w, x(n))],
    given=[*GIVEN, gt(scale, 0)],
    sample={**some_levels, level: sp.Integer(1), n: sp.Integer(2)},
    claim=eq(w(n, level + 1), u(n, level + 1)),
)
def kadam_is_scale_invariant(proof):
    """Scaling all gradients by one positive number changes no level's update."""
    return throughout(proof, scale, scale, sp.Integer(1))
