"""Discrete Adam's exact worst case, eps = 0: expressions in ``beta``, ``gamma`` and the number of gradients seen.

``steps`` is N = n + 1 throughout.  With q = gamma^2/beta and a = (1 - gamma)/sqrt(1 - beta) (``notation.ratio``,
``notation.alignment``), the largest |u| that any N gradients can produce is U = P a sqrt(S), where P is the bias
correction and S = 1 + q + ... + q^(N-1).  Every function returns an expression without units; none of them checks a
hyperparameter, since the theorems about them (``proofs/discrete``) name the region in which they hold.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.bounds.adam_continuous import prefactor
from adamtheory.methods import Adam
from adamtheory.notation import alignment, beta, bias_correction, eps, gamma, j, k, n, ratio, stability_exponent
from adamtheory.propositions import SequenceDefinition
from adamtheory.validation import integer


def moments() -> tuple[SequenceDefinition, SequenceDefinition]:
    """Adam's moment recursions m and v from the method's own rule: m(n), v(n) after the gradients g(0), ..., g(n)."""
    first, second, _ = definitions()
    return first, second


def definitions() -> tuple[SequenceDefinition, SequenceDefinition, SequenceDefinition]:
    """Adam's m, v and update u at eps = 0 from the method's own rule, for the ``where`` of a statement."""
    rule = Adam().rule.specialise({eps: 0})
    found = {d.function.__name__: d for d in rule.definitions()}
    return found["m"], found["v"], found["u"]


def geometric_sum(steps: sp.Expr = n + 1) -> sp.Expr:
    """S = 1 + q + ... + q^(steps-1), q = gamma^2/beta, as a sum."""
    return sp.Sum(ratio**j, (j, 0, steps - 1))


def moment_bound(steps: sp.Expr = n + 1) -> sp.Expr:
    """a^2 S: the largest m^2/v after ``steps`` gradients."""
    return alignment**2 * geometric_sum(steps)


def worst_case_squared(steps: sp.Expr = n + 1) -> sp.Expr:
    """U^2 = P^2 a^2 S, the square of the largest |u| after ``steps`` gradients."""
    return bias_correction(steps) ** 2 * moment_bound(steps)


def worst_case(steps: sp.Expr = n + 1) -> sp.Expr:
    """U = P a sqrt(S), the largest |u| after ``steps`` gradients."""
    return bias_correction(steps) * alignment * sp.sqrt(geometric_sum(steps))


def worst_gradient(index: sp.Expr = k, steps: sp.Expr = n + 1) -> sp.Expr:
    """The gradient at ``index`` = 0, ..., steps - 1 of a sequence that attains ``worst_case(steps)``, last one 1."""
    return (gamma / beta) ** (steps - 1 - index)


def worst_case_limit_squared() -> sp.Expr:
    """U_inf^2 = 1 + (beta - gamma)^2/((1 - beta)(beta - gamma^2)): the limit of U^2 where gamma^2 < beta."""
    return 1 + (beta - gamma) ** 2 / ((1 - beta) * (beta - gamma**2))


def worst_case_limit() -> sp.Expr:
    """U_inf, the supremum over all steps of the largest |u|, for gamma^2 < beta."""
    return sp.sqrt(worst_case_limit_squared())


def worst_case_squared_on_boundary(steps: sp.Expr = n + 1) -> sp.Expr:
    """U^2 where gamma^2 = beta: it grows linearly, N (1 + gamma^N)(1 - gamma)/((1 - gamma^N)(1 + gamma))."""
    return steps * (1 + gamma**steps) * (1 - gamma) / ((1 - gamma**steps) * (1 + gamma))


def printed_growth(sign: int, elapsed: sp.Expr = n) -> sp.Expr:
    """B_n of Gould & Tanaka (2024, Theorem 1) where the stability exponent C has this sign: 1/sqrt(C) for 1, sqrt(n)
    for 0, exp(n|C|/2)/sqrt(|C|) for -1.  Raises ValueError for another number."""
    integer("sign", sign, minimum=-1, maximum=1)
    size = sign * stability_exponent()
    if sign == 0:
        return sp.sqrt(elapsed)
    return 1 / sp.sqrt(size) if sign == 1 else sp.exp(elapsed * size / 2) / sp.sqrt(size)


def printed_bound(sign: int, steps: sp.Expr = n + 1) -> sp.Expr:
    """The right side of Theorem 1 of Gould & Tanaka (2024) after ``steps`` = n + 1 gradients, where C has this sign.

    For the discrete update it holds where C > 0, and fails for some hyperparameters with C <= 0."""
    return prefactor(steps - 1) * printed_growth(sign, steps - 1)


def repaired_bound(sign: int, steps: sp.Expr = n + 1) -> sp.Expr:
    """Theorem 1 made true for the discrete update: n + 1 instead of n in B_n (nothing changes where C > 0)."""
    return prefactor(steps - 1) * printed_growth(sign, steps)
