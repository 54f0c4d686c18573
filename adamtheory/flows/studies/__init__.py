"""Measurements of flows against discrete methods, as tables: what ``adamtheory flow-tables`` writes."""
