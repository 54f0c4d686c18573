"""Norm dynamics of weight matrices under AdamW: the formulas, and what recorded training says about them."""
