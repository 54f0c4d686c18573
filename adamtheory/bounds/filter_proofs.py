"""Proofs, for any layer of linear filters, of its bound: |y| <= sqrt(B), and the inputs that reach it.

Nothing here is trusted: every step goes to the kernel (``adamtheory.proof``), which rejects what does not follow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sympy as sp

from adamtheory.bounds.filter_lemmas import (
    at_worst,
    lemmas,
    nonnegative,
    positive,
    put_in,
    quadratic,
    scale,
    worst_inputs,
)
from adamtheory.bounds.filter_sequences import Sequences
from adamtheory.bounds.filter_states import (
    ZERO,
    attempt,
    closed_sum,
    independent,
    ratio,
    scalar_facts,
    shorthand_facts,
    written_out,
)
from adamtheory.notation import j, k, n
from adamtheory.proof import (
    ForAll,
    Proof,
    Sequent,
    algebra,
    attained,
    combination,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    instance,
    le,
    limit,
    polynomial,
    sign,
    squares,
    telescoping,
    termwise,
)
from adamtheory.proof.kernel import Scope
from adamtheory.proof.signs import decide
from adamtheory.propositions import Relation, substitute

Script = Callable[[Proof], Sequent]


def upper_bound(layer: Sequences) -> Script:
    """|y(n)| <= sqrt(B) for every input."""

    def script(proof: Proof) -> Sequent:
        return proof.conclude(bounded(proof.knowing(*scalar_facts(proof, layer)), layer))

    return script


def bounded(proof: Proof, layer: Sequences) -> Sequent:
    """|y(n)| <= sqrt(B), where v(n) > 0 and the signs of products are known: from the quadratic form at y/sqrt(v)."""
    y, v, bound = layer.output, layer.below, layer.bound_squared
    bare, square = lemmas(proof, layer)
    proof = proof.knowing(bound_nonnegative(proof, layer, bare, square))
    at_output = put_in(proof, layer, quadratic(bare, layer.plain, square), {scale: y / sp.sqrt(v)})
    below, above = ratio(proof, layer)
    weights = (at_output, 1), (below, -(y**2) / v), (above, 2 * y / sp.sqrt(v))
    squared = proof.have(le(y**2, bound), combination(*weights))
    return proof.have(le(sp.Abs(y), sp.sqrt(bound)), squares(squared))


def bound_nonnegative(proof: Proof, layer: Sequences, bare: Proof, square: Sequent) -> Sequent:
    """B >= 0."""
    form = put_in(proof, layer, nonnegative(bare, layer.plain, square))
    return proof.have(ge(layer.bound_squared, 0), combination((form, 1)))


def maximum(layer: Sequences, upper_bound: str) -> Script:
    """The upper bound, which is the theorem of that name, and inputs that meet it."""

    def script(proof: Proof) -> Sequent:
        proof = proof.knowing(*scalar_facts(proof, layer))
        bare, square = lemmas(proof, layer)
        proof = proof.knowing(bound_nonnegative(proof, layer, bare, square))
        upper = proof.assume(layer.defined).cite(upper_bound)
        worst = worst_of(layer)
        chosen = proof.assume(worst)
        above, below = (put_in(chosen, layer, fact) for fact in at_worst(bare, layer.plain, square))
        admissible, meets = _met(chosen, layer, above, below, _positive(proof, layer, bare, square))
        rule = attained(worst, upper=upper, meets=meets, admissible=(admissible,))
        return proof.conclude(proof.have(proof.statement.claim, rule))

    return script


def worst_of(layer: Sequences) -> ForAll:
    """The layer's worst inputs, up to a common factor."""
    general = worst_inputs(layer.plain)
    return replace(general, body=general.body.subs(layer.values))


def _positive(proof: Proof, layer: Sequences, bare: Proof, square: Sequent) -> Sequent:
    """B > 0: from its form, or since the newest input counts."""
    claim = gt(layer.bound_squared, 0)
    plainly = attempt(proof, claim, sign())
    if plainly:
        return plainly[0]
    form = put_in(proof.knowing(*_positive_parts(proof, layer)), layer, positive(bare, layer.plain, square))
    return proof.have(claim, combination((form, 1)))


def _positive_parts(proof: Proof, layer: Sequences) -> list[Sequent]:
    """The sums in the newest input's weight that are positive by z3, where structure alone does not tell."""
    found: list[Sequent] = []
    for part in sorted(layer.newest.atoms(sp.Add), key=lambda x: (x.count_ops(), str(x))):
        if part != layer.newest:
            found += attempt(proof.knowing(*found), gt(part, 0), polynomial())
    return found


