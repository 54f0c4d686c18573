"""Definition 3 of k-Adam is Algorithm 1, for any number of levels; 1-Adam is Adam.

Level i normalises the history of level i - 1 adaptively; level 0 is the gradient (plus any coupled weight decay).
The statements for k = 1, 2, 3 are about the library's own update rules, the others about the family u(n, level).
"""

import sympy as sp

from adamtheory.bounds.kadam import (
    ABOVE,
    algorithm_line,
    average,
    definitions,
    each,
    every_level,
    family,
    level,
    moment_families,
    moments,
    normalised,
    some_levels,
    update,
)
from adamtheory.methods import AdamCoupled, AdamW
from adamtheory.methods.kadam import kadam_rule, level_symbols
from adamtheory.notation import beta, eps, g, gamma, half_open_square, k, m, n, open_unit, theta, u, v, weight_decay
from adamtheory.proof import (
    All,
    GouldTanaka,
    SequenceDefinition,
    algebra,
    at,
    combination,
    conjunction,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    ne,
    polynomial,
    sign,
    squares,
    theorem,
)

b, c = ABOVE
STARTED = [every_level(), ne(g(0), 0)]
DECAYED = g(n) + weight_decay * theta(n)  # the gradient of the loss with coupled weight decay


def unrolled(proof, moment, closed):
    """moment(n) = closed by induction; ``moment`` makes the term at an index."""
    claim = eq(moment(n), closed)
    start = proof.unfold(moment(sp.Integer(-1)))
    base = proof.have(claim.subs({n: sp.Integer(0)}), algebra(proof.unfold(moment(sp.Integer(0))), start))
    ind = proof.assume(claim)
    step = ind.have(claim.subs({n: n + 1}), algebra(ind.unfold(moment(n + 1)), ind.have(claim, hypothesis)))
    return proof.have(claim, induction(n, base, step))


def averages(proof, of, first, second, beta, gamma):
    """Closed sums of both moments of ``of``, each by induction; ``proof`` knows nothing of n."""
    mean = unrolled(proof, first, sp.Sum((1 - gamma) * gamma ** (n - k) * of, (k, 0, n)))
    square = unrolled(proof, second, sp.Sum((1 - beta) * beta ** (n - k) * of**2, (k, 0, n)))
    return mean, square


def normalisation(proof, of, moment, mean, square, beta):
    """The second average is positive where the second moment is, and what its root's inverse is."""
    average_square = average(beta, of**2)
    second = proof.have(eq(average_square, moment / (1 - beta ** (n + 1))), algebra(square))
    positive = proof.have(gt(average_square, 0), combination((second, -1), plus=second.claim.rhs))
    proof = proof.knowing(positive)
    root = sp.sqrt(moment) / sp.sqrt(1 - beta ** (n + 1))
    same = proof.have(eq(sp.sqrt(average_square), root), squares(second))
    weight = -1 / (sp.sqrt(average_square) * root)
    return positive, proof.have(eq(1 / sp.sqrt(average_square), 1 / root), combination((same, weight)))


def rates_above(proof):
    """0 < beta, gamma < 1 at level + 1."""
    return proof.have(every_level().body.subs({each: level + 1}), at(every_level(), level + 1))


@theorem(
    source=GouldTanaka("Definition 3 and Algorithm 1"),
    where=[family(), *moment_families()],
    given=STARTED,
    sample=some_levels,
    claim=All((eq(u(n, level + 1), normalised(u(k, level), b, c)), eq(u(n, level + 1), algorithm_line()))),
)
def kadam_definition_is_algorithm(proof):
    """k-Adam's Definition 3 and Algorithm 1 give the same update at every level and step, for any number of levels."""
    proof = proof.knowing(rates_above(proof))
    of = u(k, level)
    mean, square = averages(proof, of, lambda x: m(level + 1, x), lambda x: v(level + 1, x), b, c)
    defined = proof.cite("kadam_levels_are_defined")
    positive = proof.have(gt(v(level + 1, n), 0), combination((defined, 1 - b ** (n + 1)), (square, -1)))
    proof = proof.knowing(positive, defined)
    inverse = normalisation(proof, of, v(level + 1, n), mean, square, b)[1]
    by_definition = proof.unfold(u(n, level + 1))
    line = proof.have(eq(u(n, level + 1), algorithm_line()), algebra(by_definition, inverse, mean))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(by_definition, line)))


def sources(count, coupled):
    """What level 1, ..., count normalises, at step n."""
    return [DECAYED if coupled else g(n), *(update(i, count)(n) for i in range(1, count))]


def level_statement(count, levels, coupled=False):
    """The declaration that these levels of the library's k-Adam, k = count, are Definition 3's."""
    inputs = sources(count, coupled)
    rates = (s for i in range(1, max(levels) + 1) for s in level_symbols(i))
    parts, given = [], [*open_unit(*rates), ne(inputs[0].subs(n, 0), 0)]
    for i, of in enumerate(inputs, start=1):
        decay = level_symbols(i)
        if i in levels:
            parts.append(eq(update(i, count)(n), normalised(of.subs(n, k), *decay)))
            given.append(gt(moments(i)[1](n), 0))
    return {
        "source": GouldTanaka("Definition 3 and Algorithm 1"),
        "where": definitions(count, coupled=coupled),
        "given": given,
        "claim": parts[0] if len(parts) == 1 else All(tuple(parts)),
        "runs": False,
    }


