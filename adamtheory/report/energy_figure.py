"""Where the energy of Adam's flow decreases at all times, in the (beta, gamma) square: certified boxes, one panel for
each convention of the rates, beside the curves of equal rates.

Both axes are logits: they show the corner near 1 and, for forward Euler's rates, the gammas near 0 where the energy can
grow early on.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from adamtheory.lyapunov.energy_boxes import Box
from adamtheory.lyapunov.energy_region import EnergyRegion
from adamtheory.notation import DecayRate
from adamtheory.report import plots
from adamtheory.report.numbers import decimal

_FINE = 1200
_SHADES = {"inner": "#DCEBF7", "late": "#F3D3C2", "early": "#C0392B", "undecided": "#F6DE8D"}
_TITLES = {
    DecayRate.first_order: r"first order: $\lambda=(1-\alpha)/\alpha$",
    DecayRate.forward_euler: r"forward Euler: $\lambda=1-\alpha$",
    DecayRate.exact: r"exact: $\lambda=-\ln\alpha$",
}
_ACROSS = (1e-5, 1 - 1e-5)  # beta
_UP = (1e-10, 1 - 1e-5)  # gamma
_BETAS = {1e-4: "$10^{-4}$", 1e-2: "0.01", 0.1: "0.1", 0.5: "0.5", 0.9: "0.9", 0.99: "0.99", 0.999: "0.999"}
_BETAS |= {0.9999: "0.9999"}
_GAMMAS = {1e-9: "$10^{-9}$", 1e-8: "$10^{-8}$", 1e-6: "$10^{-6}$"} | _BETAS


def energy_figure(
    regions: Sequence[EnergyRegion], at: tuple[Fraction, Fraction] = (Fraction(999, 1000), Fraction(9, 10))
) -> Any:
    """A matplotlib Figure with one panel a region, (beta, gamma) = ``at`` marked.

    Raises ValueError where matplotlib is not installed."""
    figure = plots.new_figure(5.0 * len(regions), 6.6)
    panels = figure.subplots(1, len(regions), squeeze=False, sharey=True)[0]
    for axes, region in zip(panels, regions, strict=True):
        _boxes(axes, region)
        _curves(axes, region.convention)
        _mark(axes, at)
        _scales(axes)
        axes.set(xlabel=r"$\beta$ (second moment)", title=_TITLES[region.convention])
        axes.title.set_fontsize(10)
    panels[0].set_ylabel(r"$\gamma$ (first moment)")
    early = any(region.early for region in regions)
    figure.legend(handles=_legend(early), loc="outside lower center", ncols=4, frameon=False, fontsize=8.5)
    figure.get_layout_engine().set(h_pad=0.1, w_pad=0.1)
    shift = regions[0].shift
    start = f", bias correction {decimal(shift)} step{'' if shift == 1 else 's'} ahead" if shift else ""
    figure.suptitle("Where the energy of Adam's flow decreases at all times, certified" + start, fontsize=12)
    return figure


def _boxes(axes: Any, region: EnergyRegion) -> None:
    late = tuple(box for box in region.outer if box.all_faster(4, region.convention))
    for name, boxes in (
        ("inner", region.inner),
        ("late", late),
        ("early", region.early),
        ("undecided", region.undecided),
    ):
        _fill(axes, boxes, _SHADES[name])


def _fill(axes: Any, boxes: Sequence[Box], colour: str) -> None:
    from matplotlib.collections import PolyCollection

    corners = np.array(
        [[float(x) for x in (box.beta_low, box.beta_high, box.gamma_low, box.gamma_high)] for box in boxes]
    ).reshape(-1, 4)
    left, right = (np.clip(side, _ACROSS[0] / 2, (1 + _ACROSS[1]) / 2) for side in corners[:, :2].T)
    low, high = (np.clip(side, _UP[0] / 2, (1 + _UP[1]) / 2) for side in corners[:, 2:].T)
    seen = (left < right) & (low < high)
    outlines = np.stack([np.stack([left, left, right, right], 1), np.stack([low, high, high, low], 1)], 2)[seen]
    # Without smoothed edges no seams show between neighbours.
    axes.add_collection(
        PolyCollection(list(outlines), facecolors=colour, edgecolors="none", antialiaseds=False, rasterized=True)
    )


def _curves(axes: Any, convention: DecayRate) -> None:
    logits = np.linspace(-14, 14, _FINE)
    beta, rest = 1 / (1 + np.exp(-logits)), 1 / (1 + np.exp(logits))  # beta and 1 - beta
    for times, style in ((4, "-"), (2, "--")):
        if convention is DecayRate.exact:
            gamma = beta ** (1 / times)
        elif convention is DecayRate.first_order:
            gamma = times * beta / (times * beta + rest)
        else:
            gamma = 1 - rest / times
        axes.plot(beta, gamma, color=plots.BLACK if times == 4 else plots.BLUE, linewidth=1.3, linestyle=style)


def _mark(axes: Any, at: tuple[Fraction, Fraction]) -> None:
    beta, gamma = (float(x) for x in at)
    if not (_ACROSS[0] <= beta <= _ACROSS[1] and _UP[0] <= gamma <= _UP[1]):
        return
    star = {"marker": "*", "markersize": 15, "color": plots.PURPLE, "markeredgecolor": "black", "clip_on": False}
    axes.plot(beta, gamma, linestyle="none", zorder=5, **star)
    left, low = beta > 0.5, gamma < 1e-6
    axes.annotate(
        rf"$\beta={decimal(at[0])}$, $\gamma={decimal(at[1])}$",
        (beta, gamma),
        xytext=(-10 if left else 10, 9 if low else -17),
        textcoords="offset points",
        ha="right" if left else "left",
        fontsize=9,
        zorder=6,
        bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": plots.PURPLE, "pad": 2},
    )


def _scales(axes: Any) -> None:
    axes.set(xscale="logit", yscale="logit", xlim=_ACROSS, ylim=_UP)
    for axis, ticks in ((axes.xaxis, _BETAS), (axes.yaxis, _GAMMAS)):
        locator, formatter = plots.fixed_ticks(list(ticks), list(ticks.values()))
        axis.set_major_locator(locator)
        axis.set_major_formatter(formatter)
        axis.set_minor_locator(plots.fixed_ticks([], [])[0])
    axes.tick_params(labelsize=8)


def _legend(early: bool) -> list[Any]:
    def shade(name: str, label: str) -> Any:
        return plots.patch(facecolor=_SHADES[name], edgecolor=plots.GREY, label=label)

    return [
        shade("inner", r"decreases at all times: $\inf\,c>0$"),
        shade("late", r"can grow in the end: $c(\infty)<0$"),
        *([shade("early", r"can grow early on: $c(s)<0<c(\infty)$")] if early else []),
        shade("undecided", "not decided"),
        plots.line(color=plots.BLACK, linewidth=1.3, label=r"$\lambda_2=4\lambda_1$"),
        plots.line(color=plots.BLUE, linewidth=1.3, linestyle="--", label=r"$\lambda_2=2\lambda_1$ ($C=0$)"),
        plots.line(
            color=plots.PURPLE, marker="*", markersize=11, markeredgecolor="black", linestyle="none", label="your point"
        ),
    ]
