"""What 10,000 watched cases cost: a tick, memory a case, a rebuild after a restart.

    python -m bench.alerts [--cases 10000] [--days 28] [--posts-an-hour 0.2]

A **tick** scores one new bucket of both streams for all cases with a detector that is in memory. The
program itself keeps none between runs (decision 0004): what it pays after every collection is the
**rebuild**, stepping the whole history. Reading the counts from the index is not in it; `bench.
index_stores` has that. Limits: tick ≤ 0.5 s, ≤ 20 KB a case, rebuild ≤ 60 s.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import time

import numpy as np

from alerts.surge import Surge
from alerts.trials.panel import MONDAY

DAY = 288


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--posts-an-hour", type=float, default=0.2)
    arguments = parser.parse_args()
    cases, buckets = arguments.cases, arguments.days * DAY
    generator = np.random.default_rng(1)
    # A few cases are busy and most are not, as the development streams' are.
    rates = arguments.posts_an_hour * generator.lognormal(-1.1, 1.5, cases)
    surge = Surge()
    for group in range(2):
        surge.watch_all({f"{group}:{case}": MONDAY for case in range(cases)}, group)
    real = time.perf_counter()
    ticks = []
    for bucket in range(buckets):
        everything = generator.poisson(rates / 12)
        counts = np.concatenate((everything, generator.binomial(everything, 0.2))).astype(float)
        start = time.process_time()
        surge.advance(MONDAY + bucket, counts)
        ticks.append(time.process_time() - start)
    real = time.perf_counter() - real
    state = surge._state
    held = sum(getattr(state, field.name).nbytes for field in dataclasses.fields(state))
    seconds = np.array(ticks)
    print("| | measured | limit |")
    print("|---|---|---|")
    print(f"| cases, both streams; days | {cases:,}; {arguments.days} | |")
    print(f"| tick, median; p99; longest, s | {np.median(seconds):.4f}; "
          f"{np.quantile(seconds, 0.99):.4f}; {seconds.max():.4f} | 0.5 |")  # fmt: skip
    print(f"| state, KB a case | {held / cases / 1000:.1f} | 20 |")
    print(f"| rebuild of 28 days, s of processor | {seconds.mean() * 28 * DAY:.1f} | 60 |")
    print(f"| clock while it ran, s | {real:.1f} | |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| peak memory of the process, MiB | {peak:.0f} | |")


if __name__ == "__main__":
    main()
