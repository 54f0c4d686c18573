"""What Heredia (2024) prints of Lyapunov functions, as its summary has it, under hypotheses read from there."""

import sympy as sp

from adamtheory.lyapunov.curves import i
from adamtheory.notation import dimension, eps
from adamtheory.proof import (
    All,
    ForAll,
    Heredia,
    at,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    polynomial,
    printed,
    termwise,
    theorem,
)

# A quadratic loss of two parameters with the Hessian ((a, b), (b, c)), positive definite, at (x, y) from its minimum.
a, b, c, x, y = sp.symbols("a b c x y", real=True)
slopes = a * x + b * y, b * x + c * y
pull = tuple(slope / (sp.Abs(slope) + eps) for slope in slopes)

distance_is_a_lyapunov_function_printed = printed(
    name="distance_is_a_lyapunov_function_printed",
    title="the distance from the minimum decreases along the flow of RMSProp or AdaGrad on a strongly convex loss",
    source=Heredia("section 4.2"),
    given=[gt(a, 0), gt(a * c, b**2), gt(eps, 0)],
    claim=le(-(x * pull[0] + y * pull[1]), 0),
    witness={a: 1, b: -2, c: 5, x: 3, y: 2, eps: "1/2"},
    repaired="rmsprop_distance_decays_exponentially",
    why="coordinates are divided by different numbers: with the memories v = g^2, the parameter that is further away is"
    " pushed off the minimum as fast as the other is drawn to it. The gap f - f* decreases, and brings the distance"
    " down with it, at the same rate but with the factor sqrt(L/mu)",
)
p, q, g = (sp.Function(name, real=True) for name in ("p", "q", "g"))  # roots of two memories, and the gradient
HEAVIER = ForAll(i, (le(i, dimension - 1),), All((ge(p(i), 0), le(p(i), q(i)))))


def spent(root):
    """How fast the gap falls, the sum of g^2/(sqrt(v) + eps)."""
    return sp.Sum(g(i) ** 2 * root, (i, 0, dimension - 1))


light, heavy = sp.Function("A", real=True), sp.Function("B", real=True)  # the preconditioners of both memories
UNITS = ForAll(i, (le(i, dimension - 1),), All((eq(light(i) * (p(i) + eps), 1), eq(heavy(i) * (q(i) + eps), 1))))


@theorem(
    source=Heredia("section 4.2"),
    given=[gt(eps, 0), HEAVIER, UNITS],
    sample={
        dimension: sp.Integer(2),
        p: sp.Lambda(i, i),
        q: sp.Lambda(i, i + 1),
        light: sp.Lambda(i, 1 / (i + eps)),
        heavy: sp.Lambda(i, 1 / (i + 1 + eps)),
    },
    claim=le(spent(heavy(i)), spent(light(i))),
    runs=False,
)
def heavier_memory_slows_the_descent(proof):
    """Of two memories at one point, the heavier lets the gap fall more slowly: "a heavier kernel converges more slowly"

    At one point, that is: the two flows then go different ways, and of those nothing follows."""
    one = proof.assume(le(i, dimension - 1))
    facts = [one.have(h.body, at(h, i)) for h in (HEAVIER, UNITS)]
    facts = [one.have(part, hypothesis, using=[fact]) for fact in facts for part in fact.claim.parts]
    free = proof.forget(*proof.scope.hypotheses)
    free = free.assume(gt(eps, 0), ge(x, 0), le(x, y), eq(a * (x + eps), 1), eq(b * (y + eps), 1))
    order = free.have(le(b, a), polynomial())
    values = {x: p(i), y: q(i), a: light(i), b: heavy(i)}
    order = one.have(le(heavy(i), light(i)), instance(order, values), using=facts)
    term = one.have(le(g(i) ** 2 * heavy(i), g(i) ** 2 * light(i)), combination((order, g(i) ** 2)))
    return proof.conclude(proof.have(proof.statement.claim, termwise(term, i)))
