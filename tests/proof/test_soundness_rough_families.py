"""Families of square-integrable curves: one member may stand under an integral, a path through the members may not."""

import pytest
import sympy as sp

from adamtheory.notation import t, tau
from adamtheory.proof import Rejected, Scope, SquareIntegrable, algebra, eq, ge, prove

level = sp.Symbol("level", integer=True, nonnegative=True)
place = sp.Symbol("place", real=True)
x = sp.Function("x", real=True)
SCOPE = Scope((ge(t, 0), SquareIntegrable(x, 0, t)))


def twice(body):
    """The integral of twice a body is twice its integral: asks only whether the body can be integrated."""
    return eq(sp.Integral(2 * body, (tau, 0, t)), 2 * sp.Integral(body, (tau, 0, t)))


@pytest.mark.parametrize("body", [x(level, tau), x(level, tau) * x(level + 1, tau), tau * x(level, tau) ** 2], ids=str)
def test_members_are_square_integrable(body):
    assert prove(SCOPE, twice(body), algebra()).claim == twice(body)


@pytest.mark.parametrize(
    "body",
    [
        x(tau, tau),
        x(place, tau),
        x(level - 1, tau),
        x(tau, place),
        x(level, 2 * tau),
        x(level, tau) ** 3,
        x(level, tau) * x(level + 1, tau) ** 2,
    ],
    ids=str,
)
def test_a_path_through_the_members_is_not(body):
    with pytest.raises(Rejected) as problem:
        prove(SCOPE, twice(body), algebra())
    assert problem.value.check.startswith("integrable")
