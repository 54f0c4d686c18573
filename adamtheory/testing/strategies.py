"""Hypothesis strategies for statements about Adam: hyperparameters, and gradient sequences that are hard on it.

Everything is drawn as exact fractions and rounded at the very end, so that the exact worst case is exactly that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from adamtheory.testing.gradients import FLOAT_RANGES, KINDS, FloatRange
from adamtheory.testing.regions import OPEN_REGIONS, REGIONS, Draw, Pair, draw_hyperparameters
from adamtheory.validation import boolean, integer, one_of, reject

Gradients = list[Fraction] | list[float]

ARITHMETICS = ("exact", *FLOAT_RANGES)


def hyperparameters(edges: bool = True) -> st.SearchStrategy[Pair]:
    """(beta, gamma) as exact fractions, over all of the square and each of its critical curves.

    edges=True: the domain [0, 1)^2 of Adam, with beta = 0 and gamma = 0. edges=False: the open square (0, 1)^2. Both
    have the curves beta = gamma, gamma^2 = beta and C(beta, gamma) = 0, neighbours of the second, rates near 0 and 1.
    """
    regions = REGIONS if boolean("edges", edges) else OPEN_REGIONS

    @st.composite
    def pairs(draw: st.DrawFn) -> Pair:
        region = draw(st.sampled_from(regions))
        return draw_hyperparameters(lambda low, high: draw(st.integers(low, high)), region)

    return pairs()


@dataclass(frozen=True)
class _Request:
    integer: Draw
    steps: int
    beta: Fraction
    gamma: Fraction
    range: FloatRange

    def sign(self) -> int:
        return 1 - 2 * self.integer(0, 1)

    def magnitude(self) -> Fraction:
        """An ordinary positive number, simple in decimals."""
        return Fraction(self.integer(1, 99)) * Fraction(10) ** self.integer(-3, 3)

    def value(self) -> Fraction:
        return self.sign() * self.magnitude()

    def values(self) -> list[Fraction]:
        return [self.value() for _ in range(self.steps)]


def _geometric(request: _Request, ratio: Fraction) -> list[Fraction]:
    """c * ratio^k for k = 0, 1, ..., with the largest magnitude ordinary."""
    powers = [ratio**k for k in range(request.steps)]
    top = max(powers)
    scale = request.value() / top
    return [scale * power for power in powers]


def _worst_case(request: _Request) -> list[Fraction]:
    """Oldest first: g_{n-k} proportional to (gamma/beta)^k."""
    if request.beta:
        ratio = request.gamma / request.beta
    else:
        # v forgets at once: the larger the past the better, without a maximum.
        ratio = Fraction(10) ** request.integer(1, 6) if request.gamma else Fraction(0)
    return _geometric(request, ratio)[::-1]


def _alternating(request: _Request) -> list[Fraction]:
    value = request.value()
    return [value if k % 2 == 0 else -value for k in range(request.steps)]


def _growing(request: _Request) -> list[Fraction]:
    return _geometric(request, 1 + Fraction(request.integer(1, 900), 100))


def _leading_zeros(request: _Request) -> list[Fraction]:
    zeros = request.integer(min(1, request.steps - 1), request.steps - 1)
    return [Fraction(0)] * zeros + request.values()[zeros:]


def _trailing_zeros(request: _Request) -> list[Fraction]:
    heard = request.integer(1, max(1, request.steps - 1))
    return request.values()[:heard] + [Fraction(0)] * (request.steps - heard)


def _zeros_inside(request: _Request) -> list[Fraction]:
    values = request.values()
    for k in range(1, request.steps - 1):
        if request.integer(0, 2):
            values[k] = Fraction(0)
    return values


def _spike(request: _Request) -> list[Fraction]:
    values = request.values()
    values[request.integer(0, request.steps - 1)] *= 10 ** request.integer(2, 6)
    return values


def _scaled(request: _Request, low: int, high: int) -> list[Fraction]:
    """Each of a magnitude 2^low ... 2^high of its own."""
    return [
        request.sign() * Fraction(request.integer(64, 127), 128) * Fraction(2) ** request.integer(low, high)
        for _ in range(request.steps)
    ]


def _heavy_tailed(request: _Request) -> list[Fraction]:
    return [value * 10 ** (request.integer(0, 9) // 8 * request.integer(1, 4)) for value in request.values()]


_MAKERS: dict[str, Callable[[_Request], list[Fraction]]] = {
    "normal": lambda request: request.values(),
    "heavy-tailed": _heavy_tailed,
    "constant": lambda request: [request.value()] * request.steps,
    "worst-case": _worst_case,
    "worst-case-backwards": lambda request: _worst_case(request)[::-1],
    "alternating": _alternating,
    "growing": _growing,
    "decaying": lambda request: _growing(request)[::-1],
    "leading-zeros": _leading_zeros,
    "trailing-zeros": _trailing_zeros,
    "zeros-inside": _zeros_inside,
    "spike": _spike,
    "mixed-magnitudes": lambda request: _scaled(request, 1 - request.range.largest, request.range.largest - 1),
    "huge": lambda request: _scaled(request, request.range.largest - 8, request.range.largest),
    "tiny": lambda request: _scaled(request, 1 - request.range.largest, 8 - request.range.largest),
    "denormal": lambda request: [
        request.sign() * request.integer(1, 1000) * Fraction(2) ** request.range.smallest for _ in range(request.steps)
    ],
}


def _rounded(gradients: list[Fraction], arithmetic: str) -> Gradients:
    if arithmetic == "exact":
        return gradients
    # Through float64: the second rounding moves a float32 by at most its last bit, and any gradient is as good.
    numbers = [float(gradient) for gradient in gradients]
    return numbers if arithmetic == "float64" else [float(np.float32(number)) for number in numbers]


def _draw_gradients(
    draw: st.DrawFn, steps: tuple[int, int], pair: Pair, kinds: Sequence[str], arithmetic: str, nonzero_start: bool
) -> Gradients:
    spread = FLOAT_RANGES["float64" if arithmetic == "exact" else arithmetic]
    length = draw(st.integers(*steps))
    kind = draw(st.sampled_from(list(kinds)))
    request = _Request(lambda low, high: draw(st.integers(low, high)), length, *pair, spread)
    gradients = _MAKERS[kind](request)
    least = Fraction(2) ** -spread.largest
    # In floats a square must not underflow, or v is zero in spite of a non-zero gradient; fractions have no such limit.
    if nonzero_start and (gradients[0] == 0 or (arithmetic != "exact" and abs(gradients[0]) < least)):
        gradients[0] = least if gradients[0] >= 0 else -least
    return _rounded(gradients, arithmetic)


def _checked(
    min_steps: int, max_steps: int, arithmetic: str, kinds: Sequence[str], nonzero_start: bool
) -> tuple[tuple[int, int], Sequence[str]]:
    integer("min_steps", min_steps, minimum=1)
    integer("max_steps", max_steps, minimum=min_steps)
    one_of("arithmetic", arithmetic, ARITHMETICS)
    boolean("nonzero_start", nonzero_start)
    if isinstance(kinds, str) or not kinds:
        reject("kinds", kinds, "a non-empty sequence of names from KINDS")
    return (min_steps, max_steps), [one_of("kinds", kind, KINDS) for kind in kinds]


def gradient_sequences(
    max_steps: int = 24,
    arithmetic: str = "exact",
    *,
    min_steps: int = 1,
    kinds: Sequence[str] = KINDS,
    nonzero_start: bool = False,
    at: Pair | None = None,
) -> st.SearchStrategy[Gradients]:
    """Gradient sequences g_0 ... g_{N-1}, min_steps <= N <= max_steps, oldest first.

    arithmetic: "exact" gives a list of fractions, "float64" and "float32" a list of floats that the type represents.
    Their squares never overflow, even summed up; they may underflow to zero.
    kinds: names from KINDS: worst cases for the (beta, gamma) of `at` (drawn when it is None), zeros before, inside and
    after, alternating signs, exponentials both ways, huge, tiny, denormal and mixed magnitudes, ...
    nonzero_start: the first gradient is not zero, and in floats neither is its square.

    Raises TypeError or ValueError, in one line, for arguments outside these ranges.
    """
    steps, names = _checked(min_steps, max_steps, arithmetic, kinds, nonzero_start)

    @st.composite
    def sequences(draw: st.DrawFn) -> Gradients:
        pair = draw(hyperparameters()) if at is None else at
        return _draw_gradients(draw, steps, pair, names, arithmetic, nonzero_start)

    return sequences()


def adam_cases(
    max_steps: int = 24,
    arithmetic: str = "exact",
    *,
    edges: bool = True,
    min_steps: int = 1,
    kinds: Sequence[str] = KINDS,
    nonzero_start: bool = False,
) -> st.SearchStrategy[tuple[Fraction, Fraction, Gradients]]:
    """(beta, gamma, gradients), where the worst cases among the gradients are worst for this very (beta, gamma).

    Arguments and errors as for `hyperparameters` and `gradient_sequences`.
    """
    steps, names = _checked(min_steps, max_steps, arithmetic, kinds, nonzero_start)
    pairs = hyperparameters(edges)

    @st.composite
    def cases(draw: st.DrawFn) -> tuple[Fraction, Fraction, Gradients]:
        beta, gamma = pair = draw(pairs)
        return beta, gamma, _draw_gradients(draw, steps, pair, names, arithmetic, nonzero_start)

    return cases()
