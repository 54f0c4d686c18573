"""Scale invariance as Section 4.1 uses it: which factors it allows, what it does to gradients, and qk-norm's logits.

The source asks f(alpha W) = f(W) for all real alpha.  With alpha = 0 that makes f constant, and layer normalisation is
odd, not even: the domain is alpha > 0.  The layer normalisation here has neither gain nor bias.
"""

import sympy as sp

from adamtheory.notation import G, coordinate, dimension, eps, inner, j, k, lr, norm_squared
from adamtheory.proof import (
    All,
    ForAll,
    GouldTanaka,
    Regular,
    algebra,
    at,
    combination,
    conjunction,
    eq,
    for_all,
    gt,
    le,
    lt,
    ne,
    printed,
    sign,
    squares,
    theorem,
)

SOURCE = GouldTanaka("Section 4.1")
i = coordinate
alpha, s = sp.symbols("alpha s", real=True)
f, x, y, w, loss, H = (sp.Function(name, real=True) for name in ("f", "x", "y", "w", "l", "H"))
inputs = sp.Symbol("e", integer=True, nonnegative=True)  # entries of an embedding


# -- what it does to gradients -------------------------------------------------------------------------------------

# G(s), H(s): the gradients at X(s) and alpha X(s), on the line X(s) = w + s e with e = alpha H(0) - G(0).
direction = alpha * H(i, 0) - G(i, 0)
line = w(i) + s * direction
NEAR = (le(-1, s), le(s, 1))
slope = sp.Derivative(loss(s), s)
AT_WEIGHTS = ForAll(s, NEAR, eq(slope, inner(G(i, s), direction)))
AT_SCALED = ForAll(s, NEAR, eq(slope, inner(H(i, s), alpha * direction)))


@theorem(
    source=GouldTanaka("Section 4.1, gradients of a scale-invariant loss"),
    given=[Regular(loss, 1, -1, 1), ne(alpha, 0), AT_WEIGHTS, AT_SCALED],
    sample={dimension: 2, H: sp.Lambda((i, s), G(i, s) / alpha), loss: sp.Lambda(s, alpha)},
    claim=eq(norm_squared(direction), 0),
)
def gradient_scales_inversely(proof):
    """Gradients of a scale-invariant loss scale by 1/alpha: |alpha grad L(alpha W) - grad L(W)|^2 = 0.

    L(X(s)) = L(alpha X(s)) along every line X; the chain rule for both sides, on the line in the direction of what is
    claimed to vanish, gives |alpha H - G|^2 = 0."""
    inside = proof.assume(*NEAR)
    first, second = (inside.have(rule.body, at(rule, s)) for rule in (AT_WEIGHTS, AT_SCALED))
    same = inside.have(eq(inner(alpha * H(i, s) - G(i, s), direction), 0), combination((first, 1), (second, -1)))
    along = ForAll(s, NEAR, same.claim)
    known = proof.have(along, for_all(same))
    zero = proof.have(same.claim.subs({s: sp.S.Zero}), at(along, 0), using=[known])
    return proof.conclude(proof.have(proof.statement.claim, combination((zero, 1))))


@theorem(
    source=GouldTanaka("Section 4.1, adaptive effect"),
    given=[gt(alpha, 0)],
    claim=All(
        (
            eq(alpha * w(i) - lr * (G(i, 0) / alpha), alpha * (w(i) - lr / alpha**2 * G(i, 0))),
            eq(alpha * w(i) - lr * x(i), alpha * (w(i) - lr / alpha * x(i))),
        )
    ),
)
def larger_weights_learn_slower(proof):
    """Weights alpha times as large learn like the original ones with a smaller learning rate.

    1/alpha^2 times as large for gradient descent, 1/alpha times for an update that does not change with the size of the
    gradients, as Adam's does not."""
    parts = (proof.have(p) for p in proof.statement.claim.parts)
    return proof.conclude(proof.have(proof.statement.claim, conjunction(*parts)))


# -- the domain ----------------------------------------------------------------------------------------------------

a_1, a_2, b_1, b_2 = sp.symbols("a_1 a_2 b_1 b_2", real=True)


def invariant(first, second):
    """f(alpha W) = f(W) for every real alpha, at W = (first, second)."""
    return ForAll(alpha, (), eq(f(alpha * first, alpha * second), f(first, second)))


