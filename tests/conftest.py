"""What every test shares: reproducible hypothesis searches, few threads, and the reason when a GPU test cannot run."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# Set before torch and NumPy load, so this file imports neither at its top: with one test process a core, inner thread
# pools only get in each other's way.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("nightly", parent=settings.get_profile("ci"), derandomize=False, max_examples=2000)
settings.load_profile(os.environ.get("ADAMTHEORY_HYPOTHESIS_PROFILE", "ci"))


def _why_no_gpu() -> str | None:
    try:
        import torch
    except ImportError:
        return "needs torch (pip install 'adamtheory[torch]') and a CUDA device"
    return None if torch.cuda.is_available() else "needs a CUDA device, torch sees none"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wanting = [item for item in items if item.get_closest_marker("gpu")]
    reason = _why_no_gpu() if wanting else None
    if reason:
        for item in wanting:
            item.add_marker(pytest.mark.skip(reason=reason))
