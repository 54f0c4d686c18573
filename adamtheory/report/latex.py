"""Statements in LaTeX: expressions with the field's indices, and every form of a proposition.

Of packages only amsmath is needed.  This changes how a statement looks and nothing else; no verdict depends on it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from adamtheory.notation import coordinate, expectation
from adamtheory.propositions import (
    All,
    BigO,
    Bounded,
    Either,
    ForAll,
    Iff,
    Image,
    Implies,
    Proposition,
    Regular,
    Relation,
    SequenceDefinition,
    SquareIntegrable,
    Supremum,
    Tends,
)
from adamtheory.report.conditions import Window, merged
from adamtheory.report.mathematics import LETTERS, readable, with_brackets
from adamtheory.report.vectors import Inner, with_inner_products

_OPERATORS = {"=": "=", "<=": r"\le", "<": "<", "!=": r"\ne"}
_GREEK = {letter: rf"\{name}" for name, letter in LETTERS.items()}
_SPECIAL = {
    **{c: rf"\{c}" for c in "&%$#_{}"},
    **{"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"},
    **{"<": r"$<$", ">": r"$>$", "|": r"$\vert$"},
}
_SIGNS = {
    **{
        "≤": r"\le",
        "≥": r"\ge",
        "≠": r"\ne",
        "→": r"\to",
        "∞": r"\infty",
        "√": r"\surd",
        "·": r"\cdot",
        "≔": ":=",
        "∈": r"\in",
    },
    **{"⟨": r"\langle", "⟩": r"\rangle", "∫": r"\int", "Σ": r"\sum", "Π": r"\prod", "≈": r"\approx", "−": "-"},
    **{above: f"^{{{plain}}}" for above, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)},
}
_INDEXED = re.compile(r"(?<!\w)([A-Za-zα-ωΓ-Ω])_(\w|\{[\w,+ -]*\}|\([\w,+ -]*\))(?!\w)|\^(\w+|\([^()]*\))")
_CLOSING = {"(": ")", "[": "]", r"\lvert": r"\rvert", r"\lVert": r"\rVert", r"\langle": r"\rangle"}
# Brackets around nothing high: they need not grow, read better in plain text, and let TeX break lines inside them.
_GROWING = re.compile(
    r"\\left(\(|\[|\\lvert|\\lVert|\\langle)((?:(?!\\left|\\right|\\frac|\\sum|\\int|\\prod).)*)"
    r"\\right(?:\)|\]|\\rvert|\\rVert|\\rangle)"
)
_SYMBOL = re.compile(r"([A-Za-z]+)(?:_(\w+))?")


class _Printer(LatexPrinter):
    """SymPy's, but: sequences carry their index below, vectors their inner products, and bars are delimiters."""

    def __init__(self) -> None:
        super().__init__({"ln_notation": True, "fold_short_frac": False, "mul_symbol": None})

    def _name(self, name: str) -> tuple[str, str]:
        """A letter, and what stands below it."""
        match = _SYMBOL.fullmatch(name)
        if match is None:
            return rf"\mathrm{{{escaped(name)}}}", ""
        letter, below = match[1], match[2] or ""
        shown = rf"\{letter}" if letter in LETTERS else letter if len(letter) == 1 else rf"\mathrm{{{letter}}}"
        word = rf"\mathrm{{{escaped(below)}}}" if len(below) > 1 and not below.isdigit() else below
        return shown, word

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        letter, below = self._name(expr.name)
        return f"{letter}_{{{below}}}" if below else letter

    _print_Dummy = _print_Symbol

    def _applied(self, expr: AppliedUndef) -> str:
        letter, below = self._name(expr.func.__name__)
        arguments = list(expr.args)
        if expr.func == expectation:
            return rf"{letter}\left[{self._print(arguments[0])}\right]"
        indices = [self._print(a) for a in arguments if a.is_integer]
        if len(indices) == len(arguments):
            below = ", ".join([below, *indices] if below else indices)
            return f"{letter}_{{{below}}}"
        if arguments[0] == coordinate:
            below = ", ".join([below, self._print(coordinate)] if below else [self._print(coordinate)])
            arguments = arguments[1:]
        head = f"{letter}_{{{below}}}" if below else letter
        return rf"{head}\left({', '.join(map(self._print, arguments))}\right)"

    def _print_Function(self, expr: sp.Expr, exp: str | None = None) -> str:
        if not isinstance(expr, AppliedUndef):
            return str(super()._print_Function(expr, exp))
        shown = self._applied(expr)
        return shown if exp is None else rf"{shown}^{{{exp}}}"

    def _print_Inner(self, expr: Inner, exp: str | None = None) -> str:
        one, other = map(self._print, expr.args)
        if one == other:
            return self._norm(one, sp.Integer(2))
        shown = rf"\left\langle {one}, {other} \right\rangle"
        return shown if exp is None else f"{shown}^{{{exp}}}"

    def _norm(self, vector: str, power: sp.Expr) -> str:
        shown = rf"\left\lVert {vector} \right\rVert"
        return shown if power == 1 else f"{shown}^{{{self._print(power)}}}"

    def _print_Pow(self, expr: sp.Pow) -> str:
        base, power = expr.as_base_exp()
        if isinstance(base, Inner) and base.args[0] == base.args[1] and (2 * power).is_Integer:
            shown = self._norm(self._print(base.args[0]), 2 * abs(power))
            return shown if power > 0 else rf"\frac{{1}}{{{shown}}}"
        return str(super()._print_Pow(expr))

    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:
        """A term without a minus comes first, where there is one."""
        terms = self._as_ordered_terms(expr, order=order)
        first = next((i for i, term in enumerate(terms) if not term.could_extract_minus_sign()), 0)
        shown = ""
        for term in (terms[first], *terms[:first], *terms[first + 1 :]):
            minus = term.could_extract_minus_sign()
            part = self._print(-term if minus else term)
            part = rf"\left({part}\right)" if self._needs_add_brackets(-term if minus else term) else part
            shown += (" - " if minus else " + ") + part if shown else ("- " if minus else "") + part
        return shown

    def _print_Abs(self, expr: sp.Abs, exp: str | None = None) -> str:
        shown = rf"\left\lvert {self._print(expr.args[0])} \right\rvert"
        return shown if exp is None else f"{shown}^{{{exp}}}"

    def _print_ExpBase(self, expr: sp.exp, exp: str | None = None) -> str:
        power = self._print(expr.args[0])
        if r"\frac" not in power and len(power) < 40:
            shown = f"e^{{{power}}}"
            return shown if exp is None else rf"\left({shown}\right)^{{{exp}}}"
        shown = rf"\exp\left({power}\right)"
        return shown if exp is None else rf"\exp^{{{exp}}}\left({power}\right)"

    _print_exp = _print_ExpBase

    def _print_Sum(self, expr: sp.Sum) -> str:
        return self._ranged(r"\sum", expr)

    def _print_Product(self, expr: sp.Product) -> str:
        return self._ranged(r"\prod", expr)

    def _ranged(self, sign: str, expr: Any) -> str:
        signs = "".join(
            rf"{sign}_{{{self._print(x)}={self._print(a)}}}^{{{self._print(b)}}} " for x, a, b in expr.limits[::-1]
        )
        return signs + self.parenthesize(expr.function, PRECEDENCE["Mul"], strict=True)

    def _print_Integral(self, expr: sp.Integral) -> str:
        signs, ends = "", ""
        for x, a, b in expr.limits:
            signs = rf"\int_{{{self._print(a)}}}^{{{self._print(b)}}} " + signs
            ends += rf"\, d{self._print(x)}"
        return signs + self.parenthesize(expr.function, PRECEDENCE["Mul"], strict=True) + ends


