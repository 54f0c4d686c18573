"""Closed-form bounds of the methods' updates, as SymPy expressions in the hyperparameters and the number of steps."""
