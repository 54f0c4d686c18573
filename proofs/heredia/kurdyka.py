"""Preconditioned gradient flows under a Kurdyka-Lojasiewicz inequality, and under none."""

import sympy as sp

from adamtheory.lyapunov.curves import (
    AT_LEAST,
    DESCENT,
    GAP,
    NOW,
    Phi,
    during,
    i,
    least,
    until,
)
from adamtheory.lyapunov.steps import falls_by_gradient, up_to_now
from adamtheory.notation import dimension, g, norm_squared, t, tau
from adamtheory.proof import (
    ThisLibrary,
    along,
    at,
    combination,
    differentiation,
    eq,
    ge,
    gt,
    hypothesis,
    le,
    polynomial,
    theorem,
)
