"""Train a small character transformer and record the gradients of some of its parameters at every step.

    python examples/record_gradients.py --out recorded_gradients.npz

The text is the source of the Python standard library of the interpreter that runs this, so nothing is downloaded; the
order of the text, the batches and the weights are fixed by --seed. The loss is the next character's cross-entropy
and the optimizer torch.optim.AdamW. Recorded are single scalar parameters of three kinds:

- ordinary: from each kind of layer, non-zero at nearly every step;
- rare: embedding entries of characters that occur in few batches, so the gradient is exactly zero between bursts;
- silent: embedding entries of characters seen in an early part of training and never again. Their second moment decays
  while the first does too, and the update decays or grows by exactly gamma / sqrt(beta) a step.

The input embedding and the output layer are not tied: a tied one would hear of every character through the softmax at
every step. The recording is float32, as the training ran, and holds no code (see adamtheory.recordings).
"""

from __future__ import annotations

import argparse
import itertools
import math
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from adamtheory.recordings import Recording, save_recording

SKIPPED_FOLDERS = {  # other people's packages, tests that many systems leave out, and tables and prose rather than code
    "site-packages", "dist-packages", "test", "tests", "idle_test", "encodings", "pydoc_data",
}  # fmt: skip
ASCII = frozenset(map(chr, range(128)))
LR, BETAS, EPS, WEIGHT_DECAY = 1e-3, (0.9, 0.999), 1e-8, 0.1


class Block(nn.Module):
    """Pre-norm causal self-attention, then a two-layer perceptron, each added to the residual stream."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp_in = nn.Linear(width, 4 * width)
        self.mlp_out = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        projected = self.query_key_value(self.norm_attention(x)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = projected.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.attention_out(attended.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp_out(functional.gelu(self.mlp_in(self.norm_mlp(x))))


class CharacterTransformer(nn.Module):
    """Logits of the next character, shape (batch, length, vocabulary), from characters of shape (batch, length)."""

    def __init__(self, vocabulary: int, *, width: int = 96, heads: int = 4, depth: int = 2, context: int = 64) -> None:
        super().__init__()
        self.characters = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm_final = nn.LayerNorm(width)
        self.readout = nn.Linear(width, vocabulary)
        for embedding in (self.characters, self.positions):
            nn.init.normal_(embedding.weight, std=0.02)

    def forward(self, characters: Tensor) -> Tensor:
        x = self.characters(characters) + self.positions.weight[: characters.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.readout(self.norm_final(x))
        return logits


def standard_library_text(limit: int) -> str:
    """The first `limit` characters of the standard library's modules, those with the richest alphabets first.

    That order lets characters outside ASCII occur early in training and never again. Within one alphabet size the
    modules come by name, so the text depends on the interpreter's version alone.

    Raises ValueError when the library is shorter than `limit`, or is not there as source.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    sources = []
    for path in root.rglob("*.py"):
        inside = path.relative_to(root)
        if not SKIPPED_FOLDERS.intersection(inside.parts):
            text = path.read_text(encoding="utf-8", errors="replace")
            sources.append((-len(set(text) - ASCII), inside.as_posix(), text))
    text = "".join(text for _, _, text in sorted(sources))
    if len(text) < limit:
        raise ValueError(f"--steps needs {limit} characters of text, {root} has {len(text)}: lower it")
    return text[:limit]


def cut_batches(text: Tensor, steps: int, batch: int, context: int) -> Tensor:
    """The text read once in order, shape (steps, batch, context + 1): each row's last character opens the next row."""
    return text.unfold(0, context + 1, context).reshape(steps, batch, context + 1)


def occurrences(batches: Tensor, vocabulary: int) -> np.ndarray:
    """Boolean (vocabulary, steps): whether the character is among the inputs of the step's batch."""
    present = torch.zeros(vocabulary, len(batches), dtype=torch.bool)
    for step, batch in enumerate(batches):
        present[batch[:, :-1].unique(), step] = True
    return present.numpy()


def pick_characters(present: np.ndarray, label: str) -> list[int]:
    """Characters whose embedding rows are rare or silent in this run, the widest variety of last occurrences first."""
    steps = present.shape[1]
    seen = present.sum(axis=1)
    last = np.where(seen > 0, steps - 1 - present[:, ::-1].argmax(axis=1), -1)
    silent = (seen > 0) & (last < 0.6 * steps)
    rare = (seen >= 3) & (seen <= 0.15 * steps) & ~silent
    by_last: dict[int, list[int]] = {}
    for row in np.flatnonzero(silent if label == "silent" else rare):
        by_last.setdefault(int(last[row]), []).append(int(row))
    groups = [by_last[step] for step in sorted(by_last)]
    return [row for turn in itertools.zip_longest(*groups) for row in turn if row is not None]


