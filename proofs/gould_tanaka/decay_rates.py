"""Three readings of a moving average as an exponential kernel, and the stability regions that they give.

``forward_euler`` 1 - alpha, ``exact`` -ln(alpha), ``first_order`` (1 - alpha)/alpha (the paper's own, Lemma 1).
"""

import sympy as sp

from adamtheory.notation import DecayRate, beta, gamma, open_square, open_unit, stability_exponent
from adamtheory.proof import (
    All,
    Either,
    Iff,
    Implies,
    ThisLibrary,
    cases,
    combination,
    conjunction,
    either,
    eq,
    equivalence,
    ge,
    gt,
    hypothesis,
    implication,
    increasing,
    le,
    lt,
    modus_ponens,
    negation,
    polynomial,
    tangent,
    theorem,
)

alpha = sp.Symbol("alpha", real=True)
EULER, EXACT, FIRST = DecayRate.forward_euler, DecayRate.exact, DecayRate.first_order
C_EULER, C_EXACT, C_FIRST = (stability_exponent(rate=rate) for rate in (EULER, EXACT, FIRST))
ALPHA = open_unit(alpha)


@theorem(
    source=ThisLibrary("decay rates"),
    given=ALPHA,
    claim=All((lt(EULER(alpha), EXACT(alpha)), lt(EXACT(alpha), FIRST(alpha)))),
)
def decay_rates_are_ordered(proof):
    """1 - alpha < -ln(alpha) < (1 - alpha)/alpha: Euler's rate below the exact one, the paper's above it.

    Both are the strict tangent inequality of the logarithm, at alpha and at 1/alpha."""
    low = proof.have(lt(sp.log(alpha), alpha - 1), tangent)
    high = proof.have(lt(sp.log(1 / alpha), 1 / alpha - 1), tangent)
    first = proof.have(lt(EULER(alpha), EXACT(alpha)), combination((low, 1)))
    second = proof.have(lt(EXACT(alpha), FIRST(alpha)), combination((high, 1)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(first, second)))


@theorem(
    source=ThisLibrary("decay rates"),
    given=ALPHA,
    claim=All(
        (
            lt(sp.exp(-FIRST(alpha)), alpha),
            lt(alpha, sp.exp(-EULER(alpha))),
        )
    ),
)
def kernel_memory_over_one_step(proof):
    """Over one step the average itself decays by alpha; the paper's kernel forgets more, Euler's less.

    The exact rate -ln(alpha) is what makes a kernel decay by alpha."""
    ordered = proof.cite("decay_rates_are_ordered")
    low, high = (proof.have(p, hypothesis, using=[ordered]) for p in ordered.claim.parts)
    faster = proof.have(lt(-FIRST(alpha), -EXACT(alpha)), combination((high, 1)))
    slower = proof.have(lt(-EXACT(alpha), -EULER(alpha)), combination((low, 1)))
    above = proof.have(lt(sp.exp(-FIRST(alpha)), sp.exp(-EXACT(alpha))), increasing(faster))
    below = proof.have(lt(sp.exp(-EXACT(alpha)), sp.exp(-EULER(alpha))), increasing(slower))
    first = proof.chain(sp.exp(-FIRST(alpha))).lt(sp.exp(-EXACT(alpha)), hypothesis, using=[above]).eq(alpha).done()
    last = proof.chain(alpha).eq(sp.exp(-EXACT(alpha))).lt(sp.exp(-EULER(alpha)), hypothesis, using=[below]).done()
    return proof.conclude(proof.have(proof.statement.claim, conjunction(first, last)))


@theorem(
    source=ThisLibrary("decay rates"),
    given=open_square,
    claim=All((eq(C_EXACT, sp.log(beta / gamma**2)), Iff(ge(C_EXACT, 0), le(gamma**2, beta)))),
)
def exact_stability_exponent(proof):
    """With exact rates the exponent is ln(beta/gamma^2), so C >= 0 exactly where gamma^2 <= beta."""
    value = proof.have(eq(C_EXACT, sp.log(beta / gamma**2)))
    inside = proof.assume(le(gamma**2, beta))
    logs = inside.have(le(sp.log(gamma**2), sp.log(beta)), increasing(inside.have(le(gamma**2, beta), hypothesis)))
    enough = inside.have(ge(C_EXACT, 0), combination((logs, 1)))
    outside = proof.assume(lt(beta, gamma**2))
    strict = outside.have(lt(sp.log(beta), sp.log(gamma**2)), increasing(outside.have(lt(beta, gamma**2), hypothesis)))
    needed = outside.have(lt(C_EXACT, 0), combination((strict, 1)))
    both = proof.have(Iff(ge(C_EXACT, 0), le(gamma**2, beta)), equivalence(needed, enough))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(value, both)))


