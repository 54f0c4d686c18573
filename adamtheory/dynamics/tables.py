"""A measurement as tables of plain text or Markdown."""

from __future__ import annotations

import math

from adamtheory.dynamics.growth import NormGrowthScore, NormPrediction
from adamtheory.dynamics.identities import STATEMENTS
from adamtheory.dynamics.measurement import Measurement, RunMeasurement
from adamtheory.tabular import NONE, Table, replaced

_ROUNDING = (
    1e-14  # below it a relative deviation is shown as this: rounding, of which the last bits are a machine's own
)


def tables(measurement: Measurement) -> tuple[Table, ...]:
    """The tables of a measurement; those without a row are left out."""
    every = (
        _runs(measurement),
        _identities(measurement),
        _growth(measurement),
        _inner(measurement),
        _equilibrium(measurement),
        _coarse(measurement),
    )
    return tuple(table for table in every if table.rows)


def as_text(measurement: Measurement) -> str:
    """All tables in plain text."""
    return "\n\n".join(table.text() for table in tables(measurement)) + "\n"


def as_markdown(measurement: Measurement) -> str:
    """All tables in Markdown."""
    return "\n\n".join(table.markdown() for table in tables(measurement)) + "\n"


def updated(document: str, measurement: Measurement) -> str:
    """The Markdown document with the tables between its two markers. ValueError where it has not one pair of them."""
    return replaced(document, "measure", as_markdown(measurement))


def _runs(measurement: Measurement) -> Table:
    def row(run: RunMeasurement) -> tuple[str, ...]:
        s = run.settings
        norm = NONE if not s.qk_norm else "eps 0" if s.norm_eps == 0 else f"eps {s.norm_eps:g}"
        rates = (f"{s.gamma:g}", f"{s.lr:g}", f"{s.weight_decay:g}")
        losses = f"{run.loss[0]:.2f} → {run.loss[1]:.2f}"
        return (run.name, *rates, s.normaliser, norm, str(len(run.growth)), str(run.steps), losses)

    heads = ("run", "gamma", "lr", "weight decay", "normaliser", "qk-norm", "matrices", "steps", "loss")
    note = "gamma, lr, weight decay and normaliser are those of the recorded matrices. Loss: first → last tenth."
    return Table("Runs", note, heads, tuple(map(row, measurement.runs)))


def _identities(measurement: Measurement) -> Table:
    def cell(run: RunMeasurement, statement: str) -> str:
        checks = [check for check in run.identities if check.statement == statement]
        if not checks:
            return NONE
        largest = max(check.relative for check in checks)
        return _power_above(largest) + ("" if all(check.holds for check in checks) else " VIOLATED")

    rows = tuple((run.name, *(cell(run, statement) for statement in STATEMENTS)) for run in measurement.runs)
    return Table(
        "Exact statements",
        "Largest deviation over all steps and matrices, relative to the product of norms; beyond the bound on rounding "
        "it says VIOLATED. |W|² step: |W(n+1)|² from |W|², ⟨W,u⟩, |u|². ⟨W,m⟩ recursion: a scalar normaliser with "
        "momentum. ⟨W,g⟩ = 0: an exactly scale-invariant loss.",
        ("run", "|W|² step", "⟨W,m⟩ recursion", "⟨W,g⟩ = 0"),
        rows,
    )


def _growth(measurement: Measurement) -> Table:
    def ratios(run: RunMeasurement, prediction: str, ratio: str) -> str:
        found: list[NormPrediction | None] = [getattr(score, prediction) for score in run.growth]
        return _range([None if p is None else getattr(p, ratio) for p in found])

    def row(run: RunMeasurement) -> tuple[str, ...]:
        def share(score: NormGrowthScore) -> float | None:
            return score.true_change / score.initial if score.initial else None

        names = ("printed", "repaired", "repaired_from_rest", "recursion")
        predicted = (ratios(run, name, "growth_ratio") for name in names)
        others = (ratios(run, "printed", "change_ratio"), ratios(run, "printed", "level_ratio"))
        return (run.name, _range(list(map(share, run.growth)), "+.1%"), *predicted, *others)

    heads = (
        "run", "change of |W|²", "printed", "repaired", "from rest", "recursion", "printed, by change",
        "printed, by level",
    )  # fmt: skip
    return Table(
        "Theorem 2: the growth of |W|²",
        "Predicted over true, lowest and highest matrix. Growth is what the updates added to |W|², beyond what weight "
        "decay alone leaves of |W(0)|². Printed: Equation (8). Repaired: times (1 + γd)/(1 − γd), d = 1 − ηλ. From "
        "rest: with that factor as it builds up from 1. Recursion: with the exact ⟨W,m⟩, for a scalar normaliser. The "
        "last column is no score: where |W(0)|² dominates, the level |W(N)|² looks right whatever the growth.",
        heads,
        tuple(map(row, measurement.runs)),
    )