def _met(
    chosen: Proof, layer: Sequences, above: Sequent, below: Sequent, bound_positive: Sequent
) -> tuple[Sequent, Sequent]:
    """v(n) > 0 and |y(n)| = sqrt(B), where numerator and denominator are B."""
    y, v, bound = layer.output, layer.below, layer.bound_squared
    square = chosen.have(eq(v, layer.denominator), algebra(closed_sum(chosen, layer, layer.square)))
    value = chosen.have(eq(v, bound), combination((square, 1), (below, 1)))
    admissible = chosen.have(gt(v, 0), combination((bound_positive, 1), (value, -1)))
    with_v = chosen.knowing(admissible)
    _, product = ratio(with_v, layer)
    product = with_v.have(eq(y * sp.sqrt(v), bound), combination((product, 1), (above, 1)))
    weights = (product, y / sp.sqrt(v) + bound / v), (value, -bound / v)
    squared = with_v.have(eq(y**2, bound), combination(*weights))
    return admissible, with_v.have(eq(sp.Abs(y), sp.sqrt(bound)), squares(squared))


def geometric(r: sp.Expr) -> Script:
    """1 + r + ... + r^(count-1) = (1 - r^count)/(1 - r)."""

    def script(proof: Proof) -> Sequent:
        return proof.conclude(proof.have(proof.statement.claim, telescoping(-(r**j) / (1 - r))))

    return script


def converging(r: sp.Expr) -> Script:
    """1 + r + ... tends to 1/(1 - r) where r < 1."""

    def script(proof: Proof) -> Sequent:
        total = proof.statement.claim.expr  # type: ignore[attr-defined]
        count = total.limits[0][2] + 1
        closed = proof.have(eq(total, (1 - r**count) / (1 - r)), telescoping(-(r**j) / (1 - r)))
        return proof.conclude(proof.have(proof.statement.claim, limit(closed.claim.rhs, closed)))  # type: ignore[attr-defined]

    return script


def counted(r: sp.Expr, coincidence: Relation) -> Script:
    """1 + r + ... + r^(count-1) = count where r = 1, given as ``coincidence``."""

    def script(proof: Proof) -> Sequent:
        given = proof.have(coincidence, hypothesis)
        one = proof.have(eq(r, 1), combination((given, 1 / coincidence.rhs)))
        i = sp.Symbol("i", integer=True, nonnegative=True)
        claim = proof.statement.claim
        total, count = claim.lhs, claim.rhs  # type: ignore[attr-defined]
        limits = (i, *total.limits[0][1:])
        inside = proof.assume(le(limits[1], i), le(i, limits[2]))
        term = inside.have(eq(r**i, 1), algebra(one))
        ones = sp.Sum(sp.Integer(1), total.limits[0])
        same = proof.have(eq(total, ones), termwise(term, i))
        return proof.conclude(proof.have(eq(total, count), combination((same, 1))))

    return script


def newest_size(sequences: Sequences) -> sp.Expr:
    """|weight of the newest input|/sqrt(weight of its square)."""
    assert sequences.layer.square is not None
    return magnitude(sequences, sequences.newest)[0] / sp.sqrt(sequences.layer.square.weight)


def sign_of_input(sequences: Sequences, size: sp.Expr) -> Script:
    """|y(n)| = ``size`` where only the newest input counts, and it is not 0."""

    output = sequences.layer.output
    defined = {d.function for d in sequences.definitions}
    states = [s for s, _ in sequences.rule.state if s != output and sequences.function(s) in defined]

    def script(proof: Proof) -> Sequent:
        values = [s for state in states for s in written_out(proof, sequences, state, n)]
        roots = {p.base for p in sequences.assigned[output].atoms(sp.Pow) if p.exp == -sp.Rational(1, 2)}
        under = {sequences.function(root)(n) for root in roots & set(states)}
        known = [(v.claim, v) for v in values if isinstance(v.claim, Relation)]
        above_zero = [proof.have(gt(r.lhs, 0), sign(r.rhs, v)) for r, v in known if r.lhs in under]
        proof = proof.knowing(*above_zero)
        unfolded = written_out(proof, sequences, output, n)
        squared = proof.have(eq(sequences.output**2, size**2), algebra(*unfolded, *values))
        return proof.conclude(proof.have(proof.statement.claim, squares(squared)))

    return script


def magnitude(outer: Sequences, weight: sp.Expr) -> tuple[sp.Expr, int]:
    """A weight's size and its sign, where the domain tells it; where not, it is taken to be positive, and the proof
    fails if that does not show."""
    negative = decide(Scope(outer.domain), le(weight, 0)) and not decide(Scope(outer.domain), ge(weight, 0))
    return (-weight, -1) if negative else (weight, 1)