def formula(e: sp.Expr) -> str:
    """An expression as LaTeX for math mode."""
    shape = str(_Printer().doprint(with_inner_products(e))).replace(r"\operatorname{", r"\mathrm{")
    while True:  # inmost brackets first
        plainer = _GROWING.sub(lambda m: f"{m[1]}{m[2].rstrip() if m[1] in '([' else m[2]}{_CLOSING[m[1]]}", shape)
        if plainer == shape:
            return shape
        shape = plainer


def latex(p: Proposition) -> str:
    """A proposition as LaTeX for math mode."""
    match p:
        case Relation():
            return f"{formula(p.lhs)} {_OPERATORS[p.op]} {formula(p.rhs)}"
        case All(parts=parts):
            return r";\quad ".join(map(condition, merged(parts)))
        case Either(parts=parts):
            return r" \text{ or } ".join(map(_part, parts))
        case Implies(hypothesis=hypothesis, conclusion=conclusion):
            return rf"{_part(hypothesis)} \implies {_part(conclusion)}"
        case Iff(left=left, right=right):
            return rf"{_part(left)} \iff {_part(right)}"
        case ForAll(variable=x, domain=domain, body=body):
            where = rf" \text{{ with }} {conditions(domain, x)}" if domain else ""
            return rf"\text{{for all }} {formula(x)}{where}:\ {latex(body)}"
        case Tends(expr=expr, value=value, variable=x, point=point, side=side):
            end = formula(point) + ("" if point in (sp.oo, -sp.oo) else f"^{{{side}}}")
            return rf"{formula(expr)} \to {formula(value)} \text{{ as }} {formula(x)} \to {end}"
        case BigO(expr=expr, variable=x, power=power):
            order = formula(x) if power == 1 else f"{formula(x)}^{{{power}}}"
            order = "1" if power == 0 else order
            return rf"{formula(expr)} = O({order}) \text{{ as }} {formula(x)} \to 0^{{+}}"
        case Bounded(expr=expr, variable=x, holds=holds):
            return rf"\sup_{{{formula(x)} \ge 0}} {_grouped(expr)} {'<' if holds else '='} \infty"
        case Supremum(expr=expr, over=over, among=among, value=value, attained=attained):
            word, letter = r"\max" if attained else r"\sup", formula(sp.Symbol(over.__name__))
            where = rf" \quad \text{{over all }} {letter} \text{{ with }} {conditions(among)}" if among else ""
            return rf"{word}_{{{letter}}} {_grouped(expr)} = {formula(value)}{where}"
        case Image(expr=expr, variable=x, lower=low, upper=high):
            opening, closing = "[" if p.lower_closed else "(", "]" if p.upper_closed else ")"
            values = rf"\left\{{ {formula(expr)} : {formula(x)} \text{{ real}} \right\}}"
            return rf"{values} = {opening}{formula(low)}, {formula(high)}{closing}"
        case SequenceDefinition():
            return definition(p)
        case Regular(function=f, order=order, lower=low, upper=high):
            return rf"{formula(sp.Symbol(f.__name__))} \in C^{{{order}}}[{formula(low)}, {formula(high)}]"
        case SquareIntegrable(function=f, lower=low, upper=high):
            return rf"{formula(sp.Symbol(f.__name__))} \in L^{{2}}[{formula(low)}, {formula(high)}]"
    return rf"\text{{{escaped(readable(str(p)))}}}"


