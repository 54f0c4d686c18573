"""How long the steps of Appendix I's Euler scheme may be: the exact limit on the free motion (u = 0, p = 1)."""

import sympy as sp

from adamtheory.flows.second_order import (
    fast_rate,
    largest_stable_step,
    oscillation_energy,
    slow_rate,
    spread,
    step,
)
from adamtheory.notation import lr, n, weight_decay
from adamtheory.proof import (
    All,
    Bounded,
    GouldTanaka,
    Iff,
    algebra,
    bounded_by,
    combination,
    conjunction,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    induction,
    instance,
    le,
    lt,
    ne,
    polynomial,
    sign,
    theorem,
    unbounded_by,
)

SOURCE = GouldTanaka("Appendix I")
FAST, SLOW, SPREAD = fast_rate(), slow_rate(), spread()
REAL = (gt(lr, 0), ge(weight_decay, 0), le(2 * weight_decay * lr, 1))
LATE, KEPT = largest_stable_step(), 1 - step * FAST
x, y, begin = sp.symbols("x y E_0", real=True)


def powers(proof, claim, rest):
    """A bound on x**n by induction: x times it, and ``rest``, give the next one."""
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    following = combination((ind.have(claim, hypothesis), x), plus=rest)
    return proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), following)))


@theorem(
    source=SOURCE,
    given=[*REAL, gt(step, 0)],
    claim=All(
        (
            eq(LATE, 2 / FAST),
            Iff(All((le(sp.Abs(KEPT), 1), le(sp.Abs(1 - step * SLOW), 1))), le(step, LATE)),
            le(lr, LATE),
        )
    ),
)
def euler_stability_limit(proof):
    """The scheme amplifies no mode exactly for Delta <= 2/k_+ = 2 eta/(1 + sqrt(1 - 2 lambda eta)), which is >= eta"""
    claim = proof.statement.claim
    cited = proof.cite("free_motion_rates")
    fast, slow = (proof.have(p, hypothesis, using=[cited]) for p in cited.claim.parts[:2])
    proof = proof.knowing(fast, slow)
    value = proof.have(claim.parts[0], algebra(fast))
    both, limit = claim.parts[1].left, claim.parts[1].right
    forward = proof.assume(both)
    one = forward.have(both.parts[0], hypothesis)
    below = forward.have(le(step * (1 + SPREAD), 2 * lr), polynomial(), using=[one])
    forward = forward.have(limit, combination((below, 1 / (1 + SPREAD))))
    backward = proof.assume(limit)
    short = backward.have(limit, hypothesis)
    short = backward.have(le(step * (1 + SPREAD), 2 * lr), combination((short, 1 + SPREAD)))
    parts = (backward.have(p, polynomial(), using=[short]) for p in both.parts)
    backward = backward.have(both, conjunction(*parts))
    stable = proof.have(claim.parts[1], equivalence(forward, backward))
    close = proof.have(le(SPREAD, 1), polynomial())
    last = proof.have(claim.parts[2], combination((close, lr / (1 + SPREAD))))
    return proof.conclude(proof.have(claim, conjunction(value, stable, last)))


@theorem(
    source=SOURCE,
    given=[*REAL, gt(step, 0), gt(begin, 0)],
    claim=Iff(Bounded(sp.Abs(KEPT) ** n * begin, n), le(step, LATE)),
)
def euler_is_stable_exactly_up_to_its_limit(proof):
    """What |1 - Delta k_+|^n makes of any part of the fast mode stays bounded exactly for Delta <= 2/k_+"""
    claim, size = proof.statement.claim, sp.Abs(KEPT)
    limit = proof.cite("euler_stability_limit")
    value = proof.have(limit.claim.parts[0], hypothesis, using=[limit])
    proof = proof.knowing(proof.have(gt(FAST, 0), sign()))
    free = proof.forget(*proof.scope.hypotheses).assume(ge(x, 0))
    inside = proof.assume(claim.right)
    short = inside.have(claim.right, hypothesis)
    short = inside.have(le(step * FAST, 2), combination((short, FAST), (value, FAST)))
    small = inside.have(le(size, 1), polynomial(), using=[short])
    power = powers(free.assume(le(x, 1)), le(x**n, 1), 1 - x)
    power = inside.have(power.claim.subs({x: size}), instance(power, {x: size}), using=[small])
    bounded = inside.have(le(size**n * begin, begin), combination((power, begin)))
    bounded = inside.have(claim.left, bounded_by(bounded))
    outside = proof.assume(lt(LATE, step))
    long = outside.have(lt(LATE, step), hypothesis)
    long = outside.have(lt(2, step * FAST), combination((long, FAST), (value, -FAST)))
    large = outside.have(lt(1, size), polynomial(), using=[long])
    power = powers(free.assume(lt(1, x)), le(1 + n * (x - 1), x**n), n * (x - 1) ** 2)
    power = outside.have(power.claim.subs({x: size}), instance(power, {x: size}), using=[large])
    growth = outside.have(le(begin * (1 + n * (size - 1)), size**n * begin), combination((power, begin)))
    unbounded = unbounded_by(growth, begin * (size - 1))
    unbounded = outside.have(Bounded(size**n * begin, n, holds=False), unbounded, using=[large])
    return proof.conclude(proof.have(claim, equivalence(unbounded, bounded)))


