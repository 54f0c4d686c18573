"""The proof core: statements, sequents that only the kernel makes, rules that check themselves, verdicts.

The trusted part is ``kernel``, ``defined``, ``regularity``, ``signs``, ``polynomials``, ``normal``, ``binders``,
``axioms`` and the files of ``rules`` (with ``adamtheory.propositions`` as the language, and
``adamtheory.lowering.ball`` under the enclosure rule and under witnesses).  Everything else proposes or reports.

A proof file imports from here: the declarations, the relations, and one short name per rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.core.function import UndefinedFunction

from adamtheory.proof.builder import Chain, Proof
from adamtheory.proof.judge import judge
from adamtheory.proof.kernel import Rejected, Rule, Scope, Sequent, Trust, prove
from adamtheory.proof.library import Library
from adamtheory.proof.rules import (
    calculus,
    curves,
    enclosure,
    extremal,
    inequalities,
    limits,
    logic,
    means,
    order,
    sums,
)
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.assumption import Assumption
from adamtheory.proof.rules.definition import Definition, Unfolding
from adamtheory.proof.rules.induction import Induction
from adamtheory.proof.rules.squeeze import Squeeze
from adamtheory.proof.theorem import (
    ConjectureStatement,
    GouldTanaka,
    Heredia,
    PrintedStatement,
    Source,
    Statement,
    TheoremStatement,
    ThisLibrary,
    conjecture,
    printed,
    theorem,
)
from adamtheory.proof.verdict import Check, Result, Step, Verdict
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
    eq,
    expression,
    ge,
    gt,
    le,
    lt,
    ne,
    negation,
    substitute,
)

hypothesis = logic.Hypothesis()
definition = Definition()
triangle = inequalities.Triangle()
tangent = inequalities.Tangent()
differentiation = calculus.DerivativeOf()
linear_expectation = means.LinearExpectation()
regular_curve = curves.RegularCurve()


def algebra(*using: Sequent) -> Algebra:
    """Equal normal forms, after rewriting with proved equalities (left side to right side, in order)."""
    return Algebra(using)


def unfolding(*functions: UndefinedFunction) -> Unfolding:
    """Equal once the definitions of these functions are put in on the left, also under sums and integrals."""
    return Unfolding(functions)


def sign(form: Any = None, *using: Sequent) -> order.Sign:
    """The sign of rhs - lhs is plain from the structure of ``form`` (default: of rhs - lhs itself)."""
    return order.Sign(None if form is None else expression(form), using)


def polynomial(limit: int = 40_000_000) -> order.Polynomial:
    """z3 finds no counterexample over the normal form's generators."""
    return order.Polynomial(limit)


def combination(*weights: tuple[Sequent, Any], plus: Any = 0) -> order.Combination:
    """rhs - lhs = sum of weight * (fact's rhs - lhs) + plus."""
    return order.Combination(tuple((fact, expression(w)) for fact, w in weights), expression(plus))


def squares(fact: Sequent) -> order.Squares:
    return order.Squares(fact)


def cases(*branches: tuple[Relation, Sequent]) -> logic.Cases:
    return logic.Cases(branches)


def induction(variable: sp.Symbol, base: Sequent, step: Sequent) -> Induction:
    return Induction(variable, base, step)


def telescoping(antidifference: Any) -> sums.Telescoping:
    return sums.Telescoping(expression(antidifference))


def cauchy_schwarz(first: Any, second: Any) -> inequalities.CauchySchwarz:
    return inequalities.CauchySchwarz(expression(first), expression(second))


def antiderivative(primitive: Any) -> calculus.Antiderivative:
    return calculus.Antiderivative(expression(primitive))


def under_integral(point: Sequent, variable: sp.Symbol) -> calculus.IntegralMonotone:
    """Two integrals over one interval compare (=, <=, <) as their integrands do at an arbitrary point of it."""
    return calculus.IntegralMonotone(point, variable)


def linear_equation(equation: Sequent, start: Sequent, variable: sp.Symbol) -> calculus.LinearEquation:
    return calculus.LinearEquation(equation, start, variable)


def vanishing_integral(weight: Any, root: Any) -> curves.VanishingIntegral:
    return curves.VanishingIntegral(expression(weight), expression(root))


def vanishing_sum(weight: Any, root: Any) -> sums.VanishingSum:
    return sums.VanishingSum(expression(weight), expression(root))


def termwise(term: Sequent, index: sp.Symbol) -> sums.Termwise:
    """Two sums over one range compare (=, <=, <) as their terms do at an arbitrary index of it."""
    return sums.Termwise(term, index)


def under_sum(general: ForAll) -> sums.SumOfEquals:
    return sums.SumOfEquals(general)


def exchange(body: Any) -> sums.Exchange:
    """A finite sum of sums or integrals, taken in the other order; ``body`` in the bound variables of both sides."""
    return sums.Exchange(expression(body))


def taylor(second: Sequent, variable: sp.Symbol, at: Any, to: Any) -> means.TaylorRemainder:
    return means.TaylorRemainder(second, variable, expression(at), expression(to))


def increasing(fact: Sequent) -> calculus.Increasing:
    return calculus.Increasing(fact)


