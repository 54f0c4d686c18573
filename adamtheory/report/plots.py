"""What the figures share: matplotlib on demand and without a display, colours that the colour-blind tell apart.

matplotlib is loaded by whoever draws; nothing else of the package needs it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

# Okabe & Ito (2008), "Color Universal Design".
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
GREY = "#707070"


def new_figure(width: float, height: float) -> Any:
    """An empty matplotlib Figure, sizes in inches, that no display and no global state takes part in.

    Raises ValueError where matplotlib is not installed."""
    return _matplotlib("matplotlib.figure").Figure(figsize=(width, height), dpi=160, layout="constrained")


def patch(**style: Any) -> Any:
    """A coloured box for a legend."""
    return _matplotlib("matplotlib.patches").Patch(**style)


def line(**style: Any) -> Any:
    """A line for a legend."""
    return _matplotlib("matplotlib.lines").Line2D([], [], **style)


def fixed_ticks(positions: list[float], labels: list[str]) -> tuple[Any, Any]:
    """A locator and a formatter with these ticks and no others."""
    ticker = _matplotlib("matplotlib.ticker")
    return ticker.FixedLocator(positions), ticker.FixedFormatter(labels)


def require_drawing(target: Path) -> None:
    """Before the work: is there a matplotlib, and does it write files with this extension?  ValueError where not."""
    canvas = _matplotlib("matplotlib.backend_bases").FigureCanvasBase
    known = sorted(canvas.get_supported_filetypes())
    extension = target.suffix.removeprefix(".").lower()
    if extension not in known:
        raise ValueError(f"plot must be a file with one of the extensions {', '.join(known)}, got {str(target)!r}")


def save(figure: Any, target: Path) -> None:
    """Write a figure; the extension says in which format.  Raises OSError where it cannot be written."""
    figure.savefig(target)


def _matplotlib(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ValueError("plot needs matplotlib, which is not installed: pip install matplotlib") from error
