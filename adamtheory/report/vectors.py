"""Sums over the coordinates of vectors, shown as inner products and norms.

In a statement a vector is a family W(coordinate, n), and <W, u> is a sum of W(coordinate, n)*u(coordinate, n) over
``notation.coordinate`` from 0 to ``notation.dimension`` - 1.  Here such sums are found, in expressions (for LaTeX) and
in SymPy's text of them; this changes how they look and nothing else.
"""

from __future__ import annotations

import re

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.notation import coordinate, dimension


# -- in expressions ----------------------------------------------------------------------------------------------
class Inner(sp.Function):
    """<x, y>: stands for the sum over coordinates of ``x*y`` where an expression is shown; never in a statement."""

    nargs = 2


def with_inner_products(e: sp.Expr) -> sp.Expr:
    """``e`` with an ``Inner`` for every sum over all coordinates of a product of two vectors, the inmost first."""
    return e.replace(lambda x: isinstance(x, sp.Sum), _shortened)


def _shortened(node: sp.Sum) -> sp.Expr:
    if node.limits != (sp.Tuple(coordinate, 0, dimension - 1),):
        return node
    terms = []
    for term in sp.Add.make_args(node.function):
        factor, rest = term.as_independent(coordinate, as_Add=False)
        pair = _pair(rest)
        if pair is None:
            return node
        terms.append(factor * Inner(*map(_bare, pair)))
    return sp.Add(*terms)


def _pair(product: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    factors: list[sp.Expr] = []
    for factor in sp.Mul.make_args(product):
        base, power = factor.as_base_exp()
        factors += [base] * int(power) if power in (1, 2) else [factor]
    return (factors[0], factors[1]) if len(factors) == 2 and all(map(_is_vector, factors)) else None


def _is_vector(e: sp.Expr) -> bool:
    """Linear in members of families at ``coordinate``, which occurs nowhere else."""
    for term in sp.Add.make_args(sp.expand(e)):
        _, rest = term.as_independent(coordinate, as_Add=False)
        inside = rest.expr if isinstance(rest, sp.Derivative) else rest
        if not isinstance(inside, AppliedUndef) or inside.args[0] != coordinate:
            return False
        if any(a.has(coordinate) for a in inside.args[1:]):
            return False
    return True


def _bare(e: sp.Expr) -> sp.Expr:
    """A vector without its coordinate: W(n) for W(coordinate, n), w for w(coordinate)."""
    shorter: dict[sp.Expr, sp.Expr] = {}
    for a in e.atoms(AppliedUndef):
        if a.args[0] == coordinate:
            name, rest = a.func.__name__, a.args[1:]
            shorter[a] = sp.Function(name, real=True)(*rest) if rest else sp.Symbol(name, real=True)
    return e.xreplace(shorter)


# -- in text -----------------------------------------------------------------------------------------------------
def inner_product_text(summand: str, variable: str, lower: str, upper: str) -> str | None:
    """SymPy's text of a sum as <W(n), u(n)> or |W(n)|^2; None for any other sum."""
    if (variable, lower, upper) != (str(coordinate), "0", str(dimension - 1)):
        return None
    outside: list[str] = []
    inside: list[str] = []
    for factor in _split(summand, "*/"):
        (inside if _speaks_of(factor, variable) else outside).append(factor)
    if len(inside) == 1 and inside[0].endswith("**2"):
        vectors = [_vector_text(inside[0].lstrip("*")[:-3], variable)]
    else:
        vectors = [None if x.startswith("/") else _vector_text(x.lstrip("*"), variable) for x in inside]
    if not 0 < len(vectors) <= 2 or None in vectors or (len(vectors) == 1 and not inside[0].endswith("**2")):
        return None
    shown = f"|{vectors[0]}|**2" if len(vectors) == 1 else f"<{', '.join(map(str, vectors))}>"
    first, rest = ("", outside)
    if outside and not outside[0].startswith(("*", "/")):
        first, rest = f"{outside[0]}*", outside[1:]
    return first + shown + "".join(rest)


def _vector_text(text: str, variable: str) -> str | None:
    if text.startswith("(") and _closes_at(text, 0) == len(text) - 1:
        text = text[1:-1]
    for term in _split(text, "+-"):
        members = [x for x in _split(term.lstrip("+- "), "*/") if _speaks_of(x, variable)]
        member = rf"\w+\({variable}(, [^()]*(\([^()]*\)[^()]*)*)?\)"
        if len(members) != 1 or not re.fullmatch(rf"\*?({member}|Derivative\({member}, [^()]*\))", members[0]):
            return None
        if len(re.findall(rf"\b{variable}\b", members[0])) != 1:
            return None
    text = re.sub(rf"\b(\w+)\({variable}\)", r"\1", text)
    return re.sub(rf"\b(\w+)\({variable}, ", r"\1(", text)


def _speaks_of(text: str, variable: str) -> bool:
    return re.search(rf"\b{variable}\b", text) is not None


def _closes_at(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at
    return -1


def _split(text: str, signs: str) -> list[str]:
    """``text`` cut before each outermost sign; ``**`` is a power, and a sign after a bracket's start or ``**`` none."""
    parts, depth, at = [""], 0, 0
    while at < len(text):
        character = text[at]
        depth += (character == "(") - (character == ")")
        if text.startswith("**", at):
            parts[-1] += "**"
            at += 2
            continue
        if depth == 0 and character in signs and parts[-1].strip():
            parts.append("")
        parts[-1] += character
        at += 1
    return [part.strip() for part in parts]
