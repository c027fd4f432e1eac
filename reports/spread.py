"""首发 and 传播 of an episode, counted for a report: no id and no word of a post is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.protocols import Dimension, Query, Store
from domain.time import BUCKET

#: What a reader calls a source.
_BY_PLACE: tuple[Dimension, ...] = ("source", "platform")


def first(store: Store, query: Query) -> list[list[Any]]:
    """[[source, platform, time in UTC, 1]] of the earliest post; [] when there is none."""
    starts = [cell.start for cell in store.counts(query, (), BUCKET) if cell.start is not None]
    if not starts:
        return []
    # Newest come first: the last one of the earliest five minutes, however many follow later.
    opening = replace(query, since=min(starts), until=min(starts) + BUCKET)
    if query.since is not None and query.since > min(starts):
        opening = replace(opening, since=query.since)
    found = store.search(opening, limit=1, offset=max(0, store.total(opening) - 1)).posts
    return [
        [one.post.source, one.post.platform.value, one.post.published_at.isoformat(), 1]
        for one in found
    ]


def reach(store: Store, query: Query) -> list[list[Any]]:
    """[source, platform, different texts, posts] of every source that has any."""
    cells = store.counts(query, _BY_PLACE, distinct=True)
    return [[*cell.key, cell.distinct, cell.posts] for cell in cells]


def copies(store: Store, query: Query) -> list[list[Any]]:
    """Different texts; posts whose text another post of them has, too; all posts."""
    cells = store.counts(query, ("copies",))
    return [
        ["distinct", len(cells)],
        ["copied", sum(cell.posts for cell in cells if cell.posts > 1)],
        ["posts", sum(cell.posts for cell in cells)],
    ]
