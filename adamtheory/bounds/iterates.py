"""Bounds on the iterates of AdamW, theta_(n+1) = theta_n - lr (u_n + lambda theta_n), one coordinate, where |u| <= U.

``start`` is |theta_0| and ``largest`` is U, each an expression that is not negative; ``steps`` counts the steps taken.
Nothing here checks a hyperparameter: the theorems (``proofs/discrete``) name the region in which a bound holds.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from adamtheory.notation import lr, n, weight_decay


def kept() -> sp.Expr:
    """1 - lr lambda: what one step keeps of the parameters."""
    return 1 - lr * weight_decay


def contracting_bound(start: Any, largest: Any, steps: sp.Expr = n) -> sp.Expr:
    """(1 - lr lambda)^n start + (1 - (1 - lr lambda)^n) largest/lambda, a bound on |theta_n| for 0 < lr lambda <= 1."""
    share = kept() ** steps
    return share * start + (1 - share) * largest / weight_decay


def uniform_bound(start: Any, largest: Any) -> sp.Expr:
    """max(start, largest/lambda), at every step."""
    return sp.Max(start, largest / weight_decay)


def general_bound(start: Any, largest: Any, steps: sp.Expr = n) -> sp.Expr:
    """r^n start + lr largest (1 + r + ... + r^(n - 1)) with r = |1 - lr lambda|, which must not be 1 here."""
    ratio = sp.Abs(kept())
    return ratio**steps * start + lr * largest * (1 - ratio**steps) / (1 - ratio)


def linear_bound(start: Any, largest: Any, steps: sp.Expr = n) -> sp.Expr:
    """The same where |1 - lr lambda| = 1, at lr lambda = 0 and 2: start + n lr largest."""
    return start + steps * lr * largest
