"""Proofs, for any layer of linear filters, of its bound: what Cauchy-Schwarz loses is an explicit sum of squares.

With y = (sum of a_j x_(n-j))/sqrt(v), v = sum of b_j x_(n-j)^2 and B = sum of a_j^2/b_j,

    y^2 + sum of b_j (y/sqrt(v) x_(n-j) - a_j/b_j)^2 = B.

Nothing here is trusted: every step goes to the kernel (``adamtheory.proof``), which rejects what does not follow.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from adamtheory.bounds.filter_sequences import Sequences, State
from adamtheory.notation import j, k, n
from adamtheory.proof import (
    All,
    ForAll,
    Proof,
    Rejected,
    Rule,
    Sequent,
    algebra,
    at,
    attained,
    combination,
    conjunction,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    instance,
    le,
    lt,
    polynomial,
    sign,
    squares,
    telescoping,
    termwise,
    under_sum,
)
from adamtheory.proof.kernel import Scope
from adamtheory.proof.rules.order import Weaken
from adamtheory.proof.signs import decide
from adamtheory.propositions import Proposition, Relation, substitute

Script = Callable[[Proof], Sequent]
ZERO = sp.Integer(0)


def independent(proof: Proof) -> Proof:
    """The same proof without the hypotheses about the step n: what is shown by induction holds at every step."""
    return proof.forget(*(p for p in proof.scope.hypotheses if n in p.free_symbols))


def written_out(proof: Proof, sequences: Sequences, at_step: sp.Expr) -> list[Sequent]:
    """The definitions of the intermediate values, at one step."""
    return [proof.unfold(sequences.function(s)(at_step)) for s in sequences.shorthands]


def closed_sum(proof: Proof, sequences: Sequences, state: State) -> Sequent:
    """A state is a weighted sum of its inputs or their squares: by induction."""
    proof = independent(proof)
    moment, closed = sequences.function(state.symbol), sequences.closed(state)
    claim = eq(moment(n), closed)
    rest = written_out(proof, sequences, ZERO)
    first = algebra(proof.unfold(moment(ZERO)), *rest, proof.unfold(moment(sp.Integer(-1))))
    base = proof.have(claim.subs({n: ZERO}), first)
    ind = proof.assume(claim)
    rest = written_out(ind, sequences, n + 1)
    following = algebra(ind.unfold(moment(n + 1)), *rest, ind.have(claim, hypothesis))
    return proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), following)))


def attempt(proof: Proof, claim: Proposition, rule: Rule) -> list[Sequent]:
    """The claim, if the rule carries it; a failure leaves no trace."""
    before = len(proof.steps)
    try:
        return [proof.have(claim, rule)]
    except Rejected:
        del proof.steps[before:]
        return []


def shorthand_facts(proof: Proof, sequences: Sequences) -> list[Sequent]:
    """What intermediate values may be divided by, or taken roots of: that they are positive, and below 1."""
    found: list[Sequent] = []
    for symbol in reversed(sequences.shorthands):
        value, known = sequences.function(symbol)(n), proof.knowing(*found)
        try:
            body = known.unfold(value)
        except Rejected:  # it has no value here; what needs it says so
            del proof.steps[-1:]
            continue
        form = body.claim.rhs  # type: ignore[attr-defined]
        found += attempt(known, gt(value, 0), sign(form, body))
        for fact in below_one(known, form):
            found += attempt(known, lt(value, 1), combination((body, 1), (fact, 1)))
    return found


def below_one(proof: Proof, e: sp.Expr) -> list[Sequent]:
    """e < 1, if it shows; for a product from its factors, 1 - x y = (1 - x) + x (1 - y)."""
    first, *rest = sp.Mul.make_args(e)
    if not rest:
        return attempt(proof, lt(e, 1), sign(1 - e))
    parts = [below_one(proof, x) for x in (first, sp.Mul(*rest))]
    if not all(parts):
        return []
    return attempt(proof, lt(e, 1), combination((parts[0][0], 1), (parts[1][0], first)))


def scalar_facts(proof: Proof, sequences: Sequences) -> list[Sequent]:
    """Products of momentum factors lie above 0, and at most at 1 before the step, below 1 after it."""
    everywhere = independent(proof)
    found = shorthand_facts(everywhere, sequences)
    for symbol in sequences.scalars:
        product = sequences.function(symbol)
        start = everywhere.unfold(product(sp.Integer(-1)))
        claims = gt(product(n - 1), 0), le(product(n - 1), 1)
        first = [everywhere.have(c.subs({n: ZERO}), sign(None, start)) for c in claims]
        base = everywhere.have(All(tuple(c.subs({n: ZERO}) for c in claims)), conjunction(*first))
        ind = everywhere.knowing(*found).assume(All(claims))
        before = [ind.have(c, hypothesis) for c in claims]
        grown = _grown(ind.knowing(*before), sequences, symbol, before[1])
        after = [grown[0], ind.have(le(product(n), 1), Weaken(grown[1]))]
        step = ind.have(All(tuple(c.subs({n: n + 1}) for c in claims)), conjunction(*after))
        both = everywhere.have(All(claims), induction(n, base, step))
        before = [everywhere.have(c, hypothesis, using=[both]) for c in claims]
        found += before
        found += _grown(everywhere.knowing(*found), sequences, symbol, before[1])
    return found


def _grown(proof: Proof, sequences: Sequences, symbol: sp.Symbol, at_most: Sequent) -> list[Sequent]:
    """0 < product < 1 after the step, from 0 < product <= 1 (``at_most``) before it."""
    product = sequences.function(symbol)
    body, before = proof.unfold(product(n)), product(n - 1)
    factor = body.claim.rhs / before  # type: ignore[attr-defined]
    found = below_one(proof, factor)
    if not found:
        raise Rejected("scalar.factor", f"cannot show that the factor {factor} of {product(n)} is below 1")
    positive = proof.have(gt(product(n), 0), sign(before * factor, body))
    below = proof.have(lt(product(n), 1), combination((body, 1), (at_most, 1), (found[0], before)))
    return [positive, below]


def roots(proof: Proof, sequences: Sequences) -> list[Sequent]:
    """Roots of multiples of v as multiples of the root of v: sqrt(v/c) = sqrt(v)/sqrt(c)."""
    below, found = sequences.below, []
    for node in sorted(_written_body(sequences).atoms(sp.Pow), key=str):
        other = sp.cancel(node.base / below) if node.exp in (sp.S.Half, -sp.S.Half) else below
        if other == 1 or below in other.free_symbols or other.has(below):
            continue
        square = proof.have(eq(node.base, below * other))
        root = proof.have(eq(sp.sqrt(node.base), sp.sqrt(below) * sp.sqrt(other)), squares(square))
        if node.exp > 0:
            found.append(root)
        else:
            turned = eq(1 / sp.sqrt(node.base), 1 / (sp.sqrt(below) * sp.sqrt(other)))
            found.append(proof.have(turned, combination((root, 1 / (sp.sqrt(node.base) * sp.sqrt(below * other))))))
    return found


def _written_body(sequences: Sequences) -> sp.Expr:
    """The output's definition with the intermediate values written out."""
    e = sequences.assigned[sequences.layer.output]
    for s in sequences.shorthands:
        e = e.xreplace({s: sequences.assigned[s]})
    return sequences.written(e)


