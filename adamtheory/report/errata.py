"""The errata: statements that a source prints and that are false, each with its witness and with what is true instead.

Everything here is computed.  The witness is checked as the table is made; the verdict on the repaired form is passed
in, fresh from its proof (``adamtheory errata``) or from committed verdicts (the test that the documents are current).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import flint
import sympy as sp

from adamtheory.lowering.signed_root import SignedRoot
from adamtheory.notation import coordinate, stability_exponent
from adamtheory.proof.refutation import WitnessReport, check_witness, decimals
from adamtheory.proof.theorem import PrintedStatement, Statement
from adamtheory.proof.valuation import Curve, ExactSequence
from adamtheory.proof.verdict import Result, Verdict, unrepaired
from adamtheory.propositions import All, BigO, Proposition, Relation, SequenceDefinition
from adamtheory.report.conditions import Window, merged
from adamtheory.report.latex import condition, formula, latex
from adamtheory.report.mathematics import readable
from adamtheory.report.report import plain

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from adamtheory.verification import Progress, Request

_C = sp.Symbol("C", real=True)
# SymPy writes a number times a sum as a sum.
_ABBREVIATED = {c * stability_exponent(): c * _C for c in (1, -1, sp.Rational(1, 2), -sp.Rational(1, 2))}
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


@dataclass(frozen=True)
class Repair:
    """The statement that holds instead.  ``omitted``: what the source leaves out, where the claim is the same one."""

    name: str
    title: str
    source: str
    verdict: str
    statement: Shown
    omitted: tuple[Formula, ...]


@dataclass(frozen=True)
class Erratum:
    """One statement that is false as printed.  ``violation`` is None where what fails is no relation (a limit): then
    ``remark`` says what does.  ``instance`` is the value of a quantified variable at which the claim fails."""

    name: str
    title: str
    work: str
    place: str
    verdict: str
    statement: Shown
    witness: tuple[Formula, ...]
    instance: tuple[Formula, ...]
    violation: Violation | None
    remark: str
    why: str
    repaired: Repair | None


@dataclass(frozen=True)
class Errata:
    """All errata, by work and place.  ``failures``: statements that are not refuted, or not repaired, a line each;
    ``broken``: files that could not be read."""

    rows: tuple[Erratum, ...]
    failures: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Erratum]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def works(self) -> dict[str, tuple[Erratum, ...]]:
        """The errata of each work."""
        found: dict[str, list[Erratum]] = {}
        for row in self.rows:
            found.setdefault(row.work, []).append(row)
        return {work: tuple(rows) for work, rows in found.items()}

    @property
    def exit_status(self) -> int:
        return 2 if self.broken else 1 if self.failures else 0

    def to_json(self, *, indent: int | None = 2) -> str:
        """The fields under their own names."""
        return json.dumps(plain(self), indent=indent, ensure_ascii=False, allow_nan=False)


def repairs(request: Request) -> dict[str, Statement]:
    """The statements that repair what the request's files print, by name.

    Raises ValueError where the request selects what does not exist."""
    from adamtheory.verification import chosen, citable, loaded_for

    statements = printed_among(chosen(request))
    own = {s.name: s for s in loaded_for(request).statements}
    # The catalogue is read only where a name is not one of these files'.
    known = own if all(s.repaired in ("", *own) for s in statements) else citable(request)
    return {name: known[name] for name in needed(statements, known)}


def carried_out(request: Request, *, executor: Executor | None = None, progress: Progress | None = None) -> Errata:
    """The errata of the request's files, fresh: the repaired forms and what they cite are proved, and nothing else.

    Raises ValueError where the request selects what does not exist."""
    from adamtheory.verification import chosen, judged, loaded_for

    statements = printed_among(chosen(request))
    known = repairs(request)
    results = judged(request, known.values(), executor=executor, progress=progress)
    broken = (f"{file.path}: {file.reason}" for file in loaded_for(request).broken)
    return errata(statements, known, results, broken=broken)


def printed_among(statements: Iterable[Statement]) -> tuple[PrintedStatement, ...]:
    return tuple(s for s in statements if isinstance(s, PrintedStatement))


def needed(statements: Iterable[PrintedStatement], known: Mapping[str, Statement]) -> tuple[str, ...]:
    """The names of the repaired forms whose verdicts ``errata`` asks for, each once."""
    return tuple(dict.fromkeys(s.repaired for s in statements if s.repaired in known))


def errata(
    statements: Iterable[PrintedStatement],
    known: Mapping[str, Statement],
    verdicts: Mapping[str, Verdict | Result],
    *,
    broken: Iterable[str] = (),
) -> Errata:
    """The errata among ``statements``: their witnesses are checked here.

    ``known`` holds the statements that may repair them and ``verdicts`` what is known of these, both by name."""
    rows: list[Erratum] = []
    failures: list[str] = []
    for statement in statements:
        report = check_witness(statement)
        if not report.refuted:
            witness = f"; the witness: {report.detail}" if report.detail else ""
            failures.append(f"NOT REFUTED {_called(statement)}: {report.reason}{witness}")
            continue
        failure = _failure(statement, known, verdicts)
        if failure:
            failures.append(f"NOT REPAIRED {_called(statement)}: {failure}")
            continue
        rows.append(_erratum(statement, report, known.get(statement.repaired)))
    return Errata(tuple(sorted(rows, key=_order)), tuple(map(_one_line, failures)), tuple(broken))


def _called(statement: Statement) -> str:
    return f"{statement.name} ({statement.source})"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _failure(
    statement: PrintedStatement, known: Mapping[str, Statement], verdicts: Mapping[str, Verdict | Result]
) -> str:
    name = statement.repaired
    if not name:
        return ""
    if name not in known:
        return f"repaired={name!r} names no statement in these files or the library's own"
    found = verdicts.get(name)
    if found is None:
        return f"the verdict on the repaired form {name} is not known"
    if isinstance(found, Result):
        return unrepaired(name, found.verdict, found.detail)
    return unrepaired(name, found, "")


def _order(row: Erratum) -> tuple[Any, ...]:
    """Published works first, by name; then by place, numbers in it as numbers; then in the order of the files."""
    parts = re.split(r"(\d+)", row.place)
    return row.work == "this library", row.work, [(int(x), "") if x.isdigit() else (-1, x) for x in parts]


# -- showing ----------------------------------------------------------------------------------------------------
def _erratum(statement: PrintedStatement, report: WitnessReport, repaired: Statement | None) -> Erratum:
    point = report.point
    at: dict[Any, Any] = {} if point is None else {**point.values, **point.functions}
    return Erratum(
        name=statement.name,
        title=readable(statement.title),
        work=statement.source.work,
        place=statement.source.place,
        verdict=Verdict.REFUTED.value,
        statement=shown(statement),
        witness=tuple(_assigned(key, value) for key, value in at.items()),
        instance=tuple(_assigned(key, sp.sympify(value, strict=True)) for key, value in report.instance.items()),
        violation=None if report.failed is None else _violation(*report.failed),
        remark=readable(report.remark),
        why=readable(statement.why),
        repaired=None if repaired is None else _repair(statement, repaired),
    )


def _repair(statement: PrintedStatement, repaired: Statement) -> Repair:
    claim = repaired.claim
    verdict = f"{Verdict.PROVED_TO_ORDER.value}({claim.power})" if isinstance(claim, BigO) else Verdict.PROVED.value
    omitted: tuple[Formula, ...] = ()
    if claim == statement.claim and set(statement.given) <= set(repaired.given):
        left_out = [p for p in repaired.given if p not in statement.given]
        omitted = _shown((), left_out, claim, short=_may_abbreviate(repaired)).given
    return Repair(repaired.name, readable(repaired.title), str(repaired.source), verdict, shown(repaired), omitted)


def shown(statement: Statement) -> Shown:
    """A statement for people: C for the stability exponent, bounds merged, conjunctions in parts."""
    return _shown(statement.where, statement.given, statement.claim, short=_may_abbreviate(statement))


def _may_abbreviate(statement: Statement) -> bool:
    parts = (statement.claim, *statement.hypotheses)
    names = {s.name for p in parts for e in p.expressions for s in e.atoms(sp.Symbol)}
    return "C" not in names | {str(f) for p in parts for f in p.functions}


def _shown(
    where: Iterable[SequenceDefinition], given: Iterable[Proposition], claim: Proposition, *, short: bool
) -> Shown:
    exponent = stability_exponent()
    used: list[bool] = []

    def brief(p: Any) -> Any:
        found = p._rebuild(lambda e: e.xreplace(_ABBREVIATED)) if short else p
        used.append(found != p)
        return found

    definitions = tuple(_formula(brief(d)) for d in where)
    hypotheses = tuple(_condition(x) for x in merged([brief(p) for p in given]))
    parts = claim.parts if isinstance(claim, All) else (claim,)
    claims = tuple(_formula(brief(p)) for p in parts)
    if any(used):
        text, shape = readable(str(exponent)), formula(exponent)
        definitions = (*definitions, Formula(f"C ≔ {text}", f"C := {shape}"))
    return Shown(definitions, hypotheses, claims)


def _formula(p: Proposition) -> Formula:
    return Formula(readable(str(p)), latex(p))


def _condition(item: Proposition | Window) -> Formula:
    if not isinstance(item, Window):
        return _formula(item)
    names = ", ".join(str(s) for s in item.symbols)
    return Formula(readable(f"{item.low} {item.first} {names} {item.second} {item.high}"), condition(item))


def _assigned(key: Any, value: Any) -> Formula:
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


def _violation(relation: Relation, left: Any, right: Any) -> Violation:
    text = {"<=": "≤", "<": "<", "=": "=", "!=": "≠"}[relation.op]
    shape = {"<=": r"\le", "<": "<", "=": "=", "!=": r"\ne"}[relation.op]
    first, second = decimals(left, right)
    return Violation(_side(left, first), Formula(text, shape), _side(right, second))


def _side(value: Any, decimal: str) -> Formula:
    digits = decimal.partition(" = ")[0]
    exact: sp.Expr | None = None
    if isinstance(value, SignedRoot):
        exact = value.sign * sp.sqrt(sp.Rational(value.radicand.numerator, value.radicand.denominator))
    elif isinstance(value, (int, Fraction)) and not isinstance(value, flint.arb):
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
