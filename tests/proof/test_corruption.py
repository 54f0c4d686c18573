"""True proofs with one thing changed: unless the changed claim still holds, the core must refuse it."""

import random
from collections.abc import Callable

import mpmath
import pytest
import sympy as sp
from falsehoods import given, s, step, x, y, z

from adamtheory.notation import beta, gamma, k, n, open_unit
from adamtheory.proof.kernel import Rejected, Rule, Scope, Sequent, prove
from adamtheory.proof.rules.algebra import Algebra
from adamtheory.proof.rules.calculus import Antiderivative, DerivativeOf, Monotone
from adamtheory.proof.rules.inequalities import CauchySchwarz, Tangent, Triangle
from adamtheory.proof.rules.limits import Limit, Series
from adamtheory.proof.rules.logic import Hypothesis
from adamtheory.proof.rules.order import Combination, Polynomial, Sign, Squares
from adamtheory.proof.rules.sums import Telescoping
from adamtheory.propositions import BigO, Proposition, Relation, Tends, eq, ge, gt, le, lt

TRIALS = 32
POINTS = 40
Make = Callable[[Scope, Proposition], Sequent]


def by(rule: Rule) -> Make:
    return lambda scope, claim: prove(scope, claim, rule)


def combined(scope: Scope, claim: Proposition) -> Sequent:
    known = prove(scope, le(x, y), Hypothesis())
    return step(scope, claim, Combination(((known, z**2),), sp.Integer(1)), known)


def squared(scope: Scope, claim: Proposition) -> Sequent:
    known = prove(scope, le((2 * x) ** 2, (x**2 + 1) ** 2), Sign((x**2 - 1) ** 2))
    return step(scope, claim, Squares(known), known)


S = sp.Sum
PROOFS: dict[str, tuple[Relation, tuple[Relation, ...], Make]] = {
    "geometric_sum": (
        eq(S(gamma**k, (k, 0, n)), (1 - gamma ** (n + 1)) / (1 - gamma)),
        open_unit(gamma),
        by(Telescoping(-(gamma**k) / (1 - gamma))),
    ),
    "sum_split": (eq(S((n - k) * x**k, (k, 0, n)), n * S(x**k, (k, 0, n)) - S(k * x**k, (k, 0, n))), (), by(Algebra())),
    "sum_reversed": (
        eq(S(gamma ** (n - k) * beta**k, (k, 0, n)), gamma**n * S((beta / gamma) ** k, (k, 0, n))),
        open_unit(beta, gamma),
        by(Algebra()),
    ),
    "powers": (
        eq(gamma ** (n + 2) / gamma**n * sp.sqrt(beta) ** 2, gamma**2 * beta),
        open_unit(beta, gamma),
        by(Algebra()),
    ),
    "square": (ge(x**2 + y**2, 2 * x * y), (), by(Sign((x - y) ** 2))),
    "polynomial": (lt(2 * gamma - gamma**2, 1), open_unit(gamma), by(Polynomial())),
    "power_below_one": (le(gamma**n * beta, beta), open_unit(beta, gamma), by(Sign(beta * (1 - gamma**n)))),
    "combination": (le(z**2 * x, z**2 * y + 1), (le(x, y),), combined),
    "squares": (le(2 * x, x**2 + 1), (), squared),
    "cauchy_schwarz": (
        le(S(x * k, (k, 0, n)) ** 2, S(x**2, (k, 0, n)) * S(k**2, (k, 0, n))),
        (),
        by(CauchySchwarz(x, k)),
    ),
    "triangle": (le(sp.Abs(x + 3 * y), sp.Abs(x) + 3 * sp.Abs(y)), (), by(Triangle())),
    "tangent": (le(1 - 2 * x, sp.exp(-2 * x)), (), by(Tangent())),
    "integral": (eq(sp.Integral(s**2, (s, 0, x)), x**3 / 3), (gt(x, 0),), by(Antiderivative(s**3 / 3))),
    "derivative": (
        eq(sp.Derivative(x**3 * sp.exp(2 * x), x), (3 * x**2 + 2 * x**3) * sp.exp(2 * x)),
        (),
        by(DerivativeOf()),
    ),
    "monotone": (le(sp.exp(-y), sp.exp(-x)), (le(x, y),), by(Monotone(sp.exp(s - x - y), s, x, y))),
}


def nodes(e: sp.Expr) -> list[sp.Expr]:
    """What can be changed: numbers, exponents, limits, signs of terms, symbols."""
    return [a for a in sp.preorder_traversal(e) if isinstance(a, sp.Expr) and not isinstance(a, sp.Derivative)]


