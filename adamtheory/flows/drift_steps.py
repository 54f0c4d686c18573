"""Steps that the proofs about the second-order flow in a phase of drift have in common.

They propose and decide nothing: each is one or two steps of ``adamtheory.proof``, checked there.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from adamtheory.flows.flow_error import gradient_floor
from adamtheory.flows.second_order_curves import KEEPS_SIGN, V, i, sigma
from adamtheory.notation import g, tau
from adamtheory.proof import Proof, at, combination, instance, polynomial
from adamtheory.proof.kernel import Sequent
from adamtheory.propositions import ForAll, Proposition, gt, le, ne

_a, _b = sp.symbols("a b", real=True)


def at_time(proof: Proof, general: ForAll, time: sp.Expr) -> Sequent:
    """A hypothesis on all times (tau), at one."""
    return proof.have(general.body.subs({tau: time}), at(general, time))


def free_fact(proof: Proof, claim: Proposition, *assumed: Proposition) -> Sequent:
    """A polynomial inequality in fresh symbols, to be instantiated: z3 is far faster on those than on expressions."""
    return proof.forget(*proof.scope.hypotheses).assume(*assumed).have(claim, polynomial())


def absolute(proof: Proof, value: sp.Expr, size: sp.Expr, sides: Iterable[Sequent]) -> Sequent:
    """|value| <= size from both sides."""
    general = free_fact(proof, le(sp.Abs(_a), _b), le(_a, _b), le(-_a, _b))
    return proof.have(le(sp.Abs(value), size), instance(general, {_a: value, _b: size}), using=sides)


def one_side(proof: Proof, fact: Sequent, value: sp.Expr, side: int) -> Sequent:
    """side value <= size from ``fact``, |value| <= size."""
    general = free_fact(proof, le(side * _a, _b), le(sp.Abs(_a), _b))
    size = fact.claim.rhs  # type: ignore[attr-defined]
    return proof.have(le(side * value, size), instance(general, {_a: value, _b: size}), using=[fact])


def with_positive(proof: Proof, *times: sp.Expr) -> Proof:
    """The scope with sigma g >= r, hence sigma g > 0 and g != 0, at hand at these times."""
    general, facts = free_fact(proof, ne(_a, 0), gt(_a * _b, 0)), []
    for time in times:
        keeps = at_time(proof, KEEPS_SIGN, time)
        above = proof.have(gt(sigma(i) * g(i, time), 0), combination((keeps, 1), plus=gradient_floor))
        values = {_a: g(i, time), _b: sigma(i)}
        facts += [keeps, above, proof.have(ne(g(i, time), 0), instance(general, values), using=[above])]
    return proof.knowing(*facts)


def positive_moment(proof: Proof, floor: Sequent, time: sp.Expr) -> Sequent:
    """0 < V from ``floor``, a positive lower bound of V."""
    return proof.have(gt(V(i, time), 0), combination((floor, 1), plus=floor.claim.lhs))  # type: ignore[attr-defined]
