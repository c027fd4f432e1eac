"""Reads streams of events and their truth into counts per five minutes and series.

The form is two CSV tables, plain or compressed with xz or gzip, columns in any order, further ones
ignored: **events** ``series, t, author, neg`` (t in seconds from a Monday 00:00 in Asia/Shanghai,
neg 0 or 1) and **truth** ``series, scenario, start, burst_start, takeoff, burst_end``, one row a
series, empty where it doesn't apply. An author counts once per series in a rolling 24 hours.
"""

from __future__ import annotations

import csv
import gzip
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite, nan
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from domain.errors import BadInput
from domain.time import bucket_index

Floats = NDArray[np.float64]

#: A Monday 00:00 in Asia/Shanghai: second 0 of the streams.
MONDAY = bucket_index(datetime(2026, 3, 1, 16, tzinfo=UTC))
#: Seconds a bucket, buckets in the four weeks a stream lasts at least, seconds a day.
SECONDS, BUCKETS, DAY = 300, 288 * 28, 86_400
#: No stream is longer than this many seconds (a year): a larger t is a mistake of unit.
_LONGEST = 366 * DAY

_EVENT_COLUMNS = ("series", "t", "author", "neg")
_TRUTH_COLUMNS = ("series", "scenario", "start", "burst_start", "takeoff", "burst_end")


@dataclass(frozen=True, slots=True)
class Panel:
    """Many series side by side; arrays by series, times in seconds, nan where there is none.

    Attributes:
        counts, negative: (buckets, series) authors, of all posts and of negative ones; 0 before
            the series is watched.
        start: first watched bucket.
    """

    series: tuple[str, ...]
    scenario: NDArray[np.str_]
    start: NDArray[np.int64]
    burst_start: Floats
    takeoff: Floats
    burst_end: Floats
    counts: Floats
    negative: Floats

    @property
    def quiet(self) -> NDArray[np.intp]:
        """Columns on which every alert is false."""
        return np.flatnonzero(self.scenario == "quiet")

    @property
    def bursts(self) -> NDArray[np.intp]:
        """Columns with a burst that should be caught: those with a takeoff."""
        return np.flatnonzero(np.isfinite(self.takeoff))

    @property
    def quiet_months(self) -> float:
        """Watched time of the quiet columns, in units of four weeks."""
        watched = len(self.counts) - self.start[self.quiet]
        return float(watched.sum()) / BUCKETS


def read_panel(events: Path, truth: Path) -> Panel:
    """Both tables as one panel.

    Raises:
        BadInput: a file is missing, isn't such a table, or a value in it can't be used.
    """
    rows = list(_rows(truth, _TRUTH_COLUMNS))
    if not rows:
        raise BadInput("the truth has no rows", remedy="give one row a series", where=truth.name)
    names = [row["series"] for _, row in rows]
    if len(set(names)) < len(names):
        raise BadInput("a series has two rows", remedy="give one row a series", where=truth.name)
    times = {
        column: np.array([_seconds(truth, line, row, column) for line, row in rows])
        for column in ("start", "burst_start", "takeoff", "burst_end")
    }
    start = np.nan_to_num(times["start"]).astype(np.int64) // SECONDS
    counts, negative = _count(events, {name: place for place, name in enumerate(names)})
    before = np.arange(len(counts))[:, None] < start
    counts[before] = negative[before] = 0
    return Panel(
        series=tuple(names),
        scenario=np.array([row["scenario"] for _, row in rows]),
        start=start,
        burst_start=times["burst_start"],
        takeoff=times["takeoff"],
        burst_end=times["burst_end"],
        counts=counts,
        negative=negative,
    )


def _count(events: Path, column: dict[str, int]) -> tuple[Floats, Floats]:
    found: list[tuple[int, str, float, bool]] = []
    for line, row in _rows(events, _EVENT_COLUMNS):
        place = column.get(row["series"])
        if place is None:
            raise BadInput(
                f"line {line}: series {row['series']!r} is not in the truth",
                remedy="give the truth that belongs to these events",
                where=events.name,
            )
        if row["neg"] not in {"0", "1"}:
            raise BadInput(f"line {line}: neg is neither 0 nor 1", where=events.name)
        moment = _seconds(events, line, row, "t")
        if not 0 <= moment < _LONGEST:
            raise BadInput(
                f"line {line}: t is not a second of the stream",
                remedy="count seconds from the first Monday 00:00",
                where=events.name,
            )
        found.append((place, row["author"], moment, row["neg"] == "1"))
    found.sort(key=lambda event: event[2])
    last = found[-1][2] if found else 0.0
    shape = (max(BUCKETS, int(last) // SECONDS + 1), len(column))
    counts, negative = np.zeros(shape), np.zeros(shape)
    counted: dict[tuple[int, str], float] = {}
    for place, author, moment, critical in found:
        if moment - counted.get((place, author), -DAY) >= DAY:
            counted[place, author] = moment
            counts[int(moment) // SECONDS, place] += 1
            negative[int(moment) // SECONDS, place] += critical
    return counts, negative


def _seconds(path: Path, line: int, row: dict[str, str], column: str) -> float:
    words = row[column].strip()
    if not words and column != "t":
        return nan
    try:
        value = float(words)
    except ValueError:
        value = nan
    if not isfinite(value):
        raise BadInput(
            f"line {line}: {column} is not a number",
            remedy="give seconds from the first Monday 00:00",
            where=path.name,
        )
    return value


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and the wanted columns of every row."""
    with _opened(path) as handle:
        reader = csv.reader(handle)
        try:
            names = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
            missing = [column for column in columns if column not in names]
            if missing:
                raise BadInput(
                    f"no column {', '.join(missing)}",
                    remedy=f"the first line must name {', '.join(columns)}",
                    where=path.name,
                )
            places = [names.index(column) for column in columns]
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(names):
                    raise BadInput(
                        f"line {reader.line_num} has {len(cells)} cells, not {len(names)}",
                        where=path.name,
                    )
                yield (
                    reader.line_num,
                    {name: cells[at] for name, at in zip(columns, places, strict=True)},
                )
        except (UnicodeDecodeError, csv.Error, lzma.LZMAError, EOFError, OSError) as error:
            raise BadInput(
                "the file can't be read as CSV",
                remedy="give UTF-8 CSV, plain, .xz or .gz",
                where=path.name,
            ) from error


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    openers = {".xz": lzma.open, ".gz": gzip.open}
    opener = openers.get(path.suffix, open)
    try:
        handle = opener(path, "rt", encoding="utf-8", newline="")  # type: ignore[operator]
    except OSError as error:
        raise BadInput("there is no such file", remedy="check the path", where=str(path)) from error
    with handle:
        yield handle
