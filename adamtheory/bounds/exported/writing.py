"""Forms of bounds, and how Python, NumPy, PyTorch and C print them together with the helpers that they call."""

from __future__ import annotations

import ast
import functools
import keyword
import re
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

import sympy as sp
from sympy.printing.c import C99CodePrinter
from sympy.printing.pycode import PythonCodePrinter

LANGUAGES = ("python", "numpy", "torch", "c")

STEPS = sp.Symbol("steps", positive=True)
one_minus_power, power = sp.Function("_one_minus_power", positive=True), sp.Function("_power", positive=True)
expm1, log_product = sp.Function("expm1", real=True), sp.Function("_log_product", real=True)
log_of = sp.Function("log_of", real=True)  # of a number
less = sp.Function("less", nonnegative=True)  # 1 - x, which SymPy must not merge with other terms

_MATH = ("ceil", "copysign", "exp", "expm1", "frexp", "inf", "log", "log1p", "sqrt")
_RESERVED = {"n", "np", "torch", "steps", "amplitudes", "poles", "double", "const", *_MATH, *keyword.kwlist}
_WIDTH = 120


@dataclass(frozen=True)
class Form:
    """``factor`` times ``helper``(n, *arguments), n = steps - 1, as a function of ``parameters`` and of steps.

    ``lets`` are computed first, in order.  A tuple among the arguments is an array.  Without a helper the value is
    ``factor`` alone.  ``text`` says in plain words what the value is, with "{when}" in it; ``names`` what
    the parameters are called."""

    parameters: tuple[sp.Symbol, ...]
    factor: sp.Expr
    helper: str = ""
    arguments: tuple[Any, ...] = ()
    lets: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    text: str = ""
    names: Mapping[sp.Symbol, str] = field(default_factory=dict, compare=False)

    @property
    def expressions(self) -> list[sp.Expr]:
        """All of them."""
        return [*(e for _, e in self.lets), *flat(self.arguments), self.factor]


def flat(arguments: Iterable[Any]) -> list[sp.Expr]:
    """The expressions in a form's arguments."""
    return [e for part in arguments for e in (part if isinstance(part, (tuple, sp.Tuple)) else (part,))]


def may_be_called(name: str) -> bool:
    """Can a parameter have this name in every language?"""
    return name.isidentifier() and not name.startswith(("_", "part_", "log_")) and name not in _RESERVED


def write(functions: Sequence[tuple[str, Form, bool]], language: str, header: str = "") -> str:
    """A file with functions: triples of a name, a form, and whether it is the limit of many steps."""
    bodies = [_writer(form, language).function(name, limit) for name, form, limit in functions]
    return _c_file(bodies, functions[0][0]) if language == "c" else _python_file(bodies, language, header)


class _Numbers:
    """What the printers of all languages have in common: every number is a double."""

    def _print_Integer(self, expr: sp.Integer) -> str:
        return f"{int(expr)}.0"

    def _print_Rational(self, expr: sp.Rational) -> str:
        return repr(int(expr.p) / int(expr.q))

    _print_One = _print_Zero = _print_NegativeOne = _print_Integer
    _print_Half = _print_Rational

    def _print_Function(self, expr: Any) -> str:
        function, argument = expr.func.__name__, expr.args[0]
        if function == "log_of":
            return f"({float(sp.log(argument))!r})"
        parts = ", ".join(self._print(e) for e in expr.args)  # type: ignore[attr-defined]
        return f"(1.0 - ({parts}))" if function == "less" else f"{self._called(function)}({parts})"

    def _called(self, function: str) -> str:
        return function


class _InPython(_Numbers, PythonCodePrinter):
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        super().__init__({"fully_qualified_modules": False, "allow_unknown_functions": True})

    def _called(self, function: str) -> str:
        return function if function.startswith("_") else self.prefix + function

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        if abs(expr.exp) == sp.Rational(1, 2):
            base = self._print(expr.base)
            if self.prefix == "torch." and not expr.base.free_symbols:
                base = f"torch.tensor({base}, dtype=torch.float64, device=device)"
            root = f"{self.prefix}sqrt({base})"
            return root if expr.exp > 0 else f"(1.0 / {root})"
        return str(super()._print_Pow(expr, rational))

    def _print_Abs(self, expr: sp.Abs) -> str:
        return f"{self.prefix}abs({self._print(expr.args[0])})"

    def _print_exp(self, expr: sp.exp) -> str:
        return f"{self.prefix}exp({self._print(expr.args[0])})"


class _InC(_Numbers, C99CodePrinter):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__({"allow_unknown_functions": True, "math_macros": {}})

    def _called(self, function: str) -> str:
        return self.name + function if function.startswith("_") else function


def _writer(form: Form, language: str) -> _Writer:
    kinds = {"python": _PythonWriter, "numpy": _NumpyWriter, "torch": _TorchWriter, "c": _CWriter}
    return kinds[language](form)


