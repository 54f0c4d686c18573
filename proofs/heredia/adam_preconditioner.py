"""The preconditioner of Adam's flow, A = eta(t)/(sqrt(v) + eps): how fast it grows, and how small it gets.

eta is the bias correction sqrt(1 - beta^s)/(1 - gamma^s) after s steps, written with the rates L1 = -log(gamma) and
L2 = -log(beta) of its powers; lambda1 and lambda2 are the rates of the kernels, which a convention may choose
otherwise."""

import sympy as sp

from adamtheory.lyapunov.curves import (
    MEMORY,
    A,
    correction_growth,
    damping_at,
    during,
    eta,
    first_power,
    first_rate,
    i,
    second_power,
    second_rate,
    since,
    size,
    v,
)
from adamtheory.notation import eps, g, n, t, tau
from adamtheory.proof import (
    All,
    Heredia,
    Implies,
    Regular,
    SequenceDefinition,
    Tends,
    ThisLibrary,
    along,
    at,
    cases,
    combination,
    conjunction,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    implication,
    increasing,
    instance,
    le,
    limit,
    lt,
    modus_ponens,
    polynomial,
    sign,
    tangent,
    theorem,
)

SOURCE = ThisLibrary("energies of Adam's flow")
a, b, q, s, x, y, z = sp.symbols("a b q s x y z", real=True)
floor = sp.Function("e", real=True)  # the regulariser beside sqrt(v)
RATES = (gt(first_power, 0), gt(second_power, 0))
ADAM_PRECONDITIONER = SequenceDefinition(A, t, eta(t) / (sp.sqrt(v(i, t)) + floor(t)), (), (i,))


@theorem(
    source=SOURCE,
    given=[*RATES, gt(t, 0)],
    claim=eq(sp.Derivative(eta(t), t), correction_growth(t) * eta(t)),
    runs=False,
)
def bias_correction_grows(proof):
    """eta'/eta = L2/(2 (exp(L2 t) - 1)) - L1/(exp(L1 t) - 1)"""
    return proof.conclude(proof.have(proof.statement.claim, differentiation))


KNOWN = (gt(first_rate, 0), ge(second_rate, 0), gt(t, 0), *RATES)
ALWAYS = during(MEMORY.body, last=t)
RISING = during(ge(sp.Derivative(floor(tau), tau), 0), since, t)
HERE = (Regular(v, 1, 0, t), gt(v(i, t), 0), ALWAYS, le(since, t), Regular(floor, 1, since, t), ge(floor(t), 0), RISING)
SAMPLE = {
    v: sp.Lambda((i, t), 1 + sp.exp(-second_rate * t)),
    g: sp.Lambda((i, t), sp.Integer(1)),
    floor: sp.Lambda(t, 1 + t),
    since: t / 2,
}


@theorem(
    source=SOURCE,
    where=[ADAM_PRECONDITIONER],
    given=[*KNOWN, *HERE],
    sample=SAMPLE,
    claim=le(sp.Derivative(A(i, t), t), 2 * first_rate * (1 - damping_at(t)) * A(i, t)),
    runs=False,
)
def adam_preconditioner_grows_slowly(proof):
    """A' <= 2 lambda1 (1 - c(t)) A with c(t) = 1 - (eta'/eta + lambda2/2)/(2 lambda1): v loses lambda2 v at most

    A = eta/(sqrt(v) + e), where the regulariser e is constant or rises with the bias correction."""
    root = sp.sqrt(v(i, t))
    higher = proof.have(RISING.body.subs({tau: t}), at(RISING, t))
    grows = proof.cite("bias_correction_grows")
    moves = proof.have(ALWAYS.body.subs({tau: t}), at(ALWAYS, t))
    value = proof.unfold(A(i, t))
    positive = proof.have(gt(eta(t), 0), sign())
    below = root + floor(t)
    change = sp.Derivative(eta(t), t) / below
    change -= eta(t) * (sp.Derivative(v(i, t), t) / (2 * root) + sp.Derivative(floor(t), t)) / below**2
    change = proof.have(eq(sp.Derivative(A(i, t), t), change), differentiation)
    weight = eta(t) / (2 * root * below**2)
    rest = second_rate * weight * (g(i, t) ** 2 + root * floor(t))
    weights = (change, 1), (grows, 1 / below), (moves, -weight), (value, -2 * first_rate * (1 - damping_at(t)))
    weights += ((higher, eta(t) / below**2),)
    return proof.conclude(proof.knowing(positive).have(proof.statement.claim, combination(*weights, plus=rest)))


