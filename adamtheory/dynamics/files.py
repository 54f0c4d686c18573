"""Reading and writing records of norm dynamics: data from people, in which nothing is executed."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adamtheory.archives import write_archive
from adamtheory.dynamics.record import ARRAYS, DTYPES, DynamicsRecord, RunSettings

FORMAT = "adamtheory-dynamics"
VERSION = 1
_MEMBERS = (*ARRAYS, "header", "digest")
# More than any recording meant to travel with a repository; a header that claims more is damaged or hostile.
_MAX_BYTES = 1 << 28


def save_dynamics(path: str | os.PathLike[str], record: DynamicsRecord) -> None:
    """Write ``record`` to ``path`` at once or not at all: a reader never meets half a file.

    Raises TypeError when the metadata is not JSON, OSError when the folder cannot be written.
    """
    target = Path(path)
    arrays = {name: getattr(record, name).astype(DTYPES[name]) for name in ARRAYS}
    header = _header_text(record)
    members: dict[str, NDArray[Any]] = {
        **arrays,
        "header": np.array([header]),
        "digest": np.frombuffer(_digest(header, arrays), dtype=np.uint8),
    }
    write_archive(target, members)


def load_dynamics(path: str | os.PathLike[str]) -> DynamicsRecord:
    """Read a record and check it.

    Raises ValueError, in one line that names the file and the reason, when it cannot be read, is truncated or
    altered, is of another format or version, or holds what no training run can have produced.
    """
    source = Path(path)
    try:
        members = _read_members(source)
        header_text = str(members["header"][0])
        header = _decoded(header_text)
        arrays = {name: members[name] for name in ARRAYS}
        if members["digest"].tobytes() != _digest(header_text, arrays):
            raise ValueError("its SHA-256 does not match its content: it was altered after it was written")
        return DynamicsRecord(
            settings=RunSettings(**header["settings"]),
            matrices=tuple(header["matrices"]),
            shapes=tuple(map(tuple, header["shapes"])),
            metadata=header["metadata"],
            **{name: values.astype(np.dtype(DTYPES[name]).newbyteorder("=")) for name, values in arrays.items()},
        )
    except OSError as error:
        raise ValueError(f"dynamics {source}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"dynamics {source}: truncated or not an .npz file ({_one_line(error)})") from error
    except MemoryError as error:
        raise ValueError(f"dynamics {source}: its arrays claim more memory than there is") from error
    except (ValueError, TypeError, KeyError, RuntimeError) as error:  # RuntimeError: encrypted, unknown compression
        raise ValueError(f"dynamics {source}: {_one_line(error)}") from error


def default_files() -> tuple[Path, ...]:
    """The recordings of a checkout, by name; an installed package does not carry them, and the tuple is empty."""
    import adamtheory

    folder = Path(adamtheory.__file__).resolve().parent.parent / "tests" / "data"
    return tuple(sorted(folder.glob("dynamics_*.npz")))


def _read_members(source: Path) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(source) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        missing = [name for name in _MEMBERS if f"{name}.npy" not in sizes]
        if missing:
            raise ValueError(f"it has no member {missing[0]!r}: not a recording of norm dynamics")
        total = sum(sizes[f"{name}.npy"] for name in _MEMBERS)
        if total > _MAX_BYTES:
            raise ValueError(f"its members take {total} bytes, at most {_MAX_BYTES} are allowed")
        members = {}
        for name in _MEMBERS:
            with archive.open(f"{name}.npy") as member:
                members[name] = np.lib.format.read_array(member, allow_pickle=False)
    for name in ARRAYS:
        if members[name].dtype != np.dtype(DTYPES[name]):
            raise ValueError(f"its member {name!r} is {members[name].dtype}, not {np.dtype(DTYPES[name])}")
    if members["header"].dtype.kind != "U" or members["header"].shape != (1,):
        raise ValueError("its header is not an array of one string")
    if members["digest"].dtype != np.uint8:
        raise ValueError(f"its digest is {members['digest'].dtype}, not uint8")
    return members


def _header_text(record: DynamicsRecord) -> str:
    header = {
        "format": FORMAT,
        "version": VERSION,
        "settings": asdict(record.settings),
        "matrices": record.matrices,
        "shapes": record.shapes,
        "metadata": dict(record.metadata),
    }
    return json.dumps(header, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _decoded(text: str) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"its header is not JSON ({_one_line(error)})") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"its header does not name the format {FORMAT!r}")
    if header.get("version") != VERSION:
        raise ValueError(f"it has format version {header.get('version')!r}, this library reads version {VERSION}")
    kinds = {"settings": (dict, "mapping"), "matrices": (list, "list"), "shapes": (list, "list")}
    for name, (kind, word) in (kinds | {"metadata": (dict, "mapping")}).items():
        if not isinstance(header.get(name), kind):
            raise ValueError(f"its header has no {word} {name!r}")
    return header


def _digest(header: str, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    digest = hashlib.sha256()
    encoded = header.encode()
    digest.update(len(encoded).to_bytes(8, "little") + encoded)
    for name in ARRAYS:
        digest.update(f"{name}{tuple(int(size) for size in arrays[name].shape)!r}".encode())
        digest.update(np.ascontiguousarray(arrays[name], dtype=DTYPES[name]).tobytes())
    return digest.digest()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error.args[0] if error.args else error).split()) or type(error).__name__