def _inner(measurement: Measurement) -> Table:
    def row(run: RunMeasurement) -> tuple[str, ...]:
        lags = run.inner[0].lags
        past = (_largest([inner.past[i] for inner in run.inner]) for i in range(len(lags)))
        update = _range([inner.update for inner in run.inner], ".3f")
        # The prediction stands on ⟨W,g⟩ = 0.
        predicted = _number(run.inner[0].update_predicted, ".3f") if run.settings.scale_invariant else NONE
        return (run.name, *past, _largest([inner.past_largest for inner in run.inner]), update, predicted)

    lags = measurement.runs[0].inner[0].lags if measurement.runs else ()
    heads = ("run", *(f"lag {lag}" for lag in lags), "any", "⟨W,u⟩/(η|u|²)", "predicted")
    return Table(
        "Assumption 1: W against its past gradients",
        "|⟨W(n),g(n−lag)⟩| / (|W(n)||g(n−lag)|), mean over the reference steps, of the matrix where it is largest; "
        "any: the largest at any lag > 0. ⟨W,u⟩/(η|u|²): summed over the run, lowest and highest matrix; predicted: "
        "−γ/(1 − γd).",
        heads,
        tuple(map(row, measurement.runs)),
    )


def _equilibrium(measurement: Measurement) -> Table:
    def row(run: RunMeasurement) -> tuple[str, ...]:
        first = run.equilibrium[0]
        ratios = [
            e.norm_squared / e.norm_squared_predicted if e.norm_squared_predicted else None for e in run.equilibrium
        ]
        rotation = _range([e.rotation for e in run.equilibrium], ".4f")
        predicted = (f"{first.rotation_predicted:.4f}", f"{first.rotation_leading_order:.4f}")
        return (run.name, f"{first.relaxation:.0f}", f"{first.elapsed:.2f}", _range(ratios), rotation, *predicted)

    heads = (
        "run", "relaxation, steps", "relaxations before", "|W|² over equilibrium", "rotation", "equilibrium",
        "leading order",
    )  # fmt: skip
    return Table(
        "Equilibrium under weight decay",
        "The second half of each run. Relaxation: 1/(1 − d²). Rotation: angle between W(n) and W(n+1) in radians; at "
        "equilibrium arccos((d + γ)/(1 + dγ)), to leading order sqrt(2ηλ(1 − γ)/(1 + γ)).",
        heads,
        tuple(row(run) for run in measurement.runs if run.equilibrium),
    )


def _coarse(measurement: Measurement) -> Table:
    rows = tuple(
        (
            f"{pair.elementwise} / {pair.scalar}",
            _range([pair.result.displacement_error], ".1%"),
            _range([pair.result.level_error], ".1%"),
            _range(list(pair.result.growth)),
            f"{pair.result.alignment:.3f}",
            f"{pair.result.loss[0]:.3f} / {pair.result.loss[1]:.3f}",
        )
        for pair in measurement.comparisons
    )
    return Table(
        "Assumption 2: one normaliser for a matrix",
        "The recorded entries at the end, elementwise against scalar: difference over displacement, and over the "
        "entries themselves. Growth of |W|²: scalar over elementwise. Alignment: median cosine of u and m in the "
        "elementwise run. Loss: mean of the last tenth.",
        ("elementwise / scalar", "of displacement", "of level", "growth of |W|²", "alignment", "loss"),
        rows,
    )


def _range(values: list[float | None], form: str = ".3f") -> str:
    """Lowest and highest, once where they read the same."""
    found = [value for value in values if value is not None]
    if not found:
        return NONE
    low, high = (_number(value, form) for value in (min(found), max(found)))
    return low if low == high else f"{low} … {high}"


def _number(value: float, form: str) -> str:
    text = format(value, form)
    bare = text.lstrip("+-")
    return bare if not any(c in bare for c in "123456789") else text.replace("-", "−")


def _largest(values: list[float | None]) -> str:
    found = [value for value in values if value is not None]
    if not found:
        return NONE
    return f"{max(found):.4f}" if max(found) >= 1e-4 else _power_above(max(found))


def _power_above(value: float) -> str:
    """A power of ten no less than the value."""
    if not math.isfinite(value):
        return "∞"
    return f"≤ 1e{math.ceil(math.log10(max(value, _ROUNDING))):+03d}"
