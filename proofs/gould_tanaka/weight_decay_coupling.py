"""Appendix A's optimizers and Appendix C's remark on weight decay: coupled (Adam) against decoupled (AdamW).

As transcribed, Appendix C writes k for lambda.  eps = 0; one coordinate.
"""

import sympy as sp

from adamtheory.flows.second_order import curve, interpolates, iterates, residual, slope, velocity
from adamtheory.methods import Adam, AdamCoupled, AdamW, Momentum, RMSProp
from adamtheory.notation import (
    beta,
    eps,
    g,
    gamma,
    h,
    k,
    lr,
    m,
    n,
    open_square,
    t,
    theta,
    u,
    v,
    weight_decay,
)
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Regular,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    at,
    combination,
    conjunction,
    differentiation,
    eq,
    gt,
    hypothesis,
    induction,
    le,
    sign,
    squares,
    theorem,
)

ZERO = sp.Integer(0)
ADAM, ADAMW, COUPLED = (method().rule.specialise({eps: 0}) for method in (Adam, AdamW, AdamCoupled))
RMSPROP = RMSProp().rule.specialise({eps: 0})
coupled = {f: sp.Function(f"{f.__name__}_coupled", real=True) for f in (m, v, u)}


def renamed(definitions, names):
    """Definitions with the functions called otherwise."""

    def put(e):
        return e.replace(lambda x: x.func in names, lambda x: names[x.func](*x.args))

    return tuple(
        SequenceDefinition(names.get(d.function, d.function), d.index, put(d.body), d.initial) for d in definitions
    )


BOTH = (*ADAM.definitions(), *renamed(COUPLED.definitions(), coupled))
FIRST, SECOND, UPDATE = (f(n) for f in (m, v, u))


@theorem(
    source=GouldTanaka("Appendix A, Momentum and RMSprop"),
    claim=All(
        (
            eq(Momentum().rule.next_iterate(), theta(n) - lr * u(n)),
            eq(RMSPROP.next_iterate(), theta(n) - lr * u(n)),
            eq(ADAM.next_iterate(), theta(n) - lr * u(n)),
            eq(ADAMW.next_iterate(), ADAM.next_iterate() - lr * weight_decay * theta(n)),
            eq(COUPLED.next_iterate(), ADAM.next_iterate()),
        )
    ),
)
def next_iterates_of_the_methods(proof):
    """Every method steps theta - eta u; AdamW subtracts lambda eta theta_n as well, and coupled decay does not

    That is Appendix C's remark on Equation (1): it has the right sign and scale (its k is lambda)."""
    parts = (proof.have(p) for p in proof.statement.claim.parts)
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


CORRECTED = m(n) / (1 - gamma ** (n + 1)), v(n) / (1 - beta ** (n + 1))


@theorem(
    source=GouldTanaka("Appendix A, Adam"),
    where=ADAM.definitions(),
    given=[*open_square, gt(v(n), 0)],
    claim=eq(u(n), CORRECTED[0] / sp.sqrt(CORRECTED[1])),
)
def adam_as_in_appendix_a(proof):
    """Adam's update is the corrected first moment over the root of the corrected second one, as Appendix A writes it"""
    root = sp.sqrt(v(n)) / sp.sqrt(1 - beta ** (n + 1))
    apart = proof.have(eq(CORRECTED[1], root**2))
    apart = proof.have(eq(sp.sqrt(CORRECTED[1]), root), squares(apart))
    update = proof.unfold(u(n))
    weight = CORRECTED[0] / (sp.sqrt(CORRECTED[1]) * root)
    return proof.conclude(proof.have(proof.statement.claim, combination((update, 1), (apart, weight))))


L = sp.Function("L", real=True)  # the loss along this coordinate
x = sp.Symbol("x", real=True)


@theorem(
    source=GouldTanaka("Appendix A, coupled weight decay"),
    given=[Regular(L, 1, x, x)],
    claim=eq(sp.Derivative(L(x) + weight_decay / 2 * x**2, x), sp.Derivative(L(x), x) + weight_decay * x),
)
def regularised_gradient(proof):
    """The gradient of L + lambda/2 theta^2 is the gradient of L plus lambda theta"""
    return proof.conclude(proof.have(proof.statement.claim, differentiation))


@theorem(
    source=GouldTanaka("Appendix A, coupled weight decay"),
    where=COUPLED.definitions(),
    claim=All(
        (
            eq(m(n), gamma * m(n - 1) + (1 - gamma) * (g(n) + weight_decay * theta(n))),
            eq(v(n), beta * v(n - 1) + (1 - beta) * (g(n) + weight_decay * theta(n)) ** 2),
        )
    ),
)
def coupled_decay_regularises_the_gradient(proof):
    """Adam with coupled decay is Adam on the gradients g_n + lambda theta_n"""
    parts = (proof.have(p, algebra(proof.unfold(p.lhs))) for p in proof.statement.claim.parts)
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


def same(proof, moment):
    """Both recursions agree without decay, by induction."""
    other = coupled[moment]
    claim = eq(other(n), moment(n))
    start = (proof.unfold(f(-1)) for f in (other, moment))
    base = algebra(proof.unfold(other(ZERO)), proof.unfold(moment(ZERO)), *start, undecayed(proof))
    base = proof.have(claim.subs({n: ZERO}), base)
    ind = proof.assume(claim)
    step = algebra(ind.unfold(other(n + 1)), ind.unfold(moment(n + 1)), undecayed(ind), ind.have(claim, hypothesis))
    return proof.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), step)))


