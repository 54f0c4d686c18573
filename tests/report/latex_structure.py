"""A strict reader of the LaTeX that this library writes: what pdflatex would refuse, found without it."""

from __future__ import annotations

import re

ENVIRONMENTS = {"document", "longtable"}
# The kernel of LaTeX, amsmath, longtable, booktabs; nothing else.
COMMANDS = {
    *("documentclass", "usepackage", "begin", "end", "section", "begingroup", "endgroup", "footnotesize"),
    *(
        "allowdisplaybreaks",
        "setlength",
        "LTpre",
        "normallineskiplimit",
        "normallineskip",
        "noindent",
        "hangindent",
        "par",
    ),
    *("quad", "textbf", "textsc", "texttt", "multicolumn", "tabularnewline", "addlinespace", "toprule", "midrule"),
    *("bottomrule", "endhead", "endfoot", "linewidth", "raggedright", "allowbreak", "displaystyle", "text", "mathrm"),
    *("textasciitilde", "textasciicircum", "textbackslash", "left", "right", "lvert", "rvert", "lVert", "rVert"),
    "partial",
    *("langle", "rangle", "frac", "sqrt", "sum", "prod", "int", "sup", "max", "le", "ge", "ne", "to", "infty", "in"),
    *("cdot", "approx", "implies", "iff", "surd", "vert", "exp", "ln", "log", "sinh", "cosh", "tanh", "sin", "cos"),
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi"),
    *("rho", "sigma", "tau", "phi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Phi", "Psi", "Omega"),
}
_TOKEN = re.compile(r"\\([A-Za-z]+)|\\(.)|([{}$&#%^_~])|(.)", re.DOTALL)


def problems(text: str) -> list[str]:
    """What is wrong with a fragment or document, a line each."""
    found: list[str] = []
    braces: list[tuple[str, bool]] = []  # what stood before the brace, and whether in mathematics
    environments: list[str] = []
    mathematics, lefts, cells = False, 0, 0
    at, before = 0, ""
    while match := _TOKEN.match(text, at):
        command, escape, special, other = match.groups()
        at = match.end()
        if command in ("begin", "end"):
            name = re.match(r"\{(\w+)\}", text[at:])
            if name is None or name[1] not in ENVIRONMENTS:
                found.append(f"environment {text[at : at + 20]!r}")
            elif command == "begin":
                environments.append(name[1])
            elif not environments or environments.pop() != name[1]:
                found.append(f"\\end{{{name[1]}}} without its begin")
        elif command is not None:
            if command not in COMMANDS:
                found.append(f"\\{command} is of another package, or unknown")
            lefts += (command == "left") - (command == "right")
            if lefts < 0:
                found.append("\\right without \\left")
            if command == "tabularnewline":
                if cells not in (0, 3):
                    found.append(f"a row of {cells + 1} cells")
                cells = 0
        elif escape is not None and escape not in "&%$#_{}, ;:!":
            found.append(f"\\{escape}")
        elif special == "{":
            # \text and its like leave mathematics.
            braces.append((before, mathematics))
            mathematics = mathematics and before not in ("text", "mathrm")
        elif special == "}":
            if not braces:
                found.append("} without {")
            else:
                _, mathematics = braces.pop()
        elif special == "$":
            if mathematics and lefts:
                found.append("mathematics ends inside \\left")
            mathematics = not mathematics
        elif special == "&":
            cells += 1
        elif special in ("^", "_") and not mathematics:
            found.append(f"{special} outside mathematics: {text[at - 30 : at + 10]!r}")
        elif special in ("#", "%"):
            found.append(f"{special} is not escaped")
        elif other is not None and ord(other) > 255:
            found.append(f"{other!r} needs another encoding")
        before = command or ""
    if braces:
        found.append("{ without }")
    if environments:
        found.append(f"{environments} without end")
    if mathematics:
        found.append("mathematics without end")
    if lefts:
        found.append("\\left without \\right")
    return found