@theorem(
    source=SOURCE,
    given=[gt(x, 0), le(x, y)],
    claim=All((le(x * (1 - sp.exp(-y)), y * (1 - sp.exp(-x))), le(y * (sp.exp(x) - 1), x * (sp.exp(y) - 1)))),
    runs=False,
)
def exponentials_bend(proof):
    """(1 - exp(-x))/x falls and (exp(x) - 1)/x grows with x > 0"""
    down, up = (1 - sp.exp(-z)) / z, (sp.exp(z) - 1) / z
    inside = proof.assume(le(x, z), le(z, y))
    inside = inside.knowing(inside.have(gt(z, 0), polynomial()))
    parts = []
    for ratio, way, line in ((down, -1, sp.exp(z)), (up, 1, sp.exp(-z))):
        tangent_at = inside.have(le(1 + way * -z, line), tangent)
        slope = (sp.exp(way * z) * (way * z - 1) + 1) / z**2
        change = inside.have(eq(sp.Derivative(way * ratio, z), slope), differentiation)
        rises = inside.have(
            le(0, sp.Derivative(way * ratio, z)), combination((change, -1), (tangent_at, sp.exp(way * z) / z**2))
        )
        ends = proof.have(le(way * ratio.subs(z, x), way * ratio.subs(z, y)), along(rises, z, x, y))
        parts.append(ends)
    claims = proof.statement.claim.parts
    known = proof.knowing(proof.have(gt(y, 0), polynomial()))
    first = known.have(claims[0], combination((parts[0], x * y)))
    second = known.have(claims[1], combination((parts[1], x * y)))
    return proof.conclude(known.have(proof.statement.claim, conjunction(first, second)))


QUICK = (le(first_power, 3 * first_rate), Implies(lt(second_power, first_power), le(second_rate, first_rate)))


@theorem(
    source=SOURCE,
    given=[*RATES, gt(t, 0), gt(first_rate, 0), ge(second_rate, 0), lt(second_rate, 4 * first_rate), *QUICK],
    sample={first_power: first_rate, second_power: second_rate},
    claim=lt(0, damping_at(t)),
    runs=False,
)
def adam_energy_decreases_with_quick_kernels(proof):
    """c(t) > 0 at all times where lambda2 < 4 lambda1, if L1 <= 3 lambda1, and lambda2 <= lambda1 where L2 < L1

    So it is at exact and at first-order rates everywhere, and at forward Euler's where -log(gamma) <= 3 (1 - gamma)."""
    one, two = first_power * t, second_power * t
    known = proof.knowing(*(proof.have(gt(u, 0), sign()) for u in (one, two)))
    grown = known.knowing(*(known.have(gt(sp.exp(u) - 1, 0), sign()) for u in (one, two)))
    claim = proof.statement.claim
    factor = 1 / (2 * first_rate)
    limited = grown.have(lt(second_rate, 4 * first_rate), hypothesis)
    # L2 >= L1: eta'/eta is negative
    slow = grown.assume(le(first_power, second_power))
    slow = slow.knowing(slow.have(le(one, two), combination((slow.have(le(first_power, second_power), hypothesis), t))))
    bend = slow.cite("exponentials_bend", {x: one, y: two})
    bend = slow.have(bend.claim.parts[1], hypothesis, using=[bend])
    weight = factor / (2 * t * (sp.exp(one) - 1) * (sp.exp(two) - 1))
    rest = factor * first_power / (2 * (sp.exp(one) - 1))
    first = slow.have(claim, combination((bend, weight), (limited, factor / 2), plus=rest))
    # L2 < L1: eta'/eta is less than L1/2
    quick = grown.assume(lt(second_power, first_power))
    line = quick.have(le(1 + two, sp.exp(two)), tangent)
    other = quick.have(le(1 - one, sp.exp(-one)), tangent)
    order = quick.have(lt(second_power, first_power), hypothesis)
    order = quick.have(QUICK[1].conclusion, modus_ponens(quick.have(QUICK[1], hypothesis), order))
    power = quick.have(QUICK[0], hypothesis)
    weights = (
        (line, factor / (2 * t * (sp.exp(two) - 1))),
        (other, factor * sp.exp(one) / (2 * t * (sp.exp(one) - 1))),
        (order, factor / 2),
        (power, factor / 2),
    )
    second = quick.have(claim, combination(*weights, plus=rest))
    branches = (le(first_power, second_power), first), (lt(second_power, first_power), second)
    return proof.conclude(proof.have(claim, cases(*branches)))


