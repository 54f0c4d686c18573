"""The rigorous check of a witness against a false claim.

A witness refutes when every hypothesis holds at it and the claim fails, both decided in exact fractions or Arb balls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamtheory.lowering import exact
from adamtheory.proof.rigorous_truth import RigorousJudge
from adamtheory.proof.theorem import PrintedStatement
from adamtheory.proof.valuation import Curve, ExactFamily, ExactSequence, Point
from adamtheory.propositions import BigO, ForAll, Image, Proposition, SequenceDefinition, Tends

_ALLOWED = "a number for a symbol; a list (of lists for a family), a sympy Lambda or a sympy expression for a sequence or curve"
_LONGEST = 40  # characters of an exact number that are shown


@dataclass(frozen=True)
class WitnessReport:
    """``detail``: the values and both sides of what fails, in one line; ``reason``: why nothing is refuted."""

    refuted: bool
    detail: str
    reason: str = ""


class BadWitness(ValueError):
    """A witness that does not fit its statement."""


def check_witness(statement: PrintedStatement) -> WitnessReport:
    """Does the statement's witness satisfy its hypotheses and violate its claim, rigorously?

    Never raises for a witness that does not: the report says why."""
    return refutes(statement.claim, statement.given, statement.where, statement.witness)


def refutes(
    claim: Proposition,
    given: Sequence[Proposition],
    where: Sequence[SequenceDefinition],
    witness: Mapping[Any, Any],
) -> WitnessReport:
    """``check_witness`` for the parts of a statement."""
    try:
        point = as_point(claim, given, where, witness)
    except (ValueError, TypeError) as error:
        return WitnessReport(False, "", f"bad witness: {error}")
    values = str(point)
    judge = RigorousJudge(point)
    for hypothesis in given:
        holds = judge.judge(hypothesis)
        if not holds:
            why = "fails at the witness" if holds is False else f"is not decided: {'; '.join(judge.notes[-1:])}"
            return WitnessReport(False, values, f"the hypothesis {hypothesis} {why}")
    judge.failed = None
    holds = judge.judge(claim)
    if holds is False:
        found = ", ".join(f"{s} = {x}" for s, x in judge.instance.items())
        return WitnessReport(True, "; ".join(x for x in (values, found, judge.remark or _sides(judge)) if x))
    reason = "the claim holds at the witness" if holds else f"the claim is not decided: {'; '.join(judge.notes[-2:])}"
    return WitnessReport(False, "; ".join(x for x in (values, _sides(judge)) if x), reason)


# -- reading ----------------------------------------------------------------------------------------------------
def as_point(
    claim: Proposition,
    given: Sequence[Proposition],
    where: Sequence[SequenceDefinition],
    witness: Mapping[Any, Any],
) -> Point:
    """The witness as a point; BadWitness, TypeError or ValueError naming what does not fit."""
    everything = (claim, *given, *where)
    symbols: set[sp.Symbol] = set().union(*(p.free_symbols for p in everything))
    functions: set[UndefinedFunction] = set().union(*(p.functions for p in everything)) - {d.function for d in where}
    instances = {p.variable for p in _walk(everything) if isinstance(p, (ForAll, Image))}
    values: dict[sp.Symbol, sp.Expr] = {}
    models: dict[UndefinedFunction, ExactSequence | ExactFamily | Curve] = {}
    for key, value in witness.items():
        if isinstance(key, sp.Symbol):
            values[key] = _number(key, value)
        elif isinstance(key, UndefinedFunction):
            if any(d.function == key for d in where):
                raise BadWitness(f"{key} is defined by the statement, a witness cannot give it")
            models[key] = _model(key, value, symbols)
        else:
            raise BadWitness(f"keys must be symbols or functions of the statement, got {key!r}")
    instances |= {claim.variable} if isinstance(claim, (BigO, Tends)) else set()
    unknown = (set(values) - symbols - instances) | (set(models) - functions)
    if unknown:
        raise BadWitness(f"{', '.join(sorted(map(str, unknown)))} does not occur in the statement")
    if isinstance(claim, (BigO, Tends)):  # its variable runs, so it needs no value unless a hypothesis asks for one
        symbols -= {claim.variable} - set().union(*(p.free_symbols for p in given), set())
    missing = (symbols - set(values)) | (functions - set(models))
    if missing:
        raise BadWitness(f"no value for {', '.join(sorted(map(str, missing)))}")
    return Point(values, models, tuple(where))


def _walk(propositions: Sequence[Any]) -> list[Proposition]:
    found: list[Proposition] = []
    queue = list(propositions)
    while queue:
        p = queue.pop()
        found.append(p)
        for part in vars(p).values():
            queue += [x for x in (part if isinstance(part, tuple) else (part,)) if isinstance(x, Proposition)]
    return found


def _number(symbol: sp.Symbol, value: Any) -> sp.Expr:
    if isinstance(value, sp.Expr) and not value.is_Rational:
        if value.free_symbols or value.has(sp.Float, AppliedUndef) or not value.is_real or symbol.is_integer:
            kind = "an integer" if symbol.is_integer else "a real constant"
            raise BadWitness(f"{symbol} must be {kind}, got {value}")
        return value
    number = exact(value, str(symbol))
    if symbol.is_integer and (not number.is_Integer or (symbol.is_nonnegative and number < 0)):
        kind = "a non-negative" if symbol.is_nonnegative else "an"
        raise BadWitness(f"{symbol} must be {kind} integer, got {value!r}")
    return number


def _model(function: UndefinedFunction, value: Any, symbols: set[sp.Symbol]) -> ExactSequence | ExactFamily | Curve:
    if isinstance(value, (list, tuple)) and value and all(isinstance(row, (list, tuple)) for row in value):
        rows = (_model(function, row, symbols) for row in value)
        return ExactFamily(tuple(row for row in rows if isinstance(row, ExactSequence)))
    if isinstance(value, (list, tuple)):
        return ExactSequence(tuple(exact(x, f"{function}({k})") for k, x in enumerate(value)))
    parameters: tuple[sp.Symbol, ...] = ()
    if isinstance(value, sp.Lambda):
        *own, variable = value.variables
        parameters, body = tuple(own), sp.sympify(value.expr, strict=True)
    elif isinstance(value, (sp.Expr, int, Fraction)) and not isinstance(value, bool):
        body = sp.sympify(value, strict=True)
        free = sorted(body.free_symbols - symbols, key=str)
        if len(free) > 1:
            raise BadWitness(f"{function} must be an expression of one variable (or a Lambda), got {value}")
        variable = free[0] if free else sp.Dummy("t", real=True)
    else:
        raise BadWitness(f"{function} must be {_ALLOWED}, got {value!r}")
    if body.has(sp.Float):
        raise BadWitness(f"{function} must be exact, got {value}: write decimals as Rational('0.9')")
    # A Lambda's own variables may be symbols of the statement.
    plain = {s: sp.Dummy(str(s), real=True) for s in (*parameters, variable)}
    return Curve(plain[variable], body.xreplace(plain), tuple(plain[s] for s in parameters))


# -- showing ----------------------------------------------------------------------------------------------------
def _sides(judge: RigorousJudge) -> str:
    if judge.failed is None:
        return judge.notes[-1] if judge.notes else ""
    relation, left, right = judge.failed
    return f"left {_decimal(left)}, right {_decimal(right)}: left {relation.op} right is false"


def _decimal(value: Any) -> str:
    """Six digits, and the exact value where it is a short rational."""
    if isinstance(value, (int, Fraction)):
        number = Fraction(value)
        text = mpmath.nstr(mpmath.mpf(number.numerator) / number.denominator, 6)
        shown = str(number)
        if number.denominator == 1 and len(shown) < 8:
            return shown
        return f"{text} = {shown}" if len(shown) < _LONGEST else text
    if isinstance(value, flint.arb):
        return str(value.str(6, radius=False))
    text = mpmath.nstr(mpmath.mpf(float(value)), 6)
    return f"{text} = {value}" if len(str(value)) < _LONGEST else text
