"""What epsilon in the denominator does: the worst case stands, at every level of k-Adam, wherever epsilon is put.

Algorithm 1 ("paper") adds epsilon to sqrt(v_n) before v_n's bias correction, torch.optim.Adam ("torch") after it; the
two are one update with eps_paper = eps_torch sqrt(1 - beta^N).  A level of k-Adam is Adam with some real sequence for
its gradients, and the statements below are about all of them.  With epsilon > 0 they have no exception: where v_n = 0
the update is 0.  One level is only lowered by epsilon; two levels together can be raised by it.
"""

import sympy as sp

from adamtheory.bounds.adam import moment_bound, worst_case
from adamtheory.methods import Adam
from adamtheory.methods.kadam import kadam_rule, level_symbols
from adamtheory.notation import (
    alignment,
    beta,
    bias_correction,
    eps,
    g,
    gamma,
    m,
    n,
    open_square,
    open_unit,
    ratio,
    u,
    v,
)
from adamtheory.proof import (
    All,
    SequenceDefinition,
    ThisLibrary,
    algebra,
    combination,
    conjunction,
    eq,
    ge,
    gt,
    hypothesis,
    induction,
    le,
    ne,
    polynomial,
    printed,
    sign,
    squares,
    theorem,
)

PAPER, TORCH = (Adam(eps_mode=mode).rule.definitions() for mode in ("paper", "torch"))
PLAIN = sp.Function("u_plain", real=True)  # the update without epsilon
TWIN = sp.Function("u_paper", real=True)  # Algorithm 1's update at the epsilon that torch's corresponds to
CORRECTED = eps * sp.sqrt(1 - beta ** (n + 1))
U, P = worst_case(), bias_correction(n + 1)
B = moment_bound()  # a^2 S, the largest m^2/v
TWO, TORCH_TWO = (kadam_rule(2, mode).definitions() for mode in ("paper", "torch"))
U_1 = sp.Function("u_1", real=True)


def renamed(definition, function, epsilon):
    """The same update under another name and with another epsilon."""
    return SequenceDefinition(function, definition.index, definition.body.subs(eps, epsilon))


def bounded(proof, below, distance, update=u, size=U, *, first=m, second=v, front=P):
    """|update(n)| <= U_n, from update = front first/(sqrt(second) + distance) and first^2 <= second a^2 S (below)."""
    unfolded = proof.unfold(update(n))
    denominator = sp.sqrt(second(n)) + distance
    largest = below.claim.rhs / second(n)
    rest = 2 * distance * sp.sqrt(second(n)) + distance**2
    scale = front**2 / denominator**2
    value = proof.have(eq(update(n) ** 2, front**2 * first(n) ** 2 / denominator**2), algebra(unfolded))
    weights = combination((value, 1), (below, scale), plus=scale * largest * rest)
    squared = proof.have(le(update(n) ** 2, front**2 * largest), weights)
    return proof.have(le(sp.Abs(update(n)), size), squares(squared))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=PAPER,
    given=[*open_square, gt(eps, 0)],
    claim=le(sp.Abs(u(n)), U),
    runs=False,  # the runs are torch's
)
def epsilon_keeps_the_worst_case(proof):
    """With epsilon > 0 before the bias correction (Algorithm 1), |u_n| <= U_n for every input sequence."""
    proof = proof.knowing(proof.cite("second_moment_nonnegative"))
    return proof.conclude(bounded(proof, proof.cite("first_moment_bounded_by_second"), eps))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=TORCH,
    given=[*open_square, gt(eps, 0)],
    claim=le(sp.Abs(u(n)), U),
)
def torch_epsilon_keeps_the_worst_case(proof):
    """With epsilon > 0 after the bias correction (torch.optim.Adam), |u_n| <= U_n for every input sequence."""
    proof = proof.knowing(proof.cite("second_moment_nonnegative"))
    return proof.conclude(bounded(proof, proof.cite("first_moment_bounded_by_second"), CORRECTED))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[*TORCH, renamed(PAPER[-1], TWIN, CORRECTED)],
    given=[*open_square, gt(eps, 0)],
    claim=eq(u(n), TWIN(n)),
    runs=False,
)
def places_of_epsilon_correspond(proof):
    """torch's update with eps is Algorithm 1's with eps sqrt(1 - beta^N), N = n + 1."""
    proof = proof.knowing(proof.cite("second_moment_nonnegative"))
    return proof.conclude(proof.have(proof.statement.claim, algebra(proof.unfold(u(n)), proof.unfold(TWIN(n)))))


