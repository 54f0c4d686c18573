"""k-Adam at eps = 0, level by level (Gould & Tanaka 2024, Definition 3 and Theorem 3).

Two forms.  ``definitions(k)`` is the library's own update rule with k levels.  For any number of levels there is a
family u(n, level): u(n, 0) = g(n), and level 1, 2, ... normalises the one before with the decay factors
``betas(level)`` and ``gammas(level)``.  Expressions have no unit and check no hyperparameter.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.function import UndefinedFunction

from adamtheory.methods.kadam import kadam_rule, level_symbols, level_update
from adamtheory.notation import beta, bias_correction, eps, g, gamma, k, m, n, open_unit, u, v
from adamtheory.propositions import All, ForAll, Relation, SequenceDefinition
from adamtheory.validation import integer

level = sp.Symbol("level", integer=True, nonnegative=True)
each = sp.Symbol("i", integer=True, nonnegative=True)  # the level in what holds at every level
betas, gammas = (sp.Function(name, real=True) for name in ("beta", "gamma"))  # decay factors of a level
ABOVE = (betas(level + 1), gammas(level + 1))  # those of the level above ``level``


def average(factor: sp.Expr, of: sp.Expr, last: sp.Expr = n) -> sp.Expr:
    """M_factor of the terms ``of`` (in the index k) from 0 to ``last``, bias-corrected (Definition 2)."""
    return (1 - factor) / (1 - factor ** (last + 1)) * sp.Sum(factor ** (last - k) * of, (k, 0, last))


def normalised(of: sp.Expr, beta: sp.Expr = beta, gamma: sp.Expr = gamma, last: sp.Expr = n) -> sp.Expr:
    """A_{gamma, beta} of the terms ``of`` (in the index k) from 0 to ``last`` (Definition 2)."""
    return average(gamma, of, last) / sp.sqrt(average(beta, of**2, last))


def family(updates: UndefinedFunction = u, start: sp.Expr | None = None) -> SequenceDefinition:
    """Definition 3: updates(n, 0) = start (an expression in n; g(n) if None), and updates(n, level) normalises
    updates(0, level - 1), ..., updates(n, level - 1)."""
    start = g(n) if start is None else start
    body = normalised(updates(k, level - 1), betas(level), gammas(level))
    return SequenceDefinition(updates, level, body, ((0, start),), (n,))


def moment_families(updates: UndefinedFunction = u) -> tuple[SequenceDefinition, SequenceDefinition]:
    """Algorithm 1's moments m(level, n) and v(level, n): averages, not bias-corrected, of the level before."""
    before = updates(n, level - 1)
    first = gammas(level) * m(level, n - 1) + (1 - gammas(level)) * before
    second = betas(level) * v(level, n - 1) + (1 - betas(level)) * before**2
    start = ((-1, sp.S.Zero),)
    return SequenceDefinition(m, n, first, start, (level,)), SequenceDefinition(v, n, second, start, (level,))


def algorithm_line() -> sp.Expr:
    """Algorithm 1's update of the level above ``level`` after step n: the bias correction times m over sqrt(v)."""
    correction = bias_correction(n + 1).subs({beta: ABOVE[0], gamma: ABOVE[1]}, simultaneous=True)
    return correction * m(level + 1, n) / sp.sqrt(v(level + 1, n))


def every_level(*relations: Relation) -> ForAll:
    """The relations (in ``betas(each)``, ``gammas(each)``) at every level; without any, 0 < beta, gamma < 1."""
    return ForAll(each, (), All(relations or open_unit(betas(each), gammas(each))))


#: decay factors of the levels for the numeric shadow of a statement with ``every_level()``
some_levels = {
    betas: sp.Lambda(level, (level + sp.Rational(5, 2)) / (level + 3)),
    gammas: sp.Lambda(level, (level + sp.Rational(1, 2)) / (level + 2)),
}


def definitions(k: int, *, coupled: bool = False, **values: sp.Expr) -> tuple[SequenceDefinition, ...]:
    """The library's k-Adam at eps = 0 as sequences m_1, v_1, u_1, ..., m_k, v_k, u.

    ``values`` replace decay factors by name, for instance ``gamma_2=0``.  Raises ValueError for k < 1."""
    integer("k", k, minimum=1)
    named = {s.name: s for i in range(1, k + 1) for s in level_symbols(i)}
    put = {named[name]: value for name, value in values.items()}
    return kadam_rule(k, coupled=coupled).specialise({eps: 0, **put}).definitions()


def moments(at: int) -> tuple[UndefinedFunction, UndefinedFunction]:
    """The sequences m_i, v_i of level i = ``at`` in ``definitions``."""
    return sp.Function(f"m_{at}", real=True), sp.Function(f"v_{at}", real=True)


def update(at: int, k: int) -> UndefinedFunction:
    """The sequence u_i of level i = ``at`` in ``definitions(k)``; g for level 0, u for level k."""
    return sp.Function(level_update(at, k).name, real=True) if at else g


def at_level(expression: sp.Expr, i: int | sp.Expr) -> sp.Expr:
    """An expression in beta, gamma (such as Theorem 1's bound) with the decay factors of level i = 1, 2, ... or of a
    symbolic level of the family."""
    pair = level_symbols(i) if isinstance(i, int) else (betas(i), gammas(i))
    return expression.subs(dict(zip((beta, gamma), pair, strict=True)), simultaneous=True)
