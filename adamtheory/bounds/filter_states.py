"""What proofs about a rule need to know of its states: their closed sums, and the signs of what is divided by.

Nothing here is trusted: every step goes to the kernel (``adamtheory.proof``), which rejects what does not follow.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.bounds.filter_sequences import Sequences, State
from adamtheory.notation import n
from adamtheory.proof import (
    All,
    Proof,
    Rejected,
    Rule,
    Sequent,
    algebra,
    combination,
    conjunction,
    eq,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    sign,
    squares,
)
from adamtheory.proof.rules.order import Weaken
from adamtheory.propositions import Proposition

ZERO = sp.Integer(0)


def independent(proof: Proof) -> Proof:
    """The same proof without the hypotheses about the step n: what is shown by induction holds at every step."""
    return proof.forget(*(p for p in proof.scope.hypotheses if n in p.free_symbols))


def written_out(proof: Proof, sequences: Sequences, symbol: sp.Symbol, at_step: sp.Expr) -> list[Sequent]:
    """What a symbol is at one step, and the intermediate values in it."""
    return [proof.unfold(sequences.function(s)(at_step)) for s in (symbol, *sequences.within(symbol))]


def closed_sum(proof: Proof, sequences: Sequences, state: State) -> Sequent:
    """A state is a weighted sum of its inputs or their squares: by induction."""
    proof = independent(proof)
    moment, closed = sequences.function(state.symbol), sequences.closed(state)
    claim = eq(moment(n), closed)
    first = algebra(*written_out(proof, sequences, state.symbol, ZERO), proof.unfold(moment(sp.Integer(-1))))
    base = proof.have(claim.subs({n: ZERO}), first)
    ind = proof.assume(claim)
    following = algebra(*written_out(ind, sequences, state.symbol, n + 1), ind.have(claim, hypothesis))
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
        after = _grown(everywhere.knowing(*found), sequences, symbol, before[1])
        found += after
        value = product(n)
        if value in sequences.names:
            (name,) = named(proof, sequences, value)
            known, short = proof.knowing(*after), sequences.names[value]
            found.append(known.have(gt(short, 0), combination((after[0], 1), (name, 1))))
            found.append(known.have(lt(short, 1), combination((after[1], 1), (name, -1))))
    return found


def named(proof: Proof, sequences: Sequences, *values: sp.Expr) -> list[Sequent]:
    """The values that have a name, all or these, equal their names: hypotheses of a statement that uses them."""
    wanted = values or tuple(sequences.names)
    return [proof.have(eq(e, sequences.names[e]), hypothesis) for e in wanted]


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
    unfolded = [*written_out(proof, sequences, sequences.layer.output, n), *named(proof, sequences)]
    product = eq(sequences.output * sp.sqrt(sequences.below), sequences.numerator)
    return square, proof.have(product, algebra(*unfolded, *roots(proof, sequences), *closed.values()))
