"""The recorder: AdamW from the symbolic rule against torch's own, and runs that come out the same every time."""

from __future__ import annotations

import runpy
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="recording needs torch")

from adamtheory.dynamics import (  # noqa: E402
    DynamicsRecord,
    RunSettings,
    check_identities,
    default_files,
    load_dynamics,
)
from adamtheory.dynamics.recording import AdamWStep, Recorder  # noqa: E402

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "record_dynamics.py"


def settings(**changes) -> RunSettings:
    given = {
        "gamma": 0.9, "beta": 0.999, "lr": 1e-2, "weight_decay": 0.1, "eps": 1e-8, "normaliser": "elementwise",
        "qk_norm": False, "norm_eps": 0.0, "seed": 0,
    }  # fmt: skip
    return RunSettings(**{**given, **changes})


@pytest.fixture(scope="module")
def example() -> dict:
    return runpy.run_path(str(EXAMPLE))


@pytest.mark.parametrize("gamma", [0.0, 0.9])
def test_steps_are_those_of_torch_adamw(gamma):
    generator = torch.Generator().manual_seed(1)
    ours = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    theirs = torch.nn.Parameter(ours.clone())
    step = AdamWStep(ours, settings(gamma=gamma))
    optimizer = torch.optim.AdamW([theirs], lr=1e-2, betas=(gamma, 0.999), eps=1e-8, weight_decay=0.1)
    for _ in range(50):
        g = torch.randn(3, 4, generator=generator, dtype=torch.float64)
        theirs.grad = g.clone()
        optimizer.step()
        ours = step(ours, g)
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-13, atol=0)
        torch.testing.assert_close(step.u, step.normaliser * step.m, rtol=1e-14, atol=0)


def test_scalar_normaliser_is_one_number_of_the_mean_square():
    g = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    step = AdamWStep(g, settings(normaliser="scalar", eps=0.0))
    step(torch.zeros_like(g), g)
    # The first update is g over the root of the mean of g^2, bias correction and all.
    torch.testing.assert_close(step.u, g / (25 / 2) ** 0.5)
    assert step.normaliser.shape == ()


def test_recorder_records_what_it_sees():
    weights = torch.tensor([[1.0, 2.0], [0.0, 2.0]], dtype=torch.float64)
    g = torch.tensor([[2.0, -1.0], [3.0, 0.0]], dtype=torch.float64)
    step = AdamWStep(weights, settings(normaliser="scalar"))
    recorder = Recorder(settings(normaliser="scalar"), {"W": weights}, 1)
    following = step(weights, g)
    recorder.record("W", weights, g, step, following)
    found = recorder.finish([1.5], {})
    assert isinstance(found, DynamicsRecord)
    assert found.norm_squared[0] == pytest.approx([9.0, float((following**2).sum())])
    assert found.gradient_inner[0, 0] == 0
    assert found.gradient_squared[0, 0] == 14
    assert found.step_squared[0, 0] == pytest.approx(float(((following - weights) ** 2).sum()))
    assert found.cosine[0, 0] == pytest.approx(float((weights * following).sum() / (weights.norm() * following.norm())))
    assert found.alignment[0, 0] == pytest.approx(1)
    assert all(check.holds for check in check_identities(found))


def test_short_runs_repeat_exactly_and_satisfy_the_identities(example):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        runs = example["all_runs"]()
        for name in ("momentum_free_scalar", "momentum_free_scalar_unnormed"):
            first, second = (example["train_and_record"](runs[name], steps=12, seed=3) for _ in range(2))
            for array in (*first.__dataclass_fields__,):
                if isinstance(getattr(first, array), np.ndarray):
                    assert getattr(first, array).tobytes() == getattr(second, array).tobytes()
            assert all(check.holds for check in check_identities(first))
    finally:
        torch.set_num_threads(threads)


def test_committed_files_are_the_runs_of_the_example(example):
    runs = example["all_runs"]()
    files = {path.stem.removeprefix("dynamics_"): path for path in default_files()}
    assert set(files) == set(runs)
    for name, run in runs.items():
        found = asdict(load_dynamics(files[name]).settings)
        for key in ("gamma", "weight_decay", "normaliser", "qk_norm", "norm_eps", "lr"):
            assert found[key] == getattr(run, key), (name, key)


def test_the_example_writes_files(example, tmp_path, capsys):
    threads = torch.get_num_threads()
    try:
        example["main"](["--steps", "10", "--out", str(tmp_path), "--run", "plain_equilibrium"])
    finally:
        torch.set_num_threads(threads)
    assert load_dynamics(tmp_path / "dynamics_plain_equilibrium.npz").steps == 10
    assert "plain_equilibrium" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--steps", "3"], "--steps"),
        (["--steps", "100000"], "characters of text"),
        (["--seed", "-1"], "--seed"),
        (["--out", "absent"], "--out"),
        (["--run", "other"], "--run"),
    ],
)
def test_the_example_refuses_in_one_line(example, arguments, text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["record_dynamics.py"])
    with pytest.raises(SystemExit) as stopped:
        example["main"](arguments)
    assert stopped.value.code == 2
    assert text in capsys.readouterr().err.splitlines()[-1]
    assert not list(tmp_path.iterdir())