EXACT = {first_rate: first_power, second_rate: second_power}  # kernels that keep the factors: lambda = -log


@theorem(
    source=SOURCE,
    given=[*RATES, gt(t, 0), lt(second_power, 4 * first_power)],
    claim=lt(0, damping_at(t).subs(EXACT)),
    runs=False,
)
def adam_energy_decreases_at_exact_rates(proof):
    """c(t) > 0 at all times where lambda2 < 4 lambda1, with kernels that keep the factors: lambda = -log

    c depends on lambda2/lambda1 and lambda1 t alone."""
    slower = proof.assume(lt(second_power, first_power))
    order = slower.have(lt(second_power, first_power), hypothesis)
    order = slower.have(le(second_power, first_power), combination((order, 1)))
    order = proof.have(Implies(lt(second_power, first_power), order.claim), implication(order))
    return proof.conclude(proof.knowing(order).cite("adam_energy_decreases_with_quick_kernels", EXACT))


# Per step, with the powers L1 = -log(gamma), L2 = -log(beta): lambda = (1 - alpha)/alpha = exp(L) - 1
FIRST_ORDER = {rate: sp.exp(power) - 1 for rate, power in EXACT.items()}


@theorem(
    source=SOURCE,
    given=[*RATES, gt(t, 0), lt(*(FIRST_ORDER[rate] * factor for rate, factor in ((second_rate, 1), (first_rate, 4))))],
    claim=lt(0, damping_at(t).subs(FIRST_ORDER)),
    runs=False,
)
def adam_energy_decreases_at_first_order_rates(proof):
    """c(t) > 0 at all times where lambda2 < 4 lambda1, with Gould and Tanaka's kernels: lambda = (1 - alpha)/alpha"""
    line = proof.have(le(1 + first_power, sp.exp(first_power)), tangent)
    quick = proof.have(le(first_power, 3 * FIRST_ORDER[first_rate]), combination((line, 3), plus=2 * first_power))
    slower = proof.assume(lt(second_power, first_power))
    order = slower.have(lt(second_power, first_power), hypothesis)
    order = slower.have(lt(sp.exp(second_power), sp.exp(first_power)), increasing(order))
    order = slower.have(le(FIRST_ORDER[second_rate], FIRST_ORDER[first_rate]), combination((order, 1)))
    order = proof.have(Implies(lt(second_power, first_power), order.claim), implication(order))
    signs = [proof.have(gt(rate, 0), sign()) for rate in FIRST_ORDER.values()]
    known = proof.knowing(quick, order, *signs)
    return proof.conclude(known.cite("adam_energy_decreases_with_quick_kernels", FIRST_ORDER))


@theorem(
    source=SOURCE,
    given=[gt(first_rate, 0), ge(second_rate, 0), *RATES],
    claim=Tends(damping_at(n + 1), n, sp.oo, 1 - second_rate / (4 * first_rate)),
    runs=False,
)
def adam_energy_needs_less_than_four_times_the_rate(proof):
    """c(t) -> 1 - lambda2/(4 lambda1): in the end the energy's condition is lambda2 < 4 lambda1, in every convention

    Heredia (2024) has (2 lambda1 - C)/(2 lambda1): C = lambda2/2. The max-update needs lambda2 < 2 lambda1."""
    fade = [sp.exp(-power * (n + 1)) for power in (first_power, second_power)]
    growth = second_power * fade[1] / (2 * (1 - fade[1])) - first_power * fade[0] / (1 - fade[0])
    return proof.conclude(proof.have(proof.statement.claim, limit(1 - (growth + second_rate / 2) / (2 * first_rate))))


