"""When a source told us nothing about a stretch of publication time, as far as we know now.

The gaps of the records say when we were blind; they stay, for the strip and the reports. For
counting, what a later run fetched after all is no longer missing. Nobody records a gap where
nothing ran: a source is also blind before the first window it covered, after the last one when it
is late or no longer declared, and always while no run of it has come through. Of a source that is
neither declared nor ever ran, nothing is known but its posts; it is taken as seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from alerts.lag import not_indexed
from domain.sources import Gap, GapReason, Health, SourceStatus
from domain.time import bucket_index, bucket_start
from records import Records
from records.coverage import Stretch, covered_stretches, post_gaps, reach

Bools = NDArray[np.bool_]


def missing(
    records: Records, since: datetime, until: datetime, *, seeds: bool = False
) -> list[Gap]:
    """The parts of gaps within since ≤ t < until that no run has made good.

    Args:
        seeds: also those of sources that deliver no posts; nobody who counts posts wants them.
    """
    recorded = records.runs.gaps if seeds else partial(post_gaps, records)
    gaps = [*recorded(since, until), *unrecorded(records, since, until, seeds=seeds)]
    # Fetched is not indexed: what is on its way was covered, and is missing all the same.
    lag = not_indexed(records, until)
    if not gaps:
        return lag
    covered = covered_stretches(records, {gap.source for gap in gaps}, since)
    return [part for gap in gaps for part in _without(gap, covered.get(gap.source, []))] + lag


def unrecorded(
    records: Records, since: datetime, until: datetime, *, seeds: bool = False
) -> list[Gap]:
    """Blindness within since ≤ t < until that nobody recorded, because nothing ran.

    Args:
        seeds: also of sources that deliver no posts.
    """
    statuses, reached = records.runs.statuses(), reach(records)
    if not seeds:
        left_out = records.ledger.seeds()
        statuses = [status for status in statuses if status.source not in left_out]
        reached = {source: one for source, one in reached.items() if source not in left_out}
    declared = {status.source for status in statuses}
    gaps = list(_late(statuses, reached))
    for source in sorted(declared - set(reached)):
        gaps.append(Gap(source, since, None, GapReason.NOT_RUN, "还没有一次采集成功"))
    for source, (start, end) in sorted(reached.items()):
        if start > since:
            gaps.append(Gap(source, since, start, GapReason.NOT_RUN, "尚未开始采集"))
        if source not in declared:
            gaps.append(Gap(source, end, None, GapReason.NOT_RUN, "信息源已停用"))
    return [gap for gap in gaps if gap.start < until and (gap.end is None or gap.end > since)]


def blind_buckets(gaps: Sequence[Gap], first: int, buckets: int) -> dict[str, Bools]:
    """source → buckets it was blind in, wholly or in part; sources without gaps are left out."""
    blind: dict[str, Bools] = {}
    for gap in gaps:
        start, end = touched(gap, first, buckets)
        if end > start:
            flags = blind.setdefault(gap.source, np.zeros(buckets, np.bool_))
            flags[start:end] = True
    return blind


def touched(gap: Gap, first: int, buckets: int) -> tuple[int, int]:
    """First row a gap touches, and the row after its last, of `buckets` rows from bucket `first`."""
    start = min(max(bucket_index(gap.start) - first, 0), buckets)
    if gap.end is None:
        return start, buckets
    if gap.end <= gap.start:
        return start, start
    after = bucket_index(gap.end)
    after += bucket_start(after) < gap.end
    return start, min(max(after - first, start), buckets)


def _late(statuses: Sequence[SourceStatus], reached: Mapping[str, Stretch]) -> Iterator[Gap]:
    for status in statuses:
        if status.health is Health.LATE and status.source in reached:
            _, end = reached[status.source]
            yield Gap(status.source, end, None, GapReason.NOT_RUN, status.detail)


def _without(gap: Gap, covered: Sequence[Stretch]) -> Iterator[Gap]:
    """What is left of `gap` when `covered`, in order and apart from each other, is taken out."""
    start = gap.start
    for begin, end in covered:
        if gap.end is not None and begin >= gap.end:
            break
        if end <= start:
            continue
        if begin > start:
            yield replace(gap, start=start, end=begin)
        start = end
    if gap.end is None or start < gap.end:
        yield replace(gap, start=start)
