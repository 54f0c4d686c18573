"""Recording norm dynamics in a torch training loop; see examples/record_dynamics.py for a whole one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
import torch
from torch import Tensor

from adamtheory import notation
from adamtheory.dynamics.record import PER_STEP, DynamicsRecord, RunSettings
from adamtheory.lowering import lower
from adamtheory.methods import AdamW
from adamtheory.methods.rule import gradient, previous, state, theta, update

_REFERENCES, _ENTRIES = 4, 8


class AdamWStep:
    """One step of the library's AdamW on a tensor: its symbolic rule, carried out in torch float64.

    ``scalar`` puts the mean of g^2 over the tensor for g^2 in the recursion of v: one normaliser for the whole tensor.
    After a step: ``m``, ``u`` and ``normaliser``, c in u = c m (a tensor of u's shape, or of one entry).
    """

    def __init__(self, like: Tensor, settings: RunSettings) -> None:
        scalar = settings.normaliser == "scalar"
        self.scalar, self.steps = scalar, 0
        self.m, self.v = torch.zeros_like(like), like.new_zeros(()) if scalar else torch.zeros_like(like)
        self.u = self.normaliser = torch.zeros_like(like)
        rule = AdamW().rule
        square = sp.Symbol("g_squared", real=True)
        m, v = state("m"), state("v")
        steps = [(symbol, body.subs(gradient**2, square)) for symbol, body in rule.assignments]
        ratio = dict(steps)[update].subs(m, 1)  # u is linear in m
        self._hyperparameters = (settings.beta, settings.gamma, settings.eps, settings.lr, settings.weight_decay)
        symbols = (notation.beta, notation.gamma, notation.eps, notation.lr, notation.weight_decay)
        self._step = lower(
            [m, v, update, ratio, rule.iterate],
            [notation.n, gradient, square, theta, previous(m), previous(v), *symbols],
            "torch",
            where=steps,
        )

    @torch.no_grad()
    def __call__(self, weights: Tensor, g: Tensor) -> Tensor:
        """The weights after one step; the states are those of this step."""
        square = g.square().mean() if self.scalar else g.square()
        self.m, self.v, self.u, self.normaliser, following = self._step(
            self.steps, g, square, weights, self.m, self.v, *self._hyperparameters
        )
        self.steps += 1
        moved: Tensor = following
        return moved


class Recorder:
    """Collects a DynamicsRecord of some weight matrices: one ``record`` a matrix and step, then ``finish``.

    ``matrices``: name to initial weights (rows, columns), float64; ``steps``: how many steps will be recorded. All
    gradients are kept until the end, for the inner products with past ones.
    """

    def __init__(self, settings: RunSettings, matrices: Mapping[str, Tensor], steps: int) -> None:
        self._settings, self._names, self._steps = settings, tuple(matrices), steps
        self._shapes = tuple((int(w.shape[0]), int(w.shape[1])) for w in matrices.values())
        count = len(matrices)
        self._arrays = {name: np.zeros((count, steps)) for name in PER_STEP}
        self._norm_squared = np.zeros((count, steps + 1))
        self._entries = np.zeros((count, _ENTRIES, steps + 1), dtype=np.float32)
        self._references = np.unique(np.linspace(0, steps - 1, _REFERENCES + 1).astype(np.int64)[1:])
        self._past_cosine = np.zeros((count, len(self._references), steps), dtype=np.float32)
        self._directions: list[list[Tensor]] = [[] for _ in matrices]
        for row, weights in enumerate(matrices.values()):
            self._see(row, 0, weights.detach())

    @torch.no_grad()
    def record(self, name: str, weights: Tensor, g: Tensor, optimizer: AdamWStep, following: Tensor) -> None:
        """The step of the matrix ``name`` that took ``weights`` to ``following``, given its gradient ``g``."""
        row, step, m, u = self._names.index(name), optimizer.steps - 1, optimizer.m, optimizer.u
        moved = following - weights
        values = {
            "gradient_inner": _dot(weights, g),
            "momentum_inner": _dot(weights, m),
            "update_inner": _dot(weights, u),
            "gradient_squared": _dot(g, g),
            "momentum_squared": _dot(m, m),
            "update_squared": _dot(u, u),
            "step_squared": _dot(moved, moved),
            "normaliser": float(optimizer.normaliser if optimizer.scalar else u.norm() / m.norm()),
            "alignment": _cosine(u, m),
            "cosine": _cosine(weights, following),
        }
        for key, value in values.items():
            self._arrays[key][row, step] = value
        self._see(row, step + 1, following)
        self._directions[row].append(g / g.norm() if g.norm() > 0 else g.clone())
        for place in np.flatnonzero(self._references == step):
            past = torch.stack(self._directions[row])
            against = (past * (weights / weights.norm())).sum(dim=(1, 2))
            self._past_cosine[row, place, : step + 1] = against.numpy()

    def finish(self, loss: Sequence[float], metadata: Mapping[str, Any]) -> DynamicsRecord:
        """The record, with the loss before each step. Raises ValueError, in one line, for what is no such run."""
        return DynamicsRecord(
            settings=self._settings,
            matrices=self._names,
            shapes=self._shapes,
            norm_squared=self._norm_squared,
            loss=np.array(loss, dtype=np.float64),
            references=self._references,
            past_cosine=self._past_cosine,
            entries=self._entries,
            metadata=metadata,
            **self._arrays,
        )

    def _see(self, row: int, step: int, weights: Tensor) -> None:
        self._norm_squared[row, step] = _dot(weights, weights)
        spread = torch.linspace(0, weights.numel() - 1, _ENTRIES).long()
        self._entries[row, :, step] = weights.flatten()[spread].numpy()


def _dot(a: Tensor, b: Tensor) -> float:
    return float((a * b).sum())


def _cosine(a: Tensor, b: Tensor) -> float:
    """<a, b>/(|a| |b|), 0 where either vanishes."""
    size = float(a.norm() * b.norm())
    return _dot(a, b) / size if size > 0 else 0.0
