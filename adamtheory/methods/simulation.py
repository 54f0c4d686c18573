"""A run of any method in any arithmetic, generated from its symbolic rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from adamtheory import notation
from adamtheory.lowering import Arithmetic, LeavesRationals, Lowered, evaluate, lower
from adamtheory.lowering import arithmetic as arithmetic_by_name
from adamtheory.methods.gradients import (
    as_array,
    batch_shape,
    check_finite,
    default_options,
    read_gradients,
    to_arithmetic,
    to_host,
)
from adamtheory.methods.method import Method, is_array, is_zero
from adamtheory.methods.rule import UpdateRule, gradient, previous, theta
from adamtheory.methods.run import Run
from adamtheory.validation import integer, one_of, reject

ZEROS = ("nonzero-start", "zero-over-zero", "eps")
_QUOTIENT = sp.Function("quotient")


def simulate(
    method: Method,
    gradients: Any,
    *,
    steps: int | None = None,
    arithmetic: str = "numpy",
    dtype: Any = None,
    device: Any = None,
    theta0: Any = 0,
    zeros: str | None = None,
    bits: int | None = None,
    digits: int | None = None,
) -> Run:
    """Run ``method`` on a sequence of gradients, one scalar coordinate for each element of the batch.

    ``gradients``: numbers of shape (*batch, N), steps last (list, NumPy array, torch tensor; entries may be
    Fractions or decimal strings), or a callable theta -> gradient with ``steps=N``. Array hyperparameters and
    ``theta0`` broadcast with *batch. ``arithmetic``: "fraction", "ball" (``bits``, 128), "mpmath" (``digits``, 50),
    "numpy" (``dtype``) or "torch" (``dtype``, ``device``); dtype and device default to those of the gradients, else
    float64 on the CPU. In the first three a float means its shortest decimal, and the batch is a loop.
    ``zeros``, the convention where a denominator is 0: "nonzero-start" (ValueError naming the step), "zero-over-zero"
    (0/0 := 0, anything else over 0 as in nonzero-start), "eps" (needs eps > 0, so that none is). None: "eps" where
    eps > 0, else "nonzero-start".

    Raises ValueError or TypeError in one line for bad input, and LeavesRationals where exact fractions cannot follow
    (of iterates alone, Run.iterates is None and the reason is beside it).
    """
    if not isinstance(method, Method):
        reject("method", method, "a Method such as Adam(beta='0.999', gamma='0.9')", TypeError)
    source = None if callable(gradients) and not hasattr(gradients, "shape") else read_gradients(gradients)
    options = default_options(arithmetic, source, dtype, device)
    chosen = arithmetic_by_name(arithmetic, bits=bits, digits=digits, **options)
    count = _steps(source, steps)
    convention = zero_convention(method, zeros)
    start = as_array("theta0", theta0)
    check_finite("theta0", start)
    rule = effective_rule(method)
    if notation.lr not in method.values and (source is None or rule.reads_iterates):
        reject("lr", None, f"given: the gradients or updates of this {method.name} run depend on the iterates")
    shapes = {"gradients": () if source is None else tuple(source.shape[:-1]), "theta0": tuple(start.shape)}
    shapes |= {s.name: tuple(x.shape) for s, x in method.values.items() if is_array(x)}
    stepper = Stepper(method, rule, chosen, convention)
    run = _run_arrays if chosen.name in ("numpy", "torch") else _run_entries
    seen, columns, iterates, reason = run(
        stepper, gradients if source is None else source, start, batch_shape(shapes), count
    )
    states = {name: values for name, values in columns.items() if name != rule.update.name}
    return Run(
        method=method,
        arithmetic=chosen.name,
        zeros=convention,
        gradients=seen,
        updates=columns[rule.update.name],
        states=states,
        iterates=iterates,
        iterates_reason=reason,
    )


def _steps(source: Any, steps: int | None) -> int:
    if source is None:
        if steps is None:
            reject("steps", steps, "given where gradients is a callable")
        return integer("steps", steps, minimum=1)
    if steps is not None and integer("steps", steps, minimum=1) != source.shape[-1]:
        reject("steps", steps, f"left out or {source.shape[-1]}, the number of gradients given")
    return int(source.shape[-1])


def zero_convention(method: Method, zeros: str | None) -> str:
    """The convention for vanishing denominators of a run: the given one, checked, or the method's own."""
    eps = method.values.get(notation.eps)
    positive = eps is not None and bool((eps > 0).all() if is_array(eps) else eps > 0)
    if zeros is None:
        return "eps" if positive else "nonzero-start"
    one_of("zeros", zeros, ZEROS)
    divides = any(step.denominator != 1 for step in method.rule.steps)
    if zeros == "eps" and divides and not positive:
        reject("eps", eps, "> 0 everywhere under zeros='eps'")
    return zeros