@theorem(
    source=ThisLibrary("decay rates"),
    given=open_square,
    claim=All(
        (
            Iff(ge(C_FIRST, 0), ge(beta, gamma / (2 - gamma))),
            Iff(ge(C_EXACT, 0), ge(beta, gamma**2)),
            Iff(ge(C_EULER, 0), ge(beta, 2 * gamma - 1)),
        )
    ),
)
def stability_boundaries(proof):
    """Each convention's region C >= 0 lies right of a curve: beta = gamma/(2 - gamma), gamma^2 and 2 gamma - 1."""
    cited = proof.cite("exact_stability_exponent")
    parts = []
    for p in proof.statement.claim.parts:
        if p.left == ge(C_EXACT, 0):
            parts.append(proof.have(p, hypothesis, using=[cited]))
            continue
        forward = proof.assume(p.left).have(p.right, polynomial())
        backward = proof.assume(p.right).have(p.left, polynomial())
        parts.append(proof.have(p, equivalence(forward, backward)))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


@theorem(
    source=ThisLibrary("decay rates"),
    given=open_square,
    claim=All((Implies(ge(C_FIRST, 0), gt(C_EXACT, 0)), Implies(ge(C_EXACT, 0), gt(C_EULER, 0)))),
)
def stability_regions_nest(proof):
    """The closed regions C >= 0 nest strictly: first_order in the interior of exact, exact in that of forward_euler.

    So C >= 0 in the paper's convention is sufficient for the discrete condition gamma^2 < beta, never necessary."""
    paper = proof.assume(ge(C_FIRST, 0))
    below = paper.have(lt(gamma**2, beta), polynomial())
    logs = paper.have(lt(sp.log(gamma**2), sp.log(beta)), increasing(below))
    first = proof.have(
        Implies(ge(C_FIRST, 0), gt(C_EXACT, 0)), implication(paper.have(gt(C_EXACT, 0), combination((logs, 1))))
    )
    discrete = proof.assume(ge(C_EXACT, 0))
    exact = discrete.cite("exact_stability_exponent")
    same = discrete.have(exact.claim.parts[1], hypothesis, using=[exact])
    square = discrete.have(le(gamma**2, beta), modus_ponens(same, discrete.have(ge(C_EXACT, 0), hypothesis)))
    second = proof.have(
        Implies(ge(C_EXACT, 0), gt(C_EULER, 0)),
        implication(discrete.have(gt(C_EULER, 0), combination((square, 1), plus=(1 - gamma) ** 2))),
    )
    return proof.conclude(proof.have(proof.statement.claim, conjunction(first, second)))


TOUCHING = (
    eq(gamma / (2 - gamma) - gamma**2, gamma * (1 - gamma) ** 2 / (2 - gamma)),
    eq(gamma**2 - (2 * gamma - 1), (1 - gamma) ** 2),
    Iff(eq(gamma / (2 - gamma), gamma**2), Either((eq(gamma, 0), eq(gamma, 1)))),
    Iff(eq(gamma**2, 2 * gamma - 1), eq(gamma, 1)),
)


@theorem(source=ThisLibrary("decay rates"), given=[ge(gamma, 0), le(gamma, 1)], claim=All(TOUCHING))
def stability_boundaries_touch_at_corners(proof):
    """The three boundaries meet only at corners of the closed square.

    At (1, 1) all three are tangent; at (0, 0) the paper's boundary crosses the exact one."""
    gaps = [proof.have(p) for p in TOUCHING[:2]]
    both, one = TOUCHING[2:]
    met = proof.assume(both.left)
    branches = []
    for corner in both.right.parts:
        here = met.assume(corner)
        branches.append((corner, here.have(both.right, either(here.have(corner, hypothesis)))))
    forward = met.have(both.right, cases(*branches))
    apart = proof.assume(negation(both.left))
    elsewhere = [apart.have(p, polynomial()) for p in negation(both.right).parts]
    backward = apart.have(negation(both.right), conjunction(*elsewhere))
    first = proof.have(both, equivalence(forward, backward))
    second = proof.have(
        one,
        equivalence(
            proof.assume(one.left).have(one.right, polynomial()), proof.assume(one.right).have(one.left, polynomial())
        ),
    )
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*gaps, first, second)))
