"""LaTeX of every form of a statement, and inner products in LaTeX and in text."""

from __future__ import annotations

import pytest
import sympy as sp

from adamtheory.notation import W, beta, coordinate, dimension, g, gamma, h, inner, k, lr, m, n, norm_squared, t, tau, u
from adamtheory.proof.loading import load
from adamtheory.propositions import (
    All,
    BigO,
    Bounded,
    Either,
    ForAll,
    Iff,
    Image,
    Implies,
    Proposition,
    Regular,
    SequenceDefinition,
    SquareIntegrable,
    Supremum,
    Tends,
    eq,
    ge,
    gt,
    le,
    lt,
    ne,
)
from adamtheory.report.latex import conditions, escaped, formula, latex, prose
from adamtheory.report.mathematics import readable, with_brackets

i = coordinate
f = sp.Function("f", real=True)
level = sp.Function("u_1", real=True)


@pytest.mark.parametrize(
    ("e", "shape"),
    [
        (beta * gamma**2, r"\beta \gamma^{2}"),
        (sp.Symbol("beta_1") + sp.Symbol("K_max"), r"K_{\mathrm{max}} + \beta_{1}"),
        (sp.Symbol("slack"), r"\mathrm{slack}"),
        (sp.Dummy("t", real=True), "t"),
        (g(n - 1) ** 2, "g_{n - 1}^{2}"),
        (f(tau) ** 2, r"f(\tau)^{2}"),
        (level(n), "u_{1, n}"),
        (gamma ** (n - k), r"\gamma^{n - k}"),
        (1 - gamma * sp.exp(-h), r"1 - \gamma e^{- h}"),
        (-beta - gamma, r"- \beta - \gamma"),
        (sp.exp(-t / h), r"\exp\left(- \frac{t}{h}\right)"),
        (sp.sqrt(1 - beta), r"\sqrt{1 - \beta}"),
        (sp.Abs(u(n)), r"\lvert u_{n} \rvert"),
        (sp.Abs(u(n) / 2 + 1), r"\left\lvert \frac{u_{n}}{2} + 1 \right\rvert"),
        (sp.sign(g(n)), r"\mathrm{sign}{(g_{n})}"),
        (sp.log(beta), r"\ln{(\beta)}"),
        (sp.Sum(gamma**k * g(k), (k, 0, n)), r"\sum_{k=0}^{n} \gamma^{k} g_{k}"),
        (sp.Sum(g(k) + 1, (k, 0, n)), r"\sum_{k=0}^{n} (g_{k} + 1)"),
        (sp.Sum(g(k), (k, 0, n)) * u(n), r"u_{n} \sum_{k=0}^{n} g_{k}"),
        (sp.Product(g(k), (k, 0, n)), r"\prod_{k=0}^{n} g_{k}"),
        (sp.Integral(f(tau), (tau, 0, t)), r"\int_{0}^{t} f(\tau)\, d\tau"),
        (sp.Derivative(f(t), (t, 2)), r"\frac{d^{2}}{d t^{2}} f(t)"),
        (sp.Function("E", real=True)(g(n)), r"E[g_{n}]"),
    ],
)
def test_expressions(e, shape) -> None:
    assert formula(e) == shape


@pytest.mark.parametrize(
    ("e", "shape", "text"),
    [
        (inner(W(i, n), u(i, n)), r"\langle W_{n}, u_{n} \rangle", "<W(n), u(n)>"),
        (norm_squared(W(i, n)), r"\lVert W_{n} \rVert^{2}", "|W(n)|²"),
        (norm_squared(W(i, n)) ** 2, r"\lVert W_{n} \rVert^{4}", "|W(n)|⁴"),
        (sp.sqrt(norm_squared(W(i, n))), r"\lVert W_{n} \rVert", "|W(n)|"),
        (1 / norm_squared(W(i, n)), r"\frac{1}{\lVert W_{n} \rVert^{2}}", "1/|W(n)|²"),
        (1 / sp.sqrt(norm_squared(W(i, n))), r"\frac{1}{\lVert W_{n} \rVert}", "1/|W(n)|"),
        (norm_squared(W(i, n) - lr * u(i, n)), r"\lVert W_{n} - \eta u_{n} \rVert^{2}", "|W(n) - η·u(n)|²"),
        (inner(lr * W(i, n + 1), u(i, n)), r"\eta \langle W_{n + 1}, u_{n} \rangle", "η·<W(n + 1), u(n)>"),
        (inner(g(i), g(i) - 2 * u(i, n)), r"\langle g - 2 u_{n}, g \rangle", "<g - 2·u(n), g>"),
        (norm_squared(W(i, t)), r"\lVert W(t) \rVert^{2}", "|W(t)|²"),
        (
            inner(W(i, t), sp.Derivative(W(i, t), t)),
            r"\left\langle \frac{d}{d t} W(t), W(t) \right\rangle",
            "<W(t), d/dt W(t)>",
        ),
        (
            inner(W(i, n) / sp.sqrt(norm_squared(W(i, n))), u(i, n)),
            r"\frac{\langle W_{n}, u_{n} \rangle}{\lVert W_{n} \rVert}",
            "<W(n), u(n)>/|W(n)|",
        ),
    ],
)
def test_inner_products(e, shape, text) -> None:
    assert (formula(e), readable(str(e))) == (shape, text)


