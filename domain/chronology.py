"""Posts of a store from the oldest on, though a search gives the newest first.

Searching from the far end costs more with every post that is passed over, and from 10,000 on a
cluster has to walk there page by page. So the stretch is narrowed by counting, until a search
reaches its end in one step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.annotation import AnnotatedPost
from domain.protocols import Query, Store
from domain.time import BUCKET

#: Lengths of the stretches, one within the other.
_WIDTHS = (timedelta(days=1), BUCKET, timedelta(seconds=1), timedelta(milliseconds=1))
#: Posts of a stretch that isn't narrowed any more: a search reaches that far at no cost to speak of.
_REACHED = 200


def oldest(store: Store, query: Query, page: int = 50) -> Iterator[AnnotatedPost]:
    """Posts of `query`, oldest first; those that change meanwhile may be missed.

    Args:
        page: posts read at once: 1 for who wants only the first.

    Raises:
        StoreFailure: the index can't be read.
    """
    yield from _oldest(store, query, page, _WIDTHS)


def within(query: Query, start: datetime, width: timedelta) -> Query:
    """`query` in that stretch only."""
    end = start + width
    return replace(
        query,
        since=start if query.since is None else max(start, query.since),
        until=end if query.until is None else min(end, query.until),
    )


def _oldest(
    store: Store, query: Query, page: int, widths: Sequence[timedelta]
) -> Iterator[AnnotatedPost]:
    width, *narrower = widths
    for cell in store.counts(query, (), width):
        assert cell.start is not None
        stretch, end = within(query, cell.start, width), cell.posts
        if end > _REACHED and narrower:
            yield from _oldest(store, stretch, page, narrower)
            continue
        while end > 0:
            start = max(0, end - page)
            yield from reversed(store.search(stretch, limit=end - start, offset=start).posts)
            end = start
