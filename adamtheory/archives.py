"""Writing plain arrays to one `.npz` file, at once or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray


def write_archive(target: Path, members: Mapping[str, NDArray[Any]]) -> None:
    """Write the members, without pickle: a reader never meets half a file.

    Raises OSError when the folder cannot be written."""
    # Beside the target, so that replacing it is one operation of the file system.
    temporary = target.with_name(f".{target.name}.{uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            np.savez_compressed(file, allow_pickle=False, **members)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
