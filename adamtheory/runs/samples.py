"""What the checks on runs are fed with: admissible hyperparameters and gradient sequences, or recorded gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from adamtheory import notation
from adamtheory.propositions import Proposition, Relation
from adamtheory.runs.observables import Observable
from adamtheory.runs.truth import Undetermined, holds_exactly
from adamtheory.testing import KINDS, REGIONS, sample_gradients, sample_hyperparameters

if TYPE_CHECKING:
    from adamtheory.methods import Method

# Tries a region for a pair that the hypotheses admit; thin sets other than the known curves are rarely met.
_TRIES = 12
# For the recorded gradients: what people train with, and for statements on an edge or a curve a pair of theirs.
_USUAL_RATES = (("0.999", "0.9"), ("0.95", "0.9"), ("0.9", "0.95"), ("0.99", "0"))
_OTHER_RATES = (("0.9", "0.9"), ("0.81", "0.9"), ("9/11", "9/10"), ("0", "0.9"), ("0", "0"))
_MOST_PAIRS = 3


@dataclass(frozen=True)
class Sample:
    """A batch of runs: for each, its hyperparameters (exact) and its gradients; ``labels`` say where they come from."""

    values: dict[sp.Symbol, NDArray[Any]]  # object arrays of Fractions, shape (batch,)
    gradients: NDArray[Any]  # shape (batch, steps)
    labels: tuple[str, ...]

    @property
    def steps(self) -> int:
        return int(self.gradients.shape[1])

    def __len__(self) -> int:
        return len(self.labels)

    def point(self, at: int) -> dict[sp.Symbol, Fraction]:
        """The hyperparameters of one run."""
        return {symbol: array[at] for symbol, array in self.values.items()}

    @cached_property
    def _distinct(self) -> tuple[list[dict[sp.Symbol, Fraction]], NDArray[Any]]:
        """The different hyperparameters, and which of them each run has."""
        places: dict[tuple[Any, ...], int] = {}
        which = [places.setdefault(tuple(self.point(row).values()), len(places)) for row in range(len(self))]
        return [dict(zip(self.values, key, strict=True)) for key in places], np.array(which)

    def holds(self, relation: Relation, indices: Mapping[sp.Symbol, int]) -> NDArray[Any]:
        """Where a relation between hyperparameters and indices holds, exactly; Undetermined where that is unknown."""
        points, which = self._distinct
        if not (relation.lhs.free_symbols | relation.rhs.free_symbols) & set(self.values):
            return np.full(len(self), holds_exactly(relation, indices))
        return np.array([holds_exactly(relation, {**point, **indices}) for point in points])[which]

    def where(self, at: int, indices: dict[sp.Symbol, int]) -> str:
        """One run and index, for people: beta=0.999, gamma=0.9, n=7, worst-case."""
        numbers = [f"{symbol}={_decimal(value)}" for symbol, value in self.point(at).items()]
        numbers += [f"{symbol}={value}" for symbol, value in indices.items()]
        return ", ".join([*numbers, self.labels[at]])


def method_instance(observable: Observable, values: dict[sp.Symbol, NDArray[Any]]) -> Method:
    """The method with these hyperparameters, one a run of the batch."""
    from adamtheory.methods import METHODS

    kind = METHODS[observable.method]
    names = {h.symbol: h.name for h in kind().rule.hyperparameters}
    fixed = {names[symbol]: Fraction(int(value)) for symbol, value in observable.fixed.items()}
    return kind(**_arguments({**fixed, **{names[symbol]: array for symbol, array in values.items()}}))


def _arguments(named: Mapping[str, Any]) -> dict[str, Any]:
    """The values by argument: betas[0], betas[1] are the entries of the list betas."""
    arguments: dict[str, Any] = {name: value for name, value in named.items() if "[" not in name}
    entries = [(name.partition("["), value) for name, value in named.items() if "[" in name]
    for (argument, _, _), value in sorted(entries, key=lambda entry: int(entry[0][2].rstrip("]"))):
        arguments.setdefault(argument, []).append(value)
    return arguments


def needed_symbols(observable: Observable) -> list[sp.Symbol]:
    """The hyperparameters that the run or the statement needs."""
    from adamtheory.methods import METHODS

    rule = METHODS[observable.method]().rule
    in_steps = set().union(*(expression.free_symbols for _, expression in rule.assignments))
    return [
        h.symbol
        for h in rule.hyperparameters
        if h.symbol not in observable.fixed and (h.symbol in in_steps or h.symbol in observable.hyperparameters)
    ]


def sampled(observable: Observable, *, steps: int, batch: int, seed: int, dtype: str = "float64") -> Sample | None:
    """About ``batch`` runs over all regions of the square and all kinds of sequences; None where the hypotheses admit
    no hyperparameters that were drawn."""
    rng = np.random.default_rng(seed)
    points = list(_points(observable, rng, max(1, -(-batch // len(REGIONS)))))
    if not points:
        return None
    symbols = needed_symbols(observable)
    # The shift lets every kind meet every point in the end.
    pairs = [(points[(i + i // len(KINDS)) % len(points)], KINDS[i % len(KINDS)]) for i in range(batch)]
    rows, labels = [], []
    for at, kind in pairs:
        beta, gamma = at.get(notation.beta, Fraction(1, 2)), at.get(notation.gamma, Fraction(0))
        rows.append(
            sample_gradients(
                rng, steps, kind, beta=float(min(beta, _BELOW_ONE)), gamma=float(min(gamma, _BELOW_ONE)), dtype=dtype
            )
        )
        labels.append(kind)
    values = {symbol: _objects([at[symbol] for at, _ in pairs]) for symbol in symbols}
    return Sample(values, np.stack(rows), tuple(labels))


# The largest double below one: a rate beyond it rounds to 1, where the worst case has no shape.
_BELOW_ONE = Fraction(1) - Fraction(1, 2**53)


def recorded(observable: Observable, path: Path, *, rows: int | None = None, steps: int | None = None) -> Sample | None:
    """The recorded gradients at the usual hyperparameters that the statement admits; ``rows`` takes only so many
    parameters of each label, ``steps`` only so many first steps.  ValueError for an unreadable recording."""
    from adamtheory.recordings import LABELS, load_recording

    recording = load_recording(path)
    symbols = needed_symbols(observable)
    points: list[dict[sp.Symbol, Fraction]] = []
    for beta, gamma in (*_USUAL_RATES, *_OTHER_RATES):
        at = {notation.beta: Fraction(beta), notation.gamma: Fraction(gamma)}
        if set(symbols) <= set(at) and len(points) < (_MOST_PAIRS if (beta, gamma) in _USUAL_RATES else 1):
            at = {symbol: at[symbol] for symbol in symbols}
            if at not in points and _admitted(observable, at):
                points.append(at)
    if not points:
        return None
    chosen = range(len(recording.names))
    if rows is not None:
        of_label = [[i for i, label in enumerate(recording.labels) if label == wanted][:rows] for wanted in LABELS]
        chosen = [i for group in of_label for i in group]  # type: ignore[assignment]
    pairs = list(product(points, chosen))
    return Sample(
        {symbol: _objects([at[symbol] for at, _ in pairs]) for symbol in symbols},
        np.stack([recording.gradients[i, :steps] for _, i in pairs]),
        tuple(f"{recording.labels[i]} parameter {recording.names[i]}" for _, i in pairs),
    )


def recording_path() -> Path | None:
    """The recorded gradients of a checkout; an installed package does not carry them."""
    import adamtheory

    path = Path(adamtheory.__file__).resolve().parent.parent / "tests" / "data" / "recorded_gradients.npz"
    return path if path.is_file() else None


def _points(observable: Observable, rng: np.random.Generator, each: int) -> Iterator[dict[sp.Symbol, Fraction]]:
    symbols = needed_symbols(observable)
    for _ in range(each):
        for region in REGIONS:
            for _ in range(_TRIES):
                at = _drawn(symbols, rng, region)
                if _admitted(observable, at):
                    yield at
                    break


def _drawn(symbols: list[sp.Symbol], rng: np.random.Generator, region: str) -> dict[sp.Symbol, Fraction]:
    beta, gamma = sample_hyperparameters(rng, region)
    at = {}
    for symbol in symbols:
        if symbol.name.startswith("beta"):
            at[symbol] = beta if symbol == notation.beta else sample_hyperparameters(rng, region)[0]
        elif symbol.name.startswith("gamma"):
            at[symbol] = gamma if symbol == notation.gamma else sample_hyperparameters(rng, region)[1]
        else:  # a learning rate, epsilon or decay: any magnitude
            at[symbol] = Fraction(int(rng.integers(1, 10)), 10 ** int(rng.integers(0, 9)))
    return at


def _admitted(observable: Observable, at: dict[sp.Symbol, Fraction]) -> bool:
    """Do the hypotheses on hyperparameters alone hold, exactly?"""
    for p in observable.given:
        if not on_hyperparameters(p, set(at)):
            continue
        try:
            if not holds_exactly(p, at):
                return False
        except Undetermined:
            return False
    return True


def on_hyperparameters(p: Proposition, symbols: set[sp.Symbol]) -> bool:
    """Does a proposition speak of hyperparameters alone?  Every sample satisfies those hypotheses."""
    return not p.functions and p.free_symbols <= symbols


def _objects(values: list[Any]) -> NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _decimal(value: Fraction) -> str:
    text = f"{float(value):.10g}"
    return text if Fraction(text) == value else f"{value}"