@theorem(
    source=Heredia("section 4.3, s_min"),
    given=[*RATES, gt(t, 0)],
    claim=All(
        (
            Implies(le(first_power, second_power), le(1, eta(t))),
            Implies(le(second_power, first_power), le(sp.sqrt(second_power / first_power), eta(t))),
        )
    ),
    runs=False,
)
def bias_correction_at_least(proof):
    """eta(t) >= min(1, sqrt(log(beta)/log(gamma))) at all times t > 0: as printed"""
    one, two = first_power * t, second_power * t
    known = proof.knowing(*(proof.have(gt(u, 0), sign()) for u in (one, two)))
    known = known.knowing(*(known.have(gt(1 - sp.exp(-u), 0), sign()) for u in (one, two)))
    below = [known.have(lt(sp.exp(-one), 1), sign()), known.have(gt(sp.exp(-one), 0), sign())]
    known = known.knowing(*below)
    fresh, late = 1 - sp.exp(-one), 1 - sp.exp(-two)
    free = proof.forget(*proof.scope.hypotheses).assume(gt(x, 0), lt(x, 1), gt(y, 0), gt(z, 0), le(z, 1), le(z * x, y))
    general = free.have(le(sp.sqrt(z), sp.sqrt(y) / x), polynomial())
    parts = proof.statement.claim.parts
    quick = known.assume(parts[0].hypothesis)
    order = quick.have(parts[0].hypothesis, hypothesis)
    order = quick.have(le(-two, -one), combination((order, t)))
    order = quick.have(le(sp.exp(-two), sp.exp(-one)), increasing(order))
    values = {x: fresh, y: late, z: sp.S.One}
    facts = [quick.have(p, sign()) for p in (gt(fresh, 0), lt(fresh, 1), gt(late, 0))]
    order = quick.have(le(fresh, late), combination((order, 1)))
    first = quick.have(parts[0].conclusion, instance(general, values), using=[*facts, order])
    slow = known.assume(parts[1].hypothesis)
    order = slow.have(parts[1].hypothesis, hypothesis)
    order = slow.have(le(two, one), combination((order, t)))
    bend = slow.knowing(order).cite("exponentials_bend", {x: two, y: one})
    bend = slow.have(bend.claim.parts[0], hypothesis, using=[bend])
    share = second_power / first_power
    values = {x: fresh, y: late, z: share}
    facts = [slow.have(p, sign()) for p in (gt(fresh, 0), lt(fresh, 1), gt(late, 0), gt(share, 0))]
    facts.append(slow.have(le(share, 1), polynomial()))
    order = slow.have(le(share * fresh, late), combination((bend, 1 / one)))
    second = slow.have(parts[1].conclusion, instance(general, values), using=[*facts, order])
    both = [known.have(part, implication(one)) for part, one in zip(parts, (first, second), strict=True)]
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*both)))


SLOWEST = sp.Symbol("s", real=True)  # eta is at least this


