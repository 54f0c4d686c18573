"""Every method of the package, found by file: a method added as a file is simulated, bounded and tested unasked."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from adamtheory.methods.method import Method


def _discovered() -> dict[str, type[Method]]:
    package = __name__.rpartition(".")[0]
    found: dict[str, type[Method]] = {}
    for module_info in pkgutil.iter_modules(import_module(package).__path__):
        # running needs NumPy, which the symbolic side does without
        if module_info.name in {"registry", "simulation", "run", "gradients"}:
            continue
        module = import_module(f"{package}.{module_info.name}")
        for entry in vars(module).values():
            concrete = inspect.isclass(entry) and issubclass(entry, Method) and not inspect.isabstract(entry)
            if concrete and entry.__module__ == module.__name__:
                if entry.name in found:
                    raise ImportError(f"two methods are named {entry.name!r}: {found[entry.name]} and {entry}")
                found[entry.name] = entry
    return dict(sorted(found.items()))


#: name -> class, e.g. METHODS["adamw"] is AdamW
METHODS: Mapping[str, type[Method]] = MappingProxyType(_discovered())
