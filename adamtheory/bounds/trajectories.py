"""Bounds on what updates add up to: AdamW's parameters, and the norm of scale-invariant weights."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from adamtheory import notation
from adamtheory.bounds import iterates
from adamtheory.bounds.bound import Bound, Stability
from adamtheory.bounds.enclosures import Range, enclose, sharp
from adamtheory.bounds.generator import max_update
from adamtheory.bounds.special import Numbers, compare
from adamtheory.dynamics.norms import equilibrium_norm_squared
from adamtheory.lowering import exact_fraction
from adamtheory.methods import Method
from adamtheory.notation import n
from adamtheory.validation import integer, reject

start_size = sp.Symbol("|theta_0|", real=True)
largest_update = sp.Symbol("U", real=True)  # of |u_k| over the steps taken
initial_norm = sp.Symbol("|W_0|^2", real=True)
update_norm = sp.Symbol("|u|^2", real=True)


def iterate(method: Method, *, steps: int | None = None, start: Any = 0, zeros: str | None = None) -> Bound:
    """The largest |theta_n| of one coordinate under AdamW after ``steps`` = n steps from |theta_0| = ``start``; without
    ``steps`` over all of them.

    |theta_n| <= r^n |theta_0| + lr U (1 - r^n)/(1 - r) with r = |1 - lr weight_decay| and U the largest update within
    those steps (``max_update``), |theta_0| + n lr U at r = 1.  Finite over all steps only for 0 < lr weight_decay < 2
    and a bounded update; beyond 2 it grows.  Kind "exact" where beta = gamma (every update can then be as large as U
    with one sign, so that the bound is attained for lr weight_decay <= 1), else "upper".

    ``method`` is AdamW with scalar lr, or Adam (weight_decay 0).  Raises ValueError or TypeError in one line."""
    if not isinstance(method, Method) or method.name not in ("adamw", "adam"):
        reject("method", method, "AdamW(lr=...) or Adam(lr=...), whose parameters this bounds", TypeError)
    if method.values.get(notation.lr) is None:
        reject("lr", None, "given: the parameters move by lr times the update")
    count = None if steps is None else integer("steps", steps, minimum=0)
    size = abs(exact_fraction(start, "start"))
    numbers: dict[sp.Symbol, Any] = {notation.weight_decay: 0, **method.values, start_size: size}
    rate = sp.Abs(iterates.kept())
    edge = compare(rate, sp.S.One, numbers)
    update = max_update(method, steps=None if count is None else max(count, 1), zeros=zeros)
    numbers[largest_update] = update.ball
    formula, limit = _iterate_formula(edge == 0), notation.lr * largest_update / (1 - rate)
    still = numbers[notation.lr] == 0  # nothing moves, however large the update is
    condition = sp.Or(sp.Eq(notation.lr, 0), sp.And(sp.StrictLessThan(rate, 1), update.stable.condition))
    stable = Stability(condition, still or (edge < 0 and update.stable.holds))
    if still:
        formula = limit = start_size
    one_sign = method.values[notation.beta] == method.values[notation.gamma]
    shrinks = compare(notation.lr * notation.weight_decay, sp.S.One, numbers) <= 0
    return Bound(
        quantity="max |theta_n|",
        kind="exact" if one_sign and shrinks else "upper",
        method=method,
        steps=count,
        time="discrete",
        zeros=update.zeros,
        formula=sp.Piecewise((_iterate_formula(True), sp.Eq(rate, 1)), (_iterate_formula(False), True)),
        limit=limit if stable.holds else sp.oo,
        stable=stable,
        attained=one_sign and shrinks and count is not None and update.zeros != "eps",
        note="U is the largest update within those steps; n counts the steps taken",
        values=numbers,
        _ball=_over_steps(formula, numbers, count, sp.Max(start_size, limit) if stable.holds else None),
        _worst=(lambda steps: [-1] * steps) if one_sign and shrinks else None,
        _code=_code("iterate"),
        _results=_verdicts(
            "adamw_iterates_bounded_in_general", "adamw_iterates_bounded_on_the_edges", "max_update_exact"
        ),
    )


def norm_growth(
    *,
    lr: Any,
    gamma: Any = Fraction(9, 10),
    weight_decay: Any = 0,
    update_squared: Any = 1,
    initial: Any = 0,
    steps: int | None = None,
) -> Bound:
    """|W_n|^2 of scale-invariant weights under a scalar normaliser, where |u_n|^2 stays at ``update_squared``.

    One step is W_(n+1) = (1 - lr weight_decay) W_n - lr u_n, u = c m with a constant normaliser c and momentum gamma,
    <W_n, g_n> = 0 and |W_0|^2 = ``initial`` with <W_0, u_0> = 0.  ``initial`` and ``update_squared`` have the unit of
    the weights squared.  Exact for every step (repairing Theorem 2 of Gould & Tanaka 2024, which leaves out the factor
    (1 + gamma d)/(1 - gamma d), d = 1 - lr weight_decay): two exponentials, d^(2n) and (gamma d)^n, which grow
    linearly where there is no weight decay.  Without ``steps`` the supremum over all of them.

    Raises ValueError or TypeError in one line."""
    return _norm_growth(lr, gamma, weight_decay, update_squared, initial, steps)


def _norm_growth(rate: Any, memory: Any, decay: Any, squared: Any, initial: Any, steps: int | None) -> Bound:
    count = None if steps is None else integer("steps", steps, minimum=0)
    given = {"lr": rate, "gamma": memory, "weight_decay": decay, "update_squared": squared, "initial": initial}
    exact = {name: exact_fraction(value, name) for name, value in given.items()}
    for name, value in exact.items():
        if value < 0:
            reject(name, given[name], ">= 0")
    if exact["gamma"] >= 1:
        reject("gamma", memory, "in [0, 1)")
    if exact["lr"] * exact["weight_decay"] >= 1:
        reject("weight_decay", decay, "below 1/lr, so that a step keeps a positive part of the weights")
    symbols = (notation.lr, notation.gamma, notation.weight_decay, update_norm, initial_norm)
    numbers = dict(zip(symbols, exact.values(), strict=True))
    kept = iterates.kept()
    decays = exact["lr"] * exact["weight_decay"] > 0
    meets = decays and exact["gamma"] == 1 - exact["lr"] * exact["weight_decay"]
    free, equal, general = _norm_formulas()
    formula = free if not decays else equal if meets else general
    rest = equilibrium_norm_squared(update_norm)
    still = exact["lr"] == 0 or exact["update_squared"] == 0
    largest = sp.Max(initial_norm, rest) if decays else None
    limit = rest if decays else sp.oo
    if still and not decays:
        largest = limit = initial_norm
    from_start = largest is not None and compare(initial_norm, rest if decays else initial_norm, numbers) >= 0
    return Bound(
        quantity="|W_n|^2",
        kind="exact",
        method=None,
        steps=count,
        time="discrete",
        zeros="nonzero-start",
        formula=sp.Piecewise((free, sp.Eq(kept, 1)), (equal, sp.Eq(notation.gamma, kept)), (general, True)),
        limit=limit,
        stable=Stability(
            sp.Or(sp.StrictGreaterThan(notation.lr * notation.weight_decay, 0), sp.Eq(notation.lr**2 * update_norm, 0)),
            decays or still,
        ),
        attained=count is not None or from_start,
        note="for a constant |u|^2 and a constant scalar normaliser; n counts the steps taken",
        values=numbers,
        # It lies below E + (|W_0|^2 - E) d^(2n), and tends to E.
        _ball=_over_steps(formula, numbers, count, largest),
        _code=_code("norm_growth"),
        _results=_verdicts(
            "norm_under_weight_decay", "norm_under_weight_decay_equal_rates", "growth_without_weight_decay"
        ),
    )


def _norm_formulas() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """|W_n|^2 without decay, with gamma = d, and otherwise."""
    d, lr, gamma = iterates.kept(), notation.lr, notation.gamma
    rest = equilibrium_norm_squared(update_norm)
    slow = 2 * lr**2 * update_norm * gamma / ((1 - gamma * d) * (d - gamma))
    free = initial_norm + lr**2 * update_norm * (
        n * (1 + gamma) / (1 - gamma) - 2 * gamma * (1 - gamma**n) / (1 - gamma) ** 2
    )
    equal = rest + (initial_norm - rest - 2 * lr**2 * update_norm * n / (1 - d**2)) * d ** (2 * n)
    general = rest + slow * (gamma * d) ** n + (initial_norm - rest - slow) * d ** (2 * n)
    return free, equal, general


def _iterate_formula(edge: bool) -> sp.Expr:
    bound = iterates.linear_bound if edge else iterates.general_bound
    return bound(start_size, largest_update)


def _over_steps(formula: sp.Expr, numbers: Numbers, count: int | None, largest: sp.Expr | None) -> Callable[[], arb]:
    """The value after ``count`` steps, or over all of them, where it is ``largest`` (None: infinite)."""
    if count is not None:
        return lambda: sharp(lambda: enclose(formula, numbers, Range(count, count)))
    if largest is None:
        return arb.pos_inf
    return lambda: sharp(lambda: enclose(largest, numbers, Range(0, 0)))


def _code(name: str) -> Callable[[str], str]:
    def source(language: str) -> str:
        from adamtheory.bounds.trajectory_exports import trajectory_source

        return trajectory_source(name, language)

    return source


def _verdicts(*names: str) -> Callable[[], tuple[Any, ...]]:
    def judge() -> tuple[Any, ...]:
        from adamtheory.verification import verify_one

        return tuple(verify_one(name) for name in names)

    return judge
