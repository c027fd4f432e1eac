"""Outages that are back-filled, on the development streams (not part of this repository).

    python -m bench.backfill [--shared ../shared] [--outages 4]

Every series gets random outages of one to twelve hours, half of the burst series one that holds
their takeoff. When an outage is over, its posts arrive in one lump. Four ways to go on: undisturbed
(no outage), as if the lump were live, as the program does it (`alerts.backfill`), and never filled.
A burst that was over when the outage ended can't be told in time by anybody; "still running" are
those that go on for an hour or more after it.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alerts.backfill import HORIZON
from alerts.episodes import MERGE
from alerts.surge import Surge
from alerts.trials.measure import caught, delays, threshold
from alerts.trials.panel import DAY, MONDAY, SECONDS, Panel, read_panel
from alerts.tuning import LEVELLED

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SEED = 20261123
#: Buckets of the shortest and the longest outage.
SHORTEST, LONGEST = 12, 144
HOUR = 12


@dataclass(frozen=True, slots=True)
class Outages:
    """Who was blind when.

    Attributes:
        blind: (buckets, series).
        hit: series whose takeoff lies in an outage; running: of these, those whose burst goes on
            for an hour after it.
    """

    blind: Bools
    hit: Bools
    running: Bools


def outages(panel: Panel, number: int, chance: np.random.Generator) -> Outages:
    """`number` outages a series, one of them over the takeoff for every second burst."""
    buckets, series = panel.counts.shape
    blind = np.zeros((buckets, series), np.bool_)
    hit = np.zeros(series, np.bool_)
    for column in range(series):
        first = int(panel.start[column])
        for _ in range(number):
            length = int(chance.integers(SHORTEST, LONGEST + 1))
            begin = int(chance.integers(first, buckets - LONGEST))
            blind[begin : begin + length, column] = True
    for column in panel.bursts[::2]:
        length = int(chance.integers(SHORTEST, LONGEST + 1))
        begin = int(panel.takeoff[column] // SECONDS) - int(chance.integers(0, length))
        blind[max(begin, 0) : begin + length, column] = True
    running = np.zeros(series, np.bool_)
    for column in panel.bursts:
        takeoff = int(panel.takeoff[column] // SECONDS)
        hit[column] = blind[takeoff, column]
        seen_again = takeoff + int(np.argmin(blind[takeoff:, column]))
        ends = panel.burst_end[column] // SECONDS
        running[column] = hit[column] and ends >= seen_again + HOUR
    return Outages(blind, hit, running)


def scored(panel: Panel, covered: Floats | None = None) -> Floats:
    """S of the stream of all posts, (buckets, series); each series by itself."""
    surge = Surge(LEVELLED)
    begin = int(panel.start.min())
    surge.watch_all(
        {name: int(at) + MONDAY for name, at in zip(panel.series, panel.start, strict=True)}
    )
    shares = None if covered is None else covered[begin:]
    value = np.zeros(panel.counts.shape)
    value[begin:] = surge.replay(begin + MONDAY, panel.counts[begin:], shares).value
    return value


def without_lumps(panel: Panel, blind: Bools) -> Floats:
    """S with what was back-filled within the last day missing, at the buckets that need it.

    The program scores again for every instant it asks about; here outages older than a day are
    taken as filled by masking only one outage of a series at a time.
    """
    value = np.full(panel.counts.shape, np.inf)
    for turn in range(int(_outage_numbers(blind).max())):
        mask = _outage_numbers(blind) == turn + 1
        again = scored(panel, np.where(mask, 0.0, 1.0))
        for column in range(mask.shape[1]):
            rows = np.flatnonzero(mask[:, column])
            if rows.size:
                part = slice(rows[0], rows[-1] + 1 + HORIZON)
                value[part, column] = np.minimum(value[part, column], again[part, column])
    return value


def held(everything: Floats, without: Floats) -> Floats:
    """S as the program alerts on it: near an outage both legs, elsewhere S itself."""
    lately = everything.copy()
    for back in range(1, MERGE + 1):
        lately[back:] = np.maximum(lately[back:], everything[:-back])
    return np.where(np.isinf(without), everything, np.minimum(without, lately))


def _outage_numbers(blind: Bools) -> NDArray[np.int64]:
    """1 for the first outage of a series, 2 for the second, …; 0 outside."""
    starts = np.diff(blind.astype(np.int64), axis=0, prepend=0) == 1
    return np.asarray(np.where(blind, starts.cumsum(axis=0), 0))


def line(name: str, scores: Floats, panel: Panel, theta: float, found: Outages) -> Floats:
    """Print a row; returns the delays of bursts."""
    single = scores.astype(np.float32)
    hot = single[:, panel.quiet] >= theta
    false = sum(_episodes(np.flatnonzero(hot[:, column])) for column in range(hot.shape[1]))
    late = delays(single, panel, theta)
    hit, running = found.hit[panel.bursts], found.running[panel.bursts]
    parts = [
        f"{kind} (n={some.n}) ≤1 h {some.within_hour:.3f} ≤24 h {some.within_day:.3f} "
        f"median {some.median_minutes or float('inf'):.0f} min"
        for kind, some in (
            ("others", caught(late[~hit])),
            ("takeoff in outage, still running", caught(late[running])),
            ("over", caught(late[hit & ~running])),
        )
    ]
    print(f"  {name:20} false {false:3d}; " + "; ".join(parts))
    return late


def _episodes(rows: NDArray[np.intp]) -> int:
    return 0 if not rows.size else 1 + int((np.diff(rows) > MERGE).sum())


def main() -> None:
    """Print the four rows for both nominal rates."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = os.environ.get("COURTPULSE_SHARED", "../shared")
    parser.add_argument("--shared", type=Path, default=Path(default))
    parser.add_argument("--outages", type=int, default=4)
    asked = parser.parse_args()
    folder = asked.shared / "data" / "spikes"
    if not (folder / "truth_dev.csv").is_file():
        sys.exit(f"{folder} has no truth_dev.csv: give --shared")
    panel = read_panel(folder / "events_dev.csv.xz", folder / "truth_dev.csv")
    found = outages(panel, asked.outages, np.random.default_rng(SEED))
    everything = scored(panel)
    missing = np.where(found.blind, 0.0, scored(panel, np.where(found.blind, 0.0, 1.0)))
    as_live = np.where(found.blind, 0.0, everything)
    muted = np.where(found.blind, 0.0, held(everything, without_lumps(panel, found.blind)))
    print(f"{found.blind.mean():.1%} of all buckets lie in outages; seed {SEED}")
    for nominal in (1.0, 0.1):
        theta = threshold(everything.astype(np.float32), panel, nominal)
        print(f"FA≤{nominal:g}, θ {theta:.2f}")
        base = line("undisturbed", everything, panel, theta, found)
        as_is = line("lump taken as live", as_live, panel, theta, found)
        ours = line("the program", muted, panel, theta, found)
        line("never filled", missing, panel, theta, found)
        over = (found.hit & ~found.running)[panel.bursts]
        before, lost = (base <= DAY) & ~over, (base <= DAY) & ~over & ~(ours <= DAY)
        live = (as_is <= DAY) & ~over
        print(f"  lost of the {before.sum()} caught undisturbed: {lost.sum()}")
        print(
            f"  lost of the {live.sum()} caught with the lump as live: {(live & ~(ours <= DAY)).sum()}"
        )


if __name__ == "__main__":
    main()
