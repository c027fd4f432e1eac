"""What a backlog, a flood of rejects and a deletion cost.

    python -m bench.pressure [SEGMENTS] [REJECTS]          default 5000 4000

Segments of 20 posts each really lie in an inbox. The peer of a write that looks for duplicates in a
table made once is the same write listing every name. Limits: a write into a full inbox costs at
most three times one into an empty inbox; 5,000 segments are looked at in under 0.2 s; the rejects
of one source stay under 70 MB. Exit code 1 beyond a limit.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from courtpulse.flow import Flow
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from crawlers.inbox import Inbox
from crawlers.quarantine import Quarantine
from domain.errors import BadInput
from domain.posts import CollectedPost, Platform, Post, PostKind
from domain.time import system_clock

_POSTS, _WRITES = 20, 200
_TIMES, _LOOK_SECONDS, _MEGABYTES = 3.0, 0.2, 70.0
_START = datetime(2026, 11, 20, tzinfo=UTC)


def _posts(number: int) -> list[CollectedPost]:
    at = _START + timedelta(seconds=number)
    return [
        CollectedPost(
            Post(
                f"{number * _POSTS + n:032x}", "bench", Platform.NEWS, PostKind.ARTICLE,
                f"第{number}批第{n}条，云岫区法院的公告", at, at,
            )
        )
        for n in range(_POSTS)
    ]  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _writes(inbox: Inbox, first: int) -> float:
    """Seconds a write, the first left out: it makes the table."""
    inbox.write(_posts(first))
    return _seconds(lambda: [inbox.write(_posts(first + n)) for n in range(1, _WRITES)]) / _WRITES


def _listing(inbox: Inbox, first: int) -> float:
    """The peer: names are listed for every write, as a writer without a table does."""

    def write(number: int) -> None:
        inbox._digests = None
        inbox.write(_posts(number))

    started = time.perf_counter()
    for n in range(20):
        write(first + n)
    return (time.perf_counter() - started) / 20


def main(segments: int = 5_000, rejects: int = 4_000) -> int:
    """Measure and print."""
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        empty = _writes(Inbox(str(root / "empty")), 0)
        rooms = Rooms(Settings(data=root / "data"))
        for number in range(segments):
            rooms.inbox.write(_posts(number))
        full = _writes(Inbox(rooms.settings.inbox), segments)
        peer = _listing(Inbox(rooms.settings.inbox), 2 * segments)
        rooms.pressure.state()  # opens the records
        look = _seconds(rooms.pressure.state)
        batches = Flow(rooms).batches()
        gone = _seconds(lambda: rooms.inbox.tombstone([f"{7:032x}", f"{segments:032x}"]))
        print(f"write, empty inbox        {empty * 1e3:8.2f} ms")
        print(f"write, {segments} waiting      {full * 1e3:8.2f} ms")
        print(f"  peer: listing each time {peer * 1e3:8.2f} ms")
        print(f"look at the intake        {look * 1e3:8.2f} ms, {len(batches)} batches")
        print(f"tombstone over all        {gone:8.2f} s ({segments * _POSTS} posts)")
        rooms.close()
        quarantine = Quarantine(root / "quarantine", system_clock)
        wrong = BadInput("the item has no time")
        flood = _seconds(
            lambda: [quarantine.add("mad", f"broken {n} " * 50, wrong) for n in range(rejects)]
        )
        size = sum(path.stat().st_size for path in (root / "quarantine").iterdir()) / 1e6
        print(
            f"{rejects} rejects of a source  {flood:8.1f} s, {size:.1f} MB, "
            f"{len(quarantine.list())} kept, {quarantine.left_out()['mad']} counted"
        )
        worst |= full > _TIMES * empty or look > _LOOK_SECONDS or size > _MEGABYTES
    return int(worst)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
