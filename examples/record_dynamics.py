"""Train a small character transformer and record what happens to the norms of its query and key matrices.

    python examples/record_dynamics.py --out folder              # every run below
    python examples/record_dynamics.py --out folder --run NAME   # one of them

The text is the source of the Python standard library of the interpreter that runs this, so nothing is downloaded; the
order of the text, the batches and the weights are fixed by --seed. The network trains in float64 with AdamW, which is
the library's own symbolic rule carried out in torch. With the scalar normaliser a query or key matrix has one second
moment, the moving average of the mean of its squared gradient (Assumption 2 of Gould & Tanaka 2024). With qk-norm its
projection passes a layer-norm without parameters, per head, so that the loss does not depend on the matrix's scale.

The runs named equilibrium give query and key matrices a learning rate and a weight decay of their own, so large that
their norms reach equilibrium within the run; all other parameters train as in the other runs.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch.nn import functional

from adamtheory.dynamics import DynamicsRecord, RunSettings, save_dynamics
from adamtheory.dynamics.recording import AdamWStep, Recorder
from adamtheory.flows.character_transformer import CharacterTransformer, standard_library_text

BETA, LR, EPS = 0.999, 1e-3, 1e-8
MATRIX_NAMES = ("query", "key")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training run: settings of the recorded matrices; ``elsewhere``, (lr, weight_decay) of all other tensors."""

    gamma: float
    weight_decay: float
    normaliser: str
    qk_norm: bool = True
    norm_eps: float = 0.0
    lr: float = LR
    elsewhere: tuple[float, float] | None = None


def all_runs() -> dict[str, Run]:
    """Every recorded run by name."""
    runs = {}
    for gamma in (0.0, 0.9):
        momentum = "momentum" if gamma else "plain"
        for weight_decay in (0.0, 0.1):
            decay = "decay" if weight_decay else "free"
            for normaliser in ("scalar", "elementwise"):
                name = f"{momentum}_{decay}_{normaliser}"
                runs[name] = Run(gamma=gamma, weight_decay=weight_decay, normaliser=normaliser)
        runs[f"{momentum}_free_scalar_unnormed"] = Run(
            gamma=gamma, weight_decay=0.0, normaliser="scalar", qk_norm=False
        )
        runs[f"{momentum}_equilibrium"] = Run(
            gamma=gamma, weight_decay=2.0, normaliser="scalar", lr=1e-2, elsewhere=(LR, 0.1)
        )
    runs["momentum_free_scalar_norm_eps"] = Run(gamma=0.9, weight_decay=0.0, normaliser="scalar", norm_eps=1e-5)
    return runs


def train_and_record(run: Run, *, steps: int, seed: int, batch: int = 8, context: int = 48) -> DynamicsRecord:
    """Train for ``steps`` steps and return the record of the query and key matrices."""
    torch.manual_seed(seed)
    text = standard_library_text(steps * batch * context + 1)
    alphabet = sorted(set(text))
    number = {character: i for i, character in enumerate(alphabet)}
    encoded = torch.tensor([number[character] for character in text])
    batches = encoded.unfold(0, context + 1, context).reshape(steps, batch, context + 1)
    model = CharacterTransformer(len(alphabet), qk_norm=run.qk_norm, norm_eps=run.norm_eps, context=context).double()
    tensors = dict(model.named_parameters())
    matrices = {name: tensor for name, tensor in tensors.items() if name.split(".")[-2] in MATRIX_NAMES}
    settings = RunSettings(
        gamma=run.gamma, beta=BETA, lr=run.lr, weight_decay=run.weight_decay, eps=EPS, normaliser=run.normaliser,
        qk_norm=run.qk_norm, norm_eps=run.norm_eps, seed=seed,
    )  # fmt: skip
    lr, weight_decay = run.elsewhere or (run.lr, run.weight_decay)
    others = replace(settings, lr=lr, weight_decay=weight_decay, normaliser="elementwise")
    optimizers = {name: AdamWStep(x, settings if name in matrices else others) for name, x in tensors.items()}
    recorder = Recorder(settings, matrices, steps)
    losses = []
    for sequence in batches:
        logits = model(sequence[:, :-1])
        loss = functional.cross_entropy(logits.flatten(0, 1), sequence[:, 1:].flatten())
        losses.append(loss.item())
        gradients = torch.autograd.grad(loss, list(tensors.values()))
        for (name, tensor), g in zip(tensors.items(), gradients, strict=True):
            following = optimizers[name](tensor.detach(), g)
            if name in matrices:
                recorder.record(name, tensor.detach(), g, optimizers[name], following)
            tensor.data = following
    metadata = {
        "model": "character transformer, pre-norm, 2 blocks of width 48 with 3 heads, float64",
        "model_parameters": sum(tensor.numel() for tensor in tensors.values()),
        "text": f"source of the Python standard library, {len(text)} characters, alphabet of {len(alphabet)}",
        "lr_elsewhere": lr, "weight_decay_elsewhere": weight_decay,
        "batch": batch, "context": context, "uniform_loss": math.log(len(alphabet)),
    }  # fmt: skip
    return recorder.finish(losses, metadata)


def main(arguments: Sequence[str] | None = None) -> None:
    runs = all_runs()
    parser = argparse.ArgumentParser(description="Record the norms of query and key matrices in training.")
    parser.add_argument("--steps", type=int, default=300, help="training steps, at least 10 (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the weights (default %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("."), help="folder (default %(default)s)")
    parser.add_argument("--run", action="append", choices=list(runs), help="only this one; may be repeated")
    given = parser.parse_args(arguments)
    if given.steps < 10:
        parser.error(f"argument --steps: {given.steps} is not allowed, it must be at least 10")
    if given.seed < 0:
        parser.error(f"argument --seed: {given.seed} is not allowed, it must be at least 0")
    if not given.out.is_dir():
        parser.error(f"argument --out: {given.out} is not allowed, it must be a folder that exists")
    torch.set_num_threads(1)  # sums in one order, whatever the machine has
    for name in given.run or runs:
        started = time.perf_counter()
        try:
            record = train_and_record(runs[name], steps=given.steps, seed=given.seed)
        except ValueError as error:
            parser.error(str(error))
        target = given.out / f"dynamics_{name}.npz"
        save_dynamics(target, record)
        seconds = time.perf_counter() - started
        losses = f"loss {record.loss[0]:.2f} to {record.loss[-1]:.2f}"
        print(f"{target}: {target.stat().st_size:,} bytes, {losses}, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
