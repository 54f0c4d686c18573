"""Continuous-time limits of the methods: as definitions of curves for the theorems, and solved.

``flow_of(method)`` makes a flow, ``solve(flow, loss, theta0, t_span)`` its trajectory, ``compare`` holds it against
the discrete method; ``problem(name)`` has the benchmark problems of both papers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adamtheory.flows.comparison import Comparison, Convergence, compare, convergence
    from adamtheory.flows.loss import Loss
    from adamtheory.flows.memory import MemoryFlow, Moment
    from adamtheory.flows.models import WarmStart, flow_of, gould_tanaka_flow, heredia_flow, nonlocal_flow
    from adamtheory.flows.problems import PROBLEMS, Problem, problem
    from adamtheory.flows.solving import solve
    from adamtheory.flows.torch_loss import torch_loss, torch_module_loss
    from adamtheory.flows.trajectory import FlowStopped, Trajectory

__all__ = [
    "PROBLEMS",
    "Comparison",
    "Convergence",
    "FlowStopped",
    "Loss",
    "MemoryFlow",
    "Moment",
    "Problem",
    "Trajectory",
    "WarmStart",
    "compare",
    "convergence",
    "flow_of",
    "gould_tanaka_flow",
    "heredia_flow",
    "nonlocal_flow",
    "problem",
    "solve",
    "torch_loss",
    "torch_module_loss",
]

_MODULES = {
    "comparison": ("Comparison", "Convergence", "compare", "convergence"),
    "loss": ("Loss",),
    "memory": ("MemoryFlow", "Moment"),
    "models": ("WarmStart", "flow_of", "gould_tanaka_flow", "heredia_flow", "nonlocal_flow"),
    "problems": ("PROBLEMS", "Problem", "problem"),
    "solving": ("solve",),
    "torch_loss": ("torch_loss", "torch_module_loss"),
    "trajectory": ("FlowStopped", "Trajectory"),
}
_LAZY = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    # The theorems' curves need neither solvers nor methods.
    if name in _LAZY:
        return getattr(import_module(f"adamtheory.flows.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
