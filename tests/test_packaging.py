"""What people install: a cheap import, pinned dependencies, theorems inside the wheel, one version everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import adamtheory
from adamtheory import catalogue

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def run_python(code: str, *, cwd: Path, path: str | None = None) -> str:
    environment = {**os.environ, **({"PYTHONPATH": path} if path else {})}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(str(requirement.specifier).startswith("==") for requirement in requirements)
    return {canonicalize_name(r.name): Version(str(r.specifier).removeprefix("==")) for r in requirements}


def declared() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    return [Requirement(line) for line in (*PROJECT["dependencies"], *extras["torch"], *extras["test"])]


def test_import_loads_nothing_heavy(tmp_path):
    heavy = {"torch", "z3", "flint", "numpy", "sympy", "mpmath", "hypothesis", "rich", "typer"}
    loaded = run_python("import sys, adamtheory; print(*sys.modules)", cwd=tmp_path)
    assert not heavy & set(loaded.split())


def test_seeded_sampler_needs_no_hypothesis(tmp_path):
    code = "import sys; from adamtheory.testing import KINDS, sample_gradients; print('hypothesis' in sys.modules)"
    assert run_python(code, cwd=tmp_path) == "False"


@pytest.mark.parametrize("package", ["adamtheory", "adamtheory.testing"])
def test_every_exported_name_loads_and_is_listed(package):
    module = import_module(package)
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name in dir(module)


def test_unknown_attribute():
    with pytest.raises(AttributeError, match="'adamtheory' has no attribute 'adagrads'"):
        _ = adamtheory.adagrads


def test_version_is_the_same_everywhere():
    assert f"version: {adamtheory.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"## [{adamtheory.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_every_dependency_is_pinned_within_its_range():
    pinned = pins()
    for requirement in declared():
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


def test_torch_is_optional_ranged_and_pinned():
    assert not any(line.startswith("torch") for line in PROJECT["dependencies"])
    assert pins()["torch"] == Version("2.13.0")
    (torch,) = (requirement for requirement in declared() if requirement.name == "torch")
    assert len(list(torch.specifier)) == 2
    everything = Requirement(PROJECT["optional-dependencies"]["all"][0])
    assert set(everything.extras) == {"torch", "plot", "flows", "search", "test"}


def test_checkout_reads_its_own_proofs():
    assert catalogue.default_paths() == (ROOT / "proofs",)


def test_damaged_install_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "_PACKAGE", tmp_path / "adamtheory")
    with pytest.raises(FileNotFoundError, match="_catalogue"):
        catalogue.default_paths()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, built as pip builds it and unpacked where nothing of the checkout is."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=300)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def theorem_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}


def test_wheel_carries_every_theorem_and_claims_one_import_name(installed):
    assert theorem_files(installed / "adamtheory" / "_catalogue") == theorem_files(ROOT / "proofs") != set()
    assert theorem_files(ROOT / "adamtheory") <= theorem_files(installed / "adamtheory")
    assert (installed / "adamtheory" / "py.typed").is_file()
    tops = {path.name for path in installed.iterdir()}
    assert tops == {"adamtheory", f"adamtheory-{adamtheory.__version__}.dist-info"}
    assert not list(installed.rglob("__pycache__"))


def test_installed_package_finds_its_theorems_from_any_directory(installed, tmp_path):
    code = "import adamtheory; print(adamtheory.__file__, *adamtheory.catalogue.default_paths())"
    module, catalogue_folder = run_python(code, cwd=tmp_path, path=str(installed)).split()
    assert Path(module) == installed / "adamtheory" / "__init__.py"
    assert Path(catalogue_folder) == installed / "adamtheory" / "_catalogue"
