"""Who attains Theorem 1's sharp bound: exactly the gradients proportional to exp(-(1/gamma - 1/beta)(t - tau)/h)."""

import sympy as sp

from adamtheory.bounds import adam_continuous as bounds
from adamtheory.flows.adam import definitions, first_moment, second_moment
from adamtheory.notation import (
    DecayRate,
    beta,
    bias_correction,
    boundary_curve,
    g,
    gamma,
    h,
    m,
    open_square,
    stability_exponent,
    t,
    tau,
    u,
    v,
)
from adamtheory.proof import (
    ForAll,
    Iff,
    Regular,
    SquareIntegrable,
    Supremum,
    ThisLibrary,
    algebra,
    at,
    attained,
    combination,
    eq,
    equivalence,
    for_all,
    ge,
    gt,
    hypothesis,
    instance,
    le,
    lt,
    modus_ponens,
    ne,
    regular_curve,
    sign,
    squares,
    theorem,
    under_integral,
    vanishing_integral,
)

C = stability_exponent()
FIRST, SECOND = DecayRate.first_order(gamma), DecayRate.first_order(beta)
SPAN = (le(0, tau), le(tau, t))
REACH = bounds.reach()
STEP = (*open_square, gt(h, 0), gt(t, 0))
CONTINUOUS = (*STEP, Regular(g, 0, 0, t))
# Numbers try moderate rates only, where quadrature to 50 digits is quick.
MODERATE = {h: t / (1 + t), beta: (1 + 1 / (1 + t)) / 3, gamma: (1 + 1 / (1 + t**2)) / 3}
ON_BOUNDARY = {h: t / (1 + t), beta: gamma / (2 - gamma), gamma: (1 + 1 / (1 + t)) / 2}
multiple = sp.Symbol("c", real=True)
PROPORTIONAL = ForAll(tau, SPAN, eq(g(tau), multiple * bounds.worst_gradient()))
FROM_LAST = ForAll(tau, SPAN, eq(g(tau), g(t) * bounds.worst_gradient()))
# The two factors of Appendix D, and the square that they leave out.
WEIGHT, DECAY = sp.exp(-SECOND * (t - tau) / (2 * h)), sp.exp(-C * (t - tau) / (2 * h))
ROOT = WEIGHT * g(tau) - multiple * DECAY
SQUARE = sp.Integral(ROOT**2, (tau, 0, t))
WORST = ForAll(tau, SPAN, eq(g(tau), bounds.worst_gradient()))


def without_curves(proof):
    """The same proof where only the hyperparameters matter."""
    return proof.forget(*(p for p in proof.scope.hypotheses if p.functions))


def reach_positive(proof):
    """The integral of exp(-C(t - tau)/h) over [0, t], t > 0, is positive."""
    proof = without_curves(proof)
    point = proof.assume(*SPAN).have(lt(0, REACH.function), sign())
    positive = proof.have(lt(sp.Integral(0, (tau, 0, t)), REACH), under_integral(point, tau))
    return proof.have(lt(0, REACH), combination((positive, 1)))


def modus_ponens_on(proof, equivalent, by, premise):
    return proof.have(equivalent.right, modus_ponens(proof.have(equivalent, by), premise))


@theorem(
    source=ThisLibrary(),
    where=[first_moment(), second_moment()],
    given=[*STEP, PROPORTIONAL],
    claim=eq(m(t), multiple * FIRST * REACH / h),
    sample=MODERATE,
)
def worst_gradient_first_moment(proof):
    """m(t) for a gradient proportional to exp(-(1/gamma - 1/beta)(t - tau)/h)"""
    meaning = proof.unfold(m(t))
    inside = proof.assume(*SPAN)
    value = inside.have(PROPORTIONAL.body, at(PROPORTIONAL, tau))
    body = meaning.claim.rhs.function
    target = multiple * FIRST / h * sp.exp(-C * (t - tau) / h)
    point = inside.have(eq(body, target), algebra(value))
    whole = proof.have(eq(meaning.claim.rhs, sp.Integral(target, (tau, 0, t))), under_integral(point, tau))
    return proof.conclude(proof.have(eq(m(t), multiple * FIRST * REACH / h), algebra(meaning, whole)))


