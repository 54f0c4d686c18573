"""How far Adam's debiased moments lag behind the gradient and its square, while a coordinate's gradient keeps its sign.

Adam's update depends on the lags of both moments alone.  sigma G is the gradient's size.
"""

import sympy as sp

from adamtheory.flows.discrete_error import (
    bounded_above,
    bounded_below,
    definitions,
    expansion_error,
    first_lag,
    first_lag_bound,
    phase,
    ranges,
    second_lag,
    second_lag_bound,
    sigma,
    signed,
    slowly_changing,
    some_phase,
)
from adamtheory.flows.flow_error import gradient_drift, gradient_floor, gradient_limit, until
from adamtheory.flows.second_order_adam import remaining
from adamtheory.notation import G, beta, gamma, h, j, k, m, n, u, v
from adamtheory.notation import coordinate as i
from adamtheory.proof import (
    ForAll,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    for_all,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    ne,
    polynomial,
    squares,
    theorem,
)

SOURCE = ThisLibrary("second-order flow of Adam")
WITHIN = le(n * h, until)
M, V, U, _ = definitions()
a, x, q, s, S = sp.symbols("a x q s S", real=True)
b, d, e, f, E, F = sp.symbols("b d e f E F", real=True)
r, B = gradient_floor, gradient_limit
KEPT = a * (1 - x) / (1 - a * x)


def through_the_phase(proof, claim, first, following):
    """``claim`` for every n within the phase, by induction: ``first(proof)`` proves it at 0, ``following`` at n + 1
    from (proof, the claim at n).

    "Within the phase" is the domain of a quantifier over an index that does not occur."""
    general, start, later = (ForAll(j, (WITHIN.subs({n: at_}),), claim.subs({n: at_})) for at_ in (n, sp.S.Zero, n + 1))
    proof = proof.forget(WITHIN)
    base = proof.have(start, for_all(first(proof.assume(*start.domain))))
    ind = proof.assume(general)
    under = ind.assume(*later.domain)
    under = under.knowing(under.have(WITHIN, combination((under.have(later.domain[0], hypothesis), 1), plus=h)))
    before = under.have(claim, at(general, 0))
    step = ind.have(later, for_all(following(under, before)))
    return proof.have(general, induction(n, base, step))


def concluded(proof, general):
    """The theorem's claim at its own n, which lies within the phase."""
    here = proof.knowing(general, proof.have(WITHIN, hypothesis))
    return proof.conclude(here.have(proof.statement.claim, at(general.claim, 0)))


def change(proof):
    """|sigma (G(n+1) - G(n))| <= D h."""
    step = proof.have(slowly_changing.body.subs({k: n}), at(slowly_changing, n))
    return proof.have(le(sp.Abs(sigma(i) * (G(i, n + 1) - G(i, n))), gradient_drift * h), polynomial(), using=[step])


FIRST = le(sp.Abs(first_lag()), first_lag_bound())


@theorem(
    source=SOURCE,
    where=[M],
    given=[*ranges, *phase, WITHIN],
    sample=some_phase,
    claim=FIRST,
    runs=False,
)
def first_moment_lags_by_its_delay(proof):
    """Adam's debiased first moment lags behind the gradient by gamma/(1 - gamma) D h at most"""

    def first(begin):
        none = begin.have(eq(first_lag(sp.S.Zero), 0), algebra(begin.unfold(m(i, sp.S.Zero)), begin.unfold(m(i, -1))))
        return begin.have(FIRST.subs({n: sp.S.Zero}), polynomial(), using=[none])

    def following(under, before):
        move = sigma(i) * (G(i, n + 1) - G(i, n))
        values = {a: gamma, x: remaining(gamma, n), q: first_lag(), s: move, S: gradient_drift * h}
        known = under.knowing(before, change(under))
        small = known.cite("lag_of_a_debiased_average_stays_small", values)
        kept = KEPT.subs(values) * (first_lag() + move)
        same = algebra(under.unfold(m(i, n + 1)))
        same = under.have(eq(sp.Abs(first_lag(n + 1)), sp.Abs(kept)), same)
        return under.have(FIRST.subs({n: n + 1}), combination((same, 1), (small, 1)))

    return concluded(proof, through_the_phase(proof, FIRST, first, following))


SECOND = le(sp.Abs(second_lag()), second_lag_bound())
DEBIASED = v(i, n) / (1 - remaining(beta, n))


def sizes(proof, *steps):
    """r <= sigma G <= B at these steps."""
    found = []
    for step in steps:
        below, most = (proof.have(p.body.subs({k: step}), at(p, step)) for p in (bounded_below, bounded_above))
        found += [below, proof.have(le(sigma(i) * G(i, step), B), polynomial(), using=[below, most])]
    return found


