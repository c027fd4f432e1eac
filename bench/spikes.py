"""Bursts caught and false alarms raised, SURGE beside two rules in common use.

    python -m bench.spikes [--shared ../shared] [--series 696]

Reads the development streams of ``data/spikes`` in the shared folder (real repost cascades put into
real background; not part of this repository). False alarms are episodes on quiet cases; a burst is
caught when an alert falls between its start and its takeoff + 24 h; the delay is counted from the
takeoff to the end of the alert's bucket, and a burst that was missed is infinitely late. The
thresholds of the lower half are set on these same streams, so they flatter every method alike.
"""

from __future__ import annotations

import argparse
import csv
import lzma
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alerts.episodes import MERGE
from alerts.surge import Surge
from domain.time import bucket_index

Floats = NDArray[np.float64]

#: A Monday 00:00 in Asia/Shanghai: second 0 of the streams.
MONDAY = bucket_index(datetime(2026, 3, 1, 16, tzinfo=UTC))
BUCKETS, SECONDS, DAY = 288 * 28, 300, 86_400


@dataclass(frozen=True, slots=True)
class Stream:
    """One line of the truth: first bucket watched, and the burst in seconds, if there is one."""

    series: int
    scenario: str
    start: int
    burst_start: float | None
    takeoff: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a method did at one threshold."""

    false_alarms: float
    within_hour: float
    within_day: float
    median: float


def read_truth(folder: Path, limit: int) -> list[Stream]:
    """The streams in their order."""
    with (folder / "truth_dev.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))[:limit]
    return [
        Stream(
            int(row["series"]),
            row["scenario"],
            int(float(row["start"] or 0)) // SECONDS,
            float(row["burst_start"]) if row["burst_start"] else None,
            float(row["takeoff"]) if row["takeoff"] else None,
        )
        for row in rows
    ]


def read_counts(folder: Path, streams: list[Stream]) -> tuple[Floats, Floats]:
    """(buckets, streams): posts, and negative posts, of authors first seen in a rolling day."""
    column = {stream.series: position for position, stream in enumerate(streams)}
    counts = np.zeros((BUCKETS, len(streams)))
    negative = np.zeros_like(counts)
    last: dict[tuple[int, str], float] = {}
    with lzma.open(folder / "events_dev.csv.xz", "rt", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            series, moment = int(row["series"]), float(row["t"])
            if series not in column or moment - last.get((series, row["author"]), -DAY) < DAY:
                continue
            last[series, row["author"]] = moment
            cell = int(moment) // SECONDS, column[series]
            counts[cell] += 1
            negative[cell] += row["neg"] == "1"
    return counts, negative


def surge(counts: Floats, streams: list[Stream]) -> Floats:
    """Scores of our detector."""
    detector = Surge()
    detector.watch_all({str(stream.series): MONDAY + stream.start for stream in streams})
    return detector.replay(MONDAY, counts).value


def ears_c2(counts: Floats, streams: list[Stream]) -> Floats:
    """EARS C2 on hours: last hour against the 24 hours that ended two hours before."""
    hours = _hours(counts, streams)
    earlier = np.stack([_shifted(hours, 12 * lag) for lag in range(3, 27)])
    return _z(hours, earlier.mean(axis=0), earlier.std(axis=0, ddof=1))


def moving_z(counts: Floats, streams: list[Stream]) -> Floats:
    """Last hour against its exponentially weighted mean and variance of three days."""
    hours = _hours(counts, streams)
    past = _shifted(hours, 12)
    weight = 1 - 2 ** (-1 / (288 * 3))
    mean, spread = np.zeros(hours.shape[1]), np.zeros(hours.shape[1])
    means, spreads = np.zeros_like(hours), np.zeros_like(hours)
    for position, row in enumerate(past):
        step = row - mean
        mean = mean + weight * step
        spread = (1 - weight) * (spread + weight * step**2)
        means[position], spreads[position] = mean, spread
    return _z(hours, means, np.sqrt(spreads))


def _hours(counts: Floats, streams: list[Stream]) -> Floats:
    masked = counts.copy()
    for position, stream in enumerate(streams):
        masked[: stream.start, position] = 0
    total = np.cumsum(masked, axis=0)
    return total - _shifted(total, 12)


def _shifted(values: Floats, by: int) -> Floats:
    moved = np.zeros_like(values)
    moved[by:] = values[:-by]
    return moved


def _z(hours: Floats, mean: Floats, spread: Floats) -> Floats:
    return np.where(hours > 0, (hours - mean) / np.maximum(spread, 0.5), 0.0)


def measure(scores: Floats, streams: list[Stream], theta: float) -> Result:
    """Count false alarms on quiet streams, delays on the bursts."""
    alarms, delays, quiet = 0, [], 0
    for position, stream in enumerate(streams):
        hot = np.flatnonzero(scores[:, position] >= theta)
        if stream.scenario == "quiet":
            quiet += 1
            alarms += int(hot.size > 0) + int((np.diff(hot) > MERGE).sum())
        elif stream.takeoff is not None and stream.burst_start is not None:
            ends = (hot + 1) * SECONDS
            inside = ends[(ends >= stream.burst_start) & (ends <= stream.takeoff + DAY)]
            delays.append(inside[0] - stream.takeoff if inside.size else np.inf)
    late = np.array(delays)
    return Result(
        alarms / max(quiet, 1),
        float((late <= 3600).mean()),
        float((late <= DAY).mean()),
        float(np.median(late)) / 60,
    )


def threshold(scores: Floats, streams: list[Stream], alarms: float) -> float:
    """Lowest threshold with at most `alarms` false alarms per quiet case."""
    low, high = 0.0, 400.0
    for _ in range(30):
        middle = (low + high) / 2
        if measure(scores, streams, middle).false_alarms <= alarms:
            high = middle
        else:
            low = middle
    return high


def rows(
    streams: list[Stream], counts: Floats, negative: Floats
) -> Iterator[tuple[str, float, Result]]:
    """Method, threshold and result; ours at the thresholds the documents name, then all compared."""
    methods: dict[str, Callable[[], Floats]] = {
        "SURGE": lambda: surge(counts, streams),
        "SURGE, with court-negative": lambda: np.maximum(
            surge(counts, streams), surge(negative, streams)
        ),
        "moving z (3 d)": lambda: moving_z(counts, streams),
        "EARS C2 (24 × 1 h)": lambda: ears_c2(counts, streams),
    }
    scores = {name: method() for name, method in methods.items()}
    for name in ("SURGE", "SURGE, with court-negative"):
        for theta in (3.0, 5.0, 8.0):
            yield name, theta, measure(scores[name], streams, theta)
    for name in ("moving z (3 d)", "EARS C2 (24 × 1 h)"):
        yield f"{name}, as shipped", 3.0, measure(scores[name], streams, 3.0)
    for alarms in (1.0, 0.1):
        for name, values in scores.items():
            theta = threshold(values, streams, alarms)
            yield f"{name}, ≤{alarms:g} false", theta, measure(values, streams, theta)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = os.environ.get("COURTPULSE_SHARED", "../shared")
    parser.add_argument("--shared", type=Path, default=Path(default))
    parser.add_argument("--series", type=int, default=696, help="streams to read; all by default")
    arguments = parser.parse_args()
    folder = arguments.shared / "data" / "spikes"
    if not (folder / "truth_dev.csv").exists():
        parser.error(f"{folder} has no truth_dev.csv: give --shared or COURTPULSE_SHARED")
    streams = read_truth(folder, arguments.series)
    counts, negative = read_counts(folder, streams)
    print("| method | θ | false alarms per case and 4 weeks | ≤1 h | ≤24 h | median, min |")
    print("|---|---|---|---|---|---|")
    for name, theta, got in rows(streams, counts, negative):
        print(
            f"| {name} | {theta:.2f} | {got.false_alarms:.3f} | {got.within_hour:.3f} |"
            f" {got.within_day:.3f} | {got.median:.0f} |"
        )
    began = time.process_time()
    surge(np.ascontiguousarray(counts[:, :500]), streams[:500])
    print(
        f"\n{min(500, len(streams))} cases × 28 days rebuilt in {time.process_time() - began:.1f} s"
        " of processor time, one stream"
    )


if __name__ == "__main__":
    main()
