"""The rigorous check of a witness against a false claim.

A witness refutes when every hypothesis holds at it and the claim fails, both decided in exact fractions or Arb balls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import flint
import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamtheory.lowering import exact
from adamtheory.proof.rigorous_truth import PRECISIONS, RigorousJudge
from adamtheory.proof.theorem import PrintedStatement
from adamtheory.proof.valuation import NUMERIC_TROUBLE, Curve, ExactFamily, ExactSequence, Point, exact_text
from adamtheory.propositions import (
    All,
    BigO,
    Either,
    ForAll,
    Image,
    Implies,
    Proposition,
    Relation,
    SequenceDefinition,
    Supremum,
    Tends,
)

_ALLOWED = "a number for a symbol; a list (of lists for a family), a SymPy Lambda or expression for a sequence or curve"
_LONGEST = 40  # characters of an exact number that are shown


@dataclass(frozen=True)
class WitnessReport:
    """``detail``: the values and both sides of what fails, in one line; ``reason``: why nothing is refuted.

    The same in parts: ``point`` is the witness as read, ``failed`` the relation that is false with both its values,
    ``instance`` what a quantified variable is there, ``remark`` what fails where it is no relation (a limit)."""

    refuted: bool
    detail: str
    reason: str = ""
    point: Point | None = field(default=None, compare=False)
    failed: tuple[Relation, Any, Any] | None = field(default=None, compare=False)
    instance: Mapping[sp.Symbol, Any] = field(default_factory=dict, compare=False)
    remark: str = field(default="", compare=False)


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
    judge = RigorousJudge(point)
    for hypothesis in given:
        judge.failed = None
        holds = judge.judge(hypothesis)
        if not holds:
            why = "fails at the witness" if holds is False else f"is not decided: {'; '.join(judge.notes[-1:])}"
            detail = _line(point, _sides(judge) if judge.failed else _looked_at(judge, hypothesis))
            return WitnessReport(False, detail, f"the hypothesis {hypothesis} {why}", point)
    judge.failed = None
    holds = judge.judge(claim)
    if holds is False:
        found = ", ".join(f"{s} = {exact_text(x)}" for s, x in judge.instance.items())
        detail = _line(point, found, judge.remark or _sides(judge))
        failed = None if judge.remark else judge.failed
        return WitnessReport(True, detail, "", point, failed, dict(judge.instance), judge.remark)
    reason = "the claim holds at the witness" if holds else f"the claim is not decided: {'; '.join(judge.notes[-2:])}"
    return WitnessReport(False, _line(point, _looked_at(judge, claim)), reason, point)


def _line(point: Point, *parts: str) -> str:
    return "; ".join(x for x in (str(point), *parts) if x)


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
    arity = {a.func: len(a.args) for p in everything for e in p.expressions for a in e.atoms(AppliedUndef)}
    instances = {p.variable for p in _walk(everything) if isinstance(p, (ForAll, Image))}
    values: dict[sp.Symbol, sp.Expr] = {}
    models: dict[UndefinedFunction, ExactSequence | ExactFamily | Curve] = {}
    for key, value in witness.items():
        if isinstance(key, sp.Symbol):
            values[key] = _number(key, value)
        elif isinstance(key, UndefinedFunction):
            if any(d.function == key for d in where):
                raise BadWitness(f"{key} is defined by the statement, a witness cannot give it")
            models[key] = _model(key, value, symbols, arity.get(key, 1))
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


def _model(
    function: UndefinedFunction, value: Any, symbols: set[sp.Symbol], arity: int
) -> ExactSequence | ExactFamily | Curve:
    """``arity``: of how many arguments the statement's function is; a list is nested that deep, the first outside."""
    if isinstance(value, (list, tuple)):
        if any(isinstance(row, (list, tuple)) != (arity > 1) for row in value):
            kind = "a list of numbers" if arity == 1 else "a list of lists, a row for each first argument,"
            raise BadWitness(
                f"{function} takes {arity} argument{'s' * (arity > 1)}: give {kind} or a Lambda, got {value}"
            )
        if arity > 1:
            rows = (_model(function, row, symbols, arity - 1) for row in value)
            return ExactFamily(tuple(row for row in rows if not isinstance(row, Curve)))
        return ExactSequence(tuple(exact(x, f"{function}({k})") for k, x in enumerate(value)))
    given = len(value.variables) if isinstance(value, sp.Lambda) else 1
    if given != arity and isinstance(value, (sp.Basic, int, Fraction)):
        raise BadWitness(f"{function} takes {arity} argument{'s' * (arity > 1)}: give a Lambda of {arity}, got {value}")
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
    first, second = decimals(left, right)
    return f"left {first}, right {second}: left {relation.op} right is false"


