"""AMSGrad's exact worst case at eps = 0: the largest |m|/sqrt(vmax) of N = n + 1 gradients, vmax the largest v so far.

Both are homogeneous in the gradients, so this is the largest |m_n| among gradients with v_0, ..., v_n <= 1.  With
q = gamma^2/beta, a = (1 - gamma)/sqrt(1 - beta) and S_s = 1 + q + ... + q^s: as long as (1 - beta) S_n <= 1 the
gradients that are worst for Adam keep v below its last value, and the maximum is Adam's a sqrt(S_n).  Where
gamma <= beta that is always so.  Where gamma > beta there is a last such step s (``settled_step``); from then on a
constant gradient is best, and the maximum at step s + l is 1 - gamma^l (1 - a sqrt(S_s)), which rises to 1.

With PyTorch's order (``torch.optim.Adam(amsgrad=True)``: the bias corrections after the maximum) everything is
multiplied by ``notation.bias_correction``.  Expressions have no unit and check no hyperparameter: the theorems about
them (``proofs/discrete/amsgrad.py``) name the region in which they hold.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq

from adamtheory.bounds.adam import geometric_sum
from adamtheory.lowering import exact_fraction
from adamtheory.lowering.ball import lower_bound, upper_bound
from adamtheory.notation import alignment, beta, gamma, k, n, ratio, v
from adamtheory.propositions import ForAll, le
from adamtheory.validation import integer, reject

s = sp.Symbol("s", integer=True, nonnegative=True)  # the last step with (1 - beta) S_s <= 1
level = sp.Symbol("r", real=True)  # the root of the largest second moment
scale = sp.Symbol("c", real=True)  # what the update is of m/sqrt(vmax): 1, or PyTorch's bias correction
i = sp.Symbol("i", integer=True, nonnegative=True)


def kept_below(last: sp.Expr = n) -> ForAll:
    """v_0, ..., v_last <= r^2: all that AMSGrad knows of the gradients' size."""
    return ForAll(i, (le(i, last),), le(v(i), level**2))


def last_second_moment(steps: sp.Expr = n + 1) -> sp.Expr:
    """(1 - beta) S: v after ``steps`` gradients that are worst for Adam, the last of them 1.

    While it is at most 1, no earlier v exceeds it."""
    return (1 - beta) * geometric_sum(steps)


def unsettled(steps: sp.Expr = n + 1) -> sp.Expr:
    """a sqrt(S): the maximum where (1 - beta) S <= 1 (for every number of steps where gamma <= beta)."""
    return alignment * sp.sqrt(geometric_sum(steps))


def unsettled_limit() -> sp.Expr:
    """(1 - gamma) sqrt(beta/((1 - beta)(beta - gamma^2))): the supremum over all steps where gamma <= beta; >= 1."""
    return (1 - gamma) * sp.sqrt(beta / ((1 - beta) * (beta - gamma**2)))


def settled(at: sp.Expr = s, later: sp.Expr = n) -> sp.Expr:
    """1 - gamma^later (1 - a sqrt(S_at)): the maximum at step ``at + later`` where ``at`` is the last step with
    (1 - beta) S_at <= 1.  It tends to 1, the supremum over all steps where gamma >= beta."""
    return 1 - gamma**later * (1 - unsettled(at + 1))


def worst_gradient(index: sp.Expr = k, at: sp.Expr = s) -> sp.Expr:
    """The gradient at ``index`` = 0, ..., ``at`` of a sequence with v_at = r^2 that attains the maximum; all later ones
    are r (where ``at`` is the newest step there are none)."""
    return level * (gamma / beta) ** (at - index) / sp.sqrt(last_second_moment(at + 1))


def bias_corrected_bound() -> sp.Expr:
    """1/(1 - gamma): no update of PyTorch's AMSGrad exceeds it where gamma >= beta."""
    return 1 / (1 - gamma)


def simple_bound() -> sp.Expr:
    """1 - (gamma - beta) gamma^n/(1 - beta): at least |m_n|/sqrt(v̂_n) where gamma >= beta; exact at beta = 0."""
    return 1 - (gamma - beta) * gamma**n / (1 - beta)


def threshold() -> sp.Expr:
    """The last step s with (1 - beta) S_s < 1 (0 where there is none), for 0 < beta < gamma < 1.

    It is ceiling(x) - 2 with q^x = (gamma^2 - beta^2)/(beta (1 - beta)), x = 1/(1 - beta) where q = 1."""
    level = (gamma**2 - beta**2) / (beta * (1 - beta))
    crossing = sp.Piecewise(
        (1 / (1 - beta), sp.Eq(ratio, 1)),
        (sp.log(level) / sp.log(ratio), True),
    )
    return sp.Max(0, sp.ceiling(crossing) - 2)


def settled_step(beta: Any, gamma: Any, n: int) -> int:
    """The step s <= n from which the gradients that are worst for step n are constant; n where gamma <= beta.

    ``beta`` and ``gamma`` are rational (int, Fraction, decimal string, float as its shortest decimal) in [0, 1), ``n``
    is an integer >= 0 of any size.  The logarithms are balls, refined until the integer is certain; a tie, where
    (1 - beta) S_(s+1) = 1, is decided in fractions.  Raises ValueError or TypeError, one line."""
    steps = integer("n", n, minimum=0)
    b, c = _rate("beta", beta), _rate("gamma", gamma)
    if c <= b:
        return steps
    if b == 0:
        return 0
    ratio = c * c / b
    least = -(-1 // (1 - b)) if ratio == 1 else _least_power(ratio, (c * c - b * b) / (b * (1 - b)))
    return min(steps, max(0, least - 2))


def _rate(name: str, value: Any) -> Fraction:
    number = exact_fraction(value, name)
    return number if 0 <= number < 1 else reject(name, value, "in [0, 1)")


def _least_power(base: Fraction, level: Fraction) -> int:
    """The least integer x >= log(level)/log(base), base > 0 and not 1, level > 0: the first power of ``base`` that is
    past ``level`` or equal to it, seen from 1."""
    # Base and level are in lowest terms, so a power that equals the level has no more digits than it.
    longest, digits = max(base.numerator, base.denominator), max(level.numerator, level.denominator).bit_length()
    precision = 128
    while True:
        with ctx.workprec(precision):
            found = _log(level) / _log(base)
            low, high = math.ceil(lower_bound(found)), math.ceil(upper_bound(found))
        if low == high:
            return low
        if high == low + 1 and abs(low) * (longest.bit_length() - 1) <= digits:
            past = base**low >= level if base > 1 else base**low <= level
            return low if past else high
        precision *= 2


def _log(x: Fraction) -> arb:
    """log(x), to full precision also where x is close to 1."""
    above = x - 1
    if 2 * abs(above) > 1:
        return arb(fmpq(x.numerator, x.denominator)).log()
    return arb(fmpq(above.numerator, above.denominator)).log1p()
