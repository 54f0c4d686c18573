"""The loss's push back within a step: what the sweeps teach about the Hessian, and the corrector that uses it.

A sweep changes theta and sees the gradient change; these pairs span the directions in which theta = Phi(g(theta)) does
not contract, and on them the corrector solves the linearised equation instead of sweeping on.
"""

from __future__ import annotations

import numpy as np

from adamtheory.flows.kernels import Array

_MOST = 16
#: a direction counts as new where this part of it is outside the others
_NEW = 0.1


class Secants:
    """Pairs of changes (of theta, of its gradient), the newest first: a Hessian on what they span, 0 elsewhere."""

    def __init__(self, size: int) -> None:
        self._most = min(size, _MOST)
        self._pairs: list[tuple[Array, Array]] = []
        self._basis = np.zeros((size, 0))  # orthonormal
        self._images = np.zeros((size, 0))
        self.strength = 0.0  # of the last answer of the loss to theta within the step; sweeps converge below 1

    def __len__(self) -> int:
        return int(self._basis.shape[1])

    def add(self, moved: Array, changed: Array) -> None:
        """Take in a pair."""
        length = float(np.linalg.norm(moved))
        if not length > 0:
            return
        self._pairs = [(moved / length, changed / length), *self._pairs[: self._most - 1]]
        basis: list[Array] = []
        images: list[Array] = []
        kept = []
        for pair in self._pairs:
            x, y = pair
            for b, image in zip(basis, images, strict=True):
                along = b @ x
                x, y = x - along * b, y - along * image
            rest = float(np.linalg.norm(x))
            if rest > _NEW:
                basis.append(x / rest)
                images.append(y / rest)
                kept.append(pair)
        self._pairs = kept
        self._basis, self._images = np.array(basis).T, np.array(images).T

    def image(self, x: Array) -> Array:
        """The Hessian's product with x."""
        return np.asarray(self._images @ (self._basis.T @ x))

    def correction(self, left: Array, response: Array) -> Array:
        """The change of the gradient on the way to the solution: H x with x = left + response * (H x)."""
        answer = self._basis.T @ (response[:, None] * self._images)
        self.strength = float(np.abs(answer).max())
        try:
            return np.asarray(self._images @ np.linalg.solve(np.eye(len(self)) - answer, self._basis.T @ left))
        except np.linalg.LinAlgError:
            return np.zeros_like(left)
