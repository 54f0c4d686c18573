"""Recorded gradients of real training runs: one `.npz` file, plain arrays and JSON, no pickle.

A file holds three members: `gradients`, float32 of shape (parameters, steps); `header`, UTF-8 JSON as uint8, with the
format's name and version, the parameters' names and labels, and free metadata; `digest`, the SHA-256 over the
header and the gradients' shape and bytes, 32 uint8. A file that was truncated or altered is therefore noticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adamtheory.archives import write_archive
from adamtheory.validation import one_of, reject

FORMAT = "adamtheory-gradients"
VERSION = 1
LABELS = ("ordinary", "rare", "silent")

# More than any recording meant to travel with a repository; a header that claims more is damaged or hostile.
_MAX_BYTES = 1 << 30

_MEMBERS = ("gradients", "header", "digest")


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """Gradients of single scalar parameters along one training run.

    gradients: float32, shape (parameters, steps), finite, read-only; a row is one parameter's sequence.
    names: one a row, unique, such as "blocks.0.mlp_in.weight[3, 17]".
    labels: one a row: "ordinary"; "rare" (exactly zero but for a few bursts); "silent" (zero from some step on).
    metadata: what is known of the run (model, optimizer, seed, ...): JSON values.

    Raises TypeError or ValueError, in one line, for gradients of another dtype or shape, non-finite gradients, and
    names, labels or metadata that do not fit.
    """

    gradients: NDArray[np.float32]
    names: tuple[str, ...]
    labels: tuple[str, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        gradients = self.gradients
        if not isinstance(gradients, np.ndarray) or gradients.dtype != np.float32:
            found = getattr(gradients, "dtype", type(gradients).__name__)
            reject("gradients", str(found), "a NumPy array of float32", TypeError)
        if gradients.ndim != 2 or 0 in gradients.shape:
            reject("gradients", gradients.shape, "of shape (parameters, steps), neither of them 0")
        bad = np.argwhere(~np.isfinite(gradients))
        if len(bad):
            row, step = (int(i) for i in bad[0])
            reject(f"gradients[{row}, {step}]", float(gradients[row, step]), "finite")
        for argument, values in (("names", self.names), ("labels", self.labels)):
            if not isinstance(values, tuple) or not all(isinstance(value, str) for value in values):
                reject(argument, values, "a tuple of strings", TypeError)
            if len(values) != len(gradients):
                reject(argument, values, f"one a row of gradients ({len(gradients)})")
        if len(set(self.names)) != len(self.names):
            reject("names", next(name for name in self.names if self.names.count(name) > 1), "unique")
        for label in self.labels:
            one_of("labels", label, LABELS)
        if not isinstance(self.metadata, Mapping):
            reject("metadata", self.metadata, "a mapping of JSON values", TypeError)
        frozen = np.array(gradients, dtype=np.float32, order="C")
        frozen.setflags(write=False)
        object.__setattr__(self, "gradients", frozen)
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    @property
    def steps(self) -> int:
        """Number of gradients seen by each parameter."""
        return int(self.gradients.shape[1])

    def rows(self, label: str) -> NDArray[np.float32]:
        """The sequences with this label, shape (parameters with it, steps); ValueError for an unknown label."""
        one_of("label", label, LABELS)
        return self.gradients[[i for i, other in enumerate(self.labels) if other == label]]


def save_recording(path: str | os.PathLike[str], recording: Recording) -> None:
    """Write `recording` to `path` at once or not at all: a reader never meets half a file.

    Raises TypeError when the metadata is not JSON, OSError when the folder cannot be written.
    """
    target = Path(path)
    header = _encode_header(recording)
    members: dict[str, NDArray[Any]] = {
        "gradients": recording.gradients,
        "header": np.frombuffer(header, dtype=np.uint8),
        "digest": np.frombuffer(_digest(header, recording.gradients), dtype=np.uint8),
    }
    write_archive(target, members)


def load_recording(path: str | os.PathLike[str]) -> Recording:
    """Read a recording and check it. The file is data from people: nothing in it is executed.

    Raises ValueError, in one line that names the file and the reason, when it cannot be read, is truncated or
    altered, or is of another format or version.
    """
    source = Path(path)
    try:
        members = _read_members(source)
        header_bytes = members["header"].tobytes()
        header = _decode_header(header_bytes)
        gradients = members["gradients"]
        if gradients.dtype != np.float32 or gradients.ndim != 2:
            raise ValueError(f"its gradients are {gradients.dtype} of {gradients.ndim} axes, not float32 of 2")
        if members["digest"].tobytes() != _digest(header_bytes, gradients):
            raise ValueError("its SHA-256 does not match its content: it was altered after it was written")
        return Recording(
            gradients=gradients,
            names=tuple(header["names"]),
            labels=tuple(header["labels"]),
            metadata=header["metadata"],
        )
    except OSError as error:
        raise ValueError(f"recording {source}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"recording {source}: truncated or not an .npz file ({_one_line(error)})") from error
    except MemoryError as error:
        raise ValueError(f"recording {source}: its arrays claim more memory than there is") from error
    except (ValueError, TypeError, KeyError, RuntimeError) as error:  # RuntimeError: encrypted, unknown compression
        raise ValueError(f"recording {source}: {_one_line(error)}") from error


def _read_members(source: Path) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(source) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        missing = [name for name in _MEMBERS if f"{name}.npy" not in sizes]
        if missing:
            raise ValueError(f"it has no member {missing[0]!r}: not a recording of gradients")
        total = sum(sizes[f"{name}.npy"] for name in _MEMBERS)
        if total > _MAX_BYTES:
            raise ValueError(f"its members take {total} bytes, at most {_MAX_BYTES} are allowed")
        members = {}
        for name in _MEMBERS:
            with archive.open(f"{name}.npy") as member:
                members[name] = np.lib.format.read_array(member, allow_pickle=False)
    for name in ("header", "digest"):
        if members[name].dtype != np.uint8:
            raise ValueError(f"its member {name!r} is {members[name].dtype}, not uint8")
    return members


def _encode_header(recording: Recording) -> bytes:
    header = {
        "format": FORMAT,
        "version": VERSION,
        "names": recording.names,
        "labels": recording.labels,
        "metadata": dict(recording.metadata),
    }
    return json.dumps(header, ensure_ascii=False, sort_keys=True, allow_nan=False).encode()


def _decode_header(encoded: bytes) -> dict[str, Any]:
    try:
        header = json.loads(encoded.decode())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"its header is not JSON ({_one_line(error)})") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"its header does not name the format {FORMAT!r}")
    if header.get("version") != VERSION:
        raise ValueError(f"it has format version {header.get('version')!r}, this library reads version {VERSION}")
    for name in ("names", "labels"):
        if not isinstance(header.get(name), list):
            raise ValueError(f"its header has no list of {name}")
    if not isinstance(header.get("metadata"), dict):
        raise ValueError("its header has no metadata")
    return header


def _digest(header: bytes, gradients: NDArray[np.float32]) -> bytes:
    digest = hashlib.sha256()
    digest.update(len(header).to_bytes(8, "little") + header)
    digest.update(repr(tuple(int(size) for size in gradients.shape)).encode())
    # Little-endian whatever the machine, so that a digest means the same everywhere.
    digest.update(np.ascontiguousarray(gradients, dtype="<f4").tobytes())
    return digest.digest()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error.args[0] if error.args else error).split()) or type(error).__name__
