"""What newcomers read first runs as it is: the examples, and every block of Python in the README and the docs."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from adamtheory.recordings import load_recording

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{text.relative_to(ROOT)}-{number}")
    for text in TEXTS
    for number, block in enumerate(re.findall(r"^```python\n(.*?)^```", text.read_text(encoding="utf-8"), re.M | re.S))
]


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_first_steps():
    done = python(str(EXAMPLES / "first_steps.py"), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "as a fraction: True" in done.stdout


def test_distance_grows():
    done = python(str(EXAMPLES / "distance_grows.py"), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    halves = [float(line.split()[1]) for line in done.stdout.splitlines() if line[:5].strip()[:1].isdigit()]
    assert len(halves) == 22
    assert max(halves[:11]) > halves[0] == 6.5
    assert max(halves[11:]) > halves[11] == 6.5


@pytest.mark.parametrize("block", BLOCKS)
def test_python_in_the_texts_runs(block, tmp_path):
    recorded = ROOT / "tests" / "data" / "recorded_gradients.npz"
    (tmp_path / "my_gradients.npz").write_bytes(recorded.read_bytes())
    done = python("-c", block, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_record_gradients_writes_a_recording(tmp_path):
    pytest.importorskip("torch", reason="the example trains with torch")
    out = tmp_path / "recorded.npz"
    done = python(
        str(EXAMPLES / "record_gradients.py"), "--steps", "40", "--parameters", "16", "--out", str(out), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    recording = load_recording(out)
    assert recording.gradients.shape == (16, 40)
    assert set(recording.labels) == {"ordinary", "rare", "silent"}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--steps", "3"], "--steps"),
        (["--steps", "many"], "--steps"),
        (["--parameters", "5"], "--parameters"),
        (["--steps", "10"], "too few for"),
        (["--steps", "1000000"], "characters of text"),
        (["--out", "absent/folder.npz"], "--out"),
        (["--out", "."], "--out"),
    ],
)
def test_record_gradients_refuses_in_one_line(arguments, text, tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch", reason="the example trains with torch")
    main = runpy.run_path(str(EXAMPLES / "record_gradients.py"))["main"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["record_gradients.py", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert text in capsys.readouterr().err.splitlines()[-1]
    assert not list(tmp_path.iterdir())
