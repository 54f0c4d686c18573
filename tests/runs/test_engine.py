"""The runs under the checks are the library's own runs."""

from __future__ import annotations

from fractions import Fraction

import pytest

from adamtheory.lowering import arithmetic
from adamtheory.methods import METHODS, Adam, KAdam, Momentum, RMSProp, simulate
from adamtheory.runs.engine import trajectories

GRADIENTS = [Fraction(1, 3), Fraction(-2), Fraction(0), Fraction(5, 7), Fraction(1, 10**6), Fraction(4)]


@pytest.mark.parametrize(
    "method",
    [
        Adam(beta="0.999", gamma="0.9"),
        Adam(beta="0.3", gamma=0),
        RMSProp(beta="0.9"),
        Momentum(gamma="0.5"),
        KAdam(k=2),
    ],
    ids=lambda method: f"{method.name}-{len(method.values)}",
)
@pytest.mark.parametrize("name", ["ball", "mpmath", "numpy"])
def test_a_checked_run_is_a_simulated_run(method, name: str) -> None:
    assert method.name in METHODS
    chosen = arithmetic(name)
    given = [chosen.rational(g) for g in GRADIENTS]
    read = trajectories(method.rule, method.values, given, chosen)
    run = simulate(method, GRADIENTS, arithmetic=name)
    with chosen.scope():
        for step in range(len(GRADIENTS)):
            found, expected = read["u"](step), run.updates[step]
            if name == "ball":
                assert found.overlaps(expected)
            else:
                assert float(found) == pytest.approx(float(expected), rel=1e-13)
