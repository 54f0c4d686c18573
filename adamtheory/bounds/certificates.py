"""Certificates: the bound of any rule of linear filters, stated about the rule's own sequences and proved on demand.

``certify`` reads the layers off the rule (``filters``) and has the proof core prove, for all hyperparameters of an open
domain that each statement spells out, that no gradients exceed the bound, that some reach it, and its closed form.
What it cannot prove comes back UNDECIDED with the reason; no claim is weakened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

import sympy as sp

from adamtheory.bounds.filter_proofs import (
    Script,
    averaged,
    converging,
    counted,
    filtered_bound,
    geometric,
    maximum,
    newest_size,
    sign_of_input,
    upper_bound,
)
from adamtheory.bounds.filter_sequences import NotStated, Sequences, at_zero_eps
from adamtheory.bounds.filters import Filters, NotALinearFilter, filters
from adamtheory.methods.rule import UpdateRule
from adamtheory.notation import j, n, open_unit
from adamtheory.proof import (
    Library,
    Proposition,
    Relation,
    Result,
    SequenceDefinition,
    Supremum,
    Tends,
    TheoremStatement,
    ThisLibrary,
    Trust,
    Verdict,
    eq,
    gt,
    le,
    lt,
    ne,
)
from adamtheory.proof.kernel import Scope
from adamtheory.proof.signs import decide

TRIALS = 2  # random points, at 50 digits, at which every step is tried beside being proved


@lru_cache(maxsize=64)
def certify(rule: UpdateRule) -> tuple[Result, ...]:
    """The verdicts on everything that the bound of a rule's update rests on, each with its root of trust.

    Never raises for a rule whose bound cannot be proved: its result is UNDECIDED, and ``detail`` says why."""
    try:
        found = statements(rule)
    except (NotALinearFilter, NotStated) as problem:
        return (_undecided(rule, str(problem)),)
    except Exception as problem:  # noqa: BLE001  a rule is anybody's: what cannot be read decides nothing
        return (_undecided(rule, f"its statements could not be written: {type(problem).__name__}: {problem}"),)
    library = Library(found, trials=TRIALS)
    return tuple(library.result(s.name) for s in found)


def statements(rule: UpdateRule) -> tuple[TheoremStatement, ...]:
    """What ``certify`` has proved: theorems about the rule's sequences, each with its proof, in an order in which a
    statement cites only those before it.  Raises ValueError, saying why, for a rule that none is known for."""
    return tuple(_statements(rule, filters(rule)))


def summary(results: Iterable[Result]) -> str:
    """The results in plain lines: what is claimed, the verdict, and the root of trust or the reason."""
    lines: list[str] = []
    for result in results:
        lines.append(f"{result.verdict.value}: {result.title} [{result.source}]")
        lines += [f"  {line}" for line in result.statement.splitlines()]
        if result.detail:
            lines.append(f"  because {result.detail}" if result.verdict is Verdict.UNDECIDED else f"  {result.detail}")
        if result.trust.rules:
            lines.append(f"  rules: {', '.join(sorted(result.trust.rules))}")
            lines.append(f"  leans on: {', '.join(result.trust.leaves) or 'nothing beyond these rules'}")
        if result.trials:
            lines.append(f"  tried at {result.trials} random points, beside being proved")
    return "\n".join(lines)


def _statements(rule: UpdateRule, structure: Filters) -> Iterator[TheoremStatement]:
    rule = at_zero_eps(rule)
    layers = [Sequences(rule, layer) for layer in structure.layers]
    last = layers[-1]
    square = last.layer.square
    if square is not None and square.maximum:
        raise NotStated("it divides by the largest sum of squares so far, which is no linear filter")
    elif square is not None and square.decay == 0:
        yield _of_sign(last)
    elif square is not None:
        yield from _of_ratio(last, exact=len(layers) == 1)
    elif len(layers) == 2 and _filtered(layers[0]):
        yield from _of_average(*layers)
    else:
        raise NotStated("it divides by no sum of squares, so its bound depends on the size of the gradients")


def _filtered(sequences: Sequences) -> bool:
    square = sequences.layer.square
    return square is not None and not square.maximum and square.decay != 0


def _of_ratio(layer: Sequences, *, exact: bool) -> Iterator[TheoremStatement]:
    """A filter over the root of a filter; not ``exact`` where its input is the output of another."""
    layer = replace(layer, named=True)  # worst inputs are explicit: they contain numbers, and no other sequences
    names = tuple(eq(e, s) for e, s in layer.names.items())
    size, bound = sp.Abs(layer.output), sp.sqrt(layer.bound_squared)
    name = f"{layer.rule.name}_upper_bound"
    whose = "gradients" if exact else f"input {layer.source} of its last level"
    yield _theorem(
        layer,
        name,
        f"No {whose} make the update larger than its bound",
        where=layer.definitions,
        given=(*layer.domain, *names, layer.defined),
        claim=le(size, bound),
        proof=upper_bound(layer),
    )
    if exact:
        yield _theorem(
            layer,
            f"{layer.rule.name}_maximum",
            "The bound is the largest update over all gradients, and some reach it",
            where=layer.definitions,
            given=(*layer.domain, *names, *_not_degenerate(layer)),
            claim=Supremum(size, layer.source, (layer.defined,), bound),
            proof=maximum(layer, name),
        )
    ratios = [r for _, r in layer.terms]
    yield from _closed_forms(layer, layer.domain, ratios, layer.last + 1)


def _not_degenerate(layer: Sequences) -> tuple[Relation, ...]:
    """The newest input counts, where weights of both signs could cancel: so some gradients make a difference."""
    known: list[Proposition] = [*layer.domain, *open_unit(*layer.names.values())]
    for part in sorted(layer.newest.atoms(sp.Add), key=lambda e: (e.count_ops(), str(e))):
        if part != layer.newest and decide(Scope(tuple(known)), gt(part, 0)):
            known.append(gt(part, 0))
    wanted = ne(layer.newest, 0)
    return () if decide(Scope(tuple(known)), wanted) else (wanted,)


def _of_average(inner: Sequences, outer: Sequences) -> Iterator[TheoremStatement]:
    """A filter of normalised gradients, dividing by nothing itself."""
    domain = tuple(dict.fromkeys((*inner.domain, *outer.domain)))
    yield _theorem(
        outer,
        f"{outer.rule.name}_upper_bound",
        "No gradients that start different from 0 make the update larger than its bound",
        where=(*inner.definitions, *outer.definitions),
        given=(*domain, ne(inner.source(0), 0)),
        claim=le(sp.Abs(outer.output), filtered_bound(inner, outer)),
        proof=averaged(inner, outer),
    )
    poles = [mode.pole for mode in outer.layer.modes]
    yield from _closed_forms(outer, domain, poles, outer.last + 1)


def _of_sign(layer: Sequences) -> TheoremStatement:
    """The sign of the input, up to a weight."""
    if layer.layer.modes:
        raise NotStated("its denominator sees the newest gradient alone, and its numerator others")
    size = newest_size(layer)
    return _theorem(
        layer,
        f"{layer.rule.name}_size",
        "The update is the sign of the gradient" + ("" if size == 1 else ", up to a factor"),
        where=layer.definitions,
        given=(*layer.domain, ne(layer.source(layer.output.args[0]), 0)),
        claim=eq(sp.Abs(layer.output), size),
        proof=sign_of_input(layer, size),
    )


def _closed_forms(
    layer: Sequences, domain: tuple[Relation, ...], ratios: Iterable[sp.Expr], count: sp.Expr
) -> Iterator[TheoremStatement]:
    """Each geometric sum in the bound, with its ratio different from 1 and, where the domain allows it, 1."""
    distinct = [r for r in dict.fromkeys(ratios) if r != 0]
    for number, r in enumerate(distinct, start=1):
        which = f"_{number}" if len(distinct) > 1 else ""
        symbols = r.free_symbols | {s for p in domain for s in p.free_symbols if p.free_symbols & r.free_symbols}
        given = tuple(p for p in domain if p.free_symbols <= symbols)
        above, below = sp.fraction(sp.together(r))
        total, apart = sp.Sum(r**j, (j, 0, count - 1)), ne(above, below)
        meets = not decide(Scope(given), apart)
        yield _theorem(
            layer,
            f"{layer.rule.name}_geometric_sum{which}",
            "A geometric sum of the bound in closed form",
            given=(*given, apart) if meets else given,
            claim=eq(total, (1 - r**count) / (1 - r)),
            proof=geometric(r),
        )
        yield _theorem(
            layer,
            f"{layer.rule.name}_geometric_sum{which}_limit",
            "The limit of a geometric sum of the bound, where its ratio is below 1",
            given=given if decide(Scope(given), lt(above, below)) else (*given, lt(above, below)),
            claim=Tends(total, n, sp.oo, 1 / (1 - r)),
            proof=converging(r),
        )
        if meets:
            yield _theorem(
                layer,
                f"{layer.rule.name}_geometric_sum{which}_of_ones",
                "A geometric sum of the bound where its ratio is 1",
                given=(*given, eq(above, below)),
                claim=eq(total, count),
                proof=counted(r, eq(above, below)),
            )


def _theorem(
    layer: Sequences,
    name: str,
    title: str,
    *,
    given: tuple[Proposition, ...],
    claim: Proposition,
    proof: Script,
    where: tuple[SequenceDefinition, ...] = (),
) -> TheoremStatement:
    return TheoremStatement(
        name=name,
        title=title,
        source=ThisLibrary(f"largest update of {layer.rule.name}"),
        claim=claim,
        given=given,
        where=where,
        proof=proof,
        runs=False,
    )


def _undecided(rule: UpdateRule, reason: str) -> Result:
    return Result(
        name=f"{rule.name}_bound",
        title="A bound on the update",
        source=str(ThisLibrary(f"largest update of {rule.name}")),
        statement="",
        verdict=Verdict.UNDECIDED,
        expected=Verdict.PROVED,
        detail=reason,
        trust=Trust(),
    )