@theorem(
    source=SOURCE,
    where=[V],
    given=[*ranges, *phase, WITHIN],
    sample=some_phase,
    claim=SECOND,
    runs=False,
)
def second_moment_lags_by_its_delay(proof):
    """Adam's debiased second moment lags behind the squared gradient by beta/(1 - beta) 2 B D h at most"""
    change_of_square = G(i, n + 1) ** 2 - G(i, n) ** 2
    most = 2 * B * gradient_drift * h

    def first(begin):
        none = begin.have(eq(second_lag(sp.S.Zero), 0), algebra(begin.unfold(v(i, sp.S.Zero)), begin.unfold(v(i, -1))))
        known = [none, *sizes(begin, sp.S.Zero)]
        return begin.have(SECOND.subs({n: sp.S.Zero}), polynomial(), using=known)

    def following(under, before):
        values = {b: sigma(i) * G(i, n), d: sigma(i) * G(i, n + 1), S: gradient_drift * h}
        known = under.knowing(*sizes(under, n, n + 1), change(under))
        step = known.cite("square_changes_by_twice_the_size", values)
        same = under.have(eq(sp.Abs(change_of_square), step.claim.lhs), polynomial())
        step = under.have(le(sp.Abs(change_of_square), most), combination((same, 1), (step, 1)))
        values = {a: beta, x: remaining(beta, n), q: second_lag(), s: change_of_square, S: most}
        small = under.knowing(before, step).cite("lag_of_a_debiased_average_stays_small", values)
        kept = KEPT.subs(values) * (second_lag() + change_of_square)
        same = algebra(under.unfold(v(i, n + 1)))
        same = under.have(eq(sp.Abs(second_lag(n + 1)), sp.Abs(kept)), same)
        return under.have(SECOND.subs({n: n + 1}), combination((same, 1), (small, 1)))

    return concluded(proof, through_the_phase(proof, SECOND, first, following))


@theorem(
    source=SOURCE,
    where=[V],
    given=[*ranges, signed, bounded_below, WITHIN],
    sample=some_phase,
    claim=ge(DEBIASED, gradient_floor**2),
    runs=False,
)
def debiased_second_moment_stays_above(proof):
    """Adam's debiased second moment is no smaller than the smallest squared gradient"""
    claim = ge(DEBIASED, gradient_floor**2)

    def square(proof, step):
        size = proof.have(bounded_below.body.subs({k: step}), at(bounded_below, step))
        return proof.have(ge(G(i, step) ** 2, gradient_floor**2), polynomial(), using=[size])

    def first(begin):
        same = begin.have(eq(begin_value, G(i, 0) ** 2), algebra(begin.unfold(v(i, sp.S.Zero)), begin.unfold(v(i, -1))))
        return begin.have(claim.subs({n: sp.S.Zero}), combination((same, -1), (square(begin, sp.S.Zero), 1)))

    def following(under, before):
        line = under.unfold(v(i, n + 1))
        left = 1 - remaining(beta, n + 1)
        kept = beta * (1 - remaining(beta, n)) / left
        weights = (line, -1 / left), (before, kept), (square(under, n + 1), (1 - beta) / left)
        return under.have(claim.subs({n: n + 1}), combination(*weights))

    begin_value = DEBIASED.subs(n, 0)
    return concluded(proof, through_the_phase(proof, claim, first, following))


ROOT = sp.sqrt(DEBIASED)
SIZE = sigma(i) * G(i, n)
EXPANDED = sigma(i) * u(i, n) - 1 + first_lag() / SIZE - second_lag() / (2 * SIZE**2)


@theorem(
    source=SOURCE,
    where=[M, V, U],
    given=[*ranges, *phase, WITHIN],
    sample=some_phase,
    claim=le(sp.Abs(EXPANDED), expansion_error() * h**2),
    runs=False,
)
def adam_update_expanded_in_its_lags(proof):
    """|u| is 1 less the relative lag of the first moment and half that of the second, up to terms of order h^2"""
    first, second = (proof.cite(f"{which}_moment_lags_by_its_delay") for which in ("first", "second"))
    above, left = proof.cite("debiased_second_moment_stays_above"), 1 - remaining(beta, n)
    positive = proof.have(gt(DEBIASED, 0), polynomial(), using=[above])
    proof = proof.knowing(positive, proof.have(gt(v(i, n), 0), combination((positive, left))))
    root = proof.have(le(r, ROOT), squares(proof.have(le(r**2, ROOT**2), combination((above, 1)))))
    size = proof.have(bounded_below.body.subs({k: n}), at(bounded_below, n))
    factors = (proof.have(ne(factor, 0), polynomial(), using=[size]) for factor in (G(i, n), sigma(i)))
    proof = proof.knowing(size, *factors)
    one = proof.have(signed, hypothesis)
    square = proof.have(eq(ROOT**2, SIZE**2 - second_lag()), combination((one, -(G(i, n) ** 2))))
    values = {b: SIZE, d: ROOT, e: first_lag(), f: second_lag(), E: first_lag_bound(), F: second_lag_bound()}
    small = proof.knowing(first, second, size, root, square).cite("update_expanded_in_its_lags", values)
    whole = proof.have(eq(left * DEBIASED, v(i, n)), algebra())
    split = proof.have(eq(sp.sqrt(left) * ROOT, sp.sqrt(v(i, n))), squares(whole))
    debiased = sigma(i) * m(i, n) / (1 - remaining(gamma, n))
    weights = (proof.unfold(u(i, n)), sigma(i)), (split, debiased / (ROOT * sp.sqrt(v(i, n))))
    update = proof.have(eq(sigma(i) * u(i, n), (SIZE - first_lag()) / ROOT), combination(*weights))
    same = proof.have(eq(sp.Abs(EXPANDED), small.claim.lhs), algebra(update))
    return proof.conclude(proof.have(proof.statement.claim, combination((same, 1), (small, 1))))
