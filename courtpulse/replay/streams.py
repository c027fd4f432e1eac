"""Development streams: instants and authors of posts whose texts nobody may keep.

A CSV (plain, .xz or .gz) with the columns series, t (seconds from a Monday 00:00 Asia/Shanghai),
author and, if there is one, neg. Every series becomes a case of its own. The texts are ours and
say so little that they link, and nothing else: figures about labels, levels, similarity and terms
mean nothing in such a replay.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import lzma
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import numpy as np

from courtpulse.replay.arrivals import microsecond, moment
from crawlers.items import RawItem
from domain.cases import Case
from domain.errors import BadInput
from domain.posts import Platform, PostKind
from domain.time import SHANGHAI, as_utc

#: What the streams' zero is set to: a Monday without a holiday in the four weeks behind it.
ORIGIN = as_utc(datetime(2026, 7, 6, tzinfo=SHANGHAI))
SOURCE = "development_stream"
_COURT = "江澜市中级人民法院"
_EVENT = np.dtype([("at", "<i8"), ("series", "<i4"), ("author", "<i4"), ("negative", "?")])
_NEUTRAL = (
    "等法院的判决。", "今天开庭了吗？", "想知道什么时候开庭。", "关注这个案件。", "一审结果出来了没有？",
    "旁听席坐满了。", "听说已经立案。", "有没有进展？", "先看看后续。", "昨天路过法院。",
)  # fmt: skip
_NEGATIVE = (
    "法院这样判让人看不懂。", "法院拖了这么久也不给说法。", "判决书写得含糊，法院应当解释。",
    "法院的答复太敷衍。", "对法院的处理很失望。",
)  # fmt: skip


class Streams:
    """One file of streams; see `courtpulse.replay.arrivals.Recording`. A place is an event's row."""

    def __init__(self, path: Path, series: Sequence[int] = ()) -> None:
        self.name = str(path)
        self._path = path
        self._events = _read(path, frozenset(series))

    def digest(self) -> str:
        """Of the file."""
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def index(self) -> Iterator[tuple[int, int]]:
        """Arrival is the event's instant."""
        return zip(self._events["at"].tolist(), range(len(self._events)), strict=True)

    def read(self, place: int) -> RawItem:
        """The event as a post with one of our texts."""
        event = self._events[place]
        series, at = int(event["series"]), moment(int(event["at"]))
        said = _NEGATIVE if event["negative"] else _NEUTRAL
        return RawItem(
            source=SOURCE,
            native_id=f"{series}-{place}",
            platform=Platform.WEIBO,
            kind=PostKind.POST,
            text=f"{_name(series)}：{said[place % len(said)]}",
            published_at=at,
            fetched_at=at,
            author_id=f"{series}-{int(event['author'])}",
        )

    def damage(self) -> list[tuple[str, bytes, BadInput]]:
        """None: a file with a wrong row is refused as a whole."""
        return []

    def cases(self) -> list[Case]:
        """A case a series, watched from the beginning."""
        return [
            Case(f"series-{one}", _name(one), _COURT, ORIGIN, aliases=(_name(one),))
            for one in np.unique(self._events["series"]).tolist()
        ]


def _name(series: int) -> str:
    """Names of which none holds another."""
    return f"回放第{series:05d}案"


def _read(path: Path, wanted: frozenset[int]) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    zero = microsecond(ORIGIN)

    def rows() -> Iterator[tuple[int, int, int, bool]]:
        with _open(path) as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                try:
                    series = int(row["series"])
                    if wanted and series not in wanted:
                        continue
                    at = zero + int(timedelta(seconds=float(row["t"])).total_seconds() * 1e6)
                    yield at, series, int(row["author"]), row.get("neg") == "1"
                except (KeyError, TypeError, ValueError, OverflowError) as error:
                    raise BadInput(
                        "is not a stream of events",
                        remedy="it needs the columns series, t, author, and may have neg",
                        where=f"{path.name} line {number}",
                    ) from error

    return np.fromiter(rows(), dtype=_EVENT)


def _open(path: Path) -> IO[str]:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8", newline="")
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")
