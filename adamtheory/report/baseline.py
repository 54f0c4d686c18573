"""A baseline of verdicts, kept under version control, and how a report falls behind it.

The file holds no times and no floating-point numbers but the sign of the smallest margin, and is sorted: equal theory
gives an equal file on every machine.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adamtheory.proof.verdict import Result, Verdict
from adamtheory.report.report import Report
from adamtheory.validation import shown

FORMAT = "adamtheory-verdicts"
VERSION = 1

# Verdicts by strength; REFUTED is another kind of answer and comparable with itself alone.
_STRENGTH = {
    Verdict.UNDECIDED: 0,
    Verdict.ASSUMED: 1,
    Verdict.TESTED: 1,
    Verdict.PROVED_TO_ORDER: 2,
    Verdict.PROVED: 3,
}
_TRUST = ("assumptions", "axioms", "solvers", "theorems", "rules")

# Margins are relative and evaluated at 50 digits: what is smaller is an equality up to rounding and has no sign.
_NO_MARGIN = 1e-30


@dataclass(frozen=True)
class Difference:
    """One way in which a report falls behind its baseline."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


def entry(result: Result) -> dict[str, Any]:
    """What the baseline keeps of a result."""
    trust = {kind: sorted(getattr(result.trust, kind)) for kind in sorted(_TRUST)}
    return {"verdict": result.verdict.value, "margin": margin_sign(result.margin), "trust": trust}


def margin_sign(margin: float | None) -> str:
    """ "+", "-", "0" up to rounding, or "" where there is no margin."""
    if margin is None:
        return ""
    return "0" if abs(margin) <= _NO_MARGIN else "+" if margin > 0 else "-"


def write_baseline(path: str | os.PathLike[str], report: Report) -> None:
    """Write the report's verdicts to ``path``, at once or not at all.  OSError when it cannot be written."""
    content = {"format": FORMAT, "version": VERSION, "statements": {r.name: entry(r) for r in report}}
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)  # mkstemp makes it private; a baseline is shared
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def read_baseline(path: str | os.PathLike[str]) -> dict[str, dict[str, Any]]:
    """The statements of a baseline file, by name.  ValueError, in one line, when it cannot be read as one."""
    source = Path(path)
    try:
        content = json.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"baseline {source}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"baseline {source}: it is not JSON ({' '.join(str(error).split())})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"baseline {source}: it does not name the format {FORMAT!r}")
    if content.get("version") != VERSION:
        version = shown(content.get("version"))
        raise ValueError(f"baseline {source}: it has format version {version}, this library reads version {VERSION}")
    statements = content.get("statements")
    if not isinstance(statements, dict) or not all(map(_is_entry, statements.values())):
        raise ValueError(f"baseline {source}: its statements are damaged")
    return statements


def _is_entry(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("verdict") not in [v.value for v in Verdict]:
        return False
    trust = value.get("trust")
    if value.get("margin") not in ("", "+", "-", "0") or not isinstance(trust, dict):
        return False
    return all(isinstance(trust.get(kind), list) and all(isinstance(x, str) for x in trust[kind]) for kind in _TRUST)


def differences(report: Report, baseline: Mapping[str, Mapping[str, Any]]) -> tuple[Difference, ...]:
    """Where the report falls behind: a weaker verdict, a vanished statement, a margin that changed its sign, a root of
    trust that grew.  Of a selection only what was selected is compared; new statements and improvements are none."""
    found: list[Difference] = []
    results = {r.name: r for r in report}
    if report.select is None:
        found += [Difference(name, "it vanished") for name in sorted(set(baseline) - set(results))]
    for name in sorted(set(baseline) & set(results)):
        found += [Difference(name, text) for text in _worse(entry(results[name]), baseline[name])]
    return tuple(found)


def _worse(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[str]:
    found = []
    verdict, before = Verdict(now["verdict"]), Verdict(then["verdict"])
    if _weaker(verdict, before):
        found.append(f"its verdict went from {before.value} to {verdict.value}")
    if {now["margin"], then["margin"]} == {"+", "-"}:
        found.append(f"its smallest margin changed sign, from {then['margin']} to {now['margin']}")
    for kind in _TRUST:
        new = sorted(set(now["trust"][kind]) - set(then["trust"][kind]))
        if new:
            found.append(f"its root of trust grew by the {kind} {', '.join(new)}")
    return found


def _weaker(now: Verdict, then: Verdict) -> bool:
    if Verdict.REFUTED in (now, then):
        return now is not then
    return _STRENGTH[now] < _STRENGTH[then]
