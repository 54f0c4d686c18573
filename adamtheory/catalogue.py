"""Where the library's own theorems lie: inside an installed package, or in `proofs/` of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def default_paths() -> tuple[Path, ...]:
    """Folders of the theorems that ship with the library, absolute, in the order in which they are verified.

    A wheel carries `proofs/` as `adamtheory/_catalogue`, so that it is found from any working directory and no import
    name `proofs` is claimed; a checkout or an editable install reads `proofs/` itself, so edits count at once.

    Raises FileNotFoundError when the installation has neither (a damaged install).
    """
    for folder in (_PACKAGE / "_catalogue", _PACKAGE.parent / "proofs"):
        if folder.is_dir():
            return (folder,)
    raise FileNotFoundError(f"no theorems beside {_PACKAGE}: expected _catalogue in it, or proofs beside it")