def lowered(proof, distance):
    """|u(n)| <= |u_plain(n)|: the denominator sqrt(v) becomes sqrt(v) + distance."""
    share, smaller = proof.statement.claim.parts
    share = proof.have(share, algebra(proof.unfold(u(n)), proof.unfold(PLAIN(n))))
    denominator = sp.sqrt(v(n)) + distance
    weight = u(n) + PLAIN(n) * sp.sqrt(v(n)) / denominator
    rest = PLAIN(n) ** 2 * (2 * distance * sp.sqrt(v(n)) + distance**2) / denominator**2
    squared = proof.have(le(u(n) ** 2, PLAIN(n) ** 2), combination((share, weight), plus=rest))
    smaller = proof.have(smaller, squares(squared))
    return proof.have(proof.statement.claim, conjunction(share, smaller))


def lowering(distance):
    """What epsilon does to one level: the update is multiplied by sqrt(v)/(sqrt(v) + distance)."""
    part = sp.sqrt(v(n)) / (sp.sqrt(v(n)) + distance)
    return All((eq(u(n), PLAIN(n) * part), le(sp.Abs(u(n)), sp.Abs(PLAIN(n)))))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[*PAPER, renamed(PAPER[-1], PLAIN, 0)],
    given=[*open_square, ge(eps, 0), gt(v(n), 0)],
    claim=lowering(eps),
    runs=False,  # the runs are torch's
)
def epsilon_lowers_one_level(proof):
    """At one level epsilon only lowers the update: by the factor sqrt(v)/(sqrt(v) + eps) (Algorithm 1)."""
    return proof.conclude(lowered(proof, eps))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[*TORCH, renamed(PAPER[-1], PLAIN, 0)],
    given=[*open_square, ge(eps, 0), gt(v(n), 0)],
    claim=lowering(CORRECTED),
)
def torch_epsilon_lowers_one_level(proof):
    """At one level epsilon only lowers the update: by sqrt(v)/(sqrt(v) + eps sqrt(1 - beta^N)) (torch.optim.Adam)."""
    return proof.conclude(lowered(proof, CORRECTED))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[*TORCH, renamed(PAPER[-1], TWIN, eps)],
    given=[*open_square, gt(eps, 0), eq(v(n), 0)],
    claim=All((eq(m(n), 0), eq(u(n), 0), eq(TWIN(n), 0))),
    sample={g: sp.Lambda(n, sp.Integer(0))},
    runs=False,
)
def epsilon_makes_an_empty_update_zero(proof):
    """Where v_n = 0, which leaves no update without epsilon, epsilon > 0 makes it 0: m_n = 0 there."""
    moment, torch, paper = proof.statement.claim.parts
    below, zero = proof.cite("first_moment_bounded_by_second"), proof.have(eq(v(n), 0), hypothesis)
    none = proof.have(le(m(n) ** 2, 0), combination((below, 1), (zero, B)))
    moment = proof.have(moment, polynomial(), using=[none])
    torch = proof.have(torch, algebra(proof.unfold(u(n)), moment))
    paper = proof.have(paper, algebra(proof.unfold(TWIN(n)), moment))
    return proof.conclude(proof.have(proof.statement.claim, conjunction(moment, torch, paper)))


def level(number):
    """A level of 2-Adam: its hyperparameters, its input, m, v and u, and its own U_n, a^2 S, q, a and P."""
    b, c = level_symbols(number)
    names = (f"m_{number}", f"v_{number}", "u" if number == 2 else "u_1")
    first, second, update = (sp.Function(name, real=True) for name in names)
    shapes = (U, B, ratio, alignment, P)
    return b, c, U_1 if number == 2 else g, first, second, update, *(e.xreplace({beta: b, gamma: c}) for e in shapes)


def moments_of_level(number):
    """What is shown of a level's moments, for any input sequence."""
    _, _, _, first, second, _, _, bound, *_ = level(number)
    return All((ge(second(n), 0), le(first(n) ** 2, second(n) * bound)))


