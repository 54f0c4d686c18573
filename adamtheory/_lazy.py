"""Names that load on first use (PEP 562): what makes `import adamtheory` cheap."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def attach(package: str, exports: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` for the module `package`; `exports` maps a name to "module" or "module:attribute".

    An unknown name raises AttributeError, as for any module.
    """

    def __getattr__(name: str) -> Any:
        target = exports.get(name)
        if target is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, attribute = target.partition(":")
        loaded = import_module(module)
        value = getattr(loaded, attribute) if attribute else loaded
        setattr(sys.modules[package], name, value)  # the next access costs nothing
        return value

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *exports})

    return __getattr__, __dir__
