"""The pytest plugin, in pytest sessions of their own."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]

PROOFS = """
from adamtheory.notation import beta, gamma
from adamtheory.proof.theorem import Source, theorem
from adamtheory.propositions import eq

@theorem(source=Source("mine"), claim=eq((beta + gamma)**2, beta**2 + 2*beta*gamma + gamma**2))
def true_square(proof):
    return proof.have(proof.statement.claim)

@theorem(source=Source("mine"), claim=eq((beta + gamma)**3, beta**3 + gamma**3))
def false_cube(proof):
    proof.cite("true_square")
    return proof.have(proof.statement.claim)
"""
SIBLING = """
from adamtheory.notation import beta, gamma
from adamtheory.proof.theorem import Source, theorem
from adamtheory.propositions import eq

@theorem(source=Source("mine"), claim=eq((1 + gamma)**2, 1 + 2*gamma + gamma**2))
def special_square(proof):
    return proof.cite("true_square", {beta: 1})
"""
TRAP = "raise SystemExit('imported a file that is no proof file')"


@pytest.fixture
def session(pytester):
    loaded = any(e.value == "adamtheory.testing.plugin" for e in entry_points(group="pytest11"))
    plugin = [] if loaded else ["-p", "adamtheory.testing.plugin"]
    return lambda *arguments: pytester.runpytest_subprocess(*plugin, "-p", "no:cacheprovider", *arguments)


def test_one_item_a_theorem_and_the_failing_step_is_named(pytester, session) -> None:
    folder = pytester.mkdir("my_proofs")
    (folder / "squares.py").write_text(PROOFS)
    (folder / "special.py").write_text(SIBLING)
    (folder / "other.py").write_text(TRAP)
    result = session("my_proofs", "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["*special.py::special_square PASSED*", "*squares.py::true_square PASSED*", "*squares.py::false_cube FAILED*"]
    )
    result.stdout.fnmatch_lines(
        ["false_cube: REFUTED, expected PROVED", "*failing step 2: (beta + gamma)**3 = beta**3*", "*by algebra*"]
    )
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("argument", ["squares.py", "squares.py::true_square"])
def test_a_file_or_a_theorem_named_on_the_command_line(pytester, session, argument) -> None:
    pytester.path.joinpath("squares.py").write_text(PROOFS)
    result = session(argument)
    result.assert_outcomes(passed=1, failed=0 if "::" in argument else 1)


def test_a_broken_proof_file_fails_once_in_one_line(pytester, session) -> None:
    pytester.path.joinpath("squares.py").write_text(PROOFS + "\n1/0\n")
    result = session("squares.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*squares.py: importing it raised ZeroDivisionError at line *: division by zero"])
    assert "Traceback" not in result.stdout.str()


def test_ordinary_sessions_are_left_alone(pytester, session) -> None:
    pytester.path.joinpath("trap.py").write_text(TRAP)
    pytester.path.joinpath("mentions.py").write_text("import adamtheory_is_not_imported")
    pytester.path.joinpath("test_it.py").write_text("# adamtheory @theorem\ndef test_it():\n    assert True\n")
    session().assert_outcomes(passed=1)


def test_tests_in_a_proof_file_named_on_the_command_line_still_run(pytester, session) -> None:
    pytester.path.joinpath("squares.py").write_text(
        SIBLING.replace('proof.cite("true_square", {beta: 1})', "proof.have(proof.statement.claim)")
        + "\ndef test_of_its_own():\n    assert True\n"
    )
    session("squares.py").assert_outcomes(passed=2)