def _looked_at(judge: RigorousJudge, p: Proposition) -> str:
    """Both sides of a proposition that was not found false, with what has no value at the witness."""
    shown = []
    for r in _relations(judge, p)[:2]:
        values = [_value(judge, side) for side in (r.lhs, r.rhs)]
        if any(isinstance(x, str) for x in values):
            shown.append(", ".join(f"{n} {_shown(x)}" for n, x in zip(("left", "right"), values, strict=True)))
        else:
            left, right = decimals(*values)
            holds = {True: "true", False: "false", None: "not decided"}[judge.judge(r)]
            shown.append(f"left {left}, right {right}: left {r.op} right is {holds}")
    return "; ".join(shown)


def _relations(judge: RigorousJudge, p: Proposition) -> list[Relation]:
    """What can be evaluated of a proposition without choosing anything."""
    match p:
        case Relation():
            return [p]
        case All(parts=parts) | Either(parts=parts):
            return [r for part in parts for r in _relations(judge, part)]
        case Implies(conclusion=conclusion):
            return _relations(judge, conclusion)
        case ForAll(variable=variable, body=body) if variable in judge.point.values:
            return _relations(judge, body)
        case Supremum(expr=expr, value=value):
            return [Relation("<=", expr, value)]
    return []


def _value(judge: RigorousJudge, e: sp.Expr) -> Any:
    """Exact where that can be, else a ball; text that says why there is no value."""
    try:
        return judge.valuation(0).value(e)
    except ZeroDivisionError:
        return "is undefined (it divides by zero)"
    except NUMERIC_TROUBLE:
        pass  # not rational
    try:
        value = judge.valuation(PRECISIONS[0]).value(e)
    except NUMERIC_TROUBLE as error:
        return f"is undefined ({' '.join(str(error).split())[:120]})"
    return value if value.is_finite() else "is undefined (not finite)"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else decimal(value)


_MOST_DIGITS = 40


def decimals(left: Any, right: Any) -> tuple[str, str]:
    """Both values to six digits, or to as many as tell them apart."""
    for digits in (6, 9, 15, 25, _MOST_DIGITS):
        shown = decimal(left, digits), decimal(right, digits)
        if shown[0] != shown[1]:
            return shown
    return decimal(left), decimal(right)


def decimal(value: Any, digits: int = 6) -> str:
    """A value of an exact or ball arithmetic: its digits, and the exact value where that is short."""
    with mpmath.workdps(_MOST_DIGITS + 10):
        if isinstance(value, (int, Fraction)):
            number = Fraction(value)
            text = mpmath.nstr(mpmath.mpf(number.numerator) / number.denominator, digits)
            shown = exact_text(number)
            if number.denominator == 1 and len(shown) < 8:
                return shown
            return _exactly(text, shown)
        if isinstance(value, flint.arb):
            return str(value.str(digits, radius=False))
        radicand = mpmath.mpf(value.radicand.numerator) / value.radicand.denominator
        text = mpmath.nstr(value.sign * mpmath.sqrt(radicand), digits)
    return _exactly(text, exact_text(value))


def _exactly(text: str, shown: str) -> str:
    """Digits, and the exact value beside them where that is short."""
    return text if len(shown) >= _LONGEST or shown.startswith("about") else f"{text} = {shown}"
