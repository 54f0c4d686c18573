"""Running a tape in an arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from adamtheory.lowering.contract import Arithmetic
from adamtheory.lowering.errors import LoweringError
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lowering.tape import Operation, Tape, compile_tape, ordered_symbols
from adamtheory.validation import one_of, reject, shown

Functions = Mapping[Any, Callable[..., Any]]
_OPTIONS: dict[str, tuple[str, ...]] = {
    "fraction": (),
    "ball": ("bits",),
    "mpmath": ("digits",),
    "numpy": ("dtype",),
    "torch": ("dtype", "device"),
}
NAMES = tuple(_OPTIONS)


def arithmetic(name: str | Arithmetic, **options: Any) -> Arithmetic:
    """An arithmetic by name: "fraction", "ball" (bits=128), "mpmath" (digits=50), "numpy" (dtype="float64"),
    "torch" (dtype="float64", device="cpu"). Options left None take their defaults; an Arithmetic is returned as it is.
    """
    given = {option: value for option, value in options.items() if value is not None}
    if isinstance(name, Arithmetic):
        return name
    one_of("arithmetic", name, NAMES)
    for option in given:
        if option not in _OPTIONS[name]:
            reject(option, given[option], f"left out for arithmetic={name!r}")
    # Imported here: NumPy and torch cost more than everything else together.
    if name == "fraction":
        from adamtheory.lowering.fraction import FractionArithmetic

        return FractionArithmetic()
    if name == "ball":
        from adamtheory.lowering.ball import BallArithmetic

        return BallArithmetic(**given)
    if name == "mpmath":
        from adamtheory.lowering.multiprecision import MultiprecisionArithmetic

        return MultiprecisionArithmetic(**given)
    if name == "numpy":
        from adamtheory.lowering.numpy_arithmetic import NumpyArithmetic

        return NumpyArithmetic(**given)
    from adamtheory.lowering.torch_arithmetic import TorchArithmetic

    return TorchArithmetic(**given)


class Lowered:
    """A compiled function of positional values, one per argument symbol; see ``lower``."""

    def __init__(
        self,
        expressions: Any,
        arguments: Iterable[sp.Symbol],
        arithmetic: Arithmetic,
        functions: Functions,
        where: Sequence[tuple[sp.Symbol, Any]] = (),
    ) -> None:
        self.arithmetic = arithmetic
        self.arguments = tuple(arguments)
        for argument in self.arguments:
            if not isinstance(argument, sp.Symbol):
                reject("arguments", argument, "sympy Symbols", TypeError)
        self._single = not isinstance(expressions, Sequence)
        self.expressions = (expressions,) if self._single else tuple(expressions)
        tape = _tape(self.expressions, self.arguments, arithmetic.folds_constants, tuple(map(tuple, where)))
        named = {name if isinstance(name, str) else name.__name__: function for name, function in functions.items()}
        with arithmetic.scope():
            self._program = _Program(tape, arithmetic, named)

    def __call__(self, *values: Any) -> Any:
        if len(values) != len(self.arguments):
            names = ", ".join(map(str, self.arguments))
            raise TypeError(f"values must be {len(self.arguments)} in the order ({names}), got {len(values)}")
        with self.arithmetic.scope():
            inputs = [_convert(self.arithmetic, s, x) for s, x in zip(self.arguments, values, strict=True)]
            results = [_finished(self.arithmetic, result) for result in self._program.run(inputs)]
        return results[0] if self._single else tuple(results)

    def raw(self, *values: Any) -> list[Any]:
        """The results for values that are already elements, called inside the arithmetic's scope: for loops."""
        return self._program.run(values)


@lru_cache(maxsize=10_000)
def _tape(expressions: Any, arguments: Any, fold: bool, where: Any) -> Tape:
    """One tape for equal expressions: proofs evaluate the same ones at many points."""
    return compile_tape(expressions, arguments, fold=fold, where=where)


def lower(
    expressions: Any,
    arguments: Iterable[sp.Symbol],
    arithmetic: str | Arithmetic,
    *,
    functions: Functions | None = None,
    where: Sequence[tuple[sp.Symbol, Any]] = (),
) -> Lowered:
    """Compile one expression (or a sequence of them, then the result is a tuple) to a function of positional values.

    ``arguments`` are the symbols in the order of the values; a symbol declared integer takes an int. ``functions`` maps
    the name (or the UndefinedFunction) of a sequence or curve such as g to a callable; an index reaches it as an int.
    ``where`` are assignments (symbol, expression), in order, of further symbols that the expressions use.
    Exact numbers, decimal strings and floats (by their shortest decimal) are accepted by every arithmetic, arrays by
    NumPy and torch, where everything broadcasts.
    Conditions may be lowered too: True, False, or None where balls cannot decide.
    Raises LoweringError, naming the node, for what the arithmetic cannot do.
    """
    chosen = arithmetic if isinstance(arithmetic, Arithmetic) else _by_name(arithmetic)
    return Lowered(expressions, arguments, chosen, functions or {}, where)


