"""AdamW without updates: the parameters decay geometrically, at one rate.  Equation (4)'s free motion has two."""

import sympy as sp

from adamtheory.bounds.iterates import kept
from adamtheory.flows.second_order import exact_rate, iterates
from adamtheory.methods import AdamW
from adamtheory.notation import k, lr, n, theta, u, weight_decay
from adamtheory.proof import (
    ForAll,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    gt,
    hypothesis,
    induction,
    lt,
    theorem,
)

ADAMW = iterates(AdamW().rule)
SILENT = ForAll(k, (), eq(u(k), 0))
DECAYED = {theta: sp.Lambda(k, 2 * kept() ** k)}  # a run, to try steps at


@theorem(
    source=ThisLibrary("free motion of AdamW"),
    given=[ADAMW, SILENT],
    sample=DECAYED,
    claim=eq(theta(n), kept() ** n * theta(0)),
)
def adamw_free_motion(proof):
    """Without updates AdamW's parameters are (1 - eta lambda)^n theta_0, whatever eta and lambda are"""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}))
    ind = proof.assume(claim)
    taken, none = ind.have(ADAMW.body.subs({k: n}), at(ADAMW, n)), ind.have(SILENT.body.subs({k: n}), at(SILENT, n))
    weights = (taken, 1), (none, -lr), (ind.have(claim, hypothesis), kept())
    step = ind.have(claim.subs({n: n + 1}), combination(*weights))
    return proof.conclude(proof.have(claim, induction(n, base, step)))


@theorem(
    source=ThisLibrary("free motion of AdamW"),
    given=[gt(lr, 0), lt(lr * weight_decay, 1), ADAMW, SILENT],
    sample=DECAYED,
    claim=eq(theta(n), theta(0) * sp.exp(-exact_rate() * n * lr)),
)
def adamw_free_motion_rate(proof):
    """For eta lambda < 1 that is exponential decay in t = n eta, at the rate -ln(1 - eta lambda)/eta"""
    motion = proof.cite("adamw_free_motion")
    return proof.conclude(proof.have(proof.statement.claim, algebra(motion)))
