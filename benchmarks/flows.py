"""How fast the flows' solver is: ratios against the published scheme and against SciPy, side by side in one run.

    python benchmarks/flows.py [--repeats 5] [--quick]

1. The damped Picard iteration of Heredia (2024) against exponential time differencing, (theta - 4)^2, Adam, lr 0.01,
   T = 10: seconds, at equal or better measured accuracy (against SciPy's Radau at 1e-11).
2. Gradient evaluations against SciPy's DOP853 at a measured relative error of at most 1e-6 (reference at 1e-10).
   Both control the errors of their steps alone; the exponential solver's default, which estimates the error of the
   whole trajectory as well and which DOP853 has nothing like, stands in brackets.
3. The error falls at the stated order under fixed steps.
4. Peak memory, in arrays of its size, of a trajectory of 10^6 parameters with ``save_at``.

Medians over repeats.  Exit status 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from adamtheory.flows import Loss, MemoryFlow, Trajectory, flow_of, heredia_flow, problem, solve
from adamtheory.methods import Adam

TOLERANCES = tuple(10.0 ** (-k / 4) for k in range(4, 46))


def main() -> int:
    """Run all parts and print one line a goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="without the network and the million parameters")
    arguments = parser.parse_args()
    met = [picard(arguments.repeats), order()]
    cases = [("logistic", 1.0)] + ([] if arguments.quick else [("digits-mlp", 0.2)])
    for name, until in cases:
        for title, make in (("second-order flow", flow_of), ("memory equation", heredia_flow)):
            met.append(evaluations(name, until, title, make(Adam(lr="0.001", eps="1e-8"))))
    if not arguments.quick:
        met.append(memory())
    return 0 if all(met) else 1


def picard(repeats: int) -> bool:
    """The published scheme against the exponential solver."""
    posed = problem("quadratic")
    flow = heredia_flow(Adam(lr="0.01", eps="1e-8"))
    times = np.arange(1001) * flow.duration
    reference = solve(flow, posed.loss, posed.theta0, (0, 10), rtol=1e-11, atol=1e-13, method="radau", save_at=times)

    def error(solved: Trajectory) -> float:
        return float(np.abs(solved.theta - reference.theta).max())

    baseline = solve(flow, posed.loss, posed.theta0, (0, 10), method="picard", save_at=times)
    seconds = _median(lambda: solve(flow, posed.loss, posed.theta0, (0, 10), method="picard"), min(repeats, 3))
    rtol = next(r for r in TOLERANCES if error(_solved(flow, posed, 10.0, r, times, "etd")) <= error(baseline))
    ours = _solved(flow, posed, 10.0, rtol, times, "etd")
    options: dict[str, Any] = {"rtol": rtol, "atol": rtol * 1e-3, "method": "etd"}
    own = _median(lambda: solve(flow, posed.loss, posed.theta0, (0, 10), **options), 10 * repeats)
    return report(
        f"damped Picard: {seconds:.2f} s, error {error(baseline):.1e}; etd: {1000 * own:.2f} ms, "
        f"error {error(ours):.1e}; ratio {seconds / own:,.0f}",
        "1,000",
        seconds / own >= 1000,
    )


def evaluations(name: str, until: float, title: str, flow: MemoryFlow) -> bool:
    """Gradients needed for a relative error of 1e-6, against DOP853."""
    posed = problem(name)
    times = np.linspace(0, until, 21)[1:]
    reference = solve(flow, posed.loss, posed.theta0, (0, until), rtol=1e-10, atol=1e-13, save_at=times)
    scale = float(np.abs(reference.theta).max())

    def needed(method: str, **options: Any) -> tuple[int, float]:
        for rtol in TOLERANCES:
            solved = _solved(flow, posed, until, rtol, times, method, **options)
            error = float(np.abs(solved.theta - reference.theta).max()) / scale
            if error <= 1e-6:
                return solved.gradient_evaluations, error
        raise RuntimeError(f"{method} does not reach 1e-6 on {name}")

    ours, own_error = needed("exponential", estimate="local")
    (whole, _), (theirs, error) = needed("exponential"), needed("dop853")
    return report(
        f"{name}, {title}, t <= {until:g}: {ours} gradients (error {own_error:.1e}), DOP853 {theirs} ({error:.1e}); "
        f"ratio {theirs / ours:.1f} ({theirs / whole:.1f} with an estimate of the whole error)",
        "3",
        theirs / ours >= 3,
    )


def order() -> bool:
    """The slope of the error under fixed steps."""
    posed = problem("logistic")
    flow = heredia_flow(Adam(lr="0.1", eps="1e-8"))
    exact = solve(flow, posed.loss, posed.theta0, (0, 1), rtol=1e-12, atol=1e-14, method="dop853", save_at=[1.0])
    steps = np.array([1 / 32, 1 / 64, 1 / 128, 1 / 256])
    errors = []
    for step in steps:
        options: dict[str, Any] = {"fixed_step": float(step), "max_order": 4}
        solved = solve(flow, posed.loss, posed.theta0, (0, 1), method="exponential", save_at=[1.0], **options)
        errors.append(float(np.abs(solved.theta - exact.theta).max()))
    slope = float(np.polyfit(np.log(steps), np.log(errors), 1)[0])
    shown = ", ".join(f"{e:.1e}" for e in errors)
    return report(f"fixed steps 1/32 ... 1/256, order 4: errors {shown}; slope {slope:.2f}", "3.8", slope >= 3.8)


def memory() -> bool:
    """Arrays of 10^6 numbers alive at once, the loss's own gradient and the start included."""
    size = 1_000_000
    scale = np.linspace(0.5, 2.0, size)
    loss = Loss(lambda x: float(0.5 * (scale * x) @ x), lambda x: scale * x, size, name="a million parameters")
    flow = flow_of(Adam(lr="0.001", eps="1e-8"))
    start = np.ones(size)
    tracemalloc.start()
    solve(flow, loss, start, (0, 0.05), rtol=1e-5, save_at=[0.05])
    peak = tracemalloc.get_traced_memory()[1] / (8 * size)
    tracemalloc.stop()
    return report(f"10^6 parameters: peak of {peak:.1f} arrays", "at most 12", peak <= 12)


def _solved(
    flow: MemoryFlow, posed: Any, until: float, rtol: float, times: Any, method: str, **options: Any
) -> Trajectory:
    options |= {"rtol": rtol, "atol": rtol * 1e-3, "save_at": times, "method": method}
    return solve(flow, posed.loss, posed.theta0, (0, until), **options)


def _median(run: Callable[[], object], repeats: int) -> float:
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def report(text: str, goal: str, met: bool) -> bool:
    """One line, with the goal and whether it is met."""
    print(f"{text}  [goal {goal}: {'met' if met else 'MISSED'}]", flush=True)
    return met


if __name__ == "__main__":
    sys.exit(main())
