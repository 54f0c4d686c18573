"""The search for energies: the best coefficients of a template, proposed by a solver, proved by a rational certificate.

For a rate, what is asked of the coefficients and multipliers is a convex feasibility problem; bisection finds the best
rate.  The solver only proposes: its numbers are rounded to rationals that satisfy every equation exactly, and
``Certificate.check`` decides.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from adamtheory.flows.memory import MemoryFlow
from adamtheory.lowering.exactness import exact_fraction
from adamtheory.lyapunov.certificates import Certificate
from adamtheory.lyapunov.flow_problems import FlowProblem, Preconditioned
from adamtheory.lyapunov.method_problems import MethodProblem
from adamtheory.lyapunov.problems import LossClass, Problem
from adamtheory.lyapunov.reduction import reduced
from adamtheory.lyapunov.refuting import refute
from adamtheory.lyapunov.search_results import Found
from adamtheory.lyapunov.search_solver import Solver
from adamtheory.proof.verdict import Verdict
from adamtheory.validation import reject

__all__ = ["Found", "search"]

# Of the best rate, given up for a margin that rounding can use; the last ones where the solver saw too much.
_BACK = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.5)
_NEAR = Fraction(1, 10**5)  # of the best rate: no closer is tried
_LEADS = ("gap", "distance")


def search(
    flow: Any,
    template: Any = None,
    losses: LossClass | None = None,
    *,
    initial_gap: object = None,
    rate: object = None,
) -> Found:
    """The energy of a template that decays fastest along a flow, over a class of losses.

    ``flow``: ``Preconditioned`` (``gradient_flow()``, ``heavy_ball_flow(friction)``), or a memory equation of RMSProp,
    AdaGrad or Adam (``flows.heredia_flow``), which needs ``initial_gap`` f - f* and a smooth class for the bounds of
    its preconditioner; or a ``MethodProblem``, which has its own template and class.  ``template``: names of
    ``flow_problems.TERMS``, as a sequence or between commas, gap or distance among them; their order does not matter.
    ``rate``: only this rate, in place of the best.

    Raises ValueError for bad input, and ModuleNotFoundError where CVXPY or Clarabel are not installed."""
    problem = posed(flow, template, losses, initial_gap)
    wanted = None if rate is None else exact_fraction(rate, "rate")
    if wanted is not None and wanted < 0:
        reject("rate", str(wanted), ">= 0")
    if wanted is not None:
        reason = f"no coefficients were found at the rate {wanted}"
        return proved_at(problem, wanted) or _other(problem, reason, wanted > 0)
    growing = "the search saw no coefficients under which the energy does not grow"
    if isinstance(problem, FlowProblem) and _limited(problem.losses):
        return proved_at(problem, Fraction(0)) or _other(problem, growing, False)
    solver = Solver(problem)
    best = solver.best()
    if best is None:
        return _other(problem, growing, False)
    found = _closest(problem, solver, best)
    reason = f"the solver's coefficients, for a rate near {float(best):.6g}, did not survive rounding"
    return found or replace(_other(problem, reason, False), proposed=float(best))


def proved_at(problem: Problem, rate: Fraction) -> Found | None:
    """Proved at this rate, or None where the search does not succeed: nothing is refuted."""
    return _proved(problem, Solver(problem), rate, rate)


def posed(flow: Any, template: Any, losses: LossClass | None, initial_gap: object = None) -> Problem:
    """The problem, its fixed coefficient that of the gap, or of the distance where the template has no gap."""
    problem: Problem
    if isinstance(flow, (FlowProblem, MethodProblem)):
        problem = flow
        for name, given, own in (("template", template, flow.template), ("losses", losses, flow.losses)):
            same = given is None or (set(_terms(given)) == set(flow.template) if name == "template" else given == own)
            if not same:
                reject(name, given, f"left out, or the problem's own {own}")
    else:
        if template is None:
            reject("template", template, "names of terms, such as 'gap,kinetic,cross'")
        if not isinstance(losses, LossClass):
            reject("losses", losses, "a LossClass", TypeError)
        problem = FlowProblem(_dynamics(flow, losses, initial_gap), _terms(template), losses)
    lead = next((term for term in _LEADS if term in problem.template), None)
    if lead is None:
        allowed = "one with gap or distance: the other terms vanish where the momentum does, and an energy must not"
        reject("template", problem.template, allowed)
    # a coefficient whose sign is free must not be the one that is 1: an energy could be missed, and refuted wrongly
    return replace(problem, template=(lead, *(term for term in problem.template if term != lead)))


def _terms(template: Any) -> tuple[str, ...]:
    names = template.split(",") if isinstance(template, str) else template
    try:
        return tuple(name.strip() for name in names)
    except (AttributeError, TypeError):
        reject("template", template, "names of terms, as a sequence or between commas", TypeError)


def _dynamics(flow: Any, losses: LossClass, initial_gap: object) -> Preconditioned:
    if isinstance(flow, Preconditioned):
        return flow
    if not isinstance(flow, MemoryFlow):
        allowed = (
            "a Preconditioned flow, a memory equation such as flows.heredia_flow(Adam(lr='0.001')), or a MethodProblem"
        )
        reject("flow", flow, allowed, TypeError)
    found = reduced(flow, losses, initial_gap)
    if found.momentum is not None and found.growth > 2 * found.momentum:
        # only where the gap stays below the initial one does it bound the memory, and so the least preconditioner
        allowed = "one whose energy decreases at all times (adamtheory energy-region): else nothing bounds its memory"
        reject("flow", flow.name, allowed)
    return found


def _closest(problem: Problem, solver: Solver, best: Fraction) -> Found | None:
    """Proved as near to the rate that the solver saw as rounding goes, or where nothing happens at the worst."""
    still = Fraction(0) if problem.better > 0 else Fraction(1)
    failed = best
    for share in _BACK if best != still else ():
        rate = _short(best + Fraction(share) * (still - best))
        found = _proved(problem, solver, rate, best)
        while found is not None and abs(failed - rate) > _NEAR * abs(still - best):
            middle = _short((rate + failed) / 2)
            nearer = _proved(problem, solver, middle, best)
            if nearer is None:
                failed = middle
            else:
                rate, found = middle, nearer
        if found is not None:
            return found
        failed = rate
    return _proved(problem, solver, still, best)


def _short(value: Fraction) -> Fraction:
    """Nine digits of it."""
    return Fraction(f"{float(value):.8e}")


def _proved(problem: Problem, solver: Solver, rate: Fraction, proposed: Fraction) -> Found | None:
    for unknowns in solver.candidates(rate):
        certificate = Certificate(problem, rate, unknowns)
        if certificate.check():
            return Found(problem, Verdict.PROVED, rate, certificate, proposed=float(proposed))
    return None


def _other(problem: Problem, reason: str, positive: bool) -> Found:
    """Refuted, or undecided for a reason; ``positive``: a rate above 0 was asked for."""
    refutation = refute(problem) if isinstance(problem, FlowProblem) else None
    if refutation is not None and refutation.check():
        return Found(problem, Verdict.REFUTED, refutation=refutation)
    if isinstance(problem, FlowProblem):
        reason += _poor(problem.losses, positive)
    return Found(problem, Verdict.UNDECIDED, reason=reason)


def _limited(losses: LossClass) -> str:
    """Why no rate above 0 holds for every loss of the class; empty where one may."""
    if not losses.convex and losses.pl is None:
        return "losses of this class may be stationary above their minimum, where no energy falls: give pl or more"
    if losses.strong_convexity == 0:
        return "convex losses may be as flat as you like, so no rate above 0 holds for all: give mu > 0"
    return ""


def _poor(losses: LossClass, positive: bool) -> str:
    """What the class does not know and a rate needs."""
    if positive and (limit := _limited(losses)):
        return f"; {limit}"
    return "; without smoothness nothing bounds the gradient from above" if losses.smoothness is None else ""
