"""How fast Adam's worst case U_n grows with the steps, exactly and as printed, and learning rates that anneal it.

Growth exponents are a step: U_n behaves like exp(exponent * n).  Expressions have no unit and check no hyperparameter:
the theorems about them (``proofs/discrete``, ``proofs/gould_tanaka``) name the region in which they hold.  C is the
stability exponent, q = gamma^2/beta, a = (1 - gamma)/sqrt(1 - beta), ``index`` the step index n = N - 1.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.notation import alignment, beta, bias_correction, gamma, lr, n, ratio, stability_exponent


def printed_exponent() -> sp.Expr:
    """|C|/2 where C < 0: the growth exponent that Gould & Tanaka (2024, Section 3.2) predict."""
    return -stability_exponent() / 2


def exponent() -> sp.Expr:
    """ln(q)/2: the growth exponent of the discrete worst case where q > 1."""
    return sp.log(ratio) / 2


def excess(z: sp.Expr) -> sp.Expr:
    """H(z) = z - 1 - ln z: how far the logarithm lies below its tangent at 1, for z > 0."""
    return z - 1 - sp.log(z)


def growth_constant() -> sp.Expr:
    """a sqrt(q/(q - 1)): the limit of U_n q^(-n/2) where q > 1."""
    return alignment * sp.sqrt(ratio / (ratio - 1))


def scaled_worst_case_squared(steps: sp.Expr = n + 1) -> sp.Expr:
    """U^2 q^(-n) where q > 1, after ``steps`` = n + 1 gradients: P^2 a^2 q/(q - 1) (1 - q^(-steps))."""
    return (bias_correction(steps) * alignment) ** 2 * ratio / (ratio - 1) * (1 - (beta / gamma**2) ** steps)


def scaled_worst_case(steps: sp.Expr = n + 1) -> sp.Expr:
    """U q^(-n/2) where q > 1, after ``steps`` = n + 1 gradients: ``growth_constant`` is its limit."""
    shrinking = beta / gamma**2
    return bias_correction(steps) * alignment * sp.sqrt(ratio / (ratio - 1) * (1 - shrinking**steps))


def printed_learning_rate(initial: sp.Expr = lr, index: sp.Expr = n) -> sp.Expr:
    """Equation 19 of Gould & Tanaka (2024, Appendix N), where C < 0: initial exp(-index |C|/2)."""
    return initial * sp.exp(-index * printed_exponent())


def annealing_ratio() -> sp.Expr:
    """q^(-1/2): the largest ratio of a geometric annealing that keeps the worst step bounded, where q > 1."""
    return sp.sqrt(beta) / gamma


def exact_learning_rate(initial: sp.Expr = lr, index: sp.Expr = n) -> sp.Expr:
    """initial q^(-index/2): the weakest geometric annealing that keeps the worst step bounded, where q > 1."""
    return initial * annealing_ratio() ** index
