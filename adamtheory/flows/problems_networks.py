"""Problems that train networks: handwritten digits, a character transformer, and more than a million parameters.

Everything smooth (tanh, gelu), in float64, and the same for the same seed; torch's own generators are left as they are.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from importlib import import_module
from typing import Any

from adamtheory.flows.kernels import Array
from adamtheory.flows.loss import Loss
from adamtheory.flows.problems import Problem
from adamtheory.flows.torch_loss import torch_module_loss
from adamtheory.validation import integer


def digits_mlp(rows: int = 500, hidden: int = 32, seed: int = 0) -> Problem:
    """A perceptron 64-32-10 on scikit-learn's 8x8 handwritten digits, full batch, mean cross-entropy."""
    try:
        load = import_module("sklearn.datasets").load_digits
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("problem 'digits-mlp' needs scikit-learn: pip install scikit-learn") from error
    torch = _torch("digits-mlp")
    digits = load()
    count = integer("rows", rows, minimum=1, maximum=len(digits.target))
    width = integer("hidden", hidden, minimum=1)
    module = _seeded(torch, seed, lambda: _perceptron(torch, 64, width, 10))
    return _classification(
        "digits-mlp",
        module,
        torch.tensor(digits.data[:count] / 16.0),
        torch.tensor(digits.target[:count]),
        t_span=(0.0, 0.5),
        description=f"perceptron 64-{width}-10 on {count} handwritten digits",
        source="this library; digits of E. Alpaydin and C. Kaynak, UCI repository",
    )


def char_transformer(rows: int = 16, context: int = 32, width: int = 32, seed: int = 0) -> Problem:
    """Two transformer blocks that predict the next character of the standard library's source, full batch."""
    torch = _torch("char-transformer")
    network = import_module("adamtheory.flows.character_transformer")
    count, length = integer("rows", rows, minimum=1), integer("context", context, minimum=1)
    size = integer("width", width, minimum=2)
    text = network.standard_library_text(count * length + 1)
    number = {character: i for i, character in enumerate(sorted(set(text)))}
    encoded = torch.tensor([number[character] for character in text])

    def made() -> Any:
        return network.CharacterTransformer(
            len(number), qk_norm=False, norm_eps=0.0, width=size, heads=2 if size % 2 == 0 else 1, context=length
        ).double()

    return _classification(
        "char-transformer",
        _seeded(torch, seed, made),
        encoded[:-1].view(count, length),
        encoded[1:].view(count, length),
        t_span=(0.0, 0.1),
        description=f"transformer of 2 blocks of width {size} on {count} x {length} characters of Python's library",
        source="this library, after the transformers of Gould & Tanaka 2024",
    )


def mlp_large(rows: int = 32, seed: int = 0) -> Problem:
    """A perceptron 256-1024-768-10 with 1,058,058 parameters on labels of a random linear teacher."""
    torch = _torch("mlp-large")
    count = integer("rows", rows, minimum=1)

    def made() -> Any:
        inputs = torch.randn(count, 256, dtype=torch.float64)
        labels = (inputs @ torch.randn(256, 10, dtype=torch.float64)).argmax(dim=1)
        return _perceptron(torch, 256, 1024, 768, 10), inputs, labels

    return _classification(
        "mlp-large",
        *_seeded(torch, seed, made),
        t_span=(0.0, 0.01),
        description=f"perceptron 256-1024-768-10 on {count} rows of a random linear teacher",
        source="this library",
    )


def _classification(
    name: str,
    module: Any,
    inputs: Any,
    targets: Any,
    *,
    t_span: tuple[float, float],
    description: str,
    source: str,
) -> Problem:
    """Mean cross-entropy of the module's logits; a row is one entry of ``inputs``."""
    cross_entropy = import_module("torch.nn.functional").cross_entropy

    def on(indices: Array | slice) -> tuple[Loss, Array]:
        x, y = inputs[indices], targets[indices].flatten()
        return torch_module_loss(module, lambda model: cross_entropy(model(x).flatten(0, -2), y), name=name)

    loss, theta0 = on(slice(None))
    return Problem(
        name=name,
        loss=loss,
        theta0=theta0,
        t_span=t_span,
        description=f"{description}, {loss.size:,} parameters",
        source=source,
        rows=len(inputs),
        on_rows=lambda indices: on(indices)[0],
    )


def _perceptron(torch: Any, *widths: int) -> Any:
    layers: list[Any] = []
    for before, after in itertools.pairwise(widths):
        layers += [torch.nn.Linear(before, after), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1]).double()


def _seeded(torch: Any, seed: int, make: Callable[[], Any]) -> Any:
    """What ``make`` draws from torch's generator at this seed; the generator is put back afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(integer("seed", seed, minimum=0))
        return make()


def _torch(name: str) -> Any:
    try:
        return import_module("torch")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"problem {name!r} needs torch: pip install 'adamtheory[torch]'") from error
