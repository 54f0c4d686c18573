"""Statements and how a proof file declares them: ``@theorem`` for what is proved, ``printed`` for what a source prints
and is false, ``conjecture`` for what is only tested.

A statement is complete before its proof runs: source, definitions (``where``), hypotheses (``given``) and claim.  The
decorated function receives a ``Proof`` and must conclude exactly that claim from exactly those hypotheses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.proof.verdict import Verdict
from adamtheory.propositions import BigO, Proposition, Relation, SequenceDefinition

if TYPE_CHECKING:
    from adamtheory.proof.builder import Proof
    from adamtheory.proof.kernel import Sequent


@dataclass(frozen=True)
class Source:
    """Where a statement stands: a published result with its number, or this library."""

    work: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.work}, {self.place}" if self.place else self.work


def GouldTanaka(place: str) -> Source:
    return Source("Gould & Tanaka 2024", place)


def Heredia(place: str) -> Source:
    return Source("Heredia 2024", place)


def ThisLibrary(place: str = "") -> Source:
    return Source("this library", place)


@dataclass(frozen=True)
class Statement:
    """Common to theorems and printed claims.  ``name`` is the stable id by which statements cite each other."""

    name: str
    title: str
    source: Source
    claim: Proposition
    given: tuple[Proposition, ...] = ()
    where: tuple[SequenceDefinition, ...] = ()
    expected: Verdict = Verdict.PROVED
    override: str = ""
    note: str = ""
    file: str = ""

    @property
    def hypotheses(self) -> tuple[Proposition, ...]:
        return (*self.where, *self.given)

    def __str__(self) -> str:
        lines = [f"where {d}" for d in self.where]
        lines += [f"given {p}" for p in self.given]
        return "\n".join([*lines, f"claim {self.claim}"])


@dataclass(frozen=True)
class TheoremStatement(Statement):
    """A claim with its proof.  ``sample`` helps the numeric shadow find admissible points of thin hypotheses:
    a mapping from a symbol to an expression in the others, or from a curve to a ``sympy.Lambda``.  ``runs=False`` keeps
    it off the optimizer runs.  ``order``: of an order claim; of another one only with ``order_in`` x, where the claim
    has to be ``a <= C x^order`` with C free of x.  ``measure`` then gives the order that runs show, with a word on
    which: a number below the proved one contradicts it.

    Raises ValueError for an order that the claim does not have."""

    proof: Callable[[Proof], Sequent | None] = field(default=lambda _: None, compare=False)
    sample: Mapping[Any, Any] = field(default_factory=dict, compare=False)
    runs: bool = True
    order: int | None = None
    order_in: sp.Symbol | None = None
    measure: Callable[[], tuple[float, str]] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.claim, BigO):
            object.__setattr__(self, "order", self.claim.power)
        elif self.order is not None:
            _require_order(self.claim, self.order_in, self.order)


def _require_order(claim: Proposition, variable: sp.Symbol | None, power: int) -> None:
    """The bound's constant must be plain: a sequence or an integral in it could hide the variable."""
    shape = isinstance(claim, Relation) and claim.op == "<=" and variable is not None
    constant = sp.cancel(claim.rhs / variable**power) if shape else None  # type: ignore[attr-defined, operator]
    if constant is None or variable in constant.free_symbols or constant.atoms(AppliedUndef):
        raise ValueError(f"order: the claim must be a <= C*{variable}**{power} with C free of {variable}, got {claim}")


@dataclass(frozen=True)
class PrintedStatement(Statement):
    """A claim as a source prints it, with values that violate it: numbers for symbols, a list (a sequence from index 0)
    or a lambda for functions.  It verifies when the violation is rigorous (exact or ball arithmetic)."""

    witness: Mapping[Any, Any] = field(default_factory=dict, compare=False)
    repaired: str = ""
    why: str = ""


@dataclass(frozen=True)
class ConjectureStatement(Statement):
    """A claim without a proof: sampled at 50 digits, so its verdict is TESTED at best."""

    sample: Mapping[Any, Any] = field(default_factory=dict, compare=False)