def ratio(proof: Proof, sequences: Sequences) -> tuple[Sequent, Sequent]:
    """v(n) = its closed sum, and y(n) sqrt(v(n)) = the numerator's closed sum.  Needs v(n) > 0."""
    closed = {s: closed_sum(proof, sequences, s) for s in sequences.states}
    square = proof.have(eq(sequences.below, sequences.denominator), algebra(closed.pop(sequences.square)))
    proof = proof.knowing(*shorthand_facts(proof, sequences))
    unfolded = [proof.unfold(sequences.output), *written_out(proof, sequences, n)]
    product = eq(sequences.output * sp.sqrt(sequences.below), sequences.numerator)
    return square, proof.have(product, algebra(*unfolded, *roots(proof, sequences), *closed.values()))


def expanded(proof: Proof, sequences: Sequences) -> Sequent:
    """The sum of squares of the worst inputs is B."""
    claim = eq(sequences.worst_square, sequences.bound_squared)
    if not sequences.split:
        return proof.have(claim, algebra())
    facts = {r: _shifted(independent(proof), r) for _, r in sequences.terms}
    return proof.have(claim, combination(*((facts[r], c / r) for c, r in sequences.terms)))


def _shifted(proof: Proof, r: sp.Expr) -> Sequent:
    """r + ... + r^n = r (1 + ... + r^(n-1)): by induction, since normal forms shift no index (they turn the
    sum from 0 to n around, which is the induction step)."""
    claim = eq(sp.Sum(r ** (n - k), (k, 0, n - 1)), r * sp.Sum(r**k, (k, 0, n - 1)))
    base = proof.have(claim.subs({n: ZERO}), algebra())
    ind = proof.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), algebra())
    return proof.have(claim, induction(n, base, step))


