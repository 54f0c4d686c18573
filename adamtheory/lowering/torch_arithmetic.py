"""torch arithmetic in any floating dtype on any device; autograd flows through every operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adamtheory.lowering.array import ArrayArithmetic
from adamtheory.validation import reject

try:
    import torch
except ModuleNotFoundError as error:  # torch is an extra of the package
    raise ModuleNotFoundError("arithmetic='torch' needs torch: pip install 'adamtheory[torch]'") from error

_NAMES = {"true_divide": "true_divide", "power": "pow"}


class TorchArithmetic(ArrayArithmetic):
    """Tensors of ``dtype`` on ``device``; results are tensors, 0-dimensional for scalars."""

    name = "torch"

    def __init__(self, *, dtype: Any = "float64", device: Any = "cpu") -> None:
        chosen = getattr(torch, dtype, None) if isinstance(dtype, str) else dtype
        if not isinstance(chosen, torch.dtype) or not chosen.is_floating_point:
            reject("dtype", dtype, "a torch floating dtype", TypeError)
        self.dtype = chosen
        try:
            self.device = torch.device(device)
        except (RuntimeError, TypeError):
            reject("device", device, "a torch device such as 'cpu' or 'cuda'")
        if self.device.type == "cuda" and not torch.cuda.is_available():
            reject("device", str(device), "'cpu': torch sees no CUDA device here")

    def is_array(self, value: Any) -> bool:
        return isinstance(value, torch.Tensor)

    def array(self, value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype == object:
            flat = [self.element(entry) for entry in value.ravel()]
            value = np.array(flat, dtype=np.float64).reshape(value.shape)
        elif isinstance(value, (list, tuple)):
            value = np.asarray(value, dtype=np.float64)
        return torch.as_tensor(value, dtype=self.dtype, device=self.device)

    def apply(self, name: str, *arguments: Any) -> Any:
        name = _NAMES.get(name, name)
        if name in ("maximum", "minimum"):  # the only ones that refuse Python numbers
            arguments = tuple(self.array(argument) for argument in arguments)
        return getattr(torch, name)(*arguments)

    def broadcast(self, values: Sequence[Any]) -> list[Any]:
        arrays = [value if self.is_array(value) else self.array(value) for value in values]
        return list(torch.broadcast_tensors(*arrays))

    def scatter(self, shape: tuple[int, ...], pieces: Sequence[tuple[Any, Any]]) -> Any:
        result = torch.full(shape, float("nan"), dtype=self.dtype, device=self.device)
        for mask, values in pieces:
            result = result.masked_scatter(mask, values.to(self.dtype))
        return result
