"""How fast a preconditioner may grow before an energy of a template fails: both sides of the limit, each certified."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lyapunov.flow_problems import Preconditioned
from adamtheory.lyapunov.problems import LossClass
from adamtheory.lyapunov.search_results import Found
from adamtheory.lyapunov.searches import posed, proved_at, search
from adamtheory.proof.verdict import Verdict
from adamtheory.validation import reject

_WIDEST = 10**6  # times the rate of the momentum: beyond it there is no limit worth the name


@dataclass(frozen=True)
class GrowthLimit:
    """The rate is proved for A' <= ``lower`` A by ``below``; ``above`` is what is found at ``upper``, None without a
    limit: REFUTED where states show that it is the template's fault, UNDECIDED where the search only fails."""

    lower: Fraction
    upper: Fraction | None
    below: Found
    above: Found | None

    @property
    def sharp(self) -> bool:
        """Are both sides certified?"""
        return self.above is not None and self.above.verdict is Verdict.REFUTED

    def check(self) -> bool:
        """Check the evidence of both sides again, exactly; what is undecided has none."""
        return self.below.check() and (not self.sharp or (self.above is not None and self.above.check()))

    def __str__(self) -> str:
        if self.upper is None or self.above is None:
            return f"proved for A' <= {float(self.lower):.9g} A, and no limit seen"
        beyond = "refuted" if self.sharp else "undecided"
        return f"proved for A' <= {float(self.lower):.9g} A, {beyond} at {float(self.upper):.9g}"


def growth_limit(
    flow: Preconditioned, template: Any, losses: LossClass, *, rate: object = 0, tolerance: object = Fraction(1, 10**6)
) -> GrowthLimit:
    """The largest growth kappa, A' <= kappa A, at which a template has an energy that decays at ``rate``, within a
    relative ``tolerance``, by bisection; ``flow.growth`` is not used.

    Adam: its flow has, in the end, kappa = lambda2/2, half the rate of the second moment's kernel.
    Raises ValueError where already a preconditioner that does not grow has no such energy, and for bad input."""
    if not isinstance(flow, Preconditioned):
        reject("flow", flow, "a Preconditioned flow", TypeError)
    if flow.momentum is None:
        reject("flow", flow, "one with momentum: without it no term sees the preconditioner grow")
    width = exact_fraction(tolerance, "tolerance")
    if not 0 < width < 1:
        reject("tolerance", tolerance, "inside (0, 1)")

    wanted = exact_fraction(rate, "rate")

    def at(growth: Fraction) -> Found | None:
        return proved_at(posed(replace(flow, growth=growth), template, losses), wanted)

    lower, below = Fraction(0), at(Fraction(0))
    if below is None:
        reject("rate", str(rate), "one that an energy of the template has where A does not grow")
    upper = flow.momentum
    while (found := at(upper)) is not None:
        lower, below = upper, found
        if upper >= _WIDEST * flow.momentum:
            return GrowthLimit(lower, None, below, None)
        upper *= 4
    while upper - lower > width * upper:
        middle = _between(lower, upper)
        found = at(middle)
        if found is None:
            upper = middle
        else:
            lower, below = middle, found
    return GrowthLimit(lower, upper, below, search(replace(flow, growth=upper), template, losses, rate=wanted))


def _between(lower: Fraction, upper: Fraction) -> Fraction:
    """A short number near the middle."""
    middle = (lower + upper) / 2
    step = Fraction(10) ** (len(str(int(1 / (upper - lower)))) + 1)  # at least ten of its steps lie between them
    found = Fraction(round(middle * step), step)
    return found if lower < found < upper else middle
