"""Steps that the proofs about flows share: hypotheses at one coordinate and time, and facts at all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from adamtheory.lyapunov.curves import WITHIN, coordinates, during, i, until
from adamtheory.notation import dimension, k, n, t, tau
from adamtheory.proof import (
    ForAll,
    Implies,
    Proof,
    Relation,
    Sequent,
    at,
    combination,
    for_all,
    hypothesis,
    implication,
    induction,
    instance,
    le,
    modus_ponens,
    polynomial,
    termwise,
)

when = sp.Symbol("a", real=True)


def at_one(proof: Proof, general: ForAll, time: sp.Expr = tau, which: sp.Symbol = i) -> Sequent:
    """A hypothesis for all coordinates and times, at one of each; ``proof`` knows which < d."""
    one = proof.have(general.body.subs({i: which}), at(general, which))
    assert isinstance(one.claim, ForAll)
    return proof.knowing(one).have(one.claim.body.subs({tau: time}), at(one.claim, time))


def up_to_now(proof: Proof, since: sp.Expr = sp.S.Zero) -> Proof:
    """An arbitrary time tau of [since, t], known to be at most T."""
    inside = proof.assume(le(since, tau), le(tau, t))
    return inside.knowing(inside.have(le(tau, until), polynomial()))


def everywhere(proof: Proof, fact: Sequent, since: sp.Expr = sp.S.Zero) -> Sequent:
    """What is proved at an arbitrary coordinate i < d and time tau of [since, T], for all of them."""
    inner = proof.assume(WITHIN).have(during(fact.claim, since), for_all(fact))
    return proof.have(coordinates(during(fact.claim, since)), for_all(inner))


def throughout(
    proof: Proof, name: str, values: Mapping[sp.Symbol, Any], *facts: Sequent, since: sp.Expr = sp.S.Zero
) -> Sequent:
    """What a theorem says at t, at all times of [since, T]."""
    then = (le(since, when), le(when, until))
    cited = proof.knowing(*facts).assume(*then).cite(name, {t: when, **values})
    return proof.knowing(*facts).have(ForAll(when, then, cited.claim), for_all(cited))


def under(proof: Proof, general: Sequent, time: sp.Expr = tau) -> Sequent:
    """What ``throughout`` gave, at one time."""
    claim = general.claim
    assert isinstance(claim, ForAll)
    return proof.knowing(general).have(claim.body.subs({when: time}), at(claim, time))


def term_below_sum(proof: Proof, general: Sequent) -> Sequent:
    """From 0 <= body(k) for all k < d: body(i) is at most the sum of all.  ``proof`` knows i < d."""
    positive = general.claim
    assert isinstance(positive, ForAll)
    assert isinstance(positive.body, Relation)
    body = positive.body.rhs

    def claim(more: sp.Expr) -> Implies:
        upper = le(body.subs({k: i}), sp.Sum(body, (k, 0, i + more)))
        return Implies(le(i + more, dimension - 1), upper)

    # With nothing else assumed: what is substituted below then meets no bound i.
    known = proof.forget(*proof.scope.hypotheses).assume(WITHIN, positive)
    first = known.assume(claim(sp.S.Zero).hypothesis)
    before = first.assume(le(k, i - 1))
    before = before.knowing(before.have(le(k, dimension - 1), polynomial()))
    term = before.have(le(0, body), at(positive, k))
    rest = first.have(le(sp.Sum(0, (k, 0, i - 1)), sp.Sum(body, (k, 0, i - 1))), termwise(term, k))
    whole = first.have(claim(sp.S.Zero).conclusion, combination((rest, 1)))
    base = known.have(claim(sp.S.Zero), implication(whole))
    shorter = known.assume(claim(n))
    longer = shorter.assume(claim(n + 1).hypothesis)
    fits = longer.have(claim(n).hypothesis, polynomial())
    so_far = longer.have(claim(n).conclusion, modus_ponens(longer.have(claim(n), hypothesis), fits))
    newest = longer.have(le(0, body.subs({k: i + n + 1})), at(positive, i + n + 1))
    whole = longer.have(claim(n + 1).conclusion, combination((so_far, 1), (newest, 1)))
    by_length = known.have(claim(n), induction(n, base, shorter.have(claim(n + 1), implication(whole))))
    values = {n: dimension - 1 - i}
    last = known.have(claim(n).subs(values), instance(by_length, values))
    assert isinstance(last.claim, Implies)
    fits = known.have(last.claim.hypothesis, polynomial())
    whole = known.have(last.claim.conclusion, modus_ponens(last, fits))
    return proof.have(whole.claim, instance(whole, {}), using=[general])
