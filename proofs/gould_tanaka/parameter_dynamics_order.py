"""Which solutions of Equation (4) describe AdamW, measured on the free motion (u = 0), where both are known exactly.

In one step AdamW multiplies theta by 1 - eta lambda.  The slow mode's factor exp(-eta k_-) agrees to O(eta^3), hence
the order that Proposition 2 claims; the fast mode's exp(-eta k_+) tends to exp(-2): it moves on the scale of one step,
its third derivative grows like 1/eta^3, and it has no counterpart in AdamW.  So the proposition, which does not say of
which solutions it speaks, is about those that start at the slow velocity (up to what O(eta^2) permits).
"""

import sympy as sp

from adamtheory.flows.second_order import fast_rate, slow_rate, slow_rate_smooth, spread
from adamtheory.notation import lr, weight_decay
from adamtheory.proof import (
    All,
    BigO,
    Tends,
    ThisLibrary,
    algebra,
    combination,
    conjunction,
    eq,
    ge,
    gt,
    hypothesis,
    le,
    limit,
    lt,
    polynomial,
    series,
    tangent,
    theorem,
)

FAST, SLOW, SMOOTH, SPREAD = fast_rate(), slow_rate(), slow_rate_smooth(), spread()
REAL = (gt(lr, 0), ge(weight_decay, 0), le(2 * weight_decay * lr, 1))
AGREE = ThisLibrary("free motion of Equation 4 and of AdamW")
# What one step misses of AdamW's: (mode's factor) - (1 - eta lambda).
FAST_DEFECT, SLOW_DEFECT = (sp.exp(-(1 + sign_ * SPREAD)) - 1 + weight_decay * lr for sign_ in (1, -1))
SMALL = {weight_decay: sp.Rational(3, 10)}  # at larger ones eta would have to be smaller for what is tried
LEFT_OUT = weight_decay**3 * lr**3 / 6


@theorem(
    source=AGREE,
    given=REAL,
    claim=All((eq(SLOW, SMOOTH), eq(lr * FAST, 1 + SPREAD), eq(lr * SLOW, 1 - SPREAD))),
)
def free_motion_rates_per_step(proof):
    """Per step the modes decay at 1 +- sqrt(1 - 2 lambda eta); k_- is also 2 lambda/(1 + sqrt(1 - 2 lambda eta))"""
    cited = proof.cite("free_motion_rates")
    fast, slow = (proof.have(p, hypothesis, using=[cited]) for p in cited.claim.parts[:2])
    smooth, first, second = proof.statement.claim.parts
    smooth = proof.have(smooth, combination((slow, 1)))
    first, second = proof.have(first, combination((fast, lr))), proof.have(second, combination((slow, lr)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(smooth, first, second)))


@theorem(source=AGREE, sample=SMALL, claim=BigO(SMOOTH - weight_decay, lr, 1))
def slow_rate_is_the_weight_decay(proof):
    """The slow rate is the weight decay to zeroth order: k_- = lambda + O(eta)"""
    return proof.conclude(proof.have(proof.statement.claim, series()))


@theorem(source=AGREE, sample=SMALL, claim=BigO(lr * SMOOTH + sp.log(1 - weight_decay * lr), lr, 3))
def slow_rate_agrees_with_adamw(proof):
    """The slow rate is AdamW's own, -ln(1 - eta lambda)/eta, up to O(eta^2) (stated per step: O(eta^3))"""
    return proof.conclude(proof.have(proof.statement.claim, series()))


@theorem(source=AGREE, sample=SMALL, claim=BigO(lr * SMOOTH + sp.log(1 - weight_decay * lr) - LEFT_OUT, lr, 4))
def slow_rate_differs_from_adamw(proof):
    """The slow rate exceeds AdamW's own by lambda^3 eta^2/6 and no other term of that order: O(eta^2) is sharp"""
    return proof.conclude(proof.have(proof.statement.claim, series()))


@theorem(source=AGREE, sample=SMALL, claim=BigO(SLOW_DEFECT, lr, 3))
def slow_mode_meets_adamw(proof):
    """In one step the slow mode misses AdamW's factor 1 - eta lambda by O(eta^3): Proposition 2's order"""
    return proof.conclude(proof.have(proof.statement.claim, series()))


@theorem(source=AGREE, sample=SMALL, claim=Tends(1 + SPREAD, lr, 0, 2))
def fast_rate_is_two_per_step(proof):
    """The fast rate per step, eta k_+ = 1 + sqrt(1 - 2 lambda eta), tends to 2: exp(-k_+ t) moves at every step"""
    return proof.conclude(proof.have(proof.statement.claim, limit()))


@theorem(source=AGREE, sample=SMALL, claim=Tends(FAST_DEFECT, lr, 0, sp.exp(-2) - 1))
def fast_mode_misses_adamw(proof):
    """In one step the fast mode misses AdamW's factor 1 - eta lambda by 1 - exp(-2) as eta tends to 0, not by O(eta^3)

    So a solution of Equation (4) with a part of the fast mode does not describe AdamW to order eta from its start."""
    return proof.conclude(proof.have(proof.statement.claim, limit()))


@theorem(source=AGREE, given=REAL, claim=lt(sp.exp(-lr * FAST), 1 - lr * weight_decay))
def fast_mode_is_spurious(proof):
    """The fast mode keeps less than a half in a step, AdamW's free motion at least a half: it has no counterpart"""
    rates = proof.cite("free_motion_rates_per_step")
    step = proof.have(rates.claim.parts[1], hypothesis, using=[rates])
    root = proof.have(eq(FAST - 1 / lr, SPREAD / lr), combination((step, 1 / lr)))
    exponent = 1 + SPREAD
    line = proof.have(lt(1 + exponent, sp.exp(exponent)), tangent)
    fade = sp.exp(-exponent)
    half = proof.have(lt(fade, sp.Rational(1, 2)), combination((line, fade / 2), plus=SPREAD * fade / 2))
    kept = proof.have(le(sp.Rational(1, 2), 1 - lr * weight_decay), polynomial())
    same = proof.have(eq(sp.exp(-lr * FAST), fade), algebra(root))
    return proof.conclude(proof.have(proof.statement.claim, combination((same, 1), (half, 1), (kept, 1))))