def effective_rule(method: Method) -> UpdateRule:
    """Without the terms of hyperparameters that are exactly 0 and would otherwise ask for iterates."""
    decay = method.values.get(notation.weight_decay)
    return method.rule.specialise({notation.weight_decay: sp.S.Zero}) if is_zero(decay) else method.rule


class Stepper:
    """One step of a rule in an arithmetic: two tapes, one for states and update, one for the next iterate."""

    def __init__(self, method: Method, rule: UpdateRule, arithmetic: Arithmetic, zeros: str) -> None:
        self.arithmetic = arithmetic
        self.rule = rule
        self.zeros = zeros
        self.hyperparameters = {h.symbol: method.values.get(h.symbol) for h in rule.hyperparameters}
        self.has_lr = notation.lr in method.values
        self.assigned = [step.symbol for step in rule.steps]
        self.states = [symbol for symbol, _ in rule.state]
        where = [
            (
                step.symbol,
                step.numerator if step.denominator == 1 else _QUOTIENT(step.numerator, step.denominator, notation.n),
            )
            for step in rule.steps
        ]
        common = [notation.n, gradient, theta]
        symbols = list(self.hyperparameters)
        self._advance = lower(
            self.assigned,
            [*common, *(previous(symbol) for symbol in self.states), *symbols],
            arithmetic,
            functions={"quotient": self._quotient},
            where=where,
        )
        self._iterate: Lowered = lower(rule.iterate, [*common, *self.assigned, *symbols], arithmetic)

    def initial(self) -> dict[sp.Symbol, Any]:
        return {symbol: evaluate(value, {}, self.arithmetic) for symbol, value in self.rule.state}

    def advance(self, n: int, g: Any, at: Any, state: dict[sp.Symbol, Any], values: list[Any]) -> dict[sp.Symbol, Any]:
        results = self._advance.raw(n, g, at, *(state[symbol] for symbol in self.states), *values)
        return dict(zip(self.assigned, results, strict=True))

    def iterate(self, n: int, g: Any, at: Any, assigned: dict[sp.Symbol, Any], values: list[Any]) -> Any:
        return self._iterate.raw(n, g, at, *(assigned[symbol] for symbol in self.assigned), *values)[0]

    def convert(self, value: Any) -> Any:
        if value is None:  # lr: its tape is not run
            return 0
        if hasattr(value, "detach") and self.arithmetic.name != "torch":
            value = to_host(value)[()]
        if isinstance(value, sp.Expr):
            return evaluate(value, {}, self.arithmetic)
        return self.arithmetic.element(value)

    def _quotient(self, numerator: Any, denominator: Any, n: int) -> Any:
        divide = self.arithmetic.div
        if self.zeros == "eps":
            return divide(numerator, denominator)
        zero = denominator == 0
        if not hasattr(zero, "any"):
            if not zero:  # an undecided ball is not 0 for certain: its quotient then contains everything
                return divide(numerator, denominator)
            if self.zeros == "zero-over-zero" and numerator == 0:
                return 0
            raise self._vanished(n, bool(numerator != 0))
        if not bool(zero.any()):
            return divide(numerator, denominator)
        over_zero = bool((zero & (numerator != 0)).any())
        if self.zeros == "nonzero-start" or over_zero:
            raise self._vanished(n, over_zero)
        # numerator is 0 wherever denominator is, so 0/1 there is the 0 that the convention wants
        return divide(numerator, denominator + zero)

    def _vanished(self, n: int, over_zero: bool) -> ValueError:
        """x/0 comes of beta = 0, or of a gradient whose square underflows; 0/0 of gradients all zero so far."""
        if over_zero:
            keep = "gradients must keep the update's denominator above 0 (their squares must not underflow)"
            return ValueError(f"{keep}, got a non-zero number over 0 at step {n + 1}")
        hint = "zeros='zero-over-zero' defines 0/0 as 0"
        return ValueError(f"gradients must start non-zero under zeros={self.zeros!r}, got 0/0 at step {n + 1}; {hint}")


_Columns = tuple[Any, dict[str, Any], Any | None, str | None]


