"""Every side condition is needed: with one check switched off, a false statement is proved.

The checks are collected from the source of the core; the catalogue (mutants.py) says what each keeps out.
"""

import ast
import importlib
import re
from pathlib import Path

import pytest
from falsehoods import Falsehood, disabled
from mutants import FALSE_STATEMENTS, REDUNDANT, SHAPE

import adamtheory.proof
from adamtheory.proof.kernel import Sequent

CARRIERS = {"require", "oblige", "require_equal", "relation", "discharged", "absent"}
IDENTIFIER = re.compile(r"[a-z_]+\.[a-z_]+|regular|integrable")
FAMILIES = ("order", "logic", "sums", "calculus", "families")


def checks() -> set[str]:
    """The identifiers of all side conditions, from the text of the core."""
    found = set()
    for path in Path(adamtheory.proof.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CARRIERS:
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                found |= {text for text in texts if IDENTIFIER.fullmatch(text)}
    return found


def statements() -> list[Falsehood]:
    return [x for name in FAMILIES for x in importlib.import_module(f"test_soundness_{name}").false]


STATEMENTS = statements()
BY_NAME = {x.name: x for x in STATEMENTS}
CHECKS = sorted(checks())


def proved(falsehood: Falsehood) -> bool:
    """Was a sequent sealed?  A rule that breaks on a malformed statement has not proved it."""
    try:
        return isinstance(falsehood.attempt(), Sequent)
    except Exception:  # noqa: BLE001  with a check off, a rule may meet anything; only a sealed sequent counts
        return False


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(STATEMENTS)


def test_the_catalogue_speaks_of_checks_that_exist() -> None:
    assert set(FALSE_STATEMENTS) | SHAPE | REDUNDANT <= set(CHECKS)
    assert not set(FALSE_STATEMENTS) & (SHAPE | REDUNDANT)
    assert not SHAPE & REDUNDANT


def test_every_check_has_its_place_in_the_catalogue() -> None:
    assert not set(CHECKS) - set(FALSE_STATEMENTS) - SHAPE - REDUNDANT
    assert len(FALSE_STATEMENTS) >= 2 * len(CHECKS) // 3


@pytest.mark.parametrize("check", sorted(FALSE_STATEMENTS))
def test_without_the_check_something_false_is_proved(check: str) -> None:
    with disabled(check):
        assert any(proved(BY_NAME[name]) for name in FALSE_STATEMENTS[check])


@pytest.mark.parametrize("check", sorted(SHAPE))
def test_without_a_check_of_form_nothing_false_is_proved(check: str) -> None:
    rule = check.partition(".")[0]
    near = [x for x in STATEMENTS if any(guard.partition(".")[0] == rule for guard in x.guards)]
    with disabled(check):
        assert not [x.name for x in near if proved(x)]
