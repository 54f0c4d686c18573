"""The discrete optimizers, each one symbolic update rule, and runs of them in any arithmetic."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from adamtheory.methods.adagrad import AdaGrad
from adamtheory.methods.adam import Adam
from adamtheory.methods.adam_coupled import AdamCoupled
from adamtheory.methods.adamw import AdamW
from adamtheory.methods.ademamix import AdEMAMix
from adamtheory.methods.amsgrad import AMSGrad
from adamtheory.methods.kadam import KAdam
from adamtheory.methods.laprop import LaProp
from adamtheory.methods.method import Method
from adamtheory.methods.momentum import Momentum
from adamtheory.methods.nadam import NAdam
from adamtheory.methods.registry import METHODS
from adamtheory.methods.rmsprop import RMSProp
from adamtheory.methods.rmsprop_momentum import RMSPropMomentum
from adamtheory.methods.rule import Assignment, Domain, Hyperparameter, UpdateRule
from adamtheory.methods.signsgd import SignSGD

if TYPE_CHECKING:
    from adamtheory.methods.run import Run
    from adamtheory.methods.simulation import simulate
    from adamtheory.methods.streaming import stream

__all__ = [
    "METHODS",
    "AMSGrad",
    "AdEMAMix",
    "AdaGrad",
    "Adam",
    "AdamCoupled",
    "AdamW",
    "Assignment",
    "Domain",
    "Hyperparameter",
    "KAdam",
    "LaProp",
    "Method",
    "Momentum",
    "NAdam",
    "RMSProp",
    "RMSPropMomentum",
    "Run",
    "SignSGD",
    "UpdateRule",
    "simulate",
    "stream",
]

_LAZY = {
    "Run": "adamtheory.methods.run",
    "simulate": "adamtheory.methods.simulation",
    "stream": "adamtheory.methods.streaming",
}


def __getattr__(name: str) -> Any:
    # Runs need NumPy, symbols do not.
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
