"""The worst case U_n in closed form: a hyperbolic ratio below its limit, and where it is exactly 1.

q = gamma^2/beta; c = ln(1/gamma) and d = |ln(beta/gamma)| for the hyperbolic form; N = n + 1 gradients.
"""

import sympy as sp

from adamtheory.bounds.adam import (
    definitions,
    geometric_sum,
    worst_case,
    worst_case_limit,
    worst_case_limit_squared,
    worst_case_squared,
)
from adamtheory.notation import beta, gamma, n, open_square, ratio, u, v
from adamtheory.proof import (
    All,
    Tends,
    ThisLibrary,
    algebra,
    cases,
    combination,
    conjunction,
    enclose,
    eq,
    ge,
    gt,
    hypothesis,
    increasing,
    le,
    limit,
    lt,
    ne,
    sign,
    squares,
    telescoping,
    theorem,
)

M, V, U = definitions()
steps = n + 1
x, y = gamma**steps, beta**steps
limit_squared = worst_case_limit_squared()
decay, gap = -sp.log(gamma), sp.Abs(sp.log(beta / gamma))  # c and d
hyperbolic = sp.sinh(gap * steps / 2) / sp.sinh(decay * steps / 2)
shortfall = (y - x) ** 2 / (y * (1 - x) ** 2)
stable = lt(gamma**2, beta)


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, ne(gamma**2, beta)],
    claim=eq(geometric_sum(), (1 - ratio**steps) / (1 - ratio)),
)
def geometric_sum_closed_form(proof):
    """The geometric sum S_n in closed form."""
    j = geometric_sum().variables[0]
    return proof.conclude(proof.have(proof.statement.claim, telescoping(-(ratio**j) / (1 - ratio))))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, ne(gamma**2, beta)],
    claim=eq(worst_case_squared(), limit_squared * (1 - shortfall)),
)
def worst_case_closed_form(proof):
    """U_n^2 in powers of beta and gamma, off the stability boundary gamma^2 = beta."""
    return proof.conclude(proof.have(proof.statement.claim, algebra(proof.cite("geometric_sum_closed_form"))))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, ne(gamma**2, beta)],
    claim=eq(worst_case_squared(), limit_squared * (1 - hyperbolic**2)),
)
def worst_case_hyperbolic_form(proof):
    """U_n^2 = U_inf^2 (1 - (sinh(d N/2)/sinh(c N/2))^2), off the stability boundary gamma^2 = beta."""
    claim = proof.statement.claim
    logarithm = gap.args[0]
    above, below = proof.assume(ge(beta, gamma)), proof.assume(lt(beta, gamma))
    rising = above.have(ge(logarithm, 0), increasing(above.have(ge(beta / gamma, 1), sign((beta - gamma) / gamma))))
    falling = below.have(le(logarithm, 0), increasing(below.have(le(beta / gamma, 1), sign((gamma - beta) / gamma))))
    plain = above.have(eq(gap, logarithm), algebra(), using=[rising])
    turned = below.have(eq(gap, -logarithm), algebra(), using=[falling])
    branches = [
        (side, case.have(claim, algebra(case.cite("worst_case_closed_form"), size)))
        for side, case, size in ((ge(beta, gamma), above, plain), (lt(beta, gamma), below, turned))
    ]
    return proof.conclude(proof.have(claim, cases(*branches)))


@theorem(source=ThisLibrary("discrete theory"), given=open_square, claim=eq(worst_case(sp.Integer(1)), 1))
def worst_case_of_one_gradient(proof):
    """U_0 = 1: one gradient moves Adam by exactly its sign."""
    return proof.conclude(proof.have(proof.statement.claim, algebra()))


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, stable],
    claim=le(worst_case_squared(), limit_squared),
)
def worst_case_squared_below_limit(proof):
    """U_n^2 never exceeds U_inf^2 where gamma^2 < beta."""
    closed = proof.cite("worst_case_closed_form")
    return proof.conclude(proof.have(proof.statement.claim, combination((closed, 1), plus=limit_squared * shortfall)))


@theorem(
    source=ThisLibrary("discrete theory"), given=[*open_square, stable], claim=le(worst_case(), worst_case_limit())
)
def worst_case_below_limit(proof):
    """U_n never exceeds U_inf where gamma^2 < beta."""
    squared = proof.cite("worst_case_squared_below_limit")
    return proof.conclude(proof.have(proof.statement.claim, squares(squared)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[M, V, U],
    given=[*open_square, stable, gt(v(n), 0)],
    claim=le(sp.Abs(u(n)), worst_case_limit()),
)
def max_update_bound_uniform(proof):
    """|u_n| <= U_inf for every n and every gradient sequence where gamma^2 < beta: no prefactor, no dependence on n."""
    return proof.conclude(
        proof.have(
            proof.statement.claim,
            combination((proof.cite("max_update_upper_bound"), 1), (proof.cite("worst_case_below_limit"), 1)),
        )
    )


@theorem(
    source=ThisLibrary("discrete theory"),
    given=[*open_square, stable],
    claim=Tends(worst_case(), n, sp.oo, worst_case_limit()),
)
def worst_case_tends_to_limit(proof):
    """U_n tends to U_inf where gamma^2 < beta, so U_inf cannot be improved."""
    form = sp.sqrt(limit_squared * (1 - y) * (1 - ratio**steps) / (1 - x) ** 2)
    closed = proof.cite("worst_case_closed_form")
    squared = proof.have(eq(worst_case_squared(), form**2), algebra(closed))
    root = proof.have(eq(worst_case(), form), squares(squared))
    return proof.conclude(proof.have(proof.statement.claim, limit(form, root)))


defaults = (eq(beta, 0.999), eq(gamma, 0.9))  # torch.optim.Adam: betas=(0.9, 0.999)


@theorem(
    source=ThisLibrary("discrete theory"),
    given=defaults,
    claim=All((lt(7.27, worst_case_limit()), lt(worst_case_limit(), 7.271))),
)
def worst_case_limit_at_pytorch_defaults(proof):
    """At betas = (0.9, 0.999), U_inf lies between 7.27 and 7.271."""
    box = {beta: (sp.Rational(999, 1000),) * 2, gamma: (sp.Rational(9, 10),) * 2}
    return proof.conclude(
        proof.have(
            proof.statement.claim, conjunction(*(proof.have(p, enclose(box)) for p in proof.statement.claim.parts))
        )
    )


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[M, V, U],
    given=[*defaults, gt(v(n), 0)],
    claim=lt(sp.Abs(u(n)), 7.271),
)
def max_update_at_pytorch_defaults(proof):
    """At betas = (0.9, 0.999) no gradient sequence ever moves a parameter by 7.271 learning rates in one step."""
    enclosed = proof.cite("worst_case_limit_at_pytorch_defaults")
    below = proof.have(enclosed.claim.parts[1], hypothesis, using=[enclosed])
    bound = proof.cite("max_update_bound_uniform")
    return proof.conclude(proof.have(proof.statement.claim, combination((bound, 1), (below, 1))))
