"""Where in the (beta, gamma) square the energy of Adam's flow decreases at all times: boxes, each certified.

Inner boxes have inf c > 0 at each of their points, outer boxes inf c < 0 (``energy_coefficient`` has c).  What is left
is undecided.  Boxes are closed and cover the square; what is said of one holds at its points in the open square, so
that the edges need no margin: rates at 0 and 1 enter as limits.

With r = L2/L1 and H(L1, L2) the supremum of eta'/eta (``energy_growth``), inf c has the sign of

    F = 4 lambda1 - lambda2 - 2 H,   H = 0 where r >= 1 (beta <= gamma),   0 < H <= K(0) L1 where r < 1,

and all of -lambda1 (in gamma), -lambda2 (in beta) and H (up in L1, down in L2) are monotone, so a corner decides:

- outer, late: lambda2 > 4 lambda1 at (beta_high, gamma_low), exactly: c has a negative limit;
- inner: lambda2 < 4 lambda1 at (beta_low, gamma_high), exactly, and H too small to matter at the points with r < 1.
  There lambda2 < lambda1, and F > 3 lambda1 - 2 H: H <= K(0) L1 is enough where L1/lambda1 < 3/(2 K(0)) = 13.1, as
  it is for exact and first-order rates everywhere (L1 <= lambda1) and for forward Euler's from ``safe_gamma`` on; so is
  H <= 1/(2 shift); else balls at two corners;
- outer, early: F < 0 by balls, H at the corner (beta_low, gamma_high) where it is smallest.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from flint import ctx

from adamtheory.lyapunov.energy_boxes import Box, area, cells, slower
from adamtheory.lyapunov.energy_coefficient import as_convention, as_shift, growth, power, rate
from adamtheory.lyapunov.energy_growth import BITS, LargestGrowth, ball, largest_share
from adamtheory.notation import DecayRate
from adamtheory.validation import integer

_SHARP = 24  # bits of the time with the largest growth: more would not show in a box


@dataclass(frozen=True)
class EnergyRegion:
    """The boxes of the square by what is certified of them."""

    convention: DecayRate
    shift: Fraction
    inner: tuple[Box, ...]  # inf c > 0
    outer: tuple[Box, ...]  # inf c < 0
    undecided: tuple[Box, ...]

    @cached_property
    def inner_area(self) -> Fraction:
        return area(self.inner)

    @cached_property
    def outer_area(self) -> Fraction:
        return area(self.outer)

    @cached_property
    def undecided_area(self) -> Fraction:
        """What the other two leave of the square."""
        return 1 - self.inner_area - self.outer_area

    @cached_property
    def early(self) -> tuple[Box, ...]:
        """Outer boxes with lambda2 < 4 lambda1: c, positive in the end, is negative for a while."""
        return tuple(box for box in self.outer if box.all_slower(4, self.convention))

    @cached_property
    def stable_but_early(self) -> tuple[Box, ...]:
        """Outer boxes with lambda2 < 2 lambda1, that is with stability exponent C > 0: C > 0 is not enough there."""
        return tuple(box for box in self.early if box.all_slower(2, self.convention))

    @cached_property
    def stable_example(self) -> tuple[Fraction, Fraction] | None:
        """A point with C > 0 and inf c < 0, as simple as one of the largest box of ``stable_but_early`` can be."""
        return max(self.stable_but_early, key=lambda box: box.area).simplest_point if self.stable_but_early else None

    @cached_property
    def early_below(self) -> Fraction:
        """From this gamma on, inf c > 0 if and only if lambda2 < 4 lambda1, at every beta: ``safe_gamma``, sharpened by
        the boxes."""
        safe = safe_gamma(self.convention)
        left = (box.gamma_high for box in (*self.outer, *self.undecided) if box.gamma_low < safe)
        return min(safe, max(left, default=Fraction(0)))

    @cached_property
    def stable_undecided(self) -> tuple[Box, ...]:
        """Undecided boxes that may have a point with C > 0."""
        return tuple(box for box in self.undecided if slower(box.beta_high, box.gamma_low, 2, self.convention) > 0)

    @cached_property
    def stability_suffices(self) -> bool | None:
        """Does C > 0 imply inf c > 0 at every point?  None where that is not settled."""
        if rates_decide(self.convention, self.shift):
            return True
        return False if self.stable_but_early else None

    @cached_property
    def decreasing_not_stable(self) -> tuple[Box, ...]:
        """Inner boxes with C < 0: the energy decreases although the max-update of continuous time is unbounded."""
        return tuple(box for box in self.inner if box.all_faster(2, self.convention))


def energy_region(convention: DecayRate | str, *, depth: int = 6, shift: object = 0) -> EnergyRegion:
    """The square of one convention's rates, its undecided cells halved both ways ``depth`` times.

    The cells of the start halve towards 0 and 1 in both directions, so that the resolution is relative to the distance
    from each edge.  ``shift``: as in ``smallest_coefficient``.  Raises ValueError or TypeError for other arguments."""
    convention, shift = as_convention(convention), as_shift(shift)
    depth = integer("depth", depth, minimum=0, maximum=12)
    found: dict[int, list[Box]] = {1: [], -1: [], 0: []}
    with ctx.workprec(BITS):
        waiting = [(box, 0) for box in cells()]
        while waiting:
            box, level = waiting.pop()
            side = _side(box, convention, shift)
            if side or level == depth:
                found[side].append(box)
            else:
                waiting += [(part, level + 1) for part in box.quarters()]
    return EnergyRegion(convention, shift, tuple(found[1]), tuple(found[-1]), tuple(found[0]))


def side_of(box: Box, *, convention: DecayRate | str, shift: object = 0) -> int:
    """1 where inf c > 0 is certified on the whole box, -1 where inf c < 0 is, 0 where neither is."""
    with ctx.workprec(BITS):
        return _side(box, as_convention(convention), as_shift(shift))


@lru_cache
def safe_gamma(convention: DecayRate) -> Fraction:
    """From this gamma on, inf c > 0 if and only if lambda2 < 4 lambda1, at every beta.

    For forward Euler's rates L1/lambda1 = -ln(gamma)/(1 - gamma) falls in gamma: the smallest multiple of 1e-8 at
    which 2 K(0) L1 < 3 lambda1 is certified."""
    if convention is not DecayRate.forward_euler:
        return Fraction(0)
    with ctx.workprec(BITS):
        low, high = 1, 10**7
        while low < high:
            middle = (low + high) // 2
            gamma = Fraction(middle, 10**8)
            enough = 2 * largest_share() * power(gamma) < 3 * ball(1 - gamma)
            low, high = (low, middle) if enough else (middle + 1, high)
        return Fraction(low, 10**8)


def rates_decide(convention: DecayRate, shift: Fraction) -> bool:
    """Is inf c > 0 if and only if lambda2 < 4 lambda1, at every point of the open square?"""
    safe = safe_gamma(convention)
    return not safe or 3 * (1 - safe) * shift >= 1  # safe > 0 is forward Euler's, where lambda1 = 1 - gamma


def _side(box: Box, convention: DecayRate, shift: Fraction) -> int:
    if box.all_faster(4, convention):
        return -1
    if box.all_slower(4, convention) and _never_early(box, convention, shift):
        return 1
    return -1 if _early(box, convention, shift) else 0


def _never_early(box: Box, convention: DecayRate, shift: Fraction) -> bool:
    """Given lambda2 < 4 lambda1 on the box: is F > 0 also where r < 1?"""
    if box.beta_high <= box.gamma_low or box.gamma_low >= safe_gamma(convention):
        return True
    if _short(box, convention, shift):
        return True
    if not box.gamma_low:
        return False
    grown = _growth(box.beta_high, box.gamma_low, shift).upper
    room = 4 * rate(box.gamma_high, convention) - rate(box.beta_low, convention)
    return bool(room - 2 * grown > 0)


def _early(box: Box, convention: DecayRate, shift: Fraction) -> bool:
    """Is F < 0 on the box because H is large?"""
    if box.beta_low <= box.gamma_high or box.gamma_high > safe_gamma(convention) or _short(box, convention, shift):
        return False
    # Only forward Euler's rates come here: they are finite at gamma_low = 0.
    grown = _growth(box.beta_low, box.gamma_high, shift).lower
    room = 4 * rate(box.gamma_low, convention) - rate(box.beta_high, convention)
    return bool(room - 2 * grown < 0)


@lru_cache(maxsize=50_000)  # a corner belongs to several boxes
def _growth(beta: Fraction, gamma: Fraction, shift: Fraction) -> LargestGrowth:
    return growth(beta, gamma, shift, bits=_SHARP)


def _short(box: Box, convention: DecayRate, shift: Fraction) -> bool:
    """Is H <= 1/(2 shift) too small to matter where r < 1?  h(s) <= 1/(2 s), and F > 3 lambda1 - 2 H there."""
    return bool(shift) and bool(3 * rate(box.gamma_high, convention) * ball(shift) >= 1)
