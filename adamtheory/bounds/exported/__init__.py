"""What every export carries inside itself, one file a language: ``adamtheory.bounds.exports`` copies what is called.

The four files hold the same functions, in the same order.  Sums of powers are pairs (mantissa, scale), which stand for
mantissa * exp(scale), so that a root is right although its square is out of range.
"""
