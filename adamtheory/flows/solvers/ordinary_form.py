"""A flow as an ordinary differential equation: the memory of a sum of exponentials is a linear system beside theta."""

from __future__ import annotations

import numpy as np

from adamtheory.flows.kernels import Array, Mode
from adamtheory.flows.memory import Moment
from adamtheory.flows.solvers.common import Gradient, NotFinite, State, early_update, start_state
from adamtheory.flows.solving import Task

#: step of a difference of gradients, beside theta: near the root of the rounding error
_DIFFERENCE = 1e-7


class Memory:
    """A moment of x whose integral is ``output @ z``, where z' = input x - decay z and z(0) = 0, all in real numbers:
    z has shape (size, d).  ``moment`` None is x itself, and has size 0."""

    def __init__(self, moment: Moment | None) -> None:
        self.moment = moment
        self.share = 1.0 if moment is None else moment.share
        blocks = _blocks([] if moment is None else list(moment.modes))
        self.size = sum(len(decay) for decay, _ in blocks)
        self.decay = np.zeros((self.size, self.size))
        self.input = np.zeros(self.size)
        self.output = np.zeros(self.size)
        at = 0
        for decay, output in blocks:
            inside = slice(at, at + len(decay))
            self.decay[inside, inside] = decay
            self.input[at] = 1.0
            self.output[inside] = output
            at += len(decay)

    def value(self, t: float, x: Array, x_start: Array, z: Array) -> Array:
        """The moment at time t, shape (d,)."""
        beside = x if self.moment is None else self.moment.beside_memory(t, x, x_start)
        return beside + self.output @ z


def _blocks(modes: list[Mode]) -> list[tuple[Array, list[float]]]:
    """(decay, output) for one mode each, or for a pair: the input goes into the first number of each block."""
    numbers = [(complex(mode.rate), complex(mode.weight)) for mode in modes]
    if len(numbers) == 2 and all(rate.imag == 0 for rate, _ in numbers):
        # A cascade: two exponentials whose weights cancel would lose all digits of a short memory.
        (r, w), (s, x) = [(rate.real, weight.real) for rate, weight in numbers]
        return [(np.array([[r, 0.0], [-1.0, s]]), [w + x, x * (r - s)])]
    found: list[tuple[Array, list[float]]] = []
    for rate, weight in numbers:
        if rate.imag == 0:
            found.append((np.array([[rate.real]]), [weight.real]))
        else:
            turning = np.array([[rate.real, -rate.imag], [rate.imag, rate.real]])
            found.append((turning, [weight.real, -weight.imag]))
    return found


