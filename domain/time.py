"""Time: aware UTC inside, five-minute buckets for counting, an injected clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

#: Everything a person reads or writes is in this zone.
SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Width of a counting bucket (detection.md).
BUCKET = timedelta(minutes=5)

#: Returns the present instant, aware, UTC. Injected everywhere, so that tests and replays own time.
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The real clock: now, aware, UTC."""
    return datetime.now(UTC)


def as_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC; a naive one is an error, because guessing a zone loses eight hours.

    Raises:
        ValueError: `moment` carries no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive time {moment.isoformat()}: attach a zone where it is parsed")
    return moment.astimezone(UTC)


def bucket_index(moment: datetime) -> int:
    """Number of the five-minute bucket that holds `moment`, counted from 1970-01-01T00:00Z."""
    return int(as_utc(moment).timestamp() // BUCKET.total_seconds())


def bucket_start(index: int) -> datetime:
    """First instant (UTC) of bucket `index`."""
    return datetime.fromtimestamp(index * BUCKET.total_seconds(), UTC)