@theorem(
    source=ThisLibrary(),
    where=[first_moment(), second_moment()],
    given=[*STEP, PROPORTIONAL],
    claim=eq(v(t), multiple**2 * SECOND * REACH / h),
    sample=MODERATE,
)
def worst_gradient_second_moment(proof):
    """v(t) for a gradient proportional to exp(-(1/gamma - 1/beta)(t - tau)/h)"""
    meaning = proof.unfold(v(t))
    inside = proof.assume(*SPAN)
    value = inside.have(PROPORTIONAL.body, at(PROPORTIONAL, tau))
    target = multiple**2 * SECOND / h * sp.exp(-C * (t - tau) / h)
    point = inside.have(eq(meaning.claim.rhs.function, target), algebra(value))
    whole = proof.have(eq(meaning.claim.rhs, sp.Integral(target, (tau, 0, t))), under_integral(point, tau))
    return proof.conclude(proof.have(eq(v(t), multiple**2 * SECOND * REACH / h), algebra(meaning, whole)))


@theorem(
    source=ThisLibrary(),
    where=[first_moment(), second_moment()],
    given=CONTINUOUS,
    claim=eq(SQUARE, h / SECOND * v(t) - 2 * multiple * h / FIRST * m(t) + multiple**2 * REACH),
    sample=MODERATE,
)
def square_behind_cauchy_schwarz(proof):
    """The square that Cauchy-Schwarz between m(t) and v(t) leaves out"""
    moments = (proof.unfold(m(t)), proof.unfold(v(t)))
    return proof.conclude(proof.have(proof.statement.claim, algebra(*moments)))


@theorem(
    source=ThisLibrary(),
    given=CONTINUOUS,
    claim=Iff(eq(SQUARE, 0), PROPORTIONAL),
    sample=MODERATE,
)
def vanishing_square_is_worst_gradient(proof):
    """The square vanishes exactly for continuous gradients proportional to exp(-(1/gamma - 1/beta)(t - tau)/h)"""
    claim, nowhere = proof.statement.claim, ForAll(tau, SPAN, eq(ROOT, 0))
    vanishes = proof.have(Iff(claim.left, nowhere), vanishing_integral(1, ROOT))
    forward, backward = proof.assume(claim.left), proof.assume(claim.right)
    fact = forward.have(nowhere, modus_ponens(vanishes, forward.have(claim.left, hypothesis)))
    inside = forward.knowing(fact).assume(*SPAN)
    here = inside.have(nowhere.body, at(nowhere, tau))
    forward = forward.have(PROPORTIONAL, for_all(inside.have(PROPORTIONAL.body, combination((here, 1 / WEIGHT)))))
    inside = backward.assume(*SPAN)
    here = inside.have(PROPORTIONAL.body, at(PROPORTIONAL, tau))
    fact = backward.have(nowhere, for_all(inside.have(nowhere.body, combination((here, WEIGHT)))))
    backward = backward.have(claim.left, modus_ponens(vanishes, fact))
    return proof.conclude(proof.have(claim, equivalence(forward, backward)))


