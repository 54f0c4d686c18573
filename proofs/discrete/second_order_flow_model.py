"""What the second-order flow's averages are: the exponential average under a lag, and exact on affine curves.

``M`` = share x + (1 - share) y with y the exponential average of a curve x (``lag_share``).  Exact means: at the steps
t = n h it is the discrete average itself, from the first step on.
"""

import sympy as sp

from adamtheory.flows.second_order_adam import (
    average_start,
    consistent_start,
    discrete_delay,
    lag,
    lag_share,
    remaining,
)
from adamtheory.notation import DecayRate, h, m, n, open_unit, t, tau
from adamtheory.proof import (
    All,
    ForAll,
    Regular,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    along,
    at,
    combination,
    conjunction,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    theorem,
)

SOURCE = ThisLibrary("second-order flow")
alpha, x = sp.symbols("alpha x", real=True)
level, slope = sp.symbols("a b", real=True)
curve, average, moment = (sp.Function(name, real=True) for name in ("x", "y", "M"))
RATE, SHARE, DELAY = DecayRate.exact(alpha), lag_share(alpha), discrete_delay(alpha)
DOMAIN = (*open_unit(alpha), gt(h, 0), ge(t, 0))
UP_TO_NOW = (le(0, tau), le(tau, t))


def averaged(value):
    """y is the exponential average of a curve on [0, t], with its consistent start; ``value`` speaks of tau."""
    follows = eq(sp.Derivative(average(tau), tau), RATE / h * (value - average(tau)))
    start = eq(average(0), average_start(alpha) * value.subs(tau, 0))
    return (Regular(average, 1, 0, t), ForAll(tau, UP_TO_NOW, follows), start)


MOMENT = SequenceDefinition(moment, t, SHARE * curve(t) + (1 - SHARE) * average(t))
ANY = averaged(curve(tau))
# x = 2 - t + t^2/h and its average, in closed form
PARABOLA = 2 - t + t**2 / h
FOLLOWED = PARABOLA - h / RATE * sp.diff(PARABOLA, t) + (h / RATE) ** 2 * sp.diff(PARABOLA, t, t)
FIRST = 2 * average_start(alpha) - FOLLOWED.subs(t, 0)
FITTING = {curve: sp.Lambda(t, PARABOLA), average: sp.Lambda(t, FOLLOWED + FIRST * alpha ** (t / h))}
DRIVEN = RATE / h * (curve(t) + lag(alpha, h) * sp.Derivative(curve(t), t) - moment(t))


@theorem(
    source=SOURCE,
    where=[MOMENT],
    given=[*DOMAIN, Regular(curve, 1, 0, t), *ANY],
    sample=FITTING,
    claim=All((eq(sp.Derivative(moment(t), t), DRIVEN), eq(moment(0), consistent_start(alpha) * curve(0)))),
    runs=False,
)
def lag_corrected_average_equation(proof):
    """share x + (1 - share) y solves h M' = rate (x + lag x' - M) from M(0) = (1 - alpha) x(0), for every C^1 curve x

    y is the exponential average of x.  The mean needs no derivative of x, the equation does."""
    equation = proof.have(ANY[1].body.subs({tau: t}), at(ANY[1], t))
    change, first = proof.statement.claim.parts
    body = SHARE * sp.Derivative(curve(t), t) + (1 - SHARE) * sp.Derivative(average(t), t)
    product = proof.have(eq(change.lhs, body), differentiation)
    now, then = proof.unfold(moment(t)), proof.unfold(moment(sp.Integer(0)))
    start = proof.have(ANY[2], hypothesis)
    change = proof.have(change, combination((product, 1), (equation, 1 - SHARE), (now, RATE / h)))
    first = proof.have(first, combination((then, 1), (start, 1 - SHARE)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(change, first)))


AFFINE = averaged(level + slope * tau)
MEAN = SHARE * (level + slope * t) + (1 - SHARE) * average(t)
SOLUTION = level * (1 - remaining(alpha, t / h)) + slope * (t - DELAY * h * (1 - alpha ** (t / h)))
SOLVED = {average: sp.Lambda(t, (SOLUTION - SHARE * (level + slope * t)) / (1 - SHARE)), level: 3 - h}


