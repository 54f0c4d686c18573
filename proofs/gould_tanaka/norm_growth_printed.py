"""Theorem 2: |W(t)|^2 is a decayed integral of |u|^2.  True under its assumptions; false with momentum.

In continuous time phi = |W|^2 solves phi' + 2 lambda phi = eta |u|^2 + R, where R holds what the source neglects:
Theorem 2 follows with an error that is an integral of R.  With momentum R is not small: <W, u> is of first order in
eta.  In discrete time the exact identity is ``norm_identity``, its solution ``norm_closed_form``.
"""

import sympy as sp

from adamtheory.dynamics.definitions import c, descent, scaled_momentum_squared, weights_squared
from adamtheory.dynamics.norms import (
    next_momentum_inner,
    next_norm_squared,
    norm_squared_after,
    norm_squared_as_printed,
)
from adamtheory.notation import (
    W,
    coordinate,
    dimension,
    g,
    gamma,
    inner,
    k,
    lr,
    n,
    open_unit,
    t,
    tau,
    weight_decay,
)
from adamtheory.proof import (
    BigO,
    ForAll,
    GouldTanaka,
    Regular,
    SequenceDefinition,
    algebra,
    antiderivative,
    at,
    combination,
    differentiation,
    eq,
    exchange,
    ge,
    gt,
    instance,
    le,
    polynomial,
    printed,
    theorem,
    under_integral,
    unfolding,
)
from adamtheory.proof import along as along_curve

SOURCE = GouldTanaka("Theorem 2")
phi, S, R = (sp.Function(name, real=True) for name in ("phi", "S", "R"))  # |W|^2, |u|^2, the remainder
s = sp.Symbol("s", real=True)
bound = sp.Symbol("rho", real=True)
decay = sp.exp(-2 * weight_decay * (t - tau))


def norm_equation(rest):
    """phi' + 2 lambda phi = eta |u|^2 + rest, at s."""
    return eq(sp.Derivative(phi(s), s) + 2 * weight_decay * phi(s), lr * S(s) + rest)


def along(equation):
    return (
        ge(t, 0),
        Regular(phi, 1, 0, t),
        Regular(S, 0, 0, t),
        *(Regular(f, 0, 0, t) for f in (R,) if equation.functions & {f}),
        ForAll(s, (le(0, s), le(s, t)), equation),
    )


PRINTED = norm_squared_as_printed(phi(0), S)
ERROR = sp.Integral(decay * R(tau), (tau, 0, t))


def transported(proof, rest):
    """phi(t) = what Theorem 2 prints + the decayed integral of ``rest``, by the integrating factor e^(2 lambda s)."""
    equation = proof.statement.given[-1]
    force = sp.exp(-2 * weight_decay * (t - tau)) * (lr * S(tau) + rest.subs(s, tau))
    factor = sp.exp(-2 * weight_decay * (t - s))
    level = 1 + factor * phi(s) - sp.Integral(force, (tau, 0, s))  # with the 1, both ends have a scale
    inside = proof.assume(*equation.domain)
    here = inside.have(equation.body, at(equation, s))
    slope = factor * (2 * weight_decay * phi(s) + sp.Derivative(phi(s), s) - lr * S(s) - rest)
    slope = inside.have(eq(sp.Derivative(level, s), slope), differentiation)
    flat = inside.have(eq(0, sp.Derivative(level, s)), combination((slope, -1), (here, -factor)))
    ends = proof.have(eq(level.subs(s, 0), level.subs(s, t)), along_curve(flat, s, 0, t))
    # Over [0, 0] the integrand is taken at tau = 0 alone: a constant.
    only = proof.assume(le(0, tau), le(tau, 0))
    point = only.have(eq(force, force.subs(tau, 0)), algebra(only.have(eq(tau, 0), polynomial())))
    none = eq(sp.Integral(force, (tau, 0, 0)), sp.Integral(force.subs(tau, 0), (tau, 0, 0)))
    none = proof.have(none, under_integral(point, tau))
    error = sp.Integral(decay * rest.subs(s, tau), (tau, 0, t))
    return proof.have(eq(phi(t), PRINTED + error), combination((ends, -1), (none, -1)))