def definition(d: SequenceDefinition) -> str:
    """f_n := body, then the values given."""
    family = getattr(d, "parameters", ())
    starts = "".join(rf",\ {formula(d.function(*family, sp.Integer(at)))} := {formula(x)}" for at, x in d.initial)
    return f"{formula(d.head)} := {formula(d.body)}{starts}"


def conditions(parts: Iterable[Proposition], variable: sp.Symbol | None = None) -> str:
    """Several conditions on one line: 0 < x and x < 1 as 0 < x < 1, and symbols with equal bounds together."""
    return r",\ ".join(map(condition, merged(parts, variable)))


def condition(item: Proposition | Window) -> str:
    """A condition, or symbols between two bounds."""
    if not isinstance(item, Window):
        return latex(item)
    names = ", ".join(map(formula, item.symbols))
    return f"{formula(item.low)} {_OPERATORS[item.first]} {names} {_OPERATORS[item.second]} {formula(item.high)}"


def _grouped(e: sp.Expr) -> str:
    shown = formula(e)
    return rf"\left({shown}\right)" if e.is_Add else shown


def _part(p: Proposition) -> str:
    return latex(p) if isinstance(p, (Relation, Bounded, Regular)) else rf"\left({latex(p)}\right)"


def escaped(text: str) -> str:
    """Plain text for LaTeX's text mode: its special characters escaped, Greek letters and relations as mathematics."""
    return "".join(_escaped(character) for character in text)


def prose(text: str) -> str:
    """A sentence for LaTeX's text mode, with the indices and powers in it (u_0, h^2) as mathematics."""
    text = with_brackets(text)
    parts, done = [], 0
    for match in _INDEXED.finditer(text):
        parts.append(escaped(text[done : match.start()]))
        if match[3] is None:
            letter = _GREEK.get(match[1], match[1])
            parts.append(f"${letter}_{{{match[2].strip('{}()')}}}$")
        else:
            power = "".join(f"{_GREEK[c]} " if c in _GREEK else c for c in match[3].strip("()"))
            parts.append(f"$^{{{power}}}$")
        done = match.end()
    return "".join([*parts, escaped(text[done:])])


def _escaped(character: str) -> str:
    if character in _GREEK:
        return f"${_GREEK[character]}$"
    if character in _SIGNS:
        return f"${_SIGNS[character]}$"
    if character in _SPECIAL or ord(character) < 256:
        return _SPECIAL.get(character, character)
    return unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode() or "?"
