"""The theory of Adam and its relatives: symbolic statements, machine-checked derivations, and runs that test them.

The names below load on first use (PEP 562), so `import adamtheory` costs next to nothing and pulls in neither torch,
z3 nor python-flint.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name -> "module" or "module:attribute".
_EXPORTS = {
    "catalogue": "adamtheory.catalogue",
    "lowering": "adamtheory.lowering",
    "methods": "adamtheory.methods",
    "notation": "adamtheory.notation",
    "proof": "adamtheory.proof",
    "propositions": "adamtheory.propositions",
    "recordings": "adamtheory.recordings",
    "testing": "adamtheory.testing",
}

__all__ = ["__version__", *_EXPORTS]


def __getattr__(name: str) -> Any:
    target = _EXPORTS.get(name)
    if target is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = target.partition(":")
    loaded = import_module(module)
    value = getattr(loaded, attribute) if attribute else loaded
    globals()[name] = value  # the next access costs nothing
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
