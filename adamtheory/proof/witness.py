"""Witnesses against false claims: ``check_witness`` judges a given one, ``find_witness`` looks for a new one."""

from __future__ import annotations

from adamtheory.proof.refutation import BadWitness, WitnessReport, check_witness, refutes
from adamtheory.proof.witness_search import find_witness

__all__ = ["BadWitness", "WitnessReport", "check_witness", "find_witness", "refutes"]
