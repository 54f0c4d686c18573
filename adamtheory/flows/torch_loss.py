"""Losses from torch: of one flat tensor, or of a module's parameters."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.loss import Loss
from adamtheory.validation import integer, reject


def torch_loss(
    function: Callable[[Any], Any],
    size: int | None = None,
    *,
    dtype: Any = "float64",
    device: Any = "cpu",
    example: Any = None,
    name: str = "loss",
) -> Loss:
    """The loss ``function(theta)``, from a tensor of shape (size,) to a tensor with one number; autograd does the rest.

    ``size``: the number of parameters, or an ``example`` theta of shape (size,).  The function is computed in ``dtype``
    on ``device``; results come back as float64 arrays of their own.

    Raises ValueError or TypeError for bad input, ValueError where the function returns anything but one number, and
    ModuleNotFoundError without torch."""
    torch = _torch()
    if (size is None) == (example is None):
        reject("size", size, "given, or else an example theta, and not both")
    count = np.size(example) if size is None else integer("size", size, minimum=1)
    arithmetic = import_module("adamtheory.lowering.torch_arithmetic").TorchArithmetic(dtype=dtype, device=device)

    def tensor(theta: Array, *, tracked: bool) -> Any:
        # a copy, so that neither a read-only array nor one that the function changes does harm
        return torch.tensor(theta, dtype=arithmetic.dtype, device=arithmetic.device, requires_grad=tracked)

    def called(theta: Any) -> Any:
        result = function(theta)
        if not isinstance(result, torch.Tensor) or result.numel() != 1:
            got = tuple(result.shape) if isinstance(result, torch.Tensor) else type(result).__name__
            reject(f"the value of {name}", got, "a tensor with one number")
        return result.reshape(())

    def value(theta: Array) -> float:
        with torch.no_grad():
            return float(called(tensor(theta, tracked=False)))

    def gradient(theta: Array) -> Array:
        x = tensor(theta, tracked=True)
        return _array(_derivative(torch, called(x), x, None, second=False))

    def hessian_vector(theta: Array, direction: Array) -> Array:
        x = tensor(theta, tracked=True)
        first = _derivative(torch, called(x), x, None, second=True)
        return _array(_derivative(torch, first, x, tensor(direction, tracked=False), second=False))

    return Loss(value, gradient, count, hessian_vector, name)


def torch_module_loss(
    module: Any, batch_function: Callable[[Callable[..., Any]], Any], *, name: str | None = None
) -> tuple[Loss, Array]:
    """(loss, theta0) of a torch module's parameters, flat and in the order of ``named_parameters()``.

    ``batch_function(model)`` returns a tensor with one number; ``model`` is called as the module is, and computes with
    the parameters theta: ``lambda model: functional.cross_entropy(model(inputs), targets)``.  Parameters that need no
    gradient, and buffers, stay as they are in the module; the module's own parameters are never written to.

    Raises ValueError where the module has no parameters, or not all of one dtype on one device."""
    torch = _torch()
    parameters = {key: p for key, p in module.named_parameters() if p.requires_grad}
    kinds = {(p.dtype, p.device) for p in parameters.values()}
    if len(kinds) != 1:
        found = ", ".join(sorted(f"{dtype} on {device}" for dtype, device in kinds)) or "none"
        reject("the module's parameters", found, "of one dtype on one device, at least one")
    ((dtype, device),) = kinds
    shapes = [p.shape for p in parameters.values()]
    sizes = [p.numel() for p in parameters.values()]

    def function(theta: Any) -> Any:
        pieces = [piece.view(shape) for piece, shape in zip(torch.split(theta, sizes), shapes, strict=True)]
        named = dict(zip(parameters, pieces, strict=True))
        return batch_function(lambda *inputs, **more: torch.func.functional_call(module, named, inputs, more))

    flat = torch.cat([p.detach().reshape(-1) for p in parameters.values()])
    title = name or type(module).__name__
    return torch_loss(function, sum(sizes), dtype=dtype, device=device, name=title), _array(flat)


def _derivative(torch: Any, result: Any, x: Any, outer: Any, *, second: bool) -> Any:
    if not result.requires_grad:  # constant in x
        return torch.zeros_like(x)
    (found,) = torch.autograd.grad(result, x, outer, create_graph=second, allow_unused=True, materialize_grads=True)
    return found


def _array(tensor: Any) -> Array:
    """Float64, contiguous and writable; shares the memory of the tensor, which is nobody else's, where it can."""
    return np.require(tensor.detach().double().cpu().numpy(), requirements=["C", "W"])


def _torch() -> Any:
    try:
        return import_module("torch")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("this loss needs torch: pip install 'adamtheory[torch]'") from error
