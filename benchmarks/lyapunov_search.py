"""How long a search for an energy of five terms takes: at most 30 seconds, the certificate checked.

    python benchmarks/lyapunov_search.py [--repeats 3]

Medians over repeats.  Exit status 1 where the goal is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

from adamtheory.flows import heredia_flow
from adamtheory.lyapunov import LossClass, search
from adamtheory.methods import Adam

TEMPLATE = "gap,distance,cross,momentum,kinetic"


def main() -> int:
    """Search, check, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    flow = heredia_flow(Adam(lr="0.001", eps="1e-8"))
    losses = LossClass(smoothness=10, strong_convexity=1)
    seconds, held = [], True
    for _ in range(repeats):
        started = time.perf_counter()
        found = search(flow, TEMPLATE, losses, initial_gap=1)
        held &= found.check()
        seconds.append(time.perf_counter() - started)
    middle = statistics.median(seconds)
    met = held and middle <= 30
    print(f"{TEMPLATE}: {found}")
    print(
        f"{middle:.1f} s, certificate {'holds' if held else 'FAILS'}  [goal at most 30 s: {'met' if met else 'MISSED'}]"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