def undecayed(proof):
    return proof.have(eq(weight_decay, 0), hypothesis)


@theorem(
    source=GouldTanaka("Appendix A, AdamW"),
    where=BOTH,
    given=[*open_square, eq(weight_decay, 0), gt(v(n), 0)],
    claim=All((eq(coupled[u](n), u(n)), eq(ADAMW.next_iterate(), ADAM.next_iterate()))),
)
def couplings_agree_without_decay(proof):
    """At lambda = 0 both couplings are Adam, on any gradients"""
    updates, iterate = proof.statement.claim.parts
    general = proof.forget(gt(v(n), 0))
    first, second = same(general, m), same(general, v)
    proof = proof.knowing(proof.have(gt(coupled[v](n), 0), combination((second, -1), plus=v(n))))
    updates = proof.have(updates, algebra(proof.unfold(coupled[u](n)), proof.unfold(u(n)), first, second))
    iterate = proof.have(iterate, algebra(undecayed(proof)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(updates, iterate)))


NEXT = ADAMW.next_iterate().subs(n, 0), COUPLED.next_iterate().subs(u(n), coupled[u](n)).subs(n, 0)


@theorem(
    source=ThisLibrary("coupled and decoupled weight decay"),
    where=BOTH,
    given=[*open_square, gt(theta(0), 0), gt(g(0), 0), gt(weight_decay, 0)],
    claim=All((eq(NEXT[0], theta(0) - lr - lr * weight_decay * theta(0)), eq(NEXT[1], theta(0) - lr))),
)
def couplings_differ_with_decay(proof):
    """For lambda > 0 they differ at once: from theta_0 > 0 with g_0 > 0, coupled decay leaves the first step unchanged

    The first update is 1 in both, since normalisation undoes any change of size: after it AdamW is lambda eta theta_0
    lower than Adam with coupled decay."""
    claim, found = proof.statement.claim, []
    for names, gradient in (({m: m, v: v, u: u}, g(0)), (coupled, g(0) + weight_decay * theta(0))):
        moments = []
        for moment, value in ((names[m], (1 - gamma) * gradient), (names[v], (1 - beta) * gradient**2)):
            by = algebra(proof.unfold(moment(ZERO)), proof.unfold(moment(-1)))
            moments.append(proof.have(eq(moment(ZERO), value), by))
        first, second = moments
        near = proof.knowing(first, second)
        near = near.knowing(near.have(gt(names[v](ZERO), 0), sign((1 - beta) * gradient**2, second)))
        root = near.have(eq(names[v](ZERO), (sp.sqrt(1 - beta) * gradient) ** 2), algebra(second))
        root = near.have(eq(sp.sqrt(names[v](ZERO)), sp.sqrt(1 - beta) * gradient), squares(root))
        update = near.unfold(names[u](ZERO))
        inverse = sp.sqrt(1 - beta) * gradient
        weight = -1 / (sp.sqrt(names[v](ZERO)) * inverse)
        inverse = near.have(eq(1 / sp.sqrt(names[v](ZERO)), 1 / inverse), combination((root, weight)))
        found.append(near.have(eq(names[u](ZERO), 1), algebra(update, inverse, first)))
    parts = (proof.have(p, combination((one, -lr))) for p, one in zip(claim.parts, found, strict=True))
    return proof.conclude(proof.have(claim, conjunction(*parts)))


third, s = sp.symbols("G s", real=True)
STEP = (
    gt(h, 0),
    Regular(curve, 3, t, t + h),
    ForAll(s, (le(t, s), le(s, t + h)), le(sp.Abs(sp.Derivative(velocity(s), (s, 2))), third)),
    eq(t, n * h),
)
NO_DECAY = residual(u(n), decay=ZERO)
PASSING = third * s**3 / 12 + s  # a curve within the bound, and the iterates on it
NOW, THEN = (PASSING.subs(s, i * h) for i in (k, k + 1))


@theorem(
    source=GouldTanaka("Appendix C, weight decay"),
    where=[slope()],
    given=[*STEP, iterates(COUPLED), interpolates()],
    sample={curve: sp.Lambda(s, PASSING), theta: sp.Lambda(k, NOW), u: sp.Lambda(k, (NOW - THEN) / lr)},
    claim=le(sp.Abs(NO_DECAY), third * h**3 / 6),
)
def coupled_decay_in_continuous_time(proof):
    """Coupled decay leaves no lambda theta in the equation: h theta' + h^2/2 theta'' = -eta u_n, up to G h^3/6

    The updates u may be any sequence: with coupled decay they are Adam's on the gradients g_k + lambda theta_k, and
    lambda enters by them alone."""
    close = proof.cite("step_of_a_smooth_curve")
    step = proof.have(eq(t, n * h), hypothesis)
    taken, through = iterates(COUPLED), interpolates()
    taken = proof.have(taken.body.subs({taken.variable: n}), at(taken, n))
    starts, ends = (proof.have(through.body.subs({through.variable: i}), at(through, i)) for i in (n, n + 1))
    starts = proof.have(eq(curve(t), theta(n)), algebra(step, starts))
    arrives = proof.have(eq(curve(t + h), curve((n + 1) * h)), algebra(step))
    remainder = close.claim.lhs.args[0]
    weights = (starts, -1), (arrives, 1), (ends, 1), (taken, 1)
    same = proof.have(eq(NO_DECAY, remainder), combination(*weights))
    equal = proof.have(eq(sp.Abs(NO_DECAY), sp.Abs(remainder)), algebra(same))
    return proof.conclude(proof.have(proof.statement.claim, combination((equal, 1), (close, 1))))