def corrupted(
    claim: Relation, hypotheses: tuple[Relation, ...], rng: random.Random
) -> tuple[Relation, tuple[Relation, ...]]:
    kind = rng.choice(["expression"] * 4 + ["operator", "sides", "hypothesis", "number", "number"])
    if kind == "hypothesis" and hypotheses:
        place = rng.randrange(len(hypotheses))
        return claim, (*hypotheses[:place], *hypotheses[place + 1 :])
    if kind == "operator":
        return Relation(rng.choice(["=", "<=", "<", "!="]), claim.lhs, claim.rhs), hypotheses
    if kind == "sides":
        return Relation(claim.op, claim.rhs, claim.lhs), hypotheses
    side = rng.choice(["lhs", "rhs"])
    e = getattr(claim, side)
    choices = [a for a in nodes(e) if not isinstance(a, (sp.Sum, sp.Integral))]
    if kind == "number":
        choices = [a for a in choices if a.is_Rational] or choices
    old = rng.choice(choices)
    new = rng.choice([old + 1, -old, old - 1, 2 * old, old + sp.Rational(1, 10**6), old + n, old**2])
    bound = {lim[0] for b in e.atoms(sp.Sum, sp.Integral) for lim in b.limits}
    bound |= {a for d in e.atoms(sp.Derivative) for a in (*d.variables, sp.Integer(1))}
    changed = e.xreplace({old: new}) if old not in bound else e + sp.Rational(1, 10**6)
    sides = {"lhs": claim.lhs, "rhs": claim.rhs, side: changed}
    return Relation(claim.op, sides["lhs"], sides["rhs"]), hypotheses


def value(e: sp.Expr, at: dict[sp.Symbol, sp.Rational]) -> mpmath.mpf | None:
    """The value at 50 digits; None where there is none."""
    exact = e.subs(at).doit()
    if exact.has(sp.zoo, sp.nan, sp.oo, sp.I) or exact.free_symbols:
        return None
    number = exact.evalf(50)
    return mpmath.mpf(str(number)) if number.is_real and number.is_Number else None


def holds(r: Relation, at: dict[sp.Symbol, sp.Rational]) -> bool:
    left, right = value(r.lhs, at), value(r.rhs, at)
    if left is None or right is None:
        return False
    close = abs(left - right) <= mpmath.mpf(10) ** -40 * (1 + abs(left))
    return {"=": close, "!=": not close, "<": left < right and not close, "<=": left <= right or close}[r.op]


def true_everywhere(claim: Relation, hypotheses: tuple[Relation, ...], rng: random.Random) -> bool:
    """Does the claim hold at every point tried?  Small and special values are among them."""
    special = [sp.Rational(a, b) for a, b in ((0, 1), (1, 1), (-1, 1), (1, 2), (2, 1), (-3, 2), (1, 3), (9, 10))]
    with mpmath.workdps(50):
        for trial in range(POINTS):
            at = {
                a: rng.choice(special) if trial % 2 else sp.Rational(rng.randint(-300, 300), 100)
                for a in (beta, gamma, x, y, z)
            }
            at |= {n: sp.Integer(rng.randint(0, 3))}
            symbols = claim.free_symbols.union(*(h.free_symbols for h in hypotheses), set())
            at = {a: v for a, v in at.items() if a in symbols}
            if all(holds(h, at) for h in hypotheses) and not holds(claim, at):
                return False
    return True


@pytest.mark.parametrize("name", PROOFS)
def test_the_proof_itself(name: str) -> None:
    claim, hypotheses, make = PROOFS[name]
    assert make(given(*hypotheses), claim).claim == claim


@pytest.mark.parametrize("name", PROOFS)
def test_corrupted_proofs_are_refused(name: str) -> None:
    rng = random.Random(f"corruption of {name}")
    claim, hypotheses, make = PROOFS[name]
    refusals = 0
    for _ in range(TRIALS):
        changed, fewer = corrupted(claim, hypotheses, rng)
        try:
            make(given(*fewer), changed)
        except (Rejected, ValueError, TypeError, AttributeError):
            refusals += 1
            continue
        # The core accepts it: then it must be true.
        assert true_everywhere(changed, fewer, rng), f"{'; '.join(map(str, fewer))} |- {changed}"
    assert refusals >= TRIALS // 4


FORMS = {
    "limit": (Tends((1 + gamma**n) / (2 + 1 / (n + 1)), n, sp.oo, sp.Rational(1, 2)), open_unit(gamma), Limit()),
    "series": (BigO(sp.exp(x) - 1 - x - x**2 / 2, x, 3), (), Series()),
}


def test_other_limits_and_orders_are_refused() -> None:
    limit, hypotheses, rule = FORMS["limit"]
    assert prove(given(*hypotheses), limit, rule)
    for wrong in (0, 1, sp.Rational(1, 2) + sp.Rational(1, 10**6), sp.Rational(-1, 2)):
        with pytest.raises(Rejected):
            prove(given(*hypotheses), Tends(limit.expr, n, sp.oo, sp.sympify(wrong)), rule)
    for place in range(len(hypotheses)):
        with pytest.raises(Rejected):
            prove(given(*hypotheses[:place], *hypotheses[place + 1 :]), limit, rule)
    order, _, rule = FORMS["series"]
    assert prove(given(), order, rule)
    for changed in (
        BigO(order.expr, x, 4),
        BigO(order.expr + x**2, x, 3),
        BigO(order.expr + sp.Rational(1, 10**6), x, 3),
    ):
        with pytest.raises(Rejected):
            prove(given(), changed, rule)