@theorem(
    source=GouldTanaka("Section 4.1, 'for all alpha in R'"),
    given=[invariant(a_1, a_2), invariant(b_1, b_2)],
    sample={f: sp.Lambda((s, alpha), lr)},
    claim=eq(f(a_1, a_2), f(b_1, b_2)),
)
def invariance_under_zero_is_constancy(proof):
    """A function invariant under all real factors, zero among them, is constant: each value is that at W = 0."""
    first, second = (proof.have(rule.body.subs({alpha: sp.S.Zero}), at(rule, 0)) for rule in proof.statement.given)
    return proof.conclude(proof.have(proof.statement.claim, combination((first, -1), (second, 1))))


# -- layer normalisation -------------------------------------------------------------------------------------------


def mean(entries):
    """The mean of entries(i) over i."""
    return sp.Sum(entries(j), (j, 0, dimension - 1)) / dimension


def spread(entries):
    """The sum of their squared distances from the mean: zero only where all are equal."""
    return sp.Sum((entries(i) - mean(entries)) ** 2, (i, 0, dimension - 1))


def layer_norm(entries, at=i, epsilon=sp.S.Zero):
    """LN(entries) at one place, without gain and bias."""
    return (entries(at) - mean(entries)) / sp.sqrt(spread(entries) / dimension + epsilon)


def scaled(entries, factor=alpha):
    return lambda place: factor * entries(place)


VARIED = (gt(dimension, 0), gt(spread(x), 0))


def normaliser_scales(proof, entries, factor, size, epsilon=sp.S.Zero):
    """sqrt(var(factor * entries) + factor^2 epsilon) = size * sqrt(var(entries) + epsilon), size = |factor|."""
    inner_root, outer = (
        spread(entries) / dimension + epsilon,
        spread(scaled(entries, factor)) / dimension + factor**2 * epsilon,
    )
    square = proof.have(eq(outer, size**2 * inner_root))
    proof = proof.knowing(square, proof.have(gt(outer, 0), sign(size**2 * inner_root)))
    root = proof.have(eq(sp.sqrt(outer), size * sp.sqrt(inner_root)), squares(square))
    both = size * sp.sqrt(inner_root) * sp.sqrt(outer)
    return proof, proof.have(eq(1 / sp.sqrt(outer), 1 / (size * sp.sqrt(inner_root))), combination((root, -1 / both)))


@theorem(
    source=GouldTanaka("Section 4.1, layer-norm"),
    given=[*VARIED, gt(alpha, 0)],
    claim=eq(layer_norm(scaled(x), k), layer_norm(x, k)),
)
def layer_norm_scale_invariant(proof):
    """Layer normalisation does not see positive factors: LN(alpha x) = LN(x) for alpha > 0 (epsilon = 0)."""
    proof, root = normaliser_scales(proof, x, alpha, alpha)
    return proof.conclude(proof.have(proof.statement.claim, algebra(root)))


@theorem(
    source=GouldTanaka("Section 4.1, layer-norm"),
    given=[*VARIED, gt(eps, 0), gt(alpha, 0)],
    claim=eq(layer_norm(scaled(x), k, alpha**2 * eps), layer_norm(x, k, eps)),
)
def layer_norm_with_epsilon(proof):
    """With epsilon > 0 a factor alpha acts as epsilon/alpha^2 in place of epsilon: invariance is approximate."""
    proof, root = normaliser_scales(proof, x, alpha, alpha, eps)
    return proof.conclude(proof.have(proof.statement.claim, algebra(root)))


@theorem(
    source=GouldTanaka("Section 4.1, layer-norm"),
    given=[*VARIED, lt(alpha, 0)],
    claim=eq(layer_norm(scaled(x), k), -layer_norm(x, k)),
)
def layer_norm_odd(proof):
    """Under negative factors layer normalisation changes sign: LN(alpha x) = -LN(x) for alpha < 0."""
    proof, root = normaliser_scales(proof, x, alpha, -alpha)
    return proof.conclude(proof.have(proof.statement.claim, algebra(root)))


TWO = {dimension: 2, x: [1, -1]}

layer_norm_invariant_under_all_factors_printed = printed(
    name="layer_norm_invariant_under_all_factors_printed",
    title="Layer normalisation is invariant under W -> alpha W for all alpha, alpha != 0 at least",
    source=GouldTanaka("Section 4.1, 'for all alpha in R'"),
    given=[*VARIED, ne(alpha, 0), le(k, dimension - 1)],
    claim=eq(layer_norm(scaled(x), k), layer_norm(x, k)),
    witness={**TWO, alpha: -1, k: 0},
    repaired="layer_norm_scale_invariant",
    why="the domain of the scaling is alpha > 0: layer normalisation is odd, and at alpha = 0 it divides by zero",
)


