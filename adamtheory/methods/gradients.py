"""Reading gradients, start points and batched hyperparameters for a run, with one-line refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adamtheory.lowering import exact_fraction
from adamtheory.validation import reject, shown


def as_array(argument: str, value: Any) -> Any:
    """A NumPy array or torch tensor as it is; lists become float arrays, or object arrays of exact numbers."""
    if hasattr(value, "detach"):
        return value
    try:
        array = np.asarray(value)
    except ValueError:  # ragged nested lists
        reject(argument, value, "an array whose rows have equal length")
    if array.dtype.kind in "US":
        array = np.asarray(value, dtype=object)
    if array.dtype.kind not in "fiuO":
        reject(argument, value, "an array of real numbers", TypeError)
    return array


def read_gradients(gradients: Any) -> Any:
    """Gradients of shape (*batch, N) as an array; ValueError or TypeError for empty or non-finite ones."""
    array = as_array("gradients", gradients)
    shape = tuple(array.shape)
    if not shape:
        reject("gradients", gradients, "an array of shape (*batch, N) with the steps last, or a callable with steps=N")
    if 0 in shape:
        reject("gradients", f"shape {shape}", "non-empty")
    check_finite("gradients", array)
    if getattr(array.dtype, "kind", "") == "O":
        for entry in array.flat:
            if isinstance(entry, (str, bool)) or entry is None:
                exact_fraction(entry, "gradients")
    return array


def check_finite(argument: str, array: Any) -> None:
    """ValueError naming the first entry that is NaN or infinite. Exact and ball entries are finite by construction."""
    if getattr(array.dtype, "kind", "f") == "O":
        bad = [index for index in np.ndindex(array.shape) if _is_non_finite(array[index])]
        where = bad[0] if bad else None
    elif getattr(array.dtype, "kind", "f") in "iu":
        return
    else:
        finite = abs(array) < math.inf
        if bool(finite.all()):
            return
        flags = finite.detach().cpu().numpy() if hasattr(finite, "detach") else finite
        where = tuple(int(i) for i in np.argwhere(~flags)[0])
    if where is not None:
        entry = array[where]
        at = where[0] if len(where) == 1 else where
        raise ValueError(f"{argument} must be finite, got {shown(float(entry))} at index {at}")


def _is_non_finite(entry: Any) -> bool:
    return isinstance(entry, float) and not math.isfinite(entry)


def default_options(name: str, gradients: Any, dtype: Any, device: Any) -> dict[str, Any]:
    """dtype and device of an array arithmetic: as asked, else those of floating gradients, else float64 on the CPU."""
    if name not in ("numpy", "torch"):
        return {"dtype": dtype, "device": device}
    kind = getattr(gradients, "dtype", None)
    if dtype is None:
        text = str(kind).removeprefix("torch.")
        floating = kind is not None and text in ("float16", "float32", "float64", "bfloat16", "longdouble", "float128")
        supported = name == "torch" or text != "bfloat16"
        dtype = text if floating and supported else "float64"
        if name == "torch" and dtype in ("longdouble", "float128"):
            dtype = "float64"
    if device is None and name == "torch" and hasattr(gradients, "detach"):
        device = gradients.device
    return {"dtype": dtype, "device": device}


def to_host(array: Any) -> Any:
    """A tensor as a NumPy array (for arithmetics that work entry by entry); arrays as they are."""
    return array.detach().cpu().numpy() if hasattr(array, "detach") else array


def to_arithmetic(arithmetic: Any, array: Any) -> Any:
    """An array in NumPy's or torch's arithmetic, whatever it was."""
    if arithmetic.name == "numpy":
        array = to_host(array)
    return arithmetic.array(array)


def batch_shape(shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The common leading dimensions; ValueError naming the shapes where they do not broadcast."""
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        text = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(f"gradients and hyperparameters must have leading shapes that broadcast, got {text}") from None
