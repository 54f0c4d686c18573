"""Quadratic forms over the rationals, and whether they are positive semidefinite: exactly, without floats."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Matrix = list[list[Fraction]]


def zero(size: int) -> Matrix:
    """The form that is 0."""
    return [[Fraction(0)] * size for _ in range(size)]


def add(into: Matrix, factor: Fraction, i: int, j: int) -> None:
    """Add factor * x_i x_j to a form."""
    into[i][j] += factor / 2
    into[j][i] += factor / 2


def combined(parts: Sequence[tuple[Fraction, Matrix]], size: int) -> Matrix:
    """The sum of multiples of forms."""
    found = zero(size)
    for factor, form in parts:
        if factor:
            for row, other in zip(found, form, strict=True):
                for j, value in enumerate(other):
                    row[j] += factor * value
    return found


def positive_semidefinite(form: Matrix) -> bool:
    """By symmetric elimination: a pivot < 0 refutes it; a pivot 0 needs its row to vanish."""
    rest = [row[:] for row in form]
    while rest:
        pivot, row = rest[0][0], rest[0][1:]
        if pivot < 0 or (pivot == 0 and any(row)):
            return False
        below = [other[1:] for other in rest[1:]]
        if pivot > 0:
            below = [
                [value - a * b / pivot for value, b in zip(other, row, strict=True)]
                for other, a in zip(below, row, strict=True)
            ]
        rest = below
    return True


def value_at(form: Matrix, point: Sequence[Fraction]) -> Fraction:
    """The form at a point."""
    pairs = ((i, j) for i in range(len(form)) for j in range(len(form)))
    return sum((form[i][j] * point[i] * point[j] for i, j in pairs), Fraction(0))