def nonnegative(proof: Proof, sequences: Sequences, square: Sequent) -> Sequent:
    """B >= 0: it is the worst inputs' own sum of squares (``square``)."""
    plain = proof.have(ge(sequences.worst_square, 0), sign())
    return proof.have(ge(sequences.bound_squared, 0), combination((plain, 1), (square, 1)))


def upper_bound(sequences: Sequences) -> Script:
    """|y(n)| <= sqrt(B) for every input."""

    def script(proof: Proof) -> Sequent:
        proof, square = _prepared(proof, sequences)
        return proof.conclude(_upper(proof, sequences, square))

    return script


def _prepared(proof: Proof, sequences: Sequences) -> tuple[Proof, Sequent]:
    """What every proof about the layer needs: signs, B as a sum of squares, and that it is one."""
    proof = proof.knowing(*scalar_facts(proof, sequences))
    square = expanded(proof, sequences)
    return proof.knowing(nonnegative(proof, sequences, square)), square


def _upper(proof: Proof, sequences: Sequences, worst: Sequent) -> Sequent:
    y, v, bound = sequences.output, sequences.below, sequences.bound_squared
    square, product = ratio(proof, sequences)
    weights = (square, -(y**2) / v), (product, 2 * y / sp.sqrt(v)), (worst, 1)
    squared = proof.have(le(y**2, bound), combination(*weights, plus=sequences.deviation))
    return proof.have(le(sp.Abs(y), sp.sqrt(bound)), squares(squared))


def worst_inputs(sequences: Sequences) -> ForAll:
    """The inputs that reach the bound; where the newest differs in form, 1 - sign(n - k) is 1 there and 0 before."""
    at_k = sequences.matching
    if sequences.split:
        at_k += (sequences.matching_newest - at_k.subs({k: n})) * (1 - sp.sign(n - k))
    return ForAll(k, (le(0, k), le(k, n)), eq(sequences.source(k), at_k))


def maximum(sequences: Sequences, upper_bound: str) -> Script:
    """The upper bound, which is the theorem of that name, and inputs that meet it."""

    def script(proof: Proof) -> Sequent:
        proof, square = _prepared(proof, sequences)
        upper = proof.assume(sequences.defined).cite(upper_bound)
        worst = worst_inputs(sequences)
        chosen = proof.assume(worst)
        above, below = _inserted(chosen, sequences, worst, square)
        positive, meets = _met(chosen, sequences, above, below)
        rule = attained(worst, upper=upper, meets=meets, admissible=(positive,))
        return proof.conclude(proof.have(proof.statement.claim, rule))

    return script


def _inserted(chosen: Proof, sequences: Sequences, worst: ForAll, square: Sequent) -> tuple[Sequent, Sequent]:
    """The closed sums of numerator and denominator at the worst inputs: both are B."""
    given = chosen.have(worst, hypothesis)
    at_k, best = worst.body.rhs, sequences.matching  # type: ignore[attr-defined]
    poles = dict.fromkeys(mode.pole for mode in sequences.layer.modes)
    sums = [(sequences.filtered(p), sequences.filtered(p, at_k), sequences.filtered(p, best)) for p in poles]
    sums.append((sequences.squares(), sequences.squares(at_k), sequences.squares(best)))
    found = []
    for before, inserted, plain in sums:
        found.append(chosen.have(eq(before, inserted), under_sum(worst), using=[given]))
        if sequences.split:
            found.append(_without_newest(chosen, inserted, plain))
    if sequences.split:
        newest = worst.body.subs({k: n})
        found.append(chosen.have(newest, at(worst, n), using=[given]))
    bound = sequences.bound_squared
    both = []
    for e in (sequences.numerator, sequences.denominator):
        met = chosen.have(eq(e, sequences.worst_square), algebra(*found))
        both.append(chosen.have(eq(e, bound), combination((met, 1), (square, 1))))
    return both[0], both[1]


