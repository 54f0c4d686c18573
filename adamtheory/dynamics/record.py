"""What one training run did to the norms of some of its weight matrices, and the file that holds it.

A file is `.npz` without pickle: one member for each array of `DynamicsRecord`; `header`, JSON in a string array, with
the format's name and version, the matrices, the settings and free metadata; `digest`, the SHA-256 over the header and
the arrays. A file that was truncated or altered is therefore noticed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adamtheory.validation import boolean, integer, one_of, reject

NORMALISERS = ("elementwise", "scalar")
# Beyond rounding: an inner product that exceeds the product of the norms by more than this is not one.
_SLACK = 1e-9
# No training run; products of two such numbers still are finite.
_LARGEST = 1e100

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """How the recorded matrices were trained: AdamW, theta_{n+1} = theta_n - lr (u_n + weight_decay theta_n).

    normaliser: "elementwise" (Adam's own v) or "scalar": v is the moving average of the mean of g^2 over the matrix,
    the coarse-graining of Assumption 2 (Gould & Tanaka 2024). qk_norm: do query and key pass a layer-norm, so that
    the loss does not depend on the scale of the matrix? norm_eps: the epsilon of that layer-norm; the loss is exactly
    scale-invariant at 0 alone.

    Raises TypeError or ValueError, in one line, for what AdamW does not allow.
    """

    gamma: float
    beta: float
    lr: float
    weight_decay: float
    eps: float
    normaliser: str
    qk_norm: bool
    norm_eps: float
    seed: int

    def __post_init__(self) -> None:
        for name in ("gamma", "beta", "lr", "weight_decay", "eps", "norm_eps"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                reject(name, value, "a number", TypeError)
            top = 1 if name in ("gamma", "beta") else math.inf
            if not (0 <= value < top) or (name == "lr" and value == 0):
                reject(
                    name, value, "in [0, 1)" if top == 1 else "finite and > 0" if name == "lr" else "finite and >= 0"
                )
            object.__setattr__(self, name, float(value))
        one_of("normaliser", self.normaliser, NORMALISERS)
        boolean("qk_norm", self.qk_norm)
        integer("seed", self.seed, minimum=0)

    @property
    def scale_invariant(self) -> bool:
        """Is the loss exactly independent of the scale of each recorded matrix?"""
        return self.qk_norm and self.norm_eps == 0


# Arrays of shape (matrices, steps): squared norms, and inner products with the two norms that bound them.
_SQUARES = ("gradient_squared", "momentum_squared", "update_squared", "step_squared")
_INNER = {
    "gradient_inner": "gradient_squared",
    "momentum_inner": "momentum_squared",
    "update_inner": "update_squared",
}
#: the arrays of shape (matrices, steps)
PER_STEP = (*_SQUARES, *_INNER, "normaliser", "alignment", "cosine")


@dataclass(frozen=True, kw_only=True, eq=False)
class DynamicsRecord:
    """Norms and inner products of M weight matrices over N steps of one training run; arrays are read-only.

    matrices, shapes: name and (rows, columns) of each. Float64 of shape (M, N), at step n = 0, ..., N-1:
    gradient_inner, momentum_inner, update_inner: <W_n, g_n>, <W_n, m_n>, <W_n, u_n>;
    gradient_squared, momentum_squared, update_squared, step_squared: |g_n|^2, |m_n|^2, |u_n|^2, |W_{n+1} - W_n|^2;
    normaliser: c_n, u_n = c_n m_n, where it is a scalar, else |u_n|/|m_n|;
    alignment: the cosine between u_n and m_n, 1 for a scalar normaliser; cosine: that between W_n and W_{n+1}.
    norm_squared: |W_n|^2, shape (M, N+1). loss: shape (N,).
    references: R step indices; past_cosine: float32 of shape (M, R, N), the cosine between W_n for n = references[r]
    and the gradients g_k, k <= n, and 0 beyond (Assumption 1).
    entries: float32 of shape (M, E, N+1), some entries of W_n.

    Raises TypeError or ValueError, in one line, for arrays that do not fit each other, are not finite, or break the
    Cauchy-Schwarz inequality.
    """

    settings: RunSettings
    matrices: tuple[str, ...]
    shapes: tuple[tuple[int, int], ...]
    norm_squared: Floats
    gradient_inner: Floats
    momentum_inner: Floats
    update_inner: Floats
    gradient_squared: Floats
    momentum_squared: Floats
    update_squared: Floats
    step_squared: Floats
    normaliser: Floats
    alignment: Floats
    cosine: Floats
    loss: Floats
    references: NDArray[np.int64]
    past_cosine: NDArray[np.float32]
    entries: NDArray[np.float32]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.settings, RunSettings):
            reject("settings", self.settings, "RunSettings", TypeError)
        if not isinstance(self.metadata, Mapping):
            reject("metadata", self.metadata, "a mapping of JSON values", TypeError)
        self._check_matrices()
        for name in ARRAYS:
            object.__setattr__(self, name, _frozen(name, getattr(self, name)))
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))
        self._check_shapes()
        self._check_values()

    @property
    def steps(self) -> int:
        """Number of steps taken, N."""
        return int(self.loss.shape[0])

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Number of entries of each matrix, shape (M,)."""
        return np.array([rows * columns for rows, columns in self.shapes])

    @property
    def final_loss(self) -> float:
        """The mean loss of the last tenth of the run."""
        return float(self.loss[-max(1, self.steps // 10) :].mean())

    def _check_matrices(self) -> None:
        if not isinstance(self.matrices, tuple) or not all(isinstance(name, str) for name in self.matrices):
            reject("matrices", self.matrices, "a tuple of strings", TypeError)
        if not self.matrices or len(set(self.matrices)) != len(self.matrices):
            reject("matrices", self.matrices, "at least one name, all of them different")
        if not isinstance(self.shapes, tuple) or len(self.shapes) != len(self.matrices):
            reject("shapes", self.shapes, f"a tuple of one (rows, columns) a matrix ({len(self.matrices)})")
        for shape in self.shapes:
            if not isinstance(shape, tuple) or len(shape) != 2:
                reject("shapes", shape, "pairs (rows, columns)", TypeError)
            for size in shape:
                integer("shapes", size, minimum=1)

    def _check_shapes(self) -> None:
        if self.loss.ndim != 1 or not len(self.loss):
            reject("loss", self.loss.shape, "of shape (steps,), steps >= 1")
        count, steps = len(self.matrices), self.steps
        wanted: dict[str, tuple[int | None, ...]] = dict.fromkeys(PER_STEP, (count, steps))
        wanted["norm_squared"] = (count, steps + 1)
        wanted["references"] = (None,)
        wanted["past_cosine"] = (count, len(self.references) if self.references.ndim == 1 else None, steps)
        wanted["entries"] = (count, None, steps + 1)
        for name, shape in wanted.items():
            found = getattr(self, name).shape
            if len(found) != len(shape) or any(w not in (None, f) for w, f in zip(shape, found, strict=True)):
                text = ", ".join("any" if size is None else str(size) for size in shape)
                reject(name, found, f"of shape ({text})")
        if not ((self.references >= 0) & (self.references < steps)).all():
            reject("references", self.references.tolist(), f"step indices from 0 to {steps - 1}")

    def _check_values(self) -> None:
        for name in ("norm_squared", *_SQUARES, "normaliser"):
            values = getattr(self, name)
            _require(name, values, (values >= 0) & (values <= _LARGEST), f"in [0, {_LARGEST:g}]")
        for name in ("alignment", "cosine", "past_cosine"):
            _require(name, getattr(self, name), np.abs(getattr(self, name)) <= 1 + 1e-6, "a cosine, in [-1, 1]")
        for name, square in _INNER.items():
            largest = np.sqrt(self.norm_squared[:, :-1] * getattr(self, square))
            inner = getattr(self, name)
            _require(name, inner, np.abs(inner) <= largest * (1 + _SLACK), "at most the product of the two norms")


#: the arrays of a record, in the order in which a file lists and digests them
ARRAYS = tuple(
    entry.name for entry in fields(DynamicsRecord) if entry.name not in ("settings", "matrices", "shapes", "metadata")
)
#: their dtypes, little-endian on every machine
DTYPES = dict.fromkeys(ARRAYS, "<f8") | {"references": "<i8", "past_cosine": "<f4", "entries": "<f4"}


def _frozen(name: str, values: Any) -> NDArray[Any]:
    wanted = np.dtype(DTYPES[name])
    if not isinstance(values, np.ndarray) or values.dtype != wanted:
        found = getattr(values, "dtype", type(values).__name__)
        reject(name, str(found), f"a NumPy array of {wanted.name}", TypeError)
    _require(name, values, np.isfinite(values), "finite")
    copy: NDArray[Any] = np.array(values, order="C")
    copy.setflags(write=False)
    return copy


def _require(name: str, values: NDArray[Any], good: NDArray[np.bool_], allowed: str) -> None:
    bad = np.argwhere(~good)
    if len(bad):
        place = tuple(int(i) for i in bad[0])
        reject(f"{name}[{', '.join(map(str, place))}]", float(values[place]), allowed)
