"""The theory of Adam and its relatives: symbolic statements, machine-checked derivations, and runs that test them.

The names below load on first use, so `import adamtheory` costs next to nothing and pulls in neither torch, z3 nor
python-flint.
"""

from __future__ import annotations

from adamtheory._lazy import attach

__version__ = "0.1.0"

_EXPORTS = {
    "Report": "adamtheory.report.report:Report",
    "catalogue": "adamtheory.catalogue",
    "lowering": "adamtheory.lowering",
    "methods": "adamtheory.methods",
    "notation": "adamtheory.notation",
    "proof": "adamtheory.proof",
    "propositions": "adamtheory.propositions",
    "recordings": "adamtheory.recordings",
    "testing": "adamtheory.testing",
    "verify": "adamtheory.verification:verify",
}

__all__ = ["__version__", *_EXPORTS]

__getattr__, __dir__ = attach(__name__, _EXPORTS)
