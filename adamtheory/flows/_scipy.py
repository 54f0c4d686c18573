"""SciPy, which is an extra of this package, loaded on first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def scipy_module(name: str, wanted_by: str) -> Any:
    """The module ``scipy.<name>``.  ModuleNotFoundError, saying how to get it, without SciPy."""
    try:
        return import_module(f"scipy.{name}")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"{wanted_by} needs scipy: pip install 'adamtheory[flows]'") from error
