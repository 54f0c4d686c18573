"""For tests of statements about optimizers, the library's own and other people's.

`hyperparameters`, `gradient_sequences` and `adam_cases` are hypothesis strategies (they need the extra `test`);
`sample_gradients` and `sample_hyperparameters` draw the same shapes from a seeded NumPy generator and need no
hypothesis. `assert_encloses` and `assert_narrow` compare balls, and refuse ones too wide to mean anything. All load
on first use.
"""

from __future__ import annotations

from adamtheory._lazy import attach

_EXPORTS = {
    "KINDS": "adamtheory.testing.gradients:KINDS",
    "REGIONS": "adamtheory.testing.regions:REGIONS",
    "adam_cases": "adamtheory.testing.strategies:adam_cases",
    "assert_encloses": "adamtheory.testing.closeness:assert_encloses",
    "assert_narrow": "adamtheory.testing.closeness:assert_narrow",
    "gradient_sequences": "adamtheory.testing.strategies:gradient_sequences",
    "hyperparameters": "adamtheory.testing.strategies:hyperparameters",
    "sample_gradients": "adamtheory.testing.gradients:sample_gradients",
    "sample_hyperparameters": "adamtheory.testing.regions:sample_hyperparameters",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = attach(__name__, _EXPORTS)
