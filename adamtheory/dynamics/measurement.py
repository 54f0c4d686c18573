"""Everything that is measured on a set of recorded runs, as one value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from adamtheory.dynamics.coarse import CoarseGraining, compare_normalisers, pair
from adamtheory.dynamics.growth import NormGrowthScore, score_norm_growth
from adamtheory.dynamics.identities import IdentityCheck, check_identities
from adamtheory.dynamics.inner import InnerProducts, inner_products
from adamtheory.dynamics.record import DynamicsRecord, RunSettings
from adamtheory.dynamics.steady_state import Equilibrium, equilibrium, has_equilibrium


@dataclass(frozen=True, kw_only=True)
class RunMeasurement:
    """One run: its settings and number of steps, and what is measured, a value for each matrix.

    loss: the first, and the mean of the last tenth of the run. equilibrium is empty without weight decay.
    """

    name: str
    settings: RunSettings
    steps: int
    loss: tuple[float, float]
    identities: tuple[IdentityCheck, ...]
    growth: tuple[NormGrowthScore, ...]
    inner: tuple[InnerProducts, ...]
    equilibrium: tuple[Equilibrium, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs, by name, that differ in the normaliser alone."""

    elementwise: str
    scalar: str
    result: CoarseGraining


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """All runs, and the comparisons between those that differ in the normaliser alone."""

    runs: tuple[RunMeasurement, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """One line for each exact statement that a run violates by more than rounding."""
        return tuple(
            f"{run.name}: {check.statement} of {check.matrix} is violated at step {check.step}, "
            f"by {check.relative:.2g} relative, {check.share:.2g} times the bound on rounding"
            for run in self.runs
            for check in run.identities
            if not check.holds
        )

    def to_json(self) -> str:
        """All fields under their own names."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False)


def measure(records: Mapping[str, DynamicsRecord]) -> Measurement:
    """Measure every statement about the dynamics of the norm on runs given by name."""
    return Measurement(
        runs=tuple(_measured(name, record) for name, record in records.items()),
        comparisons=tuple(
            Comparison(elementwise=one, scalar=other, result=compare_normalisers(records[one], records[other]))
            for one in records
            for other in records
            if pair(records[one], records[other])
        ),
    )


def _measured(name: str, record: DynamicsRecord) -> RunMeasurement:
    return RunMeasurement(
        name=name,
        settings=record.settings,
        steps=record.steps,
        loss=(float(record.loss[0]), record.final_loss),
        identities=check_identities(record),
        growth=score_norm_growth(record),
        inner=inner_products(record),
        equilibrium=equilibrium(record) if has_equilibrium(record) else (),
    )
