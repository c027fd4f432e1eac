"""Which stretches of publication time were filled late: an outage's posts, fetched when it was over.

A stretch is filled by the first run without a gap whose window holds it. What is filled more than
a delay after it passed is back-filled. The delay is an hour, or three intervals of the source if
that is more: within it nobody would have looked yet. What a source's very first run finds is not
back-filled, however far it looks back: there was no outage, and who begins to watch wants to know
what is going on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from records.coverage import Stretch
from records.database import Records
from records.models import SourceRow, SourceRunRow
from records.runs import LATE_AFTER_INTERVALS

#: Filled later than this after it passed, a stretch counts as back-filled [D].
BACKFILLED_AFTER = timedelta(hours=1)


def backfilled(records: Records, since: datetime) -> dict[str, list[Stretch]]:
    """source → stretches after `since` that were filled late, oldest first; others are left out."""
    runs = (
        select(
            SourceRunRow.source,
            SourceRunRow.window_start,
            SourceRunRow.window_end,
            SourceRunRow.finished_at,
        )
        .where(SourceRunRow.gap.is_(None), SourceRunRow.window_end > since)
        .order_by(SourceRunRow.finished_at, SourceRunRow.id)
    )
    with records.engine.connect() as connection:
        intervals = connection.execute(select(SourceRow.source, SourceRow.every_seconds))
        delays = delays_of({row.source: row.every_seconds for row in intervals})
        begun = {
            row.source: row.at
            for row in connection.execute(
                select(SourceRunRow.source, func.min(SourceRunRow.finished_at).label("at"))
                .where(SourceRunRow.gap.is_(None))
                .group_by(SourceRunRow.source)
            )
        }
        of_source: defaultdict[str, list[tuple[datetime, datetime, datetime]]] = defaultdict(list)
        for source, start, end, finished in connection.execute(runs):
            # Filled at its start is filled in time.
            at = start if finished == begun[source] else finished
            of_source[source].append((start, end, at))
    found = {
        source: late_parts(rows, delays.get(source, BACKFILLED_AFTER), since)
        for source, rows in of_source.items()
    }
    return {source: parts for source, parts in found.items() if parts}


def delays_of(every_seconds: Mapping[str, int | None]) -> dict[str, timedelta]:
    """source → how late its stretches may be filled without being late."""
    return {
        source: max(BACKFILLED_AFTER, LATE_AFTER_INTERVALS * timedelta(seconds=seconds or 0))
        for source, seconds in every_seconds.items()
    }


def late_parts(
    windows: Iterable[tuple[datetime, datetime, datetime]], delay: timedelta, since: datetime
) -> list[Stretch]:
    """Parts of (start, end, filled at) windows that nobody filled before and that were filled late.

    Args:
        windows: in the order in which they were filled.
    """
    filled: list[Stretch] = []
    late: list[Stretch] = []
    for start, end, at in windows:
        passed = min(end, at - delay)
        late += [
            (max(begin, since), until)
            for begin, until in _outside((start, passed), filled)
            if until > since
        ]
        filled = joined([*filled, (start, end)])
    return joined(late)


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Sorted and apart from each other."""
    apart: list[Stretch] = []
    for start, end in sorted(stretches):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def _outside(stretch: Stretch, taken: Sequence[Stretch]) -> Iterable[Stretch]:
    """What of `stretch` lies outside `taken`, which is sorted and apart."""
    start, end = stretch
    for begin, stop in taken:
        if stop <= start or begin >= end:
            continue
        if begin > start:
            yield start, begin
        start = stop
    if start < end:
        yield start, end
