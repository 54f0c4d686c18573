"""A rule with numbers: the keyword-only frozen dataclasses Adam(beta="0.999", gamma=0.9), RMSProp(...), ..."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, ClassVar, Literal

import sympy as sp

from adamtheory.lowering import exact_fraction
from adamtheory.methods.rule import Hyperparameter, UpdateRule
from adamtheory.validation import reject

EpsMode = Literal["paper", "torch"]
EPS_MODES: tuple[str, ...] = ("paper", "torch")

#: int, Fraction, decimal string, float, exact sympy number; or an array of a batch of them
Value = Any


@dataclass(frozen=True, kw_only=True)
class Method(ABC):
    """A discrete optimizer with its hyperparameters.

    Scalars are kept exact: a Fraction (a float means its shortest decimal) or an irrational sympy number such as
    sqrt(2)/2. Arrays and tensors are kept as they are; they broadcast against the leading dimensions of the
    gradients. ``lr`` may be left None: then a run has updates and states but no iterates.
    Raises ValueError or TypeError, naming the hyperparameter, its value and its domain.
    """

    name: ClassVar[str]

    lr: Value = None

    @property
    @abstractmethod
    def rule(self) -> UpdateRule:
        """The symbolic rule of this instance."""

    def __post_init__(self) -> None:
        names = {field.name for field in fields(self)}
        for hyperparameter in self.rule.hyperparameters:
            if hyperparameter.name in names:
                value = checked(hyperparameter, getattr(self, hyperparameter.name))
                object.__setattr__(self, hyperparameter.name, value)

    @property
    def values(self) -> dict[sp.Symbol, Value]:
        """Each hyperparameter's symbol with its number; lr is missing where it was not given."""
        named = {h.symbol: getattr(self, h.name) for h in self.rule.hyperparameters}
        return {symbol: value for symbol, value in named.items() if value is not None}


def is_array(value: Value) -> bool:
    """Is ``value`` an array or tensor with at least one dimension?"""
    return getattr(value, "ndim", 0) > 0


def checked(hyperparameter: Hyperparameter, value: Value) -> Value:
    """``value`` made exact, within the hyperparameter's domain."""
    name, domain = hyperparameter.name, hyperparameter.domain
    if value is None and hyperparameter.default is None:
        return None
    if is_array(value):
        return _checked_array(hyperparameter, value)
    if hasattr(value, "requires_grad"):  # a 0-dimensional tensor: kept, so that gradients reach it
        if not bool(domain.contains(value)):
            reject(name, value, domain.text)
        return value
    if isinstance(value, sp.Expr) and not isinstance(value, sp.Rational):
        return _checked_expression(hyperparameter, value)
    if getattr(value, "ndim", None) == 0 and hasattr(value, "dtype") and not hasattr(value, "as_integer_ratio"):
        value = value[()]  # a 0-dimensional array is a scalar
    if isinstance(value, float) and not math.isfinite(value):
        reject(name, value, domain.text)
    number = exact_fraction(value, name)
    if not domain.contains(number):
        reject(name, value, domain.text)
    return number


def _checked_array(hyperparameter: Hyperparameter, value: Value) -> Value:
    name, domain = hyperparameter.name, hyperparameter.domain
    entries: Any = value
    if getattr(getattr(value, "dtype", None), "kind", "") in ("O", "U"):
        import numpy as np

        exact = [exact_fraction(entry, name) for entry in value.ravel()]
        entries = np.empty(len(exact), dtype=object)
        entries[:] = exact
        entries = entries.reshape(value.shape)
        if not all(domain.contains(entry) for entry in exact):
            reject(name, value, f"{domain.text} everywhere")
        return entries
    if getattr(getattr(value, "dtype", None), "kind", "") in ("b", "c"):
        reject(name, value, "an array of real numbers", TypeError)
    if 0 in tuple(value.shape):
        reject(name, value, "a non-empty array")
    if not bool(domain.contains(entries).all()):
        reject(name, value, f"{domain.text} everywhere")
    return entries


def _checked_expression(hyperparameter: Hyperparameter, value: sp.Expr) -> sp.Expr:
    from adamtheory.lowering import evaluate
    from adamtheory.lowering.ball import lower_bound, upper_bound

    name, domain = hyperparameter.name, hyperparameter.domain
    if value.free_symbols:
        reject(name, value, "a number")
    ball = evaluate(value, {}, "ball")
    # Domains are intervals, so both ends decide; a ball that touches the boundary is refused.
    if not ball.is_finite() or not (domain.contains(lower_bound(ball)) and domain.contains(upper_bound(ball))):
        reject(name, value, domain.text)
    return value


def is_zero(value: Value) -> bool:
    """Is a hyperparameter the exact scalar 0?"""
    return isinstance(value, (int, Fraction)) and value == 0
