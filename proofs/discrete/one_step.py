"""One step of rho = m/sqrt(v): the recursion that Adam's worst case follows, and every value the next rho can take.

With q = gamma^2/beta and a = (1 - gamma)/sqrt(1 - beta); the next gradient enters as x = g_(n+1)/sqrt(v_n).
"""

import sympy as sp

from adamtheory.bounds.adam import moment_bound, moments
from adamtheory.notation import alignment, beta, g, gamma, half_open_unit, m, n, open_square, open_unit, ratio, v
from adamtheory.proof import (
    Image,
    Tends,
    ThisLibrary,
    algebra,
    combination,
    eq,
    gt,
    hypothesis,
    induction,
    le,
    limit,
    lt,
    range_of,
    sign,
    squares,
    theorem,
)

rho, x = sp.symbols("rho x", real=True)
variance = beta + (1 - beta) * x**2  # v_(n+1)/v_n
following = (gamma * rho + (1 - gamma) * x) / sp.sqrt(variance)  # rho_(n+1)
largest = sp.sqrt(ratio * rho**2 + alignment**2)
now, then = m(n) / sp.sqrt(v(n)), m(n + 1) / sp.sqrt(v(n + 1))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_unit(beta), gt(v(n), 0)],
    claim=gt(v(n + 1), 0),
    runs=False,
)
def second_moment_stays_positive(proof):
    """Once positive, the second moment stays positive."""
    form = beta * v(n) + (1 - beta) * g(n + 1) ** 2
    return proof.conclude(proof.have(proof.statement.claim, sign(form, proof.unfold(v(n + 1)))))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, gt(v(n), 0)],
    claim=le(then**2, ratio * now**2 + alignment**2),
)
def one_step_bound(proof):
    """rho_(n+1)^2 <= q rho_n^2 + a^2, whatever the next gradient."""
    proof = proof.knowing(proof.cite("second_moment_stays_positive"))
    first, second = proof.unfold(m(n + 1)), proof.unfold(v(n + 1))
    old, new = v(n), beta * v(n) + (1 - beta) * g(n + 1) ** 2
    # Lagrange's identity for the two-term Cauchy-Schwarz inequality behind it
    square = ((1 - beta) * gamma * m(n) * g(n + 1) - (1 - gamma) * beta * old) ** 2
    form = square / (beta * (1 - beta) * old * new)
    return proof.conclude(proof.have(proof.statement.claim, sign(form, first, second)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=open_square,
    claim=eq(moment_bound(n + 2), ratio * moment_bound(n + 1) + alignment**2),
)
def worst_case_follows_one_step_bound(proof):
    """The largest rho^2 of n + 2 gradients, a^2 S_(n+1), satisfies the one-step bound with equality."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), combination((ind.have(claim, hypothesis), 1)))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=moments(),
    given=[*open_square, gt(v(n), 0)],
    claim=eq(then, following.subs({rho: now, x: g(n + 1) / sp.sqrt(v(n))}, simultaneous=True)),
    runs=False,
)
def one_step_of_the_ratio(proof):
    """rho_(n+1) as a function of rho_n and the scaled gradient x = g_(n+1)/sqrt(v_n) alone."""
    proof = proof.knowing(proof.cite("second_moment_stays_positive"))
    first, second = proof.unfold(m(n + 1)), proof.unfold(v(n + 1))
    scaled = variance.subs(x, g(n + 1) / sp.sqrt(v(n)))
    inverse = proof.have(eq(1 / v(n + 1), 1 / (scaled * v(n))), algebra(second))
    root = proof.have(eq(1 / sp.sqrt(v(n + 1)), 1 / (sp.sqrt(scaled) * sp.sqrt(v(n)))), squares(inverse))
    return proof.conclude(proof.have(proof.statement.claim, algebra(root, first)))


def largest_square(proof):
    """rho_(n+1)^2 <= q rho^2 + a^2 as a function of x: the difference is a square."""
    form = ((1 - beta) * gamma * rho * x - (1 - gamma) * beta) ** 2 / (beta * (1 - beta) * variance)
    return proof.have(le(following**2, largest**2), sign(form))


def gradient_alone(proof, side):
    """side (1 - gamma) x < a sqrt(beta + (1 - beta) x^2): without momentum, a is out of reach."""
    squared = proof.have(lt(((1 - gamma) * x) ** 2, alignment**2 * variance), sign(alignment**2 * beta))
    return proof.have(lt(side * (1 - gamma) * x, alignment * sp.sqrt(variance)), squares(squared))


def approached(proof, side):
    """rho_(n+1) -> side a as the gradient grows, x = side n."""
    part = 1 / (n + 1)  # x = side (n + 1)(1 - part), so that every term with n decays
    scaled = beta * part**2 + (1 - beta) * (1 - part) ** 2
    along = variance.subs(x, n)
    squared = proof.have(eq(1 / along, 1 / ((n + 1) ** 2 * scaled)))
    root = proof.have(eq(1 / sp.sqrt(along), 1 / ((n + 1) * sp.sqrt(scaled))), squares(squared))
    form = (gamma * rho * part + side * (1 - gamma) * (1 - part)) / sp.sqrt(scaled)
    return proof.have(Tends(following.subs(x, side * n), n, sp.oo, side * alignment), limit(form, root))


def attained_at(proof, point, value):
    """rho_(n+1) = value at x = point, since the squares agree and both have one sign."""
    there = following.subs(x, point)
    side = -1 if value.could_extract_minus_sign() else 1
    squared = proof.have(eq(there**2, value**2))
    size = proof.have(eq(side * there, side * value), squares(squared))
    return proof.have(eq(there, value), combination((size, side)))


best = (1 - gamma) * beta / ((1 - beta) * gamma * rho)  # the scaled gradient at which the next |rho| is largest


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, gt(rho, 0)],
    claim=Image(following, x, -alignment, largest, lower_closed=False, upper_closed=True),
)
def next_ratio_range_after_positive(proof):
    """From rho > 0 the next rho takes exactly the values in (-a, sqrt(q rho^2 + a^2)]."""
    above = proof.have(le(following, largest), squares(largest_square(proof)))
    slope, rest = 1 / sp.sqrt(variance), gamma * rho / sp.sqrt(variance)
    below = proof.have(lt(-alignment, following), combination((gradient_alone(proof, -1), slope), plus=rest))
    ends = {"lower_at": approached(proof, -1), "upper_at": attained_at(proof, best, largest), "upper_point": best}
    return proof.conclude(proof.have(proof.statement.claim, range_of(below=below, above=above, **ends)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, lt(rho, 0)],
    claim=Image(following, x, -largest, alignment, lower_closed=True, upper_closed=False),
)
def next_ratio_range_after_negative(proof):
    """From rho < 0 the next rho takes exactly the values in [-sqrt(q rho^2 + a^2), a)."""
    turned = proof.have(le((-following) ** 2, largest**2), combination((largest_square(proof), 1)))
    opposite = proof.have(le(-following, largest), squares(turned))
    below = proof.have(le(-largest, following), combination((opposite, 1)))
    slope, rest = 1 / sp.sqrt(variance), -gamma * rho / sp.sqrt(variance)
    above = proof.have(lt(following, alignment), combination((gradient_alone(proof, 1), slope), plus=rest))
    ends = {"upper_at": approached(proof, 1), "lower_at": attained_at(proof, best, -largest), "lower_point": best}
    return proof.conclude(proof.have(proof.statement.claim, range_of(below=below, above=above, **ends)))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_unit(beta), *half_open_unit(gamma), eq(gamma * rho, 0)],
    claim=Image(following, x, -alignment, alignment, lower_closed=False, upper_closed=False),
)
def next_ratio_range_without_momentum(proof):
    """From rho = 0, or with gamma = 0 from anywhere, the next rho takes exactly the values in (-a, a)."""
    slope = 1 / sp.sqrt(variance)
    none = proof.have(eq(gamma * rho, 0), hypothesis)
    below = proof.have(lt(-alignment, following), combination((gradient_alone(proof, -1), slope), (none, -slope)))
    above = proof.have(lt(following, alignment), combination((gradient_alone(proof, 1), slope), (none, slope)))
    ends = {"lower_at": approached(proof, -1), "upper_at": approached(proof, 1)}
    return proof.conclude(proof.have(proof.statement.claim, range_of(below=below, above=above, **ends)))
