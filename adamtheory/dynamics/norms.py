"""The norm of a weight matrix under AdamW: Theorem 2 of Gould & Tanaka (2024), its repair, and the exact identities.

One step is W_{n+1} = (1 - eta lambda) W_n - eta u_n with u_n = c_n m_n and m_n = gamma m_{n-1} + (1 - gamma) g_n; the
normaliser c_n holds the bias corrections.  Everything here is a SymPy expression in ``notation.lr`` (eta),
``notation.weight_decay`` (lambda), ``notation.gamma`` and in what the caller passes: squared norms such as |u_n|^2 and
inner products such as <W_n, u_n>, as symbols, values of sequences, or sums over coordinates.  A sequence is a function
of the step index, such as an undefined SymPy function.  No function checks a hyperparameter: the theorems that use
these expressions name the region in which they hold.  ``steps`` counts the steps taken since W_0.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from adamtheory.notation import gamma, j, k, lr, n, t, tau, weight_decay

Sequence = Callable[[sp.Expr], sp.Expr]


def shrinkage() -> sp.Expr:
    """d = 1 - eta lambda: what one step of decoupled weight decay leaves of W."""
    return 1 - lr * weight_decay


# -- exact, for every matrix ---------------------------------------------------------------------------------------


def next_norm_squared(norm_squared: sp.Expr, update_inner: sp.Expr, update_squared: sp.Expr) -> sp.Expr:
    """|W_{n+1}|^2 = d^2 |W_n|^2 - 2 eta d <W_n, u_n> + eta^2 |u_n|^2, for any update u_n."""
    d = shrinkage()
    return d**2 * norm_squared - 2 * lr * d * update_inner + lr**2 * update_squared


def norm_squared_after(
    initial: sp.Expr, update_squared: Sequence, update_inner: Sequence | None = None, steps: sp.Expr = n
) -> sp.Expr:
    """|W_n|^2 = d^{2n} |W_0|^2 + sum_{k<n} d^{2(n-1-k)} (eta^2 |u_k|^2 - 2 eta d <W_k, u_k>): the step, unrolled.

    Without ``update_inner`` the inner products are taken as zero: Theorem 2 in discrete time.
    """
    d = shrinkage()
    term = lr**2 * update_squared(k)
    if update_inner is not None:
        term -= 2 * lr * d * update_inner(k)
    return d ** (2 * steps) * initial + sp.Sum(d ** (2 * (steps - 1 - k)) * term, (k, 0, steps - 1))


# -- exact, for a scalar normaliser c_n ----------------------------------------------------------------------------


def next_momentum_inner(
    momentum_inner: sp.Expr, normaliser: sp.Expr, momentum_squared: sp.Expr, gradient_inner: sp.Expr = sp.S.Zero
) -> sp.Expr:
    """s_{n+1} = gamma (d s_n - eta c_n |m_n|^2) + (1 - gamma) <W_{n+1}, g_{n+1}>, with s_n = <W_n, m_n>.

    ``gradient_inner`` is the last inner product, zero for a scale-invariant loss (Lemma 2).
    """
    return gamma * (shrinkage() * momentum_inner - lr * normaliser * momentum_squared) + (1 - gamma) * gradient_inner


def momentum_inner_after(normaliser: Sequence, momentum_squared: Sequence, steps: sp.Expr = n) -> sp.Expr:
    """s_n = -eta gamma sum_{k<n} (gamma d)^{n-1-k} c_k |m_k|^2: the recursion from s_0 = 0, with <W, g> = 0."""
    term = (gamma * shrinkage()) ** (steps - 1 - k) * normaliser(k) * momentum_squared(k)
    return -lr * gamma * sp.Sum(term, (k, 0, steps - 1))


def next_past_inner(past_inner: sp.Expr, normaliser: sp.Expr, momentum_gradient_inner: sp.Expr) -> sp.Expr:
    """<W_{n+1}, g> = d <W_n, g> - eta c_n <m_n, g>, for any g, such as a past gradient."""
    return shrinkage() * past_inner - lr * normaliser * momentum_gradient_inner


def past_inner_after(normaliser: Sequence, momentum_gradient_inner: Sequence, steps: sp.Expr = n) -> sp.Expr:
    """-eta sum_{j<n} d^{n-1-j} c_j <m_j, g>: <W, g> after so many steps from <W, g> = 0; j counts from there."""
    term = shrinkage() ** (steps - 1 - j) * normaliser(j) * momentum_gradient_inner(j)
    return -lr * sp.Sum(term, (j, 0, steps - 1))


# -- Theorem 2 as printed, Equation (8) ----------------------------------------------------------------------------


def norm_squared_as_printed(
    initial: sp.Expr, update_squared: Sequence, time: sp.Expr = t, *, factor: sp.Expr = sp.S.One
) -> sp.Expr:
    """|W(t)|^2 = |W(0)|^2 e^{-2 lambda t} + eta integral_0^t e^{-2 lambda (t - tau)} |u(tau)|^2 dtau, t = n eta.

    ``factor`` multiplies the integral: 1 as printed, ``growth_factor()`` in the repair for slowly varying |u|.
    """
    integrand = sp.exp(-2 * weight_decay * (time - tau)) * update_squared(tau)
    return initial * sp.exp(-2 * weight_decay * time) + lr * factor * sp.Integral(integrand, (tau, 0, time))


def next_norm_squared_as_printed(norm_squared: sp.Expr, update_squared: sp.Expr) -> sp.Expr:
    """Equation (8) over one step, a time eta, in which |u|^2 is constant."""
    held = sp.exp(-2 * weight_decay * lr)
    lasting = sp.Piecewise((lr, sp.Eq(weight_decay, 0)), ((1 - held) / (2 * weight_decay), True))
    return held * norm_squared + lr * lasting * update_squared


# -- its repair where |m| and c vary slowly ------------------------------------------------------------------------


def growth_factor(memory: sp.Expr = gamma) -> sp.Expr:
    """(1 + gamma)/(1 - gamma): by how much momentum multiplies the growth of |W|^2 that Theorem 2 prints.

    With weight decay the memory is gamma d in place of gamma, exactly.
    """
    return (1 + memory) / (1 - memory)


def growth_factor_at(step: sp.Expr = n, memory: sp.Expr = gamma) -> sp.Expr:
    """1 + 2 gamma (1 - gamma^n)/(1 - gamma): that factor in the step from W_n to W_{n+1}; it starts at 1."""
    return 1 + 2 * memory * (1 - memory**step) / (1 - memory)


def steady_update_inner(update_squared: sp.Expr) -> sp.Expr:
    """<W, u> = -eta gamma |u|^2/(1 - gamma d), the fixed point for constant |m| and c: first order in eta."""
    return -lr * gamma * update_squared / (1 - gamma * shrinkage())


def norm_squared_slowly_varying(initial: sp.Expr, update_squared: Sequence, steps: sp.Expr = n) -> sp.Expr:
    """d^{2n} |W_0|^2 + eta^2 growth_factor(gamma d) sum_{k<n} d^{2(n-1-k)} |u_k|^2: the repaired Theorem 2."""
    d = shrinkage()
    total = sp.Sum(d ** (2 * (steps - 1 - k)) * update_squared(k), (k, 0, steps - 1))
    return d ** (2 * steps) * initial + lr**2 * growth_factor(gamma * d) * total


def norm_squared_from_rest(initial: sp.Expr, update_squared: Sequence, steps: sp.Expr = n) -> sp.Expr:
    """d^{2n} |W_0|^2 + eta^2 sum_{k<n} d^{2(n-1-k)} growth_factor_at(k, gamma d) |u_k|^2: with <W_0, m_0> = 0 besides,
    so that the factor of the first steps is smaller."""
    d = shrinkage()
    term = d ** (2 * (steps - 1 - k)) * growth_factor_at(k, gamma * d) * update_squared(k)
    return d ** (2 * steps) * initial + lr**2 * sp.Sum(term, (k, 0, steps - 1))


# -- equilibrium under weight decay: constant |u|, |m|, c ----------------------------------------------------------


def equilibrium_norm_squared(update_squared: sp.Expr) -> sp.Expr:
    """|W|^2 = eta^2 |u|^2 growth_factor(gamma d)/(1 - d^2), about (eta/(2 lambda)) |u|^2 (1 + gamma)/(1 - gamma)."""
    d = shrinkage()
    return lr**2 * update_squared * growth_factor(gamma * d) / (1 - d**2)


def equilibrium_cosine() -> sp.Expr:
    """(d + gamma)/(1 + d gamma): the cosine between W_n and W_{n+1} at equilibrium, whatever the gradients."""
    d = shrinkage()
    return (d + gamma) / (1 + d * gamma)


def equilibrium_rotation() -> sp.Expr:
    """sqrt(2 eta lambda (1 - gamma)/(1 + gamma)): the angle of one step at equilibrium, to leading order."""
    return sp.sqrt(2 * lr * weight_decay * (1 - gamma) / (1 + gamma))