@theorem(
    source=SOURCE,
    given=[
        *RATES,
        gt(t, 0),
        gt(eps, 0),
        ge(size, 0),
        ge(z, 0),
        gt(SLOWEST, 0),
        le(SLOWEST, eta(t)),
        le(z**2, size * (1 - sp.exp(-second_power * t))),
    ],
    claim=le(1 / (sp.sqrt(size) + eps / SLOWEST), eta(t) / (z + eps)),
    runs=False,
)
def adam_preconditioner_at_least(proof):
    """A = eta/(sqrt(v) + eps) >= 1/(sqrt(V) + eps/s) with s <= eta, where v <= V (1 - exp(-L2 t))

    From zero memory v is that small where lambda2 <= L2, that is at exact and forward-Euler rates."""
    one, two = first_power * t, second_power * t
    known = proof.knowing(*(proof.have(gt(u, 0), sign()) for u in (one, two)))
    fresh, late = 1 - sp.exp(-one), 1 - sp.exp(-two)
    facts = [known.have(p, sign()) for p in (gt(fresh, 0), lt(fresh, 1), gt(late, 0))]
    given = gt(x, 0), lt(x, 1), gt(y, 0), gt(eps, 0), ge(size, 0), ge(z, 0), gt(SLOWEST, 0)
    free = proof.forget(*proof.scope.hypotheses).assume(*given, le(SLOWEST, sp.sqrt(y) / x), le(z**2, size * y))
    # sqrt(v)/eta <= (1 - gamma^s) sqrt(V), and eps/eta <= eps/s
    root = free.have(le(z, sp.sqrt(size) * sp.sqrt(y)), polynomial())
    correction = free.have(le(SLOWEST * x, sp.sqrt(y)), polynomial())
    free = free.knowing(root, correction)
    first = free.have(le(x * z / sp.sqrt(y), sp.sqrt(size)), polynomial())
    second = free.have(le(x * eps / sp.sqrt(y), eps / SLOWEST), polynomial())
    whole = free.have(
        le(x * (z + eps) / sp.sqrt(y), sp.sqrt(size) + eps / SLOWEST), combination((first, 1), (second, 1))
    )
    lone = proof.forget(*proof.scope.hypotheses).assume(gt(a, 0), le(a, b))
    turned = lone.have(le(1 / b, 1 / a), polynomial())
    values = {a: x * (z + eps) / sp.sqrt(y), b: whole.claim.rhs}
    positive = free.have(gt(values[a], 0), sign())
    general = free.have(turned.claim.subs(values), instance(turned, values), using=[whole, positive])
    general = free.have(le(1 / whole.claim.rhs, sp.sqrt(y) / x / (z + eps)), combination((general, 1)))
    values = {x: fresh, y: late}
    return proof.conclude(known.have(proof.statement.claim, instance(general, values), using=facts))


@theorem(
    source=SOURCE,
    given=[
        *RATES,
        gt(t, 0),
        gt(eps, 0),
        ge(size, 0),
        ge(z, 0),
        le(z**2, size * (1 - sp.exp(-second_power * t))),
    ],
    claim=le(1 / (sp.sqrt(size) + eps), eta(t) / (z + eps * sp.sqrt(1 - sp.exp(-second_power * t)))),
    runs=False,
)
def adam_preconditioner_at_least_where_eps_follows(proof):
    """A = eta/(sqrt(v) + eps sqrt(1 - exp(-L2 t))) >= 1/(sqrt(V) + eps), where v <= V (1 - exp(-L2 t))

    As PyTorch has it: eps stands beside the corrected root."""
    one, two = first_power * t, second_power * t
    known = proof.knowing(*(proof.have(gt(u, 0), sign()) for u in (one, two)))
    fresh, late = 1 - sp.exp(-one), 1 - sp.exp(-two)
    facts = [known.have(p, sign()) for p in (gt(fresh, 0), lt(fresh, 1), gt(late, 0))]
    given = gt(x, 0), lt(x, 1), gt(y, 0), gt(eps, 0), ge(size, 0), ge(z, 0), le(z**2, size * y)
    free = proof.forget(*proof.scope.hypotheses).assume(*given)
    root = free.have(le(z, sp.sqrt(size) * sp.sqrt(y)), polynomial())
    below = x * (z + eps * sp.sqrt(y))
    small = free.have(le(below, sp.sqrt(y) * (sp.sqrt(size) + eps)), polynomial(), using=[root])
    lone = proof.forget(*proof.scope.hypotheses).assume(gt(a, 0), gt(b, 0), gt(q, 0), le(a, q * b))
    turned = lone.have(le(1 / b, q / a), polynomial())
    values = {a: below, b: sp.sqrt(size) + eps, q: sp.sqrt(y)}
    positive = [free.have(gt(value, 0), sign()) for value in values.values()]
    general = free.have(turned.claim.subs(values), instance(turned, values), using=[small, *positive])
    general = free.have(le(1 / values[b], sp.sqrt(y) / x / (z + eps * sp.sqrt(y))), combination((general, 1)))
    return proof.conclude(known.have(proof.statement.claim, instance(general, {x: fresh, y: late}), using=facts))