@theorem(
    source=SOURCE,
    given=[*DOMAIN, *AFFINE],
    sample=SOLVED,
    claim=eq(MEAN, SOLUTION),
    runs=False,
)
def lag_corrected_average_of_affine(proof):
    """Of a + b t the mean is (1 - alpha^(1 + t/h)) a + b (t - kappa h (1 - alpha^(t/h))), kappa = alpha/(1 - alpha)"""
    inside = proof.assume(le(0, x), le(x, t))
    follows = inside.have(AFFINE[1].body.subs({tau: x}), at(AFFINE[1], x))
    kept = alpha ** (x / h)
    gap = (MEAN - SOLUTION).subs(t, x) / kept
    change = sp.Derivative(gap, x)
    motion = SHARE * slope + (1 - SHARE) * sp.Derivative(average(x), x) - sp.diff(SOLUTION.subs(t, x), x)
    written = (motion + RATE / h * (MEAN - SOLUTION).subs(t, x)) / kept
    product = inside.have(eq(change, written), differentiation)
    still = inside.have(eq(0, change), combination((product, -1), (follows, -(1 - SHARE) / kept)))
    ends = proof.have(eq(gap.subs(x, 0), gap.subs(x, t)), along(still, x, 0, t))
    start = proof.have(AFFINE[2], hypothesis)
    scale = alpha ** (t / h)
    return proof.conclude(proof.have(proof.statement.claim, combination((ends, -scale), (start, scale * (1 - SHARE)))))


DISCRETE = SequenceDefinition(m, n, alpha * m(n - 1) + (1 - alpha) * (level + slope * n * h), ((-1, sp.Integer(0)),))
AT_STEP = [eq(t, n * h), *DOMAIN, *AFFINE]


@theorem(source=SOURCE, where=[DISCRETE], given=AT_STEP, sample=SOLVED, claim=eq(MEAN, m(n)), runs=False)
def lag_corrected_average_exact_on_affine(proof):
    """Of a + b t the mean at t = n h is the discrete average m_n itself, for every h and from n = 0 on"""
    general = proof.forget(*(p for p in proof.scope.hypotheses if n in p.free_symbols or t in p.free_symbols))
    claim = eq(m(n), level * (1 - alpha ** (n + 1)) + slope * h * (n - DELAY * (1 - alpha**n)))
    start = general.unfold(m(-1))
    base = general.have(claim.subs({n: sp.Integer(0)}), algebra(general.unfold(m(sp.Integer(0))), start))
    ind = general.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), algebra(ind.unfold(m(n + 1)), ind.have(claim, hypothesis)))
    discrete = general.have(claim, induction(n, base, step))
    time = proof.have(eq(t, n * h), hypothesis)
    mean = proof.cite("lag_corrected_average_of_affine")
    same = proof.have(eq(SOLUTION, claim.rhs), algebra(time))
    weights = (mean, 1), (same, 1), (proof.knowing(discrete).have(claim, hypothesis), -1)
    return proof.conclude(proof.have(proof.statement.claim, combination(*weights)))


@theorem(
    source=SOURCE,
    given=[eq(slope, 0), *DOMAIN, *AFFINE],
    sample=SOLVED,
    claim=eq(MEAN, (1 - remaining(alpha, t / h)) * level),
    runs=False,
)
def consistent_start_constant_gradient(proof):
    """Of a constant a it is (1 - alpha^(1 + t/h)) a, which a bias correction by the same factor makes a at all times"""
    none = proof.have(eq(slope, 0), hypothesis)
    mean = proof.cite("lag_corrected_average_of_affine")
    rest = proof.have(eq(SOLUTION, proof.statement.claim.rhs), algebra(none))
    return proof.conclude(proof.have(proof.statement.claim, combination((mean, 1), (rest, 1))))
