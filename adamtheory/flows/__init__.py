"""Continuous-time limits of the methods, as definitions of curves."""
