"""How long an exported bound takes, and what its digits cost beside mpmath and beside the formula as SymPy prints it.

    python benchmarks/bounds.py [--repeats N] [--points N]

Medians of wall-clock times in one process, after one unmeasured call; the calls that are set against each other
alternate, so a busy machine slows all alike.  Errors are relative, against 60 digits of mpmath at the same doubles.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from adamtheory.bounds import closed_forms, exports
from adamtheory.bounds.filters import filters
from adamtheory.bounds.worst_case import squared
from adamtheory.methods import METHODS
from adamtheory.notation import beta, gamma, n

SCALAR_GOAL = 50e-6  # seconds a call
ARRAY_GOAL = 0.2  # seconds for a million points
POINT = (0.999, 0.9, 1000)  # beta, gamma, steps
HARD = (0.7, math.sqrt(0.7), 1e16)  # gamma^2 is beta, but for the last bit

CALLS = {
    "adam": POINT,
    "nadam": (0.999, 0.9, 0.004, 1000),
    "nadam_constant": POINT,
    "ademamix": (5.0, 0.999, 0.9, 0.9999, 1000),
    "amsgrad": (0.9, 0.99, 1000),
    "amsgrad_torch": (0.9, 0.99, 1000),
    "rmsprop": (0.99, 1000),
    "rmsprop_momentum": (0.99, 0.9, 1000),
    "laprop": (0.999, 1000),
}


def medians(calls: dict[str, Callable[[], Any]], repeats: int, number: int = 1) -> dict[str, float]:
    """Median seconds a call, the calls taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(repeats + 1):
        for name, call in calls.items():
            started = time.perf_counter()
            for _ in range(number):
                call()
            if turn:
                seconds[name].append((time.perf_counter() - started) / number)
    return {name: statistics.median(values) for name, values in seconds.items()}


def formula() -> sp.Expr:
    """Adam's bound as an expression."""
    (layer,) = filters(METHODS["adam"]().rule).layers
    return sp.sqrt(squared(layer))


def exported(name: str, language: str) -> Callable[..., Any]:
    """The function that a user gets by running the exported text."""
    space: dict[str, Any] = {}
    exec(compile(exports.source(METHODS[name]().rule, language, name), "<export>", "exec"), space)  # noqa: S102
    return space[name]


def _row(what: str, figure: str, goal: str = "", met: bool | None = None) -> None:
    verdict = "" if met is None else ("met" if met else "MISSED")
    print(f"{what:<52}{figure:>14}  {goal:<14}{verdict}")


def _scalars(repeats: int) -> None:
    calls = {name: _bound(name, where) for name, where in CALLS.items()}
    for name, seconds in medians(calls, repeats, 2000).items():
        _row(f"{name}, one call", f"{1e6 * seconds:.1f} us", f"<= {1e6 * SCALAR_GOAL:.0f} us", seconds <= SCALAR_GOAL)
    plain = sp.lambdify((beta, gamma, n), formula(), "math")
    precise = sp.lambdify((beta, gamma, n), formula(), "mpmath")
    b, c, steps = POINT
    times = medians(
        {
            "export": lambda: closed_forms.adam(b, c, steps),
            "lambdify": lambda: plain(b, c, steps - 1),
            "mpmath": lambda: precise(mpmath.mpf(b), mpmath.mpf(c), steps - 1),
        },
        repeats,
        200,
    )
    for name in ("lambdify", "mpmath"):
        _row(f"adam, {name} / export", f"{times[name] / times['export']:.2f}")
    for where in (POINT, HARD):
        with mpmath.workdps(60):
            right = precise(mpmath.mpf(where[0]), mpmath.mpf(where[1]), mpmath.mpf(where[2]) - 1)
            for name, value in (
                ("export", closed_forms.adam(*where)),
                ("lambdify", plain(where[0], where[1], where[2] - 1)),
            ):
                error = float(abs(mpmath.mpf(value) / right - 1))
                _row(f"adam, relative error of the {name} at {where[2]:.0e} steps", f"{error:.1e}")


def _bound(name: str, where: tuple[float, ...]) -> Callable[[], float]:
    function = getattr(closed_forms, name)
    return lambda: function(*where)


def _arrays(repeats: int, points: int) -> None:
    random = np.random.default_rng(0)
    b, c = 1 - 10.0 ** -random.uniform(1, 6, points), 1 - 10.0 ** -random.uniform(0.3, 4, points)
    steps = np.floor(10.0 ** random.uniform(0, 6, points))
    bounded = np.minimum(c, 0.999 * np.sqrt(b))
    call, plain = exported("adam", "numpy"), sp.lambdify((beta, gamma, n), formula(), "numpy")
    with np.errstate(all="ignore"):
        times = medians(
            {
                "export": lambda: call(b, c, steps),
                "export, bounded": lambda: call(b, bounded, steps),
                "lambdify, bounded": lambda: plain(b, bounded, steps - 1),
            },
            repeats,
        )
    goal = ARRAY_GOAL * points / 1e6
    for name in ("export", "export, bounded"):
        what = f"adam, numpy {name}, {points:,} points"
        _row(what, f"{times[name]:.3f} s", f"<= {goal:.2f} s", times[name] <= goal)
    _row("adam, numpy lambdify / export, bounded", f"{times['lambdify, bounded'] / times['export, bounded']:.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the exported bounds.")
    parser.add_argument("--repeats", type=int, default=9, help="measured rounds, at least 7 (default %(default)s)")
    parser.add_argument("--points", type=int, default=1_000_000, help="of the arrays (default %(default)s)")
    given = parser.parse_args()
    if given.repeats < 7:
        parser.error(f"argument --repeats: {given.repeats} is not allowed, it must be at least 7")
    if given.points < 1:
        parser.error(f"argument --points: {given.points} is not allowed, it must be at least 1")
    _row(f"figure (medians of {given.repeats})", "measured", "goal")
    _scalars(given.repeats)
    _arrays(given.repeats, given.points)
    return 0


if __name__ == "__main__":
    sys.exit(main())
