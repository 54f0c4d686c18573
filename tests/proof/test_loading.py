"""Finding and importing proof files: broken ones are named and hide nothing."""

from __future__ import annotations

import os
import sys

import pytest

from adamtheory.proof.loading import declares_theorems, load, proof_files

GOOD = """
from adamtheory.notation import beta, gamma
from adamtheory.proof.theorem import Source, theorem
from adamtheory.propositions import eq

@theorem(source=Source("mine"), claim=eq(beta + gamma, gamma + beta))
def {name}(proof):
    return proof.have(proof.statement.claim)
"""


def write(folder, name: str, text: str):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def names(loaded):
    return [s.name for s in loaded.statements]


def test_a_folder_is_searched_in_order_and_helpers_and_tests_are_left_alone(tmp_path) -> None:
    write(tmp_path, "b.py", GOOD.format(name="second"))
    write(tmp_path, "a/deep.py", GOOD.format(name="third"))
    write(tmp_path, "a.py", GOOD.format(name="first"))
    for other in ("_helper.py", "test_x.py", "x_test.py", "conftest.py", "notes.txt", ".hidden/x.py", "_private/x.py"):
        write(tmp_path, other, "raise RuntimeError('imported')")
    loaded = load([tmp_path])
    assert names(loaded) == ["first", "second", "third"]
    assert loaded.broken == ()
    assert load([tmp_path / "b.py", tmp_path]).statements[0].name == "second"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1/0", "importing it raised ZeroDivisionError at line 1: division by zero"),
        ("def f(:", "importing it raised SyntaxError at line 1"),
        ("import sys\nsys.exit('now')", "importing it raised SystemExit at line 2: now"),
        ("raise ValueError('two\\nlines')", "importing it raised ValueError at line 1: two lines"),
        ("import no_such_module_anywhere", "No module named"),
        ("x = 1", "defines no theorem"),
        ("\x00", "importing it raised"),
    ],
)
def test_a_broken_file_is_named_in_one_line_and_hides_nothing(tmp_path, text, reason) -> None:
    write(tmp_path, "a.py", text)
    write(tmp_path, "b.py", GOOD.format(name="fine"))
    loaded = load([tmp_path])
    assert names(loaded) == ["fine"]
    (broken,) = loaded.broken
    assert broken.path == str(tmp_path / "a.py")
    assert reason in broken.reason
    assert "\n" not in broken.reason


def test_a_name_taken_twice_is_an_error_row(tmp_path) -> None:
    first = write(tmp_path, "a.py", GOOD.format(name="same"))
    write(tmp_path, "b.py", GOOD.format(name="same"))
    loaded = load([tmp_path])
    assert names(loaded) == ["same"]
    assert loaded.statements[0].file == str(first)
    assert "'same' is taken" in loaded.broken[0].reason


def test_a_theorem_that_a_later_one_replaces_is_not_lost_unseen(tmp_path) -> None:
    write(tmp_path, "a.py", GOOD.format(name="same") + GOOD.format(name="same"))
    assert "declares 'same' twice" in load([tmp_path]).broken[0].reason


def test_statements_in_lists_and_imported_ones(tmp_path, monkeypatch) -> None:
    write(tmp_path, "_shared.py", GOOD.format(name="shared"))
    text = "from _shared import shared\n" + GOOD.format(name="own") + "\nmine = [own, own]\n"
    path = write(tmp_path, "a.py", text)
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        assert names(load([path])) == ["own"]  # a statement belongs to the file that declares it
    finally:
        sys.modules.pop("_shared", None)


def test_an_edit_counts_at_once_and_nothing_is_left_behind(tmp_path) -> None:
    path = write(tmp_path, "a.py", GOOD.format(name="one"))
    modules = set(sys.modules)
    assert names(load([path])) == ["one"]
    status = path.stat()
    path.write_text(GOOD.format(name="two"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # same size, same time: stale byte code would win
    assert names(load([path])) == ["two"]
    assert not (tmp_path / "__pycache__").exists()
    assert not [name for name in set(sys.modules) - modules if "proofs" in name]


def test_unusable_paths_are_refused_in_one_line(tmp_path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    text = write(tmp_path, "x.txt", "")
    for path, allowed in ((tmp_path / "none", "existing"), (empty, "holds proof files"), (text, "Python file")):
        with pytest.raises(ValueError, match=allowed) as error:
            proof_files([path])
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)


def test_a_dataclass_in_a_proof_file_works(tmp_path) -> None:
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n"
    write(tmp_path, "a.py", text + GOOD.format(name="one"))
    assert load([tmp_path]).broken == ()


def test_the_look_at_the_text() -> None:
    assert declares_theorems(GOOD)
    assert declares_theorems("from adamtheory.proof.theorem import printed\nx = printed(name='x')")
    assert not declares_theorems("import adamtheory")
    assert not declares_theorems("@theorem")
