"""The solvers behind ``adamtheory.flows.solve``, one a file."""
