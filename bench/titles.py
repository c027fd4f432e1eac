"""Onsets of real cases replayed from titles of hot lists: caught, and how early.

    python -m bench.titles [--shared ../shared]

Reads ``hotsearch_court.jsonl.xz`` and ``cases_curated.csv`` of the shared folder's ``data/spikes`` (not
part of this repository). A title is taken for one post by one author at the time it was first seen,
and belongs to a case when it shares three neighbouring characters with the case's label, or at least
half of its rare pairs, or its first pair where that is rare. The
detector watches each case from 28 days before its onset. Rows are printed by number, without names.
"""

from __future__ import annotations

import argparse
import csv
import json
import lzma
import os
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from math import log
from pathlib import Path

import numpy as np

from alerts.surge import Surge
from alerts.trials.panel import MONDAY
from alerts.tuning import LEVELLED
from domain.time import SHANGHAI

DAY, SECONDS = 288, 300
BEFORE, AFTER = 28, 4
#: θ of 1 and of .1 false alarms per case and four weeks, and the fewest authors each asks for.
SETTINGS = ((2.67, 6), (4.33, 6), (2.67, 3))
_WIDTH = 24 * 3600
#: A pair in fewer than one title of 90 is rare.
_RARE = log(90)


def pairs(text: str) -> set[str]:
    """Neighbouring characters of a text."""
    plain = re.sub(r"\W", "", text)
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


def belonging(label: str, titles: list[str], rarity: dict[str, float]) -> list[int]:
    """Positions of the titles that belong to a case with this label."""
    parts = [re.sub("(案|事件)$", "", part) for part in re.split("[/()（）]", label)]
    return [
        position
        for position, title in enumerate(titles)
        if any(_about(part, title, rarity) for part in parts if len(part) > 1)
    ]


def _about(part: str, title: str, rarity: dict[str, float]) -> bool:
    if any(part[at : at + 3] in title for at in range(len(part) - 2)):
        return True
    if part[:2] in title and rarity.get(part[:2], 0) >= _RARE:
        return True
    wanted = pairs(part)
    shared = sum(rarity.get(pair, 10.0) for pair in wanted & pairs(title))
    return shared >= sum(rarity.get(pair, 10.0) for pair in wanted) / 2


def main() -> None:
    """Print a row a case and the sums."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = os.environ.get("COURTPULSE_SHARED", "../shared")
    parser.add_argument("--shared", type=Path, default=Path(default))
    folder = parser.parse_args().shared / "data" / "spikes"
    if not (folder / "cases_curated.csv").exists():
        parser.error(f"{folder} has no cases_curated.csv: give --shared or COURTPULSE_SHARED")
    with (folder / "cases_curated.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    with lzma.open(folder / "hotsearch_court.jsonl.xz", "rt", encoding="utf-8") as handle:
        lines = [json.loads(line) for line in handle]
    moments = np.array(
        [
            datetime.fromisoformat(line["hour"]).replace(tzinfo=SHANGHAI).timestamp()
            for line in lines
        ]
    )
    titles = [str(line["title"]) for line in lines]
    common = Counter(pair for title in titles for pair in pairs(title))
    rarity = {pair: log(len(titles) / count) for pair, count in common.items()}
    counts = np.zeros(((BEFORE + AFTER) * DAY, len(rows)))
    starts, onsets, in_day = [], [], []
    for column, row in enumerate(rows):
        onset = datetime.fromisoformat(row["onset"]).replace(tzinfo=SHANGHAI)
        start = onset.replace(hour=0, minute=0) - timedelta(days=BEFORE)
        starts.append(start.timestamp())
        onsets.append(onset.timestamp())
        found = moments[belonging(row["case"], titles, rarity)]
        near = (found >= onset.timestamp()) & (found < onset.timestamp() + _WIDTH)
        in_day.append(int(near.sum()))
        cells = ((found - start.timestamp()) // SECONDS).astype(int)
        np.add.at(counts[:, column], cells[(cells >= 0) & (cells < len(counts))], 1)
    caught = [_delays(counts, starts, onsets, *setting) for setting in SETTINGS]
    print("| row | titles in 24 h, matched (listed) | " + " | ".join(
        f"θ {theta}, ≥{least} titles: h" for theta, least in SETTINGS) + " |")  # fmt: skip
    print("|---|---|" + "---|" * len(SETTINGS))
    for column, row in enumerate(rows):
        cells = " | ".join(f"{one[column]:.1f}" if one[column] < 1e6 else "–" for one in caught)
        print(f"| {column + 1} | {in_day[column]} ({row['titles_24h']}) | {cells} |")
    for (theta, least), one in zip(SETTINGS, caught, strict=True):
        hours = one[one < 1e6]
        middle = f"{np.median(hours):.1f}" if hours.size else "–"
        print(f"\nθ {theta}, at least {least} titles: {hours.size} of {len(rows)} caught within"
              f" 72 h, {int((hours <= 1).sum())} within 1 h, {int((hours <= 24).sum())} within"
              f" 24 h; median of the caught {middle} h")  # fmt: skip


def _delays(
    counts: np.ndarray, starts: list[float], onsets: list[float], theta: float, least: int
) -> np.ndarray:
    """Hours from onset to the first alert of each case; infinite when none came within 72 h."""
    surge = Surge(replace(LEVELLED, gain=False, least=least))
    surge.watch_all({str(column): MONDAY for column in range(counts.shape[1])})
    values = surge.replay(MONDAY, counts).value
    late = np.full(counts.shape[1], np.inf)
    for column, (start, onset) in enumerate(zip(starts, onsets, strict=True)):
        ends = start + (np.flatnonzero(values[:, column] >= theta) + 1.0) * SECONDS
        inside = ends[(ends >= onset) & (ends <= onset + 72 * 3600)]
        if inside.size:
            late[column] = (inside[0] - onset) / 3600
    return late


if __name__ == "__main__":
    main()
