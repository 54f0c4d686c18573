"""One step of exponential time differencing for one parameter, as straight-line Python generated for a flow's shape.

The scheme is that of ``etd``, which has it for arrays, in the same order of operations; loops over components and
stages are unrolled here, and what depends on time alone is found once a time.  A step costs half of what it costs the
general code with a float in each component.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from adamtheory.flows.memory import MemoryFlow, Moment


class _Shape(NamedTuple):
    """What the text of a step depends on: the numbers of memories, and which terms there are."""

    firsts: int | None  # None: the first moment is the gradient
    seconds: int
    shares: tuple[bool, bool]
    tails: tuple[bool, bool]
    corrections: tuple[bool, bool]
    eps_follows: bool
    decay: bool
    inertia: bool


def scalar_step(
    flow: MemoryFlow,
    carried: Sequence[float],
    gradient: Callable[[float, float], float],
    tails: Sequence[Callable[[float], float] | None],
    update: Callable[[float, float, float], float],
) -> Callable[..., Any]:
    """(t, width, weights of the scheme, z, sources at its start) -> what ``etd``'s general step gives.

    ``carried`` times ``tails`` of t: what of each moment is older than its integral.  ``update(t, m, v)`` stands in
    where v is not positive."""
    moments = (flow.first, flow.second)
    shape = _Shape(
        None if flow.first is None else len(flow.first.modes),
        len(flow.second.modes),
        (bool(flow.first and flow.first.share), bool(flow.second.share)),
        (tails[0] is not None, tails[1] is not None),
        (bool(flow.corrections[0].start), bool(flow.corrections[1].start)),
        flow.eps_follows,
        bool(flow.decay),
        bool(flow.inertia),
    )
    numbers: dict[str, Any] = {"sqrt": math.sqrt, "expm1": math.expm1, "gradient": gradient, "update": update}
    numbers |= {"speed": flow.speed, "decay": flow.decay, "inertia": flow.inertia, "eps": flow.eps}
    for which, (moment, correction) in enumerate(zip(moments, flow.corrections, strict=True)):
        numbers |= {f"carried{which}": carried[which], f"tail{which}": tails[which]}
        numbers[f"share{which}"] = moment.share if moment else 1.0
        numbers |= {f"weight{which}_{j}": weight for j, weight in enumerate(_weights(moment))}
        numbers[f"start{which}"] = math.log(correction.start) if correction.start else 0.0
        numbers[f"rate{which}"] = correction.rate
    step: Callable[..., Any] = _maker(shape, tuple(numbers))(**numbers)
    return step


def _weights(moment: Moment | None) -> list[float]:
    return [float(mode.weight.real) for mode in moment.modes] if moment else []


@lru_cache(maxsize=64)
def _maker(shape: _Shape, names: tuple[str, ...]) -> Callable[..., Any]:
    lines = [f"def make({', '.join(names)}):", "    def step(t, width, scheme, z, k):"]
    lines += [f"        {line}" for line in _step(shape)] + ["    return step"]
    space: dict[str, Any] = {}
    exec(compile("\n".join(lines), "<etd step>", "exec"), space)  # noqa: S102 - the text is from this module alone
    made: Callable[..., Any] = space["make"]
    return made


def _step(shape: _Shape) -> Iterator[str]:
    count = 1 + (shape.firsts or 0) + shape.seconds + shape.inertia

    def row(name: str) -> str:
        return "(" + "".join(f"{name}{j}, " for j in range(count)) + ")"

    def each(formula: str) -> Iterator[str]:
        return (formula.replace("#", str(j)) for j in range(count))

    yield f"{row('z')}, {row('a')} = z, k"
    yield "".join(f"({''.join(f'w{j}_{n}, ' for n in range(9))}), " for j in range(count)) + "= scheme"
    yield "half, end = t + width / 2, t + width"
    yield from _clock(shape, "half")
    yield from _clock(shape, "end")
    yield from each("x# = w#_0 * z# + w#_2 * a#")
    yield from _stage(shape, "b", "half")
    yield from each("x# = w#_0 * z# + (w#_2 - w#_3) * a# + w#_3 * b#")
    yield from _stage(shape, "c", "half")
    yield from each("x# = w#_1 * z# + (w#_4 - w#_5) * a# + w#_5 * c#")
    yield from _stage(shape, "d", "end")
    yield from each("x# = w#_1 * z# + w#_6 * a# + w#_7 * (b# + c#) + w#_8 * d#")
    yield from _stage(shape, "e", "end")
    yield f"return {row('x')}, {row('e')}, {row('c')}, {row('d')}, (m, v)"


def _clock(shape: _Shape, time: str) -> Iterator[str]:
    """What depends on time alone: what is older than the integrals, the bias correction and the regulariser."""
    for which in (0, 1):
        if shape.tails[which]:
            yield f"older{which}_{time} = carried{which} * tail{which}({time})"
    root = f"root_{time}" if shape.corrections[1] else "1.0"
    if shape.corrections[1]:
        yield f"{root} = sqrt(-expm1(start1 - rate1 * {time}))"
    below = f" / -expm1(start0 - rate0 * {time})" if shape.corrections[0] else ""
    yield f"gain_{time} = {root}{below}"
    yield f"floor_{time} = eps * {root}" if shape.eps_follows else f"floor_{time} = eps"


def _stage(shape: _Shape, sources: str, time: str) -> Iterator[str]:
    """Gradient, moments and sources at the components x."""
    firsts, drive = shape.firsts or 0, "-speed * (u + decay * x0)" if shape.decay else "-speed * u"
    yield f"g = gradient(x0, {time})"
    yield "q = g * g"
    yield "m = g" if shape.firsts is None else f"m = {_moment(shape, 0, 'g', time, 1, firsts)}"
    yield f"v = {_moment(shape, 1, 'q', time, 1 + firsts, shape.seconds)}"
    yield f"u = gain_{time} * m / (sqrt(v) + floor_{time}) if v > 0 else update({time}, m, v)"
    yield from (f"{sources}{1 + j} = g" for j in range(firsts))
    yield from (f"{sources}{1 + firsts + j} = q" for j in range(shape.seconds))
    if shape.inertia:
        velocity = 1 + firsts + shape.seconds
        yield f"{sources}0 = x{velocity}"
        yield f"{sources}{velocity} = {drive} / inertia"
    else:
        yield f"{sources}0 = {drive}"


def _moment(shape: _Shape, which: int, newest: str, time: str, begin: int, modes: int) -> str:
    terms = [f"share{which} * {newest}"] * shape.shares[which] + [f"older{which}_{time}"] * shape.tails[which]
    return " + ".join(terms + [f"weight{which}_{j} * x{begin + j}" for j in range(modes)])