def choose_parameters(
    model: CharacterTransformer, present: np.ndarray, alphabet: Sequence[str], count: int, generator: torch.Generator
) -> list[tuple[str, int, str, str]]:
    """`count` scalars as (tensor name, flat index, label, readable name): a quarter rare, a quarter silent, the rest
    ordinary and spread evenly over the tensors of the model."""
    width = model.characters.weight.shape[1]
    chosen: list[tuple[str, int, str, str]] = []
    for label in ("rare", "silent"):
        rows = pick_characters(present, label)
        if not rows:
            raise ValueError(f"--steps is {present.shape[1]}, too few for {label} characters: raise it")
        # A character met again gives another column of its row.
        for turn in range(count // 4):
            row, column = rows[turn % len(rows)], turn % width
            name = f"characters.weight[{alphabet[row]!r}, {column}]"
            chosen.append(("characters.weight", row * width + column, label, name))
    frequent = int(present.sum(axis=1).argmax())
    tensors = list(model.named_parameters())
    shuffled = {name: torch.randperm(tensor.numel(), generator=generator) for name, tensor in tensors}
    for turn in range(count - len(chosen)):
        name, tensor = tensors[turn % len(tensors)]
        if name == "characters.weight":
            flat = frequent * width + turn % width
        else:
            flat = int(shuffled[name][turn // len(tensors) % tensor.numel()])
        index = ", ".join(str(int(i)) for i in np.unravel_index(flat, tuple(tensor.shape)))
        chosen.append((name, flat, "ordinary", f"{name}[{index}]"))
    return chosen


def train_and_record(*, steps: int, seed: int, parameters: int, batch: int = 16, context: int = 64) -> Recording:
    """Train for `steps` steps and return the gradients of `parameters` scalars, shape (parameters, steps)."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    text = standard_library_text(steps * batch * context + 1)
    alphabet = sorted(set(text))
    number = {character: i for i, character in enumerate(alphabet)}
    encoded = torch.tensor([number[character] for character in text])
    batches = cut_batches(encoded, steps, batch, context)
    model = CharacterTransformer(len(alphabet), context=context)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, betas=BETAS, eps=EPS, weight_decay=WEIGHT_DECAY)
    present = occurrences(batches, len(alphabet))
    chosen = choose_parameters(model, present, alphabet, parameters, generator)
    tensors = dict(model.named_parameters())
    gradients = np.empty((len(chosen), steps), dtype=np.float32)
    losses = []
    for step, sequence in enumerate(batches):
        logits = model(sequence[:, :-1])
        loss = functional.cross_entropy(logits.flatten(0, 1), sequence[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        for row, (name, flat, _, _) in enumerate(chosen):
            gradient = tensors[name].grad
            gradients[row, step] = 0.0 if gradient is None else gradient.view(-1)[flat].item()
        optimizer.step()
        losses.append(loss.item())
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step:5d}  loss {losses[-1]:.3f}", flush=True)
    return Recording(
        gradients=gradients,
        names=tuple(name for _, _, _, name in chosen),
        labels=tuple(label for _, _, label, _ in chosen),
        metadata={
            "model": "character transformer, pre-norm, 2 blocks of width 96 with 4 heads",
            "model_parameters": sum(p.numel() for p in model.parameters()),
            "text": f"source of the Python standard library, {len(text)} characters, alphabet of {len(alphabet)}",
            "optimizer": "torch.optim.AdamW",
            "lr": LR, "betas": list(BETAS), "eps": EPS, "weight_decay": WEIGHT_DECAY,
            "steps": steps, "batch": batch, "context": context, "seed": seed,
            "first_loss": losses[0], "last_loss": losses[-1], "uniform_loss": math.log(len(alphabet)),
        },
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Record gradients of a small character transformer in training.")
    parser.add_argument("--steps", type=int, default=1000, help="training steps, at least 10 (default %(default)s)")
    parser.add_argument("--parameters", type=int, default=96, help="scalars to record, 8 to 256 (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of weights and choice of scalars (default %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("recorded_gradients.npz"), help="file (default %(default)s)")
    given = parser.parse_args()
    if given.steps < 10:
        parser.error(f"argument --steps: {given.steps} is not allowed, it must be at least 10")
    if not 8 <= given.parameters <= 256:
        parser.error(f"argument --parameters: {given.parameters} is not allowed, it must be from 8 to 256")
    if given.out.is_dir() or not given.out.resolve().parent.is_dir():
        parser.error(f"argument --out: {given.out} is not allowed, it must be a file in a folder that exists")
    torch.set_num_threads(min(2, torch.get_num_threads()))
    try:
        recording = train_and_record(steps=given.steps, seed=given.seed, parameters=given.parameters)
    except ValueError as error:
        parser.error(str(error))
    save_recording(given.out, recording)
    zero = recording.gradients == 0
    for label in sorted(set(recording.labels)):
        rows = np.array([other == label for other in recording.labels])
        print(f"{label:9s} {rows.sum():3d} parameters, {100 * zero[rows].mean():5.1f} % of gradients exactly zero")
    print(f"wrote {given.out}: {given.out.stat().st_size:,} bytes, {recording.metadata['model_parameters']:,} weights")


if __name__ == "__main__":
    main()
