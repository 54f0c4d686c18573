"""The largest |u(t)| of Adam in continuous time, on demand (Gould & Tanaka 2024, Proposition 1 and Theorem 1)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from adamtheory.bounds import adam_continuous
from adamtheory.bounds.bound import Bound, Kind, Stability
from adamtheory.bounds.enclosures import Range, enclose, sharp, supremum
from adamtheory.bounds.filters import Filters, Layer, NotALinearFilter, filters
from adamtheory.bounds.special import Numbers, compare
from adamtheory.lowering import exact_fraction
from adamtheory.methods import Adam, Method
from adamtheory.notation import beta, gamma, n, stability_exponent
from adamtheory.validation import reject


def max_update_continuous(method: Method, steps: Any, zeros: str, structure: Filters) -> Bound:
    """The bound of ``max_update`` where time is continuous; ``steps`` is t/h, any number >= 0, or None."""
    layers = structure.layers
    symbols = _adam_symbols(layers[-1], method.name)
    numbers = {plain: method.values[own] for plain, own in symbols.items()}
    for symbol, value in numbers.items():
        if value == 0:
            reject(symbol.name, value, "above 0 in continuous time, where its kernel has a width")
    elapsed = None if steps is None else exact_fraction(steps, "steps")
    if elapsed is not None and elapsed < 0:
        reject("steps", steps, "None or a number >= 0 in continuous time (t/h)")
    exponent = compare(stability_exponent(), sp.S.Zero, numbers)
    own = dict(symbols)
    at_zero, elsewhere = adam_continuous.worst_case_on_boundary(n), adam_continuous.worst_case(n)
    formula = sp.Piecewise((at_zero, sp.Eq(stability_exponent(), 0)), (elsewhere, True)).subs(own, simultaneous=True)
    limit = (1 - gamma) / gamma * sp.sqrt(beta / (1 - beta)) / sp.sqrt(stability_exponent())
    kind: Kind = "exact" if len(layers) == 1 else "upper"
    return Bound(
        quantity="max |u(t)|",
        kind=kind,
        method=method,
        steps=elapsed,
        time="continuous",
        zeros=zeros,
        formula=formula,
        limit=limit.subs(own, simultaneous=True),
        stable=Stability(sp.StrictGreaterThan(stability_exponent(), 0).subs(own, simultaneous=True), exponent > 0),
        attained=kind == "exact" and elapsed is not None and zeros != "eps",
        note="n stands for t/h; the bias correction is taken at 1 + t/h" + _upper(kind),
        values=numbers,
        _ball=_ball(numbers, elapsed, exponent),
        _results=_proved,
    )


def _upper(kind: Kind) -> str:
    return "" if kind == "exact" else "; the last level's own bound"


def _ball(numbers: Numbers, elapsed: Fraction | None, exponent: int) -> Callable[[], arb]:
    if elapsed is None and exponent <= 0:
        return arb.pos_inf
    e = adam_continuous.worst_case_on_boundary(n) if exponent == 0 else adam_continuous.worst_case(n)
    shrinking = sp.Symbol("exp(-C)")  # so that exp(-C s) is a power, which is monotone in s
    plain = e.replace(sp.exp, lambda _: shrinking**n)
    base = sp.exp(-stability_exponent())
    if elapsed is not None:
        return lambda: sharp(lambda: enclose(e, numbers, Range(elapsed, elapsed)))

    def over(times: Range) -> arb:
        return enclose(plain, {**numbers, shrinking: enclose(base, numbers, Range(0, 0))}, times)

    return lambda: supremum(over, whole=False)[0]


def _adam_symbols(layer: Layer, name: str) -> dict[sp.Symbol, sp.Symbol]:
    """Adam's beta and gamma -> the symbols that play their part in a layer that is Adam's."""
    adam = filters(Adam().rule).layers[0]
    square, modes = layer.square, layer.modes
    plain = square is not None and not square.maximum and len(modes) == 1 and layer.direct == 0
    if plain and square is not None and square.decay.is_Symbol and modes[0].pole.is_Symbol:
        symbols = {beta: square.decay, gamma: modes[0].pole}
        meant = adam.modes[0].amplitude.subs(symbols, simultaneous=True)
        if square.weight == 1 - square.decay and sp.simplify(meant - modes[0].amplitude) == 0:
            return symbols
    raise NotALinearFilter(f"{name}: continuous time is derived for Adam's update alone (and levels of it)")


def _proved() -> tuple[Any, ...]:
    from adamtheory.verification import verify_one

    names = ("continuous_update_worst_case", "continuous_update_worst_case_on_boundary")
    return tuple(verify_one(name) for name in names)
