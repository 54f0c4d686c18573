"""Exported functions: ``writing`` prints them, and copies into each what it calls of the file of its language.

The four files ``in_...`` hold the same functions, in the same order.  Sums of powers are pairs (mantissa, scale), which
stand for mantissa * exp(scale), so that a root is right although its square is out of range.
"""