def filtered_bound(inner: Sequences, outer: Sequences) -> sp.Expr:
    """The outer filter, with its weights' sizes, of the inner layer's own bounds."""
    at_k = sp.sqrt(inner.bound_squared).subs(n, k)
    sums = [magnitude(outer, outer.written(m.amplitude))[0] * outer.filtered(m.pole, at_k) for m in outer.layer.modes]
    newest = magnitude(outer, outer.newest)[0] * sp.sqrt(inner.bound_squared) if outer.split else sp.S.Zero
    return sum(sums, newest)


def averaged(inner: Sequences, outer: Sequences) -> Script:
    """|u(n)| <= the outer filter of the inner layer's own bounds, where the first input is not 0."""

    def script(proof: Proof) -> Sequent:
        everywhere = independent(proof)
        everywhere = everywhere.knowing(*scalar_facts(everywhere, inner))
        everywhere = everywhere.knowing(_always_defined(everywhere, inner))
        inputs = _between(everywhere, inner, bounded(everywhere, inner))
        everywhere = everywhere.knowing(*scalar_facts(everywhere, outer))
        everywhere = everywhere.knowing(*shorthand_facts(everywhere, outer))
        closed = [closed_sum(everywhere, outer, s) for s in outer.states]
        unfolded = written_out(everywhere, outer, outer.layer.output, n)
        value = everywhere.have(eq(outer.output, outer.numerator), algebra(*unfolded, *closed))
        u, bound = outer.output, filtered_bound(inner, outer)
        ends = {}
        for side in (1, -1):
            parts = [(value, sp.Integer(side))]
            for mode in outer.layer.modes:
                size, way = magnitude(outer, outer.written(mode.amplitude))
                parts.append((_filtered(everywhere, outer, mode.pole, inputs[side * way]), size))
            if outer.split:
                size, way = magnitude(outer, outer.newest)
                parts.append((inputs[side * way], size))
            ends[side] = everywhere.have(le(side * u, bound), combination(*parts))
        known = everywhere.knowing(*ends.values())
        positive = known.have(ge(bound, 0), combination((ends[1], sp.S.Half), (ends[-1], sp.S.Half)))
        known = known.knowing(positive, known.have(ge(bound + u, 0), combination((ends[-1], 1))))
        squared = known.have(le(u**2, bound**2), combination((ends[1], bound + u)))
        return proof.conclude(known.have(proof.statement.claim, squares(squared)))

    return script


def _always_defined(proof: Proof, sequences: Sequences) -> Sequent:
    """v(n) > 0 at every step, where the first input is not 0."""
    state, x = sequences.square, sequences.source
    v = sequences.function(state.symbol)
    first = [*written_out(proof, sequences, state.symbol, ZERO), proof.unfold(v(sp.Integer(-1)))]
    base = proof.have(gt(v(ZERO), 0), sign(state.weight * x(0) ** 2, *first))
    ind = proof.assume(gt(v(n), 0))
    before = ind.have(gt(v(n), 0), hypothesis)
    newest = state.weight * x(n + 1) ** 2
    rest = algebra(*written_out(ind, sequences, state.symbol, n + 1))
    following = ind.have(eq(v(n + 1), state.factor * v(n) + newest), rest)
    step = ind.have(gt(v(n + 1), 0), combination((before, state.factor), (following, -1), plus=newest))
    return proof.have(gt(v(n), 0), induction(n, base, step))


def _between(proof: Proof, inner: Sequences, bound: Sequent) -> dict[int, Sequent]:
    """y <= Y and -y <= Y, from |y| <= Y."""
    y, size = inner.output, sp.sqrt(inner.bound_squared)
    return {side: proof.have(le(side * y, size), polynomial(), using=[bound]) for side in (1, -1)}


def _filtered(proof: Proof, outer: Sequences, pole: sp.Expr, fact: Sequent) -> Sequent:
    """What bounds every input bounds their weighted sums."""
    claim = fact.claim
    before, after = (outer.filtered(pole, e.subs(n, k)) for e in (claim.lhs, claim.rhs))  # type: ignore[attr-defined]
    i = sp.Symbol("i", integer=True, nonnegative=True)
    inside = proof.assume(le(0, i), le(i, outer.last))
    here = inside.have(claim.subs({n: i}), instance(fact, {n: i}))
    terms = le(substitute(before.function, {k: i}), substitute(after.function, {k: i}))
    term = inside.have(terms, combination((here, pole ** (n - i))))
    return proof.have(le(before, after), termwise(term, i))
