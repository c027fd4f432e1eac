"""The pipeline's own lag: what was collected and isn't indexed yet is missing, not zero.

Whoever annotates or detects marks the instant before which everything fetched is indexed. What a
source delivered since belongs to the stretch from where its earlier runs ended; from there on its
counts say nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select

from domain.sources import Gap, GapReason
from domain.time import bucket_index, bucket_start
from records import Records
from records.models import SourceRunRow

#: Name of the mark.
INDEXED = "indexed"


def not_indexed(records: Records, until: datetime) -> list[Gap]:
    """A gap for each source with posts on their way to the index, up to `until` and on."""
    indexed = records.marks.get(INDEXED)
    if indexed is None:
        return []
    waiting = SourceRunRow.finished_at > indexed
    statement = (
        select(
            SourceRunRow.source,
            func.min(case((waiting, SourceRunRow.window_start))),
            func.max(case((~waiting, SourceRunRow.window_end))),
        )
        .where(SourceRunRow.gap.is_(None))
        .group_by(SourceRunRow.source)
        .having(func.sum(case((waiting, SourceRunRow.new), else_=0)) > 0)
        .order_by(SourceRunRow.source)
    )
    gaps = []
    with records.engine.connect() as connection:
        for source, begun, before in connection.execute(statement):
            # What an earlier run covered of a bucket is indexed and counts as before.
            start = _next_bucket(before) if before is not None else begun
            if start < until:
                gaps.append(Gap(source, start, None, GapReason.BACKLOG, "已采集，尚未入库"))
    return gaps


def _next_bucket(moment: datetime) -> datetime:
    index = bucket_index(moment)
    return moment if bucket_start(index) == moment else bucket_start(index + 1)