@theorem(
    source=SOURCE,
    given=along(norm_equation(sp.S.Zero)),
    sample={lr: 1 + bound**2, S: sp.Lambda(s, (sp.Derivative(phi(s), s) + 2 * weight_decay * phi(s)) / lr)},
    claim=eq(phi(t), PRINTED),
)
def theorem_2_under_its_assumptions(proof):
    """Theorem 2: where phi' + 2 lambda phi = eta |u|^2, |W|^2 is a decayed integral of |u|^2."""
    found = transported(proof, sp.S.Zero)
    return proof.conclude(proof.have(proof.statement.claim, algebra(found)))


REMAINDER = {R: sp.Lambda(s, sp.Derivative(phi(s), s) + 2 * weight_decay * phi(s) - lr * S(s))}


@theorem(
    source=SOURCE,
    given=along(norm_equation(R(s))),
    sample=REMAINDER,
    claim=eq(phi(t) - PRINTED, ERROR),
)
def theorem_2_error(proof):
    """What Theorem 2 leaves out is the decayed integral of the terms that its proof neglects."""
    found = transported(proof, R(s))
    return proof.conclude(proof.have(proof.statement.claim, combination((found, 1))))


SMALL = ForAll(s, (le(0, s), le(s, t)), le(sp.Abs(R(s)), bound))
BOUNDED = {
    R: sp.Lambda(s, bound * sp.exp(-(s**2))),
    S: sp.Lambda(s, (sp.Derivative(phi(s), s) + 2 * weight_decay * phi(s) - R(s)) / lr),
}


def error_bound(proof, most, primitive, weight):
    """|phi(t) - what Theorem 2 prints| <= most, from |R| <= rho; ``weight`` bounds the decay over one interval."""
    exact = proof.cite("theorem_2_error")
    span = (tau, 0, t)
    inside = proof.assume(le(0, tau), le(tau, t))
    here = inside.have(le(sp.Abs(R(tau)), bound), at(SMALL, tau))
    size = sp.Integral(bound * weight, span)
    value = proof.have(eq(size, most), antiderivative(primitive))
    sides = []
    for side in (1, -1):
        less = inside.have(le(side * R(tau), bound), polynomial(), using=[here])
        term = inside.have(le(side * decay * R(tau), bound * decay), combination((less, decay)))
        if weight != decay:
            more = inside.have(ge(bound, 0), combination((here, 1), plus=sp.Abs(R(tau))))
            term = inside.knowing(more).have(
                le(side * decay * R(tau), bound * weight), combination((less, decay), plus=bound * (1 - decay))
            )
        whole = proof.have(le(sp.Integral(term.claim.lhs, span), size), under_integral(term, tau))
        sides.append(proof.have(le(side * exact.claim.lhs, most), combination((whole, 1), (value, 1), (exact, side))))
    return absolute(proof, exact.claim.lhs, most, *sides)


def absolute(proof, value, most, above, beneath):
    """|value| <= most, from value <= most and -value <= most."""
    x, y = sp.symbols("x y", real=True)
    free = proof.forget(*proof.scope.hypotheses).assume(le(x, y), le(-x, y))
    general = free.have(le(sp.Abs(x), y), polynomial())
    mapping = {x: value, y: most}
    return proof.knowing(above, beneath).have(general.claim.subs(mapping), instance(general, mapping))


@theorem(
    source=SOURCE,
    given=[gt(weight_decay, 0), SMALL, *along(norm_equation(R(s)))],
    sample=BOUNDED,
    claim=le(sp.Abs(phi(t) - PRINTED), bound * (1 - sp.exp(-2 * weight_decay * t)) / (2 * weight_decay)),
)
def theorem_2_error_bound(proof):
    """Neglecting at most rho costs at most rho (1 - e^(-2 lambda t))/(2 lambda): bounded for all time if lambda > 0."""
    most = proof.statement.claim.rhs
    return proof.conclude(error_bound(proof, most, bound * decay / (2 * weight_decay), decay))


@theorem(
    source=SOURCE,
    given=[ge(weight_decay, 0), SMALL, *along(norm_equation(R(s)))],
    sample=BOUNDED,
    claim=le(sp.Abs(phi(t) - PRINTED), bound * t),
)
def theorem_2_error_bound_in_time(proof):
    """Neglecting at most rho costs at most rho t, with or without weight decay."""
    return proof.conclude(error_bound(proof, bound * t, bound * tau, sp.S.One))