@pytest.mark.parametrize(
    "e",
    [
        sp.Sum(i * W(i, n), (i, 0, dimension - 1)),
        sp.Sum(W(i, n), (i, 0, dimension - 1)),
        sp.Sum(W(i, n) * u(i, n) * g(i), (i, 0, dimension - 1)),
        sp.Sum(W(i, i) * u(i, n), (i, 0, dimension - 1)),
        sp.Sum((W(i, n) + 1) ** 2, (i, 0, dimension - 1)),
        sp.Sum(W(i, n) ** 3, (i, 0, dimension - 1)),
        sp.Sum(W(i, n) * u(i, n), (i, 0, dimension)),
        sp.Sum(W(i, n) * u(i, n), (i, 1, dimension - 1)),
        sp.Sum(W(k, n) * u(k, n), (k, 0, dimension - 1)),
        sp.Sum(W(i, n) / u(i, n), (i, 0, dimension - 1)),
        sp.Sum(W(i, n) * sp.Abs(u(i, n)), (i, 0, dimension - 1)),
    ],
)
def test_other_sums_stay_sums(e) -> None:
    assert r"\sum" in formula(e)
    assert readable(str(e)).startswith("Σ[")


@pytest.mark.parametrize(
    ("p", "shape"),
    [
        (le(u(n), 1), r"u_{n} \le 1"),
        (ne(beta, gamma), r"\beta \ne \gamma"),
        (All((lt(beta, 1), gt(beta, 0), le(n, k))), r"0 < \beta < 1;\quad n \le k"),
        (Either((lt(beta, 1), gt(beta, 2))), r"\beta < 1 \text{ or } 2 < \beta"),
        (Implies(lt(beta, 1), All((le(m(n), 1),))), r"\beta < 1 \implies \left(m_{n} \le 1\right)"),
        (Iff(lt(beta, 1), eq(m(n), 1)), r"\beta < 1 \iff m_{n} = 1"),
        (
            ForAll(k, (ge(k, 0), le(k, n)), eq(g(k), 0)),
            r"\text{for all } k \text{ with } 0 \le k \le n:\ g_{k} = 0",
        ),
        (Tends(u(n), n, sp.oo, 1), r"u_{n} \to 1 \text{ as } n \to \infty"),
        (Tends(beta, beta, 0, 0), r"\beta \to 0 \text{ as } \beta \to 0^{+}"),
        (BigO(h**2, h, 2), r"h^{2} = O(h^{2}) \text{ as } h \to 0^{+}"),
        (BigO(h, h, 1), r"h = O(h) \text{ as } h \to 0^{+}"),
        (Bounded(u(n) + 1, n), r"\sup_{n \ge 0} \left(u_{n} + 1\right) < \infty"),
        (Bounded(u(n), n, holds=False), r"\sup_{n \ge 0} u_{n} = \infty"),
        (Supremum(u(n), g, (), 2), r"\max_{g} u_{n} = 2"),
        (
            Supremum(u(n), g, (ge(g(0), 1),), 2, attained=False),
            r"\sup_{g} u_{n} = 2 \quad \text{over all } g \text{ with } 1 \le g_{0}",
        ),
        (Image(t**2, t, 0, sp.oo, True, False), r"\left\{ t^{2} : t \text{ real} \right\} = [0, \infty)"),
        (
            SequenceDefinition(m, n, gamma * m(n - 1), ((-1, sp.Integer(0)),)),
            r"m_{n} := \gamma m_{n - 1},\ m_{-1} := 0",
        ),
        (SequenceDefinition(W, n, u(i, n), (), (i,)), r"W_{i, n} := u_{i, n}"),
        (Regular(f, 2, 0, t), r"f \in C^{2}[0, t]"),
        (SquareIntegrable(f, 0, t), r"f \in L^{2}[0, t]"),
    ],
)
def test_propositions(p: Proposition, shape: str) -> None:
    assert latex(p) == shape


def test_bounds_are_merged() -> None:
    given = [gt(beta, 0), lt(beta, 1), gt(u(n), 0), gt(gamma, 0), lt(gamma, 1), le(h, 1), le(k, n)]
    assert conditions(given) == r"0 < \beta, \gamma < 1,\ 0 < u_{n},\ h \le 1,\ k \le n"


def test_prose() -> None:
    assert escaped("100% & #1_{x}\\~^<|") == (
        r"100\% \& \#1\_\{x\}\textbackslash{}\textasciitilde{}\textasciicircum{}$<$$\vert$"
    )
    assert prose("|u_0| ≤ h^2, β_n ★ file_name") == (r"$\vert$$u_{0}$$\vert$ $\le$ h$^{2}$, $\beta_{n}$ ? file\_name")


def test_indices_in_prose() -> None:
    assert prose("w_(n-1), x_{n+1}^2") == "$w_{n-1}$, $x_{n+1}$$^{2}$"


def test_inner_products_in_prose() -> None:
    assert prose("<W_1, u> is 0") == r"$\langle$$W_{1}$, u$\rangle$ is 0"
    assert with_brackets("C < 0, and x > 0, <E', u>") == "C < 0, and x > 0, ⟨E', u⟩"


def test_every_statement_of_the_library_has_a_form() -> None:
    for statement in load().statements:
        for p in (statement.claim, *statement.hypotheses):
            shape = latex(p)
            assert shape.count("{") == shape.count("}"), shape
            assert len([*shape.split(r"\left")]) - shape.count(r"\leftarrow") == len(shape.split(r"\right")), shape
            assert r"\text{claim" not in shape
            assert "$" not in shape, shape