def _without_newest(chosen: Proof, inserted: sp.Expr, plain: sp.Expr) -> Sequent:
    """Before the newest input, 1 - sign(n - k) is 0."""
    inside = chosen.forget(*(p for p in chosen.scope.hypotheses if isinstance(p, ForAll)))
    i = sp.Symbol("i", integer=True, nonnegative=True)
    inside = inside.assume(le(0, i), le(i, n - 1))
    earlier = inside.have(gt(n - i, 0), polynomial())
    terms = eq(inserted.function.subs(k, i), plain.function.subs(k, i))
    term = inside.have(terms, algebra(), using=[earlier])
    return chosen.have(eq(inserted, plain), termwise(term, i))


def _positive(proof: Proof, sequences: Sequences, value: Sequent) -> Sequent:
    """v(n) = B > 0 at the worst inputs: from the newest of them alone, where the form of B does not show it."""
    claim = gt(sequences.below, 0)
    found = attempt(proof, claim, sign(sequences.bound_squared, value))
    if not found:
        proof = proof.knowing(*_positive_parts(proof, sequences.newest))
        found = attempt(proof, claim, sign(sequences.bound_squared, value))
    if found:
        return found[0]
    earlier = sp.Sum(sequences.squares(sequences.matching).function, (k, 0, n - 1))
    return proof.have(claim, sign(sequences.weight * sequences.matching_newest**2 + earlier, value))


def _positive_parts(proof: Proof, e: sp.Expr) -> list[Sequent]:
    """The sums inside an expression that are positive by z3, where structure alone does not tell."""
    found: list[Sequent] = []
    for part in sorted(e.atoms(sp.Add), key=lambda x: (x.count_ops(), str(x))):
        if part != e:
            found += attempt(proof.knowing(*found), gt(part, 0), polynomial())
    return found


def _met(chosen: Proof, sequences: Sequences, above: Sequent, below: Sequent) -> tuple[Sequent, Sequent]:
    y, v, bound = sequences.output, sequences.below, sequences.bound_squared
    square = chosen.have(eq(v, sequences.denominator), algebra(closed_sum(chosen, sequences, sequences.square)))
    value = chosen.have(eq(v, bound), combination((square, 1), (below, 1)))
    positive = _positive(chosen, sequences, value)
    with_v = chosen.knowing(positive)
    _, product = ratio(with_v, sequences)
    product = with_v.have(eq(y * sp.sqrt(v), bound), combination((product, 1), (above, 1)))
    weights = (product, y / sp.sqrt(v) + bound / v), (value, -bound / v)
    squared = with_v.have(eq(y**2, bound), combination(*weights))
    return positive, with_v.have(eq(sp.Abs(y), sp.sqrt(bound)), squares(squared))


def geometric(r: sp.Expr) -> Script:
    """1 + r + ... + r^(count-1) = (1 - r^count)/(1 - r)."""

    def script(proof: Proof) -> Sequent:
        return proof.conclude(proof.have(proof.statement.claim, telescoping(-(r**j) / (1 - r))))

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


def sign_of_input(sequences: Sequences) -> Script:
    """|y(n)| = 1 where y(n) is the sign of the input, and the input is not 0."""

    def script(proof: Proof) -> Sequent:
        unfolded = [proof.unfold(sequences.output), *written_out(proof, sequences, n)]
        squared = proof.have(eq(sequences.output**2, 1), algebra(*unfolded))
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
        everywhere, square = _prepared(everywhere, inner)
        inputs = _between(everywhere, inner, _upper(everywhere, inner, square))
        everywhere = everywhere.knowing(*scalar_facts(everywhere, outer))
        everywhere = everywhere.knowing(*shorthand_facts(everywhere, outer))
        closed = [closed_sum(everywhere, outer, s) for s in outer.states]
        unfolded = [everywhere.unfold(outer.output), *written_out(everywhere, outer, n)]
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
    first = [proof.unfold(v(ZERO)), *written_out(proof, sequences, ZERO), proof.unfold(v(sp.Integer(-1)))]
    base = proof.have(gt(v(ZERO), 0), sign(state.weight * x(0) ** 2, *first))
    ind = proof.assume(gt(v(n), 0))
    before = ind.have(gt(v(n), 0), hypothesis)
    newest = state.weight * x(n + 1) ** 2
    rest = [ind.unfold(v(n + 1)), *written_out(ind, sequences, n + 1)]
    following = ind.have(eq(v(n + 1), state.factor * v(n) + newest), algebra(*rest))
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