u, K = (sp.Function(name, real=True) for name in ("u", "K"))  # K: any kernel, at the time t
i = coordinate
SCALAR_UPDATE = SequenceDefinition(u, t, c(t) * sp.Integral(K(tau) * g(i, tau), (tau, 0, t)), (), (i,))
NEGLECTED = ForAll(tau, (le(0, tau), le(tau, t)), eq(inner(W(i, t), g(i, tau)), 0))


@theorem(
    source=GouldTanaka("Theorem 2, Assumptions 1 and 2"),
    where=[SCALAR_UPDATE],
    given=[ge(t, 0), Regular(g, 0, 0, t), Regular(K, 0, 0, t), NEGLECTED],
    sample={dimension: 2, g: sp.Lambda((i, tau), (1 + tau) * (2 * i - 1) * W(1 - i, t))},
    claim=eq(inner(W(i, t), u(i, t)), 0),
)
def update_orthogonal_under_assumption_1(proof):
    """If <W(t), g(tau)> = 0 for all tau <= t, then <W(t), u(t)> = 0 for a scalar normaliser c(t)."""
    span = (tau, 0, t)
    weight = K(tau)
    inside = proof.assume(le(0, tau), le(tau, t))
    none = inside.have(NEGLECTED.body, at(NEGLECTED, tau))
    product = weight * inner(W(i, t), g(i, tau))
    point = inside.have(eq(product, 0), combination((none, weight)))
    total = sp.Integral(product, span)
    vanishing = proof.have(eq(total, sp.Integral(sp.S.Zero, span)), under_integral(point, tau))
    average = sp.Integral(weight * g(i, tau), span)
    swapped = proof.have(eq(inner(W(i, t), average), total), exchange(weight * W(i, t) * g(i, tau)))
    inserted = proof.have(eq(inner(W(i, t), u(i, t)), c(t) * swapped.claim.lhs), unfolding(u))
    none = proof.have(eq(total, 0), algebra(vanishing))
    return proof.conclude(proof.have(proof.statement.claim, combination((inserted, 1), (swapped, c(t)), (none, c(t)))))


BEFORE = ForAll(k, (le(0, k), le(k, n)), eq(inner(W(i, k), g(i, k)), 0))

theorem_2_with_momentum_printed = printed(
    name="theorem_2_with_momentum_printed",
    title="Theorem 2 in discrete time with momentum, from <W_k, g_k> = 0 alone, Assumption 1 not granted: |W_n|^2 is a"
    " decayed sum of eta^2 |u_k|^2",
    source=GouldTanaka("Theorem 2, gamma > 0"),
    where=[*descent],
    given=[*open_unit(gamma), gt(lr, 0), ge(weight_decay, 0), BEFORE],
    claim=eq(weights_squared(n), norm_squared_after(weights_squared(sp.S.Zero), scaled_momentum_squared)),
    witness={
        lr: 1,
        n: 2,
        weight_decay: 0,
        gamma: "1/2",
        dimension: 2,
        c: [1, 1],
        sp.Function("w", real=True): [1, 0],
        g: [[0, 0], [2, 0]],
    },
    repaired="norm_closed_form",
    why="with momentum <W, u> is of first order in eta, as large as eta |u|^2: the growth is short by about"
    " (1 + gamma)/(1 - gamma), 19 at gamma = 0.9; with gamma = 0 it is exact (theorem_2_without_momentum)",
)

R_1, c_0, c_1, M_0, M_1 = sp.symbols("R_1 c_0 c_1 M_0 M_1", real=True)
SECOND = c_1**2 * M_1
THEN = c_1 * next_momentum_inner(sp.S.Zero, c_0, M_0)  # <W_1, u_1>, after one step from <W_0, m_0> = 0

theorem_2_order_with_momentum_printed = printed(
    name="theorem_2_order_with_momentum_printed",
    title="Theorem 2 with momentum is right up to terms of second order: one step, a time eta, errs by O(eta^3)",
    source=GouldTanaka("Theorem 2 'up to order eta', gamma > 0"),
    given=open_unit(gamma),
    claim=BigO(next_norm_squared(R_1, THEN, SECOND) - next_norm_squared(R_1, sp.S.Zero, SECOND), lr, 3),
    witness={gamma: "1/2", weight_decay: 0, c_0: 1, c_1: 1, M_0: 1},
    repaired="norm_identity",
    why="the second step errs by 2 eta^2 gamma (1 - eta lambda) c_0 c_1 |m_0|^2, of the order of the growth itself",
)
