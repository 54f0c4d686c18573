"""First steps: Adam's largest possible update, as mathematics, as an exact run, and as floats.

    python examples/first_steps.py
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from adamtheory import notation
from adamtheory.lowering import evaluate
from adamtheory.methods import Adam, simulate
from adamtheory.notation import beta, gamma, k

STEPS = 10  # gradients seen


def main() -> None:
    # 1. Symbols. Every formula of the library is a SymPy expression in the field's own names.
    values = {beta: Fraction("0.999"), gamma: Fraction("0.9")}
    exponent = notation.stability_exponent()
    print(f"C(beta, gamma) = {exponent} = {evaluate(exponent, values, 'fraction')} at PyTorch's defaults: bounded")

    # 2. No gradients can move Adam further than this after STEPS steps ...
    largest = notation.bias_correction(sp.Integer(STEPS)) * notation.alignment
    bound_squared = largest**2 * sp.Sum(notation.ratio**k, (k, 0, STEPS - 1))
    exact_bound = evaluate(bound_squared, values, "fraction")

    # 3. ... and these gradients do, older ones being smaller by the factor gamma/beta a step.
    ratio = values[gamma] / values[beta]
    gradients = [ratio**age for age in reversed(range(STEPS))]
    adam = Adam(beta=values[beta], gamma=values[gamma])
    run = simulate(adam, gradients, arithmetic="fraction")
    last = run.updates[-1]
    print(f"after {STEPS} steps u = {float(last**2) ** 0.5:.12f}")
    print(f"its square equals the bound's as a fraction: {last**2 == exact_bound}")

    # 4. The same rule in other arithmetics: nothing was written twice.
    for arithmetic in ("ball", "mpmath", "numpy"):
        print(f"{arithmetic:>8}: u = {simulate(adam, gradients, arithmetic=arithmetic).updates[-1]}")


if __name__ == "__main__":
    main()
