"""Records of norm dynamics are data from people: whatever is wrong with one is said in one line."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from adamtheory.dynamics import DynamicsRecord, RunSettings, files, load_dynamics, measure, save_dynamics
from adamtheory.dynamics.record import ARRAYS, PER_STEP
from adamtheory.dynamics.tables import as_text


def settings(**changes) -> RunSettings:
    given = {
        "gamma": 0.9, "beta": 0.999, "lr": 1e-3, "weight_decay": 0.0, "eps": 0.0, "normaliser": "scalar",
        "qk_norm": True, "norm_eps": 0.0, "seed": 0,
    }  # fmt: skip
    return RunSettings(**{**given, **changes})


def small(**changes) -> DynamicsRecord:
    """Two matrices, three steps, made up."""
    arrays = {name: np.full((2, 3), 0.5) for name in PER_STEP}
    fields = {
        "settings": settings(),
        "matrices": ("query", "key"),
        "shapes": ((2, 2), (2, 3)),
        "norm_squared": np.ones((2, 4)),
        "loss": np.array([3.0, 2.0, 1.0]),
        "references": np.array([1, 2]),
        "past_cosine": np.zeros((2, 2, 3), dtype=np.float32),
        "entries": np.zeros((2, 1, 4), dtype=np.float32),
        "metadata": {"model": "none"},
        **arrays,
    }
    return DynamicsRecord(**{**fields, **changes})


def one_line_failure(path) -> str:
    with pytest.raises(ValueError) as caught:
        load_dynamics(path)
    text = str(caught.value)
    assert text.startswith(f"dynamics {path}: ")
    assert "\n" not in text
    return text


def rewrite(path, **members) -> None:
    """The file with some members replaced, or removed where None, and well-formed otherwise."""
    with np.load(path) as archive:
        content = {name: archive[name] for name in archive.files}
    content = {name: array for name, array in {**content, **members}.items() if array is not None}
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in content.items():
            packed = io.BytesIO()
            np.lib.format.write_array(packed, array, allow_pickle=True)
            archive.writestr(f"{name}.npy", packed.getvalue())


def bad(name: str, place, value) -> dict[str, np.ndarray]:
    array = np.array(getattr(small(), name))
    array[place] = value
    return {name: array}


def test_a_file_gives_back_what_was_saved(tmp_path):
    saved, path = small(), tmp_path / "dynamics_run.npz"
    save_dynamics(path, saved)
    loaded = load_dynamics(path)
    for name in ARRAYS:
        assert getattr(loaded, name).tobytes() == getattr(saved, name).tobytes()
        assert getattr(loaded, name).dtype == getattr(saved, name).dtype
        with pytest.raises(ValueError, match="read-only"):
            getattr(loaded, name)[...] = 7
    assert (loaded.settings, loaded.matrices, loaded.shapes) == (saved.settings, saved.matrices, saved.shapes)
    assert dict(loaded.metadata) == dict(saved.metadata)
    assert loaded.steps == 3
    assert loaded.sizes.tolist() == [4, 6]


def test_the_same_record_gives_the_same_file_and_saving_leaves_nothing_else(tmp_path):
    for name in ("a.npz", "b.npz"):
        save_dynamics(tmp_path / name, small())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with pytest.raises(TypeError, match="JSON"):
        save_dynamics(tmp_path / "c.npz", small(metadata={"seed": object()}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "b.npz"]


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"settings": {"gamma": 0.9}}, TypeError, "settings must be RunSettings"),
        ({"matrices": ["query", "key"]}, TypeError, "matrices must be a tuple"),
        ({"matrices": ("query", "query")}, ValueError, "all of them different"),
        ({"shapes": ((2, 2),)}, ValueError, "one (rows, columns) a matrix (2)"),
        ({"shapes": ((2, 2), (0, 2))}, ValueError, "shapes must be an integer >= 1, got 0"),
        ({"shapes": ((2, 2), 4)}, TypeError, "pairs (rows, columns)"),
        ({"metadata": 3}, TypeError, "metadata must be a mapping"),
        ({"loss": [1.0]}, TypeError, "loss must be a NumPy array of float64, got 'list'"),
        ({"loss": np.ones(3, np.float32)}, TypeError, "got 'float32'"),
        ({"loss": np.ones((1, 3))}, ValueError, "loss must be of shape (steps,)"),
        ({"loss": np.ones(4)}, ValueError, "of shape (2, 4), got (2, 3)"),
        ({"norm_squared": np.ones((2, 3))}, ValueError, "norm_squared must be of shape (2, 4), got (2, 3)"),
        ({"entries": np.zeros((2, 1, 3), np.float32)}, ValueError, "entries must be of shape (2, any, 4)"),
        ({"references": np.array([1, 3])}, ValueError, "references must be step indices from 0 to 2"),
        ({"references": np.array([1])}, ValueError, "past_cosine must be of shape (2, 1, 3)"),
        (bad("loss", 1, np.nan), ValueError, "loss[1] must be finite, got nan"),
        (bad("update_squared", (1, 2), -1e-3), ValueError, "update_squared[1, 2] must be in [0, 1e+100], got -0.001"),
        (bad("norm_squared", (0, 3), 1e200), ValueError, "norm_squared[0, 3] must be in [0, 1e+100]"),
        (bad("cosine", (0, 1), 1.1), ValueError, "cosine[0, 1] must be a cosine"),
        (bad("gradient_inner", (0, 1), 0.8), ValueError, "gradient_inner[0, 1] must be at most the product of the two"),
    ],
)
def test_bad_fields_are_refused(changes, error, text):
    with pytest.raises(error) as caught:
        small(**changes)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"gamma": 1.0}, ValueError, "gamma must be in [0, 1), got 1.0"),
        ({"beta": float("nan")}, ValueError, "beta must be in [0, 1), got nan"),
        ({"lr": 0}, ValueError, "lr must be finite and > 0, got 0"),
        ({"weight_decay": -0.1}, ValueError, "weight_decay must be finite and >= 0, got -0.1"),
        ({"eps": "0"}, TypeError, "eps must be a number, got '0'"),
        ({"normaliser": "layer"}, ValueError, "normaliser must be one of 'elementwise', 'scalar'"),
        ({"qk_norm": 1}, TypeError, "qk_norm must be True or False"),
        ({"seed": -1}, ValueError, "seed must be an integer >= 0"),
    ],
)
def test_bad_settings_are_refused(changes, error, text):
    with pytest.raises(error) as caught:
        settings(**changes)
    assert text in str(caught.value)


def test_unreadable_truncated_and_foreign_files(tmp_path):
    assert "No such file" in one_line_failure(tmp_path / "absent.npz")
    assert "directory" in one_line_failure(tmp_path)
    (tmp_path / "text.npz").write_text("norms, honestly")
    assert "not an .npz" in one_line_failure(tmp_path / "text.npz")
    path = tmp_path / "run.npz"
    save_dynamics(path, small())
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        one_line_failure(path)
    np.savez(path, gradients=np.zeros(3))
    assert "not a recording of norm dynamics" in one_line_failure(path)


def test_altered_numbers_and_settings_are_noticed(tmp_path):
    path = tmp_path / "run.npz"
    save_dynamics(path, small())
    rewrite(path, **bad("loss", 1, 2.5))
    assert "SHA-256" in one_line_failure(path)
    save_dynamics(path, small())
    with np.load(path) as archive:
        header = json.loads(str(archive["header"][0]))
    for key, value in (("settings", {**header["settings"], "gamma": 0.5}), ("matrices", ["query", "value"])):
        rewrite(path, header=np.array([json.dumps({**header, key: value})]))
        assert "SHA-256" in one_line_failure(path)
    rewrite(path, header=np.array([json.dumps({**header, "version": 2})]))
    assert "version 2, this library reads version 1" in one_line_failure(path)
    rewrite(path, header=np.array([json.dumps({**header, "format": "other"})]))
    assert "format" in one_line_failure(path)
    rewrite(path, header=np.array([json.dumps({**header, "settings": 1})]))
    assert "no mapping 'settings'" in one_line_failure(path)
    rewrite(path, header=np.array(["{"]))
    assert "not JSON" in one_line_failure(path)
    rewrite(path, header=np.zeros(1))
    assert "one string" in one_line_failure(path)
    save_dynamics(path, small())
    rewrite(path, loss=np.ones(3, np.float32))
    assert "'loss' is float32" in one_line_failure(path)
    rewrite(path, digest=None)
    assert "'digest'" in one_line_failure(path)


def test_pickles_are_never_loaded_and_absurd_sizes_never_read(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    save_dynamics(path, small())
    rewrite(path, loss=np.array([{"a": 1}], dtype=object))
    assert "allow_pickle" in one_line_failure(path)
    save_dynamics(path, small())
    monkeypatch.setattr(files, "_MAX_BYTES", 100)
    assert "at most 100" in one_line_failure(path)


def test_settings_that_a_file_lacks_or_adds(tmp_path):
    """A header with a correct digest of its own, but of other fields."""
    path = tmp_path / "run.npz"
    record = small()
    save_dynamics(path, record)
    with np.load(path) as archive:
        header = json.loads(str(archive["header"][0]))
    header["settings"]["momentum"] = 0.9
    text = json.dumps(header)
    arrays = {name: getattr(record, name) for name in ARRAYS}
    digest = np.frombuffer(files._digest(text, arrays), dtype=np.uint8)
    rewrite(path, header=np.array([text]), digest=digest)
    assert "unexpected keyword argument 'momentum'" in one_line_failure(path)


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize(
    "weight_decay", [0.0, 0.1, 2000.0, 3000.0]
)  # lr * weight_decay = 2 and beyond have no equilibrium
def test_a_run_in_which_nothing_happens_is_measured_without_a_division_by_zero(steps, weight_decay):
    def still(normaliser: str) -> DynamicsRecord:
        return small(
            settings=settings(weight_decay=weight_decay, normaliser=normaliser),
            norm_squared=np.zeros((2, steps + 1)),
            loss=np.zeros(steps),
            references=np.array([], dtype=np.int64),
            past_cosine=np.zeros((2, 0, steps), dtype=np.float32),
            entries=np.zeros((2, 0, steps + 1), dtype=np.float32),
            **{name: np.zeros((2, steps)) for name in PER_STEP},
        )

    found = measure({name: still(name) for name in ("scalar", "elementwise")})
    assert found.broken == ()
    assert found.comparisons[0].result.displacement_error is None
    assert found.runs[0].growth[0].printed.growth_ratio is None
    assert as_text(found).count("–") > 4
    assert "NaN" not in found.to_json()


def test_a_record_can_be_changed_by_replace_and_is_checked_again():
    assert replace(small(), settings=settings(gamma=0.5)).settings.gamma == 0.5
    with pytest.raises(ValueError, match="loss"):
        replace(small(), loss=np.full(3, np.inf))
