"""Continuous-time limits of the methods: as definitions of curves for the theorems, and solved.

``flow_of(method)`` makes a flow, ``solve(flow, loss, theta0, t_span)`` its trajectory, ``compare`` holds it against
the discrete method; ``problem(name)`` has the benchmark problems of both papers.
"""

from adamtheory._lazy import attach

_EXPORTS = {
    "flow_of": "adamtheory.flows.models:flow_of",
    "gould_tanaka_flow": "adamtheory.flows.models:gould_tanaka_flow",
    "heredia_flow": "adamtheory.flows.models:heredia_flow",
    "nonlocal_flow": "adamtheory.flows.models:nonlocal_flow",
    "WarmStart": "adamtheory.flows.models:WarmStart",
    "MemoryFlow": "adamtheory.flows.memory:MemoryFlow",
    "Moment": "adamtheory.flows.memory:Moment",
    "Loss": "adamtheory.flows.loss:Loss",
    "torch_loss": "adamtheory.flows.torch_loss:torch_loss",
    "Problem": "adamtheory.flows.problems:Problem",
    "problem": "adamtheory.flows.problems:problem",
    "PROBLEMS": "adamtheory.flows.problems:PROBLEMS",
    "solve": "adamtheory.flows.solving:solve",
    "Trajectory": "adamtheory.flows.trajectory:Trajectory",
    "FlowStopped": "adamtheory.flows.trajectory:FlowStopped",
    "compare": "adamtheory.flows.comparison:compare",
    "convergence": "adamtheory.flows.comparison:convergence",
}

__getattr__, __dir__ = attach(__name__, _EXPORTS)
