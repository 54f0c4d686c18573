"""A bound against the number of steps, on logarithmic axes, with its limit."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import numpy as np

from adamtheory.bounds import Bound, max_update
from adamtheory.report import plots
from adamtheory.report.bound import finite_limit, subject
from adamtheory.report.numbers import rounded
from adamtheory.report.theorem_1 import printed

_POINTS = 160
_LEAST, _MOST = 1e4, 1e9  # the last step drawn lies between
_LARGEST = 1e12  # an update that is drawn


def bound_figure(bound: Bound, level: int | None = None) -> Any:
    """A matplotlib Figure of the bound at 1, 2, ... steps, the point of ``bound.steps`` marked.

    Raises ValueError where matplotlib is not installed, and where no step has a finite bound."""
    assert bound.method is not None
    steps, values = _curve(bound, level)
    if not steps:
        raise ValueError("plot needs a bound that is finite at some step, and this one is not")
    figure = plots.new_figure(7.5, 4.6)
    axes = figure.subplots()
    label = {"exact": "exact maximum", "upper": "upper bound"}[bound.kind]
    axes.plot(steps, values, color=plots.BLUE, linewidth=2, label=label)
    values = [*values, *_draw_printed(axes, bound, steps, min(values), 30 * max(values))]
    limit = finite_limit(bound)
    if limit is not None:
        axes.axhline(limit, color=plots.VERMILION, linestyle="--", linewidth=1.3, label=f"limit {rounded(limit)}")
    if bound.steps is not None and math.isfinite(bound.value) and steps[0] <= bound.steps <= steps[-1]:
        marked = f"{rounded(bound.value)} at {float(bound.steps):,g}"
        axes.plot(
            float(bound.steps),
            bound.value,
            "*",
            color=plots.PURPLE,
            markersize=14,
            markeredgecolor="black",
            label=marked,
            zorder=5,
            linestyle="none",
        )
    axes.set(xscale="log", yscale="log", ylabel="largest |update|", title=re.sub(r"_(?=\d)", "", subject(bound, level)))
    axes.set_xlabel("elapsed steps t/h" if bound.time == "continuous" else "gradients seen, N = n + 1")
    axes.title.set_fontsize(10)
    low, high = min(values), max(values if limit is None else [*values, limit])
    if high < 300 * low:  # decades alone would leave the axis without a number
        ticks = _ticks(low * 0.9, high * 1.15)
        locator, formatter = plots.fixed_ticks(ticks, [f"{x:g}" for x in ticks])
        axes.yaxis.set_major_locator(locator)
        axes.yaxis.set_major_formatter(formatter)
        axes.yaxis.set_minor_locator(plots.fixed_ticks([], [])[0])
        axes.set_ylim(low * 0.9, high * 1.15)
    axes.grid(True, color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(frameon=True, framealpha=0.9, loc="best")
    return figure


def _draw_printed(axes: Any, bound: Bound, steps: list[float], low: float, high: float) -> list[float]:
    """Theorem 1's bound on the same steps, as far as it is of the same size."""
    pairs: list[tuple[float, float]] = []
    for at in steps if printed(bound) else ():
        found = printed(_at(bound, at))
        value = math.inf if found is None else float(found.printed.mid())
        if low / 2 <= value <= high:
            pairs.append((at, value))
    across, up = [at for at, _ in pairs], [value for _, value in pairs]
    if pairs:
        style = {"color": plots.ORANGE, "linewidth": 1.6, "linestyle": ":"}
        axes.plot(across, up, label="Gould & Tanaka, Theorem 1", **style)
    return up


def _at(bound: Bound, steps: float, level: int | None = None) -> Bound:
    count: Any = Fraction(steps) if bound.time == "continuous" else round(steps)
    assert bound.method is not None
    return max_update(bound.method, steps=count, time=bound.time, zeros=bound.zeros, level=level)


def _curve(bound: Bound, level: int | None) -> tuple[list[float], list[float]]:
    """Steps and bounds, as far as these are finite and of a size that a figure shows."""
    last = min(max(_settled(bound), 10 * float(min(bound.steps or 1, 10**15)), _LEAST), _MOST)
    grid = np.geomspace(0.05 if bound.time == "continuous" else 1, last, _POINTS)
    chosen = grid.tolist() if bound.time == "continuous" else sorted({round(x) for x in grid})
    steps, values = [], []
    for at in chosen:
        value = _at(bound, at, level).value
        if not math.isfinite(value) or value > _LARGEST:
            break
        steps.append(float(at))
        values.append(value)
    return steps, values


def _settled(bound: Bound) -> float:
    """About the step at which everything that decays with the steps is gone."""
    last = _LEAST
    for value in bound.values.values():
        x = float(value)
        if 0 < x < 1:
            last = max(last, -8 / math.log(x))
    return last


def _ticks(low: float, high: float) -> list[float]:
    """1-2-5 numbers between; where there are fewer than three, evenly spaced ones."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [d * 10.0**e for e in decades for d in (1, 2, 5) if low <= d * 10.0**e <= high]
    if len(ticks) >= 3:
        return ticks
    size = 10.0 ** math.floor(math.log10(high - low))
    step = next(size / part for part in (1, 2, 5, 10) if (high - low) * part / size >= 3)
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