def monotone(function: Any, variable: sp.Symbol, lower: Any, upper: Any, form: Any = None) -> calculus.Monotone:
    """F(lower) op F(upper) because F' (equal to ``form``) has a sign between them."""
    shape = None if form is None else expression(form)
    return calculus.Monotone(expression(function), variable, expression(lower), expression(upper), shape)


def along(slope: Sequent, variable: sp.Symbol, lower: Any, upper: Any) -> calculus.AlongCurve:
    """F(lower) op F(upper), from 0 op Derivative(F(x), x) proved under lower <= x, x <= upper."""
    return calculus.AlongCurve(slope, variable, expression(lower), expression(upper))


def limit(form: Any = None, *using: Sequent) -> limits.Limit:
    return limits.Limit(None if form is None else expression(form), using)


def squeeze(*, below: Sequent, above: Sequent, lower: Sequent, upper: Sequent) -> Squeeze:
    """The limit of what lies between two expressions with one limit."""
    return Squeeze(below, above, lower, upper)


def series(form: Any = None) -> limits.Series:
    return limits.Series(None if form is None else expression(form))


def enclose(box: Mapping[sp.Symbol, tuple[Any, Any]] | None = None, boxes: int = 200_000) -> enclosure.Enclosure:
    return enclosure.Enclosure(dict(box or {}), boxes)


def conjunction(*parts: Sequent) -> logic.Conjunction:
    return logic.Conjunction(parts)


def either(part: Sequent) -> logic.Disjunction:
    return logic.Disjunction(part)


def implication(under: Sequent) -> logic.Implication:
    return logic.Implication(under)


def equivalence(forward: Sequent, backward: Sequent) -> logic.Equivalence:
    return logic.Equivalence(forward, backward)


def modus_ponens(general: Sequent, premise: Sequent) -> logic.Detachment:
    """The other side of a proved implication or equivalence."""
    return logic.Detachment(general, premise)


def for_all(body: Sequent) -> logic.Generalisation:
    return logic.Generalisation(body)


def at(general: ForAll, value: Any) -> logic.Specialisation:
    return logic.Specialisation(general, expression(value))


def instance(general: Sequent, mapping: Mapping[sp.Symbol, Any]) -> logic.Instance:
    return logic.Instance(general, {s: expression(e) for s, e in mapping.items()})


def assumption(what: str) -> Assumption:
    """Take the step on trust; everything built on it is ASSUMED."""
    return Assumption(what)


def attained(
    sequence: ForAll, *, upper: Sequent, meets: Sequent, admissible: tuple[Sequent, ...] = ()
) -> extremal.Attained:
    return extremal.Attained(sequence, upper, meets, admissible)


def range_of(
    *,
    below: Sequent,
    above: Sequent,
    lower_at: Sequent,
    upper_at: Sequent,
    lower_point: Any = None,
    upper_point: Any = None,
) -> extremal.RangeOf:
    """All values of a continuous function: bounds for every argument, ends attained at a point or approached."""
    points = [None if x is None else expression(x) for x in (lower_point, upper_point)]
    return extremal.RangeOf(below, above, lower_at, upper_at, *points)


def bounded_by(bound: Sequent) -> limits.BoundedBy:
    return limits.BoundedBy(bound)


def unbounded_by(growth: Sequent, slope: Any, power: int = 1) -> limits.UnboundedBy:
    """Unbounded over the index n: it, or its power where it is not negative, is at least slope * n + a constant."""
    return limits.UnboundedBy(growth, expression(slope), power)


def contradiction(impossible: Relation) -> logic.Contradiction:
    return logic.Contradiction(impossible)


__all__ = [
    "All",
    "BigO",
    "Bounded",
    "Chain",
    "Check",
    "ConjectureStatement",
    "Either",
    "ForAll",
    "GouldTanaka",
    "Heredia",
    "Iff",
    "Image",
    "Implies",
    "Library",
    "PrintedStatement",
    "Proof",
    "Proposition",
    "Regular",
    "Rejected",
    "Relation",
    "Result",
    "Rule",
    "Scope",
    "SequenceDefinition",
    "Sequent",
    "Source",
    "SquareIntegrable",
    "Statement",
    "Step",
    "Supremum",
    "Tends",
    "TheoremStatement",
    "ThisLibrary",
    "Trust",
    "Verdict",
    "algebra",
    "along",
    "antiderivative",
    "assumption",
    "at",
    "attained",
    "bounded_by",
    "cases",
    "cauchy_schwarz",
    "combination",
    "conjecture",
    "conjunction",
    "contradiction",
    "definition",
    "differentiation",
    "either",
    "enclose",
    "eq",
    "equivalence",
    "exchange",
    "expression",
    "for_all",
    "ge",
    "gt",
    "hypothesis",
    "implication",
    "increasing",
    "induction",
    "instance",
    "judge",
    "le",
    "limit",
    "linear_equation",
    "linear_expectation",
    "lt",
    "modus_ponens",
    "monotone",
    "ne",
    "negation",
    "polynomial",
    "printed",
    "prove",
    "range_of",
    "regular_curve",
    "series",
    "sign",
    "squares",
    "squeeze",
    "substitute",
    "tangent",
    "taylor",
    "telescoping",
    "termwise",
    "theorem",
    "triangle",
    "unbounded_by",
    "under_integral",
    "under_sum",
    "unfolding",
    "vanishing_integral",
    "vanishing_sum",
]
