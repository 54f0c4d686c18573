"""Where the loss pushes back too fast for polynomials of past gradients, Radau goes on from where they stand.

As gradients die out the second moment does, and the rate L/sqrt(v) at which theta answers grows without limit while the
solution only rests: a case for a method that is stable at any rate.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adamtheory.flows.kernels import Array
from adamtheory.flows.solvers.common import Gradient, History, Pieces
from adamtheory.flows.solvers.exponential_step import Body
from adamtheory.flows.solvers.exponential_weights import Modes
from adamtheory.flows.solvers.ordinary import finish_with_radau
from adamtheory.flows.solvers.ordinary_form import Equations
from adamtheory.flows.solving import Task
from adamtheory.flows.trajectory import FlowStopped

#: parameters up to which a dense Jacobian is quick
LARGEST = 64
#: of the tolerance: what Radau may add for the solution, and for its companion
_PART, _COMPANION_PART = 0.1, 0.01
#: SciPy's own limit of rtol, above rounding
_SMALLEST_RTOL = 1e-13


def follow(task: Task, t: float, gradient: Gradient, companion: Body) -> Pieces | None:
    """theta of the companion from t to the end, with smaller tolerances; None where it does not get there."""
    alone = replace(task, save_at=None, observer=None)
    history, pieces = History(alone, "radau"), Pieces(task.loss.size)
    history.t = t
    try:
        _go(alone, history, pieces, gradient, companion, _COMPANION_PART)
    except FlowStopped:
        return None
    return pieces


def finish(task: Task, history: History, pieces: Pieces | None, gradient: Gradient, body: Body) -> None:
    """Solve to the end from the state at ``history.t``, through ``history``; FlowStopped as of any solver."""
    _go(task, history, pieces or Pieces(task.loss.size), gradient, body, _PART)


def _go(task: Task, history: History, pieces: Pieces, gradient: Gradient, body: Body, part: float) -> None:
    equations = Equations(task)
    gradient.calls += 1
    equations.gradient = gradient
    y = state_of(equations, history.t, body)
    finish_with_radau(task, history, pieces, equations, y, max(part * task.rtol, _SMALLEST_RTOL), part * task.atol)


def state_of(equations: Equations, t: float, body: Body) -> Array:
    """The state in the form of the ordinary differential equation, whose memories leave the tails apart."""
    flow, g = equations.flow, equations.g_start
    rows = np.zeros((equations.rows, equations.size))
    rows[: len(body.place)] = body.place
    both = ((flow.first, body.first, g), (flow.second, body.second, g * g))
    for (moment, states, x), inside in zip(both, equations.inside, strict=True):
        if moment is None or states is None:
            continue
        modes = Modes.of(moment)
        if not len(modes.rates):  # nothing is remembered, whatever the rows say
            continue
        begun = modes.starts[:, None] * (moment.past * x + moment.carried) * np.exp(-modes.rates * t)[:, None]
        rows[inside] = _real_form(modes.rates, (states - begun) * modes.sources[:, None])
    return rows.ravel()


def _real_form(rates: Array, y: Array) -> Array:
    """The rows of ``ordinary_form.Memory`` for the modes' states: real modes themselves, a cascade for two of them,
    real and imaginary part for a pair."""
    if len(rates) == 2 and not np.iscomplexobj(rates):
        return np.stack((y[0], (y[0] - y[1]) / (rates[1] - rates[0])))
    rows = [part for rate, one in zip(rates, y, strict=True) for part in _parts(complex(rate), one)]
    return np.array(rows).reshape(len(rows), y.shape[1])


def _parts(rate: complex, y: Array) -> list[Array]:
    return [y.real, y.imag] if rate.imag else [y.real]
