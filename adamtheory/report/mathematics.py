"""Statements as people write them: Greek letters, powers, sums and relations, on one line of plain Unicode text.

This changes how a text looks and nothing else; no verdict depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from adamtheory.report.vectors import inner_product_text

_NAMES = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu"),
    *("nu", "xi", "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Phi", "Psi", "Omega"),
)
LETTERS = dict(zip(_NAMES, "αβγδεζηθκλμνξπρστφχψωΓΔΘΛΦΨΩ", strict=True))
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
# -a + b in brackets or bars, of two terms: b - a.
_TERM = r"[^\s()|<>]+(?:\([^()]*\)[^\s()|<>]*)?"
_FALLING = re.compile(rf"([(|])-({_TERM}) \+ ({_TERM})([)|])")
# 0 < x, x < 1: in one.
_CHAIN = re.compile(r"(\S+) ([<≤]) (\S+)[,;] \3 ([<≤]) ")
_WORDS = (("log", "ln"), ("Max", "max"), ("Min", "min"))
_SIGNS = (("<=", "≤"), (">=", "≥"), ("!=", "≠"), ("->", "→"), (":=", "≔"))


def readable(text: str) -> str:
    """``text``, in SymPy's notation, as mathematics: ``gamma**2 <= sqrt(beta)`` becomes ``γ² ≤ √β``."""
    for name, rewrite in _CALLS.items():
        text = _rewrite_calls(text, name, rewrite)
    text = re.sub(r"(\|[^|]*\|)\*\*2\*\*(\d+)", lambda m: f"{m[1]}**{2 * int(m[2])}", text)
    for name, word in _WORDS:
        text = re.sub(rf"\b{name}\(", f"{word}(", text)
    for sign, symbol in _SIGNS:
        text = text.replace(sign, symbol)
    # A letter's name stands alone or carries an index: beta, beta_2; never inside another word, but after an integral.
    text = re.sub(r"(?:(?<![A-Za-z_])|(?<=\)d))(" + "|".join(LETTERS) + r")(?![A-Za-z])", lambda m: LETTERS[m[1]], text)
    text = re.sub(r"\*\*(\d+)", lambda m: m[1].translate(_SUPERSCRIPT), text)
    text = re.sub(r"\*\*\((-?\d+)\)", lambda m: m[1].translate(_SUPERSCRIPT), text)
    text = re.sub(r"\boo\b", "∞", text)
    text = re.sub(r"√\((\w+)\)", r"√\1", text)
    text = text.replace("**", "^").replace("*", "·")
    while (rising := _FALLING.sub(r"\1\3 - \2\4", text)) != text:
        text = rising
    return _CHAIN.sub(r"\1 \2 \3 \4 ", text)


def _rewrite_calls(text: str, name: str, rewrite: Callable[[list[str]], str | None]) -> str:
    """Every call ``name(...)`` in the text, through ``rewrite`` of its arguments (None: left as it is)."""
    pattern = re.compile(rf"(?<![A-Za-z0-9_]){name}\(")
    position = 0
    while match := pattern.search(text, position):
        position = match.end()
        end = _closing(text, match.end())
        if end is None:
            return text
        new = rewrite(_arguments(text[match.end() : end]))
        if new is not None:
            text = text[: match.start()] + new + text[end + 1 :]
            position = match.start()
    return text


def _closing(text: str, start: int) -> int | None:
    depth = 1
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at
    return None


def _arguments(text: str) -> list[str]:
    """The text cut at its outermost commas."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _ranged(symbol: str, template: str) -> Callable[[list[str]], str | None]:
    def rewrite(arguments: list[str]) -> str | None:
        if len(arguments) != 2:
            return None
        limits = _arguments(arguments[1][1:-1])
        if len(limits) != 3:
            return None
        body = arguments[0]
        if symbol == "Σ":
            body = _rewrite_calls(body, "Sum", rewrite)  # a norm inside an inner product is one already
            inner = inner_product_text(body, *limits)
            if inner is not None:
                return inner
        return template.format(symbol, body, *limits)

    return rewrite


def _modulus(arguments: list[str]) -> str:
    return f"|{arguments[0]}|"


def _root(arguments: list[str]) -> str:
    norm = re.fullmatch(r"(\|[^|]*\|)\*\*2", arguments[0])
    return norm[1] if norm else f"√({arguments[0]})"


def _derivative(arguments: list[str]) -> str:
    """d/dt, or d²/dt² for (t, 2), of an expression."""
    shown = arguments[0] if re.fullmatch(r"\w+\([\w, ]*\)", arguments[0]) else f"({arguments[0]})"
    for variable in arguments[1:]:
        letter, power = _arguments(variable[1:-1]) if variable.startswith("(") else (variable, "")
        above, below = (f"**{power}", f"**{power}") if power else ("", "")
        shown = f"d{above}/d{letter}{below} {shown}"
    return shown


_CALLS: dict[str, Callable[[list[str]], str | None]] = {
    "Sum": _ranged("Σ", "{0}[{2}={3}..{4}]({1})"),
    "Product": _ranged("Π", "{0}[{2}={3}..{4}]({1})"),
    "Integral": _ranged("∫", "{0}[{2}={3}..{4}]({1})d{2}"),
    "Derivative": _derivative,
    "Abs": _modulus,
    "sqrt": _root,
}


def with_brackets(text: str) -> str:
    """A sentence with ⟨W, u⟩ for <W, u>, which a page in HTML or Markdown could take for a tag."""
    return re.sub(r"<(\S[^<>]*,[^<>]*\S)>", r"⟨\1⟩", text)
