"""Cauchy-Schwarz for two filters of one sequence, for all weights at once: what it loses is an explicit sum of squares.

With numerator A = sum of a_j x_(n-j), denominator v = sum of b_j x_(n-j)^2 and B = sum of a_j^2/b_j, for every s

    s^2 v - 2 s A + B = sum of b_j (s x_(n-j) - a_j/b_j)^2,

and A = v = B for the inputs x_(n-j) = a_j/b_j.  The weights and factors are symbols here (``Sequences.plain``); a
layer's own are put in afterwards, so that the work does not grow with them.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.bounds.filter_sequences import Sequences
from adamtheory.bounds.filter_states import ZERO
from adamtheory.notation import k, n
from adamtheory.proof import (
    ForAll,
    Proof,
    Sequent,
    algebra,
    at,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    instance,
    le,
    ne,
    polynomial,
    sign,
    termwise,
    under_sum,
)

scale = sp.Symbol("s", real=True)


def put_in(proof: Proof, layer: Sequences, general: Sequent, more: dict[sp.Symbol, sp.Expr] | None = None) -> Sequent:
    """What is proved for all weights and factors, for the layer's own."""
    values = {**layer.values, **(more or {})}
    return proof.have(general.claim.subs(dict(values)), instance(general, values))


def worst_square(proof: Proof, plain: Sequences) -> Sequent:
    """The sum of squares of the worst inputs is B."""
    claim = eq(plain.worst_square, plain.bound_squared)
    if not plain.split:
        return proof.have(claim, algebra())
    facts = {r: _shifted(proof, r) for _, r in plain.terms}
    return proof.have(claim, combination(*((facts[r], c / r) for c, r in plain.terms)))


def _shifted(proof: Proof, r: sp.Expr) -> Sequent:
    """r + ... + r^n = r (1 + ... + r^(n-1)): by induction, since normal forms shift no index (they turn the sum from 0
    to n around, which is the induction step)."""
    claim = eq(sp.Sum(r ** (n - k), (k, 0, n - 1)), r * sp.Sum(r**k, (k, 0, n - 1)))
    base = proof.have(claim.subs({n: ZERO}), algebra())
    step = proof.assume(claim).have(claim.subs({n: n + 1}), algebra())
    return proof.have(claim, induction(n, base, step))


def nonnegative(proof: Proof, plain: Sequences, square: Sequent) -> Sequent:
    """B >= 0: it is a sum of squares (``square``)."""
    form = proof.have(ge(plain.worst_square, 0), sign())
    return proof.have(ge(plain.bound_squared, 0), combination((form, 1), (square, 1)))


def positive(proof: Proof, plain: Sequences, square: Sequent) -> Sequent:
    """B > 0 where the newest input counts."""
    proof = proof.assume(ne(plain.layer.newest, 0))
    earlier = sp.Sum(plain.squares(plain.matching).function, (k, 0, n - 1))
    form = plain.weight * plain.matching_newest**2 + earlier
    same = proof.have(eq(plain.worst_square, form), algebra())
    above = proof.have(gt(form, 0), sign())
    return proof.have(gt(plain.bound_squared, 0), combination((above, 1), (same, -1), (square, 1)))


def quadratic(proof: Proof, plain: Sequences, square: Sequent) -> Sequent:
    """0 <= s^2 v - 2 s A + B for every s."""
    form = scale**2 * plain.denominator - 2 * scale * plain.numerator + plain.bound_squared
    return proof.have(le(0, form), combination((square, 1), plus=plain.deviation(scale)))


def worst_inputs(plain: Sequences) -> ForAll:
    """Inputs with the largest output; where the newest differs in form, 1 - sign(n - k) is 1 there and 0 before."""
    at_k = plain.matching
    if plain.split:
        at_k += (plain.matching_newest - at_k.subs(k, n)) * (1 - sp.sign(n - k))
    return ForAll(k, (le(0, k), le(k, n)), eq(plain.source(k), at_k))


def at_worst(proof: Proof, plain: Sequences, square: Sequent) -> tuple[Sequent, Sequent]:
    """A = B and v = B for the worst inputs."""
    worst = worst_inputs(plain)
    chosen = proof.assume(worst)
    given = chosen.have(worst, hypothesis)
    at_k, best = worst.body.rhs, plain.matching  # type: ignore[attr-defined]
    poles = dict.fromkeys(mode.pole for mode in plain.layer.modes)
    sums = [(plain.filtered(p), plain.filtered(p, at_k), plain.filtered(p, best)) for p in poles]
    sums.append((plain.squares(), plain.squares(at_k), plain.squares(best)))
    found = []
    for before, inserted, without in sums:
        found.append(chosen.have(eq(before, inserted), under_sum(worst), using=[given]))
        if plain.split:
            found.append(_without_newest(chosen, inserted, without))
    if plain.split:
        found.append(chosen.have(worst.body.subs({k: n}), at(worst, n), using=[given]))
    both = []
    for e in (plain.numerator, plain.denominator):
        met = chosen.have(eq(e, plain.worst_square), algebra(*found))
        both.append(chosen.have(eq(e, plain.bound_squared), combination((met, 1), (square, 1))))
    return both[0], both[1]


def _without_newest(chosen: Proof, inserted: sp.Expr, without: sp.Expr) -> Sequent:
    """Before the newest input, 1 - sign(n - k) is 0."""
    inside = chosen.forget(*(p for p in chosen.scope.hypotheses if isinstance(p, ForAll)))
    i = sp.Symbol("i", integer=True, nonnegative=True)
    inside = inside.assume(le(0, i), le(i, n - 1))
    earlier = inside.have(gt(n - i, 0), polynomial())
    terms = eq(inserted.function.subs(k, i), without.function.subs(k, i))
    term = inside.have(terms, algebra(), using=[earlier])
    return chosen.have(eq(inserted, without), termwise(term, i))


def lemmas(proof: Proof, layer: Sequences) -> tuple[Proof, Sequent]:
    """The proof in which the lemmas are shown, and that B is the worst inputs' sum of squares."""
    bare = proof.forget(*proof.scope.hypotheses).assume(*layer.positive)
    return bare, worst_square(bare, layer.plain)
