"""Which stretches of publication time a source has covered in the end, gaps made good included.

A gap says when we were blind; a later run that reaches back may have fetched what was missed. What
lies before a source's first covered window nobody ever looked at: it is missing, not zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from domain.sources import Gap, SourceStatus
from records.database import Records
from records.models import SourceRunRow

#: First instant covered, first instant after.
Stretch = tuple[datetime, datetime]


def covered_stretches(
    records: Records, sources: Iterable[str], since: datetime
) -> dict[str, list[Stretch]]:
    """source → what its runs without a gap covered after `since`, joined, oldest first."""
    statement = (
        select(SourceRunRow.source, SourceRunRow.window_start, SourceRunRow.window_end)
        .where(SourceRunRow.source.in_(sorted(set(sources))))
        .where(SourceRunRow.gap.is_(None), SourceRunRow.window_end > since)
        .order_by(SourceRunRow.window_start, SourceRunRow.window_end)
    )
    covered: defaultdict[str, list[Stretch]] = defaultdict(list)
    with records.engine.connect() as connection:
        for source, start, end in connection.execute(statement):
            stretches = covered[source]
            if stretches and start <= stretches[-1][1]:
                stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
            else:
                stretches.append((start, end))
    return dict(covered)


def post_gaps(records: Records, since: datetime, until: datetime) -> list[Gap]:
    """`RunRecords.gaps` of the sources that deliver posts; a seed's silence hides none."""
    seeds = records.ledger.seeds()
    return [gap for gap in records.runs.gaps(since, until) if gap.source not in seeds]


def post_statuses(records: Records) -> list[SourceStatus]:
    """State of every declared source that delivers posts."""
    seeds = records.ledger.seeds()
    return [status for status in records.runs.statuses() if status.source not in seeds]


def reach(records: Records) -> dict[str, Stretch]:
    """source → first instant any of its runs covered, and first instant after the last one.

    Only runs without a gap count; a source that never had one is left out.
    """
    statement = (
        select(
            SourceRunRow.source,
            func.min(SourceRunRow.window_start),
            func.max(SourceRunRow.window_end),
        )
        .where(SourceRunRow.gap.is_(None))
        .group_by(SourceRunRow.source)
    )
    with records.engine.connect() as connection:
        return {source: (start, end) for source, start, end in connection.execute(statement)}
