"""Appendix I's explicit Euler scheme for Equation (4): the system that it solves, and what a step does to its modes.

The test problem is the free motion (u = 0) at p = 1.  How long a step may be: ``euler_stability``.
"""

import sympy as sp

from adamtheory.flows.second_order import (
    acceleration,
    curve,
    euler_scheme,
    fast_rate,
    largest_stable_step,
    oscillation_energy,
    residual,
    slope,
    slow_rate,
    spread,
    step,
    velocity,
)
from adamtheory.notation import h, k, lr, n, t, u, weight_decay
from adamtheory.proof import (
    All,
    GouldTanaka,
    Regular,
    algebra,
    at,
    combination,
    conjunction,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    theorem,
)

SOURCE = GouldTanaka("Appendix I")
FAST, SLOW, SPREAD = fast_rate(), slow_rate(), spread()
REAL = (gt(lr, 0), ge(weight_decay, 0), le(2 * weight_decay * lr, 1))
theta_, psi_ = (sp.Function(name, real=True) for name in ("theta_Euler", "psi_Euler"))
SCHEME = euler_scheme(sp.Integer(0), theta_, psi_)
LATE = largest_stable_step()
FASTEST = psi_(n) + SLOW * theta_(n)  # the fast mode's coordinate: no slow part
SLOWEST = psi_(n) + FAST * theta_(n)
KEPT = 1 - step * FAST


def run(short):
    """A run of the scheme with both modes, its step ``short``, to try steps at."""
    fast, slow = (1 - step * FAST) ** k, (1 - step * SLOW) ** k
    return {
        theta_: sp.Lambda(k, 2 * fast + 3 * slow),
        psi_: sp.Lambda(k, -2 * FAST * fast - 3 * SLOW * slow),
        step: short,
        weight_decay: lr / (2 * lr**2 + 3),
    }


RUN = run(2 * lr**2 / (1 + lr))


@theorem(
    source=SOURCE,
    where=[slope()],
    given=[gt(h, 0), Regular(curve, 2, t, t)],
    claim=eq(residual(u(t)), h**2 / 2 * (sp.Derivative(velocity(t), t) - acceleration(curve(t), velocity(t), u(t), h))),
)
def appendix_i_system(proof):
    """Appendix I's system theta' = psi, psi' = ... is eta lambda theta + h theta' + h^2/2 theta'' = -eta u, h = eta^p

    What one lacks of zero is h^2/2 times what the other lacks, so either holds exactly where the other does."""
    return proof.conclude(proof.have(proof.statement.claim))


def next_step(proof, index=n):
    return [proof.have(p.body.subs({k: index}), at(p, index)) for p in SCHEME]


@theorem(
    source=SOURCE,
    given=[*REAL, *SCHEME],
    sample=RUN,
    claim=All(
        (
            eq(FASTEST.subs(n, n + 1), KEPT * FASTEST),
            eq(SLOWEST.subs(n, n + 1), (1 - step * SLOW) * SLOWEST),
        )
    ),
)
def euler_modes_decouple(proof):
    """A step Delta multiplies the modes psi + k_- theta and psi + k_+ theta by 1 - Delta k_+ and 1 - Delta k_-"""
    moved, pushed = next_step(proof)
    parts = zip(proof.statement.claim.parts, (SLOW, FAST), strict=True)
    parts = (proof.have(p, combination((moved, other), (pushed, 1))) for p, other in parts)
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(
    source=SOURCE,
    given=[*REAL, *SCHEME],
    sample=RUN,
    claim=All((eq(FASTEST, KEPT**n * FASTEST.subs(n, 0)), eq(SLOWEST, (1 - step * SLOW) ** n * SLOWEST.subs(n, 0)))),
)
def euler_modes_after_n_steps(proof):
    """After n steps each mode is the n-th power of its factor times what it was"""
    found = []
    for place, claim in enumerate(proof.statement.claim.parts):
        base = proof.have(claim.subs({n: sp.Integer(0)}))
        ind = proof.assume(claim)
        modes = ind.cite("euler_modes_decouple")
        mode = ind.have(modes.claim.parts[place], hypothesis, using=[modes])
        following = combination((mode, 1), (ind.have(claim, hypothesis), (KEPT, 1 - step * SLOW)[place]))
        found.append(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), following))))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*found)))


@theorem(
    source=SOURCE,
    given=[gt(lr, 0), eq(weight_decay, 0), *SCHEME],
    sample=run(lr / 3) | {weight_decay: 0},
    claim=All(
        (
            eq(psi_(n), (1 - 2 * step / lr) ** n * psi_(0)),
            eq(theta_(n), theta_(0) + lr / 2 * (1 - (1 - 2 * step / lr) ** n) * psi_(0)),
        )
    ),
)
def euler_without_decay(proof):
    """Without weight decay psi_n = (1 - 2 Delta/eta)^n psi_0, theta_n = theta_0 + eta/2 (1 - (1 - 2 Delta/eta)^n) psi_0

    Both stay bounded exactly for Delta <= eta, the stability limit at lambda = 0."""
    found = []
    none = proof.have(eq(weight_decay, 0), hypothesis)
    for claim in proof.statement.claim.parts:
        base = proof.have(claim.subs({n: sp.Integer(0)}))
        ind = proof.assume(claim)
        moved, pushed = next_step(ind)
        if found:
            weights = (moved, 1), (ind.have(claim, hypothesis), 1), (found[0], step)
        else:
            weight = 2 * step / lr * theta_(n)
            weights = (pushed, 1), (none, -weight), (ind.have(claim, hypothesis), 1 - 2 * step / lr)
        following = ind.have(claim.subs({n: n + 1}), combination(*weights))
        found.append(proof.have(claim, induction(n, base, following)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*found)))


ENERGY = oscillation_energy(theta_(n), psi_(n))
SCALED = 1 - 2 * step / lr + 2 * weight_decay * step**2 / lr


@theorem(
    source=SOURCE,
    given=[gt(lr, 0), *SCHEME],
    sample=RUN,
    claim=eq(ENERGY.subs(n, n + 1), SCALED * ENERGY),
)
def euler_energy(proof):
    """A step multiplies psi^2 + 2/eta theta psi + 2 lambda/eta theta^2 by 1 - 2 Delta/eta + 2 lambda Delta^2/eta"""
    return proof.conclude(proof.have(proof.statement.claim, algebra(*next_step(proof))))


@theorem(
    source=SOURCE,
    given=[gt(lr, 0), *SCHEME],
    sample=RUN,
    claim=eq(ENERGY, SCALED**n * ENERGY.subs(n, 0)),
)
def euler_energy_after_n_steps(proof):
    """After n steps that quantity is (1 - 2 Delta/eta + 2 lambda Delta^2/eta)^n times its first value"""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    following = combination((ind.cite("euler_energy"), 1), (ind.have(claim, hypothesis), SCALED))
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), following))))