def _title(function: Callable[..., Any]) -> str:
    text = (function.__doc__ or function.__name__.replace("_", " ")).strip()
    return text.splitlines()[0].rstrip(".")


def theorem(
    *,
    source: Source,
    claim: Proposition,
    given: Sequence[Proposition] = (),
    where: Sequence[SequenceDefinition] = (),
    expected: Verdict | None = None,
    override: str = "",
    note: str = "",
    sample: Mapping[Any, Any] | None = None,
    runs: bool = True,
    order: tuple[sp.Symbol, int] | None = None,
    measure: Callable[[], tuple[float, str]] | None = None,
) -> Callable[[Callable[[Proof], Sequent | None]], TheoremStatement]:
    """Declare a theorem; the function below the decorator is its proof, its name the theorem's id.

    ``order=(x, p)`` declares an explicit bound ``a <= C x^p``, with ``measure`` (see ``TheoremStatement``)."""
    if (order is None) is not (measure is None):
        raise ValueError("theorem: order and measure go together: an order is stated with how it is measured")
    if isinstance(claim, BigO) and order is not None:
        raise ValueError(f"theorem: order={order} is for explicit bounds; this claim states its order itself")
    variable, power = (None, claim.power) if isinstance(claim, BigO) else order or (None, None)
    natural = Verdict.PROVED if power is None else Verdict.PROVED_TO_ORDER
    if expected is not None and expected is not natural and not override:
        raise ValueError(f"theorem: expected={expected.value} needs override='reason' (natural: {natural.value})")

    def declare(function: Callable[[Proof], Sequent | None]) -> TheoremStatement:
        return TheoremStatement(
            name=function.__name__,
            title=_title(function),
            source=source,
            claim=claim,
            given=_flat(given),
            where=tuple(where),
            expected=expected or natural,
            override=override,
            note=note or "\n".join((function.__doc__ or "").strip().splitlines()[1:]).strip(),
            file=function.__code__.co_filename,
            proof=function,
            sample=dict(sample or {}),
            runs=runs,
            order=power,
            order_in=variable,
            measure=measure,
        )

    return declare


def printed(
    *,
    name: str,
    title: str,
    source: Source,
    claim: Proposition,
    witness: Mapping[Any, Any],
    given: Sequence[Proposition] = (),
    where: Sequence[SequenceDefinition] = (),
    repaired: str = "",
    why: str = "",
) -> PrintedStatement:
    """Declare a claim that is false as printed, with the witness that violates it."""
    return PrintedStatement(
        name=name,
        title=title,
        source=source,
        claim=claim,
        given=_flat(given),
        where=tuple(where),
        expected=Verdict.REFUTED,
        file=_caller_file(),
        witness=dict(witness),
        repaired=repaired,
        why=why,
    )


def conjecture(
    *,
    name: str,
    title: str,
    source: Source,
    claim: Proposition,
    given: Sequence[Proposition] = (),
    where: Sequence[SequenceDefinition] = (),
    sample: Mapping[Any, Any] | None = None,
) -> ConjectureStatement:
    """Declare a claim that nobody has proved here; sampling never makes it more than TESTED."""
    return ConjectureStatement(
        name=name,
        title=title,
        source=source,
        claim=claim,
        given=_flat(given),
        where=tuple(where),
        expected=Verdict.TESTED,
        file=_caller_file(),
        sample=dict(sample or {}),
    )


def _caller_file() -> str:
    """The file whose code called the function that called this one."""
    import inspect

    frame = inspect.currentframe()
    caller = frame.f_back.f_back if frame and frame.f_back else None
    return caller.f_code.co_filename if caller else ""


def _flat(items: Any) -> tuple[Proposition, ...]:
    found: list[Proposition] = []
    for item in items:
        if isinstance(item, Proposition):
            found.append(item)
        else:
            found.extend(_flat(item))
    return tuple(found)
