"""Families that unknown sequences and curves are drawn from, all exact."""

from __future__ import annotations

from random import Random

import sympy as sp

from adamtheory.proof.valuation import Curve, ExactSequence

_LENGTH = 40
_KINDS: tuple[str, ...] = ("any",) * 3 + ("geometric",) * 2
_KINDS += ("sparse", "zero", "constant", "alternating", "silent", "mixed", "signs")
_TIME = sp.Symbol("time", real=True)


def _number(random: Random, size: sp.Rational) -> sp.Rational:
    return size * sp.Rational(random.randint(-99, 99), random.choice((1, 3, 10, 16)))


def random_sequence(random: Random) -> ExactSequence:
    """Scattered, sparse, zero, constant, alternating, geometric both ways, silent at first, or of mixed magnitude."""
    size = sp.Rational(10) ** random.choice((0, 0, 0, -1, 1, -6, 6))
    kind = random.choice(_KINDS)
    scattered = [_number(random, size) for _ in range(_LENGTH)]
    first = scattered[0] or size
    if kind == "sparse":
        scattered = [x if random.random() < 0.3 else sp.Integer(0) for x in scattered]
    elif kind == "zero":
        scattered = [sp.Integer(0)] * _LENGTH
    elif kind == "constant":
        scattered = [first] * _LENGTH
    elif kind == "alternating":
        scattered = [first if k % 2 else -first for k in range(_LENGTH)]
    elif kind == "geometric":
        ratio = sp.Rational(random.choice(("1/2", "9/10", "-1/2", "2", "1/10", "11/10", "99/100")))
        scattered = [first * ratio**k for k in range(_LENGTH)]
    elif kind == "silent":
        start = random.randint(1, 8)
        scattered = [sp.Integer(0)] * start + scattered[start:]
    elif kind == "mixed":
        scattered = [x * sp.Rational(10) ** random.randint(-6, 6) for x in scattered]
    elif kind == "signs":
        scattered = [sp.Integer(random.choice((-1, 1))) for _ in scattered]
    return ExactSequence(tuple(scattered), periodic=kind not in ("geometric", "silent", "zero"))


def random_curve(random: Random, variable: sp.Symbol = _TIME, family: int = 0) -> Curve:
    """A polynomial, an exponential or both: analytic, so that derivatives are exact and integrals can be enclosed.

    ``family``: so many parameters before time; they move the polynomial part, each member differently."""
    parameters = tuple(sp.Symbol(f"member{place}", integer=True, nonnegative=True) for place in range(family))
    coefficients = [sp.Rational(random.randint(-9, 9), random.choice((1, 2, 5))) for _ in range(random.randint(1, 4))]
    body = sum((c * variable**power for power, c in enumerate(coefficients)), sp.Integer(0))
    for parameter in parameters:
        slopes = [sp.Rational(random.randint(-9, 9), random.choice((1, 2, 5))) for _ in range(4)]
        body += parameter * (slopes[0] + slopes[1] * variable) + parameter**2 * (slopes[2] + slopes[3] * variable)
    if random.random() < 0.6:
        rate = sp.Rational(random.choice(("1/2", "-1/2", "-2", "1", "-1/3")))
        body += sp.Rational(random.randint(1, 5), random.choice((1, -2))) * sp.exp(rate * variable)
    return Curve(variable, body, parameters)
