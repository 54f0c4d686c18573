"""The committed verdicts speak of the catalogue as it is."""

from __future__ import annotations

import json
from pathlib import Path

from adamtheory.proof import PrintedStatement
from adamtheory.proof.loading import load

ROOT = Path(__file__).parent.parent


def test_committed_verdicts_name_every_statement_and_its_expected_verdict() -> None:
    committed = json.loads((ROOT / "verdicts.json").read_text())["statements"]
    loaded = load([ROOT / "proofs"])
    assert not loaded.broken
    assert {s.name: s.expected.value for s in loaded.statements} == {k: v["verdict"] for k, v in committed.items()}


def test_no_expectation_is_overridden() -> None:
    assert not [s.name for s in load([ROOT / "proofs"]).statements if s.override]


def test_repaired_forms_exist() -> None:
    statements = load([ROOT / "proofs"]).statements
    names = {s.name for s in statements}
    repaired = {s.repaired for s in statements if isinstance(s, PrintedStatement)}
    assert repaired
    assert repaired <= names
