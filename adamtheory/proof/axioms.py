"""The closed list of textbook theorems that rules of this core apply.  A proof file cannot add to it."""

from __future__ import annotations

from adamtheory.proof.kernel import Trust

AXIOMS: dict[str, str] = {
    "Cauchy-Schwarz": "(sum f g)^2 <= sum f^2 sum g^2, and the same for integrals of square-integrable functions; "
    "for continuous f and g with g nowhere zero there is equality iff f is a constant multiple of g",
    "triangle inequality": "|x + y| <= |x| + |y|, |sum x_k| <= sum |x_k|, |integral f| <= integral |f|",
    "fundamental theorem of calculus": "a continuous f with F' = f has integral F(b) - F(a)",
    "monotonicity of the integral": "f <= g on [a, b] gives integral f <= integral g; strict somewhere for continuous "
    "functions on a proper interval gives <",
    "mean value theorem": "f' >= 0 (> 0) between a <= b (a < b) gives f(a) <= f(b) (<)",
    "Taylor": "a C^p function has f(x) = Taylor polynomial of degree p - 1 + O((x - a)^p)",
    "Taylor with Lagrange remainder": "|f(b) - f(a) - f'(a)(b - a)| <= sup|f''| (b - a)^2 / 2",
    "uniqueness for linear ODEs": "y' + p y = q with continuous p, q and y(0) given has one solution",
    "intermediate value theorem": "a continuous function on an interval takes every value between two of its values",
    "limits of powers": "x^n -> 0 for 0 <= x < 1, 1/x^n -> 0 for x > 1, exp(-c s) -> 0 for c > 0, 1/n -> 0",
    "continuity of elementary functions": "limits pass through +, *, / (limit not 0), roots, exp, log",
    "squeeze": "low <= f <= high and low -> L, high -> L give f -> L",
    "convexity of exp": "1 + x <= exp(x), with equality iff x = 0",
    "monotonicity of elementary functions": "exp, log, sqrt, sinh, odd powers are strictly increasing where defined",
    "linearity of expectation": "E[sum c_k X_k] = sum c_k E[X_k] for constants c_k and finite sums",
    "Archimedes": "c n is unbounded for c > 0",
}


def leaning_on(*names: str) -> Trust:
    """A root of trust with axioms of the list."""
    unknown = [name for name in names if name not in AXIOMS]
    if unknown:
        raise KeyError(f"not an axiom of this core: {unknown}")
    return Trust(axioms=frozenset(names))
