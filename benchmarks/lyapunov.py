"""How quick rates are, and how many problems a minute are held against them.

    python benchmarks/lyapunov.py [--repeats 20]

1. ``rate`` for each flow, medians over repeats: at most 10 ms.
2. Random strongly convex quadratics of up to 16 parameters, solved to 1e-10 and held against their envelopes, in one
   batch a size: at least 1,000 a minute.

Exit status 1 where a goal is missed, or where a problem leaves its envelope.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

import numpy as np

from adamtheory.flows import heredia_flow
from adamtheory.lyapunov import random_quadratics, rate
from adamtheory.methods import AdaGrad, Adam, Method, RMSProp

METHODS: tuple[tuple[Method, float], ...] = (
    (RMSProp(lr="0.01", beta="0.99", eps="0.1"), 2.0),
    (AdaGrad(lr="0.1", eps="0.1"), 6.0),
    (Adam(lr="0.01", beta="0.99", eps="0.1"), 2.0),
)


def main() -> int:
    """Run both parts and print one line a goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=20)
    repeats = parser.parse_args().repeats
    met = [on_demand(method, repeats) for method, _ in METHODS]
    met.append(problems())
    return 0 if all(met) else 1


def on_demand(method: Method, repeats: int) -> bool:
    """Milliseconds of one rate, its number included."""
    flow = heredia_flow(method)

    def once() -> float:
        return rate(flow, smoothness=10.0, strong_convexity=1.0, initial_gap=1.0).value

    first = time.perf_counter()
    once()
    first = time.perf_counter() - first
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        once()
        seconds.append(time.perf_counter() - started)
    middle = 1000 * statistics.median(seconds)
    took = f"{middle:.1f} ms (the first {1000 * first:.0f} ms)"
    print(f"rate of {method.name}: {took}  [goal at most 10: {verdict(middle <= 10)}]")
    return middle <= 10


def problems() -> bool:
    """Problems a minute, all of them inside their envelopes."""
    count, kept = 0, True
    started = time.perf_counter()
    for method, until in METHODS:
        flow = heredia_flow(method)
        for size, condition in ((1, 1.0), (4, 10.0), (16, 10.0)):
            losses = random_quadratics(200, size, condition, seed=size)
            found = rate(flow, smoothness=condition, strong_convexity=1.0, initial_gap=1.0)
            times = np.linspace(0, until, 41)[1:]
            gaps = losses.along(flow, times, rtol=1e-10, atol=1e-12)
            kept &= bool((gaps <= found.envelope(times)[:, None] * (1 + 1e-8)).all())
            count += 200
    rhythm = 60 * count / (time.perf_counter() - started)
    met = kept and rhythm >= 1000
    inside = "all inside" if kept else "NOT all inside"
    print(f"{count} quadratics, {inside} their envelopes, {rhythm:,.0f} a minute  [goal 1,000: {verdict(met)}]")
    return met


def verdict(met: bool) -> str:
    """In a word."""
    return "met" if met else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
