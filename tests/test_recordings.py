"""Recordings of gradients: round trip, the one committed, and every way in which a file can be bad."""

from __future__ import annotations

import io
import json
import os
import stat
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from adamtheory import recordings
from adamtheory.recordings import Recording, load_recording, save_recording

COMMITTED = Path(__file__).parent / "data" / "recorded_gradients.npz"


def small_recording(**changes) -> Recording:
    fields = {
        "gradients": np.array([[0.0, -1.5, 1e-40], [3.0, 0.0, -0.0]], dtype=np.float32),
        "names": ("a.weight[0]", "b.weight['é']"),
        "labels": ("ordinary", "rare"),
        "metadata": {"seed": 3, "betas": [0.9, 0.999], "note": "γ"},
    }
    return Recording(**{**fields, **changes})


def rewrite(path: Path, **members) -> None:
    """Replace members of a saved file, leaving the others as they are."""
    with np.load(path, allow_pickle=False) as archive:
        content = {name: archive[name] for name in archive.files}
    content.update(members)
    np.savez(path, allow_pickle=True, **{name: value for name, value in content.items() if value is not None})


def one_line_failure(path: Path) -> str:
    with pytest.raises(ValueError) as caught:
        load_recording(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_round_trip_keeps_every_bit(tmp_path):
    saved = small_recording()
    path = tmp_path / "run.npz"
    save_recording(path, saved)
    loaded = load_recording(path)
    assert loaded.gradients.dtype == np.float32
    assert loaded.gradients.tobytes() == saved.gradients.tobytes()  # also the denormal and the sign of zero
    assert (loaded.names, loaded.labels) == (saved.names, saved.labels)
    assert dict(loaded.metadata) == dict(saved.metadata)
    assert loaded.steps == 3
    assert loaded.rows("rare").shape == (1, 3)
    assert loaded.rows("silent").shape == (0, 3)


def test_recording_cannot_be_changed_from_outside():
    source = np.ones((2, 3), dtype=np.float32)
    recording = small_recording(gradients=source)
    source[:] = 7
    assert (recording.gradients == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        recording.gradients[0, 0] = 2
    with pytest.raises(TypeError):
        recording.metadata["seed"] = 4  # type: ignore[index]


def test_same_recording_gives_same_file(tmp_path):
    for name in ("a.npz", "b.npz"):
        save_recording(tmp_path / name, small_recording())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_saving_replaces_at_once_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording(metadata={"seed": 1}))
    save_recording(path, small_recording(metadata={"seed": 2}))
    assert load_recording(path).metadata["seed"] == 2
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


def test_failed_save_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording())
    before = path.read_bytes()

    def full_disk(*_args, **_members):
        raise OSError("No space left on device")

    monkeypatch.setattr(recordings.np, "savez_compressed", full_disk)
    with pytest.raises(OSError, match="No space"):
        save_recording(path, small_recording(metadata={}))
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_readers_never_meet_half_a_file(tmp_path):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording())
    finished = threading.Event()

    def write() -> None:
        for seed in range(30):
            save_recording(path, small_recording(metadata={"seed": seed}))
        finished.set()

    writer = threading.Thread(target=write)
    writer.start()
    reads = 0
    while not finished.is_set():
        assert load_recording(path).steps == 3
        reads += 1
    writer.join()
    assert reads > 0


def test_metadata_must_be_json(tmp_path):
    with pytest.raises(TypeError, match="JSON"):
        save_recording(tmp_path / "run.npz", small_recording(metadata={"seed": object()}))
    with pytest.raises(ValueError, match="JSON"):
        save_recording(tmp_path / "run.npz", small_recording(metadata={"loss": float("nan")}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"gradients": np.ones((2, 3))}, TypeError, "float64"),
        ({"gradients": [[1.0]]}, TypeError, "list"),
        ({"gradients": np.ones(3, np.float32)}, ValueError, r"got \(3,\)"),
        ({"gradients": np.ones((2, 0), np.float32)}, ValueError, r"got \(2, 0\)"),
        ({"gradients": np.array([[1, 2], [3, np.nan]], np.float32)}, ValueError, r"gradients\[1, 1\] .* got nan"),
        ({"gradients": np.array([[1, -np.inf], [3, 4]], np.float32)}, ValueError, r"gradients\[0, 1\] .* got -inf"),
        ({"names": ("a",)}, ValueError, "names must be one a row"),
        ({"names": ("a", "a")}, ValueError, "names must be unique, got 'a'"),
        ({"names": ["a", "b"]}, TypeError, "names must be a tuple"),
        ({"names": ("a", 2)}, TypeError, "tuple of strings"),
        ({"labels": ("ordinary", "loud")}, ValueError, "'loud'"),
        ({"metadata": [1]}, TypeError, "metadata must be a mapping"),
    ],
)
def test_bad_fields_are_refused(changes, error, text):
    with pytest.raises(error, match=text) as caught:
        small_recording(**changes)
    assert "\n" not in str(caught.value)


def test_unknown_label_is_refused():
    with pytest.raises(ValueError, match="'noisy'"):
        small_recording().rows("noisy")


def test_missing_folder_and_unreadable_files(tmp_path):
    assert "No such file" in one_line_failure(tmp_path / "absent.npz")
    assert "directory" in one_line_failure(tmp_path)
    (tmp_path / "text.npz").write_text("gradients, honestly")
    assert "not an .npz" in one_line_failure(tmp_path / "text.npz")
    (tmp_path / "empty.npz").touch()
    assert "not an .npz" in one_line_failure(tmp_path / "empty.npz")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_file_without_permission(tmp_path):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording())
    path.chmod(0)
    assert "Permission" in one_line_failure(path)


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording())
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        one_line_failure(path)


