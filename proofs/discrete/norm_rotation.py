"""By what angle W_n turns in a step once |W_n| has settled under weight decay, whatever the gradients.

d = 1 - eta lambda with 0 < eta lambda < 1; equilibrium is that of ``norm_equilibrium``.
"""

import sympy as sp

from adamtheory.dynamics.norms import (
    equilibrium_cosine,
    equilibrium_norm_squared,
    equilibrium_rotation,
    next_norm_squared,
    shrinkage,
    steady_update_inner,
)
from adamtheory.notation import (
    coordinate,
    dimension,
    gamma,
    half_open_unit,
    inner,
    lr,
    norm_squared,
    u,
    weight_decay,
)
from adamtheory.proof import (
    All,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    combination,
    conjunction,
    eq,
    gt,
    hypothesis,
    le,
    lt,
    sign,
    theorem,
    unfolding,
)

SOURCE = ThisLibrary("equilibrium of scale-invariant weights")
i, d = coordinate, shrinkage()
z, x = lr * weight_decay, gamma * d
DECAYING = (gt(z, 0), lt(z, 1), *half_open_unit(gamma))

w, V = (sp.Function(name, real=True) for name in ("w", "V"))
NEXT = SequenceDefinition(V, i, d * w(i) - lr * u(i))
NOW = norm_squared(u(i))
AT_EQUILIBRIUM = (
    eq(norm_squared(w(i)), equilibrium_norm_squared(NOW)),
    eq(inner(w(i), u(i)), steady_update_inner(NOW)),
)
# For sampling: in the plane, such a w is made of u and of u turned by a right angle.
_along = -lr * gamma / (1 - x)
_across = sp.sqrt(equilibrium_norm_squared(sp.S.One) - _along**2)
_free, _other = sp.symbols("a b", real=True)
TURNED = {
    dimension: 2,
    gamma: _free**2 / (1 + _free**2),
    weight_decay: (1 + _other**2) / (2 + _other**2) / lr,
    w: sp.Lambda(i, _along * u(i) + _across * (2 * i - 1) * u(1 - i)),
}


@theorem(
    source=SOURCE,
    where=[NEXT],
    given=[*DECAYING, *AT_EQUILIBRIUM],
    sample=TURNED,
    claim=All(
        (
            eq(norm_squared(V(i)), equilibrium_norm_squared(NOW)),
            eq(inner(w(i), V(i)), equilibrium_cosine() * equilibrium_norm_squared(NOW)),
            eq(
                norm_squared(V(i) - w(i)),
                2 * z * (1 - gamma) / (1 + gamma * d) * equilibrium_norm_squared(NOW),
            ),
        )
    ),
)
def equilibrium_step_is_a_rotation(proof):
    """At equilibrium a step keeps |W| and turns W by the angle with cosine (d + gamma)/(1 + gamma d)."""
    length, along = (proof.have(p, hypothesis) for p in AT_EQUILIBRIUM)
    here, mixed = norm_squared(w(i)), inner(w(i), u(i))
    after = proof.have(eq(norm_squared(V(i)), next_norm_squared(here, mixed, NOW)), unfolding(V))
    product = proof.have(eq(inner(w(i), V(i)), d * here - lr * mixed), unfolding(V))
    first, second, third = proof.statement.claim.parts
    kept = proof.have(first, combination((after, 1), (length, d**2), (along, -2 * lr * d)))
    cosine = proof.have(second, combination((product, 1), (length, d), (along, -lr)))
    split = proof.have(eq(third.lhs, norm_squared(V(i)) - 2 * inner(w(i), V(i)) + norm_squared(w(i))), algebra())
    chord = proof.have(third, combination((split, 1), (kept, 1), (cosine, -2), (length, 1)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(kept, cosine, chord)))


TURN = 2 * (1 - equilibrium_cosine())


@theorem(
    source=SOURCE,
    given=DECAYING,
    claim=All(
        (
            eq(TURN, 2 * z * (1 - gamma) / (1 + gamma * d)),
            le(equilibrium_rotation() ** 2, TURN),
            le(TURN, equilibrium_rotation() ** 2 * (1 + gamma * z)),
        )
    ),
)
def equilibrium_rotation_to_leading_order(proof):
    """2 (1 - cosine) is 2 eta lambda (1 - gamma)/(1 + gamma), up to a factor between 1 and 1 + gamma eta lambda."""
    proof = proof.knowing(proof.have(gt(d, 0), sign()))
    exact, least, most = proof.statement.claim.parts
    lead = 2 * z * (1 - gamma) / (1 + gamma)
    parts = (
        proof.have(exact),
        proof.have(least, sign(lead * gamma * z / (1 + gamma * d))),
        proof.have(most, sign(lead * gamma * z * gamma * d / (1 + gamma * d))),
    )
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))