class _Writer(ABC):
    """Prints a form in one language."""

    def __init__(self, form: Form) -> None:
        self.parameters = [form.names.get(s, s.name) for s in form.parameters]
        put = {s: sp.Symbol(name, real=True) for s, name in form.names.items()}
        whole = sp.Tuple(form.factor, sp.Tuple(*form.arguments)).xreplace(put)
        shared, (whole,) = sp.cse([whole], symbols=sp.numbered_symbols("part_", start=1), order="none")
        lets = [*((s, e.xreplace(put)) for s, e in form.lets), *shared]
        arguments = []
        for argument in whole[1]:
            if isinstance(argument, sp.Tuple):  # its entries get lines of their own
                entries = [e if e.is_Atom else sp.Symbol(f"part_{len(shared) + i}") for i, e in enumerate(argument, 1)]
                lets += [(s, e) for s, e in zip(entries, argument, strict=True) if s != e]
                argument = sp.Tuple(*entries)
            arguments.append(argument)
        self.form = replace(form, lets=tuple(lets), factor=whole[0], arguments=tuple(arguments))
        self.counts = bool(form.helper) or any(STEPS in e.free_symbols for e in form.expressions)

    @abstractmethod
    def function(self, name: str, limit: bool) -> str: ...

    def taken(self, limit: bool) -> list[str]:
        """The names of the function's arguments."""
        return [*self.parameters, *([] if limit else ["steps"])]

    def description(self, limit: bool) -> list[str]:
        when = "in the limit of many gradients" if limit else "after ``steps`` = 1, 2, ..., inf gradients"
        text = f"{self.form.text.format(when=when)} Infinite where it grows without bound."
        return textwrap.wrap(text, _WIDTH - 10, break_long_words=False)


class _PythonWriter(_Writer):
    prefix, kind, count, endless = "", "float", "float(steps)", "inf"

    def function(self, name: str, limit: bool) -> str:
        arguments = self.taken(limit)
        signature = ", ".join(f"{a}: {self.kind}" for a in arguments)
        lines = [f"def {name}({signature}) -> {self.kind}:"]
        if len(lines[0]) > _WIDTH:
            lines = [f"def {name}(", f"    {signature}", f") -> {self.kind}:"]
        lines += self._docstring(limit)
        lines += [f"    {line}" for line in self.received(arguments)]
        if self.counts and (limit or self.count):
            lines += [f"    steps = {self.endless if limit else self.count}"]
        lines += [f"    {line}" for line in self.within(self._body(_InPython(self.prefix), arguments))]
        return "\n".join(lines) + "\n"

    def _body(self, printer: _InPython, taken: list[str]) -> list[str]:
        body = []
        for s, e in self.form.lets:
            text = _tidy(printer.doprint(e))
            fits = len(s.name) + len(text) + 11 <= _WIDTH
            body += [f"{s.name} = {text}"] if fits else [f"{s.name} = (", f"    {text}", ")"]
        factor = _tidy(printer.doprint(self.form.factor))
        if not self.form.helper:
            return [*body, f"return {self.constant(factor, taken)}"]
        arguments = ["steps - 1.0", *(self._argument(printer, e) for e in self.form.arguments)]
        if self.form.factor != 1:
            body.append(f"factor = {factor}")
            start, end = f"return factor * {self.form.helper}(", ")"
        else:
            start, end = f"return {self.form.helper}(", ")"
        line = start + ", ".join(arguments) + end
        if len(line) + 8 <= _WIDTH:
            return [*body, line]
        return [*body, start, *(f"    {a}," for a in arguments), end]

    def _argument(self, printer: _InPython, e: Any) -> str:
        if isinstance(e, sp.Tuple):
            return f"({', '.join(self._argument(printer, part) for part in e)}{',' if len(e) == 1 else ''})"
        text = _tidy(printer.doprint(e))
        return text if e.free_symbols else self.number(text)

    def _docstring(self, limit: bool) -> list[str]:
        first, *others = self.description(limit)
        if not others:
            return [f'    """{first}"""']
        return [f'    """{first}', *(f"    {line}" for line in others), '    """']

    def received(self, arguments: list[str]) -> list[str]:
        return []

    def within(self, body: list[str]) -> list[str]:
        return body

    def number(self, text: str) -> str:
        return text

    def constant(self, factor: str, taken: list[str]) -> str:
        return factor


class _NumpyWriter(_PythonWriter):
    prefix, kind, count, endless = "np.", "np.ndarray", "", "np.array(np.inf)"

    def received(self, arguments: list[str]) -> list[str]:
        return [f"{a} = np.asarray({a}, dtype=np.float64)" for a in arguments]

    def within(self, body: list[str]) -> list[str]:
        returns = next(i for i, line in enumerate(body) if line.startswith("return "))
        body = [*body[:returns], body[returns].replace("return ", "value = ", 1), *body[returns + 1 :]]
        return ['with np.errstate(all="ignore"):', *(f"    {line}" for line in body), "return value[()]"]

    def number(self, text: str) -> str:
        return f"np.array({text})"

    def constant(self, factor: str, taken: list[str]) -> str:
        zeros = "".join(f" + np.zeros(np.shape({a}))" for a in taken)
        return f"{factor}{zeros}" if taken else f"np.array({factor})"


