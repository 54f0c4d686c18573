"""Statements, witnesses and values for people: each formula as plain text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.lowering.signed_root import SignedRoot
from adamtheory.notation import beta, coordinate, gamma, stability_exponent
from adamtheory.proof.refutation import decimals
from adamtheory.proof.theorem import Statement
from adamtheory.proof.valuation import Curve, ExactSequence
from adamtheory.propositions import All, Proposition, Relation, SequenceDefinition
from adamtheory.report.conditions import Window, merged
from adamtheory.report.latex import condition, formula, latex
from adamtheory.report.mathematics import readable

_C, _C_OF = sp.Symbol("C", real=True), sp.Function("C", real=True)
# SymPy writes a number times a sum as a sum.
_MULTIPLES = (sp.Integer(1), sp.Integer(-1), sp.Rational(1, 2), sp.Rational(-1, 2))
_LONGEST = 60  # characters of an exact value that are shown


@dataclass(frozen=True)
class Formula:
    """Mathematics as plain Unicode text and as LaTeX for math mode."""

    text: str
    latex: str


@dataclass(frozen=True)
class Shown:
    """A statement for people: definitions, hypotheses, and the claim, a formula for each of its parts."""

    where: tuple[Formula, ...]
    given: tuple[Formula, ...]
    claim: tuple[Formula, ...]


@dataclass(frozen=True)
class Violation:
    """The relation that is false at the witness, and its sides there; each exactly where that is short."""

    left: Formula
    relation: Formula
    right: Formula


def shown(statement: Statement) -> Shown:
    """A statement for people: C for the stability exponent, bounds merged, conjunctions in parts."""
    return parts_shown(statement.where, statement.given, statement.claim, short=may_abbreviate(statement))


def may_abbreviate(statement: Statement) -> bool:
    """Has the statement no C of its own?"""
    parts = (statement.claim, *statement.hypotheses)
    names = {s.name for p in parts for e in p.expressions for s in e.atoms(sp.Symbol)}
    return "C" not in names | {str(f) for p in parts for f in p.functions}


def parts_shown(
    where: Sequence[SequenceDefinition], given: Sequence[Proposition], claim: Proposition, *, short: bool
) -> Shown:
    """Definitions, hypotheses and claim for people; ``short``: with C for the stability exponent."""
    short_forms = _short_forms((*where, *given, claim)) if short else {}
    used: set[sp.Expr] = set()

    def brief(p: Any) -> Any:
        found = p._rebuild(lambda e: e.xreplace(short_forms))
        used.update(a for e in found.expressions for a in e.atoms(sp.Symbol, AppliedUndef) if a in short_forms.values())
        return found

    definitions = tuple(_formula(brief(d)) for d in where)
    hypotheses = tuple(_condition(x) for x in merged([brief(p) for p in given]))
    parts = claim.parts if isinstance(claim, All) else (claim,)
    claims = tuple(_formula(brief(p)) for p in parts)
    if _C in used:
        definitions = (*definitions, _defined(_C, stability_exponent()))
    if used - {_C}:
        x, y = sp.symbols("x y", real=True)
        definitions = (*definitions, _defined(_C_OF(x, y), stability_exponent(x, y)))
    return Shown(definitions, hypotheses, claims)


def _defined(name: sp.Expr, value: sp.Expr) -> Formula:
    return Formula(f"{name} ≔ {readable(str(value))}", f"{formula(name)} := {formula(value)}")


def _short_forms(propositions: Iterable[Proposition]) -> dict[sp.Expr, sp.Expr]:
    """The stability exponent C of beta and gamma, and C(x, y) of every other pair of such: beta_2, gamma_2."""
    atoms = {a for p in propositions for e in p.expressions for a in e.atoms(sp.Symbol, AppliedUndef)}
    names = {str(a): a for a in atoms}
    found: dict[sp.Expr, sp.Expr] = {}
    for name, one in names.items():
        other = names.get(name.replace("beta", "gamma", 1))
        if re.match(r"beta(?![A-Za-z])", name) and other is not None:
            form = _C if (one, other) == (beta, gamma) else _C_OF(one, other)
            found |= {c * stability_exponent(one, other): c * form for c in _MULTIPLES}
    return found


def _formula(p: Proposition) -> Formula:
    return Formula(readable(str(p)), latex(p))


def _condition(item: Proposition | Window) -> Formula:
    if not isinstance(item, Window):
        return _formula(item)
    names = ", ".join(str(s) for s in item.symbols)
    return Formula(readable(f"{item.low} {item.first} {names} {item.second} {item.high}"), condition(item))


def assigned(key: Any, value: Any) -> Formula:
    """symbol = number, sequence = (its values), curve(t) = expression; zero beyond the values of a sequence."""
    if isinstance(value, Curve):
        variables = [*value.parameters, value.variable]
        plain_names = {s: sp.Symbol(s.name, integer=s.is_integer, real=True) for s in variables}
        head, body = key(*plain_names.values()), value.body.xreplace(plain_names)
        return Formula(readable(f"{head} = {body}"), f"{formula(head)} = {formula(body)}")
    if isinstance(key, sp.Symbol):
        return Formula(readable(f"{key} = {value}"), f"{formula(key)} = {_flat(value)}")
    name = sp.Symbol(str(key))
    if isinstance(value, ExactSequence):
        return Formula(f"{readable(str(key))} = {_listed(value, str)}", f"{formula(name)} = {_listed(value, _flat)}")
    rows = [(place, member) for place, member in enumerate(value.members)]
    at = str(coordinate)
    text = ", ".join(f"{readable(str(key))}({at}={place}) = {_listed(member, str)}" for place, member in rows)
    shape = r",\ ".join(f"{formula(name)}_{{{at}={place}}} = {_listed(member, _flat)}" for place, member in rows)
    return Formula(text, shape)


def _listed(sequence: ExactSequence, show: Any) -> str:
    return f"({', '.join(show(x) for x in sequence.values)})"


def _flat(value: sp.Expr) -> str:
    """A number on one line: 1/3 rather than a stacked fraction."""
    return str(value) if value.is_Rational else formula(value)


def violation_shown(relation: Relation, left: Any, right: Any) -> Violation:
    text = {"<=": "≤", "<": "<", "=": "=", "!=": "≠"}[relation.op]
    shape = {"<=": r"\le", "<": "<", "=": "=", "!=": r"\ne"}[relation.op]
    first, second = decimals(left, right)
    return Violation(_side(left, first), Formula(text, shape), _side(right, second))


def _side(value: Any, decimal: str) -> Formula:
    digits = decimal.partition(" = ")[0]
    exact: sp.Expr | None = None
    if isinstance(value, SignedRoot):
        exact = value.sign * sp.sqrt(sp.Rational(value.radicand.numerator, value.radicand.denominator))
    elif isinstance(value, (int, Fraction)):
        exact = sp.Rational(Fraction(value).numerator, Fraction(value).denominator)
    if exact is None or len(str(exact)) > _LONGEST:
        return Formula(digits, _scientific(digits))
    if exact.is_Rational and (exact.q == 1 or str(exact) == digits):
        return Formula(str(exact), str(exact))
    text, shape = readable(str(exact)), _flat(exact)
    if exact.is_Rational and Fraction(digits) == Fraction(int(exact.p), int(exact.q)):
        return Formula(f"{text} = {digits}", f"{shape} = {_scientific(digits)}")
    return Formula(f"{text} ≈ {digits}", rf"{shape} \approx {_scientific(digits)}")


def _scientific(digits: str) -> str:
    mantissa, _, power = digits.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if power else digits