@theorem(
    source=GouldTanaka("Section 4.1, layer-norm"),
    given=[*VARIED, gt(eps, 0), gt(alpha, 1), gt(x(k), mean(x))],
    claim=lt(layer_norm(x, k, eps), layer_norm(scaled(x), k, eps)),
)
def layer_norm_with_epsilon_not_invariant(proof):
    """With epsilon > 0 a factor alpha > 1 makes normalised entries larger: LN(alpha x)_k > LN(x)_k where x_k > mean."""
    plain, stretched = spread(x) / dimension + eps, spread(scaled(x)) / dimension + eps
    square = proof.have(eq(spread(scaled(x)) / dimension, alpha**2 * (spread(x) / dimension)))
    proof = proof.knowing(
        proof.have(gt(stretched, 0), sign(alpha**2 * spread(x) / dimension + eps, square)),
        proof.have(gt(plain, 0), sign()),
    )
    wider = proof.have(lt(stretched, alpha**2 * plain), combination((square, 1), plus=(alpha**2 - 1) * eps))
    root = proof.have(lt(sp.sqrt(stretched), alpha * sp.sqrt(plain)), squares(wider))
    weight = (x(k) - mean(x)) / (sp.sqrt(stretched) * sp.sqrt(plain))
    return proof.conclude(proof.have(proof.statement.claim, combination((root, weight))))


# -- attention logits ----------------------------------------------------------------------------------------------

query_weights = sp.Function("Q", real=True)
embedding = sp.Function("z", real=True)
key = sp.Function("y", real=True)  # W_K x_j


@theorem(
    source=GouldTanaka("Section 4.1, qk-norm"),
    claim=eq(
        sp.Sum(alpha * query_weights(i, j) * embedding(j), (j, 0, inputs - 1)),
        alpha * sp.Sum(query_weights(i, j) * embedding(j), (j, 0, inputs - 1)),
    ),
)
def query_is_linear_in_weights(proof):
    """(alpha W_Q) x_i = alpha (W_Q x_i): factors of the weights are factors of the queries."""
    return proof.conclude(proof.have(proof.statement.claim))


def logit(query):
    """z_ij = LN(W_Q x_i)^T LN(W_K x_j), of a query and the key."""
    return inner(layer_norm(query), layer_norm(key))


PAIR = (*VARIED, gt(spread(key), 0))


@theorem(
    source=GouldTanaka("Section 4.1, qk-norm"),
    given=[*PAIR, gt(alpha, 0)],
    sample={dimension: 3},
    claim=eq(logit(scaled(x)), logit(x)),
)
def attention_logits_scale_invariant(proof):
    """qk-norm's logits do not change under W_Q -> alpha W_Q, alpha > 0 (likewise W_K)."""
    proof, root = normaliser_scales(proof, x, alpha, alpha)
    return proof.conclude(proof.have(proof.statement.claim, algebra(root)))


@theorem(
    source=GouldTanaka("Section 4.1, qk-norm"),
    given=[*PAIR, lt(alpha, 0)],
    sample={dimension: 3},
    claim=eq(logit(scaled(x)), -logit(x)),
)
def attention_logits_odd(proof):
    """Under W_Q -> alpha W_Q with alpha < 0 qk-norm's logits change sign."""
    proof, root = normaliser_scales(proof, x, alpha, -alpha)
    return proof.conclude(proof.have(proof.statement.claim, algebra(root)))


attention_logits_invariant_under_all_factors_printed = printed(
    name="attention_logits_invariant_under_all_factors_printed",
    title="qk-norm's logits are invariant under W_Q -> alpha W_Q for all alpha, alpha != 0 at least",
    source=GouldTanaka("Section 4.1, qk-norm"),
    given=[*PAIR, ne(alpha, 0)],
    claim=eq(logit(scaled(x)), logit(x)),
    witness={**TWO, key: [1, -1], alpha: -1},
    repaired="attention_logits_scale_invariant",
    why="z_ij -> -z_ij for alpha < 0: the loss is not invariant under all real factors, only under positive ones",
)
