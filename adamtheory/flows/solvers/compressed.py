"""Flows with any kernels as flows with sums of exponentials: compress, then call the exponential solver.

N steps with p exponentials cost N p instead of the N^2 of a memory that is integrated anew at each step, and p grows
like the logarithms of the span and of the accuracy.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adamtheory.flows.compression import compress
from adamtheory.flows.memory import Moment
from adamtheory.flows.solvers.exponential import solve_task as solve_exponential
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import FlowStopped, Trajectory
from adamtheory.validation import reject

_PART = 0.1
#: a moment is divided by the root of the other
_SHARE = 1.5


def solve_task(task: Task) -> Trajectory:
    """Options ``kernel_rtol`` (of ``compression.compress``, a tenth of rtol by default) and ``max_terms``; others are
    the exponential solver's.

    ``error`` is that solver's, plus the kernels' relative errors times the length of theta's path.  Raises ValueError
    where a kernel cannot be compressed that far, or is weakly singular in a flow whose start is singular too."""
    rest = dict(task.options)
    rtol, most = rest.pop("kernel_rtol", _PART * task.rtol), rest.pop("max_terms", 200)
    flow, error = task.flow, 0.0
    for name in ("first", "second"):
        moment: Moment | None = getattr(flow, name)
        if moment is not None and moment.kernel.modes is None:
            if flow.singular and moment.kernel.singular > 0:  # its fast modes would all have to be resolved
                reject("method", "compressed", "'volterra' for a singular kernel in a flow whose start is singular")
            kernel = compress(moment.kernel, task.t_span[1], rtol, most)
            flow = replace(flow, **{name: replace(moment, kernel=kernel)})  # type: ignore[arg-type]
            error += _SHARE * kernel.error

    def named(found: Trajectory) -> Trajectory:
        path = np.abs(np.diff(np.vstack([task.theta0, found.theta]), axis=0)).sum(axis=0).max(initial=0.0)
        return replace(found, flow=task.flow, method="compressed", error=found.error + error * float(path))

    try:
        return named(solve_exponential(replace(task, flow=flow, options=rest)))
    except FlowStopped as stopped:
        raise FlowStopped(str(stopped), named(stopped.trajectory)) from stopped
