"""k-Adam with epsilon > 0, for any number of levels: every level keeps Adam's exact worst case, without exception.

Without epsilon this needs gradients that start non-zero (``kadam_level_worst_case``); with it nothing is asked of the
gradients, and a level that has seen only zeros has the update 0.  u(n, 0) = g(n).
"""

import sympy as sp

from adamtheory.bounds.adam import geometric_sum, worst_case, worst_case_squared
from adamtheory.bounds.kadam import ABOVE, at_level, average, betas, each, every_level, gammas, level, some_levels
from adamtheory.notation import eps, g, k, n, u
from adamtheory.proof import (
    SequenceDefinition,
    ThisLibrary,
    algebra,
    at,
    combination,
    eq,
    ge,
    gt,
    le,
    sign,
    squares,
    theorem,
)

b, c = ABOVE
CLAIM = le(sp.Abs(u(n, level + 1)), at_level(worst_case(), level + 1))


def with_epsilon(distance):
    """Each level normalises the one before, with ``distance`` (of its beta) beside the bias-corrected root of v."""
    before, beta, gamma = u(k, level - 1), betas(level), gammas(level)
    body = average(gamma, before) / (sp.sqrt(average(beta, before**2)) + distance(beta))
    return SequenceDefinition(u, level, body, ((0, g(n)),), (n,))


def torch_distance(beta):
    return eps


def paper_distance(beta):
    return eps / sp.sqrt(1 - beta ** (n + 1))


def below_worst_case(proof, distance):
    """|u| <= U at the level above, by Cauchy-Schwarz: the slack is a sum of squares and what the distance adds."""
    rates = proof.have(every_level().body.subs({each: level + 1}), at(every_level(), level + 1))
    total, x, corrected = at_level(geometric_sum(), level + 1), u(k, level), 1 - b ** (n + 1)
    first, second = sp.Sum(c ** (n - k) * x, (k, 0, n)), sp.Sum(b ** (n - k) * x**2, (k, 0, n))
    deviation = sp.Sum(b ** (n - k) * (x - (c / b) ** (n - k) * first / total) ** 2, (k, 0, n))
    proof = proof.knowing(rates)
    share = average(b, x**2)
    proof = proof.knowing(proof.have(ge(share, 0), sign((1 - b) / corrected * second)))
    identity = proof.have(eq(second * total, first**2 + total * deviation))
    scale = (1 - c) ** 2 / (1 - c ** (n + 1)) ** 2
    added = distance(b)
    whole = sp.sqrt(share) + added
    line = proof.unfold(u(n, level + 1))
    squared = proof.have(eq(u(n, level + 1) ** 2, scale * first**2 / whole**2), algebra(line))
    rest = corrected / (1 - b) * total * (2 * added * sp.sqrt(share) + added**2)
    slack = scale * (total * deviation + rest) / whole**2
    bound = at_level(worst_case_squared(), level + 1)
    below = combination((squared, 1), (identity, -scale / whole**2), plus=slack)
    return proof.have(CLAIM, squares(proof.have(le(u(n, level + 1) ** 2, bound), below)))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[with_epsilon(paper_distance)],
    given=[every_level(), gt(eps, 0)],
    sample=some_levels,
    claim=CLAIM,
)
def epsilon_keeps_the_worst_case_at_every_level(proof):
    """With epsilon > 0 in Algorithm 1 no level of k-Adam exceeds Adam's exact worst case for its beta and gamma."""
    return proof.conclude(below_worst_case(proof, paper_distance))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[with_epsilon(torch_distance)],
    given=[every_level(), gt(eps, 0)],
    sample=some_levels,
    claim=CLAIM,
)
def torch_epsilon_keeps_the_worst_case_at_every_level(proof):
    """The same with epsilon after the bias correction, as in torch.optim.Adam."""
    return proof.conclude(below_worst_case(proof, torch_distance))
