"""Where in the (beta, gamma) square a statement about Adam is tried: the interior, the edges, the critical curves."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from adamtheory.validation import one_of

# An integer drawn from [low, high], by whoever draws: a NumPy generator, or hypothesis (which shrinks towards `low`).
Draw = Callable[[int, int], int]
Pair = tuple[Fraction, Fraction]

_DEFAULTS = (("0.999", "0.9"), ("0.95", "0.9"), ("0.99", "0.9"), ("0.98", "0.95"), ("0.9", "0.999"))


def _inside(draw: Draw) -> Fraction:
    """Somewhere in (0, 1)."""
    denominator = draw(2, 1000)
    return Fraction(draw(1, denominator - 1), denominator)


def _near_one(draw: Draw) -> Fraction:
    return 1 - Fraction(draw(1, 9), 10 ** draw(2, 9))


def _near_zero(draw: Draw) -> Fraction:
    return Fraction(draw(1, 9), 10 ** draw(2, 9))


def _default(draw: Draw) -> Pair:
    beta, gamma = _DEFAULTS[draw(0, len(_DEFAULTS) - 1)]
    return Fraction(beta), Fraction(gamma)


def _around_stability(draw: Draw) -> Pair:
    """gamma^2/beta within 1e-2 ... 1e-6 of 1, on either side."""
    gamma = _inside(draw)
    beta = gamma**2 * (1 + (-1) ** draw(0, 1) * Fraction(1, 10 ** draw(2, 6)))
    return min(beta, 1 - Fraction(1, 10**7)), gamma


def _on_c_zero(draw: Draw) -> Pair:
    """C(beta, gamma) = 2/gamma - 1 - 1/beta = 0, which is beta = gamma/(2 - gamma)."""
    gamma = _inside(draw)
    return gamma / (2 - gamma), gamma


def _diagonal(draw: Draw) -> Pair:
    beta = _inside(draw)
    return beta, beta


def _on_stability(draw: Draw) -> Pair:
    gamma = _inside(draw)
    return gamma**2, gamma


_OPEN: dict[str, Callable[[Draw], Pair]] = {
    "interior": lambda draw: (_inside(draw), _inside(draw)),
    "default": _default,
    "diagonal": _diagonal,
    "stability-curve": _on_stability,
    "around-stability-curve": _around_stability,
    "C-zero-curve": _on_c_zero,
    "beta-near-one": lambda draw: (_near_one(draw), _inside(draw)),
    "gamma-near-one": lambda draw: (_inside(draw), _near_one(draw)),
    "both-near-one": lambda draw: (_near_one(draw), _near_one(draw)),
    "beta-near-zero": lambda draw: (_near_zero(draw), _inside(draw)),
    "gamma-near-zero": lambda draw: (_inside(draw), _near_zero(draw)),
}

_EDGES: dict[str, Callable[[Draw], Pair]] = {
    "beta-zero": lambda draw: (Fraction(0), _inside(draw)),
    "gamma-zero": lambda draw: (_inside(draw), Fraction(0)),
    "both-zero": lambda draw: (Fraction(0), Fraction(0)),
}

# Regions of the open square, and then the edges that belong to the domain [0, 1)^2 of Adam.
OPEN_REGIONS: tuple[str, ...] = tuple(_OPEN)
EDGES: tuple[str, ...] = tuple(_EDGES)
REGIONS: tuple[str, ...] = (*OPEN_REGIONS, *EDGES)


def draw_hyperparameters(draw: Draw, region: str) -> Pair:
    """(beta, gamma), exact, from a region of REGIONS; `draw(low, high)` supplies integers of [low, high]."""
    return {**_OPEN, **_EDGES}[one_of("region", region, REGIONS)](draw)


def sample_hyperparameters(rng: np.random.Generator, region: str) -> Pair:
    """(beta, gamma) as exact fractions in [0, 1)^2, drawn from `region`, one of REGIONS; ValueError for another.

    The same generator state gives the same pair.
    """
    return draw_hyperparameters(lambda low, high: int(rng.integers(low, high, endpoint=True)), region)