class Equations:
    """y' = slope(t, y) for y with the rows theta, theta' where there is inertia, and both memories' z; y is flat.

    Making one takes a gradient at theta(0), and raises NotFinite where there is none."""

    def __init__(self, task: Task) -> None:
        self.flow = task.flow
        self.loss = task.loss
        self.size = task.loss.size
        self.gradient = Gradient(task)
        self.g_start = self.gradient(task.theta0, 0.0)
        self.memories = (Memory(self.flow.first), Memory(self.flow.second))
        head = 2 if self.flow.inertia else 1
        middle = head + self.memories[0].size
        self.rows = middle + self.memories[1].size
        self.inside = (slice(head, middle), slice(middle, self.rows))
        self._last: tuple[float, Array, State, Array] | None = None

    def start(self, theta: Array) -> tuple[Array, State]:
        """y and the state at t = 0."""
        state = start_state(self.flow, theta, self.g_start)
        y = np.zeros((self.rows, self.size))
        y[0] = theta
        if state.velocity is not None:
            y[1] = state.velocity
        return y.ravel(), state

    def state(self, t: float, y: Array) -> State:
        """theta and its moments at (t, y), t > 0; NotFinite where the gradient is not finite."""
        return self._at(t, y)[0]

    def _at(self, t: float, y: Array) -> tuple[State, Array]:
        if self._last is not None and self._last[0] == t and np.array_equal(self._last[1], y):
            return self._last[2], self._last[3]
        rows = y.reshape(self.rows, self.size)
        g = self.gradient(rows[0], t) if t else self.g_start
        m = self.memories[0].value(t, g, self.g_start, rows[self.inside[0]])
        v = self.memories[1].value(t, g**2, self.g_start**2, rows[self.inside[1]])
        state = State(rows[0], m, v, rows[1] if self.flow.inertia else None)
        self._last = (t, np.array(y), state, g)
        return state, g

    def slope(self, t: float, y: Array) -> Array:
        """y' at (t, y); at t = 0 with the update's limit (see ``early_update``).  NotFinite where it is not."""
        state, g = self._at(t, y)
        u = self.flow.update(t, state.m, state.v) if t else early_update(self.flow, g)[1]
        finite = np.isfinite(u)
        if not finite.all():
            i = int(np.argmin(finite))
            moments = f"m = {state.m[i]:.3g}, v = {state.v[i]:.3g}"
            raise NotFinite(t, f"the update is not finite in coordinate {i} ({moments})")
        rows = y.reshape(self.rows, self.size)
        out = np.empty_like(rows)
        pull = -self.flow.speed * (u + self.flow.decay * state.theta)
        out[0] = pull if state.velocity is None else state.velocity
        if state.velocity is not None:
            out[1] = (pull - state.velocity) / self.flow.inertia
        for memory, inside, x in zip(self.memories, self.inside, (g, g**2), strict=True):
            out[inside] = np.outer(memory.input, x) - memory.decay @ rows[inside]
        return out.ravel()

    def jacobian(self, t: float, y: Array) -> Array:
        """The derivative of ``slope`` by y, dense; t > 0.  What is not finite in it is 0, and a step may then fail."""
        state, g = self._at(t, y)
        d, unit, flow = self.size, np.eye(self.size), self.flow
        hessian = self._hessian(t, state.theta, g)
        root = np.sqrt(state.v)
        below = root + flow.floor(t)
        with np.errstate(divide="ignore", invalid="ignore"):
            by_m = flow.gain(t) / below
            by_v = -by_m * state.m / (below * 2 * root)
        out = np.zeros((self.rows, d, self.rows, d))
        force = out[0] if state.velocity is None else out[1]
        if state.velocity is not None:
            out[0, :, 1, :] = unit
            force[:, 1, :] = -unit / flow.inertia
        scale = -flow.speed / (flow.inertia or 1.0)
        force[:, 0, :] = scale * flow.decay * unit
        changes = (hessian, 2 * g[:, None] * hessian)
        for memory, inside, x, by in zip(self.memories, self.inside, changes, (by_m, by_v), strict=True):
            by = np.where(np.isfinite(by), by, 0.0)
            force[:, 0, :] += scale * memory.share * by[:, None] * x
            force[:, inside, :] = scale * by[:, None, None] * memory.output[:, None] * unit[:, None, :]
            out[inside, :, 0, :] = memory.input[:, None, None] * x
            out[inside, :, inside, :] -= memory.decay[:, None, :, None] * unit[None, :, None, :]
        return out.reshape(self.rows * d, self.rows * d)

    def _hessian(self, t: float, theta: Array, g: Array) -> Array:
        """The derivative of ``gradient``, from Hessian-vector products or else from differences."""
        product = self.loss.hessian_vector
        if product is not None:
            columns = [product(theta, unit) for unit in np.eye(self.size)]
            return np.stack(columns, axis=1) + self.flow.coupled * np.eye(self.size)
        steps = _DIFFERENCE * np.maximum(1.0, np.abs(theta))
        columns = []
        for i, step in enumerate(steps):
            moved = theta.copy()
            moved[i] += step
            try:
                columns.append((self.gradient(moved, t) - g) / step)
            except NotFinite:
                columns.append(np.zeros_like(g))
        return np.stack(columns, axis=1)

    def tolerances(self, state: State, rtol: float, atol: float) -> Array:
        """What each number of y may be off by, besides rtol times itself: theta by its own tolerance, the memory by
        what changes the update by rtol, so by rtol v in the second moment and by rtol sqrt(v) in the first."""
        out = np.full((self.rows, self.size), 1e-200)  # where v is 0, itself alone is the measure
        out[0] = atol + rtol * np.abs(state.theta).max()
        if self.flow.inertia:
            out[1] = rtol * self.flow.speed
        v = np.abs(state.v)
        for memory, inside, unit in zip(self.memories, self.inside, (np.sqrt(v), v), strict=True):
            out[inside] += rtol * unit / (np.abs(memory.output).sum() or 1.0)
        return out.ravel()