def level_by_level(proof, count, levels, coupled=False):
    """Closed sums of the moments, then the roots agree."""
    found = []
    everywhere = proof.forget(*(p for p in proof.statement.given if n in p.free_symbols))
    for i in levels:
        beta, decay = level_symbols(i)
        (first, second), source = moments(i), sources(count, coupled)[i - 1].subs(n, k)
        mean, square = averages(everywhere, source, first, second, beta, decay)
        positive, inverse = normalisation(proof, source, second(n), mean, square, beta)
        known = proof.knowing(positive)
        line = known.unfold(update(i, count)(n))
        claim = eq(update(i, count)(n), normalised(source, beta, decay))
        found.append(known.have(claim, algebra(line, mean, inverse)))
    return found[0] if len(found) == 1 else proof.have(proof.statement.claim, conjunction(*found))


@theorem(**level_statement(1, (1,)))
def one_level_is_definition(proof):
    """The library's 1-Adam is Definition 3 with k = 1."""
    return proof.conclude(level_by_level(proof, 1, (1,)))


@theorem(**level_statement(2, (1, 2)))
def two_levels_are_definition(proof):
    """The library's 2-Adam is Definition 3 with k = 2, at both levels."""
    return proof.conclude(level_by_level(proof, 2, (1, 2)))


@theorem(**level_statement(3, (3,)))
def third_level_is_definition(proof):
    """The third level of the library's 3-Adam is Definition 3's; its levels 1 and 2 are 2-Adam's, line by line."""
    return proof.conclude(level_by_level(proof, 3, (3,)))


@theorem(**level_statement(2, (1,), coupled=True))
def first_level_is_definition_with_coupled_decay(proof):
    """With coupled weight decay g_n + lambda theta_n enters level 1; the levels above do not see the difference."""
    return proof.conclude(level_by_level(proof, 2, (1,), coupled=True))


p = sp.Function("p", real=True)  # Adam's update, beside u of 1-Adam


def beside(expression):
    """Adam's own expression with p for its update."""
    return expression.replace(u, p)


def single_statement(method, mode, coupled=False):
    """The declaration that 1-Adam takes the steps of a method of the library, eps >= 0 included."""
    decay = dict(zip(level_symbols(1), (beta, gamma), strict=True))
    single, other = kadam_rule(1, mode, coupled).specialise(decay), method(eps_mode=mode).rule
    known = tuple(
        SequenceDefinition(d.function if d.function != u else p, d.index, beside(d.body), d.initial)
        for d in other.definitions()
    )
    return {
        "source": GouldTanaka("Section 4.3"),
        "where": [*single.definitions(), *known],
        "given": [*half_open_square, ge(eps, 0), gt(v(n) + eps, 0)],
        "claim": All((eq(u(n), p(n)), eq(single.next_iterate(), beside(other.next_iterate())))),
        "runs": False,
    }


def same_steps(proof):
    """Both moments agree by induction, hence the updates and the next iterates."""
    zero, everywhere = sp.Integer(0), proof.forget(proof.statement.given[-1])
    facts = []
    for single, other in zip(moments(1), (m, v), strict=True):
        claim = eq(single(n), other(n))
        starts = [everywhere.unfold(f(sp.Integer(-1))) for f in (single, other)]
        base = everywhere.have(
            claim.subs({n: zero}), algebra(*(everywhere.unfold(f(zero)) for f in (single, other)), *starts)
        )
        ind = everywhere.assume(claim)
        before = ind.have(claim, hypothesis)
        step = ind.have(claim.subs({n: n + 1}), algebra(ind.unfold(single(n + 1)), ind.unfold(other(n + 1)), before))
        facts.append(everywhere.have(claim, induction(n, base, step)))
    claim, line = ge(v(n), 0), everywhere.unfold(v(zero))
    square = line.claim.rhs - beta * v(-1)  # of the first gradient
    base = everywhere.have(claim.subs({n: zero}), sign(square, line, everywhere.unfold(v(sp.Integer(-1)))))
    ind = everywhere.assume(claim)
    following = ind.unfold(v(n + 1))
    step = combination((ind.have(claim, hypothesis), beta), (following, -1), plus=following.claim.rhs - beta * v(n))
    nonnegative = everywhere.have(claim, induction(n, base, ind.have(claim.subs({n: n + 1}), step)))
    proof = proof.knowing(nonnegative, *facts)
    proof = proof.knowing(proof.have(gt(sp.sqrt(v(n)) + eps, 0), polynomial()))
    first, second = proof.unfold(u(n)), proof.unfold(p(n))
    agree = proof.have(eq(u(n), p(n)), algebra(first, second, *facts))
    step = proof.have(proof.statement.claim.parts[1], algebra(agree))
    return proof.have(proof.statement.claim, conjunction(agree, step))


@theorem(**single_statement(AdamW, "paper"))
def one_adam_is_adamw(proof):
    """1-Adam takes AdamW's steps, eps beside sqrt(v_n) (Algorithm 1), for every eps >= 0."""
    return proof.conclude(same_steps(proof))


@theorem(**single_statement(AdamW, "torch"))
def one_adam_is_pytorch_adamw(proof):
    """1-Adam takes AdamW's steps, eps beside the bias-corrected root (PyTorch), for every eps >= 0."""
    return proof.conclude(same_steps(proof))


@theorem(**single_statement(AdamCoupled, "paper", coupled=True))
def one_adam_is_adam_with_coupled_decay(proof):
    """1-Adam with coupled weight decay takes the steps of Adam with coupled weight decay, for every eps >= 0."""
    return proof.conclude(same_steps(proof))
