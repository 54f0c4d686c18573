"""The envelope of a proved convergence rate against time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from adamtheory.lyapunov.rates import Rate
from adamtheory.report import plots


def rate_figure(rate: Rate, *, file: Any = None, until: float | None = None) -> Any:
    """A matplotlib Figure of the envelope up to the time ``until`` (default: six e-foldings, or where a power has
    fallen to a thousandth), saved to ``file`` where one is given.

    Raises ValueError where matplotlib is not installed."""
    end = _end(rate) if until is None else until
    times = np.linspace(0, end, 400)
    figure = plots.new_figure(6.6, 4.4)
    axes = figure.subplots()
    label = f"{rate.theorem}\n{'rate' if rate.kind == 'exponential' else 'power of 1/t:'} {rate.value:.4g}"
    axes.plot(times, rate.envelope(times), color=plots.BLUE, linewidth=2, label=label)
    axes.axhline(rate.constants.initial_gap, color=plots.BLACK, linewidth=0.8, linestyle=":", label="gap at the start")
    axes.set(yscale="log", xlabel="t (one step takes the time lr)", ylabel="f − inf f, at most")
    axes.set_title(rate.flow.name, fontsize=10)
    axes.legend(fontsize=8)
    axes.grid(True, color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    if file is not None:
        plots.save(figure, Path(file))
    return figure


def _end(rate: Rate) -> float:
    if rate.kind == "exponential":
        return 6 / rate.value
    end, low = 1.0, 1e-3 * rate.constants.initial_gap
    while rate.envelope([end])[0] > low and end < 1e300:
        end *= 2
    return end
