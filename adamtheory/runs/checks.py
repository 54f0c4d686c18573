"""All checks of one statement on runs."""

from __future__ import annotations

import importlib.util
from itertools import product
from pathlib import Path

import sympy as sp

from adamtheory.proof.theorem import Statement
from adamtheory.proof.verdict import Check
from adamtheory.runs.observables import Observable, nesting, observable
from adamtheory.runs.samples import Sample, recorded, recording_path, sampled

# Steps of a sampled and of a recorded run (None: all), by how deeply the statement nests sums over the steps.
_STEPS: dict[int, tuple[int, int | None]] = {0: (48, None), 1: (48, None), 2: (12, 32)}
_FEW_STEPS: tuple[int, int | None] = (6, 12)
# Every early index, where the printed bounds are most often wrong, and then fewer.
_INDICES = (0, 1, 2, 3, 4, 6, 9, 15, 31, 47)
_PAIRED = (0, 1, 3, 9)
_RECORDED = (0, 1, 3, 10, 31, 100, 300)

# Balls take their time: of the recording, so many parameters of each label, and so many first steps.
_BALL_ROWS, _BALL_STEPS = 1, 128
_MANY_STEPS = 64  # from which on indices are spread by factors

# Runs of a batch for each point that a step of a proof is tried at (trials=4 by default).
_FLOAT_RUNS, _BALL_RUNS, _DIGITS_RUNS = 32, 10, 5


def check_on_runs(
    statement: Statement, *, trials: int = 4, seed: int = 0, device: str | None = None
) -> tuple[Check, ...]:
    """The statement on sampled and recorded gradients, in balls, at 50 digits, and in floating point; empty where it
    does not speak of a method's run.  ``trials`` scales the number of runs; ``device`` adds a CUDA device."""
    found = observable(statement)
    if found is None:
        return ()
    return (*_sampled_checks(found, trials, seed, device), *_recorded_checks(found, device))


def _sampled_checks(found: Observable, trials: int, seed: int, device: str | None) -> list[Check]:
    from adamtheory.runs.exact_checks import ball_check, digits_check

    checks = []
    steps, _ = _lengths(found)
    exact = (("ball", ball_check, _BALL_RUNS), ("mpmath 50 digits", digits_check, _DIGITS_RUNS))
    for name, check, runs in exact:
        sample = sampled(found, steps=steps, batch=runs * trials, seed=seed)
        checks.append(_skipped(name) if sample is None else check(found, sample, _choices(found, steps), name))
    for dtype in ("float64", "float32"):
        sample = sampled(found, steps=steps, batch=_FLOAT_RUNS * trials, seed=seed + 1, dtype=dtype)
        checks += _in_floats(found, sample, dtype, device, "", _choices(found, steps))
    return checks


def _recorded_checks(found: Observable, device: str | None) -> list[Check]:
    from adamtheory.runs.exact_checks import ball_check

    path = recording_path()
    if path is None:
        return [_skipped("recorded gradients", "this installation does not carry the recorded gradients")]
    name = "recorded gradients, ball"
    _, steps = _lengths(found)
    sample = recorded(found, path, rows=_BALL_ROWS, steps=min(_BALL_STEPS, steps or _BALL_STEPS))
    return [
        _skipped(name) if sample is None else ball_check(found, sample, _choices(found, sample.steps), name),
        *_recorded_floats(found, path, device),
    ]


def _recorded_floats(found: Observable, path: Path, device: str | None) -> list[Check]:
    sample = recorded(found, path, steps=_lengths(found)[1])
    checks = []
    for dtype in ("float64", "float32"):
        choices = [] if sample is None else _choices(found, sample.steps)
        checks += _in_floats(found, sample, dtype, device, "recorded gradients, ", choices)
    return checks


def _in_floats(
    found: Observable,
    sample: Sample | None,
    dtype: str,
    device: str | None,
    prefix: str,
    choices: list[dict[sp.Symbol, int]],
) -> list[Check]:
    from adamtheory.runs.float_checks import Backend, float_checks

    backends = [Backend("numpy", dtype)] if dtype == "float64" else []
    has_torch = importlib.util.find_spec("torch") is not None
    wanted = [Backend("torch", dtype)]
    if device is not None and device != "cpu":
        wanted.append(Backend("torch", dtype, device))
    if has_torch:
        backends += wanted
    missing = [] if has_torch else [_skipped(f"{prefix}{b.name}", "torch is not installed") for b in wanted]
    if sample is None:
        return [*(_skipped(f"{prefix}{b.name}") for b in backends), *missing]
    return [*(float_checks(found, sample, choices, backends, prefix) if backends else []), *missing]


def _lengths(found: Observable) -> tuple[int, int | None]:
    return _STEPS.get(nesting(found), _FEW_STEPS)


def _choices(found: Observable, steps: int) -> list[dict[sp.Symbol, int]]:
    """The indices at which a claim is tried."""
    if not found.indices:
        return [{}]
    if len(found.indices) > 1:
        values = [i for i in _PAIRED if i < steps]
    else:
        values = [i for i in (_INDICES if steps <= _MANY_STEPS else (*_RECORDED, steps - 1)) if i < steps]
    return [dict(zip(found.indices, choice, strict=True)) for choice in product(values, repeat=len(found.indices))]


def _skipped(name: str, reason: str = "no hyperparameters that were drawn satisfy the hypotheses") -> Check:
    return Check(name, 0, False, None, "", skipped=reason)