SCALED = 1 - 2 * step / lr + 2 * weight_decay * step**2 / lr
BEYOND = (gt(lr, 0), gt(2 * weight_decay * lr, 1))


@theorem(source=SOURCE, given=[*BEYOND, ne(x**2 + y**2, 0)], claim=gt(oscillation_energy(x, y), 0))
def oscillation_energy_is_positive(proof):
    """For 2 lambda eta > 1 psi^2 + 2/eta theta psi + 2 lambda/eta theta^2 is positive, the square of a norm"""
    return proof.conclude(proof.have(proof.statement.claim, polynomial()))


@theorem(
    source=SOURCE,
    given=[*BEYOND, gt(step, 0), gt(begin, 0)],
    claim=Iff(Bounded(SCALED**n * begin, n), le(weight_decay * step, 1)),
)
def euler_is_stable_where_the_motion_oscillates(proof):
    """For 2 lambda eta > 1, where the rates are complex, the scheme's energy stays bounded iff Delta <= 1/lambda"""
    claim = proof.statement.claim
    shape = (1 - step / lr) ** 2 + step**2 * (2 * weight_decay * lr - 1) / lr**2
    proof = proof.knowing(proof.have(gt(SCALED, 0), sign(shape)))
    free = proof.forget(*proof.scope.hypotheses).assume(gt(x, 0))
    inside = proof.assume(claim.right)
    small = inside.have(le(SCALED, 1), sign(2 * step / lr * (1 - weight_decay * step)))
    power = powers(free.assume(le(x, 1)), le(x**n, 1), 1 - x)
    power = inside.have(power.claim.subs({x: SCALED}), instance(power, {x: SCALED}), using=[small])
    bounded = inside.have(le(SCALED**n * begin, begin), combination((power, begin)))
    bounded = inside.have(claim.left, bounded_by(bounded))
    outside = proof.assume(lt(1, weight_decay * step))
    large = outside.have(lt(1, SCALED), sign(2 * step / lr * (weight_decay * step - 1)))
    power = powers(free.assume(lt(1, x)), le(1 + n * (x - 1), x**n), n * (x - 1) ** 2)
    power = outside.have(power.claim.subs({x: SCALED}), instance(power, {x: SCALED}), using=[large])
    growth = le(begin * (1 + n * (SCALED - 1)), SCALED**n * begin)
    growth = outside.have(growth, combination((power, begin)))
    unbounded = unbounded_by(growth, begin * (SCALED - 1))
    unbounded = outside.have(Bounded(SCALED**n * begin, n, holds=False), unbounded, using=[large])
    return proof.conclude(proof.have(claim, equivalence(unbounded, bounded)))


parts = sp.Symbol("K", real=True)


@theorem(source=SOURCE, given=[*REAL, ge(parts, 1)], claim=le(lr / parts, LATE))
def euler_steps_of_the_paper_are_stable(proof):
    """Appendix I's Delta = eta/K is within the limit for every K >= 1 (the paper's is 100), 2 lambda eta <= 1"""
    limit = proof.cite("euler_stability_limit", {step: lr})
    last = proof.have(limit.claim.parts[2], hypothesis, using=[limit])
    short = combination((last, 1), plus=lr * (1 - 1 / parts))
    return proof.conclude(proof.have(proof.statement.claim, short))
