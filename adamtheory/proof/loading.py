"""Finding and importing proof files.  Importing runs the code in them; a broken file never hides the others."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from adamtheory.proof.theorem import Statement
from adamtheory.validation import reject

_TEST_PREFIX, _TEST_SUFFIX = "test_", "_test"


@dataclass(frozen=True)
class BrokenFile:
    """A file that could not be read as proofs, wholly or in part, with the reason in one line."""

    path: str
    reason: str


@dataclass(frozen=True)
class Loaded:
    """The statements found, in the order of files and of their declaration, with unique names; and what was broken."""

    statements: tuple[Statement, ...]
    broken: tuple[BrokenFile, ...] = ()

    def __or__(self, other: Loaded) -> Loaded:
        """Both, where a name that is in both means ``self``'s."""
        mine = {s.name for s in self.statements}
        return Loaded(
            (*self.statements, *(s for s in other.statements if s.name not in mine)), (*self.broken, *other.broken)
        )


def is_proof_file_name(name: str) -> bool:
    """Could a file of this name hold proofs?  Not tests, ``conftest.py``, or what starts with ``_`` or ``.``"""
    stem, suffix = os.path.splitext(name)
    if suffix != ".py" or stem.startswith(("_", ".", _TEST_PREFIX)) or stem.endswith(_TEST_SUFFIX):
        return False
    return stem != "conftest"


def declares_theorems(text: str) -> bool:
    """A cheap look at a file's text, without importing it: does it seem to declare theorems of this library?"""
    return "adamtheory" in text and ("@theorem" in text or "printed(" in text)


def proof_files(paths: Iterable[str | os.PathLike[str]]) -> tuple[Path, ...]:
    """The files of ``paths`` (files, or folders searched recursively), absolute, each once.

    Raises ValueError, in one line, for a path that does not exist, is no ``.py`` file, or is a folder without any."""
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = list(_walk(path.resolve()))
            if not inside:
                reject("path", str(given), "a folder that holds proof files (*.py)")
            found.update(dict.fromkeys(inside))
        elif not path.exists():
            reject("path", str(given), "an existing file or folder")
        elif path.suffix != ".py":
            reject("path", str(given), "a Python file (*.py) or a folder")
        else:
            found[path.resolve()] = None
    return tuple(found)


def load(paths: Iterable[str | os.PathLike[str]] | None = None) -> Loaded:
    """Import every proof file of ``paths`` (the installed catalogue when None), which runs the code in them.

    A file that raises, defines no theorem, or repeats a name is reported as broken beside what the others define.
    Raises ValueError for a path that cannot be used."""
    if paths is None:
        from adamtheory.catalogue import default_paths

        paths = default_paths()
    statements: dict[str, Statement] = {}
    broken: list[BrokenFile] = []
    for path in proof_files(paths):
        found, reason = _load_file(path)
        if reason:
            broken.append(BrokenFile(str(path), reason))
        for statement in found:
            first = statements.setdefault(statement.name, statement)
            if first is not statement:
                where = "twice in this file" if first.file == statement.file else f"already in {first.file}"
                broken.append(BrokenFile(str(path), f"the name {statement.name!r} is taken: it is defined {where}"))
    return Loaded(tuple(statements.values()), tuple(broken))


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(("_", ".")))
        for name in sorted(files):
            if is_proof_file_name(name):
                yield Path(root, name)


def _load_file(path: Path) -> tuple[list[Statement], str]:
    try:
        module = _import(path)
    # A proof file is somebody's program: it may raise anything, and ask the interpreter to exit.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return [], f"importing it raised {_one_line(error, path)}"
    # A statement imported from elsewhere belongs to the file that declares it.
    found = list(_own_statements(vars(module).values(), str(path)))
    shadowed = _declared_twice(path)
    if shadowed:
        return found, f"it declares {shadowed!r} twice, so that the first is lost"
    return found, "" if found else "it defines no theorem (start its name with _ if it is a helper)"


class _Uncached(SourceFileLoader):
    """Compiles the text as it is now: no stale byte code, and nothing is written beside other people's files."""

    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(self.get_data(self.path), self.path)


def _import(path: Path) -> ModuleType:
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    name = f"_adamtheory_proofs_{digest}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_Uncached(name, str(path)))
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    finally:
        sys.modules.pop(name, None)
    return module


def _own_statements(values: Iterable[Any], file: str) -> Iterator[Statement]:
    seen: set[int] = set()
    for value in values:
        for item in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(item, Statement) and id(item) not in seen and _same_file(item.file, file):
                seen.add(id(item))
                yield item


def _same_file(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _declared_twice(path: Path) -> str | None:
    """The first name of a decorated top-level function that a later one replaces: a theorem would vanish unseen."""
    seen: set[str] = set()
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            if node.name in seen:
                return node.name
            seen.add(node.name)
    return None


def _one_line(error: BaseException, path: Path) -> str:
    """Type, message and the line of this file that it came from."""
    lines = [frame for frame in _frames(error) if frame[0] == str(path)]
    if isinstance(error, SyntaxError):
        at = f" at line {error.lineno}" if error.lineno else ""
        return f"{type(error).__name__}{at}: {error.msg}"
    at = f" at line {lines[-1][1]}" if lines else ""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}{at}: {message}" if message else f"{type(error).__name__}{at}"


def _frames(error: BaseException) -> Iterator[tuple[str, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
