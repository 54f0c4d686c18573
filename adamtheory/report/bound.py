"""A bound in plain words and as JSON: the number, what it means, its formula, stability, worst gradients, the paper's.

``described`` is for people, ``payload`` for programs; both read a ``bounds.Bound``.
"""

from __future__ import annotations

import math
import operator
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy as sp

from adamtheory.bounds import Bound, max_update
from adamtheory.bounds.enclosures import Range, enclose, sharp
from adamtheory.methods.rule import DECAY
from adamtheory.notation import n
from adamtheory.proof.verdict import Result, Verdict
from adamtheory.report.mathematics import readable
from adamtheory.report.numbers import decimal, rounded
from adamtheory.report.report import plain
from adamtheory.report.table import trust_text, verdict_text
from adamtheory.report.theorem_1 import Printed, printed

_GRADIENTS = 6  # shown of a worst sequence
_LABEL = 11
_UNUSED = ("lr", "weight_decay")
_HYPOTHESIS = re.compile(r"given (?P<left>\w+(\*\*\d)?) (?P<sign><=|<|!=|=) (?P<right>\w+(\*\*\d)?)")
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
_N = sp.Symbol("N", integer=True, positive=True)
_CONVENTIONS = {
    "nonzero-start": "the first gradient is not 0",
    "zero-over-zero": "0/0 counts as 0",
    "eps": "gradients of every size",
}