@theorem(
    source=ThisLibrary(),
    where=[first_moment(), second_moment()],
    given=[*CONTINUOUS, gt(v(t), 0)],
    claim=Iff(eq(m(t) ** 2, FIRST**2 / SECOND * (REACH / h) * v(t)), FROM_LAST),
    sample=MODERATE,
)
def continuous_moments_equality_case(proof):
    """Cauchy-Schwarz for m(t) and v(t) is tight exactly if g(tau) = g(t) exp(-(1/gamma - 1/beta)(t - tau)/h)"""
    equality = proof.statement.claim.left
    proof = proof.knowing(reach_positive(proof))
    left_out, shape = proof.cite("square_behind_cauchy_schwarz"), proof.cite("vanishing_square_is_worst_gradient")
    # At equality the right multiple of the worst gradient leaves nothing out, so the gradient is that multiple.
    right = eq(multiple, m(t) * h / (FIRST * REACH))
    forward = proof.assume(equality, right)
    met, chosen = forward.have(equality, hypothesis), forward.have(right, hypothesis)
    weights = (left_out, 1), (met, -(h**2) / (FIRST**2 * REACH)), (chosen, -REACH * (right.rhs - multiple))
    nothing = forward.have(eq(SQUARE, 0), combination(*weights))
    same = forward.have(PROPORTIONAL, modus_ponens(shape, nothing))
    inside = forward.knowing(same).assume(*SPAN)
    here, end = (
        inside.have(PROPORTIONAL.body, at(PROPORTIONAL, tau)),
        inside.have(eq(g(t), multiple), at(PROPORTIONAL, t)),
    )
    here = inside.have(FROM_LAST.body, combination((here, 1), (end, -bounds.worst_gradient())))
    same = forward.have(FROM_LAST, for_all(here))
    forward = proof.assume(equality).have(FROM_LAST, instance(same, {multiple: right.rhs}))
    # A gradient of that shape gives both moments in closed form.
    backward = proof.assume(FROM_LAST)
    moments = (backward.cite(f"worst_gradient_{which}_moment", {multiple: g(t)}) for which in ("first", "second"))
    backward = backward.have(equality, algebra(*moments))
    return proof.conclude(proof.have(proof.statement.claim, equivalence(forward, backward)))


@theorem(
    source=ThisLibrary(),
    where=definitions(),
    given=[*STEP, gt(v(t), 0)],
    claim=Iff(
        eq(u(t) ** 2, bounds.prefactor() ** 2 * (REACH / h)),
        eq(m(t) ** 2, FIRST**2 / SECOND * (REACH / h) * v(t)),
    ),
    sample=MODERATE,
)
def continuous_update_equality_is_of_moments(proof):
    """u(t)^2 meets its bound exactly where m(t)^2 meets Cauchy-Schwarz's"""
    claim = proof.statement.claim
    meaning = proof.unfold(u(t))
    # rhs - u^2 = weight * (rhs - m^2) by the definition of u.
    weight = bias_correction(1 + t / h) ** 2 / v(t)
    spread = u(t) + meaning.claim.rhs
    forward, backward = proof.assume(claim.left), proof.assume(claim.right)
    met = forward.have(claim.left, hypothesis)
    forward = forward.have(claim.right, combination((met, 1 / weight), (meaning, -spread / weight)))
    met = backward.have(claim.right, hypothesis)
    backward = backward.have(claim.left, combination((met, weight), (meaning, spread)))
    return proof.conclude(proof.have(claim, equivalence(forward, backward)))


def equality_case(proof, growth):
    """|u(t)| = bound exactly for the worst gradients; ``growth``: the integral over h is (bound/prefactor)^2."""
    claim, square = proof.statement.claim, bounds.prefactor() ** 2
    bound = claim.left.rhs
    moments = proof.cite("continuous_moments_equality_case")
    update = proof.cite("continuous_update_equality_is_of_moments")
    forward, backward = proof.assume(claim.left), proof.assume(claim.right)
    met = forward.have(claim.left, hypothesis)
    met = forward.have(update.claim.left, combination((met, sp.Abs(u(t)) + bound), (growth, -square)))
    forward = forward.have(moments.claim.left, modus_ponens(update, met))
    forward = proof.assume(claim.left).have(claim.right, modus_ponens(moments, forward))
    met = backward.have(moments.claim.left, modus_ponens(moments, backward.have(claim.right, hypothesis)))
    met = backward.have(update.claim.left, modus_ponens(update, met))
    met = backward.have(eq(u(t) ** 2, bound**2), combination((met, 1), (growth, square)))
    backward = backward.have(claim.left, squares(met))
    return proof.have(claim, equivalence(forward, backward))


