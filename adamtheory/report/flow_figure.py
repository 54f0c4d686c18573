"""A flow beside its discrete method: trajectories, deviation, moments."""

from __future__ import annotations

from typing import Any

import numpy as np

from adamtheory.flows.comparison import Comparison
from adamtheory.flows.trajectory import Trajectory
from adamtheory.report import plots

_COLOURS = (plots.BLUE, plots.VERMILION, plots.GREEN, plots.PURPLE)
_MARKS = 25  # discrete steps marked along a trajectory


def flow_figure(solved: Trajectory, title: str, found: Comparison | None = None) -> Any:
    """A matplotlib Figure; without ``found`` only what was solved.  Of many parameters, four spread evenly are drawn.

    Raises ValueError where matplotlib is not installed."""
    figure = plots.new_figure(9.5, 6.6)
    panels = figure.subplots(2, 2, sharex=True)
    drawn = np.unique(np.linspace(0, solved.theta.shape[1] - 1, min(4, solved.theta.shape[1])).astype(int))
    _trajectories(panels[0, 0], solved, drawn, found)
    _deviation(panels[0, 1], found)
    for axes, values, name in ((panels[1, 0], solved.m, "m"), (panels[1, 1], solved.v, "v")):
        for colour, i in zip(_COLOURS, drawn, strict=False):
            axes.plot(solved.t, values[:, i], color=colour, linewidth=1.6)
        axes.set(xlabel="t", ylabel=f"{name}(t), not bias-corrected")
    if (solved.v[:, drawn] > 0).any() and solved.v[:, drawn].max() > 100 * np.median(solved.v[:, drawn]):
        panels[1, 1].set_yscale("log")
    for axes in panels.flat:
        axes.grid(True, color="#DDDDDD", linewidth=0.6)
        axes.set_axisbelow(True)
    figure.suptitle(f"{title}\n{solved.flow.name}", fontsize=10)
    return figure


def _trajectories(axes: Any, solved: Trajectory, drawn: Any, found: Comparison | None) -> None:
    for colour, i in zip(_COLOURS, drawn, strict=False):
        name = "flow" if len(drawn) == 1 else f"parameter {i}"
        axes.plot(solved.t, solved.theta[:, i], color=colour, linewidth=1.6, label=name)
        if found is not None:
            every = slice(None, None, max(1, found.steps.size // _MARKS))
            times = found.steps[every] * found.flow.duration
            axes.plot(times, found.discrete[every, i], "o", color=colour, markersize=4, markerfacecolor="none")
    if found is not None:
        axes.plot([], [], "o", color=plots.BLACK, markersize=4, markerfacecolor="none", label="discrete steps")
    axes.set(ylabel="parameters")
    axes.legend(fontsize=8)


def _deviation(axes: Any, found: Comparison | None) -> None:
    if found is None:
        axes.text(0.5, 0.5, "the flow stopped:\nno comparison", ha="center", va="center", transform=axes.transAxes)
        return
    times = found.steps * found.flow.duration
    seen = found.deviation > 0
    axes.plot(times[seen], found.deviation[seen], color=plots.BLACK, linewidth=1.4)
    axes.axvspan(0, min(found.layer * found.flow.duration, times[-1]), color=plots.SKY, alpha=0.25, linewidth=0)
    axes.set(yscale="log", ylabel="deviation from the discrete method")
    axes.set_title(f"largest {found.error:.2g}; shaded: the initial layer", fontsize=9)