def described(
    bound: Bound,
    *,
    proof: Sequence[Result] | None = None,
    steps: str | None = None,
    level: int | None = None,
    width: int = 100,
) -> str:
    """The bound in words, wrapped at ``width`` columns; ``steps`` is how the user wrote their number, ``level`` what
    ``max_update`` was given."""
    lines: list[str] = []
    for label, paragraphs in _sections(bound, proof, level):
        for place, paragraph in enumerate(paragraphs):
            head = (label if place == 0 else "").ljust(_LABEL)
            lines += textwrap.wrap(
                paragraph,
                width,
                initial_indent=head,
                subsequent_indent=" " * (_LABEL + 2),
                break_long_words=False,
                break_on_hyphens=False,
            )
    title = textwrap.wrap(heading(bound, steps, level), width, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join([*title, "", *lines]) + "\n"


def payload(
    bound: Bound, *, proof: Sequence[Result] | None = None, steps: str | None = None, level: int | None = None
) -> dict[str, Any]:
    """The bound in terms of JSON: exact numbers as texts, what no double holds as text beside a null."""
    low, high = bound.enclosure
    found: dict[str, Any] = {
        "quantity": bound.quantity,
        "method": None if bound.method is None else bound.method.name,
        "hyperparameters": {} if bound.method is None else settings(bound.method),
        "level": level,
        "steps": steps,
        "time": bound.time,
        "zeros": bound.zeros,
        "kind": bound.kind,
        "value": _number(bound.value),
        "value_text": value_text(bound),
        "enclosure": [_number(low), _number(high)],
        "attained": bound.attained,
        "formula": sp.sstr(bound.formula),
        "latex": bound.latex(),
        "limit": sp.sstr(bound.limit) if bound.stable else None,
        "stable": {"holds": bool(bound.stable), "condition": sp.sstr(bound.stable.condition)},
        "note": bound.note,
    }
    gradients = _worst(bound)
    found["worst_gradients"] = None if gradients is None else [str(x) for x in gradients]
    comparison = printed(bound)
    if comparison is not None:
        found["theorem_1"] = {
            "region": comparison.region,
            "printed": comparison.printed_text,
            "printed_holds": comparison.printed_holds,
            "repaired": comparison.repaired_text,
            "repaired_holds": comparison.repaired_holds,
        }
    if proof is not None:
        found["proof"] = [
            {
                "name": r.name,
                "title": r.title,
                "statement": r.statement,
                "verdict": verdict_text(r),
                "detail": r.detail,
                "trust": plain(r.trust),
                "violated_hypotheses": violated(bound, r),
            }
            for r in proof
        ]
    return found


def settings(method: Any) -> dict[str, str]:
    """The hyperparameters that a bound can depend on, by name, exactly; lr and weight decay are left out."""
    rule = [h for h in method.rule.hyperparameters if h.name not in _UNUSED]
    return {h.name: str(method.values[h.symbol]) for h in rule if h.symbol in method.values}


def value_text(bound: Bound) -> str:
    """Seven figures of the value, also of one that no double holds."""
    if math.isfinite(bound.value) or not bound.ball.is_finite():
        return rounded(bound.value)
    return str(bound.ball.str(7, radius=False))


def heading(bound: Bound, steps: str | None = None, level: int | None = None) -> str:
    """What is bounded, at which hyperparameters, over which steps."""
    continuous = bound.time == "continuous"
    if bound.steps is None:
        return f"{subject(bound, level)}, over all {'times' if continuous else 'steps'}"
    count = steps or str(bound.steps)
    return f"{subject(bound, level)}, {f'at time t = {count} h' if continuous else f'after {_counted(count)}'}"


def subject(bound: Bound, level: int | None = None) -> str:
    """What is bounded, at which hyperparameters."""
    method = bound.method
    if method is None:
        return bound.quantity
    given = []
    for h in method.rule.hyperparameters:
        value = method.values.get(h.symbol)
        if h.name not in _UNUSED and value is not None:
            letter = readable(h.symbol.name)
            own = "" if h.name.startswith(h.symbol.name[:3]) else f"{h.name} "  # ψ alone would say nothing
            given.append(f"{own}{letter} = {decimal(value)}")
    of = method.name if level is None else f"level {level} of {method.name}"
    return f"Largest |update| of {of}" + (f" at {', '.join(given)}" if given else "")


def _sections(bound: Bound, proof: Sequence[Result] | None, level: int | None) -> Iterator[tuple[str, list[str]]]:
    yield "value", list(_value(bound))
    if bound.note:
        yield "note", [readable(bound.note)]
    if bound.kind != "unbounded":
        yield "formula", list(_formula(bound))
    yield "stability", list(_stability(bound))
    gradients = list(_gradients(bound, level))
    if gradients:
        yield "worst", gradients
    comparison = printed(bound)
    if comparison is not None:
        yield "Theorem 1", list(_comparison(bound, comparison))
    if proof is not None:
        yield "proof", list(_proof(bound, proof))


def _value(bound: Bound) -> Iterator[str]:
    value = value_text(bound)
    low, high = bound.enclosure
    if bound.kind == "unbounded":
        yield "unbounded: no number bounds the update over all gradients."
        return
    if not bound.ball.is_finite():
        why = "over all steps it exceeds every number" if bound.steps is None else "no number bounds it"
        yield f"infinite: {why}."
        return
    if bound.kind == "exact":
        yield f"{value}, exact: no gradients exceed it, and no smaller number will do."
    else:
        yield f"{value}, an upper bound: no gradients exceed it; the true largest may be smaller."
    if math.isfinite(high):
        yield f"It lies between {low!r} and {high!r}."
    limit = finite_limit(bound) if bound.steps is None else None
    if limit is not None and limit < low * (1 - 1e-9):
        yield f"It is the largest on the way: as the steps increase the bound falls to {rounded(limit)}."
    if bound.kind == "exact":
        convention = _CONVENTIONS[bound.zeros]
        if bound.attained:
            yield f"Some gradients reach it (convention: {convention})."
        else:
            yield f"No gradients reach it, but they come as close as you like (convention: {convention})."


def _formula(bound: Bound) -> Iterator[str]:
    continuous = bound.time == "continuous"
    e = _chosen(bound.formula, bound).subs({} if continuous else {n: _N - 1})
    meaning = "n = t/h is the time in steps" if continuous else "N is the number of gradients seen"
    for state, _ in () if bound.method is None else bound.method.rule.state:
        if state in e.free_symbols:
            meaning += f", {readable(state.name)} the state of that name after them"
    yield readable(sp.sstr(e)) + (f"   ({meaning})" if e.free_symbols & {_N, n} else "   (at every step)")
    if not bound.stable or not e.free_symbols & {_N, n}:
        return
    if finite_limit(bound) is None:
        yield "At a decay factor of 0 this is 0/0; the value is that of the newest gradient alone."
    else:
        grows = "t" if continuous else "N"
        yield f"→ {readable(sp.sstr(_chosen(bound.limit, bound)))} as {grows} → ∞"


def _chosen(e: sp.Expr, bound: Bound) -> sp.Expr:
    """An expression with the branch written out that these hyperparameters fall in, and |γ - 1| as 1 - γ."""

    def branch(*pairs: Any) -> sp.Expr:
        for value, condition in pairs:
            put = {s: _sympy(x) for s, x in bound.values.items()}
            if condition == sp.true or condition.subs(put) == sp.true:
                return value
        return sp.Piecewise(*pairs)

    e = sp.sympify(e).replace(sp.Piecewise, branch)
    rule = () if bound.method is None else bound.method.rule.hyperparameters
    decays = {h.symbol for h in rule if h.domain is DECAY}
    return e.replace(lambda x: isinstance(x, sp.Abs) and x.args[0] + 1 in decays, lambda x: -x.args[0])


def _stability(bound: Bound) -> Iterator[str]:
    condition = bound.stable.condition
    if condition == sp.true:
        yield "stable at all hyperparameters: the bound stays finite as the steps increase."
        return
    if condition == sp.false:
        yield "not stable at any hyperparameters."
        return
    relations = condition.args if isinstance(condition, sp.And) else (condition,)
    put = {s: _sympy(x) for s, x in bound.values.items()}
    if bound.stable and condition.subs(put) == sp.false:  # as 0 < 0 where neither factor remembers anything
        yield "STABLE: the bound stays finite as the steps increase, since a factor of 0 remembers nothing."
        return
    text = readable(" and ".join(sp.sstr(r) for r in relations))
    held = "STABLE" if bound.stable else "NOT STABLE"
    yield f"{held}: the bound stays finite as the steps increase if and only if {text}."
    for relation in relations:
        yield from _distance(bound, relation)


def _distance(bound: Bound, relation: sp.Basic) -> Iterator[str]:
    """How far from the boundary: both sides, and for p**2 < d the largest p and the smallest d."""
    put = {s: _sympy(x) for s, x in bound.values.items()}
    if not isinstance(relation, sp.core.relational.Relational) or not relation.free_symbols <= set(put):
        return
    left, right = relation.lhs.subs(put), relation.rhs.subs(put)
    gap = right - left if isinstance(relation, (sp.StrictLessThan, sp.LessThan)) else left - right
    sides = [(relation.lhs, left), (relation.rhs, right)]
    shown = ", ".join(readable(f"{sp.sstr(side)} = {_text(value)}") for side, value in sides if side.free_symbols)
    yield f"{shown}: distance to the boundary {_text(gap)}."
    pole = relation.lhs.base if isinstance(relation.lhs, sp.Pow) and relation.lhs.exp == 2 else None
    if pole is not None and pole.is_Symbol and relation.rhs.is_Symbol:
        p, d = readable(pole.name), readable(relation.rhs.name)
        here = f"stable for {p} < {_text(sp.sqrt(right))}" if right > 0 else f"stable for {p} = 0 alone"
        yield f"At this {d} {here}; at this {p} for {d} > {_text(left)}."


def _worst(bound: Bound) -> list[Any] | None:
    """A few gradients; None where none are known (an upper bound's are inputs of its last level)."""
    if bound.time != "discrete" or bound.kind != "exact":
        return None
    return bound.worst_gradients(_GRADIENTS if bound.steps is None else min(int(bound.steps), _GRADIENTS))


def _gradients(bound: Bound, level: int | None) -> Iterator[str]:
    gradients = _worst(bound)
    if not gradients or bound.method is None:
        return
    count = len(gradients)
    here = max_update(bound.method, steps=count, zeros=bound.zeros, level=level)
    what = "reaches" if here.attained else "comes close to"
    many = _counted(str(count))
    order = "" if count == 1 else ", the newest last"
    yield f"{many}{order}: {', '.join(rounded(x) for x in gradients)}"
    if not here.ball.is_finite():
        yield "The larger those before the newest are, the larger is the update: there is no largest."
        return
    yield f"The update after them {what} the largest after {many}, {value_text(here)}."
    ratios = {x / y for x, y in pairwise(gradients) if isinstance(x, Fraction) and y}
    if count > 2 and len(ratios) == 1 and 0 not in gradients:
        (ratio,) = ratios
        closer = "" if here.attained else "; steeper growth comes closer"
        yield f"Going back in time each is {decimal(ratio)} times the next, however many there are{closer}."


def _counted(count: str) -> str:
    return f"{count} gradient" if count == "1" else f"{count} gradients"


def _comparison(bound: Bound, found: Printed) -> Iterator[str]:
    yield f"Gould & Tanaka (2024): C(β, γ) = {rounded(found.exponent)}, region {found.region}."
    grows = ", as the steps increase" if bound.steps is None else ""
    exact = value_text(bound)
    yield f"as printed{grows}: {found.printed_text}, {_judged(found.printed_holds, found.printed_excess, exact)}"
    if bound.time == "discrete" and found.repaired_text != found.printed_text:
        judged = _judged(found.repaired_holds, found.repaired_excess, exact)
        yield f"repaired (n + 1 for n){grows}: {found.repaired_text}, {judged}"
    if found.in_strip:
        yield "It grows with the steps here, since C ≤ 0; the exact value does not, since γ² < β."


def _judged(holds: bool, excess: float | None, exact: str) -> str:
    if not holds:
        return f"FALSE here: below the exact {exact}."
    if excess is None:
        return "true here."
    if abs(excess) < 1e-8:
        return "true here, and equal to the exact one."
    if excess > 1e6:
        return f"true here, and far above the exact {exact}."
    if excess < 100:
        return f"true here, {excess:.2g} % above the exact {exact}."
    return f"true here, {rounded(float(f'{1 + excess / 100:.2g}'))} times the exact {exact}."


def _proof(bound: Bound, results: Sequence[Result]) -> Iterator[str]:
    for r in results:
        detail = f": {readable(r.detail)}" if r.detail else ""
        missing = violated(bound, r)
        other = f" Not about these hyperparameters: it supposes {readable(', '.join(missing))}." if missing else ""
        yield f"{verdict_text(r)} {r.title.rstrip('.')} ({r.name}; root of trust: {trust_text(r)}){detail}.{other}"


def proved(bound: Bound, results: Sequence[Result]) -> bool:
    """Is everything proved, and something of it about the update at these hyperparameters?"""
    about = [r for r in results if not violated(bound, r)]
    return (
        bool(about) and all(r.verdict is Verdict.PROVED for r in results) and any("u(n)" in r.statement for r in about)
    )


def violated(bound: Bound, result: Result) -> list[str]:
    """The hypotheses of a theorem, as its statement prints them, that these hyperparameters do not meet.

    Read are comparisons of one hyperparameter, or of its square, with a number or with another hyperparameter."""
    values = {symbol.name: value for symbol, value in bound.values.items()}
    found = []
    for line in result.statement.splitlines():
        given = _HYPOTHESIS.fullmatch(line)
        if given is None:
            continue
        left, right = (_side(given[side], values) for side in ("left", "right"))
        if left is not None and right is not None and not _COMPARISONS[given["sign"]](left, right):
            found.append(line.removeprefix("given "))
    return found


def _side(text: str, values: Mapping[str, Any]) -> sp.Expr | None:
    name, power, exponent = text.partition("**")
    base = sp.Integer(name) if name.isdecimal() else _sympy(values[name]) if name in values else None
    return None if base is None else base ** int(exponent) if power else base


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _sympy(value: Any) -> sp.Expr:
    return sp.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else sp.sympify(value)


def _text(value: sp.Expr) -> str:
    return decimal(Fraction(int(value.p), int(value.q))) if value.is_Rational else rounded(value)


def finite_limit(bound: Bound) -> float | None:
    """The limit of the bound as the steps increase, as a double; None where there is none."""
    if not bound.stable:
        return None
    limit = _chosen(bound.limit, bound)
    ball = sharp(lambda: enclose(limit, dict(bound.values), Range(0, 0)))
    return float(ball.mid()) if ball.is_finite() else None  # 0/0 where decay factors are 0
