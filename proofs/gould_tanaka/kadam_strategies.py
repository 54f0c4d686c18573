"""Section 4.3 and Appendix O: every strategy for k-Adam's decay factors keeps gamma_i < beta_i, hence lies in B+.

The strategies are the library's own, for every k >= 1 and every 0 < gamma < beta < 1, not only (0.999, 0.9).
"""

import sympy as sp

from adamtheory.methods.kadam import STRATEGIES
from adamtheory.notation import (
    beta,
    gamma,
    k,
    n,
    stability_exponent,
)
from adamtheory.proof import (
    All,
    GouldTanaka,
    ThisLibrary,
    cases,
    combination,
    conjunction,
    contradiction,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    lt,
    polynomial,
    sign,
    theorem,
)

x, y = sp.symbols("x y", real=True)
GIVEN = [gt(gamma, 0), lt(gamma, beta), lt(beta, 1), ge(k, 1)]


@theorem(source=ThisLibrary("elementary"), given=[ge(x, 0), le(x, y)], claim=le(x ** (n + 1), y ** (n + 1)))
def powers_keep_order(proof):
    """Powers keep the order of non-negative numbers."""
    claim = proof.statement.claim
    base = proof.have(claim.subs({n: sp.Integer(0)}), hypothesis)
    order = proof.have(le(x, y), hypothesis)
    ind = proof.assume(claim)
    step = combination((ind.have(claim, hypothesis), y), (order, x ** (n + 1)))
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), step))))


@theorem(source=ThisLibrary("elementary"), given=[gt(x, 0), lt(x, y)], claim=lt(x ** (n + 1), y ** (n + 1)))
def powers_increase(proof):
    """Powers keep the strict order of positive numbers."""
    claim = proof.statement.claim
    order = proof.have(lt(x, y), hypothesis)
    base = proof.have(claim.subs({n: sp.Integer(0)}), hypothesis)
    proof = proof.knowing(proof.have(gt(y, 0), combination((order, 1), plus=x)))
    ind = proof.assume(claim)
    step = combination((ind.have(claim, hypothesis), y), (order, x ** (n + 1)))
    return proof.conclude(proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), step))))


@theorem(
    source=ThisLibrary("elementary"),
    given=[ge(k, 1), gt(x, 0), lt(x, y)],
    claim=lt(x ** (1 / k), y ** (1 / k)),
)
def roots_increase(proof):
    """Roots keep the order of positive numbers: otherwise their k-th powers would not."""
    claim = proof.statement.claim
    order = proof.have(lt(x, y), hypothesis)
    proof = proof.knowing(proof.have(gt(y, 0), combination((order, 1), plus=x)))
    beyond = proof.assume(le(claim.rhs, claim.lhs))
    turned = beyond.cite("powers_keep_order", {x: claim.rhs, y: claim.lhs, n: k - 1})
    impossible = beyond.have(claim, contradiction(lt(x, y)), using=[turned])
    plain = proof.assume(claim)
    branches = ((claim, plain.have(claim, hypothesis)), (le(claim.rhs, claim.lhs), impossible))
    return proof.conclude(proof.have(claim, cases(*branches)))


def keeps_order(name, place):
    """The declaration that a strategy's decay factors obey 0 < gamma_i < beta_i < 1, for every k >= 1."""
    rates = STRATEGIES[name](beta, k), STRATEGIES[name](gamma, k)
    parts = (gt(rates[1], 0), lt(rates[1], rates[0]), lt(rates[0], 1))
    return {"source": GouldTanaka(place), "given": GIVEN, "claim": All(parts)}


def all_of(proof, *parts):
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


def signs(proof):
    """0 < beta and gamma < 1, which the hypotheses imply."""
    known = [proof.have(p, polynomial()) for p in (gt(beta, 0), lt(gamma, 1))]
    return proof.knowing(*known)


@theorem(**keeps_order("inverse-exp", "Section 4.3 and Appendix O, inverse exp"))
def inverse_exp_strategy_keeps_order(proof):
    """Inverse exp, 1 - (1 - x)^(1/k): 0 < gamma_i < beta_i < 1 at every level, for every k."""
    proof = signs(proof)
    low, high = (1 - beta) ** (1 / k), (1 - gamma) ** (1 / k)
    between = proof.cite("roots_increase", {x: 1 - beta, y: 1 - gamma})
    below = proof.cite("roots_increase", {x: 1 - gamma, y: 1})
    return all_of(
        proof,
        proof.have(gt(1 - high, 0), combination((below, 1))),
        proof.have(lt(1 - high, 1 - low), combination((between, 1))),
        proof.have(lt(1 - low, 1), sign(low)),
    )


@theorem(**keeps_order("exp", "Section 4.3, exp"))
def exp_strategy_keeps_order(proof):
    """Exp, x^k: 0 < gamma_i < beta_i < 1 at every level, for every k."""
    proof = signs(proof)
    between = proof.cite("powers_increase", {x: gamma, y: beta, n: k - 1})
    below = proof.cite("powers_increase", {x: beta, y: 1, n: k - 1})
    return all_of(proof, proof.have(gt(gamma**k, 0), sign()), between, below)


@theorem(**keeps_order("scaled", "Section 4.3, scaled"))
def scaled_strategy_keeps_order(proof):
    """Scaled, x/k: 0 < gamma_i < beta_i < 1 at every level, for every k."""
    proof = signs(proof)
    return all_of(
        proof,
        proof.have(gt(gamma / k, 0), sign()),
        proof.have(lt(gamma / k, beta / k), sign((beta - gamma) / k)),
        proof.have(lt(beta / k, 1), sign((k - 1) / k + (1 - beta) / k)),
    )


@theorem(**keeps_order("naive", "Section 4.3, naive"))
def naive_strategy_keeps_order(proof):
    """Naive, x: 0 < gamma_i < beta_i < 1 at every level."""
    proof = signs(proof)
    return all_of(proof, *(proof.have(p, hypothesis) for p in proof.statement.claim.parts[:3]))


@theorem(**keeps_order("root", "Appendix O, the fifth strategy"))
def root_strategy_keeps_order(proof):
    """Roots, x^(1/k): 0 < gamma_i < beta_i < 1 at every level, for every k."""
    proof = signs(proof)
    between = proof.cite("roots_increase", {x: gamma, y: beta})
    below = proof.cite("roots_increase", {x: beta, y: 1})
    return all_of(proof, proof.have(gt(gamma ** (1 / k), 0), sign()), between, below)


PROVED = {name: f"{name.replace('-', '_')}_strategy_keeps_order" for name in STRATEGIES}


@theorem(
    source=GouldTanaka("Section 4.3 and Appendix O"),
    given=GIVEN,
    claim=All(tuple(gt(stability_exponent(of(beta, k), of(gamma, k)), 0) for of in STRATEGIES.values())),
)
def strategies_lie_in_bounded_region(proof):
    """All five strategies lie in B+ at every level, for every k and every gamma < beta, such as (0.999, 0.9)."""
    proof, facts, parts = signs(proof), [], []
    for name, of in STRATEGIES.items():
        own = {beta: of(beta, k), gamma: of(gamma, k)}
        ordered = proof.cite(PROVED[name])
        known = proof.knowing(*(proof.have(p, hypothesis, using=[ordered]) for p in ordered.claim.parts))
        known = known.knowing(*(known.have(p, polynomial()) for p in (gt(own[beta], 0), lt(own[gamma], 1))))
        parts.append(known.cite("beta_above_gamma_suffices", own))
        facts += known.scope.facts
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts), using=facts))
