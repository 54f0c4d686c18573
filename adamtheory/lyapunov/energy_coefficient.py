"""The coefficient of the energy's decrease along Adam's flow, and its infimum over all times, enclosed.

Along theta_i' = -A_i m_i, m' = lambda1 (g - m), v' = lambda2 (g^2 - v) with A_i = eta(s)/(sqrt(v_i) + eps) (Heredia
2024), s in steps, the energy E = f - f* + sum A_i m_i^2/(2 lambda1) has E' <= -c(s) sum A_i m_i^2 with

    c(s) = 1 - (eta'/eta (s) + lambda2/2)/(2 lambda1),

and E' is just that where g = 0 and eps = 0: where c(s) < 0 the energy can grow.  The supremum of eta'/eta is in
``energy_growth``; where beta <= gamma it is 0, and the infimum of c is 1 - lambda2/(4 lambda1), the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx

from adamtheory.lowering.ball import lower_bound, upper_bound
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lyapunov.energy_boxes import slower
from adamtheory.lyapunov.energy_growth import BITS, NO_GROWTH, SHARP, LargestGrowth, ball, growth_at, largest_growth
from adamtheory.notation import DecayRate
from adamtheory.validation import reject

_DOUBLINGS = 20_000  # of a time at which c is shown to be negative


@dataclass(frozen=True)
class SmallestCoefficient:
    """lower <= inf of c over all times <= upper, at one point of the open square."""

    beta: Fraction
    gamma: Fraction
    convention: DecayRate
    shift: Fraction  # the bias correction at time s is eta(s + shift)
    lower: Fraction
    upper: Fraction
    sign: int | None  # of the infimum: 1, 0, -1; None where the enclosure does not tell
    steps: Fraction | None  # c is at most ``upper`` at this s; None: in the limit s -> infinity
    rises_at: Fraction | None  # c is negative at this s; None where ``sign`` is not -1
    rate_ratio: tuple[Fraction, Fraction]  # lambda2/lambda1, enclosed

    @property
    def decreases(self) -> bool | None:
        """Is c(s) > 0 at all times?  So it is also where the infimum is 0: that is then the limit alone."""
        return None if self.sign is None else self.sign >= 0


def smallest_coefficient(
    beta: object, gamma: object, *, convention: DecayRate | str, shift: object = 0
) -> SmallestCoefficient:
    """The infimum of c over s > 0 (s >= 0 where ``shift`` > 0), enclosed.

    ``beta``, ``gamma``: exact numbers of (0, 1), a float standing for its shortest decimal; ``convention``: the rates
    lambda1, lambda2 per step, a DecayRate or its name; ``shift``: the bias correction is eta(s + shift), 1 in Gould &
    Tanaka's flow and 0 in Heredia's.  Raises ValueError outside these ranges."""
    beta, gamma = _factor(beta, "beta"), _factor(gamma, "gamma")
    convention, shift = as_convention(convention), as_shift(shift)
    with ctx.workprec(BITS):
        first, second = rate(gamma, convention), rate(beta, convention)
        limit = 1 - second / (4 * first)
        grown = growth(beta, gamma, shift)
        lower, upper = limit - grown.upper / (2 * first), limit - grown.lower / (2 * first)
        if beta <= gamma:
            sign: int | None = slower(beta, gamma, 4, convention)
        else:
            sign = 1 if lower > 0 else -1 if upper < 0 else None
        at = None if grown.steps is None else grown.steps - shift
        rises_at = None
        if sign == -1:
            rises_at = at if at is not None else _negative(beta, gamma, convention, shift)
        ratio = second / first
        return SmallestCoefficient(
            beta,
            gamma,
            convention,
            shift,
            lower_bound(lower),
            upper_bound(upper),
            sign,
            at,
            rises_at,
            (lower_bound(ratio), upper_bound(ratio)),
        )


def coefficient(beta: Fraction, gamma: Fraction, steps: Fraction, *, convention: DecayRate, shift: Fraction) -> arb:
    """c(s), in a ball, at the working precision."""
    first = rate(gamma, convention)
    grows = growth_at(ball(steps + shift), power(gamma), power(beta))
    return 1 - (grows + rate(beta, convention) / 2) / (2 * first)


def growth(beta: Fraction, gamma: Fraction, shift: Fraction, *, bits: int = SHARP) -> LargestGrowth:
    """The supremum of eta'/eta from ``shift`` on, for 0 < gamma < 1 and 0 < beta <= 1; ``bits`` of where it is."""
    return NO_GROWTH if beta <= gamma else largest_growth(power(gamma), power(beta), shift, bits=bits)


def rate(alpha: Fraction, convention: DecayRate) -> arb:
    """lambda(alpha), per step, for 0 < alpha <= 1 (forward Euler: 0 <= alpha <= 1)."""
    if convention is DecayRate.exact:
        return power(alpha)
    return ball((1 - alpha) / alpha if convention is DecayRate.first_order else 1 - alpha)


def power(alpha: Fraction) -> arb:
    """-ln(alpha), with nothing lost near 1."""
    return -(-ball(1 - alpha)).log1p() if 2 * alpha > 1 else -ball(alpha).log()


def as_convention(convention: DecayRate | str) -> DecayRate:
    names = [known.name for known in DecayRate]
    if isinstance(convention, DecayRate):
        return convention
    if convention not in names:
        reject("convention", convention, "one of " + ", ".join(map(repr, names)))
    return DecayRate[convention]


def as_shift(shift: object) -> Fraction:
    number = exact_fraction(shift, "shift")
    if number < 0:
        reject("shift", shift, "at least 0 steps")
    return number


def _factor(value: object, name: str) -> Fraction:
    number = exact_fraction(value, name)
    if not 0 < number < 1:
        reject(name, value, "inside (0, 1)")
    return number


def _negative(beta: Fraction, gamma: Fraction, convention: DecayRate, shift: Fraction) -> Fraction | None:
    """A power of 2 with c < 0 where the limit is negative and c falls towards it: c < 0 at all later times too."""
    steps = Fraction(1)
    for _ in range(_DOUBLINGS):
        if coefficient(beta, gamma, steps, convention=convention, shift=shift) < 0:
            return steps
        steps *= 2
    return None