def test_every_flipped_byte_is_noticed_or_harmless(tmp_path):
    """A flip may hit a field of the zip that carries no content (a time stamp); content that loads is never altered."""
    path = tmp_path / "run.npz"
    original = small_recording()
    save_recording(path, original)
    whole = bytearray(path.read_bytes())
    noticed = 0
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x41
        path.write_bytes(damaged)
        try:
            loaded = load_recording(path)
        except ValueError as error:
            noticed += str(error).count("\n") == 0
        else:
            assert loaded.gradients.tobytes() == original.gradients.tobytes()
            assert (loaded.names, loaded.labels) == (original.names, original.labels)
            assert dict(loaded.metadata) == dict(original.metadata)
    assert noticed > len(whole) // 2


def test_altered_gradients_are_noticed_by_the_digest(tmp_path):
    path = tmp_path / "run.npz"
    recording = small_recording()
    save_recording(path, recording)
    altered = np.array(recording.gradients)
    altered[0, 0] = 1e-3
    rewrite(path, gradients=altered)  # a well-formed archive with correct checksums of its own
    assert "SHA-256" in one_line_failure(path)
    rewrite(path, gradients=np.asfortranarray(recording.gradients))  # same values, another layout
    assert load_recording(path).gradients.tobytes() == recording.gradients.tobytes()
    rewrite(path, gradients=recording.gradients.reshape(3, 2))
    assert "SHA-256" in one_line_failure(path)


def test_other_versions_and_formats(tmp_path):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording())
    with np.load(path) as archive:
        header = json.loads(archive["header"].tobytes())

    def with_header(**changes) -> str:
        encoded = json.dumps({**header, **changes}).encode()
        rewrite(path, header=np.frombuffer(encoded, dtype=np.uint8))
        return one_line_failure(path)

    assert "version 2, this library reads version 1" in with_header(version=2)
    assert "format" in with_header(format="something else")
    assert "list of names" in with_header(names="ab")
    assert "no metadata" in with_header(metadata=None)
    assert "SHA-256" in with_header(labels=["rare", "rare"])
    rewrite(path, header=np.frombuffer(b"\xff{", dtype=np.uint8))
    assert "not JSON" in one_line_failure(path)
    rewrite(path, header=np.zeros(3))
    assert "uint8" in one_line_failure(path)
    rewrite(path, digest=None)
    assert "'digest'" in one_line_failure(path)


def test_pickled_objects_are_never_loaded(tmp_path):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording())
    rewrite(path, gradients=np.array([[{"a": 1}]], dtype=object))
    assert "allow_pickle" in one_line_failure(path)


def test_a_shape_that_no_memory_holds(tmp_path):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording())
    with zipfile.ZipFile(path) as archive:
        content = {entry: archive.read(entry) for entry in archive.namelist()}
    claimed = io.BytesIO()
    np.lib.format.write_array_header_1_0(claimed, {"descr": "<f4", "fortran_order": False, "shape": (2**30, 2**29)})
    with zipfile.ZipFile(path, "w") as archive:
        for entry, data in content.items():
            archive.writestr(entry, claimed.getvalue() if entry == "gradients.npy" else data)
    one_line_failure(path)


def test_an_encrypted_or_oddly_compressed_member(tmp_path):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording())
    whole = path.read_bytes()
    local, central = whole.index(b"PK\x03\x04"), whole.index(b"PK\x01\x02")
    for offset, value in ((6, 1), (8, 99)):  # the flags of a zip's entry, and its compression method
        damaged = bytearray(whole)
        damaged[local + offset] = damaged[central + offset + 2] = value
        path.write_bytes(damaged)
        one_line_failure(path)


def test_absurd_sizes_are_refused_before_they_are_read(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    save_recording(path, small_recording())
    monkeypatch.setattr(recordings, "_MAX_BYTES", 100)
    assert "at most 100" in one_line_failure(path)


def test_committed_recording_is_of_real_training_with_rare_and_silent_parameters():
    recording = load_recording(COMMITTED)
    assert COMMITTED.stat().st_size <= 2_000_000
    assert recording.steps >= 500
    assert len(recording.names) >= 64
    assert recording.metadata["model_parameters"] >= 200_000
    # It learned: far below the loss of guessing uniformly, so these are gradients of training, not of noise.
    assert recording.metadata["last_loss"] < 0.7 * recording.metadata["uniform_loss"]

    ordinary, rare, silent = (recording.rows(label) for label in ("ordinary", "rare", "silent"))
    assert min(len(ordinary), len(rare), len(silent)) >= 16
    tensors = {name.partition("[")[0] for name in recording.names}
    for kind in ("characters", "positions", "norm_attention", "query_key_value", "attention_out", "mlp_in", "mlp_out"):
        assert any(kind in name for name in tensors), kind
    assert any("norm_final" in name for name in tensors)
    assert any("readout" in name for name in tensors)

    assert np.median((ordinary != 0).mean(axis=1)) > 0.99
    bursts = (rare != 0).sum(axis=1)
    assert (bursts >= 3).all()
    assert (bursts <= 0.15 * recording.steps).all()
    heard = (silent != 0).sum(axis=1)
    assert (heard >= 1).all()
    last = recording.steps - 1 - (silent[:, ::-1] != 0).argmax(axis=1)
    assert (last < 0.6 * recording.steps).all()  # exactly zero for at least the last 40 % of the run
    assert (last < 0.1 * recording.steps).any()  # and for some of them for nearly all of it
    assert (silent[:, 0] == 0).any()  # leading zeros occur in real training
