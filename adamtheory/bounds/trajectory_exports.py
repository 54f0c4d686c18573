"""Source text of the bounds of ``iterate`` and ``norm_growth``: functions of their arguments and of steps, in doubles.

Accurate to 1e-12 at the doubles that are passed, where lr weight_decay is near 0, 1 or 2 as well; steps may be inf.
"""

from __future__ import annotations

import sympy as sp

from adamtheory.bounds.exported.writing import LANGUAGES, Form, write
from adamtheory.validation import one_of


def _form(helper: str, names: str, text: str) -> Form:
    parameters = sp.symbols(names, real=True)
    called = {s: s.name for s in parameters}
    return Form(parameters, sp.S.One, helper, parameters, text=text, names=called)


FORMS = {
    "iterate": _form(
        "_iterate",
        "largest_update lr start weight_decay",
        "No |theta| of AdamW, from |theta| = start, exceeds r^steps start + lr largest_update (1 - r^steps)/(1 - r)"
        " with r = |1 - lr weight_decay|, if no |update| exceeds largest_update. This is its value {when}.",
    ),
    "norm_growth": _form(
        "_norm_growth",
        "gamma initial lr update_squared weight_decay",
        "|W|^2 of scale-invariant weights, from |W|^2 = initial, where |update|^2 stays at update_squared, for momentum"
        " gamma, a constant scalar normaliser and lr weight_decay < 1. This is its value {when}.",
    ),
}


def trajectory_source(name: str, language: str = "python") -> str:
    """Source text of ``name``, "iterate" or "norm_growth"."""
    one_of("name", name, FORMS)
    one_of("language", language, LANGUAGES)
    return write([(name, FORMS[name], False)], language)