_by_name = arithmetic  # the parameter of `lower` hides the function's name


def evaluate(
    expression: Any,
    values: Mapping[sp.Symbol, Any],
    arithmetic: str | Arithmetic,
    *,
    functions: Functions | None = None,
) -> Any:
    """One value of one expression: ``lower`` with the keys of ``values`` as arguments, applied to them."""
    symbols = ordered_symbols(values)
    return lower(expression, symbols, arithmetic, functions=functions)(*(values[symbol] for symbol in symbols))


def _convert(arithmetic: Arithmetic, symbol: sp.Symbol, value: Any) -> Any:
    try:
        return arithmetic.index(value, symbol.name) if symbol.is_integer else arithmetic.element(value)
    except LoweringError:
        raise
    except (TypeError, ValueError) as error:
        if str(error).startswith(symbol.name):
            raise
        raise type(error)(f"{symbol.name}={shown(value)}: {error}") from error


def _finished(arithmetic: Arithmetic, result: Any) -> Any:
    return result if result is None or isinstance(result, bool) else arithmetic.finish(result)


class _Program:
    """A tape bound to an arithmetic: constants converted once, every operation a bound method."""

    def __init__(self, tape: Tape, arithmetic: Arithmetic, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._arithmetic = arithmetic
        self._functions = functions
        self._template: list[Any] = [None] * (len(tape.symbols) + len(tape.operations))
        self._inputs = len(tape.symbols)
        self._outputs = tape.outputs
        self._steps: list[tuple[int, Callable[..., Any], tuple[int, ...]]] = []
        for position, operation in enumerate(tape.operations, start=self._inputs):
            step = self._bind(operation)
            if callable(step):
                self._steps.append((position, step, operation.arguments))
            else:
                self._template[position] = step

    def run(self, inputs: Sequence[Any]) -> list[Any]:
        slots = self._template.copy()
        slots[: self._inputs] = inputs
        for target, function, arguments in self._steps:
            slots[target] = function(*[slots[position] for position in arguments])
        return [slots[position] for position in self._outputs]

    def one(self, *inputs: Any) -> Any:
        return self.run(inputs)[0]

    def _bind(self, operation: Operation) -> Any:
        """A callable for an operation that reads slots, a value for a constant."""
        arithmetic, payload = self._arithmetic, operation.payload
        match operation.name:
            case "integer" | "truth":
                return payload
            case "rational":
                return arithmetic.rational(exact_fraction(payload))
            case "fold":
                return arithmetic.fold(payload)
            case "pi":
                return arithmetic.pi()
            case "e":
                return arithmetic.e()
            case "infinity":
                return arithmetic.infinity(payload)
            case "power_int":
                return lambda base: arithmetic.power_int(base, payload)
            case "power_rational":
                return lambda base: arithmetic.power_rational(base, *payload)
            case "call":
                return self._call(payload)
            case "piecewise":
                programs = [(self._nested(condition), self._nested(value)) for condition, value in payload]
                branches = [(condition.one, value.one) for condition, value in programs]
                masked = not any(condition.calls or value.calls for condition, value in payload)
                return lambda *inputs: arithmetic.select(branches, inputs, masked)
            case "sum":
                return self._accumulate(self._nested(payload).one, arithmetic.add, 0, arithmetic.neg)
            case "product":
                return self._accumulate(self._nested(payload).one, arithmetic.mul, 1, lambda x: arithmetic.div(1, x))
            case "integral":
                within = arithmetic.integrand_arithmetic()
                integrand = _Program(payload, within, self._functions).one
                return lambda a, b, *inputs: arithmetic.integrate(integrand, within, a, b, inputs)
        return getattr(arithmetic, operation.name)

    def _nested(self, tape: Tape) -> _Program:
        return _Program(tape, self._arithmetic, self._functions)

    def _call(self, name: str) -> Callable[..., Any]:
        function = self._functions.get(name)
        if function is None:
            raise LoweringError(f"the function {name} has no value: pass functions={{{name!r}: callable}}")
        element = self._arithmetic.element
        return lambda *arguments: element(function(*arguments))

    def _accumulate(
        self, body: Callable[..., Any], combine: Callable[..., Any], start: int, invert: Callable[..., Any]
    ) -> Callable[..., Any]:
        def over(lower: Any, upper: Any, *inputs: Any) -> Any:
            first, last = (self._arithmetic.to_int(end) for end in (lower, upper))
            if first is None or last is None:
                raise LoweringError(f"a Sum or Product needs integer limits, got {shown(lower)} and {shown(upper)}")
            # Karr's convention, as sympy's doit: a sum from a to b < a - 1 is minus the sum from b + 1 to a - 1.
            reverse = last < first - 1
            indices = range(last + 1, first) if reverse else range(first, last + 1)
            total: Any = start
            for index in indices:
                total = combine(total, body(index, *inputs))
            return invert(total) if reverse else total

        return over