class _TorchWriter(_PythonWriter):
    prefix, kind, count = "torch.", "torch.Tensor", ""
    endless = "torch.tensor(torch.inf, dtype=torch.float64, device=device)"

    def received(self, arguments: list[str]) -> list[str]:
        given = ", ".join(arguments) + ("," if len(arguments) == 1 else "")
        device = f"device = next((x.device for x in ({given}) if isinstance(x, torch.Tensor)), None)"
        return [device, *(f"{a} = torch.as_tensor({a}, dtype=torch.float64, device=device)" for a in arguments)]

    def number(self, text: str) -> str:
        return f"torch.tensor({text}, dtype=torch.float64, device=device)"

    def constant(self, factor: str, taken: list[str]) -> str:
        zeros = "".join(f" + torch.zeros_like({a})" for a in taken)
        return f"{factor}{zeros}" if taken else self.number(factor)


class _CWriter(_Writer):
    def function(self, name: str, limit: bool) -> str:
        printer, form = _InC(name), self.form
        taken = [f"double {a}" for a in self.taken(limit)]
        lines = [f"   {line}" for line in self.description(limit)]
        lines[0] = f"/* {lines[0].strip()}"
        lines[-1] += " */"
        lines += [f"double {name}({', '.join(taken) or 'void'})", "{"]
        if limit and self.counts:
            lines.append("    const double steps = INFINITY;")
        lines += [f"    const double {s.name} = {printer.doprint(e)};" for s, e in form.lets]
        arguments, arrays = ["steps - 1.0"], ["amplitudes", "poles"]
        for e in form.arguments:
            if isinstance(e, sp.Tuple):
                array, values = arrays.pop(0), ", ".join(map(printer.doprint, e))
                lines.append(f"    const double {array}[{len(e)}] = {{{values}}};")
                arguments += [str(len(e)), array] if array == "amplitudes" else [array]
            else:
                arguments.append(printer.doprint(e))
        value = printer.doprint(form.factor)
        if form.helper:
            call = f"{name}{form.helper}({', '.join(arguments)})"
            value = call if form.factor == 1 else f"({value}) * {call}"
        elif not limit and not self.counts:
            lines.append("    (void)steps;")
        return "\n".join([*lines, f"    return {value};", "}"]) + "\n"


def _tidy(text: str) -> str:
    """Python with the usual blanks and no needless parentheses."""
    return ast.unparse(ast.parse(text, mode="eval"))


def _python_file(functions: list[str], language: str, header: str) -> str:
    helpers = _python_helpers(language)
    needed = _closure("\n".join(functions), helpers)
    text = "\n\n".join([*(helpers[name] + "\n" for name in helpers if name in needed), *functions])
    if language == "python":
        used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        names = [name for name in _MATH if name in used]
        imports = f"from math import {', '.join(names)}\n" if names else ""
    else:
        imports = {"numpy": "import numpy as np\n", "torch": "import torch\n"}[language]
    return "\n".join(filter(None, [header, "from __future__ import annotations\n", imports])) + "\n\n" + text


def _c_file(functions: list[str], name: str) -> str:
    helpers = _c_helpers()
    text = "\n".join(functions)
    needed = _closure(text.replace(f"{name}_", ""), helpers)
    parts = [helpers[helper] for helper in helpers if helper in needed]
    if needed:
        # Static functions take the exported function's name along, so that several exports fit into one file.
        pattern = re.compile(rf"(?<![\w.])({'|'.join(sorted(needed))})\(")
        parts = [pattern.sub(rf"{name}_\1(", part) for part in parts]
    note = "C99; link with -lm. Do not compile with -ffast-math: infinities mean what they say."
    return "\n".join([f"/* {note} */\n#include <math.h>\n", *(part + "\n" for part in parts), text])


@functools.cache
def _python_helpers(language: str) -> dict[str, str]:
    text = _helper_file(f"in_{language}.py")
    found = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    return {node.name: ast.get_source_segment(text, node) or "" for node in found}


@functools.cache
def _c_helpers() -> dict[str, str]:
    blocks = [block.strip() for block in _helper_file("in_c.c").split("\n\n")]
    return {re.findall(r"static double (\w+)\(", block)[0]: block for block in blocks}


def _helper_file(name: str) -> str:
    return resources.files("adamtheory.bounds.exported").joinpath(name).read_text(encoding="utf-8")


def _closure(text: str, helpers: Mapping[str, str]) -> set[str]:
    """The helpers that a text calls, directly or through others."""
    needed: set[str] = set()
    waiting = [text]
    while waiting:
        called = set(re.findall(r"(?<!def )\b(\w+)\(", waiting.pop())) & set(helpers)
        waiting += [helpers[name] for name in called - needed]
        needed |= called
    return needed
