"""The (beta, gamma) square of Adam: the exact boundary, that of the paper, level curves of C and their normal curves.

After Figure 1 and Appendix F of Gould & Tanaka (2024), with the exact boundary gamma^2 = beta of the discrete updates
drawn beside theirs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adamtheory.methods import Adam
from adamtheory.report import plots
from adamtheory.report.numbers import decimal
from adamtheory.report.region import Point, point

_FINE = 1200
_SHADES = {"B+": "#DCEBF7", "strip": "#F6DE8D", "B-": "#F3D3C2"}
_NEAREST = 1e-5  # 1 - beta and 1 - gamma where the panel of values near 1 ends
_FAR = 0.5


def region_figure(at: Point | None = None) -> Any:
    """A matplotlib Figure of two panels, the whole square and the values near 1, with ``at`` marked (PyTorch's
    defaults for None).  Raises ValueError where matplotlib is not installed."""
    figure = plots.new_figure(11.0, 6.0)
    whole, near = figure.subplots(1, 2)
    _whole_square(whole)
    _near_one(near)
    at = point(Adam()) if at is None else at
    _mark(whole, near, at)
    figure.legend(handles=_legend(), loc="outside lower center", ncols=4, frameon=False, fontsize=8.5)
    figure.get_layout_engine().set(h_pad=0.1, w_pad=0.1)
    figure.suptitle("Where Adam's update stays bounded, over all gradient sequences and all steps", fontsize=12)
    return figure


def _whole_square(axes: Any) -> None:
    beta = np.linspace(1e-6, 1, _FINE)
    exact, printed = np.sqrt(beta), 2 * beta / (1 + beta)
    _areas(axes, beta, printed, exact, np.zeros_like(beta), np.ones_like(beta))
    for size, where in {-4: 0.15, -1: 0.36, 1: 0.40, 4: 0.60, 16: 0.80}.items():
        _level(axes, beta, 2 / (size + 1 + 1 / beta), f"$C={size}$", at=where)
    for constant in (0.05, 0.25, 0.7, 1.4, 2.1, 2.6):
        across, up = _normal_curve(constant)
        axes.plot(across, up, color=plots.GREY, linestyle=":", linewidth=1)
    axes.text(0.72, 0.43, r"$B^+$: $C>0$", fontsize=13, ha="center")
    axes.text(0.16, 0.80, r"$B^-$: $C<0$," + "\nunbounded", fontsize=13, ha="center", va="center")
    axes.annotate(
        "strip: bounded,\nthough $C \\leq 0$",
        xy=(0.25, 0.45),
        xytext=(0.33, 0.93),
        ha="center",
        va="center",
        fontsize=9.5,
        arrowprops={"arrowstyle": "-", "color": plots.BLACK, "linewidth": 0.8},
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel=r"$\beta$ (second moment)")
    axes.set(ylabel=r"$\gamma$ (first moment)", title="the whole square")
    axes.title.set_fontsize(10)


def _near_one(axes: Any) -> None:
    left = np.geomspace(_NEAREST, _FAR, _FINE)  # 1 - beta
    # 1 - sqrt(beta) and 1 - 2 beta/(1 + beta) without cancellation
    exact, printed = left / (1 + np.sqrt(1 - left)), left / (2 - left)
    _areas(axes, left, printed, exact, np.full_like(left, _FAR), np.full_like(left, _NEAREST))
    # On a level curve 1/beta = 2/gamma - 1 - C; written so that nothing cancels near 1.
    beta = 1 - left
    up = np.geomspace(_NEAREST, _FAR, _FINE)  # 1 - gamma
    steepness = 2 * up / (1 - up)
    for exponent in (-4, -3, -2, -1):
        size = 10.0**exponent
        _level(axes, left, (size + left / beta) / (size + 1 + 1 / beta), f"$C=10^{{{exponent}}}$", at=3.2e-5)
        across = (steepness + size) / (1 + steepness + size)
        axes.plot(across, up, color=plots.BLUE, linewidth=0.8)
        _label(axes, float(across[0]), 2.2e-5, f"$-10^{{{exponent}}}$")
    for constant in (10.0**-e for e in (4, 3, 2, 1, 0)):
        rest, up_rest = _normal_curve_near_one(constant)
        axes.plot(rest, up_rest, color=plots.GREY, linestyle=":", linewidth=1)
    axes.text(4e-5, 1.6e-2, r"$B^+$", fontsize=13, ha="center", va="center")
    axes.text(4e-2, 2.5e-4, r"$B^-$", fontsize=13, ha="center", va="center")
    axes.set(xscale="log", yscale="log", xlim=(_FAR, _NEAREST), ylim=(_FAR, _NEAREST), aspect="equal")
    positions = [0.5, 0.1, 1e-2, 1e-3, 1e-4, 1e-5]
    labels = ["0.5", "0.9", "0.99", "0.999", "0.9999", "0.99999"]
    for axis in (axes.xaxis, axes.yaxis):
        locator, formatter = plots.fixed_ticks(positions, labels)
        axis.set_major_locator(locator)
        axis.set_major_formatter(formatter)
        axis.set_minor_locator(plots.fixed_ticks([], [])[0])
    axes.set(xlabel=r"$\beta$", ylabel=r"$\gamma$", title="values near 1")
    axes.title.set_fontsize(10)


def _areas(axes: Any, across: Any, printed: Any, exact: Any, below: Any, above: Any) -> None:
    axes.fill_between(across, below, printed, color=_SHADES["B+"], linewidth=0)
    axes.fill_between(across, printed, exact, color=_SHADES["strip"], linewidth=0)
    axes.fill_between(across, exact, above, color=_SHADES["B-"], linewidth=0)
    axes.plot(across, printed, color=plots.VERMILION, linewidth=1.8, linestyle="--")
    axes.plot(across, exact, color=plots.BLACK, linewidth=1.8)


def _level(axes: Any, across: Any, level: Any, text: str, *, at: float) -> None:
    axes.plot(across, np.where(level > 0, level, np.nan), color=plots.BLUE, linewidth=0.8)
    here = int(np.argmin(abs(across - at)))
    _label(axes, float(across[here]), float(level[here]), text)


def _label(axes: Any, x: float, y: float, text: str) -> None:
    box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.8}
    axes.text(x, y, text, color=plots.BLUE, fontsize=8, ha="center", va="center", bbox=box)


def _normal_curve(constant: float) -> tuple[Any, Any]:
    """gamma^3 + 2 beta^3 = constant by an angle, so that both steep ends are drawn out; the part inside the square."""
    angle = np.linspace(0, np.pi / 2, _FINE)
    beta, gamma = np.cbrt(constant / 2 * np.cos(angle) ** 2), np.cbrt(constant * np.sin(angle) ** 2)
    inside = (beta < 1) & (gamma < 1)
    return beta[inside], gamma[inside]


def _normal_curve_near_one(rest: float) -> tuple[Any, Any]:
    """1 - beta and 1 - gamma where (1 - gamma^3) + 2 (1 - beta^3) = rest, both shares down to nearly 0."""
    share = np.concatenate((np.geomspace(1e-6, 0.5, _FINE), 1 - np.geomspace(0.5, 1e-6, _FINE)))
    return -np.expm1(np.log1p(-rest * share / 2) / 3), -np.expm1(np.log1p(-rest * (1 - share)) / 3)


def _mark(whole: Any, near: Any, at: Point) -> None:
    beta, gamma = float(at.beta), float(at.gamma)
    label = rf"$\beta={decimal(at.beta)}$, $\gamma={decimal(at.gamma)}$"
    star = {"marker": "*", "markersize": 15, "color": plots.PURPLE, "markeredgecolor": "black", "clip_on": False}
    for axes, place in ((whole, (beta, gamma)), (near, (float(1 - at.beta), float(1 - at.gamma)))):
        if axes is near and not all(_NEAREST <= x <= _FAR for x in place):
            continue
        axes.plot(*place, linestyle="none", zorder=5, **star)
        left, low = (beta > 0.5, gamma < 0.12) if axes is whole else (place[0] < 3e-3, place[1] > 0.2)
        axes.annotate(
            label,
            place,
            xytext=(-10 if left else 10, 9 if low else -15),
            textcoords="offset points",
            ha="right" if left else "left",
            fontsize=9.5,
            zorder=6,
            bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": plots.PURPLE, "pad": 2},
        )


def _legend() -> list[Any]:
    return [
        plots.patch(facecolor=_SHADES["B+"], edgecolor=plots.GREY, label="bounded, and $C>0$"),
        plots.patch(facecolor=_SHADES["strip"], edgecolor=plots.GREY, label=r"bounded, though $C\leq 0$"),
        plots.patch(facecolor=_SHADES["B-"], edgecolor=plots.GREY, label="unbounded"),
        plots.line(color=plots.BLACK, linewidth=1.8, label=r"exact boundary $\gamma^2=\beta$"),
        plots.line(
            color=plots.VERMILION, linewidth=1.8, linestyle="--", label=r"$B^0$: $C(\beta,\gamma)=0$ (Theorem 1)"
        ),
        plots.line(color=plots.BLUE, linewidth=0.8, label=r"level curves of $C$"),
        plots.line(color=plots.GREY, linewidth=1, linestyle=":", label=r"normal curves $\gamma^3+2\beta^3=K$"),
        plots.line(
            color=plots.PURPLE, marker="*", markersize=11, markeredgecolor="black", linestyle="none", label="your point"
        ),
    ]
