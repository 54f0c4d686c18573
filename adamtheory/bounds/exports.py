"""Source text of the closed-form bounds: Python, NumPy, PyTorch and C functions of the hyperparameters, in doubles.

A bound is first a ``Form``: which helper (``bounds/exported``) gets which expressions.  Each language prints the same
form and carries the helpers that it calls inside itself.  What SymPy's printers would get wrong by cancelling is
rewritten before: 1 - x^N becomes a helper, and 1 - a b becomes (1 - a) + a (1 - b).

Results are meant to have a relative error below 1e-12 at the doubles that are passed, for decay factors in [0, 1) and
1 <= steps <= inf.  Three things are out of reach: amplitudes of different signs, which cancel in the sum itself; poles
that are computed from hyperparameters, which are rounded before they are used; and exponents beyond the doubles.
The functions check nothing.

``python -m adamtheory.bounds.exports`` writes ``closed_forms.py``, the methods' functions in plain Python.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import sympy as sp

from adamtheory.bounds.exported.writing import (
    LANGUAGES,
    STEPS,
    Form,
    expm1,
    less,
    log_of,
    log_product,
    may_be_called,
    one_minus_power,
    power,
    write,
)
from adamtheory.bounds.filters import Filters, Layer, NotALinearFilter, filters
from adamtheory.bounds.trajectory_exports import FORMS
from adamtheory.methods.rule import Assignment, UpdateRule, previous
from adamtheory.notation import n
from adamtheory.validation import one_of, reject

COMMAND = "python -m adamtheory.bounds.exports"

_NAMES = {"lambda": "weight_decay", "eta": "lr", "epsilon": "eps", "psi": "momentum_decay"}


def source(
    of: Layer | Filters | UpdateRule, language: str = "python", name: str = "max_update", *, limit: bool = False
) -> str:
    """Source text of ``name``(hyperparameters..., steps), the bound on |u| after ``steps`` = 1, 2, ... gradients.

    Hyperparameters come in alphabetical order; steps may be infinite.  With ``limit`` the function has no steps and
    returns the value that the bound tends to.  Raises ValueError where there is no bound (momentum) or no closed form.
    """
    one_of("language", language, LANGUAGES)
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
        reject("name", name, "an identifier without a leading underscore")
    return write([(name, form(of), limit)], language)


def form(of: Layer | Filters | UpdateRule) -> Form:
    """The intermediate form of a bound.  Raises NotALinearFilter, a ValueError, where there is none."""
    named = of.hyperparameters if isinstance(of, UpdateRule) else ()
    names = {h.symbol: h.name for h in named if h.name.isidentifier()}
    read = filters(of) if isinstance(of, UpdateRule) else of if isinstance(of, Filters) else Filters((of,))
    found = _Forming(read).form()
    names = {s: names.get(s, _NAMES.get(s.name, s.name)) for s in found.parameters}
    parameters = tuple(sorted(found.parameters, key=names.__getitem__))
    for name in names.values():
        if not may_be_called(name):
            reject("a hyperparameter's name", name, "an identifier that the exported code does not use itself")
    return replace(found, parameters=parameters, names=names)


class _Forming:
    def __init__(self, read: Filters) -> None:
        self.last = read.layers[-1]
        self.inner = read.layers[:-1]
        self.products = {a.symbol: a for a in read.scalars}
        self.logs: dict[sp.Symbol, tuple[sp.Symbol, sp.Expr]] = {}
        self.needed: set[sp.Symbol] = set()

    def form(self) -> Form:
        square = self.last.square
        if square is None:
            made = self._normalised()
        elif square.maximum:
            made = self._below_maximum()
        elif not self.last.modes:
            made = Form((), self._stable(sp.Abs(self.last.direct) / sp.sqrt(square.weight)), text=self._text())
        else:
            made = self._filtered(square.weight, square.decay)
        lets = tuple(let for s, let in self.logs.items() if s in self.needed)
        made = replace(made, lets=lets)
        free = set().union(*(e.free_symbols for e in made.expressions))
        return replace(made, parameters=tuple(free - {STEPS, *(s for s, _ in lets)}))

    def _text(self) -> str:
        if self.inner:
            return "An upper bound of |u| {when}, at eps = 0: the last layer's largest output, over all its inputs."
        return "The largest |u| {when}, over all gradient sequences, at eps = 0."

    def _filtered(self, weight: sp.Expr, decay: sp.Expr) -> Form:
        layer = self.last
        amplitudes, poles = [self._stable(m.amplitude) for m in layer.modes], [m.pole for m in layer.modes]
        for pole in poles:
            if pole.is_negative:
                reject("pole", pole, "in [0, 1)")
        if len(poles) == 1 and layer.direct == 0:
            arguments: tuple[Any, ...] = (weight, decay, amplitudes[0], poles[0])
            return Form((), sp.S.One, "_largest_of_one", arguments, text=self._text())
        arguments = (weight, decay, self._stable(layer.direct), tuple(amplitudes), tuple(poles))
        return Form((), sp.S.One, "_largest", arguments, text=self._text())

    def _below_maximum(self) -> Form:
        layer, square = self.last, self.last.square
        assert square is not None
        if len(layer.modes) != 1 or layer.direct != 0 or sp.expand(square.weight - 1 + square.decay) != 0:
            raise NotALinearFilter(f"{layer.output} has no closed form: it divides by a maximum, but is not AMSGrad's")
        (mode,) = layer.modes
        factor = self._stable(mode.amplitude / (1 - mode.pole))
        arguments = (square.decay, mode.pole)
        return Form((), sp.Abs(factor), "_largest_below_maximum", arguments, text=self._text())

    def _normalised(self) -> Form:
        """Momentum of a sequence whose terms are each bounded, and approach their bounds all at once."""
        layer = self.last
        below = self.inner[-1] if self.inner else None
        if below is None:
            raise NotALinearFilter(f"{layer.output} is unbounded: it divides by nothing")
        if len(self.inner) > 1 or below.modes or below.square is None or below.square.maximum or len(layer.modes) != 1:
            raise NotALinearFilter(f"{layer.output} has no closed form: its layers are of no known kind")
        text = "The supremum of |u| {when}, at eps = 0, over all gradient sequences; none attains it for steps > 1."
        if n in below.direct.free_symbols:
            if not _is_growing_root(below.direct):
                raise NotALinearFilter(f"{layer.output} has no closed form: {below.direct} depends on the step")
            text = (
                "An upper bound of |u| {when}, at eps = 0; exact at steps = 1 and in the limit. The supremum has no"
                " closed form: here every term has the factor of the newest, which is the largest."
            )
        (mode,) = layer.modes
        factor = self._stable(sp.Abs(below.direct) / sp.sqrt(below.square.weight))
        amplitude = self._stable(mode.amplitude)
        plain = sp.cancel(mode.amplitude / ((1 - mode.pole) / (1 - mode.pole ** (n + 1))))
        if layer.direct == 0 and not plain.free_symbols:  # the weights add up to a number
            return Form((), factor * abs(plain), text=text)
        return Form((), factor, "_total", (self._stable(layer.direct), amplitude, mode.pole), text=text)

    def _stable(self, e: sp.Expr) -> sp.Expr:
        """The expression in ``steps``, with what would cancel rewritten."""
        return self._rewritten(sp.sympify(e).subs(n, STEPS - 1))

    def _rewritten(self, e: sp.Expr) -> sp.Expr:
        for symbol in self.products:
            for count, s in ((STEPS, symbol), (STEPS - 1, previous(symbol))):
                if e == s:
                    return sp.exp(self._log_of(symbol, s, count))
        if not e.args or not e.has(STEPS, *self.products, *map(previous, self.products)):
            return e
        if e.is_Add:
            for sign in (1, -1):
                rest = sign * e - 1  # e = sign (1 - (-rest))
                if not rest.is_Add and rest.could_extract_minus_sign():
                    return sign * self._complement(-rest)
            e = sp.factor_terms(e, sign=False)
        if e.is_Pow and STEPS in e.exp.free_symbols:
            return self._moving(e.base, e.exp)
        return e.func(*map(self._rewritten, e.args))

    def _moving(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        rate, count = exponent.as_independent(STEPS, as_Add=False)
        return base**count if rate == 1 else power(base, rate, count)

    def _complement(self, e: sp.Expr) -> sp.Expr:
        """1 - e, for e in [0, 1], without cancelling."""
        for symbol in self.products:
            for count, s in ((STEPS, symbol), (STEPS - 1, previous(symbol))):
                if e == s:
                    return -expm1(self._log_of(symbol, s, count))
        if e.is_Mul:
            number, rest = e.as_coeff_Mul()
            sums = [part for part in sp.Mul.make_args(rest) if part.is_Add]
            if number != 1 and not sums:
                return less(self._rewritten(e))
            if number != 1:
                part = sums[0]
                rest = rest / part * sp.Add(*(number * term for term in part.args))
            first, *others = sp.Mul.make_args(rest)
            others = sp.Mul(*others)
            return self._complement(first) + self._rewritten(first) * self._complement(others)
        if e.is_Pow and STEPS in e.exp.free_symbols and e.exp.as_independent(STEPS, as_Add=False)[0] == 1:
            return one_minus_power(e.base, e.exp)
        rest = 1 - e
        return less(self._rewritten(e)) if rest.is_Add else self._rewritten(rest)

    def _log_of(self, symbol: sp.Symbol, s: sp.Symbol, count: sp.Expr) -> sp.Symbol:
        """The logarithm of a product of factors so far, as a symbol that is computed beforehand."""
        if s not in self.logs:
            factor, share, log_power = _factor(self.products[symbol])
            let = sp.Symbol(f"log_{s.name}", real=True)
            self.logs[s] = (let, log_product(factor, share, log_power, count))
        self.needed.add(s)
        return self.logs[s][0]


def _factor(product: Assignment) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """(g, c, l) where the factor of the product is g (1 - c exp(l (n + 1))), with a number 0 <= c <= 1/2."""
    factor = product.expression / previous(product.symbol)
    still = sp.S.Zero
    powers = [p for p in factor.atoms(sp.Pow) if n in p.exp.free_symbols]
    if not powers:
        return factor, sp.S.Zero, still
    if len(powers) == 1:
        (power,) = powers
        base, rate = power.base, sp.cancel(power.exp / (n + 1))
        whole = factor.xreplace({power: sp.S.Zero})
        share = sp.cancel(1 - factor.xreplace({power: sp.S.One}) / whole) if whole != 0 else sp.nan
        known = share.is_Rational and 0 <= share <= sp.Rational(1, 2) and base.is_Rational and 0 < base < 1
        if known and n not in rate.free_symbols and sp.expand(factor - whole * (1 - share * power)) == 0:
            return whole, share, rate * log_of(base)
    kind = "a product of factors g (1 - c b^(rate (n + 1)))"
    raise NotALinearFilter(f"{product.symbol} has no closed form: it is not {kind}")


def _is_growing_root(e: sp.Expr) -> bool:
    return bool(e.is_Pow and e.exp == sp.Rational(1, 2) and (1 - e.base).is_Pow and (1 - e.base).exp == n + 1)


#: (function, method and its options) of closed_forms.py
def _built_in() -> list[tuple[str, UpdateRule]]:
    from adamtheory.methods import METHODS, AMSGrad, NAdam

    made = {name: METHODS[name]().rule for name in ("adam", "nadam", "ademamix", "rmsprop", "laprop")}
    return [
        *made.items(),
        ("nadam_constant", NAdam(schedule="constant").rule),
        ("amsgrad", AMSGrad(correction="none").rule),
        ("amsgrad_torch", AMSGrad(correction="after-maximum").rule),
        ("rmsprop_momentum", METHODS["rmsprop_momentum"]().rule),
    ]


def closed_forms() -> str:
    """The text of ``closed_forms.py``."""
    header = f'''"""The methods' bounds as plain functions: generated by `{COMMAND}`; do not edit.

Doubles in, a double out, with a relative error below 1e-12; only ``math`` is imported, and no argument is checked.
Decay factors lie in [0, 1): beta is the second moment's, gamma the first's.  ``steps`` is the number of gradients seen,
inf included (of ``iterate`` and ``norm_growth`` the number of steps taken, from 0 on); functions with ``_limit`` give
the value as the steps grow.  ``adamtheory.bounds`` derives the formulas.
"""
'''
    functions = []
    for name, rule in _built_in():
        made = form(rule)
        functions += [(name, made, False), (f"{name}_limit", made, True)]
    functions += [(name, made, False) for name, made in FORMS.items()]
    return write(functions, "python", header)


def main() -> None:
    """Write ``closed_forms.py`` beside this file."""
    Path(__file__).with_name("closed_forms.py").write_text(closed_forms(), encoding="utf-8")


if __name__ == "__main__":
    main()