def level_moments(proof, number):
    """v >= 0 and m^2 <= v a^2 S at a level, each by induction."""
    b, c, source, first, second, _, _, bound, q, a, _ = level(number)
    nonnegative, claim = proof.statement.claim.parts
    zero = sp.Integer(0)
    starts = [proof.unfold(x(at)) for at in (zero, sp.Integer(-1)) for x in (first, second)]
    base = proof.have(nonnegative.subs({n: zero}), sign((1 - b) * source(0) ** 2, *starts))
    ind = proof.assume(nonnegative)
    before, following = ind.have(nonnegative, hypothesis), ind.unfold(second(n + 1))
    step = combination((before, b), (following, -1), plus=(1 - b) * source(n + 1) ** 2)
    known = proof.have(nonnegative, induction(n, base, ind.have(nonnegative.subs({n: n + 1}), step)))
    base = proof.have(claim.subs({n: zero}), algebra(*starts))
    ind = proof.assume(claim)
    before, grown = ind.have(claim, hypothesis), ind.cite("worst_case_follows_one_step_bound", {beta: b, gamma: c})
    square = (b * (1 - c) * first(n) - (1 - b) * c * bound * source(n + 1)) ** 2 / (b * (1 - b) * bound)
    share = b * (q * bound + a**2) / bound
    moment, squares_of = ind.unfold(first(n + 1)), ind.unfold(second(n + 1))
    step = combination(
        (before, share),
        (grown, -second(n + 1)),
        (moment, first(n + 1) + moment.claim.rhs),
        (squares_of, -q * bound - a**2),
        plus=square,
    )
    step = ind.have(claim.subs({n: n + 1}), step)
    return proof.have(proof.statement.claim, conjunction(known, proof.have(claim, induction(n, base, step))))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[d for d in TWO if d.function.__name__ in ("m_1", "v_1")],
    given=open_unit(*level_symbols(1)),
    claim=moments_of_level(1),
    runs=False,
)
def moments_of_the_first_level(proof):
    """m_1^2 <= v_1 a^2 S at the first level of k-Adam, for every gradient sequence."""
    return proof.conclude(level_moments(proof, 1))


@theorem(
    source=ThisLibrary("discrete theory"),
    where=[d for d in TWO if d.function.__name__ in ("m_2", "v_2")],
    given=open_unit(*level_symbols(2)),
    claim=moments_of_level(2),
    runs=False,
)
def moments_of_a_later_level(proof):
    """m_2^2 <= v_2 a^2 S at a later level of k-Adam, whatever sequence u_1 enters it."""
    return proof.conclude(level_moments(proof, 2))


def both_levels(proof, distance):
    """|u_1(n)| and |u(n)| below their own U_n; ``distance`` as in ``bounded``, a function of the level's beta."""
    found = []
    for number, name in ((1, "moments_of_the_first_level"), (2, "moments_of_a_later_level")):
        b, _, _, first, second, update, size, _, _, _, front = level(number)
        known = proof.cite(name)
        nonnegative, below = (proof.have(part, hypothesis, using=[known]) for part in known.claim.parts)
        inside = proof.knowing(nonnegative)
        found.append(bounded(inside, below, distance(b), update, size, first=first, second=second, front=front))
    return proof.have(proof.statement.claim, conjunction(*found))


BOTH = All((le(sp.Abs(U_1(n)), level(1)[6]), le(sp.Abs(u(n)), level(2)[6])))
POSITIVE = [*open_unit(*level_symbols(1), *level_symbols(2)), gt(eps, 0)]


@theorem(source=ThisLibrary("discrete theory"), where=TWO, given=POSITIVE, claim=BOTH, runs=False)
def epsilon_keeps_the_worst_case_at_both_levels(proof):
    """With epsilon > 0 each level of 2-Adam keeps its own worst case, for every gradient sequence (Algorithm 1)."""
    return proof.conclude(both_levels(proof, lambda b: eps))


@theorem(source=ThisLibrary("discrete theory"), where=TORCH_TWO, given=POSITIVE, claim=BOTH, runs=False)
def torch_epsilon_keeps_the_worst_case_at_both_levels(proof):
    """With epsilon > 0 after the bias correction each level of 2-Adam keeps its own worst case as well."""
    return proof.conclude(both_levels(proof, lambda b: eps * sp.sqrt(1 - b ** (n + 1))))


def plain(definitions):
    """The same method without epsilon, under other names."""
    others = {d.function: sp.Function(f"{d.function.__name__}_plain", real=True) for d in definitions}

    def put(e):
        return e.subs(eps, 0).replace(lambda x: x.func in others, lambda x: others[x.func](*x.args))

    return [SequenceDefinition(others[d.function], d.index, put(d.body), d.initial) for d in definitions]


epsilon_lowers_two_levels = printed(
    name="epsilon_lowers_two_levels",
    title="Epsilon only lowers the update of 2-Adam, as it does Adam's",
    source=ThisLibrary("discrete theory"),
    where=[*TWO, *plain(TWO)],
    given=[*POSITIVE, ne(g(0), 0)],
    claim=le(sp.Abs(u(n)), sp.Abs(PLAIN(n))),
    witness={
        **dict.fromkeys((level_symbols(1)[0], level_symbols(2)[0]), sp.Rational(1, 4)),
        **dict.fromkeys((level_symbols(1)[1], level_symbols(2)[1]), sp.Rational(1, 2)),
        eps: 1,
        n: 1,
        g: [1, -2],
    },
    repaired="epsilon_keeps_the_worst_case_at_both_levels",
    why="the first level's smaller updates are other gradients for the second, and may suit it better",
)
