"""What ``verify`` found, for people and programs: the report, its table, JSON, and comparison with a baseline."""

from __future__ import annotations

from adamtheory.report.baseline import Difference, differences, read_baseline, write_baseline
from adamtheory.report.report import Report

__all__ = ["Difference", "Report", "differences", "read_baseline", "write_baseline"]