def _walk(
    stepper: Stepper, source: Callable[[Any], Any] | list[Any], start: Any, values: list[Any], count: int
) -> tuple[list[Any], list[dict[sp.Symbol, Any]], list[Any], str | None]:
    """The loop over steps in any arithmetic: (gradients, assigned values of each step, iterates, reason)."""
    state, at = stepper.initial(), start
    seen: list[Any] = []
    assigned: list[dict[sp.Symbol, Any]] = []
    iterates = [at]
    reason = None if stepper.has_lr else "lr was not given"
    for n in range(count):
        g = source(at) if callable(source) else source[n]
        state = stepper.advance(n, g, at, state, values)
        seen.append(g)
        assigned.append(state)
        if reason is None:
            try:
                at = stepper.iterate(n, g, at, state, values)
            except LeavesRationals as error:
                if callable(source) or stepper.rule.reads_iterates:
                    raise
                reason = str(error)
            else:
                iterates.append(at)
    return seen, assigned, iterates, reason


def _run_arrays(stepper: Stepper, source: Any, start: Any, batch: tuple[int, ...], count: int) -> _Columns:
    arithmetic: Any = stepper.arithmetic
    inner = batch or (1,)  # NumPy turns 0-dimensional arrays into scalars, so a lone run has a batch of one inside

    def spread(value: Any) -> Any:
        if arithmetic.is_array(value) and tuple(value.shape) == inner:
            return value
        return arithmetic.broadcast([arithmetic.array(value), arithmetic.array(np.zeros(inner))])[0]

    def called(at: Any) -> Any:
        g = arithmetic.array(source(at if batch else at[0]))
        check_finite("gradients", g)
        if tuple(g.shape) not in (inner, (), batch):
            reject("gradients", f"a callable returning shape {tuple(g.shape)}", f"a callable returning shape {batch}")
        return spread(g)

    values = [stepper.convert(value) for value in stepper.hyperparameters.values()]
    columns: Callable[[Any], Any] | list[Any] = called
    if hasattr(source, "shape"):
        array = to_arithmetic(arithmetic, source)
        check_finite(f"gradients in {arithmetic.dtype}", array)
        # steps first in memory: each step then reads one contiguous block
        numpy = arithmetic.name == "numpy"
        rows = np.ascontiguousarray(np.moveaxis(array, -1, 0)) if numpy else array.movedim(-1, 0).contiguous()
        columns = [spread(row) for row in rows]
    with arithmetic.scope():
        first = spread(to_arithmetic(arithmetic, start))
        seen, assigned, iterates, reason = _walk(stepper, columns, first, values, count)

    def stacked(parts: list[Any]) -> Any:
        spreads = [spread(part) for part in parts]
        if arithmetic.name == "numpy":
            whole: Any = np.moveaxis(np.stack(spreads), 0, -1)
        else:
            import torch

            whole = torch.stack(spreads).movedim(0, -1)
        return whole if batch else whole[0]

    named = {symbol.name: stacked([step[symbol] for step in assigned]) for symbol in stepper.assigned}
    return stacked(seen), named, stacked(iterates) if reason is None else None, reason


def _run_entries(stepper: Stepper, source: Any, start: Any, batch: tuple[int, ...], count: int) -> _Columns:
    arithmetic = stepper.arithmetic

    def table(width: int) -> Any:
        return np.empty((*batch, width), dtype=object)

    seen, iterates = table(count), table(count + 1)
    named = {symbol.name: table(count) for symbol in stepper.assigned}
    reason: str | None = None
    given: Any = None
    if hasattr(source, "shape"):
        given = np.broadcast_to(to_host(source), (*batch, count))
    starts: Any = np.broadcast_to(to_host(start), batch)
    hyperparameters: dict[sp.Symbol, Any] = {
        symbol: np.broadcast_to(to_host(value), batch) if is_array(value) else value
        for symbol, value in stepper.hyperparameters.items()
    }

    def called(at: Any) -> Any:
        return arithmetic.element(source(at))

    with arithmetic.scope():
        for index in np.ndindex(*batch):
            values = [stepper.convert(v[index] if is_array(v) else v) for v in hyperparameters.values()]
            column = called if given is None else [arithmetic.element(entry) for entry in given[index]]
            run = _walk(stepper, column, arithmetic.element(starts[index]), values, count)
            seen[index] = run[0]
            for symbol in stepper.assigned:
                named[symbol.name][index] = [arithmetic.finish(step[symbol]) for step in run[1]]
            reason = reason or run[3]
            if reason is None:
                iterates[index] = run[2]
    return seen, named, iterates if reason is None else None, reason
