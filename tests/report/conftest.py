"""Results made by hand, so that the reports are tested apart from the proofs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adamtheory.proof.kernel import Trust
from adamtheory.proof.verdict import Result, Verdict

sys.path.insert(0, str(Path(__file__).parent))  # latex_structure


@pytest.fixture
def make_result() -> Callable[..., Result]:
    def make(name: str = "sum_of_squares", **changes: Any) -> Result:
        fields: dict[str, Any] = {
            "title": "A sum of squares",
            "source": "this library",
            "statement": "claim 0 <= beta**2",
            "verdict": Verdict.PROVED,
            "expected": Verdict.PROVED,
            "detail": "",
            "trust": Trust(rules=frozenset({"algebra"}), axioms=frozenset({"Cauchy-Schwarz"})),
        }
        return Result(name=name, **{**fields, **changes})

    return make
