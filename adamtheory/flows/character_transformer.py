"""A small character transformer, and text for it that every Python has: the source of its standard library."""

from __future__ import annotations

import math
import sysconfig
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from adamtheory.validation import reject


class Attention(nn.Module):
    """Causal self-attention whose queries and keys may be normalised: LN(W_Q x)^T LN(W_K x), per head."""

    def __init__(self, width: int, heads: int, *, qk_norm: bool, norm_eps: float) -> None:
        super().__init__()
        self.heads, self.qk_norm, self.norm_eps = heads, qk_norm, norm_eps
        # Without biases: with one, the projection would not be a multiple of the matrix.
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        head = width // self.heads
        query, key, value = (
            layer(x).view(batch, length, self.heads, head).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        if self.qk_norm:
            query, key = (functional.layer_norm(y, (head,), eps=self.norm_eps) for y in (query, key))
        scores = query @ key.transpose(2, 3) / math.sqrt(head)
        future = torch.ones(length, length, dtype=torch.bool).triu(1)
        attended = scores.masked_fill(future, -math.inf).softmax(dim=-1) @ value
        out: Tensor = self.out(attended.transpose(1, 2).reshape(batch, length, width))
        return out


class CharacterTransformer(nn.Module):
    """Logits of the next character, shape (batch, length, vocabulary), from characters of shape (batch, length)."""

    def __init__(
        self, vocabulary: int, *, qk_norm: bool, norm_eps: float, width: int = 48, heads: int = 3, depth: int = 2,
        context: int = 48,
    ) -> None:  # fmt: skip
        super().__init__()
        self.characters = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.attention = nn.ModuleList(
            Attention(width, heads, qk_norm=qk_norm, norm_eps=norm_eps) for _ in range(depth)
        )
        self.perceptrons = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
            for _ in range(depth)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depth))
        self.readout = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, vocabulary))
        for embedding in (self.characters, self.positions):
            nn.init.normal_(embedding.weight, std=0.02)

    def forward(self, characters: Tensor) -> Tensor:
        x = self.characters(characters) + self.positions.weight[: characters.shape[1]]
        for norm, attention, perceptron in zip(self.norms, self.attention, self.perceptrons, strict=True):
            x = x + attention(norm(x))
            x = x + perceptron(x)
        logits: Tensor = self.readout(x)
        return logits


def standard_library_text(limit: int) -> str:
    """The first ``limit`` ASCII characters of the standard library's top-level modules, by name.

    Raises ValueError when the library is shorter, or is not there as source."""
    root = Path(sysconfig.get_paths()["stdlib"])
    pieces, length = [], 0
    for path in sorted(root.glob("[a-z]*.py")):
        pieces.append(path.read_text(encoding="ascii", errors="ignore"))
        length += len(pieces[-1])
        if length >= limit:
            return "".join(pieces)[:limit]
    reject("limit", limit, f"at most {length}, the characters of text in {root}")