@theorem(
    source=ThisLibrary("equality in Theorem 1, C not 0"),
    where=definitions(),
    given=[*CONTINUOUS, gt(v(t), 0), ne(C, 0)],
    claim=Iff(eq(sp.Abs(u(t)), bounds.worst_case()), FROM_LAST),
    sample=MODERATE,
)
def continuous_update_equality_case(proof):
    """Continuous gradients attain the sharp bound exactly if g(tau) = g(t) exp(-(1/gamma - 1/beta)(t - tau)/h)"""
    growth = without_curves(proof).cite("integral_of_the_decay")
    grown = without_curves(proof).have(ge(bounds.growth(), 0), combination((growth, 1), plus=REACH / h))
    return proof.conclude(equality_case(proof.knowing(grown), growth))


@theorem(
    source=ThisLibrary("equality in Theorem 1, C = 0"),
    where=definitions(),
    given=[*CONTINUOUS, gt(v(t), 0), boundary_curve.relation],
    claim=Iff(eq(sp.Abs(u(t)), bounds.worst_case_on_boundary()), FROM_LAST),
    sample=ON_BOUNDARY,
)
def continuous_update_equality_case_on_boundary(proof):
    """On C = 0 too, equality holds exactly for g(tau) = g(t) exp(-(1/gamma - 1/beta)(t - tau)/h)"""
    growth = without_curves(proof).cite("integral_of_the_decay_on_boundary")
    return proof.conclude(equality_case(proof, growth))


AMONG = (SquareIntegrable(g, 0, t), gt(v(t), 0))


def supremum(proof, cited, growth):
    """The bound of ``cited`` is attained by the worst gradient."""
    claim = proof.statement.claim
    upper = proof.assume(*AMONG).cite(cited)
    proof_of_worst = proof.assume(WORST)
    admissible = proof_of_worst.have(AMONG[0], regular_curve)
    second = proof_of_worst.cite("worst_gradient_second_moment", {multiple: 1})
    reach = proof.knowing(reach_positive(proof))
    moving = proof_of_worst.knowing(*reach.scope.facts).have(AMONG[1], sign(SECOND * REACH / h, second))
    first = proof_of_worst.cite("worst_gradient_first_moment", {multiple: 1})
    proof_of_worst = proof_of_worst.knowing(moving)
    update = proof_of_worst.cite("continuous_update_equality_is_of_moments")
    met = proof_of_worst.have(update.claim.right, algebra(first, second))
    met = proof_of_worst.have(update.claim.left, modus_ponens(update, met))
    square = bounds.prefactor() ** 2
    met = proof_of_worst.have(eq(u(t) ** 2, claim.value**2), combination((met, 1), (growth, square)))
    meets = proof_of_worst.have(eq(claim.expr, claim.value), squares(met))
    by = attained(WORST, upper=upper, meets=meets, admissible=(admissible, moving))
    return proof.have(claim, by)


@theorem(
    source=ThisLibrary("Theorem 1, C not 0"),
    where=definitions(),
    given=[*STEP, ne(C, 0)],
    claim=Supremum(sp.Abs(u(t)), g, AMONG, bounds.worst_case()),
    sample=MODERATE,
)
def continuous_update_worst_case(proof):
    """The sharp bound is the maximum of |u(t)| over all square-integrable gradients, where C is not 0"""
    growth = without_curves(proof).cite("integral_of_the_decay")
    grown = without_curves(proof).have(ge(bounds.growth(), 0), combination((growth, 1), plus=REACH / h))
    return proof.conclude(supremum(proof.knowing(grown), "continuous_update_bound", growth))


@theorem(
    source=ThisLibrary("Theorem 1, C = 0"),
    where=definitions(),
    given=[*STEP, boundary_curve.relation],
    claim=Supremum(sp.Abs(u(t)), g, AMONG, bounds.worst_case_on_boundary()),
    sample=ON_BOUNDARY,
)
def continuous_update_worst_case_on_boundary(proof):
    """The printed bound is the maximum of |u(t)| over all square-integrable gradients, where C = 0"""
    growth = without_curves(proof).cite("integral_of_the_decay_on_boundary")
    return proof.conclude(supremum(proof, "continuous_update_bound_on_boundary", growth))
